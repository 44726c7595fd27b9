"""Replaces the parts of a text whose plain form has another length, with exact original offsets.

Combining accents are composed, invisible characters dropped, runs of spaces reduced to one, words broken at a line end
joined; HTML entities and text split into tokens are read as intended. Nearly all texts have none of this.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache

from ruletag.plaintext import Edit

DROPPED = b"\x81"  # a character without width: combining accent, soft hyphen, zero-width space
SPACES = " \t\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
LINE_FEEDS = "\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
LINE_ENDS = frozenset(LINE_FEEDS + "\r")
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"


def is_uneven(cased: bytes) -> bool:
    return any(sign in cased for sign, _ in _SIGNS)


def even_out(text: str, cased: bytes) -> tuple[str, tuple[Edit, ...]]:
    """The text with every cluster, run of spaces, broken word and invisible character replaced by its plain form, and
    the edits."""
    pieces: list[str] = []
    edits: list[Edit] = []
    cursor = length = 0
    for match in _uneven_matches(text, cased):
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


def _uneven_matches(text: str, cased: bytes) -> Iterator[re.Match[str]]:
    """The uneven parts of a text, in reading order and without overlap.

    Only the positions of signs are tried, each only for the kinds that its sign indicates.
    """
    kinds_at: dict[int, frozenset[str]] = {}
    for sign, kinds in _SIGNS:
        for at in _offsets(cased, sign):
            kinds_at[at] = kinds_at.get(at, frozenset()) | kinds
    last_end = 0
    for at, kinds in sorted(kinds_at.items()):
        if at < last_end:
            continue
        for first in _possible_starts(text, at, last_end) if kinds & _RUN_KINDS else (at,):
            if last_end <= first and (match := _uneven(kinds).match(text, first)):
                last_end = match.end()
                yield match
            if last_end > at:
                break


def _possible_starts(text: str, at: int, last_end: int) -> Iterator[int]:
    """The possible starts of a run of spaces or accents with its sign at `at`: in order, none before `last_end`."""
    first = at
    while first > last_end and text[first - 1] in _IN_RUNS:
        first -= 1
    if first > last_end and text[at] in _MARKS:
        yield first - 1  # the letter before its accents
    yield first
    if first < at:
        yield at


def _offsets(data: bytes, sign: bytes) -> Iterator[int]:
    """The offsets of a sign, in order."""
    at = data.find(sign)
    while at >= 0:
        yield at
        at = data.find(sign, at + 1)


@cache
def _uneven(kinds: frozenset[str]) -> re.Pattern[str]:
    """A pattern for these kinds of uneven parts. It begins with a character set, so other characters are skipped."""
    ordered_kinds = [kind for kind in _UNEVEN if kind in kinds]
    firsts = "".join(_UNEVEN[kind][0] for kind in ordered_kinds if kind != "cluster")
    alternatives = "|".join(f"(?P<{kind}>{_UNEVEN[kind][1]})" for kind in ordered_kinds if kind != "cluster")
    branches = [f"[{firsts}](?:{alternatives})"] if alternatives else []
    if "cluster" in kinds:
        branches.append(f"(?P<cluster>{_UNEVEN['cluster'][1]})")
    return re.compile("|".join(branches))


def _composed(match: re.Match[str]) -> str:
    """A letter with its accents, as one character; empty for accents alone."""
    return "" if unicodedata.combining(match[0][0]) else unicodedata.normalize("NFC", match[0])[0]


def _spaced(match: re.Match[str]) -> str:
    """One space, line end or paragraph end for a run of them; empty for invisible characters."""
    piece = _unescape(match[0]) if "&" in match[0] else match[0]
    if not any(char in _WHITE for char in piece):
        return ""
    ends = len(_LINE_END.findall(piece))
    return "\n\n" if ends > 1 else "\n" if ends else " "


def _rejoined(match: re.Match[str]) -> str:
    """The text between the halves of a word broken at a line end: empty, or the hyphen if it belongs to the word.

    The hyphen stays before a capital (*Seine-⏎Saint-Denis*), before a word that links compounds (*Aix-⏎en-Provence*,
    *dit-⏎il*) and after one that begins them (*vice-⏎président*).
    """
    text, hyphen = match.string, match[0][0]
    if not (match.start() and text[match.start() - 1].isalpha()):
        return match[0]
    if hyphen == "\u00ac":
        return ""
    is_linked = _LINKED.match(text, match.end()) or text[match.end()].isupper()
    return hyphen if is_linked or _LINKING.search(text, max(0, match.start() - _LONGEST_PREFIX), match.start()) else ""


def _unescaped(match: re.Match[str]) -> str:
    """The character of an HTML entity; unchanged if it is not the entity of one character."""
    char = _unescape(match[0])
    return char if len(char) == 1 else match[0]


def _unescape(text: str) -> str:
    from html import unescape  # few texts have entities

    return unescape(text)


def _elided(match: re.Match[str]) -> str:
    """The apostrophe of an elided word, with spaces beside it in text split into tokens: Côte d ' Ivoire."""
    return "'" if _ELIDED.search(match.string, max(0, match.start() - 3), match.start()) else match[0]


def _initial(match: re.Match[str]) -> str:
    """The full stop of an initial, with a space before it in text split into tokens: M . Kerbrac."""
    before = match.string[max(0, match.start() - 2) : match.start()]
    is_initial = before[-1:].isupper() and not before[:-1].isalnum()
    return "." if is_initial else match[0]


_WHITE = SPACES + LINE_FEEDS + "\r"
_MARKS = frozenset(map(chr, range(0x300, 0x370)))  # the accents that are composed
_IN_RUNS = frozenset(_WHITE + INVISIBLE) | _MARKS  # the characters of a run of spaces, or of accents
_RUN_KINDS = frozenset(("spaces", "cluster"))
_LINE_END = re.compile("\r\n|[\r" + re.escape(LINE_FEEDS) + "]")
_LETTER = "[^\\W\\d_]"
_BLANK = f"[{re.escape(SPACES)}]*"
_RUN = f"[{re.escape(_WHITE)}{INVISIBLE}]|&nbsp;|&#160;"
# By kind: the characters with which it begins, and the pattern of the rest.
_UNEVEN = {
    "spaces": (
        f"{re.escape(_WHITE)}{INVISIBLE}\\&",
        f"(?:(?<=[{re.escape(_WHITE)}])|(?<=&)(?:nbsp|#160);)(?:{_RUN})+|(?<=[{INVISIBLE}])(?:{_RUN})*",
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
# Signs of unevenness in a folded text; nearly all texts are recognised as even at once.
_SIGNS = (
    (DROPPED, frozenset(("spaces", "cluster"))),
    (b"  ", frozenset(("spaces",))),
    (b" \n", frozenset(("spaces",))),
    (b"\n ", frozenset(("spaces",))),
    (b"-\n", frozenset(("broken",))),
    (b"- \n", frozenset(("broken",))),
    (b"\xac\n", frozenset(("broken",))),
    (b"\xac \n", frozenset(("broken",))),
    (b"' ", frozenset(("elided",))),
    (b" ' ", frozenset(("apart",))),
    (b" .", frozenset(("initial",))),
    (b"&", frozenset(("spaces", "entity"))),
)
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
