"""The file of a review: events make states, undo has no limit, nothing is lost, and what is derived can be rebuilt."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties import examples
from ruletag.errors import RuletagError
from ruletag.formats import FORMATS, Options
from ruletag.formats.review import seeds as seeds_in
from ruletag.formats.spans import sha256
from ruletag.model import Document, Entity
from ruletag.review.database import connect, reading
from ruletag.review.order import controls, ordered, spread
from ruletag.review.pace import own_costs
from ruletag.review.pile import Taken
from ruletag.review.reducer import OPERATIONS, Impossible
from ruletag.review.risk import Risk, skim
from ruletag.review.seeding import taken
from ruletag.review.spans import DONE, LIVE, Alternative, Paper, Seed, Span
from ruletag.review.store import Stale, Store

# Offsets in it are code points: an astral letter, a combining accent, a CRLF and Hebrew count as they stand.
TEXT = "\U0001f30d e\u0301 Emmanuel Macron est à Paris.\r\nדוד חי avec l’ONU."
SEEDS = (
    Seed("s1.0", 5, 20, "PER", "entry", "Emmanuel Macron", "people.yaml:3"),
    Seed("s1.1", 27, 32, "LOC", "entry", "Paris", "places.yaml:3", "", (Alternative(27, 32, "PER", "x", "shorter"),)),
    Seed("s1.2", 49, 52, "ORG", "rule", "org.x", "r.yaml:1"),
)
OPENED: list[ExitStack] = []
PAPER = Paper(0, "a.txt", TEXT, "a.txt", None, {}, 9)


@pytest.fixture(autouse=True)
def stores():
    """The stores that `store_of` and `reopened` open in a test, closed after it."""
    with ExitStack() as opened:
        OPENED.append(opened)
        yield
        OPENED.pop()


def reopened(path):
    """The store of a file that is there."""
    store = Store.open(path)
    OPENED[-1].callback(store.close)
    return store


def store_of(path=None, papers=(PAPER,), seeds=SEEDS):
    """A store, in memory if no path is given, whose documents all have the same seeds and whose clock counts."""
    ticks = iter(range(10**9))
    connection = sqlite3.connect(":memory:", isolation_level=None) if path is None else connect(path, create=True)
    if path is None:
        from ruletag.review.database import _migrate

        _migrate(connection, "memory", create=True)
    store = Store(connection, str(path or ""), clock=lambda: float(next(ticks)))
    OPENED[-1].callback(store.close)
    store.add_papers(Taken(paper, sha256(paper.text)) for paper in papers)
    run = store.run("0", "k", "canonical")
    for paper in list(store.papers()):
        store.set_seeds(paper.id, run, seeds, [])
    return store


def spans(store, who="a", document=1):
    """The live spans of a document as surface, label and state."""
    state, _ = store.state(document, who)
    return [(TEXT[span.start : span.end], span.label, span.state) for span in state.live]


LAID = [("Emmanuel Macron", "PER", "seed"), ("Paris", "LOC", "seed"), ("ONU", "ORG", "seed")]


def test_each_operation_does_what_it_says():
    """A label, a border, a deletion, an addition; and a document that is done accepts what is left."""
    store = store_of()
    store.laid(1, "a")
    assert spans(store) == LAID
    store.append("a", [(1, "relabel", {"id": "s1.0", "label": "MISC"})])
    store.append("a", [(1, "rebound", {"id": "s1.2", "start": 47, "end": 52})])
    store.append("a", [(1, "delete", {"id": "s1.1"})])
    store.append("a", [(1, "add", {"id": "n1", "start": 35, "end": 38, "label": "PER"})])
    store.append("a", [(1, "flag", {"on": True}), (1, "comment", {"text": "à voir"})])
    assert spans(store) == [
        ("Emmanuel Macron", "MISC", "changed"),
        ("\u05d3\u05d5\u05d3", "PER", "added"),
        ("l’ONU", "ORG", "changed"),
    ]
    store.append("a", [(1, "done", {})])
    state, seq = store.state(1, "a")

    assert (state.status, state.flagged, state.comments, seq) == (DONE, True, ("à voir",), 8)
    assert {key[1]: dict(+count) for key, count in store.counts("a").items()} == {
        "Emmanuel Macron": {"relabelled": 1},
        "Paris": {"deleted": 1},
        "org.x": {"rebound": 1},
    }


REFUSED = {
    "unknown operation": ("lay", {"run": 1}, "there is no operation 'lay'"),
    "unknown span": ("delete", {"id": "s9.9"}, "there is no span 's9.9'"),
    "unknown label": ("relabel", {"id": "s1.0", "label": "X"}, "a label is one of PER, LOC, ORG, MISC"),
    "same label": ("relabel", {"id": "s1.0", "label": "PER"}, "the span is already PER"),
    "same borders": ("rebound", {"id": "s1.0", "start": 5, "end": 20}, "the span already has these borders"),
    "empty": ("rebound", {"id": "s1.0", "start": 6, "end": 6}, "a span needs 0 <= start < end <= 53"),
    "outside": ("add", {"id": "n", "start": 50, "end": 54, "label": "PER"}, "a span needs 0 <= start < end <= 53"),
    "no number": ("add", {"id": "n", "start": True, "end": 2, "label": "PER"}, "a span needs 0 <= start < end <= 53"),
    "overlap": ("rebound", {"id": "s1.0", "start": 5, "end": 28}, "the span overlaps another at 27:32"),
    "known id": ("add", {"id": "s1.0", "start": 0, "end": 1, "label": "PER"}, "there already is a span 's1.0'"),
    "odd id": (
        "add",
        {"id": "<b>", "start": 0, "end": 1, "label": "PER"},
        "a new span needs an id of letters and digits",
    ),
    "not done": ("reopen", {}, "the document is not done"),
    "no flag": ("flag", {"on": 1}, "a flag is true or false"),
    "same flag": ("flag", {"on": False}, "the document is not flagged"),
    "no comment": ("comment", {"text": " "}, "a comment is a text of at most 4000 characters"),
}


@pytest.mark.parametrize(("op", "body", "message"), REFUSED.values(), ids=REFUSED)
def test_what_a_state_does_not_allow_is_refused(op, body, message):
    """The message says why, and neither the operation nor one sent with it is written."""
    store = store_of()
    store.laid(1, "a")
    before = list(store.events())

    with pytest.raises(Impossible) as refused:
        store.append("a", [(1, "flag", {"on": True}) if op != "flag" else (1, "delete", {"id": "s1.0"}), (1, op, body)])

    assert str(refused.value) == message
    assert list(store.events()) == before
    assert spans(store) == LAID


def test_undo_and_redo_go_all_the_way():
    """Undo takes back action by action to the start, redo does them again; something new ends what could be redone."""
    store = store_of()
    store.laid(1, "a")
    seen = [store.state(1, "a")[0]]
    for op, body in (
        ("relabel", {"id": "s1.0", "label": "MISC"}),
        ("delete", {"id": "s1.1"}),
        ("accept", {"id": "s1.1"}),
        ("done", {}),
        ("reopen", {}),
    ):
        store.append("a", [(1, op, body)])
        seen.append(store.state(1, "a")[0])
    for expected in seen[-2::-1]:
        assert store.undo("a").documents == [1]
        assert store.state(1, "a")[0] == expected
    assert store.undo("a") is None
    for expected in seen[1:]:
        assert store.redo("a").documents == [1]
        assert store.state(1, "a")[0] == expected
    assert store.redo("a") is None
    store.undo("a")
    store.append("a", [(1, "flag", {"on": True})])
    assert store.redo("a") is None
    store.undo("a")
    assert store.state(1, "a")[0] == seen[-2]


def test_what_is_done_together_is_undone_together():
    """Operations in several documents are one action, even if a document was not opened before."""
    store = store_of(papers=two_papers())
    store.append("a", [(1, "delete", {"id": "s1.1"}), (2, "delete", {"id": "s1.1"})])
    assert spans(store, document=1) == spans(store, document=2) == [LAID[0], LAID[2]]

    assert sorted(store.undo("a").documents) == [1, 2]
    assert spans(store, document=1) == spans(store, document=2) == LAID
    assert sorted(store.redo("a").documents) == [1, 2]
    assert spans(store, document=2) == [LAID[0], LAID[2]]


def two_papers():
    """One text under two names."""
    return [PAPER, Paper(0, "b.txt", TEXT, "b.txt", None, {}, 9)]


def test_reviewers_do_not_see_each_other():
    """Each has states, undo and counts of their own."""
    store = store_of()
    store.append("a", [(1, "delete", {"id": "s1.1"})])
    store.append("b", [(1, "relabel", {"id": "s1.1", "label": "PER"})])
    assert store.undo("a").documents == [1]
    store.laid(1, "a")

    assert spans(store, "a") == LAID
    assert spans(store, "b") == [LAID[0], ("Paris", "PER", "changed"), LAID[2]]
    assert store.undo("a") is None
    assert (store.people(), store.counts("a")) == (["a", "b"], {})


def test_an_old_base_is_refused():
    """Who has not seen the latest event gets the events that are missing, and nothing is written."""
    store = store_of()
    _, base = store.laid(1, "a")
    seq = store.append("a", [(1, "delete", {"id": "s1.1"})], bases={1: base})
    with pytest.raises(Stale) as stale:
        store.append("a", [(1, "delete", {"id": "s1.0"})], bases={1: base})

    assert stale.value.seq == seq
    assert [(event.op, event.body) for event in stale.value.events] == [("delete", {"id": "s1.1"})]
    assert spans(store) == [LAID[0], LAID[2]]


def test_a_new_tagging_leaves_decisions_alone():
    """Untouched seeds follow the tagger, decided ones stay, and nothing is proposed where something was decided."""
    store = store_of()
    store.append("a", [(1, "rebound", {"id": "s1.0", "start": 14, "end": 20})])
    run = store.run("0", "other", "canonical")
    store.set_seeds(
        1,
        run,
        [
            Seed("s2.0", 5, 20, "PER", "entry", "Emmanuel Macron"),
            Seed("s2.1", 35, 38, "PER", "rule", "per.x"),
            Seed("s2.2", 49, 52, "ORG", "rule", "org.x"),
        ],
        [],
    )

    assert spans(store) == [("Macron", "PER", "changed"), ("\u05d3\u05d5\u05d3", "PER", "seed"), LAID[2]]
    store.undo("a")
    assert spans(store) == [LAID[0], ("\u05d3\u05d5\u05d3", "PER", "seed"), LAID[2]]
    store.append("a", [(1, "done", {})])
    store.set_seeds(1, 1, SEEDS, [])
    assert [row[:2] for row in spans(store)] == [LAID[0][:2], ("\u05d3\u05d5\u05d3", "PER"), LAID[2][:2]]
    assert store.repair() == []


def test_a_blind_document_shows_no_seeds():
    """Its reviewer starts from nothing; the seeds are kept to be compared with."""
    store = store_of()
    store.set_blind([1])
    state, _ = store.laid(1, "a")

    assert state.spans == {}
    assert store.seeds(1, 1) == SEEDS


IDS = st.sampled_from(["s1.0", "s1.1", "s1.2", "n0", "n1", "n2"])
OFFSET = st.integers(0, len(TEXT))
LABEL = st.sampled_from(["PER", "LOC", "ORG", "MISC"])
STEP = st.one_of(
    st.tuples(st.just("add"), st.fixed_dictionaries({"id": IDS, "start": OFFSET, "end": OFFSET, "label": LABEL})),
    st.tuples(st.just("rebound"), st.fixed_dictionaries({"id": IDS, "start": OFFSET, "end": OFFSET})),
    st.tuples(st.just("relabel"), st.fixed_dictionaries({"id": IDS, "label": LABEL})),
    st.tuples(st.sampled_from(["delete", "accept"]), st.fixed_dictionaries({"id": IDS})),
    st.tuples(st.sampled_from(["done", "reopen"]), st.just({})),
    st.tuples(st.just("flag"), st.fixed_dictionaries({"on": st.booleans()})),
    st.tuples(st.just("comment"), st.fixed_dictionaries({"text": st.sampled_from(["a", "é"])})),
)
DEED = st.one_of(
    st.tuples(st.sampled_from(["undo", "redo"]), st.just(None)),
    st.tuples(st.just("do"), st.lists(st.tuples(st.sampled_from([1, 2]), STEP), min_size=1, max_size=3)),
    st.tuples(st.just("tag"), st.sets(st.sampled_from(range(6)), max_size=4)),
)
POOL = [(5, 20, "PER"), (14, 20, "PER"), (27, 32, "LOC"), (27, 32, "PER"), (35, 38, "PER"), (47, 52, "ORG")]


def perform(store, deeds, who="a"):
    """Apply those operations that the state allows; the number of actions in force afterwards."""
    for number, (kind, what) in enumerate(deeds, 2):
        if kind == "undo":
            store.undo(who)
        elif kind == "redo":
            store.redo(who)
        elif kind == "tag":
            chosen = sorted({POOL[index][0]: POOL[index] for index in what}.values())
            apart = [span for index, span in enumerate(chosen) if index == 0 or chosen[index - 1][1] <= span[0]]
            run = store.run("0", str(number), "canonical")
            store.set_seeds(1, run, [Seed(f"s{run}.{n}", *span, "rule", "r") for n, span in enumerate(apart)], [])
        else:
            with suppress(Impossible):
                store.append(who, [(document, op, body) for document, (op, body) in what])


@pytest.mark.slow
@examples(150)
@given(st.lists(DEED, max_size=25))
def test_any_sequence_keeps_its_promises(deeds):
    """Spans never overlap nor leave the text; replay makes the stored state; undoing all gives the start."""
    store = store_of(papers=two_papers())
    untouched = store_of(papers=two_papers())
    for work in (store, untouched):
        work.laid(1, "a"), work.laid(2, "a")
    perform(store, deeds)
    perform(untouched, [deed for deed in deeds if deed[0] == "tag"])

    for document in (1, 2):
        live = store.state(document, "a")[0].live
        borders = [border for span in live for border in (span.start, span.end)]
        assert borders == sorted(borders)
        assert all(0 <= span.start < span.end <= len(TEXT) for span in live)
    derived = store.derived()
    assert store.repair() == []
    assert store.derived() == derived
    while store.undo("a"):
        pass
    for document in (1, 2):
        assert store.state(document, "a")[0] == untouched.state(document, "a")[0]
    assert store.counts("a") == {}
    while store.redo("a"):
        pass
    assert store.repair() == []


def test_every_operation_is_tried():
    """The sequences above contain every operation that there is."""
    tried = {"add", "rebound", "relabel", "delete", "accept", "done", "reopen", "flag", "comment"}

    assert tried == set(OPERATIONS)
    assert {"seed", "accepted", "changed", "added", "locked"} == LIVE


def test_repair_makes_what_is_derived_anew(tmp_path):
    """A file whose states, actions and counts were lost or spoilt gets them back from its events."""
    store = store_of(tmp_path / "w.review")
    store.append("a", [(1, "delete", {"id": "s1.1"})])
    store.append("a", [(1, "done", {})])
    store.undo("a")
    right = store.derived()
    store.db.execute("UPDATE state SET flagged = 1")
    store.db.execute("DELETE FROM span")
    store.db.execute("DELETE FROM action")
    store.db.execute("UPDATE source_count SET deleted = 7")

    assert store.repair() == ["state", "span", "action", "source_count"]
    assert store.derived() == right
    assert store.repair() == []


def test_events_are_never_changed(tmp_path):
    """The file itself refuses to change or remove an event."""
    store = store_of(tmp_path / "w.review")
    store.append("a", [(1, "delete", {"id": "s1.1"})])

    for statement in ("UPDATE event SET who = 'b'", "DELETE FROM event"):
        with pytest.raises(sqlite3.IntegrityError):
            store.db.execute(statement)
    assert {event.who for event in store.events()} == {"a"}


def test_a_changed_text_is_refused():
    """A document that is given again is passed over; with another text it is a fault that names it."""
    store = store_of()
    again = [Taken(PAPER, sha256(TEXT)), Taken(Paper(0, "b.txt", "b"), sha256("b"))]
    assert store.add_papers(again) == 1
    with pytest.raises(RuletagError) as refused:
        store.add_papers([Taken(Paper(0, "c.txt", "c"), sha256("c")), Taken(Paper(0, "b.txt", "bb"), sha256("bb"))])

    assert [fault.code for fault in refused.value.faults] == ["RT150"]
    assert [paper.name for paper in store.papers()] == ["a.txt", "b.txt"]


def test_spans_that_come_with_a_document_are_its_seeds():
    """A gold or tagged document is corrected, not tagged again; of nested spans the outer one stays."""
    text = "Université Paris Cité"
    entities = (Entity(0, 21, "ORG", text), Entity(11, 16, "LOC", "Paris"))
    store = store_of()
    store.add_papers(taken([Document(text, entities, "u", annotated=True), Document("raw", id="r")]))
    _, record, raw = store.papers()

    assert [seed.span for seed in store.seeds(record.id, record.run)] == [(0, 21, "ORG")]
    assert (record.run, raw.run) == (store.given_run(), None)


def killed(path, text):
    """Another process that appends to a file and is killed before it ends."""
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom ruletag.review.store import Store\n"
        f"store = Store.open(Path({str(path)!r}))\n{text}\nprint('done', flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1] / "src")}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)


@pytest.mark.slow
def test_what_was_written_survives_a_kill(tmp_path):
    """After SIGKILL the next one to open the file sees every event that was acknowledged, and can undo it."""
    path = tmp_path / "w.review"
    store_of(path).close()
    run = killed(path, "store.append('a', [(1, 'delete', {'id': 's1.1'})])")
    assert (run.returncode, run.stdout) == (-9, "done\n")

    store = reopened(path)
    assert spans(store) == [LAID[0], LAID[2]]
    assert store.undo("a").documents == [1]
    assert spans(store) == LAID


def test_the_file_is_private_and_told_apart(tmp_path):
    """Only its user may read it; another database, another file, a folder and a newer version are refused by name."""
    path = tmp_path / "w.review"
    store = store_of(path)
    assert [stat.S_IMODE(file.stat().st_mode) for file in sorted(tmp_path.iterdir())] == [0o600] * 3
    store.db.execute("PRAGMA user_version = 9")
    store.close()
    other, text = tmp_path / "o.review", tmp_path / "t.review"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE t(a)")
    text.write_text("Paris")
    (tmp_path / "d.review").mkdir()
    messages = {
        path: "was written by a newer ruletag: its version is 9, but only 2 is supported",
        other: "is not a review file",
        text: "is not a review file",
        tmp_path / "d.review": "is a folder or device",
    }
    for work, message in messages.items():
        with pytest.raises(RuletagError) as refused:
            Store.open(work, create=True)
        assert [(f.path, f.code, f.message) for f in refused.value.faults] == [(str(work), "RT150", message)]
    with pytest.raises(RuletagError) as refused:
        Store.open(tmp_path / "n.review")
    assert [(f.code, f.message) for f in refused.value.faults] == [("RT150", "there is no such review")]
    assert not (tmp_path / "n.review").exists()


@pytest.fixture
def file(tmp_path):
    """A file in which `a` has done the first of two documents and `b` both; it is open for writing."""
    store = store_of(tmp_path / "w.review", papers=two_papers())
    store.append("a", [(1, "delete", {"id": "s1.1"})])
    store.append("a", [(1, "done", {})])
    store.append("b", [(1, "done", {})])
    store.append("b", [(2, "relabel", {"id": "s1.0", "label": "MISC"})])
    store.append("b", [(2, "done", {})])
    return tmp_path / "w.review", store


def triples(document):
    return document.id, document.meta["annotator"], [(entity.text, entity.label) for entity in document.entities]


GOLD = [
    ("a.txt", "a", [("Emmanuel Macron", "PER"), ("ONU", "ORG")]),
    ("a.txt", "b", [("Emmanuel Macron", "PER"), ("Paris", "LOC"), ("ONU", "ORG")]),
    ("b.txt", "b", [("Emmanuel Macron", "MISC"), ("Paris", "LOC"), ("ONU", "ORG")]),
]


def test_the_format_reads_what_is_done(file):
    """Only documents that are done, reviewer by reviewer, with who proposed each span; also while the file is open."""
    path, store = file
    with path.open("rb") as stream:
        documents = list(FORMATS["review"].documents(stream, str(path), Options(every=True)))

    assert [triples(document) for document in documents] == GOLD
    assert documents[2].meta["origins"] == [
        {
            "start": 5, "end": 20, "label": "MISC", "origin": "prediction-changed",
            "source": "Emmanuel Macron (people.yaml:3)", "was": [5, 20, "PER"],
        },
        {"start": 27, "end": 32, "label": "LOC", "origin": "prediction", "source": "Paris (places.yaml:3)"},
        {"start": 49, "end": 52, "label": "ORG", "origin": "prediction", "source": "org.x (r.yaml:1)"},
    ]  # fmt: skip
    assert documents[0].meta["origins"][2] == {
        "start": 27, "end": 32, "label": "LOC", "origin": "deleted", "source": "Paris (places.yaml:3)",
    }  # fmt: skip
    assert [(d.id, [e.span for e in d.entities]) for d in seeds_in(str(path))] == [
        (name, [seed.span for seed in SEEDS]) for name in ("a.txt", "b.txt")
    ]
    store.append("a", [(2, "done", {})])
    with reading(path) as connection:
        assert Store(connection).state(2, "a")[0].status == DONE


@pytest.mark.slow
def test_convert_reads_it_from_a_file_and_from_a_pipe(file, cli):
    """`convert` gives the same from the file and, once it is closed, from standard input."""
    path, store = file
    refused = cli("convert", path, "-", "--to", "jsonl")
    assert refused[:2] == (2, "")
    assert refused.err.startswith(f"{path}: RT150 contains the work of several reviewers: a, b\n")
    for document in (1, 2):
        store.system("gold", document, "merge", {"first": [], "second": [], "agreed": [[27, 32, "LOC"]]})
    named = cli("convert", path, "-", "--to", "jsonl")
    store.close()
    piped = cli("convert", "-", "-", "--from", "review", "--to", "jsonl", stdin=path.read_bytes())

    assert (named.code, named.err) == (piped.code, piped.err) == (0, "")
    records = [json.loads(line) for line in named.out.splitlines()]
    assert [(r["id"], r["annotator"], [(s["text"], s["label"]) for s in r["spans"]]) for r in records] == [
        (name, "gold", [("Paris", "LOC")]) for name in ("a.txt", "b.txt")
    ]
    assert piped.out == named.out


@pytest.mark.slow
def test_import_tells_what_became_of_each_source(file, cli, tmp_path):
    """`ruletag import work.review` gives a folder of gold for each reviewer, and the verdicts that were recorded."""
    path, store = file
    store.close()
    run = cli("import", path, "--into", "gold")

    assert run.code == 0, run.err
    written = {path.relative_to(tmp_path).as_posix(): path for path in (tmp_path / "gold").rglob("*") if path.is_file()}
    assert sorted(name.split("/")[1] for name in written) == ["a", "b"]
    assert "inferred" not in run.out


def test_risk_follows_what_was_found():
    """(W + 4b) / (N + 4): nothing known, a source that errs, one that is right; a contested seed is open while few."""
    seed, contested = SEEDS[0], SEEDS[1]
    unknown = Risk({})
    assert (unknown.of(seed), unknown.is_open(seed), unknown.is_open(contested)) == (0.125, False, True)
    erring = Risk({("entry", "Emmanuel Macron", "PER", False): Counter(right=1, deleted=3)})
    prior = 4 / 12
    assert erring.of(seed) == (3 + 4 * prior) / 8
    assert erring.of(seed._replace(name="x")) == prior
    sound = Risk({("entry", "Paris", "LOC", True): Counter(right=8)})
    assert (sound.of(contested), sound.is_open(contested)) == (4 / 16 / 12, False)


def test_skim_hides_as_much_as_the_target_allows():
    """Equal risks are hidden or shown together; the expected share of wrong ones stays at or below the target."""
    risks = [0.01, 0.01, 0.05, 0.05, 0.4]

    assert skim(risks, 0.0301)[:3] == (0.05, 1, 4)
    assert skim(risks, 0.02)[:3] == (0.01, 3, 2)
    assert skim(risks, 0.0)[1:3] == (5, 0)
    assert skim(risks, 1.0)[1:3] == (0, 5)
    assert round(skim(risks, 0.0301).remaining, 6) == 0.03


@pytest.mark.parametrize("number", [0, 1, 2, 5, 8, 100])
def test_spread_takes_each_once_and_evenly(number):
    """A permutation; every beginning of a power of two has one document of each stretch of that share."""
    row = spread(number)
    assert sorted(row) == list(range(number)) or number == 0
    if number == 100:
        assert sorted(index * 4 // 128 for index in row[:4]) == [0, 1, 2, 3]
        assert row[:4] == [0, 64, 32, 96]


def test_orders_and_controls():
    """`short` by length, `given` and `risk` as they came; controls lie evenly and are each another document."""
    papers = [Paper(id, str(id), "x" * (id * 7 % 5), "") for id in range(1, 11)]

    assert [len(paper.text) for paper in ordered(papers, "short")] == sorted(len(paper.text) for paper in papers)
    assert ordered(papers, "given") == ordered(papers, "risk") == papers
    assert [paper.id for paper in controls(papers, 2)] == [3, 8]
    assert controls(papers, 99) == papers
    assert controls([], 3) == []


def test_a_span_says_what_was_decided_about_it():
    """Nothing while it is a seed or was added; else right, relabelled, rebound or deleted."""
    origin = (0, 3, "PER")
    cases = {
        Span("s1.0", 0, 3, "PER", "seed", origin): "",
        Span("n1", 0, 3, "PER", "added"): "",
        Span("s1.0", 0, 3, "PER", "accepted", origin): "right",
        Span("s1.0", 0, 4, "LOC", "changed", origin): "relabelled",
        Span("s1.0", 0, 4, "PER", "changed", origin): "rebound",
        Span("s1.0", 0, 3, "PER", "deleted", origin): "deleted",
    }
    assert [span.verdict for span in cases] == list(cases.values())


def test_what_is_refused_is_remembered_for_each_reviewer(tmp_path):
    """A suggestion that one never wants to see again is kept in the file, apart from another's; twice is once."""
    path = tmp_path / "w.review"
    store = store_of(path)
    for name, on in (("entry ORG B", True), ("entry ORG A", True), ("entry ORG A", True), ("entry ORG B", False)):
        store.refuse("a", name, on)
    store.close()

    assert (reopened(path).refused("a"), reopened(path).refused("b")) == (["entry ORG A"], [])


