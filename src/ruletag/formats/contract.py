"""The contract of a format: how to read and write it, and everything the program and its documentation say about it.

A module of `ruletag.formats`, or one that a package registers under the entry point group `ruletag.formats`, holds one
`FORMAT`. Nothing else in the program knows a format by its name.

`read(stream, path, options)` yields the documents before the first fault, then raises RuletagError with all faults.
`write(documents, stream, options)` is called once for all documents of an output, so it also writes headers, separators
and brackets. Offsets in documents are half-open code points; `offsets` converts. Streams are binary if `binary` is set.
A text stream is already decoded, keeps line ends unchanged, and its lines end only at line feeds.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TextIO

from ruletag.errors import Fault, RuletagError, lacking
from ruletag.formats.labels import Labels
from ruletag.model import Document

CODE_POINTS, UTF16, GRAPHEMES, NO_OFFSETS = "code points", "UTF-16 units", "graphemes", "none"

# Features of a document that a format may be unable to hold.
FEATURES = {
    "spans": "spans",
    "nested": "nested and overlapping spans",
    "id": "ids of documents",
    "meta": "other data of documents",
    "source": "rules and entries behind spans",
    "via": "mentions that licensed spans",
    "entity id": "ids of entities",
    "raw": "the difference between a raw text and one without names",
    "score": "scores of spans",
}


class Options(NamedTuple):
    """Settings for a format. Each format uses the ones it lists, and `labels` whenever it reads."""

    labels: Labels = Labels()
    column: str | None = None  # the column of a table, by name or number from 1
    grapheme: bool = False  # offsets are graphemes
    scheme: str | None = None  # the tag scheme: iob1, iob2 or bioes
    strict: bool = False  # refuse anything that could only be written with a change
    offsets: str | None = None  # reading: how offsets were counted, if not in the unit of the format
    beside: Mapping[str, str] = {}  # reading: the texts of companions, by suffix
    spans_only: bool = False  # writing: ids and spans, without the texts
    every: bool = False  # reading: a document for each annotation of a text, not only for the first

    def given(self) -> list[str]:
        """The names of the OPTIONS that differ from their default."""
        return [name for name in OPTIONS if getattr(self, name) not in (None, False)]


OPTIONS = ("column", "grapheme", "offsets", "scheme", "spans_only", "strict")


class Loss(NamedTuple):
    """A span or something else that a format drops or changes, at an offset of the text.

    Losses with the same `reason` are counted together; `{}` in it stands for `what`.
    """

    reason: str
    what: str
    offset: int = 0


class Companion(NamedTuple):
    """A file that belongs to the main file of a format: `.txt` beside `.ann`. Without a dot, `suffix` is the name of a
    file that serves a whole folder.

    `write` gets the documents if the format holds one per file, else none. With `needed`, the format is incomplete
    without it and cannot go to standard output. With `read`, it is read too.
    """

    suffix: str
    write: Callable[[Sequence[Document], TextIO, Options], None]
    needed: bool = False
    read: bool = False


Read = Callable[[Any, str, Options], Iterator[Document]]
Write = Callable[[Iterable[Document], Any, Options], None]


class Format(NamedTuple):
    """A format.

    name        Its name for `--from` and `--to`; also that of its module.
    help        One line.
    read, write None if it is write-only or read-only.
    suffixes    Suffixes of its files; the first is used for writing. Formats may share one if `recognises` decides.
    unit        Unit of the offsets in its files.
    carries     Keys of FEATURES; missing ones are counted when documents are converted.
    loses       Anything else that it cannot express, in words.
    guideline   The guideline that its annotations follow.
    many        A file holds any number of documents.
    by_line     Any run of whole lines of a file is itself a file, and so are two files concatenated.
    binary      Its streams are binary.
    any_bytes   Read regardless of content: no signature of another format is refused.
    terminal    Made for a terminal: it escapes everything in a text that would take effect there.
    extra       The extra of ruletag that it needs.
    options     Names of the OPTIONS that it uses.
    recognises  Whether a file that begins with these bytes is in this format. Among formats that share a suffix, one
                without `recognises` comes last, and is used if no other recognises the file.
    check       Raises RuletagError for a document that cannot be written. Without it, the document is written on trial.
    losses      Returns everything that the format drops or changes in a document, beyond whole features.
    companions  Files beside each main file that is written.
    instead     For a read-only format, the name of the format to write instead.
    """

    name: str
    help: str
    read: Read | None = None
    write: Write | None = None
    suffixes: tuple[str, ...] = ()
    unit: str = NO_OFFSETS
    carries: tuple[str, ...] = ()
    loses: str = ""
    guideline: str = "canonical"
    many: bool = False
    by_line: bool = False
    binary: bool = False
    any_bytes: bool = False
    terminal: bool = False
    extra: str = ""
    options: tuple[str, ...] = ()
    recognises: Callable[[bytes], bool] | None = None
    check: Callable[[Document, Options], None] | None = None
    losses: Callable[[Document, Options], Iterable[Loss]] | None = None
    companions: tuple[Companion, ...] = ()
    instead: str = ""

    def documents(self, stream: Any, path: str, options: Options = Options()) -> Iterator[Document]:
        """The documents of a stream. Raises RuletagError if the format is write-only or its extra is missing."""
        if self.read is None:
            raise RuletagError(Fault(path, "RT112", f"the format {self.name} is write-only", help="name another"))
        with _Extra(self):
            yield from self.read(stream, path, options)

    def put(self, documents: Iterable[Document], stream: Any, options: Options = Options()) -> None:
        """Write all documents to a stream. Raises RuletagError if they cannot be written."""
        if self.write is None:
            help = f"use --to {self.instead}" if self.instead else "name another"
            raise RuletagError(Fault("--to", "RT110", f"the format {self.name} is read-only", help=help))
        with _Extra(self):
            self.write(documents, stream, options)

    def loads(self, text: str | bytes, path: str = "-", options: Options = Options()) -> Iterator[Document]:
        """The documents of a text, or of bytes if the format is binary."""
        return self.documents(io.BytesIO(text) if isinstance(text, bytes) else text_stream(text), path, options)

    def dumps(self, documents: Iterable[Document], options: Options = Options()) -> Any:
        """The documents as a text, or as bytes if the format is binary."""
        stream: Any = io.BytesIO() if self.binary else text_stream()
        self.put(documents, stream, options)
        return stream.getvalue()


class _Extra:
    """A context that turns a missing package into a fault naming the extra to install."""

    def __init__(self, format: Format) -> None:
        self._format = format

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, ModuleNotFoundError) and self._format.extra:
            needs = f"the format {self._format.name} needs"
            raise RuletagError(lacking("--from/--to", needs, error.name, self._format.extra)) from None


def text_stream(text: str = "") -> io.StringIO:
    """A text stream as formats expect it: nothing is translated, and lines end only at line feeds."""
    return io.StringIO(text, newline="\n")
