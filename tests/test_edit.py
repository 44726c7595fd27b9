"""Items put into YAML files that a person keeps: their lines, their place, and nothing else of the file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruletag.errors import RuletagError
from ruletag.suggest.edit import Addition, with_items
from ruletag.yaml_scalar import scalar

KEPT = """\
# Ours.  Keep this.

label: ORG   # all of them

entries:
  # the sea
  - Armement Kerbrat
  - {name: Compagnie des abers, acronym: CDA}   # since 2019
  # bars
  - name: Mille Sabords
    ambiguous: true
# the end
"""


def org(item, note="", section="entries"):
    return Addition("gazetteers/o.yaml", "label: ORG", section, item, note)


def test_an_item_goes_where_it_belongs():
    """In order, with its comment; above the comment that belongs to the next item; every other byte stays."""
    edited = with_items(KEPT, "o.yaml", [org("Daech", "s17, 2 corrections"), org("Zed"), org("Abers FM")])
    lines = KEPT.splitlines()
    lines[5:5] = ["  - Abers FM"]
    lines[9:9] = ["  - Daech  # s17, 2 corrections"]
    lines[13:13] = ["  - Zed"]
    assert edited.splitlines() == lines


def test_a_list_without_order_gets_it_at_its_end():
    """A list that a person ordered otherwise stays as it is."""
    edited = with_items("label: ORG\nentries:\n- Zed\n- Abers\n", "o.yaml", [org("Daech")])
    assert edited == "label: ORG\nentries:\n- Zed\n- Abers\n- Daech\n"


def test_files_and_sections_that_are_not_there():
    """A new file has its head; a new section goes to the end of the file; a veto takes several lines."""
    assert with_items(None, "o.yaml", [org("Daech")]) == "label: ORG\nentries:\n  - Daech\n"
    called = with_items(None, "o.yaml", [org("Orange", section="ambiguous")])
    assert called == "label: ORG\nambiguous:\n  - Orange\n"
    assert with_items(called, "o.yaml", [org("Daech")]) == called + "entries:\n  - Daech\n"
    veto = Addition("rules/never.yaml", "", "not", {"name": "Zed", "label": "PER", "example": "M. Zed: non."}, "s1")
    assert with_items(None, "never.yaml", [veto]) == (
        'not:\n  - name: Zed  # s1\n    label: PER\n    example: "M. Zed: non."\n'
    )


def test_what_is_there_is_not_added_again():
    """Adding an item twice, or one that the file has, changes nothing."""
    once = with_items(KEPT, "o.yaml", [org("Daech")])
    assert with_items(once, "o.yaml", [org("Daech"), org("Armement Kerbrat")]) == once


def test_line_ends_are_kept():
    """A file with CRLF keeps them, and gets no other."""
    crlf = KEPT.replace("\n", "\r\n")
    assert with_items(crlf, "o.yaml", [org("Daech")]) == with_items(KEPT, "o.yaml", [org("Daech")]).replace(
        "\n", "\r\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "label: ORG\nentries: [Daech, Zed]\n",
        "label: ORG\nentries: [\n  Daech,\n  Zed]\n",
        "label: ORG\nentries: Daech\n",
        "label: ORG\nentries:\n  -\n    Daech\n",
        "- Daech\n",
        "{label: ORG, entries: [Daech]}\n",
        "{label: ORG}\n",
    ],
)
def test_what_cannot_be_edited_safely_is_refused(text):
    """Lists in one line, and files that would not read as before."""
    with pytest.raises(RuletagError) as error:
        with_items(text, "o.yaml", [org("Abers")])
    assert [(fault.path, fault.code) for fault in error.value.faults] == [("o.yaml", "RT119")]


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    str.strip
)


@given(st.lists(NAMES, max_size=5, unique=True), st.lists(NAMES, min_size=1, max_size=4, unique=True), st.booleans())
def test_any_name_reads_as_it_was_given(before, added, in_order):
    """Whatever characters a new name has, it is read back, and the old lines stay in their order."""
    head = "label: ORG\nentries:\n" + "".join(
        f"  - {scalar(name)}\n" for name in (sorted(before) if in_order else before)
    )
    text = head if before else "label: ORG\n"
    edited = with_items(text, "o.yaml", [org(name) for name in added])
    unchanged = [line for line in edited.splitlines() if line in text.splitlines()]
    assert [line for line in text.splitlines() if line in unchanged] == text.splitlines()
    assert all(with_items(edited, "o.yaml", [org(name)]) == edited for name in [*before, *added])


@pytest.mark.parametrize("text", ["true", "No", "y", "7", "a: b", "- a", "#a", ""])
def test_text_of_another_type_is_quoted(text):
    assert scalar(text) == f'"{text}"'
