"""`ruletag check`: the knowledge looked over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ruletag.cli.console import FOUND, GOOD, put, say
from ruletag.cli.options import Command, configuration, files_read, knowledge_options, settings_of


@click.command(cls=Command, epilog="Example: ruletag check my-rules/")
@click.argument("folder", required=False, metavar="[DIR]")
@click.option(
    "--output-format",
    type=click.Choice(["full", "concise", "json"]),
    default="full",
    help="Each finding with its help (full), one a line (concise), or a list of objects (json).",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Take each pattern, alternative, `unless` and guard out of its rule, and report those that no example needs.",
)
@knowledge_options
def check(folder: str | None, output_format: str, strict: bool, **options: Any) -> int:
    """Run the rules' own examples; report duplicates, dead entries and rules, common words among the names.

    DIR holds `rules` and `gazetteers`, or rule files, or gazetteer files: it is checked beside what ships, and only
    what is in it is reported. Without it, what ships is checked.
    """
    from ruletag.check import check as find
    from ruletag.outputs import prepare_outputs
    from ruletag.report.explanation import format_findings

    config = configuration()
    settings = settings_of(config, {**options, **_given(folder)}, "canonical")
    prepare_outputs([], files_read(config, [], [settings]))
    findings = find(settings.rules, settings.gazetteers, settings.lists, strict=strict)
    if shown := format_findings(findings, output_format):
        put(shown)
    say(f"{len(findings)} finding{'' if len(findings) == 1 else 's'}")
    return FOUND if findings else GOOD


def _given(folder: str | None) -> dict[str, tuple[str, ...]]:
    from ruletag.own import knowledge_in

    return knowledge_in(Path(folder)) if folder else {}
