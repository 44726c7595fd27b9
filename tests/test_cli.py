"""The command line: stdout, stderr, files, and the exit code."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys

import click
import pytest

import ruletag.engine
import ruletag.files
from ruletag import __version__
from ruletag.cli import cli
from ruletag.cli.console import GOOD, Progress
from ruletag.engine import described
from ruletag.files import is_manifest
from ruletag.formats import FORMATS
from ruletag.formats.records import OTHER_KEY

COMMANDS = cli.list_commands(click.Context(cli))

TEXT = "Emmanuel Macron est à Orange.\r\nPuis Macron voit M. Wang."
BRACE = "Emmanuel Macron est à Orange.\r\n{\nEmmanuel Macron_PER\nOrange_LOC\n}\n"
BRACE += "Puis Macron voit M. Wang.\n{\nMacron_PER\nWang_PER\n}"
MARKUP = "[Emmanuel Macron](PER) est à [Orange](LOC).\r\nPuis [Macron](PER) voit M. [Wang](PER)."


def write(folder, **files):
    """Files of UTF-8 text below a folder, `a_txt="…"` for `a.txt`."""
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_bytes(text.encode())
    return folder


def below(folder):
    """Everything in a folder but the record of a run: path and content of each file."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not is_manifest(path.name))
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in files}


def line(text, *spans, **extra):
    """The JSON Lines record of a text and its spans with their sources."""
    records = [
        {"start": start, "end": end, "label": label, "text": text[start:end], "source": source} | rest
        for start, end, label, source, *more in spans
        for rest in (more[0] if more else {},)
    ]
    return extra | {"text": text, "spans": records}


JSON = line(
    TEXT,
    (0, 15, "PER", "Emmanuel Macron (gazetteers/people.yaml:3)", {"id": "Q3052772"}),
    (22, 28, "LOC", "loc.inside (rules/names.yaml:17)"),
    (36, 42, "PER", "Emmanuel Macron (gazetteers/people.yaml:3)", {"via": "Emmanuel Macron (0:15)", "id": "Q3052772"}),
    (51, 55, "PER", "per.civility-name (rules/names.yaml:7)"),
)


