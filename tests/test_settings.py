"""The origin of a setting: an option, the environment, a file, or the default; and the messages about it."""

from __future__ import annotations

import json
import os

import click
import pytest

from ruletag import engine
from ruletag.cli.options import Command, variable
from test_docs import COMMANDS


@pytest.fixture
def folder(tmp_path, small, monkeypatch):
    """A folder with a configuration, and another one beside it; nothing is set in the environment."""
    for name in list(os.environ):
        if name.startswith("RULETAG_") and name != "RULETAG_CACHE":
            monkeypatch.delenv(name)
    (tmp_path / "ruletag.toml").write_text('guideline = "seed"\nencoding = "latin-1"\nmemory = false\n')
    (tmp_path / "other.toml").write_text('guideline = "canonical"\n')
    (tmp_path / "a.txt").write_bytes("Zoé voit M. Wang.\n".encode("latin-1"))
    return tmp_path


def settings(cli, *options):
    """The settings that `ruletag config` shows, by key."""
    run = cli("config", "--json", *options)
    assert (run.code, run.err) == (0, "")
    return {setting["key"]: (setting["value"], setting["origin"]) for setting in json.loads(run.out)}


DEFAULTS = {
    "rules": ("shipped", "default"),
    "gazetteers": ("shipped", "default"),
    "lists": (None, "default"),
    "guideline": (None, "default"),
    "engine": (engine.engine_name(), f"default: {engine.why_plain()}" if engine.why_plain() else "default"),
    "memory": (True, "default"),
    "encoding": ("utf-8", "default"),
    "map": (None, "default"),
    "ignore": (None, "default"),
    "fail-under": (None, "default"),
}


def test_where_each_setting_comes_from(cli, folder, monkeypatch):
    """An option goes before the environment, that before the file, that before the default."""
    of_file = {name: (value, "ruletag.toml") for name, value in {"guideline": "seed", "memory": False}.items()}
    of_file["encoding"] = ("latin-1", "ruletag.toml")
    assert settings(cli, "--isolated") == DEFAULTS
    assert settings(cli) == DEFAULTS | of_file
    monkeypatch.setenv("RULETAG_GUIDELINE", "canonical")
    monkeypatch.setenv("RULETAG_RULES", os.pathsep.join(["shipped", "my rules"]))
    monkeypatch.setenv("RULETAG_IGNORE", "DATE TIME")
    of_environment = {
        "guideline": ("canonical", "RULETAG_GUIDELINE"),
        "rules": (["shipped", "my rules"], "RULETAG_RULES"),
        "ignore": (["DATE", "TIME"], "RULETAG_IGNORE"),
    }
    assert settings(cli) == DEFAULTS | of_file | of_environment
    of_option = {"guideline": ("house.yaml", "--guideline"), "encoding": ("cp1252", "--encoding")}
    options = ("--guideline", "house.yaml", "--encoding", "cp1252")
    assert settings(cli, *options) == DEFAULTS | of_file | of_environment | of_option


def test_settings_as_a_table(cli, folder):
    """A line for each key, with its value and origin."""
    run = cli("config", "--no-memory", "--isolated", "--engine", "plain")
    assert run.out == (
        "key         value    from\n"
        "----------  -------  -----------\n"
        "rules       shipped  default\n"
        "gazetteers  shipped  default\n"
        "lists                default\n"
        "guideline            default\n"
        "engine      plain    --engine\n"
        "memory      false    --no-memory\n"
        "encoding    utf-8    default\n"
        "map                  default\n"
        "ignore               default\n"
        "fail-under           default\n"
    )
    assert cli("config", "--show", "--isolated", "--no-memory", "--engine", "plain") == run


def test_why_the_plain_engine(cli, folder, monkeypatch):
    """If the compiled engine is missing, the settings and the line on what is in force say why."""
    monkeypatch.setattr(engine, "missing", lambda: "no cargo")
    monkeypatch.delenv(engine.VARIABLE, raising=False)
    assert settings(cli, "--isolated")["engine"] == ("plain", "default: no cargo")
    monkeypatch.setattr(engine, "missing", lambda: "")
    assert settings(cli, "--isolated")["engine"] == ("core", "default")


