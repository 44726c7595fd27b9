"""Capitalised words that came to nothing: which they are, and which rules are near."""

from __future__ import annotations

from makers import rule_of, tagger_of
from ruletag.model import Entry, Source
from ruletag.report.explanation import UnreachedRecord, format_explanation, make_explanation
from test_overlay import entry

RULES = [
    rule_of("title:( <title> ) [ Cap ]", id="per.title", classes=["title"], line=1),
    rule_of("ville de [ Cap ]", id="loc.town", label="LOC", line=2),
]
ENTRIES = [entry("chef", "title", 1), entry("Mali", "LOC", 1), Entry("Orange", "ORG", Source("entry", "Orange"), True)]


def reached(text: str) -> list[tuple[str, list[str]]]:
    """The runs that nothing reached in a text, with the rules that are named."""
    unreached_places = tagger_of(ENTRIES, RULES, common=[b"mille", b"le"], engine="plain").explain(text).unreached
    assert all(text[unreached.start : unreached.end] == unreached.text for unreached in unreached_places)
    return [(unreached.text, [miss.rule.id for miss in unreached.nearest]) for unreached in unreached_places]


def test_runs_that_nothing_overlaps():
    """A run of capitalised words; no span, no title before it, nothing that a list has, no common word at the head."""
    assert reached("Le chef Zed voit Belle Étoile à Orange, au Mali. Mille fois. Mille Sabords et zut.") == [
        ("Belle Étoile", []),
        ("Sabords", []),
    ]
    assert reached("ce Chef Zed, un Chef.") == []
    assert reached("l'Étoile, Jean-Luc. 3 Ans") == [("Étoile", []), ("Jean-Luc", []), ("Ans", [])]
    assert reached("") == reached("Le mali dort.") == []


def test_the_nearest_rules_on_the_line():
    """Near misses whose anchor is near, the nearest first; none on another line, none far away."""
    assert reached("Le chef de la ville du Zed.") == [("Zed", ["loc.town", "per.title"])]
    assert reached("Le chef,\nune ville\nZed.") == [("Zed", [])]
    assert reached("Le chef" + " ," * 30 + " Zed.") == [("Zed", [])]


def test_it_is_said_with_the_command_that_adds_it():
    """As text and as JSON."""
    explanation = tagger_of(ENTRIES, RULES, engine="plain").explain("le chef du Zed")
    assert format_explanation(explanation).splitlines()[1:4] == [
        "nothing: [Zed] 11:14: no list has it, and no rule reached it",
        "    nearest: per.title (rules/r.yaml:1) from <title> [chef]: wanted Cap where the text has “du Zed”",
        '    to add it: ruletag add "Zed" LABEL',
    ]
    assert make_explanation(explanation).unreached == (UnreachedRecord(11, 14, "Zed", ("per.title",)),)
