"""`ruletag suggest`, `add` and `init` as they are called, on a little knowledge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ruletag.cli import init as init_module
from ruletag.config import find_config
from ruletag.starter import RECIPES, files

CONFIG = 'gazetteers = ["shipped", "mine/gazetteers"]\nrules = ["shipped", "mine/rules"]\n'
PLACES = "# Ours.\nlabel: LOC\nentries:\n  - Kersolea   # keep\n"
RULES = """\
rules:
  - id: own.boat
    label: MISC
    why: A boat.
    match: "voilier [ Cap ]"
    examples: ["Le voilier [Zed](MISC) part.", "Le voilier part."]
"""
GOLD = [
    ("g1", "Orsk Nord recrute à Paris.", [(0, 9, "ORG"), (20, 25, "LOC")]),
    ("g2", "Voici Orsk Nord. La Chine attend.", [(6, 15, "ORG")]),
    ("g3", "La ministre Zed attend. La Chine dort.", []),
    ("g4", "Le patron Ada Mir vient.", [(10, 17, "PER")]),
    ("g5", "La ministre Zed sort.", []),
    ("g6", "La Chine joue.", []),
]
# What the user's own files hold when all suggestions are applied.
APPLIED = {
    "gazetteers/organisations.yaml": "label: ORG\nentries:\n  - Orsk Nord  # s1, 2 corrections\n",
    "gazetteers/people.yaml": "label: PER\nentries:\n  - Ada Mir  # s5, 1 correction\n",
    "gazetteers/places.yaml": f"{PLACES}ambiguous:\n  - Chine  # s3, 3 corrections\n",
    "gazetteers/words/title.yaml": "class: title\nentries:\n  - patron  # s2, 1 correction\n",
    "rules/never.yaml": "not:\n  - name: Zed  # s4, 2 corrections\n    label: PER\n"
    "    example: La ministre Zed attend. La Chine dort.\n",
}
PILE = [("p1", "Orsk Nord attend. Un patron Jean Rol."), ("p2", "La ministre Zed. La Chine."), ("p3", "Rien.")]


UNKNOWN = (
    "{}: RT205 is neither a label nor a class that has words\n  help: labels: PER, LOC, ORG, MISC; did you mean {!r}?\n"
)


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def lines(records) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def knowledge(place: Path) -> list[Path]:
    """The user's own files."""
    return sorted((place / "mine").rglob("*.yaml"))


@pytest.fixture
def place(small: Path, tmp_path: Path) -> Path:
    """A folder of knowledge with its configuration, corrected documents and a pile."""
    put(tmp_path / "ruletag.toml", CONFIG)
    put(tmp_path / "mine/gazetteers/places.yaml", PLACES)
    put(tmp_path / "mine/rules/own.yaml", RULES)
    put(tmp_path / "gold.jsonl", lines({"id": id, "text": text, "spans": spans} for id, text, spans in GOLD))
    put(tmp_path / "pile.jsonl", lines({"id": id, "text": text} for id, text in PILE))
    return tmp_path


def test_from_corrections_to_knowledge(cli, place, as_kept):
    """Suggestions of several kinds; those ticked are applied: new files, new lines, and the gold is tagged better."""
    first = cli("suggest", "gold.jsonl", "--on", "pile.jsonl")
    assert cli("suggest", "gold.jsonl", "--on", "pile.jsonl", "-o", "s.yaml") == (0, "", first.err)
    written = (place / "s.yaml").read_text(encoding="utf-8")
    assert first == (0, written, "5 suggestions from 5 proposals, 3 ticked\n")
    target = next(line for line in written.splitlines() if line.startswith("target: "))
    as_kept("suggest.yaml", written.replace(target, "target: …"))
    (place / "s.yaml").write_text(written.replace("accept: false", "accept: true"), encoding="utf-8")
    assert cli("suggest", "--apply", "s.yaml") == (
        0,
        "".join(f"mine/{name}\n" for name in APPLIED),
        "5 suggestions applied, 5 files changed\n",
    )
    mine = {path.relative_to(place / "mine").as_posix(): path.read_text("utf-8") for path in knowledge(place)}
    assert mine == {**APPLIED, "rules/own.yaml": RULES}
    strict = json.loads(cli("eval", "gold.jsonl", "--json").out)["measures"]["strict"]["micro"]
    assert [strict[name] for name in ("support", "predicted", "correct")] == [4, 4, 4]
    assert cli("suggest", "--apply", "s.yaml") == (
        2,
        "",
        "s.yaml: RT120 was made for another state of mine: it has changed since the suggestions were measured\n"
        "  help: run `ruletag suggest` again\n".replace(" mine:", f" {place / 'mine'}:"),
    )


