"""The counts of other scorers, where they are right and installed: `pip install "ruletag[scorers]"`.

seqscore 0.9 is right on what CoNLL has: flat spans, each once. nervaluate 1.2.1 is right on flat spans in reading order
with inclusive ends. Where it is not right is tested too, so that what the reference says of it stays true.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from makers import hits_of
from ruletag.evaluation.borders import Borders
from ruletag.evaluation.measures import Counts
from ruletag.evaluation.score import score
from ruletag.files import find_inputs, read_documents
from ruletag.model import LABELS, Document, Entity

WINER = Path(__file__).parents[2] / "shared" / "corpora" / "winer.dev.jsonl"
BORDERS = Borders(hits_of([]))
LENGTH = 60
TEXT = "x" * LENGTH


def doc(text, spans):
    entities = tuple(Entity(start, end, label, text[start:end]) for start, end, label in spans)
    return Document(text, entities, annotated=True)


def flat(chance):
    """Spans that do not overlap, of any label, some of them adjacent."""
    cuts = sorted(chance.choices(range(LENGTH + 1), k=2 * chance.randint(0, 10)))
    spans = zip(cuts[::2], cuts[1::2], strict=True)
    return [(start, end, chance.choice(LABELS)) for start, end in spans if start < end]


def close_to(spans, chance):
    """The spans of an annotator who misses some, moves some borders and changes some labels."""
    drawn, free = [], 0
    for start, end, label in spans:
        start, end = max(free, start + chance.choice([0, 0, 0, -1, 1, 2])), end + chance.choice([0, 0, 0, -1, 1, 3])
        if chance.random() < 0.8 and start < end <= LENGTH:
            drawn.append((start, end, chance.choice([label, label, label, *LABELS])))
            free = end
    return drawn


def cases(number):
    """Random pairs of flat documents, half of them alike; the same in every run."""
    chance = random.Random(5)
    for turn in range(number):
        gold = flat(chance)
        yield doc(TEXT, gold), doc(TEXT, close_to(gold, chance) if turn % 2 else flat(chance))


CASES = list(cases(1000))


@pytest.fixture(scope="module")
def scored():
    """All cases, scored once."""
    return score(CASES, BORDERS)


def seqscore_counts(pairs):
    """Strict counts for each label and for all, by seqscore."""
    scoring = pytest.importorskip("seqscore.scoring", reason="seqscore is not installed (the extra `scorers`)")
    model = pytest.importorskip("seqscore.model")
    total = scoring.ClassificationScore()
    for gold, predicted in pairs:
        gold_mentions, predicted_mentions = (
            [model.Mention(model.Span(entity.start, entity.end), entity.label) for entity in side.entities]
            for side in (gold, predicted)
        )
        scoring.score_sequence_mentions(predicted_mentions, gold_mentions, total)
    rows = {label: total.type_scores[label] for label in LABELS} | {"micro": total}
    return {name: Counts(row.total_ref, row.total_pos, row.true_pos) for name, row in rows.items()}


def nervaluate(pairs, beyond=1):
    """The results of nervaluate; ends are inclusive, unless `beyond` is 0."""
    evaluator = pytest.importorskip("nervaluate.evaluator", reason="nervaluate is not installed (the extra `scorers`)")
    sides = [
        [
            [{"label": label, "start": start, "end": end - beyond} for start, end, label in spans]
            for spans in (pair[side] for pair in pairs)
        ]
        for side in (0, 1)
    ]
    return evaluator.Evaluator(*sides, tags=list(LABELS), loader="dict").evaluate()


def spans_of(pairs):
    return [tuple([entity.span for entity in side.entities] for side in pair) for pair in pairs]


def by_nervaluate(gold, predicted, beyond=1):
    """Its correct and partial spans, by measure, for one document."""
    overall = nervaluate([(gold, predicted)], beyond)["overall"]
    return {name: (result.correct, result.partial) for name, result in overall.items()}


def test_strict_counts_are_those_of_seqscore(scored):
    """On 1,000 random flat documents, for each label and micro."""
    assert {**scored.counts["strict"], "micro": scored.micro()} == seqscore_counts(CASES)


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.skipif(not WINER.is_file(), reason="needs the folder `shared` beside the checkout")
def test_strict_counts_of_the_news_corpus_are_those_of_seqscore(tagger):
    """The tagger on 901 documents with 12,000 names, for each label and micro; by nervaluate, too."""
    gold = [document for source in find_inputs([str(WINER)]) for document in read_documents(source)]
    pairs = [(document, tagger.tag(document.text)) for document in gold]
    result = score(pairs, BORDERS)
    assert {**result.counts["strict"], "micro": result.micro()} == seqscore_counts(pairs)
    overall = nervaluate(spans_of(pairs))["overall"]
    exact, partial = result.micro("exact"), result.micro("partial")
    assert overall["exact"].correct == exact.correct
    assert (overall["partial"].correct, overall["partial"].partial) == (partial.correct, partial.partial)


def test_exact_and_partial_counts_are_those_of_nervaluate(scored):
    """On the first 300 of these documents, one by one: micro counts and ratios."""
    for document, spans in zip(scored.per_document[:300], spans_of(CASES[:300]), strict=True):
        overall = nervaluate([spans])["overall"]
        for name in ("strict", "exact", "partial"):
            counts, other = document.micro(name), overall[name]
            assert (counts.correct, counts.partial) == (other.correct, other.partial)
            assert (counts.gold, counts.predicted) == (other.possible, other.actual)
            assert (counts.precision, counts.recall) == (other.precision, other.recall)
            assert counts.f1 == pytest.approx(other.f1, abs=1e-12)


def test_type_counts_are_those_of_nervaluate_label_by_label(scored):
    """Its rows of labels look at one label at a time, so that no other label can take a gold span away."""
    for document, spans in zip(scored.per_document[:300], spans_of(CASES[:300]), strict=True):
        entities = nervaluate([spans])["entities"]
        theirs = {label: entities[label]["ent_type"].correct if label in entities else 0 for label in LABELS}
        assert {label: document.micro("type", [label]).correct for label in LABELS} == theirs


def test_in_nervaluate_a_wrong_label_takes_gold_away():
    """`ent_type` over all labels: the first prediction that overlaps a gold span has it, right or wrong."""
    gold, predicted = [(0, 9, "PER")], [(0, 3, "LOC"), (4, 9, "PER")]
    assert by_nervaluate(gold, predicted)["ent_type"] == (0, 0)
    assert score([(doc(TEXT, gold), doc(TEXT, predicted))], BORDERS).micro("type").correct == 1


def test_in_nervaluate_order_counts():
    """`strict` depends on the order of nested gold, `exact` and `partial` on that of nested predictions."""
    gold, predicted = [(0, 5, "PER"), (0, 9, "LOC"), (3, 9, "PER")], [(0, 9, "PER"), (0, 5, "PER")]
    assert [by_nervaluate(order, predicted)["strict"] for order in (gold, gold[1:] + gold[:1])] == [(0, 0), (1, 0)]
    assert score([(doc(TEXT, gold), doc(TEXT, predicted))], BORDERS).micro().correct == 1
    results = [by_nervaluate([(0, 5, "PER"), (6, 9, "PER")], order) for order in (predicted, predicted[::-1])]
    assert [(counts["exact"], counts["partial"]) for counts in results] == [((0, 0), (0, 1)), ((1, 0), (1, 1))]


def test_in_nervaluate_adjacent_half_open_spans_overlap():
    """Ends are inclusive there; given half-open spans, it finds a neighbour half right."""
    assert by_nervaluate([(0, 5, "PER")], [(5, 9, "PER")], beyond=0)["partial"] == (0, 1)
    assert by_nervaluate([(0, 5, "PER")], [(5, 9, "PER")])["partial"] == (0, 0)


def test_in_nervaluate_a_small_overlap_is_none():
    """Less than one hundredth of the gold span does not count as an overlap."""
    assert by_nervaluate([(0, 300, "PER")], [(299, 310, "PER")])["partial"] == (0, 0)
    text = "x" * 310
    pair = doc(text, [(0, 300, "PER")]), doc(text, [(299, 310, "PER")])
    assert score([pair], BORDERS).micro("partial") == Counts(1, 1, 0, 1)


def test_in_nervaluate_rows_of_labels_do_not_ignore_the_label():
    """`exact` of a label compares spans of this label only; over all labels the same span is right."""
    result = nervaluate([([(0, 5, "PER")], [(0, 5, "LOC")])])
    assert [result["entities"][label]["exact"].correct for label in ("PER", "LOC")] == [0, 0]
    assert result["overall"]["exact"].correct == 1
