"""Tags pieces of files in this process or in several, with the same output in the same order.

A process reads, tags and writes a whole piece, so only text goes in and only output comes out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, TypeVar

from ruletag.errors import Fault, RuletagError, failure
from ruletag.files import Input
from ruletag.formats import Format, Options
from ruletag.formats.records import without_origins
from ruletag.model import Document, renamed
from ruletag.outputs import encode
from ruletag.pieces import Piece
from ruletag.tagger import Settings, Tagger


class Note(NamedTuple):
    """A remark about a document that is not a fault: where, why, and the `what` that replaces `{}` in the reason."""

    where: str
    reason: str
    what: str = ""

    def __str__(self) -> str:
        return f"{self.where}: note: {self.reason.format(self.what)}"


class Target(NamedTuple):
    """The format of an output, and its options."""

    format: Format
    options: Options = Options()


class Failed(NamedTuple):
    """A document that could not be tagged or written: its id (None if it has none), and why."""

    id: Any
    faults: tuple[Fault, ...]


class Tagged(NamedTuple):
    """The result of a piece: its output, the size of its input, and everything to report about it.

    If lines of the output's format can be concatenated, `data` holds them; else `documents` are kept for a single
    `write`. `faults` are those of reading; the output comes before the first. `failed` are the documents that were
    read but left out; `written` is the number of the others. `end` is the number of the line after the piece, if it
    consists of lines. `last` is true for the last piece.
    """

    data: bytes
    size: int
    letters: int
    spans: int
    last: bool
    notes: tuple[Note, ...] = ()
    faults: tuple[Fault, ...] = ()
    failed: tuple[Failed, ...] = ()
    documents: tuple[Document, ...] = ()
    written: int = 0
    end: int = 0


Result = TypeVar("Result")
TagAll = Callable[[Iterable[Piece]], Iterator[Tagged]]


def tag_piece(tagger: Tagger, to: Target, piece: Piece) -> Tagged:
    """Read, tag and write one piece. Never raises: faults are part of the result."""
    data: list[bytes] = []
    documents: list[Document] = []
    notes: list[Note] = []
    failed: list[Failed] = []
    letters = spans = number = 0
    faults = piece.faults
    try:
        for document in _read(piece):
            letters += len(document.text)
            if piece.only_read:
                continue
            notes += notes_of(document, document.notes)
            try:
                tagged = _tag(tagger, to, document)
                written = write_alone(to, tagged)
            except RuletagError as error:
                failed.append(Failed(document.id, error.faults))
                continue
            number += 1
            if to.format.by_line:
                data.append(written)
            else:
                documents.append(tagged)
            notes += losses_of(tagged, to)
            spans += len(tagged.entities)
    except RuletagError as error:
        faults = error.faults
    except Exception as error:
        return lost(piece, error)
    return Tagged(
        b"".join(data),
        piece.size,
        letters,
        spans,
        piece.last,
        tuple(notes),
        faults,
        tuple(failed),
        tuple(documents),
        number,
        _end(piece),
    )


def _end(piece: Piece) -> int:
    return piece.line + piece.text.count("\n") if isinstance(piece.text, str) else 0


def lost(piece: Piece, error: Exception) -> Tagged:
    """The result of a piece that could not be processed: its only document has failed.

    If the piece has several documents, or they cannot be separated, the whole piece is a fault of its input.
    """
    try:
        documents = piece.documents or (tuple(_read(piece)) if piece.source.format.by_line else ())
    except RuletagError as read_error:
        return Tagged(b"", piece.size, 0, 0, piece.last, faults=read_error.faults, end=_end(piece))
    if len(documents) == 1:
        (document,) = documents
        failed = (Failed(document.id, (_failure(document, error),)),)
        return Tagged(b"", piece.size, len(document.text), 0, piece.last, failed=failed, end=_end(piece))
    fault = failure(piece.source.shown, error, piece.line if piece.source.format.by_line else 0)
    return Tagged(b"", piece.size, 0, 0, piece.last, faults=(fault,), end=_end(piece))


def _failure(document: Document, error: Exception) -> Fault:
    """Why a document cannot be tagged, with the document's name."""
    what = "the document" if document.id is None else f"the document {document.id!r}"
    return failure(document.path, error, document.lines[0] if len(document.lines) == 1 else 0, what)


