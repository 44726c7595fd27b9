"""From rows of numbers to candidates and entities: the compiled engine's decisions in the types of the plain one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from ruletag.lazy import Lazy
from ruletag.model import LABELS, Candidate, Draft, Entity, Entry, Loss, Part, Source, entities_of
from ruletag.plaintext import PlainText, licence, without_spaces

NONE = 0xFFFFFFFF
# The parts that a program marks: the entity itself, then the others by name.
NAMES = ("entity", "civility", "date", "demonym", "det", "form", "quote", "title")
_HEAD = 4  # numbers before the rows of a table: its counts of candidates, anchors, parts and licences
_WIDTH = 7  # numbers in the row of a candidate: start, end, label, source code, entry, priority, whether confirmed
_new = tuple.__new__  # makes a named tuple in half the time
Original = Callable[[int, int], tuple[int, int]]  # maps a span of the plain text to the original text


class Names(NamedTuple):
    """The objects to which numbers in rows refer: entries, the sources of rules, the names of anchors (from 1), the
    sources of vetoes."""

    entries: Sequence[Entry]
    rules: Sequence[Source]
    anchors: Sequence[str]
    vetoes: Sequence[Source]


class Lookup:
    """The objects to which numbers refer, each looked up once."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.sources = _Cache(self._source)
        self.ids = _Cache(lambda entry: names.entries[entry].id)
        self.ids[NONE] = None
        self.anchors = ("", *names.anchors)

    def _source(self, code: int) -> Source:
        """A source from its code in `rows.rs`: its number, whether it is a rule, and whether memory repeats it."""
        number = code >> 2
        source: Source = self.names.rules[number] if code & 2 else self.names.entries[number].source
        return Source("memory", *source[1:]) if code & 1 else source


class _Cache(dict[int, Any]):
    """Values by number, looked up when they are first needed."""

    def __init__(self, find: Callable[[int], Any]) -> None:
        self._find = find

    def __missing__(self, number: int) -> Any:
        value = self[number] = self._find(number)
        return value


class _Table:
    """One table of `rows.rs`: a row for each candidate, and rows for what only some of them have."""

    def __init__(self, rows: memoryview, start: int) -> None:
        self.size, anchors, parts, licences = rows[start : start + _HEAD].tolist()
        # Where each kind of row begins:
        self._first = start + _HEAD
        self._anchors = self._first + _WIDTH * self.size
        self._parts = self._anchors + 4 * anchors
        self._licences = self._parts + 4 * parts
        self.end = self._licences + 3 * licences
        self._numbers = rows

    def row(self, number: int) -> list[int]:
        """The row of one candidate."""
        start = self._first + _WIDTH * number
        return self._numbers[start : start + _WIDTH].tolist()

    def rows(self) -> list[int]:
        """The rows of all candidates, one after the other."""
        return self._numbers[self._first : self._anchors].tolist()

    def anchors(self, names: Sequence[str], original: Original | None) -> Iterator[tuple[int, Part]]:
        """The candidates that have an anchor, by their number."""
        return self._named(self._anchors, self._parts, names, original)

    def parts(self, original: Original | None) -> Iterator[tuple[int, Part]]:
        """The candidates that have parts, by their number, once for each part."""
        return self._named(self._parts, self._licences, NAMES, original)

    def licences(self) -> Iterator[tuple[int, int, int]]:
        """The candidates of memory by their number, each with the span that licensed it."""
        numbers = iter(self._numbers[self._licences : self.end].tolist())
        return zip(numbers, numbers, numbers, strict=True)

    def _named(
        self, first: int, last: int, names: Sequence[str], original: Original | None
    ) -> Iterator[tuple[int, Part]]:
        numbers = iter(self._numbers[first:last].tolist())
        for number, name, start, end in zip(numbers, numbers, numbers, numbers, strict=True):
            if original:
                start, end = original(start, end)
            yield number, _new(Part, (names[name], start, end))


