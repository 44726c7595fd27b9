"""Every gazetteer entry and word class in a folded text.

flashtext spots the words with which an entry begins; whether the entry is there is decided here: word boundaries on
both sides, no hyphen that joins it to another word, case and accents as `Surface.agrees` requires.
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

# Prefixes in a compound that leave a name a name: l'après-Merkel, anti-Trump.
PREFIXES = frozenset(b"anti pro ex non post pre apres avant inter trans mini super".split())
_PREFIX_CLASS = "-prefix"  # entries of `demonym-prefix` come with a hyphen before those of `demonym`: sino-russe
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
        """Whether case and accents of a piece of text agree with the surface; its letters are known to.

        The case agrees if the piece is in all capitals, or if each word has the case of the surface (a lower-case word
        of a longer name may be capitalised; a lower-case class takes any case). A text may lack accents, but not add
        them.
        """
        if piece == self.text:
            return True
        wanted, met = _apart(self.text), _apart(piece)
        flexible = self.flexible or met.isupper()
        begins = True
        for one, other in zip(wanted, met, strict=False):
            if one != other and not _same_letter(one, other, flexible or (begins and one.islower())):
                return False
            begins = not one.isalnum()
        return True


def _same_letter(wanted: str, met: str, any_case: bool) -> bool:
    if not (wanted.isalnum() and met.isalnum()):
        return met in LINE_ENDS or unaccented(met) == unaccented(wanted)
    if any_case:
        return met.lower() in (wanted.lower(), unaccented(wanted).lower())
    return met == unaccented(wanted)


def _apart(text: str) -> str:
    """The text without ligatures; a capital one that begins a word becomes `Oe`, and so does `OE`."""
    for ligature, letters in LIGATURES.items():
        text = text.replace(ligature, letters)
    return _TITLED.sub(lambda match: match[0].title(), text)


class Hits(NamedTuple):
    """Hits in the order of their start, the longest first; and where the names in compounds start and end."""

    all: list[Hit]
    cuts: frozenset[int]


class _Meeting(NamedTuple):
    """A surface that occurs in a text, even if a hyphen joins something to it."""

    start: int
    end: int
    surface: Surface


class Lexicon:
    """Finds entries in folded texts. The order of `entries` decides between those that share a span."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._surfaces: dict[bytes, list[Surface]] = defaultdict(list)
        # by the first word of a spelling: how many marks are before it, and how long the spelling is
        self._extents: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for rank, entry in enumerate(entries):
            surface = Surface(entry, rank)
            for spelling in surface.spellings:
                if word := WORDS.search(spelling):
                    self._surfaces[spelling].append(surface)
                    self._extents[word[0].decode("latin-1")].add((word.start(), len(spelling)))
        self._off: Collection[int] = ()
        self._processor = KeywordProcessor(case_sensitive=True)
        self._processor.non_word_boundaries = {chr(code) for code in range(256) if IS_WORD[code]}
        for first in self._extents:
            self._processor.add_keyword(first)

    def without(self, off: Collection[int]) -> Lexicon:
        """The same without the entries at some places in the order."""
        other = copy(self)
        other._off = off
        return other

    def hits(self, folded: Folded, *, compounds: bool = True) -> Hits:
        """The hits of a text.

        A name in a hyphenated compound is a hit only if `compounds` are requested, and only if the compound consists of
        names (*Téhéran-Bagdad-Damas*) or begins with a known prefix (*anti-Trump*).
        """
        lower = folded.lower
        alone: list[_Meeting] = []
        joined: list[_Meeting] = []
        for meeting in self._meetings(folded):
            (joined if _hyphened(lower, meeting.start, meeting.end) else alone).append(meeting)
        alone += _prefixed(lower, joined)
        inside = list(_compounds(lower, joined)) if compounds else []
        cuts = frozenset(offset for each in inside for offset in (each.start, each.end))
        return Hits(_in_order([*alone, *inside]), cuts)

    def _meetings(self, folded: Folded) -> Iterator[_Meeting]:
        lower = folded.lower
        words = lower.translate(_WORDS_ONLY).decode("latin-1")
        for first, at, _ in self._processor.extract_keywords(words, span_info=True):
            for lead, length in self._extents[first]:
                start, end = at - lead, at - lead + length
                surfaces = self._surfaces.get(lower[start:end]) if start >= 0 else None
                if surfaces and end <= len(lower) and _bounded(lower, start, end):
                    for surface in surfaces:
                        if surface.rank not in self._off and surface.agrees(folded.plain[start:end]):
                            yield _Meeting(start, end, surface)


