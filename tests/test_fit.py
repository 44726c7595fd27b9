"""A guideline fitted to gold: each switch found again, noise that sets none, and the file that is written."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makers import tagger_of as made
from properties import examples
from ruletag import markup
from ruletag.evaluation.evidence import NO_EVIDENCE, SHOWN, TOO_LITTLE, Case, beats, sign_test
from ruletag.evaluation.fit import FEWEST_DOCUMENTS, fit
from ruletag.files import find_inputs, read_all
from ruletag.guideline import SWITCHES, Guideline
from ruletag.guideline_file import load_guideline
from ruletag.model import Document, Entity, Entry, Source
from ruletag.report.fit import format_fit, format_guideline
from ruletag.rule_file import load_rules

SEEDS = Path(__file__).parents[2] / "shared" / "seeds"
RULES = """
rules:
  - id: titre
    label: PER
    why: Un titre annonce une personne.
    match: "det:( le | la | l' )? title:( <title> demonym:( <demonym> )? ) [ Cap{1,3} ]"
    examples: ["Le président [Paul](PER).", "Le président."]
  - id: civil
    label: PER
    why: Une civilité annonce une personne.
    match: "civility:( <civility> ) [ Cap{1,3} ]"
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
  - id: firm
    label: ORG
    why: Une forme juridique annonce une entreprise.
    match: "[ Cap form:( \\"SA\\" ) ]"
    examples: ["La [Kerbrac SA](ORG).", "La SA."]
