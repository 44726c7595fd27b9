"""The search from anchors against a naive one, which tries every start of the text and keeps nothing in mind."""

from hypothesis import example, given
from hypothesis import strategies as st

from makers import rule_of, text_of
from properties import examples
from ruletag.model import Entry, Source
from ruletag.pattern import Absent, Atom, Choice, Group, PatternError, Repeat, Sequence, parse
from ruletag.plain.matcher import Matcher

# Every token that the texts are made of, with its shapes.
SHAPES = {
    "de": {"lower", "Word"},
    "De": {"Cap", "Word"},
    "le": {"lower", "Word"},
    "roi": {"lower", "Word"},
    "Roi": {"Cap", "Word"},
    "ROI": {"Upper", "Acronym", "Word"},
    "chef": {"lower", "Word"},
    "d'": {"lower", "Word"},
    "état": {"lower", "Word"},
    "russe": {"lower", "Word"},
    "Paul": {"Cap", "Word"},
    "Jean-Luc": {"Cap", "Word"},
    "Paris": {"Cap", "Word"},
    "PARIS": {"Upper", "Acronym", "Word"},
    "O.N.U.": {"Acronym", "Initial"},
    "J.": {"Initial"},
    "XIV": {"Upper", "Roman", "Word"},
    "14e": {"Ordinal"},
    "3": {"Number"},
    "3,5": {"Number"},
    "dr": {"lower", "Word"},
    "Dr": {"Cap", "Word"},
    ",": set(),
    ".": set(),
    "«": set(),
}
ENTRIES = {
    "title": [["roi"], ["chef"], ["chef", "d'", "état"], ["roi", "de", "paris"], ["dr"], ["dr", "."]],
    "particle": [["de"], ["d'"]],
    "demonym": [["russe"]],
    "LOC": [["Paris"]],
}
ENTRY_VALUES = [
    Entry(" ".join(words).replace("d' ", "d'").replace(" .", "."), key, Source("entry", key))
    for key, surfaces in ENTRIES.items()
    for words in surfaces
]


class Naive:
    """A text as rows of tokens, and every way in which a tree matches from a token on."""

    def __init__(self, tokens, breaks):
        """`breaks` are the indexes of the tokens that begin a new line."""
        self.tokens = tokens
        self.breaks = breaks
        self.text = ""
        self.spans = []
        for index, token in enumerate(tokens):
            if index:
                self.text += "\n" if index in breaks else "" if tokens[index - 1] == "d'" or token == "." else " "
            self.spans.append((len(self.text), len(self.text) + len(token)))
            self.text += token

    def matches(self, tree):
        """Every match as (first token, token behind the last, span of the entity in the text)."""
        return {
            (first, behind, (self.spans[entity[0]][0], self.spans[entity[1] - 1][1]))
            for first in range(len(self.tokens))
            for behind, entity in self.ways(tree, first, first)
        }

    def ways(self, node, at, first):
        """The ends of a node that begins at a token, in a match that began at `first`; with the entity in it."""
        if isinstance(node, Atom):
            return {(behind, None) for behind in self.atom(node, at, first)}
        if isinstance(node, Absent):
            return set() if self.atom(node.atom, at, first) else {(at, None)}
        if isinstance(node, Choice):
            return {way for option in node.options for way in self.ways(option, at, first)}
        if isinstance(node, Group):
            return {(behind, (at, behind)) for behind, _ in self.ways(node.item, at, first)}
        if isinstance(node, Sequence):
            ends = {(at, None)}
            for item in node.items:
                ends = {
                    (behind, entity or earlier)
                    for middle, earlier in ends
                    for behind, entity in self.ways(item, middle, first)
                }
            return ends
        assert isinstance(node, Repeat)
        turns = [{at}]
        for _ in range(len(self.tokens) + node.least + 1 if node.most is None else node.most):
            turns.append({behind for middle in turns[-1] for behind, _ in self.ways(node.item, middle, first)})
        return {(behind, None) for turn in turns[node.least :] for behind in turn}

    def atom(self, atom, at, first):
        """The ends of an atom that begins with a token, which, after the first of a match, must be on the same line."""
        if at >= len(self.tokens) or (at in self.breaks and at != first):
            return set()
        if not _demanded(atom) <= SHAPES[self.tokens[at]]:
            return set()
        if atom.kind == "shape":
            return {at + 1}
        if atom.kind == "exact":
            return {at + 1} if self.tokens[at] == atom.value else set()
        if atom.kind == "word":
            return {at + 1} if self.tokens[at].lower() == atom.value else set()
        return {at + len(words) for words in ENTRIES[atom.value] if self.entry(words, atom.value == "LOC", at)}

    def entry(self, words, is_label, at):
        """Whether an entry begins at a token; no line may end in it where it has no space."""
        tokens = self.tokens[at : at + len(words)]
        broken = [index - at for index in self.breaks if at < index < at + len(tokens)]
        if any(tokens[index - 1] == "d'" or tokens[index] == "." for index in broken):
            return False
        return (
            tokens == words
            or tokens == [word.upper() for word in words]
            or (not is_label and _lowered(tokens) == words)
        )