def _in_order(meetings: Iterable[_Meeting]) -> list[Hit]:
    ordered = sorted(meetings, key=lambda each: (each.start, -each.end, each.surface.rank))
    return [Hit(each.start, each.end, each.surface.entry) for each in ordered]


def _bounded(lower: bytes, start: int, end: int) -> bool:
    """No letter or digit touches the span, so *Mali* is not in *Malien*."""
    if start and IS_WORD[lower[start - 1]] and IS_WORD[lower[start]]:
        return False
    return end == len(lower) or not (IS_WORD[lower[end]] and IS_WORD[lower[end - 1]])


def _hyphened(lower: bytes, start: int, end: int) -> bool:
    """A hyphen joins the span to another word, so *Jean* is not in *Jean-Paul*."""
    return _joined_on(lower, end) or (start > 1 and lower[start - 1] == _HYPHEN and IS_WORD[lower[start - 2]])


def _joined_on(lower: bytes, end: int) -> bool:
    return end + 1 < len(lower) and lower[end] == _HYPHEN and IS_WORD[lower[end + 1]]


def _prefixed(lower: bytes, joined: Sequence[_Meeting]) -> Iterator[_Meeting]:
    """The entries of a class after one of its prefixes (*sino-russe*)."""
    starts: dict[tuple[int, str], int] = {}  # of the longest prefix, by what follows it and its class
    for each in joined:
        follows = (each.end + 1, each.surface.entry.key)
        starts[follows] = min(each.start, starts.get(follows, each.start))
    for each in joined:
        start = starts.get((each.start, each.surface.entry.key + _PREFIX_CLASS))
        if start is not None and not _hyphened(lower, start, each.end):
            yield each._replace(start=start)


def _compounds(lower: bytes, joined: Iterable[_Meeting]) -> Iterator[_Meeting]:
    """The names in compounds that consist only of names, with or without a prefix."""
    names: dict[int, list[_Meeting]] = defaultdict(list)  # by their start, only the longest
    for each in joined:
        if each.surface.entry.is_label and not each.surface.entry.ambiguous:
            known = names[each.start]
            if known and known[0].end < each.end:
                known.clear()
            if not known or known[0].end == each.end:
                known.append(each)
    behind = 0  # where the last compound ended: in *Inter-Milan* the prefix may itself be a name
    for start in sorted(names):
        if start >= behind and _opens_compound(lower, start) and (chain := _chain(lower, start, names)):
            behind = chain[-1].end
            yield from chain


def _opens_compound(lower: bytes, start: int) -> bool:
    if start < 2 or lower[start - 1] != _HYPHEN or not IS_WORD[lower[start - 2]]:
        return True
    prefix = LAST_WORD.search(lower, max(0, start - 20), start - 1)
    return bool(prefix and prefix[0] in PREFIXES and lower[prefix.start() - 1 : prefix.start()] != b"-")


def _chain(lower: bytes, start: int, names: Mapping[int, Sequence[_Meeting]]) -> list[_Meeting]:
    """The names from `start` to the end of the compound, or nothing if one part is not a name."""
    chain: list[_Meeting] = []
    while names.get(start):
        chain += names[start]
        end = names[start][0].end
        if not _joined_on(lower, end):
            return chain
        start = end + 1
    return []
