"""Raw text: one document, no annotations. Offsets: code points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ruletag.model import Document


def read(text: str, path: str) -> Iterator[Document]:
    """The one document of a raw text, whatever stands in it."""
    yield Document(text, path=path)


def write(documents: Iterable[Document]) -> str:
    """The bare texts, one after the other; annotations are left out."""
    return one_after_the_other(document.text for document in documents)


def one_after_the_other(pieces: Iterable[str]) -> str:
    """Texts as one, each from the beginning of a line, for formats that hold one document a file."""
    written: list[str] = []
    for piece in pieces:
        if piece and written and not written[-1].endswith(("\r", "\n")):
            written.append("\n")
        if piece:
            written.append(piece)
    return "".join(written)
