"""Names of the files that documents are written to, and texts that a format cannot hold."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from difficult import installed
from ruletag import conversion
from ruletag.batch import Target
from ruletag.conversion import distinct_names, file_names, safe_name
from ruletag.errors import RuletagError, format_fault
from ruletag.formats import FORMATS
from ruletag.model import Document


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("a\\b:c*?", "a-b-c"),
        ("..", ""),
        ("Être à Brest", "Être-à-Brest"),
        ("E\u0301te\u0301", "Été"),
        ("con", "con-"),
        ("NUL.txt", "NUL.txt-"),
        ("contre", "contre"),
        ("\ud800a", "a"),
        ("a\x00b\n", "a-b"),
        ("é" * 300, "é" * 100),
        ("a" + "中" * 300, "a" + "中" * 66),
    ],
)
def test_safe_names(name, expected):
    """A name is a single part of a path, keeps its accents however they are written, and fits into a file name."""
    assert safe_name(name) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a", "A", "a-00002", "a"], ["a", "A-00002", "a-00002-00003", "a-00004"]),
        (["é", "e\u0301", "É"], ["é", "é-00002", "É-00003"]),
        (["ß", "SS", "ss", "ﬁ", "FI"], ["ß", "SS-00002", "ss-00003", "ﬁ", "FI-00005"]),
        ([None, "", "/"], ["in-00001", "in-00002", "in-00003"]),
        ([None], ["in"]),
    ],
)
def test_names_are_distinct(names, expected):
    """No two names are the same file, not even where case or the way of writing a letter do not matter."""
    assert distinct_names(names, "in") == expected
    assert file_names(names, FORMATS["brat"], "in") == [Path(f"{name}.ann") for name in expected]


@pytest.mark.parametrize("document", [Document("Brest \ud83d", path="a"), Document("Brest", id="\ud800", path="a")])
def test_uima_holds_no_unpaired_surrogate(document):
    """Such a text is refused by name, as XML, Parquet and DocBin refuse it."""
    if not installed(FORMATS["cas-json"]):
        pytest.skip("needs dkpro-cassis")
    with pytest.raises(RuletagError) as error:
        FORMATS["cas-json"].dumps([document])
    assert [format_fault(fault) for fault in error.value.faults] == [
        "a:1: RT102 the text or id contains an unpaired surrogate, which UIMA cannot store\n  help: repair the text"
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_full_disk_where_documents_wait(monkeypatch, tmp_path):
    """Documents wait in a file of their own before the first is written: the message names its folder."""
    monkeypatch.setattr(conversion, "TemporaryFile", partial(Path("/dev/full").open, "w+b"))
    monkeypatch.setattr(conversion, "gettempdir", lambda: "elsewhere")
    with conversion.Spool(Target(FORMATS["text"])) as spool:
        spool.add(Document("Paris"))
        with pytest.raises(RuletagError) as error:
            spool.write([tmp_path / "a.txt"])

    assert [format_fault(fault) for fault in error.value.faults] == [
        "elsewhere: RT106 cannot be written: No space left on device\n  help: choose another path"
    ]
    assert list(tmp_path.iterdir()) == []
