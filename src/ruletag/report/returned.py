"""What annotators did with the spans that were sent, as text and JSON. Formats, never counts, never prints."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ruletag.evaluation.agreement import Agreement
from ruletag.evaluation.ledger import Account
from ruletag.evaluation.returned import VERDICTS, Review
from ruletag.report.figures import counted
from ruletag.report.pieces import table

MOST = 20  # how many sources stand in text; JSON and the ledger have all
_DIGITS = 6
_SHORT = {"both": "both"}
_SENT = ("correct", "border", "label", "both", "spurious")


class Agreed(NamedTuple):
    """Two annotators and how far they agree on the documents that both have."""

    first: str
    second: str
    agreement: Agreement


def format_returned(reviews: Mapping[str, Review], agreed: Sequence[Agreed]) -> str:
    """For each annotator what became of the spans, by label and by source; then the agreement of any two."""
    pieces: list[str] = []
    for name, review in reviews.items():
        if review.reviewed:
            pieces += [_heading(name, review), "", _labels_table(review), *_sources(review), ""]
    if agreed:
        rows = [
            [
                each.first,
                each.second,
                f"{each.agreement.documents:,}",
                f"{each.agreement.f1:.3f}",
                _kappa(each.agreement),
            ]
            for each in agreed
        ]
        pieces += [table(["annotator", "and", "documents", "F1", "kappa"], rows, words=(0, 1)), ""]
    return "\n".join(pieces[:-1])


def returned_json(reviews: Mapping[str, Review], agreed: Sequence[Agreed]) -> str:
    """The same as JSON, with all sources. Ratios have six digits; a kappa of 0/0 is null."""
    record = {
        "annotators": [{"annotator": name, **_review_record(review)} for name, review in reviews.items()],
        "agreement": [
            {
                "first": each.first,
                "second": each.second,
                "documents": each.agreement.documents,
                "f1": round(each.agreement.f1, _DIGITS),
                "kappa": None if each.agreement.kappa.value is None else round(each.agreement.kappa.value, _DIGITS),
            }
            for each in agreed
        ],
    }
    return json.dumps(record, ensure_ascii=False, indent=2)


def _review_record(review: Review) -> dict[str, Any]:
    return {
        "documents": len(review.reviewed) + review.unknown,
        "inferred": review.inferred,
        "unknown": review.unknown,
        "labels": {label: _counts_record(counts) for label, counts in review.counts().items()},
        "sources": [
            {
                "source": _name(account),
                "kind": account.source.kind if account.source.kind != "gold" else "",
                "path": account.source.path,
                "line": account.source.line,
                **_counts_record(_counts(account)),
            }
            for account in review.ledger().accounts
        ],
    }


def _counts_record(counts: Counter[str]) -> dict[str, int]:
    record = {"sent": _sent(counts)}
    return record | {word.replace(" ", "_").replace("-", "_"): counts[cause] for cause, word in VERDICTS.items()}


def _heading(name: str, review: Review) -> str:
    counts = review.counts()["all"]
    who = f"{name}: " if name else ""
    number = len(review.reviewed)
    text = f"{who}{counted(_sent(counts), 'span')} sent in {counted(number, 'document')}, "
    text += f"{counts['correct']:,} accepted ({_share(counts)})"
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
        rows.append([_name(account), f"{_sent(counts):,}", *(f"{counts[cause]:,}" for cause in _SENT), _share(counts)])
    head = ["rule or entry, worst first", "sent", *(_SHORT.get(cause, VERDICTS[cause]) for cause in _SENT), "kept"]
    yield ""
    yield table(head, rows)
    if len(accounts) > MOST:
        yield f"… and {len(accounts) - MOST:,} more; --json and --ledger have all"


def _counts(account: Account) -> Counter[str]:
    return Counter({cause: getattr(account, cause) for cause in _SENT})


def _name(account: Account) -> str:
    return "not said by what was sent" if account.source.kind == "gold" else str(account.source)


def _sent(counts: Counter[str]) -> int:
    return counts.total() - counts["missed"]


def _share(counts: Counter[str]) -> str:
    sent = _sent(counts)
    return f"{100 * counts['correct'] / sent:.1f} %" if sent else ""


def _kappa(agreement: Agreement) -> str:
    value = agreement.kappa.value
    return "" if value is None else f"{value:.3f}"
