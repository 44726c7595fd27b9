r"""Inline markup, for examples and tests: `[Marie Curie](PER) est née à [Varsovie](LOC).`

Strict and reversible: in running text `\`, `[` and `]` are escaped with a backslash; marks do not nest.
`parse(render(d))` returns the text and the spans of any document whose entities do not overlap.
"""

from __future__ import annotations

import re

from ruletag.model import Document, Entity

_MARK = re.compile(r"\\(.)|\[((?:\\.|[^\[\]\\])+)\]\(([^()\s]+)\)|([\[\]\\])|([^\[\]\\]+)", re.DOTALL)
_LABEL = re.compile(r"[^()\s]+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPECIAL = re.compile(r"[\[\]\\]")


class InvalidMark(ValueError):
    """A character that begins no mark and is not escaped, at a position from 0; the message names its column."""

    def __init__(self, position: int, character: str) -> None:
        self.position = position
        self.reason = f"{character!r} does not begin a mark; write [surface](LABEL) or \\{character}"
        super().__init__(f"column {position + 1}: {self.reason}")


def parse(marked: str) -> Document:
    """The document that `marked` stands for. Raises InvalidMark at the first invalid mark."""
    pieces: list[str] = []
    entities: list[Entity] = []
    length = 0
    for mark in _MARK.finditer(marked):
        escaped, surface, label, stray, plain = mark.groups()
        if stray:
            raise InvalidMark(mark.start(), stray)
        piece = escaped or plain or _ESCAPED.sub(r"\1", surface)
        if label:
            entities.append(Entity(length, length + len(piece), label, piece))
        pieces.append(piece)
        length += len(piece)
    return Document("".join(pieces), tuple(entities), annotated=True)


def render(document: Document) -> str:
    """The document in markup. Raises ValueError if two entities overlap or a label contains a space or parenthesis."""
    pieces: list[str] = []
    cursor = 0
    for entity in document.entities:
        if entity.start < cursor:
            raise ValueError(f"markup cannot hold overlapping entities ({entity.text!r} at {entity.start})")
        if not _LABEL.fullmatch(entity.label):
            raise ValueError(f"markup cannot hold the label {entity.label!r}")
        pieces.append(_escape(document.text[cursor : entity.start]))
        pieces.append(f"[{_escape(entity.text)}]({entity.label})")
        cursor = entity.end
    pieces.append(_escape(document.text[cursor:]))
    return "".join(pieces)


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)
