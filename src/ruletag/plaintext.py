"""A text as the tagger reads it, and the offsets of the text as it came. Most texts are read as they come."""

from __future__ import annotations

from bisect import bisect_left
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
        index = bisect_left(self.edits, (offset + 1,)) - 1  # the last that starts at the offset or before it
        if index < 0:
            return offset + after
        edit = self.edits[index]
        if offset < edit.end:
            return edit.original_end if after else edit.original_start
        return edit.original_end + (offset - edit.end) + after


def licence(text: PlainText, start: int, end: int) -> str:
    """The mention that licensed a name, with its place in the text as it came."""
    first, last = text.original(start, end)
    return f"{text.plain[start:end]} ({first}:{last})"
