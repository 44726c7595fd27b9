"""The guide of review tools: its commands for files, with what a tool would send back."""

from __future__ import annotations

import re
import shlex
import shutil
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "guide" / "review-tools.md"
FILES = GUIDE.read_text(encoding="utf-8").partition("\n## With files\n")[2].partition("\n## Live\n")[0]
SECTIONS = dict(re.findall(r"^### (.+)\n((?:(?!### ).*\n)*)", FILES, re.MULTILINE))
# What a tool sends back has the shape of what it was sent.
SENT_BACK = {
    "export.json": "tasks.json",
    "admin.jsonl": "tasks.jsonl",
    "out.jsonl": "tasks.jsonl",
    "export/": "xmi",
    "predictions.json": "train.json",
}
NEEDED = {"INCEpTION": "cassis", "spaCy": "spacy", "Hugging Face": "pyarrow"}
GIVEN = {
    "texts/a.txt": "M. Wang est à Paris.\n",
    "texts/b/c.txt": "Rien.\n",
    "article.txt": "Emmanuel Macron à Paris.\n",
    "lettre.xml": "<TEI><text><p>M. <hi>Wang</hi> est à <placeName>Oslo</placeName>.</p></text></TEI>",
    "lettres/1.xml": "<TEI><text><p>Paris</p></text></TEI>",
    "export.tsv": "#FORMAT=WebAnno TSV 3.3\n#T_SP=a.B|value\n\n#Text=Oslo\n1-1\t0-4\tOslo\tLOC\t\n",
}
GOLD = '{"text": "M. Wang est à Paris.\\n", "spans": [[3, 7, "PER"]]}\n{"text": "Rien.\\n", "spans": []}\n'


def commands(section):
    """The commands of a section that ruletag runs, as arguments."""
    lines = re.findall(r"^    ruletag ([^#\n]+)", SECTIONS[section], re.MULTILINE)
    lines += re.findall(r"`ruletag ([^`]+)`", SECTIONS[section])
    return [shlex.split(line) for line in lines]


def written(arguments):
    """The file or folder that a command writes; None if it prints."""
    if "-o" in arguments:
        return arguments[arguments.index("-o") + 1]
    return arguments[2] if arguments[0] == "convert" else None


def test_every_section_has_commands():
    """None is passed over."""
    assert len(SECTIONS) == 13
    assert [title for title in SECTIONS if not commands(title)] == []


def test_extras_are_there():
    """Every extra that the guide mentions exists."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = re.findall(r"ruletag\[([\w,]+)\]", GUIDE.read_text(encoding="utf-8"))
    assert sorted({extra for match in named for extra in match.split(",")} - set(extras)) == []


@pytest.mark.slow
@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("section", SECTIONS)
def test_the_commands_run(section, cli, tmp_path):
    """Each succeeds, and writes the files that it names."""
    if (package := NEEDED.get(section)) and find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    for name, text in GIVEN.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    if "gold.jsonl" not in map(written, commands(section)):
        (tmp_path / "gold.jsonl").write_text(GOLD, encoding="utf-8")
    for arguments in commands(section):
        for name, sent in SENT_BACK.items():
            if name in arguments:
                copy = shutil.copytree if name.endswith("/") else shutil.copy
                copy(tmp_path / sent, tmp_path / name)
        code, _, err = cli(*arguments)
        assert code == 0, (arguments, err)
        assert (tmp_path / (written(arguments) or "article.txt")).exists()
