"""Conversion of offsets: UTF-16 code units and graphemes, to and from code points."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate

from ruletag.errors import RuletagError, lacking
from ruletag.formats.contract import CODE_POINTS, GRAPHEMES, UTF16


class CodePoints:
    """The offsets of one text in code points. The other units have the same members."""

    unit = CODE_POINTS

    def __init__(self, text: str) -> None:
        self.length = len(text)

    def outer(self, offset: int) -> int:
        """The offset in the unit for one in code points. Raises ValueError if it is inside a unit."""
        return offset

    def inner(self, offset: int) -> int:
        """The offset in code points for one in the unit. Raises ValueError if it is outside the text or inside a
        character."""
        if not 0 <= offset <= self.length:
            raise ValueError(f"is outside a text of {self.length} {self.unit}")
        return offset

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span in code points for one in the unit. Raises ValueError if there is none."""
        return self.inner(start), self.inner(end)

    def around(self, start: int, end: int) -> tuple[int, int]:
        """The smallest span of whole units, in code points, that contains a span of code points."""
        return start, end


class Utf16(CodePoints):
    """Offsets in UTF-16 code units, as in JavaScript and Java: an astral character counts as two."""

    unit = UTF16

    def __init__(self, text: str) -> None:
        astral = [place for place, char in enumerate(text) if char > "\uffff"] if text and max(text) > "\uffff" else []
        self._astral = astral
        self._units = [place + before for before, place in enumerate(astral)]
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
        place = bisect_left(self._borders, offset)
        if place > self.length or self._borders[place] != offset:
            raise ValueError("is inside a grapheme")
        return place

    def inner(self, offset: int) -> int:
        return self._borders[super().inner(offset)]

    def around(self, start: int, end: int) -> tuple[int, int]:
        first = self._borders[bisect_right(self._borders, start) - 1]
        return first, self._borders[bisect_left(self._borders, end)]


_UNITS = {each.unit: each for each in (CodePoints, Utf16, Graphemes)}


def offsets(text: str, unit: str) -> CodePoints:
    """The offsets of a text in a unit. Raises RuletagError if graphemes need a package that is not installed."""
    try:
        return _UNITS[unit](text)
    except ModuleNotFoundError:
        raise RuletagError(lacking("--grapheme", "graphemes need", "regex", "grapheme")) from None
