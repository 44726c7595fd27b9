"""`check --strict`: what no example of a rule defends, each kind from a small folder; whole messages."""

from __future__ import annotations

import copy
import pickle

import pytest

from ruletag.check import check
from ruletag.deletions import deletions, word_lists
from ruletag.errors import format_fault
from ruletag.positions import Mark, Text

FIRES = "\n  help: add a sentence in which the rule needs it, or remove it"
SILENT = "\n  help: add a sentence that only it keeps silent, or remove it"

# Everything in this rule is defended, by the sentence of the same number.
SOUND = """\
rules:
  - id: misc.boat
    label: MISC
    why: A test.
    match:
      - "(chalutier | voilier) [ !<LOC> Cap ]"
      - "Number \\".\\" [ Upper ]"
    unless: {before: "Initial", after: "(Number | \\",\\" Number)"}
    examples:
      - "Le chalutier [Korrigan](MISC) rentre."
      - "Le voilier [Korrigan](MISC) rentre."
      - "Le voilier Paris rentre."
      - "1. [KORRIGAN](MISC)"
      - "J. 1. KORRIGAN"
      - "Le voilier Korrigan 3 et le voilier Korrigan, 4."
"""


def write(folder, rule):
    """A folder with one rule file."""
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / "boats.yaml").write_text(rule, encoding="utf-8")
    return str(folder / "rules")


def findings_of(folder, rule=SOUND, strict=True):
    """The output of `check` for a rule file, with the little knowledge beside it."""
    return [format_fault(fault) for fault in check(write(folder, rule), strict=strict)]


pytestmark = pytest.mark.usefixtures("small")


def test_what_is_defended_is_no_finding(tmp_path):
    """Nothing where some example notices each loss."""
    assert findings_of(tmp_path) == []


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        (
            "1. [KORRIGAN](MISC)",
            [
                "7:10: RT306 misc.boat: no example needs the pattern 'Number \".\" [ Upper ]'" + FIRES,
                "8:23: RT306 misc.boat: no example needs `unless before`: 'Initial'" + SILENT,
            ],
        ),
        (
            "Le voilier [Korrigan](MISC) rentre.",
            ["6:23: RT306 misc.boat: no example needs the alternative 'voilier'" + FIRES],
        ),
        ("J. 1. KORRIGAN", ["8:23: RT306 misc.boat: no example needs `unless before`: 'Initial'" + SILENT]),
        ("Le voilier Paris rentre.", ["6:34: RT306 misc.boat: no example needs the guard '!<LOC>'" + SILENT]),
    ],
)
def test_each_kind_of_loss(tmp_path, gone, expected):
    """A pattern, an option, a side of `unless` and a guard are findings at their place once no sentence needs them."""
    rule = SOUND.replace(f'      - "{gone}"\n', "")
    if gone == "1. [KORRIGAN](MISC)":
        rule = rule.replace('      - "J. 1. KORRIGAN"\n', "")
    assert findings_of(tmp_path, rule) == [f"rules/boats.yaml:{line}" for line in expected]


def test_an_alternative_beside_the_match(tmp_path):
    """An option of `unless` wants a sentence that it alone keeps silent; the side as a whole may be defended."""
    rule = SOUND.replace(" et le voilier Korrigan, 4.", ".")
    expected = "8:51: RT306 misc.boat: no example needs the alternative '\",\" Number'"
    assert findings_of(tmp_path, rule) == [f"rules/boats.yaml:{expected}{SILENT}"]


def test_only_where_it_is_asked_for(tmp_path):
    """Without `strict` nothing of it is looked for."""
    rule = SOUND.replace('      - "Le voilier Paris rentre."\n', "")
    assert findings_of(tmp_path, rule, strict=False) == []


MACROS = """\
macros:
  Nom: "!<LOC> (Cap | Upper)"
  Nomme: "nommé $Nom"
rules:
  - id: misc.boat
    label: MISC
    why: A test.
    match: "voilier [ $Nom ]"
    examples: ["Le voilier [Korrigan](MISC) rentre.", "Le voilier rentre."]
  - id: per.called
    label: PER
    why: A test.
    match: "[ Cap ] $Nomme"
    examples: ["[Jean](PER) nommé TAVERT part.", "Jean nommé Paris part."]
"""


def test_a_macro_is_defended_by_any_rule_that_names_it(tmp_path):
    """Each piece of a macro needs one sentence among the examples of all rules that name it, through others too."""
    assert findings_of(tmp_path, MACROS) == []
    assert findings_of(tmp_path, MACROS.replace("TAVERT", "Tavert").replace("nommé Paris", "nommé")) == [
        "rules/boats.yaml:2:9: RT306 $Nom: no example needs the guard '!<LOC>'" + SILENT,
        "rules/boats.yaml:2:23: RT306 $Nom: no example needs the alternative 'Upper'" + FIRES,
    ]


def test_a_macro_that_no_rule_names(tmp_path):
    """It is one finding; its pieces are not reported."""
    expected = "2:9: RT306 no rule uses the macro $Nom\n  help: use it, or remove it"
    rule = MACROS.replace("$Nom ]", "Cap ]").replace("$Nomme", "nommé").replace('  Nomme: "nommé $Nom"\n', "")
    assert findings_of(tmp_path, rule.replace("TAVERT", "Tavert").replace("Jean nommé Paris", "Jean")) == [
        f"rules/boats.yaml:{expected}"
    ]


