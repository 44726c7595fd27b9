"""Guidelines: what each switch does to a span, labels and rules of their own, and the faults of their files."""

import pytest

from makers import tagger_of
from ruletag.decided import Resolved
from ruletag.errors import Fault, RuletagError
from ruletag.fold import fold
from ruletag.folders import guideline_names, shipped
from ruletag.guideline import SWITCH_HELP, SWITCHES, Guideline, opens_sentence
from ruletag.guideline_file import FILE_FIELDS, load_guideline
from ruletag.model import Candidate, Entry, Part, Source
from ruletag.plaintext import PlainText
from ruletag.rule_file import load_rules

pytestmark = pytest.mark.usefixtures("here")

RULES = """
macros:
  Nom: "Cap (<particle>? Cap){0,3}"
rules:
  - id: titre
    label: PER
    why: Un titre annonce une personne.
    match: "det:( le | la | l' )? title:( <title> demonym:( <demonym> )? ) [ $Nom ]"
    examples: ["Le président [Paul](PER).", "Le président."]
  - id: civil
    label: PER
    why: Une civilité annonce une personne.
    match: "civility:( <civility> ) [ $Nom ]"
    examples: ["M. [Paul](PER).", "Ils sont là."]
  - id: article
    label: LOC
    why: Un pays avec son article.
    match: "det:( le | la | l' ) [ <LOC> ]"
    examples: ["la [Chine](LOC)", "Chine"]
  - id: plan
    label: MISC
    why: Un plan a son nom entre guillemets.
    match: ["[ \\"Plan\\" \\"«\\" Cap{1,3} quote:( \\"»\\" ) ]", "[ \\"Plan\\" Cap date:( Number ) ]"]
    priority: 1
    examples: ["Le [Plan « Nord »](MISC).", "Le plan."]
"""
WORDS = {
    "title": ["président", "chancelière"],
    "demonym": ["russe"],
    "particle": ["de"],
    "civility": ["M.", "Mme"],
    "LOC": ["Chine", "Russie"],
    "PER": ["Trump"],
}
ENTRIES = [Entry(word, key, Source("entry", word)) for key, words in WORDS.items() for word in words]
CLASSES = frozenset(WORDS) - {"LOC", "PER"}


@pytest.fixture
def load(tmp_path):
    """The guideline of a text, and the rules that it affects."""
    (tmp_path / "r.yaml").write_text(RULES, encoding="utf-8")
    rules = load_rules(tmp_path / "r.yaml", classes=CLASSES)

    def load(text, **more):
        path = tmp_path / "mien.yaml"
        path.write_text(f"name: mien\n{text}\n", encoding="utf-8")
        guideline, own = load_guideline(str(path), classes=CLASSES, macros=rules.macros, **more)
        active = [rule for rule in rules.rules if rule.id not in guideline.mute]
        return (*active, *own), guideline

    return load


@pytest.fixture
def tag(load):
    """The entities of a text under a guideline, as (text, label)."""

    def tag(text, switches=""):
        rules, guideline = load(switches)
        document = tagger_of(ENTRIES, rules, guideline, memory=False).tag(text)
        return [(entity.text, entity.label) for entity in document.entities]

    return tag


BARE, FULL = ("Poutine", "PER"), ("Vladimir Poutine", "PER")


