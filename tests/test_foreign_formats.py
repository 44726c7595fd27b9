"""A format of another distribution, as pip leaves it: a module, and a .dist-info folder with an entry point."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

MODULE = """\
from ruletag.formats import Format
from ruletag.model import Document


def read(stream, path, options):
    for line in stream:
        yield Document(line.rstrip("\\n").lower())


def write(documents, stream, options):
    for document in documents:
        names = "".join(f" [{entity.text} {entity.label}]" for entity in document.entities)
        stream.write(f"{document.text.upper()}{names}\\n")


FORMAT = Format(name="loud", help="in capitals", read=read, write=write, suffixes=(".loud",), many=True,
                carries=("spans",))
WRONG = Format(name="other", help="under another name")
"""
POINTS = "[ruletag.formats]\nloud = loud_format:FORMAT\n"


@pytest.fixture
def run(tmp_path):
    """`run(arguments)` starts the command with the distribution on its path: exit code, output, errors."""
    site = tmp_path / "site"
    info = site / "ruletag_loud-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ruletag-loud\nVersion: 1.0\n", encoding="utf-8")
    (site / "loud_format.py").write_text(MODULE, encoding="utf-8")

    def started(*arguments, points=POINTS):
        (info / "entry_points.txt").write_text(points, encoding="utf-8")
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(site), *sys.path])}
        command = [sys.executable, "-m", "ruletag", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8")
        return done.returncode, done.stdout, done.stderr

    return started


def test_a_format_of_another_distribution(run, tmp_path):
    """It is listed, written by name and by suffix, and read; `ruletag` needs no line of its own for it."""
    (tmp_path / "a.txt").write_text("Emmanuel Macron dort.\n", encoding="utf-8")
    (tmp_path / "b.loud").write_text("OUI\nNON\n", encoding="utf-8")
    code, out, err = run("formats", "--json")
    declarations = {declaration["name"]: declaration for declaration in json.loads(out)}

    assert (code, err, declarations["loud"]["suffixes"]) == (0, "", [".loud"])
    written = "EMMANUEL MACRON DORT.\n [Emmanuel Macron PER]\n"
    assert run("tag", "a.txt", "--to", "loud") == (0, written, "")
    assert run("tag", "a.txt", "-o", "c.loud") == (0, "", "")
    assert (tmp_path / "c.loud").read_text("utf-8") == written
    lines = '{"text": "oui", "spans": []}\n{"text": "non", "spans": []}\n'
    assert run("convert", "b.loud", "-", "--to", "jsonl", "-q") == (0, lines, "")


@pytest.mark.parametrize(
    ("point", "fault"),
    [
        ("wrong = loud_format:WRONG", "wrong: RT110 is not a format of that name\n  help: see `ruletag formats`\n"),
        (
            "gone = loud_format:GONE",
            "loud_format:GONE: RT110 this format from another package cannot be loaded: AttributeError: "
            "module 'loud_format' has no attribute 'GONE'\n  help: update that package, or uninstall it\n",
        ),
    ],
)
def test_what_is_no_format(run, tmp_path, point, fault):
    """A fault of an entry point is named, with its cure."""
    assert run("formats", points=f"{POINTS}{point}\n") == (2, "", fault)
