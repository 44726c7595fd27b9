"""Gold texts tagged for trying guidelines on them; rules run once for each value of `compounds`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ruletag.batch import for_each
from ruletag.decided import Resolved
from ruletag.evaluation.evidence import Case
from ruletag.evaluation.measures import Counts
from ruletag.guideline import SWITCHES, Guideline
from ruletag.model import Candidate, Document
from ruletag.nouns import Found, heads_before, heads_inside, spelling_fault
from ruletag.plaintext import PlainText
from ruletag.tagger import Tagger

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Text:
    """A gold document with its winners under each value of `compounds`."""

    document: Document
    first_unit: int
    by_line: bool
    gold: frozenset[Span]
    resolved: Mapping[str, Resolved]  # only losers to winners in lower case, which may begin with a head
    parts: frozenset[str]  # names of the parts of winners
    determined: frozenset[str]  # surfaces that occur with a determiner
    heads: frozenset[str]  # possible heads of the winners, inside or before
    headed: frozenset[tuple[str, Span]]  # heads with the spans, of winners and gold, that begin with them

    def spans(self, guideline: Guideline) -> list[Span]:
        """The spans under a guideline, in the offsets of the original text."""
        resolved = self.resolved[guideline.switches["compounds"]]
        return [_span(resolved.plain, candidate) for candidate in guideline.apply(resolved)]

    def unit(self, offset: int) -> int:
        """The number of the held-out unit to which an offset belongs."""
        return self.first_unit + (self.document.text.count("\n", 0, offset) if self.by_line else 0)


def read_texts(documents: Sequence[Document], tagger: Tagger, by_document: bool) -> list[Text]:
    """Tag the documents. Each document is a held-out unit if `by_document`, else each of its lines."""
    taggers = {value: tagger.with_switches({"compounds": value}) for value in SWITCHES["compounds"]}
    texts = []
    unit = 0

    def resolve(document: Document) -> dict[str, Resolved]:
        return {value: _resolved(taggers[value], document.text) for value in taggers}

    for document, resolved in zip(documents, for_each(documents, resolve), strict=True):
        winners = [(result.plain, winner) for result in resolved.values() for winner in result.winners]
        parts = frozenset(part.name for _, winner in winners for part in winner.parts)
        determined = frozenset(
            text.plain[winner.start : winner.end] for text, winner in winners if _can_have_determiner(winner)
        )
        gold = frozenset(entity.span for entity in document.entities)
        heads = frozenset(possible.head for text, winner in winners for possible in _possible_heads(text.plain, winner))
        spans = gold | {_span(text, winner) for text, winner in winners}
        headed = frozenset((head, span) for span in spans if (head := _head_of(document.text, span)))
        texts.append(Text(document, unit, not by_document, gold, resolved, parts, determined, heads, headed))
        unit += 1 if by_document else document.text.count("\n") + 1
    return texts


def _resolved(tagger: Tagger, text: str) -> Resolved:
    decided = tagger.decided(text)
    plain = decided.plain
    losses = (loss for loss in decided.losses if loss.winner and plain.plain[loss.winner.start].islower())
    return Resolved(text, plain, list(decided.winners), losses)


def _span(plain: PlainText, candidate: Candidate) -> Span:
    return *plain.original(candidate.start, candidate.end), candidate.label


def _can_have_determiner(winner: Candidate) -> bool:
    """Whether a determiner can belong to a winner; not if it has a title, whose switch decides instead."""
    names = {part.name for part in winner.parts}
    return "det" in names and "title" not in names


def _possible_heads(plain: str, winner: Candidate) -> Iterable[Found]:
    """The possible heads of a winner, inside it or before it."""
    if plain[winner.start].islower():
        return heads_inside(plain[winner.start : winner.end])
    return heads_before(plain, winner.start)


def _head_of(text: str, span: Span) -> str:
    """The shortest head of a span that begins with a noun before a capitalised name, without adjectives; else empty."""
    start, end, _ = span
    surface = text[start:end]
    heads = [possible.head for possible in heads_inside(surface) if surface[possible.name].isupper()]
    return heads[-1] if heads and not spelling_fault(heads[-1]) else ""


def counts_of(texts: Iterable[Text], guideline: Guideline) -> Counts:
    """Strict counts over all labels, under a guideline."""
    total = Counts()
    for text in texts:
        gold = Counter(entity.span for entity in text.document.entities)
        predicted = Counter(text.spans(guideline))
        total += Counts(gold.total(), predicted.total(), (gold & predicted).total())
    return total


def cases_of(texts: Iterable[Text], under: Mapping[str, Guideline]) -> Iterator[Case]:
    """The places where the values of a switch differ; `under` has the guideline with each value."""
    for text in texts:
        spans_under = {setting: frozenset(text.spans(guideline)) for setting, guideline in under.items()}
        differing = frozenset.union(*spans_under.values()) - frozenset.intersection(*spans_under.values())
        for start, end in _merged(differing):
            gold = _overlapping(text.gold, start, end)
            right = frozenset(
                setting for setting, spans in spans_under.items() if _overlapping(spans, start, end) == gold
            )
            surface = text.document.text[start:end]
            yield Case(text.unit(start), text.document.path or "-", text.document.line(start), surface, right)


def _merged(spans: Iterable[Span]) -> Iterator[tuple[int, int]]:
    """The ranges of spans, merged if they overlap or are adjacent: a title and its name, the names in a compound."""
    merged: tuple[int, int] | None = None
    for start, end, _ in sorted(spans):
        if merged and start <= merged[1] + 1:
            merged = (merged[0], max(merged[1], end))
            continue
        if merged:
            yield merged
        merged = (start, end)
    if merged:
        yield merged


def _overlapping(spans: Iterable[Span], start: int, end: int) -> set[Span]:
    return {span for span in spans if span[0] < end and start < span[1]}
