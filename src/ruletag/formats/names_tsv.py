"""A table of names like `names_csv`, with a tab between cells. Offsets: code points, half-open."""

from __future__ import annotations

from ruletag.formats.names_csv import FORMAT as CSV
from ruletag.formats.names_csv import writer

FORMAT = CSV._replace(
    name="names-tsv",
    help="a table of names, one per line, with a tab between cells",
    write=writer("\t"),
    suffixes=(".tsv",),
)
