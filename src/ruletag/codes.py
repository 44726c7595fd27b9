"""The meaning of each error code, read from the page `docs/reference/errors.md`, which is part of the package."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ruletag.errors import Fault, RuletagError, suggest

_SECTION = re.compile(r"^## (.+)$")
_EXIT = re.compile(r"\bExit code (\d)\.")
_ROW = re.compile(r"^\| `(RT\d{3})` \| (.+) \| (.+) \|$")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")


@dataclass(frozen=True, slots=True)
class Code:
    """A code: its kind of fault, its exit code, what is wrong, and what to do. Markdown."""

    name: str
    kind: str
    exit_code: int
    meaning: str
    remedy: str


def page() -> Path:
    """The page: the copy in the wheel, or the one in the checkout."""
    installed = Path(__file__).with_name("errors.md")
    return installed if installed.exists() else Path(__file__).parents[2] / "docs" / "reference" / "errors.md"


def codes() -> dict[str, Code]:
    """All codes by name, in the order of the page. The links of the page are reduced to their words."""
    by_name: dict[str, Code] = {}
    kind, exit_code = "", 0
    for line in page().read_text(encoding="utf-8").splitlines():
        if section_match := _SECTION.match(line):
            kind = section_match[1]
        elif exit_match := _EXIT.search(line):
            exit_code = int(exit_match[1])
        elif row_match := _ROW.match(line):
            name, meaning, remedy = (_LINK.sub(r"\1", cell) for cell in row_match.groups())
            by_name[name] = Code(name, kind, exit_code, meaning, remedy)
    return by_name


def explain(names: tuple[str, ...]) -> list[Code]:
    """The codes with these names; case is ignored. Raises RuletagError for names that are not codes."""
    all_codes = codes()
    chosen = [name.upper() for name in names]
    faults = [
        Fault(name, "RT110", "is not a code", help=suggest(name, all_codes)) for name in chosen if name not in all_codes
    ]
    if faults:
        raise RuletagError(faults)
    return [all_codes[name] for name in chosen]
