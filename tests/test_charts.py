"""The layout of a chart: the axis, the points, the names beside them, the shades."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ruletag.report.charts import scatter, shade
from ruletag.report.record import AccountLine

BLANK = AccountLine("", "rule", "r.yaml", 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (), 0.0, (0.0, 1.0), 0.0)


def row(source, produced, precision, harm=0.0, kind="rule"):
    account = {"source": f"{source} (r.yaml:1)", "kind": kind}
    return replace(BLANK, **account, produced=produced, precision=precision, harm=harm)


def test_rules_stand_by_precision_over_a_logarithmic_axis():
    """The most harmful rule comes first; entries and rules without a span have no point."""
    rows = [row("a", 1, 1.0), row("b", 100, 0.25, 9), row("c", 10, 0.5), row("d", 0, 0.0), row("e", 5, 1.0, 3, "entry")]
    chart = scatter(rows)

    assert [(point.row.source[0], round(point.x, 1), point.y, point.named) for point in chart.points] == [
        ("b", 100.0, 75.0, True),
        ("c", 50.0, 50.0, False),
        ("a", 0.0, 0.0, False),
    ]
    assert [tick for tick, _ in chart.ticks] == [1, 2, 5, 10, 20, 50, 100]


def test_names_that_would_run_into_each_other_are_left_out():
    """Of two harmful rules at one place the worse has its name; six have one at most."""
    near = [row("a", 10, 0.5, 9), row("b", 11, 0.52, 8), row("c", 10, 0.9, 7)]
    many = [row(str(number), 10, number / 10, 1.0) for number in range(10)]

    assert [point.named for point in scatter(near).points] == [True, False, True]
    assert sum(point.named for point in scatter(many).points) == 6


@pytest.mark.parametrize(
    ("rows", "ticks"), [([], [1, 2]), ([row("a", 1, 1.0)], [1, 2]), ([row("a", 3, 1.0)], [1, 2, 5])]
)
def test_an_axis_has_two_ticks_at_least(rows, ticks):
    """So that nothing is divided by the logarithm of one."""
    assert [tick for tick, _ in scatter(rows).ticks] == ticks


def test_few_show_beside_many():
    """Nothing has no shade, one has the lightest, the most has the darkest."""
    assert [shade(number, 4000) for number in (0, 1, 100, 1000, 4000)] == [0, 1, 1, 3, 6]
    assert shade(0, 0) == 0
