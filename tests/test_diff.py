"""Two taggings of one text compared: applying what differs gives the second; each difference names a changed line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ruletag.tagger
from makers import NAMES, rule_of
from properties import examples
from ruletag import Tagger
from ruletag.diff import Difference, apply, compare, differences, edits, right
from ruletag.gazetteer import respelt
from ruletag.guideline import Guideline
from ruletag.knowledge import Knowledge
from ruletag.model import Document, Entity, Entry, Source
from ruletag.rules import Rule, Veto
from test_overlay import ENTRIES, RULES, TEXTS, VETOES, entry

OTHER_RULE = rule_of("le [ Cap ]", id="misc.the", label="MISC", line=5)


def tagger_of(entries: list[Entry], rules: list[Rule], vetoes: list[Veto], name: str = "plain") -> Tagger:
    every = [*entries, *respelt(entries)]
    return Tagger(Knowledge.of(every, rules, Guideline("canonical"), [b"orange"], vetoes), engine=name)


STATES = st.tuples(
    st.lists(ENTRIES, max_size=6),
    st.sampled_from([RULES, RULES, RULES, RULES[1:], [*RULES, OTHER_RULE]]),
    st.lists(VETOES, max_size=2),
)


@given(STATES, STATES, st.booleans(), st.sampled_from(NAMES), st.lists(TEXTS, min_size=1, max_size=4))
@examples(200)
def test_applying_the_differences_gives_the_second(one, other, near, name, texts) -> None:
    """For any two states of knowledge, far apart or an entry apart: the first tagging and the differences are the
    second, where a text is tagged twice and where it is not."""
    if near:
        other = (one[0] + other[0][:1], one[1], one[2])
    before, after = tagger_of(*one, name), tagger_of(*other, name)
    changes, _, _ = compare(before, after, [Document(text) for text in texts])
    for text, change in zip(texts, changes, strict=True):
        expected = [entity.span for entity in after.tag(text).entities]
        assert [entity.span for entity in apply(change.differences, before.tag(text).entities)] == expected
        changed = {e.span for e in before.tag(text).entities} ^ set(expected)
        assert {e.span for d in change.differences for e in (d.before, d.after) if e} == changed


def document(text: str, *names: tuple[str, str]) -> Document:
    spans = [(text.index(surface), surface, label) for surface, label in names]
    return Document(text, tuple(Entity(start, start + len(surface), label, surface) for start, surface, label in spans))


def test_the_four_kinds() -> None:
    """Added, gone, relabelled, rebound; a span whose label and borders differ is rebound."""
    text = "Le Mali, Jean Paul Orsk, Orange et la ville de Zed."
    before = document(text, ("Mali", "LOC"), ("Jean Paul", "PER"), ("Orange", "LOC"))
    after = document(text, ("Mali", "ORG"), ("Paul Orsk", "ORG"), ("ville de Zed", "LOC"))
    diff = differences(before, after)
    described = [
        (difference.kind, *(e and e.text for e in (difference.before, difference.after)), difference.place)
        for difference in diff
    ]
    assert described == [
        ("relabelled", "Mali", "Mali", (3, 7)),
        ("rebound", "Jean Paul", "Paul Orsk", (9, 23)),
        ("gone", "Orange", None, (25, 31)),
        ("added", None, "ville de Zed", (38, 50)),
    ]
    assert differences(before, before) == ()
    with pytest.raises(ValueError, match="must have the same text"):
        differences(before, Document("Le Mali"))


CASES = {
    "the entry that is the span": (([], []), ([entry("Orsk", "PER", 1)], []), "Orsk vient.", "+ Orsk"),
    "the entry that was it": (([entry("Orsk", "PER", 1)], []), ([], []), "Orsk vient.", "- Orsk"),
    "the mention that memory has it from": (
        ([], []),
        ([entry("Ana Orsk", "PER", 1)], []),
        "Ana Orsk. Orsk.",
        "+ Ana Orsk",
    ),
    "the longer entry in its place": (
        ([entry("Mali", "LOC", 1)], []),
        ([entry("Mali", "LOC", 1), entry("Mali Sud", "ORG", 2)], []),
        "Mali Sud",
        "+ Mali Sud",
    ),
    "the longer entry that stood in its place": (
        ([entry("Mali", "LOC", 1), entry("Mali Sud", "ORG", 2)], []),
        ([entry("Mali", "LOC", 1)], []),
        "Mali Sud",
        "- Mali Sud",
    ),
    "the word that the rule asked for": (([], []), ([entry("chef", "title", 3)], []), "le chef Zed", "+ chef"),
    "the veto": (
        ([entry("chef", "title", 3)], []),
        ([entry("chef", "title", 3)], [Veto("Zed", Source("veto", "Zed", "rules/n.yaml", 1))]),
        "le chef Zed",
        "+ Zed",
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", NAMES)
def test_the_line_that_is_responsible(case: str, name: str) -> None:
    """The rule, entry or veto that made a span, replaced it, permitted it or prevented it."""
    one, other, text, line = CASES[case]
    before, after = (tagger_of(entries, RULES, vetoes, name) for entries, vetoes in (one, other))
    [changed], _, _ = compare(before, after, [Document(text)])
    assert {
        f"{difference.because.sign} {difference.because.source.name}"
        for difference in changed.differences
        if difference.because
    } == {line}
    assert changed.differences


def test_a_changed_rule_is_responsible() -> None:
    """A rule that came, in all texts."""
    before, after = tagger_of([], RULES, []), tagger_of([], [*RULES, OTHER_RULE], [])
    changed, edited, twice = compare(before, after, [Document("le Zed"), Document("rien")])
    assert [str(difference.because) for difference in changed[0].differences] == ["+ misc.the (rules/r.yaml:5)"]
    assert (edited.everywhere, twice) == (True, 2)


def test_only_texts_that_can_differ_are_tagged_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of five texts the two that hold the surface that came are tagged under both states, the others once."""
    before = tagger_of([entry("Mali", "LOC", 1)], RULES, [])
    after = tagger_of([entry("Mali", "LOC", 1), entry("Orsk", "ORG", 1)], RULES, [])
    tagged: list[str] = []
    original = ruletag.tagger.Tagger.tag
    monkeypatch.setattr(ruletag.tagger.Tagger, "tag", lambda self, text: tagged.append(text) or original(self, text))
    texts = [Document(text) for text in ("Mali", "Orsk", "le Zed", "orsk", "rien")]
    assert compare(before, after, texts)[2] == 2
    assert tagged == ["Mali", "Orsk", "Orsk", "le Zed", "orsk", "orsk", "rien"]


def test_where_a_line_stands_is_no_edit() -> None:
    """An entry that a new line above has moved is the same; one that moved to another file is not."""
    before = tagger_of([entry("Mali", "LOC", 1)], RULES, []).knowledge.read
    moved, elsewhere = (tagger_of([entry("Mali", "LOC", line)], RULES, []).knowledge.read for line in (4, 5))
    assert edits(before, moved).lines == ()
    assert [*map(str, edits(before, elsewhere).lines)] == [
        "+ Mali (gazetteers/LOC2.yaml:5)",
        "- Mali (gazetteers/LOC1.yaml:1)",
    ]


def test_right_and_wrong_by_the_gold() -> None:
    """A right span that came, a wrong one that went; a relabelled one may be both."""
    text = "Le Mali et Zed"
    mali, zed = (document(text, name_and_label).entities[0] for name_and_label in (("Mali", "LOC"), ("Zed", "PER")))
    gold = [mali.span]
    other = replace(mali, label="ORG")
    cases = [Difference(None, mali), Difference(zed, None), Difference(other, mali), Difference(mali, other)]
    assert [right(case, gold) for case in cases] == [(1, 0), (0, -1), (1, -1), (-1, 1)]
