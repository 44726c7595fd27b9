"""Records of `eval --json` with their judged documents, to test what is made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from makers import hits_of
from ruletag.evaluation.assess import Assessment, assess
from ruletag.evaluation.borders import Borders
from ruletag.evaluation.measures import MEASURES, Counts
from ruletag.evaluation.score import Score
from ruletag.files import find_inputs, read_documents
from ruletag.model import LABELS, Document
from ruletag.report.assessed import make_record
from ruletag.report.record import Record
from ruletag.report.run import Run

GOLD = Path(__file__).parents[1] / "examples" / "gold"
FILES = ("communique.txt", "articles.jsonl")
RUN = Run("examples/gold", "ruletag eval examples/gold", "2026-11-28", knowledge="shipped (hash 0123456789ab)")


def of_examples(tagger, seed_tagger):
    """The records of the example gold, each file under the guideline of its format."""
    pairs = []
    for name in FILES:
        chosen = seed_tagger if name.endswith(".txt") else tagger
        documents = read_documents(find_inputs([str(GOLD / name)])[0])
        pairs += [(document, chosen.tag(document.text)) for document in documents]
    pairs = [(replace(gold, path=Path(gold.path).name), predicted) for gold, predicted in pairs]
    assessed_pairs = assess(pairs, Borders(tagger.hits), "canonical, seed", [tagger, seed_tagger])
    return make_record(assessed_pairs, RUN), assessed_pairs.judged


def of(*pairs: tuple[Document, Document]):
    """The records of pairs of gold and prediction that no tagger made."""
    assessment = assessed(pairs)
    return make_record(assessment), assessment.judged


def of_counts(guideline="canonical", documents=2, **labels: tuple[int, int, int]) -> Record:
    """A record with figures from (gold, predicted, correct) of each label, the same for every measure."""
    counts = {label: Counts(*labels.get(label, (0, 0, 0))) for label in LABELS}
    score = Score(dict.fromkeys(MEASURES, counts), documents, ())
    return make_record(replace(_NOTHING, guideline=guideline, score=score, judged=()))


def assessed(pairs: Iterable[tuple[Document, Document]]) -> Assessment:
    return assess(pairs, Borders(hits_of([])), "canonical")


_NOTHING = assessed([(Document("Rien.", annotated=True), Document("Rien."))])
