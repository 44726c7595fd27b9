"""Shared by formats of records: one object per line, texts and ids, and the origins of spans."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any, TextIO

from ruletag.errors import Fault, RuletagError
from ruletag.formats.contract import Loss, Options
from ruletag.formats.spans import Place
from ruletag.formats.strict_json import load
from ruletag.model import Document, Entity, Source

# Key in the meta of a document for the origins of its spans, as a tool recorded them, and of deleted proposals. Each
# item has `start`, `end`, `label`; then `origin` (`prediction`, `prediction-changed`, `manual`, `deleted`), `source`,
# and `was`, the proposed span.
ORIGINS = "origins"
ANNOTATOR = "annotator"  # key in the meta of a document for its annotator
_ANNOTATORS = (ANNOTATOR, "_annotator_id", "_session_id")  # ours, then Prodigy's
OTHER_KEY = "use --column KEY if the text has another key, or --from if this is another format"
_SOURCE = r"(.*) \(([^()]+?)(?::([0-9]+))?\)"
_RULE = r"[a-z][a-z0-9]*(?:[.-][a-z0-9]+)+"  # no name of an entry looks like this


def json_lines(stream: TextIO, path: str, make: Callable[[dict[str, Any], Place], Document]) -> Iterator[Document]:
    """The documents made from the objects of a file, one per line, before the first faulty line.

    Raises RuletagError at the end, with the faults of all lines.
    """
    faults: list[Fault] = []
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            record, place = load(line.removesuffix("\n"), path, number), Place(path, number)
            if not isinstance(record, dict):
                raise place.fault("RT105", "expected an object")
            document = make(record, place)
        except RuletagError as error:
            faults += error.faults
        else:
            if not faults:
                yield document
    if faults:
        raise RuletagError(faults)


def text_of(record: Mapping[str, Any], place: Place, key: str = "text", help: str = "is this another format?") -> str:
    """The text of a record. If there is none, raises a RuletagError that lists the keys, with `help`."""
    text = record.get(key)
    if text is not None and not isinstance(text, str):
        raise place.fault("RT105", f"{key!r} must be a string")
    if text is None and key in record:
        raise place.fault("RT105", f"{key!r} is null", "give it a text, which may be empty, or remove the document")
    if text is None:
        names = ", ".join(repr(name)[1:-1] for name in record) or "none"
        raise place.fault("RT105", f"has no text under {key!r} among its keys: {names}", help)
    return text


def rest_of(meta: Mapping[str, Any], own: Container[str]) -> dict[str, Any]:
    """The other data of a document, without the keys that the format itself uses (`own`)."""
    return {key: value for key, value in meta.items() if key not in own}


def clashing(own: Container[str]) -> Callable[[Document, Options], Iterator[Loss]]:
    """The `losses` of a format that writes `rest_of(meta, own)`."""

    def losses(document: Document, _: Options) -> Iterator[Loss]:
        for key in document.meta:
            if key in own:
                yield Loss("other data is left out, because the format has a key of the same name: {}", repr(key))

    return losses


def list_of(record: Mapping[str, Any], key: str, place: Place) -> list[Any]:
    """The list under a key, empty if it is missing or null. Raises RuletagError if it is something else."""
    value = record.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise place.fault("RT105", f"{key!r} must be a list")
    return value


def object_of(value: Any, what: str, place: Place) -> dict[str, Any]:
    """The value itself if it is an object. Raises RuletagError if it is something else."""
    if not isinstance(value, dict):
        raise place.fault("RT105", f"{what} must be an object")
    return value


def id_of(value: Any, place: Place) -> str | None:
    """The id of a record, None if it has none. Raises RuletagError if it is not a string or number."""
    if isinstance(value, (bool, list, dict)):
        raise place.fault("RT105", "an id must be a string or a number")
    return None if value is None else str(value)


def origins_of(meta: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The origins of spans in the meta of a document. Values of other types are ignored."""
    origins = meta.get(ORIGINS)
    return [item for item in origins if isinstance(item, dict)] if isinstance(origins, list) else []


def sources_of(document: Document) -> list[str]:
    """The source of each entity of a document, in order: its rule or entry or, for gold, the source recorded in
    `origins`; empty if unknown."""
    recorded = {}
    for item in reversed(origins_of(document.meta)):  # of several for a span, the first counts
        start, end, label = _span_of(item)
        if type(start) is int and type(end) is int and isinstance(label, str):
            recorded[start, end, label] = str(item.get("source") or "")
    return [
        recorded.get(entity.span, "") if entity.source.kind == "gold" else str(entity.source)
        for entity in document.entities
    ]


def source_named(text: str) -> Source:
    """Parse a source such as `per.title (rules/per.yaml:12)`. An empty text gives a gold source."""
    if not text:
        return Source("gold", "gold")
    match = re.fullmatch(_SOURCE, text, re.DOTALL)
    name, path, line = (match[1], match[2], int(match[3] or 0)) if match else (text, "", 0)
    return Source("rule" if re.fullmatch(_RULE, name) else "entry", name, path, line)


def annotator_of(meta: Mapping[str, Any]) -> str:
    """The annotator of a document; empty if its format records none."""
    return next(
        (str(meta[key]) for key in _ANNOTATORS if isinstance(meta.get(key), (str, int)) and meta[key] != ""), ""
    )


def is_source(item: Any) -> tuple[int, int, str] | None:
    """The span of an item of `origins` that has a source and nothing else; None for any other item."""
    if not isinstance(item, dict) or len(item) != 4 or not isinstance(item.get("source"), str):
        return None
    start, end, label = _span_of(item)
    return (start, end, label) if type(start) is int and type(end) is int and isinstance(label, str) else None


def without_origins(meta: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the meta without `origins`, for a document whose spans were made anew."""
    if not origins_of(meta):
        return dict(meta)
    return {key: value for key, value in meta.items() if key != ORIGINS}


def _span_of(item: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return item.get("start"), item.get("end"), item.get("label")


def origin(entity: Entity, **details: str | None) -> dict[str, Any]:
    """An item of `origins` for a span. Empty details are left out."""
    filled = {name: value for name, value in details.items() if value}
    return {"start": entity.start, "end": entity.end, "label": entity.label, **filled}


def score(entity: Entity, document: Document) -> float | None:
    """The share of overlapping candidates, itself included, that propose exactly this span; None for gold.

    Not a probability: 1.0 means that nothing else was considered, 0.5 that one other candidate lost.
    """
    if entity.source.kind == "gold":
        return None
    rivals = [rival for rival in document.alternatives if rival.start < entity.end and entity.start < rival.end]
    agreeing = sum((rival.start, rival.end, rival.label) == entity.span for rival in rivals)
    return round((1 + agreeing) / (1 + len(rivals)), 4)
