"""Kappa and confusion by hand, and two systems side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makers import hits_of
from properties import examples
from ruletag import markup
from ruletag.evaluation.agreement import Kappa, agreement, side_by_side
from ruletag.evaluation.borders import Borders
from ruletag.evaluation.measures import Counts
from ruletag.evaluation.score import score
from ruletag.model import LABELS, Document, Entity

TEXT = "Marie Curie est née à Varsovie, en mai."
PARTS = ("both", "only_first", "only_second", "neither", "spurious_both", "spurious_first", "spurious_second")


def doc(*spans, text=TEXT, **fields):
    entities = tuple(Entity(start, end, label, text[start:end]) for start, end, label in spans)
    return Document(text, entities, **{"annotated": True} | fields)


@st.composite
def annotated(draw):
    """A document with any spans: nested, crossing, doubled."""
    spans = st.tuples(st.integers(0, 30), st.integers(1, 8), st.sampled_from(LABELS))
    return doc(*((start, start + length, label) for start, length, label in draw(st.lists(spans, max_size=5))))


def test_agreement_by_hand():
    """Nine tokens, four of them marked by either annotator, two alike."""
    first = markup.parse("[Marie Curie](PER) est née à [Varsovie](LOC), en mai.")
    second = markup.parse("[Marie Curie](PER) est née à [Varsovie](ORG), en [mai](MISC).")
    result = agreement([(first, second)])
    assert result.confusion == {("LOC", "ORG"): 1, ("O", "MISC"): 1, ("O", "O"): 6, ("PER", "PER"): 2}
    assert result.spans == {"PER": Counts(1, 1, 1), "LOC": Counts(1, 0), "ORG": Counts(0, 1), "MISC": Counts(0, 1)}
    assert (result.f1, result.documents, result.skipped) == (0.4, 1, ())
    assert (result.kappa, result.kappa_marked) == (Kappa(10, 8, 2 * 2 + 7 * 6), Kappa(4, 2, 2 * 2))
    assert (result.kappa.observed, result.kappa.expected) == (0.8, 0.46)
    assert result.kappa.value == (0.8 - 0.46) / (1 - 0.46)
    assert result.kappa_marked.value == (0.5 - 0.25) / (1 - 0.25)


def test_kappa_of_a_published_table():
    """Cohen's measure on 50 cases of two raters: 20 both yes, 15 both no, 5 and 10 apart, is 0.4."""
    assert Kappa(50, 35, 25 * 30 + 25 * 20).value == pytest.approx(0.4)


def test_kappa_has_no_value_where_chance_explains_all():
    """One label from both: observed agreement is perfect, and so is the expected one. Without tokens both are 0."""
    result = agreement([(doc((0, 11, "PER")), doc((0, 11, "PER")))])
    assert result.kappa_marked == Kappa(2, 2, 4)
    assert (result.kappa.value, result.kappa_marked.value, result.kappa_marked.observed) == (1.0, None, 1.0)
    nothing = agreement([])
    assert (nothing.f1, nothing.kappa.value, nothing.kappa.observed, nothing.kappa.expected) == (0.0, None, 0.0, 0.0)


def test_kappa_over_all_tokens_is_lifted_by_plain_text():
    """With the same names in a longer text, only the figure over marked tokens stays."""
    figures = []
    for tail in ("", " rien" * 100):
        text = TEXT + tail
        spans = (0, 11, "PER"), (22, 30, "LOC")
        result = agreement([(doc(*spans, text=text), doc((0, 11, "PER"), (22, 30, "ORG"), text=text))])
        figures.append((round(result.kappa.value, 3), result.kappa_marked.value))
    assert figures == [(0.787, 0.4), (0.83, 0.4)]


def test_documents_that_one_of_the_two_did_not_annotate():
    """They are named and not counted."""
    raw = replace(doc(), annotated=False, id="a")
    result = agreement([(raw, doc()), (doc(path="b.txt"), raw), (doc(), doc())])
    assert (result.documents, result.skipped, result.kappa.tokens) == (1, ("a", "b.txt"), 10)


