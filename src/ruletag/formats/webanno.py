"""WebAnno TSV 3, the export format of older WebAnno and INCEpTION projects; read-only. Offsets: UTF-16 units.

A sentence consists of its text, in `#Text=`, and a row for each token or part of one, with a column for each feature of
a layer. The file does not contain the text between sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, TextIO

from ruletag.errors import Fault, RuletagError
from ruletag.formats.contract import UTF16, Format, Options
from ruletag.formats.offsets import Utf16
from ruletag.formats.spans import Place, shown
from ruletag.formats.spans import entity as make_entity
from ruletag.model import Document, Entity

_FORMAT = re.compile(r"#FORMAT=WebAnno TSV 3(\.\d+)?")
_LAYER = re.compile(r"#T_(SP|RL|CH)=([^|]+)((?:\|[^|]*)*)")
_ROW = re.compile(r"(\d+-\d+(?:\.\d+)*)\t(\d+)-(\d+)\t([^\t]*)\t?(.*)", re.DOTALL)
_TEXT = "#Text="
_ESCAPED = re.compile(r"\\(->|.)", re.DOTALL)
_CONTROLS = {"t": "\t", "n": "\n", "f": "\f", "r": "\r", "b": "\b"}
_VALUE = re.compile(r"((?:\\.|[^\\|\[])*)(?:\[(\d+)\])?(?:\||$)", re.DOTALL)
_NONE, _EMPTY = "_", "*"
_LAST = re.compile(r"\w(?=\W*\Z)")  # the last letter or digit of a text


class _Layer(NamedTuple):
    """A layer: its kind (SP: span layer), its name, the names of its features, and the number of its first column."""

    kind: str
    name: str
    features: tuple[str, ...]
    column: int

    @property
    def width(self) -> int:
        return max(1, len(self.features))


class _Row(NamedTuple):
    """A token or a part of one, in UTF-16 units, with the cell of its labels."""

    line: int
    start: int
    end: int
    token: str
    cell: str


class _Sentence(NamedTuple):
    line: int
    text: str
    rows: list[_Row]


class _Span(NamedTuple):
    """A span in UTF-16 units, with its line and its label as the file writes it."""

    line: int
    start: int
    end: int
    label: str


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The one document of a file. Raises a RuletagError that names the faulty rows."""
    lines = enumerate((line.rstrip("\r\n") for line in stream), 1)
    sentences = _sentences(lines, path, options)
    text, line_numbers = _text(sentences, path)
    faults: list[Fault] = []
    offsets = Utf16(text)
    spans, unlabelled = _spans(sentences, text, offsets, path, faults)
    entities: list[Entity] = []
    for line, start, end, label in spans:
        try:
            entity = make_entity(text, (start, end, label), Place(path, line), options, offsets)
        except RuletagError as error:
            faults += error.faults
        else:
            entities += [entity] if entity else []
    if faults:
        raise RuletagError(faults)
    notes = (f"spans without a label are not read: {unlabelled}",) if unlabelled else ()
    yield Document(text, tuple(entities), path=path, annotated=True, lines=line_numbers, notes=notes)


def _sentences(lines: Iterator[tuple[int, str]], path: str, options: Options) -> list[_Sentence]:
    """The sentences of a file, after its head."""
    number, first = next(lines, (1, ""))
    if not _FORMAT.fullmatch(first):
        message = f"the first line must be '#FORMAT=WebAnno TSV 3.3' or of another version 3, not {shown(first)}"
        raise RuletagError(Fault(path, "RT105", message, number))
    layers: list[_Layer] = []
    sentences: list[_Sentence] = []
    faults: list[Fault] = []
    column: int | None = None
    for number, line in lines:
        if match := _LAYER.fullmatch(line):
            kind, name, features = match.groups()
            first_column = layers[-1].column + layers[-1].width if layers else 0
            layers.append(_Layer(kind, name, tuple(features.split("|")[1:]), first_column))
        elif line.startswith(_TEXT):
            text = _unescaped(line.removeprefix(_TEXT))
            if sentences and not sentences[-1].rows:  # older versions write a sentence in several lines
                sentences[-1] = sentences[-1]._replace(text=f"{sentences[-1].text}\n{text}")
            else:
                sentences.append(_Sentence(number, text, []))
        elif line and not line.startswith("#"):
            if column is None:
                if faults:
                    break
                column = _column(layers, path, options)
            try:
                row = _row(line, number, path, layers, column)
                if not sentences:
                    raise Place(path, number).fault("RT105", "a row before the first '#Text='")
            except RuletagError as error:
                faults += error.faults
            else:
                sentences[-1].rows.append(row)
        elif line and not line.startswith("#Sentence."):
            faults.append(Fault(path, "RT105", f"is not a line of WebAnno TSV: {shown(line)}", number))
    if faults:
        raise RuletagError(faults)
    return sentences


def _column(layers: list[_Layer], path: str, options: Options) -> int:
    """The number of the label column. Raises RuletagError if it is not clear which one that is."""
    span_layers = [layer for layer in layers if layer.kind == "SP"]
    for layer in span_layers:
        if options.column in layer.features:
            return layer.column + layer.features.index(str(options.column))
    layer_name = "NamedEntity" if options.column is None else options.column
    matching = [layer for layer in span_layers if layer_name in (layer.name, layer.name.rpartition(".")[2])]
    if not matching and options.column is None and len(span_layers) == 1:
        matching = span_layers
    if not matching:
        names = ", ".join(layer.name for layer in span_layers) or "none"
        raise RuletagError(
            Fault(
                path,
                "RT105",
                f"it is not clear which layer holds the names; there are {names}",
                help="use --column LAYER",
            )
        )
    layer = matching[0]
    return layer.column + (layer.features.index("value") if "value" in layer.features else 0)


