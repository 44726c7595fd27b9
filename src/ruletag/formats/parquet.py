"""Parquet for machine learning: one row per document, opened by `datasets` with its features. Offsets: code points.

Columns: `id`, `text`, `spans` (start, end, label, text, id, source), `tokens` and `ner_tags` (IOB2, without nested
spans), `annotated`, `meta` (JSON) and `sha256`. Labels and tags are class labels: numbers, named in the schema.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile, gettempdir
from types import NoneType
from typing import Any

from ruletag.errors import Fault, RuletagError
from ruletag.formats.bio import encode
from ruletag.formats.contract import CODE_POINTS, Format, Options
from ruletag.formats.readings import reading
from ruletag.formats.records import id_of, list_of, object_of, sources_of, text_of
from ruletag.formats.spans import HASH, Place, check_hash, check_id, nested, sha256, shown
from ruletag.formats.spans import entity as make_entity
from ruletag.formats.strict_json import as_json, load, refuse_depth
from ruletag.formats.words import TokenNumbers, words_cut
from ruletag.model import LABELS, Document

_ROWS = 1000  # in a row group, which is in memory as a whole
_BATCH = 100  # rows that are Python objects at a time: these take many times as much memory
_IN_MEMORY = 1 << 24  # bytes of a file; a larger one goes to a temporary file, because Parquet is read from its end
_KEY = b"huggingface"
TAGS = ("O", *(f"{prefix}-{label}" for label in LABELS for prefix in "BI"))


def _value(kind: str) -> dict[str, Any]:
    return {"dtype": kind, "_type": "Value"}


def _list(feature: Any) -> dict[str, Any]:
    return {"feature": feature, "_type": "List"}


_SPAN = {
    "start": _value("int32"),
    "end": _value("int32"),
    "label": {"names": list(LABELS), "_type": "ClassLabel"},
    "text": _value("string"),
    "id": _value("string"),
    "source": _value("string"),
}
FEATURES = {
    "id": _value("string"),
    "text": _value("string"),
    "spans": _list(_SPAN),
    "tokens": _list(_value("string")),
    "ner_tags": _list({"names": list(TAGS), "_type": "ClassLabel"}),
    "annotated": _value("bool"),
    "meta": _value("string"),
    HASH: _value("string"),
}


def _arrow(feature: Any) -> Any:
    """The Arrow type of a feature, as `datasets` stores it."""
    import pyarrow as pa

    kind = feature.get("_type")
    if kind == "List":
        return pa.list_(_arrow(feature["feature"]))
    if kind == "ClassLabel":
        return pa.int64()
    if kind == "Value":
        return {"int32": pa.int32(), "string": pa.string(), "bool": pa.bool_()}[feature["dtype"]]
    return pa.struct([(name, _arrow(member)) for name, member in feature.items()])


def write(documents: Iterable[Document], stream: Any, options: Options = Options()) -> None:
    """A row for each document, or for its spans alone, in groups of a thousand. Raises RuletagError like `check`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    features = {name: FEATURES[name] for name in ("id", "spans", HASH)} if options.spans_only else FEATURES
    metadata = json.dumps({"info": {"features": features}}).encode()
    schema = pa.schema([(name, _arrow(feature)) for name, feature in features.items()], {_KEY: metadata})
    remaining = iter(documents)
    with pq.ParquetWriter(_Sink(stream), schema, write_page_checksum=True) as writer:
        while batches := list(_batches(islice(remaining, _ROWS), schema, options)):
            writer.write_table(pa.Table.from_batches(batches, schema))


def _batches(documents: Iterator[Document], schema: Any, options: Options) -> Iterator[Any]:
    """Record batches with the rows of documents. Raises RuletagError like `check`."""
    import pyarrow as pa

    while batch := list(islice(documents, _BATCH)):
        for document in batch:
            check(document, options)
        yield pa.RecordBatch.from_pylist([_row(document, options) for document in batch], schema)


class _Sink(io.RawIOBase):
    """A stream that Arrow can write to and that stays open afterwards."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        block = bytes(data)
        self._stream.write(block)
        self._written += len(block)
        return len(block)

    def tell(self) -> int:
        return self._written


def check(document: Document, options: Options) -> None:
    """Raises RuletagError for a text that UTF-8 cannot encode, and, with `spans_only`, for a document without an id."""
    if options.spans_only:
        check_id(document)
    try:
        (document.text + (document.id or "")).encode()
    except UnicodeEncodeError:
        message = "the text or id contains an unpaired surrogate, which Parquet cannot store"
        raise RuletagError(Fault(document.path, "RT102", message, document.line(0), help="repair the text")) from None


def _row(document: Document, options: Options) -> dict[str, Any]:
    own = {"id": document.id, "spans": _spans(document), HASH: sha256(document.text)}
    return own if options.spans_only else own | _rest(document)


def _spans(document: Document) -> list[dict[str, Any]]:
    return [
        {
            "start": entity.start,
            "end": entity.end,
            "label": LABELS.index(entity.label),
            "text": entity.text,
            "id": entity.id,
            "source": source,
        }
        for entity, source in zip(document.entities, sources_of(document), strict=True)
    ]


def _rest(document: Document) -> dict[str, Any]:
    """The columns of a document other than its id and spans."""
    dropped = set(nested(document))
    entities = [entity for entity in document.entities if entity not in dropped]
    tokens = words_cut(document.text, entities)
    token_numbers = TokenNumbers(tokens)
    names = [(*numbers, entity.label) for entity in entities if (numbers := token_numbers.of(entity))]
    return {
        "text": document.text,
        "tokens": [document.text[start:end] for start, end in tokens],
        "ner_tags": [TAGS.index(tag) for tag in encode(len(tokens), names, "iob2")],
        "annotated": document.annotated,
        "meta": json.dumps(dict(document.meta)),
    }


def read(stream: Any, path: str, options: Options = Options()) -> Iterator[Document]:
    """The documents of a file with a column of texts and possibly one of `spans`, ours or from elsewhere.

    Other columns are kept in `meta`. Raises a RuletagError that names the row.
    """
    with SpooledTemporaryFile(_IN_MEMORY) as file:
        try:
            copyfileobj(stream, file)
            file.seek(0)
        except OSError as error:
            message = f"cannot be read: {error.strerror} in the folder for temporary files, {gettempdir()}"
            raise RuletagError(Fault(path, "RT101", message, help="set TMPDIR to another folder")) from None
        text_column = options.column or "text"
        for number, (row, label_names) in enumerate(_rows(file, text_column, path), 1):
            place = Place(path, number, f"row {number}")
            text = text_of(row, place, text_column)
            yield _document({name: row[name] for name in row if name != text_column}, text, place, label_names, options)


def _rows(file: Any, text_column: str, path: str) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """The rows of a file, each with the names of labels. Raises RuletagError like `_columns`, or if it is damaged.

    Without threads that read ahead, memory does not grow with the file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    damaged = (pa.ArrowException, OSError, ValueError, KeyError)
    try:
        table = pq.ParquetFile(file, page_checksum_verification=True, pre_buffer=False)
        schema = table.schema_arrow
    except damaged as error:
        raise _damaged(path, error) from None
    label_names = _label_names(schema.metadata or {})
    batches = table.iter_batches(_BATCH, columns=_columns(schema.names, text_column, path), use_threads=False)
    while True:
        try:
            rows = next(batches).to_pylist()
        except StopIteration:
            return
        except damaged as error:
            raise _damaged(path, error) from None
        yield from ((row, label_names) for row in rows)


