"""Entries as rows: they come back as they were, and take little room."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruletag.entries import Entries
from ruletag.model import Entry, Source

STRINGS = st.text(st.characters(codec=None, exclude_categories=()), max_size=12)
TRUTHS = st.booleans()
MADE = st.builds(
    lambda surface, key, name, path, line, *rest: Entry(
        surface, key, Source("entry", name or surface, path, line), *rest
    ),
    STRINGS,
    st.sampled_from(["PER", "LOC", "title", "]\n[", ""]),
    st.none() | STRINGS.filter(bool),
    st.sampled_from(["people.yaml", "é\ud800", ""]),
    st.integers(0, 1 << 40),
    TRUTHS,
    st.none() | STRINGS,
    st.none() | STRINGS,
    TRUTHS,
    TRUTHS,
    TRUTHS,
)


def kept(entries: Entries) -> Entries:
    """The same entries, restored from their stored form."""
    rows, starts = (bytes(section) for section in entries.packed().values())
    return Entries(rows, starts, json.loads(json.dumps(entries.keys)), json.loads(json.dumps(entries.paths)))


@given(st.lists(MADE, max_size=30))
def test_they_come_back_as_they_were(made):
    """Entries are read by index, negative index, slice and iteration, also from their stored form."""
    for entries in (Entries.of(made), kept(Entries.of(iter(made)))):
        assert len(entries) == len(made)
        assert list(entries) == made
        assert [entries[number] for number in range(-len(made), len(made))] == made * 2
        assert entries[1:20:3] == tuple(made[1:20:3])
        assert {type(entry) for entry in entries} <= {Entry}
        with pytest.raises(IndexError):
            entries[len(made)]


def test_many_are_read_many_at_a_time():
    """Nothing is lost between one batch and the next."""
    made = [Entry(f"Nom {number}", "LOC", Source("entry", f"Nom {number}", "x", number)) for number in range(9000)]
    entries = Entries.of(made)
    assert list(entries) == made
    batches = list(entries.batches())
    assert [len(batch) for batch in batches] == [4096, 4096, 808]
    assert [row[0] for batch in batches for row in batch] == [entry.surface for entry in made]


def test_they_take_little_room():
    """A person of a list takes the two spellings and some twenty bytes more."""
    names = [f"Aline Barbabaard{number}" for number in range(10_000)]
    made = [Entry(name, "PER", Source("entry", name, "x", 1), surname=name[6:]) for name in names]
    spelt = sum(len(entry.surface) + len(entry.surname or "") for entry in made)
    assert sum(len(section) for section in Entries.of(made).packed().values()) < spelt + 24 * len(made)


ROW = b'["Paris",0,0,1,0]'
ODD = [
    *(b"", b"{}", b"[", b"[]", b"7", b'["Paris"]', ROW + b"," + ROW, b'["Paris",0,0,1,0],'),
    *(b"[7,0,0,1,0]", b'["Paris",9,0,1,0]', b'["Paris",0,9,1,0]', b'["Paris",0,0,"1",0]', b'["Paris",0,0,1,"0"]'),
    *(b'["Paris",0,0,1,0,7]', b'["Paris",0,0,1,0,null,7,null]', b'["Paris",0,0,1,0,null,null,null,null]', b"\xff"),
]


@pytest.mark.parametrize("row", ODD)
def test_a_row_that_is_no_entry(row):
    """It is repaired from the files if they are available, else it is an error, never another entry."""
    written = row + b",\n"
    starts = b"".join(number.to_bytes(4, "little") for number in (0, len(written)))
    made = (Entry("Lyon", "LOC", Source("entry", "Lyon")),)
    assert list(Entries(written, starts, ["LOC"], ["x"], lambda: made)) == list(made)
    with pytest.raises((ValueError, TypeError, LookupError)):
        Entries(written, starts, ["LOC"], ["x"])[0]
