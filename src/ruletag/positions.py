"""Plain values of a file that know where in it they stand."""

from __future__ import annotations

from typing import Any, NamedTuple


class Mark(NamedTuple):
    """A position in a file; line and column count from 1, a column of 0 stands for the whole line."""

    line: int
    column: int


class Mapping(dict[str, Any]):
    """A mapping that knows where it starts (`mark`) and where each key and each value stands."""

    __slots__ = ("keys_at", "mark", "values_at")

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.keys_at: dict[str, Mark] = {}
        self.values_at: dict[str, Mark] = {}


class Sequence(list[Any]):
    """A sequence that knows where it starts and where each item stands."""

    __slots__ = ("items_at", "mark")

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.items_at: list[Mark] = []