def test_parts_are_noticed(tmp_path):
    """An option that shows only in a part is needed if an example has that part."""
    rule = SOUND.replace('"(chalutier | voilier) [', '"det:( le | la )? (chalutier | voilier) [')
    expected = "6:21: RT306 misc.boat: no example needs the alternative 'la'"
    assert findings_of(tmp_path, rule) == [f"rules/boats.yaml:{expected}{FIRES}"]


def test_long_lists_of_words(tmp_path):
    """RT307 for more than six words in a group; neither classes, shapes nor punctuation are counted."""
    words = "chalutier | voilier | bac | canot | kayak | yole"
    boats = "".join(f'      - "Le {name} [Korrigan](MISC)."\n' for name in words.split(" | ")[2:])
    rule = SOUND.replace("chalutier | voilier", words + " | <title> | Quote").replace(
        "  examples:\n", f"  examples:\n{boats}"
    )
    rule = rule.replace("  examples:\n", '  examples:\n      - "La présidente [Odile](MISC) et « [Marc](MISC)."\n')
    assert findings_of(tmp_path, rule) == []
    longer = rule.replace("| yole", "| yole | barque").replace(
        "Le yole [Korrigan]", "La yole [Brise](MISC), la barque [Brume]"
    )
    assert findings_of(tmp_path, longer) == [
        "rules/boats.yaml:6:11: RT307 misc.boat: 7 words are in one group of a pattern\n"
        "  help: use a word class for more than 6 words: `class: …` in a gazetteer, <…> here"
    ]


def test_the_rules_of_a_guideline(tmp_path):
    """They are tried with the tagger of that guideline, and reported in its file."""
    folder = tmp_path / "rules" / "guidelines"
    folder.mkdir(parents=True)
    own = (
        SOUND.partition("rules:\n")[2]
        .replace("misc.boat", "own.boat")
        .replace("voilier", "ferry")
        .replace('"Number', '"Ordinal')
        .replace("1. ", "1er. ")
        .replace("Le ferry Paris rentre.", "Rien.")
    )
    (folder / "own.yaml").write_text(f"name: own\nrules:\n{own}", encoding="utf-8")
    assert findings_of(tmp_path) == [
        "rules/guidelines/own.yaml:7:32: RT306 own.boat: no example needs the guard '!<LOC>'" + SILENT
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a | b c", [("alternative", "a", 0, " b c"), ("alternative", "b c", 4, "a ")]),
        (
            "x ( a | !b c )? d",
            [
                ("alternative", "a", 4, "x ( !b c )? d"),
                ("alternative", "!b c", 8, "x ( a )? d"),
                ("guard", "!b", 8, "x ( a |  c )? d"),
            ],
        ),
        (
            "[ !<ORG>&Cap !(b) part:( a | $C ) ]",
            [
                ("guard", "!<ORG>&Cap", 2, "[  !(b) part:( a | $C ) ]"),
                ("guard", "!(b)", 13, "[ !<ORG>&Cap  part:( a | $C ) ]"),
                ("alternative", "a", 25, "[ !<ORG>&Cap !(b) part:( $C ) ]"),
                ("alternative", "$C", 29, "[ !<ORG>&Cap !(b) part:( a ) ]"),
            ],
        ),
        ('"|" "!" (a)', []),
        (" | ".join("abcdefghijk"), []),
    ],
)
def test_deletions(text, expected):
    """Every option of a group of up to ten, and every guard with its shapes, in the order of the pattern."""
    assert [
        (deletion.kind, deletion.removed, deletion.at, " ".join(deletion.rest.split())) for deletion in deletions(text)
    ] == [(kind, gone, at, " ".join(left.split())) for kind, gone, at, left in expected]


def test_word_lists():
    """Options of words only are counted, of several words too; the place is that of the group's first option."""
    assert [*word_lists('x ( a | b c | "D" | e | f | g | h | i&Cap | Cap | "," )')] == [(3, 7)]
    assert [*word_lists("a | b | c | d | e | f")] == []


@pytest.mark.parametrize(
    ("row", "value", "offset", "column"),
    [
        ('  a: "x \\"y\\" z"', 'x "y" z', 3, 11),
        ("  a: 'it''s z'", "it's z", 5, 13),
        ("  a: x y z", "x y z", 4, 10),
        ('  a: "\\u00e9 z"', "é z", 2, 14),
        ('  a: "one', "one two", 5, 6),
        ("  a: >-", "x y", 2, 6),
    ],
)
def test_places_in_quoted_text(row, value, offset, column):
    """A character of a value is found behind escapes; a value over several lines is only known to start."""
    assert Text(value, "a.yaml", Mark(4, 6), row).at(offset) == (4, column)


def test_a_placed_text_can_be_copied():
    """A copy, and an unpickled one, have the same place."""
    text = Text("x y", "a.yaml", Mark(4, 6), "  a: x y")
    for other in (copy.deepcopy(text), pickle.loads(pickle.dumps(text))):
        assert (other, other.path, other.at(2)) == ("x y", "a.yaml", (4, 8))
