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
    """A span that only one side has, or that the sides label or delimit differently.

    `because` is None if no line is responsible.
    """

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
        entities = [entity for entity in (self.before, self.after) if entity]
        return min(entity.start for entity in entities), max(entity.end for entity in entities)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two taggings of one text, and their differences."""

    before: Document
    after: Document
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Edits:
    """The lines of knowledge that only one side has.

    `everywhere` is true if any text may be tagged differently: a rule, a macro or the guideline has changed.
    """

    lines: tuple[Line, ...]
    surfaces: Mapping[str, Line]
    everywhere: bool


def differences(before: Document, after: Document) -> tuple[Difference, ...]:
    """The differences between two taggings of a text, in reading order; overlapping spans are one difference. Raises
    ValueError if the texts differ."""
    if before.text != after.text:
        raise ValueError("the two documents must have the same text")
    same = {entity.span for entity in before.entities} & {entity.span for entity in after.entities}
    old = [entity for entity in before.entities if entity.span not in same]
    new = [entity for entity in after.entities if entity.span not in same]
    pairs = dict(pair([entity.span for entity in old], [entity.span for entity in new]))
    paired_new = set(pairs.values())
    unsorted = [Difference(old[old_index], new[new_index]) for old_index, new_index in pairs.items()]
    unsorted += [Difference(entity, None) for index, entity in enumerate(old) if index not in pairs]
    unsorted += [Difference(None, entity) for index, entity in enumerate(new) if index not in paired_new]
    return tuple(sorted(unsorted, key=lambda difference: (difference.place, difference.kind)))


def apply(changes: Iterable[Difference], entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Spans with the differences applied: each `before` is removed, each `after` added."""
    changes = list(changes)
    removed = {change.before.span for change in changes if change.before}
    added = [change.after for change in changes if change.after]
    return sort_entities([*(entity for entity in entities if entity.span not in removed), *added])


def edits(before: Read, after: Read) -> Edits:
    """The edits between two states of knowledge. Moving a line within its file is not an edit."""
    lines: list[Line] = []
    surfaces: dict[str, Line] = {}
    old, new = ({_placeless(entry): entry for entry in read.written} for read in (before, after))
    vetoes = [{_placeless_veto(veto): veto for veto in read.vetoes} for read in (before, after)]
    for sign, own_entries, other_entries in (("+", new, old), ("-", old, new)):
        for key, entry in own_entries.items():
            if key not in other_entries:
                surfaces.setdefault(entry.surface, Line(sign, entry.source))
                lines.append(Line(sign, entry.source))
    for sign, (own_vetoes, other_vetoes) in (("+", vetoes[::-1]), ("-", vetoes)):
        for veto_key, veto in own_vetoes.items():
            if veto_key not in other_vetoes:
                surfaces.setdefault(veto.name, Line(sign, veto.source))
                lines.append(Line(sign, veto.source))
    rules = [{rule.id: _placeless_rule(rule) for rule in read.rules} for read in (before, after)]
    for sign, own_rules, other_rules, side in (
        ("+", rules[1], rules[0], after),
        ("-", rules[0], rules[1], before),
    ):
        changed = [rule for rule in side.rules if other_rules.get(rule.id) != own_rules[rule.id]]
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
    """Tag texts under two states of knowledge; return the results, the edits, and how many texts were tagged twice."""
    edited = edits(before.knowledge.read, after.knowledge.read)
    twice = set(range(len(texts)))
    if not edited.everywhere and before.guideline == after.guideline and before.memory == after.memory:
        twice = set(Occurrences(document.text for document in texts).of(edited.surfaces))
    comparisons = []
    for number, document in enumerate(texts):
        old = _tagged(before, document)
        new = _tagged(after, document) if number in twice else old
        explained = [
            replace(difference, because=responsible(difference, old, new, edited))
            for difference in differences(old, new)
        ]
        comparisons.append(Compared(old, new, tuple(explained)))
    return comparisons, edited, len(twice)


def _tagged(tagger: Tagger, document: Document) -> Document:
    return replace(tagger.tag(document.text), id=document.id, path=document.path, lines=document.lines)


def responsible(difference: Difference, before: Document, after: Document, edited: Edits) -> Line | None:
    """The changed line that made a span, displaced it, or made way for it; else the closest line.

    The closest line is the one whose surface is nearest in the text: a word of a class, or something a rule asked for.
    """
    added, removed = ({_identity(line.source): line for line in edited.lines if line.sign == sign} for sign in "+-")
    return (
        (difference.after and added.get(_identity(difference.after.source)))
        or (difference.before and removed.get(_identity(difference.before.source)))
        or (difference.before and _suppressing_line(difference.before, after, added))
        or (difference.after and _suppressing_line(difference.after, before, removed))
        or _closest_line(difference, before.text, edited.surfaces)
    )


def _identity(source: Source) -> tuple[str, str, int]:
    """The name, path and line of a source: its kind does not identify it."""
    return source[1:]


def _suppressing_line(entity: Entity, other: Document, lines: Mapping[tuple[str, str, int], Line]) -> Line | None:
    """The changed line that keeps an entity of one side out of the other: it made the winner there, or is a veto."""
    sources = {rival.span: rival.source for rival in other.entities}
    for loser in _losers_like(entity, other.alternatives):
        winner = sources.get(loser.winner) if loser.winner else None
        if winner and (line := lines.get(_identity(winner))):
            return line
        for line in lines.values():
            if loser.winner is None and loser.reason == f"vetoed by {line.source}":
                return line
    overlapping = [rival for rival in other.entities if rival.start < entity.end and entity.start < rival.end]
    return next((line for rival in overlapping if (line := lines.get(_identity(rival.source)))), None)


def _losers_like(entity: Entity, alternatives: Iterable[Alternative]) -> Iterator[Alternative]:
    return (loser for loser in alternatives if (loser.start, loser.end, loser.label) == entity.span)


def _closest_line(difference: Difference, text: str, surfaces: Mapping[str, Line]) -> Line | None:
    lower = fold(text).lower
    words = {match[0] for match in WORDS.finditer(lower)}
    start, end = difference.place
    nearest: tuple[int, str] | None = None
    for surface in surfaces:
        for spelling in spellings(lower_key(fold_surface(surface).cased)):
            if not words.issuperset(WORDS.findall(spelling)):
                continue
            at = lower.find(spelling)
            while at >= 0:
                distance = max(at - end, start - at - len(spelling), 0)
                nearest = min(nearest or (distance, surface), (distance, surface))
                at = lower.find(spelling, at + 1)
    return surfaces[nearest[1]] if nearest else None


def right(difference: Difference, gold: Sequence[tuple[int, int, str]]) -> tuple[int, int]:
    """The right and the wrong spans that a difference adds, by gold (sorted spans); either number may be negative."""
    correct = wrong = 0
    for entity, sign in ((difference.after, 1), (difference.before, -1)):
        if entity:
            at = bisect_left(gold, entity.span)
            if gold[at : at + 1] == [entity.span]:
                correct += sign
            else:
                wrong += sign
    return correct, wrong
