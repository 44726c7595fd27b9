"""`ruletag convert`, `ruletag formats`, and `tag` and `eval` with formats of others, on the command line."""

from __future__ import annotations

import gzip
import json

import pytest

from difficult import installed
from ruletag.cli.notes import SHOWN
from ruletag.formats import FORMATS

LINES = (
    '{"id": "a/1", "text": "Odile à Oslo", "spans": [[0, 5, "PERSON"], [8, 12, "GPE"]], "lang": "fr"}\n'
    '{"id": "b", "text": "Le 3 mai", "spans": [[3, 8, "DATE"]]}\n'
)
MAPS = ("--map", "PERSON=PER", "--map", "GPE=LOC", "--ignore", "DATE")


@pytest.fixture
def lines(tmp_path):
    """Two documents with labels of others in a.jsonl."""
    (tmp_path / "a.jsonl").write_text(LINES, encoding="utf-8")


@pytest.mark.usefixtures("lines")
class TestConvert:
    """From one file to another."""

    def test_what_is_lost_is_counted(self, cli, tmp_path):
        """Data that the target cannot hold is counted by kind, with the file where it came first."""
        left_out = "left out, first in a.jsonl\n"
        assert cli("convert", "a.jsonl", "a.conll", *MAPS) == (
            0,
            "",
            f"note: conll cannot carry ids of documents: 2 {left_out}"
            f"note: conll cannot carry other data of documents: 1 {left_out}",
        )
        expected = "-DOCSTART-\tO\n\nOdile\tB-PER\nà\tO\nOslo\tB-LOC\n\n-DOCSTART-\tO\n\nLe\tO\n3\tO\nmai\tO\n\n"
        assert (tmp_path / "a.conll").read_text(encoding="utf-8") == expected

    def test_spans_that_are_left_out_are_named(self, cli, tmp_path):
        """Each span that the target cannot hold is named; of a kind, some are shown and all are counted."""
        record = {"text": "Osloises", "spans": [[0, 4, "LOC"]]}
        (tmp_path / "b.jsonl").write_text((json.dumps(record) + "\n") * (SHOWN + 2), encoding="utf-8")
        reason = "a span that is not whole tokens is left out: "
        named = "".join(f"b.jsonl:{line}: note: {reason}'Oslo'\n" for line in range(1, SHOWN + 1))
        assert cli("convert", "b.jsonl", "b.conll") == (
            0,
            "",
            f"{named}note: {SHOWN + 2} times in all: {reason}a name\n",
        )

    def test_several_documents_where_a_file_holds_one(self, cli, tmp_path):
        """The output is a folder, with a file for each document that is named by its id."""
        assert cli("convert", "a.jsonl", "out", "--to", "brat", *MAPS)[:2] == (0, "")
        written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "out").iterdir()}
        configuration = written.pop("annotation.conf")
        assert written == {
            "a-1.txt": "Odile à Oslo",
            "a-1.ann": "T1\tPER 0 5\tOdile\nT2\tLOC 8 12\tOslo\n",
            "b.txt": "Le 3 mai",
            "b.ann": "",
        }
        assert configuration.split("\n")[:5] == ["[entities]", "PER", "LOC", "ORG", "MISC"]

    def test_labels_of_the_configuration(self, cli, tmp_path):
        """`map` and `ignore` of ruletag.toml do what the options do."""
        (tmp_path / "ruletag.toml").write_text(
            'ignore = ["DATE"]\n[map]\nPERSON = "PER"\nGPE = "LOC"\n', encoding="utf-8"
        )
        assert cli("convert", "a.jsonl", "-", "--to", "markup")[:2] == (0, "[Odile](PER) à [Oslo](LOC)\nLe 3 mai\n")

    def test_another_guideline_is_noted(self, cli, tmp_path):
        """Braces stand for another guideline than other formats: a note says so, unless the configuration chooses one,
        nobody annotated the text, or the output is no gold."""
        (tmp_path / "b.txt").write_text("Odile à Oslo.\n{\nOslo_LOC\n}\n", encoding="utf-8")
        (tmp_path / "c.txt").write_text("Odile à Oslo.\n", encoding="utf-8")
        note = "note: {0} is scored under the guideline {1} by default, and {2} under {3}; if these names follow {1}, "
        note += "use --guideline {1} with `eval`, or set it in ruletag.toml\n"
        away, back = (
            note.format("brace", "seed", "jsonl", "canonical"),
            note.format("jsonl", "canonical", "brace", "seed"),
        )
        assert cli("convert", "b.txt", "b.jsonl") == (0, "", away)
        assert cli("convert", "b.jsonl", "b2.txt") == (0, "", back)
        assert "guideline" not in cli("convert", "c.txt", "c.jsonl").err
        assert "guideline" not in cli("convert", "b.txt", "b.html").err
        (tmp_path / "ruletag.toml").write_text('guideline = "seed"\n', encoding="utf-8")
        assert cli("convert", "b.txt", "d.jsonl") == (0, "", "")

    def test_a_folder_by_its_name(self, cli, tmp_path):
        """A name with a slash at its end is that of a folder; a format with all documents in one file wants a file."""
        (tmp_path / "b.txt").write_text("Oslo.\n{\nOslo_LOC\n}\n", encoding="utf-8")
        assert cli("convert", "b.txt", "out/", "--to", "tei").code == 0
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.xml"]
        assert cli("convert", "b.txt", "lines/", "--to", "jsonl") == (
            2,
            "",
            "lines/: RT106 is named as a folder, but all documents go to one file in the format jsonl\n"
            "  help: name the file\n",
        )

    def test_a_fault_leaves_nothing(self, cli, tmp_path):
        """All faults are named, and neither the output nor what belongs beside it is there."""
        before = sorted(tmp_path.iterdir())
        for target, to in (("out.json", "label-studio"), ("out.conll", "conll"), ("out", "brat")):
            code, out, err = cli("convert", "a.jsonl", target, "--to", to)
            assert (code, out) == (2, "")
            assert [line for line in err.splitlines() if "RT" in line] == [
                "a.jsonl:1: RT205 unknown label 'PERSON'",
                "a.jsonl:2: RT205 unknown label 'DATE'",
            ]
            assert sorted(tmp_path.iterdir()) == before

    def test_folders(self, cli, tmp_path):
        """Documents of a folder keep their name: as id in one file, as file in a folder."""
        (tmp_path / "in" / "x").mkdir(parents=True)
        (tmp_path / "in" / "x" / "b.txt").write_text("Oslo\n{\nOslo_LOC\n}\n", encoding="utf-8")
        (tmp_path / "in" / "a.txt").write_text("Rien", encoding="utf-8")
        assert cli("convert", "in", "all.jsonl")[0] == 0
        assert [json.loads(line)["id"] for line in (tmp_path / "all.jsonl").read_text("utf-8").splitlines()] == [
            "a.txt",
            "x/b.txt",
        ]
        assert cli("convert", "in", "out", "--to", "markup")[0] == 0
        assert (tmp_path / "out" / "x" / "b.txt").read_text("utf-8") == "[Oslo](LOC)\n"

    def test_compressed_inputs(self, cli, tmp_path):
        """A suffix of compression may follow that of any format."""
        (tmp_path / "b.conll.gz").write_bytes(gzip.compress(b"Oslo B-LOC\n"))
        assert cli("convert", "b.conll.gz", "-", "--to", "markup") == (0, "[Oslo](LOC)\n", "")

    def test_wrong_usage(self, cli):
        """A missing, read-only or ambiguous format, and options without effect, are refused."""
        assert cli("convert", "a.jsonl", "out") == (
            2,
            "",
            "out: RT110 has no suffix that says its format\n  help: use --to; see `ruletag formats`\n",
        )
        assert cli("convert", "a.jsonl", "b", "-t", "csv", *MAPS) == (
            2,
            "",
            "--to: RT110 the format csv is read-only\n  help: use --to names-csv\n",
        )
        assert cli("convert", "a.jsonl", "b.json") == (
            2,
            "",
            "b.json: RT110 has the suffix of several formats: label-studio, spacy-json, cas-json\n"
            "  help: use --to with one of them\n",
        )
        assert cli("convert", "a.jsonl", "b.jsonl", "--scheme", "iob2") == (
            2,
            "",
            "--scheme: RT110 does not apply to the formats that are read and written\n  help: it is for conll\n",
        )


