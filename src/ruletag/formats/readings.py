"""Offsets as other programs count them, and which way of counting would make spans fit.

A reading turns two offsets of a file into a half-open span of code points. Its name is a value of `--offsets`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple
from unicodedata import category, combining, normalize

from ruletag.errors import Fault, RuletagError, suggest
from ruletag.formats.contract import CODE_POINTS, UTF16, Options
from ruletag.formats.offsets import CodePoints, Utf16, offsets

_LINE_END = re.compile("(\r?\n)")


class _Shifted(CodePoints):
    """Code points, but the first character is 1, or the end is the last character, or both."""

    def __init__(self, text: str, *, first: int, behind: int) -> None:
        super().__init__(text)
        self._first, self._behind = first, behind

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.inner(start - self._first), self.inner(end - self._behind)


class _Elsewhere(CodePoints):
    """Code points of another form of the text. `pieces` are lengths in the text, with those in the other form."""

    def __init__(self, text: str, pieces: Iterator[tuple[int, int]]) -> None:
        super().__init__(text)
        self._ours = [0]
        for here, there in pieces:
            start = self._ours[-1]
            self._ours += [start + each if here == there else -1 for each in range(1, there)]
            self._ours.append(start + here)
        self.length = len(self._ours) - 1

    def inner(self, offset: int) -> int:
        super().inner(offset)
        if self._ours[offset] < 0:
            raise ValueError("is inside a character")
        return self._ours[offset]


def _line_ends(text: str, there: str) -> Iterator[tuple[int, int]]:
    """The lengths of characters and line ends, as they are and with every line end as `there`."""
    for piece in _LINE_END.split(text):
        if piece in ("\n", "\r\n"):
            yield len(piece), len(there)
        else:
            yield from ((1, 1) for _ in piece)


def _normalised(text: str, form: Literal["NFC", "NFD"]) -> Iterator[tuple[int, int]]:
    """The lengths of characters with their marks, as they are and normalised."""
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or not combining(text[end]):
            piece = text[start:end]
            yield len(piece), len(piece if piece.isascii() else normalize(form, piece))
            start = end


def _bytes(text: str) -> Iterator[tuple[int, int]]:
    return ((1, len(char.encode("utf-8", "surrogatepass"))) for char in text)


class Reading(NamedTuple):
    """A way of counting: its description, to follow the word *counted*, and the offsets of a text in it."""

    how: str
    of: Callable[[str], CodePoints]


READINGS: Mapping[str, Reading] = {
    "code-points": Reading("in code points", CodePoints),
    "utf16": Reading("in UTF-16 units", Utf16),
    "utf8": Reading("in UTF-8 bytes", lambda text: _Elsewhere(text, _bytes(text))),
    "lf": Reading("in the text with LF for CRLF", lambda text: _Elsewhere(text, _line_ends(text, "\n"))),
    "crlf": Reading("in the text with CRLF for LF", lambda text: _Elsewhere(text, _line_ends(text, "\r\n"))),
    "nfc": Reading("in the text as NFC", lambda text: _Elsewhere(text, _normalised(text, "NFC"))),
    "nfd": Reading("in the text as NFD", lambda text: _Elsewhere(text, _normalised(text, "NFD"))),
    "from-1": Reading("from 1 (one off)", lambda text: _Shifted(text, first=1, behind=1)),
    "inclusive": Reading("to the last character (one off)", lambda text: _Shifted(text, first=0, behind=-1)),
    "from-1-inclusive": Reading(
        "from 1 to the last character (one off)", lambda text: _Shifted(text, first=1, behind=0)
    ),
}


NAMES = {CODE_POINTS: "code-points", UTF16: "utf16"}  # of the units of formats


def reading(text: str, unit: str, options: Options) -> CodePoints:
    """The offsets of a text as the options say, else in the unit of the format."""
    return READINGS[options.offsets].of(text) if options.offsets else offsets(text, unit)


def parse_offsets(name: str | None) -> str | None:
    """The value of `--offsets`. Raises RuletagError if it is invalid."""
    if name is not None and name not in READINGS:
        raise RuletagError(
            Fault("--offsets", "RT110", f"unknown way of counting {name!r}", help=suggest(name, READINGS))
        )
    return name


def others(unit: str) -> Iterator[tuple[str, Reading]]:
    """The readings other than that of a unit."""
    return ((name, each) for name, each in READINGS.items() if name != NAMES.get(unit))


def advice(text: str, start: int, end: int, surface: object, unit: str) -> str:
    """The ways of counting in which a span would be the surface that a file gives, else whole words; empty if there are
    none."""
    fits = []
    for name, each in others(unit):
        read = each.of(text)
        if name != "code-points" and read.length == len(text) and not isinstance(read, _Shifted):
            continue  # for this text the same as code points
        try:
            first, last = read.span(start, end)
        except ValueError:
            continue
        found = text[first:last]
        if found == surface if isinstance(surface, str) else first < last and not cuts_word(text, first, last):
            fits.append(f"counted {each.how}, it is {found!r} (--offsets {name})")
    return "; ".join(fits)


def cuts_word(text: str, start: int, end: int) -> bool:
    """Whether a span begins or ends inside a word, or with white space."""
    return text[start].isspace() or text[end - 1].isspace() or in_words(text, start, end)


def in_words(text: str, start: int, end: int) -> bool:
    """Whether a span begins or ends inside a word."""
    return any(0 < at < len(text) and _in_word(text[at - 1]) and _in_word(text[at]) for at in (start, end))


def words_around(text: str, start: int, end: int) -> str:
    """Everything between the white space before and after a span."""
    while start and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end]


def _in_word(char: str) -> bool:
    return char.isalnum() or category(char).startswith("M")
