"""The completions that a shell offers after `ruletag`, requested as shells do."""

from __future__ import annotations

import click
import pytest
from click.shell_completion import ShellComplete

from ruletag.cli import cli
from ruletag.cli.completion import Offered
from ruletag.engine import ENGINES
from ruletag.folders import guideline_names
from ruletag.formats import FORMATS
from ruletag.model import LABELS
from test_docs import COMMANDS


def offered(line, incomplete=""):
    """The values that are offered behind a line, or the kind of what the shell itself is to complete."""
    completions = ShellComplete(cli, {}, "ruletag", "_RULETAG_COMPLETE").get_completions(line.split(), incomplete)
    return [item.value if item.type == "plain" else item.type for item in completions]


@pytest.mark.parametrize(
    ("line", "incomplete", "expected"),
    [
        ("", "import", ["import", "import-list"]),
        ("guideline", "", ["fit"]),
        ("tag", "", ["file"]),
        ("tag a.txt", "b", ["file"]),
        ("tag -o", "", ["file"]),
        ("tag --to", "", list(FORMATS)),
        ("tag --to", "con", ["conll", "conllu"]),
        ("convert a.json b.jsonl -f", "pro", ["prodigy"]),
        ("tag --engine", "", list(ENGINES)),
        ("eval --guideline", "", guideline_names()),
        ("eval --guideline", "se", ["seed"]),
        ("eval --guideline", "house/", ["file"]),
        ("guideline fit", "", ["file"]),
        ("guideline fit gold --base", "", guideline_names()),
        ("check", "", ["file"]),
        ("check --rules", "", ["file"]),
        ("check --output-format", "s", ["sarif"]),
        ("import-list a.csv --label", "", list(LABELS)),
        ("add Zed", "", list(LABELS)),
        ("explain", "a", ["file"]),
        ("schema", "g", ["gazetteer", "gold-check", "guideline"]),
        ("code", "RT30", ["RT301", "RT302", "RT303", "RT304", "RT305", "RT306", "RT307"]),
        ("tag --config", "", ["file"]),
        ("tag --en", "--en", ["--engine", "--encoding"]),
    ],
)
def test_what_is_offered(line, incomplete, expected):
    """Commands, files, folders, formats, engines, guidelines, labels, codes, and options."""
    assert sorted(offered(line, incomplete)) == sorted(expected)


def test_what_nothing_is_offered_for():
    """Exactly the parameters that take any text."""
    free = sorted(
        f"{words} {max(option.opts, key=len)}"
        for words, command in COMMANDS.items()
        for option in command.params
        if not getattr(option, "is_flag", False) and type(option.type) is click.types.StringParamType
    )
    common = {"--map", "--column", "--offsets", "--list", "--encoding"}

    assert [name for name in free if name.split()[-1] not in common] == FREE
    assert {type(option.type) for option in COMMANDS["tag"].params} > {Offered, click.Path}


FREE = [
    "add --because",
    "add name",
    "eval --cost",
    "eval --fail-under",
    "import-list --types",
    "review --adjudicate",
    "review --as",
    "serve --allow-host",
    "serve --host",
    "serve --token",
    "tag --shard",
]


def test_a_shell_gets_its_script(cli, monkeypatch):
    """The variable that a shell sets gives the script by which it asks."""
    monkeypatch.setenv("_RULETAG_COMPLETE", "zsh_source")
    run = cli()

    assert (run.code, run.out.splitlines()[0]) == (0, "#compdef ruletag")
