"""WARC and WET, the formats of web archives and Common Crawl. Offsets: none, because there are no annotations.

A plain-text record is a document with its URL as `id`: a `conversion` (WET), or a response that a server sent as
`text/plain`. Its type, date and language are in `meta`. Other records, such as HTML pages, are left out and counted.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ruletag.errors import Fault, RuletagError
from ruletag.formats.contract import Format, Options
from ruletag.model import Document

_NO_DOCUMENTS = ("warcinfo", "metadata", "request", "revisit", "continuation")  # records that describe others
_META = {
    "warc_type": "WARC-Type",
    "date": "WARC-Date",
    "language": "WARC-Identified-Content-Language",
    "record": "WARC-Record-ID",
}


def read(stream: Any, path: str, options: Options = Options()) -> Iterator[Document]:
    """The documents of an archive, as they are read. A note on the last document lists the records that were left out.

    Raises RuletagError if the archive is damaged, naming the record, or if no record is plain text.
    """
    from fastwarc.warc import ArchiveIterator

    left_out: Counter[str] = Counter()
    pending: Document | None = None  # held back because the last document gets a note
    number = 0
    try:
        for number, record in enumerate(ArchiveIterator(_Source(stream)), 1):
            if not str(record.headers.get("Content-Length")).strip().isdecimal():
                raise ValueError("a record has no valid Content-Length")
            kind = _kind(record)
            if kind == "text/plain":
                document = _document(record, path, number)
                if pending:
                    yield pending
                pending = document
            elif record.headers.get("WARC-Type") not in _NO_DOCUMENTS:
                left_out[kind] += 1
    except (OSError, ValueError, EOFError) as error:
        if pending:
            yield pending
        message = f"is damaged after record {number}: {' '.join(str(error).split())[:120]}"
        raise RuletagError(Fault(path, "RT105", message, help="copy it again")) from None
    kinds = ", ".join(f"{kind} ({count})" for kind, count in sorted(left_out.items()))
    if pending:
        notes = (*pending.notes, f"records that are not plain text are left out: {kinds}") if kinds else pending.notes
        yield replace(pending, notes=notes)
    elif kinds:
        help = "take its WET file, or extract the texts first"
        raise RuletagError(Fault(path, "RT105", f"contains no plain-text record, but: {kinds}", help=help))


class _Source(io.RawIOBase):
    """A stream that counts its position for fastwarc, even if the underlying stream cannot seek."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._at = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block: bytes = self._stream.read(size)
        self._at += len(block)
        return block

    def tell(self) -> int:
        return self._at


def _kind(record: Any) -> str:
    """The media type of a record's content."""
    content_type = record.http_content_type if record.is_http else record.headers.get("Content-Type")
    media_type = str(content_type or "").partition(";")[0].strip().lower()
    return media_type or ("text/plain" if record.headers.get("WARC-Type") == "conversion" else "unknown")


def _document(record: Any, path: str, number: int) -> Document:
    """The document of a plain-text record. Raises ValueError if the record ends too early."""
    length = record.content_length
    data = record.reader.read()
    if len(data) < length:
        raise ValueError(f"a record ends after {len(data)} of {length} bytes")
    notes: tuple[str, ...] = ()
    charset = (record.http_charset if record.is_http else None) or "utf-8"
    try:
        text = data.decode(charset)
    except (UnicodeDecodeError, LookupError):
        text = data.decode("utf-8", "replace")
        notes = (f"bytes that are not {charset} are read as U+FFFD",)
    values = {name: record.headers.get(header) for name, header in _META.items()}
    meta = {name: value for name, value in values.items() if value}
    return Document(text, (), record.headers.get("WARC-Target-URI"), path, meta=meta, lines=(number,), notes=notes)


FORMAT = Format(
    name="warc",
    help="web archives: the plain-text records of WARC and WET",
    read=read,
    suffixes=(".warc", ".wet"),
    carries=("id", "meta", "raw"),
    loses="records of HTML and other kinds; nothing is written",
    many=True,
    binary=True,
    any_bytes=True,
    extra="warc",
)
