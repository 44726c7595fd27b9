"""The differences between two taggings of the same texts, and the changed line of knowledge responsible for each.

Offsets are half-open code points. Applying the differences to the first tagging gives the second.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ruletag.evaluation.pairing import pair
from ruletag.fold import WORDS, fold, fold_surface, lower_key, spellings
from ruletag.knowledge import Read
from ruletag.model import Alternative, Document, Entity, Entry, Source, sort_entities
from ruletag.overlay import Occurrences
from ruletag.rules import Rule, Veto
from ruletag.tagger import Tagger

KINDS = ("added", "gone", "relabelled", "rebound")


class Line(NamedTuple):
    """A line of knowledge that only one side has: `+` the second, `-` the first."""

    sign: str
    source: Source

    def __str__(self) -> str:
        return f"{self.sign} {self.source}"


@dataclass(frozen=True, slots=True)
class Difference:
    """One span that one side has and the other has not, or has differently. `because` is None if no line is
    responsible."""

    before: Entity | None
    after: Entity | None
    because: Line | None = None

    @property
    def kind(self) -> str:
        """One of `KINDS`; a span whose label and borders differ is rebound."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "gone"
        same = self.before.span[:2] == self.after.span[:2]
        return "relabelled" if same else "rebound"

    @property
    def place(self) -> tuple[int, int]:
        """The start and end of both sides together."""
        spans = [each.span for each in (self.before, self.after) if each]
        return min(span[0] for span in spans), max(span[1] for span in spans)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two taggings of one text, and what differs."""

    before: Document
    after: Document
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Edits:
    """What the files of the second side have and those of the first have not, and vice versa.

    `everywhere` is true if any text may be tagged differently: a rule, a macro or the guideline has changed.
    """

    lines: tuple[Line, ...]
    surfaces: Mapping[str, Line]
    everywhere: bool


def differences(before: Document, after: Document) -> tuple[Difference, ...]:
    """The differences between two taggings of a text, in reading order; overlapping spans are one difference. Raises
    ValueError if the texts differ."""
    if before.text != after.text:
        raise ValueError("two taggings of one text are compared")
    same = {entity.span for entity in before.entities} & {entity.span for entity in after.entities}
    old = [entity for entity in before.entities if entity.span not in same]
    new = [entity for entity in after.entities if entity.span not in same]
    pairs = dict(pair([entity.span for entity in old], [entity.span for entity in new]))
    met = set(pairs.values())
    found = [Difference(old[one], new[other]) for one, other in pairs.items()]
    found += [Difference(entity, None) for number, entity in enumerate(old) if number not in pairs]
    found += [Difference(None, entity) for number, entity in enumerate(new) if number not in met]
    return tuple(sorted(found, key=lambda each: (each.place, each.kind)))


def apply(found: Iterable[Difference], entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Spans with the differences applied: each `before` is removed, each `after` added."""
    found = list(found)
    gone = {each.before.span for each in found if each.before}
    return sort_entities([*(e for e in entities if e.span not in gone), *(each.after for each in found if each.after)])


def edits(before: Read, after: Read) -> Edits:
    """The edits between two states of knowledge. Moving a line within its file is not an edit."""
    lines: list[Line] = []
    surfaces: dict[str, Line] = {}
    old, new = ({_placeless(entry): entry for entry in read.written} for read in (before, after))
    vetoes = [{_placeless_veto(veto): veto for veto in read.vetoes} for read in (before, after)]
    for sign, own, other in (("+", new, old), ("-", old, new)):
        for key, entry in own.items():
            if key not in other:
                surfaces.setdefault(entry.surface, Line(sign, entry.source))
                lines.append(Line(sign, entry.source))
    for sign, (mine, others) in (("+", vetoes[::-1]), ("-", vetoes)):
        for veto_key, veto in mine.items():
            if veto_key not in others:
                surfaces.setdefault(veto.name, Line(sign, veto.source))
                lines.append(Line(sign, veto.source))
    rules = [{rule.id: _placeless_rule(rule) for rule in read.rules} for read in (before, after)]
    for sign, mine_rules, others_rules, written in (
        ("+", rules[1], rules[0], after),
        ("-", rules[0], rules[1], before),
    ):
        changed = [rule for rule in written.rules if others_rules.get(rule.id) != mine_rules[rule.id]]
        lines += [Line(sign, rule.source) for rule in changed]
    in_order = [*rules[0].items()] == [*rules[1].items()]
    everywhere = not in_order or before.guideline != after.guideline or before.common != after.common
    return Edits(tuple(dict.fromkeys(lines)), surfaces, everywhere)


