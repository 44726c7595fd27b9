"""Raw text: one document, no annotations. Offsets: code points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ruletag.model import Document


def read(text: str, path: str) -> Iterator[Document]:
    """The one document of a raw text, whatever stands in it."""
    yield Document(text, path=path)


def write(documents: Iterable[Document]) -> str:
    """The bare texts, one after the other; annotations are left out."""
    return "".join(document.text for document in documents)
