"""An evaluation record as text for a terminal. Formats, never counts, never prints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ruletag.evaluation.causes import CAUSES
from ruletag.model import LABELS
from ruletag.report import figures
from ruletag.report.pieces import Span, one_line, table
from ruletag.report.record import AccountLine, Cell, DocumentLine, ErrorLine, Estimate, Figures, Record

_MOST_HARMFUL = 5
_MOST_ACCOUNTS = 20
_NONE = "none"


def format_scores(record: Record, *, errors: bool = False, full: bool = False) -> str:
    """The report of one evaluation.

    `full` adds every measure for each label, each document, the confusion of labels with the surfaces in error, the
    most harmful sources and the actions of a review; `errors` adds every error, sorted by its cause.
    """
    pieces = [_labels(record.measures["strict"]), "", _measures(record.measures)]
    if full:
        pieces += ["", _every_measure(record.measures), "", _documents(record.per_document)]
        pieces += ["", _confusion(record.confusion), *_surfaces(record.confusion)]
        if record.ledger:
            pieces += ["", _ledger(record.ledger)]
        pieces += ["", _effort(record.effort)]
    pieces += ["", *_sentences(record)]
    if errors:
        pieces += _errors(record.errors)
    return "\n".join(pieces)


def _labels(rows: Mapping[str, Figures]) -> str:
    headers = ["label", "support", "predicted", "correct", "precision", "recall", "F1", "95 % interval"]
    return table(headers, [_row(label, row) for label, row in rows.items()])


def _row(label: str, row: Figures) -> list[object]:
    return [label, row.support, row.predicted, row.correct, *_ratios(row), figures.interval(row.interval)]


def _ratios(row: Figures | DocumentLine) -> list[str]:
    return [figures.ratio(row.precision), figures.ratio(row.recall), figures.ratio(row.f1)]


def _measures(measures: Mapping[str, Mapping[str, Figures]]) -> str:
    rows = [[name, *_ratios(by_label["micro"]), figures.MEASURES[name]] for name, by_label in measures.items()]
    return table(["measure", "precision", "recall", "F1", "what counts as right"], rows, words=(0, 4))


def _every_measure(measures: Mapping[str, Mapping[str, Figures]]) -> str:
    rows = [
        [name, label, row.support, row.predicted, *_ratios(row)]
        for name, by_label in measures.items()
        for label, row in by_label.items()
    ]
    return table(["measure", "label", "support", "predicted", "precision", "recall", "F1"], rows, words=(0, 1))


def _documents(lines: Iterable[DocumentLine]) -> str:
    rows = [
        [line.document, line.support, line.predicted, line.correct, *_ratios(line)]
        for line in sorted(lines, key=lambda line: (line.f1, line.document))
    ]
    return table(["document", "support", "predicted", "correct", "precision", "recall", "F1"], rows)


def _confusion(cells: Iterable[Cell]) -> str:
    """The counts of verdicts, with a row for each gold label and for none, and a column for each predicted one."""
    names = [*LABELS, None]
    counts = {(cell.gold, cell.predicted): cell.count for cell in cells}
    rows = [[gold or _NONE, *(counts.get((gold, predicted), "") for predicted in names)] for gold in names]
    return table(["gold", *(f"as {name or _NONE}" for name in names)], rows)


def _surfaces(cells: Iterable[Cell]) -> Iterator[str]:
    """The surfaces most often in error in each cell, with place and context."""
    for cell in cells:
        for surface in cell.surfaces:
            yield (
                f"{cell.gold or _NONE} as {cell.predicted or _NONE}: {surface.count} × [{surface.text}], "
                f"{surface.where}: {surface.context}"
            )


def _ledger(accounts: Sequence[AccountLine]) -> str:
    """The most harmful sources, however many right spans they have."""
    harmful = [account for account in accounts if account.harm]
    if not harmful:
        return f"no rule or entry did harm; --ledger FILE lists all {len(accounts):,}"
    rows = [
        [
            account.source,
            account.produced,
            account.correct,
            account.label,
            account.border,
            account.both,
            account.spurious,
            account.lost,
            figures.ratio(account.precision),
            figures.interval(account.interval),
            f"{account.harm:.1f}",
        ]
        for account in harmful[:_MOST_ACCOUNTS]
    ]
    counts = ["produced", "correct", "label", "border", "both", "spurious", "lost"]
    shown = table(["rule or entry", *counts, "precision", "95 % interval", "harm"], rows)
    more = len(accounts) - min(len(harmful), _MOST_ACCOUNTS)
    return shown + (f"\n… and {more:,} more in --ledger FILE" if more > 0 else "")


def _effort(effort: Estimate) -> str:
    rows = [
        [name, *(f"{number:.1f}" for number in figures.amounts(actions))]
        for name, actions in (("with pre-annotation", effort.with_), ("without", effort.without))
    ]
    costs = effort.costs
    seconds = (costs.accept, costs.rebound, costs.relabel, costs.add, costs.delete)
    rows.append(["seconds each", *(f"{cost:.2f}" for cost in seconds), ""])
    return table(["for 1,000 words, estimated", *figures.ACTIONS], rows)


def _sentences(record: Record) -> Iterator[str]:
    yield f"{figures.headline(record)}."
    causes = record.causes
    if causes.errors:
        yield f"Errors: {', '.join(f'{count} {cause}' for cause, count in causes.counts.items() if count)}."
    if causes.borders:
        yield f"Borders: {', '.join(f'{count} {kind}' for kind, count in causes.borders.items())}."
    harmful = [line for line in record.ledger or () if line.harm][:_MOST_HARMFUL]
    if harmful:
        accounts = (f"{line.source} {line.correct} of {line.produced} right" for line in harmful)
        yield f"Most harmful: {'; '.join(accounts)}."
    yield f"Review: {record.effort.sentence}."
    yield f"Guideline in force: {record.guideline}. Documents scored: {record.documents}."
    if record.skipped:
        yield f"Without gold, not scored: {', '.join(record.skipped)}."


def _errors(errors: Iterable[ErrorLine]) -> Iterator[str]:
    by_cause: dict[str, list[ErrorLine]] = defaultdict(list)
    for error in errors:
        by_cause[error.cause].append(error)
    for cause, meaning in CAUSES.items():
        if by_cause[cause]:
            yield f"\n{cause}: {meaning} ({len(by_cause[cause])})"
            yield from map(_error, by_cause[cause])


def _error(error: ErrorLine) -> str:
    """A line with the place, the gold and the predicted span, its source, and whether it is a guideline difference."""
    identity = f" ({error.id})" if error.id else ""
    gold, predicted = error.gold, error.predicted
    spans = [_span(span) for span in (gold, predicted) if span]
    line = f"{error.path or '-'}:{error.line}{identity}: {error.cause} {spans[0]} in {error.context}"
    if predicted:
        maker = f"made by {predicted.source}"
        line += f"; found {_span(predicted)}, {maker}" if gold else f"; {maker}"
    if error.border:
        line += f"; {error.border}" + (", a guideline difference" if error.guideline else "")
    return line


def _span(span: Span) -> str:
    return f"{span.label} [{one_line(span.text)}]"
