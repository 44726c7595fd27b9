"""Scoring from Python: reads documents, pairs them with their gold and counts. Like the command line, without output.

Offsets are half-open code points of the original text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ruletag.evaluation.align import align
from ruletag.evaluation.borders import Borders
from ruletag.evaluation.score import Score
from ruletag.evaluation.score import score as count
from ruletag.files import find_inputs, read_all
from ruletag.model import Document
from ruletag.tagger import Tagger


def read_documents(path: str | Path, *, format: str | None = None, encoding: str = "utf-8") -> list[Document]:
    """Read the documents of a file, or of all files below a folder in the order of their names.

    `format` is the name of a format; if None, the suffix decides. Raises RuletagError with every fault of every file.
    """
    return read_all(find_inputs([str(path)], format), encoding)


def pair(gold: Sequence[Document], predicted: Sequence[Document]) -> list[tuple[Document, Document]]:
    """Pair each gold document with its prediction: by id if all ids are distinct, else in order.

    Raises RuletagError if a document is missing or its text differs.
    """
    gold_path, path = (
        next((document.path for document in documents if document.path), "") for documents in (gold, predicted)
    )
    return list(zip(gold, align(gold, predicted, gold_path or "gold", path or "predicted"), strict=True))


def score(pairs: Iterable[tuple[Document, Document]], tagger: Tagger) -> Score:
    """Count every measure and label over pairs of gold and prediction.

    The word classes of the tagger (titles, civilities, demonyms) decide which borders the measure `forgiven` forgives.
    Gold without annotations is named in `skipped` and not scored. Raises ValueError if the two texts of a pair differ.
    """
    return count(pairs, Borders(tagger.hits))
