"""Rule files: the rules read, and every fault with its place; all faults of all files at once."""

import pytest

from ruletag import markup, trees
from ruletag.errors import Fault, RuletagError
from ruletag.model import Source
from ruletag.pattern import PatternError, parse
from ruletag.program import plans, program
from ruletag.rule_file import RULE_FIELDS, UNLESS_FIELDS, load_rules, rule_files
from ruletag.rules import Example, Rule, pattern

pytestmark = pytest.mark.usefixtures("here")

CLASSES = frozenset({"title", "demonym"})
GOOD = """# Un commentaire.
rules:
  - id: per.titre
    label: PER
    why: Un titre annonce une personne.
    match: "<title> [ Cap ]"
    examples:
      - "Le président [Paul](PER) dort."
      - "Le président dort."
"""


def write(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def faults(folder):
    with pytest.raises(RuletagError) as caught:
        load_rules(folder, classes=CLASSES)
    return caught.value.faults


def one(old, new):
    """The good file with one piece replaced."""
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def test_rule_in_full(tmp_path):
    """A rule file becomes rules ready to be searched, each with its source and its examples."""
    more = """
    unless: {before: "un | une", after: $Suite}
    stage: 2
    priority: -1
macros: {Suite: "<demonym>"}
"""
    text = GOOD.rstrip() + more
    folder = write(tmp_path / "regles", per=text.replace('"<title> [ Cap ]"', '["<title> [ Cap ]", "[ Upper ]"]'))
    trees = tuple(parse(pattern, {}, CLASSES) for pattern in ("<title> [ Cap ]", "[ Upper ]"))
    rule = Rule(
        id="per.titre",
        label="PER",
        why="Un titre annonce une personne.",
        source=Source("rule", "per.titre", "regles/per.yaml", 3),
        patterns=("<title> [ Cap ]", "[ Upper ]"),
        trees=trees,
        plans=(*plans(trees[0]), *plans(trees[1])),
        before=program(parse("un | une", {}, CLASSES), leftwards=True),
        after=program(parse("<demonym>", {}, CLASSES), leftwards=False),
        stage=2,
        priority=-1,
        examples=(
            Example(markup.parse("Le président [Paul](PER) dort."), 8),
            Example(markup.parse("Le président dort."), 9),
        ),
    )
    read = load_rules(folder, classes=CLASSES)
    assert (read.rules, read.macros["Suite"]) == ((rule,), "<demonym>")
    assert str(rule.source) == "per.titre (regles/per.yaml:3)"


def test_defaults(tmp_path):
    """A rule without more is of stage 1 and priority 0 and is never silent."""
    [rule] = load_rules(write(tmp_path, per=GOOD), classes=CLASSES).rules
    assert (rule.stage, rule.priority, rule.before, rule.after) == (1, 0, None, None)


@pytest.mark.parametrize(
    ("level", "rank"),
    [("certain", 1), ("sure", 0), ("likely", -1), ("plausible", -2), ("guess", -3), ("hunch", -4), ("-3", -3)],
)
def test_levels(tmp_path, level, rank):
    """A priority is a level of confidence; a number is read as the rank that it is."""
    folder = write(tmp_path, per=one("label: PER", f"label: PER\n    priority: {level}"))
    (rule,) = load_rules(folder, classes=CLASSES).rules
    assert (rule.priority, rule.level) == (rank, level)


def test_atoms(tmp_path):
    """A rule lists everything that its patterns ask for, including what they exclude."""
    text = one('"<title> [ Cap ]"', '"(<title> | roi)? [ !<LOC> Cap{1,2} (de Cap)* ]"')
    [rule] = load_rules(write(tmp_path, per=text), classes=CLASSES).rules
    assert [str(atom) for atom in rule.atoms] == ["<title>", "roi", "<LOC>", "Cap", "de", "Cap"]


def test_macros_across_files(tmp_path):
    """A macro is known to every rule file, whatever their order, and to other macros."""
    folder = write(
        tmp_path,
        a=one('"<title> [ Cap ]"', "<title> [ $Nom ]"),
        b="macros:\n  Mot: (Cap | Upper)\nrules: []\n",
        c="macros:\n  Nom: $Mot $Mot\n",
    )
    read = load_rules(folder, classes=CLASSES)
    expected = parse("<title> [ (Cap | Upper) (Cap | Upper) ]", {}, CLASSES)
    assert [rule.trees for rule in read.rules] == [(expected,)]


def test_shipped_macros(tmp_path):
    """The shipped macros are known to a user's rule folder, unless it defines the name itself."""
    own = write(tmp_path / "own", a=one('"<title> [ Cap ]"', "<title> [ $Word ]"))
    other = write(tmp_path / "other", a=one('"<title> [ Cap ]"', "<title> [ $Word ]"), b="macros: {Word: Upper}\n")
    trees = [load_rules(folder, classes=CLASSES).rules[0].trees for folder in (own, other)]
    assert trees == [(parse("<title> [ (Cap | Upper) ]", {}, CLASSES),), (parse("<title> [ Upper ]", {}, CLASSES),)]


def test_files(tmp_path):
    """Rule files are read in the order of their names, in folders too; guidelines are not among them."""
    write(tmp_path / "rules", b=GOOD, a=GOOD)
    write(tmp_path / "rules" / "c", d=GOOD)
    write(tmp_path / "rules" / "guidelines", e=GOOD)
    assert [file.shown for file in rule_files(tmp_path / "rules")] == ["rules/a.yaml", "rules/b.yaml", "rules/c/d.yaml"]
    assert [file.shown for file in rule_files(tmp_path / "rules" / "b.yaml")] == ["b.yaml"]


NO_BRACKETS = "a pattern needs exactly one [ … ], outside ? and *"
NO_ANCHOR = "nothing in this pattern is rare enough to start a search from"
EMPTY = "the content of [ … ] may be empty"


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "code", "message"),
    [
        # missing, unknown and wrong fields
        ("id: per.titre\n    label", "label", 3, 5, "RT202", "a rule lacks the field 'id'"),
        ("    label: PER\n", "", 3, 5, "RT202", "a rule lacks the field 'label'"),
        ("    why: Un titre annonce une personne.\n", "", 3, 5, "RT202", "a rule lacks the field 'why'"),
        ('    match: "<title> [ Cap ]"\n', "", 3, 5, "RT202", "a rule lacks the field 'match'"),
        ("    why:", "    wy: x\n    why:", 5, 5, "RT202", "a rule has no field 'wy'"),
        ("why: Un titre annonce une personne.", "why: [a]", 5, 10, "RT202", "'why' must be a non-empty string"),
        ("id: per.titre", "id: ''", 3, 9, "RT202", "'id' must be a non-empty string"),
        ('"<title> [ Cap ]"', "{a: b}", 6, 12, "RT202", "an item of 'match' must be a non-empty string"),
        (
            '"<title> [ Cap ]"',
            '["[ Cap ]", [b]]',
            6,
            24,
            "RT202",
            "an item of 'match' must be a non-empty string",
        ),
        ("label: PER", "label: PERS", 4, 12, "RT205", "unknown label 'PERS'"),
        (
            "label: PER",
            "label: PER\n    stage: deux",
            5,
            12,
            "RT202",
            "'stage' must be a whole number of at most nine digits",
        ),
        ("label: PER", "label: PER\n    stage: 0", 5, 12, "RT202", "'stage' must be a number from 1 to 9"),
        ("label: PER", "label: PER\n    stage: 10", 5, 12, "RT202", "'stage' must be a number from 1 to 9"),
        (
            "label: PER",
            "label: PER\n    priority: 1.5",
            5,
            15,
            "RT202",
            "'priority' must be one of certain, sure, likely, plausible, guess, hunch",
        ),
        ("label: PER", "label: PER\n    unless: Cap", 5, 13, "RT202", "unless must be a mapping (key: value)"),
        ("label: PER", "label: PER\n    unless: {behind: Cap}", 5, 14, "RT202", "unless has no field 'behind'"),
        ("label: PER", "label: PER\n    label: LOC", 5, 5, "RT203", "the key 'label' occurs twice in one mapping"),
        ("rules:", "rule:", 2, 1, "RT202", "a rule file has no field 'rule'"),
        # patterns, at their column in the line
        ("<title> [", "<titel> [", 6, 13, "RT303", "unknown class <titel> (in the pattern '<titel> [ Cap ]')"),
        (
            "[ Cap ]",
            "[ Cap",
            6,
            21,
            "RT301",
            "this group is never closed by ']' (in the pattern '<title> [ Cap')",
        ),
        (
            '"<title> [ Cap ]"',
            '["[ Acronym ]", "[ Acronym ] @LOK"]',
            6,
            41,
            "RT205",
            "unknown label @LOK (in the pattern '[ Acronym ] @LOK')",
        ),
        ("[ Cap ]", "[ $Nmo ]", 6, 23, "RT302", "unknown macro $Nmo (in the pattern '<title> [ $Nmo ]')"),
        ("[ Cap ]", "Cap", 6, 13, "RT301", f"{NO_BRACKETS} (in the pattern '<title> Cap')"),
        ("[ Cap ]", "[ Cap ] [ Cap ]", 6, 13, "RT301", f"{NO_BRACKETS} (in the pattern '<title> [ Cap ] [ Cap ]')"),
        ("[ Cap ]", "[ [ Cap ] ]", 6, 13, "RT301", f"{NO_BRACKETS} (in the pattern '<title> [ [ Cap ] ]')"),
        ("[ Cap ]", "([ Cap ])?", 6, 13, "RT301", f"{NO_BRACKETS} (in the pattern '<title> ([ Cap ])?')"),
        ("[ Cap ]", "([ Cap ] | de)", 6, 13, "RT301", f"{NO_BRACKETS} (in the pattern '<title> ([ Cap ] | de)')"),
        (
            "[ Cap ]",
            "[ Cap ] (de | [ Cap ] | du)",
            6,
            13,
            "RT301",
            f"{NO_BRACKETS} (in the pattern '<title> [ Cap ] (de | [ Cap ] | du)')",
        ),
        ("[ Cap ]", "[ Cap? ]", 6, 13, "RT301", f"{EMPTY} (in the pattern '<title> [ Cap? ]')"),
        ("[ Cap ]", "[ !<LOC> Cap* ]", 6, 13, "RT301", f"{EMPTY} (in the pattern '<title> [ !<LOC> Cap* ]')"),
        (
            "[ Cap ]",
            "([ Cap ] | [ (Cap | de?) ])",
            6,
            13,
            "RT301",
            f"{EMPTY} (in the pattern '<title> ([ Cap ] | [ (Cap | de?) ])')",
        ),
        ("<title> [ Cap ]", "[ lower ]", 6, 13, "RT301", f"{NO_ANCHOR} (in the pattern '[ lower ]')"),
        (
            "label: PER",
            "label: PER\n    unless: {before: un, after: De}",
            5,
            33,
            "RT301",
            "the folded word 'De' has a capital and can never match (in the pattern 'De')",
        ),
        # a column needs the pattern in one line as it was read; else the fault is where the pattern begins
        (
            '"<title> [ Cap ]"',
            '"\\"Le\\" <titel> [ Cap ]"',
            6,
            20,
            "RT303",
            "unknown class <titel> (in the pattern '\"Le\" <titel> [ Cap ]')",
        ),
        # examples
        (
            '[Paul](PER) dort."\n      - "Le président dort."',
            '[Paul](PER) dort."',
            8,
            7,
            "RT304",
            "the rule lacks an example where the rule stays silent",
        ),
        (
            'Le président [Paul](PER) dort."\n      - "Le président dort."',
            'Le président Paul dort."',
            8,
            7,
            "RT304",
            "the rule lacks an example where the rule fires",
        ),
        (
            '    examples:\n      - "Le président [Paul](PER) dort."\n      - "Le président dort."\n',
            "",
            3,
            5,
            "RT304",
            "the rule lacks an example where the rule fires",
        ),
        (
            "[Paul](PER)",
            "[Paul(PER)",
            8,
            9,
            "RT107",
            "this example is not valid markup: column 14: '[' does not begin a mark; write [surface](LABEL) or \\[",
        ),
        ("[Paul](PER)", "[Paul](PERS)", 8, 9, "RT205", "unknown label 'PERS'"),
        ('- "Le président dort."', "- {Le président: dort}", 9, 9, "RT202", "an example must be a sentence"),
    ],
)
def test_fault(tmp_path, old, new, line, column, code, message):
    """One mistake in a rule is one fault, at its place."""
    messages = faults(write(tmp_path, per=one(old, new)))
    shown = "per.yaml"
    assert [(fault.path, fault.line, fault.column, fault.code, fault.message) for fault in messages] == [
        (shown, line, column, code, message)
    ]


