"""Files of knowledge, their fields by type, and their faults. Independent of names, rules and French."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ruletag.errors import Fault, RuletagError, suggest
from ruletag.fields import Field, Number, String, Table
from ruletag.folders import irregular, openable
from ruletag.positions import Mapping, Mark, Sequence, Text

NUMBER = re.compile(r"[-+]?[0-9]{1,9}")
_NAMED = Field("", String(), required=True)
# The keys by which each kind of file is recognised, and the option that names such files.
HEADS = {
    "a gazetteer": (frozenset(("label", "class", "entries", "ambiguous")), "--gazetteers"),
    "a rule file": (frozenset(("macros", "rules", "not")), "--rules"),
}


class SourceFile:
    """A YAML file: its text, and the faults found in it so far.

    `shown` is its name in results, the same on every machine; faults use a path that can be opened.
    """

    def __init__(self, path: Path, shown: str) -> None:
        self.path = path
        self.shown = shown
        self.lines: list[str] = []
        self.faults: list[Fault] = []
        self._refused: frozenset[tuple[int, int]] = frozenset()

    def fault(self, code: str, mark: Mark | None, message: str, help: str = "") -> None:
        """Add a fault, with the line it is on. A value that could not be read as YAML gets no second one."""
        line, column = mark or (0, 0)
        if (line, column) in self._refused:
            return
        excerpt = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        if len(excerpt) > 160:
            excerpt = ""
        self.faults.append(Fault(openable(self.path), code, message, line, column, help, excerpt))

    def placed(self, text: str, mark: Mark) -> Text:
        """A value of this file with its position."""
        line = self.lines[mark.line - 1] if 0 < mark.line <= len(self.lines) else ""
        return Text(text, self.shown, mark, line)

    def read(self) -> str | None:
        """The text of the file, without a byte order mark; None if it cannot be read (the fault says why)."""
        if kind := irregular(self.path):
            self.fault("RT101", None, f"is {kind}, not a file", "name a file; save a stream to a file first")
            return None
        try:
            text = self.path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            self.fault("RT102", None, f"byte {error.start} is not valid UTF-8", "save the file as UTF-8")
            return None
        except OSError as error:
            self.fault("RT101", None, f"cannot be read: {error.strerror}", "check the name and the permissions")
            return None
        text = text.removeprefix("\ufeff")
        self.lines = text.splitlines()
        return text

    def load(self) -> Any:
        """The value of the file, or None if it cannot be read at all (the fault says why)."""
        text = self.read()
        if text is None:
            return None
        from ruletag.events import value_of  # no parser is loaded if nothing is read

        value = value_of(text, self.fault)
        self._refused = frozenset((fault.line, fault.column) for fault in self.faults if fault.column)
        return value


def is_other_kind(file: SourceFile, value: Any, expected: str) -> bool:
    """Whether a file is of another kind in HEADS than the expected one; if so, a fault is added."""
    for kind, (keys, option) in HEADS.items():
        if kind != expected and isinstance(value, Mapping) and value and keys.issuperset(value):
            help = f"name it with {option}, or move it to their folder"
            file.fault("RT202", value.keys_at[next(iter(value))], f"this is {kind}, not {expected}", help)
            return True
    return False


class Fields:
    """Reads the keys of a mapping by type. Every wrong, missing or unknown key becomes a fault of the file."""

    def __init__(self, file: SourceFile, mapping: Any, mark: Mark, what: str, table: Table, help: str = "") -> None:
        """`help` says what to write if `mapping` is not one."""
        self.table = table
        self.file = file
        self.what = what
        self.mark = mark
        self.mapping = mapping if isinstance(mapping, Mapping) else Mapping(mark)
        self._value = mapping
        self.sound = isinstance(mapping, Mapping)
        if not self.sound:
            self._add_fault(mark, f"{what} must be a mapping (key: value)", help or "its keys: " + ", ".join(table))
        for key in self.mapping:
            if key not in table:
                self._add_fault(self.mapping.keys_at[key], f"{what} has no field {key!r}", suggest(key, table))

    @classmethod
    def named(cls, file: SourceFile, mapping: Any, mark: Mark, what: str) -> Fields:
        """The fields of a mapping whose keys the user chooses, with a text under each."""
        return cls(file, mapping, mark, what, dict.fromkeys(mapping, _NAMED) if isinstance(mapping, Mapping) else {})

    def at(self, key: str) -> Mark:
        return self.mapping.values_at.get(key, self.mark)

    def text(self, key: str) -> str:
        """A non-empty string; else the default, or an empty string. A missing required field is a fault."""
        value = self.mapping.get(key)
        default = self.table[key].default or ""
        if value is None:
            if self.table[key].required and isinstance(self._value, Mapping):
                self._add_fault(self.mark, f"{self.what} lacks the field {key!r}", f"add `{key}: …`")
            return default
        if not isinstance(value, str) or not value.strip():
            help = "write a text after the colon" if isinstance(value, str) else "write one text, without brackets"
            self._add_fault(self.at(key), f"{key!r} must be a non-empty string", help)
            return default
        return value

    def only_one(self, keys: Iterable[str]) -> str:
        """The first of the keys that is present; empty if none is. Unless exactly one is, a fault is added."""
        present = [key for key in keys if key in self.mapping]
        if len(present) != 1 and self.sound:
            choices = " or ".join(f"`{key}`" for key in keys)
            self._add_fault(self.mark, f"{self.what} needs either {choices}", "write one of them")
        return present[0] if present else ""

    def truth(self, key: str) -> bool:
        value = self.mapping.get(key, "false")
        if value not in ("true", "false"):
            self._add_fault(self.at(key), f"{key!r} must be true or false")
        return bool(value == "true")

    def number(self, key: str) -> int:
        """An integer of at most nine digits, within the bounds of the field."""
        default, type = int(self.table[key].default), self.table[key].type
        value = self.mapping.get(key, str(default))
        if not isinstance(value, str) or not NUMBER.fullmatch(value):
            self._add_fault(self.at(key), f"{key!r} must be a whole number of at most nine digits")
            return default
        if isinstance(type, Number) and not type.holds(int(value)):
            self._add_fault(self.at(key), f"{key!r} must be a number from {type.least} to {type.most}")
        return int(value)

    def items(self, key: str) -> Iterator[tuple[Any, Mark]]:
        """The items of a list with their marks; a single item counts as a list of one, a missing key as none."""
        value = self.mapping.get(key)
        if isinstance(value, Sequence):
            yield from zip(value, value.items_at, strict=True)
        elif isinstance(value, Mapping) or (isinstance(value, str) and value.strip()):
            yield value, self.at(key)
        elif value is not None:
            help = "write its items below, each on a line of its own after `- `; or remove the key"
            self._add_fault(self.at(key), f"{key!r} must be a list", help)

    def texts(self, key: str) -> list[str]:
        """The items of a list of strings."""
        strings: list[str] = []
        for item, mark in self.items(key):
            if isinstance(item, str) and item.strip():
                strings.append(item)
            else:
                self._add_fault(mark, f"an item of {key!r} must be a non-empty string")
        return strings

    def _add_fault(self, mark: Mark, message: str, help: str = "") -> None:
        self.sound = False
        self.file.fault("RT202", mark, message, help)


def raise_faults(files: Iterable[SourceFile]) -> None:
    """Raise RuletagError with the faults of all files, if there are any."""
    faults = [fault for file in files for fault in file.faults]
    if faults:
        raise RuletagError(faults)
