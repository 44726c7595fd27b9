"""The measurements that the project is held to, on documents that are kept beside the checkout."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ruletag.evaluation.borders import Borders
from ruletag.evaluation.score import score
from ruletag.files import find_inputs, read_documents

SHARED = Path(__file__).parents[2] / "shared"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.is_dir(), reason="needs the folder `shared` beside the checkout: seeds and corpora"),
]


def documents(place):
    """All documents of a file or folder of the shared ones."""
    return [document for source in find_inputs([str(SHARED / place)]) for document in read_documents(source)]


def test_the_seeds_reach_what_is_promised(seed_tagger):
    """Under `seed`, strict micro-F1 of 0.94 and 0.96 with borders forgiven; documents without gold are named."""
    gold = documents("seeds")
    result = score([(document, seed_tagger.tag(document.text)) for document in gold], Borders(seed_tagger.hits))
    assert [result.micro("strict").f1 >= 0.94, result.micro("forgiven").f1 >= 0.96] == [True, True]
    assert (result.documents, result.micro().gold) == (1, 142)
    assert [Path(name).name[:4] for name in result.skipped] == ["001_", "002_", "003_", "004_"]


def test_the_news_corpus_is_read_whole():
    """Every document and every span of the Wikinews set, in code points."""
    gold = documents("corpora/winer.dev.jsonl")
    assert (len(gold), all(document.annotated for document in gold)) == (901, True)
    assert Counter(entity.label for document in gold for entity in document.entities) == {
        "PER": 3733,
        "LOC": 4898,
        "ORG": 2527,
        "MISC": 971,
    }
