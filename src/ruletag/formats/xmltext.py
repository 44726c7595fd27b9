"""The text of an XML file and the byte position of each of its characters, so that tags can be inserted.

The file is read with expat, which reports the byte at which each event begins. Nothing is fetched: an entity that the
file itself does not declare is a fault.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from ruletag.errors import Fault, RuletagError

CODE = "RT105"
_STRANGE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XML_ID = "xml:id"
# Entities may expand to this many times the size of the file, as in expat; otherwise a few bytes could fill memory.
_EXPANSION = 100
_SIGNATURES = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)


def strange_character(text: str) -> re.Match[str] | None:
    """The first character of a text that XML cannot hold, not even as a reference."""
    return _STRANGE.search(text)


@dataclass(slots=True, eq=False)
class Element:
    """An element, from the byte `opens` before its start tag to the byte `closes` after its end tag.

    `first` and `last` are the offsets of its text. If it is `solid`, no tag can be directly inside it; if it is not
    `inline`, none can be around it. `line` is that of its start tag.
    """

    name: str
    attributes: dict[str, str]
    parent: Element | None
    opens: int
    line: int
    solid: bool = False
    inline: bool = True
    first: int = -1
    last: int = 0
    closes: int = 0


@dataclass(slots=True)
class Piece:
    """Adjacent characters `start:end` of an element's text, which are the bytes `at:stop` of the file.

    A reference (`&amp;`) is a piece of its own.
    """

    start: int
    end: int
    at: int
    stop: int
    element: Element


@dataclass(slots=True, eq=False)
class XmlText:
    """A text, its pieces, its elements in the order of their start tags, and the file line of each of its lines."""

    data: bytes
    encoding: str
    text: str = ""
    pieces: list[Piece] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    _starts: list[int] = field(default_factory=list)
    _latest: tuple[int, int] = (-1, 0)  # a character and its byte: names come in order, so the next one is near

    def piece(self, offset: int) -> Piece | None:
        """The piece that contains a character; None for a line break that stands only for mark-up."""
        if not self._starts:
            self._starts = [piece.start for piece in self.pieces]
        number = bisect_right(self._starts, offset) - 1
        return self.pieces[number] if number >= 0 and offset < self.pieces[number].end else None

    def byte(self, piece: Piece, offset: int) -> int:
        """The byte before a character of a piece, or after its last one."""
        if offset == piece.end:
            return piece.stop
        start, at = self._latest if piece.start <= self._latest[0] <= offset else (piece.start, piece.at)
        at += len(self.text[start:offset].encode(self.encoding))
        self._latest = offset, at
        return at


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles of elements, by their names without prefix.

    `text`: their content is the text. `inline`: tags may be put around them. `solid`: they contain no text directly.
    `breaks` decides from the name and attributes of an element whether it ends a line, `left_out` from its name and
    that of its parent whether it is skipped.
    """

    text: frozenset[str]
    inline: frozenset[str]
    breaks: Callable[[str, dict[str, str]], bool]
    solid: frozenset[str]
    left_out: Callable[[str, str], bool]


def read_xml(data: bytes, path: str, roles: Roles) -> XmlText:
    """The text of an XML file: that of its text elements, or all of it if it has none.

    Raises RuletagError if it is not well formed, or needs something that is not in the file.
    """
    for whole in (False, True):
        reader = _Reader(data, path, roles, whole=whole)
        xml = reader.read()
        if reader.has_text:
            break
    return xml


def local(name: str) -> str:
    """The name of an element without its prefix."""
    return name.rpartition(":")[2]