def test_a_word_that_keeps_a_rule_silent(cli, place):
    """A name that a rule finds rightly elsewhere is vetoed beside a word, as the file shows, and no error is left."""
    texts = [("La ministre Zed attend.", [[12, 15, "PER"]])] * 2 + [("Un bateau, la ministre Zed coule.", [])] * 2
    gold = [{"id": f"g{n}", "text": f"{text} {n}", "spans": spans} for n, (text, spans) in enumerate(texts)]
    put(place / "gold.jsonl", lines(gold))
    put(place / "pile.jsonl", lines([{"id": "p", "text": "La ministre Zed coule. La ministre Zed rit."}]))
    assert cli("suggest", "gold.jsonl", "--on", "pile.jsonl", "-o", "s.yaml").code == 0
    written = (place / "s.yaml").read_text("utf-8").splitlines()
    assert written[written.index("    kind: unless") + 1 :][:3] == [
        "    accept: true",
        '    not: {name: "Zed", label: PER, after: "coule", example: "Un bateau, la ministre Zed coule. 2", '
        "file: rules/never.yaml}",
        '    from: ["g2:23", "g3:23"]',
    ]
    assert cli("suggest", "--apply", "s.yaml").out.splitlines() == ["mine/rules/never.yaml"]
    assert (place / "mine/rules/never.yaml").read_text("utf-8") == (
        "not:\n  - name: Zed  # s1, 2 corrections\n    label: PER\n    after: coule\n"
        '    example: "Un bateau, la ministre Zed coule. 2"\n'
    )
    assert cli("eval", "gold.jsonl", "--fail-under", "1").code == 0


def test_a_patch_that_check_finds_fault_with_changes_nothing(cli, place):
    """A veto that never bites, and a name under two labels: all that is accepted is refused, and named."""
    cli("suggest", "gold.jsonl", "-o", "s.yaml")
    target = next(line for line in (place / "s.yaml").read_text("utf-8").splitlines() if line.startswith("target:"))
    put(
        place / "own.yaml",
        f"{target}\nsuggestions:\n  - id: m1\n    accept: true\n"
        "    not: {name: Nobody, label: PER, example: Rien du tout., file: rules/never.yaml}\n"
        "  - id: m2\n    accept: false\n    add: {name: Abers, label: ORG, file: gazetteers/organisations.yaml}\n",
    )
    before = {path: path.read_text("utf-8") for path in knowledge(place)}
    assert cli("suggest", "--apply", "own.yaml") == (
        2,
        "",
        f"{place / 'mine'}: RT121 was not changed: check would have new findings there\n"
        "  help: leave the addition out, or fix what is named here\n"
        "mine/rules/never.yaml: RT410 with this line: the veto of 'Nobody' has no effect in its example\n"
        "    - name: Nobody  # m1, 0 corrections\n"
        "  help: give a sentence in which it would be taken for a name, or remove it\n",
    )
    assert {path: path.read_text("utf-8") for path in knowledge(place)} == before


@pytest.mark.parametrize(
    ("patch", "fault"),
    [
        ("", ": RT202 is empty\n  help: name a file that `ruletag suggest -o` wrote\n"),
        (
            "suggestions: []\n",
            ":1:1: RT202 a patch lacks the field 'target'\n    suggestions: []\n    ^\n  help: add `target: …`\n",
        ),
        (
            "target: x\nsuggestions:\n- {id: a, accept: maybe, add: {name: b, label: ORG, file: c.yaml}}\n",
            ":3:19: RT202 'accept' must be true or false\n"
            "    - {id: a, accept: maybe, add: {name: b, label: ORG, file: c.yaml}}\n                      ^\n",
        ),
        (
            "target: x\nsuggestions:\n- {id: a, accept: true}\n",
            ":3:3: RT202 a suggestion does nothing\n    - {id: a, accept: true}\n      ^\n"
            "  help: give it `add`, `ambiguous` or `not`\n",
        ),
        (
            "target: x\nsuggestions:\n- {id: a, accept: true, add: {name: b, label: ORG, file: ../c.yaml}}\n",
            ":3:3: RT202 the file '../c.yaml' is outside the folder\n"
            "    - {id: a, accept: true, add: {name: b, label: ORG, file: ../c.yaml}}\n      ^\n"
            "  help: name one inside it\n",
        ),
        (
            "target: x\nsuggestions:\n- {id: a, accept: true, add: {name: b, label: ORG}}\n",
            ":3:30: RT202 `add` lacks the field 'file'\n    - {id: a, accept: true, add: {name: b, label: ORG}}\n"
            "                                 ^\n  help: add `file: …`\n",
        ),
    ],
)
def test_a_patch_that_is_none(cli, place, patch, fault):
    """Each fault of a patch, with its place; no file outside of the folder."""
    put(place / "p.yaml", patch)
    assert cli("suggest", "--apply", "p.yaml") == (2, "", f"p.yaml{fault}")


