"""Inline markup, `[Marie Curie](PER)`: one document a file. Offsets: code points, counted without the marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ruletag import markup
from ruletag.errors import Fault, RuletagError, suggest
from ruletag.formats.text import one_after_the_other
from ruletag.model import LABELS, Document


def read(text: str, path: str) -> Iterator[Document]:
    """The one document of a marked text. RuletagError for a mark that is not well formed or an unknown label."""
    try:
        document = markup.parse(text)
    except ValueError as error:
        raise RuletagError(Fault(path, "RT107", str(error))) from None
    for entity in document.entities:
        if entity.label not in LABELS:
            raise RuletagError(
                Fault(path, "RT205", f"unknown label {entity.label!r}", help=suggest(entity.label, LABELS))
            )
    yield replace(document, path=path)


def write(documents: Iterable[Document]) -> str:
    """The documents in markup, one after the other."""
    return one_after_the_other(markup.render(document) for document in documents)
