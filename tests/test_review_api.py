"""The API of `ruletag review`: answers, permitted actions, and refused clients."""

from __future__ import annotations

import re
import threading
import time

import pytest

pytest.importorskip("httpx2", reason="needs httpx2: pip install '.[dev]'")
pytest.importorskip("starlette.testclient")
pytest.importorskip("uvicorn")

from starlette.testclient import TestClient

from ruletag import __version__
from ruletag.model import Document, Entity
from ruletag.review.bulk import decisions
from ruletag.review.desk import Desk
from ruletag.review.lessons import Lessons
from ruletag.review.seeding import Seeder, taken
from ruletag.review.spans import Span, State
from ruletag.review.store import Store
from ruletag.server.answering import Limits
from ruletag.server.page import assets
from ruletag.server.page_guard import Pass
from ruletag.server.review import _GET, _POST, application
from ruletag.server.threads import Threads
from ruletag.tagger import Settings

# An astral character and one of two code points before the names.
TEXT = "\U0001f30d e\u0301 Emmanuel Macron est à Paris avec l’ONU."
OTHER = "Paris, c’est Paris. Le ministre Paul Dupont y vit."
HOST = "127.0.0.1:7777"


@pytest.fixture(scope="module")
def small_settings(small_folder):
    """The options that load a tagger of the little knowledge."""
    return Settings((str(small_folder / "rules"),), (str(small_folder / "gazetteers"),))


@pytest.fixture
def review(small, small_tagger, small_settings, tmp_path):
    """`review(who, …)` is a client of a review of two texts, with the token; `review.store` is its file."""
    opened = []

    def begin(who="anna", *, limits=None, pass_=None, documents=None, failed=lambda _: None, **options):
        store = Store.open(tmp_path / "w.review", create=True)
        store.add_papers(taken(documents or [Document(TEXT, id="a"), Document(OTHER, id="b")]))
        desk = Desk(store, who, **{"order": "given"} | options)
        pass_ = pass_ or Pass(7777)
        lessons = Lessons(small_settings, tmp_path / "mine", "w.review")
        allowed = limits or Limits(1 << 24, 30)
        app = application(Threads(desk, small_tagger), lessons, pass_, limits=allowed, ahead=None, failed=failed)
        client = TestClient(app, base_url=f"http://{HOST}", follow_redirects=False)
        client.headers["X-Ruletag-Token"] = pass_.token
        client.__enter__()
        opened.append(client)
        return client

    yield begin
    for client in opened:
        client.__exit__(None, None, None)


def spans(record):
    """The spans of a document as surface, label, state and whether they are open."""
    text = record.get("text", TEXT)
    return [(text[s["start"] : s["end"]], s["label"], s["state"], s["open"]) for s in record["spans"]]


def error(response):
    """Status and message of a refusal."""
    return response.status_code, response.json()["error"]["message"]


def test_a_document_has_all_that_the_page_shows(review, small):
    """Text, place in the row, spans with their sources, state and number of the last event."""
    client = review()
    record = client.get("/api/documents/1").json()
    sources, own = record.pop("sources"), small / "gazetteers" / "people.yaml:3"  # a path that an editor opens

    assert spans(record) == [
        ("Emmanuel Macron", "PER", "seed", False),
        ("Paris", "LOC", "seed", False),
        ("ONU", "ORG", "seed", False),
    ]
    assert sources[0] == {
        "kind": "entry",
        "name": "Emmanuel Macron",
        "place": str(own),
        "total": 0,
        "wrong": 0,
    }
    rest = {key: value for key, value in record.items() if key != "spans"}
    assert rest == {
        "id": 1, "name": "a", "text": TEXT, "blind": False, "words": 9, "place": 1, "total": 2, "unused": [],
        "seq": 1, "status": "new", "flagged": False, "comments": [],
    }  # fmt: skip
    assert record["spans"][0] == {
        "id": "s1.0", "start": 5, "end": 20, "label": "PER", "state": "seed", "origin": [5, 20, "PER"], "open": False,
        "source": 0, "via": "", "risk": 0.125,
        "alternatives": [[14, 20, "PER", f"Emmanuel Macron ({own})", "shorter"]],
    }  # fmt: skip


