"""The cache of compiled knowledge: what is kept comes back, and nothing that is not whole ever does."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruletag import cache

SECTIONS = {"one": b"abc", "empty": b"", "two": bytes(range(256))}
KEY = cache.fingerprint([b"a", b"b"])


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
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


def test_a_file_that_is_not_whole_is_as_good_as_absent(kept):
    """Cut anywhere, or with any byte changed, it is not read; written anew, it is."""
    cache.store(KEY, SECTIONS)
    [path] = kept.iterdir()
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


def test_a_folder_that_cannot_be_is_no_fault(kept, tmp_path, monkeypatch):
    """A file where the folder should be, or no right to write: nothing is kept and nothing is said."""
    kept.write_text("a file")
    cache.store(KEY, SECTIONS)
    assert (loaded(), kept.read_text()) == (None, "a file")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "locked"))
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "no")))
    cache.store(KEY, SECTIONS)
    assert (loaded(), list((tmp_path / "locked").iterdir())) == (None, [])


def test_the_newest_files_stay(kept):
    """Beyond the number that is kept the oldest go; what is not ours is never touched."""
    kept.mkdir()
    (kept / "notes.txt").write_text("mine")
    keys = [cache.fingerprint([bytes([number])]) for number in range(cache.KEPT + 3)]
    for number, key in enumerate(keys):
        cache.store(key, SECTIONS)
        os.utime(cache.contents()[0].path, (number, number))
    assert {each.path.stem for each in cache.contents()} == set(keys[3:])
    assert cache.clear() == cache.KEPT
    assert [path.name for path in kept.iterdir()] == ["notes.txt"]


def test_off(monkeypatch):
    """`off` keeps nothing and finds nothing."""
    monkeypatch.setenv(cache.VARIABLE, "off")
    cache.store(KEY, SECTIONS)
    assert (cache.folder(), loaded(), cache.contents(), cache.clear()) == (None, None, [], 0)


def test_the_users_folder(monkeypatch, tmp_path):
    """Without the variable it is where the platform keeps caches."""
    monkeypatch.delenv(cache.VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = cache.folder()
    assert folder is not None
    assert folder.name == "ruletag"


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
    assert cli("cache") == (0, "off: RULETAG_CACHE can name a folder, since you have no home folder\n", "")


def test_the_command(cli, kept):
    """`ruletag cache` says where and how much; `--clear` removes it."""
    assert cli("cache") == (0, f"{kept}: 0 files, 0 bytes\n", "")
    cache.store(KEY, SECTIONS)
    code, out, err = cli("cache")
    assert (code, out.startswith(f"{kept}: 1 file, "), err) == (0, True, "")
    assert cli("cache", "--clear") == (0, f"{kept}: removed 1 file\n", "")
    assert cli("cache") == (0, f"{kept}: 0 files, 0 bytes\n", "")
