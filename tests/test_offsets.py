"""Offsets in each unit, by hand: what each place of a text is called, and which numbers are no places."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from ruletag.formats.offsets import CODE_POINTS, GRAPHEMES, UTF16, offsets

TEXT = "e\u0301a\U0001f1eb\U0001f1f7b"  # a letter with its accent, a flag of two astral characters
INSIDE = "is inside a grapheme"
HALF = "is inside a character that is two UTF-16 units"
needs_regex = pytest.mark.skipif(find_spec("regex") is None, reason="needs regex: pip install '.[grapheme]'")


def outcome(function, *arguments):
    """The result of a function, or its message if it refuses."""
    try:
        return function(*arguments)
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize(
    ("unit", "outer"),
    [
        (CODE_POINTS, [0, 1, 2, 3, 4, 5, 6]),
        (UTF16, [0, 1, 2, 3, 5, 7, 8]),
        pytest.param(GRAPHEMES, [0, INSIDE, 1, 2, INSIDE, 3, 4], marks=needs_regex),
    ],
)
def test_each_place_has_a_number(unit, outer):
    """The number of each place of the text; None if it is inside a unit."""
    counted = offsets(TEXT, unit)
    assert [outcome(counted.outer, place) for place in range(len(TEXT) + 1)] == outer


@pytest.mark.parametrize(
    ("unit", "inner"),
    [
        (CODE_POINTS, [0, 1, 2, 3, 4, 5, 6]),
        (UTF16, [0, 1, 2, 3, HALF, 4, HALF, 5, 6]),
        pytest.param(GRAPHEMES, [0, 2, 3, 5, 6], marks=needs_regex),
    ],
)
def test_each_number_is_a_place(unit, inner):
    """The place that each number means; none before the text, behind it, and inside a character."""
    counted = offsets(TEXT, unit)
    outside = f"is outside a text of {len(inner) - 1} {unit}"
    assert [outcome(counted.inner, number) for number in range(-1, len(inner) + 1)] == [outside, *inner, outside]
    assert outcome(counted.span, 0, len(inner) - 1) == (0, len(TEXT))
    assert outcome(counted.span, 0, len(inner)) == outside


@needs_regex
def test_around():
    """The smallest span of whole units that holds a span: all of a grapheme that it cuts, on either side."""
    spans = [(0, 1), (1, 2), (1, 3), (2, 3), (3, 4), (2, 4), (4, 6), (5, 6)]
    whole = [(0, 2), (0, 2), (0, 3), (2, 3), (3, 5), (2, 5), (3, 6), (5, 6)]
    assert [offsets(TEXT, GRAPHEMES).around(*span) for span in spans] == whole
    assert [offsets(TEXT, unit).around(*span) for unit in (CODE_POINTS, UTF16) for span in spans] == spans * 2


@pytest.mark.parametrize("unit", [CODE_POINTS, UTF16, pytest.param(GRAPHEMES, marks=needs_regex)])
def test_an_empty_text(unit):
    """A text without a character has one place, in every unit."""
    counted = offsets("", unit)
    outcomes = [counted.outer(0), counted.inner(0), counted.span(0, 0), outcome(counted.inner, 1)]
    assert outcomes == [0, 0, (0, 0), f"is outside a text of 0 {unit}"]
