"""Counts by hand, and the laws that every score obeys."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makers import hits_of
from properties import examples
from ruletag import markup
from ruletag.evaluation.agreement import agreement
from ruletag.evaluation.borders import Borders
from ruletag.evaluation.measures import MEASURES, Counts
from ruletag.evaluation.score import Macro, Score, score
from ruletag.fold import fold
from ruletag.model import LABELS, Document, Entity, Entry, Source

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "scoring.md"

WORDS = {
    "title": ["président", "présidente", "ministre", "premier ministre"],
    "title-plural": ["présidents"],
    "civility": ["M.", "Mme"],
    "demonym": ["russe", "français"],
}
BORDERS = Borders(hits_of(Entry(word, key, Source("entry", word)) for key in WORDS for word in WORDS[key]))
TEXT = "Marie Curie est née à Varsovie, près de la Vistule."
NOTHING = dict.fromkeys(LABELS, Counts())


def doc(text, *spans, **fields):
    """An annotated document of a text and its spans."""
    entities = tuple(Entity(start, end, label, text[start:end]) for start, end, label in spans)
    return Document(text, entities, **{"annotated": True} | fields)


def strict(*pairs):
    """The strict counts of each label that has any."""
    return {label: tuple(vars_of(c)) for label, c in score(pairs, BORDERS).counts["strict"].items() if c != Counts()}


def counted(measure, *pairs):
    """The counts of each label that has any."""
    return {label: counts for label, counts in score(pairs, BORDERS).counts[measure].items() if counts != Counts()}


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
        (Counts(4, 2, 1, 1), 0.75, 0.375, 0.5),
        (Counts(2, 2, 1, 0, 2, 0), 1.0, 0.5, 2 / 3),
        (Counts(2, 2, 0, 1, 0, 2), 0.5, 0.25, 1 / 3),
        (Counts(1, 1, 1, 0, 0, 0), 0.0, 1.0, 0.0),
    ],
)
def test_ratios_come_from_counts(counts, precision, recall, f1):
    """0/0 is 0; a partial answer is worth half; each ratio has its own numerator; F1 is the harmonic mean."""
    assert (counts.precision, counts.recall, counts.f1) == (precision, recall, f1)


def test_counts_add_up():
    """Adding is field by field."""
    assert Counts(1, 2, 3) + Counts(10, 20, 30) == Counts(11, 22, 33)
    assert Counts(1, 2, 3, 4, 5, 6) + Counts(10, 20, 30, 40, 50, 60) == Counts(11, 22, 33, 44, 55, 66)


def test_counts_by_hand():
    """A hit, a wrong label, wrong borders, a missed name, one too many: every figure."""
    gold = doc(TEXT, (0, 11, "PER"), (22, 30, "LOC"), (43, 50, "LOC"), path="g.txt")
    predicted = doc(TEXT, (0, 11, "PER"), (22, 30, "ORG"), (40, 50, "LOC"), (12, 15, "MISC"))
    result = score([(gold, predicted)], BORDERS)
    sides = NOTHING | {"PER": Counts(1, 1, 1), "ORG": Counts(0, 1), "MISC": Counts(0, 1)}
    assert result.counts == {
        "strict": sides | {"LOC": Counts(2, 1, 0)},
        "exact": sides | {"LOC": Counts(2, 1, 1, 0, 0, 0), "ORG": Counts(0, 1, 0, 0, 1, 0)},
        "type": sides | {"LOC": Counts(2, 1, 1)},
        "partial": sides | {"LOC": Counts(2, 1, 1, 1, 0, 1), "ORG": Counts(0, 1, 0, 0, 1, 0)},
        "forgiven": sides | {"LOC": Counts(2, 1, 1)},
        "token": sides | {"PER": Counts(2, 2, 2), "LOC": Counts(2, 2, 1)},
    }
    assert (result.documents, result.skipped) == (1, ())
    assert [(document.name, document.path, document.counts["strict"]) for document in result.per_document] == [
        ("g.txt", "g.txt", {label: counts for label, counts in result.counts["strict"].items() if counts != Counts()})
    ]


def test_micro_sums_labels():
    """The counts of several labels as one; all four if none is named."""
    gold = doc(TEXT, (0, 11, "PER"), (22, 30, "LOC"), (43, 50, "MISC"))
    result = score([(gold, doc(TEXT, (0, 11, "PER"), (22, 30, "ORG")))], BORDERS)
    assert result.micro() == Counts(3, 2, 1)
    assert result.micro("strict", LABELS[:3]) == Counts(2, 2, 1)
    assert result.micro("forgiven", ["MISC"]) == Counts(1, 0, 0)
    assert result.per_document[0].micro("strict", LABELS[:3]) == Counts(2, 2, 1)


def test_macro_is_the_mean_over_labels_that_occur():
    """PER is right, LOC is missed, ORG is invented; MISC is nowhere and does not count."""
    gold = doc(TEXT, (0, 11, "PER"), (22, 30, "LOC"), (43, 50, "LOC"))
    result = score([(gold, doc(TEXT, (0, 11, "PER"), (22, 30, "ORG"), (43, 50, "LOC")))], BORDERS)
    assert result.macro() == Macro(2 / 3, 0.5, (1 + 2 / 3 + 0) / 3, 3)
    assert result.macro("strict", ["PER", "LOC"]) == Macro(1.0, 0.75, (1 + 2 / 3) / 2, 2)
    assert result.macro("strict", ["MISC"]) == Macro(0.0, 0.0, 0.0, 0)


def test_macro_has_the_same_last_digit_on_every_python():
    """The mean is that of the exact sum; `sum` adds 0.1, 0.2 and 0.3 to more before Python 3.12."""
    counts = {label: Counts(correct, 10, correct) for correct, label in enumerate(LABELS[:3], 1)}
    counts["MISC"] = Counts()
    assert Score({"strict": counts}, 1, ()).macro().precision == 0.6 / 3


def test_other_labels_are_not_scored():
    """A span of a fifth label is neither wanted nor in the way of another."""
    assert counted("partial", (doc(TEXT, (0, 11, "PER")), doc(TEXT, (0, 11, "DATE"), (0, 5, "PER")))) == {
        "PER": Counts(1, 1, 0, 1)
    }


@pytest.mark.parametrize(
    ("gold", "predicted", "counts"),
    [
        # part of a token is the token; a token is counted once
        ([(1, 3, "PER"), (3, 5, "PER")], [(0, 5, "PER")], {"PER": Counts(1, 1, 1)}),
        ([(0, 1, "PER")], [(3, 5, "PER")], {"PER": Counts(1, 1, 1)}),
        # the longest wins, then the first, then the first label
        ([(0, 5, "LOC"), (0, 11, "PER")], [(0, 11, "PER")], {"PER": Counts(2, 2, 2)}),
        ([(2, 5, "LOC"), (0, 3, "PER")], [(0, 5, "PER")], {"PER": Counts(1, 1, 1)}),
        ([(0, 5, "LOC"), (0, 5, "PER")], [(0, 5, "PER")], {"PER": Counts(1, 1, 1)}),
        ([(0, 5, "ORG"), (0, 5, "LOC")], [(0, 5, "LOC"), (0, 5, "ORG")], {"LOC": Counts(1, 1, 1)}),
        # a space belongs to no token
        ([(5, 6, "PER")], [(5, 7, "PER")], {"PER": Counts(0, 1, 0)}),
        # punctuation is a token
        ([(22, 31, "LOC")], [(22, 30, "LOC")], {"LOC": Counts(2, 1, 1)}),
        ([(43, 51, "LOC")], [(43, 50, "LOC")], {"LOC": Counts(2, 1, 1)}),
    ],
)
def test_tokens(gold, predicted, counts):
    """The label of a token is that of the span that shares a character with it."""
    assert counted("token", (doc(TEXT, *gold), doc(TEXT, *predicted))) == counts


def test_tokens_where_folding_moves_offsets():
    """Offsets are those of the original text, with combining accents, double spaces and ends of paragraphs."""
    text = "L’e\u0301te\u0301  a\u0300 Sète\n\nRe\u0301my-Paul"
    start = text.index("Re")
    gold = doc(text, (text.index("S"), text.index("\n"), "LOC"), (start, len(text), "PER"))
    predicted = doc(text, (text.index("a"), text.index("S") - 1, "LOC"), (start + 1, start + 3, "PER"))
    assert counted("token", (gold, predicted)) == {"LOC": Counts(1, 1, 0), "PER": Counts(1, 1, 1)}


def test_paragraphs_of_the_only_document():
    """Lines that are not blank; a span counts where it starts, on a blank line for the line before."""
    text = "\nMarie Curie\n\n  \nrit\net danse.\n"
    gold = doc(text, (1, 6, "PER"), (17, 23, "MISC"))
    predicted = doc(text, (0, 1, "LOC"), (1, 6, "PER"), (13, 14, "ORG"))
    first = {"PER": Counts(1, 1, 1), "LOC": Counts(0, 1), "ORG": Counts(0, 1)}
    assert score([(gold, predicted)], BORDERS).paragraphs == (first, {"MISC": Counts(1, 0)}, {})
    assert score([(doc(""), doc(""))], BORDERS).paragraphs == ({},)
    assert score([(gold, predicted)] * 2, BORDERS).paragraphs == ()


def test_what_an_interval_resamples():
    """The lines of the only document, else the documents, one with nothing in it as well; none of none."""
    text = "Marie Curie\nVarsovie\n"
    one = doc(text, (0, 11, "PER"), (12, 20, "LOC")), doc(text, (0, 11, "PER"))
    right, missed = {"PER": Counts(1, 1, 1)}, {"LOC": Counts(1, 0)}
    assert score([one], BORDERS).strict_units() == [right, missed]
    assert score([one, (doc("Rien."), doc("Rien."))], BORDERS).strict_units() == [right | missed, {}]
    assert score([one, one, one], BORDERS).strict_units() == [right | missed] * 3
    assert score([], BORDERS).strict_units() == []


LINES = "\nMarie\n\n est née \n \nà Varsovie.\n"


@examples(40)
@given(st.tuples(annotated(LINES), annotated(LINES)))
def test_paragraphs_add_up_to_the_document(pair):
    """Strict counts are lost and gained nowhere, and the prediction does not change what a paragraph is."""
    result = score([pair], BORDERS)
    assert sum((counts for line in result.paragraphs for counts in line.values()), Counts()) == result.micro()
    assert len(result.paragraphs) == 3


@pytest.mark.parametrize(
    ("gold", "predicted", "counts"),
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
def test_spans_are_a_multiset(gold, predicted, counts):
    """Duplicates want duplicates, nested gold counts span by span, halves are not the whole."""
    pair = doc(TEXT, *((*span, "PER") for span in gold)), doc(TEXT, *((*span, "PER") for span in predicted))
    assert strict(pair) == {"PER": counts}


def test_adjacent_spans_do_not_overlap():
    """[0, 5) and [5, 9) share no character: neither answers the other in any measure."""
    result = score([(doc(TEXT, (0, 5, "PER")), doc(TEXT, (5, 9, "PER")))], BORDERS)
    assert {name: result.micro(name) for name in ("type", "partial")} == dict.fromkeys(
        ("type", "partial"), Counts(1, 1, 0)
    )


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


@examples(40)
@given(annotated())
def test_gold_against_itself_is_perfect(document):
    """Any gold agrees with itself in every measure."""
    result = score([(document, document)], BORDERS)
    for name, counts in result.counts.items():
        number = sum(count.gold for count in counts.values()) if name == "token" else len(document.entities)
        assert result.micro(name) == Counts(number, number, number)


@examples(40)
@given(PAIRS)
def test_swapping_the_sides_exchanges_precision_and_recall(pair):
    """Gold and prediction are treated alike."""
    result, swapped = score([pair], BORDERS), score([pair[::-1]], BORDERS)
    for name in result.counts:
        for label in LABELS:
            there, back = result.counts[name][label], swapped.counts[name][label]
            assert (there.precision, there.recall, there.f1) == (back.recall, back.precision, back.f1)


@examples(40)
@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_entities_changes_nothing(pair, random):
    """A permutation of the entities of both sides gives the same score."""
    mixed = []
    for document in pair:
        entities = list(document.entities)
        random.shuffle(entities)
        mixed.append(replace(document, entities=tuple(entities)))
    assert score([mixed], BORDERS) == score([pair], BORDERS)


@examples(40)
@given(st.lists(PAIRS, max_size=5), st.integers(0, 5))
def test_scores_add_up(pairs, cut):
    """The counts of all documents are those of the two halves together."""
    whole = score(pairs, BORDERS)
    first, second = score(pairs[:cut], BORDERS), score(pairs[cut:], BORDERS)
    for name in whole.counts:
        for label in LABELS:
            assert whole.counts[name][label] == first.counts[name][label] + second.counts[name][label]
    assert whole.per_document == first.per_document + second.per_document
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
    assert result.counts["strict"] == NOTHING | {"PER": Counts(1, 1, 0)}
    assert result.counts["forgiven"] == NOTHING | {"PER": Counts(1, 1, 1)}


def test_forgiven_spans_answer_one_to_one():
    """Two gold spans with one core want two predictions."""
    text = "le Président Poutine"
    gold, predicted = doc(text, (0, 20, "PER"), (13, 20, "PER")), doc(text, (3, 20, "PER"))
    assert counted("forgiven", (gold, predicted)) == {"PER": Counts(2, 1, 1)}
    assert counted("forgiven", (predicted, gold)) == {"PER": Counts(1, 2, 1)}


def test_forgiving_borders_never_forgives_the_label():
    """A right span with a wrong label is two errors."""
    assert counted("forgiven", (doc("La Chine", (3, 8, "LOC")), doc("La Chine", (0, 8, "ORG")))) == {
        "LOC": Counts(1, 0, 0),
        "ORG": Counts(0, 1, 0),
    }


@examples(40)
@given(PAIRS)
def test_a_more_lenient_measure_never_gives_less(pair):
    """A strictly right span is right by every measure of spans; spans with the same borders overlap."""
    counts = {name: score([pair], BORDERS).micro(name) for name in MEASURES}
    strict, exact, partial = (counts[name] for name in ("strict", "exact", "partial"))
    assert [strict.correct <= counts[name].correct for name in ("exact", "type", "forgiven")] == [True] * 3
    assert (partial.correct, partial.f1 >= exact.f1) == (exact.correct, True)


def examples():
    """The examples of the page: gold, prediction, and what is said of them."""
    blocks = re.findall(r"^```text\n(gold .*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for block in blocks:
        yield *(marked(block, side) for side in ("gold", "predicted")), block


def marked(block, side):
    """All lines of one side as one document."""
    documents = [markup.parse(line) for line in re.findall(rf"^{side} +(.*)$", block, re.MULTILINE)]
    return replace(documents[0], entities=tuple(entity for document in documents for entity in document.entities))


@pytest.mark.parametrize(("gold", "predicted", "block"), list(examples()))
def test_the_examples_of_the_reference(gold, predicted, block):
    """Counts, ratios of labels and kappa of every example are those that the page states."""
    result = score([(gold, predicted)], BORDERS)
    stated = []
    for name, *numbers in re.findall(r"^(\w+) +(\d+) +(\d+) +(\d+) +(\d+)$", block, re.MULTILINE):
        stated.append(name)
        assert (name, result.micro(name)) == (name, Counts(*map(int, numbers)))
    for name, label, precision, recall in re.findall(r"^(\w+) (\w+): precision (\S+), recall (\S+)$", block, re.M):
        counts = result.counts[name][label]
        assert [f"{counts.precision:.3f}", f"{counts.recall:.3f}"] == [precision, recall]
    for kappa, kappa_marked in re.findall(r"^kappa (\S+), marked (\S+)$", block, re.MULTILINE):
        stated.append("kappa")
        kappas = agreement([(gold, predicted)])
        assert [f"{kappas.kappa.value:.3f}", f"{kappas.kappa_marked.value:.3f}"] == [kappa, kappa_marked]
    assert stated != []


def test_the_reference_names_every_measure():
    """The table of measures is that of the code, in its order."""
    table = PAGE.read_text(encoding="utf-8").partition("\n## Measures\n")[2].partition("\n\nOne document")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(MEASURES)
    assert len(list(examples())) == 9
