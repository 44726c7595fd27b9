"""The folding of case, accents, apostrophes, spaces and hyphens, with exact original offsets.

A text is folded to one byte per code point, so offsets need no conversion: accents are dropped, every apostrophe
becomes `'`, every space a plain space, every hyphen `-`, “ ” become « ». Lengths change only in uneven parts (see
`uneven`); only then are offsets mapped back through a list of edits. A folded text has two views: `cased`, and `lower`
for anything that may be written in any case.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ruletag.plaintext import Edit, PlainText
from ruletag.uneven import DROPPED, INVISIBLE, LINE_FEEDS, SPACES, even_out, is_uneven

# The five bytes that code page 1252 leaves free stand for characters without a byte there; `DROPPED` is another.
LETTER = b"\x8d"  # a letter or digit of another script
SYMBOL = b"\x8f"  # anything else: emoji, dingbats, control characters
BREAK = b"\x90"  # an end of paragraph; no entry crosses it
WORD = rb"0-9A-Za-z_\x8d\x9c\x8c\xe6\xc6\xdf"  # the bytes that words consist of, for a class in a regular expression
WORDS = re.compile(b"[" + WORD + b"]+")
LAST_WORD = re.compile(b"[" + WORD + b"]+$")
IS_WORD = [bool(WORDS.match(bytes([code]))) for code in range(256)]

_FOLDED_MARKS = {
    "'": "'\u2018\u2019\u201b\u02bc\u02b9\u2032`\u00b4\uff07",
    "-": "-\u2010\u2011\u2043\ufe63\uff0d",
    "«": "\u201c\u201e\u201f",
    "»": "\u201d",
    " ": SPACES + "\r",  # the space before the line feed of a CRLF, evened out below
    "\n": LINE_FEEDS,
}
_FOLDED = {char: folded for folded, chars in _FOLDED_MARKS.items() for char in chars}
_FOLDED |= dict(zip("øØłŁđĐðÐıŧŦħĦ", "oOlLdDdDitThH", strict=True))
_SPACE = ord(" ")
_BATCH = 64  # number of surfaces folded together: one that is uneven slows down the others
_WITHOUT_BASE = "þÞƒ"  # letters of code page 1252 that are not an ASCII letter with an accent
LIGATURES = {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss"}


@dataclass(frozen=True, slots=True)
class Folded(PlainText):
    """A folded text: `plain`, and two views of the same length, one byte per code point."""

    cased: bytes = b""
    lower: bytes = b""

    def surface(self, start: int, end: int) -> str:
        """The surface of a span, with every space and line end as a plain space."""
        pairs = zip(self.plain[start:end], self.cased[start:end], strict=True)
        return "".join(" " if code == _SPACE else char for char, code in pairs)


def fold(text: str) -> Folded:
    """Fold any text, in linear time and memory.

    Addresses, file names and tags are folded to symbols, so no name is found in them.
    """
    cased = _bytes(text)
    plain, edits = even_out(text, cased) if is_uneven(cased) else (text, ())
    if edits:
        cased = _bytes(plain)
    cased, lower = _views(_without_addresses(plain, cased))
    return Folded(plain, edits, cased, lower)


def character_bytes(count: int) -> bytes:
    """The cased folding of each of the first `count` code points by itself."""
    return "".join(map(chr, range(count))).encode("cp1252", "ruletag.fold").translate(_CASED)


def fold_surface(surface: str) -> Folded:
    """Fold a surface, with single spaces and none at the ends. Unlike `fold`, keep addresses and the like."""
    plain = " ".join(surface.split())
    edits: tuple[Edit, ...] = ()
    cased = _bytes(plain)
    if is_uneven(cased):
        plain, edits = even_out(plain, cased)
        cased = _bytes(plain)
    return Folded(plain, edits, *_views(cased))


def fold_key(surface: str) -> bytes:
    """The cased folding of one surface, for building patterns."""
    return fold_surface(surface).cased


def fold_surfaces(surfaces: Sequence[str]) -> tuple[list[str], list[bytes]]:
    """The plain texts of surfaces, with single spaces, and their lower foldings; fast for many."""
    plains: list[str] = []
    keys: list[bytes] = []
    for first in range(0, len(surfaces), _BATCH):
        batch = [" ".join(surface.split()) for surface in surfaces[first : first + _BATCH]]
        cased = "\n".join(batch).encode("cp1252", "ruletag.fold").translate(_CASED)
        uneven = is_uneven(cased)
        for plain, key, lower in zip(batch, cased.split(b"\n"), cased.translate(_LOWER).split(b"\n"), strict=True):
            if uneven and is_uneven(key):
                folded = fold_surface(plain)
                plain, lower = folded.plain, folded.lower
            plains.append(plain)
            keys.append(lower)
    return plains, keys


def spellings(key: bytes) -> list[bytes]:
    """A folded key with its ligatures joined and separated: `œ` or `oe` in the pattern, either in the text.

    A capital ligature that begins a word has two separated spellings, `OEuvre` and `Oeuvre`.
    """
    if not _LIGATED.search(key):
        return [key]
    separated = joined = key
    for ligature, letters in _LIGATURE_BYTES:
        separated = separated.replace(ligature, letters)
    titled = _TITLED.sub(lambda match: match[0].title(), separated)
    capital = _TITLED.sub(lambda match: match[0].upper(), separated)
    joined = capital
    for ligature, letters in _LIGATURE_BYTES[:4]:
        joined = joined.replace(letters, ligature)
    return sorted({key, titled, capital, joined})


def lower_key(key: bytes) -> bytes:
    """The lower view of a cased key."""
    return key.translate(_LOWER)


def unaccented(char: str) -> str:
    """A letter without its accent; any other character as it is."""
    return _FOLDED.get(char) or unicodedata.normalize("NFD", char)[0]


def _bytes(text: str) -> bytes:
    encoded = text.encode("cp1252", "ruletag.fold").translate(_CASED)
    return encoded.replace(b" \n\n", BREAK * 3).replace(b"\n\n", BREAK * 2)


def _views(cased: bytes) -> tuple[bytes, bytes]:
    cased = cased.replace(b"\n", b" ")
    return cased, cased.translate(_LOWER)


def _without_addresses(plain: str, cased: bytes) -> bytes:
    """The folding with symbols for addresses, file names and tags, and for underscores at the edge of a word."""
    if "_" in plain:
        cased = _EDGE_UNDERSCORES.sub(lambda match: SYMBOL * len(match[0]), cased)
    hidden = None
    last_end = 0
    for sign in _signs_of_addresses(plain):
        for match in _addresses(plain, max(last_end, sign - _BEFORE_SIGN), sign):
            hidden = hidden or bytearray(cased)
            hidden[match.start() : match.end()] = SYMBOL * len(match[0])
            last_end = match.end()
    return cased if hidden is None else bytes(hidden)


def _signs_of_addresses(plain: str) -> list[int]:
    """The offsets of characters typical of addresses, file names and tags, in reading order."""
    offsets = [match.start() for match in _FILE_ENDING.finditer(plain)] if "." in plain else []
    for sign in _SIGNS_OF_ADDRESSES:
        at = plain.find(sign)
        while at >= 0:
            offsets.append(at)
            at = plain.find(sign, at + 1)
    return sorted(offsets)


def _addresses(plain: str, first: int, sign: int) -> Iterator[re.Match[str]]:
    """The addresses that begin at or after `first`, and at or before a sign."""
    while first <= sign:
        candidate = _ADDRESS.search(plain, first, sign + _BEHIND_SIGN)
        match = _ADDRESS.match(plain, candidate.start()) if candidate and candidate.start() <= sign else None
        if match is None:
            return
        yield match
        first = match.end()


@lru_cache(maxsize=4096)
def _byte(char: str) -> bytes:
    """The byte of a character that code page 1252 does not have."""
    if char in INVISIBLE or unicodedata.combining(char):
        return DROPPED
    base = _FOLDED.get(char) or unicodedata.normalize("NFKD", char)[0]
    if base in _FOLDED.values() or (base.isascii() and base.isprintable()):
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
        if char in _WITHOUT_BASE:
            table[code] = LETTER[0]
            continue
        folded = _FOLDED.get(char) or (unaccented(char) if char.isalpha() else char)
        if (code < 32 and char not in _FOLDED) or code == 127:
            table[code] = SYMBOL[0]
        elif char in INVISIBLE:
            table[code] = DROPPED[0]
        else:
            table[code] = folded.encode("cp1252")[0]
    return bytes(table)


_EDGE_UNDERSCORES = re.compile(b"(?<![" + WORD + b"])_+|_+(?![" + WORD + b"])")
_ENDINGS = "pdf|docx?|xlsx?|pptx?|od[tsp]|txt|csv|tsv|jsonl?|xml|html?|jpe?g|png|gif|svg|tiff?|mp[34]|avi|zip|gz|exe"
_FILE_ENDING = re.compile(rf"\.(?:{_ENDINGS})\b")
_SIGNS_OF_ADDRESSES = ("://", "www.", "@", "<")
_ADDRESS = re.compile(
    r"\b(?:https?|ftp)://[^\s<>«»\"]+|\bwww\.[^\s<>«»\"]+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+|</?[A-Za-z][^<>]{0,400}>"
    rf"|(?<![\w/\\-])[\w/\\-]{{1,200}}\.(?:{_ENDINGS})\b"
)
_BEFORE_SIGN = 200  # an address begins no farther before its sign
_BEHIND_SIGN = 512  # this much text shows whether it is an address
_CASED = _cased_table()
_TITLED = re.compile(rb"\b(?:O[Ee]|A[Ee])(?=[a-z])")
_LIGATURE_BYTES = [(char.encode("cp1252"), letters.encode()) for char, letters in LIGATURES.items()]
_LIGATED = re.compile(b"|".join(piece for pair in _LIGATURE_BYTES for piece in pair), re.IGNORECASE)
_LOWER = bytearray(range(256))
for _upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZŒÆ":
    _LOWER[_upper.encode("cp1252")[0]] = _upper.lower().encode("cp1252")[0]
codecs.register_error("ruletag.fold", _encode_rest)
