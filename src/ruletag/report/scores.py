"""An evaluation record as text for a terminal. Formats, never counts, never prints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from ruletag.evaluation.causes import CAUSES
from ruletag.model import LABELS
from ruletag.report import figures
from ruletag.report.pieces import one_line

_MOST_HARMFUL = 5
_MOST_ACCOUNTS = 20
_NONE = "none"


def format_scores(record: figures.Record, *, errors: bool = False, full: bool = False) -> str:
    """The report of one evaluation.

    `full` adds every measure for each label, each document, the confusion of labels with the surfaces in error, the
    most harmful sources and the actions of a review; `errors` adds every error, sorted by its cause.
    """
    pieces = [_labels(record["measures"]["strict"]), "", _measures(record["measures"])]
    if full:
        pieces += ["", _every_measure(record["measures"]), "", _documents(record["per_document"])]
        pieces += ["", _confusion(record["confusion"]), *_surfaces(record["confusion"])]
        if record.get("ledger"):
            pieces += ["", _ledger(record["ledger"])]
        pieces += ["", _effort(record["effort"])]
    pieces += ["", *_sentences(record)]
    if errors:
        pieces += _errors(record["errors"])
    return "\n".join(pieces)


def _labels(lines: figures.Record) -> str:
    headers = ["label", "support", "predicted", "correct", "precision", "recall", "F1", "95 % interval"]
    return _table([_row(label, line) for label, line in lines.items()], headers)


def _row(label: str, line: figures.Record) -> list[Any]:
    counts = [line[name] for name in ("support", "predicted", "correct")]
    return [label, *counts, *_ratios(line), figures.interval(line.get("interval"))]


def _ratios(line: figures.Record) -> list[str]:
    return [figures.ratio(line[name]) for name in ("precision", "recall", "f1")]


def _measures(measures: figures.Record) -> str:
    rows = [[name, *_ratios(lines["micro"]), figures.MEASURES[name]] for name, lines in measures.items()]
    return _table(rows, ["measure", "precision", "recall", "F1", "what counts as right"], words=(0, 4))


def _every_measure(measures: figures.Record) -> str:
    rows = [
        [name, label, line["support"], line["predicted"], *_ratios(line)]
        for name, lines in measures.items()
        for label, line in lines.items()
    ]
    return _table(rows, ["measure", "label", "support", "predicted", "precision", "recall", "F1"], words=(0, 1))


def _documents(lines: list[figures.Record]) -> str:
    rows = [
        [line["document"], line["support"], line["predicted"], line["correct"], *_ratios(line)]
        for line in sorted(lines, key=lambda line: (line["f1"], line["document"]))
    ]
    return _table(rows, ["document", "support", "predicted", "correct", "precision", "recall", "F1"])


def _confusion(cells: list[figures.Record]) -> str:
    """A row for each gold label and for none, a column for each predicted one; the counts of verdicts."""
    names = [*LABELS, None]
    counts = {(cell["gold"], cell["predicted"]): cell["count"] for cell in cells}
    rows = [[gold or _NONE, *(counts.get((gold, predicted), "") for predicted in names)] for gold in names]
    return _table(rows, ["gold", *(f"as {name or _NONE}" for name in names)])


def _surfaces(cells: list[figures.Record]) -> Iterator[str]:
    """The surfaces most often in error in each cell, each with a place and a context."""
    for cell in cells:
        for surface in cell["surfaces"]:
            yield (
                f"{cell['gold'] or _NONE} as {cell['predicted'] or _NONE}: {surface['count']} × [{surface['text']}], "
                f"{surface['where']}: {surface['context']}"
            )


def _ledger(accounts: list[figures.Record]) -> str:
    """The most harmful, whatever they earned."""
    harmful = [account for account in accounts if account["harm"]]
    columns = ("produced", "correct", "label", "border", "both", "spurious", "lost")
    rows = [
        [
            account["source"],
            *(account[name] for name in columns),
            figures.ratio(account["precision"]),
            figures.interval(account["interval"]),
            f"{account['harm']:.1f}",
        ]
        for account in harmful[:_MOST_ACCOUNTS]
    ]
    table = _table(rows, ["rule or entry", *columns, "precision", "95 % interval", "harm"])
    more = len(accounts) - min(len(harmful), _MOST_ACCOUNTS)
    return table + (f"\n… and {more:,} more in --ledger FILE" if more > 0 else "")


def _effort(effort: figures.Record) -> str:
    rows = [
        [name, *(f"{effort[key][action]:.1f}" for action in figures.ACTIONS)]
        for name, key in (("with pre-annotation", "with"), ("without", "without"))
    ]
    costs = [*(f"{effort['costs'][action]:.2f}" for action in figures.ACTIONS[:-1]), ""]
    return _table([*rows, ["seconds each", *costs]], ["for 1,000 words, estimated", *figures.ACTIONS])


def _table(rows: list[list[Any]], headers: list[str], words: Collection[int] = (0,)) -> str:
    """A table whose columns at the places `words` hold words, the others numbers."""
    from tabulate import tabulate

    alignment = ["left" if place in words else "right" for place in range(len(headers))]
    return tabulate(rows, headers, disable_numparse=True, colalign=alignment)


def _sentences(record: figures.Record) -> Iterator[str]:
    yield f"{figures.headline(record)}."
    causes = record["causes"]
    if causes["errors"]:
        yield f"Errors: {', '.join(f'{count} {cause}' for cause, count in causes['counts'].items() if count)}."
    if causes["borders"]:
        yield f"Borders: {', '.join(f'{count} {kind}' for kind, count in causes['borders'].items())}."
    harmful = [line for line in record.get("ledger", ()) if line["harm"]][:_MOST_HARMFUL]
    if harmful:
        accounts = (f"{line['source']} {line['correct']} of {line['produced']} right" for line in harmful)
        yield f"Most harm: {'; '.join(accounts)}."
    yield f"Review: {record['effort']['sentence']}."
    yield f"Guideline in force: {record['guideline']}. Documents scored: {record['documents']}."
    if record["skipped"]:
        yield f"Without gold, not scored: {', '.join(record['skipped'])}."


def _errors(errors: list[figures.Record]) -> Iterator[str]:
    by_cause: dict[str, list[figures.Record]] = defaultdict(list)
    for error in errors:
        by_cause[error["cause"]].append(error)
    for cause, meaning in CAUSES.items():
        if by_cause[cause]:
            yield f"\n{cause}: {meaning} ({len(by_cause[cause])})"
            yield from map(format_error, by_cause[cause])


def format_error(error: figures.Record) -> str:
    """One line: where, what the gold has, what was found, who made it, and whether a guideline decides."""
    gold, found = error["gold"], error["predicted"]
    identity = f" ({error['id']})" if error["id"] else ""
    line = f"{error['path'] or '-'}:{error['line']}{identity}: {error['cause']} {_span(gold or found)}"
    line += f" in {error['context']}"
    if gold and found:
        line += f"; found {_span(found)}"
    if found:
        line += f", made by {found['source']}" if gold else f"; made by {found['source']}"
    if error["border"]:
        line += f"; {error['border']}" + (", a matter of the guideline" if error["guideline"] else "")
    return line


def _span(span: figures.Record) -> str:
    return f"{span['label']} [{one_line(span['text'])}]"
