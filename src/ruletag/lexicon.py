"""Text to hits: every gazetteer entry and word class, in one pass over the folded text.

What counts as a meeting of entry and text is said once, in `_Surface`: word boundaries on both sides, case and
accents as `agrees` wants them. The engine (see `ruletag.spotters`) only finds places worth asking, whichever it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from ruletag.fold import (
    IS_WORD,
    LIGATURES,
    LINE_ENDS,
    WORD,
    WORDS,
    Folded,
    fold,
    lower_key,
    spellings,
    unaccented,
    upper_key,
)
from ruletag.model import Entry, Hit
from ruletag.signs import Signs, class_sign
from ruletag.spotters import Spotter, bounded, spotter

_LAST_WORD = re.compile(b"[" + WORD + b"]+$")
_WRITTEN_WORDS = re.compile(r"[^\W_]+")
_LOWER_WORD = re.compile(r"\b[^\W\d_A-Z]")  # perhaps: a quick look before the words are cut
_HYPHEN = ord("-")
_NEAR = 64  # how far from its edge the first or last word of an entry may end
# What stands before a name in a compound and leaves it a name: l'après-Merkel, anti-Trump.
_PREFIXES = frozenset(b"anti pro ex non post pre apres avant inter trans mini super".split())


class Lexicon:
    """Finds entries in folded texts. `anchors` are the classes whose hits are wanted everywhere in a text.

    The entries of other classes are only looked up where a rule asks (`ends`, `starts`). Labels are always wanted.
    `found` are the classes and labels that need not be looked up: `find` gives all that `ends` and `starts` would.
    """

    def __init__(self, entries: Iterable[Entry], anchors: Iterable[str] = (), engine: str = "ahocorasick") -> None:
        self._surfaces = _group(entries)
        self._by_key: dict[str, list[_Surface]] = defaultdict(list)
        for surface in self._surfaces:
            self._by_key[surface.entries[0].key].append(surface)
        wanted = frozenset(anchors)
        anywhere = [s for s in self._surfaces if s.entries[0].is_label or s.entries[0].key in wanted]
        self.found = frozenset(s.entries[0].key for s in anywhere if s.entries[0].key + "-prefix" not in self._by_key)
        self._spotters = [
            (attribute, _spotter(engine, group, attribute))
            for attribute in ("cased", "lower")
            if (group := [surface for surface in anywhere if surface.view == attribute])
        ]
        self._indexes: dict[tuple[str, bool], dict[bytes, list[_Surface]]] = {}

    @cached_property
    def class_signs(self) -> dict[str, int]:
        """The sign of each class and label."""
        return {key: class_sign(key) for key in self._by_key}

    @cached_property
    def opening(self) -> Signs:
        """What a token can begin by itself; for the classes in `found` that is known from their hits."""
        return Signs(self._spelt())

    @cached_property
    def closing(self) -> Signs:
        """What a token can end by itself."""
        return Signs(self._spelt(), last=True)

    def _spelt(self) -> Iterator[tuple[str, bytes]]:
        """The classes that are not in `found` with the spellings of their entries, and of the prefixes of these."""
        for key, surfaces in self._by_key.items():
            if key not in self.found:
                for surface in surfaces:
                    for spelling in spellings(surface.lower):
                        yield key, spelling
                        yield key.removesuffix("-prefix"), spelling

    def find(self, folded: Folded, *, compounds: bool = True) -> list[Hit]:
        """All hits, in the order of their start, the longest first; several entries may share a span.

        A name inside a hyphenated compound is a hit only if the compound is made of names (*Téhéran-Bagdad-Damas*)
        or begins with a known prefix (*anti-Trump*), and only with `compounds`.
        """
        found: list[tuple[int, int, _Surface]] = []
        joined: list[tuple[int, int, _Surface]] = []
        for attribute, engine in self._spotters:
            view = folded.cased if attribute == "cased" else folded.lower
            for surfaces, start, end in engine.spots(view):
                piece = folded.plain[start:end]
                for surface in surfaces:
                    if surface.agrees(piece):
                        (joined if hyphened(view, start, end) else found).append((start, end, surface))
        if compounds and joined:
            found += _compounds(folded.lower, joined)
        found.sort(key=lambda spot: (spot[0], -spot[1], spot[2].rank))
        return [Hit(start, end, entry) for start, end, surface in found for entry in surface.entries]

    def ends(self, folded: Folded, start: int, key: str) -> Iterator[Hit]:
        """The hits of one class or label that start exactly here, the longest first.

        An entry of the class `x-prefix` and a hyphen may stand before an entry of `x` (*sino-russe*).
        """
        index = self._index(key, first=True)
        word = WORDS.search(folded.lower, start, start + _NEAR)  # past a mark: *'Ndrangheta*
        for surface in index.get(word[0], ()) if word else ():
            end = start + len(surface.key)
            if surface.meets(folded, start, end):
                yield from (Hit(start, end, entry) for entry in surface.entries)
        if word and key + "-prefix" in self._by_key and folded.lower[word.end() : word.end() + 1] == b"-":
            yield from self._prefixed(folded, start, word.end() + 1, key)

    def _prefixed(self, folded: Folded, start: int, second: int, key: str) -> Iterator[Hit]:
        prefixes = self._index(key + "-prefix", first=True)
        second_word = WORDS.match(folded.lower, second)
        if second_word and folded.lower[start : second - 1] in prefixes:
            for surface in self._index(key, first=True).get(second_word[0], ()):
                end = second + len(surface.key)
                if folded.lower.startswith(surface.lower, second) and bounded(folded.lower, second, end):
                    yield from (Hit(start, end, entry) for entry in surface.entries)

    def starts(self, folded: Folded, end: int, key: str) -> Iterator[Hit]:
        """The hits of one class or label that end exactly here, the longest first."""
        index = self._index(key, first=False)
        word = _LAST_WORD.search(folded.lower, max(0, end - _NEAR), _word_end(folded.lower, end))
        for surface in index.get(word[0], ()) if word else ():
            start = end - len(surface.key)
            if start >= 0 and surface.meets(folded, start, end):
                yield from (Hit(start, end, entry) for entry in surface.entries)

    def _index(self, key: str, *, first: bool) -> dict[bytes, list[_Surface]]:
        """The surfaces of a class or label by their first or last words, the longest first."""
        index = self._indexes.get((key, first))
        if index is None:
            index = self._indexes[key, first] = self._indexed(key, first=first)
        return index

    def _indexed(self, key: str, *, first: bool) -> dict[bytes, list[_Surface]]:
        index: dict[bytes, list[_Surface]] = defaultdict(list)
        for surface in self._by_key.get(key, ()):
            for spelling in spellings(surface.lower):
                words = WORDS.findall(spelling)
                index[words[0 if first else -1]].append(surface.respelt(spelling))
        for surfaces in index.values():
            surfaces.sort(key=lambda surface: (-len(surface.key), surface.rank))
        return dict(index)


class _Surface:
    """All entries that share a key (label or class) and a spelling, and how they meet a text."""

    __slots__ = ("entries", "flexible", "key", "lower", "rank", "text", "view")

    def __init__(self, key: bytes, text: str, entries: tuple[Entry, ...], rank: int) -> None:
        self.key = key
        self.lower = lower_key(key)
        self.text = text
        self.entries = entries
        self.rank = rank
        self.flexible = not entries[0].is_label and text[:1] == text[:1].lower()
        inner_lower = bool(_LOWER_WORD.search(text)) and any(word[0].islower() for word in _WRITTEN_WORDS.findall(text))
        self.view = "lower" if self.flexible or inner_lower else "cased"

    def respelt(self, key: bytes) -> _Surface:
        """The same surface with its ligatures written another way."""
        return self if key == self.key else _Surface(key, self.text, self.entries, self.rank)

    def meets(self, folded: Folded, start: int, end: int) -> bool:
        """Whether the text holds this surface at exactly this span, as a word of its own."""
        lower = folded.lower
        return (
            lower.startswith(self.lower, start)
            and bounded(lower, start, end)
            and not hyphened(lower, start, end)
            and self.agrees(folded.plain[start:end])
        )

    def agrees(self, piece: str) -> bool:
        """Whether case and accents of a piece of text are those of the surface; its letters are known to be.

        The case is if the piece is in all capitals, or if each word has the case of the surface (a lower-case word of
        a longer name may be capitalised; a lower-case class takes any case). A text may lack accents, never add them.
        """
        if piece == self.text or (self.flexible and piece.lower() == self.text):
            return True
        return _agrees(self.text, piece, self.flexible)


def hyphened(view: bytes, start: int, end: int) -> bool:
    """A hyphen joins the span to another word, so *Jean* is not in *Jean-Paul*."""
    if end + 1 < len(view) and view[end] == _HYPHEN and IS_WORD[view[end + 1]]:
        return True
    return start > 1 and view[start - 1] == _HYPHEN and IS_WORD[view[start - 2]]


def _agrees(surface: str, piece: str, flexible: bool) -> bool:
    surface, piece = _apart(surface), _apart(piece)
    flexible = flexible or piece.isupper()
    begins = True
    for wanted, met in zip(surface, piece, strict=False):
        if wanted != met:
            if not (wanted.isalnum() and met.isalnum()):
                if met not in LINE_ENDS and unaccented(met) != unaccented(wanted):
                    return False
            elif flexible or (begins and wanted.islower()):
                if met.lower() not in (wanted.lower(), unaccented(wanted).lower()):
                    return False
            elif met != unaccented(wanted):
                return False
        begins = not wanted.isalnum()
    return True


def _apart(text: str) -> str:
    """The text without ligatures; a capital one that begins a word becomes `Oe`, and so does `OE`."""
    for ligature, letters in LIGATURES.items():
        text = text.replace(ligature, letters)
    return _TITLED.sub(lambda match: match[0].title(), text)


_TITLED = re.compile("\\b(?:OE|AE)(?=[a-zà-öø-ÿ])")


def _group(entries: Iterable[Entry]) -> list[_Surface]:
    """One surface for all entries of the same key and spelling; the first in file order speaks for the others."""
    groups: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.key, entry.surface].append(entry)
    surfaces = []
    for rank, ((_, text), group) in enumerate(sorted(groups.items(), key=lambda item: item[0])):
        folded = fold(" ".join(text.split()))
        if WORDS.search(folded.cased):  # what holds no letter or digit is no name and meets nothing
            speaker = group[0] if len(group) == 1 else min(group, key=_file_order)
            surfaces.append(_Surface(folded.cased, folded.plain, (speaker,), rank))
    return surfaces


def _file_order(entry: Entry) -> tuple[str | int, ...]:
    """Unambiguous entries first, then by file and line; total, so the order in which entries come changes nothing."""
    source = entry.source
    rest = (entry.id or "", entry.surname or "", entry.alone, source.kind, source.name)
    return (entry.ambiguous, source.path, source.line, *rest)


def _word_end(view: bytes, end: int) -> int:
    """Where the last word before `end` ends: what follows it in an entry such as `M.` or `Yahoo!` is stepped over."""
    floor = max(0, end - _NEAR)
    while end > floor and not IS_WORD[view[end - 1]]:
        end -= 1
    return end


def _compounds(lower: bytes, joined: list[tuple[int, int, _Surface]]) -> Iterator[tuple[int, int, _Surface]]:
    """The hits in compounds that hold nothing but names, after a prefix or not."""
    starting: dict[int, list[tuple[int, int, _Surface]]] = defaultdict(list)
    for spot in joined:
        if spot[2].entries[0].is_label and not spot[2].entries[0].ambiguous:
            starting[spot[0]].append(spot)
    known = 0  # where the last chain ended: in *Inter-Milan* the prefix may itself be a name
    for start in sorted(starting):
        if start >= known and _opens_compound(lower, start) and (chain := _chain(lower, start, starting)):
            known = chain[-1][1]
            yield from chain


def _opens_compound(lower: bytes, start: int) -> bool:
    if start < 2 or lower[start - 1] != _HYPHEN or not IS_WORD[lower[start - 2]]:
        return True
    prefix = _LAST_WORD.search(lower, max(0, start - 20), start - 1)
    return bool(prefix and prefix[0] in _PREFIXES and lower[prefix.start() - 1 : prefix.start()] != b"-")


def _chain(
    lower: bytes, start: int, starting: dict[int, list[tuple[int, int, _Surface]]]
) -> list[tuple[int, int, _Surface]]:
    """The names from `start` to the end of the compound, or nothing where one part is no name."""
    chain: list[tuple[int, int, _Surface]] = []
    while start in starting:
        longest = max(end for _, end, _ in starting[start])
        chain += [spot for spot in starting[start] if spot[1] == longest]
        if longest + 1 >= len(lower) or lower[longest] != _HYPHEN or not IS_WORD[lower[longest + 1]]:
            return chain
        start = longest + 1
    return []


def _spotter(engine: str, surfaces: list[_Surface], view: str) -> Spotter[list[_Surface]]:
    patterns: dict[bytes, list[_Surface]] = defaultdict(list)
    for surface in surfaces:
        spelt = spellings(surface.key if view == "cased" else surface.lower)
        for pattern in dict.fromkeys([*spelt, *map(upper_key, spelt)] if view == "cased" else spelt):
            patterns[pattern].append(surface)
    return spotter(engine, patterns)