@pytest.mark.usefixtures("small")
class TestTag:
    """`ruletag tag`."""

    @pytest.mark.parametrize("arguments", [[], ["-"], ["--from", "text"], ["-o", "-"]])
    def test_standard_input(self, cli, arguments):
        """Without a path, or with -, standard input is tagged to standard output, which ends in a line end."""
        assert cli("tag", *arguments, stdin=TEXT) == (0, BRACE + "\n", "")

    def test_a_file(self, cli, tmp_path):
        """A file is tagged to standard output and stays as it is."""
        write(tmp_path, a_txt=TEXT)
        assert cli("tag", "a.txt") == (0, BRACE + "\n", "")
        assert below(tmp_path) == {"a.txt": TEXT}

    @pytest.mark.parametrize(("name", "expected"), [("brace", BRACE), ("markup", MARKUP), ("text", TEXT)])
    @pytest.mark.parametrize("option", ["-t", "--to", "--format"])
    def test_formats(self, cli, tmp_path, name, expected, option):
        """Each format, under each name of the option; a file has the very text, without a line end of ours."""
        write(tmp_path, a_txt=TEXT)
        assert cli("tag", "a.txt", option, name, "--guideline", "seed", "-o", "b") == (0, "", "")
        assert (tmp_path / "b").read_bytes().decode() == expected

    def test_to_jsonl(self, cli, tmp_path):
        """JSON Lines say who made each span, and its id."""
        write(tmp_path, a_txt=TEXT)
        code, out, err = cli("tag", "a.txt", "--to", "jsonl")
        assert (code, json.loads(out), out[-1:], err) == (0, JSON, "\n", "")

    def test_jsonl_comes_back_as_jsonl(self, cli, tmp_path):
        """One line a document; `id` and unknown keys pass through, spans that were there are replaced."""
        lines = [
            {"id": 7, "text": "À Paris.", "spans": [[0, 1, "ORG"]], "topic": ["x"]},
            {"id": "b", "text": "Rien."},
        ]
        write(tmp_path, a_jsonl="".join(json.dumps(record) + "\n" for record in lines))
        code, out, err = cli("tag", "a.jsonl")
        paris = (2, 7, "LOC", "Paris (gazetteers/places.yaml:3)")
        expected = [line("À Paris.", paris, id=7, topic=["x"]), line("Rien.", id="b")]
        assert (code, [json.loads(row) for row in out.splitlines()], err) == (0, expected, "")

    def test_a_document_without_text(self, cli, tmp_path):
        """An empty document among others is tagged like them; only a whole input that is empty is worth a note."""
        write(tmp_path, a_jsonl='{"text": ""}\n{"text": "Rien."}\n', b_jsonl='{"text": ""}\n')
        nothing = '{"text": "", "spans": []}\n'
        assert cli("tag", "a.jsonl") == (0, nothing + '{"text": "Rien.", "spans": []}\n', "")
        assert cli("tag", "b.jsonl") == (0, nothing, "b.jsonl: note: is empty, nothing to tag\n")

    def test_several_inputs(self, cli, tmp_path):
        """Outputs follow each other in the order of the arguments, each on a line of its own."""
        write(tmp_path, a_txt="Paris", b_txt="Rien")
        expected = "Rien\n{\n}\nParis\n{\nParis_LOC\n}\n"
        assert cli("tag", "b.txt", "a.txt") == (0, expected, "")

    def test_a_folder_to_a_folder(self, cli, tmp_path):
        """The outputs lie as the inputs do, with the suffix of their format."""
        write(tmp_path, in_="")
        (tmp_path / "in.").unlink()
        (tmp_path / "in/sub").mkdir(parents=True)
        write(tmp_path / "in", a_txt="Paris\n", b_jsonl='{"text": "Chine"}\n', c_md="Paris")
        write(tmp_path / "in/sub", a_txt="Rien\n")
        note = "in: note: 1 file is left out: its suffix belongs to no format: .md (1)\n"
        assert cli("tag", "in", "-o", "out/new") == (0, "", note)
        assert below(tmp_path / "out/new") == {
            "a.txt": "Paris\n{\nParis_LOC\n}\n",
            "b.txt": "Chine\n{\nChine_LOC\n}",
            "sub/a.txt": "Rien\n{\n}\n",
        }
        assert cli("tag", "in/a.txt", "-o", "out/new", "--to", "markup", "--force") == (0, "", "")
        assert (tmp_path / "out/new/a.txt").read_text() == "[Paris](LOC)\n"

    def test_escape_sequences_stay(self, cli):
        """Control characters of a text are part of it, on standard output too."""
        text = "\x1b[31m Paris \x1b[0m\x00\n"
        assert cli("tag", stdin=text) == (0, text + "{\nParis_LOC\n}\n", "")

    def test_names_that_braces_cannot_place(self, cli):
        """A note on stderr names the line of a name that reading the braces again would put elsewhere."""
        text = "Rien.\nVarenne dort. Selon M. Varenne, il pleut."
        out = "Rien.\n{\n}\nVarenne dort. Selon M. Varenne, il pleut.\n{\nVarenne_PER\n}\n"
        note = "-:2: note: braces cannot say which 'Varenne' is meant; --to jsonl can\n"
        assert cli("tag", "--no-memory", stdin=text) == (0, out, note)

    def test_names_in_compounds_have_their_place(self, cli):
        """If all mentions are listed, each can be told from the others."""
        text = "Rien.\nL'axe Chine-Paris, et en Chine."
        out = "Rien.\n{\n}\nL'axe Chine-Paris, et en Chine.\n{\nChine_LOC\nParis_LOC\nChine_LOC\n}\n"
        assert cli("tag", stdin=text) == (0, out, "")

    def test_guideline(self, cli):
        """The output format says the guideline; --guideline overrules it."""
        text = "Le Président Wang attend en Chine."
        seed = "Le [Président Wang](PER) attend en [Chine](LOC).\n"
        canonical = "Le Président [Wang](PER) attend en [Chine](LOC).\n"
        assert cli("tag", "-t", "markup", stdin=text).out == canonical
        assert cli("tag", "-t", "markup", "--guideline", "seed", stdin=text).out == seed
        assert cli("tag", stdin=text).out == text + "\n{\nPrésident Wang_PER\nChine_LOC\n}\n"

    def test_own_knowledge(self, cli, tmp_path):
        """--rules and --gazetteers replace what ships, `shipped` adds it; --list adds a plain list."""
        (tmp_path / "r").mkdir()
        (tmp_path / "g").mkdir()
        examples = 'examples: ["Le plan [Bleu](MISC).", "Rien."]'
        rule = f'{{id: x, label: MISC, why: x., match: "plan [ Cap ]", {examples}}}'
        write(tmp_path / "r", r_yaml=f"rules: [{rule}]\n")
        write(tmp_path / "g", g_yaml="label: PER\nentries: [Zoé Quint]\n")
        write(tmp_path, clubs_txt="Stade Brestois # en Bretagne\n", a_txt="")
        text = "Le plan Vert de Zoé Quint et M. Wang, à Paris, plaît au Stade Brestois."

        def tagged(*options):
            return cli("tag", "-t", "markup", *options, stdin=text).out

        assert tagged("--rules", "r", "--gazetteers", "g") == (
            "Le plan [Vert](MISC) de [Zoé Quint](PER) et M. Wang, à Paris, plaît au Stade Brestois.\n"
        )
        both = ["--rules", "r", "--rules", "shipped", "--gazetteers", "shipped", "--gazetteers", "g"]
        assert tagged(*both, "--list", "ORG=clubs.txt") == (
            "Le plan [Vert](MISC) de [Zoé Quint](PER) et M. [Wang](PER), à [Paris](LOC),"
            " plaît au [Stade Brestois](ORG).\n"
        )

    def test_no_memory(self, cli):
        """--no-memory forgets what the document taught."""
        text = "M. Wang parle. Wang dort."
        assert cli("tag", "-t", "markup", stdin=text).out == "M. [Wang](PER) parle. [Wang](PER) dort.\n"
        assert cli("tag", "-t", "markup", "--no-memory", stdin=text).out == "M. [Wang](PER) parle. Wang dort.\n"

    def test_configuration(self, cli, tmp_path):
        """`ruletag.toml` of the working folder gives the defaults, the command line has the last word."""
        write(tmp_path, ruletag_toml='guideline = "seed"\nencoding = "latin-1"\nmemory = false\n')
        (tmp_path / "a.txt").write_bytes("Le Président Wang a félicité Wang à Évry.".encode("latin-1"))
        assert cli("tag", "a.txt", "-t", "markup") == (0, "Le [Président Wang](PER) a félicité Wang à Évry.\n", "")
        stdin = "Le Président Wang.".encode("utf-16")
        options = ["-t", "markup", "--guideline", "canonical", "--encoding", "utf-16"]
        assert cli("tag", *options, stdin=stdin) == (0, "Le Président [Wang](PER).\n", "")

    def test_order_of_files(self, cli, tmp_path):
        """Each file has the same result, whatever precedes it."""
        names = {"a.txt": "M. Wang\n", "b.txt": "Wang\n", "c.txt": "Orange, à Orange\n"}
        for name, text in names.items():
            (tmp_path / name).write_text(text)
        assert cli("tag", *names, "-o", "one").code == 0
        assert cli("tag", *reversed(names), "-o", "two").code == 0
        assert below(tmp_path / "one") == below(tmp_path / "two")
        assert below(tmp_path / "one")["b.txt"] == "Wang\n{\n}\n"

    @pytest.mark.parametrize("block", [1, 30, 1 << 16])
    def test_the_size_of_pieces_changes_nothing(self, cli, tmp_path, monkeypatch, block):
        """A file of lines gives the same bytes however much of it is read at a time, in each format."""
        monkeypatch.setattr(ruletag.files, "_BLOCK", block)
        lines = [{"text": text, "id": number} for number, text in enumerate(["À Paris.", "", "Rien\r", "« Paris »\n"])]
        write(tmp_path, a_jsonl="\r\n\n".join(json.dumps(record, ensure_ascii=False) for record in lines))
        for to, expected in {
            "markup": "À [Paris](LOC).\nRien\r« [Paris](LOC) »\n",
            "brace": "À Paris.\n{\nParis_LOC\n}\nRien\r{\n}\n« Paris »\n{\nParis_LOC\n}\n",
        }.items():
            assert cli("tag", "a.jsonl", "--to", to) == (0, expected, "")
            assert cli("tag", "a.jsonl", "--to", to, "-o", f"{to}.txt") == (0, "", "")
            assert (tmp_path / f"{to}.txt").read_bytes().decode() == expected
        code, out, err = cli("tag", "a.jsonl")
        assert (code, [json.loads(row)["id"] for row in out.splitlines()], err) == (0, [0, 1, 2, 3], "")

    @pytest.mark.parametrize("block", [1, 30, 1 << 16])
    def test_a_faulty_line(self, cli, tmp_path, monkeypatch, block):
        """Every faulty line is named. No file is written; standard output has what came before the first one."""
        monkeypatch.setattr(ruletag.files, "_BLOCK", block)
        write(tmp_path, a_jsonl='{"text": "Paris"}\n\n[]\n{"text": "Chine"}\n{}\n', b_jsonl='{"text": "Rien"}\n')
        err = "a.jsonl:3: RT105 expected an object with a string under 'text'\n"
        err += "a.jsonl:5: RT105 has no text under 'text' among its keys: none\n"
        err += f"  help: {OTHER_KEY}\n"
        message = err + "2 files: 1 tagged, 1 failed\n"
        assert cli("tag", "a.jsonl", "b.jsonl", "-t", "markup") == (2, "[Paris](LOC)\nRien\n", message)
        assert cli("tag", "a.jsonl", "b.jsonl", "-t", "markup", "-o", "out") == (
            2,
            "",
            message.replace("failed\n", "failed; once they are fixed, --resume tags only those\n"),
        )
        assert below(tmp_path / "out") == {"b.txt": "Rien"}

    def test_a_file_that_ends_in_the_middle_of_a_character(self, cli, tmp_path):
        """The whole lines before an invalid byte are tagged."""
        (tmp_path / "a.jsonl").write_bytes(b'{"text": "Paris"}\n{"text": "\xc3')
        code, out, err = cli("tag", "a.jsonl", "-t", "markup")
        fault = "a.jsonl:2: RT102 byte 28 (0xc3) is not valid UTF-8"
        assert (code, out, err.partition("\n")[0]) == (2, "[Paris](LOC)\n", fault)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


class TestProgress:
    """The bar on a terminal's stderr."""

    def test_what_it_says(self, monkeypatch):
        """Files, bytes and spans; side outputs have a line of their own."""
        monkeypatch.setattr(sys, "stderr", Terminal())
        with Progress(3, 4_000_000, delay=0) as progress:
            progress.advance(1_000_000, 12, 1)
            with progress.aside():
                sys.stderr.write("a note\n")
            progress.advance(1_000_000, 30, 1)
        shown = sys.stderr.getvalue()
        assert shown.count("\ra note\n") == 1
        assert shown.rpartition("\r")[2].split("|")[0].strip() == "50%"
        assert "2.00M/4.00M" in shown
        assert "2/3 files, 42 spans" in shown

    @pytest.mark.parametrize(("stream", "shown"), [(io.StringIO, True), (Terminal, False)])
    def test_where_it_is_silent(self, monkeypatch, stream, shown):
        """There is no bar if stderr is not a terminal, or if it is switched off."""
        monkeypatch.setattr(sys, "stderr", stream())
        with Progress(3, None, shown=shown, delay=0) as progress:
            progress.advance(1_000_000, 12, 1)
            with progress.aside():
                sys.stderr.write("a note\n")
        assert sys.stderr.getvalue() == "a note\n"


