"""Runs that are interrupted, continued and shared out, documents that take their process with them, and full disks."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

import ruletag.cli.account
from ruletag.files import is_manifest

# What a document does that holds one of these words; and checkpoints every few lines.
POISON = """\
import os, signal
import ruletag.cli.account as account
account.EVERY = 20_000
import ruletag.tagger as t
whole = t.Tagger._document
def poisoned(self, text, decided):
    if "Crash" in text: [][1]
    if "Kill" in text: os.kill(os.getpid(), signal.SIGKILL)
    while "Hang" in text: pass
    return whole(self, text, decided)
t.Tagger._document = poisoned
"""
TRIALS = int(os.environ.get("RULETAG_TRIALS", "8"))  # random moments at which something is killed
posix = pytest.mark.skipif(os.name == "nt", reason="no such signals there")


def write(path, data):
    """A file of text, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data, encoding="utf-8")
    return path


def lines(texts, start=0):
    """JSON Lines with an id each."""
    return "".join(json.dumps({"id": f"n{start + at}", "text": text}) + "\n" for at, text in enumerate(texts))


def contents(folder):
    """The files below a folder with their bytes, but for the record of a run, whose seconds differ."""
    files = [path for path in folder.rglob("*") if path.is_file() and not is_manifest(path.name)]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def record(folder, name="_manifest.jsonl"):
    """The record of a run by output, without times."""
    entries = [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]
    for row in entries:
        row.pop("seconds")
        row["input"].pop("stat")
    return {entry["name"]: entry for entry in entries if "part" not in entry}


def digest(data):
    return hashlib.sha256(data).hexdigest()


EXISTS = "  help: use --force to replace it, with all corrections made in it\n"
CRASHED = (
    "{}: RT111 the document '{}' cannot be tagged: IndexError: list index out of range\n"
    "  help: this is a bug in ruletag, please report it; the other documents are not affected\n"
)


@pytest.fixture
def crashing(monkeypatch):
    """Documents that hold the word *Crash* raise."""
    from ruletag import Tagger

    whole = Tagger._document

    def spoilt(self, text, decided):
        return [][1] if "Crash" in text else whole(self, text, decided)

    monkeypatch.setattr(Tagger, "_document", spoilt)


@pytest.fixture
def folder(tmp_path):
    """Three files below `in`."""
    for name, text in {"a": "Paris", "b": "M. Wang est à Paris.", "sub/c": "Rien"}.items():
        write(tmp_path / f"in/{name}.txt", text)
    return tmp_path


