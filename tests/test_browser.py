"""The HTML report in a real browser: what it does, what it never does, and how it fits a screen.

Needs playwright (`pip install ".[browser]"`) and a Chromium that is installed; it downloads none.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from statistics import median

import pytest

import records
from browsers import launched
from ruletag.model import Document, Entity, Source
from ruletag.report.html import format_html

pytestmark = pytest.mark.slow

# What marks are shown: no filter took them out, and their text is not hidden.
SHOWN = "chips => chips.filter(chip => chip.checkVisibility()).map(chip => chip.dataset.c)"


@pytest.fixture(scope="module")
def browser():
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def report(tagger, seed_tagger):
    return records.of_examples(tagger, seed_tagger)


@pytest.fixture(scope="module")
def address(report, tmp_path_factory):
    return written(tmp_path_factory.mktemp("report") / "report.html", *report)


def written(path, record, judged):
    path.write_text(format_html(record, judged), encoding="utf-8", newline="")
    return path.as_uri()


@pytest.fixture
def visit(browser):
    """`visit(address)` is the page; at the end its console must be empty, and only the page itself requested."""
    contexts, messages, requests, visited = [], [], [], set()

    def visit(address, **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        context.set_default_timeout(240_000)  # a busy machine may need it
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.on("dialog", lambda dialog: (messages.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: requests.append(request.url.partition("#")[0]))
        page.goto(address)
        visited.add(address.partition("#")[0])
        return page

    yield visit
    for context in contexts:
        context.close()
    assert messages == []
    assert [url for url in requests if url not in visited and url != "data:,"] == []


def shown(page, expected=None):
    """How many marks of each cause can be seen; where something is expected, it is waited for: events come late."""
    for _ in range(1 if expected is None else 50):
        causes = Counter(page.eval_on_selector_all("article .chip", SHOWN))
        if causes == expected:
            break
        page.wait_for_timeout(0 if expected is None else 100)
    return causes


def all_marks(report, keep=lambda mark: True):
    return Counter(mark.cause for judged in report[1] for mark in judged.verdicts if keep(mark))


def focused(page):
    return page.evaluate("document.activeElement.id")


def errors_of(page):
    return page.eval_on_selector_all("article .chip[id]", "chips => chips.map(chip => chip.id)")


def test_all_marks_are_shown_at_first(visit, address, report):
    """And the filters, which need scripts, are there."""
    page = visit(address)

    assert shown(page, all_marks(report)) == all_marks(report)
    assert page.locator(".filters, .walk").evaluate_all("boxes => boxes.map(box => box.hidden)") == [False, False]


def test_a_cause_that_is_unticked_is_hidden(visit, address, report):
    """By keyboard: the box has focus, the space bar unticks it. Its marks are plain text then, its notes gone."""
    page = visit(address)
    page.get_by_role("checkbox", name="correct").focus()
    page.keyboard.press("Space")
    page.get_by_role("checkbox", name="missed").focus()
    page.keyboard.press("Space")
    expected = all_marks(report, lambda mark: mark.cause not in ("correct", "missed"))

    assert shown(page, expected) == expected
    notes = page.eval_on_selector_all(".notes li", "notes => notes.filter(note => note.checkVisibility()).length")
    assert notes == sum(expected.values())
    lines = page.eval_on_selector_all("mark.off", "pieces => pieces.map(p => getComputedStyle(p).textDecorationLine)")
    assert set(lines) == {"none"}


def test_labels_rules_and_surfaces_filter(visit, address, report):
    """Each alone, and together; case and accents of a surface do not matter; the rest of the texts is hidden."""
    page = visit(address)
    page.locator("select[name=label]").select_option("ORG")
    labelled = all_marks(report, lambda mark: "ORG" in [side.label for side in (mark.gold, mark.predicted) if side])
    assert shown(page, labelled) == labelled
    page.locator("select[name=label]").select_option("ORG>nothing")
    assert shown(page, {"missed": labelled["missed"]}) == {"missed": labelled["missed"]}
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Rule or entry").fill("per.title-name")
    made = all_marks(report, lambda mark: mark.predicted and str(mark.predicted.source).startswith("per.title-name ("))
    assert shown(page, made) == made
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Surface").fill("BRESIL")
    surfaces = [
        {side.text for side in (mark.gold, mark.predicted) if side} for judged in report[1] for mark in judged.verdicts
    ]
    assert sum(shown(page).values()) == sum(any("Brésil" in name for name in names) for names in surfaces)
    texts = page.eval_on_selector_all("article", "texts => texts.filter(text => !text.hidden).length")
    assert texts == sum(
        any("Brésil" in mark.gold.text for mark in judged.verdicts if mark.gold) for judged in report[1]
    )


def test_a_view_can_be_linked(visit, address):
    """The address holds the filters and the position; opened again, it shows the same."""
    page = visit(address)
    page.get_by_role("checkbox", name="correct").uncheck()
    page.locator("select[name=label]").select_option("LOC")
    page.get_by_label("Surface").fill("é'& #")
    page.get_by_label("Surface").fill("é")
    page.get_by_role("button", name="Next").click()
    again = visit(page.url)

    assert page.url.partition("#")[2].startswith(
        "cause=missed%2Cspurious%2Clabel%2Cborder%2Cboth&label=LOC&q=%C3%A9&at=e-"
    )
    assert (shown(again), focused(again)) == (shown(page), focused(page))
    assert again.locator(".filters output").inner_text() == page.locator(".filters output").inner_text()


def test_the_ledger_and_the_confusion_lead_to_their_marks(visit, address, report):
    """A link in a table sets the filters."""
    page = visit(address)
    page.locator("#ledger tbody th a", has_text="per.title-name").first.click()
    made = all_marks(report, lambda mark: mark.predicted and str(mark.predicted.source).startswith("per.title-name ("))
    assert shown(page, made) == made
    page.get_by_role("link", name="gold ORG, tagger nothing").click()
    missed = all_marks(report, lambda mark: mark.cause == "missed" and mark.gold.label == "ORG")
    assert shown(page, missed) == missed
    page.locator("#documents tbody a").first.click()
    assert page.locator("#text-1").is_visible()


def test_n_and_p_walk_through_the_errors(visit, address):
    """Forward, backward, round the end; not while writing, nor where the keys are off; the buttons do the same."""
    page = visit(address)
    errors = errors_of(page)
    places = []
    for key in "nnppp":
        page.keyboard.press(key)
        places.append(focused(page))
    assert places == [errors[0], errors[1], errors[0], errors[-1], errors[-2]]
    assert page.locator(f"#{errors[-2]}").evaluate("chip => getComputedStyle(chip).outlineStyle") == "solid"
    assert page.locator(".walk output").inner_text() == f"{len(errors) - 1} of {len(errors)} errors"
    assert page.locator(".notes .current").count() == 1

    page.get_by_label("Surface").focus()
    page.keyboard.press("n")
    assert page.get_by_label("Surface").input_value() == "n"
    page.get_by_role("button", name="Show all").click()
    page.get_by_role("checkbox", name="Keys").uncheck()
    page.keyboard.press("n")
    assert focused(page) == ""
    page.get_by_role("button", name="Previous").click()
    assert focused(page) == errors[-1]  # the filter hid where the walk was, so that it began anew


def test_the_walk_keeps_to_what_is_shown(visit, address):
    """Errors that a filter hides are passed over."""
    page = visit(address + "#cause=spurious")
    spurious = page.eval_on_selector_all("article .chip[data-c=spurious]", "chips => chips.map(chip => chip.id)")
    places = []
    for _ in [*spurious, None]:
        page.keyboard.press("n")
        places.append(focused(page))

    assert places == [*spurious, spurious[0]]


def test_tables_sort(visit, address, report):
    """By number, the largest first, then the smallest; by name in French order; the header says which."""
    page = visit(address)
    rows = report[0].per_document
    cells = "#documents tbody tr"
    f1 = page.locator("#documents th").filter(has_text="F1")
    f1.get_by_role("button").click()
    first = page.locator(cells).evaluate_all("rows => rows.map(row => row.cells[1].textContent)")
    f1.get_by_role("button").click()
    second = page.locator(cells).evaluate_all("rows => rows.map(row => row.cells[1].textContent)")

    assert first == sorted((f"{row.f1:.3f}" for row in rows), reverse=True)
    assert second == first[::-1]
    assert f1.get_attribute("aria-sort") == "ascending"


def test_hostile_text_does_not_run(visit, tmp_path):
    """Wherever it stands, and with every filter used on it."""
    attack = "\"'></script><img src=x onerror=alert(1)><script>alert(2)</script><svg onload=alert(3)>\u2028"
    gold = Document(attack, (Entity(0, len(attack), "PER", attack),), attack, attack, annotated=True)
    predicted = Document(attack, (Entity(0, len(attack), "ORG", attack, Source("rule", attack)),))
    record, judged = records.of((gold, predicted))
    page = visit(written(tmp_path / "a.html", replace(record, guideline=attack, skipped=(attack,)), judged))
    page.get_by_label("Rule or entry").fill(attack)
    page.get_by_label("Surface").fill(attack)
    page.keyboard.press("Tab")
    page.keyboard.press("n")
    page.wait_for_timeout(50)

    assert shown(page, {"label": 1}) == {"label": 1}
    assert page.locator("img, svg[onload]").count() == 0
    assert page.evaluate("document.scripts.length") == 1


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("scripts", [True, False])
def test_no_screen_scrolls_sideways(visit, address, width, scripts):
    """Tables scroll in their boxes; the page never does, with all details open."""
    page = visit(address, viewport={"width": width, "height": 740}, java_script_enabled=scripts)
    page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")

    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_without_scripts_the_page_is_whole(visit, address, report):
    """Every mark and note is there; what would do nothing is not."""
    page = visit(address, java_script_enabled=False)

    assert shown(page, all_marks(report)) == all_marks(report)
    assert (
        page.locator(".filters, .walk").evaluate_all("boxes => boxes.map(box => box.checkVisibility())") == [False] * 2
    )
    assert page.locator(".notes li").count() == report[0].causes.errors


def test_the_page_follows_the_scheme_of_the_reader(visit, address):
    """Light on dark if the reader prefers that."""
    background = "getComputedStyle(document.body).backgroundColor"

    assert visit(address, color_scheme="light").evaluate(background) == "rgb(253, 253, 251)"
    assert visit(address, color_scheme="dark").evaluate(background) == "rgb(23, 25, 28)"


def test_paper_shows_a_summary_of_two_pages(visit, address):
    """Figures, causes, the head of the ledger and groups; no texts, and nothing that needs a screen."""
    page = visit(address)
    page.emulate_media(media="print")
    parts = page.locator("header, section").evaluate_all(
        "all => all.filter(each => each.checkVisibility()).map(each => each.id)"
    )
    gone = page.locator("nav, .filters, .walk, .skip, figure")

    assert parts == ["", "figures", "causes", "confusion", "ledger", "effort", "groups"]
    assert set(gone.evaluate_all("all => all.map(each => each.checkVisibility())")) == {False}
    assert page.locator(".tall").first.evaluate("box => box.scrollHeight <= box.clientHeight")
    assert (
        page.locator("#ledger tbody tr").evaluate_all("rows => rows.filter(row => row.checkVisibility()).length") == 8
    )
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 2


def test_no_table_scrolls_sideways_on_a_wide_screen(visit, address):
    """Every box is as wide as what is in it, the ledger too."""
    page = visit(address)
    page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
    wide = "boxes => boxes.filter(box => box.scrollWidth > box.clientWidth).map(box => box.innerText)"

    assert page.locator(".box").evaluate_all(wide) == []


def test_controls_and_links_show_that_they_have_the_focus(visit, address):
    """From the top, each of the first fifty stops of the tab key is outlined; the first one skips to the figures."""
    page = visit(address)
    outlines = []
    for _ in range(50):
        page.keyboard.press("Tab")
        outlines.append(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))

    assert set(outlines) == {"solid"}


def test_a_report_of_901_documents_is_built_and_filtered_at_once(visit, tmp_path):
    """A filter has done its work, and the page its layout, in the time of twenty layouts of the page.

    A ratio within one page, since the seconds are those of the machine.
    """
    page = visit(written(tmp_path / "large.html", *large(901, 14)))
    layouts = [
        page.evaluate(
            """size => {
                const started = performance.now();
                document.body.style.fontSize = size;
                document.body.offsetHeight;
                return performance.now() - started;
            }""",
            f"{size}px",
        )
        for size in (15, 17, 19, 15, 16)
    ]
    seconds = []
    for change in (
        "q.value = 'ville 7'",
        "q.value = ''",
        "label.value = 'PER'",
        "cause[0].checked = false",
        "label.value = ''",
    ):
        seconds.append(
            page.evaluate(
                """change => {
                    const form = document.querySelector(".filters"), started = performance.now();
                    new Function("form", `form.elements.${change}`)(form);
                    form.dispatchEvent(new Event("input"));
                    document.body.offsetHeight;
                    return performance.now() - started;
                }""",
                change,
            )
        )

    assert median(seconds) < 20 * median(layouts)


def large(documents, marks):
    """Texts of some 2,000 letters, every third mark an error."""
    pairs = []
    for number in range(documents):
        text, gold, predicted = "", [], []
        for index in range(marks):
            name = f"Ville {(number * marks + index) % 500}"
            start = len(text) + 100
            text += f"{'Le vent souffle. '.ljust(100, 'x')[:99]} {name}. Il pleut encore sur les collines. "
            source = Source("rule", f"rule-{index}", "rules/r.yaml", index + 1)
            gold.append(Entity(start, start + len(name), "LOC", name))
            predicted.append(Entity(start, start + len(name), "LOC" if index % 3 else "PER", name, source))
        pairs.append((Document(text, tuple(gold), f"d{number}", annotated=True), Document(text, tuple(predicted))))
    return records.of(*pairs)
