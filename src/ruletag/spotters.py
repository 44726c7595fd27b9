"""Engines that spot words in a text: every place where one of many rows of words stands between the ends of words.

Patterns and texts are rows of words as `words_of` makes them from a folding: every mark is a space, and one more stands
at each end. So no engine ever stops inside a word, and all of them spot the same. What stands between the words, and
what else the place must be, is the caller's affair.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Protocol

from ruletag.errors import Fault, RuletagError
from ruletag.fold import IS_WORD, WORDS

ENGINES = ("ahocorasick", "flashtext")  # what a user may choose
SEARCH = "search"  # for a few patterns and one text

_PAYS = 1 << 16  # bytes of text for which an automaton is worth building
Spot = tuple[int, int, int]  # the number of a pattern, and the half-open span of it, its spaces included

_WORDS_ONLY = bytes(code if IS_WORD[code] else ord(" ") for code in range(256))


def words_of(view: bytes) -> bytes:
    """The words of a folded view, at the same distances; an offset of the view is one more here."""
    return b" " + view.translate(_WORDS_ONLY) + b" "


def pattern_rows(keys: Sequence[bytes]) -> list[bytes]:
    """The words of each folded key between two spaces, without the marks at its ends."""
    return [b" " + key.translate(_WORDS_ONLY).strip() + b" " for key in keys]


class Spotter(Protocol):
    def spots(self, words: bytes) -> list[Spot]:
        """Every place of every pattern, overlapping ones too, in no order."""


def spotter(engine: str, patterns: Sequence[bytes]) -> Spotter:
    """An engine by its name, for sorted patterns. RuletagError where there is none, or where it cannot be loaded."""
    if engine == SEARCH:
        return _SearchSpotter(patterns)
    if engine == "flashtext":
        return _FlashtextSpotter(patterns)
    if engine == "ahocorasick":
        return _AhoCorasickSpotter(patterns)
    raise RuletagError(Fault("--engine", "RT110", f"unknown engine {engine!r}", help=f"known: {', '.join(ENGINES)}"))


class _AhoCorasickSpotter:
    """All patterns in one automaton. Until that pays, the words of a text are looked up among the sorted patterns."""

    def __init__(self, patterns: Sequence[bytes]) -> None:
        try:
            from ahocorasick_rs import BytesAhoCorasick
        except ImportError as error:
            fault = Fault("--engine", "RT110", f"the ahocorasick engine cannot be loaded: {error}")
            raise RuletagError([fault, Fault("--engine", "RT110", "use --engine flashtext")]) from None
        self._kind = BytesAhoCorasick
        self._patterns = patterns
        self._read = 0  # how much text was read word by word

    @cached_property
    def _automaton(self) -> Any:
        return self._kind(self._patterns)

    def spots(self, words: bytes) -> list[Spot]:
        self._read += len(words)
        if self._read <= _PAYS:
            return self._looked_up(words)
        found: list[Spot] = self._automaton.find_matches_as_indexes(words, overlapping=True)
        return found

    def _looked_up(self, words: bytes) -> list[Spot]:
        """From each word, ever longer rows of words while a pattern begins so."""
        patterns = self._patterns
        found: list[Spot] = []
        for word in WORDS.finditer(words):
            start, end = word.start() - 1, word.end() + 1
            number = 0
            while end > 0:
                row = words[start:end]
                number = bisect_left(patterns, row, number)
                if number == len(patterns) or not patterns[number].startswith(row):
                    break
                if len(patterns[number]) == len(row):
                    found.append((number, start, end))
                end = words.find(b" ", end) + 1
        return found


class _FlashtextSpotter:
    """First words by flashtext, which then has no overlaps to lose; the rest is compared here."""

    def __init__(self, patterns: Sequence[bytes]) -> None:
        from flashtext import KeywordProcessor

        self._processor = KeywordProcessor(case_sensitive=True)
        self._processor.non_word_boundaries = {chr(code) for code in range(256) if IS_WORD[code]}
        self._starting: dict[str, list[tuple[bytes, int]]] = defaultdict(list)
        for number, pattern in enumerate(patterns):
            first = pattern.split(None, 1)[0].decode("latin-1")
            self._processor.add_keyword(first)
            self._starting[first].append((pattern, number))

    def spots(self, words: bytes) -> list[Spot]:
        return [
            (number, at - 1, at - 1 + len(pattern))
            for first, at, _ in self._processor.extract_keywords(words.decode("latin-1"), span_info=True)
            for pattern, number in self._starting[first]
            if words.startswith(pattern, at - 1)
        ]


class _SearchSpotter:
    """Each pattern by itself: for a few patterns that is quicker than to build what finds them all together."""

    def __init__(self, patterns: Sequence[bytes]) -> None:
        self._patterns = patterns

    def spots(self, words: bytes) -> list[Spot]:
        found: list[Spot] = []
        for number, pattern in enumerate(self._patterns):
            start = words.find(pattern)
            while start >= 0:
                found.append((number, start, start + len(pattern)))
                start = words.find(pattern, start + 1)
        return found
