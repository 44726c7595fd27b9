"""Runs of the command as a whole: documents that fail, closed streams, signals, terminals, inputs of any kind."""

from __future__ import annotations

import encodings
import gzip
import io
import json
import os
import pkgutil
import signal
import subprocess
import sys
import time
from encodings import aliases
from pathlib import Path

import pytest
import zstandard

import ruletag.cli
from ruletag import RuletagError, Tagger
from ruletag.decoding import decode, refuse_encoding
from ruletag.engine import engine_name, why_plain
from ruletag.files import is_manifest
from ruletag.foreign import COMMANDS
from ruletag.formats import FORMATS as FORMATS_BY_NAME

# A sentence for each thing that can happen to a document; what is not in it is tagged as ever.
SPOILT = """\
import ruletag.tagger as t
whole = t.Tagger._document
def spoilt(self, text, run):
    if "Crash" in text: [][1]
    if "Memory" in text: raise MemoryError
    if "Deep" in text: raise RecursionError("too\\n deep")
    return whole(self, text, run)
t.Tagger._document = spoilt
decide = t.Tagger.decided
def spoilt_too(self, text):
    decided = decide(self, text)
    spoilt(self, text, decided)
    return decided
t.Tagger.decided = spoilt_too
"""
CRASH = "cannot be tagged: IndexError: list index out of range\n"
MEMORY = "cannot be tagged: there is not enough memory\n"
DEEP = "cannot be tagged: RecursionError: too deep\n"
OURS = "  help: this is a bug in ruletag, please report it; the other documents are not affected\n"
SMALLER = "  help: split it into smaller documents, or use fewer processes\n"

posix = pytest.mark.skipif(os.name == "nt", reason="no such signals and files there")


@pytest.fixture
def start(small_folder, tmp_path):
    """`start("tag", "in")` runs the command in a process of its own, with the little knowledge and documents that fail.

    Its workers, too, take what is spoilt from the module that Python loads when it starts.
    """
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SPOILT)
    path = os.pathsep.join([str(site), *sys.path])
    own = [f"--{kind}={small_folder / kind}" for kind in ("rules", "gazetteers")]

    def run(*arguments, shell="", env=None, **streams):
        words = [sys.executable, "-m", "ruletag", *arguments, *(own if arguments[0] != "cache" else [])]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
        if shell:
            words = ["sh", "-c", f'exec "$@" {shell}', "sh", *words]
        environment = os.environ | {"PYTHONPATH": path} | (env or {})
        return subprocess.Popen(words, cwd=tmp_path, env=environment, **pipes)

    return run


def outcome(run):
    """The exit code and both streams of a process, decoded."""
    out, err = run.communicate(timeout=120)
    return run.returncode, (out or b"").decode(), (err or b"").decode()


