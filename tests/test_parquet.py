"""Parquet: how `datasets` reads it, files of other programs, and files that are not Parquet."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import date
from pathlib import Path

import pytest

from difficult import DIFFICULT
from ruletag.errors import RuletagError, format_fault
from ruletag.formats import FORMATS, parquet
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
    dataset = datasets.Dataset.from_parquet(str(path), cache_dir=str(tmp_path / "cache"))
    label = dataset.features["spans"].feature["label"]
    tags = dataset.features["ner_tags"].feature

    assert label.names == list(LABELS)
    assert tags.names == ["O", *(f"{prefix}-{label}" for label in LABELS for prefix in "BI")]
    assert [
        (row["id"], row["text"], [(span["start"], span["end"], label.int2str(span["label"])) for span in row["spans"]])
        for row in dataset
    ] == [(document.id, document.text, [entity.span for entity in document.entities]) for document in DIFFICULT]
    row = dataset[2]
    assert list(zip(row["tokens"], tags.int2str(row["ner_tags"]), strict=True)) == [
        ("À", "O"), ("Paris", "B-LOC"), (".", "O"), ("Jean", "B-PER"), ("Bon", "I-PER"), ("dort", "O"), (".", "O"),
    ]  # fmt: skip


def test_a_file_of_others_is_read():
    """Text and spans with names as labels are enough; it is gold."""
    data = made([{"text": "À Paris", "spans": [{"start": 2, "end": 7, "label": "LOC"}]}])
    (document,) = FORMAT.loads(data, "a.parquet")

    assert ([entity.span for entity in document.entities], document.annotated) == ([(2, 7, "LOC")], True)


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


def test_columns_of_any_kind_become_other_data():
    """Values that JSON lacks are kept as text: NaN, bytes and dates; a `meta` may be a struct."""
    row = {"text": "a", "n": float("nan"), "i": [float("-inf"), 1.5], "b": b"\xff", "d": date(2026, 1, 2)}
    (document,) = FORMAT.loads(
        made([row | {"meta": {"k": 1}, "spans": [{"start": 0, "end": 1, "label": "LOC", "id": 3}]}])
    )

    assert document.meta == {"n": "nan", "i": ["-inf", 1.5], "b": r"b'\xff'", "d": "2026-01-02", "k": 1}
    assert [entity.id for entity in document.entities] == ["3"]
    assert json.loads(FORMATS["jsonl"].dumps([document]))["n"] == "nan"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"meta": '{"a": NaN}'}, ":1: RT105 row 1: 'meta': NaN is not a JSON number\n  help: write null, or a string"),
        (
            {"meta": '{"a": 1, "a": 2}'},
            ":1: RT105 row 1: 'meta': the key 'a' occurs twice in one object\n  help: keep one of them",
        ),
        (
            {"meta": "[" * 70 + "]" * 70},
            ":1: RT105 row 1: 'meta': is nested too deeply\n  help: lists and objects may nest 64 levels deep",
        ),
        ({"meta": "[1]"}, ":1: RT105 row 1: 'meta' must be an object"),
        ({"annotated": "no"}, ":1: RT105 row 1: 'annotated' must be true or false, not 'no'"),
        (
            {"tokens": ["a"], "ner_tags": [1]},
            ": RT105 has tags of tokens in 'ner_tags', but no column 'spans'\n"
            "  help: write the tokens and tags as CoNLL, or leave the tags out to read the texts alone",
        ),
    ],
)
def test_columns_that_would_be_lost(row, message):
    """Other data that cannot be written back, and annotations in a place that is not read, are faults."""
    assert refused(made([{"text": "a"} | row])) == [f"a.parquet{message}"]


def test_two_columns_of_one_name():
    """One of them would be lost."""
    file = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"]), file)
    assert refused(file.getvalue()) == ["a.parquet: RT105 two columns are called 'text'\n  help: rename one of them"]


@pytest.mark.parametrize("features", [b"\xff", b"[" * 100_000, b"[]", b'{"info": {"features": {"spans": []}}}'])
def test_features_of_any_shape(features):
    """A file is not refused for what it says about its features."""
    file = io.BytesIO()
    pq.write_table(pa.table({"text": ["a"]}).replace_schema_metadata({b"huggingface": features}), file)
    assert [document.text for document in FORMAT.loads(file.getvalue(), "a.parquet")] == ["a"]


def test_half_of_a_character_is_refused():
    """Parquet is UTF-8."""
    with pytest.raises(RuletagError) as error:
        FORMAT.dumps([Document("\ud83d", path="a")])

    assert [fault.code for fault in error.value.faults] == ["RT102"]


def test_rows_are_read_a_few_at_a_time(monkeypatch):
    """However large a file, only a hundred rows are Python objects at a time, and no thread reads ahead."""
    documents = [Document(f"Texte {number}", (), str(number), annotated=True) for number in range(1234)]
    data = FORMAT.dumps(documents)
    taken, usual = [], pq.ParquetFile.iter_batches

    def watched(file, *arguments, **options):
        assert options["use_threads"] is False
        for batch in usual(file, *arguments, **options):
            taken.append(batch.num_rows)
            yield batch

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", watched)
    reading = FORMAT.loads(data, "a.parquet")
    seen = [(next(reading).text, sum(taken)) for _ in range(101)]

    assert (seen[99], seen[100]) == (("Texte 99", 100), ("Texte 100", 200))
    assert [document.text for document in reading] == [document.text for document in documents[101:]]
    assert pq.ParquetFile(io.BytesIO(data)).metadata.num_row_groups == 2


def test_a_large_file_waits_on_disk(monkeypatch):
    """A file that is larger than may be in memory is read as well."""
    monkeypatch.setattr(parquet, "_IN_MEMORY", 10)
    assert [document.text for document in FORMAT.loads(FORMAT.dumps(DIFFICULT), "a")] == [
        document.text for document in DIFFICULT
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_no_room_for_a_large_file(monkeypatch):
    """A full disk is a fault with its folder, and not with the file."""
    monkeypatch.setattr(parquet, "SpooledTemporaryFile", lambda _: io.FileIO("/dev/full", "r+"))
    monkeypatch.setattr(parquet, "gettempdir", lambda: "elsewhere")
    assert refused(made([{"text": "a"}])) == [
        "a.parquet: RT101 cannot be read: No space left on device in the folder for temporary files, elsewhere\n"
        "  help: set TMPDIR to another folder"
    ]


@pytest.mark.usefixtures("small")
class TestTag:
    """Parquet in and out of the command."""

    def test_texts_of_others(self, cli, tmp_path):
        """A column of texts is enough; the other columns come back in `meta`."""
        rows = [{"id": "a", "content": "M. Wang", "n": 1, "day": date(2026, 1, 2)}, {"id": "b", "content": "Rien"}]
        (tmp_path / "a.parquet").write_bytes(made(rows))
        assert cli("tag", "a.parquet", "-o", "b.parquet", "--column", "content") == (0, "", "")
        first, second = FORMAT.loads((tmp_path / "b.parquet").read_bytes(), "b.parquet")
        assert [(entity.start, entity.end, entity.label) for entity in first.entities] == [(3, 7, "PER")]
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
        assert (row["id"], [span["text"] for span in row["spans"]]) == ("a", ["Wang"])
        assert row["sha256"] == hashlib.sha256(b"M. Wang").hexdigest()
        (tmp_path / "a.jsonl").write_text('{"id": 7, "text": "M. Wang", "more": 1}\n', encoding="utf-8")
        record = json.loads(cli("tag", "a.jsonl", "--spans-only").out)
        assert list(record) == ["id", "spans", "sha256"]
        assert (record["id"], record["sha256"]) == (7, row["sha256"])
