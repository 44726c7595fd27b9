"""From rows of numbers to candidates and entities: the compiled engine's decisions in the types of the plain one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from ruletag.lazy import Lazy
from ruletag.model import LABELS, Candidate, Draft, Entity, Entry, Loss, Part, Source, entities_of
from ruletag.plaintext import PlainText, licence, without_spaces

NONE = 0xFFFFFFFF
# The parts that a program notes: the entity, and its parts in the order of their names.
NAMES = ("entity", "civility", "date", "demonym", "det", "form", "quote", "title")
_HEAD = 4  # numbers before the rows of a table: how many candidates, anchors, parts and licences it has
_WIDTH = 7  # of the row of a candidate: start, end, label, what is said of its source, entry, priority, is it confirmed
_new = tuple.__new__  # makes a named tuple in half the time
Original = Callable[[int, int], tuple[int, int]]  # a span of the plain text to that of the original text


class Names(NamedTuple):
    """The meaning of numbers in rows: entries, the sources of rules, the names of anchors (from 1), the sources of
    vetoes."""

    entries: Sequence[Entry]
    rules: Sequence[Source]
    anchors: Sequence[str]
    vetoes: Sequence[Source]


class Known:
    """The meaning of numbers, looked up once."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.sources = _Found(self._source)
        self.ids = _Found(lambda entry: names.entries[entry].id)
        self.ids[NONE] = None
        self.anchors = ("", *names.anchors)

    def _source(self, said: int) -> Source:
        """A source from the numbers in `rows.rs`: its number, whether it is a rule, and whether memory repeats it."""
        number = said >> 2
        source: Source = self.names.rules[number] if said & 2 else self.names.entries[number].source
        return Source("memory", *source[1:]) if said & 1 else source


class _Found(dict[int, Any]):
    """Values by number, looked up when they are first needed."""

    def __init__(self, find: Callable[[int], Any]) -> None:
        self._find = find

    def __missing__(self, number: int) -> Any:
        found = self[number] = self._find(number)
        return found


class _Table:
    """One table of `rows.rs`: a row for each candidate, and rows for what only some of them have."""

    def __init__(self, rows: memoryview, at: int) -> None:
        self.size, anchors, parts, licences = rows[at : at + _HEAD].tolist()
        self._first = at + _HEAD
        self._anchors = self._first + _WIDTH * self.size  # where they begin
        self._parts = self._anchors + 4 * anchors
        self._licences = self._parts + 4 * parts
        self.end = self._licences + 3 * licences
        self._numbers = rows

    def row(self, number: int) -> list[int]:
        """The row of one candidate."""
        at = self._first + _WIDTH * number
        return self._numbers[at : at + _WIDTH].tolist()

    def rows(self) -> list[int]:
        """The rows of all, one behind the other."""
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

    def _named(self, at: int, end: int, names: Sequence[str], original: Original | None) -> Iterator[tuple[int, Part]]:
        numbers = iter(self._numbers[at:end].tolist())
        for number, name, start, stop in zip(numbers, numbers, numbers, numbers, strict=True):
            if original:
                start, stop = original(start, stop)
            yield number, _new(Part, (names[name], start, stop))


class Rows:
    """The rows of one text (see `rows.rs`) as `Decided`. `plain` is the text as the engine read it, if that was folded
    elsewhere."""

    def __init__(self, rows: memoryview, known: Known, text: str, plain: PlainText | None = None) -> None:
        self._rows = rows
        self._known = known
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
        text, plain, known, table = self._text, self.plain, self._known, _Table(self._rows, self._first)
        rows, original = table.rows(), None
        if plain.edits:
            original = plain.original
            rows[::_WIDTH], rows[1::_WIDTH] = plain.originals(rows[::_WIDTH], rows[1::_WIDTH])
        sources, ids, drafts = known.sources, known.ids, []
        each = iter(rows)
        for start, end, label, said, entry, _, _ in zip(*[each] * _WIDTH, strict=True):
            draft: Any = Draft()  # one field a line: several at once would make a tuple
            draft.start = start
            draft.end = end
            draft.label = LABELS[label]
            draft.text = text[start:end]
            draft.source = sources[said]
            draft.id = ids[entry]
            draft.parts = ()
            draft.anchor = None
            draft.via = ""
            drafts.append(draft)
        for number, part in table.anchors(known.anchors, original):
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
        return Lazy(winners.all, winners.one)

    @cached_property
    def losses(self) -> Sequence[Loss]:
        """As in `Decided`."""
        return Lazy(self._losses)

    def beaten(self, winner: int) -> list[Candidate]:
        """As in `Decided`."""
        return [self._losers.one(number) for number in self._beaten[winner]]

    def _losses(self) -> list[Loss]:
        vetoes, winners = self._known.names.vetoes, tuple(self.winners)
        return [
            Loss(loser, winners[winner], None) if veto == NONE else Loss(loser, None, vetoes[veto])
            for loser, winner, veto in zip(self._losers.all(), *self._verdicts, strict=True)
        ]

    @cached_property
    def _beaten(self) -> dict[int, list[int]]:
        beaten: dict[int, list[int]] = {winner: [] for winner in self.headed}  # no others are asked for
        winners, vetoes = self._verdicts
        for number in [number for number, winner in enumerate(winners) if winner in beaten]:
            if vetoes[number] == NONE:
                beaten[winners[number]].append(number)
        return beaten

    @property
    def _verdicts(self) -> tuple[list[int], list[int]]:
        """For each loser the number of its winner, and that of the veto if one removed it."""
        at, size = self._losers.table.end, self._losers.table.size
        return self._rows[at : at + size].tolist(), self._rows[at + size : at + 2 * size].tolist()

    @cached_property
    def _winners(self) -> _Candidates:
        return _Candidates(_Table(self._rows, self._first), self._known)

    @cached_property
    def _losers(self) -> _Candidates:
        return _Candidates(_Table(self._rows, self._winners.table.end), self._known)


class _Candidates:
    """The candidates of one table."""

    def __init__(self, table: _Table, known: Known) -> None:
        self.table, self._known = table, known

    def all(self) -> list[Candidate]:
        each = iter(self.table.rows())
        return [self._made(number, row) for number, row in enumerate(zip(*[each] * _WIDTH, strict=True))]

    def one(self, number: int) -> Candidate:
        """One of them by its number. Raises IndexError beyond the last."""
        if number >= self.table.size:
            raise IndexError(number)
        return self._made(number, self.table.row(number))

    def _made(self, number: int, row: Sequence[int]) -> Candidate:
        start, end, label, said, entry, priority, confirmed = row
        known, (parts, anchors, vias) = self._known, self._beside
        via = vias.get(number)
        signed = priority - (1 << 32) if priority >> 31 else priority
        surname = None if entry == NONE or via else known.names.entries[entry].surname
        return Candidate(
            *(start, end, LABELS[label], known.sources[said], signed, parts.get(number, ()), anchors.get(number)),
            *(known.ids[entry], surname, via, confirmed == 1),
        )

    @cached_property
    def _beside(self) -> tuple[dict[int, tuple[Part, ...]], dict[int, Part], dict[int, tuple[int, int]]]:
        """The parts, anchors and licences of those that have some."""
        parts: dict[int, tuple[Part, ...]] = {}
        for number, part in self.table.parts(None):
            parts[number] = (*parts.get(number, ()), part)
        anchors = dict(self.table.anchors(self._known.anchors, None))
        return parts, anchors, {number: (start, end) for number, start, end in self.table.licences()}
