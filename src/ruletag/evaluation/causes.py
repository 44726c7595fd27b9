"""Why a span is right or wrong: each gold and each predicted span belongs to exactly one verdict, in reading order.

Spans that overlap are paired one to one by `pairing.pair`, as many as possible. A verdict says how a pair differs and,
if the borders differ, what lies between them; some of that depends on the guideline, not on the tagger. All offsets are
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
# How two borders can differ. If they differ in several ways, the first in this order names the verdict.
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
    """One of `CAUSES`; for spans that overlap, one of `BORDER_KINDS` (else it is empty).

    A missed or spurious span that is only a title, civility or demonym has that kind as its border.
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
        """Whether another guideline would call it right: a difference of `GUIDELINE_KINDS` with the same label."""
        return self.border in GUIDELINE_KINDS and self.cause != "both"


class Judged(NamedTuple):
    """A gold document, its predictions, and the verdicts on both."""

    gold: Document
    predicted: Document
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Causes:
    """How often each cause occurs; each kind of border, by cause; and each cause, by the label of the gold (else
    predicted) span.

    A pair in error is one error. `guideline` counts the errors by their guideline kind.
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
    looked_at = _LookedAt(gold.text, fold(gold.text), borders)
    verdicts = [_verdict(looked_at, *both) for both in paired(gold.entities, predicted.entities)]
    return tuple(sorted(verdicts, key=_reading_order))


def judge_all(pairs: Iterable[tuple[Document, Document]], borders: Borders) -> tuple[Judged, ...]:
    """The verdicts on each pair of gold and predicted documents; a gold document without annotations is left out."""
    return tuple(Judged(gold, found, judge(gold, found, borders)) for gold, found in pairs if gold.annotated)


def summarise(judged: Iterable[Judged]) -> Causes:
    """The verdicts of all documents, counted.

    Forgiven counts treat a pair as correct if its borders differ only in guideline kinds, and leave out a missed or
    spurious span that consists only of such parts.
    """
    tally = Counter(
        (verdict.cause, verdict.border, verdict.entity.label) for each in judged for verdict in each.verdicts
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
        {cause: _in_order(found, BORDER_KINDS) for cause, found in borders.items()},
        {label: _in_order(found, CAUSES) for label, found in labels.items()},
        _in_order(guideline, GUIDELINE_KINDS),
        strict,
        strict + Counts(-forgiven["missed"], -forgiven["spurious"], forgiven["border"]),
    )


def _in_order(found: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    return {name: found[name] for name in names}


Pair = tuple[Entity | None, Entity | None]


def paired(gold: Sequence[Entity], predicted: Sequence[Entity]) -> Iterator[Pair]:
    """Every span once, with its counterpart on the other side or None."""
    for wanted, given in _clusters(gold, predicted):
        if len(wanted) == 1 == len(given):
            yield wanted[0], given[0]
            continue
        pairs = _best_pairs(wanted, given) if wanted and given else {}
        yield from ((entity, given[pairs[i]] if i in pairs else None) for i, entity in enumerate(wanted))
        taken = set(pairs.values())
        yield from ((None, entity) for i, entity in enumerate(given) if i not in taken)


def _clusters(gold: Sequence[Entity], predicted: Sequence[Entity]) -> Iterator[tuple[list[Entity], list[Entity]]]:
    """The spans of both sides, split wherever no span crosses the split: pairs in one part do not affect the others."""
    sides = [(entity, 0) for entity in gold] + [(entity, 1) for entity in predicted]
    sides.sort(key=lambda side: (*_entity_order(side[0]), side[1]))
    cluster: tuple[list[Entity], list[Entity]] = ([], [])
    reach = 0
    for entity, side in sides:
        if entity.start >= reach and (cluster[0] or cluster[1]):
            yield cluster
            cluster = ([], [])
        cluster[side].append(entity)
        reach = max(reach, entity.end)
    if cluster[0] or cluster[1]:
        yield cluster


def _best_pairs(gold: Sequence[Entity], predicted: Sequence[Entity]) -> dict[int, int]:
    """As many pairs as possible; of the pairings found from either side, the one with more equal labels, then more
    shared text."""
    wanted, given = [entity.span for entity in gold], [entity.span for entity in predicted]
    forth = pair(wanted, given)
    back = [(index, other) for other, index in pair(given, wanted)]

    def badness(pairs: Iterable[tuple[int, int]]) -> tuple[int, int, list[list[tuple[int, int, str]]]]:
        spans = [(wanted[index], given[other]) for index, other in pairs]
        labels = sum(one[2] == two[2] for one, two in spans)
        shared = sum(min(one[1], two[1]) - max(one[0], two[0]) for one, two in spans)
        return (-labels, -shared, sorted(sorted(both) for both in spans))

    return dict(min(forth, back, key=badness))


class _LookedAt(NamedTuple):
    """A text, with access to the words in it."""

    text: str
    folded: Folded
    borders: Borders

    def fringe(self, start: int, end: int) -> frozenset[str] | None:
        return self.borders.fringe(self.folded, start, end)

    def is_listed(self, entity: Entity) -> bool:
        return self.borders.is_listed(self.folded, entity.start, entity.end)


def _verdict(looked_at: _LookedAt, gold: Entity | None, predicted: Entity | None) -> Verdict:
    found = Verdict(cause_of(gold, predicted), "", gold, predicted)
    if gold and predicted:
        same_borders = found.cause in ("correct", "label")
        return found if same_borders else found._replace(border=_border(looked_at, gold, predicted))
    return found._replace(border=_nothing_but(looked_at, found.entity))


def cause_of(gold: Entity | None, predicted: Entity | None) -> str:
    """One of `CAUSES`, for two spans that correspond, or for one without a counterpart."""
    if not (gold and predicted):
        return "missed" if gold else "spurious"
    same_label, same_borders = gold.label == predicted.label, gold.span[:2] == predicted.span[:2]
    if same_borders:
        return "correct" if same_label else "label"
    return "border" if same_label else "both"


def _border(looked_at: _LookedAt, gold: Entity, predicted: Entity) -> str:
    """The first of `BORDER_KINDS` in which two overlapping spans differ, at either end."""
    longer = max(gold, predicted, key=lambda entity: entity.end)
    kinds = _before(looked_at, *sorted((gold.start, predicted.start)))
    kinds |= _behind(looked_at, longer, *sorted((gold.end, predicted.end)))
    return next((kind for kind in BORDER_KINDS if kind in kinds), "other")


def _before(looked_at: _LookedAt, start: int, end: int) -> frozenset[str]:
    """The kinds of the text with which only one of two spans begins; none if they begin together."""
    kinds = looked_at.fringe(start, end)
    if kinds is not None:
        return kinds
    piece = looked_at.text[start:end]
    return frozenset((_kind_before(piece),))


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


def _behind(looked_at: _LookedAt, longer: Entity, start: int, end: int) -> frozenset[str]:
    """The kinds of the text with which only the `longer` span ends; the demonym of a listed name (*Union européenne*)
    does not count."""
    kinds = looked_at.fringe(start, end)
    if kinds is not None and not (kinds and looked_at.is_listed(longer)):
        return kinds
    return frozenset((_kind_behind(looked_at.text[start:end]),))


def _kind_behind(piece: str) -> str:
    if not _WORD.search(piece):
        return "other"
    if piece[0].isalnum() or (piece[0] in _JOINTS and piece[1].isalnum()):
        return "compound"
    return "number" if _NUMBERS.fullmatch(piece) else "complement"


def _nothing_but(looked_at: _LookedAt, entity: Entity) -> str:
    """The guideline kind of a span without a name (*Président russe*); empty for any other span and a listed one."""
    kinds = looked_at.fringe(entity.start, entity.end)
    if not kinds or kinds <= {"determiner", "quote"} or looked_at.is_listed(entity):
        return ""
    return next(kind for kind in GUIDELINE_KINDS if kind in kinds)


_Order = tuple[int, int, str, Source, str, str]
_PLACE = {cause: index for index, cause in enumerate(CAUSES)}


def _entity_order(entity: Entity) -> _Order:
    return (entity.start, -entity.end, entity.label, entity.source, entity.id or "", entity.via)


def _reading_order(verdict: Verdict) -> tuple[int, int, int, list[_Order]]:
    spans = [_entity_order(entity) for entity in (verdict.gold, verdict.predicted) if entity]
    first, longest = min(span[0] for span in spans), min(span[1] for span in spans)
    return (first, longest, _PLACE[verdict.cause], spans)