def many(folder):
    """A folder of short files, two JSON Lines files, an empty file and ones that are faulty."""
    (folder / "in").mkdir()
    texts = ["Emmanuel Macron est à Orange.", "Rien.", "Le ministre chinois Wang voit M. Quint.\nWang dort."]
    for number in range(12):
        (folder / f"in/{number:02}.txt").write_text(texts[number % 3] + "\n", encoding="utf-8")
    (folder / "in/05.txt").write_bytes(b"")
    (folder / "in/08.txt").write_bytes(b"\xff")
    (folder / "in/lines.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts * 3))
    (folder / "in/faulty.jsonl").write_text('{"text": "Paris"}\n' * 5 + "[]\n" + '{"text": "Paris"}\n' * 5 + "[]\n")


@pytest.mark.slow
def test_processes_give_the_same_bytes(cli, small, tmp_path):
    """-j 2 gives the same standard output, the same report, files and exit code as -j 1."""
    many(tmp_path)
    own = ["--rules", small / "rules", "--gazetteers", small / "gazetteers"]
    one = cli("tag", "in", "-t", "jsonl", *own)
    two = cli("tag", "in", "-t", "jsonl", *own, "-j", "2")
    assert one == two
    assert (one.code, one.out.count("\n")) == (2, 25)


@pytest.mark.usefixtures("small")
def test_engines_give_the_same_bytes(cli, tmp_path):
    """Both engines find the same."""
    many(tmp_path)
    fast, pure = (cli("tag", "in", "-t", "jsonl", "--engine", engine) for engine in ("core", "plain"))
    assert fast == pure
    assert fast.out.count('"label"') == 34


@pytest.mark.slow
def test_hash_seeds_give_the_same_bytes(small_folder, tmp_path, tagger):
    """The order of sets and dictionaries is nowhere in the output, with little knowledge and with all that ships."""
    many(tmp_path)
    text = "Le Président Xi Jinping et Emmanuel Macron (LREM) sont à Paris. L'ONU, l'OMC et Orange attendent Macron."
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    little = ["tag", "in", "a.txt", "--to", "jsonl"]
    runs = [start(seed, little, tmp_path, small_folder) for seed in range(3)]
    whole = start(3, ["tag", "a.txt", "--to", "jsonl"], tmp_path)
    results = {(*run.communicate(), run.returncode) for run in runs}
    assert [(out.count(b"\n"), code) for out, _, code in results] == [(26, 2)]
    assert whole.communicate() == (FORMATS["jsonl"].dumps([tagger.tag(text)]).encode(), b"")


def start(seed, arguments, folder, small_folder=None):
    """The command in a process of its own, with a hash seed, and with the little knowledge if its folder is given."""
    knowledge = (
        f"import pathlib, ruletag.sources as s; s.home = pathlib.Path({str(small_folder)!r}); " if small_folder else ""
    )
    code = f"{knowledge}from ruletag.cli import main; main()"
    environment = os.environ | {"PYTHONHASHSEED": str(seed), "PYTHONPATH": os.pathsep.join(sys.path)}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=folder, env=environment, stdout=pipe, stderr=pipe
    )


GOLD = "Emmanuel Macron voit Zoé.\n{\nEmmanuel Macron_PER\nZoé_PER\n}\nIl aime la Chine.\n{\nChine_ORG\n}\n"
FIGURES = """\
label          support    predicted    correct    precision    recall     F1    95 % interval
-----------  ---------  -----------  ---------  -----------  --------  -----  ---------------
PER                  2            1          1        1.000     0.500  0.667      0.000–0.667
LOC                  0            1          0        0.000     0.000  0.000      0.000–0.000
ORG                  1            0          0        0.000     0.000  0.000      0.000–0.000
MISC                 0            0          0        0.000     0.000  0.000      0.000–0.000
PER+LOC+ORG          3            2          1        0.500     0.333  0.400      0.000–0.667
micro                3            2          1        0.500     0.333  0.400      0.000–0.667
macro                3            2          1        0.333     0.167  0.222

measure      precision    recall     F1  what counts as right
---------  -----------  --------  -----  ------------------------------------------------------------------------------
strict           0.500     0.333  0.400  same span, same label
exact            1.000     0.667  0.800  same span, any label
type             0.500     0.333  0.400  same label, overlapping spans
partial          1.000     0.667  0.800  any label: 1 for the same span, ½ for an overlapping one
forgiven         0.500     0.333  0.400  same label and span, ignoring determiner, title, civility and trailing demonym
token            0.667     0.500  0.571  the label of each token: that of the span covering it

F1 0.40 (0.00 to 0.67); 0.40 with guideline borders forgiven; 0 of 2 errors are guideline differences.
Errors: 1 label, 1 missed.
"""
NOTE = "note: a.txt has no LOC; spans predicted with this label are wrong: 1\n"
HARM = "Most harmful: Chine (gazetteers/places.yaml:4) 0 of 1 right.\n"
REVIEW = """\
Review: pre-annotation saves an estimated 31 % of reviewing time (30 to 32 %, depending on the reviewer), \
provided that accepting a correct span takes less than 6.6 s.
"""
OF_ONE = "{}: RT110 applies only to the evaluation of one system\n  help: evaluate one system at a time\n"


def cli_json(cli, folder, gold):
    """The JSON report of a gold document."""
    write(folder, gold_txt=gold)
    return cli("eval", "gold.txt", "--json", "--guideline", "canonical").out


