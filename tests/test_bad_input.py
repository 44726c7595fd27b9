"""User errors: each time the whole message, the exit code, and nothing left behind.

Every fault is `path:line:col: CODE message`, the line with a caret where there is one, and what to do about it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from ruletag import RuletagError, Tagger
from ruletag.files import is_manifest
from ruletag.formats import FORMATS, suffixes

pytestmark = pytest.mark.usefixtures("small")

GOOD = "Emmanuel Macron est à Paris.\n"
TAGGED = "Emmanuel Macron est à Paris.\n{\nEmmanuel Macron_PER\nParis_LOC\n}\n"
KNOWN = ", ".join(sorted(FORMATS)) + "\n"
ENCODING = "  help: use --encoding cp1252, which fits these bytes, or save the file as UTF-8\n"
INTERRUPTED = "\ninterrupted: finished files are complete; others were not started\n"


def write(path, data):
    """A file of text or bytes, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.fixture
def refuses(cli, tmp_path):
    """`refuses(message, "tag", "a.txt")`: exit code 2, that message, nothing on stdout, no file more than before."""

    def check(message, *arguments, **options):
        before = listing(tmp_path)
        assert cli(*arguments, **options) == (2, "", message)
        assert listing(tmp_path) == before

    return check


def listing(folder):
    """All files below a folder, hidden ones too, with their contents, but for the record of a run."""
    files = [path for path in folder.rglob("*") if path.is_file() and not is_manifest(path.name)]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


# Files and folders


def test_missing_file(refuses):
    """A name that is not there, for every command that reads documents."""
    message = "no.txt: RT101 there is no such file or folder\n  help: check the name\n"
    refuses(message, "tag", "no.txt", "-o", "out")
    refuses(message, "eval", "no.txt")
    help = "check the name; `ruletag explain` takes a sentence"
    refuses(f"Il est à Paris: RT101 there is no such file or folder\n  help: {help}\n", "tag", "Il est à Paris")


def test_name_that_is_too_long(refuses):
    """The operating system's message about a name is passed on, without a traceback."""
    name = "x" * 300
    message = "RT101 cannot be used: File name too long\n  help: check the name and the permissions\n"
    refuses(f"{name}: {message}", "tag", name, "-o", "out")


def test_standard_input_that_is_named_twice(refuses):
    """It can be read once: the second would be an empty document."""
    refuses("-: RT110 standard input can be read only once\n  help: name it once\n", "tag", "-", "-", stdin="Paris")


def test_folder_without_documents(refuses, tmp_path):
    """A folder with nothing to tag is named, with the suffixes that count."""
    write(tmp_path / "d/notes.md", "Paris")
    message = (
        "d: note: 1 file is left out: its suffix belongs to no format: .md (1)\n"
        f"d: RT103 the folder holds no documents\n  help: documents end in {', '.join(suffixes())}\n"
    )
    refuses(message, "tag", "d", "-o", "out")
    refuses(message, "eval", "d")


def test_empty_file(cli, refuses, tmp_path):
    """Tagging nothing is a note and no error; scoring against nothing is an error."""
    write(tmp_path / "a.txt", "")
    assert cli("tag", "a.txt") == (0, "", "a.txt: note: is empty, nothing to tag\n")
    assert cli("tag", stdin="") == (0, "", "-: note: is empty, nothing to tag\n")
    refuses(
        "a.txt: RT103 contains no gold annotations\n  help: correct the output of `ruletag tag` and name that\n",
        "eval",
        "a.txt",
    )


DENIED = "a.txt: RT101 cannot be read: Permission denied\n  help: check the name and the permissions\n"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_no_permission(cli, tmp_path):
    """A file that may not be read is named."""
    write(tmp_path / "a.txt", GOOD).chmod(0)
    for arguments in ["tag", "a.txt", "-o", "out"], ["eval", "a.txt"]:
        assert cli(*arguments) == (2, "", DENIED)
    assert os.listdir(tmp_path) == ["a.txt"]


