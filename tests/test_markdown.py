"""The Markdown report: its tables, what it leaves out, and text that stays text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ruletag.report.markdown import format_markdown
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

FIGURES = Figures(4, 5, 3, 0, 3, 0, 0.6, 0.75, 2 / 3)
LINE = DocumentLine("g.txt", 4, 5, 3, 0.6, 0.75, 2 / 3)
ROW = AccountLine(
    source="org.x (rules/org.yaml:7)",
    kind="rule",
    path="rules/org.yaml",
    line=7,
    produced=4,
    correct=1,
    label=1,
    border=0,
    both=0,
    spurious=2,
    guideline=0,
    seconded=0,
    lost=3,
    lost_right=0,
    lost_to=(),
    precision=0.25,
    interval=(0.05, 0.7),
    harm=4.5,
)
ERROR = ErrorLine(
    cause="missed",
    border=None,
    guideline=False,
    path="g.txt",
    id=None,
    line=4,
    context="Wang | Orange",
    gold=Span(0, 4, "PER", "Wang"),
    predicted=None,
)
RECORD = Record(
    ruletag="0.1.0",
    guideline="seed",
    documents=1,
    skipped=("b.txt",),
    measures={
        "strict": {"PER": FIGURES, "micro": replace(FIGURES, interval=(0.5, 0.8))},
        "forgiven": {"PER": FIGURES, "micro": replace(FIGURES, f1=1.0)},
    },
    groups=(),
    per_document=(LINE,),
    causes=Breakdown(
        errors=2,
        guideline=1,
        counts={"missed": 1, "spurious": 0, "label": 0, "border": 1, "both": 0},
        borders={"title": 1},
        f1=2 / 3,
        f1_forgiven=1.0,
    ),
    confusion=(
        Cell("PER", "PER", 3, 0, ()),
        Cell("PER", None, 1, 1, (Surface("Wang", 1, "g.txt:4", "Wang"),)),
    ),
    ledger=(ROW, replace(ROW, source="org.y (rules/org.yaml:7)", harm=0.0)),
    silent=Silent((), 0),
    effort=Estimate(
        tokens=90,
        costs=Prices(1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
        with_=Actions(3.25, 0.0, 1.5, 0.0, 0.5, 8.0),
        without=Actions(0.0, 0.0, 0.0, 4.0, 0.0, 20.0),
        saving=0.6,
        saving_range=(0.5, 0.7),
        sentence="8 seconds instead of 20.",
    ),
    errors=(
        ERROR,
        replace(
            ERROR,
            cause="border",
            border="title",
            guideline=True,
            predicted=MadeSpan(0, 4, "PER", "Wang", "per.x (rules/per.yaml:3)"),
        ),
    ),
)
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
| forgiven | 0.667 | 1.000 |

### Causes

| cause | meaning | errors |
|---|---|--:|
| missed | the gold has a span where the tagger has none | 1 |
| spurious | the tagger has a span where the gold has none | 0 |
| label | same borders, different label | 0 |
| border | same label, different borders | 1 |
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

| for 1,000 words, estimated | accept | rebound | relabel | add | delete | seconds |
|---|--:|--:|--:|--:|--:|--:|
| from the tagger's spans | 3.2 | 0.0 | 1.5 | 0.0 | 0.5 | 8.0 |
| from the bare text | 0.0 | 0.0 | 0.0 | 4.0 | 0.0 | 20.0 |

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
    """Every section as it appears in a pull request."""
    assert format_markdown(RECORD) == WHOLE


@pytest.mark.parametrize(
    ("changes", "gone"),
    [
        ({"confusion": ()}, "### Confusion"),
        ({"ledger": None}, "### Ledger: the most harmful"),
        ({"ledger": (replace(ROW, harm=0.0),)}, "### Ledger: the most harmful"),
        ({"errors": ()}, "<details><summary>Errors</summary>"),
    ],
)
def test_a_section_without_content_is_left_out(changes, gone):
    """The others are unchanged."""
    start = re.compile(r"\n\n(?=###|<details)")
    whole, some = (start.split(format_markdown(record).strip()) for record in (RECORD, replace(RECORD, **changes)))

    assert some == [section for section in whole if not section.startswith(gone)]


def test_groups():
    """The figures of a group, and nothing for a label that it does not have."""
    group = GroupLine("presse", 3, 4, 5, 3, 0.6, 0.75, 2 / 3, {"PER": 0.5, "ORG": 1.0})
    lines = format_markdown(replace(RECORD, groups=(group,))).splitlines()

    assert lines[(start := lines.index("### Groups") + 2) : start + 3] == [
        "| group | documents | support | predicted | correct | F1 | PER | LOC | ORG | MISC |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
        "| presse | 3 | 4 | 5 | 3 | 0.667 | 0.500 |  | 1.000 |  |",
    ]


def test_long_tables_say_how_much_they_leave_out():
    """Twenty rows, the worst ones first."""
    rows = [replace(ROW, source=f"r{number}", harm=float(number)) for number in range(25)]
    section = format_markdown(replace(RECORD, ledger=tuple(rows))).partition("### Ledger")[2].partition("\n###")[0]
    lines = section.rstrip().splitlines()

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
    lines = format_markdown(replace(RECORD, per_document=(replace(LINE, document=text),))).splitlines()

    assert (
        lines[lines.index("| document | support | predicted | correct | F1 |") + 2]
        == f"| {escaped} | 4 | 5 | 3 | 0.667 |"
    )