@pytest.mark.parametrize(
    ("old", "new", "help"),
    [
        ("label: PER", "label: PERS", "did you mean 'PER'?"),
        ("match:", "mach:", "did you mean 'match'?"),
        ("<title>", "<titel>", "did you mean 'title'?"),
        ("[Paul](PER)", "[Paul](LOK)", "did you mean 'LOC'?"),
        ("[ Cap ]", "Cap", "put [ ] around the name"),
        ("[ Cap ]", "[ Cap? ]", "require a word outside ? and *"),
        ("label: PER", "label: PER\n    zzz: 1", "known: " + ", ".join(sorted(RULE_FIELDS))),
        ("label: PER", "label: PER\n    unless: {zzz: a}", "known: " + ", ".join(sorted(UNLESS_FIELDS))),
    ],
)
def test_help(tmp_path, old, new, help):
    """A fault says what to do; the line is shown."""
    text = one(old, new)
    fault = faults(write(tmp_path, per=text))[0]
    assert (fault.help, fault.excerpt) == (help, text.splitlines()[fault.line - 1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (0, 0, "RT202", "is empty")),
        ("[]", (1, 1, "RT202", "a rule file must be a mapping (key: value)")),
        ("règles", (1, 1, "RT202", "a rule file must be a mapping (key: value)")),
        ("rules: [a]", (1, 9, "RT202", "a rule must be a mapping (key: value)")),
        ("rules: ''", (1, 8, "RT202", "'rules' must be a list")),
        ("macros: [a]", (1, 9, "RT202", "macros must be a mapping (key: value)")),
        ("macros: {Nom: ''}", (1, 15, "RT202", "'Nom' must be a non-empty string")),
        ("macros: {Nom: a, Nom: b}", (1, 18, "RT203", "the key 'Nom' occurs twice in one mapping")),
    ],
)
def test_fault_of_a_file(tmp_path, text, expected):
    """A file that holds no rules at all says why."""
    assert [(f.line, f.column, f.code, f.message) for f in faults(write(tmp_path, per=text))] == [expected]


