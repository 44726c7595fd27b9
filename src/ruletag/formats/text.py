"""Raw text: one document, no annotations. Offsets: code points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from ruletag.formats.contract import Format, Options
from ruletag.model import Document


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The one document of a raw text, regardless of its content."""
    yield Document(stream.read(), path=path)


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """The texts of the documents, one after the other, without annotations."""
    one_after_the_other((document.text for document in documents), stream)


def one_after_the_other(pieces: Iterable[str], stream: TextIO) -> None:
    """Write texts as one, each starting on a new line, for formats with one document per file."""
    last_char = ""
    for piece in filter(None, pieces):
        stream.write("\n" + piece if last_char not in ("", "\r", "\n") else piece)
        last_char = piece[-1]


FORMAT = Format(
    name="text",
    help="raw text; braces have no meaning",
    read=read,
    write=write,
    any_bytes=True,
    carries=("raw",),
    loses="everything but the text",
)
