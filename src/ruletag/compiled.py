"""Knowledge ready to run, from the cache where nothing has changed since it was compiled, else from its files.

What is kept is known by the hash of all that went in: the contents and names of the files, the guideline, the program
itself and the Python that runs it. Whatever has a fault is never kept.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ruletag import cache
from ruletag.errors import RuletagError
from ruletag.garbage import uncollected
from ruletag.guideline import Guideline, guideline_file, load_guideline
from ruletag.match import anchor_keys, anchor_words
from ruletag.model import Entry
from ruletag.places import SHIPPED, Knowledge, gazetteer_files, listed, shown_name
from ruletag.rules import Rule, load_rules, rule_files
from ruletag.sources import irregular
from ruletag.table import Table

Lists = Iterable[tuple[str, str | Path]]


class Compiled(NamedTuple):
    """The entries as a table, the rules that run, and the guideline."""

    table: Table
    rules: tuple[Rule, ...]
    guideline: Guideline


def compiled(entries: Iterable[Entry], rules: Iterable[Rule], guideline: Guideline) -> Compiled:
    """Knowledge that was read, made ready: the guideline has muted rules and added its own."""
    kept = (*(rule for rule in rules if rule.id not in guideline.mute), *guideline.rules)
    anchors = anchor_keys(kept)
    return Compiled(Table.of([*entries, *anchor_words(anchors)], anchors), kept, guideline)


def load_compiled(guidelines: Sequence[str], rules: Knowledge, gazetteers: Knowledge, lists: Lists) -> list[Compiled]:
    """What `Tagger.load_each` needs, for each guideline. RuletagError carries every fault of the files."""
    lists = list(lists)
    names = [_name(guideline, rules, gazetteers, lists) for guideline in guidelines]

    def anew(guideline: str) -> Compiled:
        return _read([guideline], rules, gazetteers, lists)[0]

    kept = [_kept(name, partial(anew, guideline)) for name, guideline in zip(names, guidelines, strict=True)]
    if None not in kept:
        return [each for each in kept if each]
    with uncollected():
        made = _read(guidelines, rules, gazetteers, lists)
        for name, guideline, each in zip(names, guidelines, made, strict=True):
            if name and name == _name(guideline, rules, gazetteers, lists):  # nothing has changed while it was read
                cache.store(name, _packed(each))
    return made


def _read(guidelines: Sequence[str], rules: Knowledge, gazetteers: Knowledge, lists: Lists) -> list[Compiled]:
    from ruletag.gazetteer import load_gazetteers  # neither this nor the archive where the other one serves

    knowledge = load_gazetteers(gazetteers, lists)
    classes = knowledge.classes
    read = load_rules(rules, classes=classes)
    folders = _own_folders(rules)
    chosen = [load_guideline(name, classes=classes, macros=read.macros, folders=folders) for name in guidelines]
    return [compiled(knowledge.entries, read.rules, guideline) for guideline in chosen]


def _own_folders(rules: Knowledge) -> list[Path]:
    return [Path(folder) for folder in listed(rules) if folder != SHIPPED and Path(folder).is_dir()]


def _name(guideline: str, rules: Knowledge, gazetteers: Knowledge, lists: Lists) -> str:
    """What the knowledge is kept under; empty where a file cannot be read, which is for `_read` to say."""
    try:
        return cache.fingerprint(_parts(guideline, rules, gazetteers, lists))
    except (OSError, RuletagError):
        return ""


def _parts(guideline: str, rules: Knowledge, gazetteers: Knowledge, lists: Lists) -> Iterator[bytes]:
    """All that goes in."""
    python = (sys.implementation.name, *sys.version_info, sys.byteorder, unicodedata.unidata_version)
    yield repr(python).encode()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        yield path.read_bytes()
    for shown, path in _files(guideline, rules, gazetteers, lists):
        if irregular(path):  # to read it may take for ever
            raise OSError(path)
        yield shown.encode()
        yield path.read_bytes()


def _files(guideline: str, rules: Knowledge, gazetteers: Knowledge, lists: Lists) -> Iterator[tuple[str, Path]]:
    """All files that go in, each with what else is known of it."""
    for root, path, is_fallback in gazetteer_files(gazetteers):
        yield repr((shown_name(root, path), is_fallback)), path
    for label, listing in lists:
        yield repr((label, Path(listing).name)), Path(listing)
    # the macros that ship are known to every rule
    for file in [*rule_files(rules), *rule_files(), guideline_file(guideline, _own_folders(rules))]:
        yield file.shown, file.path


def knowledge_files(guideline: str, rules: Knowledge, gazetteers: Knowledge, lists: Lists) -> list[Path]:
    """The files that `load_compiled` reads for a guideline. RuletagError where a folder is missing."""
    return [path for _, path in _files(guideline, rules, gazetteers, lists)]


def _kept(name: str, anew: Callable[[], Compiled]) -> Compiled | None:
    """What is kept under a name; None where there is nothing, or anything in it is not as `_packed` makes it."""
    from ruletag import archive

    def entries() -> Sequence[Entry]:
        cache.forget(name)
        return anew().table.entries

    sections = cache.load(name) if name else None
    if sections is None:
        return None
    try:
        rules, guideline = archive.unpack(str(sections["rules"], "ascii"), tuple[tuple[Rule, ...], Guideline])
        return Compiled(Table.read(sections, entries), rules, guideline)
    except Exception:  # a file can be odd in any way
        cache.forget(name)
        return None


def _packed(each: Compiled) -> dict[str, bytes]:
    from ruletag import archive

    return {**each.table.sections(), "rules": archive.pack((each.rules, each.guideline))}
