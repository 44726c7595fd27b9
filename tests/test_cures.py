"""The usual first mistakes in gazetteers and rules, each with the cure that its message names."""

from __future__ import annotations

import pytest

from ruletag import gazetteer, rule_file
from ruletag.errors import RuletagError
from ruletag.gazetteer import load_gazetteers
from ruletag.rule_file import load_rules
from ruletag.sources import HEADS

pytestmark = pytest.mark.usefixtures("here", "small")

RULE = 'rules:\n  - id: a\n    label: ORG\n    why: x\n    match: {}\n    examples: ["a [Zed](ORG).", "b."]\n'
CURED = """'"," [ Cap ]'"""  # what the next one advises
PUNCTUATION = f"quote punctuation, and the pattern with the other quotation marks: match: {CURED}"
NO_EXPRESSION = rule_file._NO_EXPRESSION


def told(read, folder, text):
    """What is said of a file: each fault's place, code, message and help."""
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RuletagError) as caught:
        read("a.yaml")
    return [(f"{each.line}:{each.column}", each.code, each.message, each.help) for each in caught.value.faults]


@pytest.mark.parametrize("read", [load_gazetteers, load_rules])
@pytest.mark.parametrize("indent", ["\t", "  \t"])
def test_a_tab(tmp_path, read, indent):
    """A line that a tab indents."""
    message, help = "a tab indents this line, which YAML does not allow", "indent with spaces"
    found = told(read, tmp_path, f"label: ORG\nentries:\n{indent}- Zed\n")

    assert [(code, *rest) for _, code, *rest in found] == [("RT201", message, help)]
    assert found[0][0].startswith("3:")


@pytest.mark.parametrize(
    ("pattern", "place", "code", "help"),
    [
        ("[ Cap ]", "5:12", "RT301", 'quote it: match: "[ Cap ]"'),
        ("[ Cap{1,3} ]", "5:17", "RT201", "quote the whole pattern: match: '\"De\" [ Cap ]'"),
        ('"De" [ Cap ]', "5:17", "RT201", "quote the whole pattern: match: '\"De\" [ Cap ]'"),
        ("[ Cap", "6:13", "RT201", "quote the whole pattern: match: '\"De\" [ Cap ]'"),
        ('"le > [ Cap ]"', "5:16", "RT301", PUNCTUATION),
        (r"'[ \w+ ]'", "5:15", "RT301", NO_EXPRESSION),
        ("'[ A.* ]'", "5:15", "RT301", NO_EXPRESSION),
        ("'[A-Z] [ Cap ]'", "5:14", "RT301", NO_EXPRESSION),
        ("'(?:le) [ Cap ]'", "5:14", "RT301", NO_EXPRESSION),
    ],
)
def test_a_pattern(tmp_path, pattern, place, code, help):
    """A pattern without quotes, and a regular expression."""
    found = told(load_rules, tmp_path, RULE.format(pattern))

    assert [(at, kind, cure) for at, kind, _, cure in found] == [(place, code, help)]


@pytest.mark.parametrize("pattern", [CURED, '["le [ Cap ]", "la [ Cap ]"]', "'[ Cap ]'", "['[ Cap ]']", '["[ Cap ]"]'])
def test_a_pattern_that_is_one(tmp_path, pattern):
    """Lists of quoted patterns are no mistake."""
    (tmp_path / "a.yaml").write_text(RULE.format(pattern), encoding="utf-8")

    assert len(load_rules("a.yaml").rules) == 1


def test_a_label_for_a_key(tmp_path):
    """`ORG:` in place of `label: ORG`, told once for each label."""
    help = "write `label: {0}`, and the list under `entries:`; a file has one label"
    assert told(load_gazetteers, tmp_path, "ORG:\n  - Zed\nPER: [Zoé]\n") == [
        ("1:1", "RT202", "a label is not a key: 'ORG'", help.format("ORG")),
        ("3:1", "RT202", "a label is not a key: 'PER'", help.format("PER")),
    ]


def test_a_file_of_the_other_kind(tmp_path):
    """Rules where gazetteers are read, and the other way round, in one message for the whole file."""
    help = "name it with {}, or move it to their folder"
    assert told(load_rules, tmp_path, "label: ORG\nentries: [Zed]\n") == [
        ("1:1", "RT202", "this is a gazetteer, not a rule file", help.format("--gazetteers"))
    ]
    assert told(load_gazetteers, tmp_path, "macros: {}\nrules: []\n") == [
        ("1:1", "RT202", "this is a rule file, not a gazetteer", help.format("--rules"))
    ]


def test_the_keys_by_which_a_kind_is_known():
    """They are those of the tables of fields."""
    assert {kind: keys for kind, (keys, _) in HEADS.items()} == {
        "a gazetteer": set(gazetteer.FILE_FIELDS),
        "a rule file": set(rule_file.FILE_FIELDS),
    }
