"""Programs: which anchor a pattern is searched from, and that both reading directions accept the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makers import text_of
from properties import examples
from ruletag.model import Entry, Source
from ruletag.pattern import PatternError, parse
from ruletag.plain.matcher import run
from ruletag.program import (
    ABSENT,
    ATOM,
    DONE,
    JUMP,
    MARK,
    MOST_STEPS,
    MOST_VARIANTS,
    SPLIT,
    Mark,
    Plan,
    Step,
    plans,
    program,
)

CLASSES = frozenset({"title", "demonym", "particle", "determiner"})


def planned(pattern):
    """Each plan as (anchors, what is written before, what is written behind)."""
    return [
        (" ".join(map(str, plan.anchors)), _atoms(plan.left), _atoms(plan.right))
        for plan in plans(parse(pattern, {}, CLASSES))
    ]


def _atoms(steps):
    return " ".join(("!" if step.op == ABSENT else "") + str(step.atom) for step in steps if step.atom)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        # a class or an acronym before a shape, wherever it stands; what stands before is read leftwards
        ("<title> [ Cap ]", [("<title>", "", "Cap")]),
        ("[ Cap ] <title>", [("<title>", "Cap", "")]),
        ("le petit Cap <title> [ Cap Upper ]", [("<title>", "Cap petit le", "Cap Upper")]),
        # among equals the first
        ("<title> [ <demonym> ]", [("<title>", "", "<demonym>")]),
        ("[ Cap Cap ]", [("Cap", "", "Cap")]),
        ("de [ Upper ]", [("de", "", "Upper")]),
        ("[ Upper ] de", [("Upper", "", "de")]),
        # the whole order: class, word or label, acronym, ordinal, number, word in
        # capitals or frequent word, capitalised word
        ("[ Cap ] roi <title>", [("<title>", "roi Cap", "")]),
        ("[ <LOC> ] <title>", [("<title>", "<LOC>", "")]),
        ("[ <LOC> ] roi", [("<LOC>", "", "roi")]),
        ("[ Acronym ] roi", [("roi", "Acronym", "")]),
        ("[ Acronym ] @LOC", [("@LOC", "Acronym", "")]),
        ("[ Ordinal ] Acronym", [("Acronym", "Ordinal", "")]),
        ("[ Number ] Ordinal", [("Ordinal", "Number", "")]),
        ("[ Number ] Roman", [("Roman", "Number", "")]),
        ("[ Number ] Initial", [("Initial", "Number", "")]),
        ("[ Upper ] Number", [("Number", "Upper", "")]),
        ("[ Cap ] Upper", [("Upper", "Cap", "")]),
        ("[ Cap ] de", [("de", "Cap", "")]),
        ('[ Cap ] "Le"', [('"Le"', "Cap", "")]),
        # a class of frequent words is as frequent as they are
        ("<determiner> [ <title> ]", [("<title>", "<determiner>", "")]),
        ("<determiner> [ Acronym ]", [("Acronym", "<determiner>", "")]),
        ("<determiner> [ Cap ]", [("<determiner>", "", "Cap")]),
        # lower, Word, punctuation and what may be missing are no anchors
        ("lower Word [ Cap ]", [("Cap", "Word lower", "")]),
        ('"(" [ Cap ] ")"', [("Cap", '"("', '")"')]),
        ("<title>? [ Cap ]", [("Cap", "<title>", "")]),
        ("<title>* <demonym>{0,2} [ Cap ]", [("Cap", "<demonym> <demonym> <title>", "")]),
        ("!<title> [ Cap ]", [("Cap", "!<title>", "")]),
        # a shape besides makes a rarer anchor of a shape
        ("[ Cap ] Upper&Acronym", [("Upper&Acronym", "Cap", "")]),
        # the first turn of what must be repeated can be the anchor
        ("[ Cap ] <title>+", [("<title>", "Cap", "<title>")]),
        ("[ Cap ] <title>{2,3}", [("<title>", "Cap", "<title> <title>")]),
        ("[ Cap ] <title>{2}", [("<title>", "Cap", "<title>")]),
        ("[ (de Acronym){1,2} ]", [("Acronym", "de", "de Acronym")]),
        # a choice of single things is one anchor, as frequent as its most frequent option
        ("(roi | reine | <title>) [ Cap ]", [("roi reine <title>", "", "Cap")]),
        ("(roi | de) [ Cap ] Acronym", [("Acronym", "Cap roi de", "")]),
        ("title:( roi | reine ) [ Cap ]", [("roi reine", "", "Cap")]),
        # a choice of longer things is multiplied out, where nothing better is demanded
        ("(roi de | reine) [ Cap ]", [("roi", "", "de Cap"), ("reine", "", "Cap")]),
        ("(roi de | reine) [ <LOC> ]", [("<LOC>", "de roi reine", "")]),
        ("(roi | lower) [ Cap ]", [("roi", "", "Cap"), ("Cap", "lower", "")]),
    ],
)
def test_anchor(pattern, expected):
    """A search starts from the rarest required atom."""
    assert planned(pattern) == expected


def test_plan_in_full():
    """A plan holds its anchors, how frequent they are, and the programs to the left and to the right."""
    tree = parse("le? (un | !du) <title> [ Cap+ ]", {}, CLASSES)
    le, one, no, title, cap = (parse(text, {}, CLASSES) for text in ("le", "un", "du", "<title>", "Cap"))
    left = [
        Step(SPLIT, first=1, second=3),
        Step(ATOM, one),
        Step(JUMP, first=4),
        Step(ABSENT, no),
        Step(SPLIT, first=5, second=6),
        Step(ATOM, le),
        Step(DONE),
    ]
    right = [
        Step(MARK, mark=Mark("entity", False)),
        Step(ATOM, cap),
        Step(SPLIT, first=3, second=5),
        Step(ATOM, cap),
        Step(JUMP, first=2),
        Step(MARK, mark=Mark("entity", True)),
        Step(DONE),
    ]
    assert plans(tree) == (Plan((title,), 1, tuple(left), tuple(right)),)


def test_program_of_both_directions():
    """Read leftwards, a program meets the last atom first and the end of a group before its start."""
    tree = parse("le det:( un <title> )", {}, CLASSES)
    le, one, title = (Step(ATOM, parse(text, {}, CLASSES)) for text in ("le", "un", "<title>"))
    start, end = Step(MARK, mark=Mark("det", False)), Step(MARK, mark=Mark("det", True))
    assert program(tree, leftwards=False) == (le, start, one, title, end, Step(DONE))
    assert program(tree, leftwards=True) == (end, title, one, start, le, Step(DONE))


@pytest.mark.parametrize(
    "pattern",
    [
        "[ lower ]",
        "[ Cap? ] lower",
        '"(" [ Word ] ")"',
        "[ (<title> | lower) ]",
        "[ Cap* ]",
        "!Cap [ lower ]",
        '[ "«" ]',
    ],
)
def test_no_anchor(pattern):
    """A pattern that demands nothing rare would have to be tried at every word, and is refused."""
    with pytest.raises(PatternError) as caught:
        plans(parse(pattern, {}, CLASSES))
    error = caught.value
    assert (error.column, str(error), error.help, error.code) == (
        1,
        "nothing in this pattern is rare enough to start a search from",
        "require a word, a class, an acronym or a capitalised word outside ? and *",
        "RT301",
    )


def test_too_many_alternatives():
    """Choices multiply; there is a largest number of rows that a pattern may become."""
    choices = "(lower de | lower du)"
    assert len(plans(parse(f"{choices} " * 6 + "[ Cap ]", {}, CLASSES))) == MOST_VARIANTS
    with pytest.raises(PatternError) as caught:
        plans(parse(f"{choices} " * 7 + "[ Cap ]", {}, CLASSES))
    error = caught.value
    assert (error.column, str(error), error.help) == (1, "too many alternatives follow each other", "write two rules")


def test_counts_that_unfold_without_measure():
    """Nested counts multiply too: a pattern of one line may not become a program of a quarter of a million steps."""
    largest = parse("[ (Cap{0,50}){0,50} Acronym ]", {}, CLASSES)
    assert [len(plan.left) for plan in plans(largest)] == [5052]
    giant = parse("[ ((Cap{0,50}){0,50}){0,50} Acronym ]", {}, CLASSES)
    for refused in (lambda: plans(giant), lambda: program(giant, leftwards=True)):
        with pytest.raises(PatternError) as caught:
            refused()
        error = caught.value
        assert (error.column, str(error)) == (1, "this pattern unfolds to 380107 steps")
        assert error.help == "lower its counts, or repeat with * and +"
    assert MOST_STEPS == 10_000


ATOMS = ["de", "roi", '"Roi"', "Cap", "lower", "Number", "<title>", "<particle>", "Word"]
atom = st.sampled_from([*ATOMS, "!Cap", "!<title>", "!roi"])
quantified = st.tuples(atom.filter(lambda text: text[0] != "!"), st.sampled_from(["", "?", "*", "+", "{2}", "{0,2}"]))
item = st.one_of(atom, quantified.map("".join))
node = st.recursive(
    item,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(" ".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda options: f"({' | '.join(options)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "{1,2}"])).map(lambda pair: f"({pair[0]}){pair[1]}"),
    ),
    max_leaves=5,
)
TOKENS = ["de", "De", "roi", "Roi", "chef", "d'", "état", "3", "Paul", ","]
_ENTRIES = [
    Entry(surface, key, Source("entry", surface))
    for key, surfaces in {"title": ["roi", "chef", "chef d'état"], "particle": ["de", "d'"]}.items()
    for surface in surfaces
]


@given(node, st.lists(st.sampled_from(TOKENS), max_size=5))
@examples(120)
def test_both_directions_accept_the_same(pattern, tokens):
    """Between a fixed start and end, a pattern matches read rightwards exactly where it matches read leftwards."""
    text = f"debut {' '.join(tokens)} fin".replace("  ", " ").replace("d' ", "d'")
    tree = parse(f"debut ({pattern}) fin", {}, CLASSES)
    read = text_of(text, _ENTRIES)
    matches = []
    for leftwards in (False, True):
        steps = program(tree, leftwards=leftwards)
        matches.append(run(read, steps, len(text) if leftwards else 0, leftwards=leftwards) is not None)
    assert matches[0] == matches[1]
