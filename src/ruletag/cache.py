"""Compiled knowledge on disk: named sections of bytes, kept under the hash of everything that went into them.

A file of the cache is written whole or not at all, and it checks itself when it is read: one that is cut short, altered
or not ours is as good as absent. A folder that cannot be read or written is no fault, only slower. Nothing in a file is
ever run or unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

VARIABLE = "RULETAG_CACHE"  # a folder, or `off`
KEPT = 8  # the newest files that a writer leaves
_MAGIC = b"ruletag knowledge 1\n"
_DIGEST = hashlib.sha256().digest_size
_LENGTH = 8
_SUFFIX = ".knowledge"


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
        return user_cache_path("ruletag", appauthor=False)
    except RuntimeError:  # no HOME, and a user that the system does not know, as in some containers
        return None


def fingerprint(parts: Iterable[bytes]) -> str:
    """The key of everything that went in: a hash in which no two parts run together."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(_LENGTH, "big"))
        whole.update(part)
    return whole.hexdigest()


def load(key: str) -> dict[str, memoryview] | None:
    """The sections kept under a key; None where there are none that are whole."""
    kept = folder()
    if kept is None:
        return None
    try:
        data = memoryview((kept / f"{key}{_SUFFIX}").read_bytes())
    except OSError:
        return None
    start = len(_MAGIC) + _DIGEST + _LENGTH
    body = data[len(_MAGIC) + _DIGEST :]
    if data[: len(_MAGIC)] != _MAGIC or hashlib.sha256(body).digest() != data[len(_MAGIC) : len(_MAGIC) + _DIGEST]:
        return None
    end = start + int.from_bytes(body[:_LENGTH], "big")
    sections = {}
    for name, length in json.loads(bytes(data[start:end])):
        sections[name] = data[end : end + length]
        end += length
    return sections


def store(key: str, sections: Mapping[str, bytes]) -> None:
    """Keep sections under a key, and drop the oldest files beyond `KEPT`. Whatever hinders that is passed over."""
    kept = folder()
    if kept is None:
        return
    head = json.dumps([(name, len(section)) for name, section in sections.items()]).encode()
    body = b"".join([len(head).to_bytes(_LENGTH, "big"), head, *sections.values()])
    with suppress(OSError):
        kept.mkdir(parents=True, exist_ok=True)
        with writing_atomically(kept / f"{key}{_SUFFIX}") as file:
            file.write(b"".join([_MAGIC, hashlib.sha256(body).digest(), body]))
        for old in contents()[KEPT:]:
            old.path.unlink()


def contents() -> list[Cached]:
    """The files of the cache, the newest first."""
    kept = folder()
    found: list[Cached] = []
    for path in kept.glob(f"*{_SUFFIX}") if kept else ():
        with suppress(OSError):  # another process may have removed it
            stat = path.stat()
            found.append(Cached(path, stat.st_size, stat.st_mtime))
    return sorted(found, key=lambda each: (-each.written, each.path))


def clear() -> int:
    """Remove the files of the cache, and nothing else; how many there were. OSError where one cannot be removed."""
    found = contents()
    for each in found:
        each.path.unlink(missing_ok=True)
    return len(found)


@contextmanager
def writing_atomically(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which takes its place at the end, whole or not at all. OSError where it cannot."""
    temporary = path.parent / f".ruletag-{os.urandom(8).hex()}.part"  # named first: an interrupt may come at any time
    try:
        with temporary.open("wb") as file:
            yield file
        os.replace(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink()
