"""Verdicts by hand, the kinds of border in French, and the laws that verdicts obey."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makers import hits_of
from properties import examples
from ruletag.evaluation.borders import Borders
from ruletag.evaluation.causes import (
    BORDER_KINDS,
    CAUSES,
    Judged,
    Verdict,
    judge,
    judge_all,
    summarise,
)
from ruletag.evaluation.confusion import NONE, Cell, Example, confusion
from ruletag.evaluation.measures import Counts
from ruletag.evaluation.pairing import pair
from ruletag.evaluation.score import score
from ruletag.model import LABELS, Document, Entity, Entry, Source

WORDS = {
    "title": ["président", "ministre", "abbé"],
    "title-plural": ["présidents"],
    "civility": ["M.", "Mme"],
    "demonym": ["russe", "français", "française", "européenne"],
    "demonym-prefix": ["russo"],
    "ORG": ["Union européenne"],
    "LOC": ["Français"],
}
BORDERS = Borders(hits_of(Entry(word, key, Source("entry", word)) for key in WORDS for word in WORDS[key]))
PAGE = Path(__file__).parents[1] / "docs" / "reference" / "report.md"


def doc(text, *spans, **fields):
    """An annotated document of a text and its spans; a fourth value of a span is the name of its rule."""
    entities = [
        Entity(start, end, label, text[start:end], *(Source("rule", name) for name in rule))
        for start, end, label, *rule in spans
    ]
    return Document(text, tuple(entities), **{"annotated": True} | fields)


def named(text, *names):
    """An annotated document; each name is a surface, which occurs once in the text, and a label."""
    return doc(text, *((text.index(surface), text.index(surface) + len(surface), label) for surface, label in names))


def verdict_rows(gold, predicted):
    """The verdicts, short: cause, border, and both surfaces with their labels."""
    return [
        (verdict.cause, verdict.border, *(f"{e.text}_{e.label}" if e else None for e in verdict[2:]))
        for verdict in judge(gold, predicted, BORDERS)
    ]


def test_every_cause_by_hand():
    """One verdict of each cause, in reading order, whatever side a span is on."""
    text = "Marie Curie, Paris, le Rhône, la Seine-Maritime, Orange et Total."
    gold = named(
        text, ("Marie Curie", "PER"), ("Paris", "LOC"), ("Rhône", "LOC"), ("Seine-Maritime", "LOC"), ("Orange", "ORG")
    )
    predicted = named(
        text, ("Marie Curie", "PER"), ("Paris", "PER"), ("le Rhône", "LOC"), ("Seine", "MISC"), ("Total", "ORG")
    )
    assert verdict_rows(gold, predicted) == [
        ("correct", "", "Marie Curie_PER", "Marie Curie_PER"),
        ("label", "", "Paris_LOC", "Paris_PER"),
        ("border", "determiner", "Rhône_LOC", "le Rhône_LOC"),
        ("both", "compound", "Seine-Maritime_LOC", "Seine_MISC"),
        ("missed", "", "Orange_ORG", None),
        ("spurious", "", None, "Total_ORG"),
    ]


@pytest.mark.parametrize(
    ("text", "one", "other", "kind"),
    [
        ("le Président Poutine parle", "Président Poutine", "Poutine", "title"),
        ("le pre\u0301sident  Poutine parle", "pre\u0301sident  Poutine", "Poutine", "title"),
        ("les Présidents Xi et Poutine", "Présidents Xi", "Xi", "title"),
        ("le Président russe Poutine", "Président russe", "Président", "demonym"),
        ("le Président russe Poutine", "le Président russe Poutine", "Poutine", "title"),
        ("M. Poutine", "M. Poutine", "Poutine", "civility"),
        ("M.Poutine", "M.Poutine", "Poutine", "civility"),
        ("Mme la ministre Dati", "Mme la ministre Dati", "Dati", "title"),
        ("l'Assemblée nationale française", "Assemblée nationale française", "Assemblée nationale", "demonym"),
        ("le traité d'amitié russo-français", "traité d'amitié russo-français", "traité d'amitié", "demonym"),
        ("la Russe Ana Bo", "Russe Ana Bo", "Ana Bo", "demonym"),
        ("de la Chine", "la Chine", "Chine", "determiner"),
        ("de l’Iran", "l’Iran", "Iran", "determiner"),
        ("l'Assemblée française", "l'Assemblée", "Assemblée française", "demonym"),
        ("lu dans « Libération »", "« Libération »", "Libération", "quote"),
        ("lu dans “Libération”", "Libération”", "Libération", "quote"),
        ("l'Initiative « la Route »", "Initiative « la Route »", "Initiative « la Route", "quote"),
        # the demonym of a listed name belongs to it
        ("dans l'Union européenne", "Union européenne", "Union", "complement"),
        ("le Ministère de l'Intérieur", "Ministère de l'Intérieur", "Ministère", "complement"),
        ("Aubin R. dort", "Aubin R.", "Aubin", "complement"),
        ("le Président du Sénat", "Président du Sénat", "Sénat", "head"),
        ("l'hôpital de Reims", "hôpital de Reims", "Reims", "head"),
        ("l'Opéra de Paris", "Opéra de Paris", "Paris", "head"),
        ("l'autoroute A6", "autoroute A6", "A6", "head"),
        ("au Conseil des droits de l'homme", "Conseil des droits de l'homme", "droits de l'homme", "head"),
        ("la chute d'Alep", "d'Alep", "Alep", "preposition"),
        ("la chute d’Alep", "d’Alep", "Alep", "preposition"),
        ("maire de La Rochelle", "de La Rochelle", "Rochelle", "preposition"),
        ("Marie Curie", "Marie Curie", "Curie", "leading"),
        ("J. Dupont", "J. Dupont", "Dupont", "leading"),
        ("la gare de Lille-Sud", "Lille-Sud", "Lille", "compound"),
        ("l'avion GBU-43/B", "GBU-43/B", "GBU-43", "compound"),
        ("le prix Albert-Londres", "Albert-Londres", "Londres", "compound"),
        ("Malien", "Malien", "Mali", "compound"),
        ("les Jeux 2016", "Jeux 2016", "Jeux", "number"),
        ("le Rhône le long", "Rhône l", "Rhône", "complement"),  # no determiner, half of one
        ("Camus, lui", "Camus,", "Camus", "other"),
        (": Angleterre", ": Angleterre", "Angleterre", "other"),
        ("à Paris  même", "Paris  ", "Paris", "other"),
        # several differences: the first of the order names it
        ("le Président Poutine et sa suite", "Président Poutine", "Poutine et sa suite", "complement"),
        ("l'hôpital de Reims 2", "hôpital de Reims", "Reims 2", "head"),
        ("M. Jean Bo", "M. Jean", "Jean Bo", "complement"),
    ],
)
def test_kinds_of_border(text, one, other, kind):
    """The text between two borders names the verdict, whichever side has it and whatever the labels."""
    longer, shorter = named(text, (one, "PER")), named(text, (other, "PER"))
    elsewhere = named(text, (other, "MISC"))
    assert [verdict_rows(*pair)[0][:2] for pair in ((longer, shorter), (shorter, longer), (longer, elsewhere))] == [
        ("border", kind),
        ("border", kind),
        ("both", kind),
    ]


@pytest.mark.parametrize(
    ("text", "surface", "kind"),
    [
        ("le Président russe Poutine", "Président russe", "title"),
        ("le Président russe Poutine", "le Président", "title"),
        ("les deux Présidents", "Présidents", "title"),
        ("Mme rit", "Mme", "civility"),
        ("un Russe", "Russe", "demonym"),
        ("tous les Français", "Français", ""),  # listed, as a place
        ("la « »", "la « »", ""),
        ("le Président Xi", "Président Xi", ""),
    ],
)
def test_a_span_that_holds_no_name(text, surface, kind):
    """A missed or spurious span is a matter of the guideline if it is only a title, civility or demonym."""
    whole = named(text, (surface, "PER"))
    verdicts = [*judge(whole, doc(text), BORDERS), *judge(doc(text), whole, BORDERS)]
    assert [(verdict.cause, verdict.border, verdict.is_guideline) for verdict in verdicts] == [
        ("missed", kind, bool(kind)),
        ("spurious", kind, bool(kind)),
    ]


def test_a_long_span_answers_the_name_in_it():
    """Of two gold spans in one predicted, the one that shares most is its pair, not the first; and the other way."""
    text = "le Président russe Vladimir Poutine"
    parts = named(text, ("Président russe", "PER"), ("Vladimir Poutine", "PER"))
    whole = named(text, ("Président russe Vladimir Poutine", "PER"))
    assert verdict_rows(parts, whole) == [
        ("border", "title", "Vladimir Poutine_PER", "Président russe Vladimir Poutine_PER"),
        ("missed", "title", "Président russe_PER", None),
    ]
    assert verdict_rows(whole, parts) == [
        ("border", "title", "Président russe Vladimir Poutine_PER", "Vladimir Poutine_PER"),
        ("spurious", "title", None, "Président russe_PER"),
    ]


def test_texts_must_agree():
    """Documents of different texts have no verdicts."""
    with pytest.raises(ValueError, match="different texts"):
        judge(doc("Paris"), doc("paris"), BORDERS)


def test_documents_without_gold_are_left_out():
    """A document without annotations is not judged; an annotated one without spans is."""
    raw, empty, predicted = doc("Paris", annotated=False), doc("Paris"), doc("Paris", (0, 5, "LOC"))
    assert judge_all([(raw, predicted), (empty, predicted)], BORDERS) == (
        Judged(empty, predicted, (Verdict("spurious", "", None, predicted.entities[0]),)),
    )


TEXT = "La ministre française Odile Bo, M. Bo et le Président russe sont à Lille-Sud, à l'hôpital de Lille."
# Wherever a word begins or ends, so that spans meet often and are made of words.
EDGES = sorted({edge for word in re.finditer(r"\w+", TEXT) for edge in word.span()})


@st.composite
def annotated(draw):
    """A document with any spans: nested, crossing, doubled, of two authors."""
    edges = st.lists(st.sampled_from(EDGES), min_size=2, max_size=2, unique=True).map(sorted)
    spans = draw(st.lists(st.tuples(edges, st.sampled_from(LABELS), st.sampled_from("ab")), max_size=7))
    return doc(TEXT, *((start, end, label, name) for (start, end), label, name in spans))


@examples(15)
@given(annotated(), annotated())
def test_every_span_is_in_one_verdict(gold, predicted):
    """Nothing is lost and nothing comes twice; as many spans pair as can be; the order is that of reading."""
    verdicts = judge(gold, predicted, BORDERS)
    assert Counter(v.gold for v in verdicts if v.gold) == Counter(gold.entities)
    assert Counter(v.predicted for v in verdicts if v.predicted) == Counter(predicted.entities)
    pairs = pair([entity.span for entity in gold.entities], [entity.span for entity in predicted.entities])
    assert sum(v.cause not in ("missed", "spurious") for v in verdicts) == len(pairs)
    starts = [min(entity.start for entity in v[2:] if entity) for v in verdicts]
    assert starts == sorted(starts)


@examples(15)
@given(annotated(), annotated())
def test_the_cause_agrees_with_the_spans(gold, predicted):
    """The name of a verdict agrees with its spans."""
    for cause, border, gold_side, predicted_side in judge(gold, predicted, BORDERS):
        if gold_side and predicted_side:
            same = (gold_side.span[:2] == predicted_side.span[:2], gold_side.label == predicted_side.label)
            assert cause == {(1, 1): "correct", (1, 0): "label", (0, 1): "border", (0, 0): "both"}[same]
            assert (border in BORDER_KINDS) == (not same[0])
        else:
            assert cause == ("missed" if gold_side else "spurious")


@examples(15)
@given(annotated(), annotated(), st.randoms(use_true_random=False))
def test_the_order_of_spans_changes_nothing(gold, predicted, chance):
    """Spans may come in any order, equal ones of different authors too."""
    shuffled = [
        Document(TEXT, tuple(chance.sample(document.entities, len(document.entities))), annotated=True)
        for document in (gold, predicted)
    ]
    assert judge(*shuffled, BORDERS) == judge(gold, predicted, BORDERS)


@examples(15)
@given(annotated(), annotated())
def test_exchanging_gold_and_prediction(gold, predicted):
    """With gold and prediction exchanged, missed spans are spurious and vice versa; all else stays, spans exchanged."""
    other = {"missed": "spurious", "spurious": "missed"}

    def spans(verdicts, exchanged):
        return Counter(
            (
                other.get(cause, cause) if exchanged else cause,
                border,
                *[entity and entity.span for entity in ((made, expected) if exchanged else (expected, made))],
            )
            for cause, border, expected, made in verdicts
        )

    assert spans(judge(predicted, gold, BORDERS), True) == spans(judge(gold, predicted, BORDERS), False)


@examples(15)
@given(st.lists(st.tuples(annotated(), annotated()), max_size=3))
def test_the_summary_adds_up(pairs):
    """Strict counts are those of the score; every table sums to the same; forgiving never lowers what is right."""
    judged = judge_all(pairs, BORDERS)
    causes = summarise(judged)
    strict = score(pairs, BORDERS)
    assert causes.strict == strict.micro()
    assert causes.causes["correct"] == strict.micro().correct
    assert causes.errors + causes.causes["correct"] == sum(len(document.verdicts) for document in judged)
    by_label = [sum(counts[cause] for counts in causes.labels.values()) for cause in CAUSES]
    assert by_label == list(causes.causes.values())
    for label, counts in strict.counts["strict"].items():
        assert causes.labels[label]["correct"] == counts.correct
    assert [sum(causes.borders[cause].values()) for cause in ("border", "both")] == [
        causes.causes["border"],
        causes.causes["both"],
    ]
    assert causes.guideline_errors == sum(v.is_guideline for document in judged for v in document.verdicts)
    assert causes.forgiven.f1 >= causes.strict.f1
    cells = confusion(judged)
    assert sum(cell.count for cell in cells.values()) == causes.errors + causes.causes["correct"]
    assert sum(cell.errors for cell in cells.values()) == causes.errors
    for row in LABELS:
        expected = sum(cell.count for place, cell in cells.items() if place[0] == row)
        assert expected == strict.counts["strict"][row].gold


@examples(10)
@given(annotated())
def test_gold_against_itself_is_all_correct(gold):
    """There is no error in a document that is its own gold."""
    assert {verdict.cause for verdict in judge(gold, gold, BORDERS)} <= {"correct"}


def test_a_summary_by_hand():
    """A title forgiven, a lone demonym left out, a wrong label that no guideline excuses."""
    text = "Le Président Xi voit la Chine et le Russe à Paris."
    gold = named(text, ("Président Xi", "PER"), ("la Chine", "LOC"), ("Russe", "LOC"), ("Paris", "LOC"))
    predicted = named(text, ("Xi", "PER"), ("Chine", "ORG"), ("Paris", "LOC"))
    causes = summarise(judge_all([(gold, predicted)], BORDERS))
    assert (causes.errors, causes.guideline_errors) == (3, 2)
    assert {cause: count for cause, count in causes.causes.items() if count} == {
        "correct": 1,
        "border": 1,
        "both": 1,
        "missed": 1,
    }
    assert {cause: {k: n for k, n in borders.items() if n} for cause, borders in causes.borders.items()} == {
        "border": {"title": 1},
        "both": {"determiner": 1},
        "missed": {"demonym": 1},
        "spurious": {},
    }
    assert {kind: count for kind, count in causes.guideline.items() if count} == {"title": 1, "demonym": 1}
    assert (causes.strict, causes.forgiven) == (Counts(4, 3, 1), Counts(3, 3, 2))


def test_confusion_by_hand():
    """A cell has its count and the most frequent surfaces, spelt like their first occurrence by path and offset."""
    first = named("À PÉKIN, à Lyon.", ("PÉKIN", "PER"), ("Lyon", "LOC"))
    second = named("Pékin, pekin, Metz.", ("Pékin", "PER"), ("pekin", "PER"), ("Metz", "PER"))
    predictions = [
        named("À PÉKIN, à Lyon.", ("PÉKIN", "LOC"), ("Lyon", "LOC")),
        named("Pékin, pekin, Metz.", ("Pékin", "LOC"), ("pekin", "LOC"), ("Metz", "LOC")),
    ]
    golds = [replace(first, path="b"), replace(second, path="a")]
    cells = confusion(judge_all(zip(golds, predictions, strict=True), BORDERS), examples=1)
    pekin = Example("Pékin", 3, golds[1], golds[1].entities[0])
    assert {place: cell for place, cell in cells.items() if cell.count} == {
        ("PER", "LOC"): Cell(4, 4, (pekin,)),
        ("LOC", "LOC"): Cell(1, 0, ()),
    }
    assert list(cells) == [(r, c) for r in (*LABELS, NONE) for c in (*LABELS, NONE) if (r, c) != (NONE, NONE)]


def test_surfaces_of_one_count_come_in_the_order_of_letters():
    """A missed name is in the column `none`; ties are in the order of the folded surface."""
    text = "Évry, Dole, Evry, Albi"
    gold = doc(text, (0, 4, "LOC"), (6, 10, "LOC"), (12, 16, "LOC"), (18, 22, "LOC"))
    cell = confusion(judge_all([(gold, doc(text))], BORDERS), examples=2)["LOC", NONE]
    assert [(example.surface, example.count) for example in cell.examples] == [("Évry", 2), ("Albi", 1)]


@pytest.mark.parametrize(("heading", "real"), [("### Causes", CAUSES), ("### Kinds of border", BORDER_KINDS)])
def test_causes_and_kinds_are_documented_in_their_order(heading, real):
    """The table of the reference page has a row for each, in the order that decides."""
    section = re.split(r"^#{2,3} ", PAGE.read_text(encoding="utf-8").partition(f"\n{heading}\n")[2], flags=re.M)[0]
    assert re.findall(r"^\| `(\w+)`", section, re.M) == list(real)
