"""Scores predicted documents against gold with integer counts. Ratios are derived from counts; nothing is printed.

Every measure in `MEASURES` is counted for each document and label. Larger units are sums, so the scores of parts add up
to the score of the whole.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import fsum  # `sum` of floats gives different last bits from Python 3.12 on
from typing import NamedTuple

from ruletag.evaluation.borders import Borders
from ruletag.evaluation.measures import MEASURES, Comparison, Counts, scored_spans, strict_counts
from ruletag.evaluation.pairing import Span
from ruletag.model import LABELS, Document

ByLabel = Mapping[str, Counts]  # a missing label has no counts


class Macro(NamedTuple):
    """The mean over labels of precision, recall and F1, and the number of labels."""

    precision: float
    recall: float
    f1: float
    labels: int


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """The counts of one document, for each measure and label that has any."""

    name: str  # its id, else its path
    path: str
    counts: Mapping[str, ByLabel]

    def micro(self, measure: str = "strict", labels: Iterable[str] = LABELS) -> Counts:
        """The counts of several labels, added up."""
        return _sum(self.counts[measure], labels)


@dataclass(frozen=True, slots=True)
class Score:
    """The counts of every measure and label over all documents with gold.

    `per_document` keeps the order of the documents. If there is only one, `paragraphs` are the strict counts of each of
    its non-blank lines; a span belongs to the line where it starts.
    """

    counts: Mapping[str, ByLabel]
    documents: int
    skipped: tuple[str, ...]
    per_document: tuple[DocumentScore, ...] = ()
    paragraphs: tuple[ByLabel, ...] = ()

    def micro(self, measure: str = "strict", labels: Iterable[str] = LABELS) -> Counts:
        """The counts of several labels, added up."""
        return _sum(self.counts[measure], labels)

    def macro(self, measure: str = "strict", labels: Iterable[str] = LABELS) -> Macro:
        """The mean ratios over labels with gold or predictions; F1 is the mean of the F1 of the labels."""
        rows = [counts for label in labels if (counts := self.counts[measure][label]).gold or counts.predicted]
        number = len(rows) or 1
        return Macro(
            fsum(counts.precision for counts in rows) / number,
            fsum(counts.recall for counts in rows) / number,
            fsum(counts.f1 for counts in rows) / number,
            len(rows),
        )

    def strict_units(self) -> list[ByLabel]:
        """The strict counts of the units that are resampled: documents, or the paragraphs of a single document."""
        if self.documents == 1:
            return list(self.paragraphs)
        return [document.counts["strict"] for document in self.per_document]


def score(pairs: Iterable[tuple[Document, Document]], borders: Borders) -> Score:
    """Score pairs of gold and predicted documents. A gold document without annotations is skipped and named.

    Raises ValueError if the two texts of a pair differ.
    """
    per_document: list[DocumentScore] = []
    skipped: list[str] = []
    last: tuple[Document, Document] | None = None
    for gold, predicted in pairs:
        if not gold.annotated:
            skipped.append(gold.id or gold.path)
            continue
        last = gold, predicted
        comparison = Comparison(gold, predicted, borders)
        counts = {name: measure.count(comparison) for name, measure in MEASURES.items()}
        per_document.append(DocumentScore(gold.id or gold.path, gold.path, counts))
    paragraphs = _paragraphs(*last) if last and len(per_document) == 1 else ()
    totals = {
        name: {label: _sum_all(document.counts[name].get(label) for document in per_document) for label in LABELS}
        for name in MEASURES
    }
    return Score(totals, len(per_document), tuple(skipped), tuple(per_document), paragraphs)


def _sum(counts: ByLabel, labels: Iterable[str]) -> Counts:
    return _sum_all(counts.get(label) for label in labels)


def _sum_all(counts: Iterable[Counts | None]) -> Counts:
    return sum(filter(None, counts), Counts())


def _paragraphs(gold: Document, predicted: Document) -> tuple[ByLabel, ...]:
    """The strict counts of each non-blank line; a span that starts on a blank line counts for the one before."""
    starts = [match.start() for match in re.finditer(r"^.*\S.*$", gold.text, re.MULTILINE)] or [0]
    gold_lines, predicted_lines = ([Counter[Span]() for _ in starts] for _ in range(2))
    for document, lines in ((gold, gold_lines), (predicted, predicted_lines)):
        for span in scored_spans(document):
            lines[max(0, bisect_right(starts, span[0]) - 1)][span] += 1
    return tuple(strict_counts(*sides) for sides in zip(gold_lines, predicted_lines, strict=True))
