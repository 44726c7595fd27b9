"""A text folded chunk by chunk, so that only the chunks in which more than characters changes are folded in Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ruletag.fold import fold
from ruletag.plaintext import Edit, PlainText

_SIZE = 1 << 13  # code points of a chunk, at least
_CUT = re.compile("(?<=[A-Za-z])[ \n](?=[A-Za-z])")
_LONGEST_TAG = 512  # no tag that `ruletag.fold` recognises is longer


def fold_in_chunks(
    text: str, folding: Callable[[str], tuple[PlainText, bytes] | None], size: int = _SIZE
) -> tuple[PlainText, bytes]:
    """What `ruletag.fold.fold` makes of a text: the text as it is read, and its cased view.

    `folding` folds a chunk if it can. `size` is the least number of code points in a chunk.
    """
    plains: list[str] = []
    views: list[bytes] = []
    edits: list[Edit] = []
    length = first = 0  # of what was folded, and where the chunk begins in the text
    for end in _cuts(text, size):
        chunk = text[first:end]
        plain, cased = folding(chunk) or _folded(chunk)
        for edit in plain.edits:
            edits.append(Edit(length + edit[0], length + edit[1], first + edit[2], first + edit[3]))
        plains.append(plain.plain)
        views.append(cased)
        length += len(plain.plain)
        first = end
    return PlainText("".join(plains), tuple(edits)), b"".join(views)


def _folded(chunk: str) -> tuple[PlainText, bytes]:
    folded = fold(chunk)
    return folded, folded.cased


def _cuts(text: str, size: int) -> Iterator[int]:
    """Where chunks end: behind a single space or line end between two plain letters, and not inside a tag.

    Nothing that folding looks at as a whole extends across such a place.
    """
    at = size
    while found := _CUT.search(text, at):
        at = found.end()
        opened = text.rfind("<", max(0, at - _LONGEST_TAG), at)
        if opened < 0 or text.find(">", opened, at) >= 0:
            yield at
            at += size
    yield len(text)
