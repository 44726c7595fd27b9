"""The record of `eval --json` and its texts, of the gold that ships as an example, to test what is made of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ruletag.evaluation.assess import assess
from ruletag.evaluation.borders import Borders
from ruletag.files import find_inputs, read_documents
from ruletag.report.record import make_record, make_texts
from ruletag.report.run import Run

GOLD = Path(__file__).parents[1] / "examples" / "gold"
FILES = ("communique.txt", "articles.jsonl")
RUN = Run("examples/gold", "ruletag eval examples/gold", "2026-11-28", knowledge="shipped (hash 0123456789ab)")


def of_examples(tagger, seed_tagger):
    """The record and the texts; each file under the guideline of its format."""
    pairs = []
    for name in FILES:
        chosen = seed_tagger if name.endswith(".txt") else tagger
        documents = read_documents(find_inputs([str(GOLD / name)])[0])
        pairs += [(document, chosen.tag(document.text)) for document in documents]
    pairs = [(replace(gold, path=Path(gold.path).name), predicted) for gold, predicted in pairs]
    found = assess(pairs, Borders(tagger.hits), "canonical, seed", [tagger, seed_tagger])
    return make_record(found, RUN), make_texts(found)