"""
WORDS = {
    "title": ["président", "reine"],
    "demonym": ["russe"],
    "civility": ["Mme"],
    "LOC": ["Chine", "Russie", "Norvège"],
}
ENTRIES = [Entry(word, key, Source("entry", word)) for key, words in WORDS.items() for word in words]
FIRST = {name: values[0] for name, values in SWITCHES.items()}


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    path = tmp_path_factory.mktemp("fit") / "r.yaml"
    path.write_text(RULES, encoding="utf-8")
    return load_rules(path, classes=frozenset(WORDS) - {"LOC"}).rules


@pytest.fixture(scope="module")
def tagger_of(rules):
    """A tagger of the few rules under a guideline; the very same rules each time."""

    def tagger_of(guideline):
        return made(ENTRIES, rules, guideline, memory=False)

    return tagger_of


@pytest.fixture
def fitted(tagger_of):
    """The fit of marked texts, a document each, to a base with these switches and names."""

    def fitted(marked, names=(), **switches):
        base = Guideline("mien", switches=FIRST | switches, determiner_names=frozenset(names))
        return fit([markup.parse(text) for text in marked], tagger_of(base))

    return fitted


PLACES = ("Oslo", "Lima", "Brest", "Tunis", "Rabat")


def six_times(marked):
    """Six documents with the sentence, each with another end."""
    return [f"{marked} Fin {number}." for number in range(6)]


@pytest.mark.parametrize(
    ("expected", "marked"),
    [
        ({"title-with-surname": "keep"}, "Hier, la [Reine Astrid](PER) dort."),
        ({"title-with-full-name": "keep"}, "La [Reine Astrid Berg](PER) dort. Hier, la [Reine Ida Berg](PER) dort."),
        ({"title-with-full-name": "inside-sentence"}, "La Reine [Ida Berg](PER) voit la [Reine Eva Dahl](PER)."),
        ({"title-with-demonym": "apart"}, "Le [Président russe](PER) [Oleg Orlov](PER) dort."),
        ({"title-with-demonym": "keep"}, "Le [Président russe Oleg Orlov](PER) dort."),
        ({"title-with-surname": "keep", "title-in-lower-case": "keep"}, "La [reine Astrid](PER) dort."),
        ({"civility": "keep"}, "Il voit [Mme Dahl](PER)."),
        ({"determiner": "keep"}, "Voici [la Norvège](LOC) et [la Norvège](LOC)."),
        ({"determiner": "first-in-paragraph"}, "Voici [la Norvège](LOC) et la [Norvège](LOC)."),
        ({"determiner": "keep", "determined-topic": "drop"}, "La Norvège dort. Voici [la Norvège](LOC)."),
        ({"closing-quote": "drop"}, "Il lit le [Plan « Grand Nord](MISC) »."),
        ({"date": "drop"}, "Il lit le [Plan Nord](MISC) 2030."),
        ({"legal-form": "drop"}, "Il quitte [Kerbrac](ORG) SA."),
        ({"compounds": "none"}, "Il suit l'axe Chine-Russie et voit la [Chine](LOC)."),
    ],
)
def test_the_switch_that_the_gold_follows_is_found(fitted, expected, marked):
    """From six documents that agree, each setting of each switch is found, and no other switch is touched."""
    result = fitted(six_times(marked))
    names = frozenset({"Norvège"} if "determiner" in expected else ())
    assert (result.guideline.switches, result.guideline.determiner_names) == (FIRST | expected, names)
    assert (result.after.f1, {item.verdict for item in result.evidence if item.switch in expected}) == (1.0, {SHOWN})


def test_each_value_of_each_switch_but_the_first_is_tested_above():
    """The table above forgets no setting."""
    [mark] = [m for m in test_the_switch_that_the_gold_follows_is_found.pytestmark if m.name == "parametrize"]
    tested = {pair for expected, _ in mark.args[1] for pair in expected.items()}
    assert tested == {(name, value) for name, values in SWITCHES.items() for value in values[1:]}


def test_a_gold_that_follows_the_defaults_takes_the_base_back_to_them(fitted):
    """The base is only a start: if the gold shows the default, the default comes out."""
    text = "Hier, la Reine [Astrid](PER) voit Mme [Dahl](PER) et la [Norvège](LOC)."
    result = fitted(six_times(text), ["Norvège"], civility="keep", determiner="keep", **{"title-with-surname": "keep"})
    assert result.differences == (
        ("title-with-surname", "keep", "drop"),
        ("civility", "keep", "drop"),
        ("determiner-names", "Norvège", "none"),
    )
    assert [result.before.correct, result.after.correct, result.after.gold] == [0, 18, 18]


EVERYTHING = """\
La Chine attend. Il voit la Chine, la Russie et la Chine avec Mme {0}.
Hier, la Reine {0} lit le Plan « Grand {0} » sur l'axe Chine-Russie; la reine {0} dort.
La Reine {0} Berg dort. Hier, le Président {0} Dahl dort, et le président {0} Dahl.
Le Président russe {0} Orlov voit le Président russe {0}.
"""


@given(st.fixed_dictionaries({name: st.sampled_from(values) for name, values in SWITCHES.items()}))
@examples(8)
def test_the_guideline_that_made_the_gold_is_found_again(tagger_of, switches):
    """Whatever guideline made the gold, the fit marks every text the same way, from a base that says the opposite.

    One pair apart: names are known by the determiners that they keep, so that topics cannot be dropped without.
    """
    if switches["determiner"] == "drop":
        switches["determined-topic"] = "keep"
    maker = tagger_of(Guideline("auteur", switches=switches, determiner_names=frozenset({"Chine"})))
    texts = [EVERYTHING.format(name) for name in PLACES]
    gold = [Document(text, maker.tag(text).entities, annotated=True) for text in texts]
    opposite = {name: next(value for value in values if value != switches[name]) for name, values in SWITCHES.items()}
    result = fit(gold, tagger_of(Guideline("base", switches=opposite)))
    assert (result.after.correct, result.after.predicted) == (result.after.gold, result.after.gold)


def test_names_side_by_side_are_one_case(fitted):
    """A compound is one decision of the annotator, however many names it joins; so are a title apart and its name."""
    result = fitted(six_times("Il suit l'axe Chine-Russie. Le [Président russe](PER) [Oleg Orlov](PER) dort."))
    cases = {item.switch: {case.text for case in item.cases} for item in result.evidence if item.cases}
    assert cases == {"compounds": {"Chine-Russie"}, "title-with-demonym": {"Président russe Oleg Orlov"}}
    assert [len(item.cases) for item in result.evidence if item.cases] == [6, 6]


def test_noise_sets_no_switch(fitted):
    """Gold that has it one way as often as the other shows nothing, and the base stays, whichever it is."""
    marked, dropped = "Il voit [Mme Dahl](PER).", "Il voit Mme [Dahl](PER)."
    for value in SWITCHES["civility"]:
        result = fitted([marked, dropped] * 4, civility=value)
        [evidence] = [item for item in result.evidence if item.switch == "civility"]
        assert (evidence.chosen, evidence.verdict, result.differences) == (value, TOO_LITTLE, ())
        assert (evidence.right("keep"), evidence.right("drop")) == (4, 4)


def test_cases_of_a_single_document_set_no_switch(fitted):
    """A decision that only one of many documents takes does not count, however often it takes it."""
    others = ["Il dort."] * FEWEST_DOCUMENTS
    many = "Il voit [Mme Dahl](PER), [Mme Berg](PER), [Mme Lund](PER) et [Mme Holm](PER)."
    result = fitted([many, *others])
    [evidence] = [item for item in result.evidence if item.switch == "civility"]
    assert (result.unit, evidence.right("keep"), evidence.verdict, result.differences) == (
        "document",
        4,
        TOO_LITTLE,
        (),
    )


def test_paragraphs_stand_in_for_documents_where_these_are_few(fitted):
    """Of one document the lines are held out, one after the other."""
    result = fitted(["\n".join(six_times("Il voit [Mme Dahl](PER)."))])
    assert (result.unit, result.documents, result.differences) == ("paragraph", 1, (("civility", "drop", "keep"),))


def test_a_switch_that_the_gold_never_meets_stays_as_in_the_base(fitted):
    """No case, no evidence."""
    result = fitted(six_times("Il voit [Mme Dahl](PER)."), civility="keep", **{"closing-quote": "drop"})
    assert {item.switch: (item.chosen, item.verdict) for item in result.evidence} == {
        **{name: (value, NO_EVIDENCE) for name, value in FIRST.items()},
        "civility": ("keep", SHOWN),
        "closing-quote": ("drop", NO_EVIDENCE),
    }


def test_the_order_of_documents_changes_nothing_but_the_order_of_cases(fitted):
    """Documents in any order give the same guideline and the same counts."""
    marked = [*six_times("La Reine [Ida Berg](PER) voit [la Chine](LOC)."), "Il voit [Mme Dahl](PER)."]
    one, other = fitted(marked), fitted(marked[::-1])
    assert (one.guideline, one.after) == (other.guideline, other.after)
    assert [sorted(case.text for case in item.cases) for item in one.evidence] == [
        sorted(case.text for case in item.cases) for item in other.evidence
    ]


def case(unit, *right):
    return Case(unit, "a.txt", 1, "Mme Dahl", frozenset(right))


@pytest.mark.parametrize(
    ("wins", "losses", "expected"),
    [
        (0, 0, False),
        (2, 0, False),
        (3, 0, True),
        (3, 1, False),
        (4, 1, True),
        (5, 2, False),
        (6, 2, True),
        (2, 9, False),
    ],
)
def test_a_setting_beats_another_by_three_to_none_or_four_to_one(wins, losses, expected):
    """The threshold in cases, each in a unit of its own; ties of both and cases of neither do not count."""
    cases = [case(unit, "keep") for unit in range(wins)]
    cases += [case(unit, "drop") for unit in range(50, 50 + losses)]
    cases += [case(90, "keep", "drop"), case(91)]
    assert beats(cases, "keep", "drop") is expected


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_sign_test_is_a_share_of_all_tosses(wins, losses):
    """The chance of so many or more, and of fewer, is one; nothing tossed, nothing surprising."""
    fewer = 1 - sign_test(losses + 1, wins - 1) if wins else 0
    assert sign_test(wins, losses) == fewer + (Fraction(1) if not wins else 0)
    assert (sign_test(3, 0), sign_test(4, 1), sign_test(0, 0)) == (Fraction(1, 8), Fraction(6, 32), 1)


def test_gold_without_a_mark_is_no_gold(tagger_of):
    """Unannotated documents are skipped; with no other, there is nothing to fit to."""
    raw = Document("Il voit Mme Dahl.")
    with pytest.raises(ValueError, match="no document has gold"):
        fit([raw], tagger_of(Guideline("mien")))
    assert fit([raw, markup.parse("[Oslo](LOC)")], tagger_of(Guideline("mien"))).documents == 1


OWN = """\
name: maison
why: La maison.
civility: drop
determiner: keep
determiner-names: [Chine, "l'Oural: est"]
labels: {titre: ORG}
mute: ['7', plan]
macros: {Nom: "Cap{1,2}"}
rules:
  - id: maison.dit
    label: PER
    why: "Une personne # dite."
    match: "dit [ $Nom ]"
    priority: 1
    unless: {before: '","'}
    examples: ["Un ami dit [Ida](PER).", "Un ami dit tout."]