def test_wrong_calls(cli, place):
    """Neither GOLD nor a patch, both, a gold without annotations, no folder to write to."""
    usage = (
        "Usage: ruletag suggest [OPTIONS] [GOLD]\nTry 'ruletag suggest --help' for help.\n\n"
        "Error: name GOLD to get suggestions, or --apply FILE to apply some\n"
    )
    assert cli("suggest") == (2, "", usage)
    assert cli("suggest", "gold.jsonl", "--apply", "s.yaml") == (2, "", usage)
    none = "pile.jsonl: RT103 contains no gold annotations\n  help: correct the output of `ruletag tag` and name that\n"
    assert cli("suggest", "pile.jsonl") == (2, "", none)
    (place / "ruletag.toml").unlink()
    assert cli("add", "Abers", "ORG") == (
        2,
        "",
        "--to: RT110 is missing, and no ruletag.toml names a folder of yours\n"
        "  help: ruletag init makes one; or use --to FOLDER\n",
    )


def test_add(cli, place):
    """One entry into the file of its label, with why, and what it changes; again, it is refused."""
    put(place / "t.txt", "Abers recrute.")
    code, out, err = cli("add", "Abers", "ORG", "--because", "Abers  recrute.", "--on", "t.txt")
    assert (code, err) == (0, "")
    assert out == (
        "mine/gazetteers/organisations.yaml\n"
        "t.txt:1: added\n  + [Abers](ORG) recrute.\n      Abers (mine/gazetteers/organisations.yaml:3)\n"
        "    because of + Abers (mine/gazetteers/organisations.yaml:3)\n"
        "1 added, 0 gone, 0 relabelled, 0 rebound in 1 of 1 documents; 1 tagged under both\n"
        "+ Abers (mine/gazetteers/organisations.yaml:3): +1 -0 ~0\n"
    )
    written = (place / "mine/gazetteers/organisations.yaml").read_text("utf-8")
    assert written == "label: ORG\nentries:\n  - Abers  # Abers recrute.\n"
    there = "(mine/gazetteers/organisations.yaml:3)\n  help: nothing needs to be added\n"
    assert cli("add", "Abers", "ORG") == (2, "", f"Abers: RT120 is ORG already {there}")
    spelt = f"ABERS: RT120 is ORG already, spelt 'Abers': case and accents make no difference {there}"
    assert cli("add", "ABERS", "ORG") == (2, "", spelt)
    assert cli("add", "Abers", "org").err == UNKNOWN.format("org", "ORG")
    assert cli("add", "Kersolea Sud", "LOC").out == "mine/gazetteers/places.yaml\n"
    assert (place / "mine/gazetteers/places.yaml").read_text("utf-8") == PLACES + "  - Kersolea Sud\n"
    assert cli("add", "patron", "title").out == "mine/gazetteers/words/title.yaml\n"
    assert cli("add", "x", "titel").err == UNKNOWN.format("titel", "title")
    assert cli("add", "…", "ORG") == (2, "", "…: RT204 contains no letter or digit\n  help: write a name\n")


def test_add_what_is_ambiguous(cli, place):
    """A name that counts only where a rule asks for it: the message says so, and where it is listed."""
    put(place / "mine/gazetteers/organisations.yaml", "label: ORG\nentries:\n  - {name: Zed, ambiguous: true}\n")
    assert cli("add", "Zed", "ORG") == (
        2,
        "",
        "Zed: RT120 is ORG already, but ambiguous, so it counts only where a rule asks for it "
        "(mine/gazetteers/organisations.yaml:3)\n"
        "  help: add a longer form of the name, or write a rule for the contexts in which it is a name\n",
    )


def test_add_what_check_refuses(cli, place):
    """Findings name lines that the folder has; the line that it lacks is quoted."""
    refused = f"{place / 'mine'}: RT121 was not changed: check would have new findings there\n"
    refused += "  help: leave the addition out, or fix what is named here\n"
    assert cli("add", "Kersolea", "ORG") == (
        2,
        "",
        refused + "mine/gazetteers/places.yaml:4: RT402 'Kersolea' is LOC here and ORG at the new line of "
        "mine/gazetteers/organisations.yaml, which wins\n"
        "  help: keep the label it has most often, and mark the other ambiguous\n",
    )
    put(place / "mine/gazetteers/organisations.yaml", "label: ORG\nentries:\n  - Abers\n  - Zed\n")
    put(place / "mine/gazetteers/places.yaml", "label: LOC\nentries:\n  - Bo\n  - Kersolea\n")
    assert cli("add", "Zed", "LOC") == (
        2,
        "",
        refused + "mine/gazetteers/places.yaml: RT402 with this line: 'Zed' is LOC here and ORG at "
        "mine/gazetteers/organisations.yaml:4, which wins\n    - Zed\n"
        "  help: keep the label it has most often, and mark the other ambiguous\n",
    )


