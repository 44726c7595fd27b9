"""An evaluation as text and JSON. Formats, never counts, never prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ruletag.evaluation.score import Counts, Error, Score
from ruletag.model import LABELS
from ruletag.report.pieces import context, entity_record, one_line

MEASURE_HELP = {
    "strict": "strict: same span, same label",
    "forgiven": "borders forgiven: determiner, title, civility and trailing demonym do not count",
}


def format_score(score: Score, guideline: str, *, errors: bool = False) -> str:
    """The report of one evaluation, for a terminal."""
    from tabulate import SEPARATING_LINE, tabulate

    rows: list[Any] = []
    for measure in _shown(score):
        if rows:
            rows.append(SEPARATING_LINE)
        rows += [_row(measure, label, counts) for label, counts in _lines(score, measure)]
    headers = ["measure", "label", "support", "predicted", "correct", "precision", "recall", "F1"]
    pieces = [
        tabulate(rows, headers, floatfmt=".3f"),
        "",
        *(f"{text}." for name, text in MEASURE_HELP.items() if name in score.counts),
        f"Guideline in force: {guideline}. Documents scored: {score.documents}.",
    ]
    if score.skipped:
        pieces.append(f"Without gold, not scored: {', '.join(score.skipped)}.")
    if errors:
        pieces += ["", *(format_error(error) for error in score.errors)]
    return "\n".join(pieces)


def format_error(error: Error) -> str:
    """One line for a missed or spurious span, with what stands there instead and who is responsible."""
    entity, document = error.entity, error.document
    where = f"{document.path or '-'}:{document.line(entity.start)}"
    if document.id:
        where += f" ({document.id})"
    line = f"{where}: {error.kind} {entity.label} [{one_line(entity.text)}] in {context(document, entity)}"
    if error.kind == "spurious":
        line += f"; made by {entity.source}"
    if error.other:
        made = f", made by {error.other.source}" if error.kind == "missed" else ""
        line += f"; {'found' if error.kind == 'missed' else 'gold has'} {error.other.label} "
        line += f"[{one_line(error.other.text)}]{made}"
    return line


def score_json(score: Score, guideline: str) -> str:
    """Everything of an evaluation as JSON: figures, documents, errors."""
    record = {
        "guideline": guideline,
        "documents": score.documents,
        "skipped": list(score.skipped),
        "measures": {
            measure: {label: _counts(counts) for label, counts in _lines(score, measure)} for measure in _shown(score)
        },
        "errors": [_error_record(error) for error in score.errors],
    }
    return json.dumps(record, ensure_ascii=False, indent=2)


def _shown(score: Score) -> list[str]:
    return [measure for measure in MEASURE_HELP if measure in score.counts]


def _lines(score: Score, measure: str) -> Iterator[tuple[str, Counts]]:
    yield from score.counts[measure].items()
    yield "PER+LOC+ORG", score.micro(measure, LABELS[:3])
    yield "micro", score.micro(measure)


def _row(measure: str, label: str, counts: Counts) -> list[Any]:
    ratios = [counts.precision, counts.recall, counts.f1]
    return [measure, label, counts.gold, counts.predicted, counts.correct, *ratios]


def _counts(counts: Counts) -> dict[str, Any]:
    whole = {"support": counts.gold, "predicted": counts.predicted, "correct": counts.correct}
    ratios = {"precision": counts.precision, "recall": counts.recall, "f1": counts.f1}
    return {**whole, **{name: round(value, 6) for name, value in ratios.items()}}


def _error_record(error: Error) -> dict[str, Any]:
    return {
        "kind": error.kind,
        "path": error.document.path,
        "id": error.document.id,
        "line": error.document.line(error.entity.start),
        **entity_record(error.entity),
        "context": context(error.document, error.entity),
        "other": entity_record(error.other) if error.other else None,
    }
