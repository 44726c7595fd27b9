"""Counts by hand, and the laws that every score obeys."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ruletag.evaluation.score import Borders, Counts, Error, Score, score
from ruletag.fold import fold
from ruletag.lexicon import Lexicon
from ruletag.model import LABELS, Document, Entity, Entry, Source

WORDS = {
    "title": ["président", "présidente", "ministre", "premier ministre"],
    "title-plural": ["présidents"],
    "civility": ["M.", "Mme"],
    "demonym": ["russe", "français"],
}
BORDERS = Borders(Lexicon(Entry(word, key, Source("entry", word)) for key in WORDS for word in WORDS[key]))
TEXT = "Marie Curie est née à Varsovie, près de la Vistule."
NOTHING = dict.fromkeys(LABELS, Counts())


def doc(text, *spans, **fields):
    """An annotated document of a text and its spans."""
    entities = tuple(Entity(start, end, label, text[start:end]) for start, end, label in spans)
    return Document(text, entities, **{"annotated": True} | fields)


def strict(*pairs):
    """The strict counts of each label that has any."""
    return {label: tuple(vars_of(c)) for label, c in score(pairs, BORDERS).counts["strict"].items() if c != Counts()}


def vars_of(counts):
    return counts.gold, counts.predicted, counts.correct


@st.composite
def annotated(draw, text=TEXT):
    """A document with any spans: nested, crossing, doubled."""
    starts = st.integers(0, len(text) - 1)
    spans = draw(st.lists(st.tuples(starts, st.integers(1, 8), st.sampled_from(LABELS)), max_size=6))
    return doc(text, *((start, min(start + length, len(text)), label) for start, length, label in spans))


PAIRS = st.tuples(annotated(), annotated())


@pytest.mark.parametrize(
    ("counts", "precision", "recall", "f1"),
    [
        (Counts(), 0.0, 0.0, 0.0),
        (Counts(4, 0, 0), 0.0, 0.0, 0.0),
        (Counts(0, 4, 0), 0.0, 0.0, 0.0),
        (Counts(4, 2, 1), 0.5, 0.25, 1 / 3),
        (Counts(3, 3, 3), 1.0, 1.0, 1.0),
    ],
)
def test_ratios_come_from_counts(counts, precision, recall, f1):
    """0/0 is 0; F1 is 2·correct / (gold + predicted)."""
    assert (counts.precision, counts.recall, counts.f1) == (precision, recall, f1)


def test_counts_add_up():
    """Adding is field by field."""
    assert Counts(1, 2, 3) + Counts(10, 20, 30) == Counts(11, 22, 33)


def test_counts_and_errors_by_hand():
    """A hit, a wrong label, wrong borders, a missed name, one too many: every figure and every error."""
    gold = doc(TEXT, (0, 11, "PER"), (22, 30, "LOC"), (43, 50, "LOC"), path="g.txt")
    found = doc(TEXT, (0, 11, "PER"), (22, 30, "ORG"), (40, 50, "LOC"), (12, 15, "MISC"))
    varsovie, vistule = gold.entities[1:]
    est, wrong, long = found.entities[1:]
    assert score([(gold, found)], BORDERS) == Score(
        {
            "strict": NOTHING
            | {"PER": Counts(1, 1, 1), "LOC": Counts(2, 1, 0), "ORG": Counts(0, 1, 0)}
            | {"MISC": Counts(0, 1, 0)},
            "forgiven": NOTHING
            | {"PER": Counts(1, 1, 1), "LOC": Counts(2, 1, 1), "ORG": Counts(0, 1, 0)}
            | {"MISC": Counts(0, 1, 0)},
        },
        (
            Error("missed", gold, varsovie, wrong),
            Error("missed", gold, vistule, long),
            Error("spurious", gold, est, None),
            Error("spurious", gold, wrong, varsovie),
            Error("spurious", gold, long, vistule),
        ),
        1,
        (),
    )


def test_micro_sums_labels():
    """The counts of several labels as one; all four where none is named."""
    gold = doc(TEXT, (0, 11, "PER"), (22, 30, "LOC"), (43, 50, "MISC"))
    result = score([(gold, doc(TEXT, (0, 11, "PER"), (22, 30, "ORG")))], BORDERS)
    assert result.micro() == Counts(3, 2, 1)
    assert result.micro("strict", LABELS[:3]) == Counts(2, 2, 1)
    assert result.micro("forgiven", ["MISC"]) == Counts(1, 0, 0)


@pytest.mark.parametrize(
    ("gold", "found", "counts"),
    [
        ([(0, 5), (0, 5)], [(0, 5)], (2, 1, 1)),
        ([(0, 5)], [(0, 5), (0, 5)], (1, 2, 1)),
        ([(0, 5), (0, 5)], [(0, 5), (0, 5)], (2, 2, 2)),
        ([(0, 5), (5, 9)], [(0, 9)], (2, 1, 0)),
        ([(0, 11), (6, 11)], [(0, 11)], (2, 1, 1)),
        ([(0, 11), (6, 11)], [(6, 11), (0, 11)], (2, 2, 2)),
        ([], [(0, 5)], (0, 1, 0)),
    ],
)
def test_spans_are_a_multiset(gold, found, counts):
    """Duplicates want duplicates, nested gold counts span by span, halves are not the whole."""
    pair = doc(TEXT, *((*span, "PER") for span in gold)), doc(TEXT, *((*span, "PER") for span in found))
    assert strict(pair) == {"PER": counts}


def test_adjacent_spans_do_not_overlap():
    """[0, 5) and [5, 9) share no character: neither stands for the other in an error."""
    result = score([(doc(TEXT, (0, 5, "PER")), doc(TEXT, (5, 9, "PER")))], BORDERS)
    assert [(error.kind, error.other) for error in result.errors] == [("missed", None), ("spurious", None)]


def test_an_error_names_the_span_that_shares_most():
    """Of several spans that overlap, the one with most characters in common; the first of two that have as many."""
    gold = doc(TEXT, (0, 11, "PER"))
    for spans, best in ([(0, 3), (3, 11)], (3, 11)), ([(0, 4), (4, 8)], (0, 4)):
        result = score([(gold, doc(TEXT, *((*span, "LOC") for span in spans)))], BORDERS)
        other = result.errors[0].other
        assert (other.start, other.end) == best


def test_duplicates_are_errors_once():
    """One of two equal spans is matched, the other is spurious."""
    result = score([(doc(TEXT, (0, 5, "PER")), doc(TEXT, (0, 5, "PER"), (0, 5, "PER")))], BORDERS)
    assert [(error.kind, error.entity.span) for error in result.errors] == [("spurious", (0, 5, "PER"))]


def test_documents_without_gold_are_named_and_not_scored():
    """A raw text is skipped by its id, else its path; a text annotated with nothing counts."""
    pairs = [
        (Document(TEXT, id="a", path="x"), doc(TEXT, (0, 5, "PER"))),
        (Document(TEXT, path="raw.txt"), doc(TEXT, (0, 5, "PER"))),
        (doc(TEXT), doc(TEXT, (0, 5, "PER"))),
    ]
    result = score(pairs, BORDERS)
    assert (result.documents, result.skipped, result.micro()) == (1, ("a", "raw.txt"), Counts(0, 1, 0))


def test_texts_must_be_the_same():
    """A prediction of another text is no prediction."""
    with pytest.raises(ValueError, match=r"^gold and prediction are of different texts$"):
        score([(doc("a"), doc("b"))], BORDERS)


@settings(max_examples=40)
@given(annotated())
def test_gold_against_itself_is_perfect(document):
    """Whatever the gold holds, it agrees with itself in every measure."""
    result = score([(document, document)], BORDERS)
    number = len(document.entities)
    assert [result.micro(name) for name in result.counts] == [Counts(number, number, number)] * 2
    assert result.errors == ()


@settings(max_examples=40)
@given(PAIRS)
def test_swapping_the_sides_exchanges_precision_and_recall(pair):
    """Gold and prediction are treated alike."""
    result, swapped = score([pair], BORDERS), score([pair[::-1]], BORDERS)
    for name in result.counts:
        for label in LABELS:
            there, back = result.counts[name][label], swapped.counts[name][label]
            assert (there.precision, there.recall, there.f1) == (back.recall, back.precision, back.f1)


@settings(max_examples=40)
@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_entities_changes_nothing(pair, random):
    """A permutation of the entities of both sides gives the same score, errors and all."""
    mixed = []
    for document in pair:
        entities = list(document.entities)
        random.shuffle(entities)
        mixed.append(replace(document, entities=tuple(entities)))
    assert score([mixed], BORDERS) == score([pair], BORDERS)


@settings(max_examples=40)
@given(st.lists(PAIRS, max_size=5), st.integers(0, 5))
def test_scores_add_up(pairs, cut):
    """The counts of all documents are those of the two halves together."""
    whole = score(pairs, BORDERS)
    first, second = score(pairs[:cut], BORDERS), score(pairs[cut:], BORDERS)
    for name in whole.counts:
        assert whole.micro(name) == first.micro(name) + second.micro(name)
    assert whole.errors == first.errors + second.errors
    assert whole.documents == first.documents + second.documents


@pytest.mark.parametrize(
    ("span", "core"),
    [
        ("le Président Poutine", "Poutine"),
        ("Président Poutine", "Poutine"),
        ("Premier ministre russe Poutine", "Poutine"),
        ("président russe Vladimir Poutine", "Vladimir Poutine"),
        ("M. Poutine", "Poutine"),
        ("la Chine", "Chine"),
        ("L’Iran", "Iran"),
        ("l'Iran", "Iran"),
        ("Douma russe", "Douma"),
        ("le gouvernement français", "gouvernement"),
        ("Présidents", "Présidents"),
        ("Président", "Président"),
        ("le Président", "Président"),
        ("le Président russe", "Président"),
        ("Président russe", "Président"),
        ("la", "la"),
        ("russe", "russe"),
        ("Parti Français", "Parti Français"),
        ("Vladimir Poutine", "Vladimir Poutine"),
        ("Présidentielle", "Présidentielle"),
        ("Le\u00a0Pre\u0301sident  Poutine", "Poutine"),
        ("Douma  russe", "Douma"),
    ],
)
def test_forgiven_borders(span, core):
    """Determiner, title with its demonym, civility and trailing demonym go; a span that is only a title keeps it."""
    text = f"Hier, {span} attend. e\u0301" if "\u0301" in span else f"Hier, {span} attend."
    folded = fold(text)
    start, end, label = BORDERS.forgiven(folded, (6, 6 + len(span), "PER"))
    assert (folded.plain[start:end], label) == (core, "PER")


@pytest.mark.parametrize(
    "text",
    ["Le Président Poutine attend.", "Le Pre\u0301sident Poutine attend.", "\u200b\u200bLe  Président  Poutine."],
)
def test_forgiven_and_strict_differ_by_borders_only(text):
    """A name with its title and without is one hit when borders are forgiven, also where folding moves offsets."""
    end = text.index("Poutine") + 7
    gold = doc(text, (text.index("Poutine"), end, "PER"))
    result = score([(gold, doc(text, (text.index("Pr"), end, "PER")))], BORDERS)
    assert result.counts == {
        "strict": NOTHING | {"PER": Counts(1, 1, 0)},
        "forgiven": NOTHING | {"PER": Counts(1, 1, 1)},
    }


def test_forgiving_borders_never_forgives_the_label():
    """A right span with a wrong label is two errors in every measure."""
    result = score([(doc("La Chine", (3, 8, "LOC")), doc("La Chine", (0, 8, "ORG")))], BORDERS)
    assert [result.micro(name) for name in result.counts] == [Counts(1, 1, 0)] * 2


def test_strict_is_the_span_as_it_is():
    """The strict view changes nothing, however the text folds."""
    assert BORDERS.strict(fold("l’e\u0301te\u0301  russe"), (2, 12, "MISC")) == (2, 12, "MISC")
