"""The streams that formats read and write; blocks come from an iterator and go to a function."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any


class Decoded(io.TextIOBase):
    """A text to read, block by block: nothing is translated, and lines end only at line feeds.

    `size` is the number of bytes read for it so far. Errors of the iterator of blocks are passed on.
    """

    def __init__(self, blocks: Iterable[tuple[str, int]]) -> None:
        self._blocks = iter(blocks)
        self._text, self._at = "", 0
        self.size = 0

    def readable(self) -> bool:
        return True

    def _fill(self) -> bool:
        """Read the next block; return whether there was one."""
        self._text, size = next(self._blocks, ("", -1))
        self._at = 0
        self.size += max(0, size)
        return size >= 0

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]  # typeshed calls it __size
        pieces: list[str] = []
        while (end := self._text.find("\n", self._at)) < 0:
            pieces.append(self._text[self._at :])
            if not self._fill():
                return "".join(pieces)
        pieces.append(self._text[self._at : end + 1])
        self._at = end + 1
        return "".join(pieces)

    def read(self, size: int | None = -1, /) -> str:
        remaining = float("inf") if size is None or size < 0 else size
        pieces: list[str] = []
        while True:
            end = None if remaining == float("inf") else self._at + int(remaining)
            piece = self._text[self._at : end]
            self._at += len(piece)
            remaining -= len(piece)
            pieces.append(piece)
            if remaining <= 0 or not self._fill():
                return "".join(pieces)


class _Blocks(io.RawIOBase):
    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._rest = b""
        self.size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._rest:
            self._rest = next(self._blocks, b"")
            self.size += len(self._rest)
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


class Joined(io.BufferedReader):
    """Bytes to read, block by block. `size` is the number of bytes taken so far."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._source = _Blocks(blocks)
        super().__init__(self._source)

    @property
    def size(self) -> int:
        return self._source.size


class Encoded(io.TextIOBase):
    """A text to write, as UTF-8, to a function that takes bytes."""

    def __init__(self, put: Callable[[bytes], object], encode: Callable[[str], bytes]) -> None:
        self._put, self._encode = put, encode

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        self._put(self._encode(text))
        return len(text)


class Binary(io.RawIOBase):
    """Bytes to write to a function that takes them. There is no seeking."""

    def __init__(self, put: Callable[[bytes], object]) -> None:
        self._put = put

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._put(bytes(data))
        return len(data)
