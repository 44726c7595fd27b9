"""Inserts names as TEI tags between the bytes of an XML file. Without them, the file is identical to the input."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import NamedTuple
from urllib.parse import quote, unquote
from xml.sax.saxutils import quoteattr

from ruletag.formats.contract import Loss
from ruletag.formats.records import sources_of
from ruletag.formats.xmltext import Element, XmlText
from ruletag.model import Document, Entity

_TAGS = {"PER": "persName", "LOC": "placeName", "ORG": "orgName", "MISC": "name"}
_INSIDE = "a span where the file already has a name is left out: {}"
_CROSSING = "a span that crosses another is left out: {}"
_FIXED = "a span that begins or ends inside a CDATA section or an entity is left out: {}"
_SPACE = "a span of only white space is left out: {}"
_EDGES = "a span is written without the white space at its edges: {}"
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\"<>\\^`{|}%#\ud800-\udfff\ufffe\uffff]")
RESPONSIBLE = "#ruletag"


@dataclass(frozen=True, slots=True)
class Wrap:
    """The byte positions of a start and an end tag, both directly inside the same element."""

    opens: int
    closes: int
    element: Element


class Name(NamedTuple):
    """An entity, its source, and its tags. It has several if it is written in parts."""

    entity: Entity
    source: str
    wraps: list[Wrap]


@dataclass(slots=True)
class Plan:
    """The names to write into a file, and the losses."""

    xml: XmlText
    names: list[Name] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)

    @property
    def split(self) -> list[Entity]:
        """The entities that are written in parts."""
        return [name.entity for name in self.names if len(name.wraps) > 1]


def plan(xml: XmlText, document: Document, names: Iterable[tuple[int, int]]) -> Plan:
    """Where the tags of a document's entities go. None are added inside the spans of `names`, which the file has."""
    planned = Plan(xml)
    existing = _ExistingNames(names)
    open_ends: list[int] = []
    for entity, source in zip(document.entities, sources_of(document), strict=True):
        start, end = trimmed(xml.text, entity.start, entity.end)
        while open_ends and open_ends[-1] <= start:
            open_ends.pop()
        if existing.contains(entity, start, end):
            continue
        if start == end:
            reason, wraps = _SPACE, None
        elif existing.blocks(start, end):
            reason, wraps = _INSIDE, None
        elif open_ends and end > open_ends[-1]:
            reason, wraps = _CROSSING, None
        else:
            reason, wraps = _FIXED, _wraps(xml, start, end)
        if wraps is None:
            planned.losses.append(Loss(reason, repr(entity.text), entity.start))
            continue
        if (start, end) != (entity.start, entity.end):
            planned.losses.append(Loss(_EDGES, repr(entity.text), entity.start))
        open_ends.append(end)
        planned.names.append(Name(entity, source, wraps))
    return planned


