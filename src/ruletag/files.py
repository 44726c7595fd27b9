"""Which files arguments stand for, and the text of each.

A file is read block by block; one that has a document a line need never be in memory as a whole.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from pathlib import Path
from typing import NamedTuple, cast

from ruletag.errors import Fault, RuletagError, failure
from ruletag.formats import FORMATS, SUFFIXES, Format, by_name, by_suffix
from ruletag.model import Document
from ruletag.signatures import binary_kind, is_binary, looks_like_utf16
from ruletag.sources import irregular

STDIN = "-"
_BLOCK = 1 << 16
_MARKS = {
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
}
_PROSE = (".text", ".md", ".markdown", ".rst", ".adoc")  # read like a file without a suffix
_SUFFIX = re.compile(r"\.[a-z][a-z0-9_-]*")  # *rapport v1.2* has none
# Python's codecs that are no encodings of text files: they read notations, or nothing at all.
_NOTATIONS = {"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined"}


class Input(NamedTuple):
    """One file to read (None: standard input), the name reports give it, its place below the folder, its format.

    `id` is for a document that has none of its own, where there are several inputs to tell apart.
    """

    path: Path | None
    shown: str
    relative: str
    format: Format
    id: str | None = None


def find_inputs(
    arguments: Iterable[str], from_format: str | None = None, note: Callable[[str], object] = lambda _: None
) -> list[Input]:
    """The files that the arguments name; a folder stands for the documents below it, sorted by name.

    RuletagError for a name that does not exist, a suffix that stands for no format, and a folder without documents.
    `note` is told what was left out of a folder, a line at a time.
    """
    arguments = list(arguments)
    inputs: list[Input] = []
    faults: list[Fault] = []
    chosen = by_name(from_format) if from_format else None
    for argument in arguments:
        path = Path(argument)
        id = argument if len(arguments) > 1 else None
        if argument == STDIN:
            inputs.append(Input(None, STDIN, "stdin", chosen or by_suffix(""), id))
        elif not argument or not path.exists():
            name, help = argument or "''", "check the name"
            faults.append(Fault(name, "RT101", "there is no such file or folder", help=help))
        elif path.is_dir():
            found = list(_inputs_below(path, chosen, note))
            inputs += found
            if not found:
                help = f"documents end in {', '.join(sorted(SUFFIXES))}"
                faults.append(Fault(argument, "RT103", "the folder holds no documents", help=help))
        elif chosen or _is_text(path.name):
            inputs.append(Input(path, argument, path.name, chosen or by_suffix(path.name.lower()), id))
        else:
            message = f"{path.suffix} is the suffix of no format that is read"
            faults.append(Fault(argument, "RT112", message, help=_other_formats()))
    if faults:
        raise RuletagError(faults)
    return inputs


def _is_text(name: str) -> bool:
    """Whether a file is in a format that we read, as far as its name says."""
    suffix = Path(name).suffix.lower()
    return suffix in SUFFIXES or suffix in _PROSE or not _SUFFIX.fullmatch(suffix)


def _other_formats() -> str:
    return f"formats are {', '.join(FORMATS)}; convert it, or say --from text to read it as it is"


def _inputs_below(folder: Path, chosen: Format | None, note: Callable[[str], object]) -> Iterator[Input]:
    """The documents below a folder."""
    strange: Counter[str] = Counter()
    files = (Path(root, name) for root, _, names in os.walk(folder, onerror=_unreadable) for name in names)
    for file in sorted(files, key=lambda file: file.relative_to(folder).as_posix()):
        relative, suffix = file.relative_to(folder), file.suffix.lower()
        if any(part.startswith(".") for part in relative.parts):
            continue
        if suffix not in SUFFIXES:
            strange[suffix or "no suffix"] += 1
        elif kind := irregular(file):
            note(f"{file}: note: is {kind}, left out")
        else:
            place = relative.as_posix()
            yield Input(file, str(file), place, chosen or by_suffix(file.name.lower()), place)
    if strange:
        number = strange.total()
        what = "file is left out: its suffix stands" if number == 1 else "files are left out: their suffixes stand"
        counts = ", ".join(f"{suffix} ({strange[suffix]})" for suffix in sorted(strange))
        note(f"{folder}: note: {number} {what} for no format: {counts}")


def total_size(sources: Iterable[Input]) -> int | None:
    """The bytes of all inputs, None where one is no plain file."""
    paths = [source.path for source in sources]
    if not all(path and path.is_file() for path in paths):
        return None
    return sum(path.stat().st_size for path in paths if path)


def _unreadable(error: OSError) -> None:
    raise RuletagError(_cannot_read(str(error.filename), error))


def _cannot_read(shown: str, error: OSError) -> Fault:
    return Fault(shown, "RT101", f"cannot be read: {error.strerror}", help="check the name and the permissions")


def read_documents(source: Input, encoding: str = "utf-8") -> list[Document]:
    """The documents of one input. RuletagError carries every fault of the file."""
    return list(source.format.read(read_text(source, encoding), source.shown))


def read_all(sources: Iterable[Input], encoding: str = "utf-8") -> list[Document]:
    """The documents of several inputs, one after the other. RuletagError carries every fault of all of them."""
    documents: list[Document] = []
    faults: list[Fault] = []
    for source in sources:
        try:
            documents += read_documents(source, encoding)
        except RuletagError as error:
            faults += error.faults
    if faults:
        raise RuletagError(faults)
    return documents


def read_text(source: Input, encoding: str = "utf-8") -> str:
    """The text of one input, line ends as they are. RuletagError where it cannot be read or decoded."""
    return "".join(text for text, _ in _decoded(source, encoding))


def _decoded(source: Input, encoding: str) -> Iterator[tuple[str, int]]:
    return decode(_blocks(source), source.shown, encoding, any_bytes=source.format.name == "text")


class Piece(NamedTuple):
    """Some of an input: all of it or, where its format has a document a line, whole lines of it.

    `line` is the number of its first line and `size` how many bytes were read for it. `last` says that nothing comes
    after it, and `faults` why an input could not be read to its end.
    """

    source: Input
    text: str = ""
    line: int = 1
    size: int = 0
    last: bool = False
    faults: tuple[Fault, ...] = ()
    only_read: bool = False  # look for faults, tag nothing


def read_pieces(source: Input, encoding: str = "utf-8") -> Iterator[Piece]:
    """The pieces of one input, each as soon as it is read; one of them, the last, is `last`. Faults are in that one."""
    rest: list[str] = []
    line, size = 1, 0
    try:
        for text, read in _decoded(source, encoding):
            size += read
            cut = text.rfind("\n") + 1 if source.format.by_line else 0
            if cut:
                piece = "".join([*rest, text[:cut]])
                yield Piece(source, piece, line, size)
                line += piece.count("\n")
                rest, size = [], 0
            rest.append(text[cut:])
        end = "".join(rest)
    except RuletagError as error:
        yield Piece(source, "", line, size, last=True, faults=error.faults)
    except MemoryError as error:
        yield Piece(source, "", line, size, last=True, faults=(failure(source.shown, error, line),))
    else:
        yield Piece(source, end, line, size, last=True)


def _blocks(source: Input) -> Iterator[bytes]:
    """The bytes of one input, as they come. RuletagError where they cannot be read."""
    try:
        with _opened(source) as file:
            beginning = file.read(4)  # enough for any byte order mark
            while block := beginning + file.read1(_BLOCK):
                yield block
                beginning = b""
    except OSError as error:
        raise RuletagError(_cannot_read(source.shown, error)) from None


def _opened(source: Input) -> AbstractContextManager[io.BufferedReader]:
    if source.path:
        return source.path.open("rb")
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    return nullcontext(cast(io.BufferedReader, sys.stdin.buffer))


def decode(
    blocks: Iterable[bytes], shown: str, encoding: str = "utf-8", *, any_bytes: bool = False
) -> Iterator[tuple[str, int]]:
    """Decode a file block by block: the text that each one completes, and its number of bytes.

    A byte order mark is no part of the text; it stands whole in the first block. RuletagError names the byte that does
    not fit, after the text before it; and the kind of a file that is no text, unless `any_bytes` are wanted.
    """
    decoder: codecs.IncrementalDecoder | None = None
    fed = lines = 0
    kind = ""
    for block in chain(blocks, [b""]):
        read = len(block)
        if decoder is None:
            kind = binary_kind(block)
            if kind and not any_bytes:
                raise _no_text(shown, f"it looks like {kind}")
            decoder, mark = _decoder(block, shown, encoding)
            if not any_bytes and is_binary(block, codecs.lookup(encoding).name):
                raise _no_text(shown, "it is full of NUL bytes")
            block = block[len(mark) :]
        fed += read
        lines += block.count(b"\n")
        state = decoder.getstate()
        try:
            yield decoder.decode(block, final=not block), read
        except UnicodeDecodeError as error:
            left = len(error.object) - error.start  # the codec counts from behind what it has taken
            if left < len(block):
                decoder.setstate(state)
                yield decoder.decode(block[:-left]), read
            line = lines - error.object.count(b"\n", error.start) + 1
            message = f"byte {fed - left} (0x{error.object[error.start]:02x}) is not valid {encoding.upper()}"
            help = "say --encoding latin-1 or cp1252 if it is an older file, or save it as UTF-8"
            if kind:
                message, help = f"{message}: it looks like {kind}", "unpack it, or convert it to text"
            raise RuletagError(Fault(shown, "RT102", message, line, help=help)) from None
        except UnicodeError as error:  # codecs that do not say where
            message, help = f"is not valid {encoding.upper()}: {error}", "save it as UTF-8"
            raise RuletagError(Fault(shown, "RT102", message, help=help)) from None


def _no_text(shown: str, reason: str) -> RuletagError:
    return RuletagError(Fault(shown, "RT112", f"is no text: {reason}", help=_other_formats()))


def _decoder(beginning: bytes, shown: str, encoding: str) -> tuple[codecs.IncrementalDecoder, bytes]:
    """What decodes a file that begins so, and the byte order mark that it must not be given."""
    name = codecs.lookup(encoding).name
    mark = b""
    if name == "utf-8":
        if looks_like_utf16(beginning):
            message = "is not UTF-8: it looks like UTF-16"
            raise RuletagError(Fault(shown, "RT102", message, help="say --encoding utf-16, or save the file as UTF-8"))
        mark = codecs.BOM_UTF8 if beginning.startswith(codecs.BOM_UTF8) else b""
    elif name in _MARKS and not beginning.startswith(_MARKS[name]):
        name += "-le" if sys.byteorder == "little" else "-be"  # Python decodes so, but not block by block
    return codecs.getincrementaldecoder(name)(), mark


def refuse_encoding(name: str) -> None:
    """RuletagError where Python knows no text encoding of that name."""
    try:
        " ".encode(name)
        known = codecs.lookup(name).name.replace("_", "-") not in _NOTATIONS
    except (LookupError, ValueError):
        known = False
    if not known:
        help = "for example utf-8, latin-1, cp1252 or utf-16"
        raise RuletagError(Fault("--encoding", "RT110", f"unknown encoding {name!r}", help=help))
