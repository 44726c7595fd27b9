"""W3C Web Annotation (JSON-LD) of the text in a `.txt` file beside it. Offsets: code points, after quotations.

A span has a quotation with its context, and a position. It is located by its quotation. The position decides between
several matches, and is used alone if there is no quotation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from hashlib import sha1
from pathlib import PurePath
from typing import Any, TextIO
from urllib.parse import quote
from uuid import NAMESPACE_URL

from ruletag.errors import Fault, RuletagError
from ruletag.formats.contract import CODE_POINTS, Companion, Format, Options
from ruletag.formats.offsets import CodePoints, Utf16
from ruletag.formats.records import ORIGINS, origin, sources_of
from ruletag.formats.spans import Place, only_one, sha256, shown
from ruletag.formats.spans import entity as make_entity
from ruletag.formats.strict_json import dump, records
from ruletag.model import Document, Entity

CONTEXT = 32  # code points of a prefix and a suffix
_TEXT = ".txt"
_ANNO = "http://www.w3.org/ns/anno.jsonld"
_TAGGING = ("tagging", "classifying")
_IDENTIFYING, _DESCRIBING = "identifying", "describing"
_QUOTE, _POSITION = "TextQuoteSelector", "TextPositionSelector"
_SOFTWARE = {"type": "Software", "name": "ruletag"}


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The one document that a file annotates. Raises a RuletagError that names every faulty annotation."""
    text = options.beside[_TEXT]
    reader = _Reader(text, options)
    faults: list[Fault] = []
    for number, (annotation, line) in enumerate(_annotations(stream, path, reader.notes), 1):
        try:
            reader.add(annotation, Place(path, line, f"annotation {number}"))
        except RuletagError as error:
            faults += error.faults
    if faults:
        raise RuletagError(faults)
    if reader.untagged:
        reader.notes.append(f"annotations without a tag are not read: {reader.untagged}")
    meta = {ORIGINS: reader.origins} if reader.origins else {}
    yield Document(text, tuple(reader.entities), path=path, annotated=True, meta=meta, notes=tuple(reader.notes))


def _annotations(stream: TextIO, path: str, notes: list[str]) -> Iterator[tuple[Any, int]]:
    """The annotations of a file, each with its line: one, a list, a page, or a collection with its first page inside.

    Raises RuletagError if there is anything else.
    """
    for record, line, name in records(stream, path):
        page = first if isinstance(first := record.get("first"), dict) else record
        if page.get("next"):
            notes.append("the annotations continue in another file, which is not fetched")
        if isinstance(page.get("items"), list):
            yield from ((item, line) for item in page["items"])
        elif "target" in record or record.get("type") == "Annotation":
            yield record, line
        else:
            message = "contains no annotations: neither 'target' nor a page with 'items'"
            raise Place(path, line, name).fault("RT105", message, f"export it as JSON-LD of {_ANNO}")


class _Reader:
    """Collects the entities of the annotations of a text."""

    def __init__(self, text: str, options: Options) -> None:
        self._text, self._options = text, options
        self._offsets = CodePoints(text)
        self._starts: dict[tuple[str, str, str], list[int]] = {}  # of quotations with their context
        self.entities: list[Entity] = []
        self.origins: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self.untagged = 0

    def add(self, annotation: Any, place: Place) -> None:
        """Add the entities of an annotation, one for each tag and target. Raises RuletagError for an invalid span."""
        targets = _as_list(annotation.get("target")) if isinstance(annotation, dict) else []
        if not targets:
            raise place.fault("RT105", f"expected an object with 'target', not {shown(annotation)}")
        tags, entity_id, rule = _read_bodies(annotation)
        self.untagged += not tags
        proposed = annotation.get("generator") == _SOFTWARE
        for target in targets if tags else ():
            start, end = self._span(target, place)
            for tag in tags:
                entity = make_entity(self._text, (start, end, tag), place, self._options, self._offsets, id=entity_id)
                if entity:
                    self.entities.append(entity)
                    if proposed:
                        self.origins.append(origin(entity, origin="prediction", source=rule))

    def _span(self, target: Any, place: Place) -> tuple[Any, Any]:
        selectors = _as_list(target.get("selector")) if isinstance(target, dict) else []
        quotation = position = None
        for selector in selectors:
            if isinstance(selector, dict):
                quotation = selector if selector.get("type") == _QUOTE else quotation
                position = selector if selector.get("type") == _POSITION else position
        if quotation is None and position is None:
            types = sorted({str(selector.get("type")) for selector in selectors if isinstance(selector, dict)})
            message = f"expected a {_QUOTE} or {_POSITION}, found {', '.join(types) or 'no selector'}"
            raise place.fault("RT105", message)
        start, end = (position.get("start"), position.get("end")) if position else (None, None)
        if position and not (type(start) is int and type(end) is int):
            raise place.fault("RT105", f"'start' and 'end' must be whole numbers, not {shown([start, end])}")
        return self._locate(quotation, start, place) if quotation is not None else (start, end)

    def _locate(self, selector: dict[str, Any], position: int | None, place: Place) -> tuple[int, int]:
        """The span of a quotation. Raises RuletagError if it does not occur, or occurs several times and the position
        does not decide."""
        exact, before, after = selector.get("exact"), selector.get("prefix", ""), selector.get("suffix", "")
        if not (isinstance(exact, str) and isinstance(before, str) and isinstance(after, str) and exact):
            raise place.fault("RT105", "'exact' must be a non-empty string, 'prefix' and 'suffix' strings")
        passage, margin = before + exact + after, len(before)
        for start in self._guesses(position):  # most fit, and the whole text need not be searched
            if start >= margin and self._text.startswith(passage, start - margin):
                return start, start + len(exact)
        starts = self._occurrences(before, exact, after) or self._occurrences("", exact, "")
        chosen = starts if len(starts) == 1 else [start for start in self._guesses(position) if start in starts][:1]
        if not chosen:
            problem = f"occurs {len(starts)} times in the text" if starts else "is not in the text"
            help = "give a position, or more of the text around it" if starts else "is it the text of this file?"
            raise place.fault("RT105", f"the quotation {shown(exact)} {problem}", help)
        return chosen[0], chosen[0] + len(exact)

    def _occurrences(self, before: str, exact: str, after: str) -> list[int]:
        """The start of every occurrence of a quotation with its context, in order."""
        key = before, exact, after
        if key not in self._starts:
            passage, starts = before + exact + after, []
            index = self._text.find(passage)
            while index >= 0:
                starts.append(index + len(before))
                index = self._text.find(passage, index + 1)
            self._starts[key] = starts
        return self._starts[key]

    @cached_property
    def _utf16(self) -> Utf16:
        """Made on demand, because it takes as long as reading two annotations."""
        return Utf16(self._text)

    def _guesses(self, position: int | None) -> Iterator[int]:
        """The possible meanings of a position. The standard leaves the unit open; browsers count UTF-16 units."""
        if position is not None:
            with suppress(ValueError):
                yield self._offsets.inner(position)
            with suppress(ValueError):
                yield self._utf16.inner(position)


