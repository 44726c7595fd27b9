"""Values that are made on first access: the losers of most taggings are never needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item", covariant=True)


class Lazy(Sequence[Item]):
    """A tuple that is made on first access, and equals the tuple.

    `one` makes a single item from its index, which is not negative, for callers that need only a few.
    """

    def __init__(self, make: Callable[[], Iterable[Item]], one: Callable[[int], Item] | None = None) -> None:
        self._make: Callable[[], Iterable[Item]] | None = make
        self._one = one
        self._made: tuple[Item, ...] = ()

    def _all(self) -> tuple[Item, ...]:
        if self._make is not None:
            self._made, self._make = tuple(self._make()), None
        return self._made

    def __getitem__(self, index: Any) -> Any:
        if self._one is not None and self._make is not None and isinstance(index, int) and index >= 0:
            return self._one(index)
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __eq__(self, other: object) -> bool:
        return self._all() == (other._all() if isinstance(other, Lazy) else other)

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (self._all(),)
