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
from ruletag.suggest.propose import KINDS
from ruletag.suggest.weigh import RISKS

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
    for server in started:
        server.kill()


@pytest.fixture
def visit(browser):
    """`visit(server)` is the page, in English; at the end it must have said nothing, nor asked others for anything."""
    contexts, messages, requests, origins = [], [], [], set()

    def visit(server, **options):
        usual = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"}
        context = browser.new_context(**usual | options)
        context.set_default_timeout(240_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.on("dialog", lambda dialog: (messages.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: requests.append(request.url))
        origins.add(server.origin)
        page.goto(server.address)
        page.wait_for_selector("#text p")
        saved(page)
        return page

    visit.said = messages
    yield visit
    for context in contexts:
        context.close()
    assert messages == []
    assert [url for url in requests if not url.startswith(tuple(origins))] == []


def saved(page):
    """Wait until everything that was done is in the file."""
    page.locator("#saved[data-waiting='0']").wait_for()


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
    marks_shown = page.eval_on_selector_all(
        "#text mark", "marks => marks.map(m => [m.dataset.id, m.textContent, m.dataset.label, m.dataset.state])"
    )
    whole = {}
    for id, text, label, state in marks_shown:
        before = whole.get(id, ("",))[0]
        whole[id] = (before + text, label, state)
    return list(whole.values())


def current(page):
    """The surface of the current span, or the selection."""
    pieces = page.eval_on_selector_all("mark[data-current]", "marks => marks.map(mark => mark.textContent)")
    return "".join(pieces) or page.evaluate("String(getSelection())")


def gold(path, who="reviewer", document=1):
    """The names of a document in the file, as surface and label."""
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
    "2", "j", "ArrowLeft", "j", "x", "=", "u", "Shift+U", "j", "Alt+ArrowLeft", "j", "m", "f", "j", "x", "Space",
    "u", "j", "m", "o", "p", "=", "k", "ArrowRight", "k", "x", "s", "p", "s", "l", "f", "u", "Shift+U",
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
    visit.said.clear()  # the browser says that servers did not answer when pages were left


def test_no_key_means_two_things(start, visit, tmp_path):
    """Each key of the table has one meaning, an action of the page, and words in both languages."""
    page = visit(start(texts(tmp_path, a="Paris.")))
    keys = page.evaluate("import('/assets/keys.js').then(module => module.KEYS)")
    source = page.evaluate(
        "import('/assets/strings.js').then(module => Object.keys(module).length && "
        "fetch('/assets/strings.js').then(answer => answer.text()))"
    )
    strings = dict(re.findall(r'^  "?([\w.-]+)"?: \["([^\n]+)"\],$', source, re.MULTILINE))

    def meets(one, two):
        same = one.get("key", one.get("code")) == two.get("key", two.get("code"))
        shift = None in (one.get("shift"), two.get("shift")) or one["shift"] == two["shift"]
        place = (one.get("where") == "lessons") == (two.get("where") == "lessons")
        return same and shift and place and all(bool(one.get(name)) == bool(two.get(name)) for name in ("alt", "ctrl"))

    assert [(a, b) for index, a in enumerate(keys) for b in keys[index + 1 :] if meets(a, b)] == []
    assert [key["key"] for key in keys if key.get("ctrl")] == ["z", "z"]
    assert [key["does"] for key in keys if f"act.{key['does']}" not in strings] == []
    assert [name for name, both in strings.items() if both.count('", "') != 1] == []
    does = {key["does"] for key in keys}
    own = [page.evaluate(f"fetch('/assets/{name}.js').then(answer => answer.text())") for name in ("app", "lessons")]
    methods = set(re.findall(r"^  (?:async )?(\w+)\(.*\) \{$", "\n".join(own), re.MULTILINE))
    assert {f"lesson.{kind}" for kind in KINDS} | {f"risk.{risk}" for risk in RISKS} <= set(strings)
    others = {name for name in does if not re.match(r"(label|choice|start|end)[A-Z\d]", name)}
    assert others - methods == set()


def test_digits_are_read_by_their_place(start, visit, tmp_path):
    """On an AZERTY keyboard the key of 2 writes é; it is the second label all the same."""
    page = visit(start(texts(tmp_path, a=TEXT)))
    press(page, "j")
    page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'é', code: 'Digit2', bubbles: true}))"
    )
    saved(page)

    assert marks(page)[0] == ("Emmanuel Macron", "LOC", "changed")