def _row(line: str, number: int, path: str, layers: list[_Layer], column: int) -> _Row:
    place = Place(path, number)
    match = _ROW.fullmatch(line)
    if not match:
        raise place.fault("RT105", f"a row needs its number, its offsets, the token and columns, not {shown(line)}")
    _, start, end, token, rest = match.groups()
    cells = rest.split("\t") if rest else []
    width = sum(layer.width for layer in layers)
    if len(cells) not in (width, width + 1) or any(cells[width:]):
        raise place.fault("RT105", f"{width} columns are needed after the token, but there are {len(cells)}")
    if max(len(start), len(end)) > 9 or int(start) >= int(end):
        raise place.fault("RT105", f"the offsets {start[:12]}-{end[:12]} are not those of a token")
    return _Row(number, int(start), int(end), token, cells[column])


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: _CONTROLS.get(match[1], match[1]), text)


def _text(sentences: list[_Sentence], path: str) -> tuple[str, tuple[int, ...]]:
    """The text, with the gaps between sentences filled with line feeds, and the file line of each of its lines."""
    pieces: list[str] = []
    line_numbers: list[int] = [sentences[0].line] if sentences else []
    length = 0
    for line, text, rows in sentences:
        indent = len(text) - len(text.lstrip())
        gap = rows[0].start - indent - length if rows else 0
        if gap < 0:
            message = f"the sentence begins at {rows[0].start}, before the end of the previous one"
            raise RuletagError(Fault(path, "RT105", message, rows[0].line))
        if gap > len(text) + 100_000:
            message = f"the sentence begins {gap} units after the previous one"
            raise RuletagError(Fault(path, "RT105", message, rows[0].line))
        covered = max(row.end for row in rows) - rows[0].start + indent if rows else 0
        if (last := _LAST.search(text)) and Utf16(text[: last.end()]).length > covered:
            message = f"the sentence has no token for its last word: {shown(text.split()[-1])}"
            raise RuletagError(Fault(path, "RT105", message, line, help="is the file complete?"))
        pieces += ["\n" * gap, text]
        line_numbers += [line] * (gap + text.count("\n"))
        length += gap + Utf16(text).length
    return "".join(pieces), tuple(line_numbers)


def _spans(
    sentences: list[_Sentence], text: str, offsets: Utf16, path: str, faults: list[Fault]
) -> tuple[list[_Span], int]:
    """The spans with their labels unescaped, and how many spans have no label."""
    spans: list[_Span] = []
    numbered: dict[str, int] = {}  # indices of spans by their number in the file
    for row in (row for sentence in sentences for row in sentence.rows):
        try:
            _check_token(row, text, offsets, path)
            for label, number in _values(row, path):
                span = spans[numbered[number]] if number in numbered else None
                if span is None:
                    if number:
                        numbered[number] = len(spans)
                    spans.append(_Span(row.line, row.start, row.end, label))
                elif span.label != label:
                    message = f"the span [{number}] is {_unescaped(label)!r} here but {_unescaped(span.label)!r} before"
                    raise Place(path, row.line).fault("RT105", message)
                else:
                    spans[numbered[number]] = span._replace(end=max(span.end, row.end))
        except RuletagError as error:
            faults += error.faults
    labelled = [span._replace(label=_unescaped(span.label)) for span in spans if span.label not in (_EMPTY, "")]
    return labelled, len(spans) - len(labelled)


def _check_token(row: _Row, text: str, offsets: Utf16, path: str) -> None:
    try:
        surface = text[offsets.inner(row.start) : offsets.inner(row.end)]
    except ValueError as error:
        raise Place(path, row.line).fault("RT105", f"the token {row.start}-{row.end} {error}") from None
    if surface not in (row.token, _unescaped(row.token)):
        message = f"the token {shown(row.token)} is not at {row.start}-{row.end}; {shown(surface)} is"
        raise Place(path, row.line).fault("RT105", message, "offsets are UTF-16 units")


def _values(row: _Row, path: str) -> Iterator[tuple[str, str]]:
    """The values of a cell as written, each with the number of its span; empty if it has none."""
    if row.cell == _NONE:
        return
    position = 0
    while position < len(row.cell) or not position:
        match = _VALUE.match(row.cell, position)
        if not match or match.end() == position:
            raise Place(path, row.line).fault("RT105", f"the cell {shown(row.cell)} is not a list of values")
        yield match[1], match[2] or ""
        position = match.end()


FORMAT = Format(
    name="webanno",
    help="WebAnno TSV 3: exports of older projects",
    read=read,
    suffixes=(".tsv",),
    unit=UTF16,
    carries=("spans", "nested"),
    loses="text between sentences; all layers and features but one",
    options=("column",),
    recognises=lambda beginning: beginning.removeprefix(b"\xef\xbb\xbf").startswith(b"#FORMAT=WebAnno TSV 3"),
)
