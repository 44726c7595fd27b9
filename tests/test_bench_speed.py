"""The texts of the speed bench are what they are said to be, and its tables go where they belong."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).parents[1] / "bench"


@pytest.fixture
def bench(monkeypatch):
    """`bench("texts")` is a module of the bench, whose folder is no package."""
    monkeypatch.syspath_prepend(str(BENCH))

    def load(name: str) -> ModuleType:
        return importlib.import_module(name)

    return load


def test_names_never_come_twice(bench):
    """Generated names are different, and the first ones are the same however many there are."""
    texts = bench("texts")
    found = list(texts.names(20_000))
    assert len(set(found)) == 20_000
    assert list(texts.names(3)) == found[:3] == ["Aline Barbabaard", "Bastien Belbafaois", "Clarisse Bonbaraet"]


def test_texts_have_the_size_that_is_asked_for(bench):
    """Texts are repeated in their order until there are enough."""
    texts = bench("texts")
    assert texts.filled(["é" * 500, "b" * 1000], 0.0025) == ["é" * 500, "b" * 1000, "é" * 500]
    assert texts.short(["Un.\n\nDeux.", "Trois."], 4) == ["Un.", "Deux.", "Trois.", "Un."]
    assert texts.met(["Rien."], ["Zoé Quint", "Ali Baba"]) == [
        "Rien.\nHier, Zoé Quint a reçu Ali Baba au siège.\n",
    ]


def test_hostile_texts_grow(bench, tagger):
    """Each kind has about the size that is asked for, and begins as the smaller one."""
    texts = bench("texts")
    for kind in texts.HOSTILE:
        one, two = (texts.hostile(kind, tagger, size) for size in (0.25, 0.5))
        assert (kind, two.startswith(one)) == (kind, True)
        assert (kind, round(texts.megabytes([one, two]), 1)) == (kind, pytest.approx(0.75, abs=0.11))


def test_a_table_goes_between_its_markers(bench):
    """The table of a part takes the place of the one before it; the rest of the page stays."""
    speed = bench("speed")
    table = speed.Table(
        "shapes", "Shapes", ("text", "MB/s", "MB"), (("one", 0.5, 123.4), ("two", 12.34, None)), "A note."
    )
    page = "# A\n<!-- shapes -->\nold\n<!-- end of shapes -->\n<!-- growth -->\nkept\n<!-- end of growth -->\n"
    written = speed.write(page, [table], "Here.")
    assert written == speed.write(written, [table], "Here.")
    assert written == (
        "# A\n<!-- shapes -->\n### Shapes\n\n"
        "| text   |   MB/s |   MB |\n|--------|--------|------|\n"
        "| one    |   0.50 |  123 |\n| two    |   12.3 |    – |\n"
        "\nA note.\n\nHere.\n<!-- end of shapes -->\n<!-- growth -->\nkept\n<!-- end of growth -->\n"
    )
    with pytest.raises(ValueError, match="no markers for shapes"):
        speed.write("# A\n", [table], "Here.")
