"""Results on stdout, everything else on stderr, and the exit codes.

What goes to a terminal has its control characters shown as escapes, since texts, entries and names of files may hold
any; what goes elsewhere is byte for byte what it is.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO

import click

from ruletag.errors import Fault, format_fault
from ruletag.escapes import escape_controls, escape_halves

if TYPE_CHECKING:
    from ruletag.formats import Format

GOOD, FOUND, WRONG, INTERRUPTED = 0, 1, 2, 130


class OutputLost(Exception):
    """Nothing more can be written on stdout. No OSError, of which click would make an exit of its own."""

    def __init__(self, reason: str | None, *, by_the_reader: bool = False) -> None:
        super().__init__(reason)
        self.by_the_reader = by_the_reader


class _Closed(io.TextIOBase):
    """Standard output where there is none: whoever has a result to write is told."""

    def write(self, _: str, /) -> int:
        raise OutputLost("standard output is closed")


def open_streams() -> None:
    """Make the three streams usable, also where the caller has closed some of them."""
    for descriptor in range(3):  # or the first file that is opened would take the place of a stream
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    if sys.stdout is None:
        sys.stdout = _Closed()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")


def printable(text: str, stream: TextIO) -> str:
    """A text as it may go to a stream: on a terminal no control character takes effect."""
    return escape_controls(text) if stream.isatty() else escape_halves(text)


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputLost(error.strerror, by_the_reader=isinstance(error, BrokenPipeError)) from None


def put(result: str) -> None:
    """Print a result to the letter (click.echo takes escape sequences out of it), with a line end behind it."""
    with _writing():
        sys.stdout.write(printable(result if not result or result.endswith("\n") else result + "\n", sys.stdout))
        sys.stdout.flush()


def put_bytes(data: bytes, *, harmless: bool = False) -> None:
    """Print bytes as they are, at once; on a terminal as `printable` text, unless they are known to be `harmless`."""
    if sys.stdout.isatty() or isinstance(sys.stdout, _Closed):
        text = data.decode("utf-8", "surrogateescape")
        with _writing():
            sys.stdout.write(text if harmless else printable(text, sys.stdout))
            sys.stdout.flush()
        return
    with _writing():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def standard_output(to: Format) -> Callable[[bytes], None]:
    """A function that prints the bytes of a format."""
    return partial(put_bytes, harmless=to.terminal)


def say(message: str) -> None:
    """Print a line on stderr. Nothing is lost where nobody reads it."""
    with suppress(OSError):
        sys.stderr.write(printable(message + "\n", sys.stderr))
        sys.stderr.flush()


def is_quiet() -> bool:
    """Whether the command was told to say nothing but what is wrong."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get("ruletag.quiet"))


def note(message: str) -> None:
    """Print a line on stderr, unless the command was told to be quiet: what was done, not what is wrong."""
    if not is_quiet():
        say(message)


def report_faults(faults: Sequence[Fault]) -> int:
    for fault in faults:
        say(format_fault(fault))
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
            from shutil import get_terminal_size

            from tqdm import tqdm

            # A terminal that does not say how wide it is gets a line of the usual width, never more than one.
            columns = get_terminal_size().columns
            self._bar = tqdm(total=size, unit="B", unit_scale=True, file=sys.stderr, delay=delay, ncols=columns)

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
