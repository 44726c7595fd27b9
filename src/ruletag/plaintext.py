"""A text as the tagger reads it, with a mapping to the offsets of the original. Most texts are read unchanged."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Edit(NamedTuple):
    """`plain[start:end]` stands for `[original_start:original_end]` of the original text."""

    start: int
    end: int
    original_start: int
    original_end: int


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text as the tagger reads it, with the mapping back to the original.

    `plain` is the original text, except in the parts that `edits` replaced.
    """

    plain: str
    edits: tuple[Edit, ...] = ()

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span in the original text for a non-empty span of `plain`."""
        if not self.edits:
            return start, end
        return self._original_start(start), self._original_start(end - 1, after=True)

    def originals(self, starts: Sequence[int], ends: Sequence[int]) -> tuple[list[int], list[int]]:
        """Like `original`, for many spans at once, which are in reading order and do not overlap."""
        return self._originals(starts, after=0), self._originals([end - 1 for end in ends], after=1)

    def _originals(self, offsets: Sequence[int], after: int) -> list[int]:
        result: list[int] = []
        at, shift = 0, after
        for start, end, original_start, original_end in self.edits:
            first = bisect_left(offsets, start, at)
            last = bisect_left(offsets, end, first)
            result += [offset + shift for offset in offsets[at:first]]
            result += [original_end if after else original_start] * (last - first)
            at, shift = last, original_end - end + after
        return result + [offset + shift for offset in offsets[at:]]

    def _original_start(self, offset: int, *, after: bool = False) -> int:
        index = bisect_left(self.edits, (offset + 1,)) - 1  # the last one that starts at or before the offset
        if index < 0:
            return offset + after
        edit = self.edits[index]
        if offset < edit.end:
            return edit.original_end if after else edit.original_start
        return edit.original_end + (offset - edit.end) + after


def without_spaces(text: str, apostrophes: Sequence[int]) -> PlainText:
    """A text without the spaces after some apostrophes of elided words, in order: `d' Alger` is read as `d'Alger`."""
    edits = tuple(Edit(at - dropped, at - dropped + 1, at, at + 2) for dropped, at in enumerate(apostrophes))
    firsts = [0, *(at + 2 for at in apostrophes)]
    pieces = [text[first:at] for first, at in zip(firsts, [*apostrophes, len(text)], strict=True)]
    return PlainText("'".join(pieces), edits)


def licence(text: PlainText, start: int, end: int) -> str:
    """The mention that licensed a name, with its place in the original text."""
    first, last = text.original(start, end)
    return f"{text.plain[start:end]} ({first}:{last})"
