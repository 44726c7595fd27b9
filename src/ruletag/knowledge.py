"""Knowledge ready to run: read from its files on first use, or as tables from the cache if nothing has changed.

The cache key is the hash of everything that the tables depend on: the contents and names of the files, the guideline,
the program itself and the Python that runs it. Knowledge with a fault is never cached.
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


_MOST_IN_MEMORY = 200_000  # up to this many entries stay in memory for `written`; more are read again


class Read(NamedTuple):
    """The contents of the files.

    `entries` has each spelling of a label or class once, in the order that decides between entries with the same span;
    the surfaces of `vetoes` are among them. `written` has all entries as they were read. `own` are the rules of the
    guideline, which are also in `rules`. `common` are the words of the language, folded to lower case. `called` are the
    names that a file lists as ambiguous, whichever file has their entries.
    """

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
        """Knowledge that is not read from files; `common` and `vetoes` as in `Read`."""
        entries, vetoes = tuple(entries), tuple(vetoes)
        representatives = Entries.of(representative_entries([*entries, *(veto.entry for veto in vetoes)]))
        read = Read(representatives, tuple(rules), guideline, (), frozenset(common), vetoes, entries)
        return cls(partial(_identity, read))

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
        """A hash of everything that the knowledge depends on; empty if there are no files."""
        return self._key()

    @cached_property
    def read(self) -> Read:
        """The contents of the files."""
        return self._read()

    @cached_property
    def compiled(self) -> Compiled:
        """The tables, from the cache if nothing has changed. Raises `ruletag.core.library.Missing` without a core."""
        key = self._key()
        if key and (sections := cache.load(key)):
            try:
                return _unpacked(sections, lambda: self.read.entries)
            except Exception:  # a file can be damaged in any way
                cache.forget(key)
        return self._compiled_anew(key)

    def compile_anew(self) -> Compiled:
        """The tables, compiled from the files again, to replace damaged ones from the cache."""
        vars(self)["compiled"] = compiled = self._compiled_anew(self._key())
        return compiled

    def _compiled_anew(self, key: str) -> Compiled:
        compiled = _compile(self.read)
        if key and key == self._key():  # nothing changed while it was read
            cache.store(key, _packed(compiled))
        return compiled

    def __reduce__(self) -> tuple[Any, ...]:
        return Knowledge, (self._read, self._key)


def _identity(read: Read) -> Read:
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
    """The files of `knowledge_files` as parts of a cache key, each after its name and role, without folders.

    Raises RuletagError if a folder is missing.
    """
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
    """The files of rule folders, gazetteer folders and lists."""

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
        """The contents of the files under a guideline, which mutes rules and adds its own."""
        from ruletag.guideline_file import load_guideline

        written, entries, classes, rules, macros, common, vetoes, called = self._shared
        folders, naming = self._own_folders, self._naming
        chosen, own = load_guideline(guideline, classes=classes, macros=macros, folders=folders, naming=naming)
        active = (*(rule for rule in rules if rule.id not in chosen.mute), *own)
        return Read(entries, active, chosen, own, common, vetoes, written, called)

    @cached_property
    def _shared(self) -> _Shared:
        from ruletag.gazetteer import common_words
        from ruletag.rule_file import load_rules

        gazetteer = self._loaded()
        classes, called = gazetteer.classes, gazetteer.called
        rules = load_rules(self._rules, classes=classes, naming=self._naming)
        entries = Entries.of(representative_entries(chain(gazetteer.entries, (veto.entry for veto in rules.vetoes))))
        in_memory = gazetteer.entries if len(gazetteer.entries) <= _MOST_IN_MEMORY else None
        del gazetteer  # as objects, a million entries are hundreds of megabytes
        written = Lazy(lambda: in_memory if in_memory is not None else self._loaded().entries)
        return _Shared(written, entries, classes, rules.rules, rules.macros, common_words(), rules.vetoes, called)

    def _loaded(self) -> Gazetteer:
        from ruletag.gazetteer import load_gazetteers

        return load_gazetteers(self._gazetteers, self._lists, self._naming)

    @property
    def _own_folders(self) -> list[Path]:
        return own_folders(self._rules)

    def paths(self, guideline: str) -> Iterator[tuple[str, Path]]:
        """All files that are read, each after its name and role as they enter the cache key."""
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
        package = Path(__file__).parent
        for path in sorted([*package.glob("*.py"), *package.glob("core/*.py"), *package.glob("plain/*.py")]):
            yield path
        for shown, path in self._files.paths(self._guideline):
            if irregular(path):  # reading it may never end
                raise OSError(path)
            yield shown.encode()
            yield path


def representative_entries(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entry that represents each spelling of each label or class, sorted by label or class, then spelling.

    An unambiguous entry comes before an ambiguous one, then the first by file and line; the order of the input does not
    matter.
    """
    by_key: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_key[entry.key].append(entry)
    for _, group in sorted(by_key.items()):
        group.sort(key=attrgetter("surface"))
        best = group[0]
        for entry in group:
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


def _unpacked(sections: Mapping[str, memoryview], reload: Callable[[], Sequence[Entry]]) -> Compiled:
    """Read the stored form. Anything else may raise any exception. `reload` returns the entries if one is damaged."""
    from ruletag.core.engine import Compiled
    from ruletag.core.library import SECTIONS

    head = json.loads(bytes(sections["head"]))
    fields = head["guideline"]
    guideline = Guideline(
        **{name: fields[name] for name in ("name", "why", "switches", "labels", "written")},
        determiner_names=frozenset(fields["determiner_names"]),
        heads=Heads(fields["heads"]),
        mute=frozenset(fields["mute"]),
    )
    entries = Entries(sections["entry-rows"], sections["entry-starts"], head["keys"], head["paths"], reload)
    tables = {name: sections[name] for name in SECTIONS}
    return Compiled(tables, entries, _sources(head["rules"]), head["anchors"], _sources(head["vetoes"]), guideline)


def _sources(rows: Iterable[Sequence[Any]]) -> list[Source]:
    return [Source(*row) for row in rows]
