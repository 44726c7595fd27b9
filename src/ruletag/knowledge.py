"""Knowledge ready to run: read from its files when it is needed, and as tables from the cache if nothing changed.

The cache key is the hash of everything that went in: the contents and names of the files, the guideline, the program
itself and the Python that runs it. Knowledge with a fault is never cached.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ruletag import cache
from ruletag.entries import Entries
from ruletag.errors import RuletagError
from ruletag.folders import (
    Folders,
    Naming,
    common_words_path,
    gazetteer_files,
    guideline_path,
    irregular,
    own_folders,
    rule_paths,
    shown_name,
)
from ruletag.guideline import Guideline
from ruletag.heads import Heads
from ruletag.lazy import Lazy
from ruletag.model import Entry, Source

if TYPE_CHECKING:
    from ruletag.core.engine import Compiled
    from ruletag.gazetteer import Gazetteer
    from ruletag.rules import Rule, Veto

Lists = Iterable[tuple[str, str | Path]]
Data = bytes | memoryview


_AT_HAND = 200_000  # up to so many entries stay in memory as they were read, for whoever asks for `written`


class Read(NamedTuple):
    """The contents of the files. `entries` are in the order that decides between those with the same span, each
    spelling of a label or class once; `written` are all of them, as they were read. `own` are the rules of the
    guideline, which are also in `rules`; `common` are the words of the language, folded to lower case; the surfaces of
    `vetoes` are in `entries`; `called` are the names that a file lists as ambiguous, wherever their entries are."""

    entries: Entries
    rules: tuple[Rule, ...]
    guideline: Guideline
    own: tuple[Rule, ...] = ()
    common: frozenset[bytes] = frozenset()
    vetoes: tuple[Veto, ...] = ()
    written: Sequence[Entry] = ()
    called: Mapping[tuple[str, str], Source] = {}


class Knowledge:
    """Entries, rules and a guideline, in the form that an engine asks for; each form is made once.

    Both forms raise RuletagError with every fault of the files.
    """

    def __init__(self, read: Callable[[], Read], key: Callable[[], str] = str) -> None:
        """`read` reads the files; `key` is the cache key of the tables, empty if they are not cached."""
        self._read = read
        self._key = key

    @classmethod
    def of(
        cls,
        entries: Iterable[Entry],
        rules: Iterable[Rule],
        guideline: Guideline,
        common: Iterable[bytes] = (),
        vetoes: Iterable[Veto] = (),
    ) -> Knowledge:
        """Knowledge from given values; `common` and `vetoes` as in `Read`."""
        entries, vetoes = tuple(entries), tuple(vetoes)
        spoken = Entries.of(speakers([*entries, *(veto.entry for veto in vetoes)]))
        read = Read(spoken, tuple(rules), guideline, (), frozenset(common), vetoes, entries)
        return cls(partial(_same, read))

    @property
    def guideline(self) -> Guideline:
        """The guideline, from whichever form exists."""
        return (self.compiled if "compiled" in vars(self) else self.read).guideline

    @property
    def entries(self) -> Sequence[Entry]:
        """The entries, as in `Read`."""
        return (self.compiled if "compiled" in vars(self) else self.read).entries

    @property
    def fingerprint(self) -> str:
        """A hash of everything that went in; empty if there are no files."""
        return self._key()

    @cached_property
    def read(self) -> Read:
        """The contents of the files."""
        return self._read()

    @cached_property
    def compiled(self) -> Compiled:
        """The tables, from the cache if nothing has changed. Raises `ruletag.core.library.Missing` without a core."""
        key = self._key()
        if key and (kept := cache.load(key)):
            try:
                return _unpacked(kept, lambda: self.read.entries)
            except Exception:  # a file can be damaged in any way
                cache.forget(key)
        return self._compiled_anew(key)

    def compile_anew(self) -> Compiled:
        """The tables, made from the files, to replace useless ones from the cache."""
        vars(self)["compiled"] = compiled = self._compiled_anew(self._key())
        return compiled

    def _compiled_anew(self, key: str) -> Compiled:
        compiled = _compile(self.read)
        if key and key == self._key():  # nothing changed while it was read
            cache.store(key, _packed(compiled))
        return compiled

    def __reduce__(self) -> tuple[Any, ...]:
        return Knowledge, (self._read, self._key)


def _same(read: Read) -> Read:
    return read


def load_knowledge(
    guidelines: Sequence[str], rules: Folders, gazetteers: Folders, lists: Lists, naming: Naming = shown_name
) -> list[Knowledge]:
    """Knowledge for each guideline; the files are read once, when needed. `naming` gives the names of sources."""
    files = _Files(rules, gazetteers, list(lists), naming)
    return [Knowledge(partial(files.read, name), _KeyOf(files, name)) for name in guidelines]


def knowledge_files(guideline: str, rules: Folders, gazetteers: Folders, lists: Lists) -> list[Path]:
    """The files that are read for a guideline. Raises RuletagError if a folder is missing."""
    return [path for _, path in _Files(rules, gazetteers, list(lists)).paths(guideline)]


def knowledge_parts(guideline: str, rules: Folders, gazetteers: Folders, lists: Lists) -> Iterator[bytes | Path]:
    """The same files, each with its other properties, which do not include folders. Raises RuletagError as above."""
    for shown, path in _Files(rules, gazetteers, list(lists)).paths(guideline):
        yield shown.encode()
        yield path


class _Shared(NamedTuple):
    """Everything read from files that does not depend on the guideline."""

    written: Sequence[Entry]
    entries: Entries
    classes: frozenset[str]
    rules: tuple[Rule, ...]
    macros: Mapping[str, str]
    common: frozenset[bytes]
    vetoes: tuple[Veto, ...]
    called: Mapping[tuple[str, str], Source]


class _Files:
    """The files of some folders and lists."""

    def __init__(
        self,
        rules: Folders,
        gazetteers: Folders,
        lists: Sequence[tuple[str, str | Path]],
        naming: Naming = shown_name,
    ) -> None:
        self._rules, self._gazetteers, self._lists, self._naming = rules, gazetteers, lists, naming

    def __reduce__(self) -> tuple[Any, ...]:
        return _Files, (self._rules, self._gazetteers, self._lists, self._naming)

    def read(self, guideline: str) -> Read:
        """All of them, under a guideline, which mutes rules and adds its own."""
        from ruletag.guideline_file import load_guideline

        written, entries, classes, rules, macros, common, vetoes, called = self._shared
        folders, naming = self._own_folders, self._naming
        chosen, own = load_guideline(guideline, classes=classes, macros=macros, folders=folders, naming=naming)
        kept = (*(rule for rule in rules if rule.id not in chosen.mute), *own)
        return Read(entries, kept, chosen, own, common, vetoes, written, called)

    @cached_property
    def _shared(self) -> _Shared:
        from ruletag.gazetteer import common_words
        from ruletag.rule_file import load_rules

        gazetteer = self._loaded()
        classes, called = gazetteer.classes, gazetteer.called
        rules = load_rules(self._rules, classes=classes, naming=self._naming)
        entries = Entries.of(speakers(chain(gazetteer.entries, (veto.entry for veto in rules.vetoes))))
        few = gazetteer.entries if len(gazetteer.entries) <= _AT_HAND else None
        del gazetteer  # as objects, a million entries are hundreds of megabytes
        written = Lazy(lambda: few if few is not None else self._loaded().entries)
        return _Shared(written, entries, classes, rules.rules, rules.macros, common_words(), rules.vetoes, called)

    def _loaded(self) -> Gazetteer:
        from ruletag.gazetteer import load_gazetteers

        return load_gazetteers(self._gazetteers, self._lists, self._naming)

    @property
    def _own_folders(self) -> list[Path]:
        return own_folders(self._rules)

    def paths(self, guideline: str) -> Iterator[tuple[str, Path]]:
        """All files that go in, each with its other properties."""
        for root, path, is_fallback in gazetteer_files(self._gazetteers):
            yield repr((self._naming(root, path), is_fallback)), path
        for label, listing in self._lists:
            yield repr((label, self._naming(Path(listing), Path(listing)))), Path(listing)
        yield "", common_words_path()
        yield from rule_paths(self._rules, self._naming)
        yield from rule_paths()  # every rule can use the shipped macros
        yield guideline_path(guideline, self._own_folders, self._naming)


class _KeyOf:
    """The cache key for the tables of some files; empty if a file cannot be read, which `read` reports."""

    def __init__(self, files: _Files, guideline: str) -> None:
        self._files = files
        self._guideline = guideline

    def __call__(self) -> str:
        try:
            return cache.fingerprint(self._parts())
        except (OSError, RuletagError):
            return ""

    def _parts(self) -> Iterator[bytes | Path]:
        python = (sys.implementation.name, *sys.version_info, sys.byteorder, unicodedata.unidata_version)
        yield repr(python).encode()
        home = Path(__file__).parent
        for path in sorted([*home.glob("*.py"), *home.glob("core/*.py"), *home.glob("plain/*.py")]):
            yield path
        for shown, path in self._files.paths(self._guideline):
            if irregular(path):  # reading it may never end
                raise OSError(path)
            yield shown.encode()
            yield path


def speakers(entries: Iterable[Entry]) -> Iterator[Entry]:
    """For each label or class and each spelling the entry that represents it, in the order of these.

    An unambiguous one comes before an ambiguous one, then the first by file and line; the order of the input does not
    matter.
    """
    by_key: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_key[entry.key].append(entry)
    for _, of_key in sorted(by_key.items()):
        of_key.sort(key=attrgetter("surface"))
        best = of_key[0]
        for entry in of_key:
            if entry.surface != best.surface:
                yield best
                best = entry
            elif entry is not best and _file_order(entry) < _file_order(best):
                best = entry
        yield best


def _file_order(entry: Entry) -> tuple[str | int, ...]:
    source = entry.source
    rest = (entry.id or "", entry.surname or "", entry.alone, source.kind, source.name)
    return (entry.ambiguous, source.path, source.line, *rest)


def _compile(read: Read) -> Compiled:
    from ruletag.core.engine import Compiled, common_table, spelling_tables
    from ruletag.tables import anchor_names, in_entry_order, knowledge_tables

    vetoes = in_entry_order(read.vetoes, read.entries)
    sections = knowledge_tables(read.entries, read.rules, vetoes, read.guideline)
    sections |= spelling_tables(sections) | {"common": common_table(read.common)}
    rules = [rule.source for rule in read.rules]
    sources = [veto.source for veto in vetoes]
    return Compiled(sections, read.entries, rules, anchor_names(read.rules), sources, read.guideline)


def _packed(compiled: Compiled) -> dict[str, Data]:
    """The stored form: the tables as they are, the rest as JSON."""
    guideline = compiled.guideline
    head = {
        "rules": compiled.rules,
        "anchors": compiled.anchors,
        "vetoes": compiled.vetoes,
        "guideline": {
            **{name: getattr(guideline, name) for name in ("name", "why", "switches", "labels", "written")},
            "determiner_names": sorted(guideline.determiner_names),
            "heads": dict(guideline.heads.decided),
            "mute": sorted(guideline.mute),
        },
        "keys": compiled.entries.keys,
        "paths": compiled.entries.paths,
    }
    return {**compiled.sections, "head": json.dumps(head).encode(), **compiled.entries.packed()}


def _unpacked(kept: Mapping[str, memoryview], again: Callable[[], Sequence[Entry]]) -> Compiled:
    """Reads the stored form. Raises any exception if it is something else; `again` returns the entries, in case one is
    damaged."""
    from ruletag.core.engine import Compiled
    from ruletag.core.library import SECTIONS

    head = json.loads(bytes(kept["head"]))
    said = head["guideline"]
    guideline = Guideline(
        **{name: said[name] for name in ("name", "why", "switches", "labels", "written")},
        determiner_names=frozenset(said["determiner_names"]),
        heads=Heads(said["heads"]),
        mute=frozenset(said["mute"]),
    )
    entries = Entries(kept["entry-rows"], kept["entry-starts"], head["keys"], head["paths"], again)
    sections = {name: kept[name] for name in SECTIONS}
    return Compiled(sections, entries, _sources(head["rules"]), head["anchors"], _sources(head["vetoes"]), guideline)


def _sources(rows: Iterable[Sequence[Any]]) -> list[Source]:
    return [Source(*row) for row in rows]
