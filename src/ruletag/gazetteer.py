"""Reads gazetteers and word classes into entries, one for each surface.

A YAML file has a `label:` (its entries are names) or a `class:` (its entries are words for rules), and `entries:`.
`plain_list` reads lists without either.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from ruletag.errors import suggest
from ruletag.fields import Either, Field, Many, Record, String, Truth
from ruletag.fold import WORDS, fold_surfaces
from ruletag.folders import Folders, Naming, common_words_path, gazetteer_files, shown_name
from ruletag.model import LABELS, VETOED, Entry, Source
from ruletag.plain_list import bare_entry, read_list, refuse_no_word
from ruletag.positions import Mapping as Positions
from ruletag.positions import Mark
from ruletag.sources import Fields, SourceFile, is_other_kind, raise_faults
from ruletag.surfaces import has_word, letters_of, surname_of
from ruletag.variants import may_vary, variants

_NAME = Field("the name in its usual French spelling", String(), required=True)
_AMBIGUOUS = Field(
    "true if the name is also a common word or has several meanings: it counts only where a rule asks for it; "
    "false records that somebody checked",
    Truth(),
)
SURFACE_FIELDS = {"name": _NAME, "ambiguous": _AMBIGUOUS}
_SURFACES = Many(Either((String(), Record(SURFACE_FIELDS))))
ENTRY_FIELDS = {
    "name": _NAME,
    "aliases": Field("other names of the same thing; an item may be a mapping with `name` and `ambiguous`", _SURFACES),
    "acronym": Field("its acronym, or a list of them", _SURFACES),
    "ambiguous": _AMBIGUOUS,
    "id": Field("your identifier (Wikidata, a database key), which is returned on the entity", String()),
    "surname": Field("people only: the family name, if it is not everything after the first word", String()),
    "alone": Field("people only: true if the family name by itself means this person in any text", Truth()),
}
FILE_FIELDS = {
    "label": Field("the label of every entry of the file: PER, LOC, ORG or MISC", String(LABELS)),
    "class": Field("instead of `label`: the word class of the entries, for rules", String()),
    "entries": Field(
        "the list of entries: a name, or a mapping with the fields below",
        Many(Either((String(), Record(ENTRY_FIELDS)))),
    ),
    "ambiguous": Field("names from any file with the label that count only where a rule asks for them", Many(String())),
}
_BARE = (
    "write `label: PER` and `entries:` above the names, each of which is on a line of its own after `- `; "
    "`--list PER=FILE.txt` reads names without all that"
)
FILE = Record(FILE_FIELDS, one_of=("label", "class"), any_of=("entries", "ambiguous"))


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All entries, in the order of their files and lines. `files` are the paths that were read.

    `called` are the names that a file lists as ambiguous, whichever file has their entries: by label and surface, with
    the place of the listing.
    """

    entries: tuple[Entry, ...]
    files: tuple[Path, ...] = ()
    called: Mapping[tuple[str, str], Source] = field(default_factory=dict)

    @property
    def classes(self) -> frozenset[str]:
        """The word classes that have at least one entry."""
        return frozenset(entry.key for entry in self.entries if not entry.is_label)


def load_gazetteers(
    folders: Folders = None, lists: Iterable[tuple[str, str | Path]] = (), naming: Naming = shown_name
) -> Gazetteer:
    """Read gazetteer folders or files; `None` or the word `shipped` stands for the shipped ones.

    Word classes that the folders do not define come from the shipped ones, so that rules find their words. `lists` are
    pairs of a label and the path of a plain list. Raises RuletagError with every fault of every file.
    """
    sources: list[SourceFile] = []
    entries: list[Entry] = []
    defined: set[str] = set()
    called: dict[tuple[str, str], Source] = {}
    for root, path, is_fallback in gazetteer_files(folders):
        file = SourceFile(path, naming(root, path))
        file_entries = list(_read_file(file, called))
        sources.append(file)
        if is_fallback and file_entries and file_entries[0].key in defined:
            continue
        entries += file_entries
        if not is_fallback:
            defined.update(entry.key for entry in file_entries if not entry.is_label)
    for label, listing in lists:
        file = SourceFile(Path(listing), naming(Path(listing), Path(listing)))
        entries += read_list(file, label)
        sources.append(file)
    raise_faults(sources)
    names = {surface for _, surface in called}
    entries = [as_called(entry, called) if entry.surface in names else entry for entry in entries]
    return Gazetteer((*entries, *respelt(entries)), tuple(file.path for file in sources), called)