@pytest.mark.usefixtures("small")
class TestRecord:
    """The record of a run, and what `--resume` makes of it."""

    def test_what_is_recorded(self, cli, folder):
        """A line for each output: what it is, what it was made of, and what came of it."""
        assert cli("tag", "in", "-o", "out") == (0, "", "")
        entries = record(folder / "out")
        first = entries["b.txt"]
        data = (folder / "out/b.txt").read_bytes()
        assert list(entries) == ["a.txt", "b.txt", "sub/c.txt"]
        assert {
            name: first[name] for name in ("size", "sha256", "input", "documents", "spans", "failed", "version")
        } == {
            "size": len(data),
            "sha256": digest(data),
            "input": {"name": "in/b.txt", "sha256": digest(b"M. Wang est \xc3\xa0 Paris.")},
            "documents": 1,
            "spans": 2,
            "failed": [],
            "version": "0.1.0",
        }
        assert {len(first["knowledge"]), len(first["settings"])} == {64}

    def test_the_record_is_no_document(self, cli, folder):
        """A folder that holds one is read without it."""
        cli("tag", "in", "-o", "out", "--to", "jsonl")
        assert cli("tag", "out", "-t", "markup") == (0, "[Paris](LOC)\nM. [Wang](PER) est à [Paris](LOC).\nRien\n", "")

    def test_what_is_done_stays(self, cli, folder):
        """Only what is missing is made; of that, half a line of the record from a writer that was killed is no harm."""
        cli("tag", "in", "-o", "out")
        whole = contents(folder / "out")
        (folder / "out/b.txt").unlink()
        with (folder / "out/_manifest.jsonl").open("a") as file:
            file.write('{"name": "sub/c')
        before = {name: (folder / "out" / name).stat().st_ino for name in ("a.txt", "sub/c.txt")}
        assert cli("tag", "in", "-o", "out", "--resume") == (0, "", "2 of 3 outputs are complete already\n")
        assert cli("tag", "in", "-o", "out", "--resume", "-q") == (0, "", "")
        assert contents(folder / "out") == whole
        assert {name: (folder / "out" / name).stat().st_ino for name in before} == before

    def test_what_would_be_made_otherwise_is_made_again(self, cli, folder):
        """Other input or other settings: the output is replaced, since nobody has changed it."""
        cli("tag", "in", "-o", "out", "-t", "jsonl")
        write(folder / "in/a.txt", "M. Wang")
        assert cli("tag", "in", "-o", "out", "-t", "jsonl", "--resume").err == "2 of 3 outputs are complete already\n"
        assert json.loads((folder / "out/a.jsonl").read_text())["spans"][0]["text"] == "Wang"
        assert cli("tag", "in", "-o", "out", "-t", "jsonl", "--resume", "--no-memory") == (0, "", "")
        write(folder / "names.txt", "Rien\n")
        assert cli("tag", "in", "-o", "out", "-t", "jsonl", "--resume", "--list", "ORG=names.txt") == (0, "", "")
        assert json.loads((folder / "out/sub/c.jsonl").read_text())["spans"][0]["label"] == "ORG"

    def test_what_somebody_has_changed_is_not_replaced(self, cli, folder):
        """An output that was corrected, and one that is in no record."""
        cli("tag", "in", "-o", "out")
        write(folder / "out/a.txt", "corrected")
        fault = f"out/a.txt: RT106 exists already\n{EXISTS}"
        assert cli("tag", "in", "-o", "out", "--resume") == (2, "", fault)
        (folder / "out/_manifest.jsonl").unlink()
        help = "  help: use --force to replace them, with all corrections made in them\n"
        fault = f"out: RT106 3 outputs exist already: out/a.txt, out/b.txt, out/sub/c.txt\n{help}"
        assert cli("tag", "in", "-o", "out", "--resume") == (2, "", fault)
        assert cli("tag", "in", "-o", "out", "--resume", "--force") == (0, "", "")
        assert (folder / "out/a.txt").read_text() == "Paris\n{\nParis_LOC\n}"

    def test_companions(self, cli, folder):
        """Files that belong to an output are part of what is proved."""
        cli("tag", "in", "-o", "out", "-t", "brat")
        whole = contents(folder / "out")
        (folder / "out/a.txt").unlink()
        assert cli("tag", "in", "-o", "out", "-t", "brat", "--resume").err == "2 of 3 outputs are complete already\n"
        assert contents(folder / "out") == whole
        write(folder / "out/b.txt", "corrected")
        assert cli("tag", "in", "-o", "out", "-t", "brat", "--resume").code == 2

    def test_one_file(self, cli, tmp_path):
        """The record of a single output is beside it if the run is to be resumed; standard output is never recorded."""
        write(tmp_path / "a.jsonl", lines(["Paris"]))
        assert cli("tag", "a.jsonl", "-o", "b.jsonl", "--resume") == (0, "", "")
        assert cli("tag", "a.jsonl", "-o", "b.jsonl", "--resume") == (0, "", "1 of 1 outputs are complete already\n")
        fault = "{}: RT110 can be continued only if each input has its own output\n"
        help = "  help: name a folder with -o\n"
        assert cli("tag", "a.jsonl", "--resume") == (2, "", fault.format("-") + help)
        assert cli("tag", "a.jsonl", "a.jsonl", "-o", "c.jsonl", "--resume") == (2, "", fault.format("c.jsonl") + help)

    def test_an_output_of_that_name(self, cli, tmp_path):
        """No output takes the place of the record."""
        write(tmp_path / "in/_manifest.txt", "Paris")
        fault = "out/_manifest.jsonl: RT106 2 outputs would be written to it\n  help: give each output its own path\n"
        assert cli("tag", "in", "-o", "out", "-t", "jsonl") == (2, "", fault)


