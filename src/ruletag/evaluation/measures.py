"""The table of measures: each turns a comparison of gold and prediction into counts for each label.

Spans of a document are a multiset: a duplicate in the gold needs a duplicate in the prediction. Partial credit is kept
as counts, 0/0 is 0, and spans with labels other than the four are ignored.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ruletag.evaluation.borders import Borders, in_plain
from ruletag.evaluation.pairing import Span, pair
from ruletag.fold import Folded, fold
from ruletag.model import LABELS, Document
from ruletag.tokens import split_tokens

OUTSIDE = "O"  # the label of a token that no span covers


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of gold spans, predicted spans and matches. Counts can be added.

    `correct` and `partial` are the gold spans that are matched in full and in half; `correct_given` and `partial_given`
    are the predicted spans that match them. They differ only if a measure ignores the label, so that gold of one label
    may be matched by a prediction of another; if omitted, they are the same.
    """

    gold: int = 0
    predicted: int = 0
    correct: int = 0
    partial: int = 0
    correct_given: int = -1
    partial_given: int = -1

    def __post_init__(self) -> None:
        if self.correct_given < 0:
            object.__setattr__(self, "correct_given", self.correct)
        if self.partial_given < 0:
            object.__setattr__(self, "partial_given", self.partial)

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.gold + other.gold,
            self.predicted + other.predicted,
            self.correct + other.correct,
            self.partial + other.partial,
            self.correct_given + other.correct_given,
            self.partial_given + other.partial_given,
        )

    @property
    def precision(self) -> float:
        """(correct + partial / 2) / predicted, of the predicted spans."""
        return self._predicted_halves / (2 * self.predicted) if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """(correct + partial / 2) / gold, of the gold spans."""
        return self._gold_halves / (2 * self.gold) if self.gold else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, from counts; 2·correct / (gold + predicted) in the plain case."""
        gold_halves, predicted_halves = self._gold_halves, self._predicted_halves
        total = gold_halves * self.predicted + predicted_halves * self.gold
        return gold_halves * predicted_halves / total if total else 0.0

    @property
    def _gold_halves(self) -> int:
        return 2 * self.correct + self.partial

    @property
    def _predicted_halves(self) -> int:
        return 2 * self.correct_given + self.partial_given


class Comparison:
    """Gold and prediction of one text, paired once for all measures. Raises ValueError if the two texts differ."""

    def __init__(self, gold: Document, predicted: Document, borders: Borders) -> None:
        if gold.text != predicted.text:
            raise ValueError("gold and prediction are of different texts")
        self.text = gold.text
        self.gold = scored_spans(gold)
        self.predicted = scored_spans(predicted)
        self.borders = borders

    @cached_property
    def folded(self) -> Folded:
        """The text, folded."""
        return fold(self.text)

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """The index pairs (gold, predicted) of spans that overlap, regardless of their labels."""
        return pair(self.gold, self.predicted)

    @cached_property
    def same_borders(self) -> list[tuple[int, int]]:
        """The pairs with the same start and end."""
        return [(i, j) for i, j in self.pairs if self.gold[i][:2] == self.predicted[j][:2]]

    @cached_property
    def same(self) -> list[tuple[int, int]]:
        """The pairs with the same start, end and label."""
        return [(i, j) for i, j in self.same_borders if self.gold[i][2] == self.predicted[j][2]]

    def core(self, span: Span) -> Span:
        """The span with forgiven borders; only for comparison with another core."""
        return self.borders.forgiven(self.folded, span)

    def tally(self, whole: Sequence[tuple[int, int]], half: Sequence[tuple[int, int]] = ()) -> dict[str, Counts]:
        """The counts of each label that has any, from the index pairs that are right, as a `whole` or by `half`."""
        fields = [
            *self._label_counts,
            Counter(self.gold[index][2] for index, _ in whole),
            Counter(self.gold[index][2] for index, _ in half),
            Counter(self.predicted[index][2] for _, index in whole),
            Counter(self.predicted[index][2] for _, index in half),
        ]
        return _by_label(fields)

    @cached_property
    def _label_counts(self) -> tuple[Counter[str], Counter[str]]:
        return Counter(span[2] for span in self.gold), Counter(span[2] for span in self.predicted)


@dataclass(frozen=True, slots=True)
class Measure:
    """A way of counting a comparison, with a short description."""

    count: Callable[[Comparison], Mapping[str, Counts]]
    help: str


def token_confusion(folded: Folded, first: Iterable[Span], second: Iterable[Span]) -> Counter[tuple[str, str]]:
    """Count tokens by their labels from the first and from the second spans, in offsets of the original text.

    Tokens that neither side covers are not counted. A token has the label of the span that shares a code point with it;
    of several, that of the longest, then of the first.
    """
    tokens = _TokenStarts(folded)
    ours, theirs = tokens.painted(first), tokens.painted(second)
    return Counter((ours.get(start, OUTSIDE), theirs.get(start, OUTSIDE)) for start in ours.keys() | theirs.keys())


def scored_spans(document: Document) -> list[Span]:
    """The spans of a document that are scored, in reading order."""
    return [entity.span for entity in document.entities if entity.label in LABELS]


def strict_counts(gold: Counter[Span], predicted: Counter[Span]) -> dict[str, Counts]:
    """The counts of two multisets of spans; equal spans are right."""
    fields = [Counter[str]() for _ in range(3)]
    for label_counts, spans in zip(fields, (gold, predicted, gold & predicted), strict=True):
        for (_, _, label), times in spans.items():
            label_counts[label] += times
    return _by_label(fields)


def _unused(number: int, used: Iterable[int]) -> list[int]:
    """The indices below a number that are not used."""
    return sorted(set(range(number)).difference(used))


def _by_label(fields: Sequence[Mapping[str, int]]) -> dict[str, Counts]:
    """The counts of each label that has any, from the values of each field of `Counts` by label."""
    rows = [(label, [values.get(label, 0) for values in fields]) for label in LABELS]
    return {label: Counts(*values) for label, values in rows if any(values)}


class _TokenStarts:
    """The starts of the tokens of a folded text.

    No token contains a space, so pieces between spaces are tokenised on demand.
    """

    def __init__(self, folded: Folded) -> None:
        self._folded = folded
        self._pieces: dict[int, tuple[list[int], list[int]]] = {}
        self._covered: dict[tuple[int, int], list[int]] = {}

    def painted(self, spans: Iterable[Span]) -> dict[int, str]:
        """The label of every covered token, by its start."""
        painted: dict[int, str] = {}
        for start, end, label in sorted(spans, key=_painting_order):
            covered = self._covered.get((start, end))
            if covered is None:
                covered = self._covered[start, end] = self._starts_in(*in_plain(self._folded, (start, end, label))[:2])
            for token_start in covered:
                painted[token_start] = label
        return painted

    def _starts_in(self, start: int, end: int) -> list[int]:
        """The starts of the tokens that share a code point with a span of the folded text."""
        cased = self._folded.cased
        token_starts: list[int] = []
        offset = cased.rfind(b" ", 0, start) + 1
        while offset < end:
            stop = cased.find(b" ", offset)
            stop = stop if stop >= 0 else len(cased)
            piece = self._pieces.get(offset)
            if piece is None:
                piece = self._pieces[offset] = _token_borders(cased, offset, stop)
            starts, ends = piece
            token_starts += starts[bisect_right(ends, start) : bisect_left(starts, end)]
            offset = stop + 1
        return token_starts


def _painting_order(span: Span) -> tuple[int, int, int]:
    """A sort key that puts last, on top, the longest span; among equals the first, then the first label."""
    start, end, label = span
    return (end - start, -start, -LABELS.index(label))


def _token_borders(cased: bytes, offset: int, stop: int) -> tuple[list[int], list[int]]:
    """The starts and the ends of the tokens of a piece of text."""
    starts, ends = [], []
    for token in split_tokens(cased[offset:stop]):
        offset = cased.index(token, offset)  # only breaks are between tokens
        starts.append(offset)
        offset += len(token)
        ends.append(offset)
    return starts, ends


def _strict(comparison: Comparison) -> dict[str, Counts]:
    return comparison.tally(comparison.same)


def _exact(comparison: Comparison) -> dict[str, Counts]:
    return comparison.tally(comparison.same_borders)


def _type(comparison: Comparison) -> dict[str, Counts]:
    return comparison.tally(pair(comparison.gold, comparison.predicted, same_label=True))


def _partial(comparison: Comparison) -> dict[str, Counts]:
    whole = comparison.same_borders
    return comparison.tally(whole, sorted(set(comparison.pairs) - set(whole)))


def _forgiven(comparison: Comparison) -> dict[str, Counts]:
    """Strictly right pairs count first; only the remaining spans are compared by their cores."""
    strict = comparison.same
    cores: dict[Span, list[int]] = {}
    for index in _unused(len(comparison.predicted), (index for _, index in strict)):
        cores.setdefault(comparison.core(comparison.predicted[index]), []).append(index)
    whole = list(strict)
    for index in _unused(len(comparison.gold), (index for index, _ in strict)) if cores else ():
        candidates = cores.get(comparison.core(comparison.gold[index]))
        if candidates:
            whole.append((index, candidates.pop()))
    return comparison.tally(whole)


def _token(comparison: Comparison) -> dict[str, Counts]:
    confusion = token_confusion(comparison.folded, comparison.gold, comparison.predicted)
    gold_tokens, predicted_tokens, correct = (Counter[str]() for _ in range(3))
    for (gold, predicted), times in confusion.items():
        gold_tokens[gold] += times
        predicted_tokens[predicted] += times
        correct[gold] += times if gold == predicted else 0
    return _by_label([gold_tokens, predicted_tokens, correct])


MEASURES: dict[str, Measure] = {
    "strict": Measure(_strict, "same span, same label"),
    "exact": Measure(_exact, "same span, any label"),
    "type": Measure(_type, "same label, overlapping spans"),
    "partial": Measure(_partial, "any label: 1 for the same span, ½ for an overlapping one"),
    "forgiven": Measure(_forgiven, "same label and span, ignoring determiner, title, civility and trailing demonym"),
    "token": Measure(_token, "the label of each token: that of the span covering it"),
}
