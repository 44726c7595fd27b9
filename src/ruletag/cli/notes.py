"""Notes on stderr: each kind is shown a few times, then counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ruletag.batch import Note

SHOWN = 20  # of a kind


class Notes:
    """Prints notes through `say`: the first `SHOWN` of each kind, and the number of the others at the end."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._counts: Counter[str] = Counter()

    def add(self, notes: Iterable[Note]) -> None:
        """Print some notes, or count them."""
        for note in notes:
            self._counts[note.reason] += 1
            if self._counts[note.reason] <= SHOWN:
                self._say(str(note))

    def close(self) -> None:
        """Print the number of notes for each kind that was not shown in full."""
        for reason, number in sorted(self._counts.items()):
            if number > SHOWN:
                self._say(f"note: {number} times in all: {reason.format('a name')}")