@pytest.mark.parametrize(
    ("switches", "text", "expected"),
    [
        # a title before a bare surname
        ("", "Le Président Poutine dort.", [BARE]),
        ("title-with-surname: drop", "Le Président Poutine dort.", [BARE]),
        ("title-with-surname: keep", "Le Président Poutine dort.", [("Président Poutine", "PER")]),
        ("title-with-surname: keep", "Le Président Vladimir Poutine dort.", [FULL]),
        ("title-with-surname: keep", "Le président Poutine dort.", [BARE]),
        ("title-with-surname: keep\ntitle-in-lower-case: drop", "Le président Poutine dort.", [BARE]),
        (
            "title-with-surname: keep\ntitle-in-lower-case: keep",
            "Le président Poutine dort.",
            [("président Poutine", "PER")],
        ),
        # a title before a full name
        ("title-with-full-name: drop", "Oui, le Président Vladimir Poutine dort.", [FULL]),
        ("title-with-full-name: keep", "Le Président Vladimir Poutine dort.", [("Président Vladimir Poutine", "PER")]),
        ("title-with-full-name: keep", "Le Président Poutine dort.", [BARE]),
        ("title-with-full-name: inside-sentence", "Le Président Vladimir Poutine dort.", [FULL]),
        ("title-with-full-name: inside-sentence", "Non. « Le Président Vladimir Poutine »", [FULL]),
        ("title-with-full-name: inside-sentence", "Non\nPrésident Vladimir Poutine", [FULL]),
        (
            "title-with-full-name: inside-sentence",
            "Hier le Président Vladimir Poutine dort.",
            [("Président Vladimir Poutine", "PER")],
        ),
        (
            "title-with-full-name: keep\ntitle-in-lower-case: keep",
            "le président Vladimir Poutine",
            [("président Vladimir Poutine", "PER")],
        ),
        # a title with its demonym
        ("title-with-demonym: drop", "Le Président russe Vladimir Poutine dort.", [FULL]),
        (
            "title-with-demonym: keep",
            "Le Président russe Vladimir Poutine dort.",
            [("Président russe Vladimir Poutine", "PER")],
        ),
        ("title-with-demonym: apart", "Le Président russe Vladimir Poutine dort.", [("Président russe", "PER"), FULL]),
        ("title-with-demonym: apart", "Le Président russe Poutine dort.", [("Président russe", "PER"), BARE]),
        ("title-with-demonym: apart", "Le président russe Vladimir Poutine dort.", [FULL]),
        # civilities
        ("civility: drop", "Avec Mme Merkel.", [("Merkel", "PER")]),
        ("civility: keep", "Avec Mme Merkel.", [("Mme Merkel", "PER")]),
        # determiners, for the names that are listed
        ("determiner: drop\ndeterminer-names: [Chine]", "la Chine et la Chine", [("Chine", "LOC")] * 2),
        ("determiner: keep\ndeterminer-names: [Chine]", "la Chine et la Chine", [("la Chine", "LOC")] * 2),
        ("determiner: keep", "la Chine et la Chine", [("Chine", "LOC")] * 2),
        (
            "determiner: first-in-paragraph\ndeterminer-names: [Chine, Russie]",
            "la Chine, la Russie, la Chine\nla Chine, la Chine",
            [("la Chine", "LOC"), ("la Russie", "LOC"), ("Chine", "LOC"), ("la Chine", "LOC"), ("Chine", "LOC")],
        ),
        ("determiner: keep\ndeterminer-names: [Chine]", "Chine et Russie", [("Chine", "LOC"), ("Russie", "LOC")]),
        # a determined name set off at the head of a sentence
        ("determined-topic: keep\ndeterminer-names: [Chine]", "La Chine attend.", [("Chine", "LOC")]),
        ("determined-topic: drop\ndeterminer-names: [Chine]", "La Chine attend la Chine.", [("Chine", "LOC")]),
        ("determined-topic: drop\ndeterminer-names: [Chine]", "La Russie attend.", [("Russie", "LOC")]),
        # the closing quotation mark
        ("closing-quote: keep", "Le Plan « Grand Nord » passe.", [("Plan « Grand Nord »", "MISC")]),
        ("closing-quote: drop", "Le Plan « Grand Nord » passe.", [("Plan « Grand Nord", "MISC")]),
        # the year at the end of a name
        ("date: keep", "Le Plan Nord 2030 passe.", [("Plan Nord 2030", "MISC")]),
        ("date: drop", "Le Plan Nord 2030 passe.", [("Plan Nord", "MISC")]),
        # compounds
        ("compounds: apart", "l'axe Chine-Russie, anti-Trump", [("Chine", "LOC"), ("Russie", "LOC"), ("Trump", "PER")]),
        ("compounds: none", "l'axe Chine-Russie, anti-Trump", []),
        # labels and silence
        ("labels: {plan: ORG}", "Le Plan « Nord » passe.", [("Plan « Nord »", "ORG")]),
        ("mute: [titre]", "Le Président Poutine et M. Xi.", [("Xi", "PER")]),
        ("mute: titre", "Le Président Poutine et M. Xi.", [("Xi", "PER")]),
    ],
)
def test_switch(tag, switches, text, expected):
    """Each value of each switch decides which parts of a name the span keeps."""
    assert tag(text, switches) == expected


