"""The provenance of a report: gold, command, knowledge, and a date that no clock gives."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

import pytest

from ruletag.cli.provenance import date_of
from ruletag.errors import RuletagError

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp()


@pytest.fixture(autouse=True)
def _no_epoch(monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def test_the_date_is_that_of_the_newest_file(tmp_path):
    """The day, in UTC, of the last change in what was read; a folder, a device and a missing file have none."""
    for name, seconds in (("old", NOON - 5 * 86400), ("new", NOON), ("older", 0)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (seconds, seconds))
    read = [tmp_path / name for name in ("old", "new", "older", "missing")]

    assert date_of(read) == "2026-11-28"
    assert date_of([tmp_path, tmp_path / "missing"]) == ""


@pytest.mark.parametrize(
    ("value", "date"), [("0", "1970-01-01"), (str(int(NOON)), "2026-11-28"), (" 86400 ", "1970-01-02")]
)
def test_the_environment_says_another_date(tmp_path, monkeypatch, value, date):
    """SOURCE_DATE_EPOCH goes before the files, as in other reproducible builds."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)

    assert date_of([tmp_path]) == date


@pytest.mark.parametrize("value", ["today", "1.5", "9" * 30, "-" + "9" * 30])
def test_a_time_that_is_none_is_refused(monkeypatch, value):
    """By its name, with what to do."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
    with pytest.raises(RuletagError) as raised:
        date_of([])

    [fault] = raised.value.faults
    assert (fault.path, fault.code, fault.message, fault.help) == (
        "SOURCE_DATE_EPOCH",
        "RT110",
        f"{value!r} is not a time in seconds",
        "unset it, or set it to what `date +%s` prints",
    )


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_a_report_says_how_it_was_made(cli, tmp_path, monkeypatch):
    """The record names gold, command, knowledge and date; the same command gives the same bytes."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOON)))
    (tmp_path / "a gold.txt").write_text("Il voit Paris.\n{\nParis_LOC\n}\n", encoding="utf-8")
    first, second = (cli("eval", "a gold.txt", "--json") for _ in range(2))
    run = json.loads(first.out)["run"]

    assert first == second
    assert {name: value for name, value in run.items() if name != "knowledge"} == {
        "gold": "a gold.txt",
        "command": "ruletag eval 'a gold.txt' --json",
        "date": "2026-11-28",
    }
    assert run["knowledge"].startswith("shipped (hash ")


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_other_knowledge_has_another_hash(cli, tmp_path):
    """The folders are named as they were given; a changed line changes the hash."""
    (tmp_path / "a.txt").write_text("Il voit Paris.\n{\nParis_LOC\n}\n", encoding="utf-8")
    lines = []
    for name in ("Mille Sabords", "Grand Large"):
        (tmp_path / "own.yaml").write_text(f"label: ORG\nentries: [{name}]\n", encoding="utf-8")
        out = cli("eval", "a.txt", "--gazetteers", "shipped", "--gazetteers", "own.yaml", "--json").out
        lines.append(json.loads(out)["run"]["knowledge"])

    assert [line.partition(" (hash ")[0] for line in lines] == ["shipped, own.yaml"] * 2
    assert lines[0] != lines[1]


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_predictions_are_named_and_no_knowledge_tagged_them(cli, tmp_path):
    """For predictions from a file, the run names the file."""
    (tmp_path / "a.txt").write_text("Il voit Paris.\n{\nParis_LOC\n}\n", encoding="utf-8")
    run = json.loads(cli("eval", "a.txt", "a.txt", "--json").out)["run"]

    assert (run["predicted"], "knowledge" in run) == (["a.txt"], False)
