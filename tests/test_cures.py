"""The usual first mistakes in gazetteers and rules, each with the cure that its message names."""

from __future__ import annotations

import pytest

from ruletag import gazetteer, rule_file, yaml_cures
from ruletag.errors import RuletagError
from ruletag.gazetteer import load_gazetteers
from ruletag.rule_file import load_rules
from ruletag.sources import HEADS

pytestmark = pytest.mark.usefixtures("here", "small")

RULE = 'rules:\n  - id: a\n    label: ORG\n    why: x\n    match: {}\n    examples: ["a [Zed](ORG).", "b."]\n'
CURED = """'"," [ Cap ]'"""  # what the next one advises
PUNCTUATION = f"quote punctuation, and the pattern with the other quotation marks: match: {CURED}"
NO_EXPRESSION = rule_file._NO_EXPRESSION


def faults_of(read, folder, text):
    """The faults of a file: the place, code, message and help of each."""
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RuletagError) as caught:
        read("a.yaml")
    return [(f"{fault.line}:{fault.column}", fault.code, fault.message, fault.help) for fault in caught.value.faults]


@pytest.mark.parametrize("read", [load_gazetteers, load_rules])
@pytest.mark.parametrize("indent", ["\t", "  \t"])
def test_a_tab(tmp_path, read, indent):
    """A line that a tab indents."""
    message, help = "a tab indents this line, which YAML does not allow", "indent with spaces"
    faults = faults_of(read, tmp_path, f"label: ORG\nentries:\n{indent}- Zed\n")

    assert [(code, *rest) for _, code, *rest in faults] == [("RT201", message, help)]
    assert faults[0][0].startswith("3:")


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
    faults = faults_of(load_rules, tmp_path, RULE.format(pattern))

    assert [(at, kind, cure) for at, kind, _, cure in faults] == [(place, code, help)]


@pytest.mark.parametrize("pattern", [CURED, '["le [ Cap ]", "la [ Cap ]"]', "'[ Cap ]'", "['[ Cap ]']", '["[ Cap ]"]'])
def test_a_pattern_that_is_one(tmp_path, pattern):
    """Lists of quoted patterns are no mistake."""
    (tmp_path / "a.yaml").write_text(RULE.format(pattern), encoding="utf-8")

    assert len(load_rules("a.yaml").rules) == 1


def test_a_label_for_a_key(tmp_path):
    """`ORG:` in place of `label: ORG`, reported once for each label."""
    help = "write `label: {0}`, and the list under `entries:`; a file has one label"
    assert faults_of(load_gazetteers, tmp_path, "ORG:\n  - Zed\nPER: [Zoé]\n") == [
        ("1:1", "RT202", "a label is not a key: 'ORG'", help.format("ORG")),
        ("3:1", "RT202", "a label is not a key: 'PER'", help.format("PER")),
    ]


def test_a_file_of_the_other_kind(tmp_path):
    """Rules where gazetteers are read, and the other way round, in one message for the whole file."""
    help = "name it with {}, or move it to their folder"
    assert faults_of(load_rules, tmp_path, "label: ORG\nentries: [Zed]\n") == [
        ("1:1", "RT202", "this is a gazetteer, not a rule file", help.format("--gazetteers"))
    ]
    assert faults_of(load_gazetteers, tmp_path, "macros: {}\nrules: []\n") == [
        ("1:1", "RT202", "this is a rule file, not a gazetteer", help.format("--rules"))
    ]


def test_the_keys_by_which_a_kind_is_known():
    """They are those of the tables of fields."""
    assert {kind: keys for kind, (keys, _) in HEADS.items()} == {
        "a gazetteer": set(gazetteer.FILE_FIELDS),
        "a rule file": set(rule_file.FILE_FIELDS),
    }


RULES = RULE.format("'[ Cap ]'")
QUOTE = "put the text in quotes"


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (
            load_gazetteers,
            "label: ORG\nentries:\n  -\tZed\n",
            ("3:4", "there is a tab here, which YAML does not allow", "write a space"),
        ),
        (
            load_gazetteers,
            "label: ORG\nentries:\n  - @Zed\n",
            ("3:5", "a text without quotes cannot begin with @", QUOTE),
        ),
        (
            load_gazetteers,
            "label: ORG\nentries:\n  - `Zed\n",
            ("3:5", "a text without quotes cannot begin with `", QUOTE),
        ),
        (
            load_gazetteers,
            'label: ORG\nentries:\n  - "Le Zed\n  - B\n',
            ("3:5", "this quotation mark is never closed", "close it at the end of the text"),
        ),
        (
            load_gazetteers,
            "label: ORG\nentries:\n  - 'L'Express'\n",
            ("3:8", "the quoted text ends before this", yaml_cures._QUOTED["'"]),
        ),
        (
            load_gazetteers,
            'label: ORG\nentries:\n  - "Le Canard" enchaîné\n',
            ("3:17", "the quoted text ends before this", yaml_cures._QUOTED['"']),
        ),
        (
            load_gazetteers,
            "label: ORG\nentries:\n  - Zed\n - B\n",
            (
                "4:2",
                "this is not YAML: did not find expected key",
                "indent this line like those that it belongs with; it begins with 1 space",
            ),
        ),
        (
            load_gazetteers,
            "label:ORG\nentries:\n  - Zed\n",
            (
                "2:8",
                "this is not YAML: mapping values are not allowed in this context",
                "write a space after the colon of the line above",
            ),
        ),
        (
            load_gazetteers,
            "label: ORG\nentries: [a, b\n",
            ("3:1", "this is not YAML: did not find expected ',' or ']'", yaml_cures._ITEMS),
        ),
        (
            load_rules,
            RULES.replace("why: x", "why: x : y"),
            ("4:12", "this is not YAML: mapping values are not allowed in this context", yaml_cures._COLON),
        ),
        (
            load_rules,
            RULES.replace("    match", "   match"),
            (
                "5:4",
                "this is not YAML: did not find expected '-' indicator",
                "indent this line like those that it belongs with; it begins with 3 spaces",
            ),
        ),
        (
            load_rules,
            RULES.replace('["a [Zed](ORG).", "b."]', "\n      - [Zed](ORG) a.\n"),
            ("7:14", "the list or mapping ends before this", "put a text that begins with a bracket in quotes"),
        ),
    ],
)
def test_what_is_not_yaml(tmp_path, read, text, expected):
    """The line that a person has to change, and how."""
    place, message, help = expected
    assert faults_of(read, tmp_path, text) == [(place, "RT201", message, help)]


