"""Signs: what a token bears, and that nothing stands where a token lacks its sign."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ruletag.context import Context
from ruletag.fold import fold
from ruletag.lexicon import Lexicon
from ruletag.model import Entry, Source
from ruletag.pattern import parse
from ruletag.signs import ANY, Signs, class_sign, word_sign
from ruletag.tokens import BIT, shapes

SPELT = [("title", b"chef d'etat"), ("civility", b"m."), ("group", b"'ndrangheta"), ("group", b"yahoo!")]


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
    for signs, classes in ((Signs(SPELT), opens), (Signs(SPELT, last=True), closes)):
        assert signs.of(token) == own | sum(map(class_sign, classes))


def test_no_classes():
    """Where no class is known, a token still bears its shapes and its word."""
    assert Signs([]).of(b"De") == ANY | BIT["Cap"] | BIT["Word"] | word_sign(b"de")


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
