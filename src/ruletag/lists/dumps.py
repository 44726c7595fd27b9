"""The names in dumps of GeoNames and Wikidata, read line by line so that only the selected ones take memory.

GeoNames: tables of 19 columns without a header (`allCountries.txt`, `FR.txt`). Wikidata: the JSON dump, one entity per
line, with or without brackets. Records that are left out are counted; a line that is not a record of its kind is a
fault.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ruletag.errors import Fault, RuletagError
from ruletag.lists.rows import Row

KINDS = {"geonames": "a GeoNames table", "wikidata": "a Wikidata JSON dump"}
_COLUMNS = 19
_MOST_FAULTS = 20  # a file of another kind has one on each of its million lines
_LANGUAGES = ("fr", "mul")  # a name that is the same in all languages is under `mul`
_INSTANCE_OF, _POPULATION = "P31", "P1082"


class Wanted(NamedTuple):
    """The records to select: those of one of the types, if any are given, with at least this population and number of
    site links."""

    types: frozenset[str] = frozenset()
    population: int = 0
    sitelinks: int = 0


class _Record(NamedTuple):
    """The relevant data of a record: its name (empty if it has no French one), its id, and the values to select by."""

    name: str
    id: str
    types: frozenset[str]
    population: int
    sitelinks: int = 0


def dump_rows(kind: str, lines: Iterable[str], path: str, wanted: Wanted, left_out: Counter[str]) -> Iterator[Row]:
    """The rows of the selected records. The others are counted by reason in `left_out`.

    Raises RuletagError with the faults of all lines, at the end or after twenty of them.
    """
    parse = {"geonames": _geonames, "wikidata": _wikidata}[kind]
    faults: list[Fault] = []
    for number, line in enumerate(lines, 1):
        try:
            record = parse(line.rstrip("\r\n"))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            help = f"is this {KINDS[kind]}?"
            faults.append(Fault(path, "RT118", f"this is not a record: {_problem(error)}", number, help=help))
            if len(faults) == _MOST_FAULTS:
                break
            continue
        if record is None:
            continue
        if reason := _why_not(record, wanted):
            left_out[reason] += 1
        elif not faults:
            yield Row(number, record.name, "", record.id)
    if faults:
        raise RuletagError(faults)


def _problem(error: Exception) -> str:
    return str(error) if type(error) is ValueError else "it lacks fields that such records have"


def _why_not(record: _Record, wanted: Wanted) -> str:
    if wanted.types and wanted.types.isdisjoint(record.types):
        return "of another type"
    if record.population < wanted.population:
        return "with fewer inhabitants"
    if record.sitelinks < wanted.sitelinks:
        return "with fewer site links"
    return "" if record.name else "without a French name"


def _geonames(line: str) -> _Record | None:
    if not line:
        return None
    cells = line.split("\t")
    if len(cells) != _COLUMNS:
        raise ValueError(f"it has {len(cells)} columns, not {_COLUMNS}")
    id, name, feature, code, population = (cells[column] for column in (0, 1, 6, 7, 14))
    if not (id.isascii() and id.isdigit()):
        raise ValueError(f"its id is {id!r}, not a number")
    return _Record(name.strip(), f"geonames:{id}", frozenset((feature, code)), int(population or 0))


def _wikidata(line: str) -> _Record | None:
    line = line.strip().removesuffix(",")
    if line in ("", "[", "]"):
        return None
    try:
        entity = json.loads(line)
    except ValueError:
        raise ValueError("it is not JSON") from None
    labels, claims = entity.get("labels") or {}, entity.get("claims") or {}  # an empty mapping is written as a list
    name = next((labels[language]["value"] for language in _LANGUAGES if language in labels), "")
    types = frozenset(value["id"] for value in _values(claims, _INSTANCE_OF))
    population = max((int(float(value["amount"])) for value in _values(claims, _POPULATION)), default=0)
    return _Record(name, entity["id"], types, population, len(entity.get("sitelinks") or ()))


def _values(claims: Any, key: str) -> Iterator[Any]:
    """The values of the statements about a property, except deprecated statements and those without a value."""
    for statement in claims.get(key, ()):
        snak = statement["mainsnak"]
        if statement.get("rank") != "deprecated" and snak.get("snaktype") == "value":
            yield snak["datavalue"]["value"]
