"""A text as the tagger reads it, and the offsets of the text as it came. Most texts are read as they come."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple


class Edit(NamedTuple):
    """`plain[start:end]` stands for `[original_start:original_end]` of the text as it came."""

    start: int
    end: int
    original_start: int
    original_end: int


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text as the tagger reads it, and the way back to the text as it came.

    `plain` is the very text that came, but where lengths had to change, which `edits` tell.
    """

    plain: str
    edits: tuple[Edit, ...] = ()

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span in the text as it came, for a span of `plain` that is not empty."""
        if not self.edits:
            return start, end
        return self._original_start(start), self._original_start(end - 1, after=True)

    def _original_start(self, offset: int, *, after: bool = False) -> int:
        index = bisect_right(self.edits, offset, key=lambda edit: edit.start) - 1
        if index < 0:
            return offset + after
        edit = self.edits[index]
        if offset < edit.end:
            return edit.original_end if after else edit.original_start
        return edit.original_end + (offset - edit.end) + after
