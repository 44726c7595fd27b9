"""The closest `ruletag.toml`, or `[tool.ruletag]` of the closest `pyproject.toml`: defaults for the command line.

Paths in it are relative to the file. An unknown key, or a value of the wrong type, is an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruletag.errors import Fault, RuletagError, suggest
from ruletag.fields import Field, Many, Names, Number, String, Truth, Type
from ruletag.folders import SHIPPED, openable
from ruletag.model import LABELS

_SHIPPED = "the word `shipped` stands for the shipped ones"
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


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one file; `path` is None if there is none."""

    path: Path | None = None
    values: dict[str, Any] = field(default_factory=dict)

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)


def find_config(start: Path) -> Config:
    """The settings that apply in a folder. Raises RuletagError with every fault of the file."""
    for folder in (start, *start.parents):
        for name, table in (("ruletag.toml", ()), ("pyproject.toml", ("tool", "ruletag"))):
            path = folder / name
            if path.is_file() and (values := _read(path, table)) is not None:
                return Config(path, _checked(path, values))
    return Config()


def read_config(path: Path) -> Config:
    """The settings of one file, under any name. Raises RuletagError if it cannot be read or has none."""
    table = ("tool", "ruletag") if path.name == "pyproject.toml" else ()
    if not path.is_file():
        raise RuletagError(Fault(str(path), "RT110", "there is no such file", help="check --config"))
    values = _read(path, table)
    if values is None:
        raise RuletagError(
            Fault(str(path), "RT110", "has no table [tool.ruletag]", help="add it, or name another file")
        )
    return Config(path, _checked(path, values))


def _read(path: Path, table: tuple[str, ...]) -> dict[str, Any] | None:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RuletagError(Fault(openable(path), "RT110", f"cannot be read: {error}")) from None
    if table and table[-1] not in text:
        return None
    import tomllib  # not loaded if there is no configuration

    try:
        values: Any = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        if table and path.name == "pyproject.toml":
            return None  # for another tool
        raise RuletagError(Fault(openable(path), "RT110", _reason(error))) from None
    for key in table:
        values = values.get(key)
        if not isinstance(values, dict):
            return None
    return dict(values)


def _reason(error: Exception) -> str:
    """Why a text is not TOML: only some of the parser's messages are meant for users."""
    if isinstance(error, RecursionError):
        return "is nested too deeply"
    if type(error) is ValueError:  # int() has a limit, against attacks
        return "contains a number with too many digits"
    return f"this is not TOML: {error}"


def _checked(path: Path, values: dict[str, Any]) -> dict[str, Any]:
    faults = []
    for key, value in values.items():
        if key not in KEYS:
            faults.append(Fault(openable(path), "RT110", f"unknown key {key!r}", help=suggest(key, KEYS)))
        elif not _fits(value, KEYS[key].type):
            faults.append(Fault(openable(path), "RT110", f"{key!r} has a value of the wrong type", help=KEYS[key].help))
        elif any("\0" in text for text in _texts(value)):
            faults.append(Fault(openable(path), "RT110", f"{key!r} contains the character U+0000", help="remove it"))
    if faults:
        raise RuletagError(faults)
    for key in ("rules", "gazetteers"):
        if key in values:
            given = [values[key]] if isinstance(values[key], str) else values[key]
            values[key] = [item if item == SHIPPED else str(path.parent / item) for item in given]
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
    """Whether a value has a type. Choices are left to the code that knows them and names the closest."""
    match type:
        case Truth():
            return isinstance(value, bool)
        case Number():
            return isinstance(value, (int, float)) and not isinstance(value, bool) and type.holds(value)
        case Many(item, strict):
            items = value if isinstance(value, list) else () if strict else (value,)
            return bool(items or value == []) and all(_fits(each, item) for each in items)
        case Names(of):
            return isinstance(value, dict) and all(_fits(each, of) for each in value.values())
        case _:
            return isinstance(value, str)
