"""`ruletag check`: checks of the knowledge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ruletag.cli.console import FOUND, GOOD, note, put
from ruletag.cli.options import Command, common_options, configuration, files_read, knowledge_options, settings_of


@click.command(cls=Command, epilog="Example: ruletag check my-rules/")
@click.argument("folder", required=False, metavar="[DIR]")
@click.option(
    "--output-format",
    type=click.Choice(["full", "concise", "json", "github", "sarif"]),
    default="full",
    help="Each finding with its help (full), one per line (concise), as JSON, as GitHub annotations, or as SARIF.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Remove each pattern, alternative, `unless` and guard in turn, and report those that no example needs.",
)
@knowledge_options
@common_options
def check(folder: str | None, output_format: str, strict: bool, **options: Any) -> int:
    """Check rules and gazetteers, and run the examples of rules.

    Also reports duplicates, entries and rules that can never apply, and common words among the names.

    DIR contains `rules` and `gazetteers`, or rule files, or gazetteer files: it is checked in addition to the shipped
    knowledge, and only findings in it are reported. Without it, the shipped knowledge is checked.
    """
    from ruletag.check import look_over
    from ruletag.folders import openable
    from ruletag.output_checks import prepare_outputs
    from ruletag.report.figures import counted
    from ruletag.report.findings import format_findings

    config = configuration()
    settings = settings_of(config, {**options, **_knowledge_of(folder)}, "canonical")
    prepare_outputs([], files_read(config, [], [settings]))
    roots = settings.rules, settings.gazetteers, settings.lists
    checked = look_over(*roots, lambda _, path: openable(path), strict=strict)
    if report := format_findings(checked.findings, output_format):
        put(report)
    nouns = {"name": checked.names, "rule": checked.rules, "example": checked.examples}
    counts = ", ".join(counted(number, noun) for noun, number in nouns.items())
    note(f"{counted(len(checked.findings), 'finding')} in {counted(checked.files, 'file')}: {counts}")
    return FOUND if checked.findings else GOOD


def _knowledge_of(folder: str | None) -> dict[str, tuple[str, ...]]:
    from ruletag.own import knowledge_in

    return knowledge_in(Path(folder)) if folder else {}
