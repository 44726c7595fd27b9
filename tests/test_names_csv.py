"""Tables of names: what is written, how other programs read it, and that it is never taken for a table of texts."""

from __future__ import annotations

import csv
import io

import pytest

from difficult import DIFFICULT
from ruletag.errors import RuletagError, format_fault
from ruletag.formats import FORMATS, Options
from ruletag.model import Document, Entity, Source

TABLES = {"names-csv": ",", "names-tsv": "\t"}


@pytest.mark.parametrize(("name", "delimiter"), TABLES.items())
def test_one_name_a_line(name, delimiter):
    """A header, then a line for each name with its document, place, label, surface, maker, mention and id."""
    rule = Source("rule", "per.title", "rules/per.yaml", 7)
    entry = Source("entry", "Brest", "places.yaml", 2)
    text = 'M. Jean\nBon dit « Brest; Le "Quartz", Brest ».'
    made = (
        Entity(3, 11, "PER", text[3:11], rule),
        Entity(18, 23, "LOC", "Brest", entry, "Q12193", via="Brest (39:44)"),
        Entity(25, 36, "ORG", 'Le "Quartz"'),
    )
    documents = [
        Document(text, made, "a,b\tc"),
        Document("Rien."),
        Document("Brest", (Entity(0, 5, "LOC", "Brest"),), path="x.txt"),
    ]
    d = delimiter
    shown = "".join(f'"{cell}"' if d in cell else cell for cell in ["a,b\tc"])
    assert FORMATS[name].dumps(documents) == (
        d.join(["document", "start", "end", "label", "text", "source", "via", "id"]) + "\n"
        + d.join([shown, "3", "11", "PER", '"Jean\nBon"', "per.title (rules/per.yaml:7)", "", ""]) + "\n"
        + d.join([shown, "18", "23", "LOC", "Brest", "Brest (places.yaml:2)", "Brest (39:44)", "Q12193"]) + "\n"
        + d.join([shown, "25", "36", "ORG", '"Le ""Quartz"""', "", "", ""]) + "\n"
        + d.join(["x.txt", "0", "5", "LOC", "Brest", "", "", ""]) + "\n"
    )  # fmt: skip


@pytest.mark.parametrize(("name", "delimiter"), TABLES.items())
def test_other_programs_read_every_cell(name, delimiter):
    """Read as CSV, the cells are those of the documents, whatever is in their texts."""
    rows = csv.DictReader(io.StringIO(FORMATS[name].dumps(DIFFICULT), newline=""), delimiter=delimiter)
    assert [(row["document"], int(row["start"]), int(row["end"]), row["label"], row["text"]) for row in rows] == [
        (document.id, *entity.span, entity.text) for document in DIFFICULT for entity in document.entities
    ]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_names_is_no_table_of_texts(name):
    """Read again, its names are not taken for documents, unless a column is named."""
    written = FORMATS[name].dumps([Document("Brest", (Entity(0, 5, "LOC", "Brest"),), "a")])
    with pytest.raises(RuletagError) as error:
        list(FORMATS["csv"].loads(written, "n.csv"))
    assert [format_fault(fault) for fault in error.value.faults] == [
        "n.csv:1: RT105 is a table of names, which has no texts\n  help: convert what it was made of, or use --column"
    ]
    assert [document.text for document in FORMATS["csv"].loads(written, "n.csv", Options(column="text"))] == ["Brest"]


def test_the_format_of_tables_of_texts_names_the_other():
    """The refusal of `--to csv` names the format to use."""
    with pytest.raises(RuletagError) as error:
        FORMATS["csv"].dumps([])
    assert [format_fault(fault) for fault in error.value.faults] == [
        "--to: RT110 the format csv is read-only\n  help: use --to names-csv"
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("target", "delimiter"), [("names.csv", ","), ("names.tsv", "\t")])
def test_the_suffix_is_enough(small, cli, tmp_path, target, delimiter):
    """`-o names.csv` writes all inputs into one table."""
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        line = f'{{"id": "{name}", "text": "Brest", "spans": [[0, 5, "LOC"]]}}\n'
        (tmp_path / "in" / f"{name}.jsonl").write_text(line, encoding="utf-8")
    cli("convert", tmp_path / "in", tmp_path / target)
    lines = (tmp_path / target).read_text(encoding="utf-8").splitlines()
    assert lines[1:] == [delimiter.join([name, "0", "5", "LOC", "Brest", "", "", ""]) for name in "ab"]
