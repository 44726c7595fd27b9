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
    """A piece of text that a rule saw."""

    name: Annotated[str, "what it is"]
    start: Annotated[Count, "the offset of its first code point"]
    end: Annotated[Count, "the offset after its last code point"]


@dataclass(frozen=True, slots=True)
class LostSpan(MadeSpan):
    """A candidate that lost."""

    reason: Annotated[str, "why it lost; see [resolution](resolution.md)"]
    winner: Annotated[tuple[Count, Count, Label] | None, "start, end and label of what it lost to, or null"]


@dataclass(frozen=True, slots=True)
class ExplainedSpan(MadeSpan):
    """A span with what its rule saw, and what it beat."""

    anchor: Annotated[PartRecord | None, "where the search of the rule began; null for an entry or a memory"]
    parts: Annotated[tuple[PartRecord, ...], "the title, determiner or other part beside the name"]
    via: Annotated[str, "the mention that licensed it; empty where memory did not make it"]
    beat: Annotated[tuple[LostSpan, ...], "the candidates that it beat"]


@dataclass(frozen=True, slots=True)
class UnreachedRecord:
    """Words that look like a name, and that nothing reached."""

    start: Annotated[Count, "the offset of its first code point"]
    end: Annotated[Count, "the offset after its last code point"]
    text: Annotated[str, "the text from `start` to `end`"]
    nearest: Annotated[tuple[str, ...], "the rules that came nearest"]


@dataclass(frozen=True, slots=True)
class MissRecord:
    """A rule that found its anchor and no more."""

    rule: Annotated[str, "its id"]
    anchor: Annotated[PartRecord, "where its search began"]
    offset: Annotated[Count, "the offset at which it ended"]
    wanted: Annotated[str, "what should have stood there"]


@dataclass(frozen=True, slots=True)
class ExplanationRecord:
    """How a text came to its spans. Offsets are half-open code points of the text as it came."""

    guideline: Annotated[str, "the guideline in force"]
    text: Annotated[str, "the text"]
    spans: Annotated[tuple[ExplainedSpan, ...], "the spans, in the order of the text"]
    lost: Annotated[tuple[LostSpan, ...], "all candidates that lost"]
    unreached: Annotated[tuple[UnreachedRecord, ...], "what looks like a name, and nothing reached"]
    not_used: Annotated[tuple[MadeSpan, ...], "ambiguous entries that no rule asked for"]
    near_misses: Annotated[tuple[MissRecord, ...], "rules that found their anchor and no more"]


def located(explanation: Explanation, place: Located) -> Explanation:
    """The explanation with all sources at their places."""

    def missed(miss: NearMiss) -> NearMiss:
        return replace(miss, rule=replace(miss.rule, source=place(miss.rule.source)))

    return explanation._replace(
        document=place.document(explanation.document),
        unused=tuple(map(place.of, explanation.unused)),
        near_misses=tuple(map(missed, explanation.near_misses)),
        unreached=tuple(each._replace(nearest=tuple(map(missed, each.nearest))) for each in explanation.unreached),
    )


def format_explanation(explanation: Explanation) -> str:
    """For every span: its source, its anchor, its parts, and what it beat; then everything without a span."""
    document = explanation.document
    lines: list[str] = []
    beaten = _beaten(document)
    for entity in document.entities:
        lines += _explain_entity(document, entity, beaten[entity.span])
    if not document.entities:
        lines.append("No span.")
    for lost in document.alternatives:
        if not _overlapping(document, lost.start, lost.end):
            why = "dropped by the guideline" if lost.winner else lost.reason  # or a veto
            lines.append(f"{why}: {lost.label} [{one_line(lost.text)}] {lost.source}")
    for entry in explanation.unused:
        lines.append(
            f"not used: {entry.label} [{one_line(entry.text)}] {entry.source}: ambiguous, and no rule asked for it"
        )
    for each in explanation.unreached:
        lines += _explain_unreached(document, each)
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
        lost=tuple(map(_lost, document.alternatives)),
        unreached=tuple(
            UnreachedRecord(each.start, each.end, each.text, tuple(miss.rule.id for miss in each.nearest))
            for each in explanation.unreached
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
        tuple(map(_lost, beaten)),
    )