def write(path, data):
    """A file of text or bytes, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def listing(folder):
    """All files below a folder, hidden ones too, with their contents, but for the record of a run."""
    files = [path for path in folder.rglob("*") if path.is_file() and not is_manifest(path.name)]
    return {str(path.relative_to(folder)): path.read_bytes().decode() for path in files}


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
class TestDocumentsThatFail:
    """A failing document is named, the others are tagged, and the exit code is 2, with any number of jobs."""

    def test_files(self, start, tmp_path, jobs):
        """A file whose document fails has no output, the others have theirs."""
        for name, text in {"a": "Paris", "b": "Crash", "c": "Memory", "d": "Deep", "e": "Paris"}.items():
            write(tmp_path / f"in/{name}.txt", text)
        err = (
            f"in/b.txt: RT111 the document 'b.txt' {CRASH}{OURS}in/c.txt: RT111 the document 'c.txt' {MEMORY}{SMALLER}"
            f"in/d.txt: RT111 the document 'd.txt' {DEEP}{OURS}"
            "5 files: 2 tagged, 3 failed; once they are fixed, --resume tags only those\n"
        )
        assert outcome(start("tag", "in", "-o", "out", "-j", jobs)) == (2, "", err)
        tagged = "Paris\n{\nParis_LOC\n}"
        assert listing(tmp_path / "out") == {"a.txt": tagged, "e.txt": tagged}

    def test_no_file_is_good(self, start, tmp_path, jobs):
        """If no file has an output, no folder is made for them, unless it was there before."""
        for name in ("a", "b/c"):
            write(tmp_path / f"in/{name}.txt", "Crash")
        err = (
            f"in/a.txt: RT111 the document 'a.txt' {CRASH}{OURS}in/b/c.txt: RT111 the document 'b/c.txt' {CRASH}{OURS}"
            "2 files: 2 failed; once they are fixed, --resume tags only those\n"
        )
        assert outcome(start("tag", "in", "-o", "out/new", "-j", jobs)) == (2, "", err)
        assert not (tmp_path / "out").exists()
        (tmp_path / "out").mkdir()
        assert outcome(start("tag", "in", "-o", "out", "-j", jobs)) == (2, "", err)
        assert os.listdir(tmp_path / "out") == []

    def test_lines(self, start, tmp_path, jobs):
        """A line that fails is named by file, line and id, and left out; the file has all others."""
        texts = ["Paris", "Crash", "Memory", "Paris", "Deep"] * 40
        lines = [{"id": f"n{number}", "text": text} for number, text in enumerate(texts)]
        write(tmp_path / "a.jsonl", "\n\n".join(map(json.dumps, lines)))
        whole = outcome(start("tag", "a.jsonl", "-j", jobs))
        assert outcome(start("tag", "a.jsonl", "-o", "out.jsonl", "-j", jobs)) == (2, "", whole[2])
        code, out, err = whole
        assert (code, (tmp_path / "out.jsonl").read_text()) == (2, out)
        assert [json.loads(line)["id"] for line in out.splitlines()] == [
            f"n{number}" for number, text in enumerate(texts) if text == "Paris"
        ]
        messages = {"Crash": CRASH + OURS, "Memory": MEMORY + SMALLER, "Deep": DEEP + OURS}
        assert err == "".join(
            f"a.jsonl:{2 * number + 1}: RT111 the document 'n{number}' {messages[text]}"
            for number, text in enumerate(texts)
            if text in messages
        )


@pytest.mark.slow
def test_every_command_names_documents_that_fail(start, tmp_path):
    """All failed documents are named; without them there is no score, but every other explanation."""
    lines = ['{"text": "Paris", "spans": []}', '{"text": "Crash", "spans": []}', '{"text": "Memory", "spans": []}']
    write(tmp_path / "a.jsonl", "\n".join(lines))
    err = f"a.jsonl:2: RT111 the document {CRASH}{OURS}a.jsonl:3: RT111 the document {MEMORY}{SMALLER}"
    assert outcome(start("eval", "a.jsonl")) == (2, "", err)
    code, out, errors = outcome(start("explain", "a.jsonl"))
    assert (code, out.count("Guideline in force"), errors) == (2, 1, err)
    assert outcome(start("guideline", "fit", "a.jsonl")) == (2, "", err)


@pytest.mark.usefixtures("small")
def test_a_file_that_is_too_large_to_read(cli, tmp_path, monkeypatch):
    """If memory runs out on a file, it is named and the others are tagged."""
    write(tmp_path / "in/a.txt", "Paris")
    write(tmp_path / "in/b.txt", "Paris")
    opened = Path.open

    def large(path, *arguments, **options):
        if path.name == "a.txt":
            raise MemoryError
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", large)
    err = "in/a.txt:1: RT111 the document cannot be tagged: there is not enough memory\n" + SMALLER
    assert cli("tag", "in", "-t", "markup") == (2, "[Paris](LOC)\n", err + "2 files: 1 tagged, 1 failed\n")


@pytest.mark.usefixtures("small")
def test_a_missing_package_is_named_once(cli, tmp_path, monkeypatch):
    """However many documents would need it; how many failed is said at the end."""
    monkeypatch.setitem(sys.modules, "cassis", None)
    for name in ("a", "b", "c"):
        write(tmp_path / f"in/{name}.txt", "Paris")
    fault = "--from/--to: RT113 the format cas needs a package that is not installed: cassis\n"
    message = "3 files: 3 failed; once they are fixed, --resume tags only those\n"
    assert cli("tag", "in", "-o", "out", "-t", "cas") == (
        2,
        "",
        f"{fault}  help: pip install 'ruletag[cas]'\n{message}",
    )


OTHERS = "nothing was done with the others"


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("arguments", "consequence"),
    [
        (["eval", "in"], OTHERS),
        (["compare", "in", "in", "in"], OTHERS),
        (["agree", "in", "in"], OTHERS),
        (["gold-check", "in"], OTHERS),
        (["guideline", "fit", "in"], OTHERS),
        (["suggest", "in"], OTHERS),
        (["add", "Kersolea", "ORG", "--to", "mine", "--on", "in"], OTHERS),
        (["diff", "shipped", "shipped", "--on", "in"], OTHERS),
        (["import", "in", "--into", "gold"], "nothing was written"),
        (["convert", "in", "out.jsonl"], "nothing was written"),
        (["convert", "in", "out", "--to", "tei"], "nothing was written"),
        (["convert", "in", "-", "--to", "jsonl"], "the output ends at the first fault"),
    ],
)
def test_faults_of_several_files_are_counted(cli, tmp_path, arguments, consequence):
    """A command that needs all its files names every fault, and at last how many failed and what follows from it; of a
    single file it says nothing more."""
    span = '{"start": 0, "end": 5, "label": "LOC", "text": "Paris"}'
    good = f'{{"id": "a", "text": "Paris", "spans": [{span}]}}\n'
    write(tmp_path / "in/a.jsonl", good)
    for name in ("b", "c"):
        write(tmp_path / f"in/{name}.jsonl", "[]\n")
    faults = [f"in/{name}.jsonl:1: RT105 expected an object with a string under 'text'\n" for name in "bc"]
    message = f"{''.join(faults)}2 of 3 files failed; {consequence}\n"
    assert cli(*arguments) == (2, good if "-" in arguments else "", message)
    assert sorted(os.listdir(tmp_path)) == ["in"]
    for name in ("a", "b"):
        (tmp_path / f"in/{name}.jsonl").unlink()
    assert cli(*arguments) == (2, "", faults[1])


@pytest.mark.usefixtures("small")
def test_the_last_resort(cli, monkeypatch):
    """An unforeseen error is one message, with a traceback only on request."""
    monkeypatch.setattr(Tagger, "load", lambda **_: [][1])
    fault = (
        "ruletag: RT199 has failed: IndexError: list index out of range\n"
        "  help: this is a bug in ruletag, please report it; RULETAG_TRACEBACK=1 shows where it is\n"
    )
    assert cli("explain", "Paris") == (2, "", fault)
    monkeypatch.setenv("RULETAG_TRACEBACK", "1")
    code, out, err = cli("explain", "Paris")
    assert (code, out, err.startswith("Traceback (most recent call last):\n"), err.endswith(fault)) == (
        2,
        "",
        True,
        True,
    )


# Usage


def test_too_many_processes(cli):
    """A number of processes that no machine has is refused."""
    code, out, err = cli("tag", "-j", "99999999999")
    last = "Error: Invalid value for '-j' / '--jobs': 99999999999 is not in the range 0<=x<=1024."
    assert (code, out, err.splitlines()[-1]) == (2, "", last)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["tag", ""], "paths"),
        (["tag", "a.txt", ""], "paths"),
        (["tag", "-o", ""], "--output"),
        (["tag", "--guideline", ""], "--guideline"),
        (["tag", "--rules", ""], "--rules"),
        (["eval", ""], "gold"),
        (["eval", "a.txt", "--report", ""], "--report"),
        (["check", ""], "folder"),
        (["guideline", "fit", ""], "gold"),
    ],
)
def test_empty_names(cli, arguments, name):
    """An empty argument, as from an unset variable, means nothing, not the working folder."""
    assert cli(*arguments) == (2, "", f"{name}: RT110 is empty\n  help: give it a value, or leave it out\n")


CODECS = sorted({name for _, name, _ in pkgutil.iter_modules(encodings.__path__)} | set(aliases.aliases))


@pytest.mark.filterwarnings("error")
def test_every_codec():
    """Each codec of Python is refused as none for texts, or reads any bytes as a text or a fault."""
    taken = []
    for name in CODECS:
        try:
            refuse_encoding(name)
        except RuletagError as error:
            assert str(error).startswith(f"--encoding: RT110 unknown encoding {name!r}\n")  # noqa: PT017
            continue
        taken.append(name)
        for data in (b"abcd\xff\xfe\x00\x81", b"~{~~+a-\\x\\u\x1b$B\x0e", bytes(range(33, 256)), b"xn--\n-99999999999"):
            try:
                text = "".join(text for text, _ in decode([data[:5], data[5:]], "a", name))
            except RuletagError as error:
                assert {fault.code for fault in error.faults} <= {"RT102"}  # noqa: PT017
            else:
                assert isinstance(text, str)
    notations = {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "rot_13", "base64_codec"}
    assert (notations & set(taken), {"utf_8", "latin_1", "cp1252", "utf_16", "hz", "utf_7"} - set(taken)) == (
        set(),
        set(),
    )


# Streams


@posix
@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["tag", "a.txt"],
        ["tag", "a.txt", "-j", "2"],
        ["eval", "a.jsonl"],
        ["eval", "a.jsonl", "--json"],
        ["explain", "Paris"],
        ["check", "bad"],
        ["guideline", "fit", "a.jsonl"],
        ["cache"],
        ["tag", "--help"],
    ],
    ids=" ".join,
)
def test_standard_output_is_closed(start, tmp_path, arguments):
    """Every command says that it cannot write its result."""
    write(tmp_path / "a.txt", "Paris")
    write(tmp_path / "a.jsonl", '{"text": "Paris", "spans": [[0, 5, "LOC"]]}')
    write(tmp_path / "bad/gazetteers/a.yaml", "label: PER\nentries: [la pluie]\n")
    code, _, err = outcome(start(*arguments, shell=">&-"))
    assert (code, err) == (2, "-: RT106 cannot be written: standard output is closed\n")


@posix
@pytest.mark.slow
def test_other_closed_streams(start, tmp_path):
    """Without standard output a file is still written; missing input is reported; without stderr nothing is."""
    write(tmp_path / "a.txt", "Paris")
    assert outcome(start("tag", "a.txt", "-o", "b.txt", shell=">&- <&- 2>&-")) == (0, "", "")
    assert (tmp_path / "b.txt").read_text() == "Paris\n{\nParis_LOC\n}"
    closed = "-: RT101 cannot be read: standard input is closed\n  help: check the name and the permissions\n"
    assert outcome(start("tag", shell="<&-")) == (2, "", closed)
    assert outcome(start("explain", "-", shell="<&-")) == (2, "", closed)
    assert outcome(start("tag", "no.txt", shell="2>&-")) == (2, "", "")


# Signals


def children(process):
    """The processes that a process has started."""
    completed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False
    )
    return [int(number) for number in completed.stdout.split()]


def alive(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition):
    for _ in range(1200):
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGKILL"])
def test_a_run_that_is_ended(start, tmp_path, name, jobs):
    """No process outlives the run, whoever ends it; temporary files go with it, or with the next."""
    write(tmp_path / "a.jsonl", (json.dumps({"text": "Emmanuel Macron est à Paris. " * 400}) + "\n") * 4_000)
    out = tmp_path / "out"
    run = start("tag", "a.jsonl", "-o", "out/b.jsonl", "-j", jobs)
    assert wait_until(lambda: any(path.stat().st_size for path in out.glob(".*.part")))
    workers = children(run)
    assert len(workers) >= 2 * (jobs == "2")
    run.send_signal(getattr(signal, name))
    code, stdout, err = outcome(run)  # its streams are closed: nobody holds them any more
    assert wait_until(lambda: not any(map(alive, workers)))
    if name == "SIGKILL":
        assert (code, len(os.listdir(out))) == (-9, 1)
        write(tmp_path / "c.txt", "Paris")
        assert outcome(start("tag", "c.txt", "-o", "out/c.txt"))[0] == 0
        assert os.listdir(out) == ["c.txt"]
    else:
        expected = f"ended by {name}: finished files are complete; others were not started\n"
        assert (code, stdout, err) == (128 + getattr(signal, name), "", expected)
        assert not out.exists()


@posix
@pytest.mark.slow
def test_a_hangup_that_is_ignored(start, tmp_path):
    """`nohup` works: the run goes on when its terminal is gone."""
    write(tmp_path / "a.jsonl", (json.dumps({"text": "Paris. " * 400}) + "\n") * 400)
    out = tmp_path / "out"
    run = start("tag", "a.jsonl", "-o", "out/b.jsonl", "-j", "2", preexec_fn=_ignore_hangups)
    assert wait_until(lambda: list(out.glob(".*.part")))
    run.send_signal(signal.SIGHUP)
    assert outcome(run) == (0, "", "")
    assert os.listdir(out) == ["b.jsonl"]


def _ignore_hangups():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


# Terminals


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def __init__(self):
        super().__init__(io.BytesIO(), encoding="utf-8", errors="surrogateescape", newline="\n")

    def isatty(self):
        return True

    def text(self):
        self.flush()
        return self.buffer.getvalue().decode("utf-8", "surrogateescape")


@pytest.fixture
def terminal(monkeypatch, tmp_path):
    """`terminal("explain", "…")` runs the command on a terminal: its exit code and what both streams show."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        out, err = Terminal(), Terminal()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["ruletag", *map(str, arguments)])
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            with pytest.raises(SystemExit) as stop:
                ruletag.cli.main()
        return stop.value.code, out.text(), err.text()

    return run


