"""doccano's JSON Lines. Offsets: UTF-16 code units; grapheme clusters if the project is in grapheme mode.

All lines are written with the same keys, as doccano's import requires: `text`, `label`, `doc_id`, `more`, `sha256`.
Spans are read from `label`, `labels` or `entities`, as lists or objects; other keys become `meta`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from ruletag.formats.contract import GRAPHEMES, UTF16, Format, Loss, Options
from ruletag.formats.offsets import CodePoints
from ruletag.formats.offsets import offsets as offsets_of
from ruletag.formats.readings import reading
from ruletag.formats.records import id_of, json_lines, list_of, object_of, text_of
from ruletag.formats.spans import HASH, Place, check_hash, shown
from ruletag.formats.spans import entity as make_entity
from ruletag.formats.spans import sha256 as hash_of
from ruletag.formats.strict_json import dump
from ruletag.model import Document, Entity

_SPANS = ("label", "labels", "entities")
_MORE = "more"  # not `data`: doccano's exports would show it in place of the text
_OWN = ("text", "doc_id", "id", _MORE, HASH, *_SPANS)


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The documents of a file, one per line. Raises RuletagError with the faults of all lines."""
    return json_lines(stream, path, lambda record, place: _document(record, place, options))


def _document(record: dict[str, Any], place: Place, options: Options) -> Document:
    text = text_of(record, place)
    check_hash(text, record, place)
    key = _key(record, place)
    offsets = reading(text, _unit(options), options)
    spans = list_of(record, key, place) if key else []
    labelled = (make_entity(text, _span(span, place), place, options, offsets) for span in spans)
    entities = tuple(entity for entity in labelled if entity)
    id = record["doc_id"] or None if "doc_id" in record else record.get("id")
    meta = {name: value for name, value in record.items() if name not in _OWN}
    if meta.get("Comments") == []:  # in every export
        del meta["Comments"]
    meta |= object_of(record.get(_MORE) or {}, f"{_MORE!r}", place)
    return Document(text, entities, id_of(id, place), place.path, key is not None, meta=meta, lines=(place.line,))


def _key(record: dict[str, Any], place: Place) -> str | None:
    """The key of the annotations; None if there is none. Raises RuletagError if several keys have annotations."""
    filled = [key for key in _SPANS if record.get(key)]
    if len(filled) > 1:
        raise place.fault("RT105", f"has annotations under several keys: {', '.join(filled)}", "keep one of them")
    return next((key for key in (*filled, *_SPANS) if key in record), None)


def _span(span: Any, place: Place) -> tuple[Any, Any, Any]:
    if isinstance(span, dict):
        return span.get("start_offset"), span.get("end_offset"), span.get("label")
    if not isinstance(span, list) or len(span) != 3:
        raise place.fault("RT105", f"a label is [start, end, label], not {shown(span)}")
    start, end, label = span
    return start, end, label


def _unit(options: Options) -> str:
    return GRAPHEMES if options.grapheme else UTF16


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """One line per document."""
    for document in documents:
        offsets = offsets_of(document.text, _unit(options))
        labels = [_label(entity, offsets) for entity in document.entities]
        record = {"text": document.text, "label": labels, "doc_id": document.id or "", _MORE: dict(document.meta)}
        stream.write(dump(record | {HASH: hash_of(document.text)}) + "\n")


def _label(entity: Entity, offsets: CodePoints) -> list[Any]:
    start, end = offsets.around(entity.start, entity.end)
    return [offsets.outer(start), offsets.outer(end), entity.label]


def losses(document: Document, options: Options = Options()) -> Iterator[Loss]:
    """Spans that cut a grapheme, if offsets are graphemes."""
    offsets = offsets_of(document.text, _unit(options))
    for entity in document.entities:
        start, end = offsets.around(entity.start, entity.end)
        if (start, end) != (entity.start, entity.end):
            widened = repr(document.text[start:end])
            yield Loss("a span that cuts a grapheme is written with all of it: {}", widened, entity.start)


FORMAT = Format(
    name="doccano",
    help="doccano: JSON Lines with `label`",
    read=read,
    write=write,
    losses=losses,
    suffixes=(".jsonl",),
    unit=UTF16,
    carries=("spans", "nested", "id", "meta"),
    loses="with `--grapheme`, borders inside a grapheme; relations",
    many=True,
    by_line=True,
    options=("grapheme", "offsets"),
)
