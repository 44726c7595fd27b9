"""Pieces of files through one tagger or several processes: always in the order of the input, with the same bytes.

A process reads, tags and writes a whole piece, so that only text goes in and only what is to be written comes out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import NamedTuple, TypeVar

from ruletag.errors import Fault, RuletagError, failure
from ruletag.files import Input, Piece
from ruletag.formats import Format
from ruletag.formats.brace import displaced
from ruletag.formats.text import one_after_the_other
from ruletag.model import Document
from ruletag.outputs import encode
from ruletag.tagger import Settings, Tagger


class Tagged(NamedTuple):
    """What came of a piece: the bytes to write, the size of what went in, and all there is to say about it.

    `faults` are those of reading; `data` holds the documents before the first. `failed` names the documents that were
    read and could not be tagged or written: they are left out of `data`. `last` is that of the piece.
    """

    data: bytes
    size: int
    letters: int
    spans: int
    last: bool
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    failed: tuple[Fault, ...] = ()


Found = TypeVar("Found")
TagAll = Callable[[Iterable[Piece]], Iterator[Tagged]]


def tag_piece(tagger: Tagger, to: Format, piece: Piece) -> Tagged:
    """Read, tag and write one piece. Nothing is raised, whatever a document does: faults are part of the result."""
    written: list[str] = []
    notes: list[str] = []
    failed: list[Fault] = []
    letters = spans = 0
    faults = piece.faults
    try:
        for document in _read(piece):
            letters += len(document.text)
            if piece.only_read:
                continue
            try:
                tagged, text = _tag_and_write(tagger, to, document)
            except RuletagError as error:
                failed += error.faults
            else:
                written.append(text)
                notes += _notes(tagged, piece.source.shown, to)
                spans += len(tagged.entities)
        data = one_after_the_other(written).encode()
    except RuletagError as error:
        faults = error.faults
        data = one_after_the_other(written).encode()
    except Exception as error:
        return lost(piece, error)
    return Tagged(data, piece.size, letters, spans, piece.last, tuple(notes), faults, tuple(failed))


def lost(piece: Piece, error: Exception) -> Tagged:
    """What came of a piece of which not even the documents are known."""
    fault = failure(piece.source.shown, error, piece.line if piece.source.format.by_line else 0)
    return Tagged(b"", piece.size, 0, 0, piece.last, faults=(fault,))


def _tag_and_write(tagger: Tagger, to: Format, document: Document) -> tuple[Document, str]:
    """A tagged document and its text as it is written. RuletagError names it where that cannot be."""
    with failing_by_name(document):
        tagged = _carry(document, tagger.tag(document.text))
        text = to.write([tagged])
        encode(text, document.path)
    return tagged, text


@contextmanager
def failing_by_name(document: Document) -> Iterator[None]:
    """Whatever goes wrong inside is a RuletagError that names the document."""
    try:
        yield
    except RuletagError:
        raise
    except Exception as error:
        what = "the document" if document.id is None else f"the document {document.id!r}"
        line = document.lines[0] if len(document.lines) == 1 else 0
        raise RuletagError(failure(document.path, error, line, what)) from None


def for_each(documents: Iterable[Document], do: Callable[[Document], Found]) -> list[Found]:
    """What a function gives for each document. RuletagError names every document for which it fails."""
    found: list[Found] = []
    faults: list[Fault] = []
    for document in documents:
        try:
            with failing_by_name(document):
                found.append(do(document))
        except RuletagError as error:
            faults += error.faults
    if faults:
        raise RuletagError(faults)
    return found


def _read(piece: Piece) -> Iterator[Document]:
    """The documents of a piece, with the lines that they and their faults have in the whole file."""
    if piece.faults:
        return
    before = piece.line - 1
    try:
        for document in piece.source.format.read(piece.text, piece.source.shown):
            lines = tuple(line + before for line in document.lines) if before else document.lines
            id = _id(piece.source, lines) if document.id is None else document.id
            yield replace(document, lines=lines, id=id)
    except RuletagError as error:
        raise RuletagError(replace(fault, line=fault.line + before) for fault in error.faults) from None


def _id(source: Input, lines: tuple[int, ...]) -> str | None:
    """The id of a document without one of its own: that of its file, and its line where a file holds many."""
    return f"{source.id}:{lines[0]}" if source.id is not None and source.format.by_line and lines else source.id


def _carry(document: Document, found: Document) -> Document:
    """The tagged document with what the input said about it besides its text."""
    return replace(found, id=document.id, path=document.path, meta=document.meta, lines=document.lines)


def _notes(document: Document, shown: str, to: Format) -> Iterator[str]:
    if to.name == "brace":
        for entity in displaced(document):
            where = f"{shown}:{document.line(entity.start)}"
            yield f"{where}: note: braces cannot say which {entity.text!r} is meant, --to jsonl can"


@contextmanager
def tagging(settings: Settings, to: Format, jobs: int = 1) -> Iterator[TagAll]:
    """A function that tags pieces in order, in this process or in `jobs` others (0: one for each core).

    It takes no more pieces than are needed to keep the processes busy. RuletagError where one of them was ended.
    """
    jobs = jobs or os.cpu_count() or 1
    if jobs == 1:
        tagger = settings.load()
        yield lambda pieces: (tag_piece(tagger, to, piece) for piece in pieces)
    else:
        from ruletag.workers import in_order, processes

        settings.load()  # for its faults, which a process could not report
        with processes(partial(_worker, settings, to), jobs) as pool:
            yield lambda pieces: in_order(pool, pieces, 2 * jobs, lost)


def _worker(settings: Settings, to: Format) -> Callable[[Piece], Tagged]:
    """What a process does with each piece."""
    return partial(tag_piece, settings.load(), to)
