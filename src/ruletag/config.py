"""The closest `ruletag.toml`, or `[tool.ruletag]` of the closest `pyproject.toml`: defaults for the command line.

Paths in it are relative to the file. An unknown key, or a value of the wrong type, is an error.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ruletag.errors import Fault, RuletagError
from ruletag.folders import Folders, guideline_path, openable, own_folders


class Config(NamedTuple):
    """The settings of one file; `path` is None if there is none."""

    path: Path | None = None
    values: Mapping[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)


def find_config(start: Path) -> Config:
    """The settings that apply in a folder. Raises RuletagError with every fault of the file."""
    for folder in (start, *start.parents):
        for name, table in (("ruletag.toml", ()), ("pyproject.toml", ("tool", "ruletag"))):
            path = folder / name
            if path.is_file() and (values := _read(path, table)) is not None:
                return _config(path, values)
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
    return _config(path, values)


def refuse_unknown(config: Config, keys: Container[str], rules: Folders) -> None:
    """Raise RuletagError, naming the file, if the guideline or engine under one of the keys does not exist."""
    from ruletag.engine import ENGINES, engine_name

    guideline, engine = (config.get(key) if key in keys else None for key in ("guideline", "engine"))
    try:
        if guideline:
            guideline_path(guideline, own_folders(rules))
        if engine and engine not in ENGINES:
            engine_name(engine)
    except RuletagError as error:
        path = openable(config.path) if config.path else ""
        raise RuletagError(replace(fault, path=path) for fault in error.faults) from None


def _config(path: Path, values: dict[str, Any]) -> Config:
    from ruletag.config_keys import checked  # not loaded if there is no configuration

    return Config(path, checked(path, values))


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
        raise RuletagError(_toml_fault(path, text, error)) from None
    for key in table:
        values = values.get(key)
        if not isinstance(values, dict):
            return None
    return dict(values)


def _toml_fault(path: Path, text: str, error: Exception) -> Fault:
    """The fault of a text that is not TOML, because only some of the parser's messages are meant for users."""
    name = openable(path)
    if isinstance(error, RecursionError):
        return Fault(name, "RT110", "is nested too deeply")
    if type(error) is ValueError:  # int() has a limit, against attacks
        return Fault(name, "RT110", "contains a number with too many digits")
    reason, separator, position = str(error).partition(" (at ")
    numbers = re.findall(r"\d+", position) if separator else []
    last = text.rstrip().count("\n") + 1  # the last line, if the parser only says that the text ends
    line, column = map(int, numbers) if len(numbers) == 2 else (last, 0)
    lines = text.split("\n")
    excerpt = lines[line - 1].rstrip("\r") if line <= len(lines) and len(lines[line - 1]) <= 160 else ""
    help = 'write key = value, with texts in quotes and lists in brackets: rules = ["shipped", "knowledge/rules"]'
    return Fault(name, "RT110", f"this is not TOML: {reason}", line, column, help, excerpt)
