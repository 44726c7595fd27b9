"""The text of an XML file, and the byte position of each of its characters, so that tags can be put around it.

The file is read with expat, which reports the byte at which everything begins, and fetches nothing: an entity is what
the file itself declares, or a fault.
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
_EXPANSION = 100  # times the bytes of the file that entities may stand for, as in expat; a few bytes could fill memory
_MARKS = (
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
    """An element, with the bytes `opens:inside` of its start tag and `ends:closes` of its end tag.

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
    """Characters `start:end` of the text that are adjacent in an element, from the byte `at` to `stop`.

    A reference (`&amp;`) is a piece of its own.
    """

    start: int
    end: int
    at: int
    stop: int
    element: Element


@dataclass(slots=True, eq=False)
class XmlText:
    """A text, the pieces it consists of, its elements in the order of their beginnings, and the line of each of its
    lines."""

    data: bytes
    encoding: str
    text: str = ""
    pieces: list[Piece] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    _starts: list[int] = field(default_factory=list)
    _latest: tuple[int, int] = (-1, 0)  # a character and its byte: names come in order, so the next is not far

    def piece(self, offset: int) -> Piece | None:
        """The piece that contains a character; None for a break that only the mark-up makes."""
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

    `text` are those whose content is the text, and `inline` those that tags may be put around. `breaks` says, given the
    name and attributes of one, whether it ends a line; `left_out`, given its name and that of its parent, whether it is
    skipped. `solid` ones contain no text directly.
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
        found = reader.read()
        if reader.has_text:
            break
    return found


def local(name: str) -> str:
    """The name of an element without its prefix."""
    return name.rpartition(":")[2]


