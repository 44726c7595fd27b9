"""Pieces of files through one tagger or several processes: always in the order of the input, with the same bytes.

A process reads, tags and writes a whole piece, so that only text goes in and only what is to be written comes out.
"""

from __future__ import annotations

import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ruletag.errors import Fault, RuletagError
from ruletag.files import Piece, encode
from ruletag.formats import Format
from ruletag.formats.brace import displaced
from ruletag.formats.text import one_after_the_other
from ruletag.model import Document
from ruletag.tagger import DEFAULT_GUIDELINE, Tagger

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

_BATCH = 1 << 16  # code points that a process is given at a time, in one piece or in many
_LONGEST = 256  # pieces that it is given at a time


@dataclass(frozen=True, slots=True)
class Settings:
    """What `Tagger.load` needs, in a form that another process can be given."""

    rules: tuple[str, ...] | None = None
    gazetteers: tuple[str, ...] | None = None
    guideline: str = DEFAULT_GUIDELINE
    lists: tuple[tuple[str, str | Path], ...] = ()
    engine: str = "ahocorasick"
    memory: bool = True

    def load(self) -> Tagger:
        """A tagger of these settings. RuletagError carries every fault of the knowledge."""
        tagger = Tagger.load(**asdict(self))
        gc.freeze()  # it stays to the end: collections need not look at it
        gc.enable()
        return tagger


class Tagged(NamedTuple):
    """What came of a piece: the bytes to write, the size of what went in, and all there is to say about it.

    `data` holds the documents before the first fault. `faults` are those of reading; `refused` is why a document that
    was read cannot be written. `last` is that of the piece.
    """

    data: bytes
    size: int
    letters: int
    spans: int
    last: bool
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    refused: tuple[Fault, ...] = ()


TagAll = Callable[[Iterable[Piece]], Iterator[Tagged]]


def tag_piece(tagger: Tagger, to: Format, piece: Piece) -> Tagged:
    """Read, tag and write one piece. Nothing is raised: faults are part of the result."""
    written: list[str] = []
    notes: list[str] = []
    letters = spans = 0
    faults = piece.faults
    refused: tuple[Fault, ...] = ()
    try:
        for document in _read(piece):
            letters += len(document.text)
            if piece.only_read or refused:
                continue
            try:
                tagged = _carry(document, tagger.tag(document.text))
                text = to.write([tagged])
                encode(text, piece.source.shown)
            except RuletagError as error:
                refused = error.faults
            else:
                written.append(text)
                notes += _notes(tagged, piece.source.shown, to)
                spans += len(tagged.entities)
    except RuletagError as error:
        faults = error.faults
    data = one_after_the_other(written).encode()
    return Tagged(data, piece.size, letters, spans, piece.last, tuple(notes), faults, refused)


def _read(piece: Piece) -> Iterator[Document]:
    """The documents of a piece, with the lines that they and their faults have in the whole file."""
    if piece.faults:
        return
    before = piece.line - 1
    try:
        for document in piece.source.format.read(piece.text, piece.source.shown):
            yield replace(document, lines=tuple(line + before for line in document.lines)) if before else document
    except RuletagError as error:
        raise RuletagError(replace(fault, line=fault.line + before) for fault in error.faults) from None


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
        settings.load()  # for its faults, which a process could not report
        with _processes(settings, to, jobs) as pool:
            yield lambda pieces: _in_order(pool, pieces, 2 * jobs)


@contextmanager
def _processes(settings: Settings, to: Format, jobs: int) -> Iterator[Executor]:
    """Processes with the knowledge loaded; after an error they end at once, whatever they have begun."""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import active_children, get_context

    others = set(active_children())
    with ProcessPoolExecutor(jobs, get_context("spawn"), _start, (settings, to)) as pool:
        try:
            yield pool
        except BaseException as error:
            for process in set(active_children()) - others:
                process.terminate()
            if isinstance(error, BrokenProcessPool):
                message = "a process was ended from outside; the memory may not be enough"
                raise RuletagError(Fault("--jobs", "RT110", message, help="use fewer processes")) from None
            raise


def _in_order(pool: Executor, pieces: Iterable[Piece], ahead: int) -> Iterator[Tagged]:
    """What comes of all pieces, in their order; no more than `ahead` batches are on their way."""
    from concurrent.futures.process import BrokenProcessPool

    waiting: deque[Future[list[Tagged]]] = deque()
    for batch in _batches(pieces):
        try:
            waiting.append(pool.submit(_tag_batch, batch))
        except OSError as error:  # a pool that breaks closes its pipe while work is handed over
            raise BrokenProcessPool from error
        while waiting and (len(waiting) > ahead or waiting[0].done()):
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()


def _batches(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """The pieces in lists of about the same length of text, so that neither short nor long ones leave a core idle."""
    batch: list[Piece] = []
    length = 0
    for piece in pieces:
        batch.append(piece)
        length += len(piece.text)
        if length >= _BATCH or len(batch) == _LONGEST:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


_worker: list[tuple[Tagger, Format]] = []


def _start(settings: Settings, to: Format) -> None:
    """Load the knowledge once in a worker; an interrupt is the parent's affair."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker.append((settings.load(), to))


def _tag_batch(pieces: list[Piece]) -> list[Tagged]:
    tagger, to = _worker[0]
    return [tag_piece(tagger, to, piece) for piece in pieces]
