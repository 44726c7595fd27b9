"""The cache of compiled knowledge: stored files come back, and incomplete ones never do."""

from __future__ import annotations

import hashlib
import os
import stat
import sys

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruletag import cache

SECTIONS = {"one": b"abc", "empty": b"", "two": bytes(range(256))}
KEY = cache.fingerprint([b"a", b"b"])


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    """A cache of its own for each test."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def loaded(key=KEY):
    sections = cache.load(key)
    return sections and {name: bytes(section) for name, section in sections.items()}


def test_what_is_kept_comes_back():
    """The sections under their names, the empty one too; nothing under another key."""
    assert loaded() is None
    cache.store(KEY, SECTIONS)
    assert loaded() == SECTIONS
    assert loaded(cache.fingerprint([b"ab", b""])) is None


@given(st.lists(st.binary(max_size=4), max_size=4), st.lists(st.binary(max_size=4), max_size=4))
def test_other_parts_have_another_key(one, two):
    """The key tells apart what went in, the borders between the parts included."""
    assert (cache.fingerprint(one) == cache.fingerprint(two)) == (one == two)


def test_a_file_that_is_not_whole_is_as_good_as_absent(cache_folder):
    """Cut anywhere, or with any byte changed, it is not read; written again, it is."""
    cache.store(KEY, SECTIONS)
    [path] = cache_folder.iterdir()
    whole = path.read_bytes()
    for place in [*range(0, len(whole), 7), len(whole) - 1]:
        path.write_bytes(whole[:place])
        assert loaded() is None
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert loaded() is None
    path.write_bytes(b"somebody else's")
    assert loaded() is None
    cache.store(KEY, SECTIONS)
    assert loaded() == SECTIONS


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0" * 8,
        b"\xff" * 8,
        b"\0\0\0\0\0\0\0\2{}",
        b"\0\0\0\0\0\0\0\1[",
        b'\0\0\0\0\0\0\0\x0a[["a", 1]]',
        b'\0\0\0\0\0\0\0\x0b[["a", -1]]',
        b'\0\0\0\0\0\0\0\x0d[["a", 1e999]]',
        b"\0\0\0\0\0\0\0\x08[[7, 0]]",
        b"\0\0\0\0\0\0\0\x07[[0, 1]",
        b"\0\0\0\0\0\0\0\2[]more",
        b"\0\0\0\0\0\1\x86\xa0" + b"[" * 100_000,
    ],
)
def test_a_table_of_contents_that_is_none(cache_folder, body):
    """A file that checks itself and is no file of the cache is not read, whatever its first bytes say."""
    cache.store(KEY, SECTIONS)
    [path] = cache_folder.iterdir()
    path.write_bytes(b"ruletag knowledge 2\n" + hashlib.sha256(KEY.encode() + body).digest() + body)
    assert loaded() is None


def test_a_file_under_another_name(cache_folder):
    """A sound file that was put in the place of another is not read."""
    other = cache.fingerprint([b"c"])
    cache.store(KEY, SECTIONS)
    (cache_folder / f"{KEY}.knowledge").rename(cache_folder / f"{other}.knowledge")
    assert (loaded(KEY), loaded(other)) == (None, None)


posix = pytest.mark.skipif(os.name == "nt", reason="files have no modes there")


@posix
def test_it_is_private(cache_folder):
    """Folder and files are for the user alone, whatever the mask lets others do."""
    mask = os.umask(0)
    try:
        cache.store(KEY, SECTIONS)
    finally:
        os.umask(mask)
    [path] = cache_folder.iterdir()
    assert [stat.S_IMODE(item.stat().st_mode) for item in (cache_folder, path)] == [0o700, 0o600]


@posix
@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_that_others_can_write_to(cache_folder, cli, mode):
    """Nothing is read from it nor written to it, and `ruletag cache` says so."""
    cache.store(KEY, SECTIONS)
    cache_folder.chmod(mode)
    assert loaded() is None
    cache.store(cache.fingerprint([b"c"]), SECTIONS)
    assert len(list(cache_folder.iterdir())) == 1
    assert cli("cache").out.splitlines()[1:] == [
        "not used: other users can write to it; make it a folder of your own, with mode 700"
    ]


@posix
def test_a_folder_of_another_user(cache_folder, monkeypatch):
    """Nothing is read from it nor written to it."""
    cache.store(KEY, SECTIONS)
    monkeypatch.setattr(os, "geteuid", lambda: cache_folder.stat().st_uid + 1)
    assert (loaded(), cache.obstacle()) == (None, "it belongs to another user")


@posix
@pytest.mark.parametrize("kind", ["FIFO", "link", "folder", "writable"])
def test_what_is_no_file_of_ours(cache_folder, kind):
    """A FIFO does not block, a link is not followed, a file that others can write to is not read."""
    cache.store(KEY, SECTIONS)
    [path] = cache_folder.iterdir()
    if kind == "writable":
        path.chmod(0o666)
    else:
        path.rename(cache_folder / "elsewhere")
    if kind == "FIFO":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(cache_folder / "elsewhere")
    elif kind == "folder":
        path.mkdir()
    assert loaded() is None


def test_clear_removes_what_killed_writers_left(cache_folder, cli):
    """Abandoned temporary files count among those that are removed."""
    cache.store(KEY, SECTIONS)
    (cache_folder / f".ruletag-{'0' * 16}.part").write_bytes(b"half")
    assert cli("cache", "--clear") == (0, f"{cache_folder}: removed 2 files\n", "")
    assert list(cache_folder.iterdir()) == []


def test_a_folder_that_cannot_be_is_no_fault(cache_folder, tmp_path, monkeypatch):
    """A file in place of the folder, or no right to write: nothing is cached and nothing is reported."""
    cache_folder.write_text("a file")
    cache.store(KEY, SECTIONS)
    assert (loaded(), cache_folder.read_text()) == (None, "a file")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "locked"))
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "no")))
    cache.store(KEY, SECTIONS)
    assert (loaded(), list((tmp_path / "locked").iterdir())) == (None, [])


def test_the_newest_files_stay(cache_folder):
    """Beyond the limit the oldest files are removed; foreign files are never touched."""
    cache_folder.mkdir()
    (cache_folder / "notes.txt").write_text("mine")
    keys = [cache.fingerprint([bytes([number])]) for number in range(cache.KEPT + 3)]
    for number, key in enumerate(keys):
        cache.store(key, SECTIONS)
        os.utime(cache.contents()[0].path, (number, number))
    assert {cached.path.stem for cached in cache.contents()} == set(keys[3:])
    assert cache.clear() == cache.KEPT
    assert [path.name for path in cache_folder.iterdir()] == ["notes.txt"]


def test_off(monkeypatch):
    """`off` keeps nothing and finds nothing."""
    monkeypatch.setenv(cache.VARIABLE, "off")
    cache.store(KEY, SECTIONS)
    assert (cache.folder(), loaded(), cache.contents(), cache.clear()) == (None, None, [], 0)


def test_the_users_folder(monkeypatch, tmp_path):
    """Without the variable it is where the platform keeps caches, according to platformdirs, on any system."""
    monkeypatch.delenv(cache.VARIABLE)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for named in (str(tmp_path), "", None):
        if named is None:
            monkeypatch.delenv("XDG_CACHE_HOME")
        else:
            monkeypatch.setenv("XDG_CACHE_HOME", named)
        expected = platformdirs.user_cache_path("ruletag", appauthor=False)
        folders = [cache.folder()]
        with monkeypatch.context() as patch:
            patch.setattr(sys, "platform", "other")
            folders.append(cache.folder())
        assert (named, folders) == (named, [expected, expected])


@pytest.mark.skipif(sys.platform != "linux", reason="the variable is of the desktops of Linux")
def test_a_relative_folder_for_caches(monkeypatch, tmp_path):
    """A relative path is ignored, as the rule for that variable says."""
    monkeypatch.delenv(cache.VARIABLE)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "caches")
    assert cache.folder() == tmp_path / ".cache" / "ruletag"


@pytest.mark.skipif(os.name == "nt", reason="homes are elsewhere there")
def test_no_home(cli, monkeypatch, tmp_path):
    """A user without a home folder, as in some containers, has no cache unless one is named."""
    import pwd

    def unknown(number):
        raise KeyError(number)

    for variable in (cache.VARIABLE, "HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.chdir(tmp_path)
    cache.store(KEY, SECTIONS)
    assert (cache.folder(), loaded(), list(tmp_path.iterdir())) == (None, None, [])
    assert cli("cache") == (0, "off: RULETAG_CACHE can name a folder; you have no home folder\n", "")


def test_the_command(cli, cache_folder):
    """`ruletag cache` says where and how much; `--clear` removes it."""
    assert cli("cache") == (0, f"{cache_folder}: 0 files, 0 bytes\n", "")
    cache.store(KEY, SECTIONS)
    code, out, err = cli("cache")
    assert (code, out.startswith(f"{cache_folder}: 1 file, "), err) == (0, True, "")
    assert cli("cache", "--clear") == (0, f"{cache_folder}: removed 1 file\n", "")
    assert cli("cache") == (0, f"{cache_folder}: 0 files, 0 bytes\n", "")
