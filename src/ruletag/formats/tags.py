"""Names as TEI tags between the bytes of an XML file, so that without the tags the file is identical to the input."""

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
    """Tags at two bytes, both in the same element."""

    opens: int
    closes: int
    element: Element


class Name(NamedTuple):
    """An entity, the rule or entry that made it, and its tags: several if it is written in parts."""

    entity: Entity
    source: str
    wraps: list[Wrap]


@dataclass(slots=True)
class Plan:
    """What will be written into a file, and what is left out."""

    found: XmlText
    names: list[Name] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)

    @property
    def split(self) -> list[Entity]:
        """The entities that are written in parts."""
        return [name.entity for name in self.names if len(name.wraps) > 1]


def plan(found: XmlText, document: Document, names: Iterable[tuple[int, int]]) -> Plan:
    """Where the tags of a document's entities go; nothing is added inside the spans of `names`."""
    planned = Plan(found)
    taken = _Taken(names)
    open: list[tuple[int, int]] = []
    for entity, source in zip(document.entities, sources_of(document), strict=True):
        start, end = trimmed(found.text, entity.start, entity.end)
        while open and open[-1][1] <= start:
            open.pop()
        if taken.has(entity, start, end):
            continue
        if start == end:
            reason, wraps = _SPACE, None
        elif taken.blocks(start, end):
            reason, wraps = _INSIDE, None
        elif open and end > open[-1][1]:
            reason, wraps = _CROSSING, None
        else:
            reason, wraps = _FIXED, _wraps(found, start, end)
        if wraps is None:
            planned.losses.append(Loss(reason, repr(entity.text), entity.start))
            continue
        if (start, end) != (entity.start, entity.end):
            planned.losses.append(Loss(_EDGES, repr(entity.text), entity.start))
        open.append((start, end))
        planned.names.append(Name(entity, source, wraps))
    return planned


class _Taken:
    """The names that a file already has, by span, and the stretches of text that they cover."""

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

    def has(self, entity: Entity, start: int, end: int) -> bool:
        """Whether an entity was read from the file."""
        return entity.source.kind == "gold" and (start, end) in self._spans

    def blocks(self, start: int, end: int) -> bool:
        """Whether a span is inside a name, or crosses one."""
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


def _wraps(found: XmlText, start: int, end: int) -> list[Wrap] | None:
    """The fewest tags from left to right that cover a span; None if one would have to be where none can be."""
    if whole := _wrap(found, start, end):
        return [whole]
    wraps = []
    borders = [*_borders(found, start, end), end]
    while start < end:
        for border in reversed([each for each in borders if each > start]):
            stop = trimmed(found.text, start, border)[1]
            wrap = _wrap(found, start, stop)
            if wrap:
                break
        else:
            return None
        wraps.append(wrap)
        start = trimmed(found.text, stop, end)[0]
    return wraps


def _borders(found: XmlText, start: int, end: int) -> Iterator[int]:
    """Where inside a span the element changes."""
    element = None
    while start < end:
        piece = found.piece(start)
        if piece and piece.element is not element:
            if element:
                yield start
            element = piece.element
        start = piece.end if piece else start + 1


def _wrap(found: XmlText, start: int, end: int) -> Wrap | None:
    """The innermost place for tags around a span; None if they would not be in the same element."""
    first, last = found.piece(start), found.piece(end - 1)
    if not first or not last:
        return None
    at, before = found.byte(first, start), {}
    element: Element | None = first.element
    if element is last.element and not element.solid:
        return Wrap(at, found.byte(last, end), element)
    while element:
        if not element.solid:
            before[id(element)] = at
        if not element.inline or not _is_space(found.text, element.first, start):
            break
        at, element = element.opens, element.parent
    at, element = found.byte(last, end), last.element
    while element:
        if id(element) in before:
            return Wrap(before[id(element)], at, element)
        if not element.inline or not _is_space(found.text, element.last, end):
            return None
        at, element = element.closes, element.parent
    return None


def _is_space(text: str, border: int, offset: int) -> bool:
    """Whether there is only white space from the border of an element to an offset inside; takes few steps."""
    step = 1 if border > offset else -1
    while offset != border and text[offset if step > 0 else offset - 1].isspace():
        offset += step
    return offset == border


def with_tags(planned: Plan) -> bytes:
    """The bytes of the file with the tags."""
    found = planned.found
    opening: list[tuple[int, bytes]] = []
    closing: list[tuple[int, bytes]] = []
    fresh = (id for number in count(1) if (id := f"ruletag-{number}") not in found.ids)
    for name in planned.names:
        wraps, said = name.wraps, _said(name)
        ids = [next(fresh) for _ in wraps] if len(wraps) > 1 else []
        for number, wrap in enumerate(wraps):
            prefix, colon, _ = wrap.element.name.rpartition(":")
            tag = prefix + colon + _TAGS[name.entity.label]
            links = _links(ids, number) if ids else ""
            opening.append((wrap.opens, f"<{tag}{links}{said}>".encode(found.encoding, "xmlcharrefreplace")))
            closing.append((wrap.closes, f"</{tag}>".encode(found.encoding, "xmlcharrefreplace")))
    return b"".join(_woven(found.data, opening, closing))


def _links(ids: Sequence[str], number: int) -> str:
    """The attributes that connect a part of a name with the one before and the one after."""
    after = f"#{ids[number + 1]}" if number + 1 < len(ids) else ""
    before = f"#{ids[number - 1]}" if number else ""
    return _attributes(("xml:id", ids[number]), ("next", after), ("prev", before))


def _said(name: Name) -> str:
    """The attributes of a name: its type, the entry's id, the maker, the certainty, and the rule."""
    entity = name.entity
    surely = ""
    if entity.source.kind != "gold":
        surely = "medium" if entity.via or entity.source.kind == "memory" else "high"
    return _attributes(
        ("type", "misc" if entity.label == "MISC" else ""),
        ("key", entity.id or ""),
        ("resp", surely and RESPONSIBLE),
        ("cert", surely),
        ("ana", name.source and _pointer(name.source)),
    )


@lru_cache(maxsize=1 << 12)  # the same entry or rule makes many names
def _attributes(*pairs: tuple[str, str]) -> str:
    """Attributes as they are written; those without a value are left out."""
    return "".join(f" {key}={quoteattr(value)}" for key, value in pairs if value)


@lru_cache(maxsize=1 << 12)
def _pointer(source: str) -> str:
    """A rule or entry as an IRI."""
    return "#" + _UNSAFE.sub(lambda found: quote(found[0], safe="", errors="surrogatepass"), source)


def source_named(pointer: str) -> str:
    """The rule or entry of an `ana`; empty if it is something else."""
    return unquote(pointer[1:]) if pointer.startswith("#") else ""


def _woven(data: bytes, opening: list[tuple[int, bytes]], closing: list[tuple[int, bytes]]) -> Iterator[bytes]:
    """The bytes with tags between them. At one byte, names end, inner ones first, before others begin."""
    inner_first = sorted(enumerate(closing), key=lambda each: (each[1][0], -opening[each[0]][0], -each[0]))
    tags = [(at, 0, number, tag) for number, (_, (at, tag)) in enumerate(inner_first)]
    tags += [(at, 1, number, tag) for number, (at, tag) in enumerate(opening)]
    written = 0
    for at, _, _, tag in sorted(tags):
        yield data[written:at]
        yield tag
        written = at
    yield data[written:]
