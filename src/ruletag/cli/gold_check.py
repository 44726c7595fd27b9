"""`ruletag gold-check`: mistakes in the gold itself."""

from __future__ import annotations

from typing import Any

import click

from ruletag.cli.console import FOUND, GOOD, note, put
from ruletag.cli.gold import find_sides
from ruletag.cli.options import Command, common_options, encoding_option, format_options, from_option


@click.command(cls=Command, epilog="Example: ruletag gold-check gold/")
@click.argument("gold")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@from_option
@format_options
@encoding_option
@common_options
def gold_check(gold: str, from_format: str | None, as_json: bool, **options: Any) -> int:
    """Look for likely mistakes in the gold itself.

    These are inconsistencies, missed names, and borders inside words. Nothing is tagged or scored. Exits with 1 if
    there are findings.
    """
    from ruletag.evaluation.goldcheck import gold_check as check
    from ruletag.report.goldcheck import format_gold_findings, gold_findings_json

    findings = check(find_sides(gold, (), [from_format] if from_format else [], options).gold_documents())
    if findings or as_json:
        put(gold_findings_json(findings) if as_json else format_gold_findings(findings))
    note(f"{len(findings)} finding{'' if len(findings) == 1 else 's'}")
    return FOUND if findings else GOOD
