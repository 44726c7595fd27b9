"""`ruletag review` on the command line: what it takes in, what it writes, what it refuses, and one real process."""

from __future__ import annotations

import json
import signal
import sys
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from reviews import Running
from ruletag.review.spans import DONE
from ruletag.review.store import Store

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

pytestmark = pytest.mark.slow


@pytest.fixture
def start(tmp_path, small_folder):
    """`start(*arguments)` starts the command with the little knowledge."""
    started = []

    def run(*arguments):
        started.append(Running(tmp_path, small_folder, *arguments))
        return started[-1]

    yield run
    for store in started:
        store.kill()


def status(address):
    """The status of an answer that is a refusal."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(address)
    with refused.value as answer:
        return answer.code


@pytest.fixture
def texts(tmp_path):
    """A folder of three texts, and of one that has names already."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in (("a", "Emmanuel Macron est à Paris."), ("b", "Il pleut."), ("c", "L’ONU attend.")):
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    line = {"id": "d", "text": "Kaisa Lehtonen.", "spans": [[0, 5, "PER"]]}
    (folder / "d.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    return folder


def test_a_real_review_starts_and_stops(start, texts, tmp_path):
    """It says where to open it, answers only whom it knows, and ends with 0 when told to; going on needs no paths."""
    first = start(texts)
    process = first.process
    opened = "4 documents for reviewer: open {} (stop with Ctrl-C)\n"
    assert first.said == "work.review: 4 documents added, 4 in all\n" + opened.format(first.address)
    assert status(first.origin + "/api/session") == 403
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "", "stopped\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "work.review"]

    again = start()
    assert again.said == opened.format(again.address)
    assert status(again.origin) == 403
    again.process.send_signal(signal.SIGINT)
    assert again.process.wait(60) == 0


@pytest.fixture
def done(tmp_path, texts, cli):
    """A review of which `anna` has done two documents, and `ben` one of them otherwise; nothing is served."""
    from ruletag.batch import with_id
    from ruletag.files import find_inputs, iter_documents
    from ruletag.review.seeding import taken
    from ruletag.review.spans import Seed

    ticks = iter(range(10**6))
    store = Store.open(tmp_path / "work.review", create=True)
    store._clock = lambda: next(ticks) * 2.0
    store.add_papers(taken(with_id(d, source) for source in find_inputs([str(texts)]) for d in iter_documents(source)))
    run = store.run("0", "k", "canonical")
    store.set_seeds(1, run, [Seed("s1.0", 0, 15, "PER", "entry", "Emmanuel Macron")], [])
    store.set_seeds(2, run, [], [])
    for who, op in (("anna", {"op": "add", "id": "n1", "start": 22, "end": 27, "label": "LOC"}), ("ben", None)):
        store.laid(1, who)
        store.system(who, 1, "open", {})
        if op:
            store.append(who, [(1, op.pop("op"), op)])
        store.append(who, [(1, "done", {})])
    store.append("anna", [(2, "done", {})])
    store.close()
    return tmp_path / "work.review"


def test_export_writes_what_one_reviewer_has_done(done, cli, tmp_path):
    """By default as JSON Lines below a folder; what is not done is counted; an output is not replaced without force."""
    run = cli("review", done, "--export", "gold", "--as", "anna")
    assert (run.code, run.out) == (0, "")
    assert run.err == (
        "gold/gold.jsonl: 2 documents\n"
        f"{done}: note: 2 of 4 documents are left out, because anna has not finished them\n"
    )
    lines = [json.loads(line) for line in (tmp_path / "gold" / "gold.jsonl").read_text("utf-8").splitlines()]
    assert [(line["id"], [(s["text"], s["label"]) for s in line["spans"]]) for line in lines] == [
        ("a.txt", [("Emmanuel Macron", "PER"), ("Paris", "LOC")]),
        ("b.txt", []),
    ]
    refused = (
        "gold/gold.jsonl: RT106 exists already\n  help: use --force to replace it, with all corrections made in it\n"
    )
    assert cli("review", done, "--export", "gold", "--as", "anna") == (2, "", refused)
    assert cli("review", done, "--export", "gold", "--as", "anna", "--force") == run


@pytest.mark.parametrize(
    ("to", "output", "text"),
    [
        ("brat", "gold", "T1\tPER 0 15\tEmmanuel Macron\nT2\tLOC 22 27\tParis\n"),
        ("conll", "gold.conll", "Emmanuel\tB-PER\nMacron\tI-PER\nest\tO\nà\tO\nParis\tB-LOC\n.\tO\n"),
    ],
)
def test_export_writes_any_format(done, cli, tmp_path, to, output, text):
    """One document a file, or all in one; the gold is what `eval` reads."""
    run = cli("review", done, "--export", output, "-t", to, "--as", "anna")
    written = sorted(tmp_path.glob(f"{output}/*.ann")) or [tmp_path / output]

    assert run.code == 0
    assert text in written[0].read_text("utf-8")


def test_export_works_while_the_review_is_open(done, cli):
    """A decision made a moment ago is in the output, though a server has the file open."""
    store = Store.open(done)
    store.set_seeds(3, 1, [], [])
    store.append("ben", [(3, "done", {})])
    run = cli("review", done, "--export", "-", "--as", "ben")

    assert [json.loads(line)["id"] for line in run.out.splitlines()] == ["a.txt", "c.txt"]
    store.close()


def test_the_report_tells_progress_times_controls_and_agreement(done, cli):
    """Figures of each reviewer; documents without proposals beside the others; agreement of two."""
    store = Store.open(done)
    store.set_blind([2])
    store.close()
    run = cli("review", done, "--report")

    assert (run.code, run.err) == (0, "")
    assert run.out == REPORT


REPORT = """\
anna: 2 of 4 documents done, 4 words left; about 0 min left at this pace

action    times    median seconds
--------  -------  ----------------
add       1        2.0
done      2        6.0

controls                       blind    seeded
-----------------------------  -------  --------
documents                      1        1
seconds per 1000 words         0        2800
names per 1000 words           0.0      400.0
tagger's spans that are right  0.000    1.000
names that the tagger found    0.000    0.500

ben: 1 of 4 documents done, 6 words left; about 0 min left at this pace

action    times    median seconds
--------  -------  ----------------
done      1        2.0

agreement of    documents    F1     kappa
--------------  -----------  -----  -------
anna and ben    1            0.667  0.700
"""


def test_what_cannot_be_is_refused(done, cli, tmp_path):
    """Each with the option or file and what to do; nothing is written."""
    before = sorted(path.name for path in tmp_path.iterdir())
    several = "--as: RT110 several people have worked on this pile: anna, ben\n  help: say who you are with --as NAME\n"
    cases = {
        ("review", "none.review", "--report"): "none.review: RT150 there is no such review\n"
        "  help: check the name, or name the files to review\n",
        ("review", "none.review"): "none.review: RT150 there is no such review\n"
        "  help: check the name, or name the files to review\n",
        ("review", done, "--no-browser"): several,
        ("review", done, "--export", "g", "--as", "carl"): "--as: RT110 'carl' has reviewed nothing\n"
        "  help: known: anna, ben\n",
        ("review", done, "--export", "g"): "--as: RT110 several people have worked on this pile: anna, ben\n"
        "  help: say whose work to export with --as NAME\n",
        (
            "review",
            done,
            "--as",
            "gold",
        ): "--as: RT110 'gold' cannot be the name of a reviewer\n  help: choose another\n",
        ("review", done, "--adjudicate", "anna", "anna"): "--adjudicate: RT110 'anna' is not one of the two who"
        " reviewed\n  help: known: anna, ben\n",
        ("review", "in", "--report"): "--report: RT110 cannot be combined with documents to review\n"
        "  help: name work.review alone\n",
        ("review", done, "--export", "g", "-t", "docx", "--as", "anna"): None,
    }
    for arguments, message in cases.items():
        run = cli(*arguments)
        assert (run.code, run.out) == (2, "")
        assert message is None or run.err == message
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_names_in_braces_are_taken_in_with_a_note(cli, tmp_path):
    """They follow another guideline by default than the gold that a review gives."""
    (tmp_path / "a.txt").write_text("Le président Lula.\n{\nprésident Lula_PER\n}\n", encoding="utf-8")
    note = "note: brace is scored under the guideline seed by default, and review under canonical; if these names "
    note += "follow seed, use --guideline seed with `eval`, or set it in ruletag.toml\n"
    nobody = "--adjudicate: RT110 'anna' is not one of the two who reviewed\n  help: known: nobody\n"
    taken = "new.review: 1 document added, 1 in all\n"
    arguments = ("--into", "new.review", "--adjudicate", "anna", "ben")
    assert cli("review", "a.txt", *arguments) == (2, "", taken + note + nobody)
    (tmp_path / "ruletag.toml").write_text('guideline = "seed"\n', encoding="utf-8")
    assert cli("review", "a.txt", *arguments).err == taken.replace("1 document added", "0 documents added") + nobody


def test_nothing_finished_is_nothing_to_export(done, cli):
    """If the review was never opened, or nothing is finished, the message says what to do, and no file is written."""
    help = (
        f"  help: finish documents in the browser first: `ruletag review {done}`, and press Enter when one is right\n"
    )
    with closing(Store.open(done)) as store:
        store.append("anna", [(1, "reopen", {}), (2, "reopen", {})])
    refused = f"{done}: RT103 has no finished document of anna\n{help}"
    assert cli("review", done, "--export", "g.jsonl", "--as", "anna") == (2, "", refused)
    with closing(Store.open(done.with_name("new.review"), create=True)):
        pass
    new = help.replace("work.review", "new.review")
    refused = f"new.review: RT103 has no finished document\n{new.replace(str(done.parent) + '/', '')}"
    assert cli("review", "new.review", "--export", "g.jsonl") == (2, "", refused)
    assert not done.with_name("g.jsonl").exists()


def test_repair_rebuilds_the_file(done, cli):
    """It says what had been wrong, and nothing is wrong afterwards."""
    store = Store.open(done)
    store.db.execute("DELETE FROM state")
    store.close()

    assert cli("review", done, "--repair")[:] == (0, "", f"{done}: rebuilt from its events: state\n")
    assert cli("review", done, "--repair")[:] == (0, "", f"{done}: everything agrees with its events\n")
    with closing(Store.open(done)) as store:
        assert store.state(1, "anna")[0].status == DONE


def test_a_text_that_changed_is_refused(done, cli, texts):
    """Taking in a folder again skips known documents; a changed text is named, and nothing is added."""
    (texts / "b.txt").write_text("Il neige.", encoding="utf-8")
    (texts / "a.new.txt").write_text("Neuf.", encoding="utf-8")
    run = cli("review", texts, "--into", done, "--no-browser")

    assert (run.code, run.out) == (2, "")
    assert run.err == (
        f"{texts}/b.txt: RT150 the text of 'b.txt' has changed since it was imported into {done}\n"
        "  help: restore the text, or review --into a new file\n"
    )
    with closing(Store.open(done)) as store:
        assert len(list(store.papers())) == 4


def test_documents_that_cannot_be_read_leave_no_file(cli, texts, tmp_path):
    """All of them are named, and a review that had no file before has none afterwards; one that had keeps it."""
    (texts / "a.txt").write_bytes("Là.".encode("cp1252"))
    (texts / "c.txt").write_text("Rien\n{\n", encoding="utf-8")
    faults = (
        f"{texts}/a.txt:1: RT102 byte 1 (0xe0) is not valid UTF-8\n"
        "  help: use --encoding cp1252, which fits these bytes, or save the file as UTF-8\n"
        f"{texts}/c.txt:2: RT104 this {{ is never closed\n  help: add a line with }} after the last name\n"
        "2 of 4 files failed; nothing was done with the others\n"
    )
    for name in "new.review", "new/er/new.review":
        assert cli("review", texts, "--into", name) == (2, "", faults)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]
    with closing(Store.open(tmp_path / "old.review", create=True)):
        pass
    assert cli("review", texts, "--into", "old.review") == (2, "", faults)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "old.review"]


