"""Entries in little memory: one row of JSON each, which is parsed when the entry is accessed.

A million entries take about 60 MB, a sixth of what objects take. The cache stores the rows as they are.
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

_AT_A_TIME = 4096
_BETWEEN = b",\n"
AMBIGUOUS, _ALONE, _SETTLED, _BY_RULE = 1, 2, 4, 8  # flags


class Entries(Sequence[Entry]):
    """Entries by number. `keys` are their labels and classes, `paths` the files of their sources."""

    def __init__(
        self,
        rows: bytes | memoryview,
        starts: bytes | memoryview,
        keys: Sequence[str],
        paths: Sequence[str],
        again: Callable[[], Sequence[Entry]] | None = None,
    ) -> None:
        """`packed` made these values. `again` returns the same entries, in case a row is damaged."""
        self.keys, self.paths = keys, paths
        self._rows = rows
        self._starts = memoryview(starts).cast("I")  # of each row, and the end of the last
        self._again = again
        self._read: dict[int, Entry] = {}

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Entries:
        """These entries."""
        keys: dict[str, int] = {}
        paths: dict[str, int] = {}
        rows = BytesIO()
        starts = array("I", [0])
        entries = iter(entries)
        while batch := _written(islice(entries, _AT_A_TIME), keys, paths):
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
            return tuple(self[each] for each in range(*number.indices(len(self))))
        entry = self._read.get(number)
        if entry is None:
            place = range(len(self))[number]
            entry = self._read[number] = self._entries(place, place + 1)[0]
        return entry

    def __iter__(self) -> Iterator[Entry]:
        firsts = range(0, len(self), _AT_A_TIME)
        return chain.from_iterable(self._entries(first, min(first + _AT_A_TIME, len(self))) for first in firsts)

    def batches(self) -> Iterator[list[list[Any]]]:
        """The rows in batches: surface, number of the key and of the path, line, flags; then optional values."""
        for first in range(0, len(self), _AT_A_TIME):
            yield self._parsed(first, min(first + _AT_A_TIME, len(self)))

    def _entries(self, first: int, behind: int) -> Sequence[Entry]:
        """The entries from one number to another, at least one."""
        try:
            entries = [self._entry(*row) for row in self._parsed(first, behind)]
            if len(entries) != behind - first:
                raise ValueError("not a row for each entry")
        except (ValueError, TypeError, LookupError, RecursionError):
            if self._again is None:
                raise
            return self._again()[first:behind]
        return entries

    def _parsed(self, first: int, behind: int) -> Any:
        written = bytes(self._rows[self._starts[first] : self._starts[behind] - len(_BETWEEN)])
        return json.loads(b"[%b]" % written)

    def _entry(self, surface: Any, key: Any, path: Any, line: Any, flags: Any, *rest: Any) -> Entry:
        """The entry of a row. Raises TypeError, ValueError or LookupError if it is not one."""
        surname, id, name = rest if len(rest) == 3 else (*rest, None, None) if rest else (None, None, None)
        if not (type(surface) is str and type(line) is int and {type(name), type(surname), type(id)} <= _TEXTS):
            raise TypeError("no entry")
        source = Source("entry", surface if name is None else name, self.paths[path], line)
        truths = [flags & bit != 0 for bit in (AMBIGUOUS, _ALONE, _SETTLED, _BY_RULE)] if flags else _NO
        return Entry(surface, self.keys[key], source, truths[0], id, surname, *truths[1:])


_TEXTS = {str, type(None)}
_NO = (False,) * 4


def _written(entries: Iterable[Entry], keys: dict[str, int], paths: dict[str, int]) -> list[bytes]:
    """A row for each entry; new keys and paths are added."""
    rows = []
    for surface, key, (_, name, path, line), ambiguous, id, surname, alone, settled, by_rule in entries:
        flags = ambiguous + _ALONE * alone + _SETTLED * settled + _BY_RULE * by_rule
        place = f"{keys.setdefault(key, len(keys))},{paths.setdefault(path, len(paths))},{line}"
        if id is None and name == surface:
            rest = "" if surname is None else f",{encode_basestring(surname)}"
        else:
            rest = "," + json.dumps([surname, id, None if name == surface else name], ensure_ascii=False)[1:-1]
        rows.append(f"[{encode_basestring(surface)},{place},{flags}{rest}],\n".encode("utf-8", "surrogatepass"))
    return rows
