"""Tokens and their shapes, cut out of a folded text only where a rule looks.

A token is a word with its inner hyphens (`Jean-Luc`), an elided word with its apostrophe (`l'`), an initial (`J.`), a
dotted acronym (`O.N.U.`), a number, or one other character. Offsets are those of the folded text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ruletag.fold import BREAK, LINE_ENDS, Folded, lower_key

SHAPES = {
    "Cap": "a capitalised word: Macron, Jean-Luc, McDonald, al-Assad",
    "Upper": "a word all in capitals, of two letters or more: MACRON, OCS",
    "lower": "a word all in lower case",
    "Relational": "a lower-case word that ends as adjectives of belonging do: nationale, météorologique, consulaires",
    "Acronym": "two to twelve capitals, with up to two digits or none: OCS, CNDD-FDD, MI6, O.N.U.",
    "Roman": "a Roman numeral below 100: XIV",
    "Ordinal": "an ordinal number: 14e, 1er, XXe",
    "Number": "a number in digits: 2021, 3,5, 2015-2016",
    "Initial": "one capital and a full stop: J., J.-P.",
    "Word": "any word; no number, no punctuation",
    "Quote": "a quotation mark, of either side: « » “ ” and the straight one",
}
BIT = {shape: 1 << index for index, shape in enumerate(SHAPES)}
# How far a match may reach on either side of its anchor, in code points: the bound that keeps every rule linear.
REACH = 400

_LETTERS = rb"A-Za-z\x8d\x9c\x8c\xe6\xc6\xdf"
_TOKEN = re.compile(
    rb"(?:[A-Z]\.){2,}"
    rb"|[A-Z]\.(?:-?[A-Z]\.)*"
    rb"|[0-9]+(?:[.,-][0-9]+)*(?![" + _LETTERS + rb"0-9-])"
    rb"|[0-9_" + _LETTERS + rb"]+(?:-[0-9_" + _LETTERS + rb"]+)*(?:'(?=[" + _LETTERS + rb"]))?"
    rb"|[^ \x90]",
)
_ROMAN = rb"(?=[IVXL])(?:X[LC]|L?X{0,3})(?:I[XV]|V?I{0,3})"
_SHAPE_PATTERNS = [
    (
        "Cap",
        re.compile(
            rb"(?:(?:al|an|ar|as|at|el|es|bin|ben|ould)-)?"
            rb"(?=[^a-z]*[a-z\x9c\xe6])[A-Z\x8c\xc6][" + _LETTERS + rb"0-9_-]*"
        ),
    ),
    ("Upper", re.compile(rb"[A-Z\x8c\xc6][A-Z\x8c\xc6-]*[A-Z\x8c\xc6]")),
    ("lower", re.compile(rb"[a-z\x9c\xe6\xdf][a-z\x9c\xe6\xdf-]*'?")),
    (
        "Relational",
        re.compile(
            rb"[a-z\x9c\xe6][a-z\x9c\xe6-]{2,}(?:iques?|als?|ales?|aux|els?|elles?|aires?|ifs?|ives?|iens?|iennes?|istes?|(?<!prem)(?<!dern)i(?:ers?|eres?))"
        ),
    ),
    ("Acronym", re.compile(rb"(?![IVX]+$)(?=.{2,12}$)[A-Z][A-Z0-9&]*(?:-?[A-Z0-9]+)*(?<=[A-Z0-9])|(?:[A-Z]\.){2,}")),
    ("Roman", re.compile(_ROMAN)),
    ("Ordinal", re.compile(rb"(?:[0-9]+|(?!L[a-z])" + _ROMAN + rb")(?:er|re|e|es|eme|emes|ere|nd|nde)")),
    ("Number", re.compile(rb"[0-9]+(?:[.,-][0-9]+)*")),
    ("Initial", re.compile(rb"[A-Z]\.(?:-?[A-Z]\.)*")),
    ("Word", re.compile(rb"[" + _LETTERS + rb"][0-9_" + _LETTERS + rb"-]*'?")),
    ("Quote", re.compile(rb"[\xab\xbb\"]")),
]


class Token(NamedTuple):
    """A token at a half-open span; `shapes` is a set of bits of `BIT`, `word` its lower folding."""

    start: int
    end: int
    shapes: int
    word: bytes


class Tokens:
    """The tokens of one folded text, made when asked for. A line break ends a row of tokens."""

    def __init__(self, folded: Folded) -> None:
        self._plain = folded.plain
        self._cased = folded.cased
        self._after: dict[int, Token | None] = {}
        self._before: dict[int, Token | None] = {}

    def after(self, offset: int) -> Token | None:
        """The token that follows, on the same line."""
        try:
            return self._after[offset]
        except KeyError:
            token = self._after[offset] = self._cut_after(offset)
            return token

    def before(self, offset: int) -> Token | None:
        """The token that precedes, on the same line."""
        try:
            return self._before[offset]
        except KeyError:
            token = self._before[offset] = self._cut_before(offset)
            return token

    def skip(self, offset: int) -> int:
        """The offset past a space, where there is one."""
        return offset + 1 if self._cased[offset : offset + 1] == b" " else offset

    def skip_back(self, offset: int) -> int:
        """The offset before a space, where there is one."""
        return offset - 1 if offset and self._cased[offset - 1 : offset] == b" " else offset

    def _cut_after(self, offset: int) -> Token | None:
        start = self.skip(offset)
        if start > offset and self._plain[offset] in LINE_ENDS:
            return None
        match = _TOKEN.match(self._cased, start)
        return _token(start, match[0]) if match else None

    def _cut_before(self, offset: int) -> Token | None:
        end = self.skip_back(offset)
        if end < offset and self._plain[end] in LINE_ENDS:
            return None
        floor = max(0, end - REACH)
        chunk = max(self._cased.rfind(b" ", floor, end), self._cased.rfind(BREAK, floor, end)) + 1 or floor
        for match in _TOKEN.finditer(self._cased, chunk):
            if match.end() >= end:
                return _token(match.start(), match[0]) if match.end() == end else None
        return None


def split_tokens(word: bytes) -> list[bytes]:
    """The tokens of a short folded text, for checking what stands in a pattern."""
    return _TOKEN.findall(word)


@lru_cache(maxsize=1 << 16)
def shapes(word: bytes) -> int:
    """The shapes of a folded token, as bits."""
    found = 0
    for shape, pattern in _SHAPE_PATTERNS:
        if pattern.fullmatch(word):
            found |= BIT[shape]
    capitals, digits = sum(65 <= code <= 90 for code in word), sum(48 <= code <= 57 for code in word)
    if capitals < 2 or digits > 2:
        found &= ~BIT["Acronym"]
    return found


def _token(start: int, word: bytes) -> Token:
    return Token(start, start + len(word), shapes(word), lower_key(word))