@pytest.mark.parametrize(
    ("name", "reason"), [(f"new/{'x' * 300}", "File name too long"), ("file/new.review", "Not a directory")]
)
def test_a_review_that_cannot_be_made(cli, texts, tmp_path, name, reason):
    """The system's reason is passed on, and no folder is left behind."""
    (tmp_path / "file").write_bytes(b"")
    message = f"{name}: RT150 cannot be used: {reason}\n  help: check the name and the permissions\n"
    assert cli("review", texts, "--into", name) == (2, "", message)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "in"]


def test_a_missing_package_is_named_first(cli, texts, tmp_path, monkeypatch):
    """Before documents are read and a file is made."""
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    message = "review: RT113 needs a package that is not installed: uvicorn\n  help: pip install 'ruletag[review]'\n"
    assert cli("review", texts) == (2, "", message)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_two_who_agree_leave_nothing_to_decide(done, cli):
    """Adjudication says so and ends."""
    store = Store.open(done)
    store.append("ben", [(2, "done", {})])
    store.append("anna", [(1, "delete", {"id": "n1"})])
    store.close()
    run = cli("review", done, "--adjudicate", "anna", "ben")

    assert run[:] == (0, "", f"{done}: note: the reviewers agree everywhere\n")
    assert [
        json.loads(line)["id"] for line in cli("review", done, "--export", "-", "--as", "gold").out.splitlines()
    ] == [
        "a.txt",
        "b.txt",
    ]


