"""The knowledge that ships."""

from __future__ import annotations

from ruletag.check import check


def test_the_shipped_knowledge_is_sound():
    """`ruletag check` finds nothing in what ships: examples, duplicates, dead entries and rules, common words."""
    assert check() == []
