"""`ruletag tag`: texts in, pre-annotations out."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli.console import GOOD, progress, put, report_faults
from ruletag.cli.options import configuration, encoding_of, encoding_option, settings_of, tagger_options
from ruletag.errors import Fault, RuletagError

if TYPE_CHECKING:
    from ruletag.batch import TagAll
    from ruletag.files import Input
    from ruletag.formats import Format
    from ruletag.model import Document

_AHEAD = 256  # inputs that are read at a time for several processes


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
    from ruletag.files import STDIN, find_inputs, output_path
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
    with tagging(settings_of(config, options, to.guideline), jobs) as tag_all:
        return _tag_inputs(list(zip(inputs, targets, strict=True)), to, encoding, tag_all, jobs)


def _refuse_outputs(targets: Sequence[Path | None], inputs: Sequence[Input], force: bool) -> None:
    from ruletag.files import refuse_output

    faults: list[Fault] = []
    for target in filter(None, targets):
        try:
            refuse_output(target, inputs, force=force)
        except RuletagError as error:
            faults += error.faults
    for target, times in Counter(filter(None, targets)).items():
        if times > 1:
            message = f"{times} inputs would be written to it"
            faults.append(Fault(str(target), "RT106", message, help="tag them one at a time, to different paths"))
    if faults:
        raise RuletagError(faults)


def _tag_inputs(
    work: Sequence[tuple[Input, Path | None]], to: Format, encoding: str, tag_all: TagAll, jobs: int
) -> int:
    """Tag the inputs in their order. One that fails is reported by name, and the rest goes on.

    Several processes get the texts of several inputs at a time, so that a folder of short ones keeps all of them busy.
    """
    code = GOOD
    at_a_time = 1 if jobs == 1 else _AHEAD
    for first in progress(range(0, len(work), at_a_time)):
        batch = work[first : first + at_a_time]
        read = [_try_to_read(source, encoding) for source, _ in batch]
        found = iter(tag_all([document.text for _, documents in read for document in documents]))
        for (source, target), (faults, documents) in zip(batch, read, strict=True):
            try:
                if faults:
                    raise RuletagError(faults)
                _write(source, target, [_carry(document, next(found)) for document in documents], to)
            except RuletagError as error:
                code = report_faults(error.faults)
    return code


def _try_to_read(source: Input, encoding: str) -> tuple[Sequence[Fault], Sequence[Document]]:
    """The faults of an input, or its documents."""
    from ruletag.files import read_documents

    try:
        return (), read_documents(source, encoding)
    except RuletagError as error:
        return error.faults, ()


def _write(source: Input, target: Path | None, tagged: Sequence[Document], to: Format) -> None:
    from ruletag.files import encode, write_whole

    _warn(source, tagged, to)
    written = to.write(tagged)
    data = encode(written, source.shown)
    if target:
        write_whole(target, data)
    else:
        put(written)


def _carry(document: Document, found: Document) -> Document:
    """The tagged document with what the input said about it besides its text."""
    from dataclasses import replace

    return replace(found, id=document.id, path=document.path, meta=document.meta, lines=document.lines)


def _warn(source: Input, documents: Sequence[Document], to: Format) -> None:
    if not any(document.text for document in documents):
        click.echo(f"{source.shown}: note: is empty, nothing to tag", err=True)
    if to.name == "brace":
        from ruletag.formats.brace import displaced

        for document in documents:
            for entity in displaced(document):
                where = f"{source.shown}:{document.line(entity.start)}"
                text = f"{where}: note: braces cannot say which {entity.text!r} is meant, --to jsonl can"
                click.echo(text, err=True)
