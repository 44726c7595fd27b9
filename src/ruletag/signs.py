"""What a token can be, told by one number before anything is tried.

A sign is a bit. Every shape has its own; words and classes have theirs by checksum, so that two of them may share one.
A token that lacks the sign of an atom is not that atom; a token that bears it may be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache, reduce
from operator import or_
from typing import Generic, TypeVar
from zlib import crc32

from ruletag.fold import IS_WORD, WORDS, lower_key
from ruletag.tokens import BIT, first_token, shapes, token_until

ANY = 1 << len(BIT)  # the sign that every token bears, and the end of a line too
_NUMBER = 509  # of the signs that words and classes share
_MOST = 1 << 15  # rows between spaces that are remembered

Option = TypeVar("Option")


class Choices(dict[int, tuple[Option, ...]], Generic[Option]):
    """By the signs of a token, those of some options that it allows: `choices[signs & choices.asked]`.

    Each option comes with the signs of which it asks for one; 0, or ANY among them, where any token will do. What was
    asked once is remembered. A token can bear of the signs asked for only what rules and lists have put together, so
    that this stays small whatever the texts.
    """

    def __init__(self, options: Iterable[tuple[int, Option]]) -> None:
        self._options = [(0 if signs & ANY else signs, option) for signs, option in options]
        self.all = tuple(option for _, option in self._options)
        self.asked = 0
        for signs, _ in self._options:
            self.asked |= signs

    def __missing__(self, signs: int) -> tuple[Option, ...]:
        allowed = self[signs] = tuple(option for asked, option in self._options if not asked or asked & signs)
        return allowed


def word_sign(word: bytes) -> int:
    """The sign of a literal word, in lower case."""
    return ANY << 1 + crc32(word) % _NUMBER


@cache
def class_sign(key: str) -> int:
    """The sign of a class or label."""
    return word_sign(f"<{key}>".encode())


class Signs:
    """The signs of a token: its shapes, its word, and the classes of which an entry may begin with it.

    `classes` gives those of which an entry begins with a word, in lower case; `marked` are those with an entry that has
    a mark before its first word (*'Ndrangheta*). With `last`, it is all about the last words, and the marks behind them
    (*M.*). `of` gives the signs of a token; `edge` has length and signs of the first (last) token of what stands
    between two spaces; `until` gives those of the token in it that ends at an offset.
    """

    def __init__(
        self, classes: Callable[[bytes], Iterable[str]], marked: Iterable[str] = (), *, last: bool = False
    ) -> None:
        self._edge = -1 if last else 0
        self._classes = classes
        self._marked = _together(marked)
        self._token = _last_token if last else first_token
        self.of = lru_cache(maxsize=1 << 16)(self._of)
        self.edge = RowEdges(self._at_edge)
        self.until = lru_cache(maxsize=1 << 12)(self._until)

    def _of(self, token: bytes) -> int:
        lower = lower_key(token)
        word = self._word(lower)
        classes = _together(self._classes(word)) if word else self._marked
        if not IS_WORD[token[self._edge]]:
            classes &= self._marked
        return ANY | shapes(token) | word_sign(lower) | classes

    def _at_edge(self, row: bytes) -> tuple[int, int]:
        token = self._token(row)
        return (len(token), self.of(token)) if token else (0, ANY)

    def _until(self, row: bytes, end: int) -> tuple[int, int]:
        token = token_until(row, end)
        return (len(token), self.of(token)) if token else (0, ANY)

    def _word(self, text: bytes) -> bytes:
        """The first or last word of a text, where it has one."""
        words: list[bytes] = WORDS.findall(text)
        return words[self._edge] if words else b""


class RowEdges(dict[bytes, tuple[int, int]]):
    """What is to know of the edge of each row that was met. All is forgotten when it has become too much."""

    def __init__(self, look: Callable[[bytes], tuple[int, int]]) -> None:
        self._look = look

    def __missing__(self, row: bytes) -> tuple[int, int]:
        if len(self) >= _MOST:
            self.clear()
        found = self[row] = self._look(row)
        return found


def _together(keys: Iterable[str]) -> int:
    return reduce(or_, map(class_sign, keys), 0)


def _last_token(row: bytes) -> bytes:
    return token_until(row, len(row))