def test_twin_rules(tmp_path):
    """A rule id is taken once, in all files; the fault names the first."""
    assert faults(write(tmp_path, a=GOOD, b="macros: {}\n" + GOOD)) == (
        Fault(
            "b.yaml",
            "RT202",
            "the rule id 'per.titre' is taken (a.yaml:3)",
            4,
            1,
            "rename one",
            "  - id: per.titre",
        ),
    )


def test_twin_macros(tmp_path):
    """A macro is defined once, in all files."""
    macros = "macros:\n  Autre: Upper\n  Nom: Cap\n"
    assert faults(write(tmp_path, a="macros: {Nom: Cap}\n", b=macros)) == (
        Fault("b.yaml", "RT302", "the macro 'Nom' is defined twice", 3, 3, "rename one", "  Nom: Cap"),
    )


def test_faults_of_all_files(tmp_path):
    """All faults of all files come at once, in the order of files and lines; sound files have none."""
    folder = write(
        tmp_path,
        a=one("label: PER", "label: PERS").replace("<title>", "<titel>").replace("[Paul](PER)", "[Paul]"),
        b=GOOD,
        c="rules:\n  - {id: c}\n  - {id: c}\n",
        d="",
    )
    assert [(fault.path[-6:], fault.line, fault.code) for fault in faults(folder)] == [
        ("a.yaml", 4, "RT205"),
        ("a.yaml", 6, "RT303"),
        ("a.yaml", 8, "RT107"),
        ("c.yaml", 2, "RT202"),
        ("c.yaml", 2, "RT202"),
        ("c.yaml", 3, "RT202"),
        ("c.yaml", 3, "RT202"),
        ("d.yaml", 0, "RT202"),
    ]


