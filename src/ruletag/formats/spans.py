"""Checks spans read from files and turns them into entities; checks texts against what a file says about them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ruletag.errors import Fault, RuletagError
from ruletag.formats.contract import Options
from ruletag.formats.offsets import CodePoints
from ruletag.model import GOLD, Document, Entity, Source

_SHOWN = 80
_CONTEXT = 12  # code points around a difference
HASH = "sha256"
SPACED = "white space was changed"


class Place:
    """A position in a file, for faults: its path, and a line or a record."""

    __slots__ = ("line", "path", "record")

    def __init__(self, path: str, line: int = 0, record: str = "") -> None:
        self.path, self.line, self.record = path, line, record

    def fault(self, code: str, message: str, help: str = "") -> RuletagError:
        """An error at this place."""
        return RuletagError(
            Fault(self.path, code, f"{self.record}: {message}" if self.record else message, self.line, help=help)
        )


def entity(
    text: str,
    span: tuple[Any, Any, Any],
    place: Place,
    options: Options,
    offsets: CodePoints,
    *,
    surface: Any = None,
    id: str | None = None,
) -> Entity | None:
    """The entity for a span in a file, with offsets in the unit of `offsets`; None if its label is ignored.

    Raises RuletagError if the offsets do not fit the text, the label is unknown, or the file gives a different surface.
    """
    start, end, label = span
    if type(start) is not int or type(end) is not int or not isinstance(label, str):
        raise place.fault("RT105", f"a span needs two whole numbers and a label, not {shown(list(span))}")
    try:
        first, last = offsets.span(start, end)
    except ValueError as error:
        help = _help(text, start, end, surface, offsets, options)
        raise place.fault("RT105", f"the span {shown(start)}:{shown(end)} {error}", help) from None
    if first >= last:
        raise place.fault("RT105", f"the span {start}:{end} is empty", _unit_help(offsets))
    ours = options.labels.read(label, place.path, place.line)
    if ours is None:
        return None
    if isinstance(surface, str) and surface != text[first:last]:
        message = f"the span {start}:{end} is {text[first:last]!r}, but the file says {surface!r}"
        raise place.fault("RT105", message, _help(text, start, end, surface, offsets, options))
    return Entity(first, last, ours, text[first:last], gold(place), id)


def gold(place: Place) -> Source:
    """The source of a span that an annotator made."""
    return Source(GOLD.kind, GOLD.name, place.path, place.line)


def _help(text: str, start: int, end: int, surface: Any, offsets: CodePoints, options: Options) -> str:
    """The unit of the offsets and, unless `--offsets` is set, other units that would fit this span."""
    from ruletag.formats.readings import advice

    alternatives = "" if options.offsets else advice(text, start, end, surface, offsets.unit)
    return f"{_unit_help(offsets)}; {alternatives}" if alternatives else _unit_help(offsets)


def _unit_help(offsets: CodePoints) -> str:
    return f"offsets are {offsets.unit}, 0 <= start < end"


def shown(value: Any) -> str:
    """A value for a message, truncated if it is long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def refuse_return(line: str, place: Place) -> None:
    """Raises RuletagError for a line with a carriage return inside: several lines would be read as one."""
    if "\r" in line:
        message = "contains a carriage return that does not end the line"
        raise place.fault("RT105", message, "end all lines with LF or CRLF")


def sha256(text: str) -> str:
    """The hash of a text, as records carry it. An unpaired surrogate is hashed as if UTF-8 could encode it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def check_id(document: Document) -> None:
    """Raises RuletagError if a document has no id, which is needed to join its spans to it."""
    if document.id is None:
        message = "has no id, which is needed to join its spans to it"
        help = "give each document an id, or write the texts too"
        raise RuletagError(Fault(document.path, "RT106", message, document.line(0), help=help))


def check_hash(text: str, meta: Mapping[str, Any], place: Place) -> None:
    """Raises RuletagError if a record carries the hash of a text other than its own."""
    expected = meta.get(HASH)
    if isinstance(expected, str) and expected != sha256(text):
        message = f"the text was changed since it was written: its {HASH} is different"
        raise place.fault("RT114", message, "restore the text; offsets into a changed text are meaningless")


def same_text(expected: str, actual: str, place: Place) -> None:
    """Raises RuletagError if two texts differ, naming the first different character and the kind of difference."""
    if expected == actual:
        return
    message, how = difference(expected, actual)
    raise place.fault("RT114", message, how or "restore the text as it was tagged")


def difference(expected: str, actual: str) -> tuple[str, str]:
    """A description of the first difference between two texts, and its kind; empty if it is of no known kind."""
    at = next(
        (index for index, (old, new) in enumerate(zip(expected, actual, strict=False)) if old != new),
        min(len(expected), len(actual)),
    )
    before, after = expected[at : at + _CONTEXT], actual[at : at + _CONTEXT]
    return f"the texts differ at character {at}: {before!r} became {after!r}", _kind_of_difference(expected, actual)


def _kind_of_difference(expected: str, actual: str) -> str:
    from unicodedata import normalize

    if expected.rstrip("\r\n") == actual.rstrip("\r\n"):
        return "the final line break differs"
    if expected.replace("\r\n", "\n") == actual.replace("\r\n", "\n"):
        return "line ends were converted (CRLF and LF)"
    if normalize("NFC", expected) == normalize("NFC", actual):
        return "the text was normalised (NFC and NFD)"
    if "".join(expected.split()) == "".join(actual.split()):
        return SPACED
    return ""


def only_one(documents: Iterable[Document], what: str) -> Iterator[Document]:
    """Yield the only document, for formats with one per file. Raises RuletagError if there is a second."""
    for number, document in enumerate(documents):
        if number:
            message = f"{what} holds one document, but there are several"
            raise RuletagError(
                Fault("--to", "RT106", message, help="write --to jsonl, and `ruletag convert` that to a folder")
            )
        yield document


def nested(document: Document) -> list[Entity]:
    """The entities that a format without overlaps drops. Of two that overlap, the first and longer one is kept."""
    dropped: list[Entity] = []
    end = 0
    for current in document.entities:
        if current.start < end:
            dropped.append(current)
        else:
            end = current.end
    return dropped
