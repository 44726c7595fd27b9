"""Plain values that know their position in a file."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

# One character of a scalar in double and in single quotes, as written.
_WRITTEN = {
    '"': re.compile(r"\\x..|\\u.{4}|\\U.{8}|\\.|[^\\]"),
    "'": re.compile(r"''|[^']"),
}


class Mark(NamedTuple):
    """A position in a file; line and column count from 1, and a column of 0 means the whole line."""

    line: int
    column: int


class Mapping(dict[str, Any]):
    """A mapping with the positions of its start (`mark`), its keys and its values."""

    __slots__ = ("keys_at", "mark", "values_at")

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.keys_at: dict[str, Mark] = {}
        self.values_at: dict[str, Mark] = {}


class Sequence(list[Any]):
    """A sequence with the positions of its start (`mark`) and its items."""

    __slots__ = ("items_at", "mark")

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.items_at: list[Mark] = []


class Text(str):
    """A text with its file (`path`, as shown to the user), the position of its start (`mark`) and its line (`row`)."""

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
        """The position of the character at an offset, or just after the last one.

        `mark` if it cannot be determined, as for a text that spans several lines.
        """
        start = self.mark.column - 1
        character = _WRITTEN.get(self.row[start : start + 1])
        if character is None:
            is_unquoted = self.row.startswith(self, start)
            return self.mark._replace(column=self.mark.column + offset) if is_unquoted else self.mark
        column = start + 1
        for _ in range(offset):
            piece = character.match(self.row, column)
            if piece is None:
                return self.mark
            column = piece.end()
        return self.mark._replace(column=column + 1)
