"""`ruletag tag`: texts in, pre-annotations out."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli.console import GOOD, WRONG, Progress, put_bytes, report_faults
from ruletag.cli.options import configuration, encoding_of, encoding_option, settings_of, tagger_options
from ruletag.errors import Fault, RuletagError

if TYPE_CHECKING:
    from ruletag.batch import TagAll, Tagged
    from ruletag.files import Input, Piece


@click.command(epilog="Example: ruletag tag article.txt --to jsonl -o article.jsonl")
@click.argument("paths", nargs=-1, metavar="[FILE|DIR|-]...")
@click.option("-f", "--from", "from_format", metavar="FORMAT", help="Format of the input (default: by suffix).")
@click.option("-t", "--to", "--format", "to_format", metavar="FORMAT", help="brace (default), jsonl, markup or text.")
@click.option("-o", "--output", metavar="PATH", help="Write to a file; to a folder, where there are several inputs.")
@click.option("--force", is_flag=True, help="Replace outputs that exist. An input is never changed.")
@click.option("-j", "--jobs", type=click.IntRange(0), default=1, metavar="N", help="Processes; 0: one for each core.")
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
    from ruletag.files import STDIN, find_inputs, output_path, total_size
    from ruletag.formats import FORMATS, by_name

    config = configuration()
    if not paths and sys.stdin and sys.stdin.isatty():
        click.echo("reading standard input; end it with Ctrl-D, or name a file", err=True)
    inputs = find_inputs(paths or ("-",), from_format)
    jsonl = to_format is None and all(source.format.name == "jsonl" for source in inputs)
    to = by_name(to_format) if to_format else FORMATS["jsonl" if jsonl else "brace"]
    several = len(inputs) > 1
    folder = Path(output) if output and output != STDIN else None
    targets = [output_path(source, folder, to, several=several) if folder else None for source in inputs]
    _refuse_outputs(targets, inputs, force)
    encoding = encoding_of(config, options)
    work = list(zip(inputs, targets, strict=True))
    # On a terminal that shows the results a bar would be in their way.
    shown = folder is not None or not sys.stdout.isatty()
    with (
        tagging(settings_of(config, options, to.guideline), to, jobs) as tag_all,
        Progress(len(inputs), total_size(inputs), shown=shown) as progress,
    ):
        return _Run(work, encoding, progress).write(tag_all)


def _refuse_outputs(targets: Sequence[Path | None], inputs: Sequence[Input], force: bool) -> None:
    from ruletag.files import refuse_outputs

    faults: list[Fault] = []
    try:
        refuse_outputs(filter(None, targets), inputs, force=force)
    except RuletagError as error:
        faults += error.faults
    for target, times in Counter(filter(None, targets)).items():
        if times > 1:
            message = f"{times} inputs would be written to it"
            faults.append(Fault(str(target), "RT106", message, help="tag them one at a time, to different paths"))
    if faults:
        raise RuletagError(faults)


class _Run:
    """Inputs on their way to their outputs. One that fails is reported by name, and the rest goes on."""

    def __init__(self, work: Sequence[tuple[Input, Path | None]], encoding: str, progress: Progress) -> None:
        self._work = work
        self._encoding = encoding
        self._progress = progress
        self._failed: set[int] = set()  # the rest of these is read for its faults, and not tagged

    def write(self, tag_all: TagAll) -> int:
        """Tag all inputs, write what comes of them as it comes, and give the exit code."""
        results = tag_all(self._pieces())
        for number, (source, target) in enumerate(self._work):
            coming = self._until_last(results)
            try:
                self._write_input(source, target, coming)
            except RuletagError as error:
                self._failed.add(number)
                self._report(error.faults)
                for tagged in coming:
                    self._report(tagged.faults)
        return WRONG if self._failed else GOOD

    def _pieces(self) -> Iterator[Piece]:
        from ruletag.files import read_pieces

        for number, (source, _) in enumerate(self._work):
            for piece in read_pieces(source, self._encoding):
                yield piece._replace(only_read=True) if number in self._failed else piece

    def _until_last(self, results: Iterator[Tagged]) -> Iterator[Tagged]:
        """What comes of one input."""
        for tagged in results:
            self._progress.advance(tagged.size, tagged.spans, tagged.last)
            yield tagged
            if tagged.last:
                return

    def _write_input(self, source: Input, target: Path | None, coming: Iterator[Tagged]) -> None:
        """Write what comes of one input. RuletagError, and no file, where there is a fault."""
        letters = 0
        with _output(target) as write:
            for tagged in coming:
                self._say(tagged.notes)
                write(tagged.data)
                if tagged.faults or tagged.refused:
                    raise RuletagError([*tagged.faults, *tagged.refused])
                letters += tagged.letters
        if not letters:
            self._say([f"{source.shown}: note: is empty, nothing to tag"])

    def _say(self, notes: Iterable[str]) -> None:
        for note in notes:
            with self._progress.aside():
                click.echo(note, err=True)

    def _report(self, faults: Sequence[Fault]) -> None:
        if faults:
            with self._progress.aside():
                report_faults(faults)


@contextmanager
def _output(target: Path | None) -> Iterator[Callable[[bytes], None]]:
    """A function that writes to a file, which is there whole or not at all, or at once to standard output.

    Each time it begins a line; standard output ends in a line end.
    """
    from ruletag.files import writing_whole

    end = b""

    def write(data: bytes) -> None:
        nonlocal end
        if data:
            put(b"\n" + data if end not in (b"", b"\r", b"\n") else data)
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