"""


def test_the_file_that_is_written_loads_as_the_guideline_that_was_fitted(tmp_path, rules, tagger_of):
    """Switches, names, labels, muted rules and rules are read back as they were; odd surfaces do no harm."""
    path = tmp_path / "maison.yaml"
    path.write_text(OWN, encoding="utf-8")
    base, own = load_guideline(str(path))
    texts = [*six_times("Il voit [Mme Dahl](PER)."), "Il voit [Mme\u2028Dahl](PER)."]
    path_of_gold = "or\u0085\x07.txt"
    gold = [
        Document(document.text, document.entities, path=path_of_gold, annotated=True)
        for document in map(markup.parse, texts)
    ]
    result = fit(gold, tagger_of(base))
    written = format_guideline(result, "neuve")
    path.write_text(written, encoding="utf-8")
    read, read_rules = load_guideline(str(path))
    assert (read.name, read.switches["civility"], read.switches["determiner"]) == ("neuve", "keep", "keep")
    assert [line for line in written.splitlines() if "priority" in line] == ["  priority: 1"]
    for field in ("switches", "determiner_names", "labels", "mute"):
        assert getattr(read, field) == getattr(result.guideline, field)
    assert [(rule.id, rule.priority, rule.trees, rule.why) for rule in read_rules] == [
        (rule.id, rule.priority, rule.trees, rule.why) for rule in own
    ]


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        (["gold/a.txt", "gold/b/c.txt"], "a.txt:1 “Mme Dahl”; b/c.txt:1 “Mme Dahl”; b/c.txt:1 “Mme Dahl” and 2 more"),
        (["/x/gold/a.txt"], "a.txt:1 “Mme Dahl”; a.txt:1 “Mme Dahl”; a.txt:1 “Mme Dahl” and 2 more"),
        (["a.txt", "/b.txt"], "a.txt:1 “Mme Dahl”; /b.txt:1 “Mme Dahl”; /b.txt:1 “Mme Dahl” and 2 more"),
    ],
)
def test_cases_are_named_from_the_folder_of_the_gold(tagger_of, paths, shown):
    """The folder that all files of the gold share is not repeated beside each case."""
    marked = [markup.parse("Il voit [Mme Dahl](PER).") for _ in range(5)]
    gold = [replace(document, path=paths[min(at, len(paths) - 1)]) for at, document in enumerate(marked)]
    lines = format_fit(fit(gold, tagger_of(Guideline("mien", switches=FIRST)))).splitlines()
    assert [line for line in lines if line.startswith("  follows: ")] == [f"  follows: {shown}"]


def test_the_report_says_evidence_exceptions_and_differences(fitted):
    """The whole report of a small fit: the table, the cases for and against, what differs from the base."""
    result = fitted([*["Il voit [Mme Dahl](PER)."] * 5, "Il voit Mme [Berg](PER)."])
    lines = format_fit(result).splitlines()
    assert [line for line in lines if line.startswith("civility ")] == [
        "civility              keep      drop       shown        drop 1, keep 5 (of 6 cases)"
    ]
    assert lines[-6:] == [
        "civility: keep:",
        "  follows: -:1 “Mme Dahl”; -:1 “Mme Dahl”; -:1 “Mme Dahl” and 2 more",
        "  exception: -:1 “Mme Berg”",
        "Fitted to 6 documents, 6 gold spans; held out: one document at a time. Base: mien.",
        "Unlike mien: civility is keep, not drop.",
        "Strict F1 on this gold: 0.8333; under mien: 0.1667.",
    ]


GOLD = "".join(f"Il voit M. Wang{number} ici.\n{{\nM. Wang{number}_PER\n}}\n" for number in range(4))


@pytest.mark.usefixtures("small")
class TestCommand:
    """`ruletag guideline fit`."""

    def test_writes_a_guideline_to_standard_output(self, cli, tmp_path):
        """Without -o the file goes to standard output, evidence as comments; the base is that of the format."""
        (tmp_path / "or.txt").write_text(GOLD, encoding="utf-8")
        run = cli("guideline", "fit", "or.txt")
        assert (run.code, run.err) == (0, "")
        assert run.out.splitlines()[:5] == [
            "# Fitted to 1 document, 4 gold spans; held out: one paragraph at a time. Base: seed.",
            "# Unlike seed: civility is keep, not drop.",
            "# Strict F1 on this gold: 1.0000; under seed: 0.0000.",
            "name: fitted",
            "why: The switches and heads that the gold follows; all else as in seed.",
        ]
        (tmp_path / "neuve.yaml").write_text(run.out, encoding="utf-8")
        assert load_guideline(str(tmp_path / "neuve.yaml"))[0].determiner_names == {"Chine"}

    def test_writes_a_file_that_eval_then_takes(self, cli, tmp_path):
        """With -o the report goes to standard output, and the file is a guideline under the name of the file."""
        (tmp_path / "or.txt").write_text(GOLD, encoding="utf-8")
        run = cli("guideline", "fit", "or.txt", "--base", "canonical", "-o", "maison.yaml")
        assert (run.code, run.err, run.out.splitlines()[-2]) == (0, "", "Unlike canonical: civility is keep, not drop.")
        scored = cli("eval", "or.txt", "--guideline", "maison.yaml", "--fail-under", "1")
        assert (scored.code, scored.out.splitlines()[-1]) == (0, "Guideline in force: maison. Documents scored: 1.")

    def test_replaces_a_file_only_when_told(self, cli, tmp_path):
        """A file that exists is refused without --force; the gold is refused always."""
        (tmp_path / "or.txt").write_text(GOLD, encoding="utf-8")
        (tmp_path / "a.yaml").write_text("name: a\n", encoding="utf-8")
        refused = cli("guideline", "fit", "or.txt", "-o", "a.yaml")
        gold = cli("guideline", "fit", "or.txt", "-o", "or.txt", "--force")
        assert (refused.code, refused.out, refused.err.splitlines()[0]) == (2, "", "a.yaml: RT106 exists already")
        assert (gold.code, gold.err.splitlines()[0]) == (2, "or.txt: RT106 is an input and is never changed")
        assert (tmp_path / "a.yaml").read_text(encoding="utf-8") == "name: a\n"
        assert cli("guideline", "fit", "or.txt", "-o", "a.yaml", "--force").code == 0
        assert load_guideline(str(tmp_path / "a.yaml"))[0].switches["civility"] == "keep"

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (["or.txt", "--base", "canonic"], ["--base: RT110 unknown guideline 'canonic'", "canonical"]),
            (
                ["brut.txt"],
                ["brut.txt: RT103 contains no gold annotations", "correct the output of `ruletag tag` and name that"],
            ),
            (["vide"], ["vide: RT103 the folder holds no documents", "documents end in"]),
            (["or.txt", "-o", "maison"], ["maison: RT106 is not a valid name for a guideline file", ".yaml"]),
            (["absent"], ["absent: RT101 there is no such file or folder", "check the name"]),
        ],
    )
    def test_bad_input_gives_one_message(self, cli, tmp_path, arguments, expected):
        """Each mistake is named once, with its help, and nothing is printed on standard output."""
        (tmp_path / "or.txt").write_text(GOLD, encoding="utf-8")
        (tmp_path / "brut.txt").write_text("Il voit M. Wang.\n", encoding="utf-8")
        (tmp_path / "vide").mkdir()
        run = cli("guideline", "fit", *arguments)
        message, help = run.err.splitlines()
        assert (run.code, run.out, message) == (2, "", expected[0])
        assert help.startswith("  help: ")
        assert expected[1] in help

    def test_the_faults_of_all_files_are_reported(self, cli, tmp_path):
        """Two files that cannot be read give two messages."""
        for name in ("a.txt", "b.txt"):
            (tmp_path / name).write_text("Il voit M. Wang.\n{\nWang_PER\n", encoding="utf-8")
        run = cli("guideline", "fit", ".")
        assert (run.code, run.out) == (2, "")
        faults = [f"{name}:2: RT104 this {{ is never closed" for name in ("a.txt", "b.txt")]
        assert run.err.splitlines()[::2] == [*faults, "2 of 2 files failed"]


@pytest.mark.shared
@pytest.mark.skipif(not SEEDS.is_dir(), reason="needs the folder `shared` beside the checkout")
def test_the_seeds_give_back_the_switches_of_their_guideline(seed_tagger):
    """The one annotated document has the switches of `seed`; and shows six things beyond chance."""
    result = fit(read_all(find_inputs([str(SEEDS)])), seed_tagger)
    shown = [item.subject or item.switch for item in result.evidence if item.verdict == SHOWN]
    expected = ["title-with-surname", "title-with-full-name", "Chine", "Russie", "determiner", "determined-topic"]
    assert (result.differences, result.after == result.before, shown) == ((), True, expected)


def test_the_fit_marks_only_places_of_the_gold(tagger_of):
    """Offsets are those of the original text, though the folded text is shorter there."""
    text = "Il  voit\u00ad  Mme Dahl."
    at = text.index("Mme")
    gold = [Document(text, (Entity(at, len(text) - 1, "PER", text[at:-1]),), annotated=True)] * 5
    result = fit(gold, tagger_of(Guideline("mien")))
    assert (result.differences, result.after.f1) == ((("civility", "drop", "keep"),), 1.0)
