"""Label Studio: tasks to import, with predictions; exports as JSON and JSON_MIN. Offsets: code points.

Written are tasks with `data` (text, id, the rest, the hash of the text) and one prediction each. Read are tasks too: of
an export the annotation, `origin` of each region included; of tasks without `annotations`, the prediction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TextIO

from ruletag.formats.contract import CODE_POINTS, Companion, Format, Options
from ruletag.formats.offsets import CodePoints
from ruletag.formats.records import ORIGINS, id_of, list_of, object_of, origin, score, source_of, text_of
from ruletag.formats.spans import HASH, Place, check_hash, entity, sha256
from ruletag.formats.strict_json import dump, records
from ruletag.model import LABELS, Document, Entity


class Tags(NamedTuple):
    """The two tags of a labelling configuration that regions name, and for each label of ours that of the project."""

    from_name: str
    to_name: str
    labels: Mapping[str, str]


TAGS = Tags("label", "text", {label: label for label in LABELS})
_FLAT = ("label", "annotator", "annotation_id", "created_at", "updated_at", "lead_time")  # of JSON_MIN
_CONFIGURATION = """<View>
  <Style>.htx-text{{white-space:pre-wrap}}</Style>
  <Labels name="label" toName="text">
{labels}  </Labels>
  <Text name="text" value="$text" granularity="symbol"/>
</View>
"""


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The documents of an array of tasks. RuletagError names the line and the record."""
    for record, line, name in records(stream, path):
        place = Place(path, line, name)
        yield _task(record, place, options) if "data" in record else _flat(record, place, options)


def _task(record: Mapping[str, Any], place: Place, options: Options) -> Document:
    data = object_of(record["data"], "'data'", place)
    notes: list[str] = []
    annotations = [
        each
        for each in (object_of(each, "an annotation", place) for each in list_of(record, "annotations", place))
        if not each.get("was_cancelled")
    ]
    if "annotations" in record:
        if record.get("predictions") and not annotations:
            notes.append("a task without an annotation: its prediction is not read as gold")
    else:
        annotations = [object_of(each, "a prediction", place) for each in list_of(record, "predictions", place)]
    if len(annotations) > 1:
        notes.append(f"a task with {len(annotations)} annotations: the first is read")
    result = list_of(annotations[0], "result", place) if annotations else []
    regions = [object_of(each, "a region", place) for each in result]
    strange = sorted({str(each.get("type")) for each in regions if each.get("type") != "labels"})
    if strange:
        notes.append(f"regions of other types are not read: {', '.join(strange)}")
    spans = [(object_of(each.get("value"), "'value'", place), each) for each in regions if each.get("type") == "labels"]
    return _document(data, "data", spans, bool(annotations), notes, place, options, record.get("id"))


def _flat(record: Mapping[str, Any], place: Place, options: Options) -> Document:
    spans: list[tuple[dict[str, Any], Mapping[str, Any]]] = [
        (object_of(each, "a label", place), {}) for each in list_of(record, "label", place)
    ]
    data = {key: value for key, value in record.items() if key not in _FLAT}
    return _document(data, "record", spans, True, [], place, options, None)


def _document(
    data: Mapping[str, Any],
    where: str,
    spans: Iterable[tuple[dict[str, Any], Mapping[str, Any]]],
    annotated: bool,
    notes: Sequence[str],
    place: Place,
    options: Options,
    number: Any,
) -> Document:
    key = options.column or "text"
    text = text_of(data, place, key)
    check_hash(text, data, place)
    id = data.get("id", number if where == "data" else None)
    meta = {name: value for name, value in data.items() if name not in (key, HASH, ORIGINS)}
    if not isinstance(meta.get("id"), (int, float)) or isinstance(meta.get("id"), bool):
        meta.pop("id", None)
    offsets = CodePoints(text)
    found: list[Entity] = []
    origins = []
    for value, region in spans:
        for label in list_of(value, "labels", place):
            span = (value.get("start"), value.get("end"), label)
            made = entity(text, span, place, options, offsets, surface=value.get("text"))
            if made:
                found.append(made)
                origins.append(_origin(made, region, place))
    if any(len(each) > 3 for each in origins):
        meta[ORIGINS] = [each for each in origins if len(each) > 3]
    return Document(
        text, tuple(found), id_of(id, place), place.path, annotated, meta=meta, lines=(place.line,), notes=tuple(notes)
    )


def _origin(made: Entity, region: Mapping[str, Any], place: Place) -> dict[str, Any]:
    said = region.get("meta")
    lines = list_of(said, "text", place) if isinstance(said, dict) else []
    rule = next((str(line).removeprefix("rule=") for line in lines if str(line).startswith("rule=")), None)
    kept = region.get("origin")
    return origin(made, origin=kept if isinstance(kept, str) else None, source=rule)


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """An array of tasks, one a line."""
    stream.write("[")
    separator = "\n"
    for document in documents:
        stream.write(separator + dump(_record(document)))
        separator = ",\n"
    stream.write("\n]\n")


def _record(document: Document) -> dict[str, Any]:
    from ruletag import __version__

    data: dict[str, Any] = {} if document.id is None else {"id": document.id}
    data |= {"text": document.text}
    data |= {key: value for key, value in document.meta.items() if key != ORIGINS}
    record: dict[str, Any] = {"data": data | {HASH: sha256(document.text)}}
    if document.annotated or document.entities:
        record["predictions"] = [prediction(document, f"ruletag-{__version__}", TAGS)]
    return record


def prediction(document: Document, version: str, tags: Tags) -> dict[str, Any]:
    """What Label Studio shows of the entities of a document; those without a label in the project are left out."""
    kept = [each for each in document.entities if each.label in tags.labels]
    result = [_region(number, each, document, tags) for number, each in enumerate(kept, 1)]
    scores = [region["score"] for region in result if "score" in region]
    mean = {"score": round(sum(scores) / len(scores), 4)} if scores else {}
    return {"model_version": version, **mean, "result": result}


def _region(number: int, each: Entity, document: Document, tags: Tags) -> dict[str, Any]:
    value = {"start": each.start, "end": each.end, "text": each.text, "labels": [tags.labels[each.label]]}
    region: dict[str, Any] = {"id": f"r{number}", "from_name": tags.from_name, "to_name": tags.to_name}
    region |= {"type": "labels", "value": value}
    known = score(each, document)
    if known is not None:
        region["score"] = known
    if source := source_of(each, document):
        region["meta"] = {"text": [f"rule={source}"]}
    return region


def _write_configuration(documents: Sequence[Document], stream: TextIO, options: Options) -> None:
    labels = "".join(f'    <Label value="{label}"/>\n' for label in LABELS)
    stream.write(_CONFIGURATION.format(labels=labels))


FORMAT = Format(
    name="label-studio",
    help="Label Studio: tasks with predictions; exports as JSON and JSON_MIN",
    read=read,
    write=write,
    suffixes=(".json",),
    unit=CODE_POINTS,
    carries=("spans", "nested", "id", "meta", "source", "raw", "score"),
    loses="regions other than labels; all annotations of a task but the first",
    many=True,
    options=("column",),
    recognises=lambda start: b'"data"' in start or b'"annotation_id"' in start or b'"labels"' in start,
    companions=(Companion(".labels.xml", _write_configuration),),
)
