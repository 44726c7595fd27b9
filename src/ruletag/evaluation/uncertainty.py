"""How far a measured ratio may be from the true one. Integer counts in, ends of intervals out."""

from __future__ import annotations

from math import sqrt

_Z = 1.959963984540054  # the two-sided 95 % point of the normal distribution


def wilson(correct: int, total: int) -> tuple[float, float]:
    """The 95 % score interval of a proportion (Wilson 1927, without continuity correction); (0, 1) where total is 0."""
    if not total:
        return 0.0, 1.0
    ratio = correct / total
    weight = _Z * _Z / total
    centre = ratio + weight / 2
    spread = _Z * sqrt(ratio * (1 - ratio) / total + weight / (4 * total))
    low, high = (centre - spread) / (1 + weight), (centre + spread) / (1 + weight)
    return (0.0 if correct == 0 else low), (1.0 if correct == total else high)
