"""Tags with changed knowledge without rebuilding it, as if the files contained the changes.

All candidate changes are compiled into one engine together with the existing knowledge. A change is then enabled by
disabling what it replaces and what only other changes add. `changed` defines the meaning of a change; an overlay gives
the same documents, with either engine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import attrgetter
from typing import NamedTuple

from ruletag.engine import Engine
from ruletag.entries import Entries
from ruletag.fold import WORDS, fold, fold_surface, lower_key, spellings
from ruletag.gazetteer import as_called, respelt
from ruletag.knowledge import Knowledge, Read, representative_entries
from ruletag.model import VETOED, Entry
from ruletag.rules import Veto
from ruletag.surfaces import letters_of
from ruletag.tables import in_entry_order
from ruletag.tagger import Tagger
from ruletag.variants import variants

_FIXED = "particle"  # a class that engines read only once
_REMEMBERED = 8  # number of sets of changes for which disabled entries are remembered


@dataclass(frozen=True, slots=True)
class Changes:
    """Added entries, names (label, surface) that become ambiguous, and added vetoes.

    The entries come after all others: their source says where. A name becomes ambiguous in every file that has it.
    """

    entries: tuple[Entry, ...] = ()
    ambiguous: frozenset[tuple[str, str]] = frozenset()
    vetoes: tuple[Veto, ...] = ()

    def __or__(self, other: Changes) -> Changes:
        """The union, without repetitions, in order of first mention."""
        return _merged([self, other])

    def surfaces(self) -> Iterable[tuple[str, str]]:
        """The label or class and the surface of everything that is changed."""
        yield from ((entry.key, entry.surface) for entry in self.entries)
        yield from sorted(self.ambiguous)
        yield from ((VETOED, veto.name) for veto in self.vetoes)


def changed(read: Read, changes: Changes) -> Read:
    """The contents of the files with some changes. No rule sees an added word of a class that had no entry."""
    before = (entry for entry in read.written if not entry.by_rule)
    written = [as_called(entry, changes.ambiguous) for entry in (*before, *changes.entries)]
    vetoes = (*read.vetoes, *changes.vetoes)
    entries = [*written, *respelt(written)]
    representatives = Entries.of(representative_entries([*entries, *(veto.entry for veto in vetoes)]))
    return read._replace(entries=representatives, vetoes=vetoes, written=tuple(entries))


class Overlay:
    """The knowledge of a tagger with any changes on top. Those passed at the start are compiled at once."""

    def __init__(self, tagger: Tagger, changes: Iterable[Changes] = ()) -> None:
        self._base = tagger
        self._read = tagger.knowledge.read
        self._written = _Written(self._read)
        changes = list(changes)
        self._compiled = _merged(changes)
        groups = [self._written.after(change) for change in (*changes, self._compiled)]
        self._added = dict.fromkeys(entry for group in groups for entry in group.entries)
        self._union = self._new_union()
        self._disabled: dict[Changes, int] = {}

    def tagger(self, changes: Changes, beside: Changes = Changes()) -> Tagger:
        """The tagger with `changes` on top of `beside`; equal to one built from what `changed` returns for both."""
        together = beside | changes
        knowledge = Knowledge(partial(changed, self._read, together))
        if any(entry.key == _FIXED for entry in together.entries):
            return self._base.over(knowledge)
        group = self._written.after(together, self._written.touched(changes))
        if not self._union.has(group, together):
            self._compiled |= together
            self._added |= dict.fromkeys([*group.entries, *self._written.after(self._compiled).entries])
            self._union = self._new_union()
            self._disabled.clear()
        disabled = self._union.disabled(group, self._disabled_by(beside))
        self._disabled[together] = disabled
        return self._base.over(knowledge, self._union.engine(disabled, together))

    def _disabled_by(self, changes: Changes) -> int:
        """The entries, as bits, that some changes disable; the most recent results are remembered."""
        disabled = self._disabled.pop(changes, None)
        if disabled is None:
            disabled = self._union.disabled(self._written.after(changes))
        self._disabled[changes] = disabled
        while len(self._disabled) > _REMEMBERED:
            del self._disabled[next(iter(self._disabled))]
        return disabled

    def differing(self, changes: Changes, beside: Changes = Changes()) -> list[str]:
        """The surfaces that `changes`, on top of `beside`, add, remove or give another meaning.

        A text that contains none of them is tagged as without the changes.
        """
        touched = self._written.touched(changes)
        before = self._written.after(beside, touched).entries
        now = self._written.after(beside | changes, touched).entries
        vetoed = {veto.name for veto in changes.vetoes}
        return sorted({entry.surface for entry in {*before} ^ {*now}} | vetoed)

    def _new_union(self) -> _Union:
        return _Union(self._base, self._read, self._added, self._compiled.vetoes)


class _Group(NamedTuple):
    """The letters of spellings, and the entries that represent these spellings after a change."""

    letters: frozenset[bytes]
    entries: tuple[Entry, ...]


class _Written:
    """The contents of the files, by the letters of spellings: entries that share none do not affect each other."""

    def __init__(self, read: Read) -> None:
        self._vetoes = read.vetoes
        self._entries = [entry for entry in read.written if not entry.by_rule]
        self._numbers: dict[bytes, list[int]] = defaultdict(list)
        for number, entry in enumerate(self._entries):
            for letters in _variant_letters(entry.key, entry.surface):
                self._numbers[letters].append(number)

    def touched(self, changes: Changes) -> frozenset[bytes]:
        """The letters for which some changes can make a difference."""
        return frozenset(letters for surface in changes.surfaces() for letters in _variant_letters(*surface))

    def after(self, changes: Changes, within: frozenset[bytes] | None = None) -> _Group:
        """The entries, after these changes, of all letters that the changes touch, or of the letters `within`."""
        letters = self.touched(changes) if within is None else within
        numbers = sorted({number for key in letters for number in self._numbers.get(key, ())})
        new = (entry for entry in changes.entries if not letters.isdisjoint(_variant_letters(entry.key, entry.surface)))
        written = [as_called(entry, changes.ambiguous) for entry in (*map(self._entries.__getitem__, numbers), *new)]
        vetoed = (veto.entry for veto in (*self._vetoes, *changes.vetoes))
        entries = [*written, *respelt(written), *vetoed]
        relevant = (entry for entry in entries if letters_of(entry.surface) in letters)
        return _Group(letters, tuple(representative_entries(relevant)))


class _Union:
    """The engine with the existing knowledge and everything that may be added; any part of it can be disabled."""

    def __init__(self, base: Tagger, read: Read, added: Iterable[Entry], vetoes: Sequence[Veto]) -> None:
        before = [*read.entries]  # once: each access makes them again
        existing = {*before}
        self.added = [entry for entry in added if entry not in existing]
        entries = sorted([*before, *self.added], key=attrgetter("key", "surface"))
        self._numbers = {entry: number for number, entry in enumerate(entries)}
        self._by_letters: dict[bytes, list[int]] = defaultdict(list)
        for number, entry in enumerate(entries):
            self._by_letters[letters_of(entry.surface)].append(number)
        # all vetoes of a surface share the entry of the first
        self._vetoed = {entry.surface: number for number, entry in enumerate(entries) if entry.key == VETOED}
        self._disabled = sum(1 << self._numbers[entry] for entry in self.added)
        ordered_vetoes = in_entry_order([*read.vetoes, *vetoes], entries)
        added_vetoes = set(vetoes)
        self._vetoes = {veto: number for number, veto in enumerate(ordered_vetoes) if veto in added_vetoes}
        united = read._replace(entries=Entries.of(entries), vetoes=tuple(ordered_vetoes))
        self._engine = base.over(Knowledge(partial(_identity, united))).engine_itself

    def has(self, group: _Group, changes: Changes) -> bool:
        """Whether everything that some changes need is compiled."""
        has_entries = all(self._number(entry) is not None for entry in group.entries)
        return has_entries and self._vetoes.keys() >= set(changes.vetoes)

    def disabled(self, group: _Group, bits: int | None = None) -> int:
        """The disabled entries, as bits, if the entries of a group are exactly those given and the others are as in
        `bits`."""
        bits = self._disabled if bits is None else bits
        for letters in group.letters:
            for number in self._by_letters.get(letters, ()):
                bits |= 1 << number
        for entry in group.entries:
            position = self._number(entry)
            bits &= ~(1 << position) if position is not None else -1
        return bits

    def engine(self, disabled: int, changes: Changes) -> Engine:
        """The engine without the disabled entries, and without the added vetoes that are not in `changes`."""
        enabled = set(changes.vetoes)
        return self._engine.without(disabled, sum(1 << at for veto, at in self._vetoes.items() if veto not in enabled))

    def _number(self, entry: Entry) -> int | None:
        return self._vetoed.get(entry.surface) if entry.key == VETOED else self._numbers.get(entry)


class Occurrences:
    """Finds the texts in which a surface can occur: those that contain all words of one of its spellings."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts: dict[bytes, set[int]] = defaultdict(set)
        self._count = 0
        for number, text in enumerate(texts):
            self._count += 1
            for word in set(WORDS.findall(fold(text).lower)):
                self._texts[word].add(number)

    def of(self, surfaces: Iterable[str]) -> list[int]:
        """The numbers of the texts in which any of the surfaces can occur."""
        numbers: set[int] = set()
        for surface in surfaces:
            for spelling in spellings(lower_key(fold_surface(surface).cased)):
                sets = [self._texts.get(word, set()) for word in WORDS.findall(spelling)]
                numbers |= set.intersection(*sets) if sets else set(range(self._count))
        return sorted(numbers)


@lru_cache(maxsize=1 << 16)
def _variant_letters(key: str, surface: str) -> frozenset[bytes]:
    """The letters of a surface, and of its regular variants."""
    return frozenset([letters_of(surface), *(letters_of(variant) for variant, _ in variants(surface, key))])


def _merged(changes: Sequence[Changes]) -> Changes:
    entries = dict.fromkeys(entry for change in changes for entry in change.entries)
    vetoes = dict.fromkeys(veto for change in changes for veto in change.vetoes)
    return Changes(tuple(entries), frozenset().union(*(change.ambiguous for change in changes)), tuple(vetoes))


def _identity(read: Read) -> Read:
    return read
