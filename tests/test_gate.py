"""Thresholds and baselines: figures too low, figures that fell, and records that cannot be compared."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties import examples
from records import of_counts as report
from ruletag.errors import RuletagError
from ruletag.model import LABELS
from ruletag.report.gate import Fall, Threshold, Under, baseline_of, below, compare, parse_baseline, parse_thresholds
from ruletag.report.gate import read_baseline as read
from ruletag.report.record import Record, record_json
from ruletag.typed import plain
from ruletag.typed import read as read_record

WRITE = "write one with `ruletag eval GOLD --json > FILE`"
RENEW = "if the change is intended, write a new one with `ruletag eval GOLD --json > FILE`"


def old(record):
    """The compared figures of a record that was written to a file."""
    return parse_baseline(plain(record), "old.json")


def faults(call, *arguments):
    with pytest.raises(RuletagError) as error:
        call(*arguments)
    return [(fault.path, fault.code, fault.message, fault.help) for fault in error.value.faults]


def test_a_threshold_is_for_micro_or_for_the_label_it_names():
    """All rows of a report may have one, and several may be given."""
    thresholds = ["0.9", "PER=0.95", "PER+LOC+ORG=1", "macro=0", "micro=.5"]
    named = [("micro", 0.9), ("PER", 0.95), ("PER+LOC+ORG", 1), ("macro", 0), ("micro", 0.5)]
    assert parse_thresholds(thresholds) == tuple(Threshold(*threshold) for threshold in named)


def test_all_wrong_thresholds_are_named_at_once():
    """An unknown label, a non-number, and a number that no F1 can be."""
    number = "for example 0.9 or PER=0.9"
    assert faults(parse_thresholds, ["PRE=0.9", "0.9", "0,9", "PER=90", "-0.1", "nan", "LOC="]) == [
        ("--fail-under", "RT110", "'-0.1' does not give a number from 0 to 1", number),
        ("--fail-under", "RT110", "'0,9' does not give a number from 0 to 1", number),
        ("--fail-under", "RT110", "'LOC=' does not give a number from 0 to 1", number),
        ("--fail-under", "RT110", "'PER=90' does not give a number from 0 to 1", number),
        ("--fail-under", "RT110", "'nan' does not give a number from 0 to 1", number),
        ("--fail-under", "RT110", "unknown label 'PRE' in 'PRE=0.9'", "did you mean 'PER'?"),
    ]


def test_what_is_under_its_threshold_is_named_in_the_order_of_the_thresholds():
    """Equal is not under. A label without any span has F1 0."""
    shortfalls = below(
        report(PER=(10, 10, 9), LOC=(10, 10, 5)),
        parse_thresholds(["micro=0.71", "PER=0.9", "PER=0.91", "LOC=0.6", "MISC=0.1", "ORG=0"]),
    )
    assert list(map(str, shortfalls)) == [
        "strict micro-F1 0.7000 is under 0.71",
        "strict F1 of PER 0.9000 is under 0.91",
        "strict F1 of LOC 0.5000 is under 0.6",
        "strict F1 of MISC 0.0000 is under 0.1",
    ]


def test_macro_is_the_mean_of_the_labels_that_have_spans():
    """Three times 0.7 is 0.7, though the sum of the floats is less; a label that is only predicted counts with 0."""
    thirds = dict.fromkeys(("PER", "LOC", "ORG"), (10, 10, 7))
    assert sum([0.7, 0.7, 0.7]) / 3 < 0.7
    assert below(report(**thirds), [Threshold("macro", 0.7)]) == []
    assert below(report(**thirds, MISC=(0, 1, 0)), [Threshold("macro", 0.7)]) == [Under("macro", 0.525, 0.7)]
    assert list(map(str, below(report(), [Threshold("macro", 0.1)]))) == ["strict macro-F1 0.0000 is under 0.1"]


def test_a_threshold_looks_at_the_exact_value():
    """A report says 0.9 here, since it has six digits; the message has as many as it takes."""
    almost = report(PER=(10_000_000, 10_000_000, 8_999_999))
    assert almost.measures["strict"]["PER"].f1 == 0.9
    assert list(map(str, below(almost, [Threshold("PER", 0.9)]))) == ["strict F1 of PER 0.8999999 is under 0.9"]


@examples(100)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 1000))
def test_a_figure_is_under_a_threshold_where_its_fraction_is(gold, predicted, correct, mille):
    """And the figure that is printed is always less than the threshold beside it."""
    correct = min(gold, predicted, correct)
    shortfalls = below(report(ORG=(gold, predicted, correct)), parse_thresholds([f"ORG={mille / 1000}"]))
    exact = Fraction(2 * correct, gold + predicted) if gold + predicted else Fraction()
    assert bool(shortfalls) == (exact < Fraction(mille, 1000))
    for shortfall in shortfalls:
        words = str(shortfall).split()
        assert float(words[4]) < float(words[-1]) == mille / 1000


def test_what_fell_is_named_label_by_label():
    """A rise of one label does not make up for the fall of another."""
    before = old(report(PER=(10, 10, 9), LOC=(10, 10, 5)))
    after = report(PER=(10, 10, 8), LOC=(10, 10, 9))
    assert compare(after, before) == [Fall("PER", 0.9, 0.8)]
    assert list(map(str, compare(report(PER=(10, 11, 9), LOC=(10, 10, 5)), before))) == [
        "strict F1 of PER fell from 0.900000 to 0.857143",
        "strict F1 of PER+LOC+ORG fell from 0.700000 to 0.682927",
        "strict micro-F1 fell from 0.700000 to 0.682927",
    ]


def test_a_label_without_gold_does_not_fall_by_itself():
    """Spurious MISC shows in micro; its own F1 is 0 before and after."""
    before = old(report(PER=(10, 10, 9)))
    assert [fall.row for fall in compare(report(PER=(10, 10, 9), MISC=(0, 3, 0)), before)] == ["micro"]


def test_the_sixth_digit_counts_and_the_seventh_does_not():
    """Figures that a report shows as equal are equal; there is no further tolerance."""
    many = report(PER=(1_000_000, 1_000_000, 900_000))
    assert compare(report(PER=(1_000_000, 1_000_001, 900_000)), old(many)) == []
    fallen = compare(report(PER=(1_000_000, 1_000_000, 899_999)), old(many))
    assert fallen[0] == Fall("PER", 0.9, 0.899999)


@examples(50)
@given(st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=4, max_size=4))
def test_no_report_falls_under_itself(figures):
    """Whatever its figures, a record that is read back from its JSON equals the original and does not fall under it."""
    labels = {label: (a, b, min(a, b, c)) for label, (a, b, c) in zip(LABELS, figures, strict=True)}
    same = report(**labels)
    read_back = parse_baseline(json.loads(record_json(same)), "the report")
    assert read_back == baseline_of(same)
    assert compare(same, read_back) == []


def test_reports_of_other_gold_or_guideline_are_refused():
    """All differences are named, and nothing is compared."""
    before = old(report("seed", 3, PER=(9, 9, 9), LOC=(1, 1, 1)))
    assert faults(compare, report(PER=(10, 10, 9)), before) == [
        ("old.json", "RT109", "is for a different gold: 1 gold spans of LOC, not 0", RENEW),
        ("old.json", "RT109", "is for a different gold: 3 documents scored, not 2", RENEW),
        ("old.json", "RT109", "is for a different gold: 9 gold spans of PER, not 10", RENEW),
        ("old.json", "RT109", "was scored under the guideline 'seed', not 'canonical'", RENEW),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ('{"text": "a"}\n{"text": "b"}\n', "this is not JSON: Extra data: line 2 column 1 (char 14)"),
        ("[]", "is not a report of `ruletag eval --json`"),
        ('{"text": "Paris", "spans": []}', "is not a report of `ruletag eval --json`"),
        ('{"measures": {}, "documents": true}', "is not a report of `ruletag eval --json`"),
        ('{"measures": {"token": {}}, "documents": 1}', "contains no strict figures"),
    ],
)
def test_what_is_no_report_is_refused(tmp_path, text, message):
    """Documents, findings, anything else that is JSON, or none."""
    path = tmp_path / "old.json"
    path.write_text(text, encoding="utf-8")
    assert faults(read, str(path)) == [(str(path), "RT109", message, WRITE)]


def test_json_that_nests_too_deeply_is_refused(tmp_path):
    """It does not end the program."""
    path = tmp_path / "old.json"
    path.write_text("[" * 200_000, encoding="utf-8")
    assert [code for _, code, _, _ in faults(read, str(path))] == ["RT109"]


def test_a_report_of_another_version_can_be_a_baseline():
    """Fields that are not compared may be missing, and there may be others."""
    strict = report(PER=(10, 10, 9)).measures["strict"]
    rows = {row: {"support": counts.support, "f1": counts.f1} for row, counts in strict.items()}
    former = {"guideline": "canonical", "documents": 2, "measures": {"strict": rows}, "new": 1}

    assert parse_baseline(former, "old.json") == old(report(PER=(10, 10, 9)))


@pytest.mark.parametrize("wrong", [None, True, "0.9", -0.1, 1.5, float("nan")])
def test_a_figure_that_is_none_is_refused(wrong):
    """Every row is looked at."""
    broken = plain(report(PER=(10, 10, 9)))
    broken["measures"]["strict"]["PER"]["f1"] = wrong
    del broken["measures"]["strict"]["micro"]
    assert faults(parse_baseline, broken, "old.json") == [
        ("old.json", "RT109", "lacks the strict F1 or the support of PER", WRITE),
        ("old.json", "RT109", "lacks the strict F1 or the support of micro", WRITE),
    ]


def test_a_baseline_that_is_not_there_is_refused(tmp_path):
    """A gate that finds no baseline must not pass."""
    path = str(tmp_path / "gone.json")
    [(where, code, message, _)] = faults(read, path)
    assert (where, code, message) == (path, "RT101", "cannot be read: No such file or directory")


@pytest.mark.usefixtures("small")
def test_the_report_of_the_command_is_a_baseline(cli, tmp_path):
    """The output of `eval --json` is read back; without memory the figures fall."""
    line = {"text": "Kaisa Lehtonen part. Lehtonen reste.", "spans": [[0, 14, "PER"], [21, 29, "PER"]]}
    (tmp_path / "gold.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    (tmp_path / "old.json").write_text(cli("eval", "gold.jsonl", "--json").out, encoding="utf-8")
    before = read(str(tmp_path / "old.json"))
    assert (before.guideline, before.documents, before.support["PER"], before.f1["PER"]) == ("canonical", 1, 2, 1.0)
    assert compare(read_record(Record, json.loads(cli("eval", "gold.jsonl", "--json").out)), before) == []
    worse = read_record(Record, json.loads(cli("eval", "gold.jsonl", "--json", "--no-memory").out))
    assert [fall.row for fall in compare(worse, before)] == ["PER", "PER+LOC+ORG", "micro"]