NASTY = "M. Wang\x1b(0title\x07 est à Paris\x9b31m, \u202eParis.\r"
TAME = "M. Wang\\x1b(0title\\x07 est à Paris\\x9b31m, \\u202eParis.\\x0d"


@pytest.mark.slow
@pytest.mark.usefixtures("small")
class TestTerminal:
    """On a terminal no control character of a text, a name or an entry takes effect; elsewhere all stay."""

    def test_tag(self, terminal, cli, tmp_path):
        """Tagged text is shown with escapes, except for its line ends and tabs."""
        write(tmp_path / "a.txt", f"\t{NASTY}\r\n")
        marked = {"Wang": "[Wang](PER)", "Paris": "[Paris](LOC)"}
        code, out, _ = terminal("tag", "a.txt", "-t", "markup")
        assert (
            code,
            [code_point for code_point in map(ord, out) if code_point < 32 and code_point not in (9, 10, 13)],
        ) == (0, [])
        assert out == f"\t{TAME}\r\n".replace("Wang", marked["Wang"]).replace("à Paris", "à [Paris](LOC)").replace(
            "\\u202eParis", "\\u202e[Paris](LOC)"
        )
        piped = cli("tag", "a.txt", "-t", "markup").out
        assert piped.replace("[", "", 3).count("\x1b") == 1

    @pytest.mark.parametrize("command", ["explain", "eval", "missing", "usage", "entry"])
    def test_messages(self, terminal, tmp_path, command):
        """Reports and messages, whatever they quote."""
        write(tmp_path / "a.jsonl", json.dumps({"text": NASTY, "spans": [[0, 12, "PER"]]}))
        write(tmp_path / "b/gazetteers/a.yaml", 'label: PER\nentries: ["la pluie\\e[m"]\n')
        arguments = {
            "explain": ["explain", "Le ministre Macron voit\x1b[31m Orange\x9b."],
            "eval": ["eval", "a.jsonl", "--errors", "--full"],
            "missing": ["tag", NASTY],
            "usage": ["tag", f"--{NASTY}"],
            "entry": ["check", "b"],
        }[command]
        _, out, err = terminal(*arguments)
        shown = (out + err).replace("\r\n", "\n")  # how a message of click ends before 8.4, if it quotes a final \r
        assert [char for char in shown if ord(char) < 32 and char not in "\t\n"] == []
        assert [char for char in shown if char in "\x7f\x9b\u202e"] == []
        assert "\\x1b" in shown

    def test_names_of_files(self, terminal, cli, tmp_path):
        """A name that is no UTF-8 and a an unpaired surrogate are shown as what they are, and never stop the run."""
        name = os.fsdecode(b"\x9b31m.txt")
        assert terminal("tag", name)[2].splitlines()[0] == "\\x9b31m.txt: RT101 there is no such file or folder"
        assert cli("tag", name).err.splitlines()[0] == f"{name}: RT101 there is no such file or folder"
        write(tmp_path / "a.jsonl", '{"text": "\\ud83d Paris"}')
        assert cli("explain", "a.jsonl").code == terminal("explain", "a.jsonl")[0] == 0


