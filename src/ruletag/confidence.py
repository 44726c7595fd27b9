"""How sure a rule is: the names of `priority`, each with the rank that the order among candidates compares."""

from __future__ import annotations

from types import MappingProxyType

# An entry and a rule that says nothing are `sure`. From `guess` down, what is found teaches the memory nothing.
LEVELS = MappingProxyType({"certain": 1, "sure": 0, "likely": -1, "plausible": -2, "guess": -3, "hunch": -4})
GUESS = LEVELS["guess"]
_NAMES = {rank: name for name, rank in LEVELS.items()}


def level_of(rank: int) -> str:
    """The name of a rank; a number that has no name is written as it is."""
    return _NAMES.get(rank, str(rank))