def test_reading_that_is_denied(cli, tmp_path, monkeypatch):
    """If the operating system refuses, the file is named; the test works for any user."""
    write(tmp_path / "a.txt", GOOD)

    opened = Path.open

    def denied(path, *arguments, **options):
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", denied)
    for arguments in ["tag", "a.txt", "-o", "out"], ["eval", "a.txt"]:
        assert cli(*arguments) == (2, "", DENIED)
    assert os.listdir(tmp_path) == ["a.txt"]


def test_the_other_documents_of_a_folder_are_tagged(cli, tmp_path):
    """A faulty document is reported, the others are written, and the exit code says that something was wrong."""
    write(tmp_path / "in/a.txt", GOOD)
    write(tmp_path / "in/b.txt", b"\x81\x8d\n")
    write(tmp_path / "in/c.jsonl", '{"text": 3}\n')
    write(tmp_path / "in/d.txt", "Rien\n{\n")
    write(tmp_path / "in/e.txt", GOOD)
    message = (
        "in/b.txt:1: RT102 byte 0 (0x81) is not valid UTF-8\n"
        "  help: name the encoding of the file with --encoding, or save it as UTF-8\n"
        "in/c.jsonl:1: RT105 'text' must be a string\n"
        "in/d.txt:2: RT104 this { is never closed\n  help: add a line with } after the last name\n"
        "5 files: 2 tagged, 3 failed; once they are fixed, --resume tags only those\n"
    )
    assert cli("tag", "in", "-o", "out") == (2, "", message)
    assert listing(tmp_path / "out") == {"a.txt": TAGGED.encode(), "e.txt": TAGGED.encode()}


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_no_output_is_compressed(refuses, tmp_path, suffix):
    """A name that promises compression is refused; the file would not open."""
    write(tmp_path / "a.jsonl", '{"text": "Rien"}\n')
    name = f"b.jsonl{suffix}"
    message = f"{name}: RT106 would not be compressed, as its name says\n"
    refuses(f"{message}  help: leave out {suffix}, and compress it afterwards\n", "tag", "a.jsonl", "-o", name)
    refuses(
        f"{message}  help: leave out {suffix}, and compress it afterwards\n",
        "convert",
        "a.jsonl",
        name,
        "--to",
        "jsonl",
    )


# Encodings


def test_invalid_utf8(refuses, tmp_path):
    """The byte that does not fit is named by its offset, value and line."""
    write(tmp_path / "a.txt", b"Il pleut.\nMacron \xe9tait l\xe0.")
    message = "a.txt:2: RT102 byte 17 (0xe9) is not valid UTF-8\n" + ENCODING
    refuses(message, "tag", "a.txt", "-o", "out")
    refuses(message, "eval", "a.txt")
    refuses(message, "explain", "a.txt")


def test_byte_order_mark_and_crlf(cli, tmp_path):
    """UTF-8 with a byte order mark and CRLF simply works: offsets count from the first letter, line ends stay."""
    write(tmp_path / "a.txt", b"\xef\xbb\xbfParis\r\nParis\r\n")
    assert cli("tag", "a.txt") == (0, "Paris\r\n{\nParis_LOC\n}\nParis\r\n{\nParis_LOC\n}\n", "")
    record = json.loads(cli("tag", "a.txt", "--to", "jsonl").out)
    assert record["text"] == "Paris\r\nParis\r\n"
    assert [(span["start"], span["end"]) for span in record["spans"]] == [(0, 5), (7, 12)]


@pytest.mark.parametrize("name", ["brace", "markup", "text", "jsonl"])
def test_a_text_that_begins_with_a_byte_order_mark(cli, tmp_path, name):
    """The mark of a file is no text; one that the text itself begins with comes back, through any format and offset."""
    text = "\ufeffParis\n\ufeffParis"
    write(tmp_path / "a.jsonl", json.dumps({"text": text}) + "\n")
    assert cli("tag", "a.jsonl", "--to", name, "-o", "b") == (0, "", "")
    printed = cli("tag", "a.jsonl", "--to", name).out
    assert printed.rstrip("\n").encode() == (tmp_path / "b").read_bytes().rstrip(b"\n")
    again = json.loads(cli("tag", "b", "--from", name, "--to", "jsonl").out)
    assert (again["text"].removesuffix("\n"), len(again["spans"])) == (text, 2)


