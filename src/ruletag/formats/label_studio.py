"""Label Studio: tasks to import, with predictions; exports as JSON and JSON_MIN. Offsets: code points.

Tasks are written with `data` (text, id, other data, the hash of the text) and one prediction each. Tasks are read too:
from an export, the annotation and what became of each region of the prediction it began with; from tasks without
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
from ruletag.formats.spans import HASH, Place, check_hash, entity, sha256
from ruletag.formats.strict_json import dump, records
from ruletag.model import LABELS, Document, Entity


class Tags(NamedTuple):
    """The two tags of a labelling configuration that regions refer to, and the project's label for each of ours."""

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
    """The document of the first annotation of a task; with `every`, one for each, all with the same text."""
    data = object_of(record["data"], "'data'", place)
    number = record.get("id")
    notes: list[str] = []
    annotations = [
        each
        for each in (object_of(each, "an annotation", place) for each in list_of(record, "annotations", place))
        if not each.get("was_cancelled")
    ]
    if "annotations" not in record:
        annotations = [object_of(each, "a prediction", place) for each in list_of(record, "predictions", place)]
    elif record.get("predictions") and not annotations:
        notes.append("a task without an annotation: its prediction is not read as gold")
    if not annotations:
        yield _document(data, "data", None, notes, place, options, number)
    elif options.every:
        for each in annotations:
            yield _document(data, "data", _result(each, place), [], place, options, number)
    else:
        if len(annotations) > 1:
            notes.append(f"a task with {len(annotations)} annotations: the first is read")
        yield _document(data, "data", _result(annotations[0], place), notes, place, options, number)


class _Result(NamedTuple):
    """The regions of one annotation; those of the prediction it began with, by id; and who made it."""

    regions: Sequence[Mapping[str, Any]]
    others: Sequence[str] = ()  # types of regions that are not read
    proposed: Mapping[str, Mapping[str, Any]] | None = None
    annotator: str = ""


def _result(annotation: Mapping[str, Any], place: Place) -> _Result:
    regions, others = _regions(annotation, place)
    began = annotation.get("prediction")
    proposed = None
    if isinstance(began, dict) and isinstance(began.get("result"), list):
        proposed = {str(each.get("id")): each for each in _regions(began, place)[0]}
    by = annotation.get("completed_by")
    if isinstance(by, dict):
        by = by.get("email") or by.get("id")
    return _Result(regions, others, proposed, "" if by is None else str(by))


def _regions(annotation: Mapping[str, Any], place: Place) -> tuple[list[dict[str, Any]], list[str]]:
    """The regions with labels, and the types of the others."""
    found = [object_of(each, "a region", place) for each in list_of(annotation, "result", place)]
    strange = sorted({str(each.get("type")) for each in found if each.get("type") != "labels"})
    return [each for each in found if each.get("type") == "labels"], strange


def _flat(record: Mapping[str, Any], place: Place, options: Options) -> Document:
    """The document of a record of JSON_MIN, in which the regions are under the name of their labelling control."""
    controls = [key for key, value in record.items() if key == "label" or _is_regions(value)]
    regions = [{"value": object_of(each, "a label", place)} for key in controls for each in list_of(record, key, place)]
    data = {key: value for key, value in record.items() if key not in (*_FLAT, *controls)}
    by = record.get("annotator")
    return _document(
        data, "record", _Result(regions, annotator="" if by is None else str(by)), [], place, options, None
    )


def _is_regions(value: Any) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(each, dict) and "labels" in each for each in value)
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
    if result.others:
        notes = [*notes, f"regions of other types are not read: {', '.join(result.others)}"]
    read = _Reader(text, place, options)
    entities = [made for region in result.regions for made in read.entities(region)]
    if bare := sum(not region["value"].get("labels") for region in result.regions):
        notes = [*notes, f"regions without a label are not read: {bare}"]
    origins = [*_kept(result, read), *_deleted(result, read)]
    if any(len(each) > 3 for each in origins):
        meta[ORIGINS] = [each for each in origins if len(each) > 3]
    if result.annotator and options.every:
        meta[ANNOTATOR] = result.annotator
    lines = (place.line,)
    id = id_of(id, place)
    return Document(text, tuple(entities), id, place.path, annotated, meta=meta, lines=lines, notes=tuple(notes))


class _Reader:
    """Regions of one text as entities."""

    def __init__(self, text: str, place: Place, options: Options) -> None:
        self._text, self._place, self._options = text, place, options
        self._offsets = reading(text, CODE_POINTS, options)

    def entities(self, region: Mapping[str, Any]) -> Iterator[Entity]:
        """An entity for each label of a region, without ignored ones."""
        value = object_of(region.get("value"), "'value'", self._place)
        for label in list_of(value, "labels", self._place):
            span = (value.get("start"), value.get("end"), label)
            surface = value.get("text")
            if made := entity(self._text, span, self._place, self._options, self._offsets, surface=surface):
                yield made

    def said(self, region: Mapping[str, Any]) -> str:
        """The rule that a region names."""
        meta = region.get("meta")
        lines = list_of(meta, "text", self._place) if isinstance(meta, dict) else []
        return next((str(line).removeprefix("rule=") for line in lines if str(line).startswith("rule=")), "")


def _kept(result: _Result, read: _Reader) -> Iterator[dict[str, Any]]:
    """The known origin of each span."""
    for region in result.regions:
        before = (result.proposed or {}).get(str(region.get("id")))
        was = next(read.entities(before), None) if before else None
        said = region.get("origin")
        for made in read.entities(region):
            kept: dict[str, Any] = origin(
                made, origin=said if isinstance(said, str) else None, source=read.said(region)
            )
            if was:
                kept["origin"] = "prediction" if was.span == made.span else "prediction-changed"
                kept |= {"source": read.said(before)} if before and read.said(before) else {}
                kept |= {} if was.span == made.span else {"was": list(was.span)}
            yield kept


def _deleted(result: _Result, read: _Reader) -> Iterator[dict[str, Any]]:
    """The spans of the prediction that the annotation no longer has."""
    kept = {str(region.get("id")) for region in result.regions}
    for name, region in (result.proposed or {}).items():
        if name not in kept:
            for made in read.entities(region):
                yield origin(made, origin="deleted", source=read.said(region))


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
    """The entities of a document as Label Studio shows them; those whose label the project lacks are left out."""
    found = zip(document.entities, sources_of(document), strict=True)
    kept = [(each, source) for each, source in found if each.label in tags.labels]
    result = [_region(number, each, source, document, tags) for number, (each, source) in enumerate(kept, 1)]
    scores = [region["score"] for region in result if "score" in region]
    mean = {"score": round(sum(scores) / len(scores), 4)} if scores else {}
    return {"model_version": version, **mean, "result": result}


def _region(number: int, each: Entity, source: str, document: Document, tags: Tags) -> dict[str, Any]:
    value = {"start": each.start, "end": each.end, "text": each.text, "labels": [tags.labels[each.label]]}
    region: dict[str, Any] = {"id": f"r{number}", "from_name": tags.from_name, "to_name": tags.to_name}
    region |= {"type": "labels", "value": value}
    known = score(each, document)
    if known is not None:
        region["score"] = known
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