def test_a_file_of_the_first_version_goes_on(tmp_path):
    """It gets what it lacks when it is opened to be written, and keeps what it has."""
    path = tmp_path / "w.review"
    store = store_of(path)
    store.append("a", [(1, "delete", {"id": "s1.1"})])
    store.db.execute("DROP TABLE refused")
    store.db.execute("PRAGMA user_version = 1")
    store.close()
    again = reopened(path)
    again.refuse("a", "entry ORG A", True)

    assert (spans(again), again.refused("a")) == ([LAID[0], LAID[2]], ["entry ORG A"])
    assert again.db.execute("PRAGMA user_version").fetchone() == (2,)


def test_the_log_prices_actions():
    """The clock counts one second an event: every action takes one, and what is left of a document is reading.

    Of three right spans in five documents each one is accepted by a key; four labels are not enough for a price.
    """
    store = store_of(papers=tuple(replace(PAPER, name=f"{n}.txt") for n in range(5)))
    for number in range(1, 6):
        store.laid(number, "a")
        store.system("a", number, "open", {})
        store.append("a", [(number, "accept", {"id": "s1.0"})])
        if number < 5:
            store.append("a", [(number, "relabel", {"id": "s1.1", "label": "ORG"})])
        store.append("a", [(number, "add", {"id": "n0", "start": 0, "end": 1, "label": "MISC"})])
        store.append("a", [(number, "done", {})])

    ticks = 3 / 9  # of a document but the last: opened, three priced actions, done, opened the next
    assert own_costs(store) == {"accept": 1.0 * 5 / 11, "add": 1.0, "read": ticks}
