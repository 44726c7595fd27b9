"""Values of known types as JSON and back: what rules and guidelines are kept as.

A list of rows, each of which is a plain value or refers to rows before it; equal values share a row. Only the types
named here are ever made, each from its own fields.
"""

from __future__ import annotations

import json
import sys
from collections import abc
from collections.abc import Collection
from dataclasses import fields, is_dataclass
from types import GenericAlias, NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from ruletag.guideline import Guideline
from ruletag.model import Document, Entity, Part, Source
from ruletag.pattern import Absent, Atom, Choice, Group, Repeat, Sequence
from ruletag.plan import Mark, Plan, Step
from ruletag.rules import Example, Rule

_COLLECTIONS: tuple[type, ...] = (tuple, list, frozenset, dict)
_RECORDS: tuple[type, ...] = (
    *(Source, Part, Entity, Document, Example),
    *(Atom, Absent, Sequence, Choice, Repeat, Group),
    *(Mark, Step, Plan, Rule, Guideline),
)
_KINDS = {kind: number for number, kind in enumerate((*_COLLECTIONS, *_RECORDS))}
_FIRST_RECORD = len(_COLLECTIONS)
_PLAIN: frozenset[Any] = frozenset((str, int, bool, NoneType))


def pack(value: Any) -> bytes:
    """A value of the known types as JSON. TypeError for any other."""
    rows: list[Any] = []
    numbers: dict[Any, int] = {}

    def row_of(value: Any) -> int:
        if value is None or isinstance(value, (str, int)):
            row: Any = value
            key: Any = (type(value), value)
        else:
            kind = next(known for known in type(value).__mro__ if known in _KINDS or known is object)
            if kind is object:
                raise TypeError(f"{type(value).__name__} is no type of the archive")
            row = [_KINDS[kind], *map(row_of, _members(value, kind))]
            key = tuple(row)
        if key not in numbers:
            numbers[key] = len(rows)
            rows.append(row)
        return numbers[key]

    row_of(value)
    return json.dumps(rows, separators=(",", ":")).encode()


def unpack(data: str, wanted: Any) -> Any:
    """The value that was packed, which is of the type `wanted`: an annotation, as are those of the fields below it.

    Any exception where it is of another type, or something else altogether.
    """
    made: list[Any] = []
    kinds = (*_COLLECTIONS, *_RECORDS)
    for row in json.loads(data):
        if type(row) is not list:
            made.append(row)
            continue
        if min(row) < 0 or set(map(type, row)) != {int}:
            raise ValueError("a row refers to rows before it")
        members = [made[number] for number in row[1:]]
        kind = kinds[row[0]]
        if row[0] >= _FIRST_RECORD:
            made.append(kind(*members))
        elif kind is dict:
            made.append(dict(zip(members[::2], members[1::2], strict=True)))
        else:
            made.append(kind(members))
    if not _Types().fits(made[-1], wanted):
        raise TypeError("another type than was packed")
    return made[-1]


class _Types:
    """Whether values are of the types that annotations say; what many share is looked at once."""

    def __init__(self) -> None:
        self._seen: set[tuple[int, int]] = set()
        self._plain: dict[int, frozenset[type]] = {}  # the types without anything below that an annotation allows
        self._fields: dict[type, list[tuple[str, Any]]] = {}

    def fits(self, value: Any, wanted: Any) -> bool:
        """Whether a value, and all below it, is what an annotation says."""
        number = id(wanted)
        plain = self._plain.get(number)
        if plain is None:
            plain = self._plain[number] = frozenset(get_args(wanted) or (wanted,)) & _PLAIN
        if type(value) in plain or wanted is Any:
            return True
        key = (id(value), number)
        if key not in self._seen:
            if type(value) in _PLAIN or not self._fits_below(value, wanted):
                return False
            self._seen.add(key)
        return True

    def _fits_below(self, value: Any, wanted: Any) -> bool:
        if isinstance(wanted, type) and not isinstance(wanted, GenericAlias):
            if type(value) is not wanted:
                return False
            return all(self.fits(getattr(value, name), each) for name, each in self._fields_of(wanted))
        origin, arguments = get_origin(wanted), get_args(wanted)
        if origin in (Union, UnionType):
            return any(self.fits(value, each) for each in arguments)
        if type(value) is not {abc.Mapping: dict}.get(origin, origin):
            return False
        if isinstance(value, dict):
            key, each = arguments
            return all(self.fits(one, key) and self.fits(two, each) for one, two in value.items())
        if origin is tuple and Ellipsis not in arguments:
            return len(value) == len(arguments) and all(map(self.fits, value, arguments))
        return all(self.fits(item, arguments[0]) for item in value)

    def _fields_of(self, kind: type) -> list[tuple[str, Any]]:
        if kind not in self._fields:
            hints = get_type_hints(kind, vars(sys.modules[kind.__module__]))
            self._fields[kind] = [(name, hint) for name, hint in hints.items() if name in _names(kind)]
        return self._fields[kind]


def _names(kind: type) -> Collection[str]:
    """The names of the fields of a record."""
    return [field.name for field in fields(kind)] if is_dataclass(kind) else getattr(kind, "_fields", ())


def _members(value: Any, kind: type) -> list[Any]:
    if kind is dict:
        return [each for pair in value.items() for each in pair]
    if kind is frozenset:
        return sorted(value)
    if is_dataclass(kind):
        return [getattr(value, field.name) for field in fields(kind)]
    return list(value)
