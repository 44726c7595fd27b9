"""`ruletag diff` as it is called: folders of knowledge, revisions of git, two taggings, gold, JSON and the page."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

TEXT = "Zed vit à Kersolea du Nord, dans le Kersolea."
OLD, NEW = "label: LOC\nentries:\n  - Kersolea\n", "label: LOC\nentries:\n  - Kersolea du Nord\n"
SHOWN = """\
t.txt:1: rebound
  - Zed vit à [Kersolea](LOC) du Nord, dans le Kersolea.
      Kersolea (old/gazetteers/places.yaml:3)
  + Zed vit à [Kersolea du Nord](LOC), dans le Kersolea.
      Kersolea du Nord (new/gazetteers/places.yaml:3)
    because of + Kersolea du Nord (new/gazetteers/places.yaml:3)
t.txt:1: gone
  - Zed vit à Kersolea du Nord, dans le [Kersolea](LOC).
      Kersolea (old/gazetteers/places.yaml:3)
    because of - Kersolea (old/gazetteers/places.yaml:3)
0 added, 1 gone, 0 relabelled, 1 rebound in 1 of 1 documents; 1 tagged under both
+ Kersolea du Nord (new/gazetteers/places.yaml:3): +0 -0 ~1
- Kersolea (old/gazetteers/places.yaml:3): +0 -1 ~0
"""


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def place(small: Path, tmp_path: Path) -> Path:
    """Two folders of knowledge and a text."""
    put(tmp_path / "old/gazetteers/places.yaml", OLD)
    put(tmp_path / "new/gazetteers/places.yaml", NEW)
    put(tmp_path / "t.txt", TEXT)
    return tmp_path


def test_two_folders(cli, place):
    """Every difference in its text, with both sources and the line responsible; then the sums. Exit code 1."""
    assert cli("diff", "old", "new", "--on", "t.txt") == (1, SHOWN, "")
    same = "0 added, 0 gone, 0 relabelled, 0 rebound in 0 of 1 documents; 0 tagged under both\n"
    assert cli("diff", "new", "new", "--on", "t.txt") == (0, same, "")


def test_a_revision_of_git(cli, place):
    """A folder as it was at a revision is compared like any other; nothing is left of it."""
    git = ["git", "-c", "user.email=a@example.org", "-c", "user.name=A", "-C", str(place)]
    put(place / "mine/gazetteers/places.yaml", OLD)
    for command in (["init", "-q"], ["add", "mine"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], check=True, capture_output=True)
    put(place / "mine/gazetteers/places.yaml", NEW)
    then = SHOWN.replace("(old/", "(HEAD:mine/").replace("(new/", "(mine/")
    assert cli("diff", "HEAD:mine", "mine", "--on", "t.txt") == (1, then, "")
    code, out, err = cli("diff", "HEAD:nowhere", "mine", "--on", "t.txt")
    assert (code, out, err.split(":")[0], err.split(" ")[1]) == (2, "", "HEAD", "RT117")


def test_a_file_that_ships_can_be_called_the_same(cli, place):
    """Only sources in the folder get its path and line; shipped ones keep their name."""
    put(place / "old/gazetteers/people.yaml", "label: PER\nentries:\n  - Ada Zed\n")
    put(place / "t.txt", "Kaisa Lehtonen et Ada Zed.")
    assert cli("diff", "shipped", "old", "--on", "t.txt") == (
        1,
        "t.txt:1: added\n"
        "  + Kaisa Lehtonen et [Ada Zed](PER).\n"
        "      Ada Zed (old/gazetteers/people.yaml:3)\n"
        "    because of + Ada Zed (old/gazetteers/people.yaml:3)\n"
        "1 added, 0 gone, 0 relabelled, 0 rebound in 1 of 1 documents; 1 tagged under both\n"
        "+ Ada Zed (old/gazetteers/people.yaml:3): +1 -0 ~0\n"
        "+ Kersolea (old/gazetteers/places.yaml:3): +0 -0 ~0\n",
        "",
    )
    assert cli("diff", "old/gazetteers", "new/gazetteers", "--on", "t.txt") == (
        1,
        "t.txt:1: gone\n"
        "  - Kaisa Lehtonen et [Ada Zed](PER).\n"
        "      Ada Zed (old/gazetteers/people.yaml:3)\n"
        "    because of - Ada Zed (old/gazetteers/people.yaml:3)\n"
        "0 added, 1 gone, 0 relabelled, 0 rebound in 1 of 1 documents; 1 tagged under both\n"
        "+ Kersolea du Nord (new/gazetteers/places.yaml:3): +0 -0 ~0\n"
        "- Ada Zed (old/gazetteers/people.yaml:3): +0 -1 ~0\n"
        "- Kersolea (old/gazetteers/places.yaml:3): +0 -0 ~0\n",
        "",
    )


def test_by_the_gold(cli, place):
    """The right and wrong spans that a change brings, in all and for each line."""
    put(place / "gold.jsonl", json.dumps({"text": TEXT, "spans": [[10, 26, "LOC"]]}) + "\n")
    code, out, _ = cli("diff", "old", "new", "--gold", "gold.jsonl")
    assert (code, out.splitlines()[-3:]) == (
        1,
        [
            "+ Kersolea du Nord (new/gazetteers/places.yaml:3): +0 -0 ~1, right +1, wrong -1",
            "- Kersolea (old/gazetteers/places.yaml:3): +0 -1 ~0, right +0, wrong -1",
            "Against the gold: right +1, wrong -2.",
        ],
    )


def test_gold_beside_other_texts(cli, place):
    """A difference in a text without gold is shown, but is neither right nor wrong."""
    put(place / "t.txt", "Kersolea.")
    put(place / "gold.jsonl", json.dumps({"text": TEXT, "spans": [[10, 26, "LOC"]]}) + "\n")
    code, out, _ = cli("diff", "old", "new", "--on", "t.txt", "--gold", "gold.jsonl", "--json")
    record = json.loads(out)
    assert (code, record["documents"], record["gold"]) == (1, 2, {"right": 1, "wrong": -2})
    assert [(change["path"], change.get("gold")) for change in record["changes"]][:2] == [
        ("t.txt", None),
        ("gold.jsonl", {"right": 1, "wrong": -1}),
    ]


def test_gold_that_is_not_annotated_throughout(cli, place):
    """A document without gold stays in its place, and says nothing of right and wrong."""
    for name, label in (("a", "PER"), ("b", "LOC")):
        lines = [{"text": text, "spans": [[0, 4, label]]} for text in ("Oslo.", "Lyon.")]
        put(place / f"{name}.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    lines = [{"text": "Oslo."}, {"text": "Lyon.", "spans": [[0, 4, "LOC"]]}]
    put(place / "gold.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    code, out, _ = cli("diff", "a.jsonl", "b.jsonl", "--gold", "gold.jsonl", "--json")
    record = json.loads(out)
    assert (code, record["gold"]) == (1, {"right": 1, "wrong": -1})
    assert [change.get("gold") for change in record["changes"]] == [None, {"right": 1, "wrong": -1}]


def test_two_taggings(cli, place):
    """Files of tagged documents; no line is responsible, since no knowledge was read."""
    for name, spans in (("a", [[0, 3, "PER"]]), ("b", [[0, 3, "LOC"]])):
        put(place / f"{name}.jsonl", json.dumps({"text": TEXT, "spans": spans}) + "\n")
    code, out, _ = cli("diff", "a.jsonl", "b.jsonl", "--json")
    [change] = json.loads(out)["changes"]
    assert (code, change["kind"], change["before"]["label"], change["after"]["label"], change["because"]) == (
        1,
        "relabelled",
        "PER",
        "LOC",
        None,
    )


def test_the_page(cli, place):
    """The page holds every difference; text is never markup; an existing page is not replaced."""
    put(place / "t.txt", TEXT + " <script>alert(1)</script>")
    assert cli("diff", "old", "new", "--on", "t.txt", "--html", "p.html").code == 1
    page = (place / "p.html").read_text(encoding="utf-8")
    assert page.count("<article>") == 2
    assert "<mark>[Kersolea du Nord]<sup>LOC</sup></mark>" in page
    assert "<script" not in page
    refused = "p.html: RT106 exists already\n  help: use --force to replace it, with all corrections made in it\n"
    assert cli("diff", "old", "new", "--on", "t.txt", "--html", "p.html") == (2, "", refused)
    assert (place / "p.html").read_text(encoding="utf-8") == page


@pytest.mark.parametrize(
    ("arguments", "err"),
    [
        (
            ("old", "t.txt", "--on", "t.txt"),
            "t.txt: RT110 contains no knowledge, but the other side does\n"
            "  help: name two folders of knowledge, or two of documents\n",
        ),
        (("old", "new"), "--on: RT110 is missing\n  help: name texts: --on archive/, or --gold gold/\n"),
        (
            ("t.txt", "t.txt", "--on", "t.txt"),
            "--on: RT110 is for two folders of knowledge\n  help: leave --on out\n",
        ),
    ],
)
def test_what_cannot_be_compared(cli, place, arguments, err):
    """One clear message, and exit code 2."""
    assert cli("diff", *arguments) == (2, "", err)
