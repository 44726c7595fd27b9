"""Files that appear complete or not at all, and the remains of writers that were killed.

A writer holds a lock on its temporary file, which the system releases with the writer, however that ends. So whoever
gets the lock knows that nobody is writing the file.
"""

from __future__ import annotations

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
    """The temporary file of a writer that was killed, and how many of its bytes are kept."""

    path: Path
    size: int


@contextmanager
def replacing(
    path: Path, *, private: bool = False, reused: Reused | None = None, kept: Callable[[], bool] = bool
) -> Iterator[BinaryIO]:
    """A file to write to that finally replaces `path`, which is a regular file or does not exist, as may its folder.

    A replaced file passes on its mode and, if the system permits it, its owner. A new one has the usual mode, or is for
    the user alone (`private`). Raises OSError if it cannot be written; then nothing of it is left, nor of folders made
    for it that have nothing else in them. If the run itself is ended, it stays if it is to be `kept`. The name of the
    returned file is that of the temporary one.
    """
    name = f".ruletag-{os.urandom(8).hex()}.part"  # named first: an interrupt may come at any time
    temporary = os.path.join(os.path.dirname(path), name) if reused is None else reused.path
    folders: list[str] = []
    stays = False
    try:
        old = _found(path)
        mode = 0o600 if old or private else 0o666
        with _created(temporary, mode, folders) if reused is None else _reopened(reused) as file:
            yield file
            if old and not private:
                file.flush()
                _hand_on(file.fileno(), old)
        os.replace(temporary, path)
        stays = True  # under its name
    except Exception:
        raise
    except BaseException:
        stays = kept()
        raise
    finally:
        if not stays:
            with suppress(OSError):
                os.unlink(temporary)
            with suppress(OSError):  # there is something in it
                for folder in reversed(folders):
                    os.rmdir(folder)


def _found(path: Path) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _created(path: str | Path, mode: int, folders: list[str]) -> BinaryIO:
    """A new file, locked for as long as it is open. Its folder is made if there is none; what is made is added to
    `folders`."""

    def opener(name: str, _: int) -> int:
        while True:
            try:
                return os.open(name, _CREATE, mode)
            except FileNotFoundError:  # or another run has removed it again, because nothing was in it
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
    """Make a folder, and those above it that are missing; adds those that this call made, outermost first."""
    above = os.path.dirname(path)
    if above != path and above and not os.path.exists(above):
        _make_folder(above, made)
    try:
        os.mkdir(path)
        made.append(path)
    except FileExistsError:
        if not os.path.isdir(path):
            raise


def _reopened(reused: Reused) -> BinaryIO:
    """The file, locked, to continue after the bytes that are kept. Raises OSError if somebody is writing it."""
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


def _hand_on(file: int, old: os.stat_result) -> None:
    """Give an open file the owner and the mode of another, if the system permits it."""
    mode = stat.S_IMODE(old.st_mode)
    new = os.fstat(file)
    if hasattr(os, "fchown") and (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        try:
            os.fchown(file, old.st_uid, old.st_gid)
        except OSError:
            mode &= ~(stat.S_ISUID | stat.S_ISGID)
    if hasattr(os, "fchmod"):
        os.fchmod(file, mode)


def is_temporary(name: str) -> bool:
    """Whether `replacing` makes files with this name."""
    return _NAME.fullmatch(name) is not None


def remove_abandoned(folder: Path | str, kept: Container[Path] = ()) -> int:
    """Remove the temporary files of a folder that nobody is writing any more, and return their number.

    Those that are to be `kept` stay. Only names made by `replacing` are considered. Files that cannot be removed are
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
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                return False
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not os.path.samestat(found, os.lstat(path)):
                    return False
                path.unlink()
                return True
        path.unlink()
    except OSError:  # somebody is writing it
        return False
    return True