@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        (
            "utf-16",
            "a.txt: RT102 is not UTF-8: it looks like UTF-16\n"
            "  help: use --encoding utf-16, or save the file as UTF-8\n",
        ),
        ("latin-1", "a.txt:1: RT102 byte 20 (0xe0) is not valid UTF-8\n" + ENCODING),
    ],
)
def test_other_encodings(cli, refuses, tmp_path, encoding, message):
    """UTF-16 and Latin-1 are distinguished from UTF-8, and work with --encoding."""
    write(tmp_path / "a.txt", GOOD.encode(encoding))
    refuses(message, "tag", "a.txt", "-o", "out")
    assert cli("tag", "a.txt", "--encoding", encoding) == (0, TAGGED, "")


def test_unknown_encoding(refuses, tmp_path):
    """A name that Python does not know, or that is no encoding of text."""
    write(tmp_path / "a.txt", GOOD)
    for name in "klingon", "hex":
        message = f"--encoding: RT110 unknown encoding {name!r}\n  help: for example utf-8, latin-1, cp1252 or utf-16\n"
        refuses(message, "tag", "a.txt", "-o", "out", "--encoding", name)
        refuses(message, "eval", "a.txt", "--encoding", name)


@pytest.mark.slow
def test_a_line_of_fifty_megabytes(cli, tmp_path):
    """One endless line is tagged like any other text; the few names in it are found at their offsets."""
    filler = "il pleut et il fait froid. " * 1_900_000
    write(tmp_path / "a.txt", f"Emmanuel Macron est à Paris. {filler}M. Wang attend Macron.")
    assert (tmp_path / "a.txt").stat().st_size > 50_000_000
    assert cli("tag", "a.txt", "--to", "jsonl", "-o", "b.jsonl") == (0, "", "")
    spans = json.loads((tmp_path / "b.jsonl").read_bytes())["spans"]
    end = 29 + len(filler)
    assert [(span["start"], span["end"], span["label"]) for span in spans] == [
        (0, 15, "PER"),
        (22, 27, "LOC"),
        (end + 3, end + 7, "PER"),
        (end + 15, end + 21, "PER"),
    ]


def test_nul_and_control_characters(cli):
    """They are part of the text, and names beside them are found."""
    text = "\x00Paris\x00 \x07\x1b[1m Macron\x7f\x0c\n"
    assert cli("tag", stdin=text) == (0, text + "{\nParis_LOC\nMacron_PER\n}\n", "")


def test_half_of_a_character(cli, refuses, tmp_path):
    """An emoji that was cut in two goes through JSON Lines; no other format can hold it."""
    write(tmp_path / "a.jsonl", '{"text": "\\ud83d Paris"}\n')
    span = '{"start": 2, "end": 7, "label": "LOC", "text": "Paris", "source": "Paris (gazetteers/places.yaml:3)"}'
    assert cli("tag", "a.jsonl") == (0, f'{{"text": "\\ud83d Paris", "spans": [{span}]}}\n', "")
    for options in [], ["-o", "out"]:
        refuses(
            "a.jsonl: RT106 the text contains an unpaired surrogate (U+D83D), which UTF-8 cannot write\n"
            "  help: write --to jsonl instead\n",
            *["tag", "a.jsonl", "--to", "brace", *options],
        )