class _ExistingNames:
    """The names that a file already has, and the disjoint ranges of text that they cover."""

    def __init__(self, names: Iterable[tuple[int, int]]) -> None:
        self._spans = set(names)
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(self._spans):
            if self._ends and start < self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def contains(self, entity: Entity, start: int, end: int) -> bool:
        """Whether an entity was read from the file."""
        return entity.source.kind == "gold" and (start, end) in self._spans

    def blocks(self, start: int, end: int) -> bool:
        """Whether a span is inside a name or crosses one."""
        first = bisect_right(self._ends, start)
        last = bisect_right(self._starts, end - 1) - 1
        if first > last:
            return False
        inside = self._starts[first] <= start and end <= self._ends[first]
        return inside or self._starts[first] < start or self._ends[last] > end


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the white space at its edges."""
    surface = text[start:end]
    start += len(surface) - len(surface.lstrip())
    return start, start + len(surface.strip())


def _wraps(xml: XmlText, start: int, end: int) -> list[Wrap] | None:
    """The fewest tags, from left to right, that cover a span; None if a part of it cannot be tagged."""
    if whole := _wrap(xml, start, end):
        return [whole]
    wraps = []
    borders = [*_borders(xml, start, end), end]
    while start < end:
        for border in reversed([later for later in borders if later > start]):
            _, stop = trimmed(xml.text, start, border)
            wrap = _wrap(xml, start, stop)
            if wrap:
                break
        else:
            return None
        wraps.append(wrap)
        start, _ = trimmed(xml.text, stop, end)
    return wraps


def _borders(xml: XmlText, start: int, end: int) -> Iterator[int]:
    """The offsets inside a span at which the element changes."""
    element = None
    while start < end:
        piece = xml.piece(start)
        if piece and piece.element is not element:
            if element:
                yield start
            element = piece.element
        start = piece.end if piece else start + 1


def _wrap(xml: XmlText, start: int, end: int) -> Wrap | None:
    """The innermost position for tags around a span; None if they would not be in the same element."""
    first, last = xml.piece(start), xml.piece(end - 1)
    if not first or not last:
        return None
    position, opens = xml.byte(first, start), {}
    element: Element | None = first.element
    if element is last.element and not element.solid:
        return Wrap(position, xml.byte(last, end), element)
    while element:
        if not element.solid:
            opens[id(element)] = position
        if not element.inline or not _is_space(xml.text, element.first, start):
            break
        position, element = element.opens, element.parent
    position, element = xml.byte(last, end), last.element
    while element:
        if id(element) in opens:
            return Wrap(opens[id(element)], position, element)
        if not element.inline or not _is_space(xml.text, element.last, end):
            return None
        position, element = element.closes, element.parent
    return None


def _is_space(text: str, border: int, offset: int) -> bool:
    """Whether there is only white space between the border of an element and an offset inside it.

    Starts at the offset, so that it usually stops after a few steps.
    """
    step = 1 if border > offset else -1
    while offset != border and text[offset if step > 0 else offset - 1].isspace():
        offset += step
    return offset == border


def with_tags(planned: Plan) -> bytes:
    """The bytes of the file with the tags."""
    xml = planned.xml
    opening: list[tuple[int, bytes]] = []
    closing: list[tuple[int, bytes]] = []
    unused_ids = (id for number in count(1) if (id := f"ruletag-{number}") not in xml.ids)
    for name in planned.names:
        wraps, attributes = name.wraps, _name_attributes(name)
        ids = [next(unused_ids) for _ in wraps] if len(wraps) > 1 else []
        for number, wrap in enumerate(wraps):
            prefix, colon, _ = wrap.element.name.rpartition(":")
            tag = prefix + colon + _TAGS[name.entity.label]
            links = _links(ids, number) if ids else ""
            opening.append((wrap.opens, f"<{tag}{links}{attributes}>".encode(xml.encoding, "xmlcharrefreplace")))
            closing.append((wrap.closes, f"</{tag}>".encode(xml.encoding, "xmlcharrefreplace")))
    return b"".join(_interleaved(xml.data, opening, closing))


def _links(ids: Sequence[str], number: int) -> str:
    """The attributes that connect a part of a name with the previous and the next part."""
    after = f"#{ids[number + 1]}" if number + 1 < len(ids) else ""
    before = f"#{ids[number - 1]}" if number else ""
    return _attributes(("xml:id", ids[number]), ("next", after), ("prev", before))


def _name_attributes(name: Name) -> str:
    """The attributes of a name: its type, its id, who is responsible, the certainty, and the source."""
    entity = name.entity
    certainty = ""
    if entity.source.kind != "gold":
        certainty = "medium" if entity.via or entity.source.kind == "memory" else "high"
    return _attributes(
        ("type", "misc" if entity.label == "MISC" else ""),
        ("key", entity.id or ""),
        ("resp", certainty and RESPONSIBLE),
        ("cert", certainty),
        ("ana", name.source and _pointer(name.source)),
    )


@lru_cache(maxsize=1 << 12)  # the same entry or rule makes many names
def _attributes(*pairs: tuple[str, str]) -> str:
    """Attributes as written in a tag; those with an empty value are left out."""
    return "".join(f" {key}={quoteattr(value)}" for key, value in pairs if value)


@lru_cache(maxsize=1 << 12)
def _pointer(source: str) -> str:
    """A rule or entry as an IRI."""
    return "#" + _UNSAFE.sub(lambda match: quote(match[0], safe="", errors="surrogatepass"), source)


def source_named(pointer: str) -> str:
    """The rule or entry in an `ana` attribute; empty if it is something else."""
    return unquote(pointer[1:]) if pointer.startswith("#") else ""


def _interleaved(data: bytes, opening: list[tuple[int, bytes]], closing: list[tuple[int, bytes]]) -> Iterator[bytes]:
    """The bytes with tags between them. At the same byte, names end before others begin, and inner names end first."""

    def innermost_first(numbered: tuple[int, tuple[int, bytes]]) -> tuple[int, int, int]:
        number, (position, _) = numbered
        opens, _ = opening[number]
        return position, -opens, -number

    ends = sorted(enumerate(closing), key=innermost_first)
    tags = [(position, 0, order, tag) for order, (_, (position, tag)) in enumerate(ends)]
    tags += [(position, 1, order, tag) for order, (position, tag) in enumerate(opening)]
    written = 0
    for position, _, _, tag in sorted(tags):
        yield data[written:position]
        yield tag
        written = position
    yield data[written:]