def test_tab_leaves_the_text_behind_the_last_open_span(start, visit, tmp_path):
    """The keyboard is never trapped: if nothing is open, Tab goes to the buttons, and Shift+Tab comes back."""
    page = visit(start(texts(tmp_path, a="Paris attend.")))
    press(page, "j")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#panel') !== null")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.tagName") == "MARK"


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("\U0001f30d e\u0301", "e\u0301 Emm"),
        ("e\u0301 Em", "l’ONU"),
        ("דוד", "חי"),
        ("עם Kaisa", "Lehtonen en"),
        ("lutece", "Orange"),
    ],
)
def test_what_is_selected_is_what_is_kept(start, visit, tmp_path, first, last):
    """From the first to the last character of a selection: emoji, combining accents, right to left, over marks."""
    page = visit(start(texts(tmp_path, a=TEXT)))
    begin, end = TEXT.index(first), TEXT.index(last) + len(last)
    units = [len(TEXT[:offset].encode("utf-16-le")) // 2 for offset in (begin, end)]
    page.evaluate(
        """([first, last]) => {
            const walker = document.createTreeWalker(document.getElementById("text"), NodeFilter.SHOW_TEXT);
            const paragraphs = [...document.querySelectorAll("#text p")];
            const place = (unit, atEnd) => {
                let at = 0;
                for (const paragraph of paragraphs) {
                    const length = paragraph.textContent.length;
                    if (unit < at + length || (atEnd && unit === at + length)) {
                        const nodes = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
                        for (let left = unit - at; nodes.nextNode(); left -= nodes.currentNode.length) {
                            if (left < nodes.currentNode.length || (atEnd && left === nodes.currentNode.length))
                                return [nodes.currentNode, left];
                        }
                    }
                    at += length + 1;
                }
            };
            getSelection().setBaseAndExtent(...place(first, false), ...place(last, true));
            document.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
        }""",
        units,
    )
    page.locator("#panel h2", has_text=TEXT[begin:end].split()[0]).wait_for()
    press(page, "m")

    store = Store.open(tmp_path / "work.review")
    (added,) = (span for span in store.state(1, "reviewer")[0].live if span.state == "added")
    store.close()
    assert TEXT[added.start : added.end] == TEXT[begin:end]
    assert (TEXT[begin:end], "MISC", "added") in marks(page)


def test_hostile_texts_and_names_are_only_shown(start, visit, tmp_path):
    """Markup in a text, in the name of a document and in a comment makes no element, and nothing runs."""
    attack = "</script><img src=x onerror=alert(1)><svg onload=alert(2)> Paris"
    line = json.dumps({"id": attack, "text": attack})
    (tmp_path / "in.jsonl").write_text(line + "\n", encoding="utf-8")
    page = visit(start("in.jsonl"))
    assert page.locator("#text p").inner_text() == attack
    press(page, "j", "c")
    page.keyboard.type(attack)
    page.get_by_role("button", name="Save").click()
    press(page, "i")
    page.locator("#documents button", has_text="onerror").wait_for()

    assert page.locator("img, svg").count() == 0
    assert page.evaluate("document.scripts.length") == 1
    page.locator("h1 bdi", has_text=attack).wait_for()


def test_another_page_can_neither_read_nor_write(start, visit, browser, tmp_path):
    """A page of another port, in the same browser, is answered by nothing it can read, and changes nothing."""
    server = start(texts(tmp_path, a=TEXT))
    page = visit(server)
    other = page.context.new_page()
    other.route("http://localhost:1/", lambda route: route.fulfill(body="<p>other", content_type="text/html"))
    other.goto("http://localhost:1/")
    shown = other.evaluate(
        """async origin => {
            const asked = [];
            const body = JSON.stringify({base: 99, ops: [{op: "delete", id: "s1.0"}]});
            for (const [path, options] of [
                ["/", {}], ["/", {mode: "no-cors", credentials: "include"}], ["/api/session", {credentials: "include"}],
                ["/api/documents/1/ops", {method: "POST", body, mode: "no-cors", credentials: "include"}],
                ["/api/documents/1/ops", {method: "POST", body, headers: {"X-Ruletag-Token": "x"}}],
            ]) {
                try {
                    const answer = await fetch(origin + path, options);
                    asked.push(await answer.text());
                } catch (error) {
                    asked.push("failed");
                }
            }
            return asked;
        }""",
        server.origin,
    )
    other.close()
    assert set(shown) <= {"", "failed"}
    visit.said.clear()  # the browser says that it refused
    assert gold(tmp_path / "work.review")[0] == ("Emmanuel Macron", "PER")


def test_a_second_window_takes_over(start, visit, tmp_path):
    """It says that the first one has the review; after taking over, the first can no longer write, and is told so."""
    page = visit(start(texts(tmp_path, a=TEXT)))
    press(page, "j")
    second = page.context.new_page()
    second.goto(page.url)
    second.get_by_role("button", name="Take over").click()
    second.wait_for_selector("#text p")
    press(second, "j", "2")
    assert marks(second)[0] == ("Emmanuel Macron", "LOC", "changed")
    page.keyboard.press("x")
    page.get_by_role("heading", name="Open in another window").wait_for()
    page.get_by_role("button", name="Take over").click()
    page.locator("mark[data-state=changed]").wait_for()

    assert marks(page)[0] == ("Emmanuel Macron", "LOC", "changed")
    assert [message for message in visit.said if "409" not in message] == []
    visit.said.clear()  # the browser says what was refused


def test_undo_reaches_back_over_a_restart_and_documents(start, visit, tmp_path):
    """A change made in another document before a restart of the server is undone there, and shown."""
    server = start(texts(tmp_path, a="Paris attend.", b="La Chine attend."), "--order", "given")
    page = visit(server)
    press(page, "j", "3", "Enter")
    page.locator("h1", has_text="b.txt").wait_for()
    server.kill()
    page.close()
    page = visit(start("work.review", "--order", "given"))
    page.locator("h1", has_text="b.txt").wait_for()
    press(page, "u")
    page.locator("h1", has_text="a.txt").wait_for()
    saved(page)
    assert marks(page) == [("Paris", "ORG", "changed")]
    press(page, "u")
    assert marks(page) == [("Paris", "LOC", "seed")]
    press(page, "u")
    page.locator("#said", has_text="Nothing to undo.").wait_for()


def test_equal_names_in_the_pile_are_shown_before_they_change(start, visit, tmp_path):
    """The preview has every place with its context; what is unticked stays; one undo takes all of it back."""
    folder = texts(tmp_path, a="Paris attend.", b="Il pleut à Paris.", c="Paris, Paris.")
    page = visit(start(folder, "--order", "given"))
    press(page, "j", "3", "+")
    boxes = page.get_by_role("checkbox")
    boxes.first.wait_for()
    assert page.locator("dialog label").all_inner_texts() == [
        "Il pleut à Paris. LOC 11,16",
        "Paris, Paris. LOC 0,5",
        "Paris, Paris. LOC 7,12",
    ]
    boxes.last.uncheck()
    page.get_by_role("button", name="Apply").click()
    page.locator("#said", has_text="2 identical places changed").wait_for()
    saved(page)

    assert [gold(tmp_path / "work.review", document=number) for number in (1, 2, 3)] == [
        [("Paris", "ORG")],
        [("Paris", "ORG")],
        [("Paris", "ORG"), ("Paris", "LOC")],
    ]
    press(page, "u")
    assert gold(tmp_path / "work.review", document=3) == [("Paris", "LOC")] * 2


def test_two_reviewers_and_one_who_decides(start, visit, tmp_path):
    """Each works under their own name; the third sees differences alone, and takes one version, the other, or none."""
    folder = texts(tmp_path, a="Paris et la Chine, Kaisa Lehtonen.")
    for who, keys in (("anna", ["j", "3", "j", "x"]), ("ben", ["j", "j", "4", "j", "x"])):
        server = start(folder, "--as", who)
        page = visit(server)
        press(page, *keys, "Enter")
        page.get_by_role("heading", name="All documents are done.").wait_for()
        page.close()
        server.kill()
    page = visit(start("work.review", "--adjudicate", "anna", "ben"))
    assert [mark[1:] for mark in marks(page)] == [("both", "differs")] * 3
    assert page.locator("#panel").inner_text().splitlines()[:4] == [
        "Paris",
        "1 · anna: Paris (ORG)",
        "2 · ben: Paris (LOC)",
        "3 · neither",
    ]
    press(page, "Enter")
    page.locator("#said", has_text="3 differences are undecided.").wait_for()
    press(page, "1", "2", "3")
    live = [mark for mark in marks(page) if mark[2] != "deleted"]
    assert live == [("Paris", "ORG", "accepted"), ("Chine", "MISC", "accepted")]
    press(page, "Enter")
    page.get_by_role("heading", name="All documents are done.").wait_for()
    assert gold(tmp_path / "work.review", "gold") == [("Paris", "ORG"), ("Chine", "MISC")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(start, visit, tmp_path, scheme):
    """axe-core has no violation to report of the text, the second look, and each dialog, in either scheme."""
    axe = pytest.importorskip("axe_playwright_python.base", reason="needs axe-core: pip install '.[browser]'")
    source = axe.AXE_FILE_PATH.read_text(encoding="utf-8")
    page = visit(start(texts(tmp_path, a=TEXT, b="Paris.")), color_scheme=scheme)
    page.evaluate(source)
    press(page, "j", "2", "j", "x", "j")
    violations = []
    for key in ("j", "s", "/", "?", "h", "i", "c", "+", "e"):
        if key in "ce+":
            press(page, "Escape", "j")
        page.keyboard.press(key)
        page.wait_for_timeout(500)
        result = page.evaluate("axe.run().then(found => found.violations.map(each => [each.id, each.nodes[0].html]))")
        violations += [(key, *violation) for violation in result]
        page.keyboard.press("Escape")

    assert violations == []


@pytest.mark.parametrize("width", [320, 390, 768])
def test_a_narrow_screen_never_scrolls_sideways(start, visit, tmp_path, width):
    """At 390, and at 320 as 400 % zoom of 1280 gives, everything fits, and a span can be accepted by touch."""
    long = "Emmanuel Macron est à Paris. " * 40 + "x" * 300
    page = visit(start(texts(tmp_path, a=long)), viewport={"width": width, "height": 700}, has_touch=True)
    page.locator("mark").first.tap()
    page.get_by_role("button", name="Right", exact=False).first.tap()
    saved(page)
    assert marks(page)[0] == ("Emmanuel Macron", "PER", "accepted")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    press(page, "h")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_what_keys_do_is_said_to_screen_readers(start, visit, tmp_path):
    """Marks have names with surface, label and state; a polite line says what each key did; one is a tab stop."""
    page = visit(start(texts(tmp_path, a=TEXT)), locale="fr-FR")
    press(page, "j")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == (
        "Emmanuel Macron, personne, proposé par Emmanuel Macron"
    )
    press(page, "3")
    page.get_by_role("status").filter(has_text="« Emmanuel Macron » : organisation").wait_for()
    assert page.get_by_role("status").get_attribute("aria-live") == "polite"
    assert page.eval_on_selector_all("mark[tabindex='0']", "marks => marks.map(mark => mark.textContent)") == [
        "Emmanuel Macron"
    ]
    assert page.evaluate("document.documentElement.lang") == "fr"


def test_a_border_is_dragged_by_words(start, visit, tmp_path):
    """The handle at the end of the current span goes to the end of the word under the pointer."""
    page = visit(start(texts(tmp_path, a="Paul Kerdoncuff. La ministre Odile Varenne attend.")))
    page.locator("mark", has_text="Odile Varenne").click()
    handle = page.locator(".handle[data-side=start]").bounding_box()
    target = page.evaluate(
        """() => {
            const node = [...document.querySelector("mark").childNodes].find(each => each.nodeType === Node.TEXT_NODE);
            const range = document.createRange();
            range.setStart(node, 7);
            range.setEnd(node, 8);
            const box = range.getBoundingClientRect();
            return [box.left + 1, box.top + box.height / 2];
        }"""
    )
    page.mouse.move(handle["x"], handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(*target)
    page.mouse.up()
    saved(page)

    assert marks(page) == [("Varenne", "PER", "changed")]


# How many paragraphs a key has drawn again.
DRAWN = """key => new Promise(resolve => {
    const drawn = new Set();
    const observer = new MutationObserver(records => records.forEach(each => drawn.add(each.target.closest("p"))));
    observer.observe(document.getElementById("text"), { childList: true, subtree: true });
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    document.activeElement.dispatchEvent(event);
    setTimeout(() => (observer.disconnect(), resolve(drawn.size)));
})"""


def test_a_hundred_thousand_words_are_worked_on_like_a_few(start, visit, tmp_path):
    """A key draws as many paragraphs again in a document of 100,000 words as in one of a line; all of it is there."""
    line = "Emmanuel Macron est à Paris avec Kaisa Lehtonen, dit la ministre Odile Varenne ce soir encore. Il pleut.\n"
    long = line * (100_000 // len(line.split()) + 1)
    page = visit(start(texts(tmp_path, a=line, b=long), "--order", "given"))
    press(page, "j")
    keys = ("o", "p", "l", "j", "k")
    few = [page.evaluate(DRAWN, key) for key in keys]
    press(page, ">")
    page.locator("h1", has_text="b.txt").wait_for(timeout=240_000)
    press(page, "j")
    many = [page.evaluate(DRAWN, key) for key in keys]
    saved(page)

    assert page.evaluate("[...document.querySelectorAll('#text p')].map(p => p.textContent).join('\\n')") == long
    assert page.locator("mark").count() > 20_000
    assert few == [1, 1, 1, 1, 1]
    assert many == few
    visit.said[:] = [message for message in visit.said if "503" not in message]  # the plain engine takes its time


def test_five_thousand_documents_start_list_and_search(start, visit, tmp_path):
    """The list comes in pages, a search goes through all texts, and the first document opens before all are tagged."""
    lines = (
        json.dumps({"id": f"d{number:04}", "text": f"Emmanuel Macron est à Paris. Lieu {number}. " + "Il pleut. " * 60})
        for number in range(5000)
    )
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    page = visit(start("in.jsonl"))
    page.locator("#position", has_text="Document 1 of 5000, 0 done").wait_for()
    press(page, "i")
    rows = page.locator("#documents tbody tr")
    rows.nth(199).wait_for()
    assert rows.count() == 200
    page.locator("#list-query").fill("Lieu 4321.")
    page.locator("#documents tbody tr:only-child", has_text="d4321").wait_for()
    page.get_by_role("button", name="d4321").click()
    page.locator("h1", has_text="d4321").wait_for()
    saved(page)

    store = Store.open(tmp_path / "work.review")
    tagged = sum(paper.run is not None for paper in store.papers())
    store.close()
    assert tagged < 100


def test_ten_documents_by_keys_only_become_gold(start, visit, tmp_path, cli):
    """The path of the guide: ten documents by keys alone, the export, its score, and the seconds for each action."""
    contents = [f"Emmanuel Macron est à Paris, salle {number}." for number in range(5)]
    mended = [f"Paul Kerdoncuff attend à Paris, salle {number}." for number in range(5)]
    folder = texts(tmp_path, **{f"d{number}": text for number, text in enumerate([*contents, *mended])})
    page = visit(start(folder, "--order", "given"))
    for number in range(10):
        page.locator("h1", has_text=f"d{number}.txt").wait_for()
        press(page, *([] if number < 5 else ["s", "p", "j", "3"]), "Enter")
    page.get_by_role("heading", name="All documents are done.").wait_for()

    assert cli("review", "work.review", "--export", "gold.jsonl").err == "gold.jsonl: 10 documents\n"
    records = [json.loads(line) for line in (tmp_path / "gold.jsonl").read_text("utf-8").splitlines()]
    names = [[(span["text"], span["label"]) for span in record["spans"]] for record in records]
    assert names[:5] == [[("Emmanuel Macron", "PER"), ("Paris", "LOC")]] * 5
    assert names[5:] == [[("Paul Kerdoncuff", "PER"), ("Paris", "ORG")]] * 5
    scored = cli("eval", "gold.jsonl", "gold.jsonl", "--json")
    assert (scored.code, json.loads(scored.out)["documents"]) == (0, 10)
    report = cli("review", "work.review", "--report").out
    assert report.startswith("reviewer: 10 of 10 documents done, 0 words left\n\naction ")
    assert re.findall(r"^(\w+) +(\d+) +\d+\.\d$", report, re.MULTILINE) == [
        ("add", "5"),
        ("done", "10"),
        ("relabel", "5"),
    ]


def test_what_corrections_teach_is_accepted_by_keys(start, visit, tmp_path):
    """After ten documents suggestions are there; one is refused, one looked at and written, and the pile follows.

    What was decided in the document on the screen stays, and can be undone; the next start knows what was written.
    """
    axe = pytest.importorskip("axe_playwright_python.base", reason="needs axe-core: pip install '.[browser]'")
    done = {f"d{number:02}": f"Orsk Nord et Vel Sud n° {number}." for number in range(10)}
    folder = texts(tmp_path, **done, x="Orsk Nord dort à Paris. Orsk Nord rit.", y="Vel Sud attend.", z="Rien.")
    more = ("--order", "given", "--knowledge", tmp_path / "mine")
    server = start(folder, *more)
    page = visit(server)
    press(page, "t")
    page.locator("#said", has_text="Suggestions come from finished documents, and none is finished yet.").wait_for()
    for _ in done:
        press(page, "ArrowDown", "w", "3", "ArrowDown", "ArrowDown", "w", "2", "Enter")
    page.locator("#said", has_text="Suggestions from your corrections: 2; t shows them").wait_for(timeout=240_000)
    press(page, "j", "x")
    page.keyboard.press("t")
    page.locator(".lessons > li").first.wait_for()
    assert [text.strip() for text in page.locator(".lessons label").all_inner_texts()] == [
        "“Vel Sud” is a name: place",
        "“Orsk Nord” is a name: organisation",
    ]
    assert page.locator(".lessons .figures").last.inner_text().split("\n\n") == [
        "Elsewhere: 2 new, 0 gone, 0 relabelled; documents: 1",
        "In your documents: right +10 −0, wrong +0 −0; F1 +0.6667 (+0.6667 to +0.6667)",
        "Corrections behind it: 10; documents: 10",
    ]
    page.evaluate(axe.AXE_FILE_PATH.read_text(encoding="utf-8"))
    for key in ("x", "j", "Enter"):
        page.keyboard.press(key)
    page.locator("#lessons-said", has_text="“Vel Sud” will not be suggested again").wait_for()
    page.locator(".lessons section h3", has_text="All changes in the pile: 2").wait_for()
    assert (
        page.locator(".lessons section li").all_inner_texts() == ["x.txt: Orsk Nord dort à Paris. Orsk Nord rit."] * 2
    )
    script = "axe.run().then(found => found.violations.map(each => [each.id, each.nodes[0].html]))"
    assert page.evaluate(script) == []
    page.keyboard.press("w")
    page.locator("#said", has_text="Suggestions written: 1, to").wait_for(timeout=240_000)  # check and a new load

    written = tmp_path / "mine" / "gazetteers" / "organisations.yaml"
    assert written.read_text("utf-8") == "label: ORG\nentries:\n  - Orsk Nord  # work.review, 10 corrections\n"
    assert marks(page) == [("Orsk Nord", "ORG", "seed"), ("Paris", "LOC", "deleted"), ("Orsk Nord", "ORG", "seed")]
    press(page, "u")
    assert marks(page)[1] == ("Paris", "LOC", "seed")
    press(page, "u")
    assert marks(page) == [("Orsk Nord", "ORG", "added"), ("Vel Sud", "LOC", "added")]
    server.kill()
    store = Store.open(tmp_path / "work.review")
    assert store.refused("reviewer") == ["entry LOC Vel Sud"]
    store.close()
