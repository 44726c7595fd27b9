"""Values of known types as JSON and back: what rules and guidelines are kept as.

A list of rows, each of which is a plain value or refers to rows before it; equal values share a row. Only the types
named here are ever made, each from its own fields.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import Any

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


def unpack(data: str) -> Any:
    """The value that was packed."""
    made: list[Any] = []
    kinds = (*_COLLECTIONS, *_RECORDS)
    for row in json.loads(data):
        if type(row) is not list:
            made.append(row)
            continue
        members = [made[number] for number in row[1:]]
        kind = kinds[row[0]]
        if row[0] >= _FIRST_RECORD:
            made.append(kind(*members))
        elif kind is dict:
            made.append(dict(zip(members[::2], members[1::2], strict=True)))
        else:
            made.append(kind(members))
    return made[-1]


def _members(value: Any, kind: type) -> list[Any]:
    if kind is dict:
        return [each for pair in value.items() for each in pair]
    if kind is frozenset:
        return sorted(value)
    if is_dataclass(kind):
        return [getattr(value, field.name) for field in fields(kind)]
    return list(value)