def test_operations_are_kept_and_undone(review):
    """A correction changes the state, `undo` takes it back wherever it was, `redo` does it again."""
    client = review()
    seq = client.get("/api/documents/1").json()["seq"]
    ops = [{"op": "rebound", "id": "s1.0", "start": 14, "end": 20}, {"op": "delete", "id": "s1.1"}]
    sent = client.post("/api/documents/1/ops", json={"base": seq, "ops": ops})
    assert (sent.status_code, sent.json()) == (200, {"seq": 3})
    changed = [("Macron", "PER", "changed", False), ("Paris", "LOC", "deleted", False), ("ONU", "ORG", "seed", False)]
    assert spans(client.get("/api/documents/1/state").json()) == changed

    assert client.post("/api/undo", json={}).json() == {"documents": [1]}
    assert [span[2] for span in spans(client.get("/api/documents/1/state").json())] == ["seed"] * 3
    assert client.post("/api/redo", json={}).json() == {"documents": [1]}
    assert spans(client.get("/api/documents/1/state").json()) == changed
    assert client.post("/api/redo", json={}).json() == {"documents": []}


def test_two_windows_do_not_overwrite_each_other(review):
    """An old base gets 409 with the missing events; a read-only window is refused until it takes over."""
    client = review()
    base = client.get("/api/documents/1").json()["seq"]
    client.post("/api/documents/1/ops", json={"base": base, "ops": [{"op": "delete", "id": "s1.1"}]})
    stale = client.post("/api/documents/1/ops", json={"base": base, "ops": [{"op": "delete", "id": "s1.0"}]})
    assert (stale.status_code, stale.json()) == (409, {"seq": 2, "ops": [{"op": "delete", "id": "s1.1"}]})

    one, two = {"X-Ruletag-Window": "one"}, {"X-Ruletag-Window": "two"}

    def claim(window, how):
        return client.post("/api/window", json={"window": window, "how": how}).json()["mine"]

    write = {"base": 2, "ops": [{"op": "delete", "id": "s1.0"}]}
    assert (claim("one", "ask"), claim("two", "ask")) == (True, False)
    refused = client.post("/api/documents/1/ops", json=write, headers=two)
    assert error(refused) == (409, "the review is open in another window")
    assert claim("two", "take")
    assert client.post("/api/documents/1/ops", json=write, headers=one).status_code == 409
    assert client.post("/api/documents/1/ops", json=write, headers=two).status_code == 200
    assert claim("two", "leave") is False
    assert claim("one", "ask")


def test_the_row_goes_on_and_ends(review):
    """`next` passes over what is done, in the order of the row; the list tells names, states and counts."""
    client = review()
    assert client.get("/api/next").json() == {"id": 1}
    for id, following in ((1, 2), (2, None)):
        seq = client.get(f"/api/documents/{id}").json()["seq"]
        client.post(f"/api/documents/{id}/ops", json={"base": seq, "ops": [{"op": "done"}]})
        assert client.get(f"/api/next?after={id}").json() == {"id": following}
    rows = client.get("/api/documents?status=done&q=macron").json()
    assert rows == {
        "documents": [{"id": 1, "name": "a", "status": "done", "flagged": False, "words": 9, "spans": 3, "open": 0}],
        "next": None,
    }
    answer = client.get("/api/progress").json()
    assert (answer["done"], answer["total"], answer["words_left"]) == (2, 2, 0)
    assert [row["right"] for row in client.get("/api/ledger").json()["sources"]] == [1, 1, 3, 1]


