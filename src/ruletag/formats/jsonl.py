"""JSON Lines, the machine's format: one object a line. Offsets: code points, half-open.

`text` is required; `id` is a string or number; `spans` are `[start, end, label]` or objects with those keys. Unknown
keys of the object pass through untouched. Written spans also carry `text` and `source`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ruletag.errors import Fault, RuletagError, suggest
from ruletag.model import LABELS, Document, Entity, Source

_OWN = ("text", "id", "spans")
# Half of a character that was cut in two (\ud83d): JSON can say it, UTF-8 cannot.
_HALVES = re.compile("[\ud800-\udfff]")


def read(text: str, path: str) -> Iterator[Document]:
    """The documents before the first faulty line, one a line; empty lines are passed over.

    RuletagError, raised at the end, carries the faults of all lines.
    """
    faults: list[Fault] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                document = read_line(line, path, number)
            except RuletagError as error:
                faults += error.faults
            else:
                if not faults:
                    yield document
    if faults:
        raise RuletagError(faults)


def read_line(line: str, path: str, number: int) -> Document:
    """The document of one line. RuletagError names the line."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RuletagError(
            Fault(path, "RT105", f"this is not JSON: {error}", number, help="one object a line")
        ) from None
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise RuletagError(Fault(path, "RT105", "an object with a string under 'text' is wanted", number))
    spans = record.get("spans")
    if spans is not None and not isinstance(spans, list):
        raise RuletagError(Fault(path, "RT105", "'spans' must be a list", number))
    entities = [_entity(span, record["text"], path, number) for span in spans or []]
    if isinstance(record.get("id"), (bool, list, dict)):
        raise RuletagError(Fault(path, "RT105", "'id' must be a string or a number", number))
    identifier = None if record.get("id") is None else str(record["id"])
    meta = {key: value for key, value in record.items() if key not in _OWN}
    if isinstance(record.get("id"), (int, float)):
        meta["id"] = record["id"]
    return Document(record["text"], tuple(entities), identifier, path, spans is not None, meta=meta, lines=(number,))


def _entity(span: Any, text: str, path: str, line: int) -> Entity:
    if isinstance(span, dict):
        start, end, label = span.get("start"), span.get("end"), span.get("label")
        identifier = span.get("id")
    else:
        identifier = None
        start, end, label = (*span, None, None, None)[:3] if isinstance(span, list) else (None, None, None)
    if type(start) is not int or type(end) is not int or not isinstance(label, str):
        raise RuletagError(Fault(path, "RT105", f"a span is [start, end, label], not {json.dumps(span)}", line))
    if label not in LABELS:
        raise RuletagError(Fault(path, "RT205", f"unknown label {label!r}", line, help=suggest(label, LABELS)))
    if not 0 <= start < end <= len(text):
        message = f"the span {start}:{end} does not fit a text of {len(text)} code points"
        raise RuletagError(Fault(path, "RT105", message, line, help="offsets are code points, 0 <= start < end"))
    known = identifier if isinstance(identifier, str) else None
    return Entity(start, end, label, text[start:end], Source("gold", "gold", path, line), known)


def write(documents: Iterable[Document]) -> str:
    """One line a document; what it carried besides comes back."""
    return "".join(write_line(document) + "\n" for document in documents)


def write_line(document: Document) -> str:
    """The line of one document, without its line end."""
    record: dict[str, Any] = {} if document.id is None else {"id": document.id}
    record |= {"text": document.text, "spans": [_span(entity) for entity in document.entities]}
    return _HALVES.sub(_escape, json.dumps(record | dict(document.meta), ensure_ascii=False))


def _escape(half: re.Match[str]) -> str:
    return f"\\u{ord(half[0]):04x}"


def _span(entity: Entity) -> dict[str, Any]:
    span: dict[str, Any] = {"start": entity.start, "end": entity.end, "label": entity.label, "text": entity.text}
    if entity.source.kind != "gold":
        span["source"] = str(entity.source)
    if entity.via:
        span["via"] = entity.via
    if entity.id:
        span["id"] = entity.id
    return span
