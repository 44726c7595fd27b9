"""The keys of a configuration, and the validation of their values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruletag.errors import Fault, RuletagError, suggest
from ruletag.fields import Field, Many, Names, Number, String, Truth, Type
from ruletag.folders import SHIPPED, openable
from ruletag.model import LABELS

KEYS = {
    "rules": Field(
        "folders or files of rules; the word `shipped` stands for the shipped ones", Many(String()), default="shipped"
    ),
    "gazetteers": Field(
        "folders or files of gazetteers; the word `shipped` stands for the shipped ones",
        Many(String()),
        default="shipped",
    ),
    "lists": Field("a table that maps the path of each plain list to its label", Names(String(LABELS))),
    "guideline": Field("the name or the file of the guideline", String()),
    "engine": Field("core or plain", String(("core", "plain"))),
    "memory": Field("whether names learned in a document apply throughout it", Truth(), default=True),
    "encoding": Field("the encoding of the documents", String(), default="utf-8"),
    "map": Field("a table that maps each foreign label to the one of ours that it is read as", Names(String(LABELS))),
    "ignore": Field("foreign labels whose spans are left out", Many(String(), strict=True)),
    "fail-under": Field("the micro-F1 under which `ruletag eval` fails, from 0 to 1", Number(0, 1, whole=False)),
}


def checked(path: Path, values: dict[str, Any]) -> dict[str, Any]:
    """The values of a file, its paths resolved against its folder. Raises RuletagError with every fault."""
    faults = []
    for key, value in values.items():
        if key not in KEYS:
            is_table = key == "tool" and isinstance(value, dict) and "ruletag" in value
            help = "leave out [tool.ruletag], which only pyproject.toml needs" if is_table else suggest(key, KEYS)
            faults.append(Fault(openable(path), "RT110", f"unknown key {key!r}", help=help))
        elif not _fits(value, KEYS[key].type):
            faults.append(Fault(openable(path), "RT110", f"{key!r} has a value of the wrong type", help=KEYS[key].help))
        elif any("\0" in text for text in _texts(value)):
            faults.append(Fault(openable(path), "RT110", f"{key!r} contains the character U+0000", help="remove it"))
    if faults:
        raise RuletagError(faults)
    for key in ("rules", "gazetteers"):
        if key in values:
            paths = [values[key]] if isinstance(values[key], str) else values[key]
            values[key] = [item if item == SHIPPED else str(path.parent / item) for item in paths]
    if "guideline" in values and values["guideline"].endswith((".yaml", ".yml")):
        values["guideline"] = str(path.parent / values["guideline"])
    if "lists" in values:
        values["lists"] = [(label, str(path.parent / listing)) for listing, label in values["lists"].items()]
    return values


def _texts(value: Any) -> list[str]:
    """All strings of a valid value."""
    if isinstance(value, dict):
        return [*value, *value.values()]
    return [value] if isinstance(value, str) else value if isinstance(value, list) else []


def _fits(value: Any, type: Type) -> bool:
    """Whether a value has a type. Choices are checked later, where the closest one can be suggested."""
    match type:
        case Truth():
            return isinstance(value, bool)
        case Number():
            return isinstance(value, (int, float)) and not isinstance(value, bool) and type.holds(value)
        case Many(item, strict):
            items = value if isinstance(value, list) else () if strict else (value,)
            return bool(items or value == []) and all(_fits(element, item) for element in items)
        case Names(of):
            return isinstance(value, dict) and all(_fits(element, of) for element in value.values())
        case _:
            return isinstance(value, str)