def test_suggestions_on_standard_output(cli, place):
    """`-o -` prints them, as no option does."""
    suggestions = cli("suggest", "gold.jsonl", "--on", "pile.jsonl")
    assert cli("suggest", "gold.jsonl", "--on", "pile.jsonl", "-o", "-") == suggestions
    assert not (place / "-").exists()


def test_why_nothing_is_ticked(cli, place):
    """Without other texts, or with none but those of the gold: a note says what is missing."""
    why = "note: nothing is ticked, because {}: a suggestion is ticked if it changes something in texts that nobody "
    why += "has corrected; name such texts with --on, or set `accept` by hand\n"
    first = "5 suggestions from 5 proposals, 0 ticked\n"
    assert cli("suggest", "gold.jsonl").err == first + why.format("no texts are named with --on")
    assert cli("suggest", "gold.jsonl", "--on", "gold.jsonl").err == first + why.format(
        "every text of --on is one of GOLD"
    )
    assert cli("suggest", "gold.jsonl", "--on", "pile.jsonl").err == "5 suggestions from 5 proposals, 3 ticked\n"


def test_init(cli, small, tmp_path):
    """The files of a beginner, which check finds nothing in, and what to type next; what is there is not replaced."""
    expected = files() | RECIPES
    message = (
        "13 files: your names and rules go into knowledge, corrected texts into gold; what is there now are examples "
        "to replace\n"
        'next: `ruletag tag FILE` finds the names in a text, `ruletag add "NAME" LABEL` adds one it missed\n'
        "then: `ruletag check` tries the rules, `ruletag eval gold` compares the tagger with your corrections\n"
    )
    assert cli("init") == (0, "".join(f"{name}\n" for name in expected), message)
    assert {name: (tmp_path / name).read_text("utf-8") for name in expected} == expected
    assert cli("check") == (0, "", "0 findings in 5 files: 4 names, 1 rule, 3 examples\n")
    assert cli("eval", "gold", "--json").code == 0
    there = ", ".join([*expected][:3])
    assert cli("init") == (
        2,
        "",
        f".: RT106 {len(files())} outputs exist already: {there}, …\n  help: name another folder\n",
    )


def test_init_beside_recipes(cli, small, tmp_path):
    """A recipe that the folder already has is left unchanged; a note says so, unless quiet."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "ci.sh").write_text("mine")
    expected = [*files(), *(name for name in RECIPES if name != "ci.sh")]
    message = (
        f"{Path('a/ci.sh')}: note: exists already and is left as it is\n"
        f"12 files: your names and rules go into {Path('a/knowledge')}, corrected texts into {Path('a/gold')}; what is "
        "there now are examples to replace\n"
        'next, in a: `ruletag tag FILE` finds the names in a text, `ruletag add "NAME" LABEL` adds one it missed\n'
        "then: `ruletag check` tries the rules, `ruletag eval gold` compares the tagger with your corrections\n"
    )
    assert cli("init", "a") == (0, "".join(f"{Path('a', name)}\n" for name in expected), message)
    assert cli("init", "b", "--quiet") == (0, "".join(f"{Path('b', name)}\n" for name in expected), "")
    assert (tmp_path / "a/ci.sh").read_text() == "mine"


def test_the_guideline_of_a_new_folder(cli, small, tmp_path):
    """The option decides: a name that there is, or a file, by the way from the new folder; others are refused."""
    put(tmp_path / "house.yaml", "name: house\n")
    assert cli("init", "a", "--guideline", "seed").code == 0
    assert cli("init", "b", "--guideline", "house.yaml").code == 0
    assert cli("init", "c", "--guideline", "sead") == (
        2,
        "",
        "--guideline: RT110 unknown guideline 'sead'\n  help: did you mean 'seed'?\n",
    )
    assert not (tmp_path / "c").exists()
    assert find_config(tmp_path / "a").values["guideline"] == "seed"
    assert Path(find_config(tmp_path / "b").values["guideline"]).resolve() == tmp_path / "house.yaml"
    assert (cli("init", "d").code, find_config(tmp_path / "d").values.get("guideline")) == (0, None)


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "chosen"), [("\n", "canonical"), ("seed\n", "seed"), ("x\nseed\n", "seed")])
def test_the_guideline_is_asked_for_on_a_terminal(small, tmp_path, monkeypatch, answer, chosen):
    """A person is asked, with what each guideline means; canonical is what a mere return chooses."""
    monkeypatch.setattr(init_module, "_is_terminal", lambda: True)
    run = CliRunner().invoke(init_module.init, [str(tmp_path)], input=answer, standalone_mode=False)

    assert run.return_value == 0
    assert find_config(tmp_path).values["guideline"] == chosen