def test_no_file_means_the_first_value_of_each_switch(load):
    """A guideline that says nothing has the first value of every switch, as has one built without a file."""
    _, guideline = load("why: Rien.")
    assert guideline == Guideline("mien", "Rien.")
    assert guideline.switches == {name: values[0] for name, values in SWITCHES.items()}


def test_own_rules_use_the_macros_of_the_rule_files(load):
    """A guideline's own rules hold under it only, and know the macros of the rule files and its own."""
    text = """
macros: {Verbe: "(nommé | nommée)"}
rules:
  - id: mien.nom
    label: PER
    why: Une personne nommée.
    match: "$Verbe [ $Nom ]"
    examples: ["Un ami nommé [Paul de Roi](PER).", "Un ami."]
"""
    rules, guideline = load(text)
    tagger = tagger_of(ENTRIES, rules, guideline)
    document = tagger.tag("Une amie nommée Anne de Brissac.")
    assert [(entity.text, str(entity.source)) for entity in document.entities] == [
        ("Anne de Brissac", "mien.nom (mien.yaml:5)")
    ]
    without = tagger_of(ENTRIES, load("")[0])
    assert without.tag("Une amie nommée Anne de Brissac.").entities == ()


def winner(start, end, *parts, label="PER"):
    return Candidate(start, end, label, Source("rule", "r"), parts=parts, id="Q1", surname="Poutine")


def resolved(text, *winners):
    return Resolved(text, PlainText(text), winners)


def test_apply_leaves_what_has_no_parts():
    """A span without parts is no matter of the guideline."""
    winners = [winner(0, 4), winner(5, 9)]
    assert Guideline("mien").apply(resolved("Paul Jean", *winners)) == winners


def test_apply_keeps_identity():
    """A title apart is a span without the identity of the person; the person keeps it."""
    plain = "Président russe Vladimir Poutine"
    parts = (Part("demonym", 10, 15), Part("title", 0, 9))
    switches = {**Guideline("mien").switches, "title-with-demonym": "apart"}
    person = winner(16, 32, *parts)
    title = Candidate(0, 15, "PER", Source("rule", "r"), parts=parts)
    assert Guideline("mien", switches=switches).apply(resolved(plain, person)) == [title, person]


def test_apply_never_makes_spans_overlap():
    """A part that another winner already holds is not included."""
    plain = "Ligue des Présidents Poutine"
    league = Candidate(0, 20, "ORG", Source("rule", "r"), priority=1)
    person = winner(21, 28, Part("title", 10, 20))
    switches = {**Guideline("mien").switches, "title-with-surname": "keep"}
    assert Guideline("mien", switches=switches).apply(resolved(plain, league, person)) == [league, person]


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("Le roi", 0, True),
        ("Oui. Le roi", 5, True),
        ("Oui ! « Le roi", 8, True),
        ("Oui…\u00a0— Le roi", 7, True),
        ("Oui\nLe roi", 4, True),
        ("Oui le roi", 4, False),
        ("Oui, « le roi", 7, False),
        ("(Le roi", 1, True),
    ],
)
def test_opens_sentence(text, at, expected):
    """A sentence opens at the start of the text or line, or behind a full stop; quotation marks are stepped over."""
    assert opens_sentence(fold(text).plain, at) is expected


def faults(load, text):
    with pytest.raises(RuletagError) as caught:
        load(text)
    return caught.value.faults


