"""Tokens: where they are cut, what shapes they have, and that both directions agree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ruletag.fold import fold
from ruletag.tokens import BIT, SHAPES, Token, Tokens, shapes, split_tokens


def row(text, offset=0):
    """The tokens of the line that begins at the offset."""
    tokens = Tokens(fold(text))
    found = []
    while token := tokens.after(offset):
        found.append(token)
        offset = token.end
    return found


def row_back(text, offset):
    """The same, read from the end of the line."""
    tokens = Tokens(fold(text))
    found = []
    while token := tokens.before(offset):
        found.append(token)
        offset = token.start
    return found[::-1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Jean-Luc parle.", ["Jean-Luc", "parle", "."]),
        ("l’Iran d'Aujourd'hui", ["l’", "Iran", "d'", "Aujourd'", "hui"]),
        ("qu'il", ["qu'", "il"]),
        ("rock 'n' roll'", ["rock", "'", "n'", "roll", "'"]),
        ("l’« Ami » d'11 ans, L'😀", ["l’", "«", "Ami", "»", "d'", "11", "ans", ",", "L'", "😀"]),
        ("le roi d' Ys, QU'«, jusqu'-", ["le", "roi", "d'", "Ys", ",", "QU'", "«", ",", "jusqu'", "-"]),
        ("le roi d'", ["le", "roi", "d'"]),
        ("plan A', Paris' 3'", ["plan", "A", "'", ",", "Paris", "'", "3", "'"]),
        ("J. Dupont et J.-P. Sartre", ["J.", "Dupont", "et", "J.-P.", "Sartre"]),
        ("l'O.N.U. et l'U.R.S.S", ["l'", "O.N.U.", "et", "l'", "U.R.S.", "S"]),
        ("3,5 % de 1.000.000 ; 2021.", ["3,5", "%", "de", "1.000.000", ";", "2021", "."]),
        ("le 14e, 1er et 21-Juin", ["le", "14e", ",", "1er", "et", "21-Juin"]),
        ("G20 B-52", ["G20", "B-52"]),
        ("«Le Monde»", ["«", "Le", "Monde", "»"]),
        ("(Œuvre-cœur)", ["(", "Œuvre-cœur", ")"]),
        ("Саша a 😀", ["Саша", "a", "😀"]),
        ("-là -- x-", ["-", "là", "-", "-", "x", "-"]),
        ("a_b C&A", ["a_b", "C", "&", "A"]),
    ],
)
def test_cut(text, words):
    """Words keep inner hyphens, initials and dotted acronyms their full stops.

    The words that French elides keep their apostrophe whatever follows; any other word does so before a letter.
    """
    assert [text[token.start : token.end] for token in row(text)] == words
    assert row_back(text, len(text)) == row(text)


@pytest.mark.parametrize("end", ["\n", "\r", "\n\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_a_line_end_ends_the_row(end):
    """No token follows over a line end, whichever character makes it; a rule never reaches into the next line."""
    text = f"à Lomé{end}Accra"
    after = 6 + len(end)
    tokens = Tokens(fold(text))
    assert [text[t.start : t.end] for t in row(text)] == ["à", "Lomé"]
    assert tokens.before(after) is None
    assert tokens.after(after) == Token(after, after + 5, shapes(b"Accra"), b"accra")


def test_ends_of_the_text():
    """Nothing stands before the start nor after the end, spaces there or not."""
    tokens = Tokens(fold(" Lomé "))
    assert (tokens.before(0), tokens.before(1), tokens.after(6), tokens.after(5)) == (None, None, None, None)
    lome = Token(1, 5, shapes(b"Lome"), b"lome")
    assert (tokens.after(0), tokens.after(1), tokens.before(5), tokens.before(6)) == (lome, lome, lome, lome)


def test_skip():
    """One space is stepped over, in either direction; anything else is not."""
    tokens = Tokens(fold("a b"))
    assert [tokens.skip(place) for place in range(4)] == [0, 2, 2, 3]
    assert [tokens.skip_back(place) for place in range(4)] == [0, 1, 1, 3]


def test_before_needs_the_end_of_a_token():
    """No token ends in the middle of a word."""
    assert Tokens(fold("Lomé")).before(2) is None


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text(st.sampled_from("aZé'’-. 1,«\n\u00a0Œ"), max_size=20))
def test_both_directions_cut_alike(text):
    """A line read backwards gives the tokens of the line read forwards; together they cover all but the spaces."""
    folded = fold(text)
    line = folded.plain.split("\n")[0]
    found = row(text)
    assert row_back(text, len(line)) == found
    assert "".join(line[token.start : token.end] for token in found) == "".join(line.split())


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Macron", "Cap Word"),
        ("Jean-Luc", "Cap Word"),
        ("McDonald", "Cap Word"),
        ("Œuvre", "Cap Word"),
        ("MACRON", "Upper Acronym Word"),
        ("OCS", "Upper Acronym Word"),
        ("CNDD-FDD", "Upper Acronym Word"),
        ("ŒUVRE", "Upper Word"),
        ("G20", "Word"),
        ("TF1", "Acronym Word"),
        ("B-52", "Word"),
        ("O.N.U.", "Acronym Initial"),
        ("A380", "Word"),
        ("A", "Word"),
        ("X", "Roman Word"),
        ("XIV", "Upper Roman Word"),
        ("LXXXIX", "Upper Acronym Roman Word"),
        ("IIII", "Upper Word"),
        ("XXe", "Cap Ordinal Word"),
        ("14e", "Ordinal"),
        ("1er", "Ordinal"),
        ("2nde", "Ordinal"),
        ("2021", "Number"),
        ("3,5", "Number"),
        ("J.", "Initial"),
        ("J.-P.", "Initial"),
        ("parle", "lower Word"),
        ("au-delà", "lower Word"),
        ("l'", "lower Word"),
        ("L'", "Word"),
        ("iPhone", "Word"),
        (",", ""),
        ("ABCDEFGHIJKLM", "Upper Word"),
    ],
)
def test_shapes(word, expected):
    """Each shape is told by the case, the digits and the full stops of a token."""
    bits = shapes(fold(word).cased)
    assert " ".join(shape for shape in SHAPES if bits & BIT[shape]) == expected


def test_split_tokens():
    """A short folded text is cut as the tagger cuts a text."""
    assert split_tokens(b"l'Union europeenne") == [b"l'", b"Union", b"europeenne"]
