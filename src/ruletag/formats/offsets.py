"""Conversion of offsets: UTF-16 code units and graphemes, to and from code points."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate

from ruletag.errors import RuletagError, lacking
from ruletag.formats.contract import CODE_POINTS, GRAPHEMES, UTF16


class CodePoints:
    """Converts offsets into one text that are code points. Subclasses do the same for other units."""

    unit = CODE_POINTS

    def __init__(self, text: str) -> None:
        self.length = len(text)

    def outer(self, offset: int) -> int:
        """Convert an offset from code points to the unit. Raises ValueError for an offset inside a unit."""
        return offset

    def inner(self, offset: int) -> int:
        """Convert an offset from the unit to code points.

        Raises ValueError for an offset outside the text or inside a character.
        """
        if not 0 <= offset <= self.length:
            raise ValueError(f"is outside a text of {self.length} {self.unit}")
        return offset

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Convert a span from the unit to code points. Raises ValueError like `inner`."""
        return self.inner(start), self.inner(end)

    def around(self, start: int, end: int) -> tuple[int, int]:
        """The smallest span of whole units that contains a span; both are in code points."""
        return start, end


class Utf16(CodePoints):
    """Offsets in UTF-16 code units, as in JavaScript and Java: an astral character counts as two."""

    unit = UTF16

    def __init__(self, text: str) -> None:
        astral = [index for index, char in enumerate(text) if char > "\uffff"] if text and max(text) > "\uffff" else []
        self._astral = astral
        self._units = [index + before for before, index in enumerate(astral)]
        self.length = len(text) + len(astral)

    def outer(self, offset: int) -> int:
        return offset + bisect_left(self._astral, offset)

    def inner(self, offset: int) -> int:
        super().inner(offset)
        before = bisect_left(self._units, offset)
        if before and self._units[before - 1] == offset - 1:
            raise ValueError("is inside a character that is two UTF-16 units")
        return offset - before


class Graphemes(CodePoints):
    """Offsets in extended grapheme clusters (UAX 29), which readers see as one character."""

    unit = GRAPHEMES

    def __init__(self, text: str) -> None:
        import regex

        self._borders = [0, *accumulate(map(len, regex.findall(r"\X", text)))]
        self.length = len(self._borders) - 1

    def outer(self, offset: int) -> int:
        number = bisect_left(self._borders, offset)
        if number > self.length or self._borders[number] != offset:
            raise ValueError("is inside a grapheme")
        return number

    def inner(self, offset: int) -> int:
        return self._borders[super().inner(offset)]

    def around(self, start: int, end: int) -> tuple[int, int]:
        first = self._borders[bisect_right(self._borders, start) - 1]
        return first, self._borders[bisect_left(self._borders, end)]


_CONVERTERS = {converter.unit: converter for converter in (CodePoints, Utf16, Graphemes)}


def offsets(text: str, unit: str) -> CodePoints:
    """A converter for the offsets of a text in a unit. Raises RuletagError if graphemes need a missing package."""
    try:
        return _CONVERTERS[unit](text)
    except ModuleNotFoundError:
        raise RuletagError(lacking("--grapheme", "graphemes need", "regex", "grapheme")) from None
