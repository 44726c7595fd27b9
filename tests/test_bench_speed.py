"""The texts of the speed bench are what they are said to be, and its tables go where they belong."""

from __future__ import annotations

import importlib
import sys
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


def test_a_table(bench):
    """Figures have as many digits as can be trusted; what was not measured is a dash."""
    speed = bench("speed")
    rows = (("one", 0.5, 123.4), ("two", 12.34, None), ("three", 0.0456, 7))
    assert speed.format_table(speed.Table("shapes", "Shapes", ("text", "MB/s", "MB"), rows, "A note.")) == (
        "### Shapes\n\n"
        "| text   |   MB/s |   MB |\n|--------|--------|------|\n"
        "| one    |   0.50 |  123 |\n| two    |   12.3 |    – |\n| three  |  0.046 |    7 |\n"
        "\nA note.\n"
    )


def test_one_command(bench, tmp_path, monkeypatch, capsys):
    """One call measures a part, prints its table and puts it into the README."""
    speed, readme = bench("speed"), bench("readme")
    page = tmp_path / "README.md"
    page.write_text("a\n<!-- growth -->\nold\n<!-- end of growth -->\nb\n", encoding="utf-8")
    monkeypatch.setattr(readme, "README", page)
    table = speed.Table("growth", "Growth", ("names", "MB/s"), ((0, 1.0),), "A note.")
    monkeypatch.setitem(speed.PARTS, "growth", lambda texts, sizes: [table])
    speed.main(["--only", "growth", "--write"], standalone_mode=False)
    body = f"{speed.format_table(table)}\n{speed.machine()}"
    assert capsys.readouterr().out == body + "\n"
    assert page.read_text("utf-8") == f"a\n<!-- growth -->\n\n{body}\n\n<!-- end of growth -->\nb\n"


@pytest.mark.slow
def test_processes(bench):
    """What a command holds is its own, and what this process holds is no more than it ever held."""
    processes = bench("processes")
    small = processes.peak_of(sys.executable, "-c", "pass")
    large = processes.peak_of(sys.executable, "-c", "b'a' * 50_000_000")
    assert 1 < small < large - 40
    assert 1 < processes.resident() <= processes.peak()
