"""The paths of outputs, refusals, and files that appear whole or not at all."""

from __future__ import annotations

import gc
import os
import socket
import stat
import sys
from pathlib import Path

import pytest

from ruletag import temporary
from ruletag.errors import RuletagError
from ruletag.files import Input
from ruletag.formats import FORMATS
from ruletag.output_checks import prepare_outputs
from ruletag.outputs import encode, output_path, write_all, write_whole, writing_whole

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
    """A text is written as UTF-8 without a byte order mark; an unpaired surrogate cannot be."""
    assert encode("É\U0001f30d\r\n", "a") == b"\xc3\x89\xf0\x9f\x8c\x8d\r\n"
    assert refused(encode, "a\ud83d", "a") == (
        "a: RT106 the text contains an unpaired surrogate (U+D83D), which UTF-8 cannot write\n"
        "  help: write --to jsonl instead"
    )


@pytest.mark.parametrize(
    ("relative", "several", "format", "expected"),
    [
        ("a.txt", False, "brace", "out"),
        ("a.txt", True, "brace", "out/a.txt"),
        ("b/a.txt", True, "jsonl", "out/b/a.jsonl"),
        ("a.b.jsonl", True, "brace", "out/a.b.txt"),
        ("a.jsonl", True, "markup", "out/a.txt"),
        ("stdin", True, "text", "out/stdin.txt"),
    ],
)
def test_output_path(relative, several, format, expected):
    """One input goes to the path itself, several below it, with the suffix of the format."""
    source = Input(None, relative, relative, BRACE)
    assert output_path(source, Path("out"), FORMATS[format], several=several) == Path(expected)


