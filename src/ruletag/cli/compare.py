"""`ruletag compare`: two systems against the same gold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli.console import GOOD, put
from ruletag.cli.gold import find_sides, load_taggers
from ruletag.cli.options import (
    Command,
    common_options,
    encoding_option,
    files_read,
    format_options,
    from_each_option,
    seed_option,
    tagger_options,
    verbose_option,
)
from ruletag.cli.reports import prepare_reports, report_options, write_reports

if TYPE_CHECKING:
    from ruletag.evaluation.borders import Borders
    from ruletag.model import Document
    from ruletag.report.compared import Compared
    from ruletag.report.run import Run


@click.command(cls=Command, epilog="Example: ruletag compare gold/ old.jsonl new.jsonl --report compared.html")
@click.argument("gold")
@click.argument("first")
@click.argument("second")
@report_options
@from_each_option
@seed_option
@verbose_option
@format_options
@encoding_option
@tagger_options
@common_options
def compare(gold: str, first: str, second: str, from_formats: tuple[str, ...], **options: Any) -> int:
    """Put two systems side by side, scored against one gold.

    Shows their figures, whether chance explains the difference, and what only one of them gets right.

    FIRST and SECOND are predictions for the documents of GOLD, files or folders in any format. The knowledge in force
    decides whether a difference of borders is a guideline difference.
    """
    from ruletag.cli.provenance import run_of
    from ruletag.evaluation.borders import Borders

    sides = find_sides(gold, [first, second], from_formats, options)
    settings = sides.settings(options)
    settings_in_use = set(settings.values())
    input_paths = list(files_read(sides.config, sides.inputs, settings_in_use))
    prepare_reports(options, input_paths)
    gold_documents = sides.gold_documents()
    predictions = sides.predictions(gold_documents)
    taggers = load_taggers(settings)
    sides.say_in_force(options, settings_in_use)
    names = first, second
    borders = Borders(next(iter(taggers.values())).hits)
    compared = _compared(gold_documents, predictions, names, sides.guidelines(taggers), borders, options["seed"])
    return _put_comparison(compared, options, run_of(gold, names, settings_in_use, input_paths))


def _compared(
    gold: Sequence[Document],
    predictions: Sequence[Sequence[Document]],
    names: tuple[str, str],
    guidelines: str,
    borders: Borders,
    seed: int,
) -> Compared:
    from ruletag.evaluation.agreement import side_by_side
    from ruletag.evaluation.score import score
    from ruletag.evaluation.uncertainty import difference, f1_intervals
    from ruletag.report.compared import Compared

    first, second = (score(zip(gold, predicted, strict=True), borders) for predicted in predictions)
    return Compared(
        names,
        guidelines,
        (first, second),
        (f1_intervals(first, seed=seed), f1_intervals(second, seed=seed)),
        difference(first, second, seed=seed),
        side_by_side(zip(gold, *predictions, strict=True)),
    )


def _put_comparison(compared: Compared, options: Mapping[str, Any], run: Run) -> int:
    """Print the comparison, and write the requested reports."""
    from ruletag.report import comparison as pages
    from ruletag.report.compared import comparison_json

    writers = {
        ".html": pages.comparison_html,
        ".htm": pages.comparison_html,
        ".md": pages.comparison_markdown,
        ".json": comparison_json,
    }
    write_reports({name: writers[Path(name).suffix](compared, run).rstrip("\n") + "\n" for name in options["reports"]})
    put(comparison_json(compared, run) if options["as_json"] else pages.format_comparison(compared))
    return GOOD
