"""What became of the spans that were sent to annotators: accepted, re-bound, relabelled, deleted; and what was added.

If the tool records it (`origins` of a document), that is used. Else the spans are paired with those of the document
that was sent, like a tagger's with gold, and the verdicts are *inferred*: a span that was deleted and drawn again
cannot be told from one that was accepted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from ruletag.evaluation.causes import Judged, Verdict, cause_of, paired
from ruletag.evaluation.ledger import Ledger, open_ledger
from ruletag.formats.records import ANNOTATOR, origins_of, source_named, sources_of
from ruletag.formats.records import without_origins as without
from ruletag.model import LABELS, Document, Entity

# What a reviewer did, for each cause of a verdict with what came back as gold.
VERDICTS = {
    "correct": "accepted",
    "border": "re-bound",
    "label": "relabelled",
    "both": "re-bound and relabelled",
    "spurious": "deleted",
    "missed": "added",
}


class Reviewed(NamedTuple):
    """A document that came back, with the verdicts; `inferred` if the tool did not record them."""

    judged: Judged
    inferred: bool


@dataclass(frozen=True, slots=True)
class Review:
    """The work of one annotator. `unknown` counts the documents for which nothing says what was sent."""

    reviewed: tuple[Reviewed, ...]
    unknown: int = 0

    @property
    def inferred(self) -> int:
        """The documents whose verdicts are inferred."""
        return sum(each.inferred for each in self.reviewed)

    def counts(self) -> Mapping[str, Counter[str]]:
        """For each label of a span that was sent or added, the number of each cause; `all` has their sums."""
        counts: dict[str, Counter[str]] = {label: Counter() for label in (*LABELS, "all")}
        for each in self.reviewed:
            for verdict in each.judged.verdicts:
                label = (verdict.predicted or verdict.entity).label
                counts[label][verdict.cause] += 1
                counts["all"][verdict.cause] += 1
        return counts

    def ledger(self) -> Ledger:
        """The spans that were sent, by source, the most harmful first."""
        return open_ledger(each.judged for each in self.reviewed)


def review(pairs: Iterable[tuple[Document, Document | None]]) -> Review:
    """The review of documents that came back, each with what was sent, if that is known."""
    reviewed: list[Reviewed] = []
    unknown = 0
    for document, sent in pairs:
        if found := told(document):
            reviewed.append(found)
        elif sent is not None:
            named = _with_sources(sent)
            verdicts = (Verdict(cause_of(*both), "", *both) for both in paired(document.entities, named.entities))
            reviewed.append(Reviewed(Judged(document, named, tuple(verdicts)), inferred=True))
        else:
            unknown += 1
    return Review(tuple(reviewed), unknown)


def told(document: Document) -> Reviewed | None:
    """The verdicts that the tool records; None if it does not record them for every span."""
    items = [each for each in origins_of(document.meta) if each.get("origin")]
    if not items:
        return None
    pairs: list[tuple[Entity | None, Entity | None]] = []
    kept: dict[tuple[int, int, str], Mapping[str, Any]] = {}
    for item in items:
        own = _span(item.get("start"), item.get("end"), item.get("label"), document.text)
        if own is None:
            return None
        if item["origin"] == "deleted":
            pairs.append((None, _sent(document, own, item)))
        else:
            kept[own] = item
    for entity in document.entities:
        known = kept.get(entity.span, {})
        was = entity.span if known.get("origin") == "prediction" else None
        if known.get("origin") == "prediction-changed":
            before = known.get("was")
            start, end, label = before if isinstance(before, list) and len(before) == 3 else (None, None, None)
            was = _span(start, end, label, document.text)
            if was is None:
                return None
        pairs.append((entity, _sent(document, was, known) if was else None))
    sent = replace(document, entities=tuple(was for _, was in pairs if was), meta={}, carrier=None)
    verdicts = tuple(Verdict(cause_of(*both), "", *both) for both in pairs)
    return Reviewed(Judged(document, sent, verdicts), inferred=False)


def _span(start: Any, end: Any, label: Any, text: str) -> tuple[int, int, str] | None:
    """A span that a file gives, None if it does not fit the text."""
    if type(start) is not int or type(end) is not int or label not in LABELS:
        return None
    return (start, end, label) if 0 <= start < end <= len(text) else None


def _sent(document: Document, span: tuple[int, int, str], item: Mapping[str, Any]) -> Entity:
    start, end, label = span
    return Entity(start, end, label, document.text[start:end], source_named(str(item.get("source") or "")))


def _with_sources(document: Document) -> Document:
    """The document, its spans with their sources if its file records them."""
    pairs = zip(document.entities, sources_of(document), strict=True)
    return replace(document, entities=tuple(replace(each, source=source_named(source)) for each, source in pairs))


def as_gold(document: Document) -> Document:
    """The document without what its tool recorded about sources."""
    meta = {key: value for key, value in without(document.meta).items() if key != ANNOTATOR}
    return replace(document, meta=meta, carrier=None, annotated=True)
