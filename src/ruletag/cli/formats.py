"""`ruletag formats`: what can be read and written."""

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

    rows = [_row(found) for found in FORMATS.values()]
    if as_json:
        put(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        cells = [[" ".join(cell) if isinstance(cell := row[name], list) else cell for name in _COLUMNS] for row in rows]
        widths = [None, 10, None, None, 24, 48]
        put(tabulate(cells, _COLUMNS, tablefmt="simple", maxcolwidths=widths))
    return GOOD


def _row(found: Format) -> dict[str, Any]:
    """The row of a format in the table, with the additional fields for JSON."""
    return {
        "name": found.name,
        "help": found.help,
        "suffixes": list(found.suffixes),
        "offsets": found.unit,
        "does": " and ".join(["reads"] * bool(found.read) + ["writes"] * bool(found.write)),
        "carries": list(found.carries),
        "loses": found.loses,
        "documents": "many" if found.many else "one",
        "guideline": found.guideline,
        "extra": found.extra or None,
        "options": list(found.options),
    }
