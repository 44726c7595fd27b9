"""A document in pieces, each with the labels of the names that cover it, for display in colours."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from ruletag.model import Document, Entity


class Labelled(NamedTuple):
    """A piece of text that the same names cover.

    `label` is that of the innermost name, empty if there is none. `title` describes all names, the outermost first.
    `opening` is the number of names that begin here; `closing` has the labels of those that end, the innermost first.
    """

    text: str
    label: str = ""
    title: str = ""
    opening: int = 0
    closing: tuple[str, ...] = ()


def labelled(document: Document) -> Iterator[Labelled]:
    """The pieces of a text, cut at the borders of its names; together they are the text."""
    text, remaining = document.text, list(reversed(document.entities))
    borders = {0, len(text), *(entity.start for entity in remaining), *(entity.end for entity in remaining)}
    covering: list[Entity] = []
    for start, end in pairwise(sorted(borders)):
        covering = [entity for entity in covering if entity.end > start]
        continued = len(covering)
        while remaining and remaining[-1].start == start:
            covering.append(remaining.pop())
        if not covering:
            yield Labelled(text[start:end])
            continue
        closing = tuple(entity.label for entity in reversed(covering) if entity.end == end)
        title = "\n".join(map(_description, covering))
        yield Labelled(text[start:end], covering[-1].label, title, len(covering) - continued, closing)


def _description(entity: Entity) -> str:
    return entity.label if entity.source.kind == "gold" else f"{entity.label} {entity.source}"
