"""The settings of a folder: where they are found, what they may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from ruletag.config import Config, find_config
from ruletag.config_keys import KEYS
from ruletag.errors import RuletagError

pytestmark = pytest.mark.usefixtures("here")


def write(path, text):
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder):
    """The report on the settings of a folder."""
    with pytest.raises(RuletagError) as error:
        find_config(folder)
    return str(error.value)


def test_without_a_file_nothing_is_set(tmp_path):
    """No file in any folder above: no settings, every default holds."""
    config = find_config(tmp_path)
    assert config == Config(None, {})
    assert config.get("encoding", "utf-8") == "utf-8"


def test_the_closest_file_holds(tmp_path):
    """`ruletag.toml` goes before `pyproject.toml` of the same folder, a closer folder before one above."""
    write(tmp_path / "ruletag.toml", 'engine = "top"')
    write(tmp_path / "pyproject.toml", '[tool.ruletag]\nengine = "project"')
    write(tmp_path / "a/pyproject.toml", '[tool.ruletag]\nengine = "a"')
    write(tmp_path / "a/b/pyproject.toml", "[tool.other]\nx = 1")
    (tmp_path / "a/b/c").mkdir()
    assert find_config(tmp_path) == Config(tmp_path / "ruletag.toml", {"engine": "top"})
    assert find_config(tmp_path / "a/b/c") == Config(tmp_path / "a/pyproject.toml", {"engine": "a"})


def test_every_key(tmp_path):
    """Paths are relative to the file; a name or the word `shipped` is no path."""
    path = write(
        tmp_path / "ruletag.toml",
        """
rules = ["shipped", "mine/rules"]
gazetteers = "mine/names"
guideline = "mine/own.yaml"
engine = "plain"
memory = false
encoding = "latin-1"
fail-under = 0.9
ignore = ["DATE"]

[lists]
"clubs.txt" = "ORG"

[map]
GPE = "LOC"
""",
    )
    config = find_config(tmp_path)
    assert config.path == path
    assert config.values == {
        "rules": ["shipped", str(tmp_path / "mine/rules")],
        "gazetteers": [str(tmp_path / "mine/names")],
        "guideline": str(tmp_path / "mine/own.yaml"),
        "engine": "plain",
        "memory": False,
        "encoding": "latin-1",
        "fail-under": 0.9,
        "ignore": ["DATE"],
        "map": {"GPE": "LOC"},
        "lists": [("ORG", str(tmp_path / "clubs.txt"))],
    }
    assert set(config.values) == set(KEYS)


def test_a_guideline_by_name_stays_a_name(tmp_path):
    """Only a file name is relative to the settings."""
    write(tmp_path / "ruletag.toml", 'guideline = "seed"')
    assert find_config(tmp_path).values == {"guideline": "seed"}


def test_all_wrong_keys_are_reported(tmp_path):
    """Unknown keys with the closest one, wrong types with what the key means."""
    write(
        tmp_path / "ruletag.toml",
        'guidline = "seed"\nmemory = "no"\nfail-under = 90\nrules = ["a", 1]\n'
        'lists = {"a.txt" = 1}\nzzz = 1\nengine = true\n',
    )
    wrong = "has a value of the wrong type"
    assert refused(tmp_path) == "\n".join(
        [
            f"ruletag.toml: RT110 'engine' {wrong}\n  help: {KEYS['engine'].help}",
            f"ruletag.toml: RT110 'fail-under' {wrong}\n  help: {KEYS['fail-under'].help}",
            f"ruletag.toml: RT110 'lists' {wrong}\n  help: {KEYS['lists'].help}",
            f"ruletag.toml: RT110 'memory' {wrong}\n  help: {KEYS['memory'].help}",
            f"ruletag.toml: RT110 'rules' {wrong}\n  help: {KEYS['rules'].help}",
            "ruletag.toml: RT110 unknown key 'guidline'\n  help: did you mean 'guideline'?",
            f"ruletag.toml: RT110 unknown key 'zzz'\n  help: known: {', '.join(sorted(KEYS))}",
        ]
    )


@pytest.mark.parametrize("threshold", [0, 1, 0.5])
def test_thresholds_from_nothing_to_everything(tmp_path, threshold):
    """Both ends of the scale are thresholds, whole numbers too."""
    write(tmp_path / "ruletag.toml", f"fail-under = {threshold}\n")
    assert find_config(tmp_path).values == {"fail-under": threshold}


def test_a_truth_value_is_no_threshold(tmp_path):
    """TOML's true is a number to Python, but not to us."""
    write(tmp_path / "ruletag.toml", "fail-under = true\n")
    assert refused(tmp_path) == (
        f"ruletag.toml: RT110 'fail-under' has a value of the wrong type\n  help: {KEYS['fail-under'].help}"
    )


def test_a_file_that_is_no_toml(tmp_path):
    """Our own file must be TOML; a broken pyproject.toml is the affair of other tools."""
    write(tmp_path / "pyproject.toml", "x =")
    assert find_config(tmp_path) == Config()
    help = 'write key = value, with texts in quotes and lists in brackets: rules = ["shipped", "knowledge/rules"]'
    write(tmp_path / "ruletag.toml", "memory = true\nx =\n\n")
    wrong = "ruletag.toml:2:4: RT110 this is not TOML: Invalid value"
    assert refused(tmp_path) == f"{wrong}\n    x =\n       ^\n  help: {help}"
    write(tmp_path / "ruletag.toml", "guideline = canonical\r\n")
    wrong = "ruletag.toml:1:13: RT110 this is not TOML: Invalid value"
    assert refused(tmp_path) == f"{wrong}\n    guideline = canonical\n                ^\n  help: {help}"


def test_a_table_that_only_pyproject_needs(tmp_path):
    """`ruletag.toml` has its keys at the top."""
    write(tmp_path / "ruletag.toml", '[tool.ruletag]\nguideline = "seed"\n')
    assert refused(tmp_path) == (
        "ruletag.toml: RT110 unknown key 'tool'\n  help: leave out [tool.ruletag], which only pyproject.toml needs"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = " + "[" * 50_000, "is nested too deeply"),
        ("x = " + "{a=" * 50_000, "is nested too deeply"),
        ("fail-under = " + "9" * 5000, "contains a number with too many digits"),
        ('guideline = "a\\u0000.yaml"', "'guideline' contains the character U+0000\n  help: remove it"),
        ('rules = ["shipped", "a\\u0000"]', "'rules' contains the character U+0000\n  help: remove it"),
        ('gazetteers = "\\u0000"', "'gazetteers' contains the character U+0000\n  help: remove it"),
        ('lists = {"\\u0000" = "PER"}', "'lists' contains the character U+0000\n  help: remove it"),
    ],
    ids=range(7),
)
def test_values_that_nothing_can_use(tmp_path, text, message):
    """Deep nesting, numbers without end and names that no file can have are faults; a pyproject.toml is left alone."""
    write(tmp_path / "pyproject.toml", f"[tool.other]\n{text}\n[tool.ruletag]\nmemory = true\n")
    if message.startswith(("is", "holds")):
        assert find_config(tmp_path) == Config()
    write(tmp_path / "ruletag.toml", text)
    assert refused(tmp_path) == f"ruletag.toml: RT110 {message}"


def test_a_file_that_cannot_be_read(tmp_path, monkeypatch):
    """No permission is a fault, not a crash."""
    write(tmp_path / "ruletag.toml", "")

    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", denied)
    assert refused(tmp_path) == "ruletag.toml: RT110 cannot be read: [Errno 13] Permission denied"