def _lowered(words):
    return [word.lower() for word in words]


def _demanded(atom):
    """The names of the shapes that an atom demands."""
    first, *more = str(atom).split("&")
    return {first, *more} if atom.kind == "shape" else set(more)


ATOMS = [
    *("de", "roi", "état", "3", '"Roi"', '"«"', ","),
    *("<title>", "<particle>", "<demonym>", "<LOC>", "<title>&Cap", "<LOC>&Acronym"),
    *("Cap", "Upper", "lower", "Acronym", "Roman", "Ordinal", "Number", "Initial", "Word"),
]
atom = st.sampled_from(ATOMS)
absent = st.sampled_from(["!Cap", "!<title>", "!<LOC>", "!de", "!Number", '!"Roi"'])
item = st.one_of(atom, atom, st.tuples(atom, st.sampled_from(["?", "*", "+", "{2}", "{0,2}"])).map("".join), absent)
node = st.recursive(
    item,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(" ".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda options: f"({' | '.join(options)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{1,2}"])).map(lambda pair: f"({pair[0]}){pair[1]}"),
    ),
    max_leaves=4,
)
# The core of an entity is demanded, so that it is never empty.
pattern = st.tuples(
    st.one_of(st.just(""), node),
    st.one_of(st.just(""), node),
    atom,
    st.one_of(st.just(""), node),
    st.one_of(st.just(""), node),
).map(lambda five: "{} [ {} {} {} ] {}".format(*five))
texts = st.tuples(
    st.lists(st.sampled_from(sorted(SHAPES)), min_size=1, max_size=7), st.frozensets(st.integers(1, 6), max_size=1)
)


def candidates(pattern, text):
    """The candidates of a rule that has only a pattern; None if the pattern has no anchor."""
    try:
        rule = rule_of(pattern, classes=ENTRIES)
    except PatternError:
        return None
    return list(Matcher([rule]).candidates(text_of(text, ENTRY_VALUES), 1, alone=True))


@given(pattern, texts)
@example("[ Number ] roi", (["3,5", "roi"], frozenset()))
@example("[ Acronym ]", (["O.N.U."], frozenset()))
@example("[ <title> ] <title>", (["chef", "d'", "état", "roi"], frozenset({1})))
@example("[ roi !Cap Word ]", (["roi", "d'"], frozenset()))
@example('[ roi Word* ] ","', (["roi", "d'", ",", "de"], frozenset()))
@example("[ <particle> ] Number", (["d'", "3,5"], frozenset()))
@example("[ <title> ]", (["Dr", "."], frozenset()))
@example("[ <title> ]", (["Dr"], frozenset()))
@example("[ Cap ] <title>", (["Paul", "Dr"], frozenset()))
@examples(120)
def test_the_matcher_agrees_with_a_naive_search(pattern, written):
    """Every span of the matcher is that of a true match around its anchor; no true match goes without its anchor."""
    naive = Naive(*written)
    tree = parse(pattern, {}, frozenset(ENTRIES))
    proposed = candidates(pattern, naive.text)
    if proposed is None:
        return
    true = {
        (naive.spans[first][0], naive.spans[behind - 1][1], entity) for first, behind, entity in naive.matches(tree)
    }
    for candidate in proposed:
        around = {
            entity for start, end, entity in true if start <= candidate.anchor.start and candidate.anchor.end <= end
        }
        assert {(candidate.start, candidate.end)} & around == {(candidate.start, candidate.end)}
    anchors = [(candidate.anchor.start, candidate.anchor.end) for candidate in proposed]
    assert [m for m in true if not any(m[0] <= start and end <= m[1] for start, end in anchors)] == []
