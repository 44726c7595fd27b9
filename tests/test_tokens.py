"""Tokens: where they are cut, and what shapes they have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties import examples
from ruletag.fold import fold
from ruletag.tokens import BIT, SHAPES, Token, shapes, split_tokens, tokens_of


def pieces(text):
    """The tokens of a text, as they are written."""
    folded = fold(text)
    return [folded.plain[token.start : token.end] for token in tokens_of(folded)]


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
        ("Le Floc'h, KERLOC’H, Penmarc'h-Plage", ["Le", "Floc'h", ",", "KERLOC’H", ",", "Penmarc'h-Plage"]),
        ("Floc' h c'hier avec'il", ["Floc", "'", "h", "c'", "hier", "avec'", "il"]),
        ("N'Golo, M'Baye N'EST n'est L'Oréal", ["N'Golo", ",", "M'Baye", "N'", "EST", "n'", "est", "L'", "Oréal"]),
        ("Villeneuve-d'Ascq, PONT-L'ABBÉ", ["Villeneuve-d'Ascq", ",", "PONT-L'ABBÉ"]),
        ("va-t'en X-d'1 X-d'", ["va-t'", "en", "X-d", "'", "1", "X-d", "'"]),
    ],
)
def test_cut(text, words):
    """Words keep inner hyphens, initials and dotted acronyms their full stops.

    The words that French elides keep their apostrophe whatever follows; any other word does so before a letter. In
    some names the apostrophe is inside the word.
    """
    assert pieces(text) == words


@pytest.mark.parametrize("end", ["\n", "\r", "\n\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_a_line_end_is_no_token(end):
    """No token holds a line end, whichever character makes it, nor stands for one."""
    assert pieces(f"à Lomé{end}Accra") == ["à", "Lomé", "Accra"]


def test_a_token_in_full():
    """Its span is that of the folded text; its shapes are bits, its word is in lower case and without accents."""
    assert tokens_of(fold("  Lomé ")) == [Token(1, 5, BIT["Cap"] | BIT["Word"], b"lome")]
    assert tokens_of(fold("")) == tokens_of(fold(" \n ")) == []


@examples(300)
@given(st.text(st.sampled_from("aZé'’-. 1,«\n\u00a0Œ_"), max_size=20))
def test_tokens_cover_all_but_spaces(text):
    """Tokens come in order, do not overlap, and leave out nothing but spaces and line ends."""
    assert "".join(pieces(text)) == "".join(fold(text).plain.split())


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
