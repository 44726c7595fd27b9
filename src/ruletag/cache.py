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
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from ruletag.temporary import remove_abandoned, replacing

VARIABLE = "RULETAG_CACHE"  # a folder, or `off`
KEPT = 8  # the newest files that a writer leaves
_MAGIC = b"ruletag knowledge 2\n"
_DIGEST = hashlib.sha256().digest_size
_LENGTH = 8
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
    from platformdirs import user_cache_path

    try:
        found = user_cache_path("ruletag", appauthor=False)
    except RuntimeError:  # no HOME, and a user that the system does not know, as in some containers
        return None
    return found if found.is_absolute() else None  # platformdirs before 4.12 gives `~/.cache` then


def fingerprint(parts: Iterable[bytes]) -> str:
    """The key of everything that went in: a hash in which no two parts run together."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(_LENGTH, "big"))
        whole.update(part)
    return whole.hexdigest()


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
        return "it is no folder"
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
    with open(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or _not_private(found):
            raise OSError(path)
        return memoryview(file.read())


def _sections(key: str, data: memoryview) -> dict[str, memoryview]:
    """The sections of a file. ValueError where it is not the very file that was written under the key."""
    start = len(_MAGIC) + _DIGEST
    body = data[start:]
    if data[: len(_MAGIC)] != _MAGIC or data[len(_MAGIC) : start] != _digest(key, body):
        raise ValueError("not what was written")
    end = _LENGTH + int.from_bytes(body[:_LENGTH], "big")
    head = json.loads(bytes(body[_LENGTH:end]))
    sections: dict[str, memoryview] = {}
    for name, length in head if isinstance(head, list) else [(head, -1)]:
        if not isinstance(name, str) or type(length) is not int or not 0 <= length <= len(body) - end:
            raise ValueError("no table of contents")
        sections[name] = body[end : end + length]
        end += length
    if end != len(body):
        raise ValueError("more than the sections")
    return sections


def _digest(key: str, body: Any) -> bytes:
    """What a file checks itself by; the key is in it, or one file could be put in the place of another."""
    whole = hashlib.sha256(key.encode())
    whole.update(body)
    return whole.digest()


def store(key: str, sections: Mapping[str, bytes]) -> None:
    """Keep sections under a key, and drop the oldest files beyond `KEPT`. Whatever hinders that is passed over."""
    kept = folder()
    if kept is None:
        return
    head = json.dumps([(name, len(section)) for name, section in sections.items()]).encode()
    body = b"".join([len(head).to_bytes(_LENGTH, "big"), head, *sections.values()])
    with suppress(OSError):
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        if obstacle():
            return
        remove_abandoned(kept)
        with replacing(kept / f"{key}{_SUFFIX}", private=True) as file:
            file.write(b"".join([_MAGIC, _digest(key, body), body]))
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
