"""Text to hits: every place where one of many surfaces stands, in one pass over the folded text.

The engine (see `ruletag.spotters`) gives places worth asking, whichever it is; `Surface` says whether the place is one.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from ruletag.fold import IS_WORD, LAST_WORD, Folded
from ruletag.model import Entry, Hit
from ruletag.spotters import pattern_rows, spotter, words_of
from ruletag.surfaces import Surface, hyphened

Joined = tuple[int, int, tuple[Entry, ...]]  # a span that a hyphen joins to another word, and what it would be

_NO_WORDS = b"  "
_HYPHEN = ord("-")
_MOST = 1 << 15  # pieces of text that are remembered with the entries they are
# What stands before a name in a compound and leaves it a name: l'après-Merkel, anti-Trump.
_PREFIXES = frozenset(b"anti pro ex non post pre apres avant inter trans mini super".split())


class Patterns(NamedTuple):
    """What an engine spots for the spellings of some surfaces, sorted, each once.

    `owners` are the numbers of the surfaces behind the first pattern, in order, then those behind the second; `starts`
    is where those of each start, and the end. Where one of their spellings has marks at its edges, `marked` has for the
    number of the pattern how many stand before its first word, and the length of the spelling.
    """

    rows: Sequence[bytes]
    starts: Sequence[int]
    owners: Sequence[int]
    marked: Mapping[int, Sequence[tuple[int, int]]]

    def behind(self, number: int) -> Sequence[int]:
        """The numbers of the surfaces behind a pattern."""
        return self.owners[self.starts[number] : self.starts[number + 1]]


def patterns_of(numbers: Sequence[int], keys: Sequence[bytes]) -> Patterns:
    """The patterns of surfaces, of each its number, in order, and one of its spellings."""
    rows = pattern_rows(keys)
    found: list[bytes] = []
    starts, owners = array("I"), array("I")
    marked: dict[int, dict[tuple[int, int], None]] = {}
    last = b""
    for at in sorted(range(len(rows)), key=rows.__getitem__):
        number, key, row = numbers[at], keys[at], rows[at]
        if row == _NO_WORDS:
            continue
        if row != last:
            found.append(row)
            starts.append(len(owners))
            last = row
        if starts[-1] == len(owners) or owners[-1] != number:
            owners.append(number)
        if len(row) != len(key) + 2:
            lead = next(at for at, code in enumerate(key) if IS_WORD[code])
            marked.setdefault(len(found) - 1, {})[lead, len(key)] = None
    starts.append(len(owners))
    return Patterns(found, starts, owners, {number: list(spans) for number, spans in marked.items()})


class Finder:
    """Finds surfaces in folded texts. `surface` gives each by its number; numbers are in the order of ranks."""

    def __init__(self, engine: str, patterns: Patterns, surface: Callable[[int], Surface]) -> None:
        self._spotter = spotter(engine, patterns.rows)
        self._patterns = patterns
        self._surface = surface
        self._met: dict[str, tuple[Entry, ...]] = {}  # what a piece of text is depends on nothing else

    def find(self, folded: Folded, *, compounds: bool = True) -> list[Hit]:
        """All hits, in the order of their start, the longest first; several entries may share a span.

        A name inside a hyphenated compound is a hit only if the compound is made of names (*Téhéran-Bagdad-Damas*)
        or begins with a known prefix (*anti-Trump*), and only with `compounds`.
        """
        plain, lower, met, marked = folded.plain, folded.lower, self._met, self._patterns.marked
        beside = lower + b"  "  # what stands at the end, and before the start, of the text
        spots = self._spotter.spots(words_of(lower))
        if marked:
            spots += [
                (number, start - lead, start - lead + length + 2)
                for number, start, _ in spots
                if number in marked
                for lead, length in marked[number]
                if start >= lead and start - lead + length <= len(lower)
            ]
        hits: list[Hit] = []
        joined: list[Joined] = []
        for number, start, end in spots:
            end -= 2  # the spaces at both ends of the pattern
            piece = plain[start:end]
            entries = met.get(piece)
            if entries is None:
                entries = self._meet(number, piece, lower[start:end])
            if not entries:
                continue
            if (beside[end] == _HYPHEN or beside[start - 1] == _HYPHEN) and hyphened(lower, start, end):
                joined.append((start, end, entries))
                continue
            for entry in entries:
                hits.append(Hit(start, end, entry))
        if compounds and joined:
            hits += _compounds(lower, joined)
        hits.sort(key=itemgetter(1), reverse=True)
        hits.sort(key=itemgetter(0))  # both keep the order of what shares a span
        return hits

    def _meet(self, number: int, piece: str, lower: bytes) -> tuple[Entry, ...]:
        """The entries behind a pattern that a piece of text is."""
        if len(self._met) >= _MOST:
            self._met.clear()
        behind = map(self._surface, self._patterns.behind(number))
        entries = self._met[piece] = tuple(
            surface.entry for surface in behind if lower in surface.spellings and surface.agrees(piece)
        )
        return entries


def _compounds(lower: bytes, joined: Iterable[Joined]) -> Iterator[Hit]:
    """The hits in compounds that hold nothing but names, after a prefix or not."""
    longest: dict[int, Joined] = {}  # of the names that start at an offset
    for start, end, entries in joined:
        names = tuple(entry for entry in entries if entry.is_label and not entry.ambiguous)
        if names and (start not in longest or longest[start][1] < end):
            longest[start] = (start, end, names)
    known = 0  # where the last chain ended: in *Inter-Milan* the prefix may itself be a name
    for start in sorted(longest):
        if start >= known and _opens_compound(lower, start) and (chain := _chain(lower, start, longest)):
            known = chain[-1][1]
            yield from (Hit(first, last, entry) for first, last, entries in chain for entry in entries)


def _opens_compound(lower: bytes, start: int) -> bool:
    if start < 2 or lower[start - 1] != _HYPHEN or not IS_WORD[lower[start - 2]]:
        return True
    prefix = LAST_WORD.search(lower, max(0, start - 20), start - 1)
    return bool(prefix and prefix[0] in _PREFIXES and lower[prefix.start() - 1 : prefix.start()] != b"-")


def _chain(lower: bytes, start: int, longest: Mapping[int, Joined]) -> list[Joined]:
    """The names from `start` to the end of the compound, or nothing where one part is no name."""
    chain: list[Joined] = []
    while start in longest:
        chain.append(longest[start])
        end = longest[start][1]
        if end + 1 >= len(lower) or lower[end] != _HYPHEN or not IS_WORD[lower[end + 1]]:
            return chain
        start = end + 1
    return []