# Documents


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("{\nParis_LOC\n", "a.txt:2: RT104 this { is never closed\n  help: add a line with } after the last name\n"),
        (
            "{\nParis\n}\n",
            "a.txt:3: RT104 'Paris' has no label\n  help: write Paris_PER, or another of PER, LOC, ORG, MISC\n",
        ),
        ("{\nParis_LIEU\n}\n", "a.txt:3: RT205 unknown label 'LIEU'\n  help: use --map LIEU=LOC, or --ignore LIEU\n"),
        (
            "{\nOslo_LOC\n}\n",
            "a.txt:3: RT104 'Oslo' is not in the paragraph before line 2\n  help: copy the name as it is in the text\n",
        ),
        (
            "{\nParis_LOC\nEmmanuel Macron_PER\n}\n",
            "a.txt:4: RT104 'Emmanuel Macron' does not occur after the names listed before it\n"
            "  help: list names in reading order\n",
        ),
        (
            "{\nParis\nOslo_LOC\nMacron_PERS\n}\n",
            "a.txt:3: RT104 'Paris' has no label\n  help: write Paris_PER, or another of PER, LOC, ORG, MISC\n"
            "a.txt:4: RT104 'Oslo' is not in the paragraph before line 2\n  help: copy the name as it is in the text\n"
            "a.txt:5: RT205 unknown label 'PERS'\n  help: use --map PERS=PER, or --ignore PERS\n",
        ),
    ],
    ids=["never closed", "no label", "unknown label", "not there", "out of order", "all at once"],
)
def test_faulty_braces(refuses, tmp_path, block, message):
    """A block that cannot be read is refused with the line of every fault, for scoring and for tagging."""
    write(tmp_path / "a.txt", GOOD + block)
    refuses(message, "eval", "a.txt")
    refuses(message, "tag", "a.txt", "-o", "out")


def test_a_brace_line_in_the_text(refuses, tmp_path):
    """A text that braces cannot hold is not written in them."""
    write(tmp_path / "a.jsonl", '{"text": "un\\n{\\ndeux"}\n')
    message = "a.jsonl:2: RT104 a line '{' of the text would be read as a block\n  help: write --to jsonl instead\n"
    refuses(message, "tag", "a.jsonl", "--to", "brace", "-o", "out")


def test_faulty_lines_of_json(refuses, tmp_path):
    """No JSON, no object, a bad span, a span outside of the text: all faulty lines are reported at once."""
    lines = [
        "x",
        "3",
        '{"text": "Paris", "spans": [[0]]}',
        '{"text": "Paris", "spans": [[2, 6, "LOC"]]}',
        '{"text": "b"}',
    ]
    write(tmp_path / "a.jsonl", "\n".join(lines))
    message = (
        "a.jsonl:1: RT105 this is not JSON: Expecting value: line 1 column 1 (char 0)\n"
        "  help: one object per line\n"
        "a.jsonl:2: RT105 expected an object with a string under 'text'\n"
        "a.jsonl:3: RT105 a span is [start, end, label], not [0]\n"
        "a.jsonl:4: RT105 the span 2:6 is outside a text of 5 code points\n"
        "  help: offsets are code points, 0 <= start < end\n"
    )
    refuses(message, "tag", "a.jsonl", "-o", "out")
    refuses(message, "eval", "a.jsonl")


# Knowledge

