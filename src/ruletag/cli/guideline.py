"""`ruletag guideline`: make and measure guidelines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ruletag.cli.console import GOOD, note, put
from ruletag.cli.gold import read_annotated
from ruletag.cli.options import (
    Command,
    Group,
    common_options,
    configuration,
    encoding_of,
    encoding_option,
    files_read,
    format_options,
    from_option,
    knowledge_options,
    options_of,
    settings_of,
)
from ruletag.errors import Fault, RuletagError


@click.group(cls=Group, epilog="Example: ruletag guideline fit gold/ -o house.yaml")
def guideline() -> None:
    """Fit a guideline to your gold."""


@guideline.command(cls=Command, epilog="Example: ruletag guideline fit gold/ -o house.yaml")
@click.argument("gold")
@click.option("-o", "--output", metavar="FILE", help="Write the guideline to FILE and the evidence to standard output.")
@click.option("--base", metavar="NAME", help="The guideline that provides rules, and switches without evidence.")
@click.option(
    "--force", is_flag=True, help="Replace a FILE that exists, with any edits to it. The gold is never changed."
)
@from_option
@format_options
@encoding_option
@knowledge_options
@common_options
def fit(gold: str, output: str | None, base: str | None, force: bool, from_format: str | None, **options: Any) -> int:
    """Measure which value of each guideline switch and head noun GOLD follows, and write a guideline that says so.

    A value is set on evidence beyond chance that also holds on held-out documents; else it stays as in the base, by
    default the guideline of GOLD's format. Labels, muted rules and rules are those of the base.
    """
    from ruletag.evaluation.fit import fit as measure
    from ruletag.files import find_inputs
    from ruletag.folders import GUIDELINE_SUFFIXES
    from ruletag.output_checks import prepare_outputs
    from ruletag.outputs import encode, write_whole
    from ruletag.report.fit import format_fit, format_guideline

    config = configuration()
    encoding = encoding_of(config, options)
    sources = find_inputs([gold], from_format, note, options_of(config, options))
    options_of(config, options, [source.format for source in sources])
    target = Path(output) if output and output != "-" else None
    settings = settings_of(config, {**options, "guideline": base}, sources[0].format.guideline)
    with _base_by_its_option():
        prepare_outputs([target] if target else [], files_read(config, sources, [settings]), force=force)
    if target and target.suffix not in GUIDELINE_SUFFIXES:
        raise RuletagError(
            Fault(str(target), "RT106", "is not a valid name for a guideline file", help="end it in .yaml")
        )
    documents = read_annotated(gold, sources, encoding)
    with _base_by_its_option():
        tagger = settings.load()
    fitted = measure(documents, tagger)
    if target is None:
        put(format_guideline(fitted, "fitted"))
        return GOOD
    write_whole(target, encode(format_guideline(fitted, target.stem or "fitted"), str(target)))
    put(format_fit(fitted))
    return GOOD


@contextmanager
def _base_by_its_option() -> Iterator[None]:
    """Make faults of the guideline name the option that selects it here, `--base`."""
    try:
        yield
    except RuletagError as error:
        faults = [replace(fault, path="--base") if fault.path == "--guideline" else fault for fault in error.faults]
        raise RuletagError(faults) from None
