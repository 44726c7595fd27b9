"""Files that appear complete or not at all, and the remains of writers that were killed.

A writer holds a lock on its temporary file, which the system releases when the writer ends, however it ends. So whoever
gets the lock knows that nobody is writing the file.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

try:
    import fcntl
except ImportError:  # Windows, where nobody can remove a file that another process has open
    fcntl = None  # type: ignore[assignment]

_NAME = re.compile(r"\.ruletag-[0-9a-f]{16}\.part")
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_LOOK = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Reused(NamedTuple):
    """The temporary file of a killed writer, and the number of its bytes to keep."""

    path: Path
    size: int


@contextmanager
def replacing(
    path: Path, *, private: bool = False, reused: Reused | None = None, kept: Callable[[], bool] = bool
) -> Iterator[BinaryIO]:
    """Open a temporary file that replaces `path` at the end. `path` is a regular file, or does not exist, in which case
    its folder need not exist either.

    The mode of a replaced file and, if the system permits it, its owner are preserved. A new file has the usual mode,
    or is for the user alone (`private`). Raises OSError if it cannot be written; then the temporary file is removed,
    with the folders made for it if they are empty. If the run itself is interrupted, it stays if `kept` returns true.
    The name of the file object is that of the temporary file.
    """
    name = f".ruletag-{os.urandom(8).hex()}.part"  # named first: an interrupt may come at any time
    temporary = os.path.join(os.path.dirname(path), name) if reused is None else reused.path
    folders: list[str] = []
    is_kept = False
    try:
        replaced = _status(path)
        mode = 0o600 if replaced or private else 0o666
        with _created(temporary, mode, folders) if reused is None else _reopened(reused) as file:
            yield file
            if replaced and not private:
                file.flush()
                _copy_owner_and_mode(file.fileno(), replaced)
        os.replace(temporary, path)
        is_kept = True  # under its final name
    except Exception:
        raise
    except BaseException:
        is_kept = kept()
        raise
    finally:
        if not is_kept:
            with suppress(OSError):
                os.unlink(temporary)
            _remove_empty(folders)


def _status(path: Path) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _created(path: str | Path, mode: int, folders: list[str]) -> BinaryIO:
    """Create a file, locked while it is open. Missing folders are made and added to `folders`."""

    def opener(name: str, _: int) -> int:
        while True:
            try:
                return os.open(name, _CREATE, mode)
            except FileNotFoundError:  # there is no folder, or another run has just removed it because it was empty
                _make_folder(os.path.dirname(name), folders)

    while True:
        file = open(path, "wb", opener=opener)  # noqa: SIM115 - for the caller
        if fcntl is None:
            return file
        with suppress(OSError):  # a file system without locks; nothing is ever removed there
            fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # it was removed between creation and locking


def _make_folder(path: str, made: list[str]) -> None:
    """Make a folder and its missing parents; those that this call made are added to `made`, outermost first."""
    parent = os.path.dirname(path)
    if parent != path and parent and not os.path.exists(parent):
        _make_folder(parent, made)
    try:
        os.mkdir(path)
        made.append(path)
    except FileExistsError:
        if not os.path.isdir(path):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path) from None


def _remove_empty(made: list[str]) -> None:
    """Remove the folders that `_make_folder` made, up to the first that is not empty."""
    with suppress(OSError):
        for folder in reversed(made):
            os.rmdir(folder)


@contextmanager
def folder_made(path: Path) -> Iterator[None]:
    """Make a folder for the block, with its missing parents; after an exception, those made are removed if they are
    empty."""
    made: list[str] = []
    try:
        _make_folder(os.path.abspath(path), made)
        yield
    except BaseException:
        _remove_empty(made)
        raise


def _reopened(reused: Reused) -> BinaryIO:
    """Open and lock a file to continue after its reused bytes. Raises OSError if somebody is writing it."""
    file = open(reused.path, "r+b")  # noqa: SIM115 - for the caller
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.truncate(reused.size)
        file.seek(reused.size)
    except BaseException:
        file.close()
        raise
    return file


def _copy_owner_and_mode(file: int, replaced: os.stat_result) -> None:
    """Give an open file the owner and the mode of another, if the system permits it."""
    mode = stat.S_IMODE(replaced.st_mode)
    current = os.fstat(file)
    if hasattr(os, "fchown") and (current.st_uid, current.st_gid) != (replaced.st_uid, replaced.st_gid):
        try:
            os.fchown(file, replaced.st_uid, replaced.st_gid)
        except OSError:
            mode &= ~(stat.S_ISUID | stat.S_ISGID)
    if hasattr(os, "fchmod"):
        os.fchmod(file, mode)


def is_temporary(name: str) -> bool:
    """Whether `replacing` makes files with this name."""
    return _NAME.fullmatch(name) is not None


def remove_abandoned(folder: Path | str, kept: Container[Path] = ()) -> int:
    """Remove the temporary files of a folder that nobody is writing any more, and return their number.

    Those in `kept` stay. Only names made by `replacing` are considered. Files that cannot be removed are
    ignored: they do no harm.
    """
    try:
        names = [name for name in os.listdir(folder) if is_temporary(name)]
    except OSError:
        return 0
    paths = (Path(folder, name) for name in sorted(names))
    return sum(_remove_if_abandoned(path) for path in paths if path not in kept)


def _remove_if_abandoned(path: Path) -> bool:
    try:
        with open(os.open(path, _LOOK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return False
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not os.path.samestat(status, os.lstat(path)):
                    return False
                path.unlink()
                return True
        path.unlink()
    except OSError:  # somebody is writing it
        return False
    return True
