"""Inline markup, `[Marie Curie](PER)`, one document per file. Offsets: code points, counted without the markup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TextIO

from ruletag import markup
from ruletag.errors import Fault, RuletagError
from ruletag.formats.contract import Format, Options
from ruletag.formats.text import one_after_the_other
from ruletag.model import Document


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The one document of a marked text. Raises RuletagError for invalid markup or an unknown label."""
    marked = stream.read()
    try:
        document = markup.parse(marked)
    except markup.InvalidMark as error:
        before = marked[: error.position].split("\n")
        raise RuletagError(Fault(path, "RT107", error.reason, len(before), len(before[-1]) + 1)) from None
    lines = [document.text.count("\n", 0, entity.start) + 1 for entity in document.entities]
    located = zip(document.entities, lines, strict=True)
    labels = [options.labels.read(entity.label, path, line) for entity, line in located]
    labelled = zip(document.entities, labels, strict=True)
    entities = tuple(replace(entity, label=label) for entity, label in labelled if label)
    yield replace(document, path=path, entities=entities)


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """The documents in markup, one after the other. Raises RuletagError if names overlap."""
    one_after_the_other((_render(document) for document in documents), stream)


def _render(document: Document) -> str:
    try:
        return markup.render(document)
    except ValueError as error:
        raise RuletagError(Fault(document.path or "-", "RT107", str(error), help="write --to jsonl instead")) from None


FORMAT = Format(
    name="markup",
    help="[Marie Curie](PER) inside the text",
    read=read,
    write=write,
    carries=("spans",),
    loses="nested or overlapping names are refused",
)
