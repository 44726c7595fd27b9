"""The reports of `ruletag eval` and `ruletag compare`: their files and contents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli.console import put
from ruletag.errors import Fault, RuletagError

if TYPE_CHECKING:
    from ruletag.evaluation.assess import Assessment
    from ruletag.report.record import Record


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for printing and writing a report."""
    report_help = "Write a report to FILE, which ends in .html, .md or .json."
    force_help = "Replace reports that exist. Gold and predictions are never changed."
    options = [
        click.option("--json", "as_json", is_flag=True, help="Print everything as JSON."),
        click.option("--report", "reports", multiple=True, metavar="FILE", help=report_help),
        click.option("--force", is_flag=True, help=force_help),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def prepare_reports(options: Mapping[str, Any], input_paths: Iterable[Path]) -> None:
    """Raises RuletagError if a file to write has no report suffix, exists already, or is also an input."""
    from ruletag.output_checks import prepare_outputs

    for name in options["reports"]:
        if Path(name).suffix not in _REPORTS:
            message = "is not a report format"
            raise RuletagError(Fault(name, "RT106", message, help=f"end it in {', '.join(_REPORTS)}"))
    targets = [Path(name) for name in (*options["reports"], *filter(None, [options.get("ledger")]))]
    prepare_outputs(targets, input_paths, force=options["force"])


def put_reports(assessment: Assessment, record: Record, options: Mapping[str, Any]) -> None:
    """Write and print the requested reports; nothing is written until all of them are made."""
    from ruletag.report.record import record_json
    from ruletag.report.scores import format_scores

    texts = {name: _REPORTS[Path(name).suffix](assessment, record) for name in options["reports"]}
    if options["ledger"]:
        texts[options["ledger"]] = _ledger(assessment, record)
    write_reports(texts)
    if options["as_json"]:
        put(record_json(record))
    else:
        put(format_scores(record, errors=options["errors"], full=options["full"]))


def write_reports(texts: Mapping[str, str]) -> None:
    """Write texts to the files that are their keys, each completely or not at all."""
    from ruletag.outputs import encode, write_all

    write_all([(Path(name), encode(text, name)) for name, text in texts.items()])


def _html(assessment: Assessment, record: Record) -> str:
    from ruletag.report.html import format_html

    return format_html(record, assessment.judged)


def _markdown(assessment: Assessment, record: Record) -> str:
    from ruletag.report.markdown import format_markdown

    return format_markdown(record)


def _json(assessment: Assessment, record: Record) -> str:
    from ruletag.report.record import record_json

    return record_json(record) + "\n"


def _ledger(assessment: Assessment, record: Record) -> str:
    from ruletag.report.ledger import ledger_tsv

    assert assessment.ledger is not None  # only predictions lack one, and `eval` refuses --ledger for them
    return ledger_tsv(assessment.ledger)


_REPORTS: dict[str, Callable[[Assessment, Record], str]] = {
    ".html": _html,
    ".htm": _html,
    ".md": _markdown,
    ".json": _json,
}