@pytest.mark.usefixtures("small", "crashing")
class TestFailed:
    """`--failed`: what failed, as lines for a program."""

    def test_lines(self, cli, tmp_path):
        """A document has its id; a fault of a file has none. All that failed is in the record of its output too."""
        write(tmp_path / "in/a.jsonl", lines(["Paris", "Crash", "Paris"]))
        write(tmp_path / "in/b.jsonl", "[]\n")
        code, _, err = cli("tag", "in", "-o", "out", "--failed", "failed.jsonl")
        wrong = "expected an object with a string under 'text'"
        message = "2 files: 1 tagged without the documents that failed, 1 failed"
        assert (code, err) == (
            2,
            CRASHED.format("in/a.jsonl:2", "n1")
            + f"in/b.jsonl:1: RT105 {wrong}\n{message}; once they are fixed, --resume tags only those\n",
        )
        crash = {"path": "in/a.jsonl", "line": 2, "id": "n1", "code": "RT111"}
        crash["error"] = "the document 'n1' cannot be tagged: IndexError: list index out of range"
        fault = {"path": "in/b.jsonl", "line": 1, "id": None, "code": "RT105", "error": wrong}
        failures = [json.loads(line) for line in (tmp_path / "failed.jsonl").read_text().splitlines()]
        assert failures == [crash, fault]
        assert record(tmp_path / "out")["a.jsonl"]["failed"] == [crash]
        assert [json.loads(line)["id"] for line in (tmp_path / "out/a.jsonl").read_text().splitlines()] == ["n0", "n2"]

    def test_a_run_that_is_continued(self, cli, tmp_path):
        """Earlier failures are in the file again, and the exit code says so."""
        write(tmp_path / "in/a.jsonl", lines(["Paris", "Crash"]))
        write(tmp_path / "in/b.jsonl", lines(["Crash", "Paris"]))
        cli("tag", "in", "-o", "out", "--failed", "failed.jsonl")
        whole = (tmp_path / "failed.jsonl").read_bytes()
        (tmp_path / "out/b.jsonl").unlink()
        code, _, err = cli("tag", "in", "-o", "out", "--failed", "failed.jsonl", "--resume")
        message = "2 files: 2 tagged without the documents that failed; once they are fixed, --resume tags only those\n"
        before = "1 of 2 outputs are complete already\n"
        assert (code, err) == (2, before + CRASHED.format("in/b.jsonl:1", "n0") + message)
        assert (tmp_path / "failed.jsonl").read_bytes() == whole

    def test_what_failed_is_mended(self, cli, tmp_path):
        """The last line counts what failed, and --resume, which it names, tags only that once it is mended."""
        for name, text in {"a": "Paris", "b": "Crash", "c": "Rien"}.items():
            write(tmp_path / f"in/{name}.txt", text)
        message = "3 files: 2 tagged, 1 failed; once they are fixed, --resume tags only those\n"
        assert cli("tag", "in", "-o", "out") == (2, "", CRASHED.format("in/b.txt", "b.txt") + message)
        write(tmp_path / "in/b.txt", "Paris")
        assert cli("tag", "in", "-o", "out", "--resume") == (0, "", "2 of 3 outputs are complete already\n")
        assert (tmp_path / "out/b.txt").read_text() == "Paris\n{\nParis_LOC\n}"

    def test_a_file_that_exists(self, cli, tmp_path):
        """It is an output like any other, and no input."""
        write(tmp_path / "a.txt", "Paris")
        write(tmp_path / "f.jsonl", "old")
        assert cli("tag", "a.txt", "--failed", "f.jsonl") == (2, "", f"f.jsonl: RT106 exists already\n{EXISTS}")
        fault = "a.txt: RT106 is an input and is never changed\n  help: write to another path\n"
        assert cli("tag", "a.txt", "--failed", "a.txt") == (2, "", fault)