def test_equal_names_change_in_the_whole_pile(review):
    """`same` finds whole words with their context; `bulk` decides all of them as one action."""
    client = review()
    client.get("/api/documents/1"), client.get("/api/documents/2")
    answer = client.get("/api/same?surface=Paris").json()
    assert [(hit["document"], hit["start"], hit["before"], hit["after"]) for hit in answer["hits"]] == [
        (1, 27, TEXT[:27], TEXT[32:]),
        (2, 0, "", OTHER[5:45]),
        (2, 13, OTHER[:13], OTHER[18:58]),
    ]
    assert [hit["span"]["label"] for hit in answer["hits"]] == ["LOC"] * 3
    places = [{key: hit[key] for key in ("document", "start", "end")} for hit in answer["hits"]]
    done = client.post("/api/bulk", json={"hits": places, "op": {"op": "add", "label": "ORG"}})
    assert done.json()["documents"] == [1, 2]
    assert [s[1] for s in spans(client.get("/api/documents/2").json())][:2] == ["ORG", "ORG"]
    assert sorted(client.post("/api/undo", json={}).json()["documents"]) == [1, 2]
    assert [s[1] for s in spans(client.get("/api/documents/2").json())][:2] == ["LOC", "LOC"]
    assert error(client.post("/api/bulk", json={"hits": places, "op": {"op": "add", "label": "LOC"}})) == (
        422,
        "there is nothing to change at these places",
    )


def test_a_place_gives_way_only_to_what_it_holds():
    """A shorter span inside the place is replaced; a place inside a longer span, or across a border, is left."""
    live = {"s1.0": Span("s1.0", 10, 15, "PER", "seed"), "s1.1": Span("s1.1", 20, 30, "ORG", "seed")}
    state = State(spans=live)

    def ops(*places, op="add"):
        return [(decision["op"], decision["id"]) for decision in decisions(state, places, op, "LOC", "n")]

    assert ops((8, 15)) == [("delete", "s1.0"), ("add", "n0")]
    assert ops((10, 15)) == [("relabel", "s1.0")]
    assert ops((22, 25), (14, 18), (40, 45)) == [("add", "n2")]
    assert ops((10, 15), (22, 25), op="delete") == [("delete", "s1.0")]


def test_questions_are_answered(review):
    """Why a rule exists, what nearly matched at a place, and a correction as an entry and a rule."""
    client = review(documents=[Document("Il pleut.\nLa ministre attend."), Document(OTHER, id="b")])
    assert client.get("/api/why?rule=per.title-name").json() == {
        "why": "A title followed by a capitalised word is a person."
    }
    assert client.get("/api/explain/1?at=15").json()["misses"] == [
        {
            "rule": "per.title-name", "label": "PER", "why": "A title followed by a capitalised word is a person.",
            "anchor": "ministre", "wanted": "Cap", "found": "attend.",
        }
    ]  # fmt: skip
    client.get("/api/documents/2")
    answer = client.get("/api/documents/2/propose?start=32&end=43&label=PER").json()
    assert answer["entry"] == 'label: PER\nentries:\n  - "Paul Dupont"\n'
    assert '      - "Le ministre [Paul Dupont](PER) y vit."\n' in answer["rule"]


def test_a_session_tells_who_and_how_far(review):
    """The version, the reviewer, the labels and the progress."""
    answer = review().get("/api/session").json()
    progress = answer.pop("progress")

    assert answer == {
        "version": __version__, "who": "anna", "pair": [], "people": [], "skim": None,
        "labels": ["PER", "LOC", "ORG", "MISC"],
    }  # fmt: skip
    assert (progress["done"], progress["total"]) == (0, 2)


def test_skimming_tells_what_stays_unread(review):
    """With a target of 20 % nothing is above the threshold; with 0 % everything is to be looked at."""
    client = review(target=0.2)
    for _ in range(200):
        if answer := client.get("/api/session").json()["skim"]:
            break
    assert answer == {"threshold": 0.125, "shown": 0, "hidden": 6, "wrong": 0.75, "remaining": 0.125}
    assert client.get("/api/next").json() == {"id": None}


