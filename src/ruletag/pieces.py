"""Inputs in pieces that can be processed one by one, in any process: lines, documents, or a whole input."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ruletag.errors import Fault, RuletagError, failure
from ruletag.files import Input, blocks, decoded, open_input, with_companions
from ruletag.model import Document


class Piece(NamedTuple):
    """Part of an input: whole lines, documents, or all of it, as text or as bytes.

    `line` is the number of its first line and `size` the number of bytes read for it. `last` is true for the last piece
    of an input; `faults` say why an input could not be read to its end.
    """

    source: Input
    text: str | bytes = ""
    line: int = 1
    size: int = 0
    last: bool = False
    faults: tuple[Fault, ...] = ()
    only_read: bool = False  # look for faults, tag nothing
    documents: tuple[Document, ...] = ()

    @property
    def length(self) -> int:
        """The amount of work in the piece."""
        return len(self.text) + sum(len(document.text) for document in self.documents)

    def after(self, line: int) -> Piece:
        """The piece without everything before a line, if it consists of lines."""
        if not isinstance(self.text, str) or line <= self.line:
            return self
        start, number = 0, self.line
        while number < line and (end := self.text.find("\n", start)) >= 0:
            start, number = end + 1, number + 1
        return self._replace(text=self.text[start:] if number == line else "", line=number)

    def parts(self, number: int = 16) -> list[Piece]:
        """Up to `number` smaller pieces; none if the piece may be one document, or if only its reader can split it."""
        if not isinstance(self.text, str) or not self.source.format.by_line or self.faults:
            return []
        lines = re.findall(r"[^\n]*\n|[^\n]+", self.text)
        lines_each = -(-len(lines) // number)
        cuts = range(0, len(lines), lines_each) if len(lines) > 1 else ()
        pieces = []
        rest = self.size
        for start in cuts:
            text = "".join(lines[start : start + lines_each])
            last = start + lines_each >= len(lines)
            size = rest if last else min(rest, len(text.encode("utf-8", "surrogatepass")))
            rest -= size
            pieces.append(self._replace(text=text, line=self.line + start, size=size, last=self.last and last))
        return pieces


def read_pieces(source: Input, encoding: str = "utf-8") -> Iterator[Piece]:
    """The pieces of one input, each as soon as it is read; the last one is marked `last` and holds the faults."""
    try:
        source = with_companions(source, encoding)
    except RuletagError as error:
        yield Piece(source, last=True, faults=error.faults)
        return
    if source.format.many and not source.format.by_line:
        yield from _document_pieces(source, encoding)
    elif source.format.binary:
        yield from _whole_piece(source)
    else:
        yield from _line_pieces(source, encoding)


def _document_pieces(source: Input, encoding: str) -> Iterator[Piece]:
    """A piece for each document: only the reader knows where a document ends."""
    stream = open_input(source, encoding)
    faults: tuple[Fault, ...] = ()
    size = 0
    try:
        for document in source.format.documents(stream, source.shown, source.options):
            yield Piece(source, size=stream.size - size, documents=(document,))
            size = stream.size
    except RuletagError as error:
        faults = error.faults
    except Exception as error:
        faults = (failure(source.shown, error),)
    yield Piece(source, size=stream.size - size, last=True, faults=faults)


def _whole_piece(source: Input) -> Iterator[Piece]:
    try:
        data = b"".join(blocks(source))
    except RuletagError as error:
        yield Piece(source, last=True, faults=error.faults)
    else:
        yield Piece(source, data, size=len(data), last=True)


def _line_pieces(source: Input, encoding: str) -> Iterator[Piece]:
    """Pieces of the whole lines in each block, if the format has one document per line; else a single piece."""
    rest: list[str] = []
    line, size = 1, 0
    try:
        for text, byte_count in decoded(source, encoding):
            size += byte_count
            cut = text.rfind("\n") + 1 if source.format.by_line else 0
            if cut:
                piece = "".join([*rest, text[:cut]])
                yield Piece(source, piece, line, size)
                line += piece.count("\n")
                rest, size = [], 0
            rest.append(text[cut:])
        end = "".join(rest)
    except RuletagError as error:
        yield Piece(source, "", line, size, last=True, faults=error.faults)
    except MemoryError as error:
        yield Piece(source, "", line, size, last=True, faults=(failure(source.shown, error, line),))
    else:
        yield Piece(source, end, line, size, last=True)
