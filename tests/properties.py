"""With how many examples a property is tried: all of them in the whole suite, a third in the unit suite.

The examples are the same in every run, and the first of them are the simplest, so the unit suite sees most mistakes;
the whole suite sees the rest.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings

UNITS = "not slow"  # the mark expression of the unit suite
_SHARE = 3
_LEAST = 10
_DEFAULT = 60
of_units = False  # whether only the unit suite is run


def examples(number: int, **more: Any) -> settings:
    """The settings of a property that is tried with so many examples; `more` are others of Hypothesis."""
    return settings(max_examples=share(number), **more)


def choose(config: pytest.Config) -> None:
    """Choose by what is run. Call it before a module of tests is imported."""
    global of_units
    of_units = config.getoption("markexpr") == UNITS
    number = share(_DEFAULT)
    settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=False, max_examples=number)
    settings.load_profile("repeatable")


def share(whole: int) -> int:
    """How many of so many examples are tried."""
    return max(min(_LEAST, whole), whole // _SHARE) if of_units else whole
