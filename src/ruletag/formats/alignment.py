"""Finds names listed without offsets in their paragraph: in order, each once, none inside another.

Two passes of linear time. From the end, each name gets the last place where it and all that follow it fit. From the
beginning, each takes the best place between the previous name and that: one as whole words not joined to others by a
hyphen, else one as whole words, else any. No more than `REACH` code points are searched for a better place than the
first, so a mention in another chapter is not preferred to a compound here.

Surfaces and text are compared with normalised white space: a run of it counts as one space.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

REACH = 2000
MOST_ABSENT = 100  # names of a block that are searched for in vain: each costs a scan of the whole paragraph
_RUNS = re.compile(r"\s+")
_LONG_RUNS = re.compile(r"\s{2,}")

Span = tuple[int, int]


class Paragraph:
    """A text in which names are located. `steps` counts the code points examined."""

    def __init__(self, text: str) -> None:
        self._text = _RUNS.sub(" ", text)
        self._backwards = self._text[::-1]
        self._cuts = [0]  # where something is left out of the normalised text, and how much up to there
        self._left_out = [0]
        for run in _LONG_RUNS.finditer(text):
            self._cuts.append(run.start() + 1 - self._left_out[-1])
            self._left_out.append(self._left_out[-1] + run.end() - run.start() - 1)
        self._looked: dict[tuple[str, bool], int] = {}
        self.steps = 0

    def align(self, surfaces: Sequence[str]) -> list[Span | None]:
        """The place of each surface, in code points of the text; None for one that does not occur after those before
        it.

        After `MOST_ABSENT` different ones the rest is not searched for, and the list ends.
        """
        names = [_evened(surface) for surface in surfaces]
        found: list[Span | None] = []
        absent: set[str] = set()
        cursor = 0
        for name, last in zip(names, self._latest(names), strict=True):
            first = -1 if name in absent else self._find(name, cursor, len(self._text))
            if first < 0:
                absent.add(name)
                found.append(None)
                if len(absent) == MOST_ABSENT:
                    break
                continue
            start = self._best(name, first, min(max(first, last), first + REACH))
            cursor = start + len(name)
            found.append((self._offset(start), self._offset(cursor - 1) + 1))
        return found

    def holds(self, surface: str) -> bool:
        """Whether a surface occurs anywhere."""
        return self._find(_evened(surface), 0, len(self._text)) >= 0

    def _latest(self, names: Sequence[str]) -> list[int]:
        """For each name the last place that leaves room for all after it; -1 if there is none."""
        places: list[int] = []
        absent: set[str] = set()
        bound = len(self._text)
        for name in reversed(names):
            start = -1
            if name not in absent and len(absent) < MOST_ABSENT:
                start = self._find_last(name, bound)
            if start < 0:
                absent.add(name)
            else:
                bound = start
            places.append(start)
        return places[::-1]

    def _best(self, name: str, first: int, last: int) -> int:
        """The best place of a name between `first`, where it occurs, and `last`."""
        apart = self._next(name, first, last, hyphens=False)
        words = self._next(name, first, last, hyphens=True) if apart < 0 else -1
        return max(apart, words) if max(apart, words) >= 0 else first

    def _next(self, name: str, first: int, last: int, *, hyphens: bool) -> int:
        """The next place as whole words, with or without adjacent hyphens; -1 if there is none from `first` to `last`.

        Nothing to the left of `first` is ever asked for again, so no text is searched twice for one name.
        """
        start = max(first, self._looked.get((name, hyphens), 0))
        while (start := self._find(name, start, last + len(name))) >= 0:
            if self._stands_apart(start, start + len(name), hyphens):
                break
            start += 1
        self._looked[name, hyphens] = last + 1 if start < 0 else start
        return start

    def _stands_apart(self, start: int, end: int, hyphens: bool) -> bool:
        return not any(
            char.isalnum() or char == "_" or (char == "-" and not hyphens)
            for char in self._text[max(0, start - 1) : start] + self._text[end : end + 1]
        )

    def _find(self, name: str, start: int, end: int) -> int:
        found = self._text.find(name, start, end)
        self.steps += max(0, (found + len(name) if found >= 0 else end) - start)
        return found

    def _find_last(self, name: str, end: int) -> int:
        """Like `_find`, from the end; read backwards, because `rfind` may examine each code point many times."""
        start = len(self._text) - end
        found = self._backwards.find(name[::-1], start)
        self.steps += (found + len(name) if found >= 0 else len(self._text)) - start
        return len(self._text) - found - len(name) if found >= 0 else -1

    def _offset(self, place: int) -> int:
        return place + self._left_out[bisect_right(self._cuts, place) - 1]


def _evened(text: str) -> str:
    return " ".join(text.split())