def _read_bodies(annotation: Mapping[str, Any]) -> tuple[list[str], str | None, str | None]:
    """The tags of an annotation, the id of its entity and its rule, by the purposes of its bodies.

    A body without a purpose has the motivation of the annotation as its purpose.
    """
    tags: list[str] = []
    entity_id = rule = None
    motivations = _as_list(annotation.get("motivation")) or _TAGGING
    for body in (*_as_list(annotation.get("body")), *_as_list(annotation.get("bodyValue"))):
        value, stated = (body.get("value"), body.get("purpose")) if isinstance(body, dict) else (body, None)
        if isinstance(value, str):
            purposes = _as_list(stated)
            for purpose in purposes or motivations:
                if purpose in _TAGGING:
                    tags.append(value)
                    break
            entity_id = value if entity_id is None and _IDENTIFYING in purposes else entity_id
            rule = value if rule is None and _DESCRIBING in purposes else rule
    return tags, entity_id, rule


def _as_list(value: Any) -> list[Any]:
    """A value as a list: JSON-LD may omit the brackets around a single value, or the value if there is none."""
    return value if isinstance(value, list) else [] if value is None else [value]


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """A page of annotations, one per line. Raises RuletagError for several documents."""
    for document in only_one(documents, "a file of annotations"):
        stream.write(dump({"@context": _ANNO, "type": "AnnotationPage", "items": []}).removesuffix("]}"))
        separator = "\n"
        for line in _lines(document):
            stream.write(separator + line)
            separator = ",\n"
        stream.write("\n]}\n")


def _lines(document: Document) -> Iterator[str]:
    """The annotations of a document as JSON. Only the parts that differ between annotations are encoded each time."""
    name, text, text_hash = dump(_file_name(document)), document.text, sha256(document.text)
    for entity, source in zip(document.entities, sources_of(document), strict=True):
        start, end = entity.start, entity.end
        exact, prefix, suffix = entity.text, text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
        yield (
            f'{{"id": "{_urn(f"{text_hash} {entity.span}")}", "type": "Annotation", "motivation": "tagging", '
            f'{_bodies(entity.label, entity.id, source)}, "target": {{"source": {name}, "selector": ['
            f'{{"type": "{_QUOTE}", "exact": {dump(exact)}, "prefix": {dump(prefix)}, "suffix": {dump(suffix)}}}, '
            f'{{"type": "{_POSITION}", "start": {start}, "end": {end}}}]}}}}'
        )


def _urn(name: str) -> str:
    """The same as `uuid5(NAMESPACE_URL, name).urn`, in a third of the time."""
    digits = sha1(NAMESPACE_URL.bytes + name.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"urn:uuid:{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


@lru_cache(maxsize=1 << 12)  # the same entry or rule makes many annotations
def _bodies(label: str, id: str | None, source: str) -> str:
    """The members `generator` and `body` of an annotation, as JSON without the braces."""
    bodies = [_body("tagging", label)]
    bodies += [_body(_IDENTIFYING, id)] if id else []
    bodies += [_body(_DESCRIBING, source)] if source else []
    return dump(({"generator": _SOFTWARE} if source else {}) | {"body": bodies})[1:-1]


def _file_name(document: Document) -> str:
    """The name of the text file as an IRI, from the id or path of the document."""
    name = PurePath(document.id or document.path or "text").name
    return quote(re.sub(r"\.[A-Za-z]\w*$", "", name) + _TEXT, errors="replace")


def _body(purpose: str, value: str) -> dict[str, str]:
    return {"type": "TextualBody", "purpose": purpose, "value": value}


def _write_text(documents: Sequence[Document], stream: TextIO, options: Options) -> None:
    for document in documents:
        stream.write(document.text)


FORMAT = Format(
    name="webannotation",
    help="W3C Web Annotation: .jsonld beside .txt",
    read=read,
    write=write,
    suffixes=(".jsonld",),
    unit=CODE_POINTS,
    carries=("spans", "nested", "source", "entity id"),
    loses="bodies other than tags, ids and rules; ids of annotations",
    companions=(Companion(_TEXT, _write_text, needed=True, read=True),),
)
