"""The gold of a measurement: documents with annotations, and the guideline that their format implies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ruletag import Document
from ruletag.evaluation.measures import Counts, scored_spans, strict_counts
from ruletag.files import find_inputs, read_documents
from ruletag.model import LABELS

EXAMPLES = Path(__file__).parents[1] / "examples" / "gold"
ByLabel = dict[str, Counts]


class Corpus(NamedTuple):
    """Documents that share a guideline; `name` is that of their file or folder, without its path.

    If a folder holds several guidelines, the name says which.
    """

    name: str
    guideline: str
    documents: tuple[Document, ...]

    @property
    def spans(self) -> Counter[str]:
        """How many gold spans each label has."""
        return Counter(label for document in self.documents for _, _, label in scored_spans(document))


def read_corpora(arguments: Iterable[str]) -> list[Corpus]:
    """A corpus for each argument; if its files follow several guidelines, one for each guideline.

    Documents without annotations are left out. Raises RuletagError for files that cannot be read.
    """
    corpora = []
    for argument in arguments:
        documents: dict[str, list[Document]] = {}
        for source in find_inputs([argument]):
            annotated = [document for document in read_documents(source) if document.annotated]
            documents.setdefault(source.format.guideline, []).extend(annotated)
        name = Path(argument).resolve().name
        by_guideline = {guideline: gold for guideline, gold in documents.items() if gold}
        for guideline, gold in by_guideline.items():
            corpora.append(Corpus(name if len(by_guideline) == 1 else f"{name} ({guideline})", guideline, tuple(gold)))
    return corpora


def count(gold: Document, predicted: Iterable[tuple[int, int, str]]) -> ByLabel:
    """The strict counts of one document; spans with labels other than the four are ignored."""
    return strict_counts(Counter(scored_spans(gold)), Counter(span for span in predicted if span[2] in LABELS))


def total(counts: Iterable[ByLabel]) -> ByLabel:
    """The sum over documents, with every label."""
    totals = dict.fromkeys(LABELS, Counts())
    for document in counts:
        for label, added in document.items():
            totals[label] += added
    return totals


def micro(counts: ByLabel, labels: Iterable[str] = LABELS) -> Counts:
    """The counts of several labels as one."""
    return sum((counts[label] for label in labels), Counts())
