"""Engines that spot entries in a text: every place where one of many patterns stands between the ends of words.

Patterns and texts are folded. Each pattern carries a value of any kind, which comes back with its places. What the
place must be besides, the caller says. All engines spot the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Generic, Protocol, TypeVar

from ruletag.errors import Fault, RuletagError
from ruletag.fold import IS_WORD, WORDS

ENGINES = ("ahocorasick", "flashtext")  # what a user may choose
SEARCH = "search"  # for a few patterns and one text

_WORDS_ONLY = bytes(code if IS_WORD[code] else ord(" ") for code in range(256))

Value = TypeVar("Value")
Value_co = TypeVar("Value_co", covariant=True)


class Spotter(Protocol[Value_co]):
    def spots(self, view: bytes) -> Iterator[tuple[Value_co, int, int]]:
        """Every place where a pattern stands as a word or words of its own; half-open offsets, in no order."""


def spotter(engine: str, patterns: Mapping[bytes, Value]) -> Spotter[Value]:
    """An engine by its name. RuletagError where there is none, or where it cannot be loaded."""
    if engine == SEARCH:
        return _SearchSpotter(patterns)
    if engine == "flashtext":
        return _FlashtextSpotter(patterns)
    if engine == "ahocorasick":
        return _AhoCorasickSpotter(patterns)
    raise RuletagError(Fault("--engine", "RT110", f"unknown engine {engine!r}", help=f"known: {', '.join(ENGINES)}"))


def bounded(view: bytes, start: int, end: int) -> bool:
    """No letter or digit touches the span, so *Mali* is not in *Malien*."""
    if start and IS_WORD[view[start - 1]] and IS_WORD[view[start]]:
        return False
    return end == len(view) or not (IS_WORD[view[end]] and IS_WORD[view[end - 1]])


class _AhoCorasickSpotter(Generic[Value]):
    """Whole patterns, overlapping ones too: the longest match that ignores word ends would hide real entries.

    The automaton reads words between single spaces, so that it never stops inside a word: of all the places where the
    letters of a short entry stand, four in five are inside a longer word.
    """

    def __init__(self, patterns: Mapping[bytes, Value]) -> None:
        try:
            from ahocorasick_rs import BytesAhoCorasick
        except ImportError as error:
            fault = Fault("--engine", "RT110", f"the ahocorasick engine cannot be loaded: {error}")
            raise RuletagError([fault, Fault("--engine", "RT110", "use --engine flashtext")]) from None
        spaced: dict[bytes, list[tuple[int, bytes, Value]]] = defaultdict(list)
        for pattern, value in patterns.items():
            before, after = (b" " if IS_WORD[edge] else b"" for edge in (pattern[0], pattern[-1]))
            words = before + pattern.translate(_WORDS_ONLY) + after
            spaced[words].append((len(before) - 1, pattern, value))
        self._values = list(spaced.values())
        self._automaton = BytesAhoCorasick(list(spaced))

    def spots(self, view: bytes) -> Iterator[tuple[Value, int, int]]:
        words = b" " + view.translate(_WORDS_ONLY) + b" "
        for index, found, _ in self._automaton.find_matches_as_indexes(words, overlapping=True):
            for shift, pattern, value in self._values[index]:
                start = found + shift
                if view.startswith(pattern, start):
                    yield value, start, start + len(pattern)


class _FlashtextSpotter(Generic[Value]):
    """First words by flashtext, which then has no overlaps to lose; the rest is compared here."""

    def __init__(self, patterns: Mapping[bytes, Value]) -> None:
        from flashtext import KeywordProcessor

        self._processor = KeywordProcessor(case_sensitive=True)
        self._processor.non_word_boundaries = {chr(code) for code in range(256) if IS_WORD[code]}
        self._starting: dict[str, list[tuple[bytes, int, Value]]] = defaultdict(list)
        for pattern, value in patterns.items():
            word = WORDS.search(pattern)
            assert word, "a pattern holds a letter or digit"
            first = word[0].decode("latin-1")
            self._processor.add_keyword(first)
            self._starting[first].append((pattern, word.start(), value))

    def spots(self, view: bytes) -> Iterator[tuple[Value, int, int]]:
        for first, at, _ in self._processor.extract_keywords(view.decode("latin-1"), span_info=True):
            for pattern, offset, value in self._starting[first]:
                start, end = at - offset, at - offset + len(pattern)
                if start >= 0 and view.startswith(pattern, start) and bounded(view, start, end):
                    yield value, start, end


class _SearchSpotter(Generic[Value]):
    """Each pattern by itself: for a few patterns that is quicker than to build what finds them all together."""

    def __init__(self, patterns: Mapping[bytes, Value]) -> None:
        self._patterns = patterns

    def spots(self, view: bytes) -> Iterator[tuple[Value, int, int]]:
        for pattern, value in self._patterns.items():
            start = view.find(pattern)
            while start >= 0:
                end = start + len(pattern)
                if bounded(view, start, end):
                    yield value, start, end
                start = view.find(pattern, start + 1)
