"""Every gazetteer entry and word class in a folded text.

flashtext spots the words with which an entry begins; whether the entry is there is decided here: word boundaries on
both sides, no hyphen that joins it to another word, and the case and accents that `Surface.agrees` requires.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import NamedTuple

from flashtext import KeywordProcessor

from ruletag.fold import (
    IS_WORD,
    LAST_WORD,
    LIGATURES,
    WORDS,
    Folded,
    fold_surface,
    lower_key,
    spellings,
    unaccented,
)
from ruletag.model import Entry, Hit
from ruletag.uneven import LINE_ENDS

# Prefixes after which a name in a compound is still a name: l'après-Merkel, anti-Trump.
PREFIXES = frozenset(b"anti pro ex non post pre apres avant inter trans mini super".split())
_PREFIX_CLASS = "-prefix"  # suffix of a class: entries of `demonym-prefix` are joined to those of `demonym`: sino-russe
_HYPHEN = ord("-")
_TITLED = re.compile("\\b(?:OE|AE)(?=[a-zà-öø-ÿ])")
_WORDS_ONLY = bytes(code if IS_WORD[code] else ord(" ") for code in range(256))


class Surface:
    """One spelling of an entry, and how it matches a text.

    `spellings` are its lower foldings, with ligatures joined and separated. Surfaces that share a span are ordered by
    `rank`.
    """

    def __init__(self, entry: Entry, rank: int) -> None:
        folded = fold_surface(entry.surface)
        self.entry = entry
        self.rank = rank
        self.text = folded.plain
        self.spellings = spellings(lower_key(folded.cased))
        self.flexible = not entry.is_label and self.text[:1] == self.text[:1].lower()

    def agrees(self, piece: str) -> bool:
        """Whether case and accents of a piece of text agree with the surface; its folded letters must be the same.

        The case agrees if the piece is in all capitals, or if each word has the case of the surface (a lower-case word
        of a longer name may be capitalised; a lower-case class takes any case). A text may lack accents, but not add
        them.
        """
        if piece == self.text:
            return True
        surface, text = _without_ligatures(self.text), _without_ligatures(piece)
        flexible = self.flexible or text.isupper()
        is_first = True
        for expected, actual in zip(surface, text, strict=False):
            if expected != actual and not _same_letter(expected, actual, flexible or (is_first and expected.islower())):
                return False
            is_first = not expected.isalnum()
        return True


def _same_letter(expected: str, actual: str, any_case: bool) -> bool:
    if not (expected.isalnum() and actual.isalnum()):
        return actual in LINE_ENDS or unaccented(actual) == unaccented(expected)
    if any_case:
        return actual.lower() in (expected.lower(), unaccented(expected).lower())
    return actual == unaccented(expected)


def _without_ligatures(text: str) -> str:
    """The text with ligatures separated; a capital one that begins a word becomes `Oe`, and so does `OE`."""
    for ligature, letters in LIGATURES.items():
        text = text.replace(ligature, letters)
    return _TITLED.sub(lambda match: match[0].title(), text)


class Hits(NamedTuple):
    """Hits in the order of their start, the longest first; and the offsets where names in compounds start and end."""

    all: list[Hit]
    cuts: frozenset[int]


class _Occurrence(NamedTuple):
    """A surface that occurs in a text, even if a hyphen joins something to it."""

    start: int
    end: int
    surface: Surface


class Lexicon:
    """Finds entries in folded texts. The order of `entries` decides between those that share a span."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._surfaces: dict[bytes, list[Surface]] = defaultdict(list)
        # By the first word of a spelling: the number of characters before it, and the length of the spelling.
        self._extents: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for rank, entry in enumerate(entries):
            surface = Surface(entry, rank)
            for spelling in surface.spellings:
                if word := WORDS.search(spelling):
                    self._surfaces[spelling].append(surface)
                    self._extents[word[0].decode("latin-1")].add((word.start(), len(spelling)))
        self._excluded: Collection[int] = ()
        self._processor = KeywordProcessor(case_sensitive=True)
        self._processor.non_word_boundaries = {chr(code) for code in range(256) if IS_WORD[code]}
        for first_word in self._extents:
            self._processor.add_keyword(first_word)

    def without(self, ranks: Collection[int]) -> Lexicon:
        """A copy without the entries of some ranks, their positions in the order."""
        lexicon = copy(self)
        lexicon._excluded = ranks
        return lexicon

    def hits(self, folded: Folded, *, compounds: bool = True) -> Hits:
        """The hits of a text.

        A name in a hyphenated compound is a hit only if `compounds` are requested, and only if the compound consists of
        names (*Téhéran-Bagdad-Damas*) or begins with one of PREFIXES (*anti-Trump*).
        """
        lower = folded.lower
        alone: list[_Occurrence] = []
        joined: list[_Occurrence] = []
        for occurrence in self._occurrences(folded):
            (joined if _is_hyphenated(lower, occurrence.start, occurrence.end) else alone).append(occurrence)
        alone += _prefixed(lower, joined)
        inside = list(_compounds(lower, joined)) if compounds else []
        cuts = frozenset(offset for occurrence in inside for offset in (occurrence.start, occurrence.end))
        return Hits(_in_order([*alone, *inside]), cuts)

    def _occurrences(self, folded: Folded) -> Iterator[_Occurrence]:
        lower = folded.lower
        words = lower.translate(_WORDS_ONLY).decode("latin-1")
        for first_word, offset, _ in self._processor.extract_keywords(words, span_info=True):
            for lead, length in self._extents[first_word]:
                start, end = offset - lead, offset - lead + length
                surfaces = self._surfaces.get(lower[start:end]) if start >= 0 else None
                if surfaces and end <= len(lower) and _is_bounded(lower, start, end):
                    for surface in surfaces:
                        if surface.rank not in self._excluded and surface.agrees(folded.plain[start:end]):
                            yield _Occurrence(start, end, surface)


