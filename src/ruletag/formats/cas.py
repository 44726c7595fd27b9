"""UIMA CAS as XMI, for INCEpTION and other tools based on DKPro Core. Offsets: UTF-16 units.

Names are annotations of DKPro Core's type `NamedEntity`: the label is `value`, the id of an entry `identifier`. The id
of a document is that of its `DocumentMetaData`.
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
from ruletag.formats.spans import Place, only_one, shown
from ruletag.formats.spans import entity as make_entity
from ruletag.formats.xmltext import strange_character
from ruletag.model import Document

NAME = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
META = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
_USUAL = ("uima.", "de.tudarmstadt.ukp.dkpro.core.api.segmentation.", META)  # types that every file has
_VIEW = "_InitialView"
_ROOT, _ID = "{http://www.omg.org/XMI}XMI", "{http://www.omg.org/XMI}id"
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*>")
_LONGEST = 120  # code points of another program's message that are shown


@cache
def types() -> Any:
    """The type system with the two types of DKPro Core that are read and written."""
    import cassis

    system = cassis.TypeSystem()
    named_entity = system.create_type(NAME, supertypeName="uima.tcas.Annotation")
    for feature in ("value", "identifier"):
        system.create_feature(named_entity, feature, "uima.cas.String")
    metadata = system.create_type(META, supertypeName="uima.tcas.DocumentAnnotation")
    for feature in ("documentTitle", "documentId", "documentUri", "collectionId", "documentBaseUri"):
        system.create_feature(metadata, feature, "uima.cas.String")
    system.create_feature(metadata, "isLastSegment", "uima.cas.Boolean")
    return system


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """Write one document. Raises RuletagError for several, and for a text that XML cannot hold."""
    for document in only_one(documents, "an XMI file"):
        for text in (document.text, document.id or "", *(entity.id or "" for entity in document.entities)):
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
        for annotation in cas.select("uima.tcas.DocumentAnnotation"):
            cas.remove(annotation)
        metadata = types().get_type(META)
        cas.add(metadata(begin=0, end=len(document.text), documentId=document.id, language="fr"))
    named_entity = types().get_type(NAME)
    for entity in document.entities:
        cas.add(named_entity(begin=entity.start, end=entity.end, value=entity.label, identifier=entity.id))
    return cas


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The document of a file. Raises RuletagError if it is not the XMI of a CAS, or has a document type."""
    import cassis

    text = stream.read()
    if "<!DOCTYPE" in text:  # it could name files on this machine
        raise RuletagError(Fault(path, "RT105", "is not XMI: it has a document type", help="remove <!DOCTYPE …>"))
    fault = Fault(path, "RT105", "is not the XMI of a CAS", help="export it as UIMA CAS XMI")
    # The text is already decoded and is encoded as UTF-8 here, whatever encoding the file declares.
    if declaration := _DECLARATION.match(text):
        text = re.sub("[^\n]", " ", declaration[0]) + text[declaration.end() :]
    data = text.encode("utf-8", "surrogatepass")
    contents = _contents(data, fault)
    yield document_of(
        lambda: cassis.load_cas_from_xmi(io.BytesIO(data), typesystem=types(), lenient=True), contents, fault, options
    )


def _contents(data: bytes, fault: Fault) -> Contents:
    """The contents of an XMI file. Raises RuletagError if it is not XMI."""
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        line, column = error.position
        message = f"is not well-formed XML: {expat.ErrorString(error.code)}"
        raise RuletagError(replace(fault, message=message, line=line, column=column + 1)) from None
    if root.tag != _ROOT:
        raise RuletagError(replace(fault, message=f"{fault.message}: it begins with <{root.tag}>"))
    annotations = (
        (_number(element, _ID), _type_of(element.tag), _number(element, "begin"), _number(element, "end"))
        for element in root
    )
    return contents_of(annotations, fault)


@lru_cache(maxsize=1 << 10)
def _type_of(tag: str) -> str:
    """The name of the type of an element."""
    namespace, _, name = tag.removeprefix("{").rpartition("}")
    package = namespace.removeprefix("http:///").removesuffix(".ecore").replace("/", ".")
    return f"{package}.{name}".removeprefix("uima.noNamespace.")


class Contents(NamedTuple):
    """The annotations of a file: their start and end by id, and the number of each type."""

    offsets: Mapping[int, tuple[int, int]]
    type_counts: Counter[str]


def contents_of(annotations: Iterable[tuple[Any, str, Any, Any]], fault: Fault) -> Contents:
    """The contents of a file from the id, type, start and end of everything in it; items without offsets are skipped.

    Raises RuletagError if two have the same id.
    """
    offsets: dict[Any, tuple[int, int]] = {}
    type_counts: Counter[str] = Counter()
    for id, kind, start, end in annotations:
        if start is not None and end is not None:
            type_counts[kind] += 1
            if id in offsets:
                raise RuletagError(replace(fault, message=f"{fault.message}: the id {shown(id)} occurs twice"))
            offsets[id] = start, end
    return Contents(offsets, type_counts)


def _number(element: Any, attribute: str) -> Any:
    """The number in an attribute; None if it is missing. Any other value is returned as a string, and refused later."""
    value = element.get(attribute)
    is_number = value and value.isascii() and len(value) < 19 and value.removeprefix("-").isdecimal()
    return int(value) if is_number else value


def document_of(load: Callable[[], Any], contents: Contents, fault: Fault, options: Options) -> Document:
    """The document of the CAS that `load` returns. Raises RuletagError with `fault` if that fails or it has no text.

    Offsets are those in the file, not as cassis converts them: `--offsets` may say that they are not UTF-16 units.
    """
    try:
        with catch_warnings():
            simplefilter("ignore")  # about offsets that are not UTF-16 units
            cas = load()
        names = [(*contents.offsets[name.xmiID], name.value, name.identifier) for name in cas.select(NAME)]
        ids = [metadata.documentId for metadata in cas.select(META)]
        text, views = cas.sofa_string, [sofa.sofaID for sofa in cas.sofas]
    except Exception as error:  # lxml and cassis raise anything for invalid input
        reason = " ".join(str(error).split())[:_LONGEST]
        raise RuletagError(replace(fault, message=f"{fault.message}: {type(error).__name__}: {reason}")) from None
    if not isinstance(text, str):
        message = f"has no text in the view {_VIEW}, but these views: {', '.join(views)}"
        raise RuletagError(replace(fault, message=message, help=f"export the text as {_VIEW}"))
    path, offsets = fault.path, reading(text, UTF16, options)
    entities = []
    for number, (start, end, label, id) in enumerate(names, 1):
        place = Place(path, 1, f"name {number}")
        entity = make_entity(text, (start, end, label), place, options, offsets, id=id_of(id, place) or None)
        entities += [entity] if entity else []
    id = id_of(ids[0] if ids else None, Place(path, 1))
    return Document(text, tuple(entities), id, path, True, notes=tuple(_notes(contents, len(names))))


def _notes(contents: Contents, names: int) -> Iterator[str]:
    """Notes on annotations that were not read, given the number of names that were."""
    if (unread := contents.type_counts[NAME] - names) > 0:
        yield f"names that the view {_VIEW} does not list are not read: {unread}"
    if layers := sorted(kind for kind in contents.type_counts if kind != NAME and not kind.startswith(_USUAL)):
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
