"""The record of two systems on one gold, which `compare --json` prints. Counts nothing.

Ratios have six digits; offsets are half-open code points of the original text; a count without a unit counts spans.
Of two values, that of the first system comes first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from ruletag.evaluation.agreement import ComparedSpan, SideBySide
from ruletag.evaluation.score import Score
from ruletag.evaluation.uncertainty import ROWS, Difference, Interval
from ruletag.fields import Number, String
from ruletag.report.pieces import (
    Bounds,
    Count,
    Label,
    Line,
    MadeSpan,
    Ratio,
    Signed,
    bounds,
    context,
    made_span,
    rounded,
)
from ruletag.report.run import Run
from ruletag.typed import plain

Names = tuple[str, str]
Row = Annotated[str, String(tuple(ROWS))]


class Compared(NamedTuple):
    """Two systems on one gold, counted."""

    names: Names
    guideline: str
    scores: tuple[Score, Score]
    intervals: tuple[Mapping[str, Interval], Mapping[str, Interval]]
    difference: Difference
    seen: SideBySide


@dataclass(frozen=True, slots=True)
class StrictFigures:
    """The strict figures of a system for one row."""

    support: Annotated[Count, "gold spans"]
    predicted: Annotated[Count, "predicted spans"]
    correct: Annotated[Count, "spans that are right"]
    precision: Annotated[Ratio, "`correct` / `predicted`"]
    recall: Annotated[Ratio, "`correct` / `support`"]
    f1: Annotated[Ratio, "the harmonic mean of both"]
    interval: Annotated[
        Bounds | None, "both ends of the 95 % interval of F1; absent if there is only one paragraph"
    ] = None


@dataclass(frozen=True, slots=True)
class System:
    """One of the two systems."""

    name: Annotated[str, "its predictions, as they were named"]
    strict: Annotated[Mapping[Row, StrictFigures], "the strict figures of each label, of `PER+LOC+ORG` and of `micro`"]


@dataclass(frozen=True, slots=True)
class Randomisation:
    """The test of the difference of strict micro-F1."""

    p: Annotated[Ratio, "how often chance alone gives a difference this large"]
    trials: Annotated[Count, "trials"]
    unit: Annotated[str, String(("document", "paragraph")), "what the trials exchange: `document` or `paragraph`"]
    units: Annotated[Count, "how many of these there are"]


@dataclass(frozen=True, slots=True)
class Counts:
    """Gold spans by who has them right, and spurious spans by who made them."""

    both: Annotated[Count, "gold spans that both have right"]
    only_first: Annotated[Count, "those that the first alone has right"]
    only_second: Annotated[Count, "those that the second alone has right"]
    neither: Annotated[Count, "those that neither has right"]
    spurious_both: Annotated[Count, "spans that are in both and not in the gold"]
    spurious_first: Annotated[Count, "those that are in the first alone"]
    spurious_second: Annotated[Count, "those that are in the second alone"]


@dataclass(frozen=True, slots=True)
class FoundSpan:
    """A span that only one system has right, or only one has wrong."""

    path: Annotated[str, "the file of the document"]
    id: Annotated[str | None, "the id of the document, or null"]
    line: Annotated[Line, "the line of the file on which the span begins"]
    start: Annotated[Count, "the offset of its first code point"]
    end: Annotated[int, Number(1), "the offset after its last code point"]
    label: Annotated[Label, "`PER`, `LOC`, `ORG` or `MISC`"]
    text: Annotated[str, "the text from `start` to `end`"]
    source: Annotated[str, "what made it, if the file says so; else `gold`"]
    context: Annotated[str, "its context: 40 code points on each side, on one line"]
    other: Annotated[MadeSpan | None, "the span of the other system, or of the gold, that overlaps it; or null"]


@dataclass(frozen=True, slots=True)
class Apart:
    """The spans that only one system has."""

    only_first: Annotated[tuple[FoundSpan, ...], "right in the first alone"]
    only_second: Annotated[tuple[FoundSpan, ...], "right in the second alone"]
    spurious_first: Annotated[tuple[FoundSpan, ...], "spurious in the first alone"]
    spurious_second: Annotated[tuple[FoundSpan, ...], "spurious in the second alone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two systems on one gold."""

    run: Annotated[Run | None, "how it was made, as in the record of `eval`"] = None
    guideline: Annotated[str, "the guidelines in force; if there are several, each with the formats that follow it"]
    documents: Annotated[Count, "how many documents were scored"]
    skipped: Annotated[tuple[str, ...], "the documents without gold, by id, else path"]
    first: Annotated[System, "the first system"]
    second: Annotated[System, "the second system"]
    difference: Annotated[Mapping[Row, Signed], "F1 of the second minus F1 of the first, for each row"]
    randomisation: Annotated[Randomisation, "whether chance explains the difference of `micro`"]
    counts: Annotated[Counts, "how many spans both, one or neither of them has"]
    spans: Annotated[Apart, "the spans that only one of them has"]


def comparison_json(compared: Compared, run: Run | None = None) -> str:
    """The record as JSON text."""
    return json.dumps(plain(make_comparison(compared, run)), ensure_ascii=False, indent=2)


def make_comparison(compared: Compared, run: Run | None = None) -> Comparison:
    """The record of two systems; `run` is how it was made, if known."""
    seen, test = compared.seen, compared.difference
    first, second = (
        System(name, {row: _figures(score, row, intervals.get(row)) for row in ROWS})
        for name, score, intervals in zip(compared.names, compared.scores, compared.intervals, strict=True)
    )
    return Comparison(
        run=run,
        guideline=compared.guideline,
        documents=seen.documents,
        skipped=seen.skipped,
        first=first,
        second=second,
        difference={row: rounded(_difference(compared, row)) for row in ROWS},
        randomisation=Randomisation(rounded(test.p), test.trials, unit(seen), test.units),
        counts=_counts(seen),
        spans=Apart(
            _spans(seen.only_first),
            _spans(seen.only_second),
            _spans(seen.spurious_first),
            _spans(seen.spurious_second),
        ),
    )


def unit(seen: SideBySide) -> str:
    """The unit that the trials exchange."""
    return "paragraph" if seen.documents == 1 else "document"


def _figures(score: Score, row: str, interval: Interval | None) -> StrictFigures:
    counts = score.micro(labels=ROWS[row])
    ratios = rounded(counts.precision), rounded(counts.recall), rounded(counts.f1)
    return StrictFigures(counts.gold, counts.predicted, counts.correct, *ratios, bounds(interval) if interval else None)


def _difference(compared: Compared, row: str) -> float:
    first, second = (score.micro(labels=ROWS[row]).f1 for score in compared.scores)
    return second - first


def _counts(seen: SideBySide) -> Counts:
    return Counts(
        both=len(seen.both),
        only_first=len(seen.only_first),
        only_second=len(seen.only_second),
        neither=len(seen.neither),
        spurious_both=len(seen.spurious_both),
        spurious_first=len(seen.spurious_first),
        spurious_second=len(seen.spurious_second),
    )


def _spans(spans: Iterable[ComparedSpan]) -> tuple[FoundSpan, ...]:
    return tuple(map(_span, spans))


def _span(span: ComparedSpan) -> FoundSpan:
    document, entity, other = span
    return FoundSpan(
        path=document.path,
        id=document.id,
        line=document.line(entity.start),
        start=entity.start,
        end=entity.end,
        label=entity.label,
        text=entity.text,
        source=str(entity.source),
        context=context(document, entity),
        other=made_span(other) if other else None,
    )