def _part(part: Part) -> PartRecord:
    return PartRecord(part.name, part.start, part.end)


def _lost(lost: Alternative) -> LostSpan:
    return LostSpan(lost.start, lost.end, lost.label, lost.text, str(lost.source), lost.reason, lost.winner)


def _explain_entity(document: Document, entity: Entity, beaten: Iterable[Alternative]) -> Iterator[str]:
    made = {"memory": "memory of ", "entry": "entry ", "rule": "rule "}.get(entity.source.kind, "")
    yield f"[{one_line(entity.text)}] {entity.label} {entity.start}:{entity.end}  {made}{entity.source}"
    if entity.anchor:
        anchor = document.text[entity.anchor.start : entity.anchor.end]
        yield f"    anchor {entity.anchor.name}: {one_line(anchor)}"
    for part in entity.parts:
        yield f"    {part.name}: {one_line(document.text[part.start : part.end])}"
    if entity.via:
        yield f"    licensed by {one_line(entity.via)}"
    for lost in beaten:
        yield f"    beat {lost.label} [{one_line(lost.text)}] {lost.source}: {lost.reason}"


def _explain_unreached(document: Document, each: Unreached) -> Iterator[str]:
    """A run that nothing recognised, the nearest rules, and the command that adds it."""
    name = one_line(each.text)
    yield f"nothing: [{name}] {each.start}:{each.end}: no list has it, and no rule reached it"
    for miss in each.nearest:
        yield f"    nearest: {miss.rule.source} {_format_stop(document.text, miss)}"
    yield f"    to add it: ruletag add {json.dumps(name, ensure_ascii=False)} LABEL"


def _beaten(document: Document) -> Mapping[tuple[int, int, str], list[Alternative]]:
    """The candidates that each entity beat, by its span."""
    beaten: dict[tuple[int, int, str], list[Alternative]] = {entity.span: [] for entity in document.entities}
    for lost in document.alternatives:
        for entity in _overlapping(document, lost.start, lost.end):
            beaten[entity.span].append(lost)
    return beaten


def _overlapping(document: Document, start: int, end: int) -> Sequence[Entity]:
    """The entities that share text with a span, if no two of the document overlap."""
    first = bisect_right(document.entities, start, key=lambda entity: entity.end)
    last = bisect_left(document.entities, end, key=lambda entity: entity.start)
    return document.entities[first:last]


def _explain_misses(document: Document, misses: Iterable[NearMiss]) -> Iterator[str]:
    """The rules that found only their anchor; those that got furthest first, once for each rule and anchor."""
    free = [miss for miss in misses if not _overlapping(document, miss.anchor.start, miss.anchor.start + 1)]
    free.sort(key=lambda miss: (-_reached(miss), miss.anchor.start, miss.rule.id))
    furthest: dict[tuple[str, Part], NearMiss] = {}
    for miss in free:
        furthest.setdefault((miss.rule.id, miss.anchor), miss)
    for miss in list(furthest.values())[:_MOST_MISSES]:
        yield f"nearly: {miss.rule.source} {_format_stop(document.text, miss)}"
    if len(furthest) > _MOST_MISSES:
        yield f"… and {len(furthest) - _MOST_MISSES} more (see --json)"


def _reached(miss: NearMiss) -> int:
    """How far from its anchor a search got, in code points."""
    return miss.anchor.start - miss.offset if miss.leftwards else miss.offset - miss.anchor.end


def _format_stop(text: str, miss: NearMiss) -> str:
    offset, wanted, leftwards = miss.offset, miss.wanted, miss.leftwards
    anchor = one_line(text[miss.anchor.start : miss.anchor.end])
    beside = text[max(0, offset - _BESIDE) : offset] if leftwards else text[offset : offset + _BESIDE]
    stands = f"has “{shown}”" if (shown := one_line(beside)) else "begins" if leftwards else "ends"
    reason = wanted if wanted.startswith("silent") else f"wanted {wanted}"
    side = ", leftwards," if leftwards else ""
    return f"from {miss.anchor.name} [{anchor}]: {reason}{side} where the text {stands}"
