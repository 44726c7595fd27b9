"""Finds nouns before names that may be heads (*lac*, *cour d'appel de*) in the words of a text.

A head is in lower case; it is followed by at most two adjectives, then « de », « du », « des », « d' » or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

LINK = " de"  # the end of a head that is separated from its name by one of `_LINKS`
_LINKS = (("de", "la"), ("de", "l'"), ("de",), ("du",), ("des",), ("d'",))
_NO_NOUNS = frozenset(("de", "du", "des", "d'", "le", "la", "l'", "les", "un", "une"))
_LONGEST = 6  # words of a head
_ADJECTIVES = 2  # that may follow it: tribunal administratif de Nice
_WINDOW = _LONGEST + _ADJECTIVES + 2
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*['’]?")
_APOSTROPHES, _BLANKS = "'’", " \xa0"


class Word(NamedTuple):
    """A lower-case word with a straight apostrophe, and the offset of its start."""

    text: str
    start: int


class Found(NamedTuple):
    """A possible head of a name: its spelling in guidelines, its start, and the start of the name.

    It is `close` if neither an adjective nor a preposition is between them.
    """

    head: str
    start: int
    name: int
    close: bool


@lru_cache(maxsize=1 << 12)
def heads_inside(surface: str) -> tuple[Found, ...]:
    """The possible heads with which a name begins, the longest first."""
    words, after = _words_after(surface)
    heads = []
    for length in range(min(len(words), _LONGEST), 0, -1):
        if words[length - 1].text in _NO_NOUNS:
            continue
        for end in _ends_with_adjectives(words, length):
            link = _link([word.text for word in words[end : end + 2]])
            at = end + len(link)
            name = words[at].start if at < len(words) else after
            if name < len(surface) and (link or not surface[name].islower()):
                heads.append(Found(_spelling(words[:length], bool(link)), 0, name, at == length))
    return tuple(heads)


def heads_before(plain: str, name: int) -> Iterator[Found]:
    """The possible heads of a name that starts at an offset, the longest first."""
    words = _words_before(plain, name, _WINDOW)
    texts = tuple(word.text for word in words)
    link = next((link for link in _LINKS if texts[-len(link) :] == link), ())
    words = words[: len(words) - len(link)]
    for adjectives in range(_ADJECTIVES + 1):
        for first in range(max(0, len(words) - _LONGEST), len(words)):
            yield Found(_spelling(words[first:], bool(link)), words[first].start, name, not (link or adjectives))
        if not words or words[-1].text in _NO_NOUNS or not _is_relational(words[-1].text):
            return
        words = words[:-1]


def spelling_fault(head: str) -> str:
    """The fault in the spelling of a head, as the predicate of a sentence; empty if there is none."""
    words = _WORD.findall(head.removesuffix(LINK))
    if not words or _spelling([Word(word, 0) for word in words], head.endswith(LINK)) != head or not head.islower():
        return "is not a noun in lower case, with single spaces"
    if words[-1] in _NO_NOUNS:
        return "ends in an article or a preposition"
    return f"has more than {_LONGEST} words" if len(words) > _LONGEST else ""


def _ends_with_adjectives(words: Sequence[Word], length: int) -> Iterator[int]:
    """The ends of a head of `length` words: without adjectives after it, then with each of them."""
    yield length
    for end in range(length, min(length + _ADJECTIVES, len(words))):
        if not _is_relational(words[end].text):
            return
        yield end + 1


def straight(text: str) -> str:
    """A text with straight apostrophes, as heads are spelt."""
    return text.replace("’", "'")


def edges(head: str) -> tuple[str, str]:
    """The first and the last word of a head, without apostrophes."""
    words = _WORD.findall(head.removesuffix(LINK))
    return words[0].rstrip("'"), words[-1].rstrip("'")


def _link(texts: Sequence[str]) -> tuple[str, ...]:
    return next((link for link in _LINKS if tuple(texts[: len(link)]) == link), ())


def _spelling(words: Sequence[Word], linked: bool) -> str:
    return " ".join(word.text for word in words).replace("' ", "'") + LINK * linked


def _words_after(surface: str) -> tuple[list[Word], int]:
    """The lower-case words with which a name begins, and where the rest starts."""
    words: list[Word] = []
    at = 0
    while len(words) < _WINDOW and (match := _WORD.match(surface, at)) and match[0].islower():
        words.append(Word(straight(match[0]), at))
        at = match.end()
        at += match[0][-1] not in _APOSTROPHES and surface[at : at + 1] in (" ", "\xa0")
    return words, at


def _words_before(plain: str, end: int, most: int) -> list[Word]:
    """The lower-case words directly before an offset, in order, with single spaces between."""
    words: list[Word] = []
    while len(words) < most and end:
        last = end - (plain[end - 1] in _BLANKS)
        first = last - (last > 0 and plain[last - 1] in _APOSTROPHES)
        if first == end:  # neither a space nor an apostrophe between
            break
        while first and (plain[first - 1].isalpha() or plain[first - 1] == "-"):
            first -= 1
        text = plain[first:last]
        if not text.islower() or not _WORD.fullmatch(text):
            break
        words.append(Word(straight(text), first))
        end = first
    return words[::-1]


@lru_cache(maxsize=1 << 12)
def _is_relational(word: str) -> bool:
    from ruletag.fold import fold  # most texts have no head to look at
    from ruletag.tokens import BIT, shapes

    return bool(shapes(fold(word).cased) & BIT["Relational"])
