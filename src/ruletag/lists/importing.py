"""Turns a list of names into a gazetteer, and reports on its lines."""

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


class Remark(NamedTuple):
    """A remark on a line: its kind (`changed`, `left out` or `ambiguous`), and the rest of the sentence."""

    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


class Imported(NamedTuple):
    """The names, in the order of the list, and remarks on the lines that were not taken unchanged."""

    names: tuple[Name, ...]
    remarks: tuple[Remark, ...]


def import_rows(rows: Iterable[Row], label: str, common: Set[str], settled: Callable[[], Set[str]]) -> Imported:
    """The names of a list.

    `common` are the words of the language, in lower case. A name that is one of them is marked ambiguous, unless it is
    among those of `settled`, which are names whenever they have a capital.
    """
    rows = list(rows)
    all_loud = in_capitals(row.text for row in rows if not row.why_not)
    names: list[Name] = []
    remarks: list[Remark] = []
    first_lines: dict[bytes, int] = {}
    for row in rows:
        if row.why_not:
            remarks.append(_left_out(row, row.why_not))
            continue
        name, cleaning, why_not = clean(row.text, label, all_loud=all_loud)
        if why_not:
            remarks.append(_left_out(row, why_not))
            continue
        first_line = first_lines.setdefault(lower_key(fold_key(name)), row.line)
        if first_line != row.line:
            remarks.append(_left_out(row, f"is already in line {first_line}"))
            continue
        if changes := (*row.changes, *cleaning):
            remarks.append(Remark(row.line, "changed", f"{row.text!r} is read as {name!r} ({', '.join(changes)})"))
        is_word = name.lower() in common and not name.isupper() and name not in settled()
        if is_word and not row.ambiguous:
            remarks.append(Remark(row.line, "ambiguous", f"{name!r} is a common French word"))
        names.append(Name(name, is_word or row.ambiguous, row.id))
    return Imported(tuple(names), tuple(remarks))


def _left_out(row: Row, reason: str) -> Remark:
    return Remark(row.line, "left out", f"{row.text!r}: {reason}")


def gazetteer_yaml(names: Sequence[Name], label: str, source: str) -> str:
    """The gazetteer as YAML, one entry per line."""
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
