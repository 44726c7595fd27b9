"""Parts that reports share: spans, ratios and intervals of a record; contexts and tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from ruletag.evaluation.uncertainty import Interval
from ruletag.fields import Number, String
from ruletag.model import LABELS, Document, Entity

Count = Annotated[int, Number(0)]
Ratio = Annotated[float, Number(0, 1, whole=False)]
Signed = Annotated[float, Number(-1, 1, whole=False)]  # a ratio that may be negative
Bounds = tuple[Ratio, Ratio]
Amount = Annotated[float, Number(0, whole=False)]
Line = Annotated[int, Number(1)]
Label = Annotated[str, String(LABELS)]
DIGITS = 6  # of a ratio in a record
_CONTEXT = 40


@dataclass(frozen=True, slots=True)
class Span:
    """A span of a text. Offsets are half-open code points of the original text."""

    start: Annotated[Count, "the offset of its first code point"]
    end: Annotated[int, Number(1), "the offset after its last code point"]
    label: Annotated[Label, "`PER`, `LOC`, `ORG` or `MISC`"]
    text: Annotated[str, "the text from `start` to `end`"]


@dataclass(frozen=True, slots=True)
class MadeSpan(Span):
    """A span and its source."""

    source: Annotated[str, "the rule or entry that made it, and where that is written; `gold` for a span of a file"]


class Placed(Protocol):
    """Something in a file. The line is 0 if unknown."""

    @property
    def path(self) -> str: ...
    @property
    def line(self) -> int: ...


def span(entity: Entity) -> Span:
    """An entity as a span of a record."""
    return Span(entity.start, entity.end, entity.label, entity.text)


def made_span(entity: Entity) -> MadeSpan:
    """An entity as a span of a record, with its source."""
    return MadeSpan(entity.start, entity.end, entity.label, entity.text, str(entity.source))


def rounded(ratio: float) -> float:
    """A ratio rounded to the digits of a record."""
    return round(ratio, DIGITS)


def bounds(interval: Interval) -> Bounds:
    """Both ends of an interval, rounded to the digits of a record."""
    return rounded(interval.low), rounded(interval.high)


def context(document: Document, entity: Entity) -> str:
    """The context of a span on one line, in quotation marks, with … where it is cut."""
    start, end = max(0, entity.start - _CONTEXT), entity.end + _CONTEXT
    return f"“{'…' if start else ''}{one_line(document.text[start:end])}{'…' if end < len(document.text) else ''}”"


def one_line(text: str) -> str:
    """The text with each run of white space made one space, and none at the ends."""
    return " ".join(text.split())


def left_out(names: Sequence[str], reason: str) -> list[str]:
    """A sentence that names what was left out, and why; an empty list if nothing was."""
    return [f"{reason}: {', '.join(names)}."] if names else []


def table(head: Sequence[str], rows: Iterable[Sequence[object]], words: Collection[int] = (0,)) -> str:
    """A table for a terminal; columns whose indices are in `words` hold words, the others numbers."""
    from tabulate import tabulate  # imported here, because JSON needs no tables

    alignments = ["left" if column in words else "right" for column in range(len(head))]
    return tabulate(rows, head, disable_numparse=True, colalign=alignments)
