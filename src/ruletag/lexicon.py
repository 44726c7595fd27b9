"""Every gazetteer entry and word class: found everywhere in a text, or looked up at one place.

The entries of labels and of the classes that rules start from are found in one pass (`find`). Those of other classes
are only looked up where a rule asks (`ends`, `starts`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from ruletag.finder import Finder
from ruletag.fold import IS_WORD, LAST_WORD, WORDS, Folded
from ruletag.model import Entry, Hit
from ruletag.signs import Signs, class_sign
from ruletag.surfaces import Surface, bounded
from ruletag.table import Edge, Table

_NEAR = 64  # how far from its edge the first or last word of an entry may end


class Lexicon:
    """Finds entries in folded texts; they come as they are, with the keys to find anywhere, or as a table.

    `found` are the classes and labels that need not be looked up: `find` gives all that `ends` and `starts` would. Of
    these, `kept` are all but literal words, which are looked at in the text.
    """

    def __init__(
        self, entries: Iterable[Entry] | Table, anchors: Iterable[str] = (), engine: str = "ahocorasick"
    ) -> None:
        table = self._table = entries if isinstance(entries, Table) else Table.of(entries, anchors)
        self.found = table.found
        self.kept = frozenset(key for key in table.found if key[0] != "=")
        self._finder = Finder(engine, table.patterns, table.surface)
        self.find = self._finder.find
        self._prefixed = frozenset(key.removesuffix("-prefix") for key in table.ranks if key.endswith("-prefix"))
        self._edges: dict[tuple[str, bool], Edge] = {}
        self._known: dict[tuple[str, bool], dict[bytes, Sequence[tuple[bytes, Surface]]]] = defaultdict(dict)

    @cached_property
    def class_signs(self) -> dict[str, int]:
        """The sign of each class and label."""
        return {key: class_sign(key) for key in self._table.ranks}

    @cached_property
    def opening(self) -> Signs:
        """What a token can begin by itself; for the classes in `found` that is known from their hits."""
        return self._signs(last=False)

    @cached_property
    def closing(self) -> Signs:
        """What a token can end by itself."""
        return self._signs(last=True)

    def _signs(self, *, last: bool) -> Signs:
        """The signs of the classes that are looked up, and of what is prefixed to these."""
        table = self._table
        edge = table.last if last else table.first
        begins = [start for start, _ in table.ranks.values()]
        keys = [(key, key.removesuffix("-prefix")) for key in table.ranks]

        def classes(word: bytes) -> Iterator[str]:
            for rank in edge.words.get(word, ()):
                yield from keys[bisect_right(begins, rank) - 1]

        marked = (each for key in edge.marked for each in (key, key.removesuffix("-prefix")))
        return Signs(classes, marked, last=last)

    def ends(self, folded: Folded, start: int, key: str) -> list[Hit]:
        """The hits of one class or label that start exactly here, the longest first.

        An entry of the class `x-prefix` and a hyphen may stand before an entry of `x` (*sino-russe*).
        """
        word = WORDS.search(folded.lower, start, start + _NEAR)  # past a mark: *'Ndrangheta*
        if not word:
            return []
        hits = [
            Hit(start, start + len(spelling), surface.entry)
            for spelling, surface in self._at(word[0], key, last=False)
            if surface.meets(folded, spelling, start, start + len(spelling))
        ]
        if key in self._prefixed and folded.lower[word.end() : word.end() + 1] == b"-":
            hits += self._behind_prefix(folded, start, word.end() + 1, key)
        return hits

    def _behind_prefix(self, folded: Folded, start: int, second: int, key: str) -> Iterator[Hit]:
        lower = folded.lower
        word = WORDS.match(lower, second)
        if word and self._at(lower[start : second - 1], key + "-prefix", last=False):
            for spelling, surface in self._at(word[0], key, last=False):
                end = second + len(spelling)
                if lower.startswith(spelling, second) and bounded(lower, second, end):
                    yield Hit(start, end, surface.entry)

    def starts(self, folded: Folded, end: int, key: str) -> list[Hit]:
        """The hits of one class or label that end exactly here, the longest first."""
        word = LAST_WORD.search(folded.lower, max(0, end - _NEAR), _word_end(folded.lower, end))
        return [
            Hit(end - len(spelling), end, surface.entry)
            for spelling, surface in (self._at(word[0], key, last=True) if word else ())
            if len(spelling) <= end and surface.meets(folded, spelling, end - len(spelling), end)
        ]

    def _at(self, word: bytes, key: str, *, last: bool) -> Sequence[tuple[bytes, Surface]]:
        """The spellings of a class or label that begin (end) with a word, the longest first, with their surfaces."""
        known = self._known[key, last]
        if word in known:
            return known[word]
        first, end = self._table.ranks.get(key, (0, 0))
        ranks = [rank for rank in self._edge(key, last=last).words.get(word, ()) if first <= rank < end]
        surfaces = map(self._table.surface, ranks)
        spelt = [(spelling, surface) for surface in surfaces for spelling in surface.spellings]
        if spelt:
            known[word] = spelt
        return spelt

    def _edge(self, key: str, *, last: bool) -> Edge:
        if key not in self.found:
            return self._table.last if last else self._table.first
        if (key, last) not in self._edges:
            self._edges[key, last] = self._table.edge(key, last=last)
        return self._edges[key, last]


def _word_end(view: bytes, end: int) -> int:
    """Where the last word before `end` ends: what follows it in an entry such as `M.` or `Yahoo!` is stepped over."""
    floor = max(0, end - _NEAR)
    while end > floor and not IS_WORD[view[end - 1]]:
        end -= 1
    return end