@pytest.mark.usefixtures("small")
class TestEval:
    def test_copies_of_several_annotators(self, cli, tmp_path):
        """A folder with the gold of several annotators is scored, but a note says that each copy counts."""
        for who in "ab":
            (tmp_path / "gold" / who).mkdir(parents=True)
            line = '{"id": "x", "text": "Rien.", "spans": []}\n{"text": "Rien.", "spans": []}\n'
            write(tmp_path / "gold" / who, g_jsonl=line)
        run = cli("eval", "gold")
        assert run.err == (
            "note: 1 document is in several files and counted in each, first 'x' in gold/a/g.jsonl and "
            "gold/b/g.jsonl; if annotators made these copies, name the files of one\n"
        )
        assert (run.code, cli("eval", "gold/a").err) == (0, "")

    def test_a_document_that_is_repeated(self, cli, tmp_path):
        """It is scored each time, and a note says so; without an id, texts that are equal are different documents."""
        lines = ['{"id": "x", "text": "Rien.", "spans": []}\n', '{"text": "Rien.", "spans": []}\n']
        write(tmp_path, g_jsonl="".join(lines * 2))
        run = cli("eval", "g.jsonl")
        assert (run.code, run.err) == (
            0,
            "note: 1 document is more than once in a file and counted each time, first 'x' in g.jsonl; "
            "keep one of each\n",
        )

    """`ruletag eval`."""

    def test_the_report(self, cli, tmp_path):
        """Figures for each label and measure, causes, harm, effort, the guideline, the documents without gold."""
        (tmp_path / "g").mkdir()
        write(tmp_path / "g", a_txt=GOLD, b_txt="Paris\n")
        rest = "Guideline in force: {}. Documents scored: 1.\nWithout gold, not scored: g/b.txt.\n"
        assert cli("eval", "g", "--guideline", "canonical") == (
            0,
            FIGURES + HARM + REVIEW + rest.format("canonical"),
            "",
        )

    def test_errors(self, cli, tmp_path):
        """--errors lists every error by its cause, with the entry or rule responsible."""
        write(tmp_path, a_txt=GOLD)
        code, out, err = cli("eval", "a.txt", "--errors", "--guideline", "canonical")
        assert (code, err) == (0, "")
        assert out.removeprefix(FIGURES + HARM + REVIEW) == (
            "Guideline in force: canonical. Documents scored: 1.\n\n"
            "label: same span, different label (1)\n"
            "a.txt:6: label ORG [Chine] in “Emmanuel Macron voit Zoé. Il aime la Chine.”;"
            " found LOC [Chine], made by Chine (gazetteers/places.yaml:4)\n\n"
            "missed: a gold span with no predicted one (1)\n"
            "a.txt:1: missed PER [Zoé] in “Emmanuel Macron voit Zoé. Il aime la Chine.”\n"
        )

    def test_full(self, cli, tmp_path, as_kept):
        """--full adds every measure for each label, each document, what was taken for what, sources and actions."""
        write(tmp_path, a_txt=GOLD)
        code, out, err = cli("eval", "a.txt", "--full", "--guideline", "canonical")
        assert (code, err) == (0, "")
        as_kept("eval-full.txt", out)

    def test_json(self, cli, tmp_path):
        """--json has all of it."""
        write(tmp_path, a_jsonl='{"text": "À Paris.", "spans": [[2, 7, "LOC"]]}\n')
        code, out, err = cli("eval", "a.jsonl", "--json")
        record = json.loads(out)
        assert (code, err, record["guideline"], record["documents"]) == (0, "", "canonical", 1)
        assert [record["measures"][name]["micro"]["f1"] for name in record["measures"]] == [1.0] * 6
        assert record["causes"]["counts"] == dict.fromkeys(("label", "border", "both", "missed", "spurious"), 0)
        assert (record["errors"], record["ledger"][0]["source"]) == ([], "Paris (gazetteers/places.yaml:3)")

    def test_files_of_ones_own(self, cli, tmp_path):
        """The ledger and the errors name a user's own files by a path that an editor can open."""
        write(tmp_path, a_jsonl='{"text": "À Brest, Orsk.", "spans": [[2, 7, "LOC"]]}\n')
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "x.yaml").write_text("label: LOC\nentries:\n  - Brest\n  - Orsk\n  - Vel\n")
        own = ("--gazetteers", "shipped", "--gazetteers", "mine/x.yaml", "--ledger", "l.tsv")
        record = json.loads(cli("eval", "a.jsonl", *own, "--json").out)
        assert [account["source"] for account in record["ledger"]] == ["Orsk (mine/x.yaml:4)", "Brest (mine/x.yaml:3)"]
        assert [error["predicted"]["source"] for error in record["errors"]] == ["Orsk (mine/x.yaml:4)"]
        places = [row.split("\t")[:3] for row in (tmp_path / "l.tsv").read_text("utf-8").splitlines()[1:]]
        assert [place for place in places if place[1] in ("Brest", "Vel")] == [
            ["entry", "Brest", "mine/x.yaml:3"],
            ["entry", "Vel", "mine/x.yaml:5"],
        ]

    def test_reports(self, cli, tmp_path, as_kept):
        """--report writes what its suffix says, --ledger a table; one that exists needs --force."""
        write(tmp_path, a_txt=GOLD)
        names = ["r.html", "r.md", "r.json"]
        arguments = [*(argument for name in names for argument in ("--report", name)), "--ledger", "l.tsv"]
        run = cli("eval", "a.txt", *arguments)
        assert run == cli("eval", "a.txt")
        as_kept("eval.txt", run.out)
        html, markdown, record, ledger = ((tmp_path / name).read_text(encoding="utf-8") for name in (*names, "l.tsv"))
        as_kept("eval.md", markdown)
        as_kept("eval-ledger.tsv", ledger)
        printed = json.loads(cli("eval", "a.txt", "--json").out)
        command = shlex.join(["ruletag", "eval", "a.txt", *arguments])
        assert json.loads(record) == {**printed, "run": {**printed["run"], "command": command}}
        assert html.partition("\n")[0] == "<!doctype html>"
        assert f"<title>Evaluation of a.txt, {printed['run']['date']}, guideline seed</title>" in html
        refused = "r.md: RT106 exists already\n  help: use --force to replace it, with all corrections made in it\n"
        assert cli("eval", "a.txt", "--report", "r.md") == (2, "", refused)
        assert (tmp_path / "r.md").read_text(encoding="utf-8") == markdown
        assert cli("eval", "a.txt", "--report", "r.md", "--force") == run

    @pytest.mark.parametrize(
        ("arguments", "err"),
        [
            (
                ["--report", "r.pdf"],
                "r.pdf: RT106 is not a report format\n  help: end it in .html, .htm, .md, .json\n",
            ),
            (
                ["--cost", "add=soon"],
                "--cost: RT110 'add=soon' is not ACTION=SECONDS\n"
                "  help: for example add=5; actions are accept, rebound, relabel, add, delete, read\n",
            ),
            (
                ["--cost", "think=5"],
                "--cost: RT110 'think=5' is not ACTION=SECONDS\n"
                "  help: for example add=5; actions are accept, rebound, relabel, add, delete, read\n",
            ),
            (
                ["p.jsonl", "--ledger", "l.tsv"],
                "--ledger: RT110 cannot be written for predictions from a file, which do not say which rule made them\n"
                "  help: leave PREDICTED out, so that the gold is tagged now\n",
            ),
        ],
    )
    def test_reports_that_cannot_be(self, cli, tmp_path, arguments, err):
        """An unknown kind of report, invalid costs, a ledger without authors: one clear message, and no file."""
        line = '{"text": "À Paris.", "spans": [[2, 7, "LOC"]]}\n'
        write(tmp_path, a_jsonl=line, p_jsonl=line)
        assert cli("eval", "a.jsonl", *arguments) == (2, "", err)
        assert sorted(path.name for path in tmp_path.iterdir() if path.suffix in (".pdf", ".tsv")) == []

    def test_costs(self, cli, tmp_path):
        """--cost says what an action of the reviewer takes."""
        write(tmp_path, a_txt=GOLD)
        costs = "--cost", "accept=0", "--cost", "add=10"
        review = REVIEW.replace("31 % ", "54 % ").replace("(30 to 32 %,", "(53 to 55 %,").replace("6.6 s", "17.1 s")
        assert cli("eval", "a.txt", "--guideline", "canonical", *costs) == (
            0,
            FIGURES + HARM + review + "Guideline in force: canonical. Documents scored: 1.\n",
            "",
        )

    def test_the_guideline_of_the_gold(self, cli, tmp_path):
        """Braces are scored under `seed`, where China keeps its article."""
        write(tmp_path, a_txt=GOLD)
        run = cli("eval", "a.txt")
        assert run == cli("eval", "a.txt", "--guideline", "seed")
        assert run.out.splitlines()[-1] == "Guideline in force: seed. Documents scored: 1."

    def test_several_guidelines(self, cli, tmp_path):
        """Gold in several formats: each guideline is named with the formats that follow it."""
        (tmp_path / "gold").mkdir()
        write(tmp_path / "gold", a_txt=GOLD, b_jsonl='{"text": "Paris.", "spans": [[0, 5, "LOC"]]}\n')
        last = cli("eval", "gold").out.splitlines()[-1]
        assert last == "Guideline in force: canonical (jsonl), seed (brace). Documents scored: 2."

    @pytest.mark.parametrize(
        ("threshold", "code", "err"),
        [("0.4", 0, ""), ("0.41", 1, "strict micro-F1 0.4000 is under 0.41\n"), ("0", 0, "")],
    )
    def test_fail_under(self, cli, tmp_path, threshold, code, err):
        """Exit 1 if strict micro-F1 is lower than an option or the configuration requires; the report is written."""
        write(tmp_path, a_txt=GOLD)
        out = FIGURES + HARM + REVIEW + "Guideline in force: canonical. Documents scored: 1.\n"
        assert cli("eval", "a.txt", "--guideline", "canonical", "--fail-under", threshold) == (code, out, err)
        write(tmp_path, ruletag_toml=f"fail-under = {threshold}\n")
        assert cli("eval", "a.txt", "--guideline", "canonical") == (code, out, err)

    def test_fail_under_for_labels(self, cli, tmp_path):
        """Each label may have a threshold of its own; every miss is named; a wrong value is refused."""
        write(tmp_path, a_txt=GOLD)
        run = cli("eval", "a.txt", "--fail-under", "PER=0.6", "--fail-under", "ORG=0.1", "--fail-under", "0.9")
        assert (run.code, run.err) == (1, "strict F1 of ORG 0.0000 is under 0.1\nstrict micro-F1 0.4000 is under 0.9\n")
        assert cli("eval", "a.txt", "--fail-under", "PER=0.6").code == 0
        assert cli("eval", "a.txt", "--fail-under", "PRE=0.6") == (
            2,
            "",
            "--fail-under: RT110 unknown label 'PRE' in 'PRE=0.6'\n  help: did you mean 'PER'?\n",
        )

    def test_baseline(self, cli, tmp_path):
        """A figure that fell below an older report is named; a report of other gold is refused."""
        better = "Emmanuel Macron voit Zoé.\n{\nEmmanuel Macron_PER\n}\nIl aime la Chine.\n{\nChine_LOC\n}\n"
        write(tmp_path, a_txt=GOLD, old_json=cli_json(cli, tmp_path, GOLD), other_json=cli_json(cli, tmp_path, better))
        assert cli("eval", "a.txt", "--baseline", "old.json", "--guideline", "canonical").err == ""
        old = json.loads((tmp_path / "old.json").read_text(encoding="utf-8"))
        old["measures"]["strict"]["PER"]["f1"] = 0.9
        write(tmp_path, old_json=json.dumps(old))
        run = cli("eval", "a.txt", "--baseline", "old.json", "--guideline", "canonical")
        assert (run.code, run.err) == (1, "strict F1 of PER fell from 0.900000 to 0.666667\n")
        run = cli("eval", "a.txt", "--baseline", "other.json", "--guideline", "canonical")
        help = "  help: if the change is intended, write a new one with `ruletag eval GOLD --json > FILE`\n"
        assert (run.code, run.err) == (
            2,
            f"other.json: RT109 is for a different gold: 0 gold spans of ORG, not 1\n{help}"
            f"other.json: RT109 is for a different gold: 1 gold spans of LOC, not 0\n{help}"
            f"other.json: RT109 is for a different gold: 1 gold spans of PER, not 2\n{help}",
        )

    def test_two_systems(self, cli, tmp_path, as_kept):
        """`compare` puts two predictions side by side, and names the spans that only one has."""
        text = "Emmanuel Macron voit Zoé.\nIl aime la Chine.\n"
        one = json.dumps({"text": text, "spans": [[0, 15, "PER"], [37, 42, "LOC"]]})
        two = json.dumps({"text": text, "spans": [[21, 24, "PER"]]})
        write(tmp_path, a_txt=GOLD, one_jsonl=one, two_jsonl=two)
        code, out, err = cli("compare", "a.txt", "one.jsonl", "two.jsonl")
        assert (code, err) == (0, "")
        as_kept("compare.txt", out)
        code, out, err = cli("compare", "a.txt", "one.jsonl", "two.jsonl", "--json")
        assert (code, err) == (0, "")
        as_kept("compare.json", out)

    def test_agreement(self, cli, tmp_path, as_kept):
        """`agree` takes the two for annotators: F1 between them, and kappa."""
        text = "Emmanuel Macron voit Zoé.\nIl aime la Chine.\n"
        write(tmp_path, a_txt=GOLD, b_jsonl=json.dumps({"text": text, "spans": [[0, 15, "PER"], [37, 42, "LOC"]]}))
        code, out, err = cli("agree", "a.txt", "b.jsonl")
        assert (code, err) == (0, "")
        as_kept("agree.txt", out)
        code, out, err = cli("agree", "a.txt", "b.jsonl", "--json")
        assert (code, err) == (0, "")
        as_kept("agree.json", out)

    @pytest.mark.parametrize(
        ("former", "now"),
        [
            (["b.jsonl", "c.jsonl"], ["compare", "a.txt", "b.jsonl", "c.jsonl"]),
            (["b.jsonl", "--agreement"], ["agree", "a.txt", "b.jsonl"]),
            (["--gold-check"], ["gold-check", "a.txt"]),
        ],
    )
    @pytest.mark.parametrize("more", [[], ["--json"], ["--from", "conll"]])
    def test_former_spellings(self, cli, tmp_path, former, now, more):
        """`eval` still does what it did before it was several commands; JSON names the command as it was typed."""
        text = "Emmanuel Macron voit Zoé.\nIl aime la Chine.\n"
        gold = json.dumps({"text": text, "spans": [[0, 15, "PER"], [37, 42, "LOC"]]})
        write(tmp_path, a_txt=GOLD, b_jsonl=gold, c_jsonl=json.dumps({"text": text, "spans": []}))
        first, second = cli("eval", "a.txt", *former, *more), cli(*now, *more)
        commands = [f"ruletag {' '.join(words)}" for words in (["eval", "a.txt", *former, *more], [*now, *more])]
        assert first == (second.code, second.out.replace(commands[1], commands[0]), second.err)

    @pytest.mark.parametrize(
        ("arguments", "err"),
        [
            (
                ["--agreement"],
                "--agreement: RT110 is for two annotators: GOLD and one PREDICTED\n"
                "  help: ruletag agree FIRST SECOND\n",
            ),
            (["a.txt", "--gold-check"], "--gold-check: RT110 looks only at gold\n  help: leave PREDICTED out\n"),
            (["a.txt", "--agreement", "--report", "r.md"], OF_ONE.format("--report")),
            (["a.txt", "a.txt", "--ledger", "l.tsv"], OF_ONE.format("--ledger")),
            (["a.txt", "--agreement", "--baseline", "b"], OF_ONE.format("--baseline")),
            (
                ["a.txt"] * 3,
                "Usage: ruletag eval [OPTIONS] GOLD [PREDICTED]\nTry 'ruletag eval --help' for help.\n\n"
                "Error: one PREDICTED is scored and two are compared, not 3\n",
            ),
        ],
    )
    def test_what_does_not_go_together(self, cli, tmp_path, arguments, err):
        """Options that say nothing about what else was given are refused by name."""
        write(tmp_path, a_txt=GOLD)
        assert cli("eval", "a.txt", *arguments) == (2, "", err)

    def test_predictions_are_matched_by_id(self, cli, tmp_path):
        """If every document has its own id, their order does not matter, and a missing one is named."""
        lines = [
            '{"id": "1", "text": "À Paris.", "spans": [[2, 7, "LOC"]]}',
            '{"id": "2", "text": "Non.", "spans": []}',
        ]
        write(tmp_path, g_jsonl="\n".join(lines), p_jsonl="\n".join(lines[::-1]), q_jsonl=lines[0])
        assert cli("eval", "g.jsonl", "p.jsonl", "--fail-under", "1").code == 0
        run = cli("eval", "g.jsonl", "q.jsonl")
        assert (run.code, run.out) == (2, "")
        assert run.err == (
            "q.jsonl: RT108 lacks 1 document of g.jsonl: 2\n  help: give predictions for every document in the gold\n"
        )

    def test_the_option_goes_before_the_configuration(self, cli, tmp_path):
        """--fail-under 0 lifts a threshold of the configuration."""
        write(tmp_path, a_txt=GOLD, ruletag_toml="fail-under = 0.9\n")
        assert cli("eval", "a.txt", "--fail-under", "0").code == 0

    def test_predictions_of_another_tool(self, cli, tmp_path):
        """GOLD PREDICTED compares two files, in any two formats."""
        write(
            tmp_path,
            a_txt=GOLD,
            b_jsonl=json.dumps(
                {"text": "Emmanuel Macron voit Zoé.\nIl aime la Chine.\n", "spans": [[0, 15, "PER"], [37, 42, "LOC"]]}
            ),
        )
        rest = "Guideline in force: canonical. Documents scored: 1.\n"
        assert cli("eval", "a.txt", "b.jsonl", "--guideline", "canonical") == (0, FIGURES + REVIEW + rest, NOTE)

    def test_predictions_of_other_texts(self, cli, tmp_path):
        """Predictions must be of the texts of the gold; every one that is not is named."""
        gold = [
            '{"id": "a", "text": "Un", "spans": []}',
            '{"text": "Deux", "spans": []}',
            '{"text": "Trois", "spans": []}',
        ]
        write(tmp_path, g_jsonl="\n".join(gold), p_jsonl="\n".join([gold[2], gold[1], gold[0]]), q_jsonl=gold[0])
        differ = ": the texts differ at character 0: "
        help = "\n  help: predict on the text of the gold, unchanged\n"
        assert cli("eval", "g.jsonl", "p.jsonl") == (
            2,
            "",
            f"p.jsonl:1: RT108 is not the text of a{differ}'Un' became 'Trois'{help}"
            f"p.jsonl:3: RT108 is not the text of g.jsonl{differ}'Trois' became 'Un'{help}",
        )
        assert cli("eval", "g.jsonl", "q.jsonl") == (
            2,
            "",
            "q.jsonl: RT108 has 1 document, but g.jsonl has 3\n"
            "  help: give predictions for the same documents; a brace or markup file always holds one document\n",
        )

    @pytest.mark.parametrize(
        ("key", "format"),
        [
            ("ents", "use --from spacy-json, or "),
            ("label", "use --from doccano, or "),
            ("entities", "use --from doccano, or "),
            ("marks", ""),
        ],
    )
    def test_annotations_under_another_key(self, cli, tmp_path, key, format):
        """Spans that are not read are no absence of spans: gold and predictions name the keys that they have."""
        gold = [{"id": str(number), "text": "À Paris.", "spans": [[2, 7, "LOC"]]} for number in range(3)]
        other = [{"id": str(number), "text": "À Paris.", key: [[2, 7, "LOC"]]} for number in range(3)]
        write(
            tmp_path,
            g_jsonl="\n".join(map(json.dumps, gold)),
            p_jsonl="\n".join(map(json.dumps, [gold[0], *other[1:]])),
        )
        message = (
            f"p.jsonl:2: RT103 has no 'spans' among its keys: id, text, {key} (as does 1 more)\n"
            f'  help: {format}put annotations under "spans": [[start, end, label], …]'
        )
        missing = (2, "", f"{message}, [] where there is no name\n")
        assert cli("eval", "g.jsonl", "p.jsonl") == missing
        assert cli("compare", "g.jsonl", "g.jsonl", "p.jsonl") == missing
        for arguments in ["eval", "p.jsonl"], ["agree", "g.jsonl", "p.jsonl"], ["gold-check", "p.jsonl"]:
            assert cli(*arguments) == (2, "", message + "\n")
        assert cli("guideline", "fit", "p.jsonl") == (2, "", message + "\n")
        assert cli("tag", "p.jsonl").code == 0

    @pytest.mark.parametrize("format", ["doccano", "label-studio"])
    def test_spans_in_a_format_without_them(self, cli, tmp_path, format):
        """Spans under the key of another format are not taken for a text without names."""
        write(tmp_path, p_jsonl='{"text": "À Paris.", "spans": [[2, 7, "LOC"]]}\n')
        message = (
            "p.jsonl:1: RT103 has 'spans', which its format does not read\n"
            '  help: use --from jsonl, or put annotations under "spans": [[start, end, label], …]\n'
        )
        for arguments in ["eval", "p.jsonl"], ["gold-check", "p.jsonl"], ["convert", "p.jsonl", "b.jsonl"]:
            assert cli(*arguments, "--from", format) == (2, "", message)

    def test_predictions_that_are_not_read_as_a_whole(self, cli, tmp_path):
        """What a reader leaves out is noted for predictions as for gold."""
        region = {"type": "labels", "value": {"start": 2, "end": 7, "text": "Paris", "labels": []}}
        task = {"id": 1, "data": {"text": "À Paris."}, "annotations": [{"result": [region]}]}
        write(tmp_path, g_jsonl='{"text": "À Paris.", "spans": [[2, 7, "LOC"]]}\n', p_json=json.dumps([task]))
        message = "p.json:1: note: regions without a label are not read: 1\n"
        for arguments in (
            ["eval", "g.jsonl", "p.json"],
            ["compare", "g.jsonl", "g.jsonl", "p.json"],
            ["agree", "g.jsonl", "p.json"],
        ):
            run = cli(*arguments)
            assert (run.code, run.err) == (0, message)

    def test_predictions_without_annotations(self, cli, tmp_path):
        """A raw text is no prediction that there is no name, except where there is nothing in it."""
        write(tmp_path, a_txt=GOLD, b_txt="Emmanuel Macron voit Zoé.\nIl aime la Chine.\n", c_txt="{\n}\n", d_txt="")
        assert cli("eval", "a.txt", "b.txt") == (
            2,
            "",
            "b.txt: RT103 has no annotations\n"
            "  help: end each paragraph with its names in braces, { } where there is none\n",
        )
        assert cli("eval", "c.txt", "d.txt").code == 0

    def test_an_answer_that_sets_a_document_aside(self, cli, tmp_path):
        """Rejected and ignored lines are no gold: they are counted in a note, and need no predictions."""
        lines = [
            {"text": "À Paris.", "spans": [[2, 7, "LOC"]], "answer": answer}
            for answer in ("accept", "reject", "ignore", "reject")
        ]
        write(
            tmp_path,
            g_jsonl="\n".join(map(json.dumps, lines)),
            p_jsonl="\n".join(map(json.dumps, lines[1:] + lines[:1])),
        )
        note = "g.jsonl: note: 3 documents are not used as gold because of their answer: 1 ignore, 2 reject\n"
        run = cli("eval", "g.jsonl", "--json")
        assert (run.code, run.err) == (0, note)
        assert json.loads(run.out)["measures"]["strict"]["micro"]["support"] == 1
        assert cli("eval", "g.jsonl", "p.jsonl") == (
            2,
            "",
            note + "p.jsonl:1: RT103 has the answer 'reject', and so no predictions\n  help: remove the answer\n",
        )

    def test_what_tag_writes_can_be_scored(self, cli, tmp_path):
        """The tagger is perfect against its own output, in each format that keeps the spans."""
        write(tmp_path, a_txt=TEXT)
        for to in ("brace", "jsonl", "markup"):
            assert cli("tag", "a.txt", "--to", to, "-o", "b", "--force", "--guideline", "canonical").code == 0
            report = cli("eval", "b", "--from", to, "--guideline", "canonical", "--json").out
            assert json.loads(report)["measures"]["strict"]["micro"]["f1"] == 1.0


