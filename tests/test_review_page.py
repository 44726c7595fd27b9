"""The page of `ruletag review` in a real browser: keys, what survives a kill, large texts, odd texts, several people.

Needs playwright (`pip install ".[browser]"`) and a Chromium that is installed; it downloads none.
"""

from __future__ import annotations

import json
import re

import pytest

from browsers import launched
from reviews import Running
from ruletag.review.store import Store

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")
pytestmark = pytest.mark.slow

# An emoji, a combining accent, a CRLF and Hebrew before and between names; words without a capital and a name unknown.
TEXT = (
    "\U0001f30d e\u0301 Emmanuel Macron est à Paris avec l’ONU.\r\n"
    "דוד חי עם Kaisa Lehtonen en Chine.\n"
    "\n"
    "La ministre Odile Varenne a vu Paul Kerdoncuff et la tour lutece à Orange. Paris attend Paris.\n"
)


@pytest.fixture(scope="module")
def browser():
    with launched() as browser:
        yield browser


@pytest.fixture
def start(tmp_path, small_folder):
    """`start(*arguments)` starts the command with the little knowledge, in a folder of its own."""
    started = []

    def run(*arguments, knowledge=small_folder):
        started.append(Running(tmp_path, knowledge, *arguments))
        return started[-1]

    yield run
    for each in started:
        each.kill()


@pytest.fixture
def visit(browser):
    """`visit(server)` is the page, in English; at the end it must have said nothing, nor asked others for anything."""
    contexts, said, asked, origins = [], [], [], set()

    def visit(server, **options):
        usual = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"}
        context = browser.new_context(**usual | options)
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: asked.append(request.url))
        origins.add(server.origin)
        page.goto(server.address)
        page.wait_for_selector("#text p")
        saved(page)
        return page

    visit.said = said
    yield visit
    for context in contexts:
        context.close()
    assert said == []
    assert [url for url in asked if not url.startswith(tuple(origins))] == []


def saved(page):
    """Wait until everything that was done is in the file."""
    page.locator("#saved", has_text=re.compile("^saved$")).wait_for()


def press(page, *keys):
    """Press keys, one after the other, and wait until they are in the file."""
    for key in keys:
        page.keyboard.press(key)
    saved(page)


def texts(folder, **documents):
    """A folder with a text for each name."""
    place = folder / "in"
    place.mkdir()
    for name, text in documents.items():
        (place / f"{name}.txt").write_bytes(text.encode())
    return place


def marks(page):
    """The spans of the page as surface, label and state, in reading order; pieces of one span together."""
    found = page.eval_on_selector_all(
        "#text mark", "marks => marks.map(m => [m.dataset.id, m.textContent, m.dataset.label, m.dataset.state])"
    )
    whole = {}
    for id, text, label, state in found:
        before = whole.get(id, ("",))[0]
        whole[id] = (before + text, label, state)
    return list(whole.values())


def current(page):
    """The surface of the current span, or what is selected."""
    pieces = page.eval_on_selector_all("mark[data-current]", "marks => marks.map(mark => mark.textContent)")
    return "".join(pieces) or page.evaluate("String(getSelection())")


def gold(path, who="reviewer", document=1):
    """What the file says of a document: its names as surface and label."""
    store = Store.open(path)
    try:
        text = store.paper(document).text
        return [(text[span.start : span.end], span.label) for span in store.state(document, who)[0].live]
    finally:
        store.close()


SEEDS = [
    ("Emmanuel Macron", "PER", "seed"),
    ("Paris", "LOC", "seed"),
    ("ONU", "ORG", "seed"),
    ("Kaisa Lehtonen", "PER", "seed"),
    ("Chine", "LOC", "seed"),
    ("Odile Varenne", "PER", "seed"),
    ("Orange", "LOC", "seed"),
    ("Paris", "LOC", "seed"),
    ("Paris", "LOC", "seed"),
]

