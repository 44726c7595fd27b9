"""The agreement of two annotators, as text and JSON. Formats, never counts, never prints.

In text, the two are called A and B; their names are given once, in the first line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from ruletag.evaluation.agreement import Agreement, Kappa
from ruletag.evaluation.measures import OUTSIDE, Counts
from ruletag.evaluation.uncertainty import ROWS
from ruletag.fields import String
from ruletag.model import LABELS
from ruletag.report import figures
from ruletag.report.pieces import Count, Ratio, Signed, left_out, rounded, table
from ruletag.typed import plain

Row = Annotated[str, String(tuple(ROWS))]
Mark = Annotated[str, String((*LABELS, OUTSIDE))]


@dataclass(frozen=True, slots=True)
class AgreedSpans:
    """The agreement on the spans of one row."""

    first: Annotated[Count, "spans of the first"]
    second: Annotated[Count, "spans of the second"]
    same: Annotated[Count, "those that are in both, with the same label"]
    f1: Annotated[Ratio, "2 · `same` / (`first` + `second`)"]


@dataclass(frozen=True, slots=True)
class AgreedTokens:
    """The agreement on the labels of tokens."""

    tokens: Annotated[Count, "tokens"]
    agreed: Annotated[Count, "of these, with the same label"]
    observed: Annotated[Ratio, "`agreed` / `tokens`"]
    expected: Annotated[Ratio, "the agreement expected by chance"]
    kappa: Annotated[Signed | None, "Cohen's kappa; null for 0/0"]


@dataclass(frozen=True, slots=True)
class ConfusedTokens:
    """The number of tokens with one label from the first and one from the second."""

    first: Annotated[Mark, "the label of the first; `O` for no name"]
    second: Annotated[Mark, "the label of the second; `O` for no name"]
    tokens: Annotated[Count, "tokens"]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The agreement on the labels of all tokens, and of those in names."""

    all: Annotated[AgreedTokens, "of all tokens"]
    marked: Annotated[AgreedTokens, "of the tokens that at least one of them has in a name"]


@dataclass(frozen=True, slots=True)
class AgreementRecord:
    """Two annotators of the same texts."""

    first: Annotated[str, "the first, as it was named"]
    second: Annotated[str, "the second, as it was named"]
    documents: Annotated[Count, "how many documents were compared"]
    skipped: Annotated[tuple[str, ...], "the documents that only one of them annotated, by id, else path"]
    spans: Annotated[Mapping[Row, AgreedSpans], "the spans of each label, of `PER+LOC+ORG` and of `micro`"]
    tokens: Annotated[Tokens, "the labels of tokens"]
    confusion: Annotated[
        tuple[ConfusedTokens, ...],
        "how often each pair of labels occurs, token by token; pairs that never occur are left out",
    ]


def format_agreement(agreement: Agreement, names: tuple[str, str]) -> str:
    """F1 on spans, kappa on tokens, and the tokens with each pair of labels from A and B."""
    marks = (*LABELS, OUTSIDE)
    spans = [[row, *_agreed_row(agreement.micro(labels))] for row, labels in ROWS.items()]
    kappas = [["all", *_kappa_row(agreement.kappa)], ["marked", *_kappa_row(agreement.kappa_marked)]]
    cells = [[ours, *(f"{agreement.confusion.get((ours, theirs), 0):,}" for theirs in marks)] for ours in marks]
    return "\n".join(
        [
            f"A is {names[0]}, B is {names[1]}. Neither counts as the gold.",
            "",
            table(["spans", "A", "B", "same", "F1"], spans),
            "",
            table(["tokens", "number", "observed", "expected", "kappa"], kappas),
            "",
            table(["A \\ B", *marks], cells),
            "",
            f"Spans agree if borders and label are equal. Kappa is Cohen's, on tokens; {OUTSIDE} is outside all names.",
            f"Documents compared: {agreement.documents}.",
            *left_out(agreement.skipped, "Not annotated by both, not compared"),
        ]
    )


def agreement_json(agreement: Agreement, names: tuple[str, str]) -> str:
    """The agreement as JSON. Ratios have six digits; a kappa of 0/0 is null."""
    return json.dumps(plain(make_agreement(agreement, names)), ensure_ascii=False, indent=2)


def make_agreement(agreement: Agreement, names: tuple[str, str]) -> AgreementRecord:
    """The record of two annotators."""
    return AgreementRecord(
        *names,
        agreement.documents,
        agreement.skipped,
        {row: _agreed(agreement.micro(labels)) for row, labels in ROWS.items()},
        Tokens(_tokens(agreement.kappa), _tokens(agreement.kappa_marked)),
        tuple(ConfusedTokens(*marks, tokens) for marks, tokens in agreement.confusion.items()),
    )


def _agreed(counts: Counts) -> AgreedSpans:
    return AgreedSpans(counts.gold, counts.predicted, counts.correct, rounded(counts.f1))


def _tokens(kappa: Kappa) -> AgreedTokens:
    value = None if kappa.value is None else rounded(kappa.value)
    return AgreedTokens(kappa.tokens, kappa.agreed, rounded(kappa.observed), rounded(kappa.expected), value)


def _agreed_row(counts: Counts) -> list[str]:
    return [*(f"{number:,}" for number in (counts.gold, counts.predicted, counts.correct)), figures.ratio(counts.f1)]


def _kappa_row(kappa: Kappa) -> list[str]:
    ratios = [figures.ratio(kappa.observed), figures.ratio(kappa.expected)]
    return [f"{kappa.tokens:,}", *ratios, "0/0" if kappa.value is None else figures.ratio(kappa.value)]
