"""Notes on stderr: each kind is shown a few times, then counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ruletag.batch import Note

SHOWN = 20  # of each kind


class Notes:
    """Prints notes through `say`: the first `SHOWN` of each kind as they come, and the totals at the end."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._counts: Counter[str] = Counter()

    def add(self, notes: Iterable[Note]) -> None:
        """Count notes, and print the first of each kind."""
        for note in notes:
            self._counts[note.reason] += 1
            if self._counts[note.reason] <= SHOWN:
                self._say(str(note))

    def close(self) -> None:
        """Print the number of notes of each kind that was not shown in full."""
        for reason, count in sorted(self._counts.items()):
            if count > SHOWN:
                self._say(f"note: {count} times in all: {reason.format('a name')}")
