"""`ruletag agree`: two annotators of the same documents."""

from __future__ import annotations

from typing import Any

import click

from ruletag.cli.console import GOOD, put
from ruletag.cli.gold import find_sides
from ruletag.cli.options import Command, common_options, encoding_option, format_options, from_each_option


@click.command(cls=Command, epilog="Example: ruletag agree anne.txt bruno.txt")
@click.argument("first")
@click.argument("second")
@click.option("--json", "as_json", is_flag=True, help="Print the agreement as JSON.")
@from_each_option
@format_options
@encoding_option
@common_options
def agree(first: str, second: str, from_formats: tuple[str, ...], as_json: bool, **options: Any) -> int:
    """Measure how far two annotators agree.

    The measures are F1 of their spans and Cohen's kappa of their tokens. FIRST and SECOND are files or folders with the
    same documents, each in any format. Neither counts as the truth.
    """
    from ruletag.evaluation.agreement import agreement
    from ruletag.evaluation.annotated import refuse_unread
    from ruletag.report.agreement import agreement_json, format_agreement

    sides = find_sides(first, [second], from_formats, options)
    gold = sides.gold_documents()
    [predicted] = sides.other_documents(gold)
    refuse_unread(predicted)
    measured = agreement(zip(gold, predicted, strict=True))
    put(agreement_json(measured, (first, second)) if as_json else format_agreement(measured, (first, second)))
    return GOOD
