"""`ruletag tag`: texts in, pre-annotations out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from ruletag.cli.console import GOOD, WRONG, Progress, put_bytes, report_faults, say
from ruletag.cli.options import (
    Command,
    configuration,
    encoding_of,
    encoding_option,
    files_read,
    say_guideline,
    settings_of,
    tagger_options,
    verbose_option,
)
from ruletag.errors import Fault, RuletagError

if TYPE_CHECKING:
    from ruletag.batch import TagAll, Tagged
    from ruletag.files import Input, Piece
    from ruletag.formats import Format


@click.command(cls=Command, epilog="Example: ruletag tag article.txt --to jsonl -o article.jsonl")
@click.argument("paths", nargs=-1, metavar="[FILE|DIR|-]...")
@click.option("-f", "--from", "from_format", metavar="FORMAT", help="Format of the input (default: by suffix).")
@click.option("-t", "--to", "--format", "to_format", metavar="FORMAT", help="brace (default), jsonl, markup or text.")
@click.option("-o", "--output", metavar="PATH", help="Write to a file, or to files below a folder.")
@click.option("--force", is_flag=True, help="Replace outputs that exist. An input is never changed.")
@click.option(
    "-j", "--jobs", type=click.IntRange(0, 1024), default=1, metavar="N", help="Processes; 0: one for each core."
)
@verbose_option
@encoding_option
@tagger_options
def tag(
    paths: tuple[str, ...],
    from_format: str | None,
    to_format: str | None,
    output: str | None,
    force: bool,
    jobs: int,
    **options: Any,
) -> int:
    """Tag texts: pre-annotations out, for a person to correct.

    Without a path, or with -, reads standard input. A .jsonl input is one document a line and is written as such.
    """
    from ruletag.batch import tagging
    from ruletag.files import STDIN, find_inputs, total_size
    from ruletag.outputs import prepare_outputs

    config = configuration()
    if not paths and sys.stdin and sys.stdin.isatty():
        say("reading standard input; end it with Ctrl-D, or name a file")
    inputs = find_inputs(paths or (STDIN,), from_format, say)
    place = Path(output) if output and output != STDIN else None
    to = _format(to_format, place, inputs)
    several = len(inputs) > 1 or any(Path(path).is_dir() for path in paths)
    targets, one_file = _targets(place, inputs, to, several=several)
    settings = settings_of(config, options, to.guideline)
    wanted = list(filter(None, targets))
    prepare_outputs(wanted[:1] if one_file else wanted, files_read(config, inputs, [settings]), force=force)
    encoding = encoding_of(config, options)
    say_guideline(config, options, {to.guideline: f"the output is {to.name}"})
    # On a terminal that shows the results a bar would be in their way.
    shown = place is not None or not sys.stdout.isatty()
    with (
        tagging(settings, to, jobs) as tag_all,
        Progress(len(inputs), total_size(inputs), shown=shown) as progress,
    ):
        run = _Run(inputs, encoding, progress)
        return run.write_one(tag_all, targets[0]) if one_file and targets[0] else run.write_each(tag_all, targets)


def _format(name: str | None, output: Path | None, inputs: Sequence[Input]) -> Format:
    """The format of the output: the one that is named, that of the suffix of the output, or that of the inputs."""
    from ruletag.formats import FORMATS, SUFFIXES, by_name

    if name:
        return by_name(name)
    if output and output.suffix.lower() in SUFFIXES and not output.is_dir():
        return SUFFIXES[output.suffix.lower()]
    return FORMATS["jsonl" if all(source.format.name == "jsonl" for source in inputs) else "brace"]


def _targets(
    output: Path | None, inputs: Sequence[Input], to: Format, *, several: bool
) -> tuple[list[Path | None], bool]:
    """Where the output of each input goes (None: standard output), and whether that is one file for several."""
    from ruletag.outputs import is_one_file, output_path

    if output is None:
        return [None] * len(inputs), False
    if several and is_one_file(output, to):
        return [output] * len(inputs), True
    return [output_path(source, output, to, several=several) for source in inputs], False


class _Run:
    """Inputs on their way to their outputs. What fails is reported by name, and the rest goes on."""

    def __init__(self, inputs: Sequence[Input], encoding: str, progress: Progress) -> None:
        self._inputs = inputs
        self._encoding = encoding
        self._progress = progress
        self._code = GOOD
        self._faulty: set[int] = set()  # the rest of these inputs is read for its faults, and not tagged

    def write_each(self, tag_all: TagAll, targets: Sequence[Path | None]) -> int:
        """Tag all inputs, write what comes of each to its target as it comes, and give the exit code."""
        results = tag_all(self._pieces())
        for number, target in enumerate(targets):
            with self._passing_over(number, results) as coming, _output(target) as write:
                if not self._write_input(number, write, coming):
                    raise RuletagError(())
        return self._code

    def write_one(self, tag_all: TagAll, target: Path) -> int:
        """As `write_each`, all to one file; there is none where nothing could be tagged."""
        from ruletag.outputs import writing_whole

        results = tag_all(self._pieces())
        written = False
        with self._reporting(), writing_whole(target) as file:
            for number in range(len(self._inputs)):
                with self._passing_over(number, results) as coming, _taken_back(file):
                    written |= self._write_input(number, file.write, coming)
            if not written:
                raise RuletagError(())
        return self._code

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Report what goes wrong inside, and go on behind it."""
        try:
            yield
        except RuletagError as error:
            self._code = WRONG
            self._report(error.faults)

    @contextmanager
    def _passing_over(self, number: int, results: Iterator[Tagged]) -> Iterator[Iterator[Tagged]]:
        """What comes of one input. Where something goes wrong inside, the rest of it is only looked over for faults."""
        coming = self._until_last(results)
        finished = False
        with self._reporting():
            yield coming
            finished = True
        if not finished:
            self._faulty.add(number)
            for tagged in coming:
                self._report(tagged.faults)

    def _pieces(self) -> Iterator[Piece]:
        from ruletag.files import read_pieces

        for number, source in enumerate(self._inputs):
            for piece in read_pieces(source, self._encoding):
                yield piece._replace(only_read=True) if number in self._faulty else piece

    def _until_last(self, results: Iterator[Tagged]) -> Iterator[Tagged]:
        """What comes of one input."""
        for tagged in results:
            self._progress.advance(tagged.size, tagged.spans, tagged.last)
            yield tagged
            if tagged.last:
                return

    def _write_input(self, number: int, write: Callable[[bytes], object], coming: Iterator[Tagged]) -> bool:
        """Write what comes of one input; whether there was anything but documents that failed.

        RuletagError where the input has a fault.
        """
        letters = 0
        good, failed = False, False
        for tagged in coming:
            self._say(tagged.notes)
            write(tagged.data)
            good |= bool(tagged.data)
            letters += tagged.letters
            if tagged.failed:
                failed = True
                with self._reporting():
                    raise RuletagError(tagged.failed)
            if tagged.faults:
                raise RuletagError(tagged.faults)
        if not letters:
            self._say([f"{self._inputs[number].shown}: note: is empty, nothing to tag"])
        return good or not failed

    def _say(self, notes: Iterable[str]) -> None:
        for note in notes:
            with self._progress.aside():
                say(note)

    def _report(self, faults: Sequence[Fault]) -> None:
        if faults:
            with self._progress.aside():
                report_faults(faults)


@contextmanager
def _output(target: Path | None) -> Iterator[Callable[[bytes], None]]:
    """A function that writes to a file, which is there whole or not at all, or at once to standard output.

    Each time it begins a line; standard output ends in a line end. Data that would begin with a byte order mark, which
    readers leave out, gets one before it.
    """
    from codecs import BOM_UTF8

    from ruletag.outputs import writing_whole

    end = b""

    def write(data: bytes) -> None:
        nonlocal end
        if data:
            between = BOM_UTF8 if not end and data.startswith(BOM_UTF8) else b""
            put(b"\n" + data if end not in (b"", b"\r", b"\n") else between + data)
            end = data[-1:]

    if target:
        with writing_whole(target) as file:
            put: Callable[[bytes], object] = file.write
            yield write
    else:
        put = put_bytes
        try:
            yield write
        finally:
            if end not in (b"", b"\n"):
                put_bytes(b"\n")


@contextmanager
def _taken_back(file: BinaryIO) -> Iterator[None]:
    """After a fault nothing of what was written inside is left, unless it has gone to a stream."""
    start = file.tell() if file.seekable() else None
    try:
        yield
    except RuletagError:
        if start is not None:
            file.seek(start)
            file.truncate()
        raise
