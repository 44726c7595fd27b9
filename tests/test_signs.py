"""Signs: what a token bears, and that nothing stands where a token lacks its sign."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ruletag.context import Context
from ruletag.fold import fold
from ruletag.lexicon import Lexicon
from ruletag.model import Entry, Source
from ruletag.pattern import parse
from ruletag.signs import ANY, Choices, Signs, class_sign, word_sign
from ruletag.tokens import BIT, Tokens, shapes

# chef d'État, M., 'Ndrangheta, Yahoo!
CLASSES = {b"m": "civility", b"ndrangheta": "group", b"yahoo": "group"}
FIRST, LAST = CLASSES | {b"chef": "title"}, CLASSES | {b"etat": "title"}
OPENING = Signs(lambda word: [FIRST[word]] if word in FIRST else [], ["group"])
CLOSING = Signs(lambda word: [LAST[word]] if word in LAST else [], ["civility", "group"], last=True)


@pytest.mark.parametrize(
    ("token", "opens", "closes"),
    [
        (b"Chef", {"title"}, set()),
        (b"etat", set(), {"title"}),
        (b"d'", set(), set()),
        (b"M.", {"civility"}, {"civility"}),
        (b"M", {"civility"}, {"civility"}),
        (b"'", {"group"}, {"civility", "group"}),
        (b"!", {"group"}, {"civility", "group"}),
        (b"Yahoo", {"group"}, {"group"}),
        (b"Yahoo-chef", {"group"}, set()),
        (b"ndrangheta", {"group"}, {"group"}),
        (b"Jean", set(), set()),
    ],
)
def test_classes_of_a_token(token, opens, closes):
    """A token bears the classes with an entry of its first or last word; a mark, those with a mark at that edge."""
    own = ANY | shapes(token) | word_sign(token.lower())
    for signs, classes in ((OPENING, opens), (CLOSING, closes)):
        assert signs.of(token) == own | sum(map(class_sign, classes))


def test_no_classes():
    """Where no class is known, a token still bears its shapes and its word."""
    assert Signs(lambda word: []).of(b"De") == ANY | BIT["Cap"] | BIT["Word"] | word_sign(b"de")


ENTRIES = [
    Entry(surface, key, Source("entry", surface))
    for key, surfaces in {
        "title": ["chef", "chef d'état", "roi de Paris", "vice-président"],
        "particle": ["de", "d'"],
        "demonym": ["russe", "d'ici"],
        "demonym-prefix": ["franco"],
        "civility": ["M."],
        "LOC": ["Paris", "Œuvre-de-Paris", "Yahoo!", "'Ndranga"],
    }.items()
    for surface in surfaces
]
ATOMS = ["de", "d'", '"Chef"', '","', "état", "Cap", "lower", "Initial", "Acronym", "Word", "<title>", "<particle>"]
ATOMS += ["<demonym>", "<demonym>&Cap", "<civility>", "<LOC>", "<LOC>&Upper"]
PIECES = ["chef", "Chef", "d'", "état", "roi", "de", "Paris", "PARIS", "russe", "franco-", "M.", "Œuvre", "Oeuvre-de-"]
PIECES += ["Yahoo!", "'Ndranga", "vice-président", "Président", "'", "ici", ",", "«", "J.", " ", " ", "\n", "-", "3,5"]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), st.sampled_from([(), ("title",), ("demonym",)]))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_nothing_stands_where_its_sign_is_not(text, anchors):
    """Wherever an atom stands, on either side of an offset, the token there bears the sign of the atom."""
    folded = fold(text)
    lexicon = Lexicon(ENTRIES, anchors)
    context = Context(folded, lexicon, lexicon.find(folded))
    for atom in (parse(each, {}, frozenset({"title", "particle", "demonym", "civility"})) for each in ATOMS):
        for sights, leftwards in ((context.ahead, False), (context.behind, True)):
            unborne = [
                (str(atom), offset, leftwards)
                for offset in range(len(folded.plain) + 1)
                if context.steps(atom, offset, leftwards=leftwards) and not sights[offset][2] & atom.sign
            ]
            assert unborne == []


def test_choices():
    """A token allows the options that ask for one of its signs, or for nothing; they keep their order."""
    choices = Choices([(1, "one"), (0, "always"), (2 | 4, "two or four"), (8 | ANY, "any")])
    assert (choices.asked, choices.all) == (7, ("one", "always", "two or four", "any"))
    assert choices[1] == ("one", "always", "any")
    assert choices[4] == choices[2] == ("always", "two or four", "any")
    assert choices[0] == ("always", "any")
    assert sorted(choices) == [0, 1, 2, 4]


@pytest.mark.parametrize(
    ("row", "first", "last"),
    [
        (b"l'Iran,", b"l'", b","),
        (b"Jean-Luc", b"Jean-Luc", b"Jean-Luc"),
        (b"(O.N.U.)", b"(", b")"),
        (b"\x90Paris", b"", b"Paris"),
        (b"Paris\x90", b"Paris", b""),
        (b"\x90\x90", b"", b""),
        (b"", b"", b""),
    ],
)
def test_edges_of_a_row(row, first, last):
    """What stands between two spaces has a first and a last token, unless a break stands there."""
    assert OPENING.edge[row] == (len(first), OPENING.of(first) if first else ANY)
    assert CLOSING.edge[row] == CLOSING.until(row, len(row)) == (len(last), CLOSING.of(last) if last else ANY)


def test_inside_a_row():
    """A token ends inside a row where it ends if all of the row is read, and nowhere else."""
    row = b"l'O.N.U.,3,5"
    found = {end: row[end - CLOSING.until(row, end)[0] : end] for end in range(len(row) + 1)}
    assert {end: token for end, token in found.items() if token} == {2: b"l'", 8: b"O.N.U.", 9: b",", 12: b"3,5"}


WORDS = [
    "a",
    "Z",
    "é",
    "d'",
    "’",
    "-",
    ".",
    "A.",
    "1,",
    "5",
    " ",
    "\n",
    "\n\n",
    "\r",
    "\u2028",
    "«",
    "x" * 70,
    "A." * 40,
]


@given(st.lists(st.sampled_from(WORDS), max_size=12).map("".join))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_sights_are_the_tokens(text):
    """What is seen beside each offset is the token that is cut there, however the text is read: in rows or not."""
    folded = fold(text)
    tokens, context = Tokens(folded), Context(folded, Lexicon(ENTRIES))
    for offset in range(len(folded.plain) + 1):
        for sights, cut in ((context.ahead, tokens.cut_after), (context.behind, tokens.cut_before)):
            match = cut(offset)
            assert sights[offset][:2] == (match.span() if match else (offset, offset))
            assert bool(sights[offset][2] & (ANY - 1)) <= bool(match)


def test_sights_of_many_places():
    """Looked at together or one by one, places look the same."""
    folded = fold("Le président d'ici, M. Œuvre-de-Paris\nfranco-russe")
    lexicon = Lexicon(ENTRIES, ["title"])
    together, apart = (Context(folded, lexicon, lexicon.find(folded)) for _ in range(2))
    places = range(len(folded.plain) + 1)
    for sights, other in ((together.ahead, apart.ahead), (together.behind, apart.behind)):
        sights.fill(places)
        assert len(sights) == len(places)
        assert sights == {place: other[place] for place in places}
