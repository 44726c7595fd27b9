"""Intervals and differences: what they must be where the answer is known, and that order does not count."""

from __future__ import annotations

import random
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makers import hits_of
from properties import examples
from ruletag.evaluation.borders import Borders
from ruletag.evaluation.measures import Counts
from ruletag.evaluation.score import DocumentScore, Score, score
from ruletag.evaluation.uncertainty import ROWS, Difference, Interval, difference, f1_intervals, wilson
from ruletag.model import LABELS, Document, Entity


def made(*units):
    """A score of documents that hold the given counts."""
    per_document = tuple(DocumentScore(str(place), "", {"strict": unit}) for place, unit in enumerate(units))
    totals = {label: sum((unit.get(label, Counts()) for unit in units), Counts()) for label in LABELS}
    return Score({"strict": totals}, len(units), (), per_document)


def people(*triples):
    return made(*({"PER": Counts(*triple)} for triple in triples))


UNIT = st.dictionaries(
    st.sampled_from(LABELS),
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)).map(
        lambda numbers: Counts(numbers[0] + numbers[2], numbers[1] + numbers[2], numbers[2])
    ),
)
UNITS = st.lists(UNIT, min_size=2, max_size=6)


def naive(units, resamples, seed):
    """The bootstrap in its defined order, but adding counts one by one."""

    def key(unit):
        counts = [unit.get(label, Counts()) for label in LABELS]
        return tuple(number for count in counts for number in (2 * count.correct, count.gold + count.predicted))

    units = sorted(units, key=key)
    chance = random.Random(seed)
    drawn = [made(*chance.choices(units, k=len(units))) for _ in range(resamples)]
    rank = max(1, (resamples + 1) * 25 // 1000)
    intervals = {}
    for row, labels in ROWS.items():
        column = sorted(sample.micro("strict", labels).f1 for sample in drawn)
        intervals[row] = Interval(made(*units).micro("strict", labels).f1, column[rank - 1], column[-rank])
    return intervals


@examples(10)
@given(UNITS, st.integers(0, 3))
def test_intervals_equal_those_of_a_naive_bootstrap(units, seed):
    """Sums of packed counts are sums of counts, for every row."""
    assert f1_intervals(made(*units), resamples=40, seed=seed) == naive(units, 40, seed)


PAIRED = st.lists(
    st.builds(
        lambda gold, *pairs: tuple({"LOC": Counts(gold, number, min(gold, number, right))} for number, right in pairs),
        st.integers(0, 4),
        *[st.tuples(st.integers(0, 4), st.integers(0, 4))] * 2,
    ),
    min_size=2,
    max_size=8,
)


@examples(25)
@given(PAIRED, st.randoms(use_true_random=False))
def test_the_order_of_documents_changes_no_figure(units, mixer):
    """Intervals and differences look at a multiset of counts."""
    first, second = (made(*side) for side in zip(*units, strict=True))
    mixer.shuffle(units)
    mixed, mixed_second = (made(*side) for side in zip(*units, strict=True))
    assert f1_intervals(mixed, resamples=30) == f1_intervals(first, resamples=30)
    assert difference(mixed, mixed_second, trials=30) == difference(first, second, trials=30)


@examples(25)
@given(PAIRED)
def test_the_order_of_systems_changes_no_chance(units):
    """The difference of A and B is that of B and A."""
    first, second = (made(*side) for side in zip(*units, strict=True))
    there, back = difference(first, second, trials=50), difference(second, first, trials=50)
    assert (there.first, there.second, there.p) == (back.second, back.first, back.p)


def test_documents_that_are_alike_leave_no_doubt():
    """Every sample has the F1 of the whole; a label that is nowhere has 0."""
    intervals = f1_intervals(people(*[(3, 3, 2)] * 9))
    sure = Interval(2 / 3, 2 / 3, 2 / 3)
    assert intervals == dict.fromkeys(ROWS, Interval(0.0, 0.0, 0.0)) | dict.fromkeys(
        ["PER", "PER+LOC+ORG", "micro"], sure
    )


def test_the_bounds_are_the_25th_of_1000():
    """Of two documents, one perfect and one missed, a quarter of the draws has the first twice and one has neither."""
    assert f1_intervals(people((1, 1, 1), (1, 0, 0)))["PER"] == Interval(2 / 3, 0.0, 1.0)
    # 20 documents, one of them missed: the number of its draws is binomial, here at most 3 in 97.5 % of the draws
    low = f1_intervals(people((1, 0, 0), *[(1, 1, 1)] * 19))["PER"].low
    above = sum(comb(20, hits) / 20**20 * 19 ** (20 - hits) for hits in range(4, 21))
    assert (round(above, 3), low) == (0.016, 2 * 17 / 37)


def test_a_seed_is_a_choice():
    """A seed always gives the same bounds, another seed others."""
    result = people(*((9, 9, right) for right in range(9)))
    assert f1_intervals(result, seed=1) == f1_intervals(result, seed=1)
    assert f1_intervals(result, seed=1) != f1_intervals(result, seed=2)


def test_one_document_is_drawn_by_paragraphs():
    """If there is only one document, its lines are the units, and the values are those of the whole."""
    text = "Marie\nParis\nMarie\n"
    entities = [Entity(0, 5, "PER", "Marie"), Entity(6, 11, "LOC", "Paris"), Entity(12, 17, "PER", "Marie")]
    gold = Document(text, tuple(entities), annotated=True)
    result = score([(gold, Document(text, tuple(entities[:2])))], Borders(hits_of([])))
    intervals = f1_intervals(result)
    assert (intervals["PER"], intervals["micro"].value) == (Interval(2 / 3, 0.0, 1.0), result.micro().f1)
    assert difference(result, result) == Difference(0.8, 0.8, 1.0, 3, 9999)


def test_a_single_paragraph_has_no_interval():
    """Each resample would be the paragraph itself: an interval of no width would promise too much."""
    gold = Document("Marie", (Entity(0, 5, "PER", "Marie"),), annotated=True)
    assert f1_intervals(score([(gold, gold)], Borders(hits_of([])))) == {}


@pytest.mark.parametrize(
    ("units", "p"),
    [
        # three documents that only the first has right: as large only where all three are exchanged, or none is
        ([((1, 1, 1), (1, 0, 0))] * 3, 0.25),
        # six: 2 / 64; a document that is alike for both changes nothing
        ([((1, 1, 1), (1, 0, 0))] * 6 + [((5, 5, 3), (5, 5, 3))], 2 / 64),
        # one each: no exchange brings a smaller difference than none
        ([((1, 1, 1), (1, 0, 0)), ((1, 0, 0), (1, 1, 1))], 1.0),
    ],
)
def test_the_chance_of_a_difference(units, p):
    """The share of all exchanges, as far as 9,999 of them tell."""
    first, second = (people(*side) for side in zip(*units, strict=True))
    interval = difference(first, second)
    assert (interval.first, interval.second, interval.units) == (first.micro().f1, second.micro().f1, len(units))
    assert interval.p == pytest.approx(p, abs=0.01)


def test_a_chance_is_never_zero():
    """The systems as they are count as one trial: (r + 1) / (trials + 1)."""
    first, second = people(*[(1, 1, 1)] * 40), people(*[(1, 0, 0)] * 40)
    assert difference(first, second, trials=99).p == 0.01


def test_what_cannot_be_drawn_or_compared():
    """Nothing scored, no trials, and gold that is not the same."""
    with pytest.raises(ValueError, match=r"^an interval needs a scored document and a resample$"):
        f1_intervals(made())
    with pytest.raises(ValueError, match=r"^a comparison needs a scored document and a trial$"):
        difference(people((1, 1, 1), (1, 1, 1)), people((1, 1, 1), (1, 1, 1)), trials=0)
    for other in (people((1, 1, 1), (2, 1, 1)), people(*[(1, 1, 1)] * 3)):
        with pytest.raises(ValueError, match=r"^the two are not scored on the same gold, in the same order$"):
            difference(people((1, 1, 1), (1, 1, 1)), other)


@pytest.mark.parametrize(
    ("correct", "total", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (4, 4, 0.5101, 1.0),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson(correct, total, low, high):
    """Published intervals, and the ends of the scale exactly."""
    interval = wilson(correct, total)
    assert (interval.value, round(interval.low, 4), round(interval.high, 4)) == (correct / (total or 1), low, high)


@pytest.mark.parametrize(("correct", "total"), [(2, 1), (-1, 3)])
def test_wilson_of_no_proportion(correct, total):
    """More hits than cases, or fewer than none."""
    with pytest.raises(ValueError, match=rf"^{correct} of {total} is no proportion$"):
        wilson(correct, total)
