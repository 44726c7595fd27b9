"""The finished documents of a file of `ruletag review`. Offsets: code points. Read-only.

The file may be read while a server writes to it. From standard input, it is read without its log file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from ruletag.formats.contract import CODE_POINTS, Format, Options
from ruletag.model import Document

SUFFIX = ".review"


def read(stream: Any, path: str, options: Options = Options()) -> Iterator[Document]:
    """The finished documents, with `annotator` in their meta.

    With `every`, they are those of all reviewers, else those of the reviewer who speaks for all. Raises RuletagError if
    the file is not a review, or if nobody speaks for all.
    """
    from ruletag.review.gold import reviewed, voice
    from ruletag.review.store import Store

    with _open(stream, path) as connection:
        store = Store(connection, path)
        yield from reviewed(store, None if options.every else voice(store))


def seeds(path: str) -> list[Document]:
    """The documents of a review file as proposed to the reviewers, with the source of each span."""
    from ruletag.review.gold import proposed
    from ruletag.review.store import Store

    with _open(None, path) as connection:
        return list(proposed(Store(connection, path)))


def _open(stream: Any, path: str) -> AbstractContextManager[Connection]:
    """Open the database by its path if it is a file: the latest changes may still be in its log file."""
    from ruletag.review.database import is_database, reading, reading_bytes

    file = Path(path)
    if stream is None or (file.is_file() and is_database(file)):
        return reading(file)
    return reading_bytes(stream.read(), path)


FORMAT = Format(
    name="review",
    help="the file of `ruletag review`: finished documents",
    read=read,
    suffixes=(SUFFIX,),
    unit=CODE_POINTS,
    loses="unfinished documents; deleted proposals",
    carries=("spans", "id", "meta", "source"),
    many=True,
    binary=True,
    any_bytes=True,
)