# Guidelines

ENGINE = engine_name() + (f" ({why_plain()})" if why_plain() else "")
IN_FORCE = f"in force: guideline {{}}, engine {ENGINE}, knowledge shipped\n"
SEED = "; --guideline seed for titles that belong to the name"
CANONICAL = "; --guideline canonical for names without titles"


@pytest.mark.usefixtures("small")
class TestGuidelineSaid:
    """Which guideline was in force, and why: one line a run, on a terminal or with -v."""

    @pytest.mark.parametrize(
        ("arguments", "line"),
        [
            (["tag", "a.txt"], f"seed (the default of the brace format{CANONICAL})"),
            (["tag", "a.txt", "a.txt"], f"seed (the default of the brace format{CANONICAL})"),
            (
                ["tag", "a.txt", "-t", "jsonl"],
                f"canonical (the default of the jsonl format{SEED})",
            ),
            (["tag", "a.txt", "--guideline", "canonical"], "canonical (by --guideline)"),
            (["explain", "a.txt"], f"seed (the default of the brace format{CANONICAL})"),
            (["explain", "b.jsonl"], f"canonical (the default of the jsonl format{SEED})"),
            (
                ["explain", "Paris"],
                f"canonical (the default for a text on the command line{SEED})",
            ),
            (["eval", "b.jsonl"], f"canonical (the default of the jsonl format{SEED})"),
            (
                ["eval", "gold"],
                "seed (the default of the brace format) and canonical (the default of the jsonl format)",
            ),
        ],
    )
    def test_why(self, cli, tmp_path, arguments, line):
        """The option, the configuration, or the format that stands for it."""
        write(tmp_path / "a.txt", "Paris")
        for name in ("b.jsonl", "gold/b.jsonl"):
            write(tmp_path / name, '{"text": "Paris", "spans": [[0, 5, "LOC"]]}')
        write(tmp_path / "gold/a.txt", "Paris\n{\nParis_LOC\n}\n")
        assert cli(*arguments, "-v").err == IN_FORCE.format(line)
        assert cli(*arguments).err == ""

    def test_configuration(self, cli, tmp_path):
        """A guideline from the configuration is said to be from there."""
        write(tmp_path / "ruletag.toml", 'guideline = "seed"\n')
        assert cli("explain", "Paris", "-v").err == IN_FORCE.format("seed (by ruletag.toml)")

    def test_a_terminal(self, terminal, tmp_path):
        """A terminal gets the line on what is in force by default."""
        write(tmp_path / "a.txt", "Paris")
        line = IN_FORCE.format(f"seed (the default of the brace format{CANONICAL})")
        assert terminal("tag", "a.txt", "-o", "b.txt") == (0, "", line)


