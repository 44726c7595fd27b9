"""Positions in a chart, as percentages of its width and height, so that it fits any screen without a script."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from math import log10, sqrt
from typing import NamedTuple

from ruletag.report.figures import ledger_name
from ruletag.report.record import AccountLine

SHADES = 6
_MOST_NAMED = 6
_NAME_WIDTH, _NAME_HEIGHT = 30, 9  # percentages: names closer than this would overlap


class Point(NamedTuple):
    """A rule in the chart of precision against yield. If `named`, its name is written beside it."""

    x: float
    y: float
    row: AccountLine
    named: bool


class Scatter(NamedTuple):
    """The points, the most harmful first, and the ticks of the logarithmic axis, as (number, position)."""

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
    """At least two of 1, 2, 5, 10, 20, 50…, up to the first that is not less than `most`."""
    steps = (step * 10**power for power in count() for step in (1, 2, 5))
    ticks = [next(steps), next(steps)]
    while ticks[-1] < most:
        ticks.append(next(steps))
    return ticks


def _is_free(x: float, y: float, points: Iterable[Point]) -> bool:
    """Whether there is room for one more name, at this position."""
    named = [point for point in points if point.named]
    overlaps = any(abs(point.x - x) < _NAME_WIDTH and abs(point.y - y) < _NAME_HEIGHT for point in named)
    return len(named) < _MOST_NAMED and not overlaps


def shade(number: int, most: int) -> int:
    """0 for none, else 1 to `SHADES`, by the square root, so that a few errors are visible beside many right spans."""
    return max(1, round(SHADES * sqrt(number / most))) if number else 0
