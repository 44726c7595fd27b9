"""JSON Schemas (draft 2020-12) of user-written files and of ruletag's output, made from the tables of fields.

An editor takes the YAML scalar `2024` for a number, where ruletag's readers take it for text. A text may therefore be
any plain scalar, unless the file is TOML or JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from ruletag import config_keys, gazetteer, guideline_file, rule_file
from ruletag.fields import Either, Field, Many, Names, Nothing, Number, Record, Row, String, Truth, Type
from ruletag.formats import jsonl
from ruletag.report import record as report
from ruletag.report.agreement import AgreementRecord
from ruletag.report.compared import Comparison
from ruletag.report.difference import Differences
from ruletag.report.explanation import ExplanationRecord
from ruletag.report.goldcheck import FindingRecord
from ruletag.report.returned import ReturnedRecord
from ruletag.typed import table

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Subject(NamedTuple):
    """The title and type of a schema, and whether it is for YAML, in which a plain scalar always counts as text."""

    title: str
    type: Type
    is_yaml: bool = True


_SUBJECTS = {
    "gazetteer": _Subject("A gazetteer of ruletag, or a word class", gazetteer.FILE),
    "rules": _Subject("A rule file of ruletag", rule_file.FILE),
    "guideline": _Subject("A guideline of ruletag", guideline_file.FILE),
    "config": _Subject("ruletag.toml, or [tool.ruletag] of pyproject.toml", Record(config_keys.KEYS), is_yaml=False),
    "output": _Subject("A line of `ruletag tag --to jsonl`", jsonl.LINE, is_yaml=False),
    "eval": _Subject("What `ruletag eval --json` prints", table(report.Record), is_yaml=False),
    "compare": _Subject("What `ruletag compare --json` prints", table(Comparison), is_yaml=False),
    "gold-check": _Subject(
        "What `ruletag gold-check --json` prints", Many(table(FindingRecord), strict=True), is_yaml=False
    ),
    "import": _Subject("What `ruletag import --json` prints", table(ReturnedRecord), is_yaml=False),
    "diff": _Subject("What `ruletag diff --json` prints", table(Differences), is_yaml=False),
    "explain": _Subject("What `ruletag explain --json` prints", table(ExplanationRecord), is_yaml=False),
    "agree": _Subject("What `ruletag agree --json` prints", table(AgreementRecord), is_yaml=False),
}


def schema(name: str) -> dict[str, Any]:
    """The schema of one of _SUBJECTS."""
    subject = _SUBJECTS[name]
    scalars = ["string", "number", "boolean"] if subject.is_yaml else "string"
    return {"$schema": DIALECT, "title": subject.title, **_of(subject.type, scalars)}


def format_schema(name: str) -> str:
    """The schema as the text of a JSON file."""
    return json.dumps(schema(name), ensure_ascii=False, indent=2) + "\n"


def _of(type: Type, scalars: list[str] | str) -> dict[str, Any]:
    match type:
        case String(choices, blank):
            if choices:
                return {"enum": list(choices)}
            return {"type": scalars} | ({} if blank else {"pattern": r"\S"})
        case Truth():
            return {"type": "boolean"}
        case Number(least, most, whole):
            bounds = {name: bound for name, bound in (("minimum", least), ("maximum", most)) if bound is not None}
            return {"type": "integer" if whole else "number", **bounds}
        case Many(item, strict):
            array = {"type": "array", "items": _of(item, scalars)}
            singles = item.options if isinstance(item, Either) else (item,)
            return array if strict else {"anyOf": [*(_of(single, scalars) for single in singles), array]}
        case Nothing():
            return {"type": "null"}
        case Row(items):
            schemas = [_of(item, scalars) for item in items]
            return {"type": "array", "prefixItems": schemas, "items": False, "minItems": len(schemas)}
        case Names(value, choices):
            keys = {"propertyNames": {"enum": list(choices)}} if choices else {}
            return {"type": "object", **keys, "additionalProperties": _of(value, scalars)}
        case Either(options):
            return {"anyOf": [_of(option, scalars) for option in options]}
        case Record():
            return _record(type, scalars)


def _record(record: Record, scalars: list[str] | str) -> dict[str, Any]:
    required = [name for name, field in record.fields.items() if field.required]
    return {
        "type": "object",
        "properties": _properties(record.fields, scalars),
        **({} if record.open else {"additionalProperties": False}),
        **({"required": required} if required else {}),
        **({"oneOf": [{"required": [name]} for name in record.one_of]} if record.one_of else {}),
        **({"anyOf": [{"required": [name]} for name in record.any_of]} if record.any_of else {}),
    }


def _properties(fields: Mapping[str, Field], scalars: list[str] | str) -> dict[str, Any]:
    return {
        name: {
            "description": field.help,
            **_of(field.type, scalars),
            **({} if field.default is None else {"default": field.default}),
        }
        for name, field in fields.items()
    }
