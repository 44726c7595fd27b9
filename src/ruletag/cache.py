"""Compiled knowledge on disk: named sections of bytes, kept under the hash of everything that went into them.

The folder is the user's alone, and so are the files; where somebody else could have written, nothing is read. A file is
written whole or not at all, and it checks itself: one that is cut short, altered, under another name or not ours is as
good as absent. A folder that cannot be used is no fault, only slower. Nothing in a file is ever run or unpickled.
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
from mmap import ACCESS_COPY, mmap
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from ruletag.temporary import remove_abandoned, replacing

VARIABLE = "RULETAG_CACHE"  # a folder, or `off`
KEPT = 8  # the newest files that a writer leaves
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
    """Where the cache is: what `RULETAG_CACHE` names, else the user's cache folder.

    None where that is `off`, and where nothing is named and the user has no home folder.
    """
    named = os.environ.get(VARIABLE, "")
    if named.lower() == "off":
        return None
    if named:
        return Path(named)
    try:
        return _users_caches() / "ruletag"
    except RuntimeError:  # no HOME, and a user that the system does not know, as in some containers
        return None


def _users_caches() -> Path:
    """Where a user's caches are. RuntimeError where the user has no home folder."""
    if sys.platform == "linux":  # the rule of freedesktop.org in two lines: to import the library takes 4 ms each time
        named = Path(os.environ.get("XDG_CACHE_HOME", ""))
        return named if named.is_absolute() else Path("~/.cache").expanduser()
    from platformdirs import user_cache_path

    return user_cache_path(appauthor=False)


def fingerprint(parts: Iterable[bytes | Path]) -> str:
    """The key of everything that went in: a hash in which no two parts run together; a path stands for its contents.

    OSError where a file cannot be read.
    """
    whole = hashlib.sha256()
    buffer = memoryview(bytearray(_BUFFER))  # a new one for each file would take longer than to read it
    for part in parts:
        if isinstance(part, Path):
            part = _contents_hash(part, buffer)
        whole.update(len(part).to_bytes(_LENGTH, "big"))
        whole.update(part)
    return whole.hexdigest()


def _contents_hash(path: Path, buffer: memoryview) -> bytes:
    contents = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while size := file.readinto(buffer):
            contents.update(buffer[:size])
    return contents.digest()


def obstacle() -> str:
    """Why the folder is not used: somebody else could have written in it. Empty where nothing speaks against it."""
    kept = folder()
    if kept is None:
        return ""
    try:
        found = kept.stat()
    except OSError:
        return ""  # it is not there yet
    if not stat.S_ISDIR(found.st_mode):
        return "it is not a folder"
    return _not_private(found)


def _not_private(found: os.stat_result) -> str:
    if not hasattr(os, "geteuid"):
        return ""  # Windows, where a user's folders are the user's
    if found.st_uid != os.geteuid():
        return "it belongs to another user"
    return "other users can write to it" if found.st_mode & _OTHERS else ""


def load(key: str) -> dict[str, memoryview] | None:
    """The sections kept under a key; None where there are none that are whole and ours."""
    kept = folder()
    if kept is None or obstacle():
        return None
    try:
        return _sections(key, _read(kept / f"{key}{_SUFFIX}"))
    except (OSError, ValueError, MemoryError, RecursionError):
        return None


def _read(path: Path) -> memoryview:
    """The bytes of a file of ours. OSError for anything else."""
    descriptor = os.open(path, _READ)
    with open(descriptor, "rb"):
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or _not_private(found):
            raise OSError(path)
        return memoryview(mmap(descriptor, 0, access=ACCESS_COPY))  # read when it is looked at, and never written


def _sections(key: str, data: memoryview) -> dict[str, memoryview]:
    """The sections of a file. ValueError where it is not the very file that was written under the key."""
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
    """A length with what it lacks to a multiple of eight: sections that are mapped begin at one."""
    return -(-length // _ALIGNED) * _ALIGNED


def _digest(key: str, parts: Iterable[bytes | memoryview]) -> bytes:
    """What a file checks itself by; the key is in it, or one file could be put in the place of another.

    A sum is enough, and the whole file is read for it each time: it is to find what a disk or a copy did to the file.
    Whoever can write to the folder could as well give a file any hash; that is what the modes are for.
    """
    whole = 0
    for part in parts:
        whole = crc32(part, whole)
    return bytes.fromhex(key) + whole.to_bytes(_LENGTH, "big")


def store(key: str, sections: Mapping[str, bytes | memoryview]) -> None:
    """Keep sections under a key, and drop the oldest files beyond `KEPT`. Whatever hinders that is passed over."""
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
    """Remove what is kept under a key, since it is of no use."""
    kept = folder()
    if kept is not None:
        with suppress(OSError):
            (kept / f"{key}{_SUFFIX}").unlink()


def contents() -> list[Cached]:
    """The files of the cache, the newest first."""
    kept = folder()
    found: list[Cached] = []
    for path in kept.glob(f"*{_SUFFIX}") if kept else ():
        with suppress(OSError):  # another process may have removed it
            looked = path.lstat()
            if _NAME.fullmatch(path.name) and not stat.S_ISDIR(looked.st_mode):
                found.append(Cached(path, looked.st_size, looked.st_mtime))
    return sorted(found, key=lambda each: (-each.written, each.path))


def clear() -> int:
    """Remove the files of the cache, and nothing else; how many there were, those left by killed writers included.

    OSError where one cannot be removed.
    """
    kept = folder()
    found = contents()
    for each in found:
        each.path.unlink(missing_ok=True)
    return len(found) + (remove_abandoned(kept) if kept else 0)
