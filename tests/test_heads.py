"""Head nouns before names: those that a guideline cuts off or pulls in, and its file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makers import ENGINES, needs_core, rule_of, tagger_of
from ruletag import markup
from ruletag.errors import RuletagError
from ruletag.evaluation.evidence import SHOWN
from ruletag.evaluation.fit import AS_FOUND, HEADS, fit
from ruletag.guideline import Guideline
from ruletag.guideline_file import load_guideline
from ruletag.heads import Heads
from ruletag.model import Entry, Source
from ruletag.report.fit import format_fit, format_guideline
from ruletag.tagger import Tagger

NAMES = {
    "LOC": ["Brest", "Nice", "Réunion", "rue d'Éole", "centre ville Sud"],
    "PER": ["Éole"],
    "ORG": ["KTR", "Conseil rural"],
}
ENTRIES = [Entry(name, label, Source("entry", name), id=name[0]) for label, names in NAMES.items() for name in names]
RULES = [
    rule_of("[ lac (de | du)? Cap ]", id="lac", label="LOC"),
    rule_of("[ université de !<LOC> lower Cap ]", id="ecole", label="ORG"),
    rule_of("[ cour d' appel de <LOC> ]", id="cour", label="ORG"),
]


def marked(text, engine="", memory=False, **decided):
    """The text as markup under a guideline that decides about heads: `out="lac|mairie de"`."""
    heads = {head: group for group, heads in decided.items() for head in heads.split("|")}
    guideline = Guideline("maison", heads=Heads(heads))
    return markup.render(tagger_of(ENTRIES, RULES, guideline, engine=engine, memory=memory).tag(text))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("decided", "expected"),
    [
        # outside: what a rule or an entry has inside is cut off
        ({}, "Le [lac Tavert](LOC), le [lac du Tavert](LOC)."),
        ({"out": "lac"}, "Le lac [Tavert](LOC), le [lac du Tavert](LOC)."),
        ({"out": "lac de"}, "Le [lac Tavert](LOC), le lac du [Tavert](LOC)."),
        ({"out": "rue de"}, "Une rue d'[Éole](PER)."),
        # … and what stands there by itself keeps its own label; a rest without a capital is no name
        ({}, "La [cour d'appel de Nice](ORG), l'[université de ville Tavert](ORG)."),
        ({"out": "cour d'appel de|université de"}, "La cour d'appel de [Nice](LOC), l'université de ville Tavert."),
        # inside: what is found by itself is pulled in, and the whole has another label
        ({"ORG": "mairie de"}, "La [mairie de Brest](ORG), [mairie de la Réunion](ORG), Mairie de [Brest](LOC)."),
        ({"ORG": "mairie de"}, "La mairie [Brest](LOC), la mairie, [Brest](LOC), sa mairie « [Brest](LOC) »."),
        ({"ORG": "tribunal de"}, "Un tribunal national régional municipal de [Nice](LOC)."),
        ({"out": "centre"}, "Le [centre ville Sud](LOC)."),
        ({"ORG": "tribunal de"}, "Le [tribunal administratif régional de Nice](ORG), tribunal vide de [Nice](LOC)."),
        (
            {"ORG": "chambre d'agriculture de"},
            "La [chambre d’agriculture de Nice](ORG) et l'agriculture de [Nice](LOC).",
        ),
        (
            {"LOC": "ville|ville de", "out": "ville nouvelle de"},
            "La [ville de Nice](LOC), la ville nouvelle de [Nice](LOC).",
        ),
        ({"MISC": "affaire"}, "L'[affaire KTR](MISC), l'[affaire Éole](MISC), l'affaire nationale [Éole](PER)."),
        ({"ORG": "mairie de"}, "La mairie d'[Éole](PER)\n[Brest](LOC)"),
        # a span that a rule has with its head has the label of the guideline
        ({"MISC": "lac"}, "Le [lac Tavert](MISC), le [lac du Tavert](LOC)."),
        # nothing is said of it: as found
        ({"out": "rive", "ORG": "port de"}, "Le [lac Tavert](LOC) et la mairie de [Brest](LOC)."),
    ],
)
def test_a_head_is_cut_off_or_pulled_in(engine, decided, expected):
    """Each decision, in both engines, for heads of rules and entries, with and without a preposition."""
    assert marked(markup.parse(expected).text, engine, **decided) == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_the_span_says_what_was_done_to_it(engine):
    """A head that is pulled in is a part; the whole has no id of the name inside; what comes out has its own."""
    heads = Heads({"mairie de": "ORG", "cour d'appel de": "out"})
    tagger = tagger_of(ENTRIES, RULES, Guideline("maison", heads=heads), engine=engine)
    document = tagger.tag("La mairie de Brest, la cour d'appel de Nice, Brest.")
    assert [
        (entity.text, entity.id, [(part.name, part.start, part.end) for part in entity.parts])
        for entity in document.entities
    ] == [
        ("mairie de Brest", None, [("head", 3, 13)]),
        ("Nice", "N", []),
        ("Brest", "B", []),
    ]
    assert [alternative.text for alternative in document.alternatives] == []
    unlike = tagger_of(ENTRIES, RULES, Guideline("maison"), engine=engine).tag(document.text)
    assert [alternative.text for alternative in unlike.alternatives] == ["Nice"]


def test_a_head_inside_the_name_before_it_stays_there():
    """Spans never overlap: the second name keeps its core."""
    expected = "Le [Conseil rural](ORG) de [Brest](LOC), un [rural de Brest](MISC)."
    assert marked(markup.parse(expected).text, MISC="rural de") == expected


@needs_core
@given(
    st.lists(
        st.sampled_from(
            [
                "La",
                "le",
                "mairie",
                "lac",
                "d'",
                "l'",
                "de",
                "la",
                "du",
                "des",
                "Brest",
                "Nice",
                "Éole",
                "national",
                ",",
                ".",
                "\n",
                "«",
                "ville",
                "nouvelle",
                "cour",
                "appel",
            ]
        ),
        max_size=14,
    ),
    st.sampled_from([" ", " ", "\xa0", "  "]),
)
def test_the_compiled_engine_looks_wherever_a_head_may_stand(words, blank):
    """If the core reports no possible head, there is none; so both engines give the same."""
    text = blank.join(words).replace("' ", "'")
    heads = Heads(
        {"mairie de": "ORG", "lac": "LOC", "lac de": "out", "ville nouvelle de": "LOC", "cour d'appel de": "ORG"}
    )
    core, plain = (tagger_of(ENTRIES, RULES, Guideline("x", heads=heads), engine=name) for name in ("core", "plain"))
    assert repr(core.tag(text)) == repr(plain.tag(text))


def test_offsets_are_those_of_the_text_as_it_came():
    """A soft hyphen in the head changes nothing but the length."""
    text = "La mai\u00adrie de Brest dort."
    [entity] = tagger_of(ENTRIES, RULES, Guideline("x", heads=Heads({"mairie de": "ORG"}))).tag(text).entities
    assert (entity.start, text[entity.start : entity.end], entity.text) == (
        3,
        "mai\u00adrie de Brest",
        "mai\u00adrie de Brest",
    )


@pytest.mark.parametrize(
    ("written", "line", "message"),
    [
        ("{out: [Lac]}", 2, "the head 'Lac' is not a noun in lower case, with single spaces"),
        ("{out: ['lac  bleu']}", 2, "the head 'lac  bleu' is not a noun in lower case, with single spaces"),
        ("{out: [12]}", 2, "the head '12' is not a noun in lower case, with single spaces"),
        ("{out: [{}]}", 2, "the head {} is not a noun in lower case, with single spaces"),
        ("{out: [lac du]}", 2, "the head 'lac du' ends in an article or a preposition"),
        ("{out: [a b c d e f g]}", 2, "the head 'a b c d e f g' has more than 6 words"),
        ("{out: [lac], LOC: lac}", 2, "the head 'lac' is also listed under 'out'"),
        ("{in: [lac]}", 2, "heads has no field 'in'"),
        ("[lac]", 2, "heads must be a mapping (key: value)"),
    ],
)
def test_a_fault_of_the_file_is_named(tmp_path, written, line, message):
    """Each mistake gives one message, at its line."""
    path = tmp_path / "g.yaml"
    path.write_text(f"name: g\nheads: {written}\n", encoding="utf-8")
    with pytest.raises(RuletagError) as raised:
        load_guideline(str(path))
    assert [(fault.line, fault.code, fault.message) for fault in raised.value.faults] == [(line, "RT202", message)]


def test_curly_apostrophes_are_those_of_the_text(tmp_path):
    """A head may be written with either apostrophe."""
    path = tmp_path / "g.yaml"
    path.write_text("name: g\nheads: {out: cour d’appel de}\n", encoding="utf-8")
    assert load_guideline(str(path))[0].heads == Heads({"cour d'appel de": "out"})


@pytest.mark.slow
def test_the_guidelines_that_ship_decide_alike():
    """The gold of `seed` has no head in doubt, so that it says what `canonical` says."""
    canonical, seed = (Tagger.load(guideline=name).guideline.heads for name in ("canonical", "seed"))
    assert (len(canonical.decided) > 50, seed) == (True, canonical)


GOLD = [
    "La [mairie de Brest](ORG) aime le lac du [Tavert](LOC), la cour d'appel de [Nice](LOC).",
    "Le [lac Tavert](LOC), la ville de [Nice](LOC).",
]


def fitted(texts, base=None):
    return fit(
        [markup.parse(text) for text in texts], tagger_of(ENTRIES, RULES, base or Guideline("mien"), memory=False)
    )


def decisions(result):
    return {item.subject: (item.chosen, item.verdict) for item in result.evidence if item.switch == HEADS}


def test_the_heads_that_the_gold_follows_are_found():
    """Out for some nouns, in for others: from six documents that agree, whatever the base says."""
    texts = [f"{text} Fin {number}." for number in range(6) for text in GOLD]
    for decided in (
        {},
        {"mairie de": "out", "lac de": "LOC", "cour d'appel de": "ORG", "ville de": "LOC", "lac": "out"},
    ):
        result = fitted(texts, Guideline("mien", heads=Heads(decided)))
        expected = {"mairie de": "ORG", "lac de": "out", "cour d'appel de": "out", "lac": "LOC"}
        expected |= {"ville de": "out"} if decided else {}  # no name begins with it: only a base asks
        assert decisions(result) == {head: (decision, SHOWN) for head, decision in expected.items()}
        assert result.guideline.heads.decided == expected
        assert result.after.f1 == 1.0


def test_gold_of_two_minds_decides_no_head():
    """As many for as against, or all in one document of many: the base stays."""
    both = ["La [mairie de Brest](ORG).", "La mairie de [Brest](LOC)."]
    one = ["La [mairie de Brest](ORG), la [mairie de Brest](ORG), la [mairie de Nice](ORG).", *["Il dort."] * 5]
    for texts in (both * 4, one):
        for before in ("out", "ORG"):
            result = fitted(texts, Guideline("mien", heads=Heads({"mairie de": before})))
            assert (decisions(result)["mairie de"][0], result.differences) == (before, ())
        assert fitted(texts).guideline.heads.decided == {}


def test_a_decision_that_is_worse_than_none_is_dropped():
    """If the rules know better than the base which names have their noun, nothing is decided."""
    texts = [f"Une [rue d'Éole](LOC), une rue de [Brest](LOC). Fin {number}." for number in range(6)]
    for before in ("out", "LOC"):
        result = fitted(texts, Guideline("mien", heads=Heads({"rue de": before})))
        assert result.differences == (("head 'rue de'", before, AS_FOUND),)
    mostly = ["Une [rue d'Éole](LOC)."] * 8 + ["Une rue de [Brest](LOC)."] * 4
    assert fitted(mostly).guideline.heads.decided == {}


def test_the_file_holds_the_heads_and_why(tmp_path):
    """A written fit is read back as it was; each decision is listed under its cases, and silent ones are counted."""
    base = Guideline("mien", heads=Heads({"quai de": "LOC"}))
    result = fitted(["La [mairie de Brest](ORG)."] * 5 + ["La mairie de [Nice](LOC)."], base)
    written = format_guideline(result, "neuve")
    path = tmp_path / "neuve.yaml"
    path.write_text(written, encoding="utf-8")
    assert load_guideline(str(path))[0].heads == result.guideline.heads == Heads({"quai de": "LOC", "mairie de": "ORG"})
    assert written.splitlines()[-8:] == [
        "# ORG, mairie de: shown: as found 1, out 1, ORG 5 (of 6 cases).",
        "# follows: -:1 “mairie de Brest”; -:1 “mairie de Brest”; -:1 “mairie de Brest” and 2 more",
        "# exception: -:1 “mairie de Nice”",
        "",
        "# Heads kept from mien, on which the gold has little or no evidence: 1.",
        "heads:",
        "  LOC: [quai de]",
        "  ORG: [mairie de]",
    ]
    lines = format_fit(result).splitlines()
    assert [line for line in lines if line.startswith("mairie de")] == [
        "mairie de  ORG       as found   shown      as found 1, out 1, ORG 5 (of 6 cases)"
    ]
    assert "Unlike mien: head 'mairie de' is ORG, not as found." in lines


@needs_core
def test_only_names_beside_a_head_are_looked_at(monkeypatch):
    """One head that moves in a long text costs nothing at the other names."""
    looked = []
    shape = Heads.shape
    monkeypatch.setattr(
        Heads, "shape", lambda self, plain, winner, beaten: looked.append(winner) or shape(self, plain, winner, beaten)
    )
    text = "Il va à Brest. " * 200 + "La préfecture de Nice."
    assert marked(text, engine="core", LOC="préfecture de").endswith("La [préfecture de Nice](LOC).")
    assert [(winner.start, winner.end) for winner in looked] == [(len(text) - 5, len(text) - 1)]
