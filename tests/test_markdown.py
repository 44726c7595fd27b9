"""The Markdown report: its tables, what it leaves out, and text that stays text."""

from __future__ import annotations

import pytest

from ruletag.report.markdown import format_markdown

FIGURES = {"support": 4, "predicted": 5, "correct": 3, "precision": 0.6, "recall": 0.75, "f1": 2 / 3}
ROW = {"kind": "rule", "path": "rules/org.yaml", "line": 7, "produced": 4, "correct": 1, "border": 0, "label": 1}
ROW |= {"both": 0, "spurious": 2, "lost": 3, "lost_to": [], "precision": 0.25, "interval": [0.05, 0.7]}
WANG = {"start": 0, "end": 4, "label": "PER", "text": "Wang"}
ERROR = {"border": None, "guideline": False, "path": "g.txt", "id": None, "line": 4, "context": "Wang | Orange"}
RECORD = {
    "ruletag": "0.1.0",
    "guideline": "seed",
    "documents": 1,
    "skipped": ["b.txt"],
    "measures": {
        "strict": {"PER": FIGURES, "micro": {**FIGURES, "interval": [0.5, 0.8]}},
        "forgiven": {"micro": {**FIGURES, "f1": 1.0}},
    },
    "per_document": [{"document": "g.txt", **FIGURES}],
    "causes": {
        "errors": 2,
        "guideline": 1,
        "counts": {"missed": 1, "spurious": 0, "label": 0, "border": 1, "both": 0},
        "borders": {"title": 1},
        "f1": 2 / 3,
        "f1_forgiven": 1.0,
    },
    "confusion": [
        {"gold": "PER", "predicted": "PER", "count": 3, "surfaces": []},
        {
            "gold": "PER",
            "predicted": None,
            "count": 1,
            "surfaces": [{"text": "Wang", "count": 1, "where": "g.txt:4", "context": "Wang"}],
        },
    ],
    "ledger": [
        {**ROW, "source": "org.x (rules/org.yaml:7)", "harm": 4.5},
        {**ROW, "source": "org.y (rules/org.yaml:7)", "harm": 0.0},
    ],
    "silent": {"rules": [], "entries": 0},
    "effort": {
        "tokens": 90,
        "with": {"accept": 3.25, "seconds": 8.0},
        "without": {"accept": 0.0, "seconds": 20.0},
        "saving": 0.6,
        "sentence": "8 seconds instead of 20.",
    },
    "errors": [
        {**ERROR, "cause": "missed", "gold": WANG, "predicted": None},
        {**ERROR, "cause": "border", "border": "title", "guideline": True, "gold": WANG}
        | {"predicted": {**WANG, "source": "per.x (rules/per.yaml:3)"}},
    ],
}
WHOLE = """\
## F1 0.67 (0.50 to 0.80); 1.00 with guideline borders forgiven; 1 of 2 errors is a guideline difference

Of 4 names in the gold, 3 were found exactly (75 %). Of 5 names marked, 3 are right (60 %). F1 combines the two in one \
figure from 0 to 1, where 1 means that nothing is missing and nothing is wrong.

Guideline in force: seed; 1 document scored; 1 without gold, not scored.

### Figures

| strict | support | predicted | correct | precision | recall | F1 | interval |
|---|--:|--:|--:|--:|--:|--:|--:|
| PER | 4 | 5 | 3 | 0.600 | 0.750 | 0.667 |  |
| micro | 4 | 5 | 3 | 0.600 | 0.750 | 0.667 | 0.500–0.800 |

| F1 by measure | PER | micro |
|---|--:|--:|
| strict | 0.667 | 0.667 |
| forgiven |  | 1.000 |

### Causes

| cause | meaning | errors |
|---|---|--:|
| missed | the gold has a span, the tagger has nothing there | 1 |
| spurious | the tagger has a span, the gold has nothing there | 0 |
| label | same borders, another label | 0 |
| border | same label, other borders | 1 |
| both | the spans overlap; label and borders differ | 0 |

| border | errors |
|---|--:|
| title | 1 |

### Confusion

| gold | tagger | most often | errors |
|---|---|---|--:|
| PER | nothing | Wang (1) | 1 |

### Ledger: the most harmful

| source | where | harm | precision | produced | correct | border | label | both | spurious | lost |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
| org.x | rules/org.yaml:7 | 4.5 | 0.250 | 4 | 1 | 0 | 1 | 0 | 2 | 3 |

### Effort

8 seconds instead of 20.

| for 1,000 tokens, estimated | accept | rebound | relabel | add | delete | seconds |
|---|--:|--:|--:|--:|--:|--:|
| from the tagger's spans | 3.2 |  |  |  |  | 8.0 |
| from the bare text | 0.0 |  |  |  |  | 20.0 |

<details><summary>Documents, the worst first</summary>

| document | support | predicted | correct | F1 |
|---|--:|--:|--:|--:|
| g.txt | 4 | 5 | 3 | 0.667 |

</details>

<details><summary>Errors</summary>

| cause | where | gold | tagger | context |
|---|---|---|---|---|
| missed | g.txt:4 | PER Wang |  | Wang &vert; Orange |
| border, title, guideline | g.txt:4 | PER Wang | PER Wang, by per.x (rules/per.yaml:3) | Wang &vert; Orange |

</details>
"""


def test_format_markdown():
    """Every section as it stands in a pull request."""
    assert format_markdown(RECORD) == WHOLE


def test_a_section_that_the_record_lacks_is_left_out():
    """What is left reads on; an empty record is a heading."""
    some = {name: RECORD[name] for name in ("guideline", "effort")}

    assert [line for line in format_markdown(some).splitlines() if "#" in line] == ["## Evaluation", "### Effort"]
    assert format_markdown({}) == "## Evaluation\n"


def test_long_tables_say_how_much_they_leave_out():
    """Twenty rows, the worst ones first."""
    rows = [{**ROW, "source": f"r{number}", "harm": float(number)} for number in range(25)]
    lines = format_markdown({"ledger": rows}).splitlines()

    assert [line.split()[1] for line in lines if line.startswith("| r")] == [f"r{n}" for n in range(24, 4, -1)]
    assert lines[-1] == "… and 4 more."


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a|b\\|c", "a&vert;b\\\\&vert;c"),
        ("<script>&amp;</details>", "&lt;script&gt;&amp;amp;&lt;/details&gt;"),
        ("*a* _b_ `c` ~~d~~ $e$", "\\*a\\* \\_b\\_ \\`c\\` \\~\\~d\\~\\~ \\$e\\$"),
        ("[x](y) ![x](y)", "\\[x\\](y) !\\[x\\](y)"),
        ("@octocat n° #12 :tada: 12:30", "@<!-- -->octocat n° #<!-- -->12 :<!-- -->tada: 12:30"),
        ("https://a.fr www.a.fr", "https:<!-- -->//a.fr www<!-- -->.a.fr"),
        ("a\nb\u2028c\x07d\u202ee", "a b c d e"),
    ],
)
def test_text_stays_text(text, escaped):
    """It ends no cell and no line, and becomes neither markup, mention, reference, link nor picture."""
    lines = format_markdown({"per_document": [{"document": text, **FIGURES}]}).splitlines()

    assert lines[6] == f"| {escaped} | 4 | 5 | 3 | 0.667 |"
