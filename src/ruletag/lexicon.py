"""Every gazetteer entry and word class: found everywhere in a text, or looked up at one place.

The entries of labels and of the classes that rules start from are found in one pass (`find`). Those of other classes
are only looked up where a rule asks (`ends`, `starts`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property

from ruletag.finder import Finder
from ruletag.fold import IS_WORD, WORD, WORDS, Folded
from ruletag.model import Entry, Hit
from ruletag.signs import Signs, class_sign
from ruletag.surfaces import Surface, bounded
from ruletag.table import Edge, Table

_LAST_WORD = re.compile(b"[" + WORD + b"]+$")
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
        self._edges: dict[tuple[str, bool], Edge] = {}

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

    def ends(self, folded: Folded, start: int, key: str) -> Iterator[Hit]:
        """The hits of one class or label that start exactly here, the longest first.

        An entry of the class `x-prefix` and a hyphen may stand before an entry of `x` (*sino-russe*).
        """
        word = WORDS.search(folded.lower, start, start + _NEAR)  # past a mark: *'Ndrangheta*
        if word:
            for surface in self._at(word[0], key, last=False):
                for spelling in surface.spellings:
                    end = start + len(spelling)
                    if surface.meets(folded, spelling, start, end):
                        yield Hit(start, end, surface.entry)
            if key + "-prefix" in self._table.ranks and folded.lower[word.end() : word.end() + 1] == b"-":
                yield from self._prefixed(folded, start, word.end() + 1, key)

    def _prefixed(self, folded: Folded, start: int, second: int, key: str) -> Iterator[Hit]:
        second_word = WORDS.match(folded.lower, second)
        prefix = folded.lower[start : second - 1]
        if second_word and any(True for _ in self._at(prefix, key + "-prefix", last=False)):
            for surface in self._at(second_word[0], key, last=False):
                for spelling in surface.spellings:
                    end = second + len(spelling)
                    if folded.lower.startswith(spelling, second) and bounded(folded.lower, second, end):
                        yield Hit(start, end, surface.entry)

    def starts(self, folded: Folded, end: int, key: str) -> Iterator[Hit]:
        """The hits of one class or label that end exactly here, the longest first."""
        word = _LAST_WORD.search(folded.lower, max(0, end - _NEAR), _word_end(folded.lower, end))
        if word:
            for surface in self._at(word[0], key, last=True):
                for spelling in surface.spellings:
                    start = end - len(spelling)
                    if start >= 0 and surface.meets(folded, spelling, start, end):
                        yield Hit(start, end, surface.entry)

    def _at(self, word: bytes, key: str, *, last: bool) -> Iterator[Surface]:
        """The surfaces of a class or label with a spelling that begins (ends) with a word, the longest first."""
        if key not in self._table.ranks:
            return
        if key not in self.found:
            edge = self._table.last if last else self._table.first
        elif (key, last) in self._edges:
            edge = self._edges[key, last]
        else:
            edge = self._edges[key, last] = self._table.edge(key, last=last)
        first, end = self._table.ranks[key]
        for rank in edge.words.get(word, ()):
            if first <= rank < end:
                yield self._table.surface(rank)


def _word_end(view: bytes, end: int) -> int:
    """Where the last word before `end` ends: what follows it in an entry such as `M.` or `Yahoo!` is stepped over."""
    floor = max(0, end - _NEAR)
    while end > floor and not IS_WORD[view[end - 1]]:
        end -= 1
    return end
