"""Records that are written as JSON, each declared once: a frozen dataclass with a description of every field.

A field is `name: Annotated[type, "its purpose"]`. These annotations define the JSON (`plain`), its reader (`read`) and
the table of fields (`table`) from which `schema` makes a JSON Schema. A type is a dataclass of this kind, `str`, `int`,
`float`, `bool`, `None`, a union of types, `Mapping[str, type]`, `tuple[type, ...]` or a tuple of fixed types; a type of
`fields` added to the annotation (`Annotated[int, Number(0)]`) limits it.

A field without a default is always written, as null if it is None; one with a default is left out if it has that value.
`with_` is written as `with`: a final underscore avoids Python's reserved words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from ruletag import fields as notation
from ruletag.fields import Either, Many, Names, Nothing, Number, Record, Row, String, Truth, Type

_PLAIN: Mapping[Any, Type] = {
    str: String(blank=True),
    int: Number(),
    float: Number(whole=False),
    bool: Truth(),
    NoneType: Nothing(),
}
_Kind = TypeVar("_Kind")


class Unfit(ValueError):
    """A JSON value that does not have the declared type."""


class _Declared(NamedTuple):
    """A field of a dataclass: its name there and in JSON, its annotation, and whether it is always written."""

    field: Field[Any]
    name: str
    kind: Any

    @property
    def required(self) -> bool:
        return self.field.default is MISSING


@cache
def _declared(record: type) -> tuple[_Declared, ...]:
    kinds = get_type_hints(record, include_extras=True)
    return tuple(_Declared(field, field.name.rstrip("_"), kinds[field.name]) for field in fields(record))


def plain(value: Any) -> Any:
    """A record as objects, lists and scalars for `json`, with its fields in the order of the dataclass."""
    if is_dataclass(value):
        pairs = ((declared, getattr(value, declared.field.name)) for declared in _declared(cast(type, type(value))))
        return {
            declared.name: plain(item)
            for declared, item in pairs
            if declared.required or item != declared.field.default
        }
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def table(record: type) -> Record:
    """The fields of a dataclass as in its JSON. A field that is left out when it is None is never null."""
    return Record(
        {
            declared.name: notation.Field(_help(declared.kind), _written_type(declared), declared.required)
            for declared in _declared(record)
        }
    )


def _written_type(declared: _Declared) -> Type:
    kind = type_of(declared.kind)
    if isinstance(kind, Either) and declared.field.default is None:
        [kind] = [option for option in kind.options if option != Nothing()]
    return kind


def _help(kind: Any) -> str:
    """The description in an annotation. Raises StopIteration if there is none: every field must have one."""
    return next(argument for argument in reversed(get_args(kind)) if isinstance(argument, str))


def type_of(kind: Any) -> Type:
    """The type that an annotation declares, in the notation of `fields`."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if is_dataclass(kind):
        return table(cast(type, kind))
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        bounds = [argument for argument in arguments[1:] if isinstance(argument, Type)]
        return bounds[0] if bounds else type_of(arguments[0])
    if origin in (Union, UnionType):
        return Either(tuple(map(type_of, arguments)))
    if origin is Mapping:
        key = type_of(arguments[0])
        return Names(type_of(arguments[1]), key.choices if isinstance(key, String) else ())
    if origin is tuple and arguments[1:] == (...,):
        return Many(type_of(arguments[0]), strict=True)
    if origin is tuple:
        return Row(tuple(map(type_of, arguments)))
    raise TypeError(f"{kind} cannot be written as JSON")


def read(kind: type[_Kind], value: Any) -> _Kind:
    """The record that a JSON value stands for: `read(kind, plain(record)) == record`.

    Unknown fields are ignored: a later version may write more. Raises Unfit with the path of the first value that is
    missing or has the wrong type.
    """
    return cast(_Kind, _read(kind, value, ""))


def read_field(record: type, name: str, value: Any) -> Any:
    """One field of a record as a JSON value. Raises Unfit if it is missing or has the wrong type."""
    if not isinstance(value, dict):
        raise Unfit("/: is not an object")
    [declared] = [declared for declared in _declared(record) if declared.name == name]
    if name not in value:
        raise Unfit(f"/{name}: is missing")
    return _read(declared.kind, value[name], f"/{name}")


def _read(kind: Any, value: Any, at: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        item = _read(arguments[0], value, at)
        for bound in arguments[1:]:
            _check_bounds(bound, item, at)
        return item
    if origin in (Union, UnionType):
        return _read_any(arguments, value, at)
    if is_dataclass(kind) and isinstance(value, dict):
        return cast(type, kind)(**dict(_read_fields(cast(type, kind), value, at)))
    if origin is Mapping and isinstance(value, dict):
        paths = {key: f"{at}/{key}" for key in value}
        return {_read(arguments[0], key, path): _read(arguments[1], value[key], path) for key, path in paths.items()}
    if origin is tuple and isinstance(value, list):
        kinds = arguments[:1] * len(value) if arguments[1:] == (...,) else arguments
        if len(kinds) == len(value):
            pairs = enumerate(zip(kinds, value, strict=True))
            return tuple(_read(item_kind, item, f"{at}/{index}") for index, (item_kind, item) in pairs)
    if kind is float and type(value) is int:
        return float(value)
    if kind in _PLAIN and type(value) is kind:
        return value
    raise Unfit(f"{at}: {type(value).__name__} is not allowed here")


def _read_fields(record: type, value: Mapping[str, Any], at: str) -> Iterator[tuple[str, Any]]:
    for declared in _declared(record):
        if declared.name in value:
            yield declared.field.name, _read(declared.kind, value[declared.name], f"{at}/{declared.name}")
        elif declared.required:
            raise Unfit(f"{at}/{declared.name}: is missing")


def _read_any(kinds: tuple[Any, ...], value: Any, at: str) -> Any:
    faults = []
    for kind in kinds:
        try:
            return _read(kind, value, at)
        except Unfit as fault:
            faults.append(fault)
    raise faults[0]


def _check_bounds(bound: Any, value: Any, at: str) -> None:
    if isinstance(bound, String) and bound.choices and value not in bound.choices:
        raise Unfit(f"{at}: {value!r} is none of {', '.join(bound.choices)}")
    if isinstance(bound, Number) and not bound.holds(value):
        raise Unfit(f"{at}: {value} is out of bounds")