# Inputs

READABLE = ", ".join(name for name, found in FORMATS_BY_NAME.items() if found.read)
FORMATS = f"  help: formats are {READABLE}; convert it, or use --from text to read it as it is\n"


@pytest.mark.usefixtures("small")
class TestWhatIsNoText:
    """Files in an unsupported format are refused by name, unless they are declared to be text."""

    @pytest.mark.parametrize("suffix", [".xlsx", ".log"])
    @pytest.mark.parametrize("command", ["tag", "eval", "explain"])
    def test_unknown_suffixes(self, cli, tmp_path, command, suffix):
        """Every command that reads documents names the suffix and the formats."""
        write(tmp_path / f"a{suffix}", "Paris")
        fault = f"a{suffix}: RT112 {suffix} is not the suffix of a format that can be read\n{FORMATS}"
        assert cli(command, f"a{suffix}") == (2, "", fault)

    @pytest.mark.parametrize(("suffix", "data"), [(suffix, b"Paris") for suffix in sorted(COMMANDS)])
    def test_other_programs(self, cli, tmp_path, suffix, data):
        """For files that a common program converts to text, the help is the command, ready to be pasted."""
        write(tmp_path / f"un rapport{suffix}", data)
        shown = f"un rapport{suffix}"
        help = COMMANDS[suffix].format(f"'{shown}'", "'un rapport.txt'")
        message = f"{shown}: RT112 {suffix} is not the suffix of a format that can be read\n"
        assert cli("tag", shown) == (2, "", f"{message}  help: turn it into text first: {help}\n")

    def test_from_text(self, cli, tmp_path):
        """Whoever says that it is text is believed; other formats, too, are taken as they are named."""
        write(tmp_path / "a.xml", "<p>Paris</p>")
        assert cli("tag", "a.xml", "--from", "text", "-t", "markup") == (0, "<p>[Paris](LOC)</p>\n", "")
        assert cli("tag", "a.xml", "--from", "markup", "-t", "markup") == (0, "<p>[Paris](LOC)</p>\n", "")

    @pytest.mark.parametrize("name", ["a", "a.md", "a.TXT", "a.text", "rapport v1.2", "a.txt~", "-"])
    def test_what_is_text(self, cli, tmp_path, name):
        """No suffix, a suffix of prose, and standard input are text."""
        if name != "-":
            write(tmp_path / name, "Paris")
        assert cli("tag", name, "-t", "markup", stdin="Paris") == (0, "[Paris](LOC)\n", "")

    @pytest.mark.parametrize(
        ("data", "kind"),
        [
            (gzip.compress(b"Paris", mtime=0), "it looks like gzip"),
            (b"\x28\xb5\x2f\xfd\x04\x00", "it looks like zstd"),
            (b"PK\x03\x04\x14\x00", "it looks like ZIP (.zip, .docx, .odt, .xlsx, .epub)"),
            (b"PAR1\x15\x04", "it looks like Parquet"),
            (b"BZh91AY&SY", "it looks like bzip2"),
            (b"\xfd7zXZ\x00\x00", "it looks like xz"),
            (b"SQLite format 3\x00", "it looks like SQLite"),
            (b"ab\x00\x00\x00\x01" * 40, "it is full of NUL bytes"),
            (b"\x00" * 100, "it is full of NUL bytes"),
        ],
    )
    @pytest.mark.parametrize("name", ["a.txt", "a", "a.jsonl", "-"])
    def test_signatures(self, cli, tmp_path, data, kind, name):
        """Known signatures, and what is full of NUL, whatever the name."""
        if name != "-":
            write(tmp_path / name, data)
        fault = f"{name}: RT112 is not text: {kind}\n{FORMATS}"
        assert cli("tag", name, stdin=data) == (2, "", fault)
        assert cli("tag", name, "--encoding", "latin-1", stdin=data) == (2, "", fault)

    @pytest.mark.parametrize(("name", "text"), [("a.txt", "a.text.txt"), ("a", "a.txt"), ("a.pdf", "a.txt")])
    def test_a_pdf(self, cli, tmp_path, name, text):
        """A file that begins like a PDF gets the command for one, whatever its name, and another name for the text."""
        write(tmp_path / name, b"%PDF-1.7\n")
        message = f"  help: turn it into text first: pdftotext -enc UTF-8 {name} {text}\n"
        run = cli("tag", name)
        assert (run.code, run.out, run.err.partition("\n")[2]) == (2, "", message)

    def test_packed_files(self, cli, tmp_path):
        """Files with the suffix of a compression are unpacked, in every format; damaged ones are refused."""
        packed = b"".join(gzip.compress(b'{"text": "%s"}\n' % name, mtime=0) for name in (b"Paris", b"M. Wang"))
        write(tmp_path / "a.jsonl.gz", packed)
        write(tmp_path / "b.txt.zst", zstandard.compress(b"Paris"))
        assert cli("tag", "a.jsonl.gz", "-t", "markup") == (0, "[Paris](LOC)\nM. [Wang](PER)\n", "")
        assert cli("tag", "b.txt.zst", "-t", "markup") == (0, "[Paris](LOC)\n", "")
        write(tmp_path / "c.jsonl.gz", packed[:-3])
        write(tmp_path / "d.txt.zst", zstandard.compress(b"Paris")[:-3])
        help = "  help: copy or compress it again\n"
        for name, suffix in (("c.jsonl.gz", ".gz"), ("d.txt.zst", ".zst")):
            message = f"{name}: RT102 is a damaged {suffix} file: it ends too early\n{help}"
            assert cli("tag", name, "-o", "out") == (2, "", message)
        assert not (tmp_path / "out").exists()

    def test_texts_that_begin_like_signatures(self, cli, tmp_path):
        """Letters that a signature shares with texts are text."""
        for text in ("PAR1S, Paris", "BZh, Paris", "PK, Paris", "Rar, Paris", "7z Paris"):
            assert cli("tag", "-t", "markup", stdin=text) == (0, text.replace("Paris", "[Paris](LOC)") + "\n", "")

    def test_files_in_folders(self, cli, tmp_path):
        """Files of a folder that are skipped are counted by suffix, in one note."""
        for name in ("a.txt", "b.odt", "sub/c.odt", "sub/d.pdf", "e", ".hidden.odt"):
            write(tmp_path / "in" / name, "Paris")
        note = "in: note: 4 files are left out: their suffixes belong to no format: .odt (2), .pdf (1), no suffix (1)"
        note += "; pandoc and pdftotext can turn such files into text\n"
        assert cli("tag", "in", "-t", "markup") == (0, "[Paris](LOC)\n", note)


