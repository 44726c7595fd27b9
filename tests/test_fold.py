"""Folding: what becomes the same, what keeps its length, and that every offset finds its way back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties import examples
from ruletag.fold import fold, fold_key, fold_surfaces, lower_key, spellings, unaccented

UNEVEN = [*"\u00ad\u200b\u200d\ufeff\u0301\u0308\u20dd \u00a0\u202f\u2003\t\r\n\u2028\x85\x0c", "\r\n", "\n\n", " \n"]
EVEN = [*"eaEœŒÉx-'’«…\x07\U0001f600İþ²ß\ud800\udfff"]
MIXED = st.lists(st.sampled_from(UNEVEN) | st.sampled_from(EVEN), max_size=14).map("".join)
TEXTS = MIXED | st.text(max_size=20)


@examples(300)
@given(TEXTS)
def test_views_have_the_length_of_plain(text):
    """For any text, lone surrogates among it, both views have one byte for each code point of `plain`."""
    folded = fold(text)
    assert [len(folded.cased), len(folded.lower)] == [len(folded.plain)] * 2


@examples(300)
@given(TEXTS)
def test_original_offsets(text):
    """Each character of `plain` represents a span of the text, in order and inside it.

    Only the two characters of an end of paragraph share a span; outside the spans is nothing but what has no width.
    """
    folded = fold(text)
    spans = [folded.original(place, place + 1) for place in range(len(folded.plain))]
    distinct = [span for place, span in enumerate(spans) if span not in spans[max(0, place - 1) : place]]
    edges = [0, *(edge for span in distinct for edge in span), len(text)]
    assert edges == sorted(edges)
    assert all(start < end for start, end in spans)
    assert all(folded.plain[at] == "\n" for at in range(1, len(spans)) if spans[at] == spans[at - 1])
    gaps = [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    assert fold("".join(gaps)).plain == ""
    for start in range(len(spans)):
        for end in range(start + 1, min(start + 4, len(spans)) + 1):
            assert folded.original(start, end) == (spans[start][0], spans[end - 1][1])


@examples(200)
@given(TEXTS)
def test_untouched_characters_are_themselves(text):
    """A character of `plain` that represents one character is that character, except for white space."""
    folded = fold(text)
    spans = [folded.original(place, place + 1) for place in range(len(folded.plain))]
    single = [(text[start], char) for (start, end), char in zip(spans, folded.plain, strict=True) if end == start + 1]
    assert [char_read for char_read, char in single if not char.isspace()] == [
        char for _, char in single if not char.isspace()
    ]
    assert all(char_read.isspace() for char_read, char in single if char.isspace())


@examples(200)
@given(st.text(st.characters(exclude_categories=("Mn", "Mc", "Me", "Cf", "Zs", "Zl", "Zp", "Cc")), max_size=25))
def test_even_text_is_itself(text):
    """A text without combining, invisible and space characters comes through as it is, without edits."""
    folded = fold(text)
    assert (folded.plain, folded.edits) == (text, ())
    assert folded.original(2, 5) == (2, 5)


@examples(200)
@given(TEXTS)
def test_lower_is_the_lower_key_of_cased(text):
    """The two views differ in case only."""
    folded = fold(text)
    assert folded.lower == lower_key(folded.cased)


@pytest.mark.parametrize(
    ("text", "plain", "spans"),
    [
        ("Île", "Île", [(0, 1), (1, 2), (2, 3)]),
        ("I\u0302le", "Île", [(0, 2), (2, 3), (3, 4)]),
        ("e\u0301\u0323a", "ẹa", [(0, 3), (3, 4)]),
        ("\u0301ab", "ab", [(1, 2), (2, 3)]),
        ("a  b", "a b", [(0, 1), (1, 3), (3, 4)]),
        ("a \u00a0\tb", "a b", [(0, 1), (1, 4), (4, 5)]),
        ("a\u202fb", "a\u202fb", [(0, 1), (1, 2), (2, 3)]),
        ("a\r\nb", "a\nb", [(0, 1), (1, 3), (3, 4)]),
        ("a \n b", "a\nb", [(0, 1), (1, 4), (4, 5)]),
        ("a\r\n\r\nb", "a\n\nb", [(0, 1), (1, 5), (1, 5), (5, 6)]),
        ("a\u00adb", "ab", [(0, 1), (2, 3)]),
        ("\ufeffa\u200b\u200db", "ab", [(1, 2), (4, 5)]),
        ("a \u200b b", "a b", [(0, 1), (1, 4), (4, 5)]),
        ("\U0001f600\u00ada", "\U0001f600a", [(0, 1), (2, 3)]),
        ("Ma\u00adi\u0308s  x", "Maïs x", [(0, 1), (1, 2), (3, 5), (5, 6), (6, 8), (8, 9)]),
    ],
)
def test_offsets_of_uneven_texts(text, plain, spans):
    """Clusters become one character, runs of spaces one space, invisible characters nothing; each knows its span."""
    folded = fold(text)
    originals = [folded.original(place, place + 1) for place in range(len(folded.plain))]
    assert (folded.plain, originals) == (plain, spans)


@pytest.mark.parametrize(
    ("text", "cased", "lower"),
    [
        ("ÉTATS-UNIS d’Été", b"ETATS-UNIS d'Ete", b"etats-unis d'ete"),
        ("'‘’‛ʼ′`´", b"''''''''", b"''''''''"),
        ("-‐‑⁃－", b"-----", b"-----"),
        ("«“„»”", b"\xab\xab\xab\xbb\xbb", b"\xab\xab\xab\xbb\xbb"),
        ("a\tb\u00a0c\u202fd\u2009e\rf\ng\u2028h", b"a b c d e f g h", b"a b c d e f g h"),
        ("ŒÆœæß", b"\x8c\xc6\x9c\xe6\xdf", b"\x9c\xe6\x9c\xe6\xdf"),
        ("ŁódźĐøı İ", b"LodzDoi I", b"lodzdoi i"),
        ("Şžčňğ", b"Szcng", b"szcng"),
        ("Жþ中٣", b"\x8d\x8d\x8d\x8d", b"\x8d\x8d\x8d\x8d"),
        ("\U0001f600\x07☃\ud800", b"\x8f\x8f\x8f\x8f", b"\x8f\x8f\x8f\x8f"),
        ("a\n\nb", b"a\x90\x90b", b"a\x90\x90b"),
        ("a \n\nb", b"a\x90\x90\x90b", b"a\x90\x90\x90b"),
        ("a\n \nb", b"a\x90\x90b", b"a\x90\x90b"),
        ("\x81\x8d\x8f\x90\x9d", b"\x8f\x8f\x8f\x8f\x8f", b"\x8f\x8f\x8f\x8f\x8f"),
        ("", b"", b""),
    ],
)
def test_what_becomes_the_same(text, cased, lower):
    """Accents, apostrophes, hyphens, spaces and quotation marks have one form; no text forges an end of paragraph."""
    folded = fold(text)
    assert (folded.cased, folded.lower) == (cased, lower)


PIECES = ["&nbsp;", "&amp;", "\u0301", "\u200b", "\u00a0", "-\n", "-", "' ", "\n", " .", " ", "e", "l"]


@examples(500)
@given(*[st.lists(st.sampled_from(PIECES), max_size=6).map("".join)] * 2)
def test_a_text_is_evened_out_place_by_place(first, second):
    """A change of length changes nothing elsewhere, such as between two line ends that are a break anyway."""
    plains = [fold(f"a{piece}z").plain for piece in (first, second)]
    assert fold(f"a{first}z  a{second}z").plain == " ".join(plains)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("voir https://a.fr/" + "b" * 2000 + " ici", "voir # ici"),
        ("a@b.fr,c@d.fr <x y=1><z> www.e.fr w", "#,# # # w"),
        ("x" * 150 + ".pdf et " + "y" * 250 + ".pdf", "# et " + "y" * 250 + ".pdf"),
        ("u" * 70 + "@b.fr a@b", "u" * 70 + "@b.fr a@b"),
        ("<" + "a" * 401 + "> <" + "a" * 402 + ">", "# <" + "a" * 402 + ">"),
        ("Le 1.html, le 2.htmlx. http://é", "Le #, le 2.htmlx. #"),
        ("_a_ b_c __", "#a# b_c #"),
    ],
)
def test_addresses(text, shown):
    """Addresses, file names and tags are symbols (`#` for a run of them), whatever is far before or after them."""
    far = "mot " * 300
    for before, behind in (("", ""), (far, ""), ("", " " + far), (far + "@ ", " <" + far)):
        cased = fold(before + text + behind).cased[len(before) : len(before) + len(text)]
        assert re.sub(b"\x8f+", b"#", cased).decode() == shown


def test_composed_and_decomposed_are_the_same():
    """A text in NFD folds to the views of the same text in NFC."""
    decomposed = fold("E\u0301milie a\u0300 Besanc\u0327on")
    assert (decomposed.plain, decomposed.cased) == ("Émilie à Besançon", b"Emilie a Besancon")


@pytest.mark.parametrize(
    ("surface", "key"),
    [("  Côte \u00a0 d’Ivoire ", b"Cote d'Ivoire"), ("Sa\u0308o\u00ad", b"Sao"), ("x\n\ny", b"x y")],
)
def test_fold_key(surface, key):
    """The key of a surface has single spaces and none at its ends."""
    assert fold_key(surface) == key


@pytest.mark.parametrize(
    ("surface", "expected"),
    [
        ("Mali", ["Mali"]),
        ("cœur", ["coeur", "cœur"]),
        ("coeur", ["coeur", "cœur"]),
        ("Œuvre", ["OEuvre", "Oeuvre", "Œuvre"]),
        ("Oeuvre", ["OEuvre", "Oeuvre", "Œuvre"]),
        ("OEA", ["OEA", "ŒA"]),
        ("ŒUVRE", ["OEUVRE", "ŒUVRE"]),
        ("Weiß", ["Weiss", "Weiß"]),
        ("Weiss", ["Weiss"]),
        ("curriculum vitæ", ["curriculum vitae", "curriculum vitæ"]),
    ],
)
def test_spellings(surface, expected):
    """Ligatures are written joined or apart, a capital one at the head of a word in two ways; never `ß` for ss."""
    assert spellings(fold_key(surface)) == sorted(text.encode("cp1252") for text in expected)


def test_many_surfaces():
    """Many surfaces fold as each of them does, marks without width and runs of spaces included."""
    surfaces = ["Œuvre", " a\u00a0 b\u2028c ", "e\u0301\u00ad", "", "\u200b", "\U0001f600\u200d x", "d’Or", "\x85", "Ω"]
    folded = [fold(" ".join(surface.split())) for surface in surfaces]
    expected = [view.plain for view in folded], [view.lower for view in folded]
    assert fold_surfaces(surfaces) == expected
    assert fold_surfaces(surfaces * 1000) == (expected[0] * 1000, expected[1] * 1000)


@pytest.mark.parametrize(("text", "expected"), [("Marie\u00a0 Curie", "Marie Curie"), ("Marie\nCurie", "Marie Curie")])
def test_surface(text, expected):
    """The surface of a span has plain spaces for all spaces and line ends in it."""
    folded = fold(f"« {text} »")
    assert folded.surface(2, 13) == expected


def test_keys_in_lower_case():
    """Keys go to lower case letter by letter, ligatures too; what has no case stays."""
    key = "Œuvre d'Æ 3-\x8d".encode("cp1252", "replace").replace(b"?", b"\x8d")
    assert lower_key(key) == b"\x9cuvre d'\xe6 3-\x8d"


@pytest.mark.parametrize(("char", "expected"), [("é", "e"), ("Ç", "C"), ("ø", "o"), ("’", "'"), ("x", "x"), ("œ", "œ")])
def test_unaccented(char, expected):
    """A letter without its accent; a ligature is no accent."""
    assert unaccented(char) == expected
