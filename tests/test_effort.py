"""Actions and seconds by hand, the break-even, and the laws of effort."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makers import hits_of
from properties import examples
from ruletag.evaluation.borders import Borders
from ruletag.evaluation.causes import Judged, Verdict, judge_all
from ruletag.evaluation.effort import ACTIONS, COSTS, FASTEST, SLOWEST, Costs, Effort, count_words, estimate
from ruletag.model import LABELS, Document, Entity
from ruletag.report.effort import format_effort

BORDERS = Borders(hits_of([]))
TEXT = "Marie Curie, Paris, le Rhône, Lille et Orange."
ROUND = Costs(accept=1, rebound=4, relabel=3, add=5, delete=2, read=0.5)
PAGE = Path(__file__).parents[1] / "docs" / "reference" / "report.md"


def doc(*names, text=TEXT):
    """An annotated document of surfaces with their labels."""
    spans = [(text.index(surface), text.index(surface) + len(surface), label) for surface, label in names]
    return Document(text, tuple(Entity(*span, text[span[0] : span[1]]) for span in spans), annotated=True)


def test_actions_by_hand():
    """One verdict of each cause: a span wrong in border and label is corrected twice."""
    gold = doc(("Marie Curie", "PER"), ("Paris", "LOC"), ("Rhône", "LOC"), ("Lille et", "LOC"))
    predicted = doc(("Marie", "PER"), ("Paris", "ORG"), ("Lille", "ORG"), ("Orange", "ORG"))
    effort = estimate(judge_all([(gold, predicted), (doc(("Paris", "LOC")),) * 2], BORDERS), ROUND)
    assert effort == Effort(accept=1, rebound=2, relabel=2, add=1, delete=1, gold=5, words=16, costs=ROUND)
    assert (effort.edits, effort.seconds, effort.seconds_without) == (6, 1 + 8 + 6 + 5 + 2 + 8, 25 + 8)
    assert (effort.saving, effort.break_even, effort.pays) == (pytest.approx(1 - 30 / 33), 4.0, True)
    assert (effort.per_thousand(effort.edits), effort.per_thousand(effort.gold)) == (375.0, 312.5)


def test_nothing_to_review():
    """Without spans and words there is no effort, no saving and no break-even."""
    effort = estimate([])
    assert effort == Effort(costs=Costs())
    figures = (effort.seconds, effort.saving, effort.pays, effort.break_even, effort.per_thousand(3))
    assert figures == (0.0, 0.0, False, None, 0.0)


def test_the_range_is_that_of_reviewers():
    """Actions take the quickest and the slowest reviewer other times, and reading takes them the same."""
    effort = Effort(accept=8, add=2, gold=10, words=100, costs=ROUND)
    expected = [1 - (50 + 18 * pace) / (50 + 50 * pace) for pace in (FASTEST, SLOWEST)]
    assert effort.saving_range == pytest.approx(tuple(expected))
    assert expected[0] < effort.saving < expected[1]


def test_costs_are_not_negative():
    """A cost below zero is refused, and named; nothing may be free."""
    assert Costs(accept=0).accept == 0
    with pytest.raises(ValueError, match=r"costs must not be negative: add, delete"):
        Costs(add=-1, delete=-0.5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("Marie Curie, née en 1867.", 4),
        ("l'Iran et l’ONU", 5),
        ("Jean-Luc M. O.N.U. XIVe", 4),
        ("Œuvre été œuf E\u0301te\u0301 ça", 5),
        ("12 3,5 14e « » - … \U0001f600", 0),
        ("Ελλάδα Москва", 2),
    ],
)
def test_words(text, words):
    """A word begins with a letter, of any script; an elided one counts, a number does not."""
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("effort", "sentence"),
    [
        (Effort(), "these texts have nothing to mark"),
        (
            Effort(accept=8, add=2, gold=10, costs=ROUND),
            "pre-annotation saves an estimated 64 % of reviewing time (64 to 64 %, depending on the reviewer), "
            "provided that accepting a correct span takes less than 5.0 s",
        ),
        (
            Effort(relabel=2, gold=2, words=20, costs=ROUND),
            "pre-annotation saves an estimated 20 % of reviewing time (18 to 24 %, depending on the reviewer)",
        ),
        (
            Effort(accept=2, add=1, delete=5, gold=3, costs=replace(ROUND, accept=3)),
            "pre-annotation costs an estimated 40 % more reviewing time (40 to 40 %, depending on the reviewer), "
            "however quickly correct spans are accepted",
        ),
        (
            Effort(accept=2, add=1, delete=4, gold=3, costs=replace(ROUND, accept=3)),
            "pre-annotation costs an estimated 27 % more reviewing time (27 to 27 %, depending on the reviewer); "
            "it would save time if accepting a correct span took less than 1.0 s",
        ),
        (
            Effort(add=1, delete=2, gold=1, words=10, costs=ROUND),
            "pre-annotation costs an estimated 40 % more reviewing time (35 to 47 %, depending on the reviewer), "
            "however quickly correct spans are accepted",
        ),
    ],
)
def test_the_sentence(effort, sentence):
    """Whether it pays, by how much, and what accepting may cost."""
    assert format_effort(effort) == sentence


@st.composite
def annotated(draw):
    """A document with any spans."""
    starts = st.integers(0, len(TEXT) - 1)
    spans = draw(st.lists(st.tuples(starts, st.integers(1, 9), st.sampled_from(LABELS)), max_size=5))
    ends = [(start, min(start + length, len(TEXT)), label) for start, length, label in spans]
    return Document(TEXT, tuple(Entity(*span, TEXT[span[0] : span[1]]) for span in ends), annotated=True)


@examples(25)
@given(st.lists(st.tuples(annotated(), annotated()), max_size=3))
def test_actions_sum_to_the_verdicts(pairs):
    """An action for each verdict, two where border and label are wrong; halves add up; the break-even breaks even."""
    judged = judge_all(pairs, BORDERS)
    effort = estimate(judged)
    causes = Counter(verdict.cause for document in judged for verdict in document.verdicts)
    assert sum(getattr(effort, action) for action in ACTIONS) == causes.total() + causes["both"]
    assert effort.gold == sum(len(gold.entities) for gold, _ in pairs)
    parts = [estimate([document]) for document in judged]
    for name in (*ACTIONS, "gold", "words"):
        assert sum(getattr(part, name) for part in parts) == getattr(effort, name)
    if effort.break_even is not None and effort.break_even >= 0:
        even = replace(effort, costs=replace(effort.costs, accept=effort.break_even))
        assert even.seconds == pytest.approx(even.seconds_without)


@examples(10)
@given(annotated())
def test_without_errors_there_is_only_accepting(gold):
    """A perfect prediction is accepted span by span: what adding costs more is saved, and reading is not."""
    effort = estimate(judge_all([(gold, gold)], BORDERS))
    count = len(gold.entities)
    assert effort == Effort(accept=count, gold=count, words=8)
    assert effort.saving == pytest.approx(count * (4.7 - 1.55) / (count * 4.7 + 8 * 0.25))


def test_a_missed_document_costs_what_it_costs_without():
    """If nothing was predicted, every span is added either way."""
    gold = doc(("Paris", "LOC"), ("Lille", "LOC"))
    empty = replace(gold, entities=())
    judged = [Judged(gold, empty, tuple(Verdict("missed", "", entity, None) for entity in gold.entities))]
    assert (estimate(judged).saving, estimate(judged).pays) == (0.0, False)


def test_actions_and_their_seconds_are_documented():
    """The table of the reference page says each action and its default cost."""
    section = re.split(r"^## ", PAGE.read_text(encoding="utf-8").partition("\n## Review effort\n")[2], flags=re.M)[0]
    table = re.findall(r"^\| `(\w+)` .* ([\d.]+) \|$", section, re.M)
    assert [(action, float(seconds)) for action, seconds in table] == [
        (action, getattr(Costs(), action)) for action in COSTS
    ]
