"""Spans of files, checked and turned into entities; and texts, checked against what a file says about them."""

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
    """Where in a file something was read: its path, and a line or a record."""

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
    """The entity of a span of a file whose offsets are in the unit of `offsets`; None if its label is ignored.

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
        raise place.fault("RT105", f"the span {start}:{end} is empty", _counted(offsets))
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
    """How offsets are counted and, if the user has not said, how else those of this span may have been counted."""
    from ruletag.formats.readings import advice

    other = "" if options.offsets else advice(text, start, end, surface, offsets.unit)
    return f"{_counted(offsets)}; {other}" if other else _counted(offsets)


def _counted(offsets: CodePoints) -> str:
    return f"offsets are {offsets.unit}, 0 <= start < end"


def shown(value: Any) -> str:
    """A value for a message, truncated if it is long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def refuse_return(line: str, place: Place) -> None:
    """Raises RuletagError for a line with a carriage return inside: lines that are joined would count as one."""
    if "\r" in line:
        message = "contains a carriage return that does not end the line"
        raise place.fault("RT105", message, "end all lines with LF or CRLF")


def sha256(text: str) -> str:
    """The hash of a text that records carry. An unpaired surrogate counts as UTF-8 would encode it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def check_id(document: Document) -> None:
    """Raises RuletagError if a document has no id by which its spans could be joined to it."""
    if document.id is None:
        message = "has no id, which is needed to join its spans to it"
        help = "give each document an id, or write the texts too"
        raise RuletagError(Fault(document.path, "RT106", message, document.line(0), help=help))


def check_hash(text: str, meta: Mapping[str, Any], place: Place) -> None:
    """Raises RuletagError if a record carries the hash of a text other than its own."""
    known = meta.get(HASH)
    if isinstance(known, str) and known != sha256(text):
        message = f"the text was changed since it was written: its {HASH} is different"
        raise place.fault("RT114", message, "restore the text; offsets into a changed text are meaningless")


def same_text(wanted: str, found: str, place: Place) -> None:
    """If two texts differ, raises a RuletagError that names the first character at which they do, and how."""
    if wanted == found:
        return
    message, how = difference(wanted, found)
    raise place.fault("RT114", message, how or "restore the text as it was tagged")


def difference(wanted: str, found: str) -> tuple[str, str]:
    """The character at which two texts differ, and the kind of difference if it has a name."""
    at = next(
        (n for n, (one, two) in enumerate(zip(wanted, found, strict=False)) if one != two), min(len(wanted), len(found))
    )
    one, two = wanted[at : at + _CONTEXT], found[at : at + _CONTEXT]
    return f"the texts differ at character {at}: {one!r} became {two!r}", _how(wanted, found)


def _how(wanted: str, found: str) -> str:
    from unicodedata import normalize

    if wanted.rstrip("\r\n") == found.rstrip("\r\n"):
        return "the final line break differs"
    if wanted.replace("\r\n", "\n") == found.replace("\r\n", "\n"):
        return "line ends were converted (CRLF and LF)"
    if normalize("NFC", wanted) == normalize("NFC", found):
        return "the text was normalised (NFC and NFD)"
    if "".join(wanted.split()) == "".join(found.split()):
        return SPACED
    return ""


def only_one(documents: Iterable[Document], what: str) -> Iterator[Document]:
    """The documents, for formats with one per file. Raises RuletagError if there is a second."""
    for number, document in enumerate(documents):
        if number:
            message = f"{what} holds one document, but there are several"
            raise RuletagError(
                Fault("--to", "RT106", message, help="write --to jsonl, and `ruletag convert` that to a folder")
            )
        yield document


def nested(document: Document) -> list[Entity]:
    """The entities that begin before an earlier, kept one ends; of two, the first and longer one is kept."""
    dropped: list[Entity] = []
    end = 0
    for each in document.entities:
        if each.start < end:
            dropped.append(each)
        else:
            end = each.end
    return dropped
