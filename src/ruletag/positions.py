"""Plain values of a file that know their position in it."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

# One character of a scalar in double and in single quotes, as written.
_WRITTEN = {
    '"': re.compile(r"\\x..|\\u.{4}|\\U.{8}|\\.|[^\\]"),
    "'": re.compile(r"''|[^']"),
}


class Mark(NamedTuple):
    """A position in a file; line and column count from 1, a column of 0 stands for the whole line."""

    line: int
    column: int


class Mapping(dict[str, Any]):
    """A mapping that knows where it starts (`mark`) and where each key and value is."""

    __slots__ = ("keys_at", "mark", "values_at")

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.keys_at: dict[str, Mark] = {}
        self.values_at: dict[str, Mark] = {}


class Sequence(list[Any]):
    """A sequence that knows where it starts and where each item is."""

    __slots__ = ("items_at", "mark")

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.items_at: list[Mark] = []


class Text(str):
    """A text that knows its file (`path`, as shown to the user), where it starts (`mark`) and its line (`row`)."""

    __slots__ = ("mark", "path", "row")
    path: str
    mark: Mark
    row: str

    def __new__(cls, text: str, path: str, mark: Mark, row: str) -> Text:
        self = super().__new__(cls, text)
        self.path, self.mark, self.row = path, mark, row
        return self

    def __reduce__(self) -> tuple[type[Text], tuple[str, str, Mark, str]]:
        return Text, (str(self), self.path, self.mark, self.row)

    def at(self, offset: int) -> Mark:
        """The position of the character at an offset, or just after the last one; `mark` if it cannot be determined.

        It cannot for a text written over several lines.
        """
        start = self.mark.column - 1
        written = _WRITTEN.get(self.row[start : start + 1])
        if written is None:
            found = self.row.startswith(self, start)
            return self.mark._replace(column=self.mark.column + offset) if found else self.mark
        column = start + 1
        for _ in range(offset):
            piece = written.match(self.row, column)
            if piece is None:
                return self.mark
            column = piece.end()
        return self.mark._replace(column=column + 1)
