"""Parquet: what `datasets` makes of it, files of others, and files that are none."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import date

import pytest

from difficult import DIFFICULT
from ruletag.errors import RuletagError, format_fault
from ruletag.formats import FORMATS
from ruletag.model import LABELS, Document

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

FORMAT = FORMATS["parquet"]


def made(rows):
    """A file of some rows, as another program writes it."""
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file)
    return file.getvalue()


def refused(data):
    with pytest.raises(RuletagError) as error:
        list(FORMAT.loads(data, "a.parquet"))
    return [format_fault(fault) for fault in error.value.faults]


def test_datasets_opens_it(tmp_path):
    """`datasets` finds the features, names of labels and tags included, and all documents."""
    datasets = pytest.importorskip("datasets")
    path = tmp_path / "a.parquet"
    path.write_bytes(FORMAT.dumps(DIFFICULT))
    found = datasets.Dataset.from_parquet(str(path), cache_dir=str(tmp_path / "cache"))
    label = found.features["spans"].feature["label"]
    tags = found.features["ner_tags"].feature

    assert label.names == list(LABELS)
    assert tags.names == ["O", *(f"{prefix}-{each}" for each in LABELS for prefix in "BI")]
    assert [
        (row["id"], row["text"], [(each["start"], each["end"], label.int2str(each["label"])) for each in row["spans"]])
        for row in found
    ] == [(each.id, each.text, [entity.span for entity in each.entities]) for each in DIFFICULT]
    row = found[2]
    assert list(zip(row["tokens"], tags.int2str(row["ner_tags"]), strict=True)) == [
        ("À", "O"), ("Paris", "B-LOC"), (".", "O"), ("Jean", "B-PER"), ("Bon", "I-PER"), ("dort", "O"), (".", "O"),
    ]  # fmt: skip


def test_a_file_of_others_is_read():
    """Text and spans with names as labels are enough; it is gold."""
    data = made([{"text": "À Paris", "spans": [{"start": 2, "end": 7, "label": "LOC"}]}])
    (document,) = FORMAT.loads(data, "a.parquet")

    assert ([each.span for each in document.entities], document.annotated) == ([(2, 7, "LOC")], True)


def test_what_cannot_be_read_is_said():
    """Other columns, other labels and other bytes are refused with file and row."""
    help = "\n  help: use --column with the name of the text column"
    assert refused(made([{"tokens": ["a"]}])) == ["a.parquet: RT105 has no column 'text', but: tokens" + help]
    assert refused(made([{"text": "À Paris", "spans": [{"start": 2, "end": 9, "label": "LOC"}]}])) == [
        "a.parquet:1: RT105 row 1: the span 2:9 is outside a text of 7 code points\n"
        "  help: offsets are code points, 0 <= start < end"
    ]
    assert refused(b"PAR1")[0].startswith("a.parquet: RT105 is not a complete Parquet file: ")
    data = bytearray(FORMAT.dumps(DIFFICULT))
    data[data.index(b"Emmanuel")] ^= 1
    assert refused(bytes(data))[0].startswith("a.parquet: RT105 is not a complete Parquet file: ")


def test_half_of_a_character_is_refused():
    """Parquet is UTF-8."""
    with pytest.raises(RuletagError) as error:
        FORMAT.dumps([Document("\ud83d", path="a")])

    assert [fault.code for fault in error.value.faults] == ["RT102"]


@pytest.mark.usefixtures("small")
class TestTag:
    """Parquet in and out of the command."""

    def test_texts_of_others(self, cli, tmp_path):
        """A column of texts is enough; the other columns come back in `meta`."""
        rows = [{"id": "a", "content": "M. Wang", "n": 1, "day": date(2026, 1, 2)}, {"id": "b", "content": "Rien"}]
        (tmp_path / "a.parquet").write_bytes(made(rows))
        assert cli("tag", "a.parquet", "-o", "b.parquet", "--column", "content") == (0, "", "")
        first, second = FORMAT.loads((tmp_path / "b.parquet").read_bytes(), "b.parquet")
        assert [(each.start, each.end, each.label) for each in first.entities] == [(3, 7, "PER")]
        assert (first.text, first.id, first.meta) == ("M. Wang", "a", {"n": 1, "day": "2026-01-02"})
        assert (second.entities, second.annotated, second.meta) == ((), True, {"n": None, "day": None})
        fault = "a.parquet: RT105 has no column 'text', but: id, content, n, day\n"
        assert cli("tag", "a.parquet", "-t", "jsonl") == (
            2,
            "",
            fault + "  help: use --column with the name of the text column\n",
        )

    def test_spans_only(self, cli, tmp_path):
        """Ids and spans, with the hash of each text; a document without an id is refused by name."""
        (tmp_path / "a.jsonl").write_text('{"id": "a", "text": "M. Wang"}\n{"text": "Rien"}\n', encoding="utf-8")
        code, _, err = cli("tag", "a.jsonl", "-o", "b.parquet", "--spans-only")
        fault = "a.jsonl:2: RT106 has no id, which is needed to join its spans to it\n"
        assert (code, err) == (2, fault + "  help: give each document an id, or write the texts too\n")
        (row,) = pq.read_table(tmp_path / "b.parquet").to_pylist()
        assert list(row) == ["id", "spans", "sha256"]
        assert (row["id"], [each["text"] for each in row["spans"]]) == ("a", ["Wang"])
        assert row["sha256"] == hashlib.sha256(b"M. Wang").hexdigest()
        (tmp_path / "a.jsonl").write_text('{"id": 7, "text": "M. Wang", "more": 1}\n', encoding="utf-8")
        record = json.loads(cli("tag", "a.jsonl", "--spans-only").out)
        assert list(record) == ["id", "spans", "sha256"]
        assert (record["id"], record["sha256"]) == (7, row["sha256"])
