"""`ruletag tag`: texts in, pre-annotations out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli.console import Progress, is_quiet, note
from ruletag.cli.options import (
    Command,
    common_options,
    configuration,
    encoding_of,
    encoding_option,
    files_read,
    format_options,
    from_option,
    options_of,
    say_in_force,
    settings_of,
    tagger_options,
    verbose_option,
)

if TYPE_CHECKING:
    from ruletag.files import Input
    from ruletag.formats import Format


@click.command(cls=Command, epilog="Example: ruletag tag article.txt --to jsonl -o article.jsonl")
@click.argument("paths", nargs=-1, metavar="[FILE|DIR|-]...")
@from_option
@click.option(
    "-t", "--to", "--format", "to_format", metavar="FORMAT", help="Format of the output; see `ruletag formats`."
)
@click.option("-o", "--output", metavar="PATH", help="Write to a file, or to files below a folder.")
@click.option(
    "--force", is_flag=True, help="Replace outputs that exist, with any corrections in them. An input is never changed."
)
@click.option("-j", "--jobs", type=click.IntRange(0, 1024), default=1, metavar="N", help="Processes; 0: one per core.")
@click.option(
    "--time-limit",
    type=click.FloatRange(0, min_open=False),
    metavar="S",
    help="Seconds that a document may take in a separate process (default 600 with -j; 0: no limit).",
)
@click.option(
    "--failed", metavar="FILE", help="Also write failures to a file: JSON Lines of path, line, id, code, error."
)
@click.option("--resume", is_flag=True, help="Continue a run: leave outputs that it recorded as complete.")
@click.option("--shard", metavar="I/N", help="Tag only the I-th of N shares of the files, I from 1.")
@verbose_option
@format_options
@encoding_option
@tagger_options
@common_options
def tag(
    paths: tuple[str, ...],
    from_format: str | None,
    to_format: str | None,
    output: str | None,
    force: bool,
    jobs: int,
    time_limit: float | None,
    failed: str | None,
    resume: bool,
    shard: str | None,
    **options: Any,
) -> int:
    """Tag texts, ready to be corrected.

    Without a path, or with -, reads standard input. A .jsonl input has one document per line and is written as such.
    """
    from ruletag.batch import Target, tagging
    from ruletag.cli.account import Failures
    from ruletag.cli.plan import Plan, share
    from ruletag.cli.run import Run
    from ruletag.files import STDIN, find_inputs, total_size
    from ruletag.formats import sharing
    from ruletag.outputs import names_folder

    config = configuration()
    if not paths and sys.stdin and sys.stdin.isatty():
        note("reading standard input; end it with Ctrl-D, or name a file")
    quiet = is_quiet()
    inputs = find_inputs(paths or (STDIN,), from_format, note, options_of(config, options))
    destination = Path(output) if output and output != STDIN else None
    to = _format(to_format, destination, inputs)
    target = Target(to, options_of(config, options, [to, *(source.format for source in inputs)]))
    several = len(inputs) > 1 or any(Path(path).is_dir() for path in paths) or names_folder(output or "")
    plan = Plan(inputs, target, destination, several=several, share=share(shard))
    settings = settings_of(config, options, to.guideline)
    encoding = encoding_of(config, options)
    failures_path = Path(failed) if failed else None
    input_paths = files_read(config, inputs, [settings])
    ledger = plan.prepare(settings, encoding, input_paths, failures_path, force=force, resume=resume)
    say_in_force(config, options, [settings], {to.guideline: f"the default of the {to.name} format"})
    if ledger.done:
        note(f"{len(ledger.done)} of {len(plan.outputs)} outputs are complete already")
    # On a terminal that shows the results, a bar would be in the way.
    show_bar = not quiet and (destination is not None or not sys.stdout.isatty())
    with (
        tagging(settings, target, jobs, time_limit) as tag_all,
        Progress(len(plan.inputs), total_size(plan.inputs), shown=show_bar) as progress,
    ):
        run = Run(inputs, encoding, target, progress, ledger=ledger, failures=Failures(failures_path))
        code = run.write(tag_all, plan.outputs)
    if destination and destination.is_file() and not (to_format or sharing(destination.name)):
        note(f"{destination}: note: its name does not say a format, so it is {to.name}; choose another with --to")
    return code


def _format(name: str | None, output: Path | None, inputs: Sequence[Input]) -> Format:
    """The format of the output: the named one, that of the suffix of the output, or that of the inputs."""
    from ruletag.formats import by_name, default
    from ruletag.outputs import format_of_output

    if name:
        return by_name(name)
    if output and not output.is_dir() and (output_format := format_of_output(output)):
        return output_format
    input_formats = {source.format.name: source.format for source in inputs}
    (output_format, *other_formats) = input_formats.values()
    return output_format if output_format.many and output_format.write and not other_formats else default()
