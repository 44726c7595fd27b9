"""Gold under the lens: each kind of finding, what is no finding, the order, and the option of `ruletag eval`."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruletag import markup
from ruletag.codes import codes
from ruletag.evaluation.goldcheck import EXPECTED_MARKS, Finding, gold_check
from ruletag.model import LABELS, Document, Entity
from ruletag.report.goldcheck import format_gold_findings, gold_findings_json


def gold(text, path="a.txt", **more):
    """The document of a marked text, in a file of its own."""
    document = markup.parse(text)
    return Document(document.text, document.entities, path=path, annotated=True, **more)


def spans(text, *ranges):
    """A document with spans that markup cannot say."""
    entities = tuple(Entity(start, end, label, text[start:end]) for start, end, label in ranges)
    return Document(text, entities, path="a.txt", annotated=True)


def findings_of(*documents):
    """The findings: code, message, lines of the places, lines of the others."""
    return [
        (
            finding.code,
            finding.message,
            [place.line for place in finding.places],
            [place.line for place in finding.others],
        )
        for finding in gold_check(documents)
    ]


def test_one_surface_with_several_labels():
    """The rarer labels come first; case, accents, apostrophes and spaces make no difference."""
    text = "[Épinal](LOC)\n[Epinal](LOC)\n[EPINAL](PER)\n[Épinal](ORG)\n[Épinal](LOC)"
    assert findings_of(gold(text)) == [("RT501", "'Épinal' is ORG once, PER once, but LOC 3 times", [3, 4], [1, 2, 5])]


def test_a_surface_marked_here_and_not_there():
    """The rarer way is the suspicious one; both ways being as frequent, the missing mark is."""
    assert findings_of(gold("[Oslo](LOC)\n[Oslo](LOC)"), gold("Voir\nOslo.")) == [
        ("RT502", "'Oslo' is unmarked once, but marked LOC twice", [2], [1, 2])
    ]
    assert findings_of(gold("[Objectif](MISC)\nObjectif\nObjectif")) == [
        ("RT502", "'Objectif' is marked MISC once, but unmarked twice", [1], [2, 3])
    ]
    assert findings_of(gold("[Oslo](LOC)\nOslo")) == [
        ("RT502", "'Oslo' is unmarked once, but marked LOC once", [2], [1])
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[Oslo](LOC) et les Osloïtes, Oslo-du-Sud, oslo, Mont-Oslo",
        "[Oslo](LOC) et l'[Opéra d'Oslo](ORG)",
        "[Grand Oslo](LOC) et [Oslo](LOC)",
        "[Ida Berg](PER) et [Eva Berg](PER)",
    ],
)
def test_a_surface_is_looked_for_as_a_word_outside_every_mark(text):
    """Part of a word, in lower case or inside a longer mark it is no occurrence."""
    assert findings_of(gold(text)) == []


def test_names_in_compounds_are_occurrences():
    """A compound of names, or of a prefix and a name, holds names that are not marked."""
    text = "[Oslo](LOC)\n[Lima](LOC)\n[Oslo](LOC)\nl'après-Oslo\nLima-Oslo"
    assert findings_of(gold(text)) == [
        ("RT502", "'Oslo' is unmarked twice, but marked LOC twice", [4, 5], [1, 3]),
        ("RT502", "'Lima' is unmarked once, but marked LOC once", [5], [2]),
    ]


def test_only_the_longest_of_overlapping_occurrences_counts():
    """A name inside a longer one that is not marked either is not reported as well."""
    text = "[Ligue de Lima](ORG)\n[Lima](LOC)\nla Ligue de Lima"
    assert findings_of(gold(text)) == [("RT502", "'Ligue de Lima' is unmarked once, but marked ORG once", [3], [1])]


def test_borders_that_differ():
    """A title or determiner inside the mark in one place and outside in another, the rarer way first."""
    text = "[la Chine](LOC)\nla [Chine](LOC)\n[la Chine](LOC)"
    assert findings_of(gold(text)) == [
        ("RT503", "'la Chine' is marked only as 'Chine' once, but as a whole twice", [2], [1, 3])
    ]
    text = "le [Président Ulf](PER)\nPrésident [Ulf](PER)\nPrésident [Ulf](PER)"
    assert findings_of(gold(text)) == [
        ("RT503", "'Président Ulf' is marked as a whole once, but only as 'Ulf' twice", [1], [2, 3])
    ]
    text = "[Plan Nord](MISC)\n[Plan](MISC) Nord\n[Plan Nord](MISC)"
    assert findings_of(gold(text)) == [
        ("RT503", "'Plan Nord' is marked only as 'Plan' once, but as a whole twice", [2], [1, 3])
    ]


@pytest.mark.parametrize("text", ["[la Chine](LOC) et en [Chine](LOC)", "[Ligue de Lima](ORG) et [Lima](LOC)"])
def test_a_name_without_the_words_beside_it_in_the_text_has_no_other_border(text):
    """If the text has no article or title, none can be marked."""
    assert findings_of(gold(text)) == []


@pytest.mark.parametrize(
    ("surface", "expected"),
    [
        ("Oslo,", "ends with ','"),
        (" Oslo", "begins with ' '"),
        ("»Oslo", "begins with '»'"),
        ("Grande-Bretagne.", "ends with '.'"),
        ("Plan « Nord", "has « without »"),
        ("Nord » libre", "has » without «"),
        ("Oslo (Norvège", "has ( without )"),
        ("M. Inc.", ""),
        ("S.A.R.L.", ""),
        ("Yahoo!", ""),
        ("Plan « Nord »", ""),
        ("Oslo (Norvège)", ""),
    ],
)
def test_stray_ends(surface, expected):
    """Spaces, punctuation and half pairs at the ends; an abbreviation keeps its full stop."""
    messages = findings_of(spans(f"·{surface}·", (1, 1 + len(surface), "LOC")))
    assert messages == ([("RT504", f"{surface!r} {expected}", [1], [])] if expected else [])


def test_a_span_marked_twice():
    """A span is repeated, with the same label or another."""
    assert findings_of(spans("Il voit Oslo", (8, 12, "LOC"), (8, 12, "LOC"))) == [
        ("RT505", "'Oslo' is marked twice at the same place, as LOC", [1], [])
    ]
    both = findings_of(spans("Il voit Oslo", (8, 12, "LOC"), (8, 12, "ORG")))
    assert ("RT505", "'Oslo' is marked twice at the same place, as LOC and ORG", [1], []) in both


def test_overlapping_spans():
    """A span inside another, and one that crosses the end of another, once for each pair of surfaces."""
    text = "Ligue de Lima\nLigue de Lima"
    inside = spans(text, (0, 13, "ORG"), (9, 13, "LOC"), (14, 27, "ORG"), (23, 27, "LOC"))
    assert findings_of(inside) == [("RT506", "LOC 'Lima' lies inside ORG 'Ligue de Lima'", [1, 2], [])]
    crossing = spans("Ligue de Lima Sud", (0, 13, "ORG"), (9, 17, "LOC"))
    assert findings_of(crossing) == [("RT506", "LOC 'Lima Sud' crosses the end of ORG 'Ligue de Lima'", [1], [])]


NAMES = ["Ana", "Bea", "Cleo", "Dora", "Ezra", "Fay", "Gus", "Hal", "Ivo", "Jan"]


def paragraphs(words, inner="Zoé"):
    """Two paragraphs of four names in eight words, and between them one of so many words and no mark."""
    first, last = (" et ".join(f"[{name}](PER)" for name in some) + " dort" for some in (NAMES[:4], NAMES[4:8]))
    bare = " ".join(["Hier", inner, *["dort"] * (words - 2)])
    return f"{first}\n\n{bare}\n\n{last}"


def test_a_bare_paragraph_between_dense_ones():
    """As many words as lead to expect three marks, and a capital inside: a name may have been passed over."""
    words = 2 * EXPECTED_MARKS
    assert findings_of(gold(paragraphs(words))) == [
        ("RT507", f"no mark in {words} words, where the neighbouring lines suggest {EXPECTED_MARKS}", [3], [])
    ]
    assert findings_of(gold(paragraphs(words - 1))) == []
    assert findings_of(gold(paragraphs(words, inner="il"))) == []
    assert findings_of(gold(paragraphs(words, inner="dort. Zoé"))) == []
    assert findings_of(gold(paragraphs(words).rsplit("\n", 1)[0])) == []


def test_the_most_likely_mistake_comes_first():
    """The more often the gold does it the usual way, the more suspicious is the exception."""
    text = "[Oslo](LOC) " * 9 + "Oslo " + "[Lima](LOC) " * 3 + "[Lima](PER) " + "[Brest](LOC) Brest"
    findings = gold_check([gold(text)])
    assert [(finding.code, finding.odds) for finding in findings] == [("RT502", 9), ("RT501", 3), ("RT502", 1)]


def test_documents_without_gold_are_passed_over():
    """A raw text has no marks because nobody has annotated it."""
    assert findings_of(gold("[Oslo](LOC)"), Document("Oslo dort.")) == []


WORDS = st.lists(
    st.tuples(st.sampled_from(["Oslo", "la Chine", "Chine", "Plan »", "d'Ivo"]), st.sampled_from(["", *LABELS]))
)


@given(st.lists(WORDS, max_size=4), st.integers(0, 99))
def test_findings_are_the_same_for_any_order_of_documents(texts, seed):
    """Every finding has places, both ways are counted, and the order of documents changes no count."""
    documents = [
        gold(" puis ".join(f"[{word}]({label})" if label else word for word, label in text), f"{number}.txt")
        for number, text in enumerate(texts)
    ]
    findings = gold_check(documents)
    assert [
        finding for finding in findings if not finding.places or finding.usual < 0 or finding.code not in codes()
    ] == []
    shuffled = random.Random(seed).sample(documents, len(documents))
    assert sorted(map(counted, gold_check(shuffled))) == sorted(map(counted, findings))


def counted(finding: Finding):
    return (finding.code, finding.usual, finding.unusual, sorted(place[:2] for place in finding.places))


def test_text_and_json_name_every_place():
    """The first place as a fault, the others behind it, five of each; JSON has them all, and the document's name."""
    documents = [gold("\n".join(["[Oslo](LOC)"] * 7)), gold("\nOslo\nOslo", "b.jsonl", id="n° 2", lines=(4,))]
    findings = gold_check(documents)
    assert format_gold_findings(findings) == (
        "b.jsonl:4: RT502 'Oslo' is unmarked twice, but marked LOC 7 times (n° 2)\n"
        "    also b.jsonl:4\n"
        "    unlike a.txt:1, a.txt:2, a.txt:3, a.txt:4, a.txt:5 and 2 more lines"
    )
    [record] = json.loads(gold_findings_json(findings))
    bare = {"path": "b.jsonl", "line": 4, "document": "n° 2", "text": "Oslo", "label": None}
    marked = [{"path": "a.txt", "line": n, "document": None, "text": "Oslo", "label": "LOC"} for n in range(1, 8)]
    assert record == {
        "code": "RT502",
        "message": "'Oslo' is unmarked twice, but marked LOC 7 times",
        "usual": 7,
        "unusual": 2,
        "places": [bare, bare],
        "others": marked,
    }


