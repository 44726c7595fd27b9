"""Offsets as other programs count them, and advice on which way of counting would make spans fit.

A reading turns two offsets in a file into a half-open span of code points. Its name is a value of `--offsets`.
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
    """Code points, but counted from 1, or with the last character as the end, or both."""

    def __init__(self, text: str, *, start_shift: int, end_shift: int) -> None:
        super().__init__(text)
        self._start_shift, self._end_shift = start_shift, end_shift

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.inner(start - self._start_shift), self.inner(end - self._end_shift)


class _Reencoded(CodePoints):
    """Units of another form of the text. `pieces` are lengths in code points, each with its length in that form."""

    def __init__(self, text: str, pieces: Iterator[tuple[int, int]]) -> None:
        super().__init__(text)
        self._ours = [0]
        for our_length, their_length in pieces:
            start = self._ours[-1]
            self._ours += [start + step if our_length == their_length else -1 for step in range(1, their_length)]
            self._ours.append(start + our_length)
        self.length = len(self._ours) - 1

    def inner(self, offset: int) -> int:
        super().inner(offset)
        if self._ours[offset] < 0:
            raise ValueError("is inside a character")
        return self._ours[offset]


def _line_ends(text: str, line_end: str) -> Iterator[tuple[int, int]]:
    """The lengths of characters and line ends, as they are and with every line end replaced by `line_end`."""
    for piece in _LINE_END.split(text):
        if piece in ("\n", "\r\n"):
            yield len(piece), len(line_end)
        else:
            yield from ((1, 1) for _ in piece)


def _normalised(text: str, form: Literal["NFC", "NFD"]) -> Iterator[tuple[int, int]]:
    """The lengths of characters with their combining marks, as they are and normalised."""
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or not combining(text[end]):
            piece = text[start:end]
            yield len(piece), len(piece if piece.isascii() else normalize(form, piece))
            start = end


def _bytes(text: str) -> Iterator[tuple[int, int]]:
    return ((1, len(char.encode("utf-8", "surrogatepass"))) for char in text)


class Reading(NamedTuple):
    """A way of counting: its description, to follow the word *counted*, and the converter for a text."""

    how: str
    of: Callable[[str], CodePoints]


READINGS: Mapping[str, Reading] = {
    "code-points": Reading("in code points", CodePoints),
    "utf16": Reading("in UTF-16 units", Utf16),
    "utf8": Reading("in UTF-8 bytes", lambda text: _Reencoded(text, _bytes(text))),
    "lf": Reading("in the text with LF for CRLF", lambda text: _Reencoded(text, _line_ends(text, "\n"))),
    "crlf": Reading("in the text with CRLF for LF", lambda text: _Reencoded(text, _line_ends(text, "\r\n"))),
    "nfc": Reading("in the text as NFC", lambda text: _Reencoded(text, _normalised(text, "NFC"))),
    "nfd": Reading("in the text as NFD", lambda text: _Reencoded(text, _normalised(text, "NFD"))),
    "from-1": Reading("from 1 (one off)", lambda text: _Shifted(text, start_shift=1, end_shift=1)),
    "inclusive": Reading("to the last character (one off)", lambda text: _Shifted(text, start_shift=0, end_shift=-1)),
    "from-1-inclusive": Reading(
        "from 1 to the last character (one off)", lambda text: _Shifted(text, start_shift=1, end_shift=0)
    ),
}


NAMES = {CODE_POINTS: "code-points", UTF16: "utf16"}  # of the units of formats


def reading(text: str, unit: str, options: Options) -> CodePoints:
    """The converter for the offsets of a text: the one that the options name, else that of the format's unit."""
    return READINGS[options.offsets].of(text) if options.offsets else offsets(text, unit)


def parse_offsets(name: str | None) -> str | None:
    """The value of `--offsets`. Raises RuletagError if it is invalid."""
    if name is not None and name not in READINGS:
        raise RuletagError(
            Fault("--offsets", "RT110", f"unknown way of counting {name!r}", help=suggest(name, READINGS))
        )
    return name


def others(unit: str) -> Iterator[tuple[str, Reading]]:
    """The readings other than that of a unit, by name."""
    return ((name, counting) for name, counting in READINGS.items() if name != NAMES.get(unit))


def advice(text: str, start: int, end: int, surface: object, unit: str) -> str:
    """The ways of counting in which a span fits the surface given by a file or, without one, covers whole words.

    Empty if there are none.
    """
    fits = []
    for name, counting in others(unit):
        converter = counting.of(text)
        if name != "code-points" and converter.length == len(text) and not isinstance(converter, _Shifted):
            continue  # for this text the same as code points
        try:
            first, last = converter.span(start, end)
        except ValueError:
            continue
        covered = text[first:last]
        if covered == surface if isinstance(surface, str) else first < last and not cuts_word(text, first, last):
            fits.append(f"counted {counting.how}, it is {covered!r} (--offsets {name})")
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
