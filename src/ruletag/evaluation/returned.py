"""The fate of the spans sent to annotators: accepted, re-bound, relabelled or deleted; and the spans they added.

The tool's own record (`origins` of a document) is used if there is one. Otherwise the spans are paired with those of
the document that was sent, like a tagger's with gold, and the verdicts are *inferred*: a span that was deleted and
drawn again cannot be told from one that was accepted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from ruletag.evaluation.causes import Judged, Pair, Verdict, cause_of, paired
from ruletag.evaluation.ledger import Ledger, open_ledger
from ruletag.formats.records import ANNOTATOR, origins_of, source_named, sources_of, without_origins
from ruletag.model import LABELS, Document, Entity

# What the reviewer did, by the cause of a verdict; the returned document is the gold.
VERDICTS = {
    "correct": "accepted",
    "border": "re-bound",
    "label": "relabelled",
    "both": "re-bound and relabelled",
    "spurious": "deleted",
    "missed": "added",
}


class Reviewed(NamedTuple):
    """A returned document with the verdicts; `inferred` if the tool did not record them."""

    judged: Judged
    inferred: bool


@dataclass(frozen=True, slots=True)
class Review:
    """The work of one annotator. `unknown` counts the documents of which it is not known what was sent."""

    reviewed: tuple[Reviewed, ...]
    unknown: int = 0

    @property
    def inferred(self) -> int:
        """The number of documents whose verdicts are inferred."""
        return sum(reviewed.inferred for reviewed in self.reviewed)

    def counts(self) -> Mapping[str, Counter[str]]:
        """The number of each cause, by the label of the span that was sent or added; `all` has the sums."""
        counts: dict[str, Counter[str]] = {label: Counter() for label in (*LABELS, "all")}
        for reviewed in self.reviewed:
            for verdict in reviewed.judged.verdicts:
                label = (verdict.predicted or verdict.entity).label
                counts[label][verdict.cause] += 1
                counts["all"][verdict.cause] += 1
        return counts

    def ledger(self) -> Ledger:
        """The accounts of the sources of the spans that were sent, the most harmful first."""
        return open_ledger(reviewed.judged for reviewed in self.reviewed)


def review(pairs: Iterable[tuple[Document, Document | None]]) -> Review:
    """The review of returned documents, each paired with the document that was sent, if known."""
    reviewed: list[Reviewed] = []
    unknown = 0
    for document, sent in pairs:
        if recorded := recorded_review(document):
            reviewed.append(recorded)
        elif sent is not None:
            sent = _with_sources(sent)
            verdicts = map(_verdict, paired(document.entities, sent.entities))
            reviewed.append(Reviewed(Judged(document, sent, tuple(verdicts)), inferred=True))
        else:
            unknown += 1
    return Review(tuple(reviewed), unknown)


def recorded_review(document: Document) -> Reviewed | None:
    """The verdicts that the tool recorded; None if it recorded none, or if a span does not fit the text."""
    origins = [origin for origin in origins_of(document.meta) if origin.get("origin")]
    if not origins:
        return None
    pairs: list[Pair] = []
    by_span: dict[tuple[int, int, str], dict[str, Any]] = {}
    for origin in origins:
        span = _span(origin.get("start"), origin.get("end"), origin.get("label"), document.text)
        if span is None:
            return None
        if origin["origin"] == "deleted":
            pairs.append((None, _sent_entity(document, span, origin)))
        else:
            by_span[span] = origin
    for entity in document.entities:
        origin = by_span.get(entity.span, {})
        sent_span = entity.span if origin.get("origin") == "prediction" else None
        if origin.get("origin") == "prediction-changed":
            was = origin.get("was")
            start, end, label = was if isinstance(was, list) and len(was) == 3 else (None, None, None)
            sent_span = _span(start, end, label, document.text)
            if sent_span is None:
                return None
        pairs.append((entity, _sent_entity(document, sent_span, origin) if sent_span else None))
    sent = replace(document, entities=tuple(entity for _, entity in pairs if entity), meta={}, carrier=None)
    return Reviewed(Judged(document, sent, tuple(map(_verdict, pairs))), inferred=False)


def _verdict(pair: Pair) -> Verdict:
    return Verdict(cause_of(*pair), "", *pair)


def _span(start: Any, end: Any, label: Any, text: str) -> tuple[int, int, str] | None:
    """A span from a file; None if it does not fit the text."""
    if type(start) is not int or type(end) is not int or label not in LABELS:
        return None
    return (start, end, label) if 0 <= start < end <= len(text) else None


def _sent_entity(document: Document, span: tuple[int, int, str], origin: Mapping[str, Any]) -> Entity:
    start, end, label = span
    return Entity(start, end, label, document.text[start:end], source_named(str(origin.get("source") or "")))


def _with_sources(document: Document) -> Document:
    """The document with the sources of its spans, if its file records them."""
    pairs = zip(document.entities, sources_of(document), strict=True)
    return replace(document, entities=tuple(replace(entity, source=source_named(source)) for entity, source in pairs))


def as_gold(document: Document) -> Document:
    """The document as gold, without the origins and the annotator that its tool recorded."""
    meta = {key: value for key, value in without_origins(document.meta).items() if key != ANNOTATOR}
    return replace(document, meta=meta, carrier=None, annotated=True)
