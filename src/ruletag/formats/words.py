"""The words and signs of a text, for formats that list tokens. Offsets are code points."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from ruletag.model import Entity

# An elided word keeps its apostrophe, a compound its hyphens, a letter its combining marks; everything else is a sign.
_LETTERS = r"(?:\w[\u0300-\u036f]*)+"
_WORD = re.compile(
    r"(?:[cdjlmnst]|(?:jus|lors|puis|quoi)?qu)['’]"
    rf"|{_LETTERS}(?:-{_LETTERS})*(?:['’](?=\w))?"
    r"|\S[\u0300-\u036f\u200d\ufe0f]*",
    re.IGNORECASE,
)

Word = tuple[int, int]  # the half-open span of a token


@lru_cache(maxsize=2)  # a document is examined for its losses, and then written
def words(text: str) -> Sequence[Word]:
    """The tokens of a text, in order; white space is between them."""
    return tuple(map(re.Match.span, _WORD.finditer(text)))


def words_cut(text: str, entities: Iterable[Entity]) -> Sequence[Word]:
    """Like `words`, but split where an entity begins or ends, so that entities begin and end at token borders."""
    found = words(text)
    borders = sorted({border for each in entities for border in (each.start, each.end)})
    starts = [start for start, _ in found]
    cut = {_across(found, starts, border) for border in borders} - {-1}
    if not cut:
        return found
    return [piece for number, word in enumerate(found) for piece in (_cut(word, borders) if number in cut else (word,))]


def _across(found: Sequence[Word], starts: list[int], border: int) -> int:
    """The number of the token that crosses a border; -1 if none does."""
    number = bisect_left(starts, border) - 1
    return number if number >= 0 and found[number][1] > border else -1


def _cut(word: Word, borders: list[int]) -> Iterator[Word]:
    start, end = word
    for place in range(bisect_left(borders, start + 1), bisect_left(borders, end)):
        yield start, borders[place]
        start = borders[place]
    yield start, end


class Places:
    """The token that begins or ends at an offset."""

    def __init__(self, found: Sequence[Word]) -> None:
        self._starts = {start: number for number, (start, _) in enumerate(found)}
        self._ends = {end: number for number, (_, end) in enumerate(found)}

    def of(self, entity: Entity) -> tuple[int, int] | None:
        """The numbers of the first and last token of an entity; None if it begins or ends elsewhere."""
        first, last = self._starts.get(entity.start), self._ends.get(entity.end)
        return None if first is None or last is None else (first, last)
