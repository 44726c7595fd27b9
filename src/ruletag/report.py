"""Counts to text and JSON. Formats, never counts, never prints."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ruletag.errors import Fault, format_fault
from ruletag.match import NearMiss
from ruletag.model import LABELS, Alternative, Document, Entity, Part
from ruletag.score import Counts, Error, Score
from ruletag.tagger import Explanation

MEASURE_HELP = {
    "strict": "strict: same span, same label",
    "forgiven": "borders forgiven: determiner, title, civility and trailing demonym do not count",
}
_CONTEXT = 40
_BESIDE = 25
_MOST_MISSES = 12


def format_score(score: Score, guideline: str, *, errors: bool = False) -> str:
    """The report of one evaluation, for a terminal."""
    from tabulate import SEPARATING_LINE, tabulate

    rows: list[Any] = []
    for measure in score.counts:
        if rows:
            rows.append(SEPARATING_LINE)
        rows += [_row(measure, label, counts) for label, counts in _lines(score, measure)]
    headers = ["measure", "label", "support", "predicted", "correct", "precision", "recall", "F1"]
    pieces = [
        tabulate(rows, headers, floatfmt=".3f"),
        "",
        *(f"{text}." for name, text in MEASURE_HELP.items() if name in score.counts),
        f"Guideline in force: {guideline}. Documents scored: {score.documents}.",
    ]
    if score.skipped:
        pieces.append(f"Without gold, not scored: {', '.join(score.skipped)}.")
    if errors:
        pieces += ["", *(format_error(error) for error in score.errors)]
    return "\n".join(pieces)


def format_error(error: Error) -> str:
    """One line for a missed or spurious span, with what stands there instead and who is responsible."""
    entity, document = error.entity, error.document
    where = f"{document.path or '-'}:{document.line(entity.start)}"
    if document.id:
        where += f" ({document.id})"
    line = f"{where}: {error.kind} {entity.label} [{_one_line(entity.text)}] in {_context(document, entity)}"
    if error.kind == "spurious":
        line += f"; made by {entity.source}"
    if error.other:
        made = f", made by {error.other.source}" if error.kind == "missed" else ""
        line += f"; {'found' if error.kind == 'missed' else 'gold has'} {error.other.label} "
        line += f"[{_one_line(error.other.text)}]{made}"
    return line


def score_json(score: Score, guideline: str) -> str:
    """Everything of an evaluation as JSON: figures, documents, errors."""
    record = {
        "guideline": guideline,
        "documents": score.documents,
        "skipped": list(score.skipped),
        "measures": {
            measure: {label: _counts(counts) for label, counts in _lines(score, measure)} for measure in score.counts
        },
        "errors": [_error_record(error) for error in score.errors],
    }
    return json.dumps(record, ensure_ascii=False, indent=2)


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
            lines.append(f"dropped by the guideline: {lost.label} [{_one_line(lost.text)}] {lost.source}")
    for entry in explanation.unused:
        lines.append(
            f"not used: {entry.label} [{_one_line(entry.text)}] {entry.source}: ambiguous, and no rule asked for it"
        )
    lines += _explain_misses(document, explanation.near_misses)
    lines.append(f"Guideline in force: {explanation.guideline}.")
    return "\n".join(lines)


def explanation_json(explanation: Explanation) -> str:
    """An explanation as JSON."""
    document = explanation.document
    beaten = _beaten(document)
    record = {
        "guideline": explanation.guideline,
        "text": document.text,
        "spans": [
            {
                **_entity_record(entity),
                "anchor": entity.anchor._asdict() if entity.anchor else None,
                "parts": [part._asdict() for part in entity.parts],
                "via": entity.via,
                "beat": [_alternative_record(lost) for lost in beaten[entity.span]],
            }
            for entity in document.entities
        ],
        "lost": [_alternative_record(lost) for lost in document.alternatives],
        "not_used": [_entity_record(entry) for entry in explanation.unused],
        "near_misses": [
            {"rule": miss.rule.id, "anchor": miss.anchor._asdict(), "offset": miss.offset, "wanted": miss.wanted}
            for miss in explanation.near_misses
        ],
    }
    return json.dumps(record, ensure_ascii=False, indent=2)


def format_findings(findings: Iterable[Fault]) -> str:
    """What `check` found, one after the other."""
    return "\n".join(format_fault(finding) for finding in findings)


def _lines(score: Score, measure: str) -> Iterator[tuple[str, Counts]]:
    yield from score.counts[measure].items()
    yield "PER+LOC+ORG", score.micro(measure, LABELS[:3])
    yield "micro", score.micro(measure)


def _row(measure: str, label: str, counts: Counts) -> list[Any]:
    ratios = [counts.precision, counts.recall, counts.f1]
    return [measure, label, counts.gold, counts.predicted, counts.correct, *ratios]


def _counts(counts: Counts) -> dict[str, Any]:
    whole = {"support": counts.gold, "predicted": counts.predicted, "correct": counts.correct}
    ratios = {"precision": counts.precision, "recall": counts.recall, "f1": counts.f1}
    return {**whole, **{name: round(value, 6) for name, value in ratios.items()}}


def _error_record(error: Error) -> dict[str, Any]:
    return {
        "kind": error.kind,
        "path": error.document.path,
        "id": error.document.id,
        "line": error.document.line(error.entity.start),
        **_entity_record(error.entity),
        "context": _context(error.document, error.entity),
        "other": _entity_record(error.other) if error.other else None,
    }


def _entity_record(entity: Entity) -> dict[str, Any]:
    span = {"start": entity.start, "end": entity.end, "label": entity.label, "text": entity.text}
    return {**span, "source": str(entity.source)}


def _alternative_record(lost: Alternative) -> dict[str, Any]:
    span = {"start": lost.start, "end": lost.end, "label": lost.label, "text": lost.text}
    return {**span, "source": str(lost.source), "reason": lost.reason, "winner": lost.winner}


def _explain_entity(document: Document, entity: Entity, beaten: Iterable[Alternative]) -> Iterator[str]:
    made = {"memory": "memory of ", "entry": "entry ", "rule": "rule "}.get(entity.source.kind, "")
    yield f"[{_one_line(entity.text)}] {entity.label} {entity.start}:{entity.end}  {made}{entity.source}"
    if entity.anchor:
        anchor = document.text[entity.anchor.start : entity.anchor.end]
        yield f"    anchor {entity.anchor.name}: {_one_line(anchor)}"
    for part in entity.parts:
        yield f"    {part.name}: {_one_line(document.text[part.start : part.end])}"
    if entity.via:
        yield f"    licensed by {_one_line(entity.via)}"
    for lost in beaten:
        yield f"    beat {lost.label} [{_one_line(lost.text)}] {lost.source}: {lost.reason}"


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
    return miss.anchor.start - miss.offset if miss.stop.leftwards else miss.offset - miss.anchor.end


def _format_stop(text: str, miss: NearMiss) -> str:
    offset, wanted, leftwards = miss.stop
    anchor = _one_line(text[miss.anchor.start : miss.anchor.end])
    beside = text[max(0, offset - _BESIDE) : offset] if leftwards else text[offset : offset + _BESIDE]
    stands = _one_line(beside) or ("nothing" if leftwards else "the end")
    reason = wanted if wanted.startswith("silent") else f"wanted {wanted}"
    side = ", leftwards," if leftwards else ""
    return f"from {miss.anchor.name} [{anchor}]: {reason}{side} where the text has “{stands}”"


def _context(document: Document, entity: Entity) -> str:
    start, end = max(0, entity.start - _CONTEXT), entity.end + _CONTEXT
    return f"“{'…' if start else ''}{_one_line(document.text[start:end])}{'…' if end < len(document.text) else ''}”"


def _one_line(text: str) -> str:
    return " ".join(text.split())
