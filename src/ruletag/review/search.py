"""Find a surface in the pile: every place where it occurs as a whole word, with its context and the span there."""

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
        if not (_is_inside_word(text, start) or _is_inside_word(text, end)):
            yield start
        start = text.find(surface, start + 1)


def hits(document: int, text: str, surface: str, spans: Mapping[str, Span] | None) -> Iterator[Hit]:
    """The places of a surface in one document, each with the live one of `spans` that overlaps it."""
    live = sorted((span for span in (spans or {}).values() if span.is_live), key=lambda span: span.start)
    starts = [span.start for span in live]
    for start in places(text, surface):
        end = start + len(surface)
        before, after = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
        yield Hit(document, start, end, before, surface, after, _overlapping(live, starts, start, end))


def matching(texts: Iterable[tuple[int, str, str]], query: str) -> Iterator[int]:
    """The numbers of the documents that contain a query in name or text; `texts` are their numbers, names and texts."""
    needle = query.casefold()
    return (id for id, name, text in texts if needle in name.casefold() or needle in text.casefold())


def _overlapping(live: list[Span], starts: list[int], start: int, end: int) -> Span | None:
    index = bisect_right(starts, start) - 1
    for span in live[max(index, 0) : index + 2]:
        if span.start < end and start < span.end:
            return span
    return None


def _is_inside_word(text: str, offset: int) -> bool:
    """Whether an offset is between two letters or digits."""
    return 0 < offset < len(text) and text[offset - 1].isalnum() and text[offset].isalnum()
