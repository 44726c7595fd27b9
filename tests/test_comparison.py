"""Two systems and two annotators, whole: what a reader gets for given documents."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from makers import hits_of
from ruletag import markup
from ruletag.evaluation.agreement import agreement, side_by_side
from ruletag.evaluation.score import Borders, score
from ruletag.evaluation.uncertainty import difference, f1_intervals
from ruletag.formats import FORMATS
from ruletag.model import Document, Entity, Source
from ruletag.report.agreement import agreement_json, format_agreement
from ruletag.report.compared import Compared, comparison_json
from ruletag.report.comparison import (
    MOST,
    comparison_html,
    comparison_markdown,
    format_comparison,
)
from ruletag.report.run import Run

BORDERS = Borders(hits_of([]))
PAGE = Path(__file__).parents[1] / "docs" / "guide" / "two-systems.md"
RULE = Source("rule", "loc.x", "loc.yaml", 7)


def doc(text, **fields):
    return replace(markup.parse(text), annotated=True, **fields)


def compared(triples, names=("a.jsonl", "b.jsonl")):
    """All counts for (gold, first, second), as the command makes them."""
    scores = tuple(score([(triple[0], triple[index]) for triple in triples], BORDERS) for index in (1, 2))
    intervals = tuple(f1_intervals(side, resamples=40) for side in scores)
    test = difference(*scores, trials=99)
    return Compared(names, "canonical", scores, intervals, test, side_by_side(triples))


def made(document, source):
    """The document with one source for all of its spans."""
    return replace(document, entities=tuple(replace(entity, source=source) for entity in document.entities))


TRIPLES = [
    (
        doc("Selon [Marie Curie](PER), [Paris](LOC)\nvote.", path="g.txt", id="a", lines=(3, 5)),
        doc("Selon [Marie Curie](PER), Paris\nvote."),
        made(doc("Selon Marie [Curie](PER), [Paris](LOC)\nvote."), RULE),
    ),
    (
        doc("La [Chine](LOC) et l'[ONU](ORG).", path="h.txt"),
        doc("[La Chine](LOC) et l'[ONU](ORG)."),
        doc("La Chine et l'[ONU](ORG)."),
    ),
    (Document("Lyon vote.", path="raw.txt"), doc("[Lyon](LOC) vote."), doc("Lyon vote.")),
]

TEXT = """\
A is a.jsonl, B is b.jsonl.

strict         support    P A    P B    R A    R B    F1 A    95 % of A    F1 B    95 % of B    B - A
-----------  ---------  -----  -----  -----  -----  ------  -----------  ------  -----------  -------
PER                  1  1.000  0.000  1.000  0.000   1.000  0.000–1.000   0.000  0.000–0.000   -1.000
LOC                  2  0.000  1.000  0.000  0.500   0.000  0.000–0.000   0.667  0.000–1.000   +0.667
ORG                  1  1.000  1.000  1.000  1.000   1.000  0.000–1.000   1.000  0.000–1.000    0.000
MISC                 0  0.000  0.000  0.000  0.000   0.000  0.000–0.000   0.000  0.000–0.000    0.000
PER+LOC+ORG          4  0.667  0.667  0.500  0.500   0.571  0.500–0.667   0.571  0.500–0.667    0.000
micro                4  0.667  0.667  0.500  0.500   0.571  0.500–0.667   0.571  0.500–0.667    0.000

Strict micro-F1 is the same (2 documents).

                    by both    only by A    only by B    by neither
----------------  ---------  -----------  -----------  ------------
gold spans right          1            1            1             1
spurious spans            0            1            1

Guideline in force: canonical. Documents scored: 2.
Without gold, not scored: raw.txt.

Right in A only (1)
g.txt:3 (a): PER [Marie Curie] in “Selon Marie Curie, Paris vote.”; B has PER [Curie], made by loc.x (loc.yaml:7)

Right in B only (1)
g.txt:3 (a): LOC [Paris] in “Selon Marie Curie, Paris vote.”

Spurious in A only (1)
h.txt:1: LOC [La Chine] in “La Chine et l'ONU.”; gold has LOC [Chine]

