"""spaCy's JSON, as `doc.to_json()` writes and `Doc.from_json()` reads it; an array of documents. Offsets: code points.

`ents` cannot overlap; if spans do, all of them are in the span group `ruletag`. Tokens are split where a span begins or
ends inside a word, because spaCy drops spans that do not align with tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from ruletag.formats.contract import CODE_POINTS, Format, Options
from ruletag.formats.readings import reading
from ruletag.formats.records import id_of, list_of, object_of, text_of
from ruletag.formats.spans import HASH, Place, check_hash, nested, sha256
from ruletag.formats.spans import entity as make_entity
from ruletag.formats.strict_json import dump, records
from ruletag.formats.words import words_cut
from ruletag.model import Document, Entity

GROUP = "ruletag"
_OWN = "ruletag"  # not `_`: spaCy rejects unregistered extensions there


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The documents of an array, a single object, or lines. Raises a RuletagError that names the line and record."""
    for record, line, name in records(stream, path):
        yield _document(record, Place(path, line, name), options)


def _document(record: dict[str, Any], place: Place, options: Options) -> Document:
    text = text_of(record, place)
    own = object_of(record.get(_OWN) or {}, f"{_OWN!r}", place)
    check_hash(text, own, place)
    groups = object_of(record.get("spans") or {}, "'spans'", place)
    if "ents" not in record and GROUP not in groups:
        keys = ", ".join(record)
        raise place.fault("RT105", f"has no 'ents' among its keys: {keys}", "write doc.to_json() to the file")
    spans = list_of(groups, GROUP, place) if GROUP in groups else list_of(record, "ents", place)
    others = sorted(name for name, group in groups.items() if name != GROUP and group)
    notes = [f"span groups are not read: {', '.join(others)}"] if others else []
    offsets = reading(text, CODE_POINTS, options)
    entities = []
    for item in spans:
        span = object_of(item, "a span", place)
        entity_id = span.get("kb_id") or span.get("id")
        entity = make_entity(
            text,
            (span.get("start"), span.get("end"), span.get("label")),
            place,
            options,
            offsets,
            id=entity_id if isinstance(entity_id, str) else None,
        )
        entities += [entity] if entity else []
    meta = {name: value for name, value in own.items() if name not in ("doc_id", "raw", HASH)}
    return Document(
        text,
        tuple(entities),
        id_of(own.get("doc_id"), place),
        place.path,
        not own.get("raw"),
        meta=meta,
        lines=(place.line,),
        notes=tuple(notes),
    )


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """An array of documents, one per line."""
    stream.write("[")
    separator = "\n"
    for document in documents:
        stream.write(separator + dump(_record(document)))
        separator = ",\n"
    stream.write("\n]\n")


def _record(document: Document) -> dict[str, Any]:
    dropped = set(map(id, nested(document)))
    tokens = list(_tokens(document))
    own = dict(document.meta) | {HASH: sha256(document.text)}
    if document.id is not None:
        own["doc_id"] = document.id
    if not document.annotated and not document.entities:
        own["raw"] = True
    record: dict[str, Any] = {
        "text": document.text,
        "ents": [_span(entity) for entity in document.entities if id(entity) not in dropped],
        "tokens": [{"id": number, "start": start, "end": end} for number, (start, end) in enumerate(tokens)],
    }
    if dropped:
        record["spans"] = {GROUP: [_span(entity) for entity in document.entities]}
    return record | {_OWN: own}


def _tokens(document: Document) -> Iterator[tuple[int, int]]:
    """The spans of tokens as spaCy has them. One space after a token is in none; other white space is a token."""
    previous_end = 0
    words = words_cut(document.text, document.entities)
    for start, end in [*words, (len(document.text), 0)]:
        gap = previous_end + (previous_end > 0 and document.text[previous_end : previous_end + 1] == " ")
        if gap < start:
            yield gap, start
        if end:
            yield start, end
        previous_end = end


def _span(entity: Entity) -> dict[str, Any]:
    return {"start": entity.start, "end": entity.end, "label": entity.label, "kb_id": entity.id or ""}


FORMAT = Format(
    name="spacy-json",
    help="spaCy: an array of doc.to_json()",
    read=read,
    write=write,
    suffixes=(".json",),
    unit=CODE_POINTS,
    carries=("spans", "nested", "id", "meta", "entity id", "raw"),
    loses="a span that begins or ends inside white space may not align with spaCy's tokens",
    many=True,
    options=("offsets",),
    recognises=lambda start: b'"ents"' in start,
)