HEAD = "label: PER\nentries:\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"{HEAD}  - Zoé\n b: c\n",
            "g/a.yaml:4:2: RT201 this is not YAML: did not find expected key\n"
            "     b: c\n     ^\n"
            "  help: indent this line like those that it belongs with; it begins with 1 space\n",
        ),
        (
            f"{HEAD}  - {{nom: Zoé, alais: [Zo]}}\n",
            "g/a.yaml:3:5: RT202 an entry lacks the field 'name'\n"
            "      - {nom: Zoé, alais: [Zo]}\n        ^\n  help: add `name: …`\n"
            "g/a.yaml:3:6: RT202 an entry has no field 'nom'\n"
            "      - {nom: Zoé, alais: [Zo]}\n         ^\n"
            "  help: known: acronym, aliases, alone, ambiguous, id, name, surname\n"
            "g/a.yaml:3:16: RT202 an entry has no field 'alais'\n"
            "      - {nom: Zoé, alais: [Zo]}\n                   ^\n  help: did you mean 'aliases'?\n",
        ),
        (
            f"{HEAD}  - {{name: Zoé, ambiguous: maybe}}\n  - {{name: [Zoé]}}\n",
            "g/a.yaml:3:28: RT202 'ambiguous' must be true or false\n"
            "      - {name: Zoé, ambiguous: maybe}\n                               ^\n"
            "g/a.yaml:4:12: RT202 'name' must be a non-empty string\n"
            "      - {name: [Zoé]}\n               ^\n  help: write one text, without brackets\n",
        ),
        (
            "label: PER\nlabel: LOC\nentries: [Zoé]\n",
            "g/a.yaml:2:1: RT203 the key 'label' occurs twice in one mapping\n"
            "    label: LOC\n    ^\n  help: keep one of them\n",
        ),
        (
            f"{HEAD}  - &a {{name: Zoé, aliases: &b [A, B]}}\n  - *b\n",
            "g/a.yaml:3:5: RT203 the anchor &a is not allowed\n"
            "      - &a {name: Zoé, aliases: &b [A, B]}\n        ^\n"
            "  help: write the value out; put a text that begins with & in quotes\n"
            "g/a.yaml:3:29: RT203 the anchor &b is not allowed\n"
            "      - &a {name: Zoé, aliases: &b [A, B]}\n                                ^\n"
            "  help: write the value out; put a text that begins with & in quotes\n"
            "g/a.yaml:4:5: RT203 the alias *b is not allowed\n      - *b\n        ^\n"
            "  help: write the value out; put a text that begins with * in quotes\n",
        ),
        (
            f"{HEAD}  - ''\n  - «…»\n",
            "g/a.yaml:3:5: RT204 the entry '' contains no letter or digit\n"
            "      - ''\n        ^\n  help: write a name or remove it\n"
            "g/a.yaml:4:5: RT204 the entry '«…»' contains no letter or digit\n"
            "      - «…»\n        ^\n  help: write a name or remove it\n",
        ),
        ("", "g/a.yaml: RT202 is empty\n  help: write `label:` and `entries:`, or remove the file\n"),
        (
            b"label: PER\nentries: [Zo\xe9]\n",
            "g/a.yaml: RT102 byte 23 is not valid UTF-8\n  help: save the file as UTF-8\n",
        ),
    ],
    ids=["no YAML", "fields", "types", "duplicate key", "anchors", "punctuation", "empty", "encoding"],
)
def test_faulty_gazetteers(refuses, tmp_path, text, message):
    """Every fault of a gazetteer is reported with its line and a caret, before any text is read."""
    write(tmp_path / "g/a.yaml", text)
    write(tmp_path / "a.txt", GOOD)
    refuses(message, "tag", "a.txt", "-o", "out", "--gazetteers", "g")


def test_alias_bomb(tmp_path):
    """Aliases of aliases of aliases, a billion names when written out, are refused without being written out."""
    lines = ["label: PER", "x0: &a [Zoé, Zoé]"]
    for number, (last, here) in enumerate(pairwise("abcdefghi"), 1):
        lines.append(f"x{number}: &{here} [" + ", ".join([f"*{last}"] * 10) + "]")
    write(tmp_path / "g/a.yaml", "\n".join([*lines, "entries: *i"]))
    with pytest.raises(RuletagError) as error:
        Tagger.load(gazetteers=tmp_path / "g")
    codes = Counter((fault.line, fault.code) for fault in error.value.faults)
    anchors_and_aliases = {(2, "RT203"): 1} | {(line, "RT203"): 11 for line in range(3, 11)} | {(11, "RT203"): 1}
    unknown_fields = {(line, "RT202"): 1 for line in range(2, 11)}
    assert codes == anchors_and_aliases | unknown_fields


