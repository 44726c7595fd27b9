"""The record of an evaluation, which `eval --json` prints and all other reports are made from. Counts nothing.

The classes describe each field once; the JSON, its schema (`ruletag schema eval`) and all reports follow from them. A
field that may be absent has a default; all others are always present. Ratios have six digits; offsets are half-open
code points of the original text; a count without a unit counts spans.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from ruletag.evaluation.causes import BORDER_KINDS, CAUSES
from ruletag.evaluation.measures import MEASURES
from ruletag.evaluation.uncertainty import ROWS
from ruletag.fields import Number, String
from ruletag.report.pieces import Amount, Bounds, Count, Label, Line, MadeSpan, Ratio, Span
from ruletag.report.run import Run
from ruletag.typed import plain

MACRO = "macro"
Measure = Annotated[str, String(tuple(MEASURES))]
Row = Annotated[str, String((*ROWS, MACRO))]
Cause = Annotated[str, String(tuple(cause for cause in CAUSES if cause != "correct"))]
Border = Annotated[str, String(tuple(BORDER_KINDS))]


@dataclass(frozen=True, slots=True)
class Figures:
    """The counts and ratios of one measure for one row of its table."""

    support: Annotated[Count, "gold spans"]
    predicted: Annotated[Count, "predicted spans"]
    correct: Annotated[Count, "gold spans that are matched in full"]
    partial: Annotated[Count, "gold spans that are matched in half"]
    correct_given: Annotated[
        Count, "predicted spans that match in full; differs from `correct` where labels are ignored"
    ]
    partial_given: Annotated[Count, "predicted spans that match in half"]
    precision: Annotated[Ratio, "(`correct_given` + `partial_given` / 2) / `predicted`"]
    recall: Annotated[Ratio, "(`correct` + `partial` / 2) / `support`"]
    f1: Annotated[Ratio, "the harmonic mean of both; in the row `macro`, the mean of the F1 of the labels"]
    interval: Annotated[
        Bounds | None,
        "both ends of the 95 % interval of F1; only for `strict`, not for `macro`, nor for a single paragraph",
    ] = None


@dataclass(frozen=True, slots=True)
class GroupLine:
    """The strict figures of a group of documents."""

    group: Annotated[str, "its name: a genre, a file or a folder"]
    documents: Annotated[Count, "how many documents it has"]
    support: Annotated[Count, "gold spans"]
    predicted: Annotated[Count, "predicted spans"]
    correct: Annotated[Count, "spans that are right"]
    precision: Annotated[Ratio, "`correct` / `predicted`"]
    recall: Annotated[Ratio, "`correct` / `support`"]
    f1: Annotated[Ratio, "the harmonic mean of both"]
    labels: Annotated[Mapping[Label, Ratio], "the F1 of each label that has gold or predicted spans"]


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """The strict figures of a document."""

    document: Annotated[str, "its id, else its path"]
    support: Annotated[Count, "gold spans"]
    predicted: Annotated[Count, "predicted spans"]
    correct: Annotated[Count, "spans that are right"]
    precision: Annotated[Ratio, "`correct` / `predicted`"]
    recall: Annotated[Ratio, "`correct` / `support`"]
    f1: Annotated[Ratio, "the harmonic mean of both"]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The errors by cause."""

    errors: Annotated[Count, "errors: a pair of spans that overlap is one"]
    guideline: Annotated[Count, "of these, guideline differences"]
    counts: Annotated[Mapping[Cause, Count], "the errors of each cause"]
    borders: Annotated[Mapping[Border, Count], "errors by how their borders differ; only kinds that occur"]
    f1: Annotated[Ratio, "strict F1"]
    f1_forgiven: Annotated[Ratio, "F1 without guideline differences, as the measure `forgiven` has it"]


