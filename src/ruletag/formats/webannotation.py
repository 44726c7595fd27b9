"""W3C Web Annotation (JSON-LD) of the text in a `.txt` file beside it. Offsets: code points, after quotations.

A span has a quotation with its context, and a position. It is located by its quotation; the position decides if several
places fit equally well, and is used alone if there is no quotation.
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
from ruletag.formats.spans import Place, entity, only_one, sha256, shown
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
    """The one document that the annotations of a file are about. Raises a RuletagError that names every faulty
    annotation."""
    text = options.beside[_TEXT]
    found = _Found(text, options)
    faults: list[Fault] = []
    for number, (annotation, line) in enumerate(_annotations(stream, path, found.notes), 1):
        try:
            found.add(annotation, Place(path, line, f"annotation {number}"))
        except RuletagError as error:
            faults += error.faults
    if faults:
        raise RuletagError(faults)
    if found.untagged:
        found.notes.append(f"annotations without a tag are not read: {found.untagged}")
    meta = {ORIGINS: found.origins} if found.origins else {}
    yield Document(text, tuple(found.entities), path=path, annotated=True, meta=meta, notes=tuple(found.notes))


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


class _Found:
    """The contents of the annotations of a text."""

    def __init__(self, text: str, options: Options) -> None:
        self._text, self._options = text, options
        self._counted = CodePoints(text)
        self._places: dict[tuple[str, str, str], list[int]] = {}
        self.entities: list[Entity] = []
        self.origins: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self.untagged = 0

    def add(self, annotation: Any, place: Place) -> None:
        """The entities of an annotation, one for each tag and target. Raises RuletagError if its spans are invalid."""
        targets = _listed(annotation.get("target")) if isinstance(annotation, dict) else []
        if not targets:
            raise place.fault("RT105", f"expected an object with 'target', not {shown(annotation)}")
        tags, known, rule = _said(annotation)
        self.untagged += not tags
        proposed = annotation.get("generator") == _SOFTWARE
        for target in targets if tags else ():
            start, end = self._span(target, place)
            for tag in tags:
                made = entity(self._text, (start, end, tag), place, self._options, self._counted, id=known)
                if made:
                    self.entities.append(made)
                    if proposed:
                        self.origins.append(origin(made, origin="prediction", source=rule))

    def _span(self, target: Any, place: Place) -> tuple[Any, Any]:
        selectors = _listed(target.get("selector")) if isinstance(target, dict) else []
        quoted = position = None
        for each in selectors:
            if isinstance(each, dict):
                quoted = each if each.get("type") == _QUOTE else quoted
                position = each if each.get("type") == _POSITION else position
        if quoted is None and position is None:
            seen = sorted({str(each.get("type")) for each in selectors if isinstance(each, dict)})
            message = f"expected a {_QUOTE} or {_POSITION}, found {', '.join(seen) or 'no selector'}"
            raise place.fault("RT105", message)
        start, end = (position.get("start"), position.get("end")) if position else (None, None)
        if position and not (type(start) is int and type(end) is int):
            raise place.fault("RT105", f"'start' and 'end' must be whole numbers, not {shown([start, end])}")
        return self._quoted(quoted, start, place) if quoted is not None else (start, end)

    def _quoted(self, selector: dict[str, Any], position: int | None, place: Place) -> tuple[int, int]:
        """The place of a quotation. Raises RuletagError if it does not occur, or if several places fit equally well."""
        exact, before, after = selector.get("exact"), selector.get("prefix", ""), selector.get("suffix", "")
        if not (isinstance(exact, str) and isinstance(before, str) and isinstance(after, str) and exact):
            raise place.fault("RT105", "'exact' must be a non-empty string, 'prefix' and 'suffix' strings")
        wanted, margin = before + exact + after, len(before)
        for start in self._guesses(position):  # most fit, and the whole text need not be searched
            if start >= margin and self._text.startswith(wanted, start - margin):
                return start, start + len(exact)
        places = self._fitting(before, exact, after) or self._fitting("", exact, "")
        chosen = places if len(places) == 1 else [start for start in self._guesses(position) if start in places][:1]
        if not chosen:
            what = f"occurs {len(places)} times in the text" if places else "is not in the text"
            help = "give a position, or more of the text around it" if places else "is it the text of this file?"
            raise place.fault("RT105", f"the quotation {shown(exact)} {what}", help)
        return chosen[0], chosen[0] + len(exact)

    def _fitting(self, before: str, exact: str, after: str) -> list[int]:
        """All places where a quotation occurs with its context, in order."""
        key = before, exact, after
        if key not in self._places:
            wanted, found = before + exact + after, []
            start = self._text.find(wanted)
            while start >= 0:
                found.append(start + len(before))
                start = self._text.find(wanted, start + 1)
            self._places[key] = found
        return self._places[key]

    @cached_property
    def _utf16(self) -> Utf16:
        """Made when it is needed: it takes as long as to read two annotations."""
        return Utf16(self._text)

    def _guesses(self, position: int | None) -> Iterator[int]:
        """The possible meanings of a position: the standard leaves the unit open; browsers count UTF-16 units."""
        if position is not None:
            with suppress(ValueError):
                yield self._counted.inner(position)
            with suppress(ValueError):
                yield self._utf16.inner(position)


def _said(annotation: Mapping[str, Any]) -> tuple[list[str], str | None, str | None]:
    """The tags of an annotation, its id and its rule: the bodies with these purposes, of which the annotation's is that
    of bodies without one."""
    tags: list[str] = []
    known = rule = None
    usual = _listed(annotation.get("motivation")) or _TAGGING
    for body in (*_listed(annotation.get("body")), *_listed(annotation.get("bodyValue"))):
        value, purpose = (body.get("value"), body.get("purpose")) if isinstance(body, dict) else (body, None)
        if isinstance(value, str):
            purposes = _listed(purpose)
            for each in purposes or usual:
                if each in _TAGGING:
                    tags.append(value)
                    break
            known = value if known is None and _IDENTIFYING in purposes else known
            rule = value if rule is None and _DESCRIBING in purposes else rule
    return tags, known, rule


def _listed(value: Any) -> list[Any]:
    """JSON-LD may omit the brackets around a single value, and a missing value means none."""
    return value if isinstance(value, list) else [] if value is None else [value]


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """A page of annotations, one per line. Raises RuletagError for several documents."""
    for document in only_one(documents, "a file of annotations"):
        stream.write(dump({"@context": _ANNO, "type": "AnnotationPage", "items": []}).removesuffix("]}"))
        separator = "\n"
        for each in _written(document):
            stream.write(separator + each)
            separator = ",\n"
        stream.write("\n]}\n")


def _written(document: Document) -> Iterator[str]:
    """The annotations of a document in JSON. Only what is particular to each is encoded: most of it is always the
    same."""
    name, text, known = dump(_file_name(document)), document.text, sha256(document.text)
    for each, source in zip(document.entities, sources_of(document), strict=True):
        start, end = each.start, each.end
        exact, prefix, suffix = each.text, text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
        yield (
            f'{{"id": "{_urn(f"{known} {each.span}")}", "type": "Annotation", "motivation": "tagging", '
            f'{_bodies(each.label, each.id, source)}, "target": {{"source": {name}, "selector": ['
            f'{{"type": "{_QUOTE}", "exact": {dump(exact)}, "prefix": {dump(prefix)}, "suffix": {dump(suffix)}}}, '
            f'{{"type": "{_POSITION}", "start": {start}, "end": {end}}}]}}}}'
        )


def _urn(name: str) -> str:
    """The `urn` of `uuid5(NAMESPACE_URL, name)`, which takes three times as long with that function."""
    digits = sha1(NAMESPACE_URL.bytes + name.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"urn:uuid:{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


@lru_cache(maxsize=1 << 12)  # the same entry or rule makes many annotations
def _bodies(label: str, id: str | None, source: str) -> str:
    """The members of an annotation for its maker and its bodies."""
    bodies = [_body("tagging", label)]
    bodies += [_body(_IDENTIFYING, id)] if id else []
    bodies += [_body(_DESCRIBING, source)] if source else []
    return dump(({"generator": _SOFTWARE} if source else {}) | {"body": bodies})[1:-1]


def _file_name(document: Document) -> str:
    """The text file beside it as an IRI, if a document knows its name."""
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
