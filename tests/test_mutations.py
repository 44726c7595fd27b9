"""The first two thousand mutations of each kind of file, fewer in the unit suite; `make fuzz` reads many more."""

from __future__ import annotations

import pytest

import properties
from mutations import OTHERS, READERS, Finding, find_faults, make_case

QUICK = {"jsonl", "brace", "markup", "text", *OTHERS}  # the others write each case to a file, and some compile it
KINDS = [pytest.param(kind, marks=() if kind in QUICK else pytest.mark.slow) for kind in READERS]


@pytest.mark.parametrize("kind", KINDS)
def test_no_file_ends_in_a_traceback(kind):
    """Every file is read or refused with a RuletagError, and what is read comes back when written."""
    assert find_faults(kind, range(properties.share(2000))) == []


def test_what_is_no_fault_of_the_user_is_found():
    """A reader that breaks is named with the case, which can be made again."""

    def breaks(data, folder):
        if b"\0" in data:
            raise ValueError("NUL")

    cases = [case for case in range(300) if b"\0" in make_case("markup", case)]
    assert len(cases) > 2
    assert find_faults("markup", range(300), breaks) == [Finding("markup", case, "ValueError: NUL") for case in cases]
