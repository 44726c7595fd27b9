"""TEI-XML: names are `persName`, `placeName`, `orgName` and `name`. Offsets: none.

The text is that of the `text` elements without mark-up; an element that is not part of a line ends the line. Tags are
inserted around names between the original bytes, and nothing else is changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from ruletag.errors import Fault, RuletagError
from ruletag.formats.contract import Format, Loss, Options
from ruletag.formats.records import ORIGINS, origin
from ruletag.formats.spans import Place, gold, only_one
from ruletag.formats.tags import RESPONSIBLE, Plan, plan, source_named, trimmed, with_tags
from ruletag.formats.xmltext import CODE, Element, Roles, XmlText, local, read_xml, strange_character
from ruletag.model import Document, Entity

NAMES = {"persName": "PER", "placeName": "LOC", "geogName": "LOC", "orgName": "ORG", "name": "MISC"}
_TYPES = {"person": "PER", "pers": "PER", "place": "LOC", "org": "ORG", "organisation": "ORG", "organization": "ORG"}
_TYPES |= {"misc": "MISC"}
# Elements inside a line (TEI P5, model.phrase and similar); any other ends it.
_INLINE = """
    abbr add addName affiliation am anchor app author bibl c choice cit code corr country damage date del distinct
    district email emph ex expan facs foreign forename formula fw g gap genName geo geogFeat geogName gi gloss
    handShift hi ident idno lem listAnnotation locus material measure measureGrp mentioned metamark mod name
    nameLink num objectName offset orgName orig origDate origPlace pc persName persPronouns phr placeName population
    ptr q quote rdg ref reg region restore retrace roleName rs s said secl seg settlement sic soCalled space span
    subst supplied surname surplus tag tech term time title unclear w
""".split()  # noqa: SIM905 - a word list
_BREAKS = ("lb", "pb", "cb", "gb", "milestone")  # these end a line unless they say that the word continues
_HEADER = "teiHeader"
_ALTERNATIVES = {"choice": ("sic", "orig", "abbr"), "app": ("rdg",), "subst": ("del",)}
_ROLES = Roles(
    text=frozenset(("text",)),
    inline=frozenset(_INLINE),
    breaks=lambda name, attributes: attributes.get("break") != "no" if name in _BREAKS else name not in _INLINE,
    solid=frozenset(_ALTERNATIVES),
    left_out=lambda name, parent: name in (_HEADER, "fw") or name in _ALTERNATIVES.get(parent, ()),
)
_ROOT = re.compile(rb"<(?:\w+:)?(?:TEI|TEI\.2|teiCorpus)[\s>]|http://www\.tei-c\.org/ns/1\.0")
_NEW = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc>'
    "<titleStmt><title>{title}</title></titleStmt><publicationStmt><p/></publicationStmt><sourceDesc><p/></sourceDesc>"
    '</fileDesc></teiHeader><text><body><ab xml:space="preserve">{text}</ab></body></text></TEI>\n'
)


class _Original(NamedTuple):
    """The bytes that a document was read from."""

    data: bytes


@lru_cache(maxsize=2)  # a document is read, checked, examined for its losses, and then written
def _parsed(data: bytes, path: str) -> XmlText:
    return read_xml(data, path, _ROLES)


def read(stream: Any, path: str, options: Options = Options()) -> Iterator[Document]:
    """The one document of a file, with its existing names. Raises RuletagError if it is not well-formed XML."""
    data = stream.read()
    xml = _parsed(data, path)
    faults: list[Fault] = []
    notes: list[str] = []
    entities: list[Entity] = []
    origins = []
    for element, start, end in _spans(xml, notes):
        try:
            label = _label(element, path, options)
        except RuletagError as error:
            faults += error.faults
            continue
        if label:
            source, id = gold(Place(path, element.line)), element.attributes.get("key") or None
            entities.append(Entity(start, end, label, xml.text[start:end], source, id))
            if element.attributes.get("resp") == RESPONSIBLE:
                rule = source_named(element.attributes.get("ana", ""))
                origins.append(origin(entities[-1], origin="prediction", source=rule))
    if faults:
        raise RuletagError(faults)
    if included := [element.attributes["href"] for element in xml.elements if _is_include(element)]:
        notes.append(f"files that it includes are not read: {', '.join(included)}")
    yield Document(
        xml.text,
        tuple(entities),
        path=path,
        annotated=any(local(element.name) in NAMES for element in xml.elements),
        meta={ORIGINS: origins} if origins else {},
        lines=tuple(xml.lines[: xml.text.count("\n") + 1]),
        notes=tuple(notes),
        carrier=_Original(data),
    )


def _is_include(element: Element) -> bool:
    """Whether an element is XInclude's `include`, which stands for another file."""
    return local(element.name) == "include" and "href" in element.attributes


