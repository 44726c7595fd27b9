"""The work of annotators on the spans they were sent, as text and JSON. Formats, never counts, never prints."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from ruletag.evaluation.agreement import Agreement
from ruletag.evaluation.ledger import Account
from ruletag.evaluation.returned import VERDICTS, Review
from ruletag.fields import String
from ruletag.model import LABELS
from ruletag.report.figures import counted
from ruletag.report.pieces import Count, Ratio, Signed, rounded, table
from ruletag.typed import plain

MOST = 20  # sources shown in text; JSON and the ledger have all
_SHORT = {"both": "both"}  # headings shorter than the verdict, by cause
_SENT_CAUSES = ("correct", "border", "label", "both", "spurious")
Row = Annotated[str, String((*LABELS, "all"))]


class Agreed(NamedTuple):
    """Two annotators and how far they agree on the documents that both have."""

    first: str
    second: str
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class LabelLine:
    """The fate of the spans of one label, or of all."""

    sent: Annotated[Count, "spans that were sent"]
    accepted: Annotated[Count, "of these, those that were left as they are"]
    re_bound: Annotated[Count, "of these, those with other borders now"]
    relabelled: Annotated[Count, "of these, those with another label now"]
    re_bound_and_relabelled: Annotated[Count, "of these, those with both"]
    deleted: Annotated[Count, "of these, those that are gone"]
    added: Annotated[Count, "spans that were not sent and came back"]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """The fate of the spans of one source."""

    source: Annotated[str, "the rule or entry, and where it is written; or `source unknown`"]
    kind: Annotated[str, "`rule`, `entry` or `memory`; empty if unknown"]
    path: Annotated[str, "the file where it is written, or empty"]
    line: Annotated[Count, "the line of that file; 0 for none"]
    sent: Annotated[Count, "spans that were sent"]
    accepted: Annotated[Count, "of these, those that were left as they are"]
    re_bound: Annotated[Count, "of these, those with other borders now"]
    relabelled: Annotated[Count, "of these, those with another label now"]
    re_bound_and_relabelled: Annotated[Count, "of these, those with both"]
    deleted: Annotated[Count, "of these, those that are gone"]
    added: Annotated[Count, "0: what was added has no source"]


@dataclass(frozen=True, slots=True)
class AnnotatorRecord:
    """The work of one annotator."""

    annotator: Annotated[str, "the name, or empty"]
    documents: Annotated[Count, "documents that came back"]
    inferred: Annotated[Count, "of these, those for which the tool does not say what was done"]
    unknown: Annotated[Count, "of these, those for which nothing says what was sent"]
    labels: Annotated[Mapping[Row, LabelLine], "what became of the spans of each label, and of `all`"]
    sources: Annotated[tuple[SourceLine, ...], "what became of those of each rule or entry, the most harmful first"]


@dataclass(frozen=True, slots=True)
class AgreedRecord:
    """The agreement of two annotators."""

    first: Annotated[str, "one of them"]
    second: Annotated[str, "the other"]
    documents: Annotated[Count, "documents that both have"]
    f1: Annotated[Ratio, "F1 between their spans"]
    kappa: Annotated[Signed | None, "Cohen's kappa of all tokens; null for 0/0"]


@dataclass(frozen=True, slots=True)
class ReturnedRecord:
    """The work of all annotators."""

    annotators: Annotated[tuple[AnnotatorRecord, ...], "each annotator"]
    agreement: Annotated[tuple[AgreedRecord, ...], "any two of them that have documents in common"]


def format_returned(reviews: Mapping[str, Review], agreed: Sequence[Agreed]) -> str:
    """The fate of the spans for each annotator, by label and by source; then the agreement of each pair."""
    pieces: list[str] = []
    for name, review in reviews.items():
        if review.reviewed:
            pieces += [_heading(name, review), "", _labels_table(review), *_sources(review), ""]
    if agreed:
        rows = [
            [
                pair.first,
                pair.second,
                f"{pair.agreement.documents:,}",
                f"{pair.agreement.f1:.3f}",
                _kappa(pair.agreement),
            ]
            for pair in agreed
        ]
        pieces += [table(["annotator", "and", "documents", "F1", "kappa"], rows, words=(0, 1)), ""]
    return "\n".join(pieces[:-1])


def returned_json(reviews: Mapping[str, Review], agreed: Sequence[Agreed]) -> str:
    """The reviews as JSON, with all sources. Ratios have six digits; a kappa of 0/0 is null."""
    record = ReturnedRecord(
        tuple(_annotator(name, review) for name, review in reviews.items()),
        tuple(map(_agreed_record, agreed)),
    )
    return json.dumps(plain(record), ensure_ascii=False, indent=2)


def _annotator(name: str, review: Review) -> AnnotatorRecord:
    return AnnotatorRecord(
        annotator=name,
        documents=len(review.reviewed) + review.unknown,
        inferred=review.inferred,
        unknown=review.unknown,
        labels={label: LabelLine(*_line_counts(counts)) for label, counts in review.counts().items()},
        sources=tuple(map(_source, review.ledger().accounts)),
    )


def _source(account: Account) -> SourceLine:
    source = account.source
    kind = source.kind if source.kind != "gold" else ""
    return SourceLine(_name(account), kind, source.path, source.line, *_line_counts(_counts(account)))


def _line_counts(counts: Counter[str]) -> tuple[int, int, int, int, int, int, int]:
    """The number of spans sent and that of each verdict, in the order of the fields of a line."""
    accepted, border, label = counts["correct"], counts["border"], counts["label"]
    return _sent(counts), accepted, border, label, counts["both"], counts["spurious"], counts["missed"]


def _agreed_record(pair: Agreed) -> AgreedRecord:
    agreement = pair.agreement
    kappa = None if agreement.kappa.value is None else rounded(agreement.kappa.value)
    return AgreedRecord(pair.first, pair.second, agreement.documents, rounded(agreement.f1), kappa)


def _heading(name: str, review: Review) -> str:
    counts = review.counts()["all"]
    who = f"annotator {name}: " if name else ""
    number = len(review.reviewed)
    text = f"{who}{counted(_sent(counts), 'span')} sent in {counted(number, 'document')}, "
    text += f"{counts['correct']:,} accepted" + (f" ({_share(counts)})" if _share(counts) else "")
    if review.inferred == number:
        return f"{text}; verdicts are inferred."
    return f"{text}; verdicts of {review.inferred:,} documents are inferred." if review.inferred else f"{text}."


def _labels_table(review: Review) -> str:
    rows = [
        [label, f"{_sent(counts):,}", *(f"{counts[cause]:,}" for cause in VERDICTS), _share(counts)]
        for label, counts in review.counts().items()
    ]
    return table(["label", "sent", *(_SHORT.get(cause, word) for cause, word in VERDICTS.items()), "kept"], rows)


def _sources(review: Review) -> Iterator[str]:
    """The sources with a span that was not accepted, the most harmful first."""
    accounts = [account for account in review.ledger().accounts if account.produced > account.correct]
    if not accounts:
        return
    rows = []
    for account in accounts[:MOST]:
        counts = _counts(account)
        numbers = (_sent(counts), *(counts[cause] for cause in _SENT_CAUSES))
        rows.append([_name(account), *(f"{number:,}" for number in numbers), _share(counts)])
    head = [
        "rule or entry, worst first",
        "sent",
        *(_SHORT.get(cause, VERDICTS[cause]) for cause in _SENT_CAUSES),
        "kept",
    ]
    yield ""
    yield table(head, rows)
    if len(accounts) > MOST:
        yield f"… and {len(accounts) - MOST:,} more; --json and --ledger have all"


def _counts(account: Account) -> Counter[str]:
    return Counter({cause: getattr(account, cause) for cause in _SENT_CAUSES})


def _name(account: Account) -> str:
    return "source unknown" if account.source.kind == "gold" else str(account.source)


def _sent(counts: Counter[str]) -> int:
    return counts.total() - counts["missed"]


def _share(counts: Counter[str]) -> str:
    sent = _sent(counts)
    return f"{100 * counts['correct'] / sent:.1f} %" if sent else ""


def _kappa(agreement: Agreement) -> str:
    value = agreement.kappa.value
    return "" if value is None else f"{value:.3f}"
