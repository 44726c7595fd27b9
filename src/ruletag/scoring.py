"""Scoring from Python: read documents, pair them with their gold, count. What the command line does, without its words.

Offsets are half-open code points into the text as it came.
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
    """The documents of a file, or of all files below a folder, in the order of their names.

    `format` is the name of a format; None goes by the suffix. RuletagError carries every fault of every file.
    """
    return read_all(find_inputs([str(path)], format), encoding)


def pair(gold: Sequence[Document], predicted: Sequence[Document]) -> list[tuple[Document, Document]]:
    """Each gold document with the prediction for it: by id where every document has one of its own, else in order.

    RuletagError where a document is missing, or where its text is another.
    """
    names = [next((document.path for document in documents if document.path), "") for documents in (gold, predicted)]
    return list(zip(gold, align(gold, predicted, names[0] or "gold", names[1] or "predicted"), strict=True))


def score(pairs: Iterable[tuple[Document, Document]], tagger: Tagger) -> Score:
    """The counts of every measure and label over pairs of gold and prediction.

    The word classes of the tagger say which borders the measure `forgiven` forgives: titles, civilities, demonyms. Gold
    without annotations is named in `skipped`, and not scored. ValueError where the two texts of a pair differ.
    """
    return count(pairs, Borders(tagger.hits))
