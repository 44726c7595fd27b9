"""Locates names that are listed without offsets in their paragraph: in order, each once, none inside another.

There are two passes, each in linear time. The pass from the end finds the last position at which each name and all
names after it fit. The pass from the beginning then chooses the best occurrence between the previous name and that
position: preferably one of whole words not joined to others by a hyphen, else one of whole words, else any. It searches
at most `REACH` code points for something better than the first occurrence, so a mention in another chapter is not
preferred to a compound here.

Surfaces and text are compared with normalised white space: a run of it counts as one space.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

REACH = 2000
MOST_ABSENT = 100  # names of a block that may be missing: each costs a scan of the whole paragraph
_RUNS = re.compile(r"\s+")
_LONG_RUNS = re.compile(r"\s{2,}")

Span = tuple[int, int]


class Paragraph:
    """A text in which names are located. `steps` counts the code points examined."""

    def __init__(self, text: str) -> None:
        self._text = _RUNS.sub(" ", text)
        self._backwards = self._text[::-1]
        self._cuts = [0]  # positions in the normalised text at which white space was left out
        self._left_out = [0]  # how much was left out before each cut, in code points
        for run in _LONG_RUNS.finditer(text):
            self._cuts.append(run.start() + 1 - self._left_out[-1])
            self._left_out.append(self._left_out[-1] + run.end() - run.start() - 1)
        self._resume_at: dict[tuple[str, bool], int] = {}  # by name and whether hyphens may adjoin
        self.steps = 0

    def align(self, surfaces: Sequence[str]) -> list[Span | None]:
        """The span of each surface, in code points of the text; None if it does not occur after the previous ones.

        The list ends early, after `MOST_ABSENT` different surfaces that do not occur.
        """
        names = [_with_single_spaces(surface) for surface in surfaces]
        spans: list[Span | None] = []
        absent: set[str] = set()
        cursor = 0
        for name, last in zip(names, self._latest(names), strict=True):
            first = -1 if name in absent else self._find(name, cursor, len(self._text))
            if first < 0:
                absent.add(name)
                spans.append(None)
                if len(absent) == MOST_ABSENT:
                    break
                continue
            start = self._best(name, first, min(max(first, last), first + REACH))
            cursor = start + len(name)
            spans.append((self._offset(start), self._offset(cursor - 1) + 1))
        return spans

    def holds(self, surface: str) -> bool:
        """Whether a surface occurs anywhere."""
        return self._find(_with_single_spaces(surface), 0, len(self._text)) >= 0

    def _latest(self, names: Sequence[str]) -> list[int]:
        """The last position of each name that leaves room for all names after it; -1 if there is none."""
        starts: list[int] = []
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
            starts.append(start)
        return starts[::-1]

    def _best(self, name: str, first: int, last: int) -> int:
        """The best position of a name from `first`, where it occurs, to `last`."""
        apart = self._next(name, first, last, hyphens=False)
        words = self._next(name, first, last, hyphens=True) if apart < 0 else -1
        return max(apart, words) if max(apart, words) >= 0 else first

    def _next(self, name: str, first: int, last: int, *, hyphens: bool) -> int:
        """The next occurrence from `first` to `last` as whole words; -1 if there is none. `hyphens` may adjoin it.

        `first` never decreases between calls for a name, so no text is searched twice for it.
        """
        start = max(first, self._resume_at.get((name, hyphens), 0))
        while (start := self._find(name, start, last + len(name))) >= 0:
            if self._stands_apart(start, start + len(name), hyphens):
                break
            start += 1
        self._resume_at[name, hyphens] = last + 1 if start < 0 else start
        return start

    def _stands_apart(self, start: int, end: int, hyphens: bool) -> bool:
        return not any(
            char.isalnum() or char == "_" or (char == "-" and not hyphens)
            for char in self._text[max(0, start - 1) : start] + self._text[end : end + 1]
        )

    def _find(self, name: str, start: int, end: int) -> int:
        position = self._text.find(name, start, end)
        self.steps += max(0, (position + len(name) if position >= 0 else end) - start)
        return position

    def _find_last(self, name: str, end: int) -> int:
        """Like `_find`, from the end. Searches the reversed text, because `rfind` may take quadratic time."""
        start = len(self._text) - end
        position = self._backwards.find(name[::-1], start)
        self.steps += (position + len(name) if position >= 0 else len(self._text)) - start
        return len(self._text) - position - len(name) if position >= 0 else -1

    def _offset(self, position: int) -> int:
        return position + self._left_out[bisect_right(self._cuts, position) - 1]


def _with_single_spaces(text: str) -> str:
    return " ".join(text.split())
