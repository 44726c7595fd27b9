"""Gold texts with their winners, for trying guidelines on them; rules run once for each value of `compounds`."""

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
    won: Mapping[str, Resolved]  # with the losers within a span that may begin with a head
    parts: frozenset[str]
    determined: frozenset[str]  # surfaces that occur with a determiner
    heads: frozenset[str]  # possible heads of the winners, inside or before
    headed: frozenset[tuple[str, Span]]  # the spans that begin with a noun, of winners and gold, by their head

    def spans(self, guideline: Guideline) -> list[Span]:
        """The spans under a guideline, in the offsets of the original text."""
        won = self.won[guideline.switches["compounds"]]
        return [_span(won.plain, each) for each in guideline.apply(won)]

    def unit(self, offset: int) -> int:
        """The unit that is held out together with the text at an offset."""
        return self.first_unit + (self.document.text.count("\n", 0, offset) if self.by_line else 0)


def read_texts(documents: Sequence[Document], tagger: Tagger, by_document: bool) -> list[Text]:
    """The documents, tagged; each is a unit of its own, or each of its lines is."""
    taggers = {value: tagger.with_switches({"compounds": value}) for value in SWITCHES["compounds"]}
    texts = []
    unit = 0

    def won_in(document: Document) -> dict[str, Resolved]:
        return {value: _won(each, document.text) for value, each in taggers.items()}

    for document, won in zip(documents, for_each(documents, won_in), strict=True):
        candidates = [(each.plain.plain, winner) for each in won.values() for winner in each.winners]
        parts = frozenset(part.name for _, winner in candidates for part in winner.parts)
        determined = frozenset(plain[winner.start : winner.end] for plain, winner in candidates if _has_det(winner))
        gold = frozenset(entity.span for entity in document.entities)
        heads = frozenset(each.head for pair in candidates for each in _possible(*pair))
        spans = gold | {_span(each.plain, winner) for each in won.values() for winner in each.winners}
        headed = frozenset((head, span) for span in spans if (head := _head_of(document.text, span)))
        texts.append(Text(document, unit, not by_document, gold, won, parts, determined, heads, headed))
        unit += 1 if by_document else document.text.count("\n") + 1
    return texts


def _won(tagger: Tagger, text: str) -> Resolved:
    decided = tagger.decided(text)
    plain = decided.plain
    within = (loss for loss in decided.losses if loss.winner and plain.plain[loss.winner.start].islower())
    return Resolved(text, plain, list(decided.winners), within)


def _span(plain: PlainText, candidate: Candidate) -> Span:
    return *plain.original(candidate.start, candidate.end), candidate.label


def _has_det(winner: Candidate) -> bool:
    """Whether a determiner can belong to a winner; if it has a title, that decides instead."""
    names = {part.name for part in winner.parts}
    return "det" in names and "title" not in names


def _possible(plain: str, winner: Candidate) -> Iterable[Found]:
    """The possible heads of a winner, inside it or before it."""
    if plain[winner.start].islower():
        return heads_inside(plain[winner.start : winner.end])
    return heads_before(plain, winner.start)


def _head_of(text: str, span: Span) -> str:
    """The head of a span that begins with a noun before a capitalised name: the shortest, without its adjectives."""
    surface = text[span[0] : span[1]]
    heads = [each.head for each in heads_inside(surface) if surface[each.name].isupper()]
    return heads[-1] if heads and not spelling_fault(heads[-1]) else ""


def counts_of(texts: Iterable[Text], guideline: Guideline) -> Counts:
    """Strict counts over all labels."""
    total = Counts()
    for text in texts:
        wanted = Counter(entity.span for entity in text.document.entities)
        given = Counter(text.spans(guideline))
        total += Counts(wanted.total(), given.total(), (wanted & given).total())
    return total


def cases_of(texts: Iterable[Text], under: Mapping[str, Guideline]) -> Iterator[Case]:
    """The places where values differ, each represented by the guideline that has it."""
    for text in texts:
        given = {setting: frozenset(text.spans(guideline)) for setting, guideline in under.items()}
        differing = frozenset.union(*given.values()) - frozenset.intersection(*given.values())
        for start, end in _places(differing):
            wanted = _overlapping(text.gold, start, end)
            right = frozenset(name for name, spans in given.items() if _overlapping(spans, start, end) == wanted)
            surface = text.document.text[start:end]
            yield Case(text.unit(start), text.document.path or "-", text.document.line(start), surface, right)


def _places(spans: Iterable[Span]) -> Iterator[tuple[int, int]]:
    """Spans that overlap or are adjacent (a title and its name, the names in a compound) are one place."""
    place: tuple[int, int] | None = None
    for start, end, _ in sorted(spans):
        if place and start <= place[1] + 1:
            place = (place[0], max(place[1], end))
            continue
        if place:
            yield place
        place = (start, end)
    if place:
        yield place


def _overlapping(spans: Iterable[Span], start: int, end: int) -> set[Span]:
    return {span for span in spans if span[0] < end and start < span[1]}