@posix
@pytest.mark.slow
class TestFifos:
    """A FIFO below a folder never blocks; one that is named is read once."""

    def test_in_a_folder(self, start, tmp_path):
        """It is named and left out."""
        write(tmp_path / "in/a.txt", "Paris")
        os.mkfifo(tmp_path / "in/b.txt")
        note = "in/b.txt: note: is a FIFO, left out\n"
        assert outcome(start("tag", "in", "-t", "markup")) == (0, "[Paris](LOC)\n", note)

    @pytest.mark.parametrize("kind", ["rules", "gazetteers"])
    @pytest.mark.parametrize("command", ["tag", "check"])
    def test_among_the_knowledge(self, start, tmp_path, kind, command):
        """It is a fault that names it, for rules and for gazetteers."""
        write(tmp_path / "a.txt", "Paris")
        write(tmp_path / f"{kind}/a.yaml", "macros: {}\n" if kind == "rules" else "label: PER\nentries: [Zoé]\n")
        os.mkfifo(tmp_path / kind / "b.yaml")
        arguments = ["a.txt", f"--{kind}", kind] if command == "tag" else [f"--{kind}", kind]
        fault = f"{kind}/b.yaml: RT101 is a FIFO, not a file\n  help: name a file; save a stream to a file first\n"
        assert outcome(start(command, *arguments)) == (2, "", fault)

    def test_a_list(self, start, tmp_path):
        """A list that is a FIFO is a fault: it is read more than once."""
        os.mkfifo(tmp_path / "names.txt")
        fault = "names.txt: RT101 is a FIFO, not a file\n  help: name a file; save a stream to a file first\n"
        assert outcome(start("explain", "Paris", "--list", "PER=names.txt")) == (2, "", fault)

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (["tag", "fifo", "-t", "markup"], "[Paris](LOC)\n"),
            (["explain", "fifo"], "[Paris] LOC 0:5  entry Paris ({small}/gazetteers/places.yaml:3)\n"),
        ],
    )
    def test_an_input(self, start, tmp_path, small_folder, arguments, expected):
        """A process substitution of the shell, <(…), is read to its end."""
        expected = expected.format(small=small_folder)
        os.mkfifo(tmp_path / "fifo")
        run = start(*arguments)
        (tmp_path / "fifo").write_text("Paris")  # ends when it is read
        code, out, err = outcome(run)
        assert (code, out[: len(expected)], err) == (0, expected, "")


