"""Levels of confidence: the names for `priority`, each with the rank by which candidates are compared."""

from __future__ import annotations

from types import MappingProxyType

# Entries, and rules without a level, are `sure`. The memory learns nothing from matches at `guess` and below.
LEVELS = MappingProxyType({"certain": 1, "sure": 0, "likely": -1, "plausible": -2, "guess": -3, "hunch": -4})
GUESS = LEVELS["guess"]
_NAMES = {rank: name for name, rank in LEVELS.items()}


def level_of(rank: int) -> str:
    """The name of a rank; a number without a name is returned as it is."""
    return _NAMES.get(rank, str(rank))
