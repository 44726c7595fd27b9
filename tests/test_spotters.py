"""Engines: whole words, overlaps, marks at the edges; all of them spot what a scan of every place spots."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ruletag import spotters
from ruletag.errors import Fault, RuletagError
from ruletag.spotters import ENGINES, SEARCH, pattern_rows, spotter, words_of

KEYS = [b"Mali", b"Ma", b"le Mali", b"Mali le", b"Saint-Denis", b"M.", b"'Ma", b"D'Ma"]
PATTERNS = sorted(set(pattern_rows(KEYS)))


def spots(engine, view):
    """Every pattern with its places, in order."""
    return sorted(spotter(engine, PATTERNS).spots(words_of(view)))


def scanned(view):
    """The same, from a look at every place."""
    words = re.sub(rb"\W", b" ", b" " + view + b" ")
    places = range(len(words))
    return sorted(
        (number, start, start + len(pattern))
        for number, pattern in enumerate(PATTERNS)
        for start in places
        if words[start : start + len(pattern)] == pattern
    )


@pytest.fixture(params=[0, 1 << 30])
def pays(request, monkeypatch):
    """Each test runs with an automaton from the first text on, and with none."""
    monkeypatch.setattr(spotters, "_PAYS", request.param)


@pytest.mark.usefixtures("pays")
@pytest.mark.parametrize("engine", [*ENGINES, SEARCH])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"Mali", [b"Mali"]),
        (b"le Mali le Malien", [b"Mali", b"Mali le", b"le Mali"]),
        (b"le,Mali le", [b"Mali", b"Mali le", b"le Mali"]),
        (b"Saint-Denis, Saint Denis Saint'Denis", [b"Saint Denis"] * 3),
        (b"M.Mali M. M", [b"M", b"M", b"M", b"Mali"]),
        (b"l'Ma 'Ma", [b"Ma", b"Ma"]),
        (b"Mali!Mali!!", [b"Mali", b"Mali"]),
        (b"D'Mali L'D'Ma", [b"D Ma", b"Ma", b"Mali"]),
        (b"Saint  Denis", []),
        (b"", []),
    ],
)
def test_words_of_their_own(engine, text, expected):
    """A row of words is spotted between the ends of words, inside and across others, whatever marks stand there."""
    found = spots(engine, text)
    assert sorted(PATTERNS[number][1:-1] for number, _, _ in found) == expected
    assert all(words_of(text)[start:end] == PATTERNS[number] for number, start, end in found)


@pytest.mark.parametrize("pays", [0, 1 << 30])
@given(st.lists(st.sampled_from([*KEYS, b"n", b" ", b",", b"-", b"!"]), max_size=8).map(b"".join))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_engines_spot_the_same(pays, view):
    """Each engine gives the places that a look at every place gives, with an automaton and before it pays."""
    engines = (*ENGINES, SEARCH)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spotters, "_PAYS", pays)
        assert {engine: spots(engine, view) for engine in engines} == dict.fromkeys(engines, scanned(view))


def test_unknown_engine():
    """What a user may choose is named; the engine for a few patterns is not among it."""
    with pytest.raises(RuletagError) as caught:
        spotter("regex", [b" Mali "])
    assert caught.value.faults == (
        Fault("--engine", "RT110", "unknown engine 'regex'", help="known: ahocorasick, flashtext"),
    )