def test_a_pattern_is_found_behind_its_twin_in_the_line(tmp_path):
    """The column is that of the pattern, not of an earlier piece of the line that reads the same."""
    text = 'rules:\n  - {id: "De", label: PER, why: x, match: "De", examples: ["[a](PER)", "b"]}\n'
    [fault] = faults(write(tmp_path, per=text))
    assert (fault.line, fault.column, fault.excerpt[fault.column - 1 :][:2]) == (2, 44, "De")


def test_shipped_rules_have_unique_places(tagger):
    """Every shipped rule has its own id and its own line."""
    rules = load_rules(classes=frozenset(entry.key for entry in tagger.entries)).rules
    assert len({rule.id for rule in rules}) == len({rule.source for rule in rules}) == len(rules)


@pytest.mark.parametrize("mark", ["?", "*", "{0,2}"])
def test_brackets_in_repeats_are_not_counted_out(mark):
    """An entity in repeats of repeats is one too many, however many ways lead through it."""
    tree = parse("(" * 15 + "[ Cap ]" + f"){mark}" * 15, {}, frozenset())
    assert len(trees.entities(tree)) == 2


def test_a_choice_without_parentheses():
    """`a | b [ Cap ]` is a choice between `a` and `b [ Cap ]`: the help says how to write what was meant."""
    with pytest.raises(PatternError) as caught:
        pattern("chalutier | voilier [ Cap ]", {}, frozenset())
    assert (str(caught.value), caught.value.help) == (NO_BRACKETS, "put a choice into ( ): (a | b) [ Cap ]")
