"""Entries as compact rows of JSON, each of which is parsed when its entry is accessed.

A million entries take about 60 MB, a sixth of the size of objects. The cache stores the rows as they are.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from itertools import accumulate, chain, islice
from json.encoder import encode_basestring
from typing import Any

from ruletag.model import Entry, Source

_BATCH = 4096
_SEPARATOR = b",\n"
AMBIGUOUS, _ALONE, _SETTLED, _BY_RULE = 1, 2, 4, 8  # flags


class Entries(Sequence[Entry]):
    """Entries by number. `keys` are their labels and classes, `paths` the files of their sources."""

    def __init__(
        self,
        rows: bytes | memoryview,
        starts: bytes | memoryview,
        keys: Sequence[str],
        paths: Sequence[str],
        reload: Callable[[], Sequence[Entry]] | None = None,
    ) -> None:
        """The values are those of `packed`. `reload` returns the same entries if a row is damaged."""
        self.keys, self.paths = keys, paths
        self._rows = rows
        self._starts = memoryview(starts).cast("I")  # of each row, and the end of the last
        self._reload = reload
        self._cache: dict[int, Entry] = {}

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Entries:
        """Pack entries."""
        keys: dict[str, int] = {}
        paths: dict[str, int] = {}
        rows = BytesIO()
        starts = array("I", [0])
        entries = iter(entries)
        while batch := _written(islice(entries, _BATCH), keys, paths):
            starts.extend(islice(accumulate(map(len, batch), initial=starts[-1]), 1, None))
            rows.writelines(batch)
        return cls(rows.getvalue(), starts.tobytes(), list(keys), list(paths))

    def __reduce__(self) -> tuple[Any, ...]:
        return Entries, (bytes(self._rows), self._starts.tobytes(), list(self.keys), list(self.paths))

    def packed(self) -> dict[str, bytes | memoryview]:
        """The stored form of the entries, without `keys` and `paths`."""
        return {"entry-rows": self._rows, "entry-starts": self._starts.cast("B")}

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return tuple(self[index] for index in range(*number.indices(len(self))))
        entry = self._cache.get(number)
        if entry is None:
            position = range(len(self))[number]
            entry = self._cache[number] = self._entries(position, position + 1)[0]
        return entry

    def __iter__(self) -> Iterator[Entry]:
        firsts = range(0, len(self), _BATCH)
        return chain.from_iterable(self._entries(first, min(first + _BATCH, len(self))) for first in firsts)

    def batches(self) -> Iterator[list[list[Any]]]:
        """The rows in batches: surface, number of the key and of the path, line, flags; then optional values."""
        for first in range(0, len(self), _BATCH):
            yield self._parsed(first, min(first + _BATCH, len(self)))

    def _entries(self, first: int, end: int) -> Sequence[Entry]:
        """The entries numbered from `first` up to but not including `end`; at least one."""
        try:
            entries = [self._entry(*row) for row in self._parsed(first, end)]
            if len(entries) != end - first:
                raise ValueError("not a row for each entry")
        except (ValueError, TypeError, LookupError, RecursionError):
            if self._reload is None:
                raise
            return self._reload()[first:end]
        return entries

    def _parsed(self, first: int, end: int) -> Any:
        joined = bytes(self._rows[self._starts[first] : self._starts[end] - len(_SEPARATOR)])
        return json.loads(b"[%b]" % joined)

    def _entry(self, surface: Any, key: Any, path: Any, line: Any, flags: Any, *rest: Any) -> Entry:
        """The entry of a row. Raises TypeError, ValueError or LookupError for an invalid row."""
        surname, id, name = rest if len(rest) == 3 else (*rest, None, None) if rest else (None, None, None)
        if not (type(surface) is str and type(line) is int and {type(name), type(surname), type(id)} <= _TEXTS):
            raise TypeError("no entry")
        source = Source("entry", surface if name is None else name, self.paths[path], line)
        ambiguous, *other_flags = [flags & bit != 0 for bit in _FLAGS] if flags else _NO_FLAGS
        return Entry(surface, self.keys[key], source, ambiguous, id, surname, *other_flags)


_TEXTS = {str, type(None)}
_FLAGS = (AMBIGUOUS, _ALONE, _SETTLED, _BY_RULE)
_NO_FLAGS = (False,) * len(_FLAGS)


def _written(entries: Iterable[Entry], keys: dict[str, int], paths: dict[str, int]) -> list[bytes]:
    """A row for each entry; new keys and paths are added to `keys` and `paths`."""
    rows = []
    for surface, key, (_, name, path, line), ambiguous, id, surname, alone, settled, by_rule in entries:
        flags = ambiguous + _ALONE * alone + _SETTLED * settled + _BY_RULE * by_rule
        position = f"{keys.setdefault(key, len(keys))},{paths.setdefault(path, len(paths))},{line}"
        if id is None and name == surface:
            rest = "" if surname is None else f",{encode_basestring(surname)}"
        else:
            rest = "," + json.dumps([surname, id, None if name == surface else name], ensure_ascii=False)[1:-1]
        rows.append(f"[{encode_basestring(surface)},{position},{flags}{rest}],\n".encode("utf-8", "surrogatepass"))
    return rows
