"""Documents to paths. Inputs are never changed, and an output appears complete or not at all."""

from __future__ import annotations

import codecs
import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from ruletag.errors import Fault, RuletagError
from ruletag.files import STDIN, Input
from ruletag.formats import Companion, Format, Options, sharing
from ruletag.formats.contract import text_stream
from ruletag.model import Document
from ruletag.streams import Binary, Encoded
from ruletag.temporary import Reused, replacing

ELSEWHERE = "choose another path"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS} if hasattr(errno, "EDQUOT") else {errno.ENOSPC, errno.EROFS}


def encode(text: str, shown: str) -> bytes:
    """A text as UTF-8. Raises RuletagError if it contains an unpaired surrogate, which no file can hold."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        message = f"the text contains an unpaired surrogate (U+{ord(text[error.start]):04X}), which UTF-8 cannot write"
        raise RuletagError(Fault(shown, "RT106", message, help="write --to jsonl instead")) from None


def with_mark(data: bytes) -> bytes:
    """The beginning of a file of text. Readers drop a byte order mark, so a text that begins with one gets another."""
    return codecs.BOM_UTF8 + data if data.startswith(codecs.BOM_UTF8) else data


def output_path(source: Input, output: Path, to: Format, *, several: bool) -> Path:
    """Where the output of one input goes: the path itself, or below it if it is a folder or there are several
    inputs."""
    if not several and not output.is_dir():
        return output
    suffix = to.suffixes[0] if to.suffixes else ".txt"
    return output / Path(source.relative).with_suffix(suffix)


def format_of_output(output: Path) -> Format | None:
    """The format of an output's suffix; None if there is none.

    Raises RuletagError if several formats share the suffix and nothing says which is meant.
    """
    found = [format for format in sharing(output.name) if format.write]
    if len(found) > 1 and found[0].recognises:
        names = ", ".join(format.name for format in found)
        message = f"has the suffix of several formats: {names}"
        raise RuletagError(Fault(str(output), "RT110", message, help="use --to with one of them"))
    return found[0] if found else None


def names_folder(name: str) -> bool:
    """Whether the name of an output is that of a folder by itself, even if there is none yet: *tagged/*."""
    return name.endswith((os.sep, os.altsep or os.sep))


def output_stream(to: Format, put: Callable[[bytes], object], shown: str) -> Any:
    """The stream that a format writes to: of bytes, or of text that is encoded as UTF-8."""
    return Binary(put) if to.binary else Encoded(put, lambda text: encode(text, shown))


def is_one_file(output: Path, to: Format) -> bool:
    """Whether the output of several inputs is one file: its name has the suffix of a format and is not that of a
    folder.

    Raises RuletagError if the format cannot hold several documents in a file.
    """
    if not sharing(output.name) or output.is_dir():
        return False
    if not to.many:
        message = f"is one file, which cannot hold several documents in the format {to.name}"
        raise RuletagError(Fault(str(output), "RT106", message, help="name a folder, or write --to jsonl"))
    return True


def is_stream(mode: int) -> bool:
    """Whether something takes bytes as they come, like a FIFO or a terminal; it is written to and never replaced."""
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it appears complete or not at all."""
    write_all([(path, data)])


def write_all(files: Sequence[tuple[Path, bytes]]) -> None:
    """Write files so that none is moved into place before all are written. Raises RuletagError if one cannot be
    written."""
    if files:
        (path, data), *rest = files
        with writing_whole(path) as file:
            file.write(data)
            file.flush()
            write_all(rest)


def paths_of(to: Format, paths: Sequence[Path | None]) -> list[Path]:
    """All files that outputs in a format consist of; a companion that serves a whole folder is there once.

    Raises RuletagError if the format needs companions beside one that goes to standard output.
    """
    found: list[Path] = []
    for path in paths:
        if path is None and any(each.needed for each in to.companions):
            message = f"the format {to.name} is written to several files"
            raise RuletagError(Fault(STDIN, "RT106", message, help="name a file or folder with -o"))
        if path is not None:
            found.append(path)
            found += [companion_path(path, each) for each in to.companions if each.suffix.startswith(".")]
    common = (companion_path(p, c) for p in paths if p for c in to.companions if not c.suffix.startswith("."))
    return [*found, *dict.fromkeys(common)]


def companion_path(path: Path, companion: Companion) -> Path:
    """Where a companion of an output is written."""
    if companion.suffix.startswith("."):
        return path.with_suffix(companion.suffix)
    return path.parent / companion.suffix


def write_companions(to: Format, options: Options, path: Path, documents: Sequence[Document]) -> None:
    """Write the companions of an output; all of them are moved into place, or none."""
    beside = ((companion_path(path, companion), companion) for companion in to.companions)
    write_all([(place, companion_data(companion, options, documents, str(place))) for place, companion in beside])


def companion_data(companion: Companion, options: Options, documents: Sequence[Document], shown: str) -> bytes:
    """The contents of a companion of an output."""
    stream = text_stream()
    companion.write(documents, stream, options)
    return with_mark(encode(stream.getvalue(), shown))


@contextmanager
def writing_whole(path: Path, *, reused: Reused | None = None, kept: Callable[[], bool] = bool) -> Iterator[BinaryIO]:
    """A file to write to, which is moved into place at the end; after an error nothing of it is left.

    Links are followed, and a replaced file passes on its mode. Something that takes bytes as they come, such as a FIFO,
    is written to directly. `reused` and `kept` are those of `replacing`. Raises RuletagError if the file cannot be
    written, `NoRoom` if no other can be either.
    """
    with writing_to(path), _opened(path, reused, kept) as file:
        yield file


class NoRoom(RuletagError):
    """The disk is full, or accepts no files: there is no point in continuing with the next one."""


@contextmanager
def writing_to(path: Path) -> Iterator[None]:
    """Turns system errors while writing into a RuletagError that names the file, or into `NoRoom`."""
    try:
        yield
    except OSError as error:
        kind = NoRoom if error.errno in _NO_ROOM else RuletagError
        raise kind(cannot_write(path, error)) from None


def _opened(path: Path, reused: Reused | None, kept: Callable[[], bool]) -> AbstractContextManager[BinaryIO]:
    try:
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode):
            path = Path(os.path.realpath(path))
            found = os.stat(path)
        if is_stream(found.st_mode):
            return os.fdopen(os.open(path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0)), "wb")
    except FileNotFoundError:
        pass
    return replacing(path, reused=reused, kept=kept)


def cannot_write(path: Path, error: OSError) -> Fault:
    blocked = isinstance(error, (FileExistsError, NotADirectoryError))
    reason = "there is a file where a folder is needed" if blocked else error.strerror or str(error)
    return Fault(str(path), "RT106", f"cannot be written: {reason}", help=ELSEWHERE)


@contextmanager
def opened_output(
    path: Path | None,
    standard: Callable[[bytes], object],
    *,
    binary: bool,
    reused: Reused | None = None,
    kept: Callable[[], bool] = bool,
    watch: Callable[[bytes], object] = len,
) -> Iterator[tuple[Callable[[bytes], object], BinaryIO | None]]:
    """A function that writes to a file, which appears complete or not at all, or directly to `standard`; and the file.

    Text that would begin with a byte order mark, which readers drop, gets one before it; on standard output it ends in
    a line end. `watch` gets everything that goes to the file; `reused` and `kept` are those of `replacing`.
    """
    begun, end = reused is not None and reused.size > 0, b""

    def put_text(data: bytes) -> None:
        nonlocal begun, end
        if data:
            put(data if begun else with_mark(data))
            begun, end = True, data[-1:]

    if path:
        with writing_whole(path, reused=reused, kept=kept) as file:

            def put(data: bytes) -> object:
                watch(data)
                return file.write(data)

            yield put if binary else put_text, file
    else:
        put = standard  # type: ignore[assignment]
        try:
            yield put if binary else put_text, None
        finally:
            if end not in (b"", b"\n"):
                put(b"\n")