EXPLANATION = """\
[Macron] PER 12:18  rule per.title-name (rules/names.yaml:2)
    anchor <title>: ministre
    title: ministre
    beat PER [Macron] Emmanuel Macron (gazetteers/people.yaml:3): \
a rule with an entry takes precedence over an entry (same label)
not used: LOC [Orange] Orange (gazetteers/places.yaml:5): ambiguous, and no rule asked for it
not used: ORG [Orange] Orange (gazetteers/organisations.yaml:4): ambiguous, and no rule asked for it
nearly: loc.inside (rules/names.yaml:17) from <LOC> [Orange]: \
wanted à, leftwards, where the text has “le ministre Macron voit”
Guideline in force: canonical.
"""


@pytest.mark.usefixtures("small")
class TestExplain:
    """`ruletag explain`."""

    def test_a_sentence(self, cli):
        """A sentence on the command line is explained under `canonical`."""
        assert cli("explain", "le ministre Macron voit Orange.") == (0, EXPLANATION, "")

    def test_the_name_of_a_file_that_does_not_exist(self, cli):
        """It is read as a text, since any argument that names no file is; a note says so."""
        note = "textes/a.txt: note: no file has this name, so it is read as a text\n"
        assert cli("explain", "textes/a.txt").err == note

    def test_a_file(self, cli, tmp_path):
        """A file is explained under the guideline of its format, document by document; - is standard input."""
        write(tmp_path, a_txt="Rien.", b_jsonl='{"text": "Rien."}\n{"text": "Rien."}\n')
        alone = "No span.\nnothing: [Rien] 0:4: no list has it, and no rule reached it\n"
        alone += '    to add it: ruletag add "Rien" LABEL\n'
        assert cli("explain", "a.txt") == (0, alone + "Guideline in force: seed.\n", "")
        nothing = alone + "Guideline in force: canonical.\n"
        assert cli("explain", "b.jsonl") == (0, nothing * 2, "")
        assert cli("explain", "-", "--guideline", "canonical", stdin="Rien.") == (0, nothing, "")

    def test_files_of_ones_own(self, cli, tmp_path):
        """A user's own files are named by a path that an editor can open, wherever a source is shown; shipped ones,
        by their name."""
        rule = "rules:\n  - id: own.port\n    label: LOC\n    why: w\n    match: port de [ Cap{1,2} ]\n"
        for kind, text in (
            ("gazetteers", "label: LOC\nentries:\n  - Brest\n  - {name: Orsk, ambiguous: true}\n"),
            ("rules", rule + "    examples: ['Le port de [Vel](LOC).', Le port dort.]\n"),
        ):
            (tmp_path / "mine" / kind).mkdir(parents=True)
            (tmp_path / "mine" / kind / "x.yaml").write_text(text, encoding="utf-8")
        own = ("--gazetteers", "shipped", "--gazetteers", "mine/gazetteers", "--rules", "mine/rules")
        code, out, err = cli("explain", "à Paris, le port de Brest Neuf et le port de la rade, Orsk.", *own, "--json")
        assert (code, err) == (0, "")
        record = json.loads(out)
        spans = [(span["source"], [lost["source"] for lost in span["beat"]]) for span in record["spans"]]
        assert spans == [
            ("Paris (gazetteers/places.yaml:3)", []),
            ("own.port (mine/rules/x.yaml:2)", ["Brest (mine/gazetteers/x.yaml:3)"]),
        ]
        assert [source["source"] for source in record["not_used"]] == ["Orsk (mine/gazetteers/x.yaml:4)"]
        out = cli("explain", "le port de la rade", *own).out
        assert out.splitlines()[1].startswith("nearly: own.port (mine/rules/x.yaml:2) from port [port]: ")

    def test_a_file_with_the_name_of_a_shipped_one(self, cli, tmp_path):
        """The line that a source names tells the two apart."""
        (tmp_path / "mine" / "gazetteers").mkdir(parents=True)
        (tmp_path / "mine" / "gazetteers" / "places.yaml").write_text(
            "label: LOC\nentries:\n  - Orsk\n", encoding="utf-8"
        )
        out = cli("explain", "À Paris, à Orsk.", "--gazetteers", "shipped", "--gazetteers", "mine/gazetteers").out
        assert out.splitlines()[:2] == [
            "[Paris] LOC 2:7  entry Paris (gazetteers/places.yaml:3)",
            "[Orsk] LOC 11:15  entry Orsk (mine/gazetteers/places.yaml:3)",
        ]

    def test_a_folder(self, cli, tmp_path):
        """A folder is no sentence that happens to be its name."""
        (tmp_path / "textes").mkdir()
        help = "  help: name one of its files; `ruletag tag` reads folders\n"
        assert cli("explain", "textes") == (2, "", "textes: RT101 is a folder, not a file or a sentence\n" + help)

    def test_json(self, cli):
        """--json has everything."""
        code, out, err = cli("explain", "Rien.", "--json")
        assert (code, json.loads(out), err) == (
            0,
            {"guideline": "canonical", "text": "Rien.", "spans": [], "lost": [], "not_used": [], "near_misses": []}
            | {"unreached": [{"start": 0, "end": 4, "text": "Rien", "nearest": []}]},
            "",
        )


