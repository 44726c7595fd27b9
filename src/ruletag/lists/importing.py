"""A list of names as a gazetteer, with a report on its lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from typing import NamedTuple

from ruletag.fold import fold_key, lower_key
from ruletag.lists.cleaning import clean, in_capitals
from ruletag.lists.rows import Row
from ruletag.yaml_scalar import scalar


class Name(NamedTuple):
    """An entry of the gazetteer."""

    name: str
    ambiguous: bool = False
    id: str = ""


class Said(NamedTuple):
    """The report on a line: `changed`, `left out` or `ambiguous`, and the rest of the sentence."""

    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


class Imported(NamedTuple):
    """The names, in the order of the list, and the reports on lines that were not taken as they are."""

    names: tuple[Name, ...]
    said: tuple[Said, ...]


def import_rows(rows: Iterable[Row], label: str, common: Set[str], settled: Callable[[], Set[str]]) -> Imported:
    """The names of a list.

    `common` are the words of the language, in lower case: a name that is one is marked ambiguous, unless it is among
    those of `settled`, which are known to be names whenever they have a capital.
    """
    listed = list(rows)
    loud = in_capitals(row.text for row in listed if not row.why_not)
    names: list[Name] = []
    said: list[Said] = []
    first: dict[bytes, int] = {}
    for row in listed:
        if row.why_not:
            said.append(_left_out(row, row.text, row.why_not))
            continue
        name, changes, why_not = clean(row.text, label, all_loud=loud)
        if why_not:
            said.append(_left_out(row, row.text, why_not))
            continue
        before = first.setdefault(lower_key(fold_key(name)), row.line)
        if before != row.line:
            said.append(_left_out(row, row.text, f"is already in line {before}"))
            continue
        if changed := (*row.changes, *changes):
            said.append(Said(row.line, "changed", f"{row.text!r} is read as {name!r} ({', '.join(changed)})"))
        is_word = name.lower() in common and not name.isupper() and name not in settled()
        if is_word and not row.ambiguous:
            said.append(Said(row.line, "ambiguous", f"{name!r} is a common French word"))
        names.append(Name(name, is_word or row.ambiguous, row.id))
    return Imported(tuple(names), tuple(said))


def _left_out(row: Row, text: str, why: str) -> Said:
    return Said(row.line, "left out", f"{text!r}: {why}")


def gazetteer_yaml(names: Sequence[Name], label: str, source: str) -> str:
    """The gazetteer, one entry per line."""
    head = f"# From {' '.join(source.split())}, by `ruletag import-list`.\nlabel: {label}\nentries:\n"
    return head + "".join(f"  - {entry}\n" for entry in map(_entry, names))


def _entry(name: Name) -> str:
    if not (name.ambiguous or name.id):
        return scalar(name.name)
    return "{" + ", ".join(_fields(name)) + "}"


def _fields(name: Name) -> Iterator[str]:
    yield f"name: {scalar(name.name)}"
    if name.ambiguous:
        yield "ambiguous: true"
    if name.id:
        yield f"id: {json.dumps(name.id, ensure_ascii=False)}"
