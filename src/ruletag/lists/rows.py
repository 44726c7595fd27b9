"""The names in a file, each with its line: plain lines, tables, GATE, Unitex, spaCy and Prodigy patterns.

A line that cannot be a name in this kind of file is a row that says why. Only empty lines and comments are skipped.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ruletag.errors import Fault, RuletagError, suggest
from ruletag.formats.labels import Labels
from ruletag.formats.strict_json import load

# How each kind is recognised: by the suffix of the file, else by its content.
KINDS = {
    "lines": "one name per line",
    "table": "CSV or TSV",
    "gate": "GATE: a name and its features (.lst)",
    "delaf": "Unitex DELAF (.dic)",
    "patterns": "spaCy or Prodigy patterns (.jsonl)",
}
_SUFFIXES = {".csv": "table", ".tsv": "table", ".lst": "gate", ".dic": "delaf", ".jsonl": "patterns"}
_DELIMITERS = "\t;,|"
_NAMES = ("name", "nom", "noms", "names", "libellé", "libelle")
_FIRST_NAMES = ("prénom", "prenom", "prénoms", "prenoms", "firstname", "first name", "first_name")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_FEATURES = re.compile(r"[:&\t][\w-]+=")
_DELAF = re.compile(r"((?:\\.|[^,\\])+),((?:\\.|[^.\\])*)\.([^/]*)(?:/.*)?")
_WORDS = ("lower", "text", "orth", "norm")


class Row(NamedTuple):
    """A name as it is on a line, or why the line has none; `id` and `ambiguous` as in a table."""

    line: int
    text: str
    why_not: str = ""
    id: str = ""
    ambiguous: bool = False
    changes: tuple[str, ...] = ()


def kind_of(name: str, text: str) -> str:
    """The kind of a file, by its suffix and its content."""
    suffix = re.search(r"\.\w+$", name.lower())
    kind = _SUFFIXES.get(suffix[0] if suffix else "", "")
    if kind:
        return kind
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and all("\t" in line for line in lines):
        return "table"
    if lines and all(line.lstrip().startswith("{") for line in lines):
        return "patterns"
    return "lines"


def rows(kind: str, text: str, path: str, column: str | None, label: str, labels: Labels) -> Iterator[Row]:
    """The rows of a file of a kind. Raises RuletagError if it cannot be read as such."""
    if column is not None and kind != "table":
        message = f"is for a table, but {path} is read as {KINDS[kind]}"
        raise RuletagError(Fault("--column", "RT110", message, help="use --from table"))
    if kind == "table":
        return _table(text, path, column, label)
    if kind == "patterns":
        return _patterns(text, path, label, labels)
    return _lines(text, {"gate": _gate, "delaf": _delaf}.get(kind, Row))


def _lines(text: str, made: Callable[[int, str], Row]) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), 1):
        name = _COMMENT.sub("", line).strip() if "#" in line else line.strip()
        if name:
            yield made(number, name)


def _gate(line: int, text: str) -> Row:
    features = _FEATURES.search(text)
    return Row(line, text[: features.start()] if features else text)


def _delaf(line: int, text: str) -> Row:
    found = _DELAF.fullmatch(text)
    if not found:
        return Row(line, text, "is not a DELAF line")
    form = re.sub(r"\\(.)", r"\1", found[1])
    if not any(char.isupper() for char in form):
        return Row(line, form, "a dictionary word without a capital")
    return Row(line, form)


def _table(text: str, path: str, column: str | None, label: str) -> Iterator[Row]:
    lines = text.splitlines(keepends=True)
    delimiter = max(_DELIMITERS, key=(lines[0] if lines else "").count)
    cells = _cells(text, path, delimiter)
    if not cells:
        return
    taken = _columns([row for _, row in cells], path, column, label)
    for line, row in cells[taken.first :]:
        yield taken.row(line, row)


def _cells(text: str, path: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """The rows of a table that are not empty, each with the line where it begins.

    Raises RuletagError for the first that cannot be read: its quotation mark may be what swallowed the lines below it.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found = []
    line = 1
    try:
        for row in reader:
            if any(map(str.strip, row)):
                found.append((line, [cell.strip() for cell in row]))
            line = reader.line_num + 1
    except csv.Error as error:
        message = f"this is not a table row: {error}"
        raise RuletagError(Fault(path, "RT118", message, line, help="check quotation marks")) from None
    return found


