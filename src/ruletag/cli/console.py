"""Results on stdout, everything else on stderr, and the exit codes.

On a terminal, control characters are shown as escapes, because texts, entries and file names may contain any; elsewhere
the output is unchanged, byte for byte.
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
from ruletag.escapes import escape_breaks, escape_controls, escape_halves

if TYPE_CHECKING:
    from ruletag.formats import Format

GOOD, FOUND, WRONG, INTERRUPTED = 0, 1, 2, 130


class OutputLost(Exception):
    """Nothing more can be written to stdout. Not an OSError, which click would turn into an exit of its own."""

    def __init__(self, reason: str | None, *, by_the_reader: bool = False) -> None:
        super().__init__(reason)
        self.by_the_reader = by_the_reader


class _Closed(io.TextIOBase):
    """Stands in for a missing standard output: an attempt to write a result is an error."""

    def write(self, _: str, /) -> int:
        raise OutputLost("standard output is closed")


def open_streams() -> None:
    """Make the three streams usable, even if the caller has closed some of them."""
    for descriptor in range(3):  # otherwise the first opened file would get the descriptor of a stream
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
    """A text that is safe to write to a stream: on a terminal, no control character takes effect."""
    return escape_controls(text) if stream.isatty() else escape_halves(text)


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputLost(error.strerror, by_the_reader=isinstance(error, BrokenPipeError)) from None


def put(result: str) -> None:
    """Print a result unchanged (click.echo removes escape sequences), followed by a line end."""
    with _writing():
        sys.stdout.write(printable(result if not result or result.endswith("\n") else result + "\n", sys.stdout))
        sys.stdout.flush()


def put_bytes(data: bytes, *, harmless: bool = False) -> None:
    """Print bytes unchanged, at once; on a terminal as `printable` text, unless they are known to be `harmless`."""
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
    """Print a line on stderr; errors in writing it are ignored."""
    with suppress(OSError):
        sys.stderr.write(printable(message + "\n", sys.stderr))
        sys.stderr.flush()


def is_quiet() -> bool:
    """Whether only errors should be printed."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get("ruletag.quiet"))


def note(message: str) -> None:
    """Print one line on stderr, unless only errors should be printed. It says what was done, not what is wrong; a line
    break in it is shown as an escape."""
    if not is_quiet():
        say(escape_breaks(message))


def report_faults(faults: Sequence[Fault], summary: str = "") -> int:
    """Print faults and then the summary, if there is one; return the exit code."""
    for fault in faults:
        say(format_fault(fault))
    if summary:
        say(summary)
    return WRONG


class Progress:
    """Files, bytes and spans so far and the remaining time: a bar on a terminal's stderr, nothing elsewhere.

    `size` is the bytes of all files, None if unknown; there is no bar for the first `delay` seconds. Use it as a
    context manager.
    """

    def __init__(self, files: int, size: int | None, *, shown: bool = True, delay: float = 0.5) -> None:
        self._files, self._done, self._spans = files, 0, 0
        self._bar: Any = None
        if shown and sys.stderr.isatty():
            from shutil import get_terminal_size

            from tqdm import tqdm

            # If the terminal does not report its width, assume the usual one, so that the bar stays on one line.
            columns = get_terminal_size().columns
            self._bar = tqdm(total=size, unit="B", unit_scale=True, file=sys.stderr, delay=delay, ncols=columns)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def advance(self, size: int, spans: int, files: int) -> None:
        """Count finished work."""
        self._spans += spans
        self._done += files
        if self._bar is not None:
            self._bar.set_postfix_str(f"{self._done}/{self._files} files, {self._spans} spans", refresh=False)
            self._bar.update(size)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let the block write something else to stderr."""
        if self._bar is None:
            yield
        else:
            with self._bar.external_write_mode(file=sys.stderr):
                yield