class _Reader:
    """The handlers of one run of the parser."""

    def __init__(self, data: bytes, path: str, roles: Roles, *, whole: bool) -> None:
        self.has_text = whole
        self._path, self._roles = path, roles
        encoding = next((name for signature, name in _SIGNATURES if data.startswith(signature)), "utf-8")
        self._xml = XmlText(data, encoding)
        self._chunks: list[str] = []
        self._length = 0
        self._last = ""  # the last character of the text
        self._stack: list[Element] = []
        self._inside = int(whole)  # the number of open text elements
        self._outside = 0  # the number of open elements that are skipped
        self._break = False  # whether the mark-up ends a line here
        self._cdata = False
        self._entities: dict[str, str | None] = {}
        self._expanded = 0  # characters that come from entities
        self._open: Piece | None = None  # the piece that ends where the next event begins
        self._closing: Element | None = None  # likewise
        self._parser: Any = expat.ParserCreate()
        self._parser.buffer_text = False

    def read(self) -> XmlText:
        parser, xml = self._parser, self._xml
        parser.XmlDeclHandler = self._declaration
        parser.EntityDeclHandler = self._entity
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartCdataSectionHandler = self._start_cdata
        parser.EndCdataSectionHandler = self._end_cdata
        parser.DefaultHandler = self._default
        parser.CommentHandler = parser.ProcessingInstructionHandler = lambda *_: self._begin_event()
        try:
            parser.Parse(xml.data, True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            fault = Fault(self._path, CODE, f"is not well-formed XML: {reason}", error.lineno, error.offset + 1)
            raise RuletagError(fault) from None
        except (LookupError, ValueError) as error:
            raise self._fault(f"its encoding cannot be read: {error}", "save it as UTF-8") from None
        xml.text = "".join(self._chunks)
        xml.lines.append(parser.CurrentLineNumber)
        self._parser = None  # it refers to this reader through its handlers
        return xml

    def _fault(self, message: str, help: str) -> RuletagError:
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        return RuletagError(Fault(self._path, CODE, message, line, column, help=help))

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding and not self._xml.encoding.startswith("utf-16"):
            self._xml.encoding = codecs.lookup(encoding).name

    def _entity(self, name: str, parameter: int, value: str | None, *_: object) -> None:
        if not parameter:
            self._entities.setdefault(name, value)

    def _begin_event(self) -> int:
        """Return the byte at which the event begins, and end the piece or end tag before it there."""
        at: int = self._parser.CurrentByteIndex
        if self._closing:
            self._closing.closes = at
            self._closing = None
        if self._open:
            self._open.stop = at
            self._open = None
        return at

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        at = self._begin_event()
        local_name, parent = local(name), self._stack[-1] if self._stack else None
        parent_name = local(parent.name) if parent else ""
        solid, inline = local_name in self._roles.solid, local_name in self._roles.inline
        element = Element(name, attributes, parent, at, self._parser.CurrentLineNumber, solid, inline)
        self._stack.append(element)
        if _XML_ID in attributes:
            self._xml.ids.add(attributes[_XML_ID])
        if local_name in self._roles.text:
            self._inside += 1
            self.has_text = True
        if self._outside or self._roles.left_out(local_name, parent_name):
            self._outside += 1
        elif self._inside:
            self._break |= self._roles.breaks(local_name, attributes)
            self._xml.elements.append(element)

    def _end(self, name: str) -> None:
        self._begin_event()
        self._close(self._stack[-1])
        element = self._stack.pop()
        if local(name) in self._roles.text:
            self._inside -= 1
        if self._outside:
            self._outside -= 1
        elif self._inside:
            self._break |= self._roles.breaks(local(name), element.attributes)

    def _close(self, element: Element) -> None:
        """Complete an element. Its end tag ends where the next event begins."""
        element.last = self._length
        if element.first < 0:
            element.first = self._length
        self._closing = element

    def _start_cdata(self) -> None:
        """A CDATA section is a solid element, because it cannot contain tags."""
        at = self._begin_event()
        self._cdata = True
        self._stack.append(Element("", {}, self._stack[-1], at, self._parser.CurrentLineNumber, solid=True))

    def _end_cdata(self) -> None:
        self._begin_event()
        self._cdata = False
        self._close(self._stack.pop())

    def _characters(self, text: str) -> None:
        at = self._begin_event()
        if not self._inside or self._outside:
            return
        data, encoding = self._xml.data, self._xml.encoding
        is_reference = not self._cdata and data.startswith("&".encode(encoding), at)
        if not is_reference and text != "\n" and not data.startswith(text.encode(encoding, "replace"), at):
            raise self._fault(f"its encoding is not {encoding}, as it claims", "save it as UTF-8")
        self._add(text, at, self._stack[-1])

    def _default(self, text: str) -> None:
        at = self._begin_event()
        match = re.fullmatch("&([^;]+);", text)
        if not match or not self._stack or not self._inside or self._outside:
            return
        value = self._entities.get(match[1])
        if value is None:
            message = f"the entity {text} is declared outside the file, and nothing is fetched"
            raise self._fault(message, "write the character itself, or declare the entity in the file")
        if re.search("[&<]", value):
            message = f"the entity {text} contains mark-up or other entities"
            raise self._fault(message, "write its content instead")
        self._expanded += len(value)
        if self._expanded > _EXPANSION * len(self._xml.data):
            message = f"its entities stand for more than {_EXPANSION} times the file"
            raise self._fault(message, "write their content instead")
        element = Element("", {}, self._stack[-1], at, self._parser.CurrentLineNumber, solid=True)
        element.closes = at + len(text.encode(self._xml.encoding))
        if value:
            self._add(value, at, element)
            element.first, element.last = self._length - len(value), self._length

    def _add(self, text: str, at: int, element: Element) -> None:
        """Add characters to the text, after a line break if the mark-up ends a line and no white space does."""
        xml = self._xml
        if self._break and self._last and not self._last.isspace() and not text[0].isspace():
            self._put("\n")
        self._break = False
        if self._last in ("", "\n"):
            xml.lines.append(self._parser.CurrentLineNumber)
        xml.lines += [self._parser.CurrentLineNumber] * text.count("\n", 0, -1)
        for open_element in reversed(self._stack):
            if open_element.first >= 0:
                break
            open_element.first = self._length
        self._open = Piece(self._length, self._length + len(text), at, at, element)
        xml.pieces.append(self._open)
        self._put(text)

    def _put(self, text: str) -> None:
        self._chunks.append(text)
        self._length += len(text)
        self._last = text[-1]
