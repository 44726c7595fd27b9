"""A text cut at the borders of its marks: nothing lost, every span whole, however spans nest and cross."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruletag.evaluation.causes import Verdict
from ruletag.model import Entity
from ruletag.report.marked import Piece, cut

TEXT = "Le Président Lula"
FOUND = (3, 17)


def mark(gold=None, predicted=None):
    """A verdict on spans of (start, end); their surfaces do not matter here."""
    gold, predicted = (span and Entity(*span, "PER", "x" * (span[1] - span[0])) for span in (gold, predicted))
    return Verdict("border", "", gold, predicted)


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], [Piece(TEXT)]),
        ([mark((0, 17))], [Piece(TEXT, (0,), (), (0,))]),
        (
            [mark((13, 17), FOUND)],
            [Piece("Le "), Piece("Président ", (), (0,), (), opens=True), Piece("Lula", (0,), (0,), (0,), closes=True)],
        ),
        # gold nests, and crosses what the tagger found
        (
            [mark((0, 17)), mark((3, 12), (8, 14))],
            [
                Piece("Le ", (0,)),
                Piece("Prési", (0, 1)),
                Piece("dent", (0, 1), (1,), opens=True),
                Piece(" L", (0,), (1,), (1,), closes=True),
                Piece("ula", (0,), (), (0,)),
            ],
        ),
    ],
)
def test_a_text_is_cut_at_every_border(marks, expected):
    """Pieces name the marks that run over them, and those that end with them."""
    assert cut(TEXT, marks) == expected


def test_a_mark_that_leaves_its_text_is_refused():
    """Offsets of another text are a fault of the caller."""
    with pytest.raises(ValueError, match="a mark at 0:18 is not in its text of 17 code points"):
        cut(TEXT, [mark((0, 18))])


SPANS = st.tuples(st.integers(0, 11), st.integers(1, 12)).filter(lambda span: span[0] < span[1])
MARKS = st.lists(st.builds(mark, SPANS, SPANS) | st.builds(mark, SPANS) | st.builds(mark, predicted=SPANS), max_size=6)


@given(MARKS)
def test_pieces_say_of_every_letter_what_the_marks_say(marks):
    """Read letter by letter, pieces and marks agree; every mark closes once, after its last letter."""
    text = "aé😀\u2028 ﬁ\tœ'’-z"
    pieces = cut(text, marks)
    letters = [(piece.gold, piece.predicted) for piece in pieces for _ in piece.text]
    sides = [(verdict.gold, verdict.predicted) for verdict in marks]
    covering = [
        tuple(
            tuple(number for number, both in enumerate(sides) if both[side] and both[side].start <= at < both[side].end)
            for side in (0, 1)
        )
        for at in range(len(text))
    ]
    ends = {}
    position = 0
    for piece in pieces:
        position += len(piece.text)
        ends |= dict.fromkeys(piece.closing, position)

    assert "".join(piece.text for piece in pieces) == text
    assert letters == covering
    assert ends == {number: max(span.end for span in both if span) for number, both in enumerate(sides)}
    assert sum(len(piece.closing) for piece in pieces) == len(marks)
