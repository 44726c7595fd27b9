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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from ruletag.plaintext import Edit, PlainText

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
_SPACE = ord(" ")
_AT_A_TIME = 64  # surfaces that are folded together: one that is uneven makes the others slow
_BASELESS = "þÞƒ"  # letters of code page 1252 that are no ASCII letter with an accent
LIGATURES = {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss"}


@dataclass(frozen=True, slots=True)
class Folded(PlainText):
    """A folded text: besides `plain` two views of its length, a byte a code point."""

    cased: bytes = b""
    lower: bytes = b""

    def surface(self, start: int, end: int) -> str:
        """What stands at a span, with every space and line end as a plain space."""
        pairs = zip(self.plain[start:end], self.cased[start:end], strict=True)
        return "".join(" " if code == _SPACE else char for char, code in pairs)


def fold(text: str) -> Folded:
    """Fold any text. Time and memory are linear; nothing is lost, whatever the text holds.

    Addresses, file names and tags are folded to symbols: no name is looked for in them.
    """
    cased = _bytes(text)
    plain, edits = _even_out(text, cased) if _is_uneven(cased) else (text, ())
    if edits:
        cased = _bytes(plain)
    cased, lower = _views(_without_addresses(plain, cased))
    return Folded(plain, edits, cased, lower)


def character_bytes(count: int) -> bytes:
    """The cased folding of each of the first code points by itself."""
    return "".join(map(chr, range(count))).encode("cp1252", "ruletag.fold").translate(_CASED)


def fold_surface(surface: str) -> Folded:
    """As `fold`, one surface, with single spaces and none at the ends: every part of it counts."""
    plain = " ".join(surface.split())
    edits: tuple[Edit, ...] = ()
    cased = _bytes(plain)
    if _is_uneven(cased):
        plain, edits = _even_out(plain, cased)
        cased = _bytes(plain)
    return Folded(plain, edits, *_views(cased))


def fold_key(surface: str) -> bytes:
    """The cased folding of one surface, for building patterns."""
    return fold_surface(surface).cased


def fold_surfaces(surfaces: Sequence[str]) -> tuple[list[str], list[bytes]]:
    """Each surface as a text has it, with single spaces, and its lower folding; many at a time."""
    plains: list[str] = []
    keys: list[bytes] = []
    for first in range(0, len(surfaces), _AT_A_TIME):
        row = [" ".join(surface.split()) for surface in surfaces[first : first + _AT_A_TIME]]
        cased = "\n".join(row).encode("cp1252", "ruletag.fold").translate(_CASED)
        uneven = _is_uneven(cased)
        for plain, key, lower in zip(row, cased.split(b"\n"), cased.translate(_LOWER).split(b"\n"), strict=True):
            if uneven and _is_uneven(key):
                folded = fold_surface(plain)
                plain, lower = folded.plain, folded.lower
            plains.append(plain)
            keys.append(lower)
    return plains, keys


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
    return any(sign in cased for sign, _ in _SIGNS)


def _even_out(text: str, cased: bytes) -> tuple[str, tuple[Edit, ...]]:
    """The text with every cluster, run of spaces, broken word and invisible character made what a reader sees in it."""
    pieces: list[str] = []
    edits: list[Edit] = []
    cursor = length = 0
    for match in _uneven_places(text, cased):
        replacement = _REPLACED[match.lastgroup or ""](match)
        if replacement == match[0]:
            continue
        pieces += (text[cursor : match.start()], replacement)
        start = length + match.start() - cursor
        length = start + len(replacement)
        edits.append(Edit(start, length, match.start(), match.end()))
        cursor = match.end()
    pieces.append(text[cursor:])
    return "".join(pieces), tuple(edits)


def _uneven_places(text: str, cased: bytes) -> Iterator[re.Match[str]]:
    """What is uneven in a text, in reading order and without overlap."""
    signs = [sign for sign, _ in _SIGNS if sign in cased]
    kinds = frozenset(kind for sign, kinds in _SIGNS if sign in signs for kind in kinds)
    if not kinds <= _AT_SIGNS:
        yield from _uneven(kinds).finditer(text)
        return
    behind = 0
    for at in sorted({at for sign in signs for at in _finds(cased, sign)}):
        match = _uneven(kinds).match(text, at) if at >= behind else None
        if match:
            behind = match.end()
            yield match


def _finds(data: bytes, sign: bytes) -> Iterator[int]:
    """The places of a sign."""
    at = data.find(sign)
    while at >= 0:
        yield at
        at = data.find(sign, at + 1)


@cache
def _uneven(kinds: frozenset[str]) -> re.Pattern[str]:
    """What is uneven in a text with such signs. It begins with a set of characters, so that others are passed over."""
    chosen = [kind for kind in _UNEVEN if kind in kinds]
    firsts = "".join(_UNEVEN[kind][0] for kind in chosen if kind != "cluster")
    ways = "|".join(f"(?P<{kind}>{_UNEVEN[kind][1]})" for kind in chosen if kind != "cluster")
    whole = [f"[{firsts}](?:{ways})"] if ways else []
    return re.compile("|".join([*whole, *([f"(?P<cluster>{_UNEVEN['cluster'][1]})"] if "cluster" in kinds else [])]))


def _composed(match: re.Match[str]) -> str:
    """A letter with its accents, as one character; nothing for accents alone."""
    return "" if unicodedata.combining(match[0][0]) else unicodedata.normalize("NFC", match[0])[0]


def _spaced(match: re.Match[str]) -> str:
    """One space, line end or end of paragraph for a run of them; nothing for what is invisible."""
    piece = _unescape(match[0]) if "&" in match[0] else match[0]
    if not any(char in _WHITE for char in piece):
        return ""
    ends = len(_LINE_END.findall(piece))
    return "\n\n" if ends > 1 else "\n" if ends else " "


def _rejoined(match: re.Match[str]) -> str:
    """What joins the halves of a word that a line end broke: nothing, or the hyphen where that is the word's own.

    The hyphen stays before a capital (*Seine-⏎Saint-Denis*), before a word that compounds link with
    (*Aix-⏎en-Provence*, *dit-⏎il*) and behind one that they begin with (*vice-⏎président*).
    """
    text, hyphen = match.string, match[0][0]
    if not (match.start() and text[match.start() - 1].isalpha()):
        return match[0]
    if hyphen == "\u00ac":
        return ""
    follows = _LINKED.match(text, match.end()) or text[match.end()].isupper()
    return hyphen if follows or _LINKING.search(text, max(0, match.start() - _LONGEST_PREFIX), match.start()) else ""


def _unescaped(match: re.Match[str]) -> str:
    """The character of an HTML entity, where it is one."""
    char = _unescape(match[0])
    return char if len(char) == 1 else match[0]


def _unescape(text: str) -> str:
    from html import unescape  # few texts have entities

    return unescape(text)


def _elided(match: re.Match[str]) -> str:
    """The apostrophe of an elided word, where a text cut into tokens has spaces beside it: Côte d ' Ivoire."""
    return "'" if _ELIDED.search(match.string, max(0, match.start() - 3), match.start()) else match[0]


def _initial(match: re.Match[str]) -> str:
    """The full stop of an initial, where a text cut into tokens has a space before it: M . Kerbrac."""
    before = match.string[max(0, match.start() - 2) : match.start()]
    is_initial = before[-1:].isupper() and not before[:-1].isalnum()
    return "." if is_initial else match[0]


def _without_addresses(plain: str, cased: bytes) -> bytes:
    """The folding with symbols for addresses, file names and tags, and for underscores that edge a word."""
    if "_" in plain:
        cased = _EDGING.sub(lambda match: SYMBOL * len(match[0]), cased)
    if not any(sign in plain for sign in _SIGNS_OF_ADDRESSES) and not _FILE_ENDING.search(plain):
        return cased
    hidden = bytearray(cased)
    for match in _ADDRESS.finditer(plain):
        hidden[match.start() : match.end()] = SYMBOL * len(match[0])
    return bytes(hidden)


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
_LETTER = "[^\\W\\d_]"
_BLANK = f"[{re.escape(_SPACES)}]*"
_RUN = f"[{re.escape(_WHITE)}{_INVISIBLE}]|&nbsp;|&#160;"
# By kind: the characters with which it begins, and what follows the first of them.
_UNEVEN = {
    "spaces": (
        f"{re.escape(_WHITE)}{_INVISIBLE}\\&",
        f"(?:(?<=[{re.escape(_WHITE)}])|(?<=&)(?:nbsp|#160);)(?:{_RUN})+|(?<=[{_INVISIBLE}])(?:{_RUN})*",
    ),
    "broken": ("\\-\u2010\u00ac", f"(?<=[-\u2010\u00ac]){_BLANK}\r?\n{_BLANK}(?={_LETTER})"),
    "apart": (" ", f"(?<= )['\u2019] (?={_LETTER})"),
    "elided": ("'\u2019", f"(?<=['\u2019]) (?={_LETTER})"),
    "initial": (" ", "(?<= )\\.(?= )"),
    "entity": ("\\&", "(?<=&)(?:[A-Za-z]{2,8}|#[0-9]{1,6}|#[xX][0-9A-Fa-f]{1,5});"),
    "cluster": ("", f"[^{re.escape(_WHITE)}\u0300-\u036f][\u0300-\u036f]+|[\u0300-\u036f]+"),
}
_REPLACED: dict[str, Callable[[re.Match[str]], str]] = {
    "broken": _rejoined,
    "spaces": _spaced,
    "apart": _elided,
    "elided": _elided,
    "initial": _initial,
    "entity": _unescaped,
    "cluster": _composed,
}
# Signs in a folding of what is uneven; nearly all texts are seen to be even at once.
_SIGNS = (
    (DROPPED, ("spaces", "cluster")),
    (b"  ", ("spaces",)),
    (b" \n", ("spaces",)),
    (b"\n ", ("spaces",)),
    (b"-\n", ("broken",)),
    (b"- \n", ("broken",)),
    (b"\xac\n", ("broken",)),
    (b"\xac \n", ("broken",)),
    (b"' ", ("elided",)),
    (b" ' ", ("apart",)),
    (b" .", ("initial",)),
    (b"&", ("spaces", "entity")),
)
_AT_SIGNS = {
    "broken",
    "apart",
    "elided",
    "initial",
}  # begin where their sign does; others are looked for in all the text
_ELIDED = re.compile(r"(?:^|[^\w])(?:[cdjlmnstCDJLMNST]|[qQ]u)$")
_LONGEST_PREFIX = 12
_LINKING = re.compile(
    r"(?:^|[^\w])(?:vice|ex|demi|semi|quasi|celui|celle|ceux|celles|franco|sino|russo|anglo|gréco|italo|turco|germano)$",
    re.IGNORECASE,
)
_LINKED = re.compile(
    r"(?:en|sur|sous|le|la|les|lès|lez|de|du|des|d|l|et|aux?|à|t|ci|là|ce|il|elle|on|je|tu|nous|vous|ils|elles|y|moi|toi"
    r"|lui|leur|même|mêmes|delà|dessous|dessus|devant|midi|mer|bas|haut|être)(?![^\W_])"
)
_EDGING = re.compile(b"(?<![" + WORD + b"])_+|_+(?![" + WORD + b"])")
_ENDINGS = "pdf|docx?|xlsx?|pptx?|od[tsp]|txt|csv|tsv|jsonl?|xml|html?|jpe?g|png|gif|svg|tiff?|mp[34]|avi|zip|gz|exe"
_FILE_ENDING = re.compile(rf"\.(?:{_ENDINGS})\b")
_SIGNS_OF_ADDRESSES = ("://", "www.", "@", "<")
_ADDRESS = re.compile(
    r"\b(?:https?|ftp)://[^\s<>«»\"]+|\bwww\.[^\s<>«»\"]+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+|</?[A-Za-z][^<>]{0,400}>"
    rf"|(?<![\w/\\-])[\w/\\-]{{1,200}}\.(?:{_ENDINGS})\b"
)
_CASED = _cased_table()
_TITLED = re.compile(rb"\b(?:O[Ee]|A[Ee])(?=[a-z])")
_LIGATURE_BYTES = [(char.encode("cp1252"), letters.encode()) for char, letters in LIGATURES.items()]
_LIGATED = re.compile(b"|".join(piece for pair in _LIGATURE_BYTES for piece in pair), re.IGNORECASE)
_LOWER = bytearray(range(256))
for _upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZŒÆ":
    _LOWER[_upper.encode("cp1252")[0]] = _upper.lower().encode("cp1252")[0]
codecs.register_error("ruletag.fold", _encode_rest)
