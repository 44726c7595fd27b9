"""What an engine decided about a text, and its candidates as spans of the text as it came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Protocol

from ruletag.model import Alternative, Candidate, Entity, Loss, Part
from ruletag.plaintext import PlainText, licence


class Decided(Protocol):
    """What an engine decided about a text; offsets are those of `plain`. Values are made when they are asked for."""

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
        """The numbers of the winners at which a head noun of the guideline may be; None if nobody has looked."""

    def beaten(self, winner: int) -> Iterable[Candidate]:
        """The losers to one of those, by its number, in the total order."""

    def entities(self) -> list[Entity]:
        """The winners as entities of the text as it came."""


class Resolved:
    """`Decided` for winners and losers that are at hand."""

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
        """The winners as entities of the text as it came."""
        return [entity_of(self._text, self.plain, winner) for winner in self.winners]

    @cached_property
    def _beaten(self) -> dict[int, list[Candidate]]:
        found: dict[int, list[Candidate]] = {}
        for loss in self.losses:
            if loss.winner:
                found.setdefault(loss.winner.start, []).append(loss.loser)
        return found


def entity_of(text: str, plain: PlainText, candidate: Candidate) -> Entity:
    """A candidate as an entity of the text as it came."""
    start, end, label, source, _, parts, anchor, id, _, via, _ = candidate
    if plain.edits:
        start, end = plain.original(start, end)
        parts = tuple(moved(plain, part) for part in parts)
        anchor = moved(plain, anchor) if anchor else None
    return Entity(start, end, label, text[start:end], source, id, parts, anchor, licence(plain, *via) if via else "")


def alternative_of(text: str, plain: PlainText, loss: Loss) -> Alternative:
    """A loser, and the span of its winner, in the text as it came."""
    loser, winner, _ = loss
    start, end = plain.original(loser.start, loser.end)
    own = (*plain.original(winner.start, winner.end), winner.label) if winner else None
    return Alternative(start, end, loser.label, text[start:end], loser.source, loss.reason, own)


def moved(plain: PlainText, part: Part) -> Part:
    """A part in the offsets of the text as it came."""
    return part if not plain.edits else Part(part.name, *plain.original(part.start, part.end))