class _Reader:
    """The handlers of one run of the parser."""

    def __init__(self, data: bytes, path: str, roles: Roles, *, whole: bool) -> None:
        self.has_text = whole
        self._path, self._roles = path, roles
        encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
        self._found = XmlText(data, encoding)
        self._chunks: list[str] = []
        self._length = 0
        self._last = ""  # character of the text
        self._stack: list[Element] = []
        self._inside = int(whole)  # number of open text elements
        self._outside = 0  # number of open elements that are skipped
        self._break = False  # whether the mark-up ends a line here
        self._cdata = False
        self._entities: dict[str, str | None] = {}
        self._expanded = 0  # characters that come from entities
        self._open: Piece | None = None  # it ends where the next event begins
        self._closing: Element | None = None  # likewise
        self._parser: Any = expat.ParserCreate()
        self._parser.buffer_text = False

    def read(self) -> XmlText:
        parser, found = self._parser, self._found
        parser.XmlDeclHandler = self._declaration
        parser.EntityDeclHandler = self._entity
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartCdataSectionHandler = self._start_cdata
        parser.EndCdataSectionHandler = self._end_cdata
        parser.DefaultHandler = self._other
        parser.CommentHandler = parser.ProcessingInstructionHandler = lambda *_: self._stop()
        try:
            parser.Parse(found.data, True)
        except expat.ExpatError as error:
            said = expat.ErrorString(error.code)
            fault = Fault(self._path, CODE, f"is not well-formed XML: {said}", error.lineno, error.offset + 1)
            raise RuletagError(fault) from None
        except (LookupError, ValueError) as error:
            raise self._fault(f"its encoding cannot be read: {error}", "save it as UTF-8") from None
        found.text = "".join(self._chunks)
        found.lines.append(parser.CurrentLineNumber)
        self._parser = None  # it refers to this reader through its handlers
        return found

    def _fault(self, message: str, help: str) -> RuletagError:
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        return RuletagError(Fault(self._path, CODE, message, line, column, help=help))

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding and not self._found.encoding.startswith("utf-16"):
            self._found.encoding = codecs.lookup(encoding).name

    def _entity(self, name: str, parameter: int, value: str | None, *_: object) -> None:
        if not parameter:
            self._entities.setdefault(name, value)

    def _stop(self) -> int:
        """The byte at which the event begins; the piece or end tag before it ends there."""
        at: int = self._parser.CurrentByteIndex
        if self._closing:
            self._closing.closes = at
            self._closing = None
        if self._open:
            self._open.stop = at
            self._open = None
        return at

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        at = self._stop()
        plain, parent = local(name), self._stack[-1] if self._stack else None
        above = local(parent.name) if parent else ""
        solid, inline = plain in self._roles.solid, plain in self._roles.inline
        element = Element(name, attributes, parent, at, self._parser.CurrentLineNumber, solid, inline)
        self._stack.append(element)
        if _XML_ID in attributes:
            self._found.ids.add(attributes[_XML_ID])
        if plain in self._roles.text:
            self._inside += 1
            self.has_text = True
        if self._outside or self._roles.left_out(plain, above):
            self._outside += 1
        elif self._inside:
            self._break |= self._roles.breaks(plain, attributes)
            self._found.elements.append(element)

    def _end(self, name: str) -> None:
        self._stop()
        self._close(self._stack[-1])
        element = self._stack.pop()
        if local(name) in self._roles.text:
            self._inside -= 1
        if self._outside:
            self._outside -= 1
        elif self._inside:
            self._break |= self._roles.breaks(local(name), element.attributes)

    def _close(self, element: Element) -> None:
        """An element gets nothing more; its end tag ends where the next event begins."""
        element.last = self._length
        if element.first < 0:
            element.first = self._length
        self._closing = element

    def _start_cdata(self) -> None:
        """No tag can be in a CDATA section: it is a solid element."""
        at = self._stop()
        self._cdata = True
        self._stack.append(Element("", {}, self._stack[-1], at, self._parser.CurrentLineNumber, solid=True))

    def _end_cdata(self) -> None:
        self._stop()
        self._cdata = False
        self._close(self._stack.pop())

    def _characters(self, text: str) -> None:
        at = self._stop()
        if not self._inside or self._outside:
            return
        data, encoding = self._found.data, self._found.encoding
        reference = not self._cdata and data.startswith("&".encode(encoding), at)
        if not reference and text != "\n" and not data.startswith(text.encode(encoding, "replace"), at):
            raise self._fault(f"its encoding is not {encoding}, as it claims", "save it as UTF-8")
        self._add(text, at, self._stack[-1])

    def _other(self, text: str) -> None:
        at = self._stop()
        named = re.fullmatch("&([^;]+);", text)
        if not named or not self._stack or not self._inside or self._outside:
            return
        value = self._entities.get(named[1])
        if value is None:
            message = f"the entity {text} is declared outside the file, and nothing is fetched"
            raise self._fault(message, "write the character itself, or declare the entity in the file")
        if re.search("[&<]", value):
            message = f"the entity {text} contains mark-up or other entities"
            raise self._fault(message, "write its content instead")
        self._expanded += len(value)
        if self._expanded > _EXPANSION * len(self._found.data):
            message = f"its entities stand for more than {_EXPANSION} times the file"
            raise self._fault(message, "write their content instead")
        element = Element("", {}, self._stack[-1], at, self._parser.CurrentLineNumber, solid=True)
        element.closes = at + len(text.encode(self._found.encoding))
        if value:
            self._add(value, at, element)
            element.first, element.last = self._length - len(value), self._length

    def _add(self, text: str, at: int, element: Element) -> None:
        """Characters of the text, after the break that the mark-up makes unless there is white space already."""
        found = self._found
        if self._break and self._last and not self._last.isspace() and not text[0].isspace():
            self._put("\n")
        self._break = False
        if self._last in ("", "\n"):
            found.lines.append(self._parser.CurrentLineNumber)
        found.lines += [self._parser.CurrentLineNumber] * text.count("\n", 0, -1)
        for begun in reversed(self._stack):
            if begun.first >= 0:
                break
            begun.first = self._length
        self._open = Piece(self._length, self._length + len(text), at, at, element)
        found.pieces.append(self._open)
        self._put(text)

    def _put(self, text: str) -> None:
        self._chunks.append(text)
        self._length += len(text)
        self._last = text[-1]
