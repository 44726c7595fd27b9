"""UIMA CAS as XMI, for INCEpTION and other tools based on DKPro Core. Offsets: UTF-16 units.

Names are DKPro Core's `NamedEntity`: the label is `value`, the id of an entry `identifier`. The id of a document is
that of its `DocumentMetaData`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TextIO
from warnings import catch_warnings, simplefilter

from ruletag.errors import Fault, RuletagError
from ruletag.formats.contract import UTF16, Format, Options
from ruletag.formats.readings import reading
from ruletag.formats.spans import Place, entity, only_one
from ruletag.formats.xmltext import strange_character
from ruletag.model import Document

NAME = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
_ID = "{http://www.omg.org/XMI}id"
META = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"

Places = Mapping[int, tuple[int, int]]  # by the id of an annotation, as the file counts


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

    def load() -> tuple[Any, Places]:
        from xml.etree.ElementTree import fromstring

        places = {each.get(_ID): (each.get("begin"), each.get("end")) for each in fromstring(text.encode())}
        cas = cassis.load_cas_from_xmi(io.BytesIO(text.encode()), typesystem=types(), lenient=True)
        return cas, {int(id): (int(start), int(end)) for id, (start, end) in places.items() if id and start and end}

    yield document_of(load, Fault(path, "RT105", "is not the XMI of a CAS", help="export it as UIMA CAS XMI"), options)


def document_of(load: Callable[[], tuple[Any, Places]], fault: Fault, options: Options) -> Document:
    """The document of a CAS with the places that its file gives. Raises RuletagError with a fault if it is not one.

    The places are used as they are, not as cassis converts them: `--offsets` may say that they are not UTF-16 units.
    """
    try:
        with catch_warnings():
            simplefilter("ignore")  # about places that are not UTF-16 units
            cas, places = load()
        names = [(*places[each.xmiID], each.value, each.identifier) for each in cas.select(NAME)]
        ids = [each.documentId for each in cas.select(META)]
        whole = cas.sofa_string or ""
    except Exception:  # whatever lxml and cassis raise for invalid input
        raise RuletagError(fault) from None
    path, counted = fault.path, reading(whole, UTF16, options)
    found = []
    for number, (start, end, label, id) in enumerate(names, 1):
        made = entity(whole, (start, end, label), Place(path, 1, f"name {number}"), options, counted, id=id or None)
        found += [made] if made else []
    return Document(whole, tuple(found), ids[0] if ids else None, path, True)


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
