"""Typed records: their JSON, what is read back, and the table of fields that a schema is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import pytest

from ruletag.fields import Either, Field, Many, Names, Nothing, Number, Record, Row, String, Truth
from ruletag.typed import Unfit, plain, read, read_field, table, type_of

Colour = Annotated[str, String(("red", "blue"))]
Share = Annotated[float, Number(0, 1, whole=False)]


@dataclass(frozen=True, slots=True)
class Inner:
    at: Annotated[tuple[int, Share], "where"]
    note: Annotated[str | None, "null for none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    name: Annotated[str, "its name"] = ""
    with_: Annotated[Inner, "a word of Python"]
    shares: Annotated[Mapping[Colour, Share], "by colour"]
    many: Annotated[tuple[Inner, ...], "more of them"] = ()
    sure: Annotated[bool | None, "if known"] = None


INNER = Inner((3, 0.5), None)
WHOLE = Outer(name="é", with_=INNER, shares={"red": 1.0}, many=(INNER, Inner((0, 0.0), "x")), sure=False)
JSON = {
    "name": "é",
    "with": {"at": [3, 0.5], "note": None},
    "shares": {"red": 1.0},
    "many": [{"at": [3, 0.5], "note": None}, {"at": [0, 0.0], "note": "x"}],
    "sure": False,
}


def test_a_record_as_json():
    """Fields in their order; a field with a default is left out where it has that, and null is written elsewhere."""
    assert plain(WHOLE) == JSON
    assert list(plain(WHOLE)) == list(JSON)
    assert plain(Outer(with_=INNER, shares={})) == {"with": JSON["with"], "shares": {}}


def test_json_is_read_back():
    """Missing fields have their default; unknown ones are ignored; a whole number is a ratio too."""
    assert read(Outer, JSON) == WHOLE
    assert read(Outer, {"with": JSON["with"] | {"new": [1]}, "shares": {"red": 1}}) == Outer(
        with_=INNER, shares={"red": 1.0}
    )
    assert read_field(Outer, "with", JSON) == INNER


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"with": None}, "/with: NoneType is not allowed here"),
        ({"with": {"at": [3, 0.5]}}, "/with/note: is missing"),
        ({"with": {"at": [3], "note": None}}, "/with/at: list is not allowed here"),
        ({"with": {"at": [True, 0.5], "note": None}}, "/with/at/0: bool is not allowed here"),
        ({"with": {"at": [3, 1.5], "note": None}}, "/with/at/1: 1.5 is out of bounds"),
        ({"with": {"at": [3, float("nan")], "note": None}}, "/with/at/1: nan is out of bounds"),
        ({"with": {"at": [3, 0.5], "note": 7}}, "/with/note: int is not allowed here"),
        ({"shares": {"green": 1.0}}, "/shares/green: 'green' is none of red, blue"),
        ({"shares": {"red": "1"}}, "/shares/red: str is not allowed here"),
        ({"many": [JSON["with"], {}]}, "/many/1/at: is missing"),
        ({"sure": 1}, "/sure: int is not allowed here"),
    ],
)
def test_what_does_not_fit_is_refused(changes, message):
    """The message names the place of the first value that does not fit."""
    with pytest.raises(Unfit) as error:
        read(Outer, JSON | changes)
    assert str(error.value) == message


@pytest.mark.parametrize("value", [None, [], {}, {"sure": "yes"}])
def test_a_field_that_does_not_fit_is_refused(value):
    """No object, no such key, another type."""
    with pytest.raises(Unfit):
        read_field(Outer, "sure", value)


def test_the_table_of_a_record():
    """A field with a default is not required, and never null; its sentence and its type are those of its annotation."""
    inner = Record(
        {
            "at": Field("where", Row((Number(), Number(0, 1, whole=False))), required=True),
            "note": Field("null for none", Either((String(blank=True), Nothing())), required=True),
        }
    )
    assert table(Outer) == Record(
        {
            "name": Field("its name", String(blank=True)),
            "with": Field("a word of Python", inner, required=True),
            "shares": Field("by colour", Names(Number(0, 1, whole=False), ("red", "blue")), required=True),
            "many": Field("more of them", Many(inner, strict=True)),
            "sure": Field("if known", Truth()),
        }
    )


def test_a_type_that_json_does_not_have_is_refused():
    """A list may change; a set has no order."""
    for kind in (list[int], set[str], bytes):
        with pytest.raises(TypeError, match="cannot be written as JSON"):
            type_of(kind)
