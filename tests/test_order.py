"""The one total order: each of its levels, the reasons of the losers, and its independence of the order of input."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties import examples
from ruletag.model import Candidate, Loss, Part, Source
from ruletag.plain.order import rank, resolve


def rule(start, end, label="PER", *, priority=0, path="rules/per.yaml", line=3, name="per.a", **more):
    return Candidate(start, end, label, Source("rule", name, path, line), priority, **more)


def entry(start, end, label="PER", *, path="gazetteers/a.yaml", line=3, name="Paul", **more):
    return Candidate(start, end, label, Source("entry", name, path, line), **more)


def memory(start, end, label="PER", **more):
    return Candidate(start, end, label, Source("memory", "per.a", "rules/per.yaml", 3), **more)


@pytest.mark.parametrize(
    ("winner", "loser", "reason"),
    [
        pytest.param(rule(3, 4, priority=1), rule(0, 9), "priority sure against certain", id="priority-before-length"),
        pytest.param(entry(0, 4), rule(0, 9, priority=-1), "priority likely against sure", id="negative-priority"),
        pytest.param(entry(2, 9), rule(0, 5), "shorter", id="length-before-position-and-source"),
        pytest.param(entry(0, 5), rule(3, 8), "starts later", id="position-before-source"),
        pytest.param(
            memory(0, 5, "LOC"), rule(0, 5, "PER"), "memory takes precedence over a rule", id="memory-before-rule"
        ),
        pytest.param(
            entry(0, 5, "LOC"), rule(0, 5, "PER"), "an entry takes precedence over a rule", id="entry-before-rule"
        ),
        pytest.param(
            memory(0, 5, "PER"), entry(0, 5, "LOC"), "memory takes precedence over an entry", id="memory-before-entry"
        ),
        pytest.param(
            rule(0, 5, "PER", confirmed=True),
            memory(0, 5, "LOC"),
            "a rule with an entry takes precedence over memory",
            id="confirmed-before-memory",
        ),
        pytest.param(
            rule(0, 5, path="z.yaml", confirmed=True),
            entry(0, 5, path="a.yaml"),
            "a rule with an entry takes precedence over an entry (same label)",
            id="twice",
        ),
        pytest.param(
            entry(0, 5, "PER", path="a.yaml", line=9, name="Z"),
            entry(0, 5, "LOC", path="b.yaml", line=1, name="A"),
            "comes later in the order of sources",
            id="path-before-line",
        ),
        pytest.param(
            entry(0, 5, "PER", line=9, name="Z"),
            entry(0, 5, "LOC", line=10, name="A"),
            "comes later in the order of sources",
            id="line-before-name",
        ),
        pytest.param(
            rule(0, 5, "PER", name="per.a"),
            rule(0, 5, "LOC", name="per.b"),
            "comes later in the order of sources",
            id="name-before-label",
        ),
        pytest.param(
            rule(0, 5, "LOC"),
            rule(0, 5, "PER"),
            "comes later in the order of sources",
            id="label-in-alphabetical-order",
        ),
        pytest.param(
            rule(0, 5, anchor=Part("Cap", 0, 2)),
            rule(0, 5, anchor=Part("Cap", 3, 5), parts=(Part("title", 6, 8),)),
            "comes later in the order of sources (same label)",
            id="first-anchor-of-one-rule",
        ),
        pytest.param(
            rule(6, 9, anchor=Part("<title>", 0, 5), parts=(Part("title", 0, 5),)),
            rule(6, 9, anchor=Part("<title>", 0, 3)),
            "comes later in the order of sources (same label)",
            id="longest-anchor-of-one-rule",
        ),
        pytest.param(
            rule(6, 9, parts=(Part("title", 0, 5),)),
            rule(6, 9),
            "comes later in the order of sources (same label)",
            id="more-parts-of-one-rule",
        ),
        pytest.param(
            rule(6, 9, parts=(Part("det", 0, 2),)),
            rule(6, 9, parts=(Part("title", 0, 2),)),
            "comes later in the order of sources (same label)",
            id="parts-by-name",
        ),
        pytest.param(
            entry(0, 5, id="Q1"),
            entry(0, 5, id="Q2"),
            "comes later in the order of sources (same label)",
            id="id",
        ),
        pytest.param(
            memory(0, 5, via=(0, 7)),
            memory(0, 5, via=(9, 16)),
            "comes later in the order of sources (same label)",
            id="via",
        ),
        pytest.param(
            entry(0, 5, surname="Curie"),
            entry(0, 5, surname="Marie Curie"),
            "comes later in the order of sources (same label)",
            id="surname",
        ),
        pytest.param(
            entry(0, 5, id="Q1", surname="Marie Curie"),
            entry(0, 5, id="Q2", surname="Curie"),
            "comes later in the order of sources (same label)",
            id="id-before-surname",
        ),
    ],
)
def test_order(winner, loser, reason):
    """Of two candidates that overlap, the order names one winner and the first point on which they differ."""
    expected = ([winner], [Loss(loser, winner)])
    assert (resolve([winner, loser]), resolve([loser, winner])) == (expected, expected)
    assert Loss(loser, winner).reason == reason
    assert rank(winner) < rank(loser)  # of two that are equal, chance would decide


def test_nothing():
    """No candidates, no winners."""
    assert resolve([]) == ([], [])


def test_neighbours_do_not_overlap():
    """Spans are half-open: one may end where the next begins, and the winners come in reading order."""
    late, early = rule(4, 8), entry(0, 4)
    assert resolve([late, early]) == ([early, late], [])


def test_loser_names_its_strongest_winner():
    """A candidate across two winners lost to the higher of them in the order."""
    low, high, across = rule(0, 4), rule(5, 6, priority=2), rule(3, 7)
    wide = rule(0, 9, "LOC", priority=-1)
    assert resolve([low, high, across, wide]) == (
        [low, high],
        [Loss(across, high), Loss(wide, high)],
    )


def test_a_loser_takes_no_place():
    """A loser does not keep a third candidate from winning."""
    first, second, third = rule(0, 6), rule(4, 9, "LOC"), rule(7, 9, "ORG")
    assert resolve([third, second, first]) == (
        [first, third],
        [Loss(second, first)],
    )


parts = st.lists(st.builds(Part, st.sampled_from(["det", "title"]), st.just(0), st.integers(1, 2)), max_size=2)
candidates = st.builds(
    lambda start, length, label, kind, line, priority, parts, id: Candidate(
        start, start + length, label, Source(kind, "a", "a.yaml", line), priority, tuple(parts), id=id
    ),
    st.integers(0, 12),
    st.integers(1, 5),
    st.sampled_from(["PER", "LOC"]),
    st.sampled_from(["rule", "memory", "entry"]),
    st.integers(1, 2),
    st.integers(-1, 1),
    parts,
    st.sampled_from([None, "Q1"]),
)


@given(st.lists(candidates, max_size=10), st.randoms(use_true_random=False))
@examples(50)
def test_any_permutation(proposed, random):
    """The result does not depend on the order in which candidates come."""
    shuffled = random.sample(proposed, len(proposed))
    assert resolve(shuffled) == resolve(proposed)


@given(st.lists(candidates, max_size=10))
@examples(50)
def test_winners_and_losers(proposed):
    """Winners never overlap, every candidate is one of them once, and each lost to an overlapping, higher winner."""
    winners, losses = resolve(proposed)
    assert [(one, other) for one, other in pairwise(winners) if one.end > other.start] == []
    assert sorted([*winners, *(loss.loser for loss in losses)], key=rank) == sorted(set(proposed), key=rank)
    for loser, winner, _ in losses:
        assert (winner in winners, winner.start < loser.end, loser.start < winner.end) == (True, True, True)
        assert sorted([loser, winner], key=rank)[0] == winner


def naive(proposed):
    """The documented algorithm: the best candidate wins, all that overlap it lose, and so on down the list."""
    left, winners, losses = sorted(set(proposed), key=rank), [], []
    while left:
        winners.append(left.pop(0))
        lost = [other for other in left if other.start < winners[-1].end and winners[-1].start < other.end]
        losses += [Loss(other, winners[-1]) for other in lost]
        left = [other for other in left if other not in lost]
    return sorted(winners, key=lambda winner: winner.start), sorted(losses, key=lambda loss: rank(loss[0]))


@given(st.lists(candidates, max_size=14))
@examples(80)
def test_down_the_list(proposed):
    """Winners and losers are those of the list taken from its top, in whatever groups they overlap."""
    assert resolve(proposed) == naive(proposed)


def test_losers_come_in_the_total_order():
    """The losers of a whole text are ordered, wherever they are and whichever was beaten first."""
    low, high, far, farther = rule(0, 9), rule(2, 4, priority=1), entry(20, 25), memory(22, 24)
    assert resolve([farther, far, low, high]) == ([high, far], [Loss(low, high), Loss(farther, far)])


def test_what_is_said_twice_counts_once():
    """A candidate proposed twice by one source neither wins twice nor loses to itself."""
    assert resolve([rule(0, 5), entry(7, 9), rule(0, 5)]) == ([rule(0, 5), entry(7, 9)], [])


def test_a_long_chain():
    """A row in which each overlaps the next is one group: every second one wins."""
    chain = [rule(3 * place, 3 * place + 4) for place in range(2000)]
    winners, losses = resolve(chain)
    assert winners == chain[::2]
    assert losses == [Loss(loser, winner) for loser, winner in zip(chain[1::2], chain[::2], strict=True)]