def test_two_reviewers_and_a_third_who_decides(review):
    """Agreement of two, then what they differ on: agreed spans are locked, the others are proposals of each."""
    for who, op in (("anna", {"op": "delete", "id": "s1.1"}), ("ben", {"op": "relabel", "id": "s1.0", "label": "ORG"})):
        client = review(who)
        for id, ops in ((1, [op, {"op": "done"}]), (2, [{"op": "done"}])):
            seq = client.get(f"/api/documents/{id}").json()["seq"]
            assert client.post(f"/api/documents/{id}/ops", json={"base": seq, "ops": ops}).status_code == 200
    (pair,) = client.get("/api/agreement").json()["pairs"]
    assert (pair["first"], pair["second"], pair["documents"], round(pair["f1"], 4)) == ("anna", "ben", 2, 0.7273)

    judge = review("gold", pair=("anna", "ben"))
    assert judge.get("/api/next").json() == {"id": 1}
    record = judge.get("/api/documents/1").json()
    assert spans(record) == [
        ("Emmanuel Macron", "PER", "first", True),
        ("Emmanuel Macron", "ORG", "second", True),
        ("Paris", "LOC", "second", True),
        ("ONU", "ORG", "locked", False),
    ]
    ids = [span["id"] for span in record["spans"]]

    def decide(base, *ops):
        return judge.post("/api/documents/1/ops", json={"base": base, "ops": ops})

    assert error(decide(record["seq"], {"op": "done"})) == (
        422,
        "3 spans on which the reviewers differ are still undecided",
    )
    assert error(decide(record["seq"], {"op": "delete", "id": ids[3]})) == (422, "both reviewers agree on this span")
    seq = decide(record["seq"], {"op": "delete", "id": ids[1]}, {"op": "accept", "id": ids[0]}).json()["seq"]
    seq = decide(seq, {"op": "delete", "id": ids[2]}).json()["seq"]
    assert decide(seq, {"op": "done"}).status_code == 200
    assert [s[:2] for s in spans(judge.get("/api/documents/1").json()) if s[2] != "deleted"] == [
        ("Emmanuel Macron", "PER"),
        ("ONU", "ORG"),
    ]
    assert judge.get("/api/next").json() == {"id": None}


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:7778", "localhost.evil.example:7777", ""])
@pytest.mark.parametrize("path", ["/", "/assets/app.js", "/api/session"])
def test_a_foreign_host_is_refused(review, host, path):
    """A name that was rebound to this machine, and another port, get nothing, not even the page."""
    assert error(review().get(path, headers={"Host": host})) == (400, "the Host header names another host")


@pytest.mark.parametrize("path", ["/", "/assets/app.js", "/api/session"])
def test_a_foreign_page_is_refused(review, path):
    """By its Origin, `null` too, and by Sec-Fetch-Site; our own are answered."""
    client = review()
    for origin in ("http://evil.example", "null", "http://127.0.0.1:7778", f"https://{HOST}"):
        assert error(client.get(path, headers={"Origin": origin})) == (
            403,
            "the request comes from a page of another origin",
        )
    for site in ("cross-site", "same-site"):
        assert error(client.get(path, headers={"Sec-Fetch-Site": site})) == (403, "the request comes from another site")
    good = {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}
    assert client.get(path, headers=good).status_code == (403 if path == "/" else 200)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_everything_but_the_page_needs_the_token(review, method):
    """No route of the API answers without the token, or with another one; nor does an unknown path."""
    client = review()
    paths = [path.replace("{id:int}", "1") for path in (_GET if method == "GET" else _POST)]
    tokens = set()
    for path in [*paths, "/api/nothing", "/w.review", "/assets/../w.review"]:
        for token in ("", "x" * 43, "né"):
            headers = {"X-Ruletag-Token": token.encode()}
            tokens.add(error(client.request(method, path, headers=headers, json={} if method == "POST" else None)))

    assert tokens == {(403, "the token is missing or wrong")}


