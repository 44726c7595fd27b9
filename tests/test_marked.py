"""A text cut at the borders of its marks: nothing lost, every span whole, however spans nest and cross."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruletag.report.marked import Piece, cut

TEXT = "Le Président Lula"
FOUND = [3, 17, "PER", "r"]


def mark(gold=None, predicted=None):
    return {"cause": "any", "gold": gold, "predicted": predicted}


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], [Piece(TEXT)]),
        ([mark([0, 17, "PER"])], [Piece(TEXT, (0,), (), (0,))]),
        (
            [mark([13, 17, "PER"], FOUND)],
            [Piece("Le "), Piece("Président ", (), (0,), (), opens=True), Piece("Lula", (0,), (0,), (0,), closes=True)],
        ),
        # gold nests, and crosses what the tagger found
        (
            [mark([0, 17, "ORG"]), mark([3, 12, "PER"], [8, 14, "LOC", "r"])],
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


@pytest.mark.parametrize("span", [[0, 18, "PER"], [-1, 3, "PER"], [4, 4, "PER"]])
def test_a_mark_that_leaves_its_text_is_refused(span):
    """Offsets of another text are a fault of the caller."""
    with pytest.raises(ValueError, match=f"{span[0]}:{span[1]} is not in its text of 17 code points"):
        cut(TEXT, [mark(span)])


SPANS = st.tuples(st.integers(0, 11), st.integers(1, 12)).filter(lambda span: span[0] < span[1])
MARKS = st.lists(st.builds(mark, SPANS, SPANS) | st.builds(mark, SPANS) | st.builds(mark, predicted=SPANS), max_size=6)


@given(MARKS)
def test_pieces_say_of_every_letter_what_the_marks_say(marks):
    """Read letter by letter, pieces and marks agree; every mark closes once, after its last letter."""
    text = "aé😀\u2028 ﬁ\tœ'’-z"
    pieces = cut(text, marks)
    letters = [(piece.gold, piece.predicted) for piece in pieces for _ in piece.text]
    covering = [
        tuple(
            tuple(number for number, each in enumerate(marks) if each[side] and each[side][0] <= at < each[side][1])
            for side in ("gold", "predicted")
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
    assert ends == {
        number: max(each[side][1] for side in ("gold", "predicted") if each[side]) for number, each in enumerate(marks)
    }
    assert sum(len(piece.closing) for piece in pieces) == len(marks)
