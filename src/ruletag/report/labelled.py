"""A document in pieces, each with the labels of the names over it, to be shown in colours. Offsets: code points."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ruletag.model import Document
from ruletag.report.marked import cut


class Labelled(NamedTuple):
    """A stretch of text.

    `label` is that of the innermost name over it, empty where there is none. `title` says what is known of all names
    over it, from the outermost. `opening` names begin here, and those of the labels `closing` end, the innermost first.
    """

    text: str
    label: str = ""
    title: str = ""
    opening: int = 0
    closing: tuple[str, ...] = ()


def labelled(document: Document) -> Iterator[Labelled]:
    """The pieces of a text, cut at the borders of its names; together they are the text."""
    entities = document.entities
    at = 0
    for piece in cut(document.text, [{"gold": None, "predicted": each.span} for each in entities]):
        over = [entities[number] for number in piece.predicted]
        said = [each.label if each.source.kind == "gold" else f"{each.label} {each.source}" for each in over]
        closing = tuple(entities[number].label for number in reversed(piece.closing))
        opening = sum(each.start == at for each in over)
        yield Labelled(piece.text, over[-1].label if over else "", "\n".join(said), opening, closing)
        at += len(piece.text)
