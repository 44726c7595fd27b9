"""Knowledge with changes on top, without rebuilding it: what it would find if the files contained them.

All changes that may be wanted are compiled into one engine together with the existing knowledge. Any of them is then
enabled by disabling what it replaces, and all that belongs to the others. `changed` defines the meaning of a change; an
overlay gives the same documents, with either engine.
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
from ruletag.knowledge import Knowledge, Read, speakers
from ruletag.model import VETOED, Entry
from ruletag.rules import Veto
from ruletag.surfaces import letters_of
from ruletag.tables import in_entry_order
from ruletag.tagger import Tagger
from ruletag.variants import variants

_FIXED = "particle"  # a class that engines read only once
_LAST = 8  # number of sets of changes for which disabled entries are remembered


@dataclass(frozen=True, slots=True)
class Changes:
    """Entries that are added, names (label, surface) that become ambiguous, and vetoes that are added.

    The entries come after all others: their source says where. A name becomes ambiguous in every file that has it.
    """

    entries: tuple[Entry, ...] = ()
    ambiguous: frozenset[tuple[str, str]] = frozenset()
    vetoes: tuple[Veto, ...] = ()

    def __or__(self, other: Changes) -> Changes:
        """Both together; what both contain is there once, in the order of first mention."""
        return _together([self, other])

    def surfaces(self) -> Iterable[tuple[str, str]]:
        """The label or class and the surface of everything that is changed."""
        yield from ((entry.key, entry.surface) for entry in self.entries)
        yield from sorted(self.ambiguous)
        yield from ((VETOED, veto.name) for veto in self.vetoes)


def changed(read: Read, changes: Changes) -> Read:
    """The contents of the files with some changes. No rule sees a word of a class that has no entry yet."""
    before = (entry for entry in read.written if not entry.by_rule)
    written = [as_called(entry, changes.ambiguous) for entry in (*before, *changes.entries)]
    vetoes = (*read.vetoes, *changes.vetoes)
    every = [*written, *respelt(written)]
    spoken = Entries.of(speakers([*every, *(veto.entry for veto in vetoes)]))
    return read._replace(entries=spoken, vetoes=vetoes, written=tuple(every))


class Overlay:
    """The knowledge of a tagger with any of some changes on top. Those named at the start cost nothing later."""

    def __init__(self, tagger: Tagger, changes: Iterable[Changes] = ()) -> None:
        self._base = tagger
        self._read = tagger.knowledge.read
        self._written = _Written(self._read)
        changes = list(changes)
        self._known = _together(changes)
        groups = [self._written.after(each) for each in (*changes, self._known)]
        self._added = dict.fromkeys(entry for group in groups for entry in group.entries)
        self._union = self._united()
        self._off: dict[Changes, int] = {}

    def tagger(self, changes: Changes, beside: Changes = Changes()) -> Tagger:
        """The tagger with some changes, on top of others; equal to one built from what `changed` returns for both."""
        together = beside | changes
        knowledge = Knowledge(partial(changed, self._read, together))
        if any(entry.key == _FIXED for entry in together.entries):
            return self._base.over(knowledge)
        group = self._written.after(together, self._written.touched(changes))
        if not self._union.has(group, together):
            self._known |= together
            self._added |= dict.fromkeys([*group.entries, *self._written.after(self._known).entries])
            self._union = self._united()
            self._off.clear()
        off = self._union.off(group, self._off_of(beside))
        self._off[together] = off
        return self._base.over(knowledge, self._union.engine(off, together))

    def _off_of(self, changes: Changes) -> int:
        """The entries that do not count with some changes; the most recent results are remembered."""
        off = self._off.pop(changes, None)
        if off is None:
            off = self._union.off(self._written.after(changes))
        self._off[changes] = off
        while len(self._off) > _LAST:
            del self._off[next(iter(self._off))]
        return off

    def differing(self, changes: Changes, beside: Changes = Changes()) -> list[str]:
        """The surfaces that some changes, on top of others, add, remove or give another meaning.

        A text that contains none of them is tagged as without the changes.
        """
        touched = self._written.touched(changes)
        before = self._written.after(beside, touched).entries
        now = self._written.after(beside | changes, touched).entries
        vetoed = {veto.name for veto in changes.vetoes}
        return sorted({entry.surface for entry in {*before} ^ {*now}} | vetoed)

    def _united(self) -> _Union:
        return _Union(self._base, self._read, self._added, self._known.vetoes)


class _Group(NamedTuple):
    """Spellings without case and accents, and the entries that represent them after a change."""

    letters: frozenset[bytes]
    entries: tuple[Entry, ...]


class _Written:
    """The contents of the files, by the letters of spellings: entries that share none do not affect each other."""

    def __init__(self, read: Read) -> None:
        self._vetoes = read.vetoes
        self._entries = [entry for entry in read.written if not entry.by_rule]
        self._numbers: dict[bytes, list[int]] = defaultdict(list)
        for number, entry in enumerate(self._entries):
            for letters in _reached(entry.key, entry.surface):
                self._numbers[letters].append(number)

    def touched(self, changes: Changes) -> frozenset[bytes]:
        """The letters for which some changes can make a difference."""
        return frozenset(letters for named in changes.surfaces() for letters in _reached(*named))

    def after(self, changes: Changes, within: frozenset[bytes] | None = None) -> _Group:
        """The entries, with these changes, of all letters that they touch, or of those `within`."""
        letters = self.touched(changes) if within is None else within
        numbers = sorted({number for each in letters for number in self._numbers.get(each, ())})
        new = (entry for entry in changes.entries if not letters.isdisjoint(_reached(entry.key, entry.surface)))
        some = [as_called(entry, changes.ambiguous) for entry in (*map(self._entries.__getitem__, numbers), *new)]
        vetoed = (veto.entry for veto in (*self._vetoes, *changes.vetoes))
        every = [*some, *respelt(some), *vetoed]
        return _Group(letters, tuple(speakers(entry for entry in every if letters_of(entry.surface) in letters)))


class _Union:
    """The engine with the existing knowledge and everything that may be added, and which of it counts when."""

    def __init__(self, base: Tagger, read: Read, added: Iterable[Entry], vetoes: Sequence[Veto]) -> None:
        before = [*read.entries]  # once: each access makes them again
        known = {*before}
        self.added = [entry for entry in added if entry not in known]
        every = sorted([*before, *self.added], key=attrgetter("key", "surface"))
        self._numbers = {entry: number for number, entry in enumerate(every)}
        self._by_letters: dict[bytes, list[int]] = defaultdict(list)
        for number, entry in enumerate(every):
            self._by_letters[letters_of(entry.surface)].append(number)
        # the first to say that a surface is never a name makes one entry for all vetoes
        self._vetoed = {entry.surface: number for number, entry in enumerate(every) if entry.key == VETOED}
        self._off = sum(1 << self._numbers[entry] for entry in self.added)
        in_order = in_entry_order([*read.vetoes, *vetoes], every)
        own = set(vetoes)
        self._vetoes = {veto: number for number, veto in enumerate(in_order) if veto in own}
        united = read._replace(entries=Entries.of(every), vetoes=tuple(in_order))
        self._engine = base.over(Knowledge(partial(_same, united))).engine_itself

    def has(self, group: _Group, changes: Changes) -> bool:
        """Whether everything that some changes need is compiled."""
        there = all(self._number(entry) is not None for entry in group.entries)
        return there and self._vetoes.keys() >= set(changes.vetoes)

    def off(self, group: _Group, off: int | None = None) -> int:
        """The entries that do not count if those of a group are as given, and others as in `off`."""
        off = self._off if off is None else off
        for letters in group.letters:
            for number in self._by_letters.get(letters, ()):
                off |= 1 << number
        for entry in group.entries:
            spoken = self._number(entry)
            off &= ~(1 << spoken) if spoken is not None else -1
        return off

    def engine(self, off: int, changes: Changes) -> Engine:
        """The engine without some entries, and without the vetoes that some changes do not have."""
        chosen = set(changes.vetoes)
        return self._engine.without(off, sum(1 << at for veto, at in self._vetoes.items() if veto not in chosen))

    def _number(self, entry: Entry) -> int | None:
        return self._vetoed.get(entry.surface) if entry.key == VETOED else self._numbers.get(entry)


class Occurrences:
    """In which of some texts a surface can occur: the texts that contain all words of one of its spellings."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts: dict[bytes, set[int]] = defaultdict(set)
        self._count = 0
        for number, text in enumerate(texts):
            self._count += 1
            for word in set(WORDS.findall(fold(text).lower)):
                self._texts[word].add(number)

    def of(self, surfaces: Iterable[str]) -> list[int]:
        """The numbers of the texts in which any of these can occur."""
        found: set[int] = set()
        for surface in surfaces:
            for spelling in spellings(lower_key(fold_surface(surface).cased)):
                sets = [self._texts.get(word, set()) for word in WORDS.findall(spelling)]
                found |= set.intersection(*sets) if sets else set(range(self._count))
        return sorted(found)


@lru_cache(maxsize=1 << 16)
def _reached(key: str, surface: str) -> frozenset[bytes]:
    """The letters of a surface, and of its regular variants."""
    return frozenset([letters_of(surface), *(letters_of(other) for other, _ in variants(surface, key))])


def _together(changes: Sequence[Changes]) -> Changes:
    entries = dict.fromkeys(entry for each in changes for entry in each.entries)
    vetoes = dict.fromkeys(veto for each in changes for veto in each.vetoes)
    return Changes(tuple(entries), frozenset().union(*(each.ambiguous for each in changes)), tuple(vetoes))


def _same(read: Read) -> Read:
    return read
