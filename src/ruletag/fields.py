"""The fields of user-written files and of ruletag's output: the purpose and the possible values of each.

Readers use tables of these fields (`sources.Fields`, `config`, `typed`), and `schema` generates JSON Schemas from them.
A reader rejects more than a schema can: names without a letter, invalid patterns, rules that do not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class String:
    """A text, not empty unless `blank`; one of `choices`, if there are any."""

    choices: tuple[str, ...] = ()
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `least` to `most`, if these are given; an integer if it is `whole`."""

    least: int | None = None
    most: int | None = None
    whole: bool = True

    def holds(self, value: float) -> bool:
        """Whether a number is within the bounds."""
        return (self.least is None or self.least <= value) and (self.most is None or value <= self.most)


@dataclass(frozen=True, slots=True)
class Nothing:
    """Null."""


@dataclass(frozen=True, slots=True)
class Many:
    """A list of items; unless it is `strict`, a single item counts as a list of one."""

    item: Type
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A list of fixed length, in which each item has its own type."""

    items: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """A mapping with any keys, or keys from `choices` if there are any, and values of one type."""

    value: Type
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping of known fields, and of other keys too if it is `open`.

    Exactly one field of `one_of` and at least one of `any_of` must be present, unless these are empty.
    """

    fields: Mapping[str, Field]
    one_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    open: bool = False


@dataclass(frozen=True, slots=True)
class Either:
    """A value of one of these types."""

    options: tuple[Type, ...]


Type = String | Truth | Number | Nothing | Many | Row | Names | Record | Either


@dataclass(frozen=True, slots=True)
class Field:
    """A field: a sentence on its purpose, the type of its value, and its default."""

    help: str
    type: Type
    required: bool = False
    default: Any = None


Table = Mapping[str, Field]