def _columns(names: Sequence[str], text_column: str, path: str) -> list[str]:
    """The columns to read. Raises RuletagError if there is no such text column, or if annotations would be lost."""
    duplicate = next((name for name in names if names.count(name) > 1), None)
    if duplicate is not None:
        raise RuletagError(Fault(path, "RT105", f"two columns are called {duplicate!r}", help="rename one of them"))
    if text_column not in names:
        message = f"has no column {text_column!r}, but: {', '.join(names) or 'none'}"
        raise RuletagError(Fault(path, "RT105", message, help="use --column with the name of the text column"))
    if "ner_tags" in names and "spans" not in names:
        message = "has tags of tokens in 'ner_tags', but no column 'spans'"
        help = "write the tokens and tags as CoNLL, or leave the tags out to read the texts alone"
        raise RuletagError(Fault(path, "RT105", message, help=help))
    return [name for name in names if name not in ("tokens", "ner_tags")]


def _damaged(path: str, error: Exception) -> RuletagError:
    message = f"is not a complete Parquet file: {' '.join(str(error).split())[:120]}"
    return RuletagError(Fault(path, "RT105", message, help="write it again"))


def _label_names(metadata: Mapping[bytes, bytes]) -> list[str]:
    """The names of the class labels of spans; empty if the schema has none."""
    try:
        features = load(metadata[_KEY].decode(), "", 0)["info"]["features"]
        spans = features["spans"]
        span = spans["feature"] if isinstance(spans, dict) else spans[0]
        names = span["label"]["names"]
    except (KeyError, TypeError, ValueError, IndexError, RuletagError):  # another program's, of any shape
        return []
    return [str(name) for name in names] if isinstance(names, list) else []


def _document(row: dict[str, Any], text: str, place: Place, label_names: list[str], options: Options) -> Document:
    check_hash(text, row, place)
    offsets = reading(text, CODE_POINTS, options)
    entities = []
    for item in list_of(row, "spans", place):
        span = object_of(item, "a span", place)
        label = span.get("label")
        if type(label) is int and 0 <= label < len(label_names):
            label = label_names[label]
        entity = make_entity(
            text,
            (span.get("start"), span.get("end"), label),
            place,
            options,
            offsets,
            surface=span.get("text"),
            id=id_of(span.get("id"), place),
        )
        entities += [entity] if entity else []
    annotated = row.get("annotated")
    if not isinstance(annotated, (bool, NoneType)):
        raise place.fault("RT105", f"'annotated' must be true or false, not {shown(annotated)}")
    return Document(
        text,
        tuple(entities),
        id_of(row.get("id"), place),
        place.path,
        row.get("spans") is not None and annotated is not False,
        meta=_meta(row, place),
        lines=(place.line,),
    )


def _meta(row: dict[str, Any], place: Place) -> dict[str, Any]:
    """The other data of a row: the JSON in `meta`, and the columns that are not ours. Raises RuletagError if `meta` is
    not JSON."""
    own = row.get("meta") or {}
    try:
        own = load(own, place.path, place.line) if isinstance(own, str) else as_json(own)
    except RuletagError as error:
        (fault,) = error.faults
        raise place.fault("RT105", f"'meta': {fault.message}", fault.help) from None
    meta: dict[str, Any] = as_json(
        {name: value for name, value in row.items() if name not in FEATURES or name == "text"}
    )
    meta |= object_of(own, "'meta'", place)
    refuse_depth(meta, place.path, place.line)
    return meta


FORMAT = Format(
    name="parquet",
    help="Parquet for `datasets`: text, spans, tokens and tags",
    read=read,
    write=write,
    check=check,
    suffixes=(".parquet",),
    unit=CODE_POINTS,
    carries=("spans", "nested", "id", "meta", "source", "entity id", "raw"),
    loses="in `ner_tags`, nested spans",
    many=True,
    binary=True,
    extra="arrow",
    options=("column", "offsets", "spans_only"),
)
