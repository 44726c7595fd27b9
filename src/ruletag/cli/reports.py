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
    """What is printed, and what is also written."""
    written = "Write a report to FILE, which ends in .html, .md or .json."
    replaced = "Replace reports that exist. Gold and predictions are never changed."
    options = [
        click.option("--json", "as_json", is_flag=True, help="Print everything as JSON."),
        click.option("--report", "reports", multiple=True, metavar="FILE", help=written),
        click.option("--force", is_flag=True, help=replaced),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def prepare_reports(options: Mapping[str, Any], read: Iterable[Path]) -> None:
    """Raises RuletagError if a file to write is not a kind of report, exists already, or is also an input."""
    from ruletag.output_checks import prepare_outputs

    for name in options["reports"]:
        if Path(name).suffix not in _REPORTS:
            message = "is not a report format"
            raise RuletagError(Fault(name, "RT106", message, help=f"end it in {', '.join(_REPORTS)}"))
    targets = [Path(name) for name in (*options["reports"], *filter(None, [options.get("ledger")]))]
    prepare_outputs(targets, read, force=options["force"])


def put_reports(found: Assessment, record: Record, options: Mapping[str, Any]) -> None:
    """Write and print what was requested; nothing is written before everything is made."""
    from ruletag.report.record import record_json
    from ruletag.report.scores import format_scores

    texts = {name: _REPORTS[Path(name).suffix](found, record) for name in options["reports"]}
    if options["ledger"]:
        texts[options["ledger"]] = _ledger(found, record)
    write_reports(texts)
    if options["as_json"]:
        put(record_json(record))
    else:
        put(format_scores(record, errors=options["errors"], full=options["full"]))


def write_reports(texts: Mapping[str, str]) -> None:
    """Write files by name, each completely or not at all."""
    from ruletag.outputs import encode, write_all

    write_all([(Path(name), encode(text, name)) for name, text in texts.items()])


def _html(found: Assessment, record: Record) -> str:
    from ruletag.report.html import format_html

    return format_html(record, found.judged)


def _markdown(found: Assessment, record: Record) -> str:
    from ruletag.report.markdown import format_markdown

    return format_markdown(record)


def _json(found: Assessment, record: Record) -> str:
    from ruletag.report.record import record_json

    return record_json(record) + "\n"


def _ledger(found: Assessment, record: Record) -> str:
    from ruletag.report.ledger import ledger_tsv

    assert found.ledger is not None  # refused before anything is read
    return ledger_tsv(found.ledger)


_REPORTS: dict[str, Callable[[Assessment, Record], str]] = {
    ".html": _html,
    ".htm": _html,
    ".md": _markdown,
    ".json": _json,
}
