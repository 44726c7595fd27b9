"""From columns of numbers to candidates and entities: the compiled engine's decisions in the types of the plain one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from ruletag.model import LABELS, Candidate, Entity, Entry, Loss, Part, Source, entities_of
from ruletag.plaintext import PlainText, licence, without_spaces

NONE = 0xFFFFFFFF
# The parts that a program notes: the entity, and its parts in the order of their names.
NAMES = ("entity", "civility", "date", "demonym", "det", "form", "quote", "title")
_HEAD = 4  # numbers before the columns of a table: how many candidates, anchors, parts and licences it has
_COLUMNS = 7  # of the candidates
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
    """One table of `rows.rs`: columns of candidates, and rows for what only some of them have."""

    def __init__(self, rows: memoryview, at: int) -> None:
        self.size = rows[at]
        self._anchors = at + _HEAD + _COLUMNS * self.size  # where they begin
        self._parts = self._anchors + 4 * rows[at + 1]
        self._licences = self._parts + 4 * rows[at + 2]
        self.end = self._licences + 3 * rows[at + 3]
        self._numbers = rows
        self._first = at + _HEAD

    def row(self, number: int) -> list[int]:
        """The columns of one candidate."""
        return self._numbers[self._first + number : self._anchors : self.size].tolist()

    def columns(self) -> list[list[int]]:
        """Starts, ends, labels, what is said of the source, entries, priorities, whether they are confirmed."""
        numbers, size = self._numbers[self._first : self._anchors].tolist(), self.size
        return [numbers[size * column : size * (column + 1)] for column in range(_COLUMNS)]

    def anchors(self, names: Sequence[str], original: Original | None) -> list[Part | None]:
        """The anchors of all candidates."""
        anchors: list[Part | None] = [None] * self.size
        numbers = iter(self._numbers[self._anchors : self._parts].tolist())
        for number, name, start, end in zip(numbers, numbers, numbers, numbers, strict=True):
            if original:
                start, end = original(start, end)
            anchors[number] = _new(Part, (names[name], start, end))
        return anchors

    def parts(self, original: Original | None) -> list[tuple[Part, ...]]:
        """The parts of all candidates."""
        parts: list[tuple[Part, ...]] = [()] * self.size
        numbers = iter(self._numbers[self._parts : self._licences].tolist())
        for number, name, start, end in zip(numbers, numbers, numbers, numbers, strict=True):
            if original:
                start, end = original(start, end)
            parts[number] += (_new(Part, (NAMES[name], start, end)),)
        return parts

    def licences(self) -> Iterable[tuple[int, int, int]]:
        """The candidates of memory by their number, each with the span that licensed it."""
        numbers = iter(self._numbers[self._licences : self.end].tolist())
        return zip(numbers, numbers, numbers, strict=True)


class Rows:
    """The rows of one text (see `rows.rs`). Values are made when they are needed."""

    def __init__(self, rows: memoryview, known: Known) -> None:
        self._rows = rows
        self._known = known
        self._heads = 2 + rows[0]
        self._first = self._heads + rows[self._heads - 1]

    @property
    def headed(self) -> list[int]:
        """The numbers of the winners at which a head noun may stand."""
        return self._rows[self._heads : self._first].tolist()

    def plain(self, text: str) -> PlainText:
        """The text as the engine read it, if it did the folding itself."""
        dropped = self._rows[1 : self._heads - 1]
        return without_spaces(text, dropped.tolist()) if dropped else PlainText(text)

    def entities(self, text: str, plain: PlainText) -> list[Entity]:
        """The winners as entities of a text, which `plain` stands for."""
        known, table = self._known, _Table(self._rows, self._first)
        starts, ends, labels, said, entries, _, _ = table.columns()
        original: Original | None = None
        if plain.edits:
            original = plain.original
            starts, ends = plain.originals(starts, ends)
        licences = [""] * table.size
        for number, start, end in table.licences():
            licences[number] = licence(plain, start, end)
        return entities_of(
            starts,
            ends,
            map(LABELS.__getitem__, labels),
            [text[start:end] for start, end in zip(starts, ends, strict=True)],
            map(known.sources.__getitem__, said),
            map(known.ids.__getitem__, entries),
            table.parts(original),
            table.anchors(known.anchors, original),
            licences,
        )

    def winners(self) -> list[Candidate]:
        """The winners in reading order."""
        return self._winners.all()

    def winner(self, number: int) -> Candidate:
        """One of them. Raises IndexError beyond the last."""
        return self._winners.one(number)

    def losses(self, winners: Sequence[Candidate]) -> list[Loss]:
        """The losers in the total order, with the winners that beat them."""
        vetoes, all_of_them = self._known.names.vetoes, tuple(winners)
        return [
            Loss(loser, all_of_them[winner], None) if veto == NONE else Loss(loser, None, vetoes[veto])
            for loser, winner, veto in zip(self._losers.all(), *self._verdicts, strict=True)
        ]

    def beaten(self, winner: int) -> list[Candidate]:
        """The losers to one of the `headed` winners, by its number, in the total order."""
        return [self._losers.one(number) for number in self._beaten[winner]]

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
        return [self._made(number, row) for number, row in enumerate(zip(*self.table.columns(), strict=True))]

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
            *(start, end, LABELS[label], known.sources[said], signed, parts[number], anchors[number]),
            *(known.ids[entry], surname, via, confirmed == 1),
        )

    @cached_property
    def _beside(self) -> tuple[list[tuple[Part, ...]], list[Part | None], dict[int, tuple[int, int]]]:
        """The parts and anchors of all, and the licences of those that memory made."""
        vias = {number: (start, end) for number, start, end in self.table.licences()}
        return self.table.parts(None), self.table.anchors(self._known.anchors, None), vias
