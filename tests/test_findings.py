"""The findings of `check` in each output form, and the hooks that run it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from ruletag.cli.check import check
from ruletag.codes import codes
from ruletag.errors import Fault
from ruletag.report.findings import STYLES, format_findings
from test_docs import COMMANDS

ROOT = Path(__file__).parents[1]
FINDINGS = [
    Fault("mine/a b.yaml", "RT401", "100 % of one, two: ∀", 3, 7, "do\nit", "an excerpt"),
    Fault("mine/a b.yaml", "RT403", "two", 4),
    Fault("c.yaml", "RT401", "three"),
]


def test_full():
    """Findings are listed one below the other, with help and excerpt; a line break in one is an escape."""
    assert format_findings(FINDINGS, "full") == (
        "mine/a b.yaml:3:7: RT401 100 % of one, two: ∀\n    an excerpt\n          ^\n  help: do\\x0ait\n"
        "mine/a b.yaml:4: RT403 two\nc.yaml: RT401 three"
    )


def test_concise():
    """One a line, where the message is one."""
    assert format_findings(FINDINGS, "concise") == (
        "mine/a b.yaml:3:7: RT401 100 % of one, two: ∀\nmine/a b.yaml:4: RT403 two\nc.yaml: RT401 three"
    )


def test_github():
    """A workflow command a line; what would end a command or a property is escaped, what is not known left out."""
    assert format_findings(FINDINGS, "github").splitlines() == [
        "::error file=mine/a b.yaml,line=3,col=7,title=RT401::100 %25 of one, two: ∀ (help: do%0Ait)",
        "::error file=mine/a b.yaml,line=4,title=RT403::two",
        "::error file=c.yaml,title=RT401::three",
    ]
    assert format_findings([Fault("a,b:c%.yaml", "RT401", "x")], "github") == (
        "::error file=a%2Cb%3Ac%25.yaml,title=RT401::x"
    )


# What SARIF 2.1.0 demands of a log such as ours: names, types, and what must be there.
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
REGION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["startLine"],
    "properties": {name: {"type": "integer", "minimum": 1} for name in ("startLine", "startColumn")},
}
PLACE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["artifactLocation"],
    "properties": {
        "artifactLocation": {
            "type": "object",
            "additionalProperties": False,
            "required": ["uri"],
            "properties": {"uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~:/%-]+$"}},
        },
        "region": REGION,
    },
}
RESULT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["ruleId", "ruleIndex", "level", "message", "locations"],
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": TEXT,
        "locations": {
            "type": "array",
            "items": {"required": ["physicalLocation"], "properties": {"physicalLocation": PLACE}},
        },
    },
}  # fmt: skip
RULE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "shortDescription": TEXT, "help": TEXT},
}
DRIVER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"const": "ruletag"},
        "version": {"type": "string"},
        "rules": {"type": "array", "uniqueItems": True, "items": RULE},
    },
}
RUN = {
    "type": "object",
    "additionalProperties": False,
    "required": ["tool", "results"],
    "properties": {
        "tool": {"required": ["driver"], "properties": {"driver": DRIVER}},
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": RESULT},
    },
}
LOG = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {"version": {"const": "2.1.0"}, "runs": {"type": "array", "items": RUN, "minItems": 1}},
}


@pytest.mark.parametrize("findings", [FINDINGS, []], ids=["three", "none"])
def test_sarif(findings, tmp_path):
    """The log has the structure of SARIF 2.1.0; each result leads to its code, its file, its place and what to do."""
    absolute = [*findings, Fault(str(tmp_path / "é.yaml"), "RT403", "far")]
    log = json.loads(format_findings(absolute, "sarif"))
    jsonschema.Draft202012Validator(LOG).validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    messages = [
        (
            rules[result["ruleIndex"]]["id"],
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            result["locations"][0]["physicalLocation"].get("region"),
            result["message"]["text"],
        )
        for result in run["results"]
    ]

    assert [result["ruleId"] for result in run["results"]] == [code for code, *_ in messages]
    assert [rule["shortDescription"]["text"] for rule in rules] == [codes()[rule["id"]].meaning for rule in rules]
    expected = [
        ("RT401", "mine/a%20b.yaml", {"startLine": 3, "startColumn": 7}, "100 % of one, two: ∀\ndo\nit"),
        ("RT403", "mine/a%20b.yaml", {"startLine": 4}, "two"),
        ("RT401", "c.yaml", None, "three"),
    ]
    assert messages == [*expected[: len(findings)], ("RT403", (tmp_path / "é.yaml").as_uri(), None, "far")]


def test_the_command_offers_every_form():
    """No form is known to one of command and module alone."""
    option = next(option for option in check.params if option.name == "output_format")

    assert list(option.type.choices) == list(STYLES)


# What pre-commit demands of a file of hooks.
HOOKS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "name", "entry", "language"],
        "properties": {
            **{name: {"type": "string", "minLength": 1} for name in ("id", "name", "entry", "description", "files")},
            "language": {"const": "python"},
            **{name: {"type": "array", "items": {"type": "string"}} for name in ("args", "types", "types_or")},
            "pass_filenames": {"type": "boolean"},
        },
    },
}


def test_hooks():
    """Each hook is one that pre-commit takes, and calls a command of ours with arguments that it takes."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    jsonschema.Draft202012Validator(HOOKS).validate(hooks)
    for hook in hooks:
        program, name, *words = [*hook["entry"].split(), *hook.get("args", [])]
        assert program == "ruletag"
        COMMANDS[name].make_context(name, words)

    assert [hook["id"] for hook in hooks] == ["ruletag-check", "ruletag-eval"]
