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
# The words that French elides keep their apostrophe whatever follows: l'« Ami », d'11 ans, and `d'` where a line ends.
_ELIDED = rb"(?:[CcDdJjLlMmNnSsTt]|(?:[Jj]us|[Ll]ors|[Pp]uis|[Qq]uoi)?qu|(?:JUS|LORS|PUIS|QUOI)?QU|Qu)"
# No token has more than 64 joints: rules look into the middle of A.A.A.A… and 1,1,1,1… from each of its letters.
_TOKEN = re.compile(
    rb"(?:[A-Z]\.){2,64}"
    rb"|[A-Z]\.(?:-?[A-Z]\.){0,64}"
    rb"|[0-9]+(?:[.,-][0-9]+){0,64}(?![" + _LETTERS + rb"0-9-])"
    rb"|" + _ELIDED + rb"'"
    rb"|[0-9_" + _LETTERS + rb"]+(?:-[0-9_" + _LETTERS + rb"]+){0,64}(?:'(?=[" + _LETTERS + rb"]))?"
    rb"|[^ \x90]",
)
_ROMAN = rb"(?=[IVXL])(?:X[LC]|L?X{0,3})(?:I[XV]|V?I{0,3})"
_SHAPE_PATTERNS = {
    "Cap": rb"(?:(?:al|an|ar|as|at|el|es|bin|ben|ould)-)?"
    rb"(?=[^a-z]*[a-z\x9c\xe6])[A-Z\x8c\xc6][" + _LETTERS + rb"0-9_-]*",
    "Upper": rb"[A-Z\x8c\xc6][A-Z\x8c\xc6-]*[A-Z\x8c\xc6]",
    "lower": rb"[a-z\x9c\xe6\xdf][a-z\x9c\xe6\xdf-]*'?",
    "Relational": rb"[a-z\x9c\xe6][a-z\x9c\xe6-]{2,}"
    rb"(?:iques?|als?|ales?|aux|els?|elles?|aires?|ifs?|ives?|iens?|iennes?|istes?|(?<!prem)(?<!dern)i(?:ers?|eres?))",
    "Acronym": rb"(?![IVX]+$)(?=.{2,12}$)[A-Z][A-Z0-9&]*(?:-?[A-Z0-9]+)*(?<=[A-Z0-9])|(?:[A-Z]\.){2,}",
    "Roman": _ROMAN,
    "Ordinal": rb"(?:[0-9]+|(?!L[a-z])" + _ROMAN + rb")(?:er|re|e|es|eme|emes|ere|nd|nde)",
    "Number": rb"[0-9]+(?:[.,-][0-9]+)*",
    "Initial": rb"[A-Z]\.(?:-?[A-Z]\.)*",
    "Word": rb"[" + _LETTERS + rb"][0-9_" + _LETTERS + rb"-]*'?",
    "Quote": rb"[\xab\xbb\"]",
}
# One group for each shape, in order, that is there where the whole token has the shape: one search in place of eleven.
_ALL_SHAPES = re.compile(b"".join(rb"(?:(?=(" + _SHAPE_PATTERNS[shape] + rb")\Z))?" for shape in SHAPES))


class Token(NamedTuple):
    """A token at a half-open span; `shapes` is a set of bits of `BIT`, `word` its lower folding."""

    start: int
    end: int
    shapes: int
    word: bytes


Span = tuple[int, int]


class Tokens:
    """The tokens of one folded text, cut when asked for. A line break ends a row of tokens."""

    def __init__(self, folded: Folded) -> None:
        self._plain = folded.plain
        self._cased = folded.cased

    def after(self, offset: int) -> Token | None:
        """The token that follows, on the same line."""
        return _token(self.cut_after(offset))

    def before(self, offset: int) -> Token | None:
        """The token that precedes, on the same line."""
        return _token(self.cut_before(offset))

    def cut_after(self, offset: int) -> re.Match[bytes] | None:
        """The match of the token that follows, on the same line."""
        if self._cased.startswith(b" ", offset):
            if self._plain[offset] in LINE_ENDS:
                return None
            offset += 1
        return _TOKEN.match(self._cased, offset)

    def cut_before(self, offset: int) -> re.Match[bytes] | None:
        """The match of the token that precedes, on the same line."""
        cased = self._cased
        end = self.skip_back(offset)
        if end < offset and self._plain[end] in LINE_ENDS:
            return None
        start = cased.rfind(b" ", max(0, end - REACH), end)
        start = max(start, cased.rfind(BREAK, max(0, start, end - REACH), end)) + 1 or max(0, end - REACH)
        while start < end and (match := _TOKEN.match(cased, start)):
            start = match.end()
            if start == end:
                return match
        return None

    def skip(self, offset: int) -> int:
        """The offset past a space, where there is one."""
        return offset + self._cased.startswith(b" ", offset)

    def skip_back(self, offset: int) -> int:
        """The offset before a space, where there is one."""
        return offset - self._cased.endswith(b" ", 0, offset)


def first_token(row: bytes) -> bytes:
    """The token with which a row between two spaces begins; empty where there is none."""
    match = _TOKEN.match(row)
    return match[0] if match else b""


def token_until(row: bytes, end: int) -> bytes:
    """The token of a row between two spaces that ends at an offset of it; empty where none does."""
    start, last = row.rfind(BREAK, 0, end) + 1, b""
    while start < end and (match := _TOKEN.match(row, start)):
        start, last = match.end(), match[0]
    return last if start == end else b""


def split_tokens(word: bytes) -> list[bytes]:
    """The tokens of a short folded text, for checking what stands in a pattern."""
    return _TOKEN.findall(word)


@lru_cache(maxsize=1 << 16)
def shapes(word: bytes) -> int:
    """The shapes of a folded token, as bits."""
    match = _ALL_SHAPES.match(word)
    assert match, "all of it is optional"
    found = 0
    for bit, shape in zip(BIT.values(), match.groups(), strict=True):
        if shape is not None:
            found |= bit
    if found & BIT["Acronym"] and not _is_acronym(word):
        found &= ~BIT["Acronym"]
    return found


def _is_acronym(word: bytes) -> bool:
    capitals, digits = sum(65 <= code <= 90 for code in word), sum(48 <= code <= 57 for code in word)
    return capitals >= 2 and digits <= 2


def _token(match: re.Match[bytes] | None) -> Token | None:
    return Token(*match.span(), shapes(match[0]), lower_key(match[0])) if match else None
