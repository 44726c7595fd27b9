"""An explanation as text and JSON. Formats, never counts, never prints."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ruletag.model import Alternative, Document, Entity, Part
from ruletag.plain.matcher import NearMiss
from ruletag.report.pieces import entity_record, one_line
from ruletag.tagger import Explanation
from ruletag.unreached import Unreached

_BESIDE = 25
_MOST_MISSES = 12


def format_explanation(explanation: Explanation) -> str:
    """For every span: who made it, from what anchor, with what parts, what it beat; then what came to nothing."""
    document = explanation.document
    lines: list[str] = []
    beaten = _beaten(document)
    for entity in document.entities:
        lines += _explain_entity(document, entity, beaten[entity.span])
    if not document.entities:
        lines.append("No span.")
    for lost in document.alternatives:
        if not _overlapping(document, lost.start, lost.end):
            lines.append(f"dropped by the guideline: {lost.label} [{one_line(lost.text)}] {lost.source}")
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
    return json.dumps(explanation_record(explanation), ensure_ascii=False, indent=2)


def explanation_record(explanation: Explanation) -> dict[str, Any]:
    """An explanation as the object that its JSON is."""
    document = explanation.document
    beaten = _beaten(document)
    return {
        "guideline": explanation.guideline,
        "text": document.text,
        "spans": [
            {
                **entity_record(entity),
                "anchor": entity.anchor._asdict() if entity.anchor else None,
                "parts": [part._asdict() for part in entity.parts],
                "via": entity.via,
                "beat": [_alternative_record(lost) for lost in beaten[entity.span]],
            }
            for entity in document.entities
        ],
        "lost": [_alternative_record(lost) for lost in document.alternatives],
        "unreached": [
            {"start": each.start, "end": each.end, "text": each.text, "nearest": [m.rule.id for m in each.nearest]}
            for each in explanation.unreached
        ],
        "not_used": [entity_record(entry) for entry in explanation.unused],
        "near_misses": [
            {"rule": miss.rule.id, "anchor": miss.anchor._asdict(), "offset": miss.offset, "wanted": miss.wanted}
            for miss in explanation.near_misses
        ],
    }


def _alternative_record(lost: Alternative) -> dict[str, Any]:
    span = {"start": lost.start, "end": lost.end, "label": lost.label, "text": lost.text}
    return {**span, "source": str(lost.source), "reason": lost.reason, "winner": lost.winner}


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
    """That nothing reached a run, the rules that were nearest, and the command that adds it."""
    name = one_line(each.text)
    yield f"nothing: [{name}] {each.start}:{each.end}: no list has it, and no rule reached it"
    for miss in each.nearest:
        yield f"    nearest: {miss.rule.source} {_format_stop(document.text, miss)}"
    yield f"    to add it: ruletag add {json.dumps(name, ensure_ascii=False)} LABEL"


def _beaten(document: Document) -> Mapping[tuple[int, int, str], list[Alternative]]:
    """What each entity beat, by its span."""
    beaten: dict[tuple[int, int, str], list[Alternative]] = {entity.span: [] for entity in document.entities}
    for lost in document.alternatives:
        for entity in _overlapping(document, lost.start, lost.end):
            beaten[entity.span].append(lost)
    return beaten


def _overlapping(document: Document, start: int, end: int) -> Sequence[Entity]:
    """The entities that share text with a span, where no two of the document overlap."""
    first = bisect_right(document.entities, start, key=lambda entity: entity.end)
    last = bisect_left(document.entities, end, key=lambda entity: entity.start)
    return document.entities[first:last]


def _explain_misses(document: Document, misses: Iterable[NearMiss]) -> Iterator[str]:
    """The rules that found their anchor and no more; those that got furthest first, once for each rule and anchor."""
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
    stands = one_line(beside) or ("nothing" if leftwards else "the end")
    reason = wanted if wanted.startswith("silent") else f"wanted {wanted}"
    side = ", leftwards," if leftwards else ""
    return f"from {miss.anchor.name} [{anchor}]: {reason}{side} where the text has “{stands}”"