def test_another_file(cli, folder, monkeypatch):
    """`--config` names a file of any name, in the environment too; a pyproject.toml needs our table."""
    (folder / "pyproject.toml").write_text('[tool.ruletag]\nengine = "plain"\n')
    (folder / "bare").mkdir()
    (folder / "bare/pyproject.toml").write_text("[tool.other]\n")
    assert settings(cli, "--config", "other.toml")["guideline"] == ("canonical", "other.toml")
    assert settings(cli, "--config", "pyproject.toml")["engine"] == ("plain", "pyproject.toml")
    monkeypatch.setenv("RULETAG_CONFIG", "other.toml")
    assert settings(cli)["guideline"] == ("canonical", "other.toml")
    assert cli("config", "--config", "absent.toml").err == (
        "absent.toml: RT110 there is no such file\n  help: check --config\n"
    )
    assert cli("config", "--config", "bare/pyproject.toml").err == (
        "bare/pyproject.toml: RT110 has no table [tool.ruletag]\n  help: add it, or name another file\n"
    )
    assert cli("config", "--isolated") == (
        2,
        "",
        "--config: RT110 and --isolated exclude each other: one names a file, the other reads none\n"
        "  help: leave one of them out\n",
    )


def test_a_run_goes_by_them(cli, folder, monkeypatch):
    """`tag` follows the settings that `config` shows: here the encoding of the file, and the format of an output."""
    assert cli("tag", "a.txt", "--to", "markup") == (0, "Zoé voit M. [Wang](PER).\n", "")
    assert cli("tag", "a.txt", "--to", "markup", "--isolated").code == 2
    monkeypatch.setenv("RULETAG_TAG_TO", "markup")
    assert cli("tag", "a.txt") == (0, "Zoé voit M. [Wang](PER).\n", "")


def test_a_wrong_value_in_the_environment(cli, folder, monkeypatch):
    """The fault names the variable."""
    monkeypatch.setenv("RULETAG_TAG_JOBS", "many")
    run = cli("tag", "a.txt")
    assert run.code == 2
    assert "Invalid value for RULETAG_TAG_JOBS in the environment: 'many' is not a valid integer" in run.err


def test_an_empty_variable_is_none(cli, folder, monkeypatch):
    """A variable that is set to nothing says nothing."""
    monkeypatch.setenv("RULETAG_GUIDELINE", "")
    assert settings(cli)["guideline"] == ("seed", "ruletag.toml")


def test_every_option_has_a_variable():
    """No two options of a command share one; options of one spelling that commands share have one for all."""
    values = {}
    for words, command in COMMANDS.items():
        options = [option for option in command.params if isinstance(option, click.Option)]
        names = [option.envvar for option in options]
        assert isinstance(command, Command)
        assert len(set(names)) == len(names)
        for parameter in options:
            own = variable(str(command.name), parameter.opts)
            assert parameter.envvar in (own, variable("", parameter.opts)), words
            values.setdefault(parameter.envvar, set()).add(words)

    assert values["RULETAG_TAG_JOBS"] == {"tag"}
    assert values["RULETAG_QUIET"] == values["RULETAG_CONFIG"] | {"init"}
    assert [name for name in values if name in {"RULETAG_CACHE", "RULETAG_TRACEBACK", "RULETAG_PURE"}] == []


def test_quiet(cli, folder):
    """Only errors are reported."""
    (folder / "b.jsonl").write_text('{"text": "Paris", "spans": [[0, 5, "LOC"]]}\n')
    loud = cli("convert", "b.jsonl", "b.txt", "--to", "text")
    assert loud.err != ""
    assert cli("convert", "b.jsonl", "c.txt", "--to", "text", "--quiet") == (0, "", "")
    assert cli("explain", "Paris", "-v", "-q").err == ""
    assert cli("convert", "b.jsonl", "c.txt", "--to", "text", "--quiet").err != ""


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('guideline = "sead"', "unknown guideline 'sead'\n  help: did you mean 'seed'?\n"),
        ('guideline = "maison.yaml"', "unknown guideline '{}'\n  help: there is no such file; check its path\n"),
        ('engine = "rust"', "unknown engine 'rust'\n  help: known: core, plain\n"),
    ],
)
def test_a_wrong_value_of_a_file(cli, folder, line, message):
    """The file is named that has the value, not the option that nobody gave; an option that is given goes before it."""
    (folder / "ruletag.toml").write_text(f"{line}\n")
    (folder / "b.txt").write_text("Zoé")
    expected = f"ruletag.toml: RT110 {message.format(folder / 'maison.yaml')}"
    for command in (["tag", "b.txt"], ["explain", "Zoé"], ["check"]):
        assert cli(*command) == (2, "", expected)
    options = ["--guideline", "seed"] if "guideline" in line else ["--engine", "plain"]
    assert cli("tag", "b.txt", *options).code == 0
