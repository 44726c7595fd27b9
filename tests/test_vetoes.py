"""Vetoes: surfaces that are never names, and what a veto leaves alone, on both engines."""

from __future__ import annotations

import pytest

from makers import ENGINES
from ruletag import Tagger
from ruletag.check import check
from ruletag.errors import RuletagError, format_fault
from ruletag.report.explanation import format_explanation

RULES = """\
rules:
  - id: org.capitals
    label: ORG
    why: A test.
    match: "[ Acronym ]"
    examples: ["La [KTR](ORG) part.", "Elle part."]
  - id: per.civility
    label: PER
    why: A test.
    match: "<civility> [ Cap ]"
    examples: ["M. [Tavert](PER) part.", "Il part."]
not:
"""
LOST = "change the example so that a name is lost there without the veto, or remove the veto"
KEPT = "extend the example so that only this keeps the name, or remove it"
ENTRIES = "label: ORG\nentries: [OCS]\n"


def tagger(folder, *vetoes, engine="plain", memory=True):
    """A tagger of the rules above with some vetoes, one a line."""
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "gazetteers").mkdir(exist_ok=True)
    (folder / "rules" / "rules.yaml").write_text(RULES + "".join(f"  - {veto}\n" for veto in vetoes), encoding="utf-8")
    (folder / "gazetteers" / "organisations.yaml").write_text(ENTRIES, encoding="utf-8")
    return Tagger.load(str(folder / "rules"), str(folder / "gazetteers"), engine=engine, memory=memory)


def names(document):
    """The found names, and the vetoed ones with the reason."""
    vetoed = [
        (alternative.text, alternative.reason) for alternative in document.alternatives if alternative.winner is None
    ]
    return [(entity.text, entity.label) for entity in document.entities], vetoed


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("veto", "text", "kept", "vetoed"),
    [
        ("{name: MM, example: MM}", "Les MM et la KTR.", [("KTR", "ORG")], ["MM"]),
        # in all capitals, as an entry would be met, but not in another case
        ("{name: Km, example: KM}", "Un KM.", [], ["KM"]),
        ("{name: MM, example: MM}", "Les MMX.", [("MMX", "ORG")], []),
        # for one label only
        ("{name: Tavert, label: ORG, example: TAVERT}", "M. Tavert, TAVERT.", [("Tavert", "PER")], ["TAVERT"]),
        ("{name: Tavert, label: PER, example: M. Tavert}", "M. Tavert, TAVERT.", [("TAVERT", "ORG")], ["Tavert"]),
        # beside what stands beside it
        ("{name: MM, after: '\".\"', example: MM.}", "MM. et MM", [("MM", "ORG")], ["MM"]),
        ("{name: EU, before: Number, example: 3 EU}", "3 EU, une EU", [("EU", "ORG")], ["EU"]),
        # never an entry, nor a rule that an entry confirms
        ("{name: OCS, example: OCS}", "L'OCS part.", [("OCS", "ORG")], []),
    ],
)
def test_what_a_veto_takes_away(tmp_path, small, engine, veto, text, kept, vetoed):
    """Only rules lose what a veto names, and only under its conditions; the loss is kept with the veto."""
    source = "(rules/rules.yaml:13)"
    result = names(tagger(tmp_path, veto, engine=engine, memory=False).tag(text))
    name = veto.partition("name: ")[2].partition(",")[0]
    assert result == (kept, [(loss, f"vetoed by {name} {source}") for loss in vetoed])


@pytest.mark.parametrize("engine", ENGINES)
def test_memory_is_vetoed_too(tmp_path, small, engine):
    """A learned name is removed where it is no name, and only there."""
    loaded = tagger(tmp_path, "{name: Tavert, before: un, example: un Tavert}", engine=engine)
    kept, vetoed = names(loaded.tag("M. Tavert part. Tavert court, un Tavert dort."))
    assert kept == [("Tavert", "PER"), ("Tavert", "PER")]
    assert vetoed == [("Tavert", "vetoed by Tavert (rules/rules.yaml:13)")]


