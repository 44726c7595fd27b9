"""Pairs by hand, and every pairing of a small case tried against the one that is made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties import examples
from ruletag.evaluation.pairing import pair

SPANS = st.lists(
    st.builds(
        lambda start, length, label: (start, start + length, label),
        st.integers(0, 8),
        st.integers(1, 5),
        st.sampled_from(["PER", "LOC"]),
    ),
    max_size=4,
)


def shared(one, other):
    return min(one[1], other[1]) - max(one[0], other[0])


def pairings(gold, predicted, allowed):
    """Every one-to-one pairing of overlapping spans, as lists of pairs."""
    if not gold:
        yield []
        return
    first = len(gold) - 1
    for rest in pairings(gold[:first], predicted, allowed):
        yield rest
        taken = {other for _, other in rest}
        for other, span in enumerate(predicted):
            if other not in taken and allowed(gold[first], span):
                yield [*rest, (first, other)]


def worth(gold, predicted, pairs):
    """The weight of a pair: 2 for equal borders and 1 for an overlap."""
    equal = sum(gold[i][:2] == predicted[j][:2] for i, j in pairs)
    return equal + len(pairs)


@examples(150)
@given(SPANS, SPANS)
def test_no_other_pairing_is_worth_more(gold, predicted):
    """Of all pairings of overlapping spans, none has more credit; nor more equal borders, nor more equal spans."""
    pairs = pair(gold, predicted)
    all_pairings = list(pairings(gold, predicted, lambda one, other: shared(one, other) > 0))
    assert pairs in all_pairings
    assert worth(gold, predicted, pairs) == max(worth(gold, predicted, pairing) for pairing in all_pairings)
    for size in (2, 3):
        same = [sum(gold[i][:size] == predicted[j][:size] for i, j in pairing) for pairing in (pairs, *all_pairings)]
        assert same[0] == max(same)


@examples(150)
@given(SPANS, SPANS)
def test_of_the_same_label_there_is_no_larger_pairing(gold, predicted):
    """With `same_label`, as many pairs are made as any pairing has, nested spans or not."""
    pairs = pair(gold, predicted, same_label=True)
    all_pairings = list(pairings(gold, predicted, lambda one, other: shared(one, other) > 0 and one[2] == other[2]))
    assert pairs in all_pairings
    assert len(pairs) == max(map(len, all_pairings))


@examples(100)
@given(SPANS, SPANS, st.booleans())
def test_the_sides_are_treated_alike(gold, predicted, same_label):
    """Called the other way round, the same spans are in a pair, and as many pairs have the same borders and label."""
    there = pair(gold, predicted, same_label=same_label)
    back = pair(predicted, gold, same_label=same_label)
    assert sorted(gold[i] for i, _ in there) == sorted(gold[i] for _, i in back)
    assert sorted(predicted[j] for _, j in there) == sorted(predicted[j] for j, _ in back)


@examples(100)
@given(SPANS, SPANS, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_spans_changes_no_pair(gold, predicted, same_label, random):
    """The pairs do not depend on the order of the spans."""
    there = sorted((gold[i], predicted[j]) for i, j in pair(gold, predicted, same_label=same_label))
    random.shuffle(gold)
    random.shuffle(predicted)
    assert sorted((gold[i], predicted[j]) for i, j in pair(gold, predicted, same_label=same_label)) == there


@pytest.mark.parametrize(
    ("gold", "predicted", "pairs", "alike"),
    [
        # adjacent spans share nothing
        ([(0, 5, "PER")], [(5, 9, "PER")], [], []),
        # duplicates pair with duplicates
        ([(0, 5, "PER"), (0, 5, "PER")], [(0, 5, "PER")], [(0, 0)], [(0, 0)]),
        # equal borders of another label go before an overlap of the same label
        ([(0, 5, "PER")], [(0, 4, "PER"), (0, 5, "LOC")], [(0, 1)], [(0, 0)]),
        # of two overlaps, the one of the same label, though it comes second
        ([(0, 2, "PER"), (3, 5, "LOC")], [(1, 4, "LOC")], [(1, 0)], [(1, 0)]),
        # of two overlaps of the same label, the larger
        ([(0, 9, "PER")], [(0, 3, "PER"), (4, 9, "PER")], [(0, 1)], [(0, 1)]),
        # of two overlaps as large, the first
        ([(0, 9, "PER")], [(0, 3, "PER"), (4, 7, "PER")], [(0, 0)], [(0, 0)]),
        # a span gives way to one that can have nothing else
        ([(0, 9, "PER"), (10, 14, "PER")], [(0, 2, "PER"), (3, 12, "PER")], [(0, 0), (1, 1)], [(0, 0), (1, 1)]),
        # an equal pair keeps its place, but where the label counts alone and two pairs can be had for one
        ([(0, 9, "PER"), (6, 9, "PER")], [(0, 9, "PER"), (0, 3, "PER")], [(0, 0)], [(0, 1), (1, 0)]),
    ],
)
def test_pairs_by_hand(gold, predicted, pairs, alike):
    """The pairs of spans, whatever the label and for the same label."""
    assert (pair(gold, predicted), pair(gold, predicted, same_label=True)) == (pairs, alike)


@pytest.mark.parametrize(
    ("gold", "predicted", "pairs"),
    [
        # a label goes before a share of the text: 1 code point of LOC, not 1 of PER that comes first
        ([(1, 5, "LOC"), (6, 10, "PER")], [(0, 2, "PER"), (3, 4, "LOC"), (4, 8, "LOC")], [(0, 1), (1, 2)]),
        # and before a larger share: of the two that LOC 4:9 can have
        ([(1, 3, "PER"), (4, 9, "LOC")], [(1, 6, "LOC"), (6, 8, "PER"), (8, 13, "LOC")], [(0, 0), (1, 2)]),
        ([(2, 7, "LOC"), (7, 8, "PER"), (9, 10, "LOC")], [(0, 3, "PER"), (5, 10, "LOC")], [(0, 0), (2, 1)]),
        # as many pairs of the same label as there can be, though one of them gives up its better half: gold side
        ([(2, 3, "PER"), (4, 6, "PER"), (7, 11, "LOC")], [(2, 5, "PER"), (5, 8, "LOC")], [(0, 0), (2, 1)]),
        # and predicted side
        ([(1, 5, "PER"), (5, 9, "LOC")], [(1, 2, "PER"), (4, 6, "PER"), (7, 8, "LOC")], [(0, 0), (1, 2)]),
        # then larger shares of text, wherever a span has several that are free
        (
            [(0, 5, "LOC"), (2, 6, "PER"), (4, 9, "PER")],
            [(4, 5, "LOC"), (1, 5, "LOC"), (5, 8, "LOC")],
            [(0, 1), (1, 0), (2, 2)],
        ),
        # also where another span could take the better half of the first
        ([(4, 7, "ORG"), (5, 8, "ORG")], [(5, 7, "PER"), (6, 9, "ORG")], [(0, 0), (1, 1)]),
        # then what comes first, in the text and in the list
        ([(6, 8, "PER")], [(6, 8, "LOC"), (6, 8, "LOC")], [(0, 0)]),
        ([(6, 8, "PER")], [(7, 9, "LOC"), (5, 7, "LOC")], [(0, 1)]),
        # the order of labels plays no part: of two wrong ones, the first
        ([(3, 6, "PER"), (6, 7, "LOC")], [(5, 7, "ORG")], [(0, 0)]),
    ],
)
def test_preferences_among_pairings_that_are_as_good(gold, predicted, pairs):
    """All of these could be paired otherwise, as many spans with as much credit: labels, then shares, then order."""
    assert pair(gold, predicted) == pairs


@pytest.mark.parametrize("same_label", [True, False])
def test_an_equal_span_is_preferred_to_one_that_holds_it(same_label):
    """Of two that share as much, the one with the same borders, though the other comes first."""
    assert pair([(6, 7, "LOC")], [(4, 10, "LOC"), (6, 7, "LOC")], same_label=same_label) == [(0, 1)]


def test_a_long_chain_is_paired_through():
    """Each span overlaps the next: all but one can be paired, and no recursion is too deep for it."""
    gold = [(10 * place, 10 * place + 8, "PER") for place in range(2000)]
    predicted = [(10 * place - 4, 10 * place + 2, "PER") for place in range(1, 2000)]
    assert pair(gold, predicted) == [(place, place) for place in range(1999)]
