"""Entries made ready to be found: what a lexicon reads, from entries or from flat bytes that were kept.

All that is looked at as a whole is in arrays; an entry, a surface and its folding are made when a text first meets
them. So what is kept on disk is read in no time, however much there is of it.
"""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple, TypeVar

from ruletag.finder import Patterns, patterns_of
from ruletag.fold import IS_WORD, WORDS, fold_keys, lower_key, spellings
from ruletag.model import LABELS, Entry, Source
from ruletag.surfaces import Surface

_AMBIGUOUS, _ALONE, _SETTLED, _BY_RULE = 1, 2, 4, 8
_REST = 1  # the surname is all that follows the first word
_DEFAULTS: tuple[Any, ...] = (0, None, None, None, "entry")
_encode = json.JSONEncoder(separators=(",", ":")).encode
_encode_rows = json.JSONEncoder(separators=(",\n", ":")).encode  # a line end is in no string: rows can be told apart
_decode = json.JSONDecoder().decode


class Edge(NamedTuple):
    """Surfaces by the first (or last) words of their spellings: their ranks, the longest spelling first.

    `marked` are the keys with a spelling that has a mark at that edge: *'Ndrangheta*, *M.*
    """

    words: Mapping[bytes, Sequence[int]]
    marked: Sequence[str]