Spurious in B only (1)
g.txt:3 (a): PER [Curie] in “Selon Marie Curie, Paris vote.”; made by loc.x (loc.yaml:7); gold has PER [Marie Curie]"""


def test_two_systems_side_by_side():
    """Figures, their difference, counts, and each span that only one has, with what the other side has there."""
    assert format_comparison(compared(TRIPLES)) == TEXT


def test_the_same_two_systems_as_json():
    """Every figure of the text, the spans with their offsets, and no more digits than six."""
    text = comparison_json(compared(TRIPLES))
    record = json.loads(text)
    assert text == json.dumps(record, ensure_ascii=False, indent=2)
    assert {key: record[key] for key in ("guideline", "documents", "skipped", "counts", "difference")} == {
        "guideline": "canonical",
        "documents": 2,
        "skipped": ["raw.txt"],
        "counts": {"both": 1, "only_first": 1, "only_second": 1, "neither": 1}
        | {"spurious_both": 0, "spurious_first": 1, "spurious_second": 1},
        "difference": {"PER": -1, "LOC": 0.666667, "ORG": 0, "MISC": 0, "PER+LOC+ORG": 0, "micro": 0},
    }
    assert record["randomisation"] == {"p": 1.0, "trials": 99, "unit": "document", "units": 2}
    assert [record[side]["name"] for side in ("first", "second")] == ["a.jsonl", "b.jsonl"]
    assert record["second"]["strict"]["LOC"] == {
        "support": 2,
        "predicted": 1,
        "correct": 1,
        "precision": 1.0,
        "recall": 0.5,
        "f1": 0.666667,
        "interval": [0.0, 1.0],
    }
    curie = {"start": 12, "end": 17, "label": "PER", "text": "Curie", "source": str(RULE)}
    marie = {"start": 6, "end": 17, "label": "PER", "text": "Marie Curie", "source": "gold"}
    place = {"path": "g.txt", "id": "a", "line": 3, "context": "“Selon Marie Curie, Paris vote.”"}
    assert list(record["spans"]) == ["only_first", "only_second", "spurious_first", "spurious_second"]
    assert record["spans"]["only_first"] == [place | marie | {"other": curie}]
    assert record["spans"]["spurious_second"] == [place | curie | {"other": marie}]
    assert [span["other"] for span in record["spans"]["only_second"]] == [None]


SPANS = [
    "PER Marie Curie B has PER Curie “Selon Marie Curie, Paris vote.” g.txt:3 (a)",
    "LOC Paris “Selon Marie Curie, Paris vote.” g.txt:3 (a)",
    "LOC La Chine gold has LOC Chine “La Chine et l&#39;ONU.” h.txt:1",
    "PER Curie loc.x (loc.yaml:7) gold has PER Marie Curie “Selon Marie Curie, Paris vote.” g.txt:3 (a)",
]
MARKDOWN = """\
## Evaluation of g.txt, 2026-11-28

A is a.jsonl, B is b.jsonl. Strict micro-F1 is the same (2 documents).

| strict | P A | P B | R A | R B | F1 A | F1 B | B - A |
|---|--:|--:|--:|--:|--:|--:|--:|
| PER | 1.000 | 0.000 | 1.000 | 0.000 | 1.000 | 0.000 | -1.000 |
| LOC | 0.000 | 1.000 | 0.000 | 0.500 | 0.000 | 0.667 | +0.667 |
| ORG | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 0.000 |
| MISC | 0.000 | 0.000 | 0.000 | 0.000 | 0.000 | 0.000 | 0.000 |
| PER+LOC+ORG | 0.667 | 0.667 | 0.500 | 0.500 | 0.571 | 0.571 | 0.000 |
| micro | 0.667 | 0.667 | 0.500 | 0.500 | 0.571 | 0.571 | 0.000 |