# Outputs


@posix
@pytest.mark.usefixtures("small")
class TestNamesWithLineBreaks:
    """A name stays on its line in every message; a result has it as it is."""

    def test_messages(self, cli, tmp_path):
        """Notes and faults of a run."""
        write(tmp_path / "in/a\nb.txt", "")
        write(tmp_path / "in/c\rd.jsonl", "[]\n")
        err = (
            "in/a\\x0ab.txt: note: is empty, nothing to tag\n"
            "in/c\\x0dd.jsonl:1: RT105 expected an object with a string under 'text'\n"
            "2 files: 1 tagged, 1 failed; once they are fixed, --resume tags only those\n"
        )
        assert cli("tag", "in", "-o", "out") == (2, "", err)

    def test_a_result(self, cli, tmp_path):
        """The id of a document."""
        write(tmp_path / "in/a\nb.txt", "Paris")
        write(tmp_path / "in/c.txt", "Paris")
        code, out, err = cli("tag", "in", "-t", "jsonl")
        assert (code, [json.loads(line)["id"] for line in out.splitlines()], err) == (0, ["a\nb.txt", "c.txt"], "")


@pytest.mark.usefixtures("small")
class TestOneFile:
    """Several documents in one file, and the names that they keep."""

    def test_a_folder(self, cli, tmp_path):
        """A document has the path of its file below the folder as its id, and one of its own before that."""
        write(tmp_path / "in/a.txt", "Paris")
        write(tmp_path / "in/sub/a.txt", "Rien")
        write(tmp_path / "in/sub/b.jsonl", '{"text": "Un"}\n\n{"text": "Deux", "id": 7}\n')
        assert cli("tag", "in", "-o", "all.jsonl") == (0, "", "")
        lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
        assert [(line["id"], line["text"]) for line in lines] == [
            ("a.txt", "Paris"),
            ("sub/a.txt", "Rien"),
            ("sub/b.jsonl:1", "Un"),
            (7, "Deux"),
        ]
        assert cli("tag", "in", "-t", "jsonl").out == (tmp_path / "all.jsonl").read_text()
        assert cli("tag", "in", "-t", "jsonl", "-o", "out") == (0, "", "")
        assert json.loads((tmp_path / "out/sub/a.jsonl").read_text())["id"] == "sub/a.txt"

    def test_several_files(self, cli, tmp_path):
        """Files that are named have their names; one alone needs none."""
        for name in ("a.txt", "b/a.txt"):
            write(tmp_path / name, "Paris")
        assert cli("tag", "a.txt", "b/a.txt", "-o", "all.jsonl") == (0, "", "")
        lines = (tmp_path / "all.jsonl").read_text().splitlines()
        assert [json.loads(line)["id"] for line in lines] == ["a.txt", "b/a.txt"]
        assert "id" not in json.loads(cli("tag", "a.txt", "-t", "jsonl").out)

    def test_a_faulty_input(self, cli, tmp_path):
        """Nothing of a faulty input is in the file, and the others are; where all are faulty there is no file."""
        write(tmp_path / "in/a.jsonl", '{"text": "Un", "id": "a"}\n')
        write(tmp_path / "in/b.jsonl", '{"text": "Deux", "id": "b"}\n[]\n')
        write(tmp_path / "in/c.jsonl", '{"text": "Trois", "id": "c"}\n')
        fault = "in/b.jsonl:2: RT105 expected an object with a string under 'text'\n"
        assert cli("tag", "in", "-o", "all.jsonl") == (2, "", fault + "3 files: 2 tagged, 1 failed\n")
        lines = (tmp_path / "all.jsonl").read_text().splitlines()
        assert [json.loads(line)["id"] for line in lines] == ["a", "c"]
        err = fault * 2 + "2 files: 2 failed\n"
        assert cli("tag", "in/b.jsonl", "in/b.jsonl", "-o", "none.jsonl") == (2, "", err)
        assert not (tmp_path / "none.jsonl").exists()

    def test_more_faults_than_documents(self, cli, tmp_path):
        """The faults of one input never count against the next, which alone is in the file."""
        write(tmp_path / "a.jsonl", '{"text": "Un"}\n[]\n[]\n')
        write(tmp_path / "b.jsonl", '{"text": "Deux", "id": "b"}\n')
        err = "".join(f"a.jsonl:{line}: RT105 expected an object with a string under 'text'\n" for line in (2, 3))
        assert cli("tag", "a.jsonl", "b.jsonl", "-o", "all.jsonl") == (2, "", err + "2 files: 1 tagged, 1 failed\n")
        assert [json.loads(line)["id"] for line in (tmp_path / "all.jsonl").read_text().splitlines()] == ["b"]

    @pytest.mark.parametrize("arguments", [["-o", "all.txt"], ["-t", "markup", "-o", "all.jsonl"]])
    def test_other_formats(self, cli, tmp_path, arguments):
        """A format that holds one document a file is refused, before anything is written."""
        write(tmp_path / "in/a.txt", "Paris")
        to = "brace" if "-t" not in arguments else "markup"
        fault = (
            f"{arguments[-1]}: RT106 is one file, which cannot hold several documents in the format {to}\n"
            "  help: name a folder, or write --to jsonl\n"
        )
        assert cli("tag", "in", *arguments) == (2, "", fault)
        assert sorted(os.listdir(tmp_path)) == ["in"]

    def test_a_folder_of_that_name(self, cli, tmp_path):
        """A folder is a folder, whatever its name."""
        write(tmp_path / "in/a.txt", "Paris")
        (tmp_path / "all.jsonl").mkdir()
        assert cli("tag", "in", "-t", "markup", "-o", "all.jsonl") == (0, "", "")
        assert listing(tmp_path / "all.jsonl") == {"a.txt": "[Paris](LOC)"}

    def test_a_folder_that_is_not_there_yet(self, cli, tmp_path):
        """A name with a slash at its end is that of a folder, even for one text."""
        write(tmp_path / "a.txt", "Paris")
        assert cli("tag", "a.txt", "-t", "markup", "-o", "new/") == (0, "", "")
        assert listing(tmp_path / "new") == {"a.txt": "[Paris](LOC)"}

    def test_a_name_that_says_nothing(self, cli, tmp_path):
        """A note says in which format such a file is written, unless --to says it."""
        write(tmp_path / "a.txt", "Paris")
        write(tmp_path / "a.jsonl", '{"text": "Paris"}\n')
        for name, out, format in (("a.txt", "b", "brace"), ("a.jsonl", "c.out", "jsonl")):
            told = f"{out}: note: its name does not say a format, so it is {format}; choose another with --to\n"
            assert cli("tag", name, "-o", out) == (0, "", told)
        assert cli("tag", "a.txt", "-t", "markup", "-o", "d") == (0, "", "")
        assert (tmp_path / "b").read_text() == "Paris\n{\nParis_LOC\n}"

    def test_the_suffix_says_the_format(self, cli, tmp_path):
        """If no format is named, the suffix of the output decides."""
        write(tmp_path / "a.txt", "Paris")
        assert cli("tag", "a.txt", "-o", "b.jsonl") == (0, "", "")
        assert json.loads((tmp_path / "b.jsonl").read_text())["text"] == "Paris"


