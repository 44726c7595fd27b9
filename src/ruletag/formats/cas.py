"""UIMA CAS as XMI, for INCEpTION and other tools based on DKPro Core. Offsets: UTF-16 units.

Names are DKPro Core's `NamedEntity`: the label is `value`, the id of an entry `identifier`. The id of a document is
that of its `DocumentMetaData`.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any, NamedTuple, TextIO
from warnings import catch_warnings, simplefilter
from xml.etree import ElementTree
from xml.parsers import expat

from ruletag.errors import Fault, RuletagError
from ruletag.formats.contract import UTF16, Format, Options
from ruletag.formats.readings import reading
from ruletag.formats.records import id_of
from ruletag.formats.spans import Place, entity, only_one, shown
from ruletag.formats.xmltext import strange_character
from ruletag.model import Document

NAME = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
META = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
_USUAL = ("uima.", "de.tudarmstadt.ukp.dkpro.core.api.segmentation.", META)  # types that every file has
_VIEW = "_InitialView"
_ROOT, _ID = "{http://www.omg.org/XMI}XMI", "{http://www.omg.org/XMI}id"
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*>")
_LONGEST = 120  # code points of another program's message


@cache
def types() -> Any:
    """The two types of DKPro Core that are read and written."""
    import cassis

    system = cassis.TypeSystem()
    name_of = system.create_type(NAME, supertypeName="uima.tcas.Annotation")
    for name in ("value", "identifier"):
        system.create_feature(name_of, name, "uima.cas.String")
    meta = system.create_type(META, supertypeName="uima.tcas.DocumentAnnotation")
    for name in ("documentTitle", "documentId", "documentUri", "collectionId", "documentBaseUri"):
        system.create_feature(meta, name, "uima.cas.String")
    system.create_feature(meta, "isLastSegment", "uima.cas.Boolean")
    return system


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """Write one document. Raises RuletagError for several, and for a text that XML cannot hold."""
    for document in only_one(documents, "an XMI file"):
        for text in (document.text, document.id or "", *(each.id or "" for each in document.entities)):
            if strange := strange_character(text):
                message = f"the character U+{ord(strange[0]):04X} is not allowed in XML"
                line = document.line(strange.start() if text is document.text else 0)
                raise RuletagError(Fault(document.path, "RT105", message, line, help="write it in another format"))
        stream.write(cas_of(document).to_xmi(pretty_print=False))


def cas_of(document: Document) -> Any:
    """The CAS of a document."""
    import cassis

    cas = cassis.Cas(types(), sofa_string=document.text, sofa_mime="text/plain", document_language="fr")
    if document.id is not None:
        for old in cas.select("uima.tcas.DocumentAnnotation"):
            cas.remove(old)
        kind = types().get_type(META)
        cas.add(kind(begin=0, end=len(document.text), documentId=document.id, language="fr"))
    kind = types().get_type(NAME)
    for each in document.entities:
        cas.add(kind(begin=each.start, end=each.end, value=each.label, identifier=each.id))
    return cas


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The document of a file. Raises RuletagError if it is not the XMI of a CAS, or has a document type."""
    import cassis

    text = stream.read()
    if "<!DOCTYPE" in text:  # it could name files on this machine
        raise RuletagError(Fault(path, "RT105", "is not XMI: it has a document type", help="remove <!DOCTYPE …>"))
    fault = Fault(path, "RT105", "is not the XMI of a CAS", help="export it as UIMA CAS XMI")
    # The text is decoded already: the encoding that the file declares would be taken for that of these bytes.
    if declared := _DECLARATION.match(text):
        text = re.sub("[^\n]", " ", declared[0]) + text[declared.end() :]
    data = text.encode("utf-8", "surrogatepass")
    told = _told(data, fault)
    yield document_of(
        lambda: cassis.load_cas_from_xmi(io.BytesIO(data), typesystem=types(), lenient=True), told, fault, options
    )


