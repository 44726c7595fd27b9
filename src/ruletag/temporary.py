"""Files that appear whole or not at all, and what is left of writers that were killed.

A writer holds a lock on its temporary file, which the system drops with the writer, however that ends. So whoever gets
the lock knows that nobody writes the file any more.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows, where nobody can remove a file that another process has open
    fcntl = None  # type: ignore[assignment]

_NAME = re.compile(r"\.ruletag-[0-9a-f]{16}\.part")
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_LOOK = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """A file to write to that takes the place of `path`, a regular file or nothing yet, at the end.

    A file that is replaced hands on its mode and, where the system permits it, its owner. A new one has the usual mode,
    or is for the user alone (`private`). OSError where it cannot be; then nothing of it is left.
    """
    temporary = path.parent / f".ruletag-{os.urandom(8).hex()}.part"  # named first: an interrupt may come at any time
    try:
        old = path.stat() if path.exists() else None
        with _created(temporary, 0o600 if old or private else 0o666) as file:
            yield file
            if old and not private:
                file.flush()
                _hand_on(file.fileno(), old)
        os.replace(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink()


def _created(path: Path, mode: int) -> BinaryIO:
    """A new file, locked for as long as it is open."""
    while True:
        file = os.fdopen(os.open(path, _CREATE, mode), "wb")
        if fcntl is None:
            return file
        with suppress(OSError):  # a file system without locks; there nothing is ever removed either
            fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # it was removed after it was made and before it was locked


def _hand_on(file: int, old: os.stat_result) -> None:
    """Give an open file the owner and the mode of another, as far as the system permits it."""
    mode = stat.S_IMODE(old.st_mode)
    new = os.fstat(file)
    if hasattr(os, "fchown") and (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        try:
            os.fchown(file, old.st_uid, old.st_gid)
        except OSError:
            mode &= ~(stat.S_ISUID | stat.S_ISGID)
    if hasattr(os, "fchmod"):
        os.fchmod(file, mode)


def remove_abandoned(folder: Path) -> int:
    """Remove the temporary files of a folder that nobody writes any more, and give their number.

    Only names that `replacing` gives are looked at. What cannot be removed is passed over: it is in nobody's way.
    """
    try:
        names = [name for name in os.listdir(folder) if _NAME.fullmatch(name)]
    except OSError:
        return 0
    return sum(_remove_if_abandoned(folder / name) for name in sorted(names))


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
    except OSError:  # it is being written
        return False
    return True
