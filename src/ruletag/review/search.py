"""Every place of a surface in the pile, as a whole word, with its context and the decisions there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ruletag.review.spans import Span

CONTEXT = 40  # code points on each side


class Hit(NamedTuple):
    """A surface at a place. `before` and `after` are its context; `span` is the live span that overlaps it, if any."""

    document: int
    start: int
    end: int
    before: str
    text: str
    after: str
    span: Span | None = None


def places(text: str, surface: str) -> Iterator[int]:
    """The offsets at which a surface occurs as a whole word."""
    start = text.find(surface) if surface else -1
    while start >= 0:
        end = start + len(surface)
        if not (_joined(text, start) or _joined(text, end)):
            yield start
        start = text.find(surface, start + 1)


def hits(document: int, text: str, surface: str, spans: Mapping[str, Span] | None) -> Iterator[Hit]:
    """The places of a surface in one document, given its spans."""
    live = sorted((span for span in (spans or {}).values() if span.is_live), key=lambda span: span.start)
    starts = [span.start for span in live]
    for start in places(text, surface):
        end = start + len(surface)
        before, after = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
        yield Hit(document, start, end, before, surface, after, _at(live, starts, start, end))


def matching(texts: Iterable[tuple[int, str, str]], query: str) -> Iterator[int]:
    """The numbers of the documents (given as number, name and text) that contain a query in name or text."""
    wanted = query.casefold()
    return (id for id, name, text in texts if wanted in name.casefold() or wanted in text.casefold())


def _at(live: list[Span], starts: list[int], start: int, end: int) -> Span | None:
    index = bisect_right(starts, start) - 1
    for span in live[max(index, 0) : index + 2]:
        if span.start < end and start < span.end:
            return span
    return None


def _joined(text: str, offset: int) -> bool:
    """Whether a word crosses an offset."""
    return 0 < offset < len(text) and text[offset - 1].isalnum() and text[offset].isalnum()
