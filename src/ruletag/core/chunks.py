"""Fold a text chunk by chunk: only chunks in which folding changes more than characters are folded in Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ruletag.fold import fold
from ruletag.plaintext import Edit, PlainText

_SIZE = 1 << 13  # minimum code points of a chunk
_CUT = re.compile("(?<=[A-Za-z])[ \n](?=[A-Za-z])")
_LONGEST_TAG = 512  # no tag that `ruletag.fold` recognises is longer


def fold_in_chunks(
    text: str, folding: Callable[[str], tuple[PlainText, bytes] | None], size: int = _SIZE
) -> tuple[PlainText, bytes]:
    """Fold a text like `ruletag.fold.fold`; returns the plain text and its cased view.

    `folding` folds a chunk, or returns None to leave it to `ruletag.fold`. Chunks have at least `size` code points.
    """
    plains: list[str] = []
    views: list[bytes] = []
    edits: list[Edit] = []
    length = first = 0  # the length of the plain text so far, and where the chunk begins in the original
    for end in _cuts(text, size):
        chunk = text[first:end]
        plain, cased = folding(chunk) or _folded(chunk)
        for edit in plain.edits:
            original_start, original_end = first + edit.original_start, first + edit.original_end
            edits.append(Edit(length + edit.start, length + edit.end, original_start, original_end))
        plains.append(plain.plain)
        views.append(cased)
        length += len(plain.plain)
        first = end
    return PlainText("".join(plains), tuple(edits)), b"".join(views)


def _folded(chunk: str) -> tuple[PlainText, bytes]:
    folded = fold(chunk)
    return folded, folded.cased


def _cuts(text: str, size: int) -> Iterator[int]:
    """The offsets where chunks end: after a single space or line end between two plain letters, and not inside a tag.

    Nothing that folding treats as a unit extends across such an offset.
    """
    offset = size
    while match := _CUT.search(text, offset):
        offset = match.end()
        tag_start = text.rfind("<", max(0, offset - _LONGEST_TAG), offset)
        if tag_start < 0 or text.find(">", tag_start, offset) >= 0:
            yield offset
            offset += size
    yield len(text)
