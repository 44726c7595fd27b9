"""Evaluation as a gate: finds figures of a report below a threshold, or below those of an older report.

A report is the object that `eval --json` prints. Only strict F1 is used. A threshold is compared with the exact value
from the counts, a baseline with the six digits of a report, without tolerance. Baselines for other gold or another
guideline are refused, because their figures cannot be compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from ruletag.errors import Fault, RuletagError, suggest
from ruletag.evaluation.measures import Counts
from ruletag.evaluation.uncertainty import ROWS
from ruletag.files import Input, read_text
from ruletag.formats import FORMATS
from ruletag.model import LABELS
from ruletag.report.pieces import DIGITS, rounded
from ruletag.report.record import MACRO, Figures, Record
from ruletag.typed import Unfit, read_field

_COMMAND = "`ruletag eval GOLD --json > FILE`"
_WRITE = f"write one with {_COMMAND}"


class Threshold(NamedTuple):
    """The least strict F1 for a row of a report: a label, `PER+LOC+ORG`, `micro` or `macro`."""

    row: str
    least: float


class Under(NamedTuple):
    """A row that does not reach its threshold; `value` is exact."""

    row: str
    value: float
    least: float

    def __str__(self) -> str:
        """Show as many digits as are needed to see that the value is lower."""
        digits = (f"{self.value:.{number}f}" for number in range(4, 18))
        value = next((text for text in digits if float(text) < self.least), repr(self.value))
        return f"{_description(self.row)} {value} is under {self.least}"


class Fall(NamedTuple):
    """A row that is lower than in the baseline; both values have the six digits of a report."""

    row: str
    before: float
    after: float

    def __str__(self) -> str:
        return f"{_description(self.row)} fell from {self.before:.{DIGITS}f} to {self.after:.{DIGITS}f}"


@dataclass(frozen=True, slots=True)
class Baseline:
    """The part of a report that is compared: the gold spans and the strict F1 of each row of `ROWS`."""

    path: str
    guideline: str
    documents: int
    support: Mapping[str, int]
    f1: Mapping[str, float]


def parse_thresholds(given: Iterable[str]) -> tuple[Threshold, ...]:
    """Parse values of `--fail-under`: `PER=0.9`, or `0.9` for micro. Raises RuletagError with all wrong values."""
    thresholds: list[Threshold] = []
    faults: list[Fault] = []
    for text in given:
        try:
            thresholds.append(_parse_threshold(text))
        except RuletagError as error:
            faults += error.faults
    if faults:
        raise RuletagError(faults)
    return tuple(thresholds)


def _parse_threshold(text: str) -> Threshold:
    row, equals, number = text.rpartition("=")
    rows = (*ROWS, MACRO)
    if equals and row not in rows:
        raise RuletagError(_fault(f"unknown label {row!r} in {text!r}", suggest(row, rows)))
    try:
        least = float(number)
    except ValueError:
        least = -1.0
    if not 0 <= least <= 1:
        raise RuletagError(_fault(f"{text!r} does not give a number from 0 to 1", "for example 0.9 or PER=0.9"))
    return Threshold(row if equals else "micro", least)


def _fault(message: str, help: str) -> Fault:
    return Fault("--fail-under", "RT110", message, help=help)


def below(record: Record, thresholds: Iterable[Threshold]) -> list[Under]:
    """The thresholds that a report does not reach, in their order. A label without any span has F1 0."""
    strict = record.measures["strict"]
    values = ((threshold, _exact_f1(strict, threshold.row)) for threshold in thresholds)
    return [Under(threshold.row, value, threshold.least) for threshold, value in values if value < threshold.least]


def _exact_f1(strict: Mapping[str, Figures], row: str) -> float:
    """F1 from the counts of a report; `macro` is the mean over the labels that have gold or predictions."""
    if row != MACRO:
        return _counts(strict[row]).f1
    by_label = [counts for label in LABELS if (counts := _counts(strict[label])).gold or counts.predicted]
    total = sum((Fraction(2 * counts.correct, counts.gold + counts.predicted) for counts in by_label), Fraction())
    return float(total / max(1, len(by_label)))


def _counts(figures: Figures) -> Counts:
    return Counts(figures.support, figures.predicted, figures.correct)


def read_baseline(path: str) -> Baseline:
    """Read an older report. Raises RuletagError if the file is missing, is not JSON or has no comparable figures."""
    text = read_text(Input(Path(path), path, path, FORMATS["jsonl"]))
    try:
        report = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RuletagError(Fault(path, "RT109", f"this is not JSON: {error}", help=_WRITE)) from None
    return parse_baseline(report, path)


def parse_baseline(report: Any, path: str) -> Baseline:
    """Extract the baseline from the JSON of a report; `path` is for faults. Raises RuletagError if figures are missing.

    Only compared fields are checked: a report from another version may have more fields, or lack some.
    """
    measures = report.get("measures") if isinstance(report, dict) else None
    if not isinstance(measures, dict) or not _has(report, Record, "documents"):
        raise RuletagError(Fault(path, "RT109", "is not a report of `ruletag eval --json`", help=_WRITE))
    strict = measures.get("strict")
    if not isinstance(strict, dict):
        raise RuletagError(Fault(path, "RT109", "contains no strict figures", help=_WRITE))
    faults = [
        Fault(path, "RT109", f"lacks the strict F1 or the support of {row}", help=_WRITE)
        for row in ROWS
        if not _has(strict.get(row), Figures, "support", "f1")
    ]
    if faults:
        raise RuletagError(faults)
    return Baseline(
        path,
        str(report.get("guideline")),
        report["documents"],
        {row: strict[row]["support"] for row in ROWS},
        {row: rounded(float(strict[row]["f1"])) for row in ROWS},
    )


def _has(value: Any, record: type, *names: str) -> bool:
    """Whether a JSON value is an object with valid fields of these names of a record."""
    try:
        for name in names:
            read_field(record, name, value)
    except Unfit:
        return False
    return True


def baseline_of(record: Record) -> Baseline:
    """The part of a new report that is compared."""
    strict = record.measures["strict"]
    support = {row: strict[row].support for row in ROWS}
    f1 = {row: strict[row].f1 for row in ROWS}
    return Baseline("the report", record.guideline, record.documents, support, f1)


def compare(record: Record, baseline: Baseline) -> list[Fall]:
    """The rows whose strict F1 is lower than in the baseline, of labels that have gold, `PER+LOC+ORG` and `micro`.

    Raises RuletagError if the two are for different gold or under different guidelines.
    """
    now = baseline_of(record)
    faults = [
        Fault(baseline.path, "RT109", message, help=f"if the change is intended, write a new one with {_COMMAND}")
        for message in _differences(now, baseline)
    ]
    if faults:
        raise RuletagError(faults)
    rows = [row for row in ROWS if row not in LABELS or now.support[row]]
    return [Fall(row, baseline.f1[row], now.f1[row]) for row in rows if now.f1[row] < baseline.f1[row]]


def _differences(now: Baseline, before: Baseline) -> Iterator[str]:
    """The reasons why two reports cannot be compared."""
    if now.guideline != before.guideline:
        yield f"was scored under the guideline {before.guideline!r}, not {now.guideline!r}"
    if now.documents != before.documents:
        yield f"is for a different gold: {before.documents} documents scored, not {now.documents}"
    for label in LABELS:
        if now.support[label] != before.support[label]:
            yield f"is for a different gold: {before.support[label]} gold spans of {label}, not {now.support[label]}"


def _description(row: str) -> str:
    return f"strict {row}-F1" if row in ("micro", MACRO) else f"strict F1 of {row}"
