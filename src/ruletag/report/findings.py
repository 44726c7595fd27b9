"""The findings of `check`, as text, as JSON, and in the formats of code review tools. Formats, never prints."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ruletag import __version__
from ruletag.codes import codes
from ruletag.errors import Fault, format_fault

_FIELDS = ("path", "line", "column", "code", "message", "help")
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}  # in messages for GitHub; property values need two more


def format_findings(findings: Sequence[Fault], style: str) -> str:
    """The findings in one of STYLES; empty if there is nothing to print."""
    return STYLES[style](findings)


def _full(findings: Iterable[Fault]) -> str:
    return "\n".join(format_fault(finding) for finding in findings)


def _concise(findings: Iterable[Fault]) -> str:
    return _full(replace(finding, help="", excerpt="") for finding in findings)


def _json(findings: Iterable[Fault]) -> str:
    records = [{name: getattr(finding, name) for name in _FIELDS} for finding in findings]
    return json.dumps(records, ensure_ascii=False, indent=1)


def _github(findings: Iterable[Fault]) -> str:
    """One workflow command per line, which GitHub turns into an annotation beside the line of the file."""
    return "\n".join(map(_annotation, findings))


def _annotation(finding: Fault) -> str:
    path = Path(finding.path).as_posix()
    properties = {"file": path, "line": finding.line, "col": finding.column, "title": finding.code}
    parameters = ",".join(f"{key}={_escaped(str(value), ':,')}" for key, value in properties.items() if value)
    message = f"{finding.message} (help: {finding.help})" if finding.help else finding.message
    return f"::error {parameters}::{_escaped(message)}"


def _escaped(text: str, extra: str = "") -> str:
    escapes = _ESCAPES | {char: f"%{ord(char):02X}" for char in extra}
    return "".join(escapes.get(char, char) for char in text)


def _sarif(findings: Sequence[Fault]) -> str:
    """SARIF 2.1.0: one run, with the codes of the findings as rules and a result for each finding."""
    rules = sorted({finding.code for finding in findings})
    driver = {"name": "ruletag", "version": __version__, "rules": [_rule(code) for code in rules]}
    results = [_result(finding, rules.index(finding.code)) for finding in findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1)


def _rule(code: str) -> dict[str, Any]:
    description = codes()[code]
    return {"id": code, "shortDescription": {"text": description.meaning}, "help": {"text": description.remedy}}


def _result(finding: Fault, rule_index: int) -> dict[str, Any]:
    message = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(finding.path)}}
    if finding.line:
        column = {"startColumn": finding.column} if finding.column else {}
        location["region"] = {"startLine": finding.line, **column}
    return {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": "error",
        "message": {"text": message},
        "locations": [{"physicalLocation": location}],
    }


def _uri(path: str) -> str:
    """A path as a URI reference: a relative path stays relative, an absolute one gets the scheme `file`."""
    if os.path.isabs(path):
        return Path(path).as_uri()
    return quote(Path(path).as_posix())


STYLES: dict[str, Callable[[Sequence[Fault]], str]] = {
    "full": _full,
    "concise": _concise,
    "json": _json,
    "github": _github,
    "sarif": _sarif,
}
