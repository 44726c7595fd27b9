"""Items added to YAML files that a person maintains: lines are inserted, and nothing else in the file changes.

The result is read again: unless it says exactly what the file said plus the new items, nothing is written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ruletag.errors import Fault, RuletagError
from ruletag.events import value_of
from ruletag.positions import Mapping
from ruletag.positions import Sequence as Items

Item = str | dict[str, str]
_PLAIN = re.compile(r"[^\W\d_][\w.'’ -]*[\w.]|\w")  # needs no quotes, if it reads as itself


class Addition(NamedTuple):
    """An item for a section of a file, with a comment beside it. A missing file begins with `head`."""

    file: str
    head: str
    section: str
    item: Item
    note: str = ""

    @property
    def name(self) -> str:
        return self.item if isinstance(self.item, str) else self.item["name"]


def with_items(text: str | None, shown: str, additions: Iterable[Addition]) -> str:
    """The text of a file (None: it is missing) with some items; sorted in if the list is sorted.

    Items that are already there are not added again. Raises RuletagError if the file cannot be edited safely.
    """
    for addition in additions:
        if text is None:
            text = f"{addition.head}\n" if addition.head else ""
        text = _with_item(text, shown, addition)
    return text or ""


def _with_item(text: str, shown: str, addition: Addition) -> str:
    value = _value(text, shown) if text.strip() else None
    if value is not None and not isinstance(value, dict):
        raise _unsafe(shown, "is not a mapping")
    items = (value or {}).get(addition.section)
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines()
    if items is None:
        lines += [f"{addition.section}:", *_written(addition, "  ")]
        place = 0
    elif not isinstance(items, Items) or not items:
        raise _unsafe(shown, f"has no list under `{addition.section}` with one item per line")
    else:
        if _plain(addition.item) in [_plain(item) for item in items]:
            return text
        dashes = [_dash(lines, mark.line, mark.column) for mark in items.items_at]
        if None in dashes or len(set(dashes)) > 1:
            raise _unsafe(shown, f"has its `{addition.section}` on one line, not one item per line")
        place = _place(items, addition.name)
        at = _line_of(lines, items, place, dashes[0] or 0)
        lines[at:at] = _written(addition, " " * (dashes[0] or 0))
    edited = end.join(lines) + end
    _verify(value, edited, shown, addition, place)
    return edited


def _verify(before: Any, edited: str, shown: str, addition: Addition, place: int) -> None:
    wanted = _plain(before or {}) | {addition.section: [*_plain((before or {}).get(addition.section) or [])]}
    wanted[addition.section].insert(place, _plain(addition.item))
    try:
        found = _plain(_value(edited, shown))
    except RuletagError:
        found = None
    if found != wanted:
        raise _unsafe(shown, f"would be read differently with {addition.name!r} added")


def _dash(lines: Sequence[str], line: int, column: int) -> int | None:
    """The column of an item's dash, from 0, if it is the first thing on the item's line."""
    before = lines[line - 1][: column - 1]
    return len(before) - len(before.lstrip()) if before.strip() == "-" else None


def _place(items: Items, name: str) -> int:
    """The place of a name among sorted items; the end if they are not sorted."""
    names = [_order(item if isinstance(item, str) else str(item.get("name", ""))) for item in items]
    if names != sorted(names):
        return len(names)
    return sum(each <= _order(name) for each in names)


def _order(name: str) -> tuple[str, str]:
    return name.casefold(), name


def _line_of(lines: Sequence[str], items: Items, place: int, dash: int) -> int:
    """The line, from 0, before which an item must be inserted to get a place; comments above the next item stay above
    that."""
    if place < len(items):
        at = items.items_at[place].line - 1
        while at > 0 and lines[at - 1].strip().startswith("#"):
            at -= 1
        return at
    at = items.items_at[-1].line
    for number in range(at, len(lines)):
        inside = len(lines[number]) - len(lines[number].lstrip()) > dash
        if lines[number].strip() and not lines[number].strip().startswith("#"):
            if not inside:
                break
            at = number + 1
    return at


def _written(addition: Addition, indent: str) -> list[str]:
    """The lines of an item: a name, a name with its fields, or a mapping of several lines."""
    note = f"  # {' '.join(addition.note.split())}" if addition.note else ""
    if isinstance(addition.item, str):
        return [f"{indent}- {scalar(addition.item)}{note}"]
    pairs = [f"{key}: {scalar(value)}" for key, value in addition.item.items()]
    if addition.section == "entries":
        return [f"{indent}- {{{', '.join(pairs)}}}{note}"]
    return [f"{indent}- {pairs[0]}{note}", *(f"{indent}  {pair}" for pair in pairs[1:])]


def scalar(text: str) -> str:
    """A text as YAML writes it: plain if it reads the same, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in ("true", "false", "yes", "no", "null", "on", "off", "y", "n"):
        return text
    return json.dumps(text, ensure_ascii=False) if text not in ("true", "false") else text


def _value(text: str, shown: str) -> Any:
    faults: list[Fault] = []

    def fault(code: str, mark: Any, message: str, help: str = "") -> None:
        line, column = mark or (0, 0)
        faults.append(Fault(shown, code, message, line, column, help))

    value = value_of(text, fault)
    if faults:
        raise RuletagError(faults)
    return value


def _plain(value: Any) -> Any:
    """A value without the positions."""
    if isinstance(value, (dict, Mapping)):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _unsafe(shown: str, reason: str) -> RuletagError:
    help = "write one item per line below it, or add the line by hand"
    return RuletagError(Fault(shown, "RT119", f"cannot be added to: it {reason}", help=help))
