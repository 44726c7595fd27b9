"""The names in a file, each with its line: plain lines, tables, GATE, Unitex, spaCy and Prodigy patterns.

A line that cannot be a name in its kind of file gives a row with the reason. Only empty lines and comments are skipped.
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

KINDS = {  # recognised by the suffix of the file, else by its content
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
_TOKEN_KEYS = ("lower", "text", "orth", "norm")


class Row(NamedTuple):
    """A name as written on a line, or the reason why the line has none; `id` and `ambiguous` as in a table."""

    line: int
    text: str
    why_not: str = ""
    id: str = ""
    ambiguous: bool = False
    changes: tuple[str, ...] = ()


def kind_of(name: str, text: str) -> str:
    """The kind of a file, judging by its suffix, else by its content."""
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
    """The rows of a file. Raises RuletagError if it cannot be read as its kind."""
    if column is not None and kind != "table":
        message = f"is for a table, but {path} is read as {KINDS[kind]}"
        raise RuletagError(Fault("--column", "RT110", message, help="use --from table"))
    if kind == "table":
        return _table(text, path, column, label)
    if kind == "patterns":
        return _patterns(text, path, label, labels)
    return _lines(text, {"gate": _gate, "delaf": _delaf}.get(kind, Row))


def _lines(text: str, make_row: Callable[[int, str], Row]) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), 1):
        name = _COMMENT.sub("", line).strip() if "#" in line else line.strip()
        if name:
            yield make_row(number, name)


def _gate(line: int, text: str) -> Row:
    features = _FEATURES.search(text)
    return Row(line, text[: features.start()] if features else text)


def _delaf(line: int, text: str) -> Row:
    match = _DELAF.fullmatch(text)
    if not match:
        return Row(line, text, "is not a DELAF line")
    form = re.sub(r"\\(.)", r"\1", match[1])
    if not any(char.isupper() for char in form):
        return Row(line, form, "a dictionary word without a capital")
    return Row(line, form)


def _table(text: str, path: str, column: str | None, label: str) -> Iterator[Row]:
    lines = text.splitlines(keepends=True)
    delimiter = max(_DELIMITERS, key=(lines[0] if lines else "").count)
    numbered = _numbered_rows(text, path, delimiter)
    if not numbered:
        return
    columns = _columns([cells for _, cells in numbered], path, column, label)
    for line, cells in numbered[columns.first :]:
        yield columns.row(line, cells)


def _numbered_rows(text: str, path: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """The cells of each row of a table that is not empty, with the line where the row begins.

    Raises RuletagError for the first row that cannot be read, and stops there: an open quotation mark may have
    swallowed the lines below it.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    numbered = []
    line = 1
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                numbered.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        message = f"this is not a table row: {error}"
        raise RuletagError(Fault(path, "RT118", message, line, help="check quotation marks")) from None
    return numbered


class _Columns(NamedTuple):
    """The columns to read, by number from 0, and the number of the first row with names."""

    names: Sequence[int]
    first: int
    id: int | None = None
    ambiguous: int | None = None

    def row(self, line: int, cells: Sequence[str]) -> Row:
        if max(self.names) >= len(cells):
            return Row(line, " | ".join(cells), f"has no column {max(self.names) + 1}")
        text = " ".join(filter(None, (cells[column] for column in self.names)))
        if not text:
            return Row(line, " | ".join(cells), "the name is empty")
        id = cells[self.id] if self.id is not None and self.id < len(cells) else ""
        flag = cells[self.ambiguous] if self.ambiguous is not None and self.ambiguous < len(cells) else ""
        changes = ("given name and family name joined",) if len(self.names) > 1 else ()
        return Row(line, text, "", id, flag.lower() in ("true", "1", "oui", "yes"), changes)


def _columns(table: Sequence[Sequence[str]], path: str, column: str | None, label: str) -> _Columns:
    header = [cell.casefold() for cell in table[0]]
    optional: dict[str, Any] = {key: _only(header, key, path) for key in ("id", "ambiguous") if key in header}
    if column is not None:
        return _chosen(table, header, path, column)._replace(**optional)
    name = next((heading for heading in _NAMES if heading in header), None)
    first_name = next((heading for heading in _FIRST_NAMES if heading in header), None) if label == "PER" else None
    if name is not None:
        headings = [first_name, name] if first_name is not None else [name]
        return _Columns([_only(header, heading, path) for heading in headings], 1, **optional)
    if max(map(len, table)) == 1:
        return _Columns([0], 0)
    message = f"has no column 'name' among: {', '.join(table[0])}"
    raise RuletagError(Fault(path, "RT118", message, 1, help="use --column with one of them, or its number"))


def _only(header: Sequence[str], heading: str, path: str) -> int:
    """The number of the column with a heading, from 0. Raises RuletagError if there are several."""
    columns = [number for number, cell in enumerate(header) if cell == heading]
    if len(columns) > 1:
        numbers = " and ".join(str(number + 1) for number in columns)
        choose = "use --column with one of these numbers, or "
        help = ("" if heading in ("id", "ambiguous") else choose) + "rename all but one"
        raise RuletagError(Fault(path, "RT118", f"has several columns {heading!r}: {numbers}", 1, help=help))
    return columns[0]


def _chosen(table: Sequence[Sequence[str]], header: Sequence[str], path: str, column: str) -> _Columns:
    """The column that the user names, by heading or number.

    Given a number, the first cell counts as a heading if it is a usual one, or in lower case where most names have
    capitals.
    """
    if column.casefold() in header:
        return _Columns([_only(header, column.casefold(), path)], 1)
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
    words = _words(pattern)
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


def _words(pattern: Any) -> list[str]:
    """The words of a pattern that consists only of plain words; empty for any other pattern."""
    if isinstance(pattern, str):
        return pattern.split()
    words: list[str] = []
    for token in pattern if isinstance(pattern, list) else ():
        if not isinstance(token, dict) or len(token) != 1:
            return []
        ((key, word),) = token.items()
        if key.lower() not in _TOKEN_KEYS or not isinstance(word, str):
            return []
        words.append(word)
    return words
