"""Text to hits: every place where one of many surfaces stands, in one pass over the folded text.

The engine (see `ruletag.spotters`) gives places worth asking, whichever it is; `Surface` says whether the place is one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from ruletag.fold import IS_WORD, WORD, Folded
from ruletag.model import Entry, Hit
from ruletag.spotters import pattern_of, spotter, words_of
from ruletag.surfaces import Surface, hyphened

_HYPHEN = ord("-")
_MOST = 1 << 18  # pieces of text that are remembered with the entries they are
_LAST_WORD = re.compile(b"[" + WORD + b"]+$")
# What stands before a name in a compound and leaves it a name: l'après-Merkel, anti-Trump.
_PREFIXES = frozenset(b"anti pro ex non post pre apres avant inter trans mini super".split())


class Patterns(NamedTuple):
    """What an engine spots for the spellings of some surfaces, sorted.

    `owners` are the numbers of the surfaces that stand behind each pattern, in order. Where one of their spellings has
    marks at its edges, `marked` has for the number of the pattern how many stand before its first word, and its length.
    """

    patterns: Sequence[bytes]
    owners: Sequence[Sequence[int]]
    marked: Mapping[int, Sequence[tuple[int, int]]]


def patterns_of(spelt: Iterable[tuple[int, bytes]]) -> Patterns:
    """The patterns of the numbers of surfaces with their spellings, which come in the order of the numbers."""
    owners: dict[bytes, list[int]] = {}
    marks: dict[bytes, dict[tuple[int, int], None]] = {}
    for number, spelling in spelt:
        pattern = pattern_of(spelling)
        if not pattern.strip():
            continue  # no letter, no digit: this meets nothing
        owning = owners.setdefault(pattern, [])
        if owning[-1:] != [number]:
            owning.append(number)
        if len(pattern) != len(spelling) + 2:
            lead = next(at for at, code in enumerate(spelling) if IS_WORD[code])
            marks.setdefault(pattern, {})[lead, len(spelling)] = None
    patterns = sorted(owners)
    marked = {number: list(marks[pattern]) for number, pattern in enumerate(patterns) if pattern in marks}
    return Patterns(patterns, [owners[pattern] for pattern in patterns], marked)


class Finder:
    """Finds surfaces in folded texts. `surfaces` gives those behind a pattern, in the order of their ranks."""

    def __init__(
        self,
        engine: str,
        patterns: Sequence[bytes],
        surfaces: Callable[[int], Iterable[Surface]],
        marked: Mapping[int, Sequence[tuple[int, int]]],
    ) -> None:
        self._spotter = spotter(engine, patterns)
        self._surfaces = surfaces
        self._marked = marked
        self._met: dict[str, tuple[Entry, ...]] = {}  # what a piece of text is depends on nothing else

    def find(self, folded: Folded, *, compounds: bool = True) -> list[Hit]:
        """All hits, in the order of their start, the longest first; several entries may share a span.

        A name inside a hyphenated compound is a hit only if the compound is made of names (*Téhéran-Bagdad-Damas*)
        or begins with a known prefix (*anti-Trump*), and only with `compounds`.
        """
        plain, lower, met, marked = folded.plain, folded.lower, self._met, self._marked
        beside = lower + b"  "  # what stands at the end, and before the start, of the text
        spots = self._spotter.spots(words_of(lower))
        if marked:
            spots += [
                (number, start - lead, start - lead + length + 2)
                for number, start, _ in spots
                if number in marked
                for lead, length in marked[number]
                if start >= lead
            ]
        hits: list[Hit] = []
        joined: list[Hit] = []
        for number, start, end in spots:
            end -= 2  # the spaces at both ends of the pattern
            piece = plain[start:end]
            entries = met.get(piece)
            if entries is None:
                entries = self._meet(number, piece, lower[start:end])
            if entries:
                is_joined = (beside[end] == _HYPHEN or beside[start - 1] == _HYPHEN) and hyphened(lower, start, end)
                into = joined if is_joined else hits
                for entry in entries:
                    into.append(Hit(start, end, entry))
        if compounds and joined:
            hits += _compounds(lower, joined)
        hits.sort(key=itemgetter(1), reverse=True)
        hits.sort(key=itemgetter(0))  # both keep the order of what shares a span
        return hits

    def _meet(self, number: int, piece: str, lower: bytes) -> tuple[Entry, ...]:
        """The entries behind a pattern that a piece of text is."""
        if len(self._met) >= _MOST:
            self._met.clear()
        entries = self._met[piece] = tuple(
            surface.entry for surface in self._surfaces(number) if lower in surface.spellings and surface.agrees(piece)
        )
        return entries


def _compounds(lower: bytes, joined: Iterable[Hit]) -> Iterator[Hit]:
    """The hits in compounds that hold nothing but names, after a prefix or not."""
    starting: dict[int, list[Hit]] = defaultdict(list)
    for hit in joined:
        if hit.entry.is_label and not hit.entry.ambiguous:
            starting[hit.start].append(hit)
    known = 0  # where the last chain ended: in *Inter-Milan* the prefix may itself be a name
    for start in sorted(starting):
        if start >= known and _opens_compound(lower, start) and (chain := _chain(lower, start, starting)):
            known = chain[-1].end
            yield from chain


def _opens_compound(lower: bytes, start: int) -> bool:
    if start < 2 or lower[start - 1] != _HYPHEN or not IS_WORD[lower[start - 2]]:
        return True
    prefix = _LAST_WORD.search(lower, max(0, start - 20), start - 1)
    return bool(prefix and prefix[0] in _PREFIXES and lower[prefix.start() - 1 : prefix.start()] != b"-")


def _chain(lower: bytes, start: int, starting: Mapping[int, Sequence[Hit]]) -> list[Hit]:
    """The names from `start` to the end of the compound, or nothing where one part is no name."""
    chain: list[Hit] = []
    while start in starting:
        longest = max(hit.end for hit in starting[start])
        chain += [hit for hit in starting[start] if hit.end == longest]
        if longest + 1 >= len(lower) or lower[longest] != _HYPHEN or not IS_WORD[lower[longest + 1]]:
            return chain
        start = longest + 1
    return []