class _Columns(NamedTuple):
    """The columns that are read, the first row with names, and the number of columns."""

    names: Sequence[int]
    first: int
    id: int | None = None
    ambiguous: int | None = None

    def row(self, line: int, cells: Sequence[str]) -> Row:
        if max(self.names) >= len(cells):
            return Row(line, " | ".join(cells), f"has no column {max(self.names) + 1}")
        text = " ".join(filter(None, (cells[each] for each in self.names)))
        if not text:
            return Row(line, " | ".join(cells), "the name is empty")
        id = cells[self.id] if self.id is not None and self.id < len(cells) else ""
        stated = cells[self.ambiguous] if self.ambiguous is not None and self.ambiguous < len(cells) else ""
        changes = ("given name and family name joined",) if len(self.names) > 1 else ()
        return Row(line, text, "", id, stated.lower() in ("true", "1", "oui", "yes"), changes)


def _columns(table: Sequence[Sequence[str]], path: str, column: str | None, label: str) -> _Columns:
    head = [cell.casefold() for cell in table[0]]
    more: dict[str, Any] = {key: _only(head, key, path) for key in ("id", "ambiguous") if key in head}
    if column is not None:
        return _chosen(table, head, path, column)._replace(**more)
    name = next((each for each in _NAMES if each in head), None)
    first = next((each for each in _FIRST_NAMES if each in head), None) if label == "PER" else None
    if name is not None:
        both = [first, name] if first is not None else [name]
        return _Columns([_only(head, each, path) for each in both], 1, **more)
    if max(map(len, table)) == 1:
        return _Columns([0], 0)
    message = f"has no column 'name' among: {', '.join(table[0])}"
    raise RuletagError(Fault(path, "RT118", message, 1, help="use --column with one of them, or its number"))


def _only(head: Sequence[str], name: str, path: str) -> int:
    """The column of a name. Raises RuletagError if there are several: nothing says which is meant."""
    places = [place for place, each in enumerate(head) if each == name]
    if len(places) > 1:
        numbers = " and ".join(str(place + 1) for place in places)
        of_names = "use --column with one of these numbers, or "
        help = ("" if name in ("id", "ambiguous") else of_names) + "rename all but one"
        raise RuletagError(Fault(path, "RT118", f"has several columns {name!r}: {numbers}", 1, help=help))
    return places[0]


def _chosen(table: Sequence[Sequence[str]], head: Sequence[str], path: str, column: str) -> _Columns:
    """The column that the user names. One given by number may have a heading: a lower-case word where names have
    capitals."""
    if column.casefold() in head:
        return _Columns([_only(head, column.casefold(), path)], 1)
    number = int(column) - 1 if column.isascii() and column.isdigit() else -1
    if not 0 <= number < max(map(len, table)):
        raise RuletagError(Fault(path, "RT118", f"has no column {column!r}", 1, help=suggest(column, table[0])))
    cells = [row[number] for row in table if number < len(row)]
    capitals = sum(cell != cell.lower() for cell in cells[1:])
    is_heading = bool(cells) and cells[0].casefold() in _NAMES
    is_heading |= bool(cells) and cells[0] == cells[0].lower() and 2 * capitals > len(cells) - 1
    return _Columns([number], int(is_heading))


def _patterns(text: str, path: str, label: str, labels: Labels) -> Iterator[Row]:
    faults: list[Fault] = []
    others: Counter[str] = Counter()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = load(line, path, number)
        except RuletagError as error:
            faults += error.faults
            continue
        if not isinstance(record, dict) or "pattern" not in record:
            message = "a pattern is an object with 'label' and 'pattern'"
            faults.append(Fault(path, "RT118", message, number, help="see EntityRuler or `patterns.jsonl`"))
            continue
        others[str(record.get("label"))] += 1
        yield _pattern(number, record, label, labels)
    if faults:
        raise RuletagError(faults)


def _pattern(line: int, record: dict[str, Any], label: str, labels: Labels) -> Row:
    pattern, theirs = record["pattern"], record.get("label")
    words = _spelt(pattern)
    shown = " ".join(words) if words else json.dumps(pattern, ensure_ascii=False)
    try:
        ours = labels.ours(theirs) if isinstance(theirs, str) else None
    except KeyError:
        return Row(line, shown, f"its label is {theirs!r}: --map {theirs}={label} would include it")
    if ours != label:
        return Row(line, shown, f"its label is {theirs}, not {label}")
    if not words:
        return Row(line, shown, "a pattern of more than plain words has to be a rule")
    id = record.get("id")
    return Row(line, shown, "", id if isinstance(id, str) else "")


def _spelt(pattern: Any) -> list[str]:
    """The words of a pattern that consists only of words; none if it has more."""
    if isinstance(pattern, str):
        return pattern.split()
    words: list[str] = []
    for token in pattern if isinstance(pattern, list) else ():
        if not isinstance(token, dict) or len(token) != 1:
            return []
        ((key, word),) = token.items()
        if key.lower() not in _WORDS or not isinstance(word, str):
            return []
        words.append(word)
    return words