def test_json_is_recognised_by_how_it_begins(cli, tmp_path):
    """Exports that share a suffix are distinguished; other files are refused by name."""
    for name in ("label-studio", "spacy-json", *["cas-json"] * installed(FORMATS["cas-json"])):
        documents = FORMATS["markup"].loads("[Oslo](LOC)")
        (tmp_path / "a.json").write_text(FORMATS[name].dumps(documents), encoding="utf-8")
        assert cli("convert", "a.json", "-", "--to", "markup") == (0, "[Oslo](LOC)\n", "")
    (tmp_path / "a.json").write_text('{"name": "package"}', encoding="utf-8")
    assert cli("convert", "a.json", "-", "--to", "markup") == (
        2,
        "",
        "a.json: RT112 is in none of the known formats with the suffix .json\n"
        "  help: use --from with its format; the formats with this suffix are label-studio, spacy-json, cas-json; "
        "make a list of texts JSON Lines, for example with jq -c '.[]'\n",
    )


def test_tsv_is_a_table_unless_it_says_what_it_is(cli, tmp_path):
    """WebAnno TSV begins with its name; every other file of the suffix is a table of texts."""
    table, export = "text\nOslo\n", "#FORMAT=WebAnno TSV 3.3\n#T_SP=a.B|value\n\n#Text=Oslo\n1-1\t0-4\tOslo\tLOC\t\n"
    raw = "note: markup cannot carry the difference between a raw text and one without names: 1 left out, first in"
    for content, expected, message in ((table, "Oslo\n", f"{raw} a.tsv\n"), (export, "[Oslo](LOC)\n", "")):
        (tmp_path / "a.tsv").write_text(content, encoding="utf-8")
        assert cli("convert", "a.tsv", "-", "--to", "markup") == (0, expected, message)


