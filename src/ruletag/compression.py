"""Transparent reading of compressed files: gzip and, with an extra installed, zstd."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ruletag.errors import Fault, RuletagError, lacking

SUFFIXES = (".gz", ".zst")
_START = 4  # bytes; the first block contains a whole byte order mark


def uncompressed_name(name: str) -> str:
    """The name of a file without its compression suffix."""
    return name[: -len(suffix)] if (suffix := compression(name)) else name


def compression(name: str) -> str:
    """The compression suffix of a file name; empty if there is none."""
    name = name.lower()
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), "") if name.endswith(SUFFIXES) else ""


def decompress(blocks: Iterable[bytes], suffix: str, shown: str) -> Iterator[bytes]:
    """The bytes of a compressed file. Raises RuletagError if it is damaged or truncated, or if its package is not
    installed."""
    inflated = _inflated(blocks, _decompressor(suffix, shown), suffix, shown)
    start = b""
    while len(start) < _START and (block := next(inflated, b"")):
        start += block
    if start:
        yield start
    yield from inflated


def _decompressor(suffix: str, shown: str) -> Callable[[], Any]:
    if suffix == ".gz":
        return lambda: zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        import zstandard
    except ModuleNotFoundError:
        raise RuletagError(lacking(shown, "is compressed with zstd, which needs", "zstandard", "zstd")) from None
    return zstandard.ZstdDecompressor().decompressobj


def _inflated(blocks: Iterable[bytes], make: Callable[[], Any], suffix: str, shown: str) -> Iterator[bytes]:
    """The contents of all members of a file, concatenated."""
    member: Any = None
    try:
        for compressed in blocks:
            block = compressed
            while block:
                member = member or make()
                if inflated := member.decompress(block):
                    yield inflated
                block = member.unused_data if member.eof else b""
                member = None if member.eof else member
                if member is None and suffix == ".gz":
                    block = block.lstrip(b"\0")  # tape padding, which gzip skips too
    except RuletagError:
        raise
    except Exception as error:  # zlib.error or ZstdError, which only an extra has
        raise _damaged(shown, suffix, str(error)) from None
    if member is not None:
        raise _damaged(shown, suffix, "it ends too early")


def _damaged(shown: str, suffix: str, reason: str) -> RuletagError:
    return RuletagError(
        Fault(shown, "RT102", f"is a damaged {suffix} file: {reason}", help="copy or compress it again")
    )