def test_the_page_opens_once(review):
    """The code becomes a cookie and is void; without either there is no token to be had. No answer may be framed."""
    pass_ = Pass(7777)
    client = review(pass_=pass_)
    assert client.get("/").status_code == client.get("/?k=wrong").status_code == 403
    assert pass_.token not in client.get("/").text
    first = client.get(f"/?k={pass_.code}")
    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert re.fullmatch(r"ruletag-7777=[\w-]{43}; Path=/; HttpOnly; SameSite=Strict", first.headers["set-cookie"])
    page = client.get("/")
    assert page.status_code == 200
    assert f'<meta name="ruletag-token" content="{pass_.token}">' in page.text
    client.cookies.clear()
    assert client.get(f"/?k={pass_.code}").status_code == 403
    for path in ("/", "/assets/app.js", "/api/session", "/nothing"):
        headers = client.get(path).headers
        assert headers["content-security-policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        assert [headers[name] for name in ("x-content-type-options", "referrer-policy", "cache-control")] == [
            "nosniff",
            "no-referrer",
            "no-store",
        ]


REFUSED = {
    "no document": ("GET", "/api/documents/9", None, 404, "there is no such document"),
    "no number": ("GET", "/api/documents/x", None, 404, "not found"),
    "status": ("GET", "/api/documents?status=gone", None, 422, "status='gone' is unknown"),
    "after": ("GET", "/api/documents?after=-1", None, 422, "after='-1' is not a number"),
    "surface": ("GET", "/api/same?surface=+", None, 422, "'surface' is missing"),
    "no base": ("POST", "/api/documents/1/ops", {"ops": []}, 422, "the body has no 'base'"),
    "no ops": ("POST", "/api/documents/1/ops", {"base": 9, "ops": []}, 422, "'ops' is not a list of objects"),
    "odd op": (
        "POST",
        "/api/documents/1/ops",
        {"base": 9, "ops": [{"op": "merge"}]},
        422,
        "there is no operation 'merge'",
    ),
    "undo op": ("POST", "/api/documents/1/ops", {"base": 9, "ops": [{}]}, 422, "there is no operation 'None'"),
    "no hits": ("POST", "/api/bulk", {"op": {"op": "add", "label": "PER"}}, 422, "the body has no 'hits'"),
    "odd hit": ("POST", "/api/bulk", {"hits": [1], "op": {"op": "delete"}}, 422, "'hits' is not a list of objects"),
    "bulk label": ("POST", "/api/bulk", {"hits": [], "op": {"op": "add", "label": "X"}}, 422, "label='X' is unknown"),
    "no ids": ("POST", "/api/suggest/accept", {}, 422, "the body has no 'ids'"),
    "nothing measured": (
        "POST",
        "/api/suggest/accept",
        {"ids": ["x"]},
        422,
        "there is nothing measured to accept",
    ),
    "no suggestion": ("POST", "/api/suggest/refuse", {"id": "x", "on": True}, 422, "there is no such suggestion"),
    "no changes": ("GET", "/api/suggest/changes?id=x", None, 422, "there is no such suggestion"),
    "method": ("POST", "/api/session", {}, 405, "method not allowed"),
}


