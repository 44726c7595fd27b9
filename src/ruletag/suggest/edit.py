"""Add items to YAML files that people maintain: lines are inserted, and nothing else in the file changes.

The result is parsed again: unless it has exactly the old content plus the new items, nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ruletag.errors import Fault, RuletagError
from ruletag.events import value_of
from ruletag.positions import Mapping
from ruletag.positions import Sequence as Items
from ruletag.yaml_scalar import scalar

Item = str | dict[str, str]
_TRUTHS = ("ambiguous",)  # fields whose value is true or false


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
    """The text of a file, with items added: in order if the list is sorted, else at its end.

    `text` is None if the file is missing; `shown` is its name in messages. Items that are already there are not added
    again. Raises RuletagError if the file cannot be edited safely.
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
    line_end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines()
    if items is None:
        lines += [f"{addition.section}:", *_item_lines(addition, "  ")]
        index = 0
    elif not isinstance(items, Items) or not items:
        raise _unsafe(shown, f"has no list under `{addition.section}` with one item per line")
    else:
        if _plain(addition.item) in [_plain(item) for item in items]:
            return text
        dashes = [_dash(lines, mark.line, mark.column) for mark in items.items_at]
        if None in dashes or len(set(dashes)) > 1:
            raise _unsafe(shown, f"has its `{addition.section}` on one line, not one item per line")
        index = _index(items, addition.name)
        line = _line_of(lines, items, index, dashes[0] or 0)
        lines[line:line] = _item_lines(addition, " " * (dashes[0] or 0))
    edited = line_end.join(lines) + line_end
    _verify(value, edited, shown, addition, index)
    return edited


def _verify(before: Any, edited: str, shown: str, addition: Addition, index: int) -> None:
    """Raise RuletagError unless an edited text has the content `before` plus the new item at `index`."""
    expected = _plain(before or {}) | {addition.section: [*_plain((before or {}).get(addition.section) or [])]}
    expected[addition.section].insert(index, _plain(addition.item))
    try:
        actual = _plain(_value(edited, shown))
    except RuletagError:
        actual = None
    if actual != expected:
        raise _unsafe(shown, f"would be read differently with {addition.name!r} added")


def _dash(lines: Sequence[str], line: int, column: int) -> int | None:
    """The column of an item's dash, from 0; None if something precedes it on its line."""
    before = lines[line - 1][: column - 1]
    return len(before) - len(before.lstrip()) if before.strip() == "-" else None


def _index(items: Items, name: str) -> int:
    """The index of a name among sorted items; the end if they are not sorted."""
    keys = [_order(item if isinstance(item, str) else str(item.get("name", ""))) for item in items]
    if keys != sorted(keys):
        return len(keys)
    return sum(key <= _order(name) for key in keys)


def _order(name: str) -> tuple[str, str]:
    return name.casefold(), name


def _line_of(lines: Sequence[str], items: Items, index: int, dash: int) -> int:
    """The line, from 0, before which to insert an item so that it gets an index. Comments above the next item stay
    there."""
    if index < len(items):
        line = items.items_at[index].line - 1
        while line > 0 and lines[line - 1].strip().startswith("#"):
            line -= 1
        return line
    line = items.items_at[-1].line
    for number in range(line, len(lines)):
        is_inside = len(lines[number]) - len(lines[number].lstrip()) > dash
        if lines[number].strip() and not lines[number].strip().startswith("#"):
            if not is_inside:
                break
            line = number + 1
    return line


def _item_lines(addition: Addition, indent: str) -> list[str]:
    """The lines of an item: one for a name or an entry with fields, one for each field of another mapping."""
    note = f"  # {' '.join(addition.note.split())}" if addition.note else ""
    if isinstance(addition.item, str):
        return [f"{indent}- {scalar(addition.item)}{note}"]
    pairs = [f"{key}: {value if key in _TRUTHS else scalar(value)}" for key, value in addition.item.items()]
    if addition.section == "entries":
        return [f"{indent}- {{{', '.join(pairs)}}}{note}"]
    return [f"{indent}- {pairs[0]}{note}", *(f"{indent}  {pair}" for pair in pairs[1:])]


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
    """A parsed value without its positions."""
    if isinstance(value, (dict, Mapping)):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _unsafe(shown: str, reason: str) -> RuletagError:
    help = "write one item per line below it, or add the line by hand"
    return RuletagError(Fault(shown, "RT119", f"cannot be added to: it {reason}", help=help))
