"""Tables: one text per row, in CSV or TSV with a header. Read-only (`names_csv` writes tables of names). Offsets: none.

`--column` gives the name or number of the text column. The column `id` is the id, all others become `meta`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

from ruletag.errors import Fault, RuletagError
from ruletag.formats.contract import Format, Options
from ruletag.formats.names_csv import COLUMNS as NAMES
from ruletag.formats.spans import Place
from ruletag.model import Document

_USUAL = ("text", "texte", "content", "contenu")
_DELIMITERS = ",;\t"
_LONGEST = 1 << 28  # code points of a cell; the default would reject long articles


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The documents of a table, one per row. Raises a RuletagError that names the line of the first faulty row."""
    csv.field_size_limit(_LONGEST)
    header = stream.readline()
    if not header.strip():
        raise RuletagError(Fault(path, "RT105", "contains no table", help="the first line names the columns"))
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.reader(_all_lines(header, stream), delimiter=delimiter, strict=True)
    line = 1
    try:
        names = next(reader)
        column = _column(names, path, options)
        line = reader.line_num + 1
        for row in reader:
            if row:
                yield _document(row, names, column, Place(path, line))
            line = reader.line_num + 1
    except csv.Error as error:
        message = f"this is not a table row: {error}"
        raise RuletagError(Fault(path, "RT105", message, line, help="put quotation marks around cells")) from None


def _all_lines(header: str, stream: TextIO) -> Iterator[str]:
    yield header
    yield from stream


def _document(row: list[str], names: list[str], column: int, place: Place) -> Document:
    if len(row) != len(names):
        message = f"has {len(row)} cells, the header {len(names)}"
        raise place.fault("RT105", message, "put quotation marks around cells that contain a separator or line break")
    cells = dict(zip(names, row, strict=True))
    id = cells.get("id")
    meta = {name: cell for name, cell in cells.items() if name not in (names[column], "id")}
    return Document(row[column], (), id, place.path, meta=meta, lines=(place.line,))


def _column(names: list[str], path: str, options: Options) -> int:
    """The number of the column that holds the text, from 0."""
    duplicates = sorted({name for name in names if names.count(name) > 1})
    if duplicates:
        message = f"two columns are called {duplicates[0]!r}"
        raise RuletagError(Fault(path, "RT105", message, 1, help="rename one of them"))
    if options.column is None and tuple(names) == NAMES:
        message = "is a table of names, which has no texts"
        raise RuletagError(Fault(path, "RT105", message, 1, help="convert what it was made of, or use --column"))
    joined = ", ".join(names)
    if options.column is not None:
        if options.column in names:
            return names.index(options.column)
        if options.column.isdecimal() and 1 <= int(options.column) <= len(names):
            return int(options.column) - 1
        raise RuletagError(Fault(path, "RT105", f"has no column {options.column!r}", 1, help=f"columns are {joined}"))
    usual = [number for number, name in enumerate(names) if name.strip().lower() in _USUAL]
    if len(usual) == 1 or len(names) == 1:
        return usual[0] if usual else 0
    raise RuletagError(
        Fault(
            path, "RT105", "it is not clear which column holds the text", 1, help=f"use --column with one of {joined}"
        )
    )


FORMAT = Format(
    name="csv",
    help="a table with one text per row (CSV or TSV)",
    read=read,
    suffixes=(".csv", ".tsv"),
    carries=("id", "meta", "raw"),
    loses="has no annotations",
    many=True,
    options=("column",),
    instead="names-csv",
)