def _spans(xml: XmlText, notes: list[str] | None = None) -> Iterator[tuple[Element, int, int]]:
    """The elements that are names, with their spans without white space at the edges. A name in parts counts once."""
    elements = [element for element in xml.elements if local(element.name) in NAMES]
    by_id = {element.attributes["xml:id"]: element for element in elements if "xml:id" in element.attributes}
    seen: set[int] = set()
    for element in elements:
        if id(element) in seen:
            continue
        part, end = element, element.last
        seen.add(id(part))
        while (following := by_id.get(part.attributes.get("next", "").removeprefix("#"))) and id(following) not in seen:
            if following.first < end or xml.text[end : following.first].strip():
                if notes is not None:
                    notes.append(
                        f"the parts of the name in line {element.line} are not adjacent: read as several names"
                    )
                break
            seen.add(id(following))
            part, end = following, following.last
        start, end = trimmed(xml.text, element.first, end)
        if start < end:
            yield element, start, end
        elif notes is not None:
            notes.append(f"the name in line {element.line} has no text: it is not read")


def _label(element: Element, path: str, options: Options) -> str | None:
    """Our label for a name: from the options for its type or its element, else the usual label of the element."""
    name, kind = local(element.name), element.attributes.get("type")
    for theirs in (kind, name):
        if theirs in options.labels.ignored or theirs in dict(options.labels.map):
            return options.labels.ours(str(theirs))
    if name != "name" or kind is None:
        return NAMES[name]
    return _TYPES.get(kind.lower()) or options.labels.read(kind, path, element.line)


def write(documents: Iterable[Document], stream: Any, options: Options = Options()) -> None:
    """The document as it was read, with tags around its names. A document not read from TEI becomes one paragraph.

    Raises RuletagError for several documents, for a text that XML cannot hold and, if `strict`, for a name in several
    elements.
    """
    for document in only_one(documents, "a TEI file"):
        stream.write(with_tags(_plan(document, options)))


_latest: list[tuple[Document, Options, Plan]] = []


def _plan(document: Document, options: Options) -> Plan:
    """The plan for writing a document, cached for the latest one because its losses are needed as well.

    Raises RuletagError if it cannot be written.
    """
    for latest_document, latest_options, planned in tuple(_latest):
        if latest_document is document and latest_options == options:
            return planned
    planned = _make_plan(document, options)
    _latest[:] = [(document, options, planned)]
    return planned


def _make_plan(document: Document, options: Options) -> Plan:
    for text in (document.text, *(entity.id or "" for entity in document.entities)):
        if strange := strange_character(text):
            message = f"the character U+{ord(strange[0]):04X} is not allowed in XML"
            line = document.line(strange.start() if text is document.text else 0)
            raise RuletagError(Fault(document.path, CODE, message, line, help="write it in another format"))
    carrier = document.carrier
    xml = _parsed(carrier.data, document.path) if isinstance(carrier, _Original) else None
    if xml is None or xml.text != document.text:
        xml = _parsed(_new_file(document), document.path)
    planned = plan(xml, document, ((start, end) for _, start, end in _spans(xml)))
    if options.strict and planned.split:
        raise RuletagError(
            Fault(
                document.path,
                CODE,
                f"{entity.text!r} is not inside one element",
                document.line(entity.start),
                help="without --strict, it is written in parts, with @next and @prev",
            )
            for entity in planned.split
        )
    return planned


def _new_file(document: Document) -> bytes:
    """A file for a document that was not read from TEI."""
    title = document.id or document.path
    escaped = "" if strange_character(title) else escape(title)
    return _NEW.format(title=escaped, text=escape(document.text, {"\r": "&#13;"})).encode("utf-8")


def check(document: Document, options: Options = Options()) -> None:
    """Raises RuletagError if the document cannot be written."""
    _plan(document, options)


def losses(document: Document, options: Options = Options()) -> Iterator[Loss]:
    """The names that are left out or changed, and why."""
    return iter(_plan(document, options).losses)


def recognises(beginning: bytes) -> bool:
    """Whether a file is TEI, judging by its root element or namespace."""
    return bool(_ROOT.search(beginning.replace(b"\0", b"")))


FORMAT = Format(
    name="tei",
    help="TEI-XML: persName, placeName, orgName, name",
    read=read,
    write=write,
    suffixes=(".xml", ".tei"),
    carries=("spans", "nested", "source", "entity id"),
    loses="names inside or across those of the file; white space at the edges of names",
    binary=True,
    options=("strict",),
    recognises=recognises,
    check=check,
    losses=losses,
)