class TestCommand:
    """`ruletag gold-check`."""

    def test_findings_end_with_one(self, cli, tmp_path):
        """The findings go to standard output, their number to standard error."""
        text = "Oslo.\n{\nOslo_LOC\n}\nOslo.\n{\nOslo_LOC\n}\nOslo.\n{\nOslo_PER\n}\n"
        (tmp_path / "or.txt").write_text(text, encoding="utf-8")
        run = cli("gold-check", "or.txt")
        expected = "or.txt:9: RT501 'Oslo' is PER once, but LOC twice\n    unlike or.txt:1, or.txt:5\n"
        assert run == (1, expected, "1 finding\n")
        record = json.loads(cli("gold-check", "or.txt", "--json").out)
        assert [(finding["code"], finding["places"][0]["line"]) for finding in record] == [("RT501", 9)]

    def test_nothing_found_ends_with_none(self, cli, tmp_path):
        """Sound gold: nothing on standard output, an empty list as JSON."""
        (tmp_path / "or.txt").write_text("Oslo.\n{\nOslo_LOC\n}\n", encoding="utf-8")
        assert cli("gold-check", "or.txt") == (0, "", "0 findings\n")
        assert cli("gold-check", "or.txt", "--json") == (0, "[]\n", "0 findings\n")

    def test_takes_no_predictions(self, cli, tmp_path):
        """Only gold is looked at; predictions beside it are a mistake."""
        (tmp_path / "or.txt").write_text("Oslo.\n{\nOslo_LOC\n}\n", encoding="utf-8")
        run = cli("eval", "or.txt", "or.txt", "--gold-check")
        assert (run.code, run.out) == (2, "")
        assert run.err == "--gold-check: RT110 looks only at gold\n  help: leave PREDICTED out\n"