class Rows:
    """The rows of one text (see `rows.rs`) as `Decided`. `plain` is the text as the engine read it, if it was folded
    elsewhere."""

    def __init__(self, rows: memoryview, lookup: Lookup, text: str, plain: PlainText | None = None) -> None:
        self._rows = rows
        self._lookup = lookup
        self._text = text
        self._heads = 2 + rows[0]
        self._first = self._heads + rows[self._heads - 1]
        self.plain = plain or self._read()

    def _read(self) -> PlainText:
        dropped = self._rows[1 : self._heads - 1]
        return without_spaces(self._text, dropped.tolist()) if dropped else PlainText(self._text)

    @property
    def headed(self) -> list[int]:
        """As in `Decided`."""
        return self._rows[self._heads : self._first].tolist()

    def entities(self) -> list[Entity]:
        """As in `Decided`."""
        text, plain, lookup, table = self._text, self.plain, self._lookup, _Table(self._rows, self._first)
        rows, original = table.rows(), None
        if plain.edits:
            original = plain.original
            rows[::_WIDTH], rows[1::_WIDTH] = plain.originals(rows[::_WIDTH], rows[1::_WIDTH])
        sources, ids, drafts = lookup.sources, lookup.ids, []
        numbers = iter(rows)
        for start, end, label, source, entry, _, _ in zip(*[numbers] * _WIDTH, strict=True):
            draft: Any = Draft()  # one field a line: several at once would make a tuple
            draft.start = start
            draft.end = end
            draft.label = LABELS[label]
            draft.text = text[start:end]
            draft.source = sources[source]
            draft.id = ids[entry]
            draft.parts = ()
            draft.anchor = None
            draft.via = ""
            drafts.append(draft)
        for number, part in table.anchors(lookup.anchors, original):
            drafts[number].anchor = part
        for number, part in table.parts(original):
            drafts[number].parts += (part,)
        for number, start, end in table.licences():
            drafts[number].via = licence(plain, start, end)
        return entities_of(drafts)

    @cached_property
    def winners(self) -> Sequence[Candidate]:
        """As in `Decided`."""
        winners = self._winners
        return Lazy(winners.all, winners.candidate)

    @cached_property
    def losses(self) -> Sequence[Loss]:
        """As in `Decided`."""
        return Lazy(self._losses)

    def beaten(self, winner: int) -> list[Candidate]:
        """As in `Decided`."""
        return [self._losers.candidate(number) for number in self._beaten[winner]]

    def _losses(self) -> list[Loss]:
        vetoes, winners = self._lookup.names.vetoes, tuple(self.winners)
        return [
            Loss(loser, winners[winner], None) if veto == NONE else Loss(loser, None, vetoes[veto])
            for loser, winner, veto in zip(self._losers.all(), *self._verdicts, strict=True)
        ]

    @cached_property
    def _beaten(self) -> dict[int, list[int]]:
        beaten: dict[int, list[int]] = {winner: [] for winner in self.headed}  # nobody asks about other winners
        winners, vetoes = self._verdicts
        for number in [number for number, winner in enumerate(winners) if winner in beaten]:
            if vetoes[number] == NONE:
                beaten[winners[number]].append(number)
        return beaten

    @property
    def _verdicts(self) -> tuple[list[int], list[int]]:
        """For each loser the number of its winner, and that of the veto if one removed it; NONE if there is none."""
        start, size = self._losers.table.end, self._losers.table.size
        return self._rows[start : start + size].tolist(), self._rows[start + size : start + 2 * size].tolist()

    @cached_property
    def _winners(self) -> _Candidates:
        return _Candidates(_Table(self._rows, self._first), self._lookup)

    @cached_property
    def _losers(self) -> _Candidates:
        return _Candidates(_Table(self._rows, self._winners.table.end), self._lookup)


class _Candidates:
    """The candidates of one table."""

    def __init__(self, table: _Table, lookup: Lookup) -> None:
        self.table, self._lookup = table, lookup

    def all(self) -> list[Candidate]:
        numbers = iter(self.table.rows())
        return [self._made(number, row) for number, row in enumerate(zip(*[numbers] * _WIDTH, strict=True))]

    def candidate(self, number: int) -> Candidate:
        """The candidate with a number. Raises IndexError beyond the last."""
        if number >= self.table.size:
            raise IndexError(number)
        return self._made(number, self.table.row(number))

    def _made(self, number: int, row: Sequence[int]) -> Candidate:
        start, end, label, source, entry, priority, confirmed = row
        lookup, (parts, anchors, vias) = self._lookup, self._extras
        via = vias.get(number)
        signed = priority - (1 << 32) if priority >> 31 else priority
        surname = None if entry == NONE or via else lookup.names.entries[entry].surname
        return Candidate(
            *(start, end, LABELS[label], lookup.sources[source], signed, parts.get(number, ()), anchors.get(number)),
            *(lookup.ids[entry], surname, via, confirmed == 1),
        )

    @cached_property
    def _extras(self) -> tuple[dict[int, tuple[Part, ...]], dict[int, Part], dict[int, tuple[int, int]]]:
        """The parts, anchors and licences, by the numbers of the candidates that have some."""
        parts: dict[int, tuple[Part, ...]] = {}
        for number, part in self.table.parts(None):
            parts[number] = (*parts.get(number, ()), part)
        anchors = dict(self.table.anchors(self._lookup.anchors, None))
        return parts, anchors, {number: (start, end) for number, start, end in self.table.licences()}
