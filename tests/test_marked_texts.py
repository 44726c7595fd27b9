"""Marked texts to look at: the page of HTML and the colours of a terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from hypothesis import given

from properties import examples
from ruletag.formats import FORMATS
from ruletag.formats.ansi import COLOURS
from ruletag.model import LABELS, Document, Entity, Source
from ruletag.report.html import asset
from test_formats import GOLDEN, documents

HTML, TERMINAL = FORMATS["html"], FORMATS["ansi"]
RULE = Source("rule", "a <b>", "r.yaml", 3)
NESTED = Document(
    "Le maire de Paris\nparle.",
    (Entity(3, 17, "PER", "maire de Paris", RULE), Entity(12, 17, "LOC", "Paris")),
    id="a&b",
)


class Page(HTMLParser):
    """The texts of a page, and its marks with their attributes."""

    def __init__(self, page):
        super().__init__()
        self.texts, self.marks, self.tags, self._inside = [], [], set(), False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "div":
            self._inside = True
            self.texts.append("")
        elif tag == "mark" and self._inside:
            self.marks.append(dict(attributes))

    def handle_endtag(self, tag):
        self._inside &= tag != "div"

    def handle_data(self, data):
        if self._inside:
            self.texts[-1] += data


def test_nested_names_on_a_page():
    """A text is cut at the borders of its names; a piece has the innermost label, and says who made each."""
    written = HTML.dumps([NESTED])
    assert written.partition("<h2>")[2].partition("</article>")[0] == (
        'a&amp;b</h2>\n<div class="text" lang="fr">Le '
        '<mark class="PER" title="PER a &lt;b&gt; (r.yaml:3)">maire de </mark>'
        '<mark class="LOC" title="PER a &lt;b&gt; (r.yaml:3)\nLOC" data-label="LOC PER">Paris</mark>'
        "\nparle.</div>\n"
    )


@examples(60)
@given(documents())
def test_a_page_has_the_very_text(document):
    """A reader who copies gets the text, in pieces or not; only control characters are pictures. Nothing is markup."""
    written = HTML.dumps([document, document])
    assert "\r" not in written  # browsers take it for a line feed, but not its reference
    page = Page(written)
    expected = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", lambda match: chr(0x2400 + ord(match[0])), document.text)
    expected = re.sub("[\x80-\x9f\ud800-\udfff]", "\ufffd", expected)
    assert page.texts == [expected, expected]
    assert page.tags == Page(HTML.dumps([GOLDEN])).tags
    assert [mark["class"] for mark in page.marks] == 2 * [entity.label for entity in document.entities]


def test_hostile_texts_do_nothing():
    """Neither text nor id nor source can leave its place; the page allows no script and no request."""
    hostile = "</div></style><script>alert(1)</script>\"'&lt;"
    entity = Entity(0, len(hostile), "MISC", hostile, Source("rule", hostile))
    written = HTML.dumps([Document(hostile, (entity,), id=hostile)])
    page = Page(written)
    assert page.texts == [hostile]
    assert page.marks[0]["title"] == f"MISC {hostile}"
    assert "script" not in page.tags
    assert re.findall(r"https?://|url\(|@import", written) == []
    assert "default-src 'none'; style-src 'sha256-" in written


def test_a_page_is_written_as_it_comes():
    """A document is on the page before the next is asked for, in constant memory."""
    written = []

    class Stream:
        def write(self, text):
            written.append(text)

    def come():
        for number in range(3):
            yield Document(f"text {number}")
            assert f"text {number}" in "".join(written)

    HTML.put(come(), Stream())


def test_nested_names_on_a_terminal(monkeypatch):
    """Each line of a piece has the colour of the innermost name; labels stand behind the names."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    document = Document("de Jean\r\nBon", (Entity(3, 12, "PER", "Jean\r\nBon"),))
    assert TERMINAL.dumps([document]) == "de \x1b[34;4mJean\x1b[0m\r\n\x1b[34;4mBon\x1b[0m \x1b[34;2mPER\x1b[0m"
    assert TERMINAL.dumps([NESTED, Document("A")]) == (
        "\x1b[1ma&b\x1b[0m\nLe \x1b[34;4mmaire de \x1b[0m\x1b[32;4mParis\x1b[0m \x1b[32;2mLOC\x1b[0m "
        "\x1b[34;2mPER\x1b[0m\nparle.\nA"
    )


@pytest.mark.parametrize(("value", "coloured"), [("1", False), ("", True)])
def test_no_color(monkeypatch, value, coloured):
    """With NO_COLOR, unless it is empty, there are brackets and no escape sequence."""
    monkeypatch.setenv("NO_COLOR", value)
    written = TERMINAL.dumps([NESTED])
    assert ("\x1b" in written) == coloured
    if not coloured:
        assert written == "a&b\nLe [maire de [Paris LOC] PER]\nparle."


def test_a_text_cannot_control_the_terminal(monkeypatch):
    """Escape sequences of a text and an id are shown, not obeyed."""
    monkeypatch.setenv("NO_COLOR", "1")
    text = "a\x1b[31mb\x07\r\u202ec\t\r\n"
    written = TERMINAL.dumps([Document(text, (Entity(0, 6, "LOC", text[:6]),), id="\x1b")])
    assert written == "\\x1b\n[a\\x1b[31m LOC]b\\x07\\x0d\\u202ec\t\r\n"


def test_every_label_has_its_colour():
    """The page and the terminal know each label."""
    assert set(COLOURS) == set(LABELS)
    assert set(re.findall(r"^\.(\w+) \{|\} \.(\w+) \{", asset("marked.css"), re.MULTILINE)) >= {
        ("PER", ""),
        ("ORG", ""),
    }


@pytest.mark.slow
def test_on_a_real_terminal(tmp_path):
    """Colours reach a terminal, while what a text holds does not take effect there."""
    (tmp_path / "a.txt").write_text("Paris \x1b[31m")
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "ruletag", "tag", "a.txt", "--to", "ansi"]
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    done = subprocess.run(command, stdout=slave, stderr=subprocess.PIPE, cwd=tmp_path, env=environment, check=False)
    os.close(slave)
    assert (done.returncode, os.read(master, 1000)) == (0, b"\x1b[32;4mParis\x1b[0m \x1b[32;2mLOC\x1b[0m \\x1b[31m\r\n")
    os.close(master)