@pytest.mark.usefixtures("small")
class TestInputsStay:
    """No output takes the place of anything that is read."""

    @pytest.fixture
    def files(self, tmp_path):
        gold = '{"text": "Paris", "spans": [[0, 5, "LOC"]]}\n'
        write(tmp_path / "gold.jsonl", gold)
        write(tmp_path / "pred.json", gold)
        write(tmp_path / "names.txt", "Zoé Quint\n")
        write(tmp_path / "r/guidelines/house.yaml", "name: house\nwhy: Ours.\n")
        write(tmp_path / "r/x.yaml", "macros: {}\n")
        write(tmp_path / "g/people.yaml", "label: PER\nentries: [Zoé]\n")
        write(tmp_path / "ruletag.toml", "memory = true\n")
        write(tmp_path / "base.json", "{}")
        return listing(tmp_path)

    @pytest.mark.parametrize(
        ("arguments", "target"),
        [
            (["eval", "gold.jsonl", "pred.json", "-f", "jsonl", "--report", "{}"], "pred.json"),
            (["eval", "gold.jsonl", "--ledger", "{}"], "gold.jsonl"),
            (["eval", "gold.jsonl", "--ledger", "{}", "--list", "PER=names.txt"], "names.txt"),
            (["eval", "gold.jsonl", "--report", "{}", "--baseline", "base.json"], "base.json"),
            (["tag", "gold.jsonl", "-o", "{}", "--list", "PER=names.txt"], "names.txt"),
            (["tag", "gold.jsonl", "-o", "{}", "--gazetteers", "g"], "g/people.yaml"),
            (["tag", "gold.jsonl", "-o", "{}", "--rules", "shipped", "--rules", "r"], "r/x.yaml"),
            (
                ["tag", "gold.jsonl", "-o", "{}", "--guideline", "r/guidelines/house.yaml"],
                "r/guidelines/house.yaml",
            ),
            (["tag", "gold.jsonl", "-o", "{}"], "ruletag.toml"),
            (["guideline", "fit", "gold.jsonl", "-o", "{}", "--gazetteers", "g"], "g/people.yaml"),
        ],
    )
    @pytest.mark.parametrize("how", ["name", "link", "twin"])
    def test_all_that_is_read(self, cli, tmp_path, files, arguments, target, how):
        """Documents, predictions, lists, knowledge, configuration and baseline, by name, by a link, by a twin."""
        path = target
        if how != "name":
            path = f"other{Path(target).suffix}"
            link = os.symlink if how == "link" else os.link
            link(tmp_path / target, tmp_path / path)
            files = listing(tmp_path)
        fault = f"{path}: RT106 is an input and is never changed\n  help: write to another path\n"
        words = [word.format(path) for word in arguments]
        assert cli(*words, "--force") == (2, "", fault)
        assert listing(tmp_path) == files

    def test_nothing_is_written_before_all_is_looked_at(self, cli, tmp_path, files):
        """A ledger of predictions, and two outputs of one name, are refused before a report is written."""
        message = (
            "--ledger: RT110 cannot be written for predictions from a file, which do not say which rule made them\n"
        )
        run = cli("eval", "gold.jsonl", "pred.json", "-f", "jsonl", "--report", "r.md", "--ledger", "l.tsv")
        assert (run.code, run.out, run.err.splitlines(keepends=True)[0]) == (2, "", message)
        twice = "x.json: RT106 2 outputs would be written to it\n  help: give each output its own path\n"
        assert cli("eval", "gold.jsonl", "--report", "x.json", "--ledger", "x.json") == (2, "", twice)
        assert listing(tmp_path) == files
