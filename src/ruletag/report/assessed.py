"""The record of an assessment. Counts nothing."""

from __future__ import annotations

from collections.abc import Mapping

from ruletag import __version__
from ruletag.evaluation import confusion
from ruletag.evaluation.assess import Assessment
from ruletag.evaluation.causes import Causes, Judged, Verdict
from ruletag.evaluation.effort import ACTIONS, COSTS, Effort
from ruletag.evaluation.groups import Group, groups
from ruletag.evaluation.ledger import Account, Ledger
from ruletag.evaluation.measures import Counts
from ruletag.evaluation.score import DocumentScore, Macro, Score
from ruletag.evaluation.uncertainty import Interval
from ruletag.model import LABELS, Document
from ruletag.report.effort import format_effort
from ruletag.report.pieces import bounds, context, made_span, rounded, span
from ruletag.report.record import (
    MACRO,
    AccountLine,
    Actions,
    Breakdown,
    Cell,
    DocumentLine,
    ErrorLine,
    Estimate,
    Figures,
    GroupLine,
    Prices,
    Record,
    Silent,
    Surface,
)
from ruletag.report.run import Run


def make_record(found: Assessment, run: Run | None = None) -> Record:
    """The record of an assessment; `run` is how it was made, if known."""
    score = found.score
    return Record(
        ruletag=__version__,
        run=run,
        guideline=found.guideline,
        documents=score.documents,
        skipped=score.skipped,
        measures={measure: _rows(score, measure, found.intervals) for measure in score.counts},
        groups=tuple(map(_group, groups([judged.gold for judged in found.judged], score.per_document))),
        per_document=tuple(map(_document, score.per_document)),
        causes=_breakdown(found.causes),
        confusion=tuple(_cell(*labels, cell) for labels, cell in found.confusion.items() if cell.count),
        effort=_estimate(found.effort),
        errors=tuple(error for judged in found.judged for error in _errors(judged)),
        ledger=tuple(map(_account, found.ledger.accounts)) if found.ledger else None,
        silent=_silent(found.ledger) if found.ledger else None,
    )


def _rows(score: Score, measure: str, intervals: Mapping[str, Interval]) -> dict[str, Figures]:
    row_intervals = intervals if measure == "strict" else {}
    rows = {
        **score.counts[measure],
        "PER+LOC+ORG": score.micro(measure, LABELS[:3]),
        "micro": score.micro(measure),
    }
    figures = {row: _figures(counts, counts, row_intervals.get(row)) for row, counts in rows.items()}
    return {**figures, MACRO: _figures(rows["micro"], score.macro(measure))}


def _figures(counts: Counts, ratios: Counts | Macro, interval: Interval | None = None) -> Figures:
    return Figures(
        support=counts.gold,
        predicted=counts.predicted,
        correct=counts.correct,
        partial=counts.partial,
        correct_given=counts.correct_given,
        partial_given=counts.partial_given,
        precision=rounded(ratios.precision),
        recall=rounded(ratios.recall),
        f1=rounded(ratios.f1),
        interval=bounds(interval) if interval else None,
    )


def _document(document: DocumentScore) -> DocumentLine:
    return DocumentLine(document.name, *_strict_fields(document.micro()))


def _group(group: Group) -> GroupLine:
    by_label = {label: counts for label in LABELS if (counts := group.strict([label])).gold or counts.predicted}
    labels = {label: rounded(counts.f1) for label, counts in by_label.items()}
    return GroupLine(group.name, len(group.documents), *_strict_fields(group.strict()), labels)


def _strict_fields(counts: Counts) -> tuple[int, int, int, float, float, float]:
    """Support, predicted, correct, precision, recall and F1, as lines of a record have them."""
    ratios = rounded(counts.precision), rounded(counts.recall), rounded(counts.f1)
    return counts.gold, counts.predicted, counts.correct, *ratios


def _breakdown(causes: Causes) -> Breakdown:
    borders = {
        kind: sum(counts[kind] for counts in causes.borders.values()) for kind in next(iter(causes.borders.values()))
    }
    return Breakdown(
        errors=causes.errors,
        guideline=causes.guideline_errors,
        counts={cause: count for cause, count in causes.causes.items() if cause != "correct"},
        borders={kind: count for kind, count in borders.items() if count},
        f1=rounded(causes.strict.f1),
        f1_forgiven=rounded(causes.forgiven.f1),
    )


def _cell(gold: str, predicted: str, cell: confusion.Cell) -> Cell:
    surfaces = (
        Surface(
            example.surface,
            example.count,
            f"{example.document.path}:{example.document.line(example.entity.start)}",
            context(example.document, example.entity),
        )
        for example in cell.examples
    )
    return Cell(_label(gold), _label(predicted), cell.count, cell.errors, tuple(surfaces))


def _label(name: str) -> str | None:
    return None if name == confusion.NONE else name


def _estimate(effort: Effort) -> Estimate:
    with_tagger = {action: getattr(effort, action) for action in ACTIONS} | {"seconds": effort.seconds}
    without = dict.fromkeys(ACTIONS, 0) | {"add": effort.gold, "seconds": effort.seconds_without}
    low, high = effort.saving_range
    return Estimate(
        tokens=effort.words,
        costs=Prices(**{name: getattr(effort.costs, name) for name in COSTS}),
        with_=_actions(effort, with_tagger),
        without=_actions(effort, without),
        saving=rounded(effort.saving),
        saving_range=(rounded(low), rounded(high)),
        sentence=format_effort(effort),
    )


def _actions(effort: Effort, counts: Mapping[str, float]) -> Actions:
    return Actions(**{name: round(effort.per_thousand(count), 3) for name, count in counts.items()})


def _errors(judged: Judged) -> list[ErrorLine]:
    return [_error(judged.gold, verdict) for verdict in judged.verdicts if verdict.cause != "correct"]


def _error(document: Document, verdict: Verdict) -> ErrorLine:
    return ErrorLine(
        cause=verdict.cause,
        border=verdict.border or None,
        guideline=verdict.is_guideline,
        path=document.path,
        id=document.id,
        line=document.line(verdict.entity.start),
        context=context(document, verdict.entity),
        gold=span(verdict.gold) if verdict.gold else None,
        predicted=made_span(verdict.predicted) if verdict.predicted else None,
    )


def _account(account: Account) -> AccountLine:
    source = account.source
    return AccountLine(
        source=str(source),
        kind=source.kind,
        path=source.path,
        line=source.line,
        produced=account.produced,
        correct=account.correct,
        label=account.label,
        border=account.border,
        both=account.both,
        spurious=account.spurious,
        guideline=account.guideline,
        seconded=account.seconded,
        lost=account.lost,
        lost_right=account.lost_right,
        lost_to=tuple((str(winner) if winner else None, count) for winner, count in account.lost_to),
        precision=rounded(account.precision),
        interval=bounds(account.interval),
        harm=rounded(account.harm),
    )


def _silent(ledger: Ledger) -> Silent:
    return Silent(tuple(map(str, ledger.silent_rules)), len(ledger.silent_entries))