def _in_order(occurrences: Iterable[_Occurrence]) -> list[Hit]:
    ordered = sorted(occurrences, key=lambda occurrence: (occurrence.start, -occurrence.end, occurrence.surface.rank))
    return [Hit(start, end, surface.entry) for start, end, surface in ordered]


def _is_bounded(lower: bytes, start: int, end: int) -> bool:
    """Whether no letter or digit touches the span: *Mali* is not in *Malien*."""
    if start and IS_WORD[lower[start - 1]] and IS_WORD[lower[start]]:
        return False
    return end == len(lower) or not (IS_WORD[lower[end]] and IS_WORD[lower[end - 1]])


def _is_hyphenated(lower: bytes, start: int, end: int) -> bool:
    """Whether a hyphen joins the span to another word: *Jean* is not in *Jean-Paul*."""
    return _is_joined_on(lower, end) or (start > 1 and lower[start - 1] == _HYPHEN and IS_WORD[lower[start - 2]])


def _is_joined_on(lower: bytes, end: int) -> bool:
    """Whether a hyphen joins another word to the end of a span."""
    return end + 1 < len(lower) and lower[end] == _HYPHEN and IS_WORD[lower[end + 1]]


def _prefixed(lower: bytes, joined: Sequence[_Occurrence]) -> Iterator[_Occurrence]:
    """The entries of a class after one of its prefixes (*sino-russe*)."""
    starts: dict[tuple[int, str], int] = {}  # of the longest prefix, by the offset behind its hyphen and its class
    for occurrence in joined:
        key = (occurrence.end + 1, occurrence.surface.entry.key)
        starts[key] = min(occurrence.start, starts.get(key, occurrence.start))
    for occurrence in joined:
        start = starts.get((occurrence.start, occurrence.surface.entry.key + _PREFIX_CLASS))
        if start is not None and not _is_hyphenated(lower, start, occurrence.end):
            yield occurrence._replace(start=start)


def _compounds(lower: bytes, joined: Iterable[_Occurrence]) -> Iterator[_Occurrence]:
    """The names in compounds that consist only of names, with or without a prefix."""
    names: dict[int, list[_Occurrence]] = defaultdict(list)  # by their start, only the longest
    for occurrence in joined:
        if occurrence.surface.entry.is_label and not occurrence.surface.entry.ambiguous:
            longest = names[occurrence.start]
            if longest and longest[0].end < occurrence.end:
                longest.clear()
            if not longest or longest[0].end == occurrence.end:
                longest.append(occurrence)
    last_end = 0  # where the last compound ended: in *Inter-Milan* the prefix may itself be a name
    for start in sorted(names):
        if start >= last_end and _opens_compound(lower, start) and (chain := _chain(lower, start, names)):
            last_end = chain[-1].end
            yield from chain


def _opens_compound(lower: bytes, start: int) -> bool:
    """Whether a name begins its compound, or only one of PREFIXES precedes it."""
    if start < 2 or lower[start - 1] != _HYPHEN or not IS_WORD[lower[start - 2]]:
        return True
    prefix = LAST_WORD.search(lower, max(0, start - 20), start - 1)
    return bool(prefix and prefix[0] in PREFIXES and lower[prefix.start() - 1 : prefix.start()] != b"-")


def _chain(lower: bytes, start: int, names: Mapping[int, Sequence[_Occurrence]]) -> list[_Occurrence]:
    """The names from `start` to the end of the compound; empty if one part is not a name."""
    chain: list[_Occurrence] = []
    while names.get(start):
        chain += names[start]
        end = names[start][0].end
        if not _is_joined_on(lower, end):
            return chain
        start = end + 1
    return []