def _placeless(entry: Entry) -> Entry:
    return entry._replace(source=entry.source._replace(line=0))


def _placeless_veto(veto: Veto) -> Veto:
    return replace(veto, source=veto.source._replace(line=0), example="")


def _placeless_rule(rule: Rule) -> Rule:
    return replace(rule, source=rule.source._replace(line=0), why="", examples=())


def compare(before: Tagger, after: Tagger, texts: Sequence[Document]) -> tuple[list[Compared], Edits, int]:
    """Texts under two states of knowledge with their differences; the edits; and how many texts were tagged twice."""
    edited = edits(before.knowledge.read, after.knowledge.read)
    twice = set(range(len(texts)))
    if not edited.everywhere and before.guideline == after.guideline and before.memory == after.memory:
        twice = set(Occurrences(each.text for each in texts).of(edited.surfaces))
    found = []
    for number, given in enumerate(texts):
        one = _tagged(before, given)
        other = _tagged(after, given) if number in twice else one
        told = [replace(each, because=responsible(each, one, other, edited)) for each in differences(one, other)]
        found.append(Compared(one, other, tuple(told)))
    return found, edited, len(twice)


def _tagged(tagger: Tagger, given: Document) -> Document:
    found = tagger.tag(given.text)
    return replace(found, id=given.id, path=given.path, lines=given.lines)


def responsible(found: Difference, before: Document, after: Document, edited: Edits) -> Line | None:
    """The changed line behind a difference: it made a span, took its place, or made way for it; else the closest.

    The closest is the line whose surface is nearest in the text: a word of a class, or something a rule asked for.
    """
    added, removed = ({line.source[1:]: line for line in edited.lines if line.sign == sign} for sign in "+-")
    return (
        (found.after and added.get(found.after.source[1:]))
        or (found.before and removed.get(found.before.source[1:]))
        or (found.before and _in_the_way(found.before, after, added))
        or (found.after and _in_the_way(found.after, before, removed))
        or _closest(found, before.text, edited.surfaces)
    )


def _in_the_way(entity: Entity, other: Document, lines: Mapping[tuple[str, str, int], Line]) -> Line | None:
    """The changed line that keeps a span of one side from being one of the other side: a winner, or a veto."""
    sources = {each.span: each.source for each in other.entities}
    for lost in _lost(entity, other.alternatives):
        winner = sources.get(lost.winner) if lost.winner else None
        if winner and (line := lines.get(winner[1:])):
            return line
        for line in lines.values():
            if lost.winner is None and lost.reason == f"vetoed by {line.source}":
                return line
    overlapping = [each for each in other.entities if each.start < entity.end and entity.start < each.end]
    return next((line for each in overlapping if (line := lines.get(each.source[1:]))), None)


def _lost(entity: Entity, alternatives: Iterable[Alternative]) -> Iterator[Alternative]:
    return (lost for lost in alternatives if (lost.start, lost.end, lost.label) == entity.span)


def _closest(found: Difference, text: str, surfaces: Mapping[str, Line]) -> Line | None:
    lower = fold(text).lower
    words = {match[0] for match in WORDS.finditer(lower)}
    start, end = found.place
    best: tuple[int, str] | None = None
    for surface in surfaces:
        for spelling in spellings(lower_key(fold_surface(surface).cased)):
            if not words.issuperset(WORDS.findall(spelling)):
                continue
            at = lower.find(spelling)
            while at >= 0:
                away = max(at - end, start - at - len(spelling), 0)
                best = min(best or (away, surface), (away, surface))
                at = lower.find(spelling, at + 1)
    return surfaces[best[1]] if best else None


def right(found: Difference, gold: Sequence[tuple[int, int, str]]) -> tuple[int, int]:
    """What a difference contributes by gold (sorted spans): right spans and wrong spans; either may be negative."""
    gained = [0, 0]
    for entity, sign in ((found.after, 1), (found.before, -1)):
        if entity:
            at = bisect_left(gold, entity.span)
            gained[0 if gold[at : at + 1] == [entity.span] else 1] += sign
    return gained[0], gained[1]