@pytest.mark.usefixtures("small")
class TestCheck:
    """`ruletag check`."""

    def test_sound_knowledge(self, cli, small):
        """Exit 0 and nothing on stdout if all is well: the shipped folder, or the one that is named. What was checked
        is said."""
        looked_at = "0 findings in 10 files: 18 names, 5 rules, 10 examples\n"
        assert cli("check") == (0, "", looked_at)
        assert cli("check", small) == (0, "", looked_at)
        assert cli("check", "--quiet") == (0, "", "")

    @pytest.mark.parametrize("argument", ["mine", "mine/gazetteers", "mine/gazetteers/a.yaml"])
    def test_findings(self, cli, tmp_path, argument):
        """Exit 1 with the findings on stdout and their number on stderr, for a folder of either kind or a file. A
        finding names the file so that it can be opened from here, also where what ships has one of this name."""
        (tmp_path / "mine/gazetteers").mkdir(parents=True)
        write(tmp_path / "mine/gazetteers", a_yaml="label: PER\nentries:\n  - Zoé\n  - la pluie\n")
        warning = "mine/gazetteers/a.yaml:4: RT409 'la pluie' has no capital, so it also matches in lower case\n"
        help = "write it with its capital; or add `ambiguous: false`, if lower case is intended"
        looked_at = "1 finding in 1 file: 2 names, 0 rules, 0 examples\n"
        assert cli("check", argument) == (1, f"{warning}  help: {help}\n", looked_at)

    def test_a_file_with_the_name_of_one_that_ships(self, cli, small, tmp_path):
        """Two files called `gazetteers/people.yaml` are distinguished, and only the user's is reported."""
        (tmp_path / "mine/gazetteers").mkdir(parents=True)
        write(tmp_path / "mine/gazetteers", people_yaml="label: PER\nentries: [Emmanuel Macron]\n")
        other = small / "gazetteers/people.yaml"
        message = f"RT401 PER 'Emmanuel Macron' repeats {other}:3 ('Emmanuel Macron')"
        warning = f"mine/gazetteers/people.yaml:2: {message}\n"
        assert cli("check", "mine", "--output-format", "concise", "-q") == (1, warning, "")

    def test_strict(self, cli, tmp_path):
        """`--strict` reports what no example needs; the rule is sound without it."""
        (tmp_path / "mine/rules").mkdir(parents=True)
        rule = 'match: "!<LOC> (bac | voilier) [ Cap ]"\n    examples: ["Le voilier [Brise](MISC) part.", "Il part."]\n'
        write(tmp_path / "mine/rules", a_yaml=f"rules:\n  - id: misc.boat\n    label: MISC\n    why: x\n    {rule}")
        assert cli("check", "mine") == (0, "", "0 findings in 1 file: 0 names, 1 rule, 2 examples\n")
        message = "mine/rules/a.yaml:5:{}: RT306 misc.boat: no example needs the {}\n"
        warnings = message.format(13, "guard '!<LOC>'") + message.format(21, "alternative 'bac'")
        looked_at = "2 findings in 1 file: 0 names, 1 rule, 2 examples\n"
        assert cli("check", "mine", "--strict", "--output-format", "concise") == (1, warnings, looked_at)

    def test_an_empty_folder_beside_the_rules(self, cli, tmp_path):
        """One of `rules` and `gazetteers` may be empty, as in a folder where only rules are written yet."""
        (tmp_path / "mine/rules").mkdir(parents=True)
        (tmp_path / "mine/gazetteers").mkdir()
        rule = "match: \"voilier [ Cap ]\"\n    examples: ['Le voilier [Brise](MISC) part.', 'Il part.']\n"
        write(tmp_path / "mine/rules", a_yaml=f"rules:\n  - id: misc.boat\n    label: MISC\n    why: x\n    {rule}")
        assert cli("check", "mine") == (0, "", "0 findings in 1 file: 0 names, 1 rule, 2 examples\n")

    def test_output_formats(self, cli, tmp_path, small):
        """Findings come one per line without help, or as JSON with all fields; `[]` if there are none."""
        (tmp_path / "mine/gazetteers").mkdir(parents=True)
        write(tmp_path / "mine/gazetteers", a_yaml="label: PER\nentries:\n  - la pluie\n  - le vent\n")
        message = "has no capital, so it also matches in lower case"
        help = "write it with its capital; or add `ambiguous: false`, if lower case is intended"
        path, names = "mine/gazetteers/a.yaml", {3: "la pluie", 4: "le vent"}
        lines = [f"{path}:{line}: RT409 {name!r} {message}\n" for line, name in names.items()]
        records = [
            {"path": path, "line": line, "column": 0, "code": "RT409", "message": f"{name!r} {message}", "help": help}
            for line, name in names.items()
        ]
        as_json = json.dumps(records, ensure_ascii=False, indent=1) + "\n"
        full = "".join(f"{line}  help: {help}\n" for line in lines)
        quiet = ("mine", "-q", "--output-format")

        assert cli("check", *quiet, "full") == (1, full, "")
        assert cli("check", *quiet, "concise") == (1, "".join(lines), "")
        assert cli("check", *quiet, "json") == (1, as_json, "")
        assert cli("check", *quiet, "github").out.count("::error file=mine/gazetteers/a.yaml,line=") == 2
        assert len(json.loads(cli("check", *quiet, "sarif").out)["runs"][0]["results"]) == 2
        assert cli("check", "-q", "--output-format", "concise") == (0, "", "")
        assert cli("check", "-q", "--output-format", "github") == (0, "", "")
        assert cli("check", "-q", "--output-format", "json") == (0, "[]\n", "")
        assert json.loads(cli("check", "-q", "--output-format", "sarif").out)["runs"][0]["results"] == []

    def test_a_folder_of_rules(self, cli, tmp_path):
        """A folder of rule files is checked as rules, beside what ships."""
        (tmp_path / "r").mkdir()
        examples = 'examples: ["Chez [Paris](LOC).", "Rien."]'
        write(
            tmp_path / "r", a_yaml=f'rules:\n  - {{id: x, label: LOC, why: x., match: "vers [ <LOC> ]", {examples}}}\n'
        )
        fault = "r/a.yaml:2: RT305 x: expected Chez [Paris](LOC).\n  help: found    Chez Paris.\n"
        assert cli("check", "r") == (1, fault, "1 finding in 1 file: 0 names, 1 rule, 2 examples\n")


