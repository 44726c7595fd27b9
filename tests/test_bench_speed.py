"""The texts of the speed bench are as described, and its tables go where they belong."""

from __future__ import annotations

import importlib
import sys
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace

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
    names = list(texts.names(20_000))
    assert len(set(names)) == 20_000
    assert list(texts.names(3)) == names[:3] == ["Aline Barbabaard", "Bastien Belbafaois", "Clarisse Bonbaraet"]


def test_texts_have_the_size_that_is_asked_for(bench):
    """Texts are repeated in their order until there are enough."""
    texts = bench("texts")
    assert texts.filled(["é" * 500, "b" * 1000], 0.0025) == ["é" * 500, "b" * 1000, "é" * 500]
    assert texts.short(["Un.\n\nDeux.", "Trois."], 4) == ["Un.", "Deux.", "Trois.", "Un."]
    assert texts.mentioning(["Rien."], ["Zoé Quint", "Ali Baba"]) == [
        "Rien.\nHier, Zoé Quint a reçu Ali Baba au siège.\n",
    ]


def test_hostile_texts_grow(bench, tagger):
    """Each kind has about the size that is asked for, and begins as the smaller one."""
    texts = bench("texts")
    for kind in texts.HOSTILE:
        one, two = (texts.hostile(kind, tagger, size) for size in (0.25, 0.5))
        assert (kind, two.startswith(one)) == (kind, True)
        assert (kind, round(texts.megabytes([one, two]), 1)) == (kind, pytest.approx(0.75, abs=0.11))


def test_costs_of_formats_as_rows(bench):
    """The least of all rounds counts, beside that of JSON Lines; the round for a tenth tells only its memory."""
    formats = bench("formats")
    cost = formats.Cost
    taken = {
        ("jsonl", "written"): [cost(0.1, 20.0), cost(1.25, 21.0), cost(1.0, 22.0)],
        ("jsonl", "read"): [cost(0.1, 20.0), cost(1.1, 21.0), cost(1.2, 20.0)],
        ("tei", "written"): [cost(0.5, 23.4), cost(3.0, 25.0), cost(4.0, 24.6)],
        ("tei", "read"): [cost(0.5, 23.4), cost(3.5, 30.0), cost(3.25, 31.0)],
    }
    assert list(formats.rows_of(taken)) == [
        ("jsonl", "written", 1.0, 1.0, "20 to 22", ""),
        ("tei", "written", 3.0, 3.0, "23 to 25", ""),
        ("tei", "read", 3.25, 3.25, "23 to 31", "over the limit"),
    ]
    first, second = formats.tagged(2)
    assert [(document.id, document.alternatives) for document in (first, second)] == [
        ("d-000000", ()),
        ("d-000001", ()),
    ]
    assert first.entities[0].source.kind != "gold"


def test_a_table(bench):
    """Figures have as many digits as can be trusted; what was not measured is a dash."""
    tables = bench("tables")
    rows = (("one", 0.5, 123.4), ("two", 12.34, None), ("three", 0.0456, 7))
    assert tables.format_table(tables.Table("shapes", "Shapes", ("text", "MB/s", "MB"), rows, "A note.")) == (
        "## Shapes\n\n"
        "| text   |   MB/s |   MB |\n|--------|--------|------|\n"
        "| one    |   0.50 |  123 |\n| two    |   12.3 |    – |\n| three  |  0.046 |    7 |\n"
        "\nA note.\n"
    )


def test_rounds_are_interleaved(bench, monkeypatch):
    """Every round runs every part once, and the median of the rounds counts."""
    timing = bench("timing")
    calls = []
    clock = iter([0, 1, 10, 30, 100, 105, 200, 201, 300, 303, 400, 404])
    monkeypatch.setattr(timing, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    parts = {name: partial(calls.append, name) for name in ("a", "b")}
    assert timing.interleave(parts, 3) == {"a": 3, "b": 4}
    assert calls == ["a", "b"] * 3


def test_one_command(bench, tmp_path, monkeypatch, capsys):
    """One call measures a part, prints its tables and puts them into one file."""
    speed, tables = bench("speed"), bench("tables")
    monkeypatch.setattr(tables, "RESULTS", tmp_path)
    pages = [tables.Table("growth", title, ("names", "MB/s"), ((0, 1.0),), "A note.") for title in ("Growth", "More")]
    monkeypatch.setitem(speed.PARTS, "growth", lambda texts, sizes: pages)
    speed.main(["--only", "growth", "--write"], standalone_mode=False)
    body = "\n".join([*map(tables.format_table, pages), tables.machine()]) + "\n"
    assert capsys.readouterr().out == body
    head = "# Growth\n\nWritten by `python bench/speed.py --write`; see [bench](../README.md).\n\n"
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == {"growth.md": head + body}


@pytest.mark.slow
def test_each_part_measures(bench, small, tmp_path, monkeypatch):
    """Each part gives a figure in every cell, for what is installed; a few words are enough to see that."""
    engines, parts = bench("engines"), bench("parts")
    monkeypatch.setenv("RULETAG_CACHE", str(tmp_path))
    measured_engines = [name for name in engines.ENGINES if "ruletag" in name or name == "flashtext, look-up"]
    for name in [name for name in engines.ENGINES if name not in measured_engines]:
        monkeypatch.delitem(engines.ENGINES, name)
    sizes = parts.Sizes(1, 0.001, 0.001, 0.002, 5, (1, 2), (100,), (0.001, 0.002), 60)
    texts = ["Le président Varenne est à Orange. Emmanuel Macron est en Chine.\n" * 20]
    measured = {name: list(measure(texts, sizes)) for name, measure in parts.PARTS.items()}
    shapes = {
        name: [(len(table.rows), {len(row) for row in table.rows} == {len(table.headers)}) for table in each]
        for name, each in measured.items()
    }
    hostile = len(bench("texts").HOSTILE)
    assert shapes == {
        "stages": [(6, True)],
        "engines": [(3, True)],
        "cold": [(3, True)],
        "shapes": [(3, True)],
        "commands": [(3, True)],
        "growth": [(2, True)],
        "hostile": [(hostile, True)] * 2,
    }
    cells = [cell for part_tables in measured.values() for table in part_tables for row in table.rows for cell in row]
    assert [cell for cell in cells if cell is None or (isinstance(cell, float) and cell <= 0)] == []


@pytest.mark.slow
def test_processes(bench):
    """The memory of a command is its own; the current memory of this process is at most its peak."""
    processes = bench("processes")
    small = processes.cost_of(sys.executable, "-c", "pass").megabytes
    large = processes.cost_of(sys.executable, "-c", "b'a' * int(__import__('os').environ['SIZE'])", SIZE="50000000")
    assert 1 < small < large.megabytes - 40
    assert large.seconds > 0
    assert 1 < processes.resident() <= processes.peak()
