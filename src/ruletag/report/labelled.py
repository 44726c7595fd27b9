"""A document in pieces, each with the labels of the names over it, for display in colours. Offsets: code points."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from ruletag.model import Document, Entity


class Labelled(NamedTuple):
    """A stretch of text.

    `label` is that of the innermost name over it, empty if there is none. `title` describes all names over it, from the
    outermost. `opening` names begin here, and those of the labels `closing` end, the innermost first.
    """

    text: str
    label: str = ""
    title: str = ""
    opening: int = 0
    closing: tuple[str, ...] = ()


def labelled(document: Document) -> Iterator[Labelled]:
    """The pieces of a text, cut at the borders of its names; together they are the text."""
    text, coming = document.text, list(reversed(document.entities))
    borders = {0, len(text), *(each.start for each in coming), *(each.end for each in coming)}
    over: list[Entity] = []
    for start, end in pairwise(sorted(borders)):
        over = [each for each in over if each.end > start]
        before = len(over)
        while coming and coming[-1].start == start:
            over.append(coming.pop())
        if not over:
            yield Labelled(text[start:end])
            continue
        closing = tuple(each.label for each in reversed(over) if each.end == end)
        title = "\n".join(map(_said, over))
        yield Labelled(text[start:end], over[-1].label, title, len(over) - before, closing)


def _said(entity: Entity) -> str:
    return entity.label if entity.source.kind == "gold" else f"{entity.label} {entity.source}"
