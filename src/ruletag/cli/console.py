"""Results on stdout, everything else on stderr, and the exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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


def put_bytes(data: bytes) -> None:
    """Print bytes as they are, at once."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        raise OutputLost(error) from None


def report_faults(faults: Sequence[Fault]) -> int:
    for fault in faults:
        click.echo(format_fault(fault), err=True)
    return WRONG


class Progress:
    """Files, bytes and spans so far and the time that remains: a bar on a terminal's stderr, nothing elsewhere.

    `size` is the bytes of all files, None where it is not known; for the first `delay` seconds there is no bar. Use it
    as a context.
    """

    def __init__(self, files: int, size: int | None, *, shown: bool = True, delay: float = 0.5) -> None:
        self._files, self._done, self._spans = files, 0, 0
        self._bar: Any = None
        if shown and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=size, unit="B", unit_scale=True, file=sys.stderr, delay=delay)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def advance(self, size: int, spans: int, files: int) -> None:
        """So much more is done."""
        self._spans += spans
        self._done += files
        if self._bar is not None:
            self._bar.set_postfix_str(f"{self._done}/{self._files} files, {self._spans} spans", refresh=False)
            self._bar.update(size)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """While something else is written to stderr."""
        if self._bar is None:
            yield
        else:
            with self._bar.external_write_mode(file=sys.stderr):
                yield
