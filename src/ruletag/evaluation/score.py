"""Gold and predicted documents to integer counts. Ratios are derived from counts; nothing is printed here.

Measures are a table: a measure is a way to look at a span before spans are compared one to one. Spans of one document
are a multiset: a duplicate in the gold wants a duplicate in the prediction. 0/0 is 0.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from ruletag.fold import Folded, fold
from ruletag.lexicon import Lexicon
from ruletag.model import LABELS, Document, Entity
from ruletag.tokens import Tokens

Span = tuple[int, int, str]
View = Callable[[Folded, Span], Span]

DETERMINERS = frozenset(b"le la les l' un une ce cet cette".split())
_FORGIVEN_CLASSES = ("title", "title-plural", "civility")
_QUOTES = frozenset(mark.encode("cp1252") for mark in "«»‹›\"'")


@dataclass(frozen=True, slots=True)
class Counts:
    """What was wanted, what was given, and how much of it was right. Counts add up."""

    gold: int = 0
    predicted: int = 0
    correct: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.gold + other.gold, self.predicted + other.predicted, self.correct + other.correct)

    @property
    def precision(self) -> float:
        return self.correct / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        return self.correct / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, from counts: 2·correct / (gold + predicted)."""
        total = self.gold + self.predicted
        return 2 * self.correct / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Error:
    """A gold span that was missed or a predicted one that is spurious; `other` overlaps it on the other side."""

    kind: str  # missed or spurious
    document: Document
    entity: Entity
    other: Entity | None


@dataclass(frozen=True, slots=True)
class Score:
    """The counts of every measure and label, over all documents that have gold, and the strict errors."""

    counts: Mapping[str, Mapping[str, Counts]]
    errors: tuple[Error, ...]
    documents: int
    skipped: tuple[str, ...]

    def micro(self, measure: str = "strict", labels: Iterable[str] = LABELS) -> Counts:
        """The counts of several labels as one."""
        return sum((self.counts[measure][label] for label in labels), Counts())


