"""One folding of case, accents, apostrophes, spaces and hyphens, with exact original offsets.

A text is folded to one byte per code point, so that offsets need no conversion: accents go, every apostrophe is `'`,
every space is a space, every hyphen is `-`, “ ” become « ». Only what has no length of its own changes lengths:
combining accents are composed, invisible characters dropped, runs of spaces made one. Then, and only then, offsets
are mapped back through a list of edits. Two views are kept: `cased`, and `lower` for what may be written in any case.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

# The five bytes that code page 1252 leaves free mark what has no byte there.
DROPPED = b"\x81"  # a character without width: combining accent, soft hyphen, zero-width space
LETTER = b"\x8d"  # a letter or digit of another script
SYMBOL = b"\x8f"  # anything else: emoji, dingbats, control characters
BREAK = b"\x90"  # an end of paragraph; no entry runs across it
WORD = rb"0-9A-Za-z_\x8d\x9c\x8c\xe6\xc6\xdf"  # the bytes that words are made of, for a class of an expression
WORDS = re.compile(b"[" + WORD + b"]+")
LAST_WORD = re.compile(b"[" + WORD + b"]+$")
IS_WORD = [bool(WORDS.match(bytes([code]))) for code in range(256)]

_SPACES = " \t\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_LINE_ENDS = "\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
LINE_ENDS = frozenset(_LINE_ENDS + "\r")
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_FOLDED_MARKS = {
    "'": "'\u2018\u2019\u201b\u02bc\u02b9\u2032`\u00b4\uff07",
    "-": "-\u2010\u2011\u2043\ufe63\uff0d",
    "«": "\u201c\u201e\u201f",
    "»": "\u201d",
    " ": _SPACES + "\r",  # the space before the line feed of a CRLF, evened out below
    "\n": _LINE_ENDS,
}
_SAME = {char: folded for folded, chars in _FOLDED_MARKS.items() for char in chars}
_SAME |= dict(zip("øØłŁđĐðÐıŧŦħĦ", "oOlLdDdDitThH", strict=True))
_AT_A_TIME = 4096  # surfaces that are folded together
_BASELESS = "þÞƒ"  # letters of code page 1252 that are no ASCII letter with an accent
LIGATURES = {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss"}


class Edit(NamedTuple):
    """`plain[start:end]` stands for `[original_start:original_end]` of the text as it came."""

    start: int
    end: int
    original_start: int
    original_end: int


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text. `plain` is the text as the tagger reads it; the two views have its length, a byte a code point.

    `plain` is the very text that came, but where lengths had to change; `original` gives the offsets back.
    """

    plain: str
    cased: bytes
    lower: bytes
    edits: tuple[Edit, ...] = ()

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span in the text as it came, for a span of `plain` that is not empty."""
        if not self.edits:
            return start, end
        return self._original_start(start), self._original_start(end - 1, after=True)

    def _original_start(self, offset: int, *, after: bool = False) -> int:
        index = bisect_right(self.edits, offset, key=lambda edit: edit.start) - 1
        if index < 0:
            return offset + after
        edit = self.edits[index]
        if offset < edit.end:
            return edit.original_end if after else edit.original_start
        return edit.original_end + (offset - edit.end) + after


def fold(text: str) -> Folded:
    """Fold any text. Time and memory are linear; nothing is lost, whatever the text holds."""
    cased = _bytes(text)
    if not _is_uneven(cased):
        return Folded(text, *_views(cased))
    plain, edits = _even_out(text)
    return Folded(plain, *_views(_bytes(plain)), edits)


def fold_key(surface: str) -> bytes:
    """The cased folding of one surface, for building patterns: spaces are single, none at the ends."""
    return fold(" ".join(surface.split())).cased


def fold_keys(surfaces: Sequence[str]) -> list[bytes]:
    """`fold_key` of each surface, many at a time."""
    keys: list[bytes] = []
    for first in range(0, len(surfaces), _AT_A_TIME):
        row = [" ".join(surface.split()) for surface in surfaces[first : first + _AT_A_TIME]]
        folded = "\n".join(row).encode("cp1252", "ruletag.fold").translate(_CASED).split(b"\n")
        keys += [fold(each).cased if _is_uneven(key) else key for key, each in zip(folded, row, strict=True)]
    return keys


def spellings(key: bytes) -> list[bytes]:
    """A folded key with its ligatures joined and apart: `œ` or `oe` in the pattern, either in the text.

    A capital one that begins a word has two spellings apart, `OEuvre` and `Oeuvre`.
    """
    if not _LIGATED.search(key):
        return [key]
    apart = joined = key
    for ligature, letters in _LIGATURE_BYTES:
        apart = apart.replace(ligature, letters)
    titled = _TITLED.sub(lambda match: match[0].title(), apart)
    capital = _TITLED.sub(lambda match: match[0].upper(), apart)
    joined = capital
    for ligature, letters in _LIGATURE_BYTES[:4]:
        joined = joined.replace(letters, ligature)
    return sorted({key, titled, capital, joined})


def lower_key(key: bytes) -> bytes:
    """The lower view of a cased key."""
    return key.translate(_LOWER)


def unaccented(char: str) -> str:
    """A letter without its accent; any other character as it is."""
    return _SAME.get(char) or unicodedata.normalize("NFD", char)[0]


def _bytes(text: str) -> bytes:
    encoded = text.encode("cp1252", "ruletag.fold").translate(_CASED)
    return encoded.replace(b" \n\n", BREAK * 3).replace(b"\n\n", BREAK * 2)


def _views(cased: bytes) -> tuple[bytes, bytes]:
    cased = cased.replace(b"\n", b" ")
    return cased, cased.translate(_LOWER)


def _is_uneven(cased: bytes) -> bool:
    return DROPPED in cased or b"  " in cased or b" \n" in cased or b"\n " in cased


def _even_out(text: str) -> tuple[str, tuple[Edit, ...]]:
    """The text with every cluster, run of spaces and invisible character made one character or none."""
    pieces: list[str] = []
    edits: list[Edit] = []
    cursor = length = 0
    for match in _UNEVEN.finditer(text):
        replacement = _even(match[0])
        pieces += (text[cursor : match.start()], replacement)
        start = length + match.start() - cursor
        length = start + len(replacement)
        edits.append(Edit(start, length, match.start(), match.end()))
        cursor = match.end()
    pieces.append(text[cursor:])
    return "".join(pieces), tuple(edits)


def _even(piece: str) -> str:
    if piece[0] not in _WHITE and piece[0] not in _INVISIBLE and not unicodedata.combining(piece[0]):
        return unicodedata.normalize("NFC", piece)[0]
    if not any(char in _WHITE for char in piece):
        return ""
    ends = len(_LINE_END.findall(piece))
    return "\n\n" if ends > 1 else "\n" if ends else " "


@lru_cache(maxsize=4096)
def _byte(char: str) -> bytes:
    """The byte of a character that code page 1252 does not have."""
    if char in _INVISIBLE or unicodedata.combining(char):
        return DROPPED
    base = _SAME.get(char) or unicodedata.normalize("NFKD", char)[0]
    if base in _SAME.values() or (base.isascii() and base.isprintable()):
        return base.encode("cp1252")
    return LETTER if char.isalnum() else SYMBOL


def _encode_rest(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return b"".join(map(_byte, error.object[error.start : error.end])), error.end


def _cased_table() -> bytes:
    table = bytearray(range(256))
    for code in range(256):
        try:
            char = bytes([code]).decode("cp1252")
        except UnicodeDecodeError:
            continue
        if char in LIGATURES:
            continue
        if char in _BASELESS:
            table[code] = LETTER[0]
            continue
        folded = _SAME.get(char) or (unaccented(char) if char.isalpha() else char)
        if (code < 32 and char not in _SAME) or code == 127:
            table[code] = SYMBOL[0]
        elif char in _INVISIBLE:
            table[code] = DROPPED[0]
        else:
            table[code] = folded.encode("cp1252")[0]
    return bytes(table)


_WHITE = _SPACES + _LINE_ENDS + "\r"
_LINE_END = re.compile("\r\n|[\r" + re.escape(_LINE_ENDS) + "]")
_UNEVEN = re.compile(
    f"[{re.escape(_WHITE)}{_INVISIBLE}]{{2,}}|[{_INVISIBLE}]"
    f"|[^{re.escape(_WHITE)}\u0300-\u036f][\u0300-\u036f]+|[\u0300-\u036f]+"
)
_CASED = _cased_table()
_TITLED = re.compile(rb"\b(?:O[Ee]|A[Ee])(?=[a-z])")
_LIGATURE_BYTES = [(char.encode("cp1252"), letters.encode()) for char, letters in LIGATURES.items()]
_LIGATED = re.compile(b"|".join(piece for pair in _LIGATURE_BYTES for piece in pair), re.IGNORECASE)
_LOWER = bytearray(range(256))
for _upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZŒÆ":
    _LOWER[_upper.encode("cp1252")[0]] = _upper.lower().encode("cp1252")[0]
codecs.register_error("ruletag.fold", _encode_rest)