| spans | number |
|---|--:|
| Right in A only | 1 |
| Right in B only | 1 |
| Spurious in A only | 1 |
| Spurious in B only | 1 |
"""
RUN = Run("g.txt", "ruletag eval g.txt a.jsonl b.jsonl", "2026-11-28", ("a.jsonl", "b.jsonl"))


def test_the_same_two_systems_as_markdown():
    """The figures of both and the number of spans that only one has, under the name of the gold and its date."""
    assert comparison_markdown(compared(TRIPLES), RUN) == MARKDOWN


def test_the_same_two_systems_as_a_page():
    """Every span that only one side has is listed with its label, the other side's span, its context and place."""
    page = comparison_html(compared(TRIPLES), RUN)
    items = re.findall(r"<li>(<span class=\"tag\">.*?)</li>", page, re.DOTALL)

    assert re.findall("<title>(.*)</title>", page)[0] == "Evaluation of g.txt, 2026-11-28: a.jsonl and b.jsonl"
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", page) == [
        "Figures",
        "Shared and unique",
        *(
            f'{title} <span class="quiet">1</span>'
            for title in ("Right in A only", "Right in B only", "Spurious in A only", "Spurious in B only")
        ),
    ]
    assert [re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", item)).strip() for item in items] == SPANS
    assert re.findall(r"https?:|<script|<img", page) == []


def test_a_page_of_two_systems_shows_any_text_as_text():
    """Names and texts that look like markup stay text."""
    hostile = "<script>alert(1)</script>"
    triple = (Document(f"{hostile} Paris", (), hostile, hostile, annotated=True), doc("x"), doc("x"))
    gold = replace(triple[0], entities=(Entity(0, len(hostile), "ORG", hostile),))
    predicted = replace(triple[0], entities=(Entity(len(hostile) + 1, len(gold.text), "LOC", "Paris"),))
    page = comparison_html(compared([(gold, gold, predicted)], (hostile, hostile)), Run(hostile, hostile))

    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 15


def test_a_long_group_is_cut_in_text_and_whole_in_json():
    """The text lists the first spans, and how many more there are."""
    gold = [doc("[Paris](LOC) vote.", path=f"{number}.txt") for number in range(MOST + 3)]
    seen = compared([(document, Document(document.text), document) for document in gold])
    lines = format_comparison(seen).splitlines()
    start = lines.index(f"Right in B only ({MOST + 3})")
    assert lines[start + 1 :] == [
        *(f"{number}.txt:1: LOC [Paris] in “Paris vote.”" for number in range(MOST)),
        "… and 3 more; --json has all",
    ]
    assert len(json.loads(comparison_json(seen))["spans"]["only_second"]) == MOST + 3


def test_who_is_ahead_and_what_chance_has_to_do_with_it():
    """One text is exchanged by paragraphs."""
    text = "\n".join(["[Paris](LOC) vote."] * 6)
    gold = doc(text)
    nothing = Document(gold.text)
    tail = "(paired approximate randomisation, 99 trials, 6 paragraphs)."
    for first, second, ahead in ((nothing, gold, "B"), (gold, nothing, "A")):
        seen = compared([(gold, first, second)])
        [line] = [line for line in format_comparison(seen).splitlines() if line.startswith("Strict micro-F1")]
        assert line == f"Strict micro-F1: {ahead} is ahead by 1.0000, p = {seen.difference.p:.4f} {tail}"
        assert json.loads(comparison_json(seen))["randomisation"]["unit"] == "paragraph"


def test_what_answers_a_span_that_only_one_has():
    """The other system's span for gold, the gold span for a spurious one; never the very same span."""
    text = "Marie Curie vit à Paris."

    def marked(*spans):
        return Document(text, tuple(Entity(*span, text[span[0] : span[1]]) for span in spans), annotated=True)

    gold = marked((0, 11, "PER"), (0, 11, "PER"), (18, 23, "LOC"))
    first = marked((0, 11, "PER"), (18, 23, "ORG"))
    seen = side_by_side([(gold, first, gold)])
    assert [(span.entity.span, span.other and span.other.span) for span in seen.only_second] == [
        ((0, 11, "PER"), None),
        ((18, 23, "LOC"), (18, 23, "ORG")),
    ]
    assert [(span.entity.span, span.other.span) for span in seen.spurious_first] == [((18, 23, "ORG"), (18, 23, "LOC"))]
    assert [pair.other for part in (seen.both, seen.neither, seen.spurious_both) for pair in part] == [None]


def blocks():
    """The files and the output on the page, by name."""
    page = PAGE.read_text(encoding="utf-8")
    files = dict(re.findall(r"^`([\w.]+)`:\n\n```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    [output] = re.findall(r"^\$ ruletag agree anne\.txt bruno\.txt\n(.*?)^```$", page, re.M | re.S)
    return files, output


def test_two_annotators_of_the_guide():
    """The page shows what is printed for the two files on it."""
    files, output = blocks()
    pairs = zip(*(FORMATS["brace"].loads(files[name], name) for name in ("anne.txt", "bruno.txt")), strict=True)
    assert format_agreement(agreement(pairs), ("anne.txt", "bruno.txt")) + "\n" == output


def test_two_annotators_as_json():
    """The figures agree; tokens that no name covers are counted."""
    first = doc("[Marie Curie](PER) vit à [Paris](LOC).")
    second = doc("[Marie Curie](PER) vit à [Paris](ORG).")
    record = json.loads(agreement_json(agreement([(first, second)]), ("Anne", "Bruno")))
    figures = {name: record.pop(name) for name in ("spans", "tokens", "confusion")}
    assert record == {"first": "Anne", "second": "Bruno", "documents": 1, "skipped": []}
    assert figures["spans"]["LOC"] == {"first": 1, "second": 0, "same": 0, "f1": 0.0}
    assert figures["spans"]["micro"] == {"first": 2, "second": 2, "same": 1, "f1": 0.5}
    assert figures["tokens"] == {
        "all": {"tokens": 6, "agreed": 5, "observed": 0.833333, "expected": 0.361111, "kappa": 0.73913},
        "marked": {"tokens": 3, "agreed": 2, "observed": 0.666667, "expected": 0.444444, "kappa": 0.4},
    }
    assert figures["confusion"] == [
        {"first": "LOC", "second": "ORG", "tokens": 1},
        {"first": "O", "second": "O", "tokens": 3},
        {"first": "PER", "second": "PER", "tokens": 2},
    ]


@pytest.mark.parametrize("annotated", [True, False])
def test_a_kappa_that_is_none_and_documents_that_one_left_out(annotated):
    """0/0 is printed as such and is null in JSON; a document without annotations is named."""
    both = doc("[Paris](LOC)", path="g.txt")
    result = agreement([(both, replace(both, annotated=annotated))])
    lines = format_agreement(result, ("Anne", "Bruno")).splitlines()
    [marked] = [line.split() for line in lines if line.startswith("marked")]
    ratios = ["1.000", "1.000"] if annotated else ["0.000", "0.000"]
    assert marked == ["marked", str(int(annotated)), *ratios, "0/0"]
    assert json.loads(agreement_json(result, ("Anne", "Bruno")))["tokens"]["marked"]["kappa"] is None
    assert lines[-1] == ("Documents compared: 1." if annotated else "Not annotated by both, not compared: g.txt.")
