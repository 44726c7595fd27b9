"""Quality side by side: ruletag, a plain dictionary, and spaCy where it is installed, strict, for each label.

    python bench/quality.py GOLD...

GOLD is a file or folder that `ruletag eval` reads. The dictionary is flashtext with the same gazetteers: what lists
alone bring. spaCy and its models are the extra `bench`; what is not installed is skipped, by name.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from flashtext import KeywordProcessor
from tabulate import tabulate

from ruletag import Document, Entity, Tagger
from ruletag.evaluation.borders import Borders
from ruletag.evaluation.score import Score, score
from ruletag.files import Input, find_inputs, read_documents
from ruletag.model import LABELS

MODELS = ("fr_core_news_sm", "fr_core_news_md")
HEADERS = ["system", *(f"{label} P / R / F1" for label in LABELS), "PER+LOC+ORG", "four labels", "seconds"]
Spans = Iterable[tuple[int, int, str]]


def main(arguments: list[str]) -> int:
    """Print one table for each gold."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    for argument in arguments:
        sources = find_inputs([argument])
        documents = [document for source in sources for document in read_documents(source) if document.annotated]
        rows = list(table(documents, sources[0]))
        print(f"\n{argument}: {len(documents)} documents, guideline {sources[0].format.guideline}, strict\n")
        print(tabulate(rows, HEADERS, tablefmt="github", disable_numparse=True))
    return 0


def table(gold: list[Document], source: Input) -> Iterable[list[str]]:
    """One row for each system that is installed."""
    tagger = Tagger.load(guideline=source.format.guideline)
    borders = Borders(tagger.lexicon)
    systems: dict[str, Callable[[str], Spans] | None] = {
        "ruletag": lambda text: [entity.span for entity in tagger.tag(text).entities],
        "flashtext, same lists": dictionary(tagger),
        **{name: spacy_model(name) for name in MODELS},
    }
    for name, find in systems.items():
        if find is None:
            print(f"skipped: {name} is not installed", file=sys.stderr)
            continue
        start = time.perf_counter()
        predicted = [_document(document.text, find(document.text)) for document in gold]
        seconds = time.perf_counter() - start
        yield _row(name, score(zip(gold, predicted, strict=True), borders), seconds)


def dictionary(tagger: Tagger) -> Callable[[str], Spans]:
    """flashtext over the unambiguous names of a tagger, case-sensitive, and nothing else."""
    processor = KeywordProcessor(case_sensitive=True)
    for entry in tagger.entries:
        if entry.is_label and not entry.ambiguous:
            processor.add_keyword(entry.surface, entry.key)

    def find(text: str) -> Spans:
        return [(start, end, label) for label, start, end in processor.extract_keywords(text, span_info=True)]

    return find


def spacy_model(name: str) -> Callable[[str], Spans] | None:
    """A spaCy model with nothing but its entity recogniser; None where it is not installed."""
    try:
        import spacy

        model: Any = spacy.load(name, exclude=["parser", "attribute_ruler", "lemmatizer", "morphologizer", "tagger"])
    except (ImportError, OSError):
        return None
    return lambda text: [(e.start_char, e.end_char, e.label_) for e in model(text).ents if e.label_ in LABELS]


def _document(text: str, spans: Spans) -> Document:
    return Document(text, tuple(Entity(start, end, label, text[start:end]) for start, end, label in spans))


def _row(name: str, result: Score, seconds: float) -> list[str]:
    counts = [result.counts["strict"][label] for label in LABELS]
    cells = [f"{count.precision:.3f} / {count.recall:.3f} / {count.f1:.3f}" for count in counts]
    return [
        name,
        *cells,
        f"{result.micro(labels=LABELS[:3]).f1:.3f}",
        f"{result.micro().f1:.3f}",
        f"{seconds:.1f}",
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
