"""The agreement of two annotators of the same texts, and the differences between two systems on one gold.

Annotators are symmetric: neither is the gold. F1 is on spans; Cohen's kappa (1960) is on tokens, whose label is that of
the span that covers them, or `O`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ruletag.evaluation.measures import OUTSIDE, Counts, scored_spans, strict_counts, token_confusion
from ruletag.evaluation.pairing import Span, pair
from ruletag.fold import fold
from ruletag.model import LABELS, Document, Entity
from ruletag.tokens import split_tokens

Confusion = Mapping[tuple[str, str], int]  # (label of the first, label of the second) -> tokens


class Kappa(NamedTuple):
    """Agreement beyond chance, from integers: `expected_squared` is expected agreement times tokens squared."""

    tokens: int
    agreed: int
    expected_squared: int

    @property
    def observed(self) -> float:
        """The share of tokens with the same label from both; 0/0 is 0."""
        return self.agreed / self.tokens if self.tokens else 0.0

    @property
    def expected(self) -> float:
        """The share that would agree if both used their labels as often, but at random; 0/0 is 0."""
        return self.expected_squared / self.tokens**2 if self.tokens else 0.0

    @property
    def value(self) -> float | None:
        """(observed - expected) / (1 - expected); None for 0/0, as when both use a single, identical label."""
        possible = self.tokens**2 - self.expected_squared
        return (self.agreed * self.tokens - self.expected_squared) / possible if possible else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Spans and tokens of two annotators. In `spans` the first stands in for the gold; its F1 is symmetric.

    `confusion` counts tokens by the label of the first and of the second, `O` for none, without zeros.
    """

    spans: Mapping[str, Counts]
    confusion: Confusion
    documents: int
    skipped: tuple[str, ...]

    def micro(self, labels: Iterable[str] = LABELS) -> Counts:
        """The counts of several labels as one."""
        return sum((self.spans[label] for label in labels), Counts())

    @property
    def f1(self) -> float:
        """Strict micro-F1 between the two."""
        return self.micro().f1

    @property
    def kappa(self) -> Kappa:
        """Kappa over all tokens. Most tokens of a text are outside names, which raises it."""
        return _kappa(self.confusion)

    @property
    def kappa_marked(self) -> Kappa:
        """Kappa over the tokens that at least one of the two marked: a lower bound, as other text adds nothing."""
        return _kappa({labels: tokens for labels, tokens in self.confusion.items() if labels != (OUTSIDE, OUTSIDE)})