class Borders:
    """Looks at a span without what guidelines disagree on: determiner, title, civility, trailing demonym.

    A view takes a span in the offsets of the text as it came; what it gives is for comparing with others only.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def strict(self, folded: Folded, span: Span) -> Span:
        """The span as it is."""
        return span

    def forgiven(self, folded: Folded, span: Span) -> Span:
        """The core of the span; a span that is nothing but a title keeps it."""
        start, end, label = _in_plain(folded, span)
        end = self._without_demonym(folded, start, end)
        start = self._without_determiner(folded, start, end)
        core = self._without_title(folded, start, end)
        return (core if core < end else start, end, label)

    def _without_determiner(self, folded: Folded, start: int, end: int) -> int:
        tokens = Tokens(folded)
        token = tokens.after(start)
        return tokens.skip(token.end) if token and token.word in DETERMINERS and token.end < end else start

    def _without_title(self, folded: Folded, start: int, end: int) -> int:
        tokens = Tokens(folded)
        for key in _FORGIVEN_CLASSES:
            hit = next((hit for hit in self._lexicon.ends(folded, start, key) if hit.end <= end), None)
            if hit:
                start = tokens.skip(hit.end)
                demonym = next((hit for hit in self._lexicon.ends(folded, start, "demonym") if hit.end <= end), None)
                return tokens.skip(demonym.end) if demonym and start < end else start
        return start

    def _without_demonym(self, folded: Folded, start: int, end: int) -> int:
        last = Tokens(folded).before(end)
        if not last or last.start <= start or not folded.plain[last.start].islower():
            return end
        found = any(hit.end == end for hit in self._lexicon.ends(folded, last.start, "demonym"))
        return Tokens(folded).skip_back(last.start) if found else end

    def fringe(self, folded: Folded, start: int, end: int) -> frozenset[str] | None:
        """The kinds of thing that guidelines disagree on which a piece of text is made of, and of nothing else.

        None where other words stand in it; none, in a set, where only spaces do. Half-open code points of the text as
        it came. The kinds: `title`, `civility`, `demonym`, `determiner`, `quote`.
        """
        start, end, _ = _in_plain(folded, (start, end, ""))
        tokens = Tokens(folded)
        kinds = set()
        while (start := tokens.skip(start)) < end:
            kind, after = self._fringe_at(folded, tokens, start, end)
            if not kind:
                return None
            kinds.add(kind)
            start = after
        return frozenset(kinds)

    def _fringe_at(self, folded: Folded, tokens: Tokens, start: int, end: int) -> tuple[str, int]:
        """The kind of what stands at `start`, and where it ends; an empty kind where it is none."""
        token = tokens.after(start)
        if token and token.end <= end and token.word in DETERMINERS:
            return "determiner", token.end
        if token and token.word in _QUOTES:
            return "quote", token.end
        for key in (*_FORGIVEN_CLASSES, "demonym"):
            hit = next((hit for hit in self._lexicon.ends(folded, start, key) if hit.end <= end), None)
            if hit:
                return key.removesuffix("-plural"), hit.end
        return "", start

    def is_listed(self, folded: Folded, start: int, end: int) -> bool:
        """Whether an entry of some label, ambiguous or not, stands at just these borders of the text as it came."""
        start, end, _ = _in_plain(folded, (start, end, ""))
        return any(hit.end == end for label in LABELS for hit in self._lexicon.ends(folded, start, label))


def _in_plain(folded: Folded, span: Span) -> Span:
    """A span of the text as it came, in the offsets of the folded text."""
    start, end, label = span
    return (_offset_in_plain(folded, start), _offset_in_plain(folded, end), label)


def _offset_in_plain(folded: Folded, offset: int) -> int:
    index = bisect_right(folded.edits, offset, key=lambda edit: edit.original_start) - 1
    if index < 0:
        return offset
    edit = folded.edits[index]
    return edit.start if offset < edit.original_end else edit.end + offset - edit.original_end


def score(pairs: Iterable[tuple[Document, Document]], borders: Borders) -> Score:
    """Score pairs of gold and predicted document. A gold document without annotations is skipped, and named.

    ValueError where the two texts of a pair differ.
    """
    measures: dict[str, View] = {"strict": borders.strict, "forgiven": borders.forgiven}
    counts = {name: dict.fromkeys(LABELS, Counts()) for name in measures}
    errors: list[Error] = []
    skipped: list[str] = []
    scored = 0
    for gold, predicted in pairs:
        if not gold.annotated:
            skipped.append(gold.id or gold.path)
            continue
        if gold.text != predicted.text:
            raise ValueError("gold and prediction are of different texts")
        scored += 1
        folded = fold(gold.text)
        for name, view in measures.items():
            for label, found in _count(gold, predicted, folded, view).items():
                counts[name][label] += found
        errors += _errors(gold, predicted)
    return Score(counts, tuple(errors), scored, tuple(skipped))


def _count(gold: Document, predicted: Document, folded: Folded, view: View) -> dict[str, Counts]:
    wanted = _seen(gold, folded, view)
    given = _seen(predicted, folded, view)
    right = wanted & given
    by_label = [Counter[str]() for _ in range(3)]
    for target, spans in zip(by_label, (wanted, given, right), strict=True):
        for span, times in spans.items():
            target[span[2]] += times
    return {label: Counts(*(target[label] for target in by_label)) for label in LABELS}


def _seen(document: Document, folded: Folded, view: View) -> Counter[Span]:
    return Counter(view(folded, entity.span) for entity in document.entities)


def _errors(gold: Document, predicted: Document) -> Iterator[Error]:
    for kind, document, other in (("missed", gold, predicted), ("spurious", predicted, gold)):
        matched = Counter(entity.span for entity in other.entities)
        reaches = list(accumulate((entity.end for entity in other.entities), max))
        for entity in document.entities:
            if matched[entity.span]:
                matched[entity.span] -= 1
            else:
                first = bisect_right(reaches, entity.start)
                last = bisect_left(other.entities, entity.end, key=lambda each: each.start)
                yield Error(kind, gold, entity, _overlap(entity, other.entities[first:last]))


def _overlap(entity: Entity, others: Iterable[Entity]) -> Entity | None:
    """The one of the others that shares most with this entity."""
    shared = [(min(entity.end, other.end) - max(entity.start, other.start), -other.start, other) for other in others]
    best = max((item for item in shared if item[0] > 0), default=None, key=lambda item: item[:2])
    return best[2] if best else None