def test_output_path_in_a_folder(tmp_path):
    """One input goes below the path if that is a folder."""
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
        "old.txt: RT106 exists already\n  help: use --force to replace it, with all corrections made in it"
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
    """If the disk is full, the old file stays whole and no temporary file is left."""
    path = write(tmp_path / "a.txt", b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    message = f"{path}: RT106 cannot be written: No space left on device\n  help: choose another path"
    assert refused(write_whole, path, b"new") == message
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_no_empty_folder_is_left_behind(tmp_path, monkeypatch):
    """After an error, the folders made for a file are gone; those that were there, or have something in them, stay."""
    monkeypatch.chdir(tmp_path)
    for folder in (tmp_path, Path("."), tmp_path / "there"):
        (tmp_path / "there").mkdir(exist_ok=True)
        with pytest.raises(TypeError), writing_whole(folder / "a/../b/c.txt") as file:
            file.write(None)
    with pytest.raises(TypeError), writing_whole(tmp_path / "d/e/f.txt") as file:
        file.writelines([write(tmp_path / "d/other").read_bytes(), None])
    paths = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert paths == ["d", "d/other", "there"]


def test_a_folder_that_another_run_removed(tmp_path, monkeypatch):
    """A folder that another run made, and removed because it stayed empty, is made again."""
    make, made = os.mkdir, []

    def lost(path, *mode):
        made.append(path)
        make(path, *mode)
        if len(made) == 1:
            os.rmdir(path)

    monkeypatch.setattr(os, "mkdir", lost)
    write_whole(tmp_path / "a/b", b"new")
    assert (made, (tmp_path / "a/b").read_bytes()) == ([str(tmp_path / "a")] * 2, b"new")


def test_a_file_appears_when_it_is_whole(tmp_path):
    """A file that is written piece by piece appears only at the end, and not at all after an error."""
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
    gc.disable()
    sys.settrace(trace)
    try:
        function(*arguments)
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(tracing)
        gc.enable()
    return False


def test_outputs_that_are_one_file(tmp_path, monkeypatch):
    """Two outputs of one file, by whatever name, and one below another, are refused; nothing is written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to("x")
    same = "{}: RT106 2 outputs would be written to it\n  help: give each output its own path"
    for other in ("x", "./x", "link", str(tmp_path / "x")):
        names = sorted({str(Path("x")), str(Path(other))})
        expected = "\n".join(same.format(name) for name in names)
        assert refused(prepare_outputs, [Path("x"), Path(other)], []) == expected
    assert refused(prepare_outputs, [Path("x"), Path("x/y")], []) == (
        "x/y: RT106 cannot be written: another output is a file where a folder is needed\n  help: choose another path"
    )
    assert os.listdir(tmp_path) == ["link"]


def test_standard_output_is_an_output_too(tmp_path, monkeypatch):
    """A result that the shell appends to a file that is read would change it."""
    path = write(tmp_path / "in.txt", b"text")
    with path.open("a") as file:
        monkeypatch.setattr(sys, "stdout", file)
        message = "-: RT106 standard output is redirected to an input file\n  help: redirect it to another file"
        assert refused(prepare_outputs, [], [path]) == message
        assert prepare_outputs([], [write(tmp_path / "other")]) is None


def test_what_can_only_be_a_folder(tmp_path):
    """A folder, and a path below a file, are refused before anything is written, with force or without."""
    write(tmp_path / "file")
    for name, reason in {
        ".": "is a folder",
        "file/new": "cannot be written: there is a file where a folder is needed",
        "file/new/newer": "cannot be written: there is a file where a folder is needed",
    }.items():
        path = tmp_path / name
        expected = f"{path}: RT106 {reason}\n  help: choose another path"
        assert refused(prepare_outputs, [path], [], force=True) == expected


def test_several_files_or_none(tmp_path):
    """If one of several files cannot be written, none is replaced."""
    write(tmp_path / "file")
    old = write(tmp_path / "a", b"old")
    refused(write_all, [(old, b"new"), (tmp_path / "b", b"new"), (tmp_path / "file/c", b"new")])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"", "a": b"old"}
    write_all([(old, b"new"), (tmp_path / "b", b"new")])
    assert (old.read_bytes(), (tmp_path / "b").read_bytes()) == (b"new", b"new")


posix = pytest.mark.skipif(os.name == "nt", reason="no FIFOs and no modes there")


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o755])
def test_the_mode_is_kept(tmp_path, mode):
    """A file that is replaced hands on its mode."""
    path = write(tmp_path / "a", b"old")
    path.chmod(mode)
    write_whole(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", mode)


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_is_kept(tmp_path):
    """Another user's file stays the other user's."""
    path = write(tmp_path / "a", b"old")
    os.chown(path, 12345, 54321)
    path.chmod(0o600)
    write_whole(path, b"new")
    status = path.stat()
    assert (path.read_bytes(), status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (
        b"new",
        12345,
        54321,
        0o600,
    )


@posix
def test_an_owner_that_cannot_be_kept(tmp_path, monkeypatch):
    """If the owner of a file cannot be set, it is written all the same, without setuid and setgid bits."""
    path = write(tmp_path / "a", b"old")
    path.chmod(0o4755)
    status = path.stat()
    monkeypatch.setattr(os, "fchown", lambda *_: (_ for _ in ()).throw(PermissionError(1, "no")), raising=False)
    other = os.stat_result((*status[:4], status.st_uid + 1, *status[5:]))
    with writing_whole(path) as file:
        file.write(b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o4755
    with path.open("rb") as file:
        temporary._copy_owner_and_mode(file.fileno(), other)
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


@posix
def test_links_are_followed(tmp_path):
    """The target of a link is written, and the link stays, even if the target does not exist yet."""
    old = write(tmp_path / "old", b"old")
    for name, place in {"link": "old", "chain": "link", "dangling": "new"}.items():
        (tmp_path / name).symlink_to(place)
    write_whole(tmp_path / "chain", b"one")
    write_whole(tmp_path / "dangling", b"two")
    assert (old.read_bytes(), (tmp_path / "new").read_bytes()) == (b"one", b"two")
    assert [path.name for path in sorted(tmp_path.iterdir()) if path.is_symlink()] == ["chain", "dangling", "link"]


@posix
def test_a_fifo_is_written_to(tmp_path):
    """A FIFO takes the bytes as they come, needs no force, and stays a FIFO."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    prepare_outputs([path], [])
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(path, b"text")
        assert os.read(reader, 100) == b"text"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert os.listdir(tmp_path) == ["fifo"]
    expected = f"{path}: RT106 is an input and is never changed\n  help: write to another path"
    assert refused(prepare_outputs, [path], [path]) == expected


@posix
def test_a_device_is_written_to(tmp_path):
    """A device, here one of our own that swallows everything, is written to and stays."""
    path = tmp_path / "null"
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        path.read_bytes()
    except OSError:
        pytest.skip("no right to make a device")
    prepare_outputs([path], [path], force=True)
    write_whole(path, b"text")
    assert (stat.S_ISCHR(path.stat().st_mode), os.listdir(tmp_path)) == (True, ["null"])


@posix
def test_a_socket_is_refused(tmp_path, monkeypatch):
    """A path that is neither a file nor takes bytes is refused, and stays."""
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        message = "s: RT106 is neither a file nor a stream\n  help: choose another path"
        assert refused(prepare_outputs, [Path("s")], [], force=True) == message


@posix
def test_what_killed_writers_left_is_removed(tmp_path):
    """The next run to a folder removes abandoned temporary files, and nothing else."""
    left = write(tmp_path / f".ruletag-{'0' * 16}.part", b"half")
    others = [f".ruletag-{'0' * 15}.part", f"ruletag-{'0' * 16}.part", f".ruletag-{'0' * 16}.parts", "a.part"]
    for name in others:
        write(tmp_path / name)
    os.mkfifo(tmp_path / f".ruletag-{'1' * 16}.part")
    (tmp_path / f".ruletag-{'2' * 16}.part").symlink_to("a.part")
    with writing_whole(tmp_path / "out") as file:
        file.write(b"new")
        [live] = (
            {path.name for path in tmp_path.iterdir()}
            - {left.name, *others}
            - {f".ruletag-{number * 16}.part" for number in "12"}
        )
        prepare_outputs([tmp_path / "other"], [])
        assert (live in os.listdir(tmp_path), left.exists()) == (True, False)
    assert (tmp_path / "out").read_bytes() == b"new"
    assert sorted(os.listdir(tmp_path)) == sorted(
        [*others, "out", *(f".ruletag-{number * 16}.part" for number in "12")]
    )


@posix
def test_a_file_that_was_removed_before_it_was_locked(tmp_path, monkeypatch):
    """If the cleanup is quicker than the writer, the writer makes its file again."""
    taken = []
    lock = temporary.fcntl.flock

    def slow(file, operation):
        if not taken:
            taken.extend(tmp_path.iterdir())
            taken[0].unlink()
        lock(file, operation)

    monkeypatch.setattr(temporary.fcntl, "flock", slow)
    write_whole(tmp_path / "a", b"new")
    assert ({path.name: path.read_bytes() for path in tmp_path.iterdir()}, len(taken)) == ({"a": b"new"}, 1)