@examples(40)
@given(annotated(), annotated())
def test_agreement_is_symmetric(first, second):
    """Called the other way round: the same figures, and the confusion turned round."""
    there, back = agreement([(first, second)]), agreement([(second, first)])
    assert (there.f1, there.kappa, there.kappa_marked) == (back.f1, back.kappa, back.kappa_marked)
    assert there.confusion == {pair[::-1]: tokens for pair, tokens in back.confusion.items()}
    assert sum(there.confusion.values()) == 10


@examples(40)
@given(st.lists(st.tuples(annotated(), annotated()), max_size=4))
def test_agreement_is_that_of_the_score(pairs):
    """Spans are counted as by the strict measure, tokens as by the measure of tokens."""
    both, result = agreement(pairs), score(pairs, Borders(hits_of([])))
    assert both.spans == result.counts["strict"]
    agreed = sum(tokens for (ours, theirs), tokens in both.confusion.items() if ours == theirs != "O")
    assert agreed == result.micro("token").correct


def test_side_by_side_by_hand():
    """Each gold span and each spurious one stands in one place, with its document."""
    text = "a b c d e f"
    places = {letter: (text.index(letter), text.index(letter) + 1, "PER") for letter in "abcdef"}

    def marked(letters):
        return doc(*(places[letter] for letter in letters), text=text, id=letters)

    comparison = side_by_side([(marked("abcd"), marked("abe"), marked("acef"))])
    letters = {part: [item.entity.text for item in getattr(comparison, part)] for part in PARTS}
    assert letters == {
        "both": ["a"],
        "only_first": ["b"],
        "only_second": ["c"],
        "neither": ["d"],
        "spurious_both": ["e"],
        "spurious_first": [],
        "spurious_second": ["f"],
    }
    assert {item.document.id for part in PARTS for item in getattr(comparison, part)} == {"abcd"}


def test_side_by_side_of_spans_that_stand_twice():
    """The first of two is right; what is given too often is spurious."""
    once, twice, thrice = ([(0, 5, "PER")] * times for times in (1, 2, 3))
    comparison = side_by_side([(doc(*twice), doc(*once), doc(*thrice))])
    assert {part: len(getattr(comparison, part)) for part in PARTS if getattr(comparison, part)} == {
        "both": 1,
        "only_second": 1,
        "spurious_second": 1,
    }


def test_side_by_side_skips_what_has_no_gold():
    """A raw text is named."""
    comparison = side_by_side(
        [(replace(doc(), annotated=False, id="a"), doc((0, 5, "PER")), doc()), (doc(), doc(), doc())]
    )
    assert (comparison.documents, comparison.skipped, comparison.spurious_first) == (1, ("a",), ())


@examples(40)
@given(annotated(), annotated(), annotated())
def test_side_by_side_agrees_with_the_scores(gold, first, second):
    """The right and wrong spans of each add up to its strict counts."""
    comparison = side_by_side([(gold, first, second)])
    parts = {part: len(getattr(comparison, part)) for part in PARTS}
    for name, predicted in (("first", first), ("second", second)):
        right = parts["both"] + parts[f"only_{name}"]
        spurious = parts["spurious_both"] + parts[f"spurious_{name}"]
        gold_spans = sum(parts[part] for part in PARTS[:4])
        assert score([(gold, predicted)], Borders(hits_of([]))).micro() == Counts(gold_spans, right + spurious, right)


@pytest.mark.parametrize(
    "call", [lambda: agreement([(doc(), doc(text="b"))]), lambda: side_by_side([(doc(), doc(), doc(text="b"))])]
)
def test_texts_must_be_the_same(call):
    """Annotations of another text cannot be compared."""
    with pytest.raises(ValueError, match=r"^the two are of different texts$"):
        call()
