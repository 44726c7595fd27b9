"""An explanation as text and JSON. Formats, never counts, never prints."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from ruletag.model import Alternative, Document, Entity, Part
from ruletag.places import Located
from ruletag.plain.matcher import NearMiss
from ruletag.report.pieces import Count, Label, MadeSpan, made_span, one_line
from ruletag.tagger import Explanation
from ruletag.typed import plain
from ruletag.unreached import Unreached

_BESIDE = 25
_MOST_MISSES = 12


@dataclass(frozen=True, slots=True)
class PartRecord:
    """A piece of text that a rule matched."""

    name: Annotated[str, "what it is"]
    start: Annotated[Count, "the offset of its first code point"]
    end: Annotated[Count, "the offset after its last code point"]


@dataclass(frozen=True, slots=True)
class LostSpan(MadeSpan):
    """A candidate that lost."""

    reason: Annotated[str, "why it lost; see [resolution](resolution.md)"]
    winner: Annotated[tuple[Count, Count, Label] | None, "start, end and label of the winning candidate, or null"]


@dataclass(frozen=True, slots=True)
class ExplainedSpan(MadeSpan):
    """A span with the parts that its rule matched, and the candidates that it beat."""

    anchor: Annotated[PartRecord | None, "where the search of the rule began; null for an entry or a memory"]
    parts: Annotated[tuple[PartRecord, ...], "the title, determiner or other part beside the name"]
    via: Annotated[str, "the mention that licensed it; empty where memory did not make it"]
    beat: Annotated[tuple[LostSpan, ...], "the candidates that it beat"]


@dataclass(frozen=True, slots=True)
class UnreachedRecord:
    """Words that look like a name, but that no entry or rule reached."""

    start: Annotated[Count, "the offset of its first code point"]
    end: Annotated[Count, "the offset after its last code point"]
    text: Annotated[str, "the text from `start` to `end`"]
    nearest: Annotated[tuple[str, ...], "the rules that came nearest"]


@dataclass(frozen=True, slots=True)
class MissRecord:
    """A rule of which only the anchor matched."""

    rule: Annotated[str, "its id"]
    anchor: Annotated[PartRecord, "where its search began"]
    offset: Annotated[Count, "the offset at which it ended"]
    wanted: Annotated[str, "what should have stood there"]


@dataclass(frozen=True, slots=True)
class ExplanationRecord:
    """The reasons for the spans of a text. Offsets are half-open code points of the original text."""

    guideline: Annotated[str, "the guideline in force"]
    text: Annotated[str, "the text"]
    spans: Annotated[tuple[ExplainedSpan, ...], "the spans, in the order of the text"]
    lost: Annotated[tuple[LostSpan, ...], "all candidates that lost"]
    unreached: Annotated[tuple[UnreachedRecord, ...], "what looks like a name, and nothing reached"]
    not_used: Annotated[tuple[MadeSpan, ...], "ambiguous entries that no rule asked for"]
    near_misses: Annotated[tuple[MissRecord, ...], "rules that found their anchor but did not match"]


def located(explanation: Explanation, place: Located) -> Explanation:
    """The explanation with all sources mapped by `place`."""

    def located_miss(miss: NearMiss) -> NearMiss:
        return replace(miss, rule=replace(miss.rule, source=place(miss.rule.source)))

    return explanation._replace(
        document=place.document(explanation.document),
        unused=tuple(map(place.of, explanation.unused)),
        near_misses=tuple(map(located_miss, explanation.near_misses)),
        unreached=tuple(
            words._replace(nearest=tuple(map(located_miss, words.nearest))) for words in explanation.unreached
        ),
    )


def format_explanation(explanation: Explanation) -> str:
    """The source, anchor, parts and beaten candidates of every span; then everything that has no span."""
    document = explanation.document
    lines: list[str] = []
    beaten = _beaten(document)
    for entity in document.entities:
        lines += _explain_entity(document, entity, beaten[entity.span])
    if not document.entities:
        lines.append("No span.")
    for loser in document.alternatives:
        if not _overlapping(document, loser.start, loser.end):
            reason = "dropped by the guideline" if loser.winner else loser.reason  # or a veto
            lines.append(f"{reason}: {loser.label} [{one_line(loser.text)}] {loser.source}")
    for entry in explanation.unused:
        lines.append(
            f"not used: {entry.label} [{one_line(entry.text)}] {entry.source}: ambiguous, and no rule asked for it"
        )
    for words in explanation.unreached:
        lines += _explain_unreached(document, words)
    lines += _explain_misses(document, explanation.near_misses)
    lines.append(f"Guideline in force: {explanation.guideline}.")
    return "\n".join(lines)


def explanation_json(explanation: Explanation) -> str:
    """An explanation as JSON."""
    return json.dumps(plain(make_explanation(explanation)), ensure_ascii=False, indent=2)


def make_explanation(explanation: Explanation) -> ExplanationRecord:
    """The record of an explanation."""
    document = explanation.document
    beaten = _beaten(document)
    return ExplanationRecord(
        guideline=explanation.guideline,
        text=document.text,
        spans=tuple(_span(entity, beaten[entity.span]) for entity in document.entities),
        lost=tuple(map(_lost_span, document.alternatives)),
        unreached=tuple(
            UnreachedRecord(words.start, words.end, words.text, tuple(miss.rule.id for miss in words.nearest))
            for words in explanation.unreached
        ),
        not_used=tuple(map(made_span, explanation.unused)),
        near_misses=tuple(
            MissRecord(miss.rule.id, _part(miss.anchor), miss.offset, miss.wanted) for miss in explanation.near_misses
        ),
    )


def _span(entity: Entity, beaten: Iterable[Alternative]) -> ExplainedSpan:
    return ExplainedSpan(
        entity.start,
        entity.end,
        entity.label,
        entity.text,
        str(entity.source),
        _part(entity.anchor) if entity.anchor else None,
        tuple(map(_part, entity.parts)),
        entity.via,
        tuple(map(_lost_span, beaten)),
    )


def _part(part: Part) -> PartRecord:
    return PartRecord(part.name, part.start, part.end)


def _lost_span(loser: Alternative) -> LostSpan:
    return LostSpan(loser.start, loser.end, loser.label, loser.text, str(loser.source), loser.reason, loser.winner)


def _explain_entity(document: Document, entity: Entity, beaten: Iterable[Alternative]) -> Iterator[str]:
    kind = {"memory": "memory of ", "entry": "entry ", "rule": "rule "}.get(entity.source.kind, "")
    yield f"[{one_line(entity.text)}] {entity.label} {entity.start}:{entity.end}  {kind}{entity.source}"
    if entity.anchor:
        anchor = document.text[entity.anchor.start : entity.anchor.end]
        yield f"    anchor {entity.anchor.name}: {one_line(anchor)}"
    for part in entity.parts:
        yield f"    {part.name}: {one_line(document.text[part.start : part.end])}"
    if entity.via:
        yield f"    licensed by {one_line(entity.via)}"
    for loser in beaten:
        yield f"    beat {loser.label} [{one_line(loser.text)}] {loser.source}: {loser.reason}"


def _explain_unreached(document: Document, words: Unreached) -> Iterator[str]:
    """Words that nothing recognised, the nearest rules, and the command that adds them."""
    name = one_line(words.text)
    yield f"nothing: [{name}] {words.start}:{words.end}: no list has it, and no rule reached it"
    for miss in words.nearest:
        yield f"    nearest: {miss.rule.source} {_format_stop(document.text, miss)}"
    yield f"    to add it: ruletag add {json.dumps(name, ensure_ascii=False)} LABEL"


def _beaten(document: Document) -> Mapping[tuple[int, int, str], list[Alternative]]:
    """The candidates that each entity beat, by its span."""
    beaten: dict[tuple[int, int, str], list[Alternative]] = {entity.span: [] for entity in document.entities}
    for loser in document.alternatives:
        for entity in _overlapping(document, loser.start, loser.end):
            beaten[entity.span].append(loser)
    return beaten


def _overlapping(document: Document, start: int, end: int) -> Sequence[Entity]:
    """The entities that share text with a span, provided that no two entities of the document overlap."""
    first = bisect_right(document.entities, start, key=lambda entity: entity.end)
    last = bisect_left(document.entities, end, key=lambda entity: entity.start)
    return document.entities[first:last]


def _explain_misses(document: Document, misses: Iterable[NearMiss]) -> Iterator[str]:
    """The rules of which only the anchor matched, the furthest searches first, one for each rule and anchor."""
    uncovered = [miss for miss in misses if not _overlapping(document, miss.anchor.start, miss.anchor.start + 1)]
    uncovered.sort(key=lambda miss: (-_reach(miss), miss.anchor.start, miss.rule.id))
    furthest: dict[tuple[str, Part], NearMiss] = {}
    for miss in uncovered:
        furthest.setdefault((miss.rule.id, miss.anchor), miss)
    for miss in list(furthest.values())[:_MOST_MISSES]:
        yield f"nearly: {miss.rule.source} {_format_stop(document.text, miss)}"
    if len(furthest) > _MOST_MISSES:
        yield f"… and {len(furthest) - _MOST_MISSES} more (see --json)"


def _reach(miss: NearMiss) -> int:
    """The distance from the anchor at which the search stopped, in code points."""
    return miss.anchor.start - miss.offset if miss.leftwards else miss.offset - miss.anchor.end


def _format_stop(text: str, miss: NearMiss) -> str:
    offset, expected, leftwards = miss.offset, miss.wanted, miss.leftwards
    anchor = one_line(text[miss.anchor.start : miss.anchor.end])
    beside = text[max(0, offset - _BESIDE) : offset] if leftwards else text[offset : offset + _BESIDE]
    actual = f"has “{line}”" if (line := one_line(beside)) else "begins" if leftwards else "ends"
    reason = expected if expected.startswith("silent") else f"wanted {expected}"
    direction = ", leftwards," if leftwards else ""
    return f"from {miss.anchor.name} [{anchor}]: {reason}{direction} where the text {actual}"
