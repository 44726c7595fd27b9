"""JSON Lines, the format for programs: one object per line. Offsets: code points, half-open.

`text` is required, under another key if `--column` names one. `id` is a string or number. `spans` are `[start, end,
label]` or objects with those keys; with an `answer` of `reject` or `ignore` they are not read. Unknown keys of the
object are passed through unchanged, or refused if that is not possible. Written spans also carry `text` and `source`;
reading keeps the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from ruletag.errors import Fault, RuletagError
from ruletag.fields import Either, Field, Many, Number, Record, String
from ruletag.formats.answers import is_set_aside
from ruletag.formats.contract import CODE_POINTS, Format, Loss, Options
from ruletag.formats.offsets import CodePoints
from ruletag.formats.readings import reading
from ruletag.formats.records import ORIGINS, OTHER_KEY, clashing, is_source, rest_of, text_of
from ruletag.formats.spans import HASH, Place, check_hash, check_id, sha256
from ruletag.formats.spans import entity as make_entity
from ruletag.formats.strict_json import dump, fault, load, shown
from ruletag.model import LABELS, Document, Entity

SPAN_FIELDS = {
    "start": Field("the offset of its first code point in the text", Number(0), required=True),
    "end": Field("the offset after its last code point", Number(1), required=True),
    "label": Field("PER, LOC, ORG or MISC", String(LABELS), required=True),
    "text": Field("the text from `start` to `end`", String(), required=True),
    "source": Field("the rule or entry that made it, and where that is written", String()),
    "via": Field("the mention that licensed a mention by memory", String()),
    "id": Field("the identifier of the entry", String()),
}
LINE_FIELDS = {
    "id": Field("the id of the document", Either((String(blank=True), Number(None, whole=False)))),
    "text": Field("the text, unchanged", String(blank=True)),
    "spans": Field("the names, in the order of the text", Many(Record(SPAN_FIELDS), strict=True), required=True),
    HASH: Field("instead of `text` with --spans-only: the SHA-256 of the text", String()),
}
LINE = Record(LINE_FIELDS, one_of=("text", HASH), open=True)
_OWN = ("text", "spans")


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The documents before the first faulty line, one per line. Empty lines are skipped.

    Raises RuletagError at the end, with the faults of all lines.
    """
    faults: list[Fault] = []
    for number, line in enumerate(stream, 1):
        if line.strip():
            try:
                document = read_line(line.removesuffix("\n"), path, number, options)
            except RuletagError as error:
                faults += error.faults
            else:
                if not faults:
                    yield document
    if faults:
        raise RuletagError(faults)


def read_line(line: str, path: str, number: int, options: Options = Options()) -> Document:
    """The document of one line. Raises a RuletagError that names the line."""
    record = load(line, path, number)
    if not isinstance(record, dict):
        raise fault(path, number, "expected an object with a string under 'text'")
    key = options.column or "text"
    text = text_of(record, Place(path, number), key, OTHER_KEY)
    if isinstance(record.get("id"), (bool, list, dict)):
        raise fault(path, number, "'id' must be a string or a number")
    check_hash(text, record, Place(path, number))
    document_id = None if record.get("id") is None else str(record["id"])
    meta = {name: value for name, value in record.items() if name not in (key, "id", "spans")}
    if isinstance(record.get("id"), (int, float)):
        meta["id"] = record["id"]
    spans = None if is_set_aside(meta) else record.get("spans")
    if spans is not None and not isinstance(spans, list):
        raise fault(path, number, "'spans' must be a list")
    offsets = reading(text, CODE_POINTS, options)
    entities: list[Entity] = []
    origins: list[dict[str, Any]] = []
    for span in spans or []:
        if entity := _entity(span, text, path, number, options, offsets):
            entities.append(entity)
            if isinstance(span, dict) and isinstance(span.get("source"), str):
                origins.append(_origin(entity, span["source"]))
    if origins and isinstance(meta.get(ORIGINS, []), list):
        meta[ORIGINS] = [*meta.get(ORIGINS, []), *origins]
    return Document(text, tuple(entities), document_id, path, spans is not None, meta=meta, lines=(number,))


