"""Faults: how they read, how they are sorted, what they suggest."""

from __future__ import annotations

import pytest

from ruletag.errors import Fault, RuletagError, format_fault, suggest


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("a.yaml", "RT101", "cannot be read"), "a.yaml: RT101 cannot be read"),
        (Fault("a.yaml", "RT202", "is empty", line=3), "a.yaml:3: RT202 is empty"),
        (Fault("a.yaml", "RT202", "is empty", line=3, column=5), "a.yaml:3:5: RT202 is empty"),
        (Fault("a.yaml", "RT202", "is empty", column=5), "a.yaml: RT202 is empty"),
        (Fault("a.yaml", "RT101", "cannot be read", help="check it"), "a.yaml: RT101 cannot be read\n  help: check it"),
        (
            Fault("a.yaml", "RT203", "stands twice", 2, 3, "keep one", "  name: Nîmes"),
            "a.yaml:2:3: RT203 stands twice\n      name: Nîmes\n      ^\n  help: keep one",
        ),
        (
            Fault("a.yaml", "RT203", "stands twice", 2, excerpt="name: Nîmes"),
            "a.yaml:2: RT203 stands twice\n    name: Nîmes",
        ),
        (
            Fault("a.yaml", "RT203", "stands twice", 1, 8, excerpt="\t\x1b[1m\x85\té\u202e\x9b"),
            "a.yaml:1:8: RT203 stands twice\n    \t\\x1b[1m\\x85\té\\u202e\\x9b\n    \t           \t^",
        ),
        (
            Fault("a\nb.yaml", "RT101", "is \r\n\x0b\x0c\x1c\x1e\x85\u2028\u2029\t«\xa0é\xa0»", help="c\rd"),
            "a\\x0ab.yaml: RT101 is \\x0d\\x0a\\x0b\\x0c\\x1c\\x1e\\x85\\u2028\\u2029\t«\xa0é\xa0»\n  help: c\\x0dd",
        ),
    ],
)
def test_format_fault(fault, text):
    """A fault reads `path:line:col: CODE message`, then the line with a caret, then the help; each is one line."""
    assert format_fault(fault) == text


def test_error_keeps_all_faults_in_order():
    """An error carries every fault once, by path, line, column and code, whatever order they were found in."""
    faults = [
        Fault("b.yaml", "RT202", "x", 1, 1),
        Fault("a.yaml", "RT202", "x", 10, 1),
        Fault("a.yaml", "RT204", "x", 2, 7),
        Fault("a.yaml", "RT202", "z", 2, 7),
        Fault("a.yaml", "RT202", "y", 2, 7),
        Fault("a.yaml", "RT202", "x", 2, 3),
        Fault("a.yaml", "RT204", "x", 2, 7),
        Fault("a.yaml", "RT101", "x"),
    ]
    places = [
        ("a.yaml", 0, 0, "RT101", "x"),
        ("a.yaml", 2, 3, "RT202", "x"),
        ("a.yaml", 2, 7, "RT202", "y"),
        ("a.yaml", 2, 7, "RT202", "z"),
        ("a.yaml", 2, 7, "RT204", "x"),
        ("a.yaml", 10, 1, "RT202", "x"),
        ("b.yaml", 1, 1, "RT202", "x"),
    ]
    assert [fault.sort_key() for fault in RuletagError(faults).faults] == places
    assert RuletagError(reversed(faults)).faults == RuletagError(faults).faults


def test_error_reads_as_its_faults():
    """The text of an error is its faults, one after the other."""
    error = RuletagError([Fault("b.yaml", "RT202", "is empty"), Fault("a.yaml", "RT101", "cannot be read")])
    assert str(error) == "a.yaml: RT101 cannot be read\nb.yaml: RT202 is empty"


def test_error_of_one_fault():
    """A single fault needs no list around it."""
    fault = Fault("a.yaml", "RT101", "cannot be read")
    assert RuletagError(fault).faults == (fault,)


@pytest.mark.parametrize(
    ("word", "choices", "sentence"),
    [
        ("org", ["ORG", "org-head"], "did you mean 'ORG'?"),
        ("TITEL", ["title"], "did you mean 'title'?"),
        ("lable", ("label", "class", "entries"), "did you mean 'label'?"),
        ("surnom", {"surname": 1, "name": 2}, "did you mean 'surname'?"),
        ("xyz", ("name", "alone", "id"), "known: alone, id, name"),
        ("xyz", (), ""),
    ],
)
def test_suggest(word, choices, sentence):
    """The closest known word if one is close, else the sorted list of all; nothing for an empty list."""
    assert suggest(word, choices) == sentence
