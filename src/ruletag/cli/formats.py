"""`ruletag formats`: the formats that can be read and written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli.console import GOOD, put
from ruletag.cli.options import Command

if TYPE_CHECKING:
    from ruletag.formats import Format

_COLUMNS = ("name", "suffixes", "offsets", "does", "carries", "loses")


@click.command(cls=Command, epilog="Example: ruletag formats --json")
@click.option("--json", "as_json", is_flag=True, help="Print everything about each format as JSON.")
def formats(as_json: bool) -> int:
    """List the formats, and what each can carry.

    For each: its suffixes, how it counts offsets, and what it loses.
    """
    from tabulate import tabulate

    from ruletag.formats import FORMATS

    rows = [_row(file_format) for file_format in FORMATS.values()]
    if as_json:
        put(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        cells = [[" ".join(cell) if isinstance(cell := row[name], list) else cell for name in _COLUMNS] for row in rows]
        widths = [None, 10, None, None, 24, 48]
        put(tabulate(cells, _COLUMNS, tablefmt="simple", maxcolwidths=widths))
    return GOOD


def _row(file_format: Format) -> dict[str, Any]:
    """The row of a format in the table, with the additional fields for JSON."""
    return {
        "name": file_format.name,
        "help": file_format.help,
        "suffixes": list(file_format.suffixes),
        "offsets": file_format.unit,
        "does": " and ".join(["reads"] * bool(file_format.read) + ["writes"] * bool(file_format.write)),
        "carries": list(file_format.carries),
        "loses": file_format.loses,
        "documents": "many" if file_format.many else "one",
        "guideline": file_format.guideline,
        "extra": file_format.extra or None,
        "options": list(file_format.options),
    }
