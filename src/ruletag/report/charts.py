"""Positions in a chart, in per cent of its width and height, so that it fits any screen without a script."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from math import log10, sqrt
from typing import NamedTuple

from ruletag.report.figures import ledger_name
from ruletag.report.record import AccountLine

SHADES = 6
_NAMED = 6
_APART = (30, 9)  # per cent: names closer than that would overlap


class Point(NamedTuple):
    """A rule in the chart of precision against yield. Its name is written beside it where `named`."""

    x: float
    y: float
    row: AccountLine
    named: bool


class Scatter(NamedTuple):
    """The points, the most harmful first, and the ticks of the logarithmic axis (number, place)."""

    points: list[Point]
    ticks: list[tuple[int, float]]


def scatter(rows: Iterable[AccountLine]) -> Scatter:
    """Precision against yield, on a logarithmic axis, for the rules of a ledger that produced something."""
    rules = [row for row in rows if row.kind == "rule" and row.produced]
    rules.sort(key=lambda row: (-row.harm, -row.produced, ledger_name(row), row.path, row.line))
    ticks = _ticks(max((row.produced for row in rules), default=1))
    width = log10(ticks[-1])
    points: list[Point] = []
    for row in rules:
        x, y = 100 * log10(row.produced) / width, 100 * (1 - row.precision)
        points.append(Point(x, y, row, row.harm > 0 and _is_free(x, y, points)))
    return Scatter(points, [(tick, 100 * log10(tick) / width) for tick in ticks])


def _ticks(most: int) -> list[int]:
    """1, 2, 5, 10, 20, 50… up to the first that is not less than the most; at least two."""
    steps = (step * 10**power for power in count() for step in (1, 2, 5))
    ticks = [next(steps), next(steps)]
    while ticks[-1] < most:
        ticks.append(next(steps))
    return ticks


def _is_free(x: float, y: float, points: Iterable[Point]) -> bool:
    named = [point for point in points if point.named]
    near = any(abs(point.x - x) < _APART[0] and abs(point.y - y) < _APART[1] for point in named)
    return len(named) < _NAMED and not near


def shade(number: int, most: int) -> int:
    """0 for none, else 1 to `SHADES`; by the square root, so that a few errors show beside many right spans."""
    return max(1, round(SHADES * sqrt(number / most))) if number else 0