class Table:
    """Entries by key (label or class) and spelling. The first in file order speaks for those that share both.

    Surfaces are known by their rank. `ranks` are those of each key, half-open. What is wanted everywhere in a text is
    in `patterns`. The keys in `found` are found by these alone; the others are in `first` and `last`.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        speakers: Sequence[int],
        ranks: Mapping[str, tuple[int, int]],
        found: frozenset[str],
        patterns: Patterns,
        first: Edge,
        last: Edge,
    ) -> None:
        self.entries = entries
        self.ranks = ranks
        self.found = found
        self.patterns = patterns
        self.first = first
        self.last = last
        self._speakers = speakers  # the number of the entry of each rank
        self._surfaces: dict[int, Surface] = {}

    @classmethod
    def of(cls, entries: Iterable[Entry], anchors: Iterable[str] = ()) -> Table:
        """The table of some entries. The surfaces of labels and `anchors` are spotted anywhere."""
        entries = entries if isinstance(entries, Sequence) else tuple(entries)
        anchors = frozenset(anchors)
        speakers, keys = array("I"), list[bytes]()
        ranks: dict[str, tuple[int, int]] = {}
        for key, numbers in _speakers(entries).items():
            first = len(speakers)
            for number, folded in zip(numbers, fold_keys([entries[each].surface for each in numbers]), strict=True):
                if WORDS.search(folded):  # what holds no letter or digit is no name and meets nothing
                    speakers.append(number)
                    keys.append(lower_key(folded))
            if len(speakers) > first:
                ranks[key] = (first, len(speakers))
        anywhere = {key for key in ranks if key in LABELS or key in anchors}
        found = frozenset(key for key in anywhere if key + "-prefix" not in ranks)  # others may be hyphened on
        wanted, spelt = array("I"), list[bytes]()
        for key, span in ranks.items():
            for rank in range(*span) if key in anywhere else ():
                for spelling in spellings(keys[rank]):
                    wanted.append(rank)
                    spelt.append(spelling)
        patterns = patterns_of(wanted, spelt)
        asked = {key: span for key, span in ranks.items() if key not in found}
        edges = (_edge(asked, lambda rank: spellings(keys[rank]), last=side) for side in (False, True))
        return cls(entries, speakers, ranks, found, patterns, *edges)

    def entries_of(self, key: str) -> list[Entry]:
        """The entries that speak for the spellings of a key."""
        return [self.surface(rank).entry for rank in range(*self.ranks.get(key, (0, 0)))]

    def surface(self, rank: int) -> Surface:
        """The surface of a rank."""
        surface = self._surfaces.get(rank)
        if surface is None:
            surface = self._surfaces[rank] = Surface(self.entries[self._speakers[rank]], rank)
        return surface

    def edge(self, key: str, *, last: bool) -> Edge:
        """The surfaces of one key by their first (last) words, where that is not in `first` and `last`."""
        return _edge({key: self.ranks[key]}, lambda rank: self.surface(rank).spellings, last=last)

    def sections(self) -> dict[str, bytes]:
        """The table as flat bytes, for `read`."""
        paths: dict[str, int] = {}
        keys: dict[str, int] = {}
        rows = _encode_rows([_row(entry, keys, paths) for entry in self.entries])[2:-2].split("],\n[")
        if not self.entries:
            rows = []
        head = {
            "keys": [(key, *span, key in self.found) for key, span in self.ranks.items()],
            "names": list(keys),
            "paths": list(paths),
            "marked": [(number, *spans) for number, spans in self.patterns.marked.items()],
            "edges": [
                ({word.decode("latin-1"): list(ranks) for word, ranks in edge.words.items()}, list(edge.marked))
                for edge in (self.first, self.last)
            ],
        }
        return {
            "table": _encode(head).encode(),
            "entries": "".join(rows).encode("ascii"),
            "lines": array("Q", accumulate(map(len, rows), initial=0)).tobytes(),
            "speakers": array("I", self._speakers).tobytes(),
            "patterns": b"\n".join(self.patterns.rows),
            "starts": array("I", self.patterns.starts).tobytes(),
            "owners": array("I", self.patterns.owners).tobytes(),
        }

    @classmethod
    def read(cls, sections: Mapping[str, memoryview], again: Callable[[], Sequence[Entry]]) -> Table:
        """The table that was kept as these sections; any exception where they are odd in their types or ranges.

        Entries are looked at when they are needed: where one of them is odd, `again` gives all of them.
        """
        head = _decode(str(sections["table"], "ascii"))
        speakers = _array("I", sections["speakers"])
        entries = Entries(
            sections["entries"], _array("Q", sections["lines"]), _texts(head["names"]), _texts(head["paths"]), again
        )
        _below(speakers, len(entries))
        ranks = {key: (start, end) for key, start, end, _ in head["keys"]}
        _texts(ranks)
        if not all(0 <= start < end <= len(speakers) for start, end in ranks.values()):
            raise ValueError("ranks that are none")
        first, last = (_read_edge(words, marked, len(speakers)) for words, marked in head["edges"])
        return cls(
            entries,
            speakers,
            ranks,
            frozenset(key for key, _, _, found in head["keys"] if found),
            _read_patterns(sections, head["marked"], len(speakers)),
            first,
            last,
        )


class Entries(Sequence[Entry]):
    """Entries that are read when they are looked at."""

    def __init__(
        self,
        data: memoryview,
        lines: Sequence[int],
        keys: Sequence[str],
        paths: Sequence[str],
        again: Callable[[], Sequence[Entry]],
    ) -> None:
        if not lines or lines[-1] != len(data):
            raise ValueError("rows that are not the entries")
        self._data = data
        self._lines = lines  # where each begins, and one more
        self._keys = keys
        self._paths = paths
        self._again = again
        self._made: Sequence[Entry] | None = None

    def __len__(self) -> int:
        return len(self._lines) - 1

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return tuple(self[each] for each in range(*number.indices(len(self))))
        if not 0 <= number < len(self):
            raise IndexError(number)
        if self._made is None:
            try:
                return self._read(number)
            except (ValueError, TypeError, IndexError, RecursionError):
                self._made = self._again()
        return self._made[number]

    def _read(self, number: int) -> Entry:
        written = str(self._data[self._lines[number] : self._lines[number + 1]], "ascii")
        row: list[Any] = _decode(f"[{written}]")
        surface, key, path, line, *rest = row
        flags, name, surname, id, kind = (*rest, *_DEFAULTS[len(rest) :])
        if min(key, path, line, flags) < 0 or type(flags + line) is not int:
            raise ValueError("numbers that are none")
        surname = _rest(surface) if surname == _REST else surname
        name = surface if name is None else name
        _texts([surface, name, kind, *(text for text in (id, surname) if text is not None)])
        return Entry(
            surface,
            self._keys[key],
            Source(kind, name, self._paths[path], line),
            bool(flags & _AMBIGUOUS),
            id,
            surname,
            bool(flags & _ALONE),
            bool(flags & _SETTLED),
            bool(flags & _BY_RULE),
        )


def _read_patterns(sections: Mapping[str, memoryview], marked: Iterable[Sequence[Any]], surfaces: int) -> Patterns:
    rows = bytes(sections["patterns"]).split(b"\n") if sections["patterns"] else []
    starts, owners = _array("I", sections["starts"]), _array("I", sections["owners"])
    _below(owners, surfaces)
    spans = {number: [(lead, length) for lead, length in each] for number, *each in marked}
    _below(spans, len(rows))
    odd = any(not 0 <= lead < length for each in spans.values() for lead, length in each)
    if odd or len(starts) != len(rows) + 1 or starts[-1] != len(owners) or min(map(len, rows), default=3) < 3:
        raise ValueError("patterns that are none")
    return Patterns(rows, starts, owners, spans)


def _read_edge(words: Mapping[str, Sequence[int]], marked: Sequence[str], surfaces: int) -> Edge:
    for ranks in words.values():
        _below(ranks, surfaces)
    return Edge({word.encode("latin-1"): ranks for word, ranks in words.items()}, _texts(marked))


def _below(numbers: Iterable[int], limit: int) -> None:
    """ValueError or TypeError where one is no number from 0 to the limit."""
    low, high = min(numbers, default=0), max(numbers, default=-1)
    if low < 0 or high >= limit or type(low + high) is not int:
        raise ValueError(f"not below {limit}")


Texts = TypeVar("Texts", bound=Iterable[str])


def _texts(given: Texts) -> Texts:
    """What was given. TypeError where one of it is no text."""
    "".join(given)
    return given


def _row(entry: Entry, keys: dict[str, int], paths: dict[str, int]) -> list[Any]:
    """One row of `Entries`; what is as usual is left out at its end."""
    surface, source, surname = entry.surface, entry.source, entry.surname
    row: list[Any] = [
        surface,
        keys.setdefault(entry.key, len(keys)),
        paths.setdefault(source.path, len(paths)),
        source.line,
        entry.ambiguous * _AMBIGUOUS + entry.alone * _ALONE + entry.settled * _SETTLED + entry.by_rule * _BY_RULE,
        None if source.name == surface else source.name,
        _REST if surname is not None and surname == _rest(surface) else surname,
        entry.id,
        source.kind,
    ]
    kept = len(row)
    while kept > 4 and row[kept - 1] == _DEFAULTS[kept - 5]:
        kept -= 1
    return row[:kept]


def _rest(surface: str) -> str:
    return surface.partition(" ")[2]


def _array(kind: str, data: memoryview) -> array[int]:
    values = array(kind)
    values.frombytes(data)
    return values


def _speakers(entries: Sequence[Entry]) -> dict[str, list[int]]:
    """By key, in order, the numbers of the entries that speak for its spellings, in the order of these."""
    by_key: dict[str, list[int]] = defaultdict(list)
    surfaces = []
    for number, entry in enumerate(entries):
        by_key[entry.key].append(number)
        surfaces.append(entry.surface)
    speakers: dict[str, list[int]] = {}
    for key in sorted(by_key):
        speaking = speakers[key] = list[int]()
        for number in sorted(by_key[key], key=surfaces.__getitem__):
            if not speaking or surfaces[number] != surfaces[speaking[-1]]:
                speaking.append(number)
            elif _file_order(entries[number]) < _file_order(entries[speaking[-1]]):
                speaking[-1] = number
    return speakers


def _file_order(entry: Entry) -> tuple[str | int, ...]:
    """Unambiguous entries first, then by file and line; total, so the order in which entries come changes nothing."""
    source = entry.source
    rest = (entry.id or "", entry.surname or "", entry.alone, source.kind, source.name)
    return (entry.ambiguous, source.path, source.line, *rest)


def _edge(ranks: Mapping[str, tuple[int, int]], spellings_of: Callable[[int], Iterable[bytes]], *, last: bool) -> Edge:
    """The surfaces of some ranges of ranks, by the first (last) words of their spellings."""
    at = -1 if last else 0
    found: dict[bytes, list[tuple[int, int]]] = defaultdict(list)
    marked: dict[str, None] = {}
    for key, span in ranks.items():
        for rank in range(*span):
            for spelling in spellings_of(rank):
                found[WORDS.findall(spelling)[at]].append((-len(spelling), rank))
                if not IS_WORD[spelling[at]]:
                    marked[key] = None
    words = {word: list(dict.fromkeys(rank for _, rank in sorted(row))) for word, row in found.items()}
    return Edge(words, list(marked))