@dataclass(frozen=True, slots=True)
class Surface:
    """A surface that is often in error."""

    text: Annotated[str, "the surface as it is first written, on one line"]
    count: Annotated[Count, "its errors in the cell"]
    where: Annotated[str, "file and line of the first"]
    context: Annotated[str, "the context of the first: 40 code points on each side, on one line"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the confusion matrix that is not empty."""

    gold: Annotated[Label | None, "the label of the gold span; null for none"]
    predicted: Annotated[Label | None, "the label of the predicted span; null for none"]
    count: Annotated[Count, "verdicts"]
    errors: Annotated[Count, "of these, errors"]
    surfaces: Annotated[tuple[Surface, ...], "the three most frequent in error"]


@dataclass(frozen=True, slots=True)
class Actions:
    """The actions of a reviewer per 1,000 words, and the time that they take."""

    accept: Annotated[Amount, "right spans that are looked at"]
    rebound: Annotated[Amount, "borders that are moved"]
    relabel: Annotated[Amount, "labels that are changed"]
    add: Annotated[Amount, "spans that are added"]
    delete: Annotated[Amount, "spans that are deleted"]
    seconds: Annotated[Amount, "seconds for all of these and for reading"]


@dataclass(frozen=True, slots=True)
class Prices:
    """Seconds that an action takes."""

    accept: Annotated[Amount, "seconds to look at a right span"]
    rebound: Annotated[Amount, "seconds to move its borders"]
    relabel: Annotated[Amount, "seconds to change its label"]
    add: Annotated[Amount, "seconds to add a span"]
    delete: Annotated[Amount, "seconds to delete one"]
    read: Annotated[Amount, "seconds to read a word"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """The estimated effort of a review."""

    tokens: Annotated[Count, "words of the texts: tokens that begin with a letter"]
    costs: Annotated[Prices, "seconds of each action"]
    with_: Annotated[Actions, "with pre-annotations, for 1,000 words"]
    without: Annotated[Actions, "without them"]
    saving: Annotated[
        float,
        Number(None, 1, whole=False),
        "the share of the time that is saved: 0.29 is 29 %; negative if time is lost",
    ]
    saving_range: Annotated[tuple[float, float], "the saving of the quickest and the slowest reviewer, lower first"]
    sentence: Annotated[str, "the estimate in a sentence"]


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """An error. Raises ValueError if there is neither a gold nor a predicted span."""

    cause: Annotated[Cause, "what is wrong"]
    border: Annotated[Border | None, "how the borders differ, or the kind of a span that is gone; else null"]
    guideline: Annotated[bool, "whether it is a guideline difference"]
    path: Annotated[str, "the file of the document"]
    id: Annotated[str | None, "the id of the document, or null"]
    line: Annotated[Line, "the line of the file on which the span begins"]
    context: Annotated[str, "its context: 40 code points on each side, on one line"]
    gold: Annotated[Span | None, "the gold span, or null"]
    predicted: Annotated[MadeSpan | None, "the predicted span, or null"]

    def __post_init__(self) -> None:
        if not (self.gold or self.predicted):
            raise ValueError("an error has a gold or a predicted span")


@dataclass(frozen=True, slots=True)
class AccountLine:
    """The account of a source of spans."""

    source: Annotated[str, "the rule or entry, and where it is written; for memory, what taught it"]
    kind: Annotated[str, String(("rule", "entry", "memory", "gold")), "`rule`, `entry`, `memory` or `gold`"]
    path: Annotated[str, "the file where it is written"]
    line: Annotated[Count, "the line of that file; 0 for none"]
    produced: Annotated[Count, "spans that it made"]
    correct: Annotated[Count, "of these, right ones"]
    label: Annotated[Count, "of these, with a wrong label"]
    border: Annotated[Count, "of these, with wrong borders"]
    both: Annotated[Count, "of these, with both wrong"]
    spurious: Annotated[Count, "of these, those where the gold has nothing"]
    guideline: Annotated[Count, "of the wrong ones, guideline differences"]
    seconded: Annotated[Count, "candidates that lost to one with the same span and label"]
    lost: Annotated[Count, "other candidates that lost"]
    lost_right: Annotated[Count, "of the lost, those that are gold spans nothing else found"]
    lost_to: Annotated[
        tuple[tuple[str | None, Count], ...],
        "what the lost ones lost to and how often, the most frequent first; null for the guideline",
    ]
    precision: Annotated[Ratio, "`correct` / `produced`; 0/0 is 0"]
    interval: Annotated[Bounds, "both ends of its 95 % score interval"]
    harm: Annotated[float, Number(0, whole=False), "wrong spans, weighted by how surely the source is often wrong"]


@dataclass(frozen=True, slots=True)
class Silent:
    """The sources that never fired."""

    rules: Annotated[tuple[str, ...], "the rules, and where each is written"]
    entries: Annotated[Count, "how many entries"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One evaluation."""

    ruletag: Annotated[str, "the version that made the record"]
    run: Annotated[Run | None, "how it was made"] = None
    guideline: Annotated[str, "the guidelines in force; if there are several, each with the formats that follow it"]
    documents: Annotated[Count, "how many documents were scored"]
    skipped: Annotated[tuple[str, ...], "the documents without gold, by id, else path"]
    measures: Annotated[
        Mapping[Measure, Mapping[Row, Figures]],
        "for each measure the figures of each label, of `PER+LOC+ORG`, `micro` and `macro`",
    ]
    groups: Annotated[tuple[GroupLine, ...], "the strict figures of each group of documents"]
    per_document: Annotated[tuple[DocumentLine, ...], "the strict figures of each document"]
    causes: Annotated[Breakdown, "the errors by cause"]
    confusion: Annotated[tuple[Cell, ...], "the cells of the confusion that are not empty"]
    effort: Annotated[Estimate, "the estimated effort of a review"]
    errors: Annotated[tuple[ErrorLine, ...], "every error, by document and offset"]
    ledger: Annotated[
        tuple[AccountLine, ...] | None,
        "an account for each source, the most harmful first; absent for predictions from a file",
    ] = None
    silent: Annotated[Silent | None, "the sources that never fired; absent for predictions from a file"] = None


def record_json(record: Record) -> str:
    """The record as JSON text."""
    return json.dumps(plain(record), ensure_ascii=False, indent=2)
