"""Compiled knowledge on disk: named sections of bytes, stored under the hash of everything that went into them.

The folder and its files belong to the user alone; if somebody else could have written to them, nothing is read. A file
is written completely or not at all, and verifies itself: if it is cut short, altered, renamed or not ours, it counts as
absent. A folder that cannot be used is not a fault, only slower. Nothing in a file is ever executed or unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from io import FileIO
from mmap import ACCESS_COPY, mmap
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from ruletag.temporary import remove_abandoned, replacing

VARIABLE = "RULETAG_CACHE"  # a folder, or `off`
KEPT = 8  # the number of newest files that a writer keeps
_MAGIC = b"ruletag knowledge 4\n"
_DIGEST = 40
_LENGTH = 8
_BUFFER = 1 << 16
_ALIGNED = 8
_SUFFIX = ".knowledge"
_NAME = re.compile(r"[0-9a-f]{64}\.knowledge")
_READ = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class Cached(NamedTuple):
    """One file of the cache."""

    path: Path
    size: int  # in bytes
    written: float  # seconds since the epoch


def folder() -> Path | None:
    """The cache folder: the one that `RULETAG_CACHE` names, else the user's cache folder.

    None if it is `off`, or if nothing is named and the user has no home folder.
    """
    named = os.environ.get(VARIABLE, "")
    if named.lower() == "off":
        return None
    if named:
        return Path(named)
    try:
        return _users_caches() / "ruletag"
    except RuntimeError:  # no HOME, and a user unknown to the system, as in some containers
        return None


def _users_caches() -> Path:
    """The folder of a user's caches. Raises RuntimeError if the user has no home folder."""
    if sys.platform == "linux":  # the freedesktop.org rule in two lines: importing the library takes 4 ms each time
        named = Path(os.environ.get("XDG_CACHE_HOME", ""))
        return named if named.is_absolute() else Path("~/.cache").expanduser()
    from platformdirs import user_cache_path

    return user_cache_path(appauthor=False)


def fingerprint(parts: Iterable[bytes | Path]) -> str:
    """The key for everything that went in: a hash in which parts cannot run together; a path stands for its contents.

    Raises OSError if a file cannot be read.
    """
    whole = hashlib.sha256()
    buffer = memoryview(bytearray(_BUFFER))  # a new one for each file would take longer than reading it
    for part in parts:
        if isinstance(part, Path):
            part = _contents_hash(part, buffer)
        whole.update(len(part).to_bytes(_LENGTH, "big"))
        whole.update(part)
    return whole.hexdigest()


def _contents_hash(path: Path, buffer: memoryview) -> bytes:
    contents = hashlib.sha256()
    with FileIO(path) as file:
        while size := file.readinto(buffer):
            contents.update(buffer[:size])
    return contents.digest()


def obstacle() -> str:
    """Why the folder is not used: somebody else could have written to it. Empty if it can be used."""
    kept = folder()
    if kept is None:
        return ""
    try:
        found = kept.stat()
    except OSError:
        return ""  # it does not exist yet
    if not stat.S_ISDIR(found.st_mode):
        return "it is not a folder"
    return _not_private(found)


def _not_private(found: os.stat_result) -> str:
    if not hasattr(os, "geteuid"):
        return ""  # Windows, where a user's folders are private
    if found.st_uid != os.geteuid():
        return "it belongs to another user"
    return "other users can write to it" if found.st_mode & _OTHERS else ""


def load(key: str) -> dict[str, memoryview] | None:
    """The sections stored under a key; None unless they are complete and ours."""
    kept = folder()
    if kept is None or obstacle():
        return None
    try:
        return _sections(key, _read(kept / f"{key}{_SUFFIX}"))
    except (OSError, ValueError, MemoryError, RecursionError):
        return None


def _read(path: Path) -> memoryview:
    """The bytes of one of our files. Raises OSError for anything else."""
    descriptor = os.open(path, _READ)
    with open(descriptor, "rb"):
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or _not_private(found):
            raise OSError(path)
        return memoryview(mmap(descriptor, 0, access=ACCESS_COPY))  # read when it is accessed, and never written


def _sections(key: str, data: memoryview) -> dict[str, memoryview]:
    """The sections of a file. Raises ValueError if it is not exactly the file that was written under the key."""
    start = len(_MAGIC) + _DIGEST
    body = data[start:]
    if data[: len(_MAGIC)] != _MAGIC or data[len(_MAGIC) : start] != _digest(key, [body]):
        raise ValueError("not what was written")
    end = _LENGTH + int.from_bytes(body[:_LENGTH], "big")
    head = json.loads(bytes(body[_LENGTH:end]))
    sections: dict[str, memoryview] = {}
    for name, length in head if isinstance(head, list) else [(head, -1)]:
        if not isinstance(name, str) or type(length) is not int or not 0 <= length <= len(body) - end:
            raise ValueError("no table of contents")
        sections[name] = body[end : end + length]
        end += _whole(length)
    if end != len(body):
        raise ValueError("more than the sections")
    return sections


def _whole(length: int) -> int:
    """A length rounded up to a multiple of eight: mapped sections begin at one."""
    return -(-length // _ALIGNED) * _ALIGNED


def _digest(key: str, parts: Iterable[bytes | memoryview]) -> bytes:
    """The digest by which a file verifies itself; it includes the key, or one file could replace another.

    A checksum is enough, because the whole file is read for it each time and it only has to detect damage by a disk or
    a copy. Whoever can write to the folder could also give a file any hash; the modes protect against that.
    """
    whole = 0
    for part in parts:
        whole = crc32(part, whole)
    return bytes.fromhex(key) + whole.to_bytes(_LENGTH, "big")


def store(key: str, sections: Mapping[str, bytes | memoryview]) -> None:
    """Store sections under a key, and drop the oldest files beyond `KEPT`. Any obstacle is ignored."""
    kept = folder()
    if kept is None:
        return
    head = json.dumps([(name, len(section)) for name, section in sections.items()]).encode()
    head = head.ljust(_whole(len(_MAGIC) + _DIGEST + _LENGTH + len(head)) - len(_MAGIC) - _DIGEST - _LENGTH)
    padded = [part for section in sections.values() for part in (section, bytes(_whole(len(section)) - len(section)))]
    body = [len(head).to_bytes(_LENGTH, "big"), head, *padded]
    with suppress(OSError):
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        if obstacle():
            return
        remove_abandoned(kept)
        with replacing(kept / f"{key}{_SUFFIX}", private=True) as file:
            file.writelines([_MAGIC, _digest(key, body), *body])
        for old in contents()[KEPT:]:
            old.path.unlink()


def forget(key: str) -> None:
    """Remove what is stored under a key, because it is useless."""
    kept = folder()
    if kept is not None:
        with suppress(OSError):
            (kept / f"{key}{_SUFFIX}").unlink()


def contents() -> list[Cached]:
    """The files of the cache, newest first."""
    kept = folder()
    found: list[Cached] = []
    for path in kept.glob(f"*{_SUFFIX}") if kept else ():
        with suppress(OSError):  # another process may have removed it
            looked = path.lstat()
            if _NAME.fullmatch(path.name) and not stat.S_ISDIR(looked.st_mode):
                found.append(Cached(path, looked.st_size, looked.st_mtime))
    return sorted(found, key=lambda each: (-each.written, each.path))


def clear() -> int:
    """Remove the files of the cache, and nothing else; return their number, including those left by killed writers.

    Raises OSError if one cannot be removed.
    """
    kept = folder()
    found = contents()
    for each in found:
        each.path.unlink(missing_ok=True)
    return len(found) + (remove_abandoned(kept) if kept else 0)