# Forty keys, each with what the current span or the selection is after it.
SCRIPT = [
    ("j", "Emmanuel Macron"), ("j", "Paris"), ("k", "Emmanuel Macron"),
    ("Alt+ArrowRight", "Macron"), ("Alt+ArrowLeft", "Emmanuel Macron"),
    ("ArrowLeft", "Emmanuel"), ("Shift+ArrowLeft", "Emmanue"), ("Shift+ArrowRight", "Emmanuel"),
    ("u", "Emmanue"), ("Shift+U", "Emmanuel"), ("ArrowRight", "Emmanuel Macron"),
    ("j", "Paris"), ("3", "Paris"), ("=", "Paris"), ("u", "Paris"), ("u", "Paris"), ("l", "Paris"),
    ("j", "ONU"), ("Alt+ArrowLeft", "l’ONU"),
    ("j", "Kaisa Lehtonen"), ("m", "Kaisa Lehtonen"), ("1", "Kaisa Lehtonen"),
    ("j", "Chine"), ("x", "Chine"), ("Space", "Chine"), ("x", "Chine"),
    ("j", "Odile Varenne"), ("j", "Orange"), ("o", "Orange"),
    ("k", "Odile Varenne"), ("s", "Paul Kerdoncuff"), ("p", "Paul Kerdoncuff"),
    ("ArrowDown", "et"), ("ArrowDown", "la"), ("ArrowDown", "tour"), ("ArrowRight", "tour lutece"),
    ("2", "tour lutece"),
    ("f", "tour lutece"), ("n", "tour lutece"), ("Escape", ""),
]  # fmt: skip


def test_forty_keys_give_exactly_these_spans(start, visit, tmp_path, cli):
    """Walking, labels, borders, deletion, undo, equal names, second look, words: key by key; then the export."""
    server = start(texts(tmp_path, a=TEXT))
    page = visit(server)
    assert len(SCRIPT) == 40
    assert marks(page) == SEEDS
    seen = []
    for key, _ in SCRIPT:
        press(page, key)
        seen.append((key, current(page)))
    assert seen == SCRIPT
    press(page, "Enter")
    page.get_by_role("heading", name="All documents are done.").wait_for()

    run = cli("review", tmp_path / "work.review", "--export", "-")
    (record,) = map(json.loads, run.out.splitlines())
    assert record["text"] == TEXT
    assert [(TEXT[span["start"] : span["end"]], span["label"]) for span in record["spans"]] == [
        ("Emmanuel Macron", "PER"),
        ("Paris", "LOC"),
        ("l’ONU", "ORG"),
        ("Kaisa Lehtonen", "PER"),
        ("Odile Varenne", "PER"),
        ("Paul Kerdoncuff", "PER"),
        ("tour lutece", "LOC"),
        ("Orange", "ORG"),
        ("Paris", "LOC"),
        ("Paris", "LOC"),
    ]


# Twenty keys, each of which changes the file; those in between only walk.
ACTIONS = [
    "2", "j", "ArrowLeft", "j", "x", "=", "u", "Shift+U", "j", "Alt+ArrowLeft", "j", "m", "f", "j", "x", "Space", "u",
    "j", "o", "=", "k", "ArrowRight", "k", "x", "s", "p", "s", "l", "f", "u", "Shift+U",
]  # fmt: skip


def test_nothing_is_lost_when_the_server_is_killed(start, visit, tmp_path):
    """After each of twenty actions the server is killed; the next one shows exactly what the page had shown."""
    server = start(texts(tmp_path, a=TEXT))
    page = visit(server)
    press(page, "j")
    killed = 0

    def seen():
        return marks(page), page.locator("h1").inner_text()

    def events():
        store = Store.open(tmp_path / "work.review")
        try:
            return [event.op for event in store.events() if event.op not in ("open", "lay")]
        finally:
            store.close()

    for key in ACTIONS:
        before = events()
        press(page, key)
        if events() == before:
            continue
        shown, where = seen(), page.locator("mark[data-current]").first.get_attribute("data-id")
        server.kill()
        killed += 1
        page.close()
        server = start("work.review")
        page = visit(server)
        assert seen() == shown
        page.locator(f"mark[data-id='{where}']").first.click()
    assert killed == 20