def test_eval_takes_the_times_of_a_review(done, cli, small, tmp_path):
    """Too few actions have no price; enough of them replace it, `--cost` goes before it, and there is no range then."""
    cli("review", done, "--export", "gold.jsonl", "--as", "anna")
    few = cli("eval", "gold.jsonl", "--review", done)
    assert (few.code, few.out) == (2, "")
    assert few.err == (
        f"{done}: RT150 has fewer than 5 uses of each action, too few to estimate times\n"
        "  help: review more documents, or give times with --cost\n"
    )
    none = "none: RT150 there is no such review\n  help: check the name, or name the files to review\n"
    assert cli("eval", "gold.jsonl", "--review", "none") == (2, "", none)
    ticks = iter(range(0, 900, 3))
    store = Store.open(done)
    store._clock = lambda: 2e9 + next(ticks)
    store.set_seeds(3, 1, [], [])
    for number in range(6):
        store.append("anna", [(3, "add", {"id": f"n{number}", "start": number, "end": number + 1, "label": "MISC"})])
    store.close()
    run = cli("eval", "gold.jsonl", "--review", done, "--json", "--cost", "delete=9")
    assert (run.code, run.err.splitlines()[0]) == (0, f"{done}: seconds for each add 3.00")
    effort = json.loads(run.out)["effort"]
    assert effort["costs"] == {
        "accept": 1.55, "rebound": 3.75, "relabel": 2.85, "add": 3.0, "delete": 9.0, "read": 0.25,
    }  # fmt: skip
    assert effort["saving_range"] == [effort["saving"]] * 2
    assert "(measured in your own review)" in effort["sentence"]


def test_where_accepted_suggestions_go(done, small, tmp_path, monkeypatch):
    """The folder that is named, else the own one of the configuration, else one beside the review, if it is there."""
    from ruletag.cli import review
    from ruletag.tagger import Settings

    def where(*arguments):
        lessons = review._lessons(*arguments)
        return lessons.folder, lessons.settings

    monkeypatch.chdir(tmp_path)
    store = Store.open(done)
    beside = tmp_path / "work.knowledge"
    own = Settings(("shipped", "mine/rules"), ("shipped", "mine/gazetteers"))
    assert where(store, Settings(), None) == (beside, Settings())
    assert where(store, own, None) == (Path("mine"), own)
    assert where(store, own, "other") == (Path("other"), own)
    (beside / "gazetteers").mkdir(parents=True)
    assert where(store, Settings(), None) == (
        beside,
        Settings(("shipped",), ("shipped", str(beside / "gazetteers"))),
    )
    store.close()
