"""Rows of numbers to candidates: what the compiled engine decided, in the words of the plain one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ruletag.model import LABELS, Candidate, Entity, Entry, Loss, Part, Source, entities_of
from ruletag.plaintext import PlainText, licence

NONE = 0xFFFFFFFF
# The pieces that a program notes: the entity, and its parts in the order of their names.
NAMES = ("entity", "civility", "date", "demonym", "det", "form", "quote", "title")
_WIDTH = 16  # numbers of a candidate; those of a loser are two more: the number of its winner, or that of a veto
_PART = 3
Original = Callable[[int, int], tuple[int, int]]  # a span of the plain text to that of the text as it came


class Names(NamedTuple):
    """What numbers of rows stand for: entries, the sources of rules, the names of anchors (from 1), the
    sources of vetoes."""

    entries: Sequence[Entry]
    rules: Sequence[Source]
    anchors: Sequence[str]
    vetoes: Sequence[Source]


class Rows:
    """The rows of one text (see `rows.rs`). What they say is made when it is asked for."""

    def __init__(self, rows: memoryview, names: Names) -> None:
        self._rows = rows
        self._names = names
        self._losers = 3 + rows[0] * _WIDTH
        self._parts = self._losers + rows[1] * (_WIDTH + 2)

    def entities(self, text: str, plain: PlainText) -> list[Entity]:
        """The winners as entities of a text, which `plain` stands for."""
        numbers = self._rows[3 : self._losers].tolist()
        columns = [numbers[column::_WIDTH] for column in range(_WIDTH)]
        starts, ends, labels, is_memory, is_rule, sources, knowns, _, _, *rest = columns
        anchor_starts, anchor_ends, anchors, first_parts, last_parts, via_starts, via_ends = rest
        original: Original | None = plain.original if plain.edits else None
        if original:
            spans = [*map(original, starts, ends)]
            starts, ends = [start for start, _ in spans], [end for _, end in spans]
        entries, rules = self._names.entries, self._names.rules
        said = [rules[each] if rule else entries[each].source for each, rule in zip(sources, is_rule, strict=True)]
        return entities_of(
            starts,
            ends,
            [LABELS[label] for label in labels],
            [text[start:end] for start, end in zip(starts, ends, strict=True)],
            [_in_memory(each) if memory else each for each, memory in zip(said, is_memory, strict=True)],
            [None if known == NONE else entries[known].id for known in knowns],
            [
                self._parts_of(first, last, original) if last else ()
                for first, last in zip(first_parts, last_parts, strict=True)
            ],
            [
                _part(self._names.anchors[anchor - 1], start, end, original) if anchor else None
                for anchor, start, end in zip(anchors, anchor_starts, anchor_ends, strict=True)
            ],
            [licence(plain, start, end) if end else "" for start, end in zip(via_starts, via_ends, strict=True)],
        )

    def winners(self) -> list[Candidate]:
        """The winners in reading order."""
        return [self._candidate(at) for at in range(3, self._losers, _WIDTH)]

    def losses(self, winners: Sequence[Candidate]) -> list[Loss]:
        """The losers in the total order, with the winners that beat them."""
        losses = []
        for at in range(self._losers, self._parts, _WIDTH + 2):
            winner, veto = self._rows[at + _WIDTH : at + _WIDTH + 2]
            beaten = (winners[winner], None) if veto == NONE else (None, self._names.vetoes[veto])
            losses.append(Loss(self._candidate(at), *beaten))
        return losses

    def _candidate(self, at: int) -> Candidate:
        numbers = self._rows[at : at + _WIDTH]
        start, end, label, is_memory, is_rule, source, known, confirmed, priority = numbers[:9]
        anchor_start, anchor_end, anchor, first_part, last_part, via_start, via_end = numbers[9:]
        entry = None if known == NONE else self._names.entries[known]
        if is_rule:
            said = self._names.rules[source]
        else:
            said = (entry if source == known and entry else self._names.entries[source]).source
        return Candidate(
            start,
            end,
            LABELS[label],
            _in_memory(said) if is_memory else said,
            priority - (1 << 32) if priority >> 31 else priority,
            self._parts_of(first_part, last_part) if first_part < last_part else (),
            Part(self._names.anchors[anchor - 1], anchor_start, anchor_end) if anchor else None,
            entry.id if entry else None,
            entry.surname if entry and not is_memory else None,
            (via_start, via_end) if is_memory else None,
            confirmed == 1,
        )

    def _parts_of(self, first: int, last: int, original: Original | None = None) -> tuple[Part, ...]:
        places = range(self._parts + first * _PART, self._parts + last * _PART, _PART)
        return tuple(_part(NAMES[self._rows[at]], self._rows[at + 1], self._rows[at + 2], original) for at in places)


def _part(name: str, start: int, end: int, original: Original | None) -> Part:
    return Part(name, *original(start, end)) if original else Part(name, start, end)


def _in_memory(source: Source) -> Source:
    """What memory made of a mention, by the source of the mention."""
    return Source("memory", *source[1:])
