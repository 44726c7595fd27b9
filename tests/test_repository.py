"""The files around the code: forms for issues, settings of editors."""

from __future__ import annotations

import configparser
from pathlib import Path

import jsonschema
import pytest
import yaml

import properties
from conftest import WHOLE_MODULES

ROOT = Path(__file__).parents[1]
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))

# What GitHub demands of a form for issues.
FORM = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "description", "body"],
    "properties": {
        "name": {"type": "string", "minLength": 4},
        "description": {"type": "string", "minLength": 4},
        "labels": {"type": "array", "items": {"type": "string"}},
        "body": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["type", "id", "attributes"],
                "properties": {
                    "type": {"enum": ["textarea", "input"]},
                    "id": {"type": "string", "pattern": "^[a-z-]+$"},
                    "attributes": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["label"],
                        "properties": {name: {"type": "string"} for name in ("label", "description", "render")},
                    },
                    "validations": {"type": "object", "properties": {"required": {"type": "boolean"}}},
                },
            },
        },
    },
}


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_a_form_for_issues(path):
    """Each form is one that GitHub shows, and no two fields have one id."""
    form = yaml.safe_load(path.read_text("utf-8"))
    jsonschema.Draft202012Validator(FORM).validate(form)
    ids = [field["id"] for field in form["body"]]

    assert len(set(ids)) == len(ids)


def test_the_forms_that_there_are():
    """One for names, one for bugs."""
    assert [path.name for path in FORMS] == ["bug.yml", "name.yml"]


def test_settings_of_editors():
    """The files that we keep are as .editorconfig says: no tabs but in the Makefile, a line end at the end."""
    settings = configparser.ConfigParser()
    settings.read_string("[top]\n" + (ROOT / ".editorconfig").read_text("utf-8"))
    texts = [path for folder in ("src", "tests", "rules") for path in (ROOT / folder).rglob("*.py")]
    texts += [*(ROOT / "rules").rglob("*.yaml"), *ROOT.glob("*.md")]
    wrong = []
    for path in texts:
        text = path.read_bytes()
        if (text and not text.endswith(b"\n")) or b"\r" in text or b"\n\t" in text:
            wrong.append(path.relative_to(ROOT).as_posix())

    assert settings["*"]["indent_style"] == "space"
    assert wrong == []


def test_modules_that_the_unit_suite_does_not_read():
    """Each is there, so that none is read again under another name."""
    names = {path.stem for path in Path(__file__).parent.glob("test_*.py")}
    assert WHOLE_MODULES - names == set()


@pytest.mark.parametrize(("of_units", "tried"), [(False, [8, 12, 60]), (True, [8, 10, 20])])
def test_how_many_examples_are_tried(monkeypatch, of_units, tried):
    """All of them, or a third, but ten if there are as many."""
    monkeypatch.setattr(properties, "of_units", of_units)
    assert [properties.examples(number).max_examples for number in (8, 12, 60)] == tried
