"""Verdicts on spans: every gold and every predicted span belongs to exactly one, with the cause of any error.

`pairing.pair` pairs as many overlapping spans as possible, one to one. A verdict says how a pair differs and, if the
borders differ, what lies between them; some differences depend on the guideline, not on the tagger. All offsets are
half-open code points of the original text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ruletag.evaluation.borders import Borders
from ruletag.evaluation.measures import Counts
from ruletag.evaluation.pairing import pair
from ruletag.fold import Folded, fold
from ruletag.model import LABELS, Document, Entity, Source

CAUSES = {
    "correct": "same span, same label",
    "label": "same span, different label",
    "border": "overlapping spans, same label",
    "both": "overlapping spans, different labels",
    "missed": "a gold span with no predicted one",
    "spurious": "a predicted span with no gold one",
}
GUIDELINE_KINDS = {
    "title": "a title: Président Poutine / Poutine",
    "civility": "a civility: Mme Merkel / Merkel",
    "demonym": "an adjective of origin: Assemblée nationale française / Assemblée nationale",
    "determiner": "an article or demonstrative: la Chine / Chine",
    "quote": "a quotation mark: « Libération » / Libération",
}
# How two borders can differ. If several kinds apply, the verdict has the first in this order.
BORDER_KINDS = {
    "head": "a head noun before the name: hôpital de Reims / Reims",
    "leading": "other words before: New York / York, Marie Curie / Curie",
    "preposition": "a preposition before: d'Europe / Europe",
    "compound": "the border cuts a word or a compound: Lille-Sud / Lille",
    "number": "a number at the end: Paralympiques 2016 / Paralympiques",
    "complement": "further words at the end: Ministère de l'Intérieur / Ministère",
    "other": "spaces or punctuation only",
    **GUIDELINE_KINDS,
}

_PREPOSITION = r"(?:\b(?:de\s+la|de|du|des|au|aux|à|en)|\b(?:de\s+l|d|à\s+l)['’])\s*"
_LINKED = re.compile(rf"(?P<head>.*?){_PREPOSITION}", re.DOTALL | re.IGNORECASE)
_JOINTS = "-‐‑–/_"
_WORD = re.compile(r"\w")
_NUMBERS = re.compile(r"[\W\d_]*")


class Verdict(NamedTuple):
    """A pair of spans, or a span without a counterpart, and why it is right or wrong.

    `cause` is one of `CAUSES`. `border` is one of `BORDER_KINDS` if the spans overlap with different borders, or the
    kind of a missed or spurious span that is only a title, civility or demonym; else it is empty.
    """

    cause: str
    border: str
    gold: Entity | None
    predicted: Entity | None

    @property
    def entity(self) -> Entity:
        """The gold span; the predicted one if there is none."""
        entity = self.gold or self.predicted
        assert entity is not None
        return entity

    @property
    def is_guideline(self) -> bool:
        """Whether it would be right under another guideline: the labels agree, and the border is a guideline kind."""
        return self.border in GUIDELINE_KINDS and self.cause != "both"


class Judged(NamedTuple):
    """A gold document, its predictions, and the verdicts on both."""

    gold: Document
    predicted: Document
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Causes:
    """Counts of verdicts by cause, by kind of border within each cause, and by cause for each label.

    The label is that of the gold span, else of the predicted one. A pair in error is one error. `guideline` counts the
    errors by their guideline kind.
    """

    causes: Mapping[str, int]
    borders: Mapping[str, Mapping[str, int]]
    labels: Mapping[str, Mapping[str, int]]
    guideline: Mapping[str, int]
    strict: Counts
    forgiven: Counts

    @property
    def errors(self) -> int:
        return sum(count for cause, count in self.causes.items() if cause != "correct")

    @property
    def guideline_errors(self) -> int:
        return sum(self.guideline.values())


def judge(gold: Document, predicted: Document, borders: Borders) -> tuple[Verdict, ...]:
    """The verdicts on all spans of two documents with the same text, in reading order. Raises ValueError if the texts
    differ.

    Pairing depends neither on the order of the spans nor on which of the two documents is called gold.
    """
    if gold.text != predicted.text:
        raise ValueError("gold and prediction are of different texts")
    context = _Context(gold.text, fold(gold.text), borders)
    verdicts = [_verdict(context, *entities) for entities in paired(gold.entities, predicted.entities)]
    return tuple(sorted(verdicts, key=_reading_order))


def judge_all(pairs: Iterable[tuple[Document, Document]], borders: Borders) -> tuple[Judged, ...]:
    """The verdicts on each pair of gold and predicted documents; a gold document without annotations is left out."""
    return tuple(
        Judged(gold, predicted, judge(gold, predicted, borders)) for gold, predicted in pairs if gold.annotated
    )


def summarise(judged: Iterable[Judged]) -> Causes:
    """Count the verdicts of all documents.

    Forgiven counts treat a pair as correct if its borders differ only in guideline kinds, and leave out a missed or
    spurious span that consists only of such parts.
    """
    tally = Counter(
        (verdict.cause, verdict.border, verdict.entity.label) for document in judged for verdict in document.verdicts
    )
    causes, guideline = Counter[str](), Counter[str]()
    borders: dict[str, Counter[str]] = {cause: Counter() for cause in ("border", "both", "missed", "spurious")}
    labels: dict[str, Counter[str]] = {label: Counter() for label in LABELS}
    for (cause, border, label), count in tally.items():
        causes[cause] += count
        labels[label][cause] += count
        if border:
            borders[cause][border] += count
        if border in GUIDELINE_KINDS and cause != "both":
            guideline[border] += count
    strict = Counts(
        sum(causes.values()) - causes["spurious"], sum(causes.values()) - causes["missed"], causes["correct"]
    )
    forgiven = {cause: sum(borders[cause][kind] for kind in GUIDELINE_KINDS) for cause in borders}
    return Causes(
        _in_order(causes, CAUSES),
        {cause: _in_order(kinds, BORDER_KINDS) for cause, kinds in borders.items()},
        {label: _in_order(counts, CAUSES) for label, counts in labels.items()},
        _in_order(guideline, GUIDELINE_KINDS),
        strict,
        strict + Counts(-forgiven["missed"], -forgiven["spurious"], forgiven["border"]),
    )


def _in_order(counts: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    return {name: counts[name] for name in names}


Pair = tuple[Entity | None, Entity | None]


def paired(gold: Sequence[Entity], predicted: Sequence[Entity]) -> Iterator[Pair]:
    """Every span once, with its counterpart on the other side or None."""
    for gold_cluster, predicted_cluster in _clusters(gold, predicted):
        if len(gold_cluster) == 1 == len(predicted_cluster):
            yield gold_cluster[0], predicted_cluster[0]
            continue
        pairs = _best_pairs(gold_cluster, predicted_cluster) if gold_cluster and predicted_cluster else {}
        for index, entity in enumerate(gold_cluster):
            yield entity, predicted_cluster[pairs[index]] if index in pairs else None
        paired_indices = set(pairs.values())
        yield from ((None, entity) for index, entity in enumerate(predicted_cluster) if index not in paired_indices)


def _clusters(gold: Sequence[Entity], predicted: Sequence[Entity]) -> Iterator[tuple[list[Entity], list[Entity]]]:
    """The spans of both sides, split wherever no span crosses the split: clusters can be paired independently."""
    sides = [(entity, 0) for entity in gold] + [(entity, 1) for entity in predicted]
    sides.sort(key=lambda item: (*_entity_order(item[0]), item[1]))
    cluster: tuple[list[Entity], list[Entity]] = ([], [])
    reach = 0
    for entity, side in sides:
        if entity.start >= reach and any(cluster):
            yield cluster
            cluster = ([], [])
        cluster[side].append(entity)
        reach = max(reach, entity.end)
    if any(cluster):
        yield cluster


def _best_pairs(gold: Sequence[Entity], predicted: Sequence[Entity]) -> dict[int, int]:
    """As many pairs of indices (gold, predicted) as possible.

    Spans are paired from either side; the pairing with more equal labels is used, then the one with more shared text.
    """
    gold_spans, predicted_spans = [entity.span for entity in gold], [entity.span for entity in predicted]
    from_gold = pair(gold_spans, predicted_spans)
    from_predicted = [(index, partner) for partner, index in pair(predicted_spans, gold_spans)]

    def badness(pairs: Iterable[tuple[int, int]]) -> tuple[int, int, list[list[tuple[int, int, str]]]]:
        span_pairs = [(gold_spans[index], predicted_spans[partner]) for index, partner in pairs]
        equal_labels = shared = 0
        for (start, end, label), (other_start, other_end, other_label) in span_pairs:
            equal_labels += label == other_label
            shared += min(end, other_end) - max(start, other_start)
        return (-equal_labels, -shared, sorted(sorted(spans) for spans in span_pairs))

    return dict(min(from_gold, from_predicted, key=badness))


class _Context(NamedTuple):
    """A text, its folded form, and the kinds of the words in it."""

    text: str
    folded: Folded
    borders: Borders

    def fringe(self, start: int, end: int) -> frozenset[str] | None:
        return self.borders.fringe(self.folded, start, end)

    def is_listed(self, entity: Entity) -> bool:
        return self.borders.is_listed(self.folded, entity.start, entity.end)


def _verdict(context: _Context, gold: Entity | None, predicted: Entity | None) -> Verdict:
    verdict = Verdict(cause_of(gold, predicted), "", gold, predicted)
    if gold and predicted:
        same_borders = verdict.cause in ("correct", "label")
        return verdict if same_borders else verdict._replace(border=_border(context, gold, predicted))
    return verdict._replace(border=_nameless_kind(context, verdict.entity))


def cause_of(gold: Entity | None, predicted: Entity | None) -> str:
    """One of `CAUSES`, for two spans that correspond, or for one without a counterpart."""
    if not (gold and predicted):
        return "missed" if gold else "spurious"
    same_label, same_borders = gold.label == predicted.label, gold.span[:2] == predicted.span[:2]
    if same_borders:
        return "correct" if same_label else "label"
    return "border" if same_label else "both"


def _border(context: _Context, gold: Entity, predicted: Entity) -> str:
    """The first of `BORDER_KINDS` in which two overlapping spans differ, at either end."""
    longer = max(gold, predicted, key=lambda entity: entity.end)
    kinds = _kinds_before(context, *sorted((gold.start, predicted.start)))
    kinds |= _kinds_after(context, longer, *sorted((gold.end, predicted.end)))
    return next((kind for kind in BORDER_KINDS if kind in kinds), "other")


def _kinds_before(context: _Context, start: int, end: int) -> frozenset[str]:
    """The kinds of the text with which only one of two spans begins; none if they begin together."""
    kinds = context.fringe(start, end)
    if kinds is not None:
        return kinds
    return frozenset((_kind_before(context.text[start:end]),))


def _kind_before(piece: str) -> str:
    word = _WORD.search(piece)
    if not word:
        return "other"
    if piece[-1].isalnum() or piece[-1] in _JOINTS:
        return "compound"
    linked = _LINKED.fullmatch(piece, word.start())
    if linked and not linked["head"]:
        return "preposition"
    return "head" if linked or word[0].islower() else "leading"


def _kinds_after(context: _Context, longer: Entity, start: int, end: int) -> frozenset[str]:
    """The kinds of the text with which only the `longer` span ends.

    A demonym that belongs to a listed name (*Union européenne*) does not count as one.
    """
    kinds = context.fringe(start, end)
    if kinds is not None and not (kinds and context.is_listed(longer)):
        return kinds
    return frozenset((_kind_after(context.text[start:end]),))


def _kind_after(piece: str) -> str:
    if not _WORD.search(piece):
        return "other"
    if piece[0].isalnum() or (piece[0] in _JOINTS and piece[1].isalnum()):
        return "compound"
    return "number" if _NUMBERS.fullmatch(piece) else "complement"


def _nameless_kind(context: _Context, entity: Entity) -> str:
    """The guideline kind of a span without a name (*Président russe*); empty for other spans and for listed names."""
    kinds = context.fringe(entity.start, entity.end)
    if not kinds or kinds <= {"determiner", "quote"} or context.is_listed(entity):
        return ""
    return next(kind for kind in GUIDELINE_KINDS if kind in kinds)


_Order = tuple[int, int, str, Source, str, str]
_CAUSE_RANKS = {cause: index for index, cause in enumerate(CAUSES)}


def _entity_order(entity: Entity) -> _Order:
    return (entity.start, -entity.end, entity.label, entity.source, entity.id or "", entity.via)


def _reading_order(verdict: Verdict) -> tuple[int, int, int, list[_Order]]:
    entities = [entity for entity in (verdict.gold, verdict.predicted) if entity]
    start, end = min(entity.start for entity in entities), max(entity.end for entity in entities)
    return (start, -end, _CAUSE_RANKS[verdict.cause], [_entity_order(entity) for entity in entities])
