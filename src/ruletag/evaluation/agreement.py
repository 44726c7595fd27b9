"""Two annotators of the same texts, and two systems against one gold: how far they agree, and where they do not.

Annotators are symmetric: neither is the gold. F1 is on spans; Cohen's kappa (1960) is on tokens, whose label is that of
the span that covers them, or `O`.
"""

from __future__ import annotations

from collections import Counter
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
        """The share on which two annotators would agree who use the labels as often, but at random; 0/0 is 0."""
        return self.expected_squared / self.tokens**2 if self.tokens else 0.0

    @property
    def value(self) -> float | None:
        """(observed - expected) / (1 - expected); None if both use a single, identical label, as chance would."""
        beyond = self.tokens**2 - self.expected_squared
        return (self.agreed * self.tokens - self.expected_squared) / beyond if beyond else None


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
        """Over all tokens. Most tokens of a text are in no name, which raises this figure."""
        return _kappa(self.confusion)

    @property
    def kappa_marked(self) -> Kappa:
        """Over the tokens that at least one of the two marked: plain text adds nothing, so this is a lower bound."""
        return _kappa({pair: tokens for pair, tokens in self.confusion.items() if pair != (OUTSIDE, OUTSIDE)})


class Found(NamedTuple):
    """A span, its document, and its counterpart on the other side: another span, or None.

    For gold that one system has, `other` is the span of the system that misses it; for a spurious span of one system,
    it is the gold span. Otherwise it is None.
    """

    document: Document
    entity: Entity
    other: Entity | None = None


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Where two systems are right and wrong, strictly, span by span, in the order of documents and of reading.

    The first four hold gold spans, each once; the others predicted spans that are spurious; of those in both systems,
    the first's.
    """

    both: tuple[Found, ...]
    only_first: tuple[Found, ...]
    only_second: tuple[Found, ...]
    neither: tuple[Found, ...]
    spurious_both: tuple[Found, ...]
    spurious_first: tuple[Found, ...]
    spurious_second: tuple[Found, ...]
    documents: int
    skipped: tuple[str, ...]


def agreement(pairs: Iterable[tuple[Document, Document]]) -> Agreement:
    """The agreement of two annotators. A document that either left without annotations is skipped and named.

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
    ordered = {pair: confusion[pair] for pair in sorted(confusion) if confusion[pair]}
    return Agreement(spans, ordered, documents, tuple(skipped))


def side_by_side(triples: Iterable[tuple[Document, Document, Document]]) -> SideBySide:
    """Gold, first and second system of each text. A gold document without annotations is skipped and named.

    Of repeated spans, the first in reading order are right. Raises ValueError if texts differ.
    """
    right: dict[tuple[bool, bool], list[Found]] = {(a, b): [] for a in (True, False) for b in (True, False)}
    spurious: tuple[list[Found], list[Found], list[Found]] = ([], [], [])
    skipped: list[str] = []
    documents = 0
    for gold, first, second in triples:
        _refuse_other_text(gold, first)
        _refuse_other_text(gold, second)
        if not gold.annotated:
            skipped.append(gold.id or gold.path)
            continue
        documents += 1
        wanted, ours, theirs = (Counter(scored_spans(document)) for document in (gold, first, second))
        by_first, by_second = +ours, +theirs
        (given_first, asked_first), (given_second, asked_second) = _answers(gold, first), _answers(gold, second)
        for index, entity in enumerate(_scored(gold)):
            has = _take(by_first, entity), _take(by_second, entity)
            given = {(True, False): given_second, (False, True): given_first}.get(has, {})
            right[has].append(Found(gold, entity, given.get(index)))
        shared = (ours - wanted) & (theirs - wanted)
        _sort_out(gold, first, ours - wanted, shared, asked_first, spurious[0], spurious[1])
        _sort_out(gold, second, theirs - wanted, shared, asked_second, None, spurious[2])
    return SideBySide(
        tuple(right[True, True]),
        tuple(right[True, False]),
        tuple(right[False, True]),
        tuple(right[False, False]),
        tuple(spurious[0]),
        tuple(spurious[1]),
        tuple(spurious[2]),
        documents,
        tuple(skipped),
    )


def _scored(document: Document) -> list[Entity]:
    return [entity for entity in document.entities if entity.label in LABELS]


def _answers(gold: Document, predicted: Document) -> tuple[dict[int, Entity], dict[int, Entity]]:
    """The predicted span that corresponds to a gold one, and vice versa, by index; without equal spans."""
    wanted, given = _scored(gold), _scored(predicted)
    pairs = pair([entity.span for entity in wanted], [entity.span for entity in given])
    unequal = [(ours, theirs) for ours, theirs in pairs if wanted[ours].span != given[theirs].span]
    return {ours: given[theirs] for ours, theirs in unequal}, {theirs: wanted[ours] for ours, theirs in unequal}


def _take(spans: Counter[Span], entity: Entity) -> bool:
    """Whether one more of these spans is left, which is then taken."""
    if spans[entity.span] <= 0:
        return False
    spans[entity.span] -= 1
    return True


def _sort_out(
    gold: Document,
    predicted: Document,
    surplus: Counter[Span],
    shared: Counter[Span],
    asked: Mapping[int, Entity],
    into_both: list[Found] | None,
    into_own: list[Found],
) -> None:
    """The spurious spans of one system, split into those that both have, if requested, and its own."""
    common = +shared
    for index, entity in enumerate(_scored(predicted)):
        if not _take(surplus, entity):
            continue
        if not _take(common, entity):
            into_own.append(Found(gold, entity, asked.get(index)))
        elif into_both is not None:
            into_both.append(Found(gold, entity))


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