def test_explain_names_a_veto(tmp_path, small):
    """Spans that a veto removes are distinguished from those that the guideline drops."""
    lines = format_explanation(tagger(tmp_path, "{name: MM, example: MM}").explain("Les MM dorment.")).splitlines()
    assert lines[:2] == ["No span.", "vetoed by MM (rules/rules.yaml:13): ORG [MM] org.capitals (rules/rules.yaml:2)"]


def test_check_names_an_idle_veto(tmp_path, small):
    """RT410 for a veto that keeps nothing from being a name in its own example."""
    tagger(tmp_path, "{name: MM, example: Les mm.}", "{name: EU, example: Une EU.}")
    faults = check(str(tmp_path / "rules"), str(tmp_path / "gazetteers"))
    assert [format_fault(fault) for fault in faults if fault.code == "RT410"] == [
        "rules/rules.yaml:13: RT410 the veto of 'MM' has no effect in its example\n"
        "  help: give a sentence in which it would be taken for a name, or remove it"
    ]


@pytest.mark.parametrize(
    ("veto", "findings"),
    [
        # what keeps a name elsewhere in the example is needed, and so is each option that takes one away
        ("{name: EU, before: 'Number | une', example: '3 EU, une EU, des EU'}", []),
        ("{name: EU, before: '!<ORG> Word', after: lower, example: 'des EU, des EU ici, OCS EU ici'}", []),
        # a label is no part of it
        ("{name: EU, label: ORG, example: une EU}", []),
        ("{name: EU, after: lower, example: une EU ici}", [(23, "does not need `after`: 'lower'", KEPT)]),
        ("{name: EU, before: 'un | une', example: 'une EU, EU'}", [(25, "does not need the alternative 'un'", LOST)]),
        (
            "{name: EU, before: '!<LOC> Word', example: 'des EU, EU'}",
            [(25, "does not need the guard '!<LOC>'", KEPT)],
        ),
    ],
)
def test_strict_names_what_an_example_does_not_need(tmp_path, small, veto, findings):
    """RT306 for a side, an option or a guard of a veto that can be removed without the example noticing."""
    tagger(tmp_path, veto)
    faults = check(str(tmp_path / "rules"), str(tmp_path / "gazetteers"), strict=True)
    assert [format_fault(fault) for fault in faults if "veto" in fault.message] == [
        f"rules/rules.yaml:13:{column}: RT306 the veto of 'EU': its example {message}\n  help: {help}"
        for column, message, help in findings
    ]


@pytest.mark.parametrize(
    ("strict", "expected"),
    [
        (False, []),
        (True, [f"rules/rules.yaml:13: RT306 the veto of 'OCSX' changes nothing in its example\n  help: {LOST}"]),
    ],
)
def test_strict_names_a_veto_of_what_would_lose(tmp_path, small, strict, expected):
    """RT306 for a veto that only takes away what loses anyway, to a longer name."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "gazetteers").mkdir()
    loaded = RULES + "  - {name: OCSX, example: L'OCSX Tavert part.}\n"
    (tmp_path / "rules" / "rules.yaml").write_text(loaded, encoding="utf-8")
    (tmp_path / "gazetteers" / "a.yaml").write_text("label: ORG\nentries: [OCSX Tavert]\n", encoding="utf-8")
    faults = check(str(tmp_path / "rules"), str(tmp_path / "gazetteers"), strict=strict)
    assert [format_fault(fault) for fault in faults if "veto" in fault.message] == expected


@pytest.mark.parametrize(
    ("veto", "fault"),
    [
        ("{name: MM}", "rules/rules.yaml:13:5: RT202 a veto lacks the field 'example'"),
        ("{name: MM, label: ORGA, example: MM}", "rules/rules.yaml:13:23: RT205 unknown label 'ORGA'"),
        ("{name: '!', example: '!'}", "rules/rules.yaml:13:12: RT204 the veto '!' contains no letter or digit"),
        ("{name: MM, after: '<inn>', example: MM}", "rules/rules.yaml:13:24: RT303 unknown class <inn>"),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_veto_that_cannot_be_read(tmp_path, small, veto, fault):
    """Each fault with its place and its cure."""
    with pytest.raises(RuletagError) as refused:
        tagger(tmp_path, veto)
    [refusal] = refused.value.faults
    assert format_fault(refusal).splitlines()[0].partition(" (in the pattern")[0] == fault
