"""Engines: whole words, overlaps, marks at the edges; all of them spot what a scan of every place spots."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ruletag.errors import Fault, RuletagError
from ruletag.spotters import ENGINES, SEARCH, bounded, spotter

PATTERNS = [b"Mali", b"Ma", b"le Mali", b"Mali le", b"Saint-Denis", b"Saint Denis", b"M.", b"'Ma", b"Mali!", b"D'Ma"]


def spots(engine, patterns, view):
    """Every pattern with its places, in order."""
    return sorted(spotter(engine, {pattern: pattern for pattern in patterns}).spots(view))


def scanned(patterns, view):
    """The same, from a look at every place."""
    places = [(pattern, start, start + len(pattern)) for pattern in patterns for start in range(len(view))]
    return sorted(place for place in places if view.startswith(place[0], place[1]) and bounded(view, *place[1:]))


@pytest.mark.parametrize("engine", [*ENGINES, SEARCH])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"Mali", [b"Mali"]),
        (b"le Mali le Malien", [b"Mali", b"Mali le", b"le Mali"]),
        (b"le,Mali le", [b"Mali", b"Mali le"]),
        (b"Saint-Denis, Saint Denis Saint'Denis", [b"Saint Denis", b"Saint-Denis"]),
        (b"M.Mali M. M", [b"M.", b"M.", b"Mali"]),
        (b"l'Ma 'Ma", [b"'Ma", b"'Ma", b"Ma", b"Ma"]),
        (b"Mali!Mali!!", [b"Mali", b"Mali", b"Mali!", b"Mali!"]),
        (b"D'Mali L'D'Ma", [b"'Ma", b"D'Ma", b"Ma", b"Mali"]),
        (b"", []),
    ],
)
def test_words_of_their_own(engine, text, expected):
    """A pattern is spotted between the ends of words, inside and across others, letter for letter."""
    assert [pattern for pattern, _, _ in spots(engine, PATTERNS, text)] == expected


@given(st.lists(st.sampled_from([*PATTERNS, b"n", b" ", b",", b"-", b"!"]), max_size=8).map(b"".join))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_engines_spot_the_same(view):
    """Each engine gives the places that a look at every place gives."""
    assert {engine: spots(engine, PATTERNS, view) for engine in (*ENGINES, SEARCH)} == dict.fromkeys(
        (*ENGINES, SEARCH), scanned(PATTERNS, view)
    )


def test_unknown_engine():
    """What a user may choose is named; the engine for a few patterns is not among it."""
    with pytest.raises(RuletagError) as caught:
        spotter("regex", {b"Mali": 1})
    assert caught.value.faults == (
        Fault("--engine", "RT110", "unknown engine 'regex'", help="known: ahocorasick, flashtext"),
    )