class ComparedSpan(NamedTuple):
    """A span in its document, and its unequal counterpart, if any.

    For gold that one system has right, `other` is the counterpart from the system that misses it; for a spurious span
    of one system, it is the gold span. Otherwise it is None.
    """

    document: Document
    entity: Entity
    other: Entity | None = None


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The spans that two systems have right or wrong, strictly, in the order of documents and of reading.

    The first four fields hold gold spans, each once. The spurious ones hold predicted spans; for those in both systems,
    the spans of the first.
    """

    both: tuple[ComparedSpan, ...]
    only_first: tuple[ComparedSpan, ...]
    only_second: tuple[ComparedSpan, ...]
    neither: tuple[ComparedSpan, ...]
    spurious_both: tuple[ComparedSpan, ...]
    spurious_first: tuple[ComparedSpan, ...]
    spurious_second: tuple[ComparedSpan, ...]
    documents: int
    skipped: tuple[str, ...]


def agreement(pairs: Iterable[tuple[Document, Document]]) -> Agreement:
    """The agreement of two annotators. Documents without annotations from either one are skipped and named.

    Raises ValueError if the two texts of a pair differ.
    """
    confusion = Counter[tuple[str, str]]()
    skipped: list[str] = []
    documents = 0
    spans = dict.fromkeys(LABELS, Counts())
    for first, second in pairs:
        _refuse_other_text(first, second)
        if not (first.annotated and second.annotated):
            skipped.append(first.id or first.path)
            continue
        documents += 1
        ours, theirs = scored_spans(first), scored_spans(second)
        for label, counts in strict_counts(Counter(ours), Counter(theirs)).items():
            spans[label] += counts
        folded = fold(first.text)
        marked = token_confusion(folded, ours, theirs)
        confusion += marked
        confusion[OUTSIDE, OUTSIDE] += len(split_tokens(folded.cased)) - marked.total()
    ordered = {labels: confusion[labels] for labels in sorted(confusion) if confusion[labels]}
    return Agreement(spans, ordered, documents, tuple(skipped))


def side_by_side(triples: Iterable[tuple[Document, Document, Document]]) -> SideBySide:
    """Compare two systems, given gold, first and second system of each text. Raises ValueError if texts differ.

    A gold document without annotations is skipped and named. Of repeated spans, the first in reading order are right.
    """
    right: dict[tuple[bool, bool], list[ComparedSpan]] = defaultdict(list)
    spurious_both: list[ComparedSpan] = []
    spurious_first: list[ComparedSpan] = []
    spurious_second: list[ComparedSpan] = []
    skipped: list[str] = []
    documents = 0
    for gold, first, second in triples:
        _refuse_other_text(gold, first)
        _refuse_other_text(gold, second)
        if not gold.annotated:
            skipped.append(gold.id or gold.path)
            continue
        documents += 1
        gold_spans, first_spans, second_spans = (Counter(scored_spans(document)) for document in (gold, first, second))
        left_first, left_second = +first_spans, +second_spans
        predicted_first, gold_first = _counterparts(gold, first)
        predicted_second, gold_second = _counterparts(gold, second)
        for index, entity in enumerate(_scored(gold)):
            systems = _take(left_first, entity), _take(left_second, entity)
            counterparts = {(True, False): predicted_second, (False, True): predicted_first}.get(systems, {})
            right[systems].append(ComparedSpan(gold, entity, counterparts.get(index)))
        surplus_first, surplus_second = first_spans - gold_spans, second_spans - gold_spans
        shared = surplus_first & surplus_second
        _sort_spurious(gold, first, surplus_first, shared, gold_first, spurious_both, spurious_first)
        _sort_spurious(gold, second, surplus_second, shared, gold_second, None, spurious_second)
    return SideBySide(
        tuple(right[True, True]),
        tuple(right[True, False]),
        tuple(right[False, True]),
        tuple(right[False, False]),
        tuple(spurious_both),
        tuple(spurious_first),
        tuple(spurious_second),
        documents,
        tuple(skipped),
    )


def _scored(document: Document) -> list[Entity]:
    return [entity for entity in document.entities if entity.label in LABELS]


def _counterparts(gold: Document, predicted: Document) -> tuple[dict[int, Entity], dict[int, Entity]]:
    """The predicted counterparts of gold spans, by index, and the gold ones of predicted spans; without equal pairs."""
    gold_entities, predicted_entities = _scored(gold), _scored(predicted)
    pairs = pair([entity.span for entity in gold_entities], [entity.span for entity in predicted_entities])
    unequal = [(i, j) for i, j in pairs if gold_entities[i].span != predicted_entities[j].span]
    return {i: predicted_entities[j] for i, j in unequal}, {j: gold_entities[i] for i, j in unequal}


def _take(spans: Counter[Span], entity: Entity) -> bool:
    """Take the span of an entity if one is left; return whether there was one."""
    if spans[entity.span] <= 0:
        return False
    spans[entity.span] -= 1
    return True


def _sort_spurious(
    gold: Document,
    predicted: Document,
    surplus: Counter[Span],
    shared: Counter[Span],
    counterparts: Mapping[int, Entity],
    into_both: list[ComparedSpan] | None,
    into_own: list[ComparedSpan],
) -> None:
    """Add the spurious spans of one system to `into_own`, and those in both systems to `into_both`, if given."""
    common = +shared
    for index, entity in enumerate(_scored(predicted)):
        if not _take(surplus, entity):
            continue
        if not _take(common, entity):
            into_own.append(ComparedSpan(gold, entity, counterparts.get(index)))
        elif into_both is not None:
            into_both.append(ComparedSpan(gold, entity))


def _kappa(confusion: Confusion) -> Kappa:
    rows, columns = Counter[str](), Counter[str]()
    for (ours, theirs), tokens in confusion.items():
        rows[ours] += tokens
        columns[theirs] += tokens
    agreed = sum(tokens for (ours, theirs), tokens in confusion.items() if ours == theirs)
    return Kappa(rows.total(), agreed, sum(rows[label] * columns[label] for label in rows))


def _refuse_other_text(first: Document, second: Document) -> None:
    if first.text != second.text:
        raise ValueError("the two are of different texts")