def rule(match="[ Cap ]", examples='["[A](PER)", "rien"]', **fields):
    """A rule file with one rule, sound but for what a case says."""
    stated = {"label": "PER", "why": "A test.", "match": f"'{match}'", "examples": examples} | fields
    return "rules:\n  - id: x\n" + "".join(f"    {key}: {value}\n" for key, value in stated.items())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            rule("[ $A ]") + "macros: {A: '$B x', B: '$A'}\n",
            "r/a.yaml:5:15: RT302 in the macro $A: in the macro $B: the macro $A refers to itself"
            " (in the pattern '[ $A ]')\n        match: '[ $A ]'\n                  ^\n"
            "  help: define it without itself; use * or + to repeat\n",
        ),
        (
            rule("[ <titel> Cap ]"),
            "r/a.yaml:5:15: RT303 unknown class <titel> (in the pattern '[ <titel> Cap ]')\n"
            "        match: '[ <titel> Cap ]'\n                  ^\n  help: did you mean 'title'?\n",
        ),
        (
            rule(examples='["[A](PER)"]'),
            "r/a.yaml:6:15: RT304 the rule lacks an example where the rule stays silent\n"
            '        examples: ["[A](PER)"]\n                  ^\n'
            "  help: add a similar sentence in which it must find nothing\n",
        ),
        (
            rule(examples="[rien]"),
            "r/a.yaml:6:15: RT304 the rule lacks an example where the rule fires\n"
            "        examples: [rien]\n                  ^\n"
            "  help: add a sentence with a name, marked as in [Paris](LOC)\n",
        ),
        (
            "rules:\n  - {id: x, label: PER, why: A test., match: '[ Cap ]'}\n",
            "r/a.yaml:2:5: RT304 the rule lacks an example where the rule fires\n"
            "      - {id: x, label: PER, why: A test., match: '[ Cap ]'}\n        ^\n"
            "  help: add a sentence with a name, marked as in [Paris](LOC)\n",
        ),
        (
            rule(stage="soon", prioriti="1"),
            "r/a.yaml:7:12: RT202 'stage' must be a whole number of at most nine digits\n"
            "        stage: soon\n               ^\n"
            "r/a.yaml:8:5: RT202 a rule has no field 'prioriti'\n        prioriti: 1\n        ^\n"
            "  help: did you mean 'priority'?\n",
        ),
    ],
    ids=["macro in itself", "unknown class", "never silent", "never fires", "no examples", "fields"],
)
def test_faulty_rules(refuses, tmp_path, text, message):
    """Every fault of a rule is reported with its line and a caret, before any text is read."""
    write(tmp_path / "r/a.yaml", text)
    write(tmp_path / "a.txt", GOOD)
    refuses(message, "tag", "a.txt", "-o", "out", "--rules", "r")


def test_an_example_that_fails(cli, tmp_path):
    """`ruletag check` shows in markup what an example wants and what the rule finds."""
    write(tmp_path / "r/a.yaml", rule("né à [ Cap ]", '["Zoé est née à [Brest](PER).", "Il est né à Brest."]'))
    assert cli("check", "r") == (
        1,
        "r/a.yaml:6: RT305 x: expected Il est né à Brest.\n  help: found    Il est né à [Brest](PER).\n"
        "r/a.yaml:6: RT305 x: expected Zoé est née à [Brest](PER).\n  help: found    Zoé est née à Brest.\n",
        "2 findings in 1 file: 0 names, 1 rule, 2 examples\n",
    )


# Outputs


def test_a_file_where_a_folder_is_wanted(refuses, tmp_path):
    """An output below a file cannot be written."""
    write(tmp_path / "a.txt", GOOD)
    message = "{}: RT106 cannot be written: there is a file where a folder is needed\n  help: choose another path\n"
    refuses(message.format("a.txt/b.txt"), "tag", "a.txt", "-o", "a.txt/b.txt")
    write(tmp_path / "in/c.txt", GOOD)
    write(tmp_path / "in/d.txt", GOOD)
    refuses(message.format("a.txt/out/c.txt") + message.format("a.txt/out/d.txt"), "tag", "in", "-o", "a.txt/out")


@pytest.mark.parametrize("folder", ["new", "new/er"])
def test_failures_that_cannot_be_written(refuses, tmp_path, folder):
    """Nothing is tagged, and the folders made for the file of failures are removed."""
    write(tmp_path / "a.txt", GOOD)
    name = f"{folder}/{'x' * 300}"
    message = f"{name}: RT106 cannot be written: File name too long\n  help: choose another path\n"
    refuses(message, "tag", "a.txt", "-o", "b.txt", "--failed", name)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("arguments", [["tag", "a.txt", "--failed", "-"], ["eval", "a.txt", "--ledger", "-"]])
def test_standard_output_that_is_for_results(refuses, tmp_path, arguments):
    """No file is called `-` by mistake."""
    write(tmp_path / "a.txt", TAGGED)
    refuses("-: RT106 is not the name of a file\n  help: choose another path\n", *arguments)


