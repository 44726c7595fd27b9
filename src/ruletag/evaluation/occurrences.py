"""Where the surfaces that gold marks occur: with a mark, without one, or with a shorter mark inside.

Surfaces are compared folded and in lower case.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from ruletag.fold import fold, fold_key, lower_key
from ruletag.model import GOLD, Document, Entity, Entry
from ruletag.plain.lexicon import Lexicon


class Place(NamedTuple):
    """A location in the gold, with the surface there; the label is empty where the surface is not marked."""

    path: str
    line: int
    document: str | None
    text: str
    label: str


class Mark(NamedTuple):
    """A gold span with the document it is in."""

    document: Document
    entity: Entity

    @property
    def place(self) -> Place:
        return place_of(self.document, self.entity.start, self.entity.text, self.entity.label)


class Spot(NamedTuple):
    """An occurrence of a surface that is marked elsewhere; `core` is a mark inside it."""

    document: Document
    start: int
    end: int
    core: Entity | None = None

    @property
    def surface(self) -> str:
        return self.document.text[self.start : self.end]

    @property
    def place(self) -> Place:
        if self.core:
            return place_of(self.document, self.core.start, self.core.text, self.core.label)
        return place_of(self.document, self.start, self.surface, "")


@cache
def key_of(surface: str) -> bytes:
    """The lower folding of a surface, by which surfaces are compared."""
    return lower_key(fold_key(surface))


def place_of(document: Document, start: int, text: str, label: str) -> Place:
    """The place of a text that starts at an offset of a document."""
    return Place(document.path or "-", document.line(start), document.id, text, label)


def other_occurrences(
    documents: Sequence[Document], marked: dict[bytes, list[Mark]]
) -> tuple[dict[bytes, list[Spot]], dict[tuple[bytes, bytes], list[Spot]]]:
    """Occurrences of marked surfaces as words without that mark: unmarked, by surface; and cut, by surface and core.

    A cut one has a shorter mark at its start or end, its core.
    """
    surfaces = {mark.entity.text for marks in marked.values() for mark in marks}
    lexicon = Lexicon(Entry(surface, "MISC", GOLD) for surface in sorted(surfaces))
    unmarked: dict[bytes, list[Spot]] = defaultdict(list)
    cut: dict[tuple[bytes, bytes], list[Spot]] = defaultdict(list)
    for document in documents:
        unmarked_spots: list[Spot] = []
        for spot in _spots(document, lexicon):
            if spot.core:
                cut[key_of(spot.surface), key_of(spot.core.text)].append(spot)
            else:
                unmarked_spots.append(spot)
        for spot in _longest(unmarked_spots):
            unmarked[key_of(spot.surface)].append(spot)
    return unmarked, cut


def _spots(document: Document, lexicon: Lexicon) -> Iterator[Spot]:
    """The occurrences of surfaces that are not inside a mark, in reading order, each once."""
    entities = document.entities
    folded = fold(document.text)
    starts = [entity.start for entity in entities]
    reaches = list(accumulate((entity.end for entity in entities), max))
    for start, end in dict.fromkeys(folded.original(hit.start, hit.end) for hit in lexicon.hits(folded).all):
        first = bisect_right(reaches, start)
        near = entities[first : bisect_right(starts, end - 1)]
        near = tuple(entity for entity in near if entity.end > start)
        if not near:
            yield Spot(document, start, end)
        elif core := _core(near, start, end):
            yield Spot(document, start, end, core)


def _core(near: Sequence[Entity], start: int, end: int) -> Entity | None:
    """The longest mark inside a span that shares one border with it; None if a mark extends beyond the span."""
    if any(entity.start < start or entity.end > end or entity.end - entity.start == end - start for entity in near):
        return None
    cores = [entity for entity in near if entity.start == start or entity.end == end]
    return max(cores, key=lambda entity: (entity.end - entity.start, -entity.start), default=None)


def _longest(spots: Iterable[Spot]) -> list[Spot]:
    """The longest of overlapping spots of one text, in reading order."""
    ranked = sorted(spots, key=lambda spot: (spot.start - spot.end, spot.start))
    taken = bytearray(max((spot.end for spot in ranked), default=0))
    longest: list[Spot] = []
    for spot in ranked:
        if taken.find(1, spot.start, spot.end) < 0:
            taken[spot.start : spot.end] = b"\1" * (spot.end - spot.start)
            longest.append(spot)
    return sorted(longest, key=lambda spot: spot.start)
