"""Results on stdout, everything else on stderr, and the exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from ruletag.errors import Fault, format_fault

GOOD, FOUND, WRONG, INTERRUPTED = 0, 1, 2, 130


class OutputLost(Exception):
    """Nothing more can be written on stdout. No OSError, of which click would make an exit of its own."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror)
        self.by_the_reader = isinstance(error, BrokenPipeError)


def put(result: str) -> None:
    """Print a result to the letter (click.echo takes escape sequences out of it), with a line end behind it."""
    try:
        sys.stdout.write(result if not result or result.endswith("\n") else result + "\n")
        sys.stdout.flush()
    except OSError as error:
        raise OutputLost(error) from None


def report_faults(faults: Sequence[Fault]) -> int:
    for fault in faults:
        click.echo(format_fault(fault), err=True)
    return WRONG


def progress(work: Sequence[Any]) -> Iterable[Any]:
    """A progress bar on a terminal's stderr, where there is more than one thing to do."""
    if len(work) < 2 or not sys.stderr.isatty():
        return work
    from tqdm import tqdm

    return tqdm(work, unit="step", file=sys.stderr)
