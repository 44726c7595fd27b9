"""The knowledge that ships."""

from __future__ import annotations

import pytest

from ruletag.check import check


@pytest.mark.slow
def test_the_shipped_knowledge_is_sound():
    """`ruletag check --strict` finds nothing in what ships: duplicates, dead entries and rules, common words, and every
    piece of every rule is needed by an example."""
    assert check(strict=True) == []