@pytest.mark.parametrize(
    "command",
    [[], *([name] for name in COMMANDS)],
    ids=lambda words: "".join(words) or "ruletag",
)
def test_help_ends_with_an_example(cli, command):
    """Each command has a help with its purpose and, as the last line, a command to try."""
    for option in ("--help", "-h"):
        code, out, err = cli(*command, option)
        last = out.rstrip("\n").splitlines()[-1].strip()
        assert (code, err) == (GOOD, "")
        assert last.startswith(f"Example: {' '.join(['ruletag', *command])} ")
        assert out.startswith(f"Usage: {' '.join(['ruletag', *command])} [OPTIONS]")


def test_the_list_of_commands_is_readable(cli):
    """Each command has one line, with its purpose in full."""
    lines = cli("--help").out.partition("\nCommands:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in lines] == COMMANDS
    assert [line for line in lines if not line.endswith(".") or line.endswith("...") or len(line) > 80] == []


def test_version(cli):
    """--version, or -V, is the version of the package, and the engine that serves."""
    shown = (0, f"ruletag {__version__} (engine: {described()})\n", "")
    assert [cli("--version"), cli("-V")] == [shown, shown]


@pytest.mark.parametrize(
    ("named", "lack", "shown"),
    [
        ("", "", "core"),
        ("core", "", "core"),
        ("plain", "", "plain; RULETAG_ENGINE says so"),
        ("", "it is from another version", "plain; it is from another version"),
    ],
)
def test_the_engine_is_named_with_its_reason(cli, monkeypatch, named, lack, shown):
    """If the slower engine is used, --version says why."""
    monkeypatch.setenv("RULETAG_ENGINE", named)
    monkeypatch.setattr(ruletag.engine, "missing", lambda: lack)
    assert cli("--version") == (0, f"ruletag {__version__} (engine: {shown})\n", "")


def test_wrong_usage(cli):
    """Wrong options are refused by name, with exit code 2 and nothing on stdout."""
    usage = "Usage: ruletag {0} [OPTIONS] {1}\nTry 'ruletag {0} --help' for help.\n\n"
    assert cli("tag", "-j", "-1") == (
        2,
        "",
        usage.format("tag", "[FILE|DIR|-]...")
        + "Error: Invalid value for '-j' / '--jobs': -1 is not in the range 0<=x<=1024.\n",
    )
    assert cli("eval") == (2, "", usage.format("eval", "GOLD [PREDICTED]") + "Error: Missing argument 'GOLD'.\n")


@pytest.mark.parametrize(
    ("group", "name", "hint"),
    [
        ("", "tga", "did you mean 'tag'?"),
        ("", "exlain", "did you mean 'explain'?"),
        ("guideline ", "fti", "did you mean 'fit'?"),
        ("guideline ", "article.txt", "known: fit"),
    ],
)
def test_a_command_that_is_not_there(cli, group, name, hint):
    """A misspelt command is refused with the closest one, or with those that there are."""
    usage = f"Usage: ruletag {group}[OPTIONS] COMMAND [ARGS]...\nTry 'ruletag {group}--help' for help.\n\n"
    assert cli(*group.split(), name) == (2, "", f"{usage}Error: No such command {name!r}: {hint}\n")


def test_what_ships_tags_plain_sentences(tagger, seed_tagger):
    """The shipped knowledge finds plain names, under each guideline with its own borders."""
    text = "Le Président Macron est arrivé à Paris."
    assert [entity.span for entity in tagger.tag(text).entities] == [(13, 19, "PER"), (33, 38, "LOC")]
    assert [entity.span for entity in seed_tagger.tag(text).entities] == [(3, 19, "PER"), (33, 38, "LOC")]