def _tag(tagger: Tagger, to: Target, document: Document) -> Document:
    """A tagged document. Raises a RuletagError that names the document if it cannot be tagged."""
    with failing_by_name(document):
        tagged = _carry(document, tagger.tag(document.text))
    return tagged if "score" in to.format.carries else replace(tagged, alternatives=())


def write_alone(to: Target, document: Document) -> bytes:
    """A document written as the only one of a file; or nothing, if the format checks it without writing.

    Raises a RuletagError that names the document if it cannot be written.
    """
    with failing_by_name(document):
        if to.format.check:
            to.format.check(document, to.options)
            return b""
        written = to.format.dumps([document], to.options)
        return written if isinstance(written, bytes) else encode(written, document.path)


def losses_of(document: Document, to: Target) -> Iterator[Note]:
    """Notes on everything that the format drops or changes in a document."""
    if to.format.losses:
        for loss in to.format.losses(document, to.options):
            yield Note(f"{document.path}:{document.line(loss.offset)}", loss.reason, loss.what)


def notes_of(document: Document, reasons: Iterable[str]) -> Iterator[Note]:
    """The notes of a reader about a document."""
    line = f":{document.lines[0]}" if document.lines else ""
    return (Note(f"{document.path}{line}", "{}", reason) for reason in reasons)


@contextmanager
def failing_by_name(document: Document) -> Iterator[None]:
    """Turn any error inside into a RuletagError that names the document."""
    try:
        yield
    except RuletagError:
        raise
    except Exception as error:
        raise RuletagError(_failure(document, error)) from None


def for_each(documents: Iterable[Document], do: Callable[[Document], Result]) -> list[Result]:
    """Apply a function to each document. Raises a RuletagError that names every document for which it fails."""
    results: list[Result] = []
    faults: list[Fault] = []
    for document in documents:
        try:
            with failing_by_name(document):
                results.append(do(document))
        except RuletagError as error:
            faults += error.faults
    if faults:
        raise RuletagError(faults)
    return results


def _read(piece: Piece) -> Iterator[Document]:
    """The documents of a piece; line numbers in documents and faults are those of the whole file."""
    if piece.faults:
        return
    before = piece.line - 1
    try:
        source = piece.source
        is_read = source.format.many and not source.format.by_line  # by its reader, which knows where documents end
        documents = piece.documents if is_read else source.format.loads(piece.text, source.shown, source.options)
        for document in documents:
            lines = tuple(line + before for line in document.lines) if before else document.lines
            yield with_id(replace(document, lines=lines), source)
    except RuletagError as error:
        raise RuletagError(replace(fault, line=fault.line + before) for fault in error.faults) from None


def with_id(document: Document, source: Input) -> Document:
    """The document; if it has no id, it gets that of its file, and its line if a file holds many."""
    if document.id is not None or source.id is None:
        return document
    line = f":{document.lines[0]}" if source.format.many and document.lines else ""
    return renamed(document, source.id + line)


def _carry(document: Document, tagged: Document) -> Document:
    """The tagged document with the id, path, lines, metadata and carrier of the input."""
    attributes = {name: getattr(document, name) for name in ("id", "path", "lines", "carrier")}
    return replace(tagged, annotated=True, meta=without_origins(document.meta), **attributes)


@contextmanager
def tagging(settings: Settings, to: Target, jobs: int = 1, limit: float | None = None) -> Iterator[TagAll]:
    """A function that tags pieces in order, in this process or in `jobs` others (0: one per core).

    It reads no more pieces than are needed to keep the processes busy. In other processes a document may take `limit`
    seconds (0: no limit; None: `ruletag.workers.TIME_LIMIT`); one that takes longer or ends its process has failed. If
    a limit is given, even a single job is a separate process.
    """
    jobs = jobs or os.cpu_count() or 1
    if jobs == 1 and not limit:
        tagger = settings.load()
        yield lambda pieces: (tag_piece(tagger, to, piece) for piece in pieces)
    else:
        from ruletag.workers import TIME_LIMIT, Pool

        settings.load()  # for its faults, which a process could not report
        limit = TIME_LIMIT if limit is None else limit
        with Pool[Piece, Tagged](partial(_worker, settings, to), jobs, limit, Piece.parts, lost) as pool:
            yield pool.in_order


def _worker(settings: Settings, to: Target) -> Callable[[Piece], Tagged]:
    """The work of a process on each piece."""
    return partial(tag_piece, settings.load(), to)
