"""Paths to documents and documents to paths. Inputs are never changed, outputs appear whole or not at all.

A file is read block by block; one that has a document a line need never be in memory as a whole.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from ruletag.cache import writing_atomically
from ruletag.errors import Fault, RuletagError
from ruletag.formats import SUFFIXES, Format, by_name, by_suffix
from ruletag.model import Document

STDIN = "-"
_BLOCK = 1 << 16
_MARKS = {
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
}


class Input(NamedTuple):
    """One file to read (None: standard input), the name reports give it, its place below the folder, its format."""

    path: Path | None
    shown: str
    relative: str
    format: Format


def find_inputs(arguments: Iterable[str], from_format: str | None = None) -> list[Input]:
    """The files that the arguments name; a folder stands for the documents below it, sorted by name.

    RuletagError for a name that does not exist, and for a folder without documents.
    """
    inputs: list[Input] = []
    faults: list[Fault] = []
    chosen = by_name(from_format) if from_format else None
    for argument in arguments:
        path = Path(argument)
        if argument == STDIN:
            inputs.append(Input(None, STDIN, "stdin", chosen or by_suffix("")))
        elif path.is_dir():
            found = [Input(file, str(file), _below(file, path), chosen or by_suffix(file.name)) for file in _walk(path)]
            inputs += found
            if not found:
                help = f"documents end in {', '.join(sorted(SUFFIXES))}"
                faults.append(Fault(argument, "RT103", "the folder holds no documents", help=help))
        elif path.exists():
            inputs.append(Input(path, argument, path.name, chosen or by_suffix(argument)))
        else:
            faults.append(Fault(argument, "RT101", "there is no such file or folder", help="check the name"))
    if faults:
        raise RuletagError(faults)
    return inputs


def total_size(sources: Iterable[Input]) -> int | None:
    """The bytes of all inputs, None where one is no plain file."""
    paths = [source.path for source in sources]
    if not all(path and path.is_file() for path in paths):
        return None
    return sum(path.stat().st_size for path in paths if path)


def _walk(folder: Path) -> Iterator[Path]:
    files = (Path(root, name) for root, _, names in os.walk(folder, onerror=_unreadable) for name in names)
    documents = [file for file in files if file.suffix in SUFFIXES and not _is_hidden(file.relative_to(folder))]
    return iter(sorted(documents, key=lambda file: file.relative_to(folder).as_posix()))


def _unreadable(error: OSError) -> None:
    raise RuletagError(_cannot_read(str(error.filename), error))


def _cannot_read(shown: str, error: OSError) -> Fault:
    return Fault(shown, "RT101", f"cannot be read: {error.strerror}", help="check the name and the permissions")


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _below(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix()


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
    return "".join(text for text, _ in decode(_blocks(source), source.shown, encoding))


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
        for text, read in decode(_blocks(source), source.shown, encoding):
            size += read
            cut = text.rfind("\n") + 1 if source.format.by_line else 0
            if cut:
                piece = "".join([*rest, text[:cut]])
                yield Piece(source, piece, line, size)
                line += piece.count("\n")
                rest, size = [], 0
            rest.append(text[cut:])
    except RuletagError as error:
        yield Piece(source, "", line, size, last=True, faults=error.faults)
    else:
        yield Piece(source, "".join(rest), line, size, last=True)


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
    return nullcontext(cast(io.BufferedReader, sys.stdin.buffer if sys.stdin else io.BytesIO()))


def decode(blocks: Iterable[bytes], shown: str, encoding: str = "utf-8") -> Iterator[tuple[str, int]]:
    """Decode a file block by block: the text that each one completes, and its number of bytes.

    A byte order mark is no part of the text; it stands whole in the first block. RuletagError names the byte that does
    not fit, after the text before it.
    """
    decoder: codecs.IncrementalDecoder | None = None
    fed = lines = 0
    for block in chain(blocks, [b""]):
        read = len(block)
        if decoder is None:
            decoder, mark = _decoder(block, shown, encoding)
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
            raise RuletagError(Fault(shown, "RT102", message, line, help=help)) from None


def _decoder(beginning: bytes, shown: str, encoding: str) -> tuple[codecs.IncrementalDecoder, bytes]:
    """What decodes a file that begins so, and the byte order mark that it must not be given."""
    name = codecs.lookup(encoding).name
    mark = b""
    if name == "utf-8":
        if _looks_like_utf16(beginning):
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
    except (LookupError, ValueError):
        help = "for example utf-8, latin-1, cp1252 or utf-16"
        raise RuletagError(Fault("--encoding", "RT110", f"unknown encoding {name!r}", help=help)) from None


def encode(text: str, shown: str) -> bytes:
    """A text as UTF-8. RuletagError where it holds half of a character, which no file can."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        message = f"the text holds half of a character (U+{ord(text[error.start]):04X}), which UTF-8 cannot write"
        raise RuletagError(Fault(shown, "RT106", message, help="write --to jsonl instead")) from None


def _looks_like_utf16(data: bytes) -> bool:
    sample = data[:4096]
    return data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or (
        len(sample) > 3 and max(sample[::2].count(0), sample[1::2].count(0)) > len(sample) // 4
    )


def output_path(source: Input, output: Path, to: Format, *, several: bool) -> Path:
    """Where the output of one input goes: the path itself; below it, where it is a folder or inputs are several."""
    if not several and not output.is_dir():
        return output
    suffix = to.suffixes[0] if to.suffixes else ".txt"
    return output / Path(source.relative).with_suffix(suffix)


def refuse_output(path: Path, sources: Iterable[Input], *, force: bool) -> None:
    """RuletagError where writing the path would change an input, or an existing file without `force`."""
    refuse_outputs([path], sources, force=force)


def refuse_outputs(paths: Iterable[Path], sources: Iterable[Input], *, force: bool) -> None:
    """As `refuse_output`, for many paths; RuletagError carries all of them."""
    faults: list[Fault] = []
    inputs: set[tuple[int, int]] | None = None
    for path in paths:
        if not path.exists():
            continue
        if inputs is None:
            inputs = {_identity(source.path) for source in sources if source.path and source.path.exists()}
        if _identity(path) in inputs:
            faults.append(Fault(str(path), "RT106", "is an input and is never changed", help="write to another path"))
        elif not force:
            faults.append(Fault(str(path), "RT106", "exists already", help="say --force to replace it"))
    if faults:
        raise RuletagError(faults)


def _identity(path: Path) -> tuple[int, int]:
    """What tells a file from all others, by whatever name it goes."""
    found = path.stat()
    return found.st_dev, found.st_ino


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    with writing_whole(path) as file:
        file.write(data)


@contextmanager
def writing_whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which takes its place at the end; after an error nothing of it is left.

    RuletagError where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with writing_atomically(path) as file:
            yield file
    except OSError as error:
        blocked = isinstance(error, (FileExistsError, NotADirectoryError))
        reason = "there is a file where a folder is wanted" if blocked else error.strerror or str(error)
        raise RuletagError(
            Fault(str(path), "RT106", f"cannot be written: {reason}", help="choose another path")
        ) from None
