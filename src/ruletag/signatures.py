"""Recognises binary files by their first bytes, and data by its first lines."""

from __future__ import annotations

import codecs
import re

# From the specifications of the formats; no text in any encoding begins like this.
_SIGNATURES = (
    ("gzip", rb"\x1f\x8b"),
    ("zstd", rb"\x28\xb5\x2f\xfd"),
    ("bzip2", rb"BZh[1-9](?:1AY&SY|\x17\x72\x45\x38\x50\x90)"),
    ("xz", rb"\xfd7zXZ\x00"),
    ("lz4", rb"\x04\x22\x4d\x18"),
    ("7z", rb"7z\xbc\xaf\x27\x1c"),
    ("RAR", rb"Rar!\x1a\x07"),
    ("ZIP (.zip, .docx, .odt, .xlsx, .epub)", rb"PK(?:\x03\x04|\x05\x06|\x07\x08)"),
    ("PDF", rb"%PDF-"),
    ("Parquet", rb"PAR1(?![\t\n\r -~])"),
    ("Arrow", rb"ARROW1\x00\x00"),
    ("Microsoft Office (.doc, .xls)", rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("RTF", rb"\{\\rtf"),
    ("SQLite", rb"SQLite format 3\x00"),
    ("PNG", rb"\x89PNG\r\n\x1a\n"),
    ("JPEG", rb"\xff\xd8\xff[\xc0-\xfe]"),
    ("an ELF program", rb"\x7fELF"),
)
_SIGNATURE = re.compile(b"|".join(b"(%s)" % pattern for _, pattern in _SIGNATURES))
_SAMPLE = 4096
_FEW_NULS = 8  # a text may contain this many NUL, or one in thirty-two
_SHARE = 32
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENOUGH_ROWS = 3  # lines of tokens from which a file of tokens is recognised
_WIDE = ("utf-16", "utf-32")  # encodings whose text is full of NUL


def binary_kind(beginning: bytes) -> str:
    """The format of a file with this beginning; empty if it has no known signature."""
    match = _SIGNATURE.match(beginning)
    return _SIGNATURES[(match.lastindex or 1) - 1][0] if match else ""


def is_wide(encoding: str) -> bool:
    """Whether text in an encoding (the codec's own name) is full of NUL."""
    return encoding.startswith(_WIDE)


def is_binary(beginning: bytes, encoding: str) -> bool:
    """Whether a file with this beginning has more NUL than text in an encoding (the codec's own name)."""
    sample = beginning[:_SAMPLE]
    return not is_wide(encoding) and sample.count(0) > max(_FEW_NULS, len(sample) // _SHARE)


def looks_like_utf16(beginning: bytes) -> bool:
    """Whether a file with this beginning is UTF-16: it has the byte order mark, or NUL in every other byte."""
    sample = beginning[:_SAMPLE]
    if not sample.count(0):
        return beginning.startswith(_UTF16)
    fewer, more = sorted((sample[::2].count(0), sample[1::2].count(0)))
    return beginning.startswith(_UTF16) or (len(sample) > 3 and more > len(sample) // 4 and fewer <= more // 4)


def data_kind(beginning: str) -> tuple[str, tuple[str, ...]]:
    """The kind of data that a text looks like, and the suffixes of its formats; both empty if it may be prose."""
    if re.match(r'\s*(?:\[\s*)?\{\s*"(?:[^"\\\n]|\\.)*"\s*:', beginning):
        return "JSON", (".jsonl", ".json")
    if re.match(r"\s*<(?:\?xml|!doctype|tei|html)\b", beginning, re.IGNORECASE):
        return "XML", (".xml", ".xmi")
    complete = beginning.splitlines() if beginning.endswith("\n") else beginning.splitlines()[:-1]
    first = complete[: 10 * _ENOUGH_ROWS]
    rows = [line for line in first if line.strip() and line[0] != "#" and "-DOCSTART-" not in line]
    if len(rows) >= _ENOUGH_ROWS and all(
        re.fullmatch(r"\S+[ \t](?:\S+[ \t]+)*(?:O|[BIESLU]-\S+)", row.strip()) for row in rows
    ):
        return "tokens with tags", (".conll",)
    return "", ()
