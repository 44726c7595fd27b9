"""Messages about common mistakes in YAML that describe the faulty line, where the parser describes its own state."""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml

from ruletag.positions import Mark

Diagnosis = tuple[Mark | None, str, str]  # position, message, help

_TAB = re.compile(r" *\t")
# A pattern that is not in quotes as a whole.
_PATTERN = re.compile(r"""[ -]*(?:match|before|after): +(?!(["']).*\1 *(?:#.*)?$)""")
_NO_SPACE = re.compile(r" *(?:- +)?[a-z-]+:[^ ]")
_QUOTED = {
    '"': 'write \\" for a quotation mark inside, or « »; or close the quotation mark of a line above',
    "'": 'put a text with an apostrophe in double quotes: "L\'Express"',
}
_COLON = "put a text with a colon in quotes; indent keys that belong together alike"
_ITEMS = "put a comma between items, and close the bracket; put a text with brackets, commas or colons in quotes"


def diagnosis(lines: Sequence[str], error: yaml.MarkedYAMLError) -> Diagnosis:
    """The position, message and help for text that is not YAML; specific if the lines show a common mistake."""
    at = error.problem_mark
    if at is None:
        return None, f"this is not YAML: {error.problem}", "check the indentation and the quotes"
    mark = Mark(at.line + 1, at.column + 1)
    if error.context == "while scanning a quoted scalar" and error.context_mark:
        opened = Mark(error.context_mark.line + 1, error.context_mark.column + 1)
        return opened, "this quotation mark is never closed", "close it at the end of the text"
    line = lines[at.line] if at.line < len(lines) else ""
    before, here = line[: at.column], line[at.column : at.column + 1]
    if _TAB.match(line):
        return mark, "a tab indents this line, which YAML does not allow", "indent with spaces"
    if here == "\t":
        return mark, "there is a tab here, which YAML does not allow", "write a space"
    message = f"this is not YAML: {error.problem}"
    marks = [near for near in (at, error.context_mark) if near and near.line < len(lines)]
    if any(_PATTERN.match(lines[near.line]) for near in marks):
        return mark, message, "quote the whole pattern: match: '\"De\" [ Cap ]'"
    if "cannot start any token" in str(error.problem):
        return mark, f"a text without quotes cannot begin with {here}", "put the text in quotes"
    if "mapping values" in str(error.problem):
        above = next((earlier for earlier in reversed(lines[: at.line]) if earlier.strip()), "")
        help = "write a space after the colon of the line above" if _NO_SPACE.match(above) else _COLON
        return mark, message, help
    return _misplaced(mark, message, before, here)


def _misplaced(mark: Mark, message: str, before: str, here: str) -> Diagnosis:
    """The diagnosis of something that the parser did not expect; `before` is the text before it on its line."""
    last = before.rstrip()[-1:]
    if "expected ','" in message and last not in _QUOTED:
        return mark, message, _ITEMS
    if not last:
        spaces = "1 space" if len(before) == 1 else f"{len(before)} spaces"
        return mark, message, f"indent this line like those that it belongs with; it begins with {spaces}"
    if last in _QUOTED and here:
        return mark, "the quoted text ends before this", _QUOTED[last]
    if last in "]}" and "indicator" in message:
        return mark, "the list or mapping ends before this", "put a text that begins with a bracket in quotes"
    return mark, message, "check the indentation and the quotes"
