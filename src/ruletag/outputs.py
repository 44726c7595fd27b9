"""Writes documents to paths. Inputs are never changed, and an output appears complete or not at all."""

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
    """The data with a second byte order mark if a text begins with one, because readers drop the first."""
    return codecs.BOM_UTF8 + data if data.startswith(codecs.BOM_UTF8) else data


def output_path(source: Input, output: Path, to: Format, *, several: bool) -> Path:
    """The output path of one input: `output` itself, or a path below it if it is a folder or there are several
    inputs."""
    if not several and not output.is_dir():
        return output
    suffix = to.suffixes[0] if to.suffixes else ".txt"
    return output / Path(source.relative).with_suffix(suffix)


def format_of_output(output: Path) -> Format | None:
    """The format of an output's suffix; None if there is none.

    Raises RuletagError if several formats share the suffix and nothing says which is meant.
    """
    candidates = [format for format in sharing(output.name) if format.write]
    if len(candidates) > 1 and candidates[0].recognises:
        names = ", ".join(format.name for format in candidates)
        message = f"has the suffix of several formats: {names}"
        raise RuletagError(Fault(str(output), "RT110", message, help="use --to with one of them"))
    return candidates[0] if candidates else None


def names_folder(name: str) -> bool:
    """Whether the name of an output can only be that of a folder, even if it does not exist yet: *tagged/*."""
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
    """Whether a file mode is that of a FIFO or a device such as a terminal, which is written to and never replaced."""
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
    """All files that outputs in a format consist of; a companion that serves a whole folder is listed once.

    Raises RuletagError if an output that needs companions goes to standard output.
    """
    own = [companion for companion in to.companions if companion.suffix.startswith(".")]
    shared = [companion for companion in to.companions if companion not in own]
    files: list[Path] = []
    for path in paths:
        if path is None and any(companion.needed for companion in to.companions):
            message = f"the format {to.name} is written to several files"
            raise RuletagError(Fault(STDIN, "RT106", message, help="name a file or folder with -o"))
        if path is not None:
            files.append(path)
            files += [companion_path(path, companion) for companion in own]
    folder_files = (companion_path(path, companion) for path in paths if path for companion in shared)
    return [*files, *dict.fromkeys(folder_files)]


def companion_path(path: Path, companion: Companion) -> Path:
    """The path of a companion of an output."""
    if companion.suffix.startswith("."):
        return path.with_suffix(companion.suffix)
    return path.parent / companion.suffix


def write_companions(to: Format, options: Options, path: Path, documents: Sequence[Document]) -> None:
    """Write the companions of an output; all of them are moved into place, or none."""
    pairs = ((companion_path(path, companion), companion) for companion in to.companions)
    write_all([(target, companion_data(companion, options, documents, str(target))) for target, companion in pairs])


def companion_data(companion: Companion, options: Options, documents: Sequence[Document], shown: str) -> bytes:
    """The contents of a companion of an output."""
    stream = text_stream()
    companion.write(documents, stream, options)
    return with_mark(encode(stream.getvalue(), shown))


@contextmanager
def writing_whole(path: Path, *, reused: Reused | None = None, kept: Callable[[], bool] = bool) -> Iterator[BinaryIO]:
    """Open a file that is moved into place at the end; after an error nothing of it is left.

    Links are followed, and the mode of a replaced file is preserved. A stream, such as a FIFO, is written to directly.
    `reused` and `kept` are those of `replacing`. Raises RuletagError if the file cannot be written, `NoRoom` if no
    other can be either.
    """
    with writing_to(path), _opened(path, reused, kept) as file:
        yield file


class NoRoom(RuletagError):
    """The disk is full, or accepts no files: there is no point in continuing with the next one."""


@contextmanager
def writing_to(path: Path) -> Iterator[None]:
    """Turn system errors while writing into a RuletagError that names the file, or into `NoRoom`."""
    try:
        yield
    except OSError as error:
        kind = NoRoom if error.errno in _NO_ROOM else RuletagError
        raise kind(cannot_write(path, error)) from None


def _opened(path: Path, reused: Reused | None, kept: Callable[[], bool]) -> AbstractContextManager[BinaryIO]:
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            path = Path(os.path.realpath(path))
            status = os.stat(path)
        if is_stream(status.st_mode):
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

    Text that begins with a byte order mark, which readers drop, gets a second one; on standard output text ends in a
    line end. `watch` gets everything that goes to the file; `reused` and `kept` are those of `replacing`.
    """
    has_begun, last_byte = reused is not None and reused.size > 0, b""

    def put_text(data: bytes) -> None:
        nonlocal has_begun, last_byte
        if data:
            put(data if has_begun else with_mark(data))
            has_begun, last_byte = True, data[-1:]

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
            if last_byte not in (b"", b"\n"):
                put(b"\n")
