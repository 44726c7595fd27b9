"""Where outputs go, what is refused, and files that appear whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from ruletag.errors import RuletagError
from ruletag.files import Input
from ruletag.formats import FORMATS
from ruletag.garbage import uncollected
from ruletag.outputs import encode, output_path, prepare_outputs, write_all, write_whole, writing_whole

BRACE, JSONL = FORMATS["brace"], FORMATS["jsonl"]


def write(path, data=b""):
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def refused(function, *arguments, **options):
    """The report of a call that is refused."""
    with pytest.raises(RuletagError) as error:
        function(*arguments, **options)
    return str(error.value)


def test_encode():
    """A text is written as UTF-8 without a byte order mark; half of a character cannot be."""
    assert encode("É\U0001f30d\r\n", "a") == b"\xc3\x89\xf0\x9f\x8c\x8d\r\n"
    assert refused(encode, "a\ud83d", "a") == (
        "a: RT106 the text holds half of a character (U+D83D), which UTF-8 cannot write\n"
        "  help: write --to jsonl instead"
    )


@pytest.mark.parametrize(
    ("relative", "several", "format", "wanted"),
    [
        ("a.txt", False, "brace", "out"),
        ("a.txt", True, "brace", "out/a.txt"),
        ("b/a.txt", True, "jsonl", "out/b/a.jsonl"),
        ("a.b.jsonl", True, "brace", "out/a.b.txt"),
        ("a.jsonl", True, "markup", "out/a.txt"),
        ("stdin", True, "text", "out/stdin.txt"),
    ],
)
def test_output_path(relative, several, format, wanted):
    """One input goes to the path itself, several below it, with the suffix of the format."""
    source = Input(None, relative, relative, BRACE)
    assert output_path(source, Path("out"), FORMATS[format], several=several) == Path(wanted)


def test_output_path_in_a_folder(tmp_path):
    """One input goes below the path where that is a folder."""
    source = Input(None, "a.txt", "a.txt", BRACE)
    assert output_path(source, tmp_path, JSONL, several=False) == tmp_path / "a.jsonl"


def test_an_output_is_refused_where_it_would_do_harm(tmp_path, monkeypatch):
    """A file that exists wants --force, an input is refused even so, by whatever name; a new path is fine."""
    monkeypatch.chdir(tmp_path)
    source = write(tmp_path / "in.txt")
    write(tmp_path / "old.txt")
    os.link("in.txt", "twin.txt")
    taken = "RT106 is an input and is never changed\n  help: write to another path"
    assert refused(prepare_outputs, [Path("old.txt")], [source], force=False) == (
        "old.txt: RT106 exists already\n  help: say --force to replace it"
    )
    assert refused(prepare_outputs, [Path("in.txt")], [source], force=True) == f"in.txt: {taken}"
    assert refused(prepare_outputs, [Path("twin.txt")], [source], force=True) == f"twin.txt: {taken}"
    assert prepare_outputs([Path("old.txt")], [source], force=True) is None
    assert prepare_outputs([Path("new.txt")], [source], force=False) is None


def test_outputs_are_compared_with_inputs_in_one_go(tmp_path, monkeypatch):
    """Twice as many inputs and outputs take twice as many looks at files, not four times as many."""
    looks = []
    stat_of = os.stat
    monkeypatch.setattr(os, "stat", lambda path, **options: looks.append(path) or stat_of(path, **options))

    def looked(number):
        sources = [write(tmp_path / f"in/{n}") for n in range(number)]
        outputs = [write(tmp_path / f"out/{n}") for n in range(number)]
        looks.clear()
        prepare_outputs(outputs, sources, force=True)
        return len(looks)

    assert looked(20) == 2 * looked(10)


def test_write_whole_makes_folders_and_replaces(tmp_path):
    """The file is there with the usual rights, and nothing beside it."""
    path = tmp_path / "a/b.txt"
    write_whole(path, b"un\r\n")
    write_whole(path, b"deux")
    mask = os.umask(0)
    os.umask(mask)
    assert path.read_bytes() == b"deux"
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
    assert os.listdir(path.parent) == ["b.txt"]


def test_write_whole_leaves_nothing_behind(tmp_path, monkeypatch):
    """Where the disk is full, the old file stays whole and no temporary file is left."""
    path = write(tmp_path / "a.txt", b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    message = f"{path}: RT106 cannot be written: No space left on device\n  help: choose another path"
    assert refused(write_whole, path, b"new") == message
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_file_appears_when_it_is_whole(tmp_path):
    """What is written bit by bit is not there before the end, and not at all after an error."""
    path = write(tmp_path / "a.txt", b"old")
    with writing_whole(path) as file:
        file.write(b"n" * 100_000)
        assert path.read_bytes() == b"old"
        file.write(b"ew")
    assert path.read_bytes() == b"n" * 100_000 + b"ew"
    with pytest.raises(TypeError), writing_whole(path) as file:
        file.writelines([b"newer", None])
    assert path.read_bytes() == b"n" * 100_000 + b"ew"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_write_whole_leaves_nothing_behind_when_interrupted(tmp_path):
    """Ctrl-C at any line of Python on the way: the file is there whole or not at all, and nothing is beside it."""
    lengths = []
    for step in range(1000):
        folder = tmp_path / str(step)
        if not interrupt_at(step, write_whole, folder / "a.txt", b"new"):
            break
        lengths.append([(path.name, path.read_bytes()) for path in sorted(folder.rglob("*"))])
    whole = [("a.txt", b"new")]
    before = lengths.index(whole)
    assert lengths == [[]] * before + [whole] * (len(lengths) - before)
    assert (before > 5, folder.joinpath("a.txt").read_bytes()) == (True, b"new")


def interrupt_at(step, function, *arguments):
    """Call a function and raise KeyboardInterrupt at that line of its way; whether it came so far.

    Nothing is collected meanwhile: what Python calls at a collection is not on the way, and swallows what it raises.
    """
    left = step

    def trace(frame, event, _):
        nonlocal left
        if event == "line":
            if not left:
                sys.settrace(None)
                raise KeyboardInterrupt
            left -= 1
        return trace

    tracing = sys.gettrace()
    with uncollected():
        sys.settrace(trace)
        try:
            function(*arguments)
        except KeyboardInterrupt:
            return True
        finally:
            sys.settrace(tracing)
    return False