def _told(data: bytes, fault: Fault) -> Told:
    """What an XMI file says about its annotations. Raises RuletagError if it is not XMI."""
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        line, column = error.position
        message = f"is not well-formed XML: {expat.ErrorString(error.code)}"
        raise RuletagError(replace(fault, message=message, line=line, column=column + 1)) from None
    if root.tag != _ROOT:
        raise RuletagError(replace(fault, message=f"{fault.message}: it begins with <{root.tag}>"))
    said = ((_number(each, _ID), _type_of(each.tag), _number(each, "begin"), _number(each, "end")) for each in root)
    return told(said, fault)


@lru_cache(maxsize=1 << 10)
def _type_of(tag: str) -> str:
    """The name of the type of an element."""
    space, _, name = tag.removeprefix("{").rpartition("}")
    package = space.removeprefix("http:///").removesuffix(".ecore").replace("/", ".")
    return f"{package}.{name}".removeprefix("uima.noNamespace.")


class Told(NamedTuple):
    """What a file says about its annotations: their places by id, and the number of each type."""

    places: Mapping[int, tuple[int, int]]
    types: Counter[str]


def told(annotations: Iterable[tuple[Any, str, Any, Any]], fault: Fault) -> Told:
    """What a file says, from the id, type, beginning and end of everything in it; what has no place is passed over.

    Raises RuletagError if two have the same id.
    """
    places: dict[Any, tuple[int, int]] = {}
    types: Counter[str] = Counter()
    for id, kind, start, end in annotations:
        if start is not None and end is not None:
            types[kind] += 1
            if id in places:
                raise RuletagError(replace(fault, message=f"{fault.message}: the id {shown(id)} occurs twice"))
            places[id] = start, end
    return Told(places, types)


def _number(element: Any, attribute: str) -> Any:
    """The number in an attribute, None if it is missing; anything else as it is, which no span accepts."""
    digits = element.get(attribute)
    plain = digits and digits.isascii() and len(digits) < 19 and digits.removeprefix("-").isdecimal()
    return int(digits) if plain else digits


def document_of(load: Callable[[], Any], told: Told, fault: Fault, options: Options) -> Document:
    """The document of a CAS whose file says so much. Raises RuletagError with a fault if it is not one, or has no text.

    Places are used as the file has them, not as cassis converts them: `--offsets` may say that they are not UTF-16
    units.
    """
    try:
        with catch_warnings():
            simplefilter("ignore")  # about places that are not UTF-16 units
            cas = load()
        names = [(*told.places[each.xmiID], each.value, each.identifier) for each in cas.select(NAME)]
        ids = [each.documentId for each in cas.select(META)]
        whole, views = cas.sofa_string, [each.sofaID for each in cas.sofas]
    except Exception as error:  # whatever lxml and cassis raise for invalid input
        said = " ".join(str(error).split())[:_LONGEST]
        raise RuletagError(replace(fault, message=f"{fault.message}: {type(error).__name__}: {said}")) from None
    if not isinstance(whole, str):
        message = f"has no text in the view {_VIEW}, but these views: {', '.join(views)}"
        raise RuletagError(replace(fault, message=message, help=f"export the text as {_VIEW}"))
    path, counted = fault.path, reading(whole, UTF16, options)
    found = []
    for number, (start, end, label, id) in enumerate(names, 1):
        place = Place(path, 1, f"name {number}")
        made = entity(whole, (start, end, label), place, options, counted, id=id_of(id, place) or None)
        found += [made] if made else []
    id = id_of(ids[0] if ids else None, Place(path, 1))
    return Document(whole, tuple(found), id, path, True, notes=tuple(_notes(told, len(names))))


def _notes(told: Told, names: int) -> Iterator[str]:
    """What a file has besides the names that were read."""
    if (left := told.types[NAME] - names) > 0:
        yield f"names that the view {_VIEW} does not list are not read: {left}"
    if layers := sorted(each for each in told.types if each != NAME and not each.startswith(_USUAL)):
        yield f"layers that are not read: {', '.join(layers)}"


FORMAT = Format(
    name="cas",
    help="UIMA CAS XMI, for INCEpTION",
    read=read,
    write=write,
    suffixes=(".xmi",),
    unit=UTF16,
    carries=("spans", "nested", "id", "entity id"),
    loses="other layers",
    extra="cas",
    options=("offsets",),
)
