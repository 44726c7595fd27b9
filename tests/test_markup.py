"""Inline markup: its meaning, its refusals, and its round trip."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties import examples
from ruletag.markup import parse, render
from ruletag.model import Document, Entity


@pytest.mark.parametrize(
    ("marked", "text", "spans"),
    [
        ("", "", []),
        ("Rien à marquer.", "Rien à marquer.", []),
        ("[Lomé](LOC)", "Lomé", [(0, 4, "LOC")]),
        (
            "[Ada Lovelace](PER) vit à [Londres](LOC).",
            "Ada Lovelace vit à Londres.",
            [(0, 12, "PER"), (19, 26, "LOC")],
        ),
        ("[Dakar](LOC)[Conakry](LOC)", "DakarConakry", [(0, 5, "LOC"), (5, 12, "LOC")]),
        (r"la note \[1\] de [Lomé \[Togo\]](LOC)", "la note [1] de Lomé [Togo]", [(15, 26, "LOC")]),
        (r"a\\b \n", r"a\b n", []),
        ("une (parenthèse)", "une (parenthèse)", []),
        ("[Lomé](LOC)(PER)", "Lomé(PER)", [(0, 4, "LOC")]),
        ("😀 [deux\nlignes](MISC)", "😀 deux\nlignes", [(2, 13, "MISC")]),
    ],
)
def test_parse(marked, text, spans):
    """A mark becomes a span of the text without marks; a backslash takes the meaning from what follows."""
    document = parse(marked)
    assert (document.text, [entity.span for entity in document.entities]) == (text, spans)
    assert document.annotated is True


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("à [Lomé", "column 3: '[' does not begin a mark; write [surface](LABEL) or \\["),
        ("à [Lomé] (LOC)", "column 3: '[' does not begin a mark; write [surface](LABEL) or \\["),
        ("à [Lomé](", "column 3: '[' does not begin a mark; write [surface](LABEL) or \\["),
        ("à [Lomé]()", "column 3: '[' does not begin a mark; write [surface](LABEL) or \\["),
        ("à [Lomé](L C)", "column 3: '[' does not begin a mark; write [surface](LABEL) or \\["),
        ("[](LOC)", "column 1: '[' does not begin a mark; write [surface](LABEL) or \\["),
        ("[a [b](PER)](LOC)", "column 1: '[' does not begin a mark; write [surface](LABEL) or \\["),
        ("Lomé] !", "column 5: ']' does not begin a mark; write [surface](LABEL) or \\]"),
        ("Lomé \\", "column 6: '\\\\' does not begin a mark; write [surface](LABEL) or \\\\"),
    ],
)
def test_parse_refuses(marked, message):
    """A mark that is not closed, empty, nested or without a label is refused, with its column and the way out."""
    with pytest.raises(ValueError, match="does not begin a mark") as caught:
        parse(marked)
    assert str(caught.value) == message


def test_render():
    """Entities are marked in reading order, and what looks like a mark is escaped."""
    text = r"[sic] Ada \ Lomé"
    entities = (Entity(12, 16, "LOC", "Lomé"), Entity(6, 9, "PER", "Ada"))
    assert render(Document(text, entities)) == r"\[sic\] [Ada](PER) \\ [Lomé](LOC)"


def test_render_refuses_overlaps():
    """Marks do not nest, so overlapping entities cannot be written."""
    entities = (Entity(0, 13, "ORG", "Ville de Lomé"), Entity(9, 13, "LOC", "Lomé"))
    with pytest.raises(ValueError, match="overlapping") as caught:
        render(Document("Ville de Lomé", entities))
    assert str(caught.value) == "markup cannot hold overlapping entities ('Lomé' at 9)"


@pytest.mark.parametrize("label", ["", "LOC)", "(LOC", "WORK OF ART"])
def test_render_refuses_labels_that_cannot_be_read_back(label):
    """A label with a space or a parenthesis would not parse, so it is not written."""
    with pytest.raises(ValueError, match="cannot hold the label") as caught:
        render(Document("Lomé", (Entity(0, 4, label, "Lomé"),)))
    assert str(caught.value) == f"markup cannot hold the label {label!r}"


@st.composite
def documents(draw):
    """A document with entities that do not overlap, over the characters that markup cares about."""
    text = draw(st.text(st.sampled_from("[]()\\aé \n😀PER") | st.characters(), max_size=30))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    labels = draw(st.lists(st.sampled_from(["PER", "LOC", ""]), min_size=len(cuts), max_size=len(cuts)))
    entities = [
        Entity(start, end, label, text[start:end])
        for start, end, label in zip(cuts, cuts[1:], labels, strict=False)
        if label
    ]
    return Document(text, tuple(entities), annotated=True)


@examples(150)
@given(documents())
def test_parse_reverses_render(document):
    """A written document is read back the same."""
    assert parse(render(document)) == document


@examples(150)
@given(st.text(st.sampled_from("[]()\\aé P"), max_size=20))
def test_render_reverses_parse(marked):
    """A marked text either is refused or means the same after being written again."""
    try:
        document = parse(marked)
    except ValueError:
        return
    assert parse(render(document)) == document
