"""The HTML report: whole, escaped, self-contained, readable without colours and without scripts."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import records
from ruletag.evaluation.causes import Judged, Verdict
from ruletag.model import Document, Entity, Source
from ruletag.report.html import format_html
from ruletag.report.pieces import MadeSpan, Span
from ruletag.report.record import (
    AccountLine,
    Actions,
    Breakdown,
    Cell,
    DocumentLine,
    ErrorLine,
    Estimate,
    Figures,
    GroupLine,
    Prices,
    Record,
    Silent,
    Surface,
)
from ruletag.report.run import Run

ROOT = Path(__file__).parents[1]
VOID = {"meta", "link", "input", "br"}
SECTIONS = ("figures", "causes", "confusion", "ledger", "effort", "groups", "documents", "texts")
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</script></style></title>",
    "{{ 7 * 7 }} {% raw %} &amp; &lt;",
    "a\u2028b\u2029c\u202ed",
    "\x01\x07\x1b[31m\x7f\x85",
    "javascript:alert(1)",
]


class Page(HTMLParser):
    """The elements of a page in order, the text of each article, and the content of style and script."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.code: dict[str, str] = {}
        self.texts: list[str] = []
        self.inside = 0  # how deep in an element that shows a text
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if dict(attrs).get("class") == "text":
            self.texts.append("")
            self.inside = len(self.open) + 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if len(self.open) < self.inside:
            self.inside = 0

    def handle_data(self, data):
        if self.open and self.open[-1] in ("style", "script"):
            self.code[self.open[-1]] = data
        elif self.inside and self.open[-1] != "b":
            self.texts[-1] += data

    def values(self, name):
        return [attributes[name] or "" for _, attributes in self.elements if name in attributes]

    def named(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def report(tagger, seed_tagger):
    return records.of_examples(tagger, seed_tagger)


@pytest.fixture(scope="module")
def page(report):
    return Page(format_html(*report))


def test_the_texts_stand_in_the_page_letter_by_letter(report, page):
    """Marks cut a text and change nothing of it."""
    assert page.texts == [judged.gold.text for judged in report[1]]
    assert page.open == []


def test_every_mark_has_its_label_and_every_error_its_note(report, page):
    """One chip a mark, in the order of the text; an error is described by a note that is there."""
    chips = [attributes for attributes in page.named("b") if "data-m" in attributes]
    marks = [mark for judged in report[1] for mark in judged.verdicts]
    described = [chip["aria-describedby"] for chip in chips if "id" in chip]

    assert Counter(chip["data-c"] for chip in chips) == Counter(mark.cause for mark in marks)
    assert len(described) == report[0].causes.errors
    assert set(described) <= set(page.values("id"))


def test_links_and_labels_lead_somewhere_in_the_page(page):
    """Every id is one element's; every link, label and description names one, or states a view."""
    ids = page.values("id")
    named = [name for key in ("aria-labelledby", "aria-describedby", "list") for name in page.values(key)]
    links = [link for link in page.values("href") if "=" not in link]

    assert [name for name, times in Counter(ids).items() if times > 1] == []
    assert sorted(set(named) - set(ids)) == []
    assert sorted({link[1:] for link in links if link.startswith("#")} - set(ids)) == []


def test_the_page_asks_for_nothing_outside(page):
    """No address but places in the page and one empty icon; the policy allows this style and this script alone."""
    assert {link for link in page.values("href") if not link.startswith("#")} == {"data:,"}
    assert [page.values(name) for name in ("src", "style", "srcset", "action", "onclick")] == [[]] * 5
    assert re.findall(r"url\(|@import|https?:|innerHTML|eval\(", "".join(page.code.values())) == []
    hashes = [f"'sha256-{b64encode(sha256(page.code[name].encode()).digest()).decode()}'" for name in page.code]
    policy = next(meta["content"] for meta in page.named("meta") if "http-equiv" in meta)
    assert policy == (
        f"default-src 'none'; style-src {hashes[0]}; script-src {hashes[1]}; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


def test_headings_tables_and_languages_say_what_they_are(page):
    """Levels of headings never jump, tables have captions, columns have scopes, the page is English, texts French."""
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]

    assert levels[:2] == [1, 2]
    assert [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1] == []
    assert len(page.named("caption")) == len(page.named("table"))
    assert [cell for cell in page.named("th") if "scope" not in cell] == []
    assert page.named("html") == [{"lang": "en"}]
    assert {div["lang"] for div in page.named("div") if div.get("class") == "text"} == {"fr"}


@pytest.mark.parametrize(("missing", "value"), [("confusion", ()), ("ledger", None), ("groups", ())])
def test_a_section_without_content_is_left_out(report, missing, value):
    """The others remain, and no link leads to it."""
    page = Page(format_html(replace(report[0], **{missing: value}), report[1]))
    sections = [section["id"] for section in page.named("section")]

    assert sections == [name for name in SECTIONS if name != missing]
    assert f"#{missing}" not in page.values("href")


def test_a_text_without_names_is_a_page():
    """A text without names still makes a whole page."""
    page = Page(format_html(*records.of((Document("Rien.", annotated=True), Document("Rien.")))))

    assert [section["id"] for section in page.named("section")] == ["figures", "causes", "effort", "documents", "texts"]
    assert (page.texts, page.open) == (["Rien."], [])


def test_the_title_says_what_was_evaluated_how_and_when(report, page):
    """The title names gold, date and guideline; the list below the headline also knowledge, command and version."""
    html = format_html(*report)
    listing = re.search(r'<dl class="making">\n(.*?)</dl>', html, re.DOTALL)

    assert re.findall("<title>(.*)</title>", html)[:1] == [
        "Evaluation of examples/gold, 2026-11-28, guideline canonical, seed"
    ]
    assert listing
    assert re.sub(r"<[^>]*>", " ", listing[1]).split("\n")[:5] == [
        f" {name}  {value} "
        for name, value in (
            ("Gold", "examples/gold"),
            ("Knowledge", "shipped (hash 0123456789ab)"),
            ("Date", "2026-11-28"),
            ("Command", "ruletag eval examples/gold"),
            ("Version", f"ruletag {report[0].ruletag}"),
        )
    ]


def test_the_ledger_leaves_out_what_made_no_span(report):
    """A source whose candidates all lost, or that never fired, has no row; the number of the latter is shown."""
    record, judged = report
    silent = replace(record.ledger[0], source="org.silent (rules/org.yaml:1)", produced=0)
    html = format_html(replace(record, ledger=(*record.ledger, silent)), judged)

    assert "org.silent" not in html
    assert f"{record.silent.entries:,} entries never fired here" in html


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_hostile_text_is_text_everywhere(hostile):
    """Put in every text, name, path and source, it changes no element of the page and no attribute but values."""
    harmless = Page(format_html(*_everywhere("x" * len(hostile))))
    hostile_page = Page(format_html(*_everywhere(hostile)))

    assert [(tag, list(attributes)) for tag, attributes in hostile_page.elements] == [
        (tag, list(attributes)) for tag, attributes in harmless.elements
    ]
    assert hostile_page.code == harmless.code
    assert [link for link in hostile_page.values("href") if not re.match(r"#|data:,$", link)] == []


def _everywhere(text):
    """A record and a text that say `text` wherever something from outside can stand."""
    whole = (1, 1, 0, 0.0, 0.0, 0.0)
    figures = Figures(1, 1, 0, 0, 0, 0, 0.0, 0.0, 0.0)
    rows = dict.fromkeys(("PER", "micro"), figures)
    actions = Actions(0.0, 0.0, 1.0, 0.0, 0.0, 2.0)
    gold, made = Span(0, len(text), "PER", text), MadeSpan(0, len(text), "ORG", text, text)
    record = Record(
        ruletag=text,
        run=Run(text, text, text, (text,), text),
        guideline=text,
        documents=1,
        skipped=(text,),
        measures={"strict": rows, "forgiven": rows},
        groups=(GroupLine(text, 1, *whole, {"PER": 0.0}),),
        per_document=(DocumentLine(text, *whole),),
        causes=Breakdown(1, 1, {"missed": 0, "spurious": 0, "label": 1, "border": 0, "both": 0}, {text: 1}, 0.0, 1.0),
        confusion=(Cell("PER", "ORG", 1, 1, (Surface(text, 1, text, text),)),),
        ledger=(AccountLine(text, "rule", text, 3, 2, 1, 0, 1, 0, 0, 0, 0, 1, 0, ((text, 1),), 0.5, (0.1, 0.9), 2.0),),
        silent=Silent((text,), 4),
        effort=Estimate(9, Prices(1.0, 1.0, 1.0, 1.0, 1.0, 1.0), actions, actions, 0.5, (0.4, 0.6), text),
        errors=(ErrorLine("label", text, True, text, text, 1, text, gold, made),),
    )
    sides = [Entity(0, len(text), label, text, Source("rule", text)) for label in ("PER", "ORG")]
    gold, predicted = (Document(text, (side,), text, text, annotated=True) for side in sides)
    return record, [Judged(gold, predicted, (Verdict("label", text, *sides),))]


ANY, _ = records.of((Document("Rien.", annotated=True), Document("Rien.")))


def shown(text, *marks):
    """A page of one text with marks."""
    return format_html(ANY, [Judged(Document(text, id="n", annotated=True), Document(text), marks)])


def test_control_characters_are_shown_as_pictures():
    """HTML may not hold them; a text keeps its length. A lone surrogate cannot be written at all."""
    page = shown("a\x07\x1b\x7f\x85\ud800\tb\nc")

    assert Page(page).texts == ["a␇␛␡\ufffd\ufffd\tb\nc"]
    assert page.encode() == page.encode("utf-8", "strict")


@given(st.text(max_size=20), st.integers(0, 19), st.integers(1, 20))
def test_any_text_is_shown_as_it_is(text, start, end):
    """But for the characters that HTML may not hold."""
    end = min(end, len(text))
    missed = Verdict("missed", "", Entity(start, end, "PER", text[start:end]), None) if start < end else None
    page = shown(text, *filter(None, [missed]))
    texts = Page(page[page.index("<article") : page.index("</article>") + len("</article>")]).texts

    assert [re.sub("[\u2400-\u2421\ufffd]", "?", shown_text) for shown_text in texts] == [
        re.sub("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2400-\u2421\ufffd]", "?", text)
    ]


def test_the_order_of_marks_does_not_matter(report):
    """A page is the same, to the byte, for marks in any order."""
    record, judged = report
    turned = [document._replace(verdicts=document.verdicts[::-1]) for document in judged]

    assert format_html(record, turned) == format_html(record, judged)


def test_documents_of_one_name_keep_their_own_texts():
    """The table of documents links each to its text, in order."""
    named = [Document(text, id=name, annotated=True) for name, text in (("a", "one"), ("b", "two"), ("a", "three"))]
    record, judged = records.of(*((document, document) for document in named))
    lines = [replace(line, f1=f1) for line, f1 in zip(record.per_document, (0.25, 0.5, 0.75), strict=True)]
    page = format_html(replace(record, per_document=tuple(lines)), judged)

    assert re.findall(r'href="#text-(\d)">(\w)</a></th><td class="number strong">([\d.]+)', page) == [
        ("1", "a", "0.250"),
        ("2", "b", "0.500"),
        ("3", "a", "0.750"),
    ]
    assert re.findall(r'-title">(\w) <span class="quiet">F1 ([\d.]+)', page) == [
        ("a", "0.250"),
        ("b", "0.500"),
        ("a", "0.750"),
    ]
    assert Page(page).texts == ["one", "two", "three"]


def test_texts_of_another_evaluation_are_refused(report):
    """Each line of the table of documents has its text."""
    with pytest.raises(ValueError, match="longer"):
        format_html(report[0], report[1][:-1])


STYLE = (ROOT / "src" / "ruletag" / "report" / "assets" / "page.css").read_text(encoding="utf-8")
SCHEMES = re.findall(r":root \{\n(.*?)\}", STYLE, re.DOTALL)[:2]


@pytest.mark.parametrize("scheme", SCHEMES, ids=["light", "dark"])
def test_every_text_has_the_contrast_that_wcag_asks_for(scheme):
    """4.5 for text in the colours of causes and for quiet text; 3 for what is drawn (WCAG 2.2, 1.4.3 and 1.4.11)."""
    colours = dict(re.findall(r"--([\w-]+): (#\w{6})", scheme))
    causes = ["correct", "missed", "spurious", "label", "border", "both"]
    tints = [colour for name, colour in colours.items() if name.endswith("-tint")]
    texts = [(colours[name], colours["paper"]) for name in ("ink", "quiet", "link", *causes)]
    texts += [(colours[name], colours["raised"]) for name in ("ink", "quiet", *causes)]
    texts += [(colours["ink"], tint) for tint in tints]
    drawn = [(colours[name], colours["paper"]) for name in ("edge", "focus", "bar")]

    assert [pair for pair in texts if _contrast(*pair) < 4.5] == []
    assert [pair for pair in drawn if _contrast(*pair) < 3] == []


def _contrast(one, other):
    """The ratio of two relative luminances, as WCAG 2.2 defines them."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
