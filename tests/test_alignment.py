"""Names without offsets find their places: as defined, in any text, and in linear time."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from properties import examples
from ruletag.formats import alignment
from ruletag.formats.alignment import MOST_ABSENT, REACH, Paragraph

PIECES = st.sampled_from(["Mali", "Ma", "ali", "Oslo", "-", " ", "  ", "\n\t", "\u00a0", "x", "_", "2", "« ", "é"])
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def oracle(text, surfaces):
    """The places by the definition, each search from scratch."""

    def places(surface, start, end):
        flexible = r"\s+".join(re.escape(word) for word in surface.split())
        for before, after in ((r"(?<![\w-])", r"(?![\w-])"), (r"(?<!\w)", r"(?!\w)"), ("", "")):
            pattern = re.compile(f"(?={before}({flexible}){after})")
            yield [match.span(1) for match in pattern.finditer(text) if start <= match.start(1) and match.end(1) <= end]

    latest, bound = [], len(text)
    for surface in reversed(surfaces):
        *_, anywhere = places(surface, 0, bound)
        latest.append(anywhere[-1] if anywhere else None)
        bound = anywhere[-1][0] if anywhere else bound
    spans, cursor = [], 0
    for surface, last in zip(surfaces, reversed(latest), strict=True):
        *_, anywhere = places(surface, cursor, len(text))
        if not anywhere:
            spans.append(None)
            continue
        end = max(last, anywhere[0])[1] if last else anywhere[0][1]
        spans.append(next(level[0] for level in places(surface, cursor, end) if level))
        cursor = spans[-1][1]
    return spans


@examples(400)
@given(TEXTS, st.lists(st.sampled_from(["Mali", "ali", "Ma", "Oslo", "Mali Oslo", "«", "Mali-Oslo", "-"]), max_size=4))
@example("Mali-x Mali Oslo Mali Oslo", ["Mali", "Oslo", "Mali"])
@example("Mali  Oslo Mali\n\tOslo", ["Mali Oslo", "Mali Oslo"])
def test_places_are_those_of_the_definition(text, surfaces):
    """Read from the end for room and from the beginning for the best place, with no text looked at twice."""
    assert Paragraph(text).align(surfaces) == oracle(text, surfaces)


@pytest.mark.parametrize(
    ("text", "surfaces", "spans"),
    [
        # a word of its own before a piece of a word or of a compound
        ("Malien Mali\n et", ["Mali"], [(7, 11)]),
        ("Mali-Oslo, Mali", ["Mali"], [(11, 15)]),
        ("l'axe Mali-Oslo", ["Mali"], [(6, 10)]),
        ("Malien Mali-Oslo", ["Mali"], [(7, 11)]),
        # where a name can only stand inside a word, the first place
        ("un Malien", ["alie"], [(4, 8)]),
        # a space is any white space
        ("Mali \t\n et  Mali", ["Mali et", "Mali"], [(0, 10), (12, 16)]),
        # a name does not take the place that a later one needs
        ("Mali- Mali", ["Mali", "Mali"], [(0, 4), (6, 10)]),
        ("Mali-x Oslo Mali", ["Mali", "Oslo"], [(0, 4), (7, 11)]),
        # names do not stand in that order, or not at all
        ("Oslo Mali", ["Mali", "Oslo"], [(5, 9), None]),
        ("Oslo", ["Mali", "Oslo", "Mali"], [None, (0, 4), None]),
    ],
)
def test_places_by_hand(text, surfaces, spans):
    """Which mention each name takes."""
    assert Paragraph(text).align(surfaces) == spans


def test_a_better_place_is_looked_for_nearby():
    """A compound is not given up for a word of its own in another chapter."""
    near, far = "Mali-x" + " " + "a" * (REACH - 8) + " Mali", "Mali-x" + " " + "a" * (REACH - 7) + " Mali"
    assert [Paragraph(text).align(["Mali"])[0][0] for text in (near, far)] == [REACH, 0]


def test_absent_names_are_not_looked_for_without_end():
    """After a hundred different names that are not there, the rest is missing from the answer."""
    surfaces = ["Oslo", "b", *(f"a{number}" for number in range(2 * MOST_ABSENT))]
    spans = Paragraph("x Oslo a1 " * 3).align(["b"] * 5 + surfaces)
    assert spans == [*[None] * 5, (2, 6), None, None, (7, 9), *[None] * (MOST_ABSENT - 2)]


FAMILIES = {
    "each is a word": lambda n: ("".join(f"N{i} est là. " for i in range(n)), [f"N{i}" for i in range(n)]),
    "one name in compounds": lambda n: ("Mali-x " * 2 * n, ["Mali"] * n),
    "one name in words": lambda n: ("Malien " * 2 * n, ["Mali"] * n),
    "many names in compounds, twice": lambda n: (
        "".join(f"N{i}-x " for i in range(n)) * 2,
        [f"N{i}" for i in range(n)],
    ),
    "many names in words, twice": lambda n: ("".join(f"N{i}x " for i in range(n)) * 2, [f"N{i}" for i in range(n)]),
    "absent names": lambda n: ("Le Mali et la Norvège. " * n, [f"N{i}" for i in range(n)]),
    "one absent name": lambda n: ("Le Mali et la Norvège. " * n, ["Oslo"] * n),
    "names in the wrong order": lambda n: ("".join(f"N{i} " for i in range(n)), [f"N{n - i}" for i in range(n)]),
    "names of many words": lambda n: ("a b \n " * n + "z", ["a b " * (n // 4) + suffix for suffix in "abcz"]),
    "one word, then another": lambda n: ("a" * n, ["a", *["a" * (n // 20)] * 10, "aa"]),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_work_grows_with_the_text(family, monkeypatch):
    """Twice the text and twice the names take twice the work, however names and text fit together."""
    monkeypatch.setattr(alignment, "REACH", 50)
    steps = []
    for size in (2000, 4000, 8000):
        paragraph = Paragraph(FAMILIES[family](size)[0])
        paragraph.align(FAMILIES[family](size)[1])
        steps.append(paragraph.steps)
    assert steps[2] - steps[1] <= 2.3 * (steps[1] - steps[0])


@pytest.mark.parametrize("piece", ["Mali-x ", "Malien "])
def test_no_text_is_looked_through_twice_for_one_name(piece):
    """A name that is repeated in compounds, or in words, costs as much as its text, however far a look may reach."""
    text = piece * 4000
    paragraph = Paragraph(text)
    paragraph.align(["Mali"] * 2000)
    assert paragraph.steps < 8 * len(text)