def test_output_that_exists(cli, refuses, tmp_path):
    """Outputs that exist are named, once for all, before anything is tagged; --force replaces them."""
    for name in "in/a.txt", "in/b.txt", "in/c.txt":
        write(tmp_path / name, GOOD)
    write(tmp_path / "out/a.txt", "old")
    write(tmp_path / "out/c.txt", "old")
    refuses(
        "out/a.txt: RT106 exists already\n  help: use --force to replace it, with all corrections made in it\n",
        "tag",
        "in/a.txt",
        "-o",
        "out",
    )
    help = "  help: use --force to replace them, with all corrections made in them; or --resume to make only what is "
    help += "missing\n"
    message = f"out: RT106 2 outputs exist already: out/a.txt, out/c.txt\n{help}"
    refuses(message, "tag", "in", "-o", "out")
    assert cli("tag", "in", "-o", "out", "--force") == (0, "", "")
    assert listing(tmp_path / "out") == dict.fromkeys(["a.txt", "b.txt", "c.txt"], TAGGED.encode())


def test_output_that_is_an_input(refuses, tmp_path):
    """An input is never changed, whatever is forced and however it is named."""
    write(tmp_path / "a.txt", GOOD)
    (tmp_path / "link.txt").symlink_to("a.txt")
    for path in "a.txt", "./a.txt", "link.txt":
        message = f"{Path(path)}: RT106 is an input and is never changed\n  help: write to another path\n"
        refuses(message, "tag", "a.txt", "-o", path, "--force")
    write(tmp_path / "d/a.txt", GOOD)
    refuses(
        "d/a.txt: RT106 is an input and is never changed\n  help: write to another path\n",
        "tag",
        "d",
        "-o",
        "d",
        "--force",
    )


def test_two_inputs_for_one_output(refuses, tmp_path):
    """Two files of one name, or one file twice, do not overwrite each other."""
    for name in "a/x.txt", "b/x.txt", "b/x.jsonl":
        write(tmp_path / name, "")
    help = "  help: give each output its own path\n"
    refuses(f"out/x.txt: RT106 2 outputs would be written to it\n{help}", "tag", "a/x.txt", "b/x.txt", "-o", "out")
    refuses(f"out/x.txt: RT106 3 outputs would be written to it\n{help}", "tag", "a", "b", "-o", "out")


# Names of things


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--guideline", "sead"], "--guideline: RT110 unknown guideline 'sead'\n  help: did you mean 'seed'?\n"),
        (["--to", "json"], "--from/--to: RT110 unknown format 'json'\n  help: did you mean 'jsonl'?\n"),
        (["--from", "xml"], "--from/--to: RT110 unknown format 'xml'\n  help: known: " + KNOWN),
        (["--engine", "turbo"], "--engine: RT110 unknown engine 'turbo'\n  help: known: core, plain\n"),
        (["--list", "PER"], "--list: RT110 'PER' is not LABEL=FILE\n  help: for example PER=names.txt\n"),
        (["--list", "LIEU=a.txt"], "a.txt: RT205 unknown label 'LIEU'\n  help: known: LOC, MISC, ORG, PER\n"),
        (["--rules", "no"], "no: RT101 there is no such folder\n  help: check the name\n"),
        (["--gazetteers", "no"], "no: RT101 there is no such folder\n  help: check the name\n"),
    ],
)
def test_unknown_names(refuses, tmp_path, arguments, message):
    """Guidelines, formats, engines, labels and folders that are not known are named, with the closest that is."""
    write(tmp_path / "a.txt", GOOD)
    refuses(message, "tag", "a.txt", "-o", "out", *arguments)


def test_unknown_configuration_key(refuses, tmp_path):
    """A key that is not known stops every command, or a slip would silently do nothing."""
    write(tmp_path / "a.txt", GOOD)
    write(tmp_path / "ruletag.toml", 'guidline = "seed"\n')
    message = "ruletag.toml: RT110 unknown key 'guidline'\n  help: did you mean 'guideline'?\n"
    for arguments in ["tag", "a.txt", "-o", "out"], ["eval", "a.txt"], ["explain", "Paris"], ["check"]:
        refuses(message, *arguments)


# Pipes and signals