def test_faults_of_a_file(load):
    """All faults of a guideline are reported, each with its line, column and help."""
    text = "civility: kep\ntitles: drop\nlabels: {plan: ORGA}\nmute: [[a]]"
    assert faults(load, text) == (
        Fault(
            "mien.yaml",
            "RT202",
            "'civility' is one of drop, keep",
            2,
            11,
            "did you mean 'keep'?",
            "civility: kep",
        ),
        Fault(
            "mien.yaml",
            "RT202",
            "a guideline has no field 'titles'",
            3,
            1,
            "known: " + ", ".join(sorted(FILE_FIELDS)),
            "titles: drop",
        ),
        Fault("mien.yaml", "RT205", "unknown label 'ORGA'", 4, 16, "did you mean 'ORG'?", "labels: {plan: ORGA}"),
        Fault("mien.yaml", "RT202", "an item of 'mute' must be a non-empty string", 5, 8, "", "mute: [[a]]"),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("labels: ORG", (2, 9, "RT202", "labels must be a mapping (key: value)")),
        ("determiner:", (2, 12, "RT202", "'determiner' must be a non-empty string")),
        ("determiner: [keep]", (2, 13, "RT202", "'determiner' must be a non-empty string")),
        ("macros: {Nom: Cap}", (2, 10, "RT302", "the macro 'Nom' is defined twice")),
    ],
)
def test_fault_of_a_field(load, text, expected):
    """A field of the wrong type, or a macro that the rule files have, is a fault at its place."""
    assert [(fault.line, fault.column, fault.code, fault.message) for fault in faults(load, text)] == [expected]


def test_twin_rules_of_a_guideline(load):
    """Two rules of one guideline may not share an id."""
    one = '  - {id: a, label: PER, why: x, match: "[ Cap ] roi", examples: ["[Paul](PER) roi", "non"]}\n'
    [fault] = faults(load, "rules:\n" + one + one)
    assert (fault.line, fault.code, fault.message) == (4, "RT202", "the rule id 'a' is taken (mien.yaml:3)")


def test_a_guideline_needs_a_name(tmp_path):
    """A file without `name:`, or without anything, is no guideline."""
    found = []
    for text in ("why: Rien.\n", ""):
        (tmp_path / "g.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(RuletagError) as caught:
            load_guideline(str(tmp_path / "g.yaml"))
        found.append([(fault.line, fault.message) for fault in caught.value.faults])
    assert found == [[(1, "a guideline lacks the field 'name'")], [(1, "a guideline must be a mapping (key: value)")]]


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("canonic", "did you mean 'canonical'?"),
        ("zzz", "known: canonical, seed"),
        ("zzz.yaml", "there is no such file; check its path"),
        ("maison", "did you mean the file maison.yaml?"),
    ],
)
def test_unknown_guideline(here, name, help):
    """A guideline that is not there is a fault of the option, with a suggestion: a name, or a file of that name."""
    (here / "maison.yaml").write_text("name: maison\n", encoding="utf-8")
    with pytest.raises(RuletagError) as caught:
        load_guideline(name)
    assert caught.value.faults == (Fault("--guideline", "RT110", f"unknown guideline {name!r}", help=help),)


def test_own_folder_comes_first(tmp_path):
    """A guideline in a folder of the user's goes before the one that ships under the same name."""
    (tmp_path / "guidelines").mkdir()
    (tmp_path / "guidelines" / "canonical.yaml").write_text("{name: canonical, why: Le mien.}", encoding="utf-8")
    assert load_guideline("canonical", folders=[tmp_path])[0].why == "Le mien."
    assert guideline_names(tmp_path) == ["canonical"]


def test_shipped(tagger, seed_tagger):
    """The shipped knowledge loads under both of its guidelines, and every switch is explained."""
    assert guideline_names() == ["canonical", "seed"]
    assert (tagger.guideline.name, seed_tagger.guideline.name) == ("canonical", "seed")
    assert tagger.guideline.switches == {name: values[0] for name, values in SWITCHES.items()}
    assert (sorted(SWITCH_HELP), (shipped("rules") / "guidelines" / "seed.yaml").is_file()) == (sorted(SWITCHES), True)