JOINED = (
    "write `- ` before each name, a space included, and indent all of them alike; put a name in quotes if it begins "
    "with `-` or needs several lines"
)


@pytest.mark.parametrize(
    ("entries", "place", "message"),
    [
        ("\n  - Zed\n    - Zoé\n", "3:5", "several lines are read as one name: 'Zed - Zoé'"),
        ("\n  Zed\n  Zoé\n", "3:3", "several lines are read as one name: 'Zed Zoé'"),
        ("\n  -Zed\n  -Zoé\n", "3:3", "several lines are read as one name: '-Zed -Zoé'"),
        ("\n  -Zed\n", "3:3", "the `-` is read as part of the name: '-Zed'"),
    ],
)
def test_names_that_are_joined(tmp_path, entries, place, message):
    """YAML reads lines without `- ` as one text, which is not an intended name."""
    assert faults_of(load_gazetteers, tmp_path, f"label: ORG\nentries:{entries}") == [(place, "RT202", message, JOINED)]


@pytest.mark.parametrize(
    ("entries", "names"),
    [
        ("\n- Zed\n", ["Zed"]),
        ("\n  - 'Zed\n    Zoé'\n", ["Zed Zoé"]),
        ("\n  - >-\n    Zed\n    Zoé\n", ["Zed Zoé"]),
        ("[Zed, Aa\n  Zoé]\n", ["Zed", "Aa Zoé"]),
        ("\n  - '-Zed'\n  - {name: Zoé, aliases: [Zo\n     Ed]}\n", ["-Zed", "Zoé", "Zo Ed"]),
        ("Zed\n", ["Zed"]),
    ],
)
def test_names_of_several_lines(tmp_path, entries, names):
    """Quotes, brackets and block texts say that a name goes on."""
    (tmp_path / "a.yaml").write_text(f"label: ORG\nentries: {entries}", encoding="utf-8")

    assert [entry.surface for entry in load_gazetteers("a.yaml").entries if entry.key == "ORG"] == names


@pytest.mark.parametrize(
    ("name", "place", "code", "message", "help"),
    [
        (
            "Foyer : centre",
            "3:5",
            "RT202",
            "a colon without quotes makes a key of 'Foyer'",
            'put a name that has a colon in quotes: "Foyer : centre"',
        ),
        (
            "#Nuit debout",
            "3:4",
            "RT204",
            "the entry '' contains no letter or digit",
            "write a name or remove it; without quotes, # begins a comment",
        ),
        ("!Zed", "3:5", "RT203", "the tag !Zed is not allowed", "remove it; put a text that begins with ! in quotes"),
    ],
)
def test_a_name_that_needs_quotes(tmp_path, name, place, code, message, help):
    """Signs that mean something in YAML."""
    assert faults_of(load_gazetteers, tmp_path, f"label: ORG\nentries:\n  - {name}\n")[0] == (
        place,
        code,
        message,
        help,
    )


@pytest.mark.parametrize(
    ("text", "place", "message", "help"),
    [
        ("Zed\nZoé\n", "1:1", "a gazetteer must be a mapping (key: value)", gazetteer._BARE),
        ("- Zed\n", "1:1", "a gazetteer must be a mapping (key: value)", gazetteer._BARE),
        (
            "label: ORG\nentries:\n",
            "2:9",
            "'entries' must be a list",
            "write its items below, each on a line of its own after `- `; or remove the key",
        ),
        (
            "label: [ORG]\nentries: [a]\n",
            "1:8",
            "'label' must be a non-empty string",
            "write one text, without brackets",
        ),
        ("label: ''\nentries: [a]\n", "1:8", "'label' must be a non-empty string", "write a text after the colon"),
        (
            "label: ORG\nentries: [{name: a, aliases: [[b]]}]\n",
            "2:31",
            "an alias must be a mapping (key: value)",
            "its keys: name, ambiguous",
        ),
    ],
)
def test_a_value_of_another_kind(tmp_path, text, place, message, help):
    """The message says in words what is expected instead."""
    assert faults_of(load_gazetteers, tmp_path, text) == [(place, "RT202", message, help)]
