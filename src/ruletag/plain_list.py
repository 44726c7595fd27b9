"""Reads a plain list of names (`.txt`, one per line; `.tsv` with a header), to which the caller gives a label."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from ruletag.errors import suggest
from ruletag.model import LABELS, Entry, Source
from ruletag.positions import Mark
from ruletag.sources import SourceFile
from ruletag.surfaces import has_word, surname_of

_COMMENT = re.compile(r"(?:^|\s)#.*")
# Other kinds of lists, by suffix; and notation that stands beside names in such lists, but not in texts.
_OTHER_LISTS = {
    ".csv": "a table",
    ".lst": "a GATE list",
    ".dic": "a dictionary",
    ".json": "JSON",
    ".jsonl": "a list of patterns",
    ".yaml": "YAML, which --gazetteers reads",
    ".yml": "YAML, which --gazetteers reads",
    ".xlsx": "a spreadsheet",
    ".ods": "a spreadsheet",
}
_MISREAD = {
    "its bullet": r"^(?:[-–—*•·▪‣◦>]|\(?\d{1,4}[.)])\s",
    "a comma or semicolon": r"[,;]",
    "a tab": r"\t",
    "features after a colon": r":[\w-]+=",
    "a brace": r"^\{",
}
_IS_MISREAD = re.compile("|".join(_MISREAD.values()))
# A quick test before `_IS_MISREAD`, with one for a letter at the beginning: hardly any name needs the slow one.
_HAS_SIGN = re.compile(r"[,;\t=]")


def read_list(file: SourceFile, label: str) -> Iterator[Entry]:
    """The entries of a list; its faults are added to the file.

    In a `.tsv` the header names the columns: `name` and, optionally, `ambiguous` and `id`.
    """
    if label not in LABELS:
        file.fault("RT205", None, f"unknown label {label!r}", suggest(label, LABELS))
    help = f"ruletag import-list {file.path} --label {label} -o {file.path.with_suffix('.yaml').name} reads it"
    if (suffix := file.path.suffix.lower()) in _OTHER_LISTS:
        file.fault("RT206", None, f"is {_OTHER_LISTS[suffix]}, not one name per line", help)
        return
    if file.read() is None:
        return
    if suffix == ".tsv":
        yield from _read_tsv(file, label)
        return
    for number, line in enumerate(file.lines, 1):
        name = line if "#" not in line else _COMMENT.sub("", line)  # *C#* is a name, *Mali # Afrique* has a comment
        if name := name.strip():
            if (not name[0].isalpha() or _HAS_SIGN.search(name)) and _IS_MISREAD.search(name):
                notation = next(what for what, sign in _MISREAD.items() if re.search(sign, name))
                file.fault("RT206", Mark(number, 1), f"{name!r} would be read literally, with {notation}", help)
            elif has_word(name):
                yield bare_entry(file, name, label, number)
            else:
                refuse_no_word(file, name, Mark(number, 1))


def _read_tsv(file: SourceFile, label: str) -> Iterator[Entry]:
    rows = csv.DictReader(file.lines, delimiter="\t", strict=True)
    try:
        yield from _read_rows(file, rows, label)
    except csv.Error as error:
        mark = Mark(rows.line_num + 1, 1)  # the beginning of the row that could not be read
        file.fault("RT202", mark, f"this is not a tab-separated row: {error}", "check the quotation marks")


def _read_rows(file: SourceFile, rows: csv.DictReader[str], label: str) -> Iterator[Entry]:
    columns = rows.fieldnames or []
    for column in columns:
        if column not in ("name", "ambiguous", "id"):
            file.fault("RT202", Mark(1, 1), f"unknown column {column!r}", "known: name, ambiguous, id")
    if "name" not in columns:
        file.fault("RT202", Mark(1, 1), "lacks the column 'name'", "begin the file with a header line: name")
        return
    for row in rows:
        name = (row["name"] or "").strip()
        mark = Mark(rows.line_num, 1)
        if not has_word(name):
            refuse_no_word(file, name, mark)
            continue
        stated = (row.get("ambiguous") or "false").lower()
        if stated not in ("true", "1", "false", "0"):
            file.fault("RT202", mark, "'ambiguous' must be true or false")
        yield bare_entry(file, name, label, mark.line, stated in ("true", "1"), row.get("id") or None)


def bare_entry(
    file: SourceFile, name: str, key: str, line: int, ambiguous: bool = False, id: str | None = None
) -> Entry:
    """The entry of a name with only the data that a table can hold."""
    surname = surname_of(name) if key == "PER" else None
    return Entry(name, key, Source("entry", name, file.shown, line), ambiguous, id, surname)


def refuse_no_word(file: SourceFile, name: str, mark: Mark) -> None:
    """Add a fault for a name that no text can contain."""
    help = "write a name or remove it"
    if not name and "#" in file.lines[mark.line - 1]:
        help += "; without quotes, # begins a comment"
    file.fault("RT204", mark, f"the entry {name!r} contains no letter or digit", help)
