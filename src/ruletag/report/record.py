"""An evaluation as one plain record, which `eval --json` prints and every other report is made of. Counts nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ruletag import __version__
from ruletag.evaluation.assess import Assessment
from ruletag.evaluation.causes import GUIDELINE_KINDS, Causes, Verdict
from ruletag.evaluation.confusion import NONE, Cell
from ruletag.evaluation.effort import ACTIONS, COSTS, Effort
from ruletag.evaluation.groups import Group, groups
from ruletag.evaluation.ledger import Account, Ledger
from ruletag.evaluation.measures import Counts
from ruletag.evaluation.score import DocumentScore, Macro, Score
from ruletag.evaluation.uncertainty import Interval
from ruletag.model import LABELS, Document, Entity
from ruletag.report.effort import format_effort
from ruletag.report.pieces import context
from ruletag.report.run import Run, run_record

Record = dict[str, Any]
_DIGITS = 6


def make_record(found: Assessment, run: Run | None = None) -> Record:
    """The record. Ratios have six digits; offsets are half-open code points of the text as it came."""
    score = found.score
    record = {
        "ruletag": __version__,
        **({"run": run_record(run)} if run else {}),
        "guideline": found.guideline,
        "documents": score.documents,
        "skipped": list(score.skipped),
        "measures": {measure: _measure(score, measure, found.intervals) for measure in score.counts},
        "groups": [_group(each) for each in groups([each.gold for each in found.judged], score.per_document)],
        "per_document": [_document_line(document) for document in score.per_document],
        "causes": _causes(found.causes),
        "confusion": [_cell(*labels, cell) for labels, cell in found.confusion.items() if cell.count],
        "effort": _effort(found.effort),
        "errors": [
            _error(each.gold, verdict)
            for each in found.judged
            for verdict in each.verdicts
            if verdict.cause != "correct"
        ],
    }
    if found.ledger:
        record |= _ledger(found.ledger)
    return record


def record_json(record: Record) -> str:
    """The record as JSON text."""
    return json.dumps(record, ensure_ascii=False, indent=2)


def make_texts(found: Assessment) -> list[Record]:
    """The scored texts with a mark for each verdict, for a report that shows them."""
    return [
        {
            "name": each.gold.id or each.gold.path,
            "text": each.gold.text,
            "marks": [
                {
                    "cause": verdict.cause,
                    "gold": list(verdict.gold.span) if verdict.gold else None,
                    "predicted": [*verdict.predicted.span, str(verdict.predicted.source)]
                    if verdict.predicted
                    else None,
                }
                for verdict in each.verdicts
            ],
        }
        for each in found.judged
    ]


def _measure(score: Score, measure: str, intervals: Mapping[str, Interval]) -> Record:
    lines: Record = {label: _counts(counts) for label, counts in score.counts[measure].items()}
    lines["PER+LOC+ORG"] = _counts(score.micro(measure, LABELS[:3]))
    lines["micro"] = _counts(score.micro(measure))
    lines["macro"] = {**_counts(score.micro(measure)), **_ratios(score.macro(measure))}
    if measure == "strict":
        for name, interval in intervals.items():
            lines[name]["interval"] = _bounds(interval)
    return lines


def _counts(counts: Counts) -> Record:
    """The counts of the gold side; those of the predicted side, which differ where labels are ignored, as `…_given`."""
    return {
        "support": counts.gold,
        "predicted": counts.predicted,
        "correct": counts.correct,
        "partial": counts.partial,
        "correct_given": counts.correct_given,
        "partial_given": counts.partial_given,
        **_ratios(counts),
    }


def _ratios(found: Counts | Macro) -> Record:
    ratios = {"precision": found.precision, "recall": found.recall, "f1": found.f1}
    return {name: round(value, _DIGITS) for name, value in ratios.items()}


def _bounds(interval: Interval) -> list[float]:
    return [round(interval.low, _DIGITS), round(interval.high, _DIGITS)]


def _document_line(document: DocumentScore) -> Record:
    return {"document": document.name, **_whole(document.micro())}


def _group(group: Group) -> Record:
    by_label = {label: counts for label in LABELS if (counts := group.strict([label])).gold or counts.predicted}
    return {
        "group": group.name,
        "documents": len(group.documents),
        **_whole(group.strict()),
        "labels": {label: round(counts.f1, _DIGITS) for label, counts in by_label.items()},
    }


def _whole(counts: Counts) -> Record:
    return {"support": counts.gold, "predicted": counts.predicted, "correct": counts.correct, **_ratios(counts)}


def _causes(causes: Causes) -> Record:
    borders = {
        kind: sum(found[kind] for found in causes.borders.values()) for kind in next(iter(causes.borders.values()))
    }
    return {
        "errors": causes.errors,
        "guideline": causes.guideline_errors,
        "counts": {cause: count for cause, count in causes.causes.items() if cause != "correct"},
        "borders": {kind: count for kind, count in borders.items() if count},
        "f1": round(causes.strict.f1, _DIGITS),
        "f1_forgiven": round(causes.forgiven.f1, _DIGITS),
    }


def _cell(gold: str, predicted: str, cell: Cell) -> Record:
    return {
        "gold": None if gold == NONE else gold,
        "predicted": None if predicted == NONE else predicted,
        "count": cell.count,
        "errors": cell.errors,
        "surfaces": [
            {
                "text": example.surface,
                "count": example.count,
                "where": f"{example.document.path}:{example.document.line(example.entity.start)}",
                "context": context(example.document, example.entity),
            }
            for example in cell.examples
        ],
    }


def _ledger(ledger: Ledger) -> Record:
    return {
        "ledger": [_account(account) for account in ledger.accounts],
        "silent": {
            "rules": [str(source) for source in ledger.silent_rules],
            "entries": len(ledger.silent_entries),
        },
    }


def _account(account: Account) -> Record:
    source = account.source
    names = (
        "produced",
        "correct",
        "label",
        "border",
        "both",
        "spurious",
        "guideline",
        "seconded",
        "lost",
        "lost_right",
    )
    return {
        "source": str(source),
        "kind": source.kind,
        "path": source.path,
        "line": source.line,
        **{name: getattr(account, name) for name in names},
        "lost_to": [[str(winner) if winner else None, count] for winner, count in account.lost_to],
        "precision": round(account.precision, _DIGITS),
        "interval": _bounds(account.interval),
        "harm": round(account.harm, _DIGITS),
    }


def _effort(effort: Effort) -> Record:
    without = {**dict.fromkeys(ACTIONS, 0), "add": effort.gold}
    return {
        "tokens": effort.words,
        "costs": {name: getattr(effort.costs, name) for name in COSTS},
        "with": {action: _each(effort, getattr(effort, action)) for action in ACTIONS}
        | {"seconds": _each(effort, effort.seconds)},
        "without": {action: _each(effort, count) for action, count in without.items()}
        | {"seconds": _each(effort, effort.seconds_without)},
        "saving": round(effort.saving, _DIGITS),
        "saving_range": [round(share, _DIGITS) for share in effort.saving_range],
        "sentence": format_effort(effort),
    }


def _each(effort: Effort, count: float) -> float:
    return round(effort.per_thousand(count), 3)


def _error(document: Document, verdict: Verdict) -> Record:
    return {
        "cause": verdict.cause,
        "border": verdict.border or None,
        "guideline": verdict.border in GUIDELINE_KINDS and verdict.is_guideline,
        "path": document.path,
        "id": document.id,
        "line": document.line(verdict.entity.start),
        "context": context(document, verdict.entity),
        "gold": _span(verdict.gold) if verdict.gold else None,
        "predicted": {**_span(verdict.predicted), "source": str(verdict.predicted.source)}
        if verdict.predicted
        else None,
    }


def _span(entity: Entity) -> Record:
    return {"start": entity.start, "end": entity.end, "label": entity.label, "text": entity.text}