@pytest.fixture
def start(small_folder, tmp_path):
    """`start("tag", "in")` runs the command in a process of its own, with the little knowledge."""
    code = f"import pathlib, ruletag.sources as s; s.home = pathlib.Path({str(small_folder)!r})\n"
    code += "from ruletag.cli import main; main()"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}

    def run(*arguments, **streams):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
        return subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=tmp_path, env=environment, **pipes)

    return run


@pytest.mark.parametrize(
    ("arguments", "beginning"),
    [
        (["tag", "a.txt", "a.txt"], b"Emmanuel M"),
        (["tag", "a.txt", "-t", "jsonl"], b'{"text": "'),
        (["explain", "a.txt"], b"[Emmanuel "),
        (["eval", "a.txt", "--errors", "--from", "markup"], b"label     "),
    ],
)
@pytest.mark.slow
def test_closed_pipe(start, tmp_path, arguments, beginning):
    """Whoever reads only the beginning (`| head -c 10`) gets it, and no complaint."""
    write(tmp_path / "a.txt", GOOD * 1_500)
    with start(*arguments) as run:
        assert run.stdout.read(10) == beginning
        run.stdout.close()
        assert (run.stderr.read(), run.wait()) == (b"", 0)


@pytest.mark.slow
def test_results_come_as_they_are_made(start):
    """Whoever writes a line and waits for its result gets it, before the next line and the end of the input."""
    arguments = ["tag", "--from", "jsonl", "-t", "markup"]
    with start(*arguments, stdin=subprocess.PIPE, bufsize=0) as run:
        for text in "Paris", "Chine":
            run.stdin.write(f'{{"text": "À {text}."}}\n'.encode())
            got = b""
            while not got.endswith(b")."):
                got += run.stdout.read(1)
            assert got.decode().lstrip("\n") == f"À [{text}](LOC)."
        run.stdin.close()
        assert (run.stdout.read(), run.stderr.read(), run.wait()) == (b"\n", b"", 0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_full_disk_behind_standard_output(start, tmp_path):
    """Results that cannot be written are a fault, never a traceback."""
    write(tmp_path / "a.txt", GOOD)
    with open("/dev/full", "wb") as full, start("tag", "a.txt", stdout=full) as run:
        assert (run.stderr.read(), run.wait()) == (b"-: RT106 cannot be written: No space left on device\n", 2)


@pytest.mark.slow
def test_ctrl_c_in_a_large_folder(start, cli, tmp_path):
    """Exit 130; every file that is there is whole and is what a full run gives; nothing temporary is left."""
    for number in range(400):
        write(tmp_path / f"in/{number:03}.txt", GOOD * 400)
    with start("tag", "in", "-o", "out") as run:
        while not list(tmp_path.glob("out/*.txt")):
            assert run.poll() is None
            time.sleep(0.01)
        run.send_signal(signal.SIGINT)
        assert (run.stderr.read().decode(), run.wait()) == (INTERRUPTED, 130)
    done = listing(tmp_path / "out")
    assert 0 < len(done) < 400
    assert cli("tag", "in/000.txt", "-o", "whole.txt") == (0, "", "")
    whole = (tmp_path / "whole.txt").read_bytes()
    assert done == {f"{number:03}.txt": whole for number in range(len(done))}


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.slow
def test_ctrl_c_in_a_large_file(start, small_folder, tmp_path, jobs):
    """Exit 130 at once, with one process or two; of a file that is not finished nothing is left, nor of its folder."""
    write(tmp_path / "a.jsonl", (json.dumps({"text": GOOD * 20}) + "\n") * 40_000)
    own = [f"--{kind}={small_folder / kind}" for kind in ("rules", "gazetteers")]
    with start("tag", "a.jsonl", "-o", "out/b.jsonl", "-j", jobs, *own) as run:
        while not any(path.stat().st_size for path in tmp_path.glob("out/.*.part")):
            assert run.poll() is None
            time.sleep(0.01)
        run.send_signal(signal.SIGINT)
        assert (run.stderr.read().decode(), run.wait()) == (INTERRUPTED, 130)
    assert not (tmp_path / "out").exists()
