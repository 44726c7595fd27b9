"""Paths to documents and documents to paths. Inputs are never changed, outputs appear whole or not at all."""

from __future__ import annotations

import codecs
import os
import secrets
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ruletag.errors import Fault, RuletagError
from ruletag.formats import SUFFIXES, Format, by_name, by_suffix
from ruletag.model import Document

STDIN = "-"


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
    try:
        data = source.path.read_bytes() if source.path else sys.stdin.buffer.read() if sys.stdin else b""
    except OSError as error:
        raise RuletagError(_cannot_read(source.shown, error)) from None
    return decode(data, source.shown, encoding)


def decode(data: bytes, shown: str, encoding: str = "utf-8") -> str:
    """Decode a file. A byte order mark is no part of the text. RuletagError names the byte that does not fit."""
    utf8 = codecs.lookup(encoding).name == "utf-8"
    if utf8 and _looks_like_utf16(data):
        message = "is not UTF-8: it looks like UTF-16"
        raise RuletagError(Fault(shown, "RT102", message, help="say --encoding utf-16, or save the file as UTF-8"))
    try:
        return data.decode("utf-8-sig" if utf8 else encoding)
    except UnicodeDecodeError as error:
        at = error.start + len(data) - len(error.object)  # the codec counts from behind the byte order mark
        message = f"byte {at} (0x{data[at]:02x}) is not valid {encoding.upper()}"
        help = "say --encoding latin-1 or cp1252 if it is an older file, or save it as UTF-8"
        raise RuletagError(Fault(shown, "RT102", message, data.count(b"\n", 0, at) + 1, help=help)) from None


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
    if not path.exists():
        return
    if any(source.path and source.path.exists() and source.path.samefile(path) for source in sources):
        raise RuletagError(Fault(str(path), "RT106", "is an input and is never changed", help="write to another path"))
    if not force:
        raise RuletagError(Fault(str(path), "RT106", "exists already", help="say --force to replace it"))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    temporary = path.parent / f".ruletag-{secrets.token_hex(8)}.part"  # named first: an interrupt may come at any time
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except OSError as error:
        blocked = isinstance(error, (FileExistsError, NotADirectoryError))
        reason = "there is a file where a folder is wanted" if blocked else error.strerror or str(error)
        raise RuletagError(
            Fault(str(path), "RT106", f"cannot be written: {reason}", help="choose another path")
        ) from None
    finally:
        with suppress(OSError):
            temporary.unlink()
