"""A table of names as CSV, one name per line, for spreadsheets and data frames. Offsets: code points, half-open.

The columns are always the same, under a header: the document (its id, else its file), the offsets, label and text of
the name, and its source. Without the texts of documents, the table cannot be read back; `csv` refuses it, instead of
reading names as texts.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from typing import TextIO

from ruletag.formats.contract import CODE_POINTS, Format, Options
from ruletag.formats.records import sources_of
from ruletag.model import Document

COLUMNS = ("document", "start", "end", "label", "text", "source", "via", "id")


def writer(delimiter: str) -> Callable[[Iterable[Document], TextIO, Options], None]:
    """A function that writes the names of all documents with a delimiter between cells.

    Cells are quoted only where necessary, with quotation marks inside doubled; lines end with a line feed.
    """

    def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
        rows = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
        rows.writerow(COLUMNS)
        for document in documents:
            name = document.id if document.id is not None else document.path
            for entity, source in zip(document.entities, sources_of(document), strict=True):
                rows.writerow((name, *entity.span, entity.text, source, entity.via, entity.id or ""))

    return write


FORMAT = Format(
    name="names-csv",
    help="a table of names, one per line, with a comma between cells",
    write=writer(","),
    suffixes=(".csv",),
    unit=CODE_POINTS,
    carries=("spans", "nested", "id", "source", "via", "entity id"),
    loses="the texts, so nothing is read back; documents without names",
    many=True,
)
