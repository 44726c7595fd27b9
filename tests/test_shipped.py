"""The knowledge that ships."""

from __future__ import annotations

import pytest

from ruletag.check import check


@pytest.mark.slow
def test_the_shipped_knowledge_is_sound():
    """`ruletag check` finds nothing in what ships: examples, duplicates, dead entries and rules, common words."""
    assert check() == []
