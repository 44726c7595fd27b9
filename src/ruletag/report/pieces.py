"""What several reports say alike: a span as a record, on one line, in its context."""

from __future__ import annotations

from typing import Any

from ruletag.model import Document, Entity

_CONTEXT = 40


def entity_record(entity: Entity) -> dict[str, Any]:
    span = {"start": entity.start, "end": entity.end, "label": entity.label, "text": entity.text}
    return {**span, "source": str(entity.source)}


def context(document: Document, entity: Entity) -> str:
    start, end = max(0, entity.start - _CONTEXT), entity.end + _CONTEXT
    return f"“{'…' if start else ''}{one_line(document.text[start:end])}{'…' if end < len(document.text) else ''}”"


def one_line(text: str) -> str:
    return " ".join(text.split())