def test_formats(cli):
    """The command lists every format, and says the same as JSON."""
    code, out, err = cli("formats")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()[2:] if not line.startswith(" ")] == list(FORMATS)
    formats = json.loads(cli("formats", "--json")[1])
    assert [row["name"] for row in formats] == list(FORMATS)
    assert next(row for row in formats if row["name"] == "doccano") == {
        "name": "doccano",
        "help": "doccano: JSON Lines with `label`",
        "suffixes": [".jsonl"],
        "offsets": "UTF-16 units",
        "does": "reads and writes",
        "carries": ["spans", "nested", "id", "meta"],
        "loses": "with `--grapheme`, borders inside a grapheme; relations",
        "documents": "many",
        "guideline": "canonical",
        "extra": None,
        "options": ["grapheme", "offsets"],
    }


@pytest.mark.usefixtures("small")
class TestTag:
    """Tagging into formats of others."""

    TEXTS = '{"id": 1, "text": "M. Wang est à Paris."}\n{"id": 2, "text": "Rien."}\n'

    def test_one_write_for_all(self, cli, tmp_path):
        """Separators and brackets are the format's own, over all inputs and documents, for any number of processes."""
        (tmp_path / "a.jsonl").write_text(self.TEXTS, encoding="utf-8")
        (tmp_path / "b.txt").write_text("Paris", encoding="utf-8")
        conll = "-DOCSTART-\tO\n\nM\tO\n.\tO\nWang\tB-PER\nest\tO\nà\tO\nParis\tB-LOC\n.\tO\n\n"
        conll += "-DOCSTART-\tO\n\nRien\tO\n.\tO\n\n-DOCSTART-\tO\n\nParis\tB-LOC\n\n"
        assert cli("tag", "a.jsonl", "b.txt", "-t", "conll") == (0, conll, "")
        assert cli("tag", "a.jsonl", "b.txt", "-o", "all.conll") == (0, "", "")
        assert (tmp_path / "all.conll").read_text("utf-8") == conll
        assert cli("tag", "a.jsonl", "b.txt", "-o", "all.json", "-t", "label-studio") == (0, "", "")
        tasks = json.loads((tmp_path / "all.json").read_text("utf-8"))
        assert [task["data"]["id"] for task in tasks] == [1, 2, "b.txt"]
        assert [len(task["predictions"][0]["result"]) for task in tasks] == [2, 0, 1]
        assert (tmp_path / "all.labels.xml").read_text("utf-8").count("<Label ") == 4

    @pytest.mark.slow
    def test_any_number_of_processes(self, cli, tmp_path, small):
        """Documents that go back to one `write` come in the same order with the same bytes."""
        (tmp_path / "a.jsonl").write_text(self.TEXTS * 300, encoding="utf-8")
        for name in ("conll", "label-studio", "doccano"):
            knowledge = ("--rules", small / "rules", "--gazetteers", small / "gazetteers")
            one, two = (cli("tag", "a.jsonl", "-t", name, "-j", jobs, *knowledge) for jobs in (1, 2))
            assert one == two
            assert one[0] == 0

    def test_a_faulty_input_is_left_out(self, cli, tmp_path):
        """Of several inputs to one file, one with a fault leaves nothing; alone, it leaves no file."""
        (tmp_path / "a.jsonl").write_text(self.TEXTS + "{\n", encoding="utf-8")
        (tmp_path / "b.txt").write_text("Paris", encoding="utf-8")
        code, _, err = cli("tag", "a.jsonl", "b.txt", "-o", "all.conll")
        assert (code, err.partition(" ")[0]) == (2, "a.jsonl:3:")
        assert (tmp_path / "all.conll").read_text("utf-8") == "-DOCSTART-\tO\n\nParis\tB-LOC\n\n"
        assert cli("tag", "a.jsonl", "-t", "label-studio", "-o", "one.json")[0] == 2
        assert sorted(path.name for path in tmp_path.glob("one*")) == []

    def test_formats_of_several_files(self, cli, tmp_path):
        """Pairs of files are written side by side, and refused on standard output before anything is read."""
        (tmp_path / "b.txt").write_text("M. Wang", encoding="utf-8")
        assert cli("tag", "b.txt", "-t", "brat")[0::2] == (
            2,
            "-: RT106 the format brat is written to several files\n  help: name a file or folder with -o\n",
        )
        assert cli("tag", "b.txt", "-o", "out/b.ann") == (0, "", "")
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["annotation.conf", "b.ann", "b.txt"]
        assert (tmp_path / "out" / "b.txt").read_text("utf-8") == "M. Wang"
        message = "out: RT106 3 outputs exist already: out/b.ann, out/b.txt, out/annotation.conf\n"
        assert cli("tag", "b.txt", "-o", "out/b.ann") == (
            2,
            "",
            message + "  help: use --force to replace them, with all corrections made in them\n",
        )

    def test_gold_of_others_is_scored(self, cli, tmp_path):
        """`eval` reads exports, maps their labels, and says what was mended in them."""
        (tmp_path / "gold.conll").write_text("Wang B-PERS\nà O\nParis I-GPE\n", encoding="utf-8")
        code, out, err = cli("eval", "gold.conll", "--map", "PERS=PER", "--map", "GPE=LOC")
        assert (code, out.splitlines()[0].split()[0]) == (0, "label")
        note = "tags repaired: 1 times an entity that begins with I- or E- was read as if it began with B- (lines 3)"
        assert err == f"gold.conll:1: note: {note}\n"


