"""Timing of compared parts: the median of interleaved rounds."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence

Part = Callable[[], object]


def settle() -> None:
    """Exclude everything loaded so far from garbage collection, which would scan it again in the next measurement."""
    gc.collect()
    gc.freeze()


def interleave(parts: Mapping[str, Part], rounds: int) -> dict[str, float]:
    """The median seconds of each part; every round runs all of them."""
    times: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(rounds):
        for name, part in parts.items():
            times[name].append(seconds(part))
    return {name: statistics.median(values) for name, values in times.items()}


def seconds(part: Part) -> float:
    """The seconds that a part takes."""
    start = time.perf_counter()
    part()
    return time.perf_counter() - start


def over(engine: Callable[[str], object], texts: Sequence[str]) -> Part:
    """A part that runs an engine over all texts, one after the other."""

    def run() -> None:
        for text in texts:
            engine(text)

    return run


def rounds_of(rounds: int) -> str:
    return f"{rounds} interleaved round{'' if rounds == 1 else 's'}"
