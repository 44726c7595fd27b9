"""Decodes the bytes of files, block by block."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterable, Iterator
from itertools import chain

from ruletag.encodings import Utf8Watch, likely_encoding
from ruletag.errors import Fault, RuletagError
from ruletag.foreign import command
from ruletag.formats import FORMATS
from ruletag.signatures import binary_kind, is_binary, is_wide, looks_like_utf16

_MARKS = {
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
}
# Python codecs that are not text encodings: they read notations, or nothing at all.
_NOTATIONS = {"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined"}


def other_formats(shown: str, kind: str = "") -> str:
    """Help for a file in an unsupported format; `kind` is the kind of data its beginning shows."""
    if conversion := command(shown, kind):
        return f"turn it into text first: {conversion}"
    readable = ", ".join(name for name, format in FORMATS.items() if format.read)
    return f"formats are {readable}; convert it, or use --from text to read it as it is"


def decode(
    blocks: Iterable[bytes], shown: str, encoding: str = "utf-8", *, any_bytes: bool = False
) -> Iterator[tuple[str, int]]:
    """Decode a file block by block: the text that each block completes, and its number of bytes.

    A byte order mark is not part of the text; the first block must contain it whole. Raises RuletagError at an invalid
    byte, after the text before it; for a file that is not text, unless `any_bytes` is set; and, at the end, for a file
    that is UTF-8 although another encoding is given.
    """
    decoder: codecs.IncrementalDecoder | None = None
    watch = Utf8Watch(codecs.lookup(encoding).name)
    total = lines = 0
    kind = ""
    for block in chain(blocks, [b""]):
        size = len(block)
        if decoder is None:
            kind = binary_kind(block)
            if kind and not any_bytes:
                raise _not_text(shown, f"it looks like {kind}", kind)
            decoder, mark = _decoder(block, shown, encoding)
            if not any_bytes and is_binary(block, codecs.lookup(encoding).name):
                raise _not_text(shown, "it is full of NUL bytes")
            block = block[len(mark) :]
        watch.feed(block, final=not block)
        total += size
        lines += block.count(b"\n")
        state = decoder.getstate()
        try:
            yield decoder.decode(block, final=not block), size
        except UnicodeDecodeError as error:
            undecoded = len(error.object) - error.start  # the codec counts from the end of what it has consumed
            if undecoded < len(block):
                decoder.setstate(state)
                yield decoder.decode(block[:-undecoded]), size
            line = lines - error.object.count(b"\n", error.start) + 1
            message = f"byte {total - undecoded} (0x{error.object[error.start]:02x}) is not valid {encoding.upper()}"
            help = _encoding_help(likely_encoding(error.object))
            if kind:
                message, help = f"{message}: it looks like {kind}", "unpack it, or convert it to text"
            raise RuletagError(Fault(shown, "RT102", message, line, help=help)) from None
        except UnicodeError as error:  # codecs that do not say where
            message, help = f"is not valid {encoding.upper()}: {error}", "save it as UTF-8"
            raise RuletagError(Fault(shown, "RT102", message, help=help)) from None
    if watch.is_utf8:
        raise _wrong_encoding(shown, "utf-8", encoding)


def _encoding_help(likely: str) -> str:
    """Help for an invalid byte; `likely` is an encoding that fits, or empty."""
    if likely:
        return f"use --encoding {likely}, which fits these bytes, or save the file as UTF-8"
    return "name the encoding of the file with --encoding, or save it as UTF-8"


def _wrong_encoding(shown: str, likely: str, encoding: str) -> RuletagError:
    message = f"is not {encoding.upper()}: it looks like {likely.upper()}"
    saved = "" if likely == "utf-8" else ", or save the file as UTF-8"
    return RuletagError(Fault(shown, "RT102", message, help=f"use --encoding {likely}{saved}"))


def _not_text(shown: str, reason: str, kind: str = "") -> RuletagError:
    return RuletagError(Fault(shown, "RT112", f"is not text: {reason}", help=other_formats(shown, kind)))


def _decoder(beginning: bytes, shown: str, encoding: str) -> tuple[codecs.IncrementalDecoder, bytes]:
    """The decoder for a file with this beginning, and the byte order mark to skip."""
    name = codecs.lookup(encoding).name
    mark = b""
    if not is_wide(name) and looks_like_utf16(beginning):
        raise _wrong_encoding(shown, "utf-16", encoding)
    if name == "utf-8":
        mark = codecs.BOM_UTF8 if beginning.startswith(codecs.BOM_UTF8) else b""
    elif name in _MARKS and not beginning.startswith(_MARKS[name]):
        name += "-le" if sys.byteorder == "little" else "-be"  # Python decodes this, but not block by block
    return codecs.getincrementaldecoder(name)(), mark


def refuse_encoding(name: str) -> None:
    """Raise RuletagError if Python knows no text encoding of that name."""
    try:
        " ".encode(name)
        is_text_encoding = codecs.lookup(name).name.replace("_", "-") not in _NOTATIONS
    except (LookupError, ValueError):
        is_text_encoding = False
    if not is_text_encoding:
        help = "for example utf-8, latin-1, cp1252 or utf-16"
        raise RuletagError(Fault("--encoding", "RT110", f"unknown encoding {name!r}", help=help))
