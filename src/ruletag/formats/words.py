"""Words and punctuation of a text, for formats that list tokens. Offsets are code points."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from ruletag.model import Entity

# An elided word keeps its apostrophe, a compound its hyphens, a letter its combining marks; any other character is a
# token of its own.
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
    """The tokens of a text, in order. White space belongs to none."""
    return tuple(map(re.Match.span, _WORD.finditer(text)))


def words_cut(text: str, entities: Iterable[Entity]) -> Sequence[Word]:
    """Like `words`, but split where an entity begins or ends, so that entities begin and end at token borders."""
    tokens = words(text)
    borders = sorted({border for entity in entities for border in (entity.start, entity.end)})
    starts = [start for start, _ in tokens]
    crossed = {_crossed_by(border, tokens, starts) for border in borders} - {-1}
    if not crossed:
        return tokens
    return [
        piece
        for number, token in enumerate(tokens)
        for piece in (_cut(token, borders) if number in crossed else (token,))
    ]


def _crossed_by(border: int, tokens: Sequence[Word], starts: list[int]) -> int:
    """The number of the token with a border inside; -1 if there is none."""
    number = bisect_left(starts, border) - 1
    return number if number >= 0 and tokens[number][1] > border else -1


def _cut(token: Word, borders: list[int]) -> Iterator[Word]:
    start, end = token
    for index in range(bisect_left(borders, start + 1), bisect_left(borders, end)):
        yield start, borders[index]
        start = borders[index]
    yield start, end


class TokenNumbers:
    """The numbers of tokens by the offsets at which they begin and end."""

    def __init__(self, tokens: Sequence[Word]) -> None:
        self._starts = {start: number for number, (start, _) in enumerate(tokens)}
        self._ends = {end: number for number, (_, end) in enumerate(tokens)}

    def of(self, entity: Entity) -> tuple[int, int] | None:
        """The numbers of the first and last token of an entity; None if it does not consist of whole tokens."""
        first, last = self._starts.get(entity.start), self._ends.get(entity.end)
        return None if first is None or last is None else (first, last)
