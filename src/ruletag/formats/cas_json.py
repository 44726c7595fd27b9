"""UIMA CAS as JSON (JSON CAS 0.4), for INCEpTION. Offsets: UTF-16 units.

Types and layers are those of `cas`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any, TextIO

from ruletag.errors import Fault, RuletagError
from ruletag.formats.cas import cas_of, contents_of, document_of, types
from ruletag.formats.contract import UTF16, Format, Options
from ruletag.formats.spans import only_one
from ruletag.formats.strict_json import HALVES, records
from ruletag.model import Document

_KEYS = ("%FEATURE_STRUCTURES", "%TYPES", "%VIEWS")


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """Write one document. Raises RuletagError for several, and for an unpaired surrogate."""
    for document in only_one(documents, "a CAS JSON file"):
        for text in (document.text, document.id or "", *(entity.id or "" for entity in document.entities)):
            if HALVES.search(text):
                message = "the text or id contains an unpaired surrogate, which UIMA cannot store"
                raise RuletagError(Fault(document.path, "RT102", message, document.line(0), help="repair the text"))
        stream.write(cas_of(document).to_json() + "\n")


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The document of a file. Raises RuletagError if it is not a CAS in JSON."""
    import cassis

    fault = Fault(path, "RT105", "is not a CAS in JSON", help="export it as UIMA CAS JSON 0.4.0")
    objects = [record for record, _, _ in records(stream, path)]
    if len(objects) != 1:
        raise RuletagError(replace(fault, message=f"{fault.message}: it holds {len(objects)} objects, not one"))
    (record,) = objects
    if missing := [key for key in _KEYS if key not in record]:
        raise RuletagError(replace(fault, message=f"{fault.message}: it has no {', '.join(missing)}"))
    structures = record["%FEATURE_STRUCTURES"]
    if not isinstance(structures, list) or not all(isinstance(item, dict) for item in structures):
        raise RuletagError(replace(fault, message=f"{fault.message}: '%FEATURE_STRUCTURES' must be a list of objects"))

    def load() -> Any:
        system = _type_system(json.dumps(record["%TYPES"]))
        return cassis.load_cas_from_json(json.dumps(record), system, lenient=True, merge_typesystem=False)

    if any(type(item.get("%ID")) is not int for item in structures):
        raise RuletagError(replace(fault, message=f"{fault.message}: every '%ID' must be a whole number"))
    annotations = ((item["%ID"], str(item.get("%TYPE")), item.get("begin"), item.get("end")) for item in structures)
    yield document_of(load, contents_of(annotations, fault), fault, options)


@lru_cache(maxsize=8)  # all files of an export declare the same types, and building them takes most of the time
def _type_system(declarations: str) -> Any:
    """The type system with the types that a file declares and the ones that are read."""
    import cassis

    empty = f'{{"%TYPES": {declarations}, "%FEATURE_STRUCTURES": [], "%VIEWS": {{}}}}'
    return cassis.load_cas_from_json(empty, typesystem=types()).typesystem


FORMAT = Format(
    name="cas-json",
    help="UIMA CAS JSON, for INCEpTION",
    read=read,
    write=write,
    suffixes=(".json",),
    unit=UTF16,
    carries=("spans", "nested", "id", "entity id"),
    loses="other layers",
    extra="cas",
    options=("offsets",),
    recognises=lambda start: any(f'"{key}"'.encode() in start for key in _KEYS),
)