@pytest.mark.parametrize(("method", "path", "body", "status", "message"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_request_is_refused(review, method, path, body, status, message):
    """It gets a status and a message that says what is wrong; only the opening of a document is written."""
    client = review()
    client.get("/api/documents/1")
    assert error(client.request(method, path, json=body)) == (status, message)
    assert client.get("/api/documents/1").json()["seq"] == 1


def test_a_long_body_and_a_slow_request_are_given_up(review):
    """413 above the limit, 503 after it; the file is as before."""
    client = review(limits=Limits(bytes=60, seconds=30))
    long = {"base": 1, "ops": [{"op": "comment", "text": "a" * 60}]}
    assert client.post("/api/documents/1/ops", json=long).status_code == 413

    slow = review("ben", limits=Limits(1 << 20, 0.02))
    held = threading.Event()
    threads = slow.app.routes[-1].endpoint.args[1].threads
    threads._file.submit(held.wait)
    assert slow.get("/api/progress").status_code == 503
    held.set()


def test_a_failure_repeats_nothing_of_the_text(review, monkeypatch):
    """An internal error is answered with 500 and logged with its path alone."""
    messages = []
    client = review(failed=messages.append)
    monkeypatch.setattr(Desk, "document", lambda self, id: [][TEXT])

    assert error(client.get("/api/documents/1")) == (500, "the request failed: TypeError")
    assert messages == ["/api/documents/1: TypeError"]


def test_hostile_names_and_texts_are_only_text(review):
    """Markup in a text and in the name of a document comes back in JSON as it is, all ASCII."""
    hostile = "</script><img src=x onerror=alert(1)> Paris"
    client = review(documents=[Document(hostile, id=hostile)])
    response = client.get("/api/documents/1")

    assert (response.json()["text"], response.json()["name"]) == (hostile, hostile)
    assert response.headers["content-type"] == "application/json"


def test_spans_that_came_with_a_document_are_shown(review):
    """They are the seeds, with the source `given`; such a document is not tagged."""
    client = review(documents=[Document(OTHER, (Entity(32, 43, "PER", "Paul Dupont"),), "b", annotated=True)])
    record = client.get("/api/documents/1").json()

    assert spans(record) == [("Paul Dupont", "PER", "seed", False)]
    assert record["sources"] == [{"kind": "given", "name": "given", "place": "", "total": 0, "wrong": 0}]


# Whatever makes HTML or code out of a string.
BANNED = (
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|createContextualFragment"
    r"|srcdoc|javascript:"
)


def test_the_page_makes_no_html_of_strings():
    """No script of the page has a way to turn text into elements or code, and no markup has inline code or style."""
    scripts = {name: data.decode() for name, data in assets().items() if name.endswith(".js")}
    assert sorted(scripts) == [
        f"/assets/{name}.js"
        for name in ("api", "app", "dialogs", "document", "dom", "keys", "lessons", "panel", "strings", "text", "view")
    ]
    assert {name: re.findall(BANNED, text) for name, text in scripts.items()} == {name: [] for name in scripts}


def test_the_order_of_risk_follows_what_was_found(review):
    """Once all is tagged, the document with most expected errors for its words comes first; what is done, no more."""
    documents = [
        Document("Il pleut à Paris et rien n’arrive, dit-on, de toute la journée.", id="a"),
        Document("Paris, Chine.", id="b"),
        Document("Il neige.", id="c"),
    ]
    client = review(order="risk", documents=documents)
    for _ in range(200):
        if client.get("/api/next").json() == {"id": 2}:
            break
    assert client.get("/api/next").json() == {"id": 2}
    seq = client.get("/api/documents/2").json()["seq"]
    client.post("/api/documents/2/ops", json={"base": seq, "ops": [{"op": "done"}]})
    assert client.get("/api/next").json() == {"id": 1}


def test_a_text_that_takes_too_long_is_there_the_next_time(review, monkeypatch):
    """A document whose tagging outlasts its request is answered with 503, tagged once to the end, and then shown."""
    go_on, tagged = threading.Event(), []
    propose = Seeder.propose

    def slow(self, text):
        tagged.append(text)
        go_on.wait()
        return propose(self, text)

    monkeypatch.setattr(Seeder, "propose", slow)
    client = review(limits=Limits(1 << 20, 0.05), documents=[Document(TEXT, id="a")])
    late = [client.get("/api/documents/1").status_code for _ in range(3)]
    go_on.set()
    while (response := client.get("/api/documents/1")).status_code == 503:
        pass

    assert late == [503, 503, 503]
    assert tagged == [TEXT]
    assert [span[0] for span in spans(response.json())] == ["Emmanuel Macron", "Paris", "ONU"]


TAUGHT = [
    Document("Orsk Nord recrute à Paris.", id="a"),
    Document("Voici Orsk Nord.", id="b"),
    Document("Orsk Nord attend à Paris.", id="c"),
    Document("Paris dort. Orsk Nord vient avec Kaisa Lehtonen.", id="d"),
    Document("Rien.", id="e"),
]


def wait_for(client, state):
    """The answer about the suggestions once they are in a state."""
    while (answer := client.get("/api/suggest").json())["state"] in ("measuring", "writing"):
        time.sleep(0.01)
    assert answer["state"] == state, answer
    return answer


def correct(client, id, surface="Orsk Nord", label="ORG"):
    """Open a document, add a name, and finish it."""
    record = client.get(f"/api/documents/{id}").json()
    start = record["text"].index(surface)
    span = {"id": f"n{id}", "start": start, "end": start + len(surface), "label": label}
    ops = [{"op": "delete", "id": span["id"]} for span in record["spans"] if span["start"] == start]
    ops += [{"op": "add", **span}, {"op": "done"}]
    assert client.post(f"/api/documents/{id}/ops", json={"base": record["seq"], "ops": ops}).status_code == 200


def test_what_corrections_teach_is_measured_and_written(review, tmp_path):
    """Two corrections suggest an entry; accepted, it stands in the folder, and the pile is tagged again with it.

    What was decided stays: a document that is done, one in which the name was taken away, and undo behind both.
    """
    client = review(documents=TAUGHT)
    assert error(client.post("/api/suggest", json={})) == (422, "no document is done yet")
    correct(client, 1), correct(client, 2)
    record = client.get("/api/documents/3").json()
    client.post("/api/documents/3/ops", json={"base": record["seq"], "ops": [{"op": "delete", "id": "s1.0"}]})
    client.get("/api/documents/4")
    assert client.post("/api/suggest", json={}).status_code == 200
    answer = wait_for(client, "measured")
    (suggestion,) = answer.pop("suggestions")
    assert answer == {
        "state": "measured", "error": "", "documents": 2, "others": 3, "weighed": 1, "proposed": 1, "found": 1,
        "folder": str(tmp_path / "mine"), "files": [], "dropped": [],
    }  # fmt: skip
    assert (suggestion["id"], suggestion["ticked"], suggestion["risk"], suggestion["corrections"]) == (
        "entry ORG Orsk Nord",
        True,
        "",
        2,
    )
    assert {key: suggestion["gain"][key] for key in ("right", "lost", "wrong", "fixed")} == {
        "right": 2, "lost": 0, "wrong": 0, "fixed": 0,
    }  # fmt: skip
    assert suggestion["reach"] == {"new": 2, "gone": 0, "relabelled": 0, "documents": 2}
    there = {"document": "c", "before": "", "after": " attend à Paris.", "was": None, "is": ["Orsk Nord", "ORG"]}
    other = {
        "document": "d", "before": "Paris dort. ", "after": " vient avec Kaisa Lehtonen.", "was": None,
        "is": ["Orsk Nord", "ORG"],
    }  # fmt: skip
    assert suggestion["examples"] == [there, other]
    assert client.get("/api/suggest/changes", params={"id": suggestion["id"]}).json() == {
        "changes": [there, other],
        "most": 500,
    }

    assert client.post("/api/suggest/accept", json={"ids": [suggestion["id"]]}).json() == {"dropped": []}
    written = tmp_path / "mine" / "gazetteers" / "organisations.yaml"
    assert wait_for(client, "written")["files"] == [str(written)]
    assert written.read_text("utf-8") == "label: ORG\nentries:\n  - Orsk Nord  # w.review, 2 corrections\n"
    assert spans(client.get("/api/documents/4").json()) == [
        ("Paris", "LOC", "seed", True),
        ("Orsk Nord", "ORG", "seed", False),
        ("Kaisa Lehtonen", "PER", "seed", False),
    ]
    assert spans(client.get("/api/documents/3").json()) == [
        ("Orsk Nord", "ORG", "seed", False),
        ("Paris", "LOC", "deleted", False),
    ]
    assert spans(client.get("/api/documents/1").json()) == [
        ("Orsk Nord", "ORG", "added", False),
        ("Paris", "LOC", "accepted", False),
    ]
    assert client.post("/api/undo", json={}).json() == {"documents": [3]}
    assert client.post("/api/undo", json={}).json() == {"documents": [2]}
    assert spans(client.get("/api/documents/2").json()) == [("Orsk Nord", "ORG", "seed", False)]
    assert client.post("/api/redo", json={}).json() == {"documents": [2]}
    assert spans(client.get("/api/documents/2").json()) == [("Orsk Nord", "ORG", "added", False)]


def test_a_suggestion_that_is_refused_never_comes_again(review):
    """It stays away in the next measuring, and after a restart; taken back, it is there again."""
    client = review(documents=TAUGHT)
    correct(client, 1), correct(client, 2)
    client.post("/api/suggest", json={})
    wait_for(client, "measured")
    name = {"id": "entry ORG Orsk Nord"}
    assert client.post("/api/suggest/refuse", json=name | {"on": True}).json() == {"refused": True}
    assert client.post("/api/suggest/refuse", json=name | {"on": False}).json() == {"refused": False}
    assert client.post("/api/suggest/refuse", json=name | {"on": True}).json() == {"refused": True}

    again = review(documents=TAUGHT)
    assert again.post("/api/suggest", json={}).status_code == 200
    answer = wait_for(again, "measured")
    assert (answer["proposed"], answer["suggestions"]) == (0, [])


def test_what_check_would_find_is_not_written(review, tmp_path):
    """A folder in which the name would stand under two labels stays as it was; the page is told, and can go on."""
    folder = tmp_path / "mine" / "gazetteers"
    folder.mkdir(parents=True)
    (folder / "odd.yaml").write_text("label: [\n", encoding="utf-8")
    client = review(documents=TAUGHT)
    correct(client, 1), correct(client, 2)
    client.post("/api/suggest", json={})
    wait_for(client, "measured")
    client.post("/api/suggest/accept", json={"ids": ["entry ORG Orsk Nord"]})
    answer = wait_for(client, "measured")

    assert answer["error"].startswith(f"{folder / 'odd.yaml'}: ")
    assert [suggestion["id"] for suggestion in answer["suggestions"]] == ["entry ORG Orsk Nord"]
    assert sorted(path.name for path in folder.iterdir()) == ["odd.yaml"]


def test_the_document_on_the_screen_is_left_alone(review):
    """While the pile is tagged again, only what the page has open keeps its number of events, until it asks again."""
    client = review(documents=TAUGHT)
    correct(client, 1), correct(client, 2)
    seq = client.get("/api/documents/4").json()["seq"]
    client.get("/api/documents/3")
    client.post("/api/suggest", json={})
    wait_for(client, "measured")
    client.post("/api/suggest/accept", json={"ids": ["entry ORG Orsk Nord"]})
    wait_for(client, "written")
    while client.get("/api/documents/4/state").json()["seq"] == seq:
        pass
    state = client.get("/api/documents/3/state").json()
    assert [span[2] for span in spans(state | {"text": TAUGHT[2].text})] == ["seed"]
    sent = client.post("/api/documents/3/ops", json={"base": state["seq"], "ops": [{"op": "delete", "id": "s1.0"}]})
    assert sent.status_code == 200
    assert [span[:3] for span in spans(client.get("/api/documents/3").json())] == [
        ("Orsk Nord", "ORG", "seed"),
        ("Paris", "LOC", "deleted"),
    ]