@pytest.mark.usefixtures("small")
class TestTwoFormats:
    """Gold in one format, predictions in another."""

    @pytest.fixture
    def sides(self, tmp_path):
        """A gold in markup and predictions in JSON Lines, whose names say nothing, and the same for suffixes."""
        gold, record = "[Odile](PER) à [Oslo](LOC).", '{"text": "Odile à Oslo.", "spans": [[8, 12, "LOC"]]}\n'
        for name, text in (("g", gold), ("p", record), ("q.jsonl", record), ("texts", "Odile à Oslo, Oslo.")):
            (tmp_path / name).write_text(text, encoding="utf-8")

    @pytest.mark.parametrize("command", ["eval", "agree"])
    def test_a_format_for_each(self, cli, sides, command):
        """--from once for each argument, in their order; predictions whose suffix says it give the same figures."""
        run = cli(command, "g", "p", "--json", "--from", "markup", "--from", "jsonl")
        record = json.loads(run.out)
        counted = record["measures"]["strict"]["micro"] if command == "eval" else record["spans"]["micro"]
        names = ("support", "predicted", "correct") if command == "eval" else ("first", "second", "same")
        assert (run.code, run.err, [counted[name] for name in names]) == (0, "", [2, 1, 1])

    def test_a_format_for_each_of_three(self, cli, sides):
        """Two systems and a gold."""
        formats = [word for name in ("markup", "jsonl", "jsonl") for word in ("--from", name)]
        first = cli("compare", "g", "p", "q.jsonl", *formats)
        assert (first.code, first.err) == (0, "")
        assert cli("eval", "g", "p", "q.jsonl", *formats) == first

    def test_gold_and_texts(self, cli, sides):
        """The gold of `suggest`, and the texts of --on."""
        run = cli("suggest", "g", "--on", "texts", "--from", "markup", "--from", "text")
        assert (run.code, run.err) == (0, "2 suggestions from 2 proposals, 1 ticked\n")

    def test_another_number(self, cli, sides):
        """Neither one for all, nor one for each."""
        twice = ("--from", "markup", "--from", "jsonl")
        help = "  help: give it once for all, or once for each, in the same order\n"
        for arguments, number in ((("eval", "g"), "1 argument"), (("compare", "g", "p", "q.jsonl"), "3 arguments")):
            message = f"--from: RT110 is given 2 times, for {number}\n{help}"
            assert cli(*arguments, *twice) == (2, "", message)
        assert cli("eval", "g", "--gold-check", *twice).err == f"--from: RT110 is given 2 times, for 1 argument\n{help}"
