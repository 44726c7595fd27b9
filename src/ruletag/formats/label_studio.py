"""Label Studio: tasks to import, with predictions; exports as JSON and JSON_MIN. Offsets: code points.

Tasks are written with `data` (text, id, other data, the hash of the text) and one prediction each. Tasks are read too:
from an export, the annotation, and the fate of each region of the prediction it started from; from tasks without
`annotations`, the prediction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TextIO

from ruletag.formats.contract import CODE_POINTS, Companion, Format, Options
from ruletag.formats.readings import reading
from ruletag.formats.records import (
    ANNOTATOR,
    ORIGINS,
    OTHER_KEY,
    clashing,
    id_of,
    list_of,
    object_of,
    origin,
    rest_of,
    score,
    sources_of,
    text_of,
)
from ruletag.formats.spans import HASH, Place, check_hash, sha256
from ruletag.formats.spans import entity as make_entity
from ruletag.formats.strict_json import dump, records
from ruletag.model import LABELS, Document, Entity


class Tags(NamedTuple):
    """The tags of a labelling configuration to which regions refer, and the project's label for each of ours."""

    from_name: str
    to_name: str
    labels: Mapping[str, str]


TAGS = Tags("label", "text", {label: label for label in LABELS})
_OWN = ("text", HASH)  # keys of `data`
_FLAT = ("label", "annotator", "annotation_id", "created_at", "updated_at", "lead_time")  # of JSON_MIN
_CONFIGURATION = """<View>
  <Style>.htx-text{{white-space:pre-wrap}}</Style>
  <Labels name="label" toName="text">
{labels}  </Labels>
  <Text name="text" value="$text" granularity="symbol"/>
</View>
"""


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The documents of an array of tasks. Raises a RuletagError that names the line and the record."""
    for record, line, name in records(stream, path):
        place = Place(path, line, name)
        if "data" in record:
            yield from _task(record, place, options)
        else:
            yield _flat(record, place, options)


def _task(record: Mapping[str, Any], place: Place, options: Options) -> Iterator[Document]:
    """The document of the first annotation of a task; with `every`, a document for each annotation."""
    data = object_of(record["data"], "'data'", place)
    number = record.get("id")
    notes: list[str] = []
    annotations = [
        annotation
        for item in list_of(record, "annotations", place)
        if not (annotation := object_of(item, "an annotation", place)).get("was_cancelled")
    ]
    if "annotations" not in record:
        annotations = [object_of(item, "a prediction", place) for item in list_of(record, "predictions", place)]
    elif record.get("predictions") and not annotations:
        notes.append("a task without an annotation: its prediction is not read as gold")
    if not annotations:
        yield _document(data, "data", None, notes, place, options, number)
    elif options.every:
        for annotation in annotations:
            yield _document(data, "data", _result(annotation, place), [], place, options, number)
    else:
        if len(annotations) > 1:
            notes.append(f"a task with {len(annotations)} annotations: the first is read")
        yield _document(data, "data", _result(annotations[0], place), notes, place, options, number)


class _Result(NamedTuple):
    """The regions of an annotation, those of the prediction it started from, by id, and its annotator."""

    regions: Sequence[Mapping[str, Any]]
    other_types: Sequence[str] = ()  # of regions that are not read
    proposed: Mapping[str, Mapping[str, Any]] | None = None
    annotator: str = ""


def _result(annotation: Mapping[str, Any], place: Place) -> _Result:
    regions, other_types = _regions(annotation, place)
    initial = annotation.get("prediction")
    proposed = None
    if isinstance(initial, dict) and isinstance(initial.get("result"), list):
        initial_regions, _ = _regions(initial, place)
        proposed = {str(region.get("id")): region for region in initial_regions}
    annotator = annotation.get("completed_by")
    if isinstance(annotator, dict):
        annotator = annotator.get("email") or annotator.get("id")
    return _Result(regions, other_types, proposed, "" if annotator is None else str(annotator))


def _regions(annotation: Mapping[str, Any], place: Place) -> tuple[list[dict[str, Any]], list[str]]:
    """The regions with labels, and the types of the others."""
    regions = [object_of(item, "a region", place) for item in list_of(annotation, "result", place)]
    other_types = sorted({str(region.get("type")) for region in regions if region.get("type") != "labels"})
    return [region for region in regions if region.get("type") == "labels"], other_types


def _flat(record: Mapping[str, Any], place: Place, options: Options) -> Document:
    """The document of a record of JSON_MIN, which has its regions under the names of labelling controls.

    A record without them, and without any key of an export, is a text to annotate.
    """
    controls = [key for key, value in record.items() if key == "label" or _is_regions(value)]
    regions = [{"value": object_of(item, "a label", place)} for key in controls for item in list_of(record, key, place)]
    data = {key: value for key, value in record.items() if key not in (*_FLAT, *controls)}
    annotator = record.get("annotator")
    is_export = controls or any(key in record for key in _FLAT)
    result = _Result(regions, annotator="" if annotator is None else str(annotator)) if is_export else None
    return _document(data, "record", result, [], place, options, None)


def _is_regions(value: Any) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(item, dict) and "labels" in item for item in value)
    )


def _document(
    data: Mapping[str, Any],
    where: str,
    result: _Result | None,
    notes: Sequence[str],
    place: Place,
    options: Options,
    number: Any,
) -> Document:
    key = options.column or "text"
    text = text_of(data, place, key, OTHER_KEY)
    check_hash(text, data, place)
    id = data.get("id", number if where == "data" else None)
    meta = {name: value for name, value in data.items() if name not in (key, HASH, ORIGINS)}
    if not isinstance(meta.get("id"), (int, float)) or isinstance(meta.get("id"), bool):
        meta.pop("id", None)
    annotated = result is not None
    result = result or _Result(())
    if result.other_types:
        notes = [*notes, f"regions of other types are not read: {', '.join(result.other_types)}"]
    reader = _Reader(text, place, options)
    entities = [entity for region in result.regions for entity in reader.entities(region)]
    if unlabelled := sum(not region["value"].get("labels") for region in result.regions):
        notes = [*notes, f"regions without a label are not read: {unlabelled}"]
    origins = [*_origins(result, reader), *_deleted(result, reader)]
    if any(len(item) > 3 for item in origins):  # more than a span
        meta[ORIGINS] = [item for item in origins if len(item) > 3]
    if result.annotator and options.every:
        meta[ANNOTATOR] = result.annotator
    lines = (place.line,)
    id = id_of(id, place)
    return Document(text, tuple(entities), id, place.path, annotated, meta=meta, lines=lines, notes=tuple(notes))


class _Reader:
    """Turns the regions of one text into entities."""

    def __init__(self, text: str, place: Place, options: Options) -> None:
        self._text, self._place, self._options = text, place, options
        self._offsets = reading(text, CODE_POINTS, options)

    def entities(self, region: Mapping[str, Any]) -> Iterator[Entity]:
        """An entity for each label of a region, except ignored labels."""
        value = object_of(region.get("value"), "'value'", self._place)
        for label in list_of(value, "labels", self._place):
            span = (value.get("start"), value.get("end"), label)
            surface = value.get("text")
            if entity := make_entity(self._text, span, self._place, self._options, self._offsets, surface=surface):
                yield entity

    def source(self, region: Mapping[str, Any]) -> str:
        """The rule or entry that a region names; empty if none."""
        meta = region.get("meta")
        lines = list_of(meta, "text", self._place) if isinstance(meta, dict) else []
        return next((str(line).removeprefix("rule=") for line in lines if str(line).startswith("rule=")), "")


def _origins(result: _Result, reader: _Reader) -> Iterator[dict[str, Any]]:
    """An item of `origins` for each span of the annotation."""
    for region in result.regions:
        proposed_region = (result.proposed or {}).get(str(region.get("id")))
        proposed = next(reader.entities(proposed_region), None) if proposed_region else None
        stated = region.get("origin")
        for entity in reader.entities(region):
            item: dict[str, Any] = origin(
                entity, origin=stated if isinstance(stated, str) else None, source=reader.source(region)
            )
            if proposed_region and proposed:
                unchanged = proposed.span == entity.span
                item["origin"] = "prediction" if unchanged else "prediction-changed"
                item |= {"source": source} if (source := reader.source(proposed_region)) else {}
                item |= {} if unchanged else {"was": list(proposed.span)}
            yield item


def _deleted(result: _Result, reader: _Reader) -> Iterator[dict[str, Any]]:
    """An item of `origins` for each span of the prediction that the annotation no longer has."""
    region_ids = {str(region.get("id")) for region in result.regions}
    for region_id, region in (result.proposed or {}).items():
        if region_id not in region_ids:
            for entity in reader.entities(region):
                yield origin(entity, origin="deleted", source=reader.source(region))


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """An array of tasks, one per line."""
    stream.write("[")
    separator = "\n"
    for document in documents:
        stream.write(separator + dump(_record(document)))
        separator = ",\n"
    stream.write("\n]\n")


def _record(document: Document) -> dict[str, Any]:
    from ruletag import __version__

    data: dict[str, Any] = {} if document.id is None else {"id": document.id}
    data |= {"text": document.text} | rest_of(document.meta, (*_OWN, ORIGINS))
    record: dict[str, Any] = {"data": data | {HASH: sha256(document.text)}}
    if document.annotated or document.entities:
        record["predictions"] = [prediction(document, f"ruletag-{__version__}", TAGS)]
    return record


def prediction(document: Document, version: str, tags: Tags) -> dict[str, Any]:
    """A prediction with the entities of a document, except those whose label the project lacks."""
    sourced = zip(document.entities, sources_of(document), strict=True)
    shown = [(entity, source) for entity, source in sourced if entity.label in tags.labels]
    regions = [_region(number, entity, source, document, tags) for number, (entity, source) in enumerate(shown, 1)]
    scores = [region["score"] for region in regions if "score" in region]
    mean = {"score": round(sum(scores) / len(scores), 4)} if scores else {}
    return {"model_version": version, **mean, "result": regions}


def _region(number: int, entity: Entity, source: str, document: Document, tags: Tags) -> dict[str, Any]:
    value = {"start": entity.start, "end": entity.end, "text": entity.text, "labels": [tags.labels[entity.label]]}
    region: dict[str, Any] = {"id": f"r{number}", "from_name": tags.from_name, "to_name": tags.to_name}
    region |= {"type": "labels", "value": value}
    share = score(entity, document)
    if share is not None:
        region["score"] = share
    if source:
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
    loses="regions other than labels; all but the first annotation of a task",
    many=True,
    options=("column", "offsets"),
    recognises=lambda start: b'"data"' in start or b'"annotation_id"' in start or b'"labels"' in start,
    losses=clashing(_OWN),
    companions=(Companion(".labels.xml", _write_configuration),),
)
