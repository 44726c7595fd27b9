"""The decisions of an engine about a text, and candidates as spans of the original text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Protocol

from ruletag.model import Alternative, Candidate, Entity, Loss, Part
from ruletag.plaintext import PlainText, licence


class Decided(Protocol):
    """The decisions of an engine about a text; offsets are those of `plain`. Values are made on access."""

    @property
    def plain(self) -> PlainText:
        """The text as the engine read it."""

    @property
    def winners(self) -> Sequence[Candidate]:
        """The winners in reading order."""

    @property
    def losses(self) -> Sequence[Loss]:
        """The losers in the total order."""

    @property
    def headed(self) -> Sequence[int] | None:
        """The numbers of the winners that may have a head noun of the guideline; None if that is unknown."""

    def beaten(self, winner: int) -> Iterable[Candidate]:
        """The losers to a winner, by its number, in the total order."""

    def entities(self) -> list[Entity]:
        """The winners as entities of the original text."""


class Resolved:
    """`Decided` for given winners and losers."""

    headed: Sequence[int] | None = None

    def __init__(self, text: str, plain: PlainText, winners: Sequence[Candidate], losses: Iterable[Loss] = ()) -> None:
        self._text = text
        self.plain = plain
        self.winners = winners
        self.losses = tuple(losses)

    def beaten(self, winner: int) -> Iterable[Candidate]:
        """The losers to a winner, by its number, in the total order."""
        return self._beaten.get(self.winners[winner].start, ())

    def entities(self) -> list[Entity]:
        """The winners as entities of the original text."""
        return [entity_of(self._text, self.plain, winner) for winner in self.winners]

    @cached_property
    def _beaten(self) -> dict[int, list[Candidate]]:
        losers: dict[int, list[Candidate]] = {}
        for loss in self.losses:
            if loss.winner:
                losers.setdefault(loss.winner.start, []).append(loss.loser)
        return losers


def entity_of(text: str, plain: PlainText, candidate: Candidate) -> Entity:
    """A candidate as an entity of the original text."""
    start, end, label, source, _, parts, anchor, id, _, via, _ = candidate
    if plain.edits:
        start, end = plain.original(start, end)
        parts = tuple(moved(plain, part) for part in parts)
        anchor = moved(plain, anchor) if anchor else None
    return Entity(start, end, label, text[start:end], source, id, parts, anchor, licence(plain, *via) if via else "")


def alternative_of(text: str, plain: PlainText, loss: Loss) -> Alternative:
    """A loser, and the span of its winner, in the original text."""
    loser, winner, _ = loss
    start, end = plain.original(loser.start, loser.end)
    winner_span = (*plain.original(winner.start, winner.end), winner.label) if winner else None
    return Alternative(start, end, loser.label, text[start:end], loser.source, loss.reason, winner_span)


def moved(plain: PlainText, part: Part) -> Part:
    """A part in the offsets of the original text."""
    return part if not plain.edits else Part(part.name, *plain.original(part.start, part.end))
