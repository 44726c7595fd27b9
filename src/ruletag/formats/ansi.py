"""Marked texts in colours for a terminal: names are underlined and followed by their labels. Offsets: none."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TextIO

from ruletag.escapes import escape_controls
from ruletag.formats.contract import Format, Options
from ruletag.formats.text import one_after_the_other
from ruletag.model import Document
from ruletag.report.labelled import Labelled, labelled

# Select Graphic Rendition (ECMA-48): blue, green, yellow (the nearest to orange) and magenta, as in marked.css.
COLOURS = {"PER": 34, "LOC": 32, "ORG": 33, "MISC": 35}
_PLAIN, _BOLD, _QUIET, _UNDERLINED = 0, 1, 2, 4


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """The texts, each starting on a new line. With `NO_COLOR` in the environment, names are in brackets.

    Control characters are shown as escapes, so that none takes effect.
    """
    colour = not os.environ.get("NO_COLOR")  # https://no-color.org: set, and not empty
    one_after_the_other((_shown(document, colour=colour) for document in documents), stream)


def _shown(document: Document, *, colour: bool) -> str:
    heading = escape_controls(document.id or "").replace("\n", "\\x0a")
    if heading:
        heading = (_coloured(heading, _BOLD) if colour else heading) + "\n"
    render = _coloured_piece if colour else _bracketed_piece
    return heading + "".join(render(piece) for piece in labelled(document))


def _bracketed_piece(piece: Labelled) -> str:
    return "[" * piece.opening + escape_controls(piece.text) + "".join(f" {label}]" for label in piece.closing)


def _coloured_piece(piece: Labelled) -> str:
    text = escape_controls(piece.text)
    if not piece.label:
        return text
    shown = "".join(_coloured(line, COLOURS[piece.label], _UNDERLINED) for line in text.splitlines(keepends=True))
    return shown + "".join(" " + _coloured(label, COLOURS[label], _QUIET) for label in piece.closing)


def _coloured(text: str, *codes: int) -> str:
    """A coloured line. The colours end before the line end, because pagers reset them there."""
    bare = text.rstrip("\r\n")
    return f"\x1b[{';'.join(map(str, codes))}m{bare}\x1b[{_PLAIN}m{text[len(bare) :]}" if bare else text


FORMAT = Format(
    name="ansi",
    help="marked texts in colours, for a terminal",
    write=write,
    carries=("spans", "nested", "id"),
    loses="control characters, which are shown as escapes; nothing is read back",
    many=True,
    terminal=True,
)