def as_called(entry: Entry, called: Container[tuple[str, str]]) -> Entry:
    """An entry, made ambiguous if its label and surface are among those listed as ambiguous."""
    return entry._replace(ambiguous=True, settled=True) if (entry.key, entry.surface) in called else entry


def read_common_words() -> frozenset[str]:
    """The negative lexicon: French words in lower case, with all their forms."""
    return _words_in(common_words_path())


@lru_cache(maxsize=1)
def _words_in(path: Path) -> frozenset[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def common_words() -> frozenset[bytes]:
    """The common words that are a single word, in lower folding."""
    _, lowers = fold_surfaces(sorted(read_common_words()))
    return frozenset(lower for lower in lowers if WORDS.fullmatch(lower))


def respelt(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The regular spelling variants of the names, except spellings that a file already has for any name.

    A variant that differs only in case (*Otan*) is left out if it is a word of a class or of the language.
    """
    respellings = [
        (entry, entry._replace(surface=surface, surname=surname or None, by_rule=True), letters_of(surface))
        for entry in entries
        if may_vary(entry.surface, entry.key)
        for surface, surname in variants(entry.surface, entry.key, entry.surname or "")
    ]
    # Most names have no variant: sets of all of them would be many times as large.
    variant_letters = {letters for _, _, letters in respellings}
    labelled = [entry.surface for entry in entries if entry.key in LABELS]
    written = variant_letters.intersection(map(letters_of, labelled))
    spelt = {new.surface for _, new, _ in respellings}.intersection(labelled)
    words: Set[str] | None = None
    for entry, new, letters in respellings:
        if letters == letters_of(entry.surface):
            if words is None:
                words = {word.surface.lower() for word in entries if not word.is_label}
            lower = new.surface.lower()
            if new.surface in spelt or lower in words or lower in read_common_words():
                continue
        elif letters in written:
            continue
        written.add(letters)
        spelt.add(new.surface)
        yield new


def _read_file(file: SourceFile, called: dict[tuple[str, str], Source]) -> Iterator[Entry]:
    value = file.load()
    if value is None:
        if not file.faults:
            file.fault("RT202", None, "is empty", "write `label:` and `entries:`, or remove the file")
        return
    if is_other_kind(file, value, "a gazetteer") or _has_label_as_key(file, value):
        return
    fields = Fields(file, value, Mark(1, 1), "a gazetteer", FILE_FIELDS, _BARE)
    key = _key(file, fields)
    entries = list(fields.items("entries"))
    names = list(fields.items("ambiguous"))
    if fields.sound and not entries and not names:
        file.fault("RT202", fields.mark, "a gazetteer lacks `entries`", "write `entries:` and a list of names")
    if names and key not in LABELS:
        file.fault("RT202", fields.at("ambiguous"), "only names under a label can be listed as ambiguous", "remove it")
    for name, mark in names:
        if not isinstance(name, str) or not has_word(name):
            file.fault("RT204", mark, "an item of `ambiguous` must be a name", "write a name or remove it")
        else:
            called.setdefault((key, name), Source("entry", name, file.shown, mark.line))
    for item, mark in entries:
        yield from _read_entry(file, item, mark, key)


def _has_label_as_key(file: SourceFile, value: Any) -> bool:
    """Whether a file begins with `ORG:` instead of `label: ORG`; if so, a fault is added for each such key."""
    labels = [key for key in value if key in LABELS] if isinstance(value, Positions) else []
    for key in labels:
        help = f"write `label: {key}`, and the list under `entries:`; a file has one label"
        file.fault("RT202", value.keys_at[key], f"a label is not a key: {key!r}", help)
    return bool(labels)


def _key(file: SourceFile, fields: Fields) -> str:
    kind = fields.only_one(FILE.one_of)
    if kind != "label":
        name = fields.text(kind) if kind else "MISC"
        if kind and name in LABELS:
            file.fault("RT202", fields.at(kind), f"a class cannot be called {name}", f"write `label: {name}`")
        elif name == VETOED:
            file.fault("RT202", fields.at(kind), f"a class cannot be called {name!r}", "vetoes go into a rule file")
        return name
    label = fields.text(kind)
    if label and label not in LABELS:
        file.fault("RT205", fields.at("label"), f"unknown label {label!r}", suggest(label, LABELS))
    return label


def _read_entry(file: SourceFile, item: Any, mark: Mark, key: str) -> Iterator[Entry]:
    """The entries of one item: one for its name, one for each alias and acronym, and one for a surname that may occur
    alone."""
    if isinstance(item, str):
        item_fields = None
        if _is_misread(file, item, mark):
            return
        surfaces = [_Written(item, mark)]
    elif _is_split_at_colon(file, item):
        return
    else:
        item_fields = Fields(file, item, mark, "an entry", ENTRY_FIELDS)
        surfaces = [_read_written(item_fields, mark)]
        for name in ("aliases", "acronym"):
            surfaces += [_read_surface(file, alias, at) for alias, at in item_fields.items(name)]
        _refuse_personal(file, item_fields, key)
    for written in surfaces:
        if written.surface or item_fields is None:
            yield from _read_name(file, written, key, item_fields)


def _is_misread(file: SourceFile, name: str, mark: Mark) -> bool:
    """Whether lines without `- ` were joined into one name, or a `-` without a space became part of it; if so, a fault
    is added.

    A list in brackets may span several lines, and so may a name in quotes.
    """
    line = file.lines[mark.line - 1]
    before, written = line[: mark.column - 1], line[mark.column - 1 :]
    if before.strip(" -") not in ("", "entries:") or (written[:1] in "\"'|>" and written):
        return False
    help = "write `- ` before each name, a space included, and indent all of them alike; put a name in quotes if it "
    help += "begins with `-` or needs several lines"
    if name and not written.startswith(name):
        file.fault("RT202", mark, f"several lines are read as one name: {name[:60]!r}", help)
    elif written.startswith("-"):
        file.fault("RT202", mark, f"the `-` is read as part of the name: {name!r}", help)
    else:
        return False
    return True


def _is_split_at_colon(file: SourceFile, item: Any) -> bool:
    """Whether a colon turned an unquoted name into a mapping; if so, a fault is added."""
    if not isinstance(item, Positions) or len(item) != 1:
        return False
    ((key, value),) = item.items()
    written = file.lines[item.mark.line - 1][item.mark.column - 1 :].rstrip()
    if key in ENTRY_FIELDS or not isinstance(value, str) or written.startswith("{"):
        return False
    message = f"a colon without quotes makes a key of {key!r}"
    file.fault("RT202", item.keys_at[key], message, f'put a name that has a colon in quotes: "{written}"')
    return True


class _Written(NamedTuple):
    """One surface as a file writes it; `settled` if it states whether the surface is ambiguous."""

    surface: str
    mark: Mark
    ambiguous: bool = False
    settled: bool = False


def _read_written(fields: Fields, mark: Mark) -> _Written:
    return _Written(fields.text("name"), mark, fields.truth("ambiguous"), "ambiguous" in fields.mapping)


def _read_name(file: SourceFile, written: _Written, key: str, fields: Fields | None) -> Iterator[Entry]:
    """The entry of one surface, and that of the surname if it may occur alone."""
    surface, mark, ambiguous, settled = written
    if not has_word(surface):
        refuse_no_word(file, surface, mark)
        return
    if fields is None:
        yield bare_entry(file, surface, key, mark.line)
        return
    main = fields.mapping.get("name", surface)
    source = Source("entry", main, file.shown, mark.line)
    surname = surname_of(surface, fields) if key == "PER" else None
    identifier = fields.text("id") or None
    yield Entry(surface, key, source, ambiguous, identifier, surname, settled=settled)
    alone = key == "PER" and fields.truth("alone")
    if alone and surname and surname != surface == main:
        yield Entry(surname, key, source, False, identifier, surname, alone=True, settled=settled)


def _read_surface(file: SourceFile, item: Any, mark: Mark) -> _Written:
    if isinstance(item, str):
        if not item:
            file.fault("RT204", mark, "an alias is empty", "write a name or remove it")
        return _Written(item, mark)
    return _read_written(Fields(file, item, mark, "an alias", SURFACE_FIELDS), mark)


def _refuse_personal(file: SourceFile, fields: Fields, key: str) -> None:
    for name in ("surname", "alone"):
        if name in fields.mapping and key != "PER":
            file.fault("RT202", fields.mapping.keys_at[name], f"only entries under PER can have {name!r}", "remove it")
