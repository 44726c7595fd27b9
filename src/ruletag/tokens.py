"""Tokens and their shapes: a folded text is split once, from beginning to end.

A token is a word with its inner hyphens (`Jean-Luc`) and the apostrophes that are letters of it (`Le Floc'h`,
`N'Golo`), an elided word with its apostrophe (`l'`), an initial (`J.`), a dotted acronym (`O.N.U.`), a number, two
apostrophes in a row, or one other character. Offsets are those of the folded text.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from ruletag.fold import Folded, lower_key

SHAPES = {
    "Cap": "a capitalised word: Macron, Jean-Luc, McDonald, al-Assad",
    "Upper": "a word all in capitals, of two letters or more: MACRON, OCS",
    "lower": "a word all in lower case",
    "Relational": "a lower-case word that ends like a relational adjective: nationale, météorologique, consulaires",
    "Acronym": "two to twelve capitals, with up to two digits or none: OCS, CNDD-FDD, MI6, O.N.U.",
    "Roman": "a Roman numeral below 100: XIV",
    "Ordinal": "an ordinal number: 14e, 1er, XXe",
    "Number": "a number in digits: 2021, 3,5, 2015-2016",
    "Initial": "one capital and a full stop: J., J.-P.",
    "Word": "any word; no number, no punctuation",
    "Quote": 'a quotation mark, opening or closing: « » “ ” " and two apostrophes in a row',
}
BIT = {shape: 1 << index for index, shape in enumerate(SHAPES)}
# How far a match may extend on either side of its anchor, in code points: the bound that keeps every rule linear.
REACH = 400

_LETTERS = rb"A-Za-z\x8d\x9c\x8c\xe6\xc6\xdf"
# Words that French elides keep their apostrophe before anything: l'« Ami », d'11 ans, and `d'` at the end of a line.
_ELIDED = rb"(?:[CcDdJjLlMmNnSsTt]|(?:[Jj]us|[Ll]ors|[Pp]uis|[Qq]uoi)?qu|(?:JUS|LORS|PUIS|QUOI)?QU|Qu)"
# Apostrophes inside names: Floc'h, Villeneuve-d'Ascq, N'Golo. No elision between two words looks like these.
_JOINT = rb"(?:-|(?:(?<=[Cc])'(?=[Hh])|(?<=-[DdLl])')(?=[" + _LETTERS + rb"]))"
_NASAL = rb"[MN]'(?=[A-Z][a-z])"
# No token has more than 64 joints, so a run of A.A.A.A… is not one token as long as the text.
_TOKEN = re.compile(
    rb"(?:[A-Z]\.){2,64}"
    rb"|[A-Z]\.(?:-?[A-Z]\.){0,64}"
    rb"|[0-9]+(?:[.,-][0-9]+){0,64}(?![" + _LETTERS + rb"0-9-])"
    rb"|(?!" + _NASAL + rb")" + _ELIDED + rb"'"
    rb"|(?:" + _NASAL + rb")?[0-9_" + _LETTERS + rb"]+"
    rb"(?:" + _JOINT + rb"[0-9_" + _LETTERS + rb"]+){0,64}(?:'(?=[" + _LETTERS + rb"]))?"
    rb"|''"
    rb"|[^ \x90]",
)
_ROMAN = rb"(?=[IVXL])(?:X[LC]|L?X{0,3})(?:I[XV]|V?I{0,3})"
_SHAPE_PATTERNS = {
    "Cap": rb"(?:(?:al|an|ar|as|at|el|es|bin|ben|ould)-)?"
    rb"(?=[^a-z]*[a-z\x9c\xe6])[A-Z\x8c\xc6](?:'?[" + _LETTERS + rb"0-9_-])*",
    "Upper": rb"[A-Z\x8c\xc6][A-Z\x8c\xc6'-]*[A-Z\x8c\xc6]",
    "lower": rb"[a-z\x9c\xe6\xdf](?:'?[a-z\x9c\xe6\xdf-])*'?",
    "Relational": rb"[a-z\x9c\xe6][a-z\x9c\xe6-]{2,}"
    rb"(?:iques?|als?|ales?|aux|els?|elles?|aires?|ifs?|ives?|iens?|iennes?|istes?|(?<!prem)(?<!dern)i(?:ers?|eres?))",
    "Acronym": rb"(?![IVX]+$)(?=.{2,12}$)[A-Z][A-Z0-9&]*(?:-?[A-Z0-9]+)*(?<=[A-Z0-9])|(?:[A-Z]\.){2,}",
    "Roman": _ROMAN,
    "Ordinal": rb"(?:[0-9]+|(?!L[a-z])" + _ROMAN + rb")(?:er|re|e|es|eme|emes|ere|nd|nde)",
    "Number": rb"[0-9]+(?:[.,-][0-9]+)*",
    "Initial": rb"[A-Z]\.(?:-?[A-Z]\.)*",
    "Word": rb"[" + _LETTERS + rb"](?:'?[0-9_" + _LETTERS + rb"-])*'?",
    "Quote": rb"[\xab\xbb\"]|''",
}
# One group for each shape, in order, which matches if the whole token has the shape: one search instead of eleven.
_ALL_SHAPES = re.compile(b"".join(rb"(?:(?=(" + _SHAPE_PATTERNS[shape] + rb")\Z))?" for shape in SHAPES))


class Token(NamedTuple):
    """A token at a half-open span; `shapes` is a set of bits from `BIT`, `word` its lower folding."""

    start: int
    end: int
    shapes: int
    word: bytes


def tokens_of(folded: Folded, cuts: Collection[int] = ()) -> list[Token]:
    """The tokens of a folded text, in order, without spaces and ends of paragraphs.

    No token crosses one of the `cuts`: the names in a compound of names are separate tokens.
    """
    tokens: list[Token] = []
    for match in _TOKEN.finditer(folded.cased):
        start, end = match.span()
        inside = [cut for cut in range(start + 1, end) if cut in cuts] if cuts else []
        if not inside:
            tokens.append(_token(match))
            continue
        for first, last in pairwise((start, *inside, end)):
            tokens += (_token(part) for part in _TOKEN.finditer(folded.cased, first, last))
    return tokens


def _token(match: re.Match[bytes]) -> Token:
    return Token(*match.span(), shapes(match[0]), lower_key(match[0]))


def split_tokens(word: bytes) -> list[bytes]:
    """The tokens of a short folded text, for checking patterns."""
    return _TOKEN.findall(word)


@lru_cache(maxsize=1 << 16)
def shapes(word: bytes) -> int:
    """The shapes of a folded token, as bits."""
    match = _ALL_SHAPES.match(word)
    assert match, "all of it is optional"
    bits = 0
    for bit, shape in zip(BIT.values(), match.groups(), strict=True):
        if shape is not None:
            bits |= bit
    if bits & BIT["Acronym"] and not _is_acronym(word):
        bits &= ~BIT["Acronym"]
    return bits


def _is_acronym(word: bytes) -> bool:
    capitals, digits = sum(65 <= code <= 90 for code in word), sum(48 <= code <= 57 for code in word)
    return capitals >= 2 and digits <= 2