@pytest.mark.usefixtures("small")
class TestShards:
    """Shares of a folder, each for a run of its own."""

    def test_together_they_are_the_whole(self, cli, folder):
        """Each file is in one of them, whose records go by the names of the shares."""
        cli("tag", "in", "-o", "whole")
        for share in ("1/2", "2/2"):
            assert cli("tag", "in", "-o", "out", "--shard", share) == (0, "", "")
        assert contents(folder / "out") == contents(folder / "whole")
        assert list(record(folder / "out", "_manifest-1-of-2.jsonl")) == ["a.txt", "sub/c.txt"]
        assert list(record(folder / "out", "_manifest-2-of-2.jsonl")) == ["b.txt"]
        assert cli("tag", "in", "-o", "out", "--resume") == (0, "", "3 of 3 outputs are complete already\n")

    def test_more_shares_than_files(self, cli, folder):
        """A share of nothing is no fault."""
        assert cli("tag", "in", "-o", "out", "--shard", "4/4") == (0, "", "")
        assert not (folder / "out").exists()

    @pytest.mark.parametrize("value", ["0/2", "3/2", "1", "a/b", "1/2/3"])
    def test_what_is_no_share(self, cli, folder, value):
        """It is refused, and an example is given."""
        fault = f"--shard: RT110 {value!r} is not I/N\n  help: for example 1/8, up to 8/8\n"
        assert cli("tag", "in", "-o", "out", "--shard", value) == (2, "", fault)

    def test_one_file(self, cli, folder):
        """All shares cannot write one file; two inputs of different shares cannot either."""
        fault = "all.jsonl: RT106 is one file, which all shares would write\n  help: name a folder\n"
        assert cli("tag", "in", "-o", "all.jsonl", "--shard", "1/2") == (2, "", fault)
        write(folder / "in/a.jsonl", "{}")
        fault = "out/a.txt: RT106 2 outputs would be written to it\n  help: give each output its own path\n"
        assert cli("tag", "in", "-o", "out", "-t", "brace", "--shard", "1/2") == (2, "", fault)


@pytest.mark.usefixtures("small")
def test_quiet(cli, tmp_path):
    """Notes are left out; faults and their number are not."""
    write(tmp_path / "in/a.txt", "")
    write(tmp_path / "in/b.docx", "")
    write(tmp_path / "in/c.jsonl", "[]\n")
    fault = "in/c.jsonl:1: RT105 expected an object with a string under 'text'\n"
    message = "2 files: 1 tagged, 1 failed; once they are fixed, --resume tags only those\n"
    assert cli("tag", "in", "-o", "out", "-q") == (2, "", fault + message)


@pytest.mark.usefixtures("small")
def test_a_large_file_is_gone_on_with(cli, tmp_path, monkeypatch):
    """From the last checkpoint on: what was written stays, and no document before it is tagged again."""
    from ruletag import Tagger

    write(tmp_path / "a.jsonl", lines([f"M. Wang est à Paris. {number}" for number in range(6_000)]))
    cli("tag", "a.jsonl", "-o", "whole.jsonl")
    monkeypatch.setattr(ruletag.cli.account, "EVERY", 20_000)
    tag, tagged = Tagger.tag, []

    def interrupted(self, text):
        tagged.append(text)
        if len(tagged) == 4_000:
            raise KeyboardInterrupt
        return tag(self, text)

    monkeypatch.setattr(Tagger, "tag", interrupted)
    assert cli("tag", "a.jsonl", "-o", "out/b.jsonl", "--resume").code == 130
    assert [path.suffix for path in sorted((tmp_path / "out").iterdir())] == [".part", ".jsonl"]
    begun = len(tagged)
    assert cli("tag", "a.jsonl", "-o", "out/b.jsonl", "--resume") == (0, "", "")
    assert begun < len(tagged) - begun + 3_000 < 6_000
    assert sorted(os.listdir(tmp_path / "out")) == ["_manifest.jsonl", "b.jsonl"]
    assert (tmp_path / "out/b.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    entry = record(tmp_path / "out")["b.jsonl"]
    assert (entry["documents"], entry["spans"], entry["sha256"]) == (
        6_000,
        12_000,
        digest((tmp_path / "whole.jsonl").read_bytes()),
    )


# Runs in processes of their own


@pytest.fixture
def start(small_folder, tmp_path):
    """`start("in", "-o", "out")` starts `ruletag tag` with the little knowledge, and documents that are poison."""
    site = write(tmp_path / "site/sitecustomize.py", POISON).parent
    own = [f"--{kind}={small_folder / kind}" for kind in ("rules", "gazetteers")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(site), *sys.path])}

    def run(*arguments):
        words = [sys.executable, "-m", "ruletag", "tag", *arguments, *own]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(words, cwd=tmp_path, env=environment, **pipes)

    return run


def outcome(run):
    """The exit code of a process and what it said."""
    out, err = run.communicate(timeout=240)
    return run.returncode, out.decode(), err.decode()


def family(number):
    """A process and all that it has started, as far as they are there."""
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(number)], capture_output=True, text=True, check=False)
    return [number, *(pid for child in children.stdout.split() for pid in family(int(child)))]


