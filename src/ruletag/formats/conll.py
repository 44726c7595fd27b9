"""CoNLL-2003: one token per line, its tag in the last column, a blank line between sentences. Offsets: none.

IOB1, IOB2, BIOES and BILOU are read, with tabs or spaces. A document begins at `-DOCSTART-`. CoNLL does not record the
original white space, so the text is the tokens with a space between them and a line break after each sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TextIO

from ruletag.errors import Fault, RuletagError, suggest
from ruletag.formats.bio import SCHEMES, Decoder, encode
from ruletag.formats.contract import Format, Loss, Options
from ruletag.formats.spans import Place, gold, nested, refuse_return
from ruletag.formats.words import TokenNumbers, Word, words
from ruletag.model import Document, Entity

START = "-DOCSTART-"


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The documents of a file. Raises RuletagError with the faults of all lines.

    Repairs of tags are in the notes of the last document, because only the whole file shows its scheme.
    """
    _refuse_scheme(options)
    reader = _Reader(path, options)
    pending: Document | None = None
    for number, line in enumerate(stream, 1):
        document = reader.take(line.rstrip("\r\n"), number)
        if document and not reader.faults:
            if pending:
                yield pending
            pending = document
    last = reader.end()
    if reader.faults:
        if pending:
            yield pending
        raise RuletagError(reader.faults)
    if last and pending:
        yield pending
    last = last or pending
    if last:
        yield replace(last, notes=tuple(reader.decoder.notes(options.scheme)))


def _refuse_scheme(options: Options) -> None:
    if options.scheme is not None and options.scheme not in SCHEMES:
        message = f"unknown scheme {options.scheme!r}"
        raise RuletagError(Fault("--scheme", "RT110", message, help=suggest(options.scheme, SCHEMES)))


class _Reader:
    """Builds documents from lines."""

    def __init__(self, path: str, options: Options) -> None:
        self._path, self._options = path, options
        self._column = _column(options)
        self.decoder = Decoder()
        self.faults: list[Fault] = []
        self._begun = False
        self._width = 0  # columns of each line; a different number means that a token contains a separator
        self._clear(1)

    def _clear(self, line: int) -> None:
        self._pieces: list[str] = []
        self._lines: list[int] = [line]
        self._length = 0
        self._spans: list[tuple[int, int, str, int]] = []
        self._open: tuple[int, int, str, int] | None = None  # start, end, label, line of the entity that continues
        self._fresh = True  # no token of the sentence yet

    def take(self, line: str, number: int) -> Document | None:
        """Read a line. Return the document that ends before it, if one does."""
        if not line.strip():
            self._end_sentence()
            return None
        place = Place(self._path, number)
        try:
            refuse_return(line, place)
        except RuletagError as error:
            self.faults += error.faults
            return None
        columns = line.split("\t") if "\t" in line else [column for column in line.split(" ") if column]
        if columns[0] == START:
            document = self.end()
            self._clear(number)
            self._begun = True
            return document
        self._begun = True
        try:
            self._token(columns, place)
        except RuletagError as error:
            self.faults += error.faults
        return None

    def _token(self, columns: list[str], place: Place) -> None:
        if len(columns) < 2 or not columns[0]:
            raise place.fault(
                "RT105", "has no tag: a line needs a token and its tag", "are columns separated by tabs or spaces?"
            )
        if len(columns) != (self._width or len(columns)):
            message = f"has {len(columns)} columns, but the lines before it have {self._width}"
            raise place.fault("RT105", message, "are columns separated by tabs? a token cannot contain the separator")
        self._width = len(columns)
        if self._column is not None and self._column > len(columns):
            raise place.fault(
                "RT105", f"has {len(columns)} columns, but no column {self._column}", "use another --column"
            )
        tag = columns[-1 if self._column is None else self._column - 1].strip()
        begins, label = self.decoder.take(tag, place)
        token = columns[0]
        if self._fresh and self._pieces:
            self._add("\n")
            self._lines.append(place.line)
        elif self._pieces:
            self._add(" ")
        elif self._fresh:
            self._lines = [place.line]
        start = self._length
        self._add(token)
        self._fresh = False
        if begins or label is None:
            self._close()
        if label is not None:
            first = self._open[0] if self._open else start
            line = self._open[3] if self._open else place.line
            self._open = (first, self._length, label, line)

    def _add(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)

    def _close(self) -> None:
        if self._open:
            start, end, label, line = self._open
            self._open = None
            ours = self._options.labels.read(label, self._path, line)
            if ours:
                self._spans.append((start, end, ours, line))

    def _end_sentence(self) -> None:
        self.decoder.end_sentence()
        try:
            self._close()
        except RuletagError as error:
            self.faults += error.faults
        self._fresh = True

    def end(self) -> Document | None:
        """Return the document read so far; None if none was begun."""
        self._end_sentence()
        if not self._begun:
            return None
        text = "".join(self._pieces)
        self._begun = False
        entities = tuple(
            Entity(start, end, label, text[start:end], gold(Place(self._path, line)))
            for start, end, label, line in self._spans
        )
        return Document(text, entities, None, self._path, True, lines=tuple(self._lines))


def _column(options: Options) -> int | None:
    if options.column is None:
        return None
    if not options.column.isdecimal() or int(options.column) < 2:
        message = f"{options.column!r} is not a column of tags"
        raise RuletagError(Fault("--column", "RT110", message, help="give its number; the token is column 1"))
    return int(options.column)


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """Tokens and tags, two columns with a tab between them; IOB2 by default."""
    _refuse_scheme(options)
    for document in documents:
        stream.write(f"{START}\tO\n\n")
        tokens, names = _aligned(document)
        tags = encode(len(tokens), names, options.scheme or "iob2")
        inside = {number for first, last, _ in names for number in range(first + 1, last + 1)}
        lines, previous_end, text = [], 0, document.text
        for number, (start, end) in enumerate(tokens):
            if number and number not in inside and "\n" in text[previous_end:start]:
                lines.append("\n")
            lines.append(f"{text[start:end]}\t{tags[number]}\n")
            previous_end = end
        stream.write("".join(lines) + "\n" if tokens else "")


def _aligned(document: Document) -> tuple[Sequence[Word], list[tuple[int, int, str]]]:
    """The tokens, and the names (first token, last token, label): whole tokens that overlap no earlier name."""
    tokens = words(document.text)
    token_numbers = TokenNumbers(tokens)
    dropped = {entity.span for entity in nested(document)}
    names = []
    for entity in document.entities:
        numbers = token_numbers.of(entity)
        if numbers and entity.span not in dropped:
            names.append((*numbers, entity.label))
    return tokens, names


def losses(document: Document, options: Options = Options()) -> Iterator[Loss]:
    """Spans that overlap an earlier one or are not whole tokens."""
    token_numbers = TokenNumbers(words(document.text))
    dropped = {entity.span for entity in nested(document)}
    for entity in document.entities:
        if entity.span in dropped:
            yield Loss("a span that overlaps an earlier one is left out: {}", repr(entity.text), entity.start)
        elif token_numbers.of(entity) is None:
            yield Loss("a span that is not whole tokens is left out: {}", repr(entity.text), entity.start)


FORMAT = Format(
    name="conll",
    help="CoNLL-2003: tokens and tags (IOB1, IOB2, BIOES)",
    read=read,
    write=write,
    losses=losses,
    suffixes=(".conll", ".iob", ".bio", ".iob2"),
    carries=("spans",),
    loses="white space between tokens; spans that are not whole tokens, or that overlap",
    many=True,
    options=("column", "scheme"),
)