def _entity(span: Any, text: str, path: str, line: int, options: Options, offsets: CodePoints) -> Entity | None:
    identifier = surface = None
    if isinstance(span, dict):
        start, end, label, identifier, surface = (span.get(key) for key in ("start", "end", "label", "id", "text"))
    else:
        start, end, label = span if isinstance(span, list) and len(span) == 3 else (None, None, None)
    if type(start) is not int or type(end) is not int or not isinstance(label, str):
        raise fault(path, line, f"a span is [start, end, label], not {shown(span)}")
    entity_id = identifier if isinstance(identifier, str) else None
    return make_entity(text, (start, end, label), Place(path, line), options, offsets, surface=surface, id=entity_id)


def _origin(entity: Entity, source: str) -> dict[str, Any]:
    """The item of `origins` for a span that has only a source."""
    return {"start": entity.start, "end": entity.end, "label": entity.label, "source": source}


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """One line per document, with all its other data unless only spans are written."""
    for document in documents:
        stream.write((spans_line(document) if options.spans_only else write_line(document)) + "\n")


def write_line(document: Document) -> str:
    """The line of one document, without its line end."""
    record: dict[str, Any] = {} if document.id is None else {"id": document.id}
    meta, sources = _sources(document)
    record |= {"text": document.text, "spans": [_span(entity, sources) for entity in document.entities]}
    return dump(record | rest_of(meta, _own(document)))


def _own(document: Document) -> tuple[str, ...]:
    """The keys under which no other data is written. With the hash of another text, the line could not be read."""
    return _OWN if document.meta.get(HASH) in (None, sha256(document.text)) else (*_OWN, HASH)


def _losses(document: Document, options: Options) -> Iterator[Loss]:
    return clashing(_own(document))(document, options)


def spans_line(document: Document) -> str:
    """The line of a document's spans, joined to it by its id. Raises RuletagError if it has none."""
    check_id(document)
    meta, sources = _sources(document)
    spans = [_span(entity, sources) for entity in document.entities]
    return dump({"id": meta.get("id", document.id), "spans": spans, HASH: sha256(document.text)})


def _sources(document: Document) -> tuple[dict[str, Any], dict[Any, str]]:
    """The meta to write, and the sources in its `origins` by span, which are written with the spans instead."""
    meta = dict(document.meta)
    origins = meta.get(ORIGINS)
    if not origins or not isinstance(origins, list):
        return meta, {}
    sources = {entity.span: "" for entity in document.entities}
    remaining = []
    for item in origins:
        span = is_source(item)
        if span in sources and not sources[span]:
            sources[span] = item["source"]
        else:
            remaining.append(item)
    if remaining:
        meta[ORIGINS] = remaining
    else:
        del meta[ORIGINS]
    return meta, sources


def _span(entity: Entity, sources: Mapping[Any, str]) -> dict[str, Any]:
    span: dict[str, Any] = {"start": entity.start, "end": entity.end, "label": entity.label, "text": entity.text}
    if entity.source.kind != "gold":
        span["source"] = str(entity.source)
    elif source := sources.get(entity.span):
        span["source"] = source
    if entity.via:
        span["via"] = entity.via
    if entity.id:
        span["id"] = entity.id
    return span


FORMAT = Format(
    name="jsonl",
    help="one JSON object per line: text, spans, id",
    read=read,
    write=write,
    suffixes=(".jsonl", ".ndjson"),
    unit=CODE_POINTS,
    carries=("spans", "nested", "id", "meta", "source", "via", "entity id"),
    loses="losing candidates and near misses; unknown keys of spans",
    many=True,
    by_line=True,
    options=("column", "offsets", "spans_only"),
    losses=_losses,
)
