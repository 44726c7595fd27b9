"""Compiled knowledge on disk: named sections of bytes, under the hash of everything they were compiled from.

The folder and its files belong to the user alone; if somebody else could have written to them, nothing is read. A file
is written completely or not at all, and verifies itself: if it is truncated, altered, renamed or not ours, it counts as
absent. An unusable folder is no fault; loading is just slower. Nothing in a file is ever executed or unpickled.
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
    """The cache key of the parts: a hash that depends on where each part ends. A path stands for its contents.

    Raises OSError if a file cannot be read.
    """
    total = hashlib.sha256()
    buffer = memoryview(bytearray(_BUFFER))  # a new one for each file would take longer than reading it
    for part in parts:
        if isinstance(part, Path):
            part = _contents_hash(part, buffer)
        total.update(len(part).to_bytes(_LENGTH, "big"))
        total.update(part)
    return total.hexdigest()


def _contents_hash(path: Path, buffer: memoryview) -> bytes:
    contents = hashlib.sha256()
    with FileIO(path) as file:
        while size := file.readinto(buffer):
            contents.update(buffer[:size])
    return contents.digest()


def obstacle() -> str:
    """The reason not to use the folder, because somebody else could have written to it; empty if it can be used."""
    cache_folder = folder()
    if cache_folder is None:
        return ""
    try:
        status = cache_folder.stat()
    except OSError:
        return ""  # it does not exist yet
    if not stat.S_ISDIR(status.st_mode):
        return "it is not a folder"
    return _not_private(status)


def _not_private(status: os.stat_result) -> str:
    if not hasattr(os, "geteuid"):
        return ""  # Windows, where a user's folders are private
    if status.st_uid != os.geteuid():
        return "it belongs to another user"
    return "other users can write to it" if status.st_mode & _OTHERS else ""


def load(key: str) -> dict[str, memoryview] | None:
    """The sections stored under a key; None unless they are complete and ours."""
    cache_folder = folder()
    if cache_folder is None or obstacle():
        return None
    try:
        return _sections(key, _read(cache_folder / f"{key}{_SUFFIX}"))
    except (OSError, ValueError, MemoryError, RecursionError):
        return None


def _read(path: Path) -> memoryview:
    """The bytes of one of our files. Raises OSError for anything else."""
    descriptor = os.open(path, _READ)
    with open(descriptor, "rb"):
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or _not_private(status):
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
        end += _rounded_up(length)
    if end != len(body):
        raise ValueError("more than the sections")
    return sections


def _rounded_up(length: int) -> int:
    """A length rounded up to a multiple of eight, where mapped sections begin."""
    return -(-length // _ALIGNED) * _ALIGNED


def _digest(key: str, parts: Iterable[bytes | memoryview]) -> bytes:
    """The digest by which a file verifies itself. It includes the key, or one file could replace another.

    A checksum is enough: it only has to detect damage by a disk or a copy, and the whole file is read for it each time.
    Anyone who can write to the folder could forge a hash as well; the file modes protect against that.
    """
    checksum = 0
    for part in parts:
        checksum = crc32(part, checksum)
    return bytes.fromhex(key) + checksum.to_bytes(_LENGTH, "big")


def store(key: str, sections: Mapping[str, bytes | memoryview]) -> None:
    """Store sections under a key, and drop the oldest files beyond `KEPT`. Any obstacle is ignored."""
    cache_folder = folder()
    if cache_folder is None:
        return
    head = json.dumps([(name, len(section)) for name, section in sections.items()]).encode()
    head = head.ljust(_rounded_up(len(_MAGIC) + _DIGEST + _LENGTH + len(head)) - len(_MAGIC) - _DIGEST - _LENGTH)
    padded = [
        part for section in sections.values() for part in (section, bytes(_rounded_up(len(section)) - len(section)))
    ]
    body = [len(head).to_bytes(_LENGTH, "big"), head, *padded]
    with suppress(OSError):
        cache_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if obstacle():
            return
        remove_abandoned(cache_folder)
        with replacing(cache_folder / f"{key}{_SUFFIX}", private=True) as file:
            file.writelines([_MAGIC, _digest(key, body), *body])
        for cached in contents()[KEPT:]:
            cached.path.unlink()


def forget(key: str) -> None:
    """Remove the file stored under a key, because it is damaged."""
    cache_folder = folder()
    if cache_folder is not None:
        with suppress(OSError):
            (cache_folder / f"{key}{_SUFFIX}").unlink()


def contents() -> list[Cached]:
    """The files of the cache, newest first."""
    cache_folder = folder()
    files: list[Cached] = []
    for path in cache_folder.glob(f"*{_SUFFIX}") if cache_folder else ():
        with suppress(OSError):  # another process may have removed it
            status = path.lstat()
            if _NAME.fullmatch(path.name) and not stat.S_ISDIR(status.st_mode):
                files.append(Cached(path, status.st_size, status.st_mtime))
    return sorted(files, key=lambda cached: (-cached.written, cached.path))


def clear() -> int:
    """Remove the files of the cache, and nothing else; return their number, including those left by killed writers.

    Raises OSError if one cannot be removed.
    """
    cache_folder = folder()
    files = contents()
    for cached in files:
        cached.path.unlink(missing_ok=True)
    return len(files) + (remove_abandoned(cache_folder) if cache_folder else 0)
