"""Words and signs of a text, for formats that list tokens. Offsets are code points."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ruletag.model import Entity

# An elided word keeps its apostrophe, a compound its hyphens, a letter the marks above it; all else is a sign.
_LETTERS = r"(?:\w[\u0300-\u036f]*)+"
_WORD = re.compile(
    r"(?:[cdjlmnst]|(?:jus|lors|puis|quoi)?qu)['’]"
    rf"|{_LETTERS}(?:-{_LETTERS})*(?:['’](?=\w))?"
    r"|\S[\u0300-\u036f\u200d\ufe0f]*",
    re.IGNORECASE,
)


class Word(NamedTuple):
    """A token at a half-open span of the text."""

    start: int
    end: int


def words(text: str) -> list[Word]:
    """The tokens of a text, in order; white space is between them."""
    return [Word(*match.span()) for match in _WORD.finditer(text)]


def words_cut(text: str, entities: Iterable[Entity]) -> list[Word]:
    """As `words`, cut where an entity begins or ends, so that each of them begins and ends with a token."""
    borders = sorted({border for each in entities for border in (each.start, each.end)})
    return [piece for word in words(text) for piece in _cut(word, borders)]


def _cut(word: Word, borders: list[int]) -> Iterator[Word]:
    start = word.start
    for place in range(bisect_left(borders, word.start + 1), len(borders)):
        if borders[place] >= word.end:
            break
        yield Word(start, borders[place])
        start = borders[place]
    yield Word(start, word.end)


class Places:
    """Which token begins and which ends at an offset."""

    def __init__(self, found: list[Word]) -> None:
        self._starts = {word.start: number for number, word in enumerate(found)}
        self._ends = {word.end: number for number, word in enumerate(found)}

    def of(self, entity: Entity) -> tuple[int, int] | None:
        """The numbers of the first and the last token of an entity; None where it begins or ends elsewhere."""
        first, last = self._starts.get(entity.start), self._ends.get(entity.end)
        return None if first is None or last is None else (first, last)
