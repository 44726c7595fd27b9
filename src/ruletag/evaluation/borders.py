"""Strips from spans the parts on which guidelines disagree: determiner, title, civility, trailing demonym.

The results are for comparison only.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from operator import attrgetter

from ruletag.evaluation.pairing import Span
from ruletag.fold import Folded
from ruletag.model import Hit
from ruletag.tokens import Token, tokens_of

Hits = Callable[[Folded], Sequence[Hit]]
DETERMINERS = frozenset(b"le la les l' un une ce cet cette".split())
_QUOTES = frozenset(mark.encode("cp1252") for mark in "«»‹›\"'")
_FORGIVEN_CLASSES = ("title", "title-plural", "civility")


class Borders:
    """Strips borders with the entries of word classes.

    `hits` returns the hits in a folded text in the order of their starts, the longest first, as `Tagger.hits` does.
    """

    def __init__(self, hits: Hits) -> None:
        self._hits = hits
        self._text: _Text | None = None  # only the last, because spans come text by text

    def forgiven(self, folded: Folded, span: Span) -> Span:
        """The core of a span of the original text, in folded offsets; a span that is only a title keeps the title."""
        start, end, label = in_plain(folded, span)
        text = self._read(folded)
        end = text.without_demonym(start, end)
        start = text.without_determiner(start, end)
        core = text.without_title(start, end)
        return (core if core < end else start, end, label)

    def fringe(self, folded: Folded, start: int, end: int) -> frozenset[str] | None:
        """The kinds of guideline-dependent parts that make up a piece of text.

        None if it has other words; an empty set if it has only spaces. Offsets are half-open code points of the
        original text. The kinds are `title`, `civility`, `demonym`, `determiner` and `quote`.
        """
        start, end, _ = in_plain(folded, (start, end, ""))
        text = self._read(folded)
        kinds = set()
        while (start := text.skip(start)) < end:
            kind, after = text.fringe_at(start, end)
            if not kind:
                return None
            kinds.add(kind)
            start = after
        return frozenset(kinds)

    def is_listed(self, folded: Folded, start: int, end: int) -> bool:
        """Whether an entry with a label, ambiguous or not, has exactly these borders in the original text."""
        start, end, _ = in_plain(folded, (start, end, ""))
        return any(hit.end == end and hit.entry.is_label for hit in self._read(folded).hits_from(start))

    def _read(self, folded: Folded) -> _Text:
        if self._text is None or self._text.folded is not folded:
            self._text = _Text(folded, self._hits(folded))
        return self._text


class _Text:
    """A text with its tokens and hits; offsets are those of the folded text."""

    def __init__(self, folded: Folded, hits: Sequence[Hit]) -> None:
        self.folded = folded
        self._hits = hits
        tokens = tokens_of(folded)
        self._by_start = {token.start: token for token in tokens}
        self._by_end = {token.end: token for token in tokens}

    def hits_from(self, start: int) -> Sequence[Hit]:
        """The hits that start at an offset, the longest first."""
        first = bisect_left(self._hits, start, key=attrgetter("start"))
        return self._hits[first : bisect_right(self._hits, start, key=attrgetter("start"))]

    def skip(self, offset: int) -> int:
        """The offset after a space, if there is one."""
        return offset + self.folded.cased.startswith(b" ", offset)

    def without_title(self, start: int, end: int) -> int:
        for key in _FORGIVEN_CLASSES:
            if hit := self._within(start, end, key):
                start = self.skip(hit.end)
                demonym = self._within(start, end, "demonym")
                return self.skip(demonym.end) if demonym and start < end else start
        return start

    def without_demonym(self, start: int, end: int) -> int:
        last = self._by_end.get(end)
        if not last or last.start <= start or not self.folded.plain[last.start].islower():
            return end
        is_demonym = any(hit.end == end and hit.entry.key == "demonym" for hit in self.hits_from(last.start))
        return last.start - self.folded.cased.endswith(b" ", 0, last.start) if is_demonym else end

    def without_determiner(self, start: int, end: int) -> int:
        token = self._token(start)
        return self.skip(token.end) if token and token.word in DETERMINERS and token.end < end else start

    def fringe_at(self, start: int, end: int) -> tuple[str, int]:
        """The kind of the part at `start`, and where it ends; an empty kind if there is none."""
        token = self._token(start)
        if token and token.end <= end and token.word in DETERMINERS:
            return "determiner", token.end
        if token and token.word in _QUOTES:
            return "quote", token.end
        for key in (*_FORGIVEN_CLASSES, "demonym"):
            if hit := self._within(start, end, key):
                return key.removesuffix("-plural"), hit.end
        return "", start

    def _token(self, start: int) -> Token | None:
        return self._by_start.get(self.skip(start))

    def _within(self, start: int, end: int, key: str) -> Hit | None:
        """The longest hit of a word class that starts at `start` and does not extend beyond `end`."""
        return next((hit for hit in self.hits_from(start) if hit.entry.key == key and hit.end <= end), None)


def in_plain(folded: Folded, span: Span) -> Span:
    """A span of the original text, in the offsets of the folded text."""
    start, end, label = span
    return (_offset_in_plain(folded, start), _offset_in_plain(folded, end), label)


def _offset_in_plain(folded: Folded, offset: int) -> int:
    index = bisect_right(folded.edits, offset, key=lambda edit: edit.original_start) - 1
    if index < 0:
        return offset
    edit = folded.edits[index]
    return edit.start if offset < edit.original_end else edit.end + offset - edit.original_end