def alive(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@posix
@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_poison(start, tmp_path, jobs):
    """Three of a thousand documents raise, end their process, and hang: they are named, and all others are tagged."""
    texts = ["M. Wang est à Paris. " * (number % 7) for number in range(1_000)]
    for place, word in {100: "Crash", 500: "Kill", 900: "Hang"}.items():
        texts[place] = word
    write(tmp_path / "in/a.jsonl", lines(texts[:600]))
    write(tmp_path / "in/b.jsonl", lines(texts[600:], 600))
    arguments = ("in", "-o", "out", "-j", jobs, "--time-limit", "2", "--failed", "failed.jsonl")
    code, out, err = outcome(start(*arguments))
    rest = "the other documents are not affected\n"
    assert (code, out, err) == (
        2,
        "",
        CRASHED.format("in/a.jsonl:101", "n100")
        + "in/a.jsonl:501: RT111 the document 'n500' cannot be tagged: it ends its process (SIGKILL)\n"
        + f"  help: leave it out; {rest}"
        + "in/b.jsonl:301: RT111 the document 'n900' cannot be tagged: it takes longer than 2 s\n"
        + f"  help: leave it out, or raise --time-limit; {rest}"
        "2 files: 2 tagged without the documents that failed; once they are fixed, --resume tags only those\n",
    )
    failures = [json.loads(line) for line in (tmp_path / "failed.jsonl").read_text().splitlines()]
    assert [(failure["path"], failure["line"], failure["id"]) for failure in failures] == [
        ("in/a.jsonl", 101, "n100"),
        ("in/a.jsonl", 501, "n500"),
        ("in/b.jsonl", 301, "n900"),
    ]
    written = b"".join(contents(tmp_path / "out")[name] for name in ("a.jsonl", "b.jsonl"))
    ids = [json.loads(line)["id"] for line in written.splitlines()]
    assert ids == [f"n{number}" for number in range(1_000) if number not in (100, 500, 900)]


@posix
@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGHUP", "SIGINT"])
def test_runs_that_are_ended_at_any_moment(start, tmp_path, name):
    """Finished files are whole, no process is left, and a resumed run ends like one that was not disturbed."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background has it ignored
    rng = Random(name)
    texts = ["M. Wang est à Paris. " * rng.randrange(60) for _ in range(3_000)]
    for number in range(4):
        write(tmp_path / f"in/{number}.jsonl", lines(texts[number * 500 : number * 500 + 500]))
    write(tmp_path / "in/large.jsonl", lines(texts[2_000:]))
    began = time.monotonic()
    assert outcome(start("in", "-o", "whole", "-j", "2")) == (0, "", "")
    usual = time.monotonic() - began
    whole = contents(tmp_path / "whole")
    ended = 0
    for _ in range(TRIALS):
        run = start("in", "-o", "out", "-j", "2", "--resume", "-q")
        with suppress(subprocess.TimeoutExpired):
            run.wait(rng.uniform(0, usual))
        processes = family(run.pid)
        run.send_signal(getattr(signal, name))
        began = time.monotonic()
        code = run.wait(timeout=60)
        while any(map(alive, processes)) and time.monotonic() < began + 60:
            time.sleep(0.02)
        assert not any(map(alive, processes)), time.monotonic() - began
        run.communicate()
        done = {name: data for name, data in contents(tmp_path / "out").items() if not name.endswith(".part")}
        assert done == {name: whole[name] for name in done}
        if code == 0:
            for path in (tmp_path / "out").iterdir():
                path.unlink()
        ended += code != 0
    assert outcome(start("in", "-o", "out", "-j", "2", "--resume", "-q")) == (0, "", "")
    assert contents(tmp_path / "out") == whole
    assert ended > 0


@posix
@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_workers_that_are_killed_at_any_moment(start, tmp_path):
    """The run goes on silently, and its output is the same."""
    rng = Random(7)
    write(tmp_path / "in/a.jsonl", lines(["M. Wang est à Paris. " * rng.randrange(60) for _ in range(12_000)]))
    assert outcome(start("in", "-o", "whole", "-j", "2")) == (0, "", "")
    run = start("in", "-o", "out", "-j", "2")
    killed = 0
    while run.poll() is None and killed < TRIALS:
        time.sleep(rng.uniform(0, 0.6))
        for number in family(run.pid)[1:]:
            if b"spawn_main" in Path(f"/proc/{number}/cmdline").read_bytes() and rng.randrange(2) and alive(number):
                os.kill(number, signal.SIGKILL)
                killed += 1
    assert outcome(run) == (0, "", "")
    assert killed > 0
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


# Disks and memory


@pytest.mark.usefixtures("small")
def test_an_output_folder_that_vanishes(cli, folder, monkeypatch):
    """A file that could not be replaced is named, the rest is written, and a resumed run completes it."""
    from shutil import rmtree

    from ruletag import Tagger

    cli("tag", "in", "-o", "whole")
    tag = Tagger.tag

    def vanishing(self, text):
        if "Wang" in text:
            rmtree(folder / "out")
        return tag(self, text)

    with monkeypatch.context() as patch:
        patch.setattr(Tagger, "tag", vanishing)
        fault = "out/b.txt: RT106 cannot be written: No such file or directory\n  help: choose another path\n"
        message = "3 files: 2 tagged, 1 failed; once they are fixed, --resume tags only those\n"
        assert cli("tag", "in", "-o", "out") == (2, "", fault + message)
    assert list(contents(folder / "out")) == ["sub/c.txt"]
    assert cli("tag", "in", "-o", "out", "--resume") == (0, "", "1 of 3 outputs are complete already\n")
    assert contents(folder / "out") == contents(folder / "whole")


@pytest.fixture
def disk(tmp_path):
    """A disk of 256 kB of its own at `out`; calling it mounts that again with other options."""
    place = tmp_path / "out"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=256k", "ruletag-test", str(place)]
    try:
        done = subprocess.run(words, capture_output=True, check=False).returncode == 0
    except OSError:
        done = False
    if not done:
        pytest.skip("cannot mount a disk of its own")
    try:
        yield lambda options: subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)
    finally:
        subprocess.run(["umount", str(place)], check=True)


@posix
@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_full_disk(start, tmp_path, disk, jobs):
    """It is named once, what is finished is whole, and with more room the run goes on to the same bytes."""
    for number in range(8):
        write(tmp_path / f"in/{number}.jsonl", lines(["M. Wang est à Paris. " * 4] * 100))
    assert outcome(start("in", "-o", "whole")) == (0, "", "")
    whole = contents(tmp_path / "whole")
    code, out, err = outcome(start("in", "-o", "out", "-j", jobs))
    done = contents(tmp_path / "out")
    assert (code, out, err.count("RT106 cannot be written: No space left on device"), err.count("\n")) == (2, "", 1, 2)
    assert 0 < len(done) < 8
    assert done == {name: whole[name] for name in done}
    disk("size=8m")
    assert outcome(start("in", "-o", "out", "-j", jobs, "--resume", "-q")) == (0, "", "")
    assert contents(tmp_path / "out") == whole


@posix
@pytest.mark.slow
def test_a_disk_that_cannot_be_written(start, tmp_path, disk):
    """The message appears once, whatever the number of files."""
    for number in range(8):
        write(tmp_path / f"in/{number}.txt", "Paris")
    disk("ro")
    fault = "out/0.txt: RT106 cannot be written: Read-only file system\n  help: choose another path\n"
    assert outcome(start("in", "-o", "out")) == (2, "", fault)


@posix
@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_memory_is_that_of_a_piece(start, tmp_path, jobs):
    """A file eight times as large takes no more of it. RULETAG_LARGE=1000 makes that a gigabyte."""
    large = int(os.environ.get("RULETAG_LARGE", "8"))
    peaks = []
    for size in (large // 8, large):
        with (tmp_path / f"{size}.jsonl").open("w", encoding="utf-8") as file:
            block = lines(["Le port de Kermaria recrute. " * 170] * 200)
            for _ in range(size):
                file.write(block)
        with start(f"{size}.jsonl", "-o", f"out-{size}.jsonl", "-j", jobs) as run:
            _, run.returncode, usage = os.wait4(run.pid, 0)
        assert run.returncode == 0
        peaks.append(usage.ru_maxrss)
        assert (tmp_path / f"out-{size}.jsonl").stat().st_size > (tmp_path / f"{size}.jsonl").stat().st_size
    assert peaks[1] < peaks[0] * 1.15, peaks
