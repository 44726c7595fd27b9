"""One self-contained HTML page of the marked texts. Offsets: none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from ruletag.formats.contract import Format, Options
from ruletag.model import LABELS, Document
from ruletag.report.labelled import Labelled, labelled


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """A page with an article for each document, written as the documents arrive.

    Everything from documents is escaped, so that nothing can be executed.
    """
    from ruletag.report.html import asset, environment, policy_hash

    pieces: list[str] = []

    def flush() -> None:
        stream.write("".join(pieces))
        pieces.clear()

    def texts() -> Iterator[tuple[str, Iterator[Labelled]]]:
        for number, document in enumerate(documents, 1):
            yield document.id or document.path or f"Document {number}", labelled(document)
            flush()

    style = asset("marked.css")
    template = environment().get_template("marked.html")
    for piece in template.generate(texts=texts(), labels=LABELS, style=style, style_hash=policy_hash(style)):
        pieces.append(piece)
    flush()


FORMAT = Format(
    name="html",
    help="one page of the marked texts, to look at",
    write=write,
    suffixes=(".html", ".htm"),
    carries=("spans", "nested", "id", "source"),
    loses="control characters, which are shown as pictures; nothing is read back",
    many=True,
)
