"""Spans without what guidelines disagree on: determiner, title, civility, trailing demonym. For comparing only."""

from __future__ import annotations

from bisect import bisect_right

from ruletag.evaluation.pairing import Span
from ruletag.fold import Folded
from ruletag.lexicon import Lexicon
from ruletag.model import LABELS
from ruletag.tokens import Tokens

DETERMINERS = frozenset(b"le la les l' un une ce cet cette".split())
_QUOTES = frozenset(mark.encode("cp1252") for mark in "«»‹›\"'")
_FORGIVEN_CLASSES = ("title", "title-plural", "civility")


class Borders:
    """Takes borders off by the word classes of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def forgiven(self, folded: Folded, span: Span) -> Span:
        """The core of a span of the text as it came, in folded offsets; a span that is nothing but a title keeps it."""
        start, end, label = in_plain(folded, span)
        tokens = Tokens(folded)
        end = self._without_demonym(folded, tokens, start, end)
        start = _without_determiner(tokens, start, end)
        core = self._without_title(folded, tokens, start, end)
        return (core if core < end else start, end, label)

    def _without_title(self, folded: Folded, tokens: Tokens, start: int, end: int) -> int:
        for key in _FORGIVEN_CLASSES:
            hit = next((hit for hit in self._lexicon.ends(folded, start, key) if hit.end <= end), None)
            if hit:
                start = tokens.skip(hit.end)
                demonym = next((hit for hit in self._lexicon.ends(folded, start, "demonym") if hit.end <= end), None)
                return tokens.skip(demonym.end) if demonym and start < end else start
        return start

    def _without_demonym(self, folded: Folded, tokens: Tokens, start: int, end: int) -> int:
        last = tokens.before(end)
        if not last or last.start <= start or not folded.plain[last.start].islower():
            return end
        found = any(hit.end == end for hit in self._lexicon.ends(folded, last.start, "demonym"))
        return tokens.skip_back(last.start) if found else end

    def fringe(self, folded: Folded, start: int, end: int) -> frozenset[str] | None:
        """The kinds of thing that guidelines disagree on which a piece of text is made of, and of nothing else.

        None where other words stand in it; none, in a set, where only spaces do. Half-open code points of the text as
        it came. The kinds: `title`, `civility`, `demonym`, `determiner`, `quote`.
        """
        start, end, _ = in_plain(folded, (start, end, ""))
        tokens = Tokens(folded)
        kinds = set()
        while (start := tokens.skip(start)) < end:
            kind, after = self._fringe_at(folded, tokens, start, end)
            if not kind:
                return None
            kinds.add(kind)
            start = after
        return frozenset(kinds)

    def _fringe_at(self, folded: Folded, tokens: Tokens, start: int, end: int) -> tuple[str, int]:
        """The kind of what stands at `start`, and where it ends; an empty kind where it is none."""
        token = tokens.after(start)
        if token and token.end <= end and token.word in DETERMINERS:
            return "determiner", token.end
        if token and token.word in _QUOTES:
            return "quote", token.end
        for key in (*_FORGIVEN_CLASSES, "demonym"):
            hit = next((hit for hit in self._lexicon.ends(folded, start, key) if hit.end <= end), None)
            if hit:
                return key.removesuffix("-plural"), hit.end
        return "", start

    def is_listed(self, folded: Folded, start: int, end: int) -> bool:
        """Whether an entry of some label, ambiguous or not, stands at just these borders of the text as it came."""
        start, end, _ = in_plain(folded, (start, end, ""))
        return any(hit.end == end for label in LABELS for hit in self._lexicon.ends(folded, start, label))


def _without_determiner(tokens: Tokens, start: int, end: int) -> int:
    token = tokens.after(start)
    return tokens.skip(token.end) if token and token.word in DETERMINERS and token.end < end else start


def in_plain(folded: Folded, span: Span) -> Span:
    """A span of the text as it came, in the offsets of the folded text."""
    start, end, label = span
    return (_offset_in_plain(folded, start), _offset_in_plain(folded, end), label)


def _offset_in_plain(folded: Folded, offset: int) -> int:
    index = bisect_right(folded.edits, offset, key=lambda edit: edit.original_start) - 1
    if index < 0:
        return offset
    edit = folded.edits[index]
    return edit.start if offset < edit.original_end else edit.end + offset - edit.original_end
