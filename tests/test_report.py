"""Reports, whole: what a reader gets for given counts and explanations."""

from __future__ import annotations

import json

import pytest

from ruletag.errors import Fault
from ruletag.evaluation.score import Counts, Error, Score
from ruletag.model import LABELS, Document, Entity, Source
from ruletag.report.explanation import explanation_json, format_explanation, format_findings
from ruletag.report.scores import format_error, format_score, score_json
from ruletag.tagger import Tagger

TEXT = "Hier, le ministre Wang\nétait à Orange."
GOLD = Document(TEXT, (Entity(18, 22, "PER", "Wang"),), path="g.txt", annotated=True, lines=(4, 9))
FOUND = Entity(18, 22, "ORG", "Wang", Source("rule", "org.x", "rules/org.yaml", 7))
NONE = dict.fromkeys(LABELS, Counts())
SCORE = Score(
    {"strict": NONE | {"PER": Counts(2, 3, 1), "MISC": Counts(1, 0, 0)}, "forgiven": NONE | {"PER": Counts(2, 3, 2)}},
    (Error("missed", GOLD, GOLD.entities[0], FOUND), Error("spurious", GOLD, FOUND, None)),
    3,
    ("raw.txt", "b"),
)
CONTEXT = "“Hier, le ministre Wang était à Orange.”"

TABLE = """\
measure    label          support    predicted    correct    precision    recall     F1
---------  -----------  ---------  -----------  ---------  -----------  --------  -----
strict     PER                  2            3          1        0.333     0.500  0.400
strict     LOC                  0            0          0        0.000     0.000  0.000
strict     ORG                  0            0          0        0.000     0.000  0.000
strict     MISC                 1            0          0        0.000     0.000  0.000
strict     PER+LOC+ORG          2            3          1        0.333     0.500  0.400
strict     micro                3            3          1        0.333     0.333  0.333
---------  -----------  ---------  -----------  ---------  -----------  --------  -----
forgiven   PER                  2            3          2        0.667     1.000  0.800
forgiven   LOC                  0            0          0        0.000     0.000  0.000
forgiven   ORG                  0            0          0        0.000     0.000  0.000
forgiven   MISC                 0            0          0        0.000     0.000  0.000
forgiven   PER+LOC+ORG          2            3          2        0.667     1.000  0.800
forgiven   micro                2            3          2        0.667     1.000  0.800

strict: same span, same label.
borders forgiven: determiner, title, civility and trailing demonym do not count.
Guideline in force: seed. Documents scored: 3.
Without gold, not scored: raw.txt, b."""

ERRORS = f"""
g.txt:4: missed PER [Wang] in {CONTEXT}; found ORG [Wang], made by org.x (rules/org.yaml:7)
g.txt:4: spurious ORG [Wang] in {CONTEXT}; made by org.x (rules/org.yaml:7)"""


def test_format_score():
    """A table of both measures, what they mean, the guideline, the documents without gold; the errors where asked."""
    assert format_score(SCORE, "seed") == TABLE
    assert format_score(SCORE, "seed", errors=True) == f"{TABLE}\n{ERRORS}"


def test_format_score_without_skipped_documents():
    """Nothing is said about documents without gold where there are none."""
    score = Score(SCORE.counts, (), 1, ())
    assert format_score(score, "canonical").splitlines()[-1] == "Guideline in force: canonical. Documents scored: 1."


def test_score_json():
    """The same figures, rounded to six digits, and every error with its place."""

    def counts(gold, predicted, correct, precision, recall, f1):
        numbers = {"support": gold, "predicted": predicted, "correct": correct}
        return numbers | {"precision": precision, "recall": recall, "f1": f1}

    zero = counts(0, 0, 0, 0.0, 0.0, 0.0)
    strict, forgiven = counts(2, 3, 1, 0.333333, 0.5, 0.4), counts(2, 3, 2, 0.666667, 1.0, 0.8)
    wang = {"start": 18, "end": 22, "label": "PER", "text": "Wang", "source": "gold"}
    found = wang | {"label": "ORG", "source": "org.x (rules/org.yaml:7)"}
    place = {"path": "g.txt", "id": None, "line": 4}
    text = score_json(SCORE, "seed")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    assert json.loads(text) == {
        "guideline": "seed",
        "documents": 3,
        "skipped": ["raw.txt", "b"],
        "measures": {
            "strict": {"PER": strict, "LOC": zero, "ORG": zero, "MISC": counts(1, 0, 0, 0.0, 0.0, 0.0)}
            | {"PER+LOC+ORG": strict, "micro": counts(3, 3, 1, 0.333333, 0.333333, 0.333333)},
            "forgiven": {"PER": forgiven, "LOC": zero, "ORG": zero, "MISC": zero}
            | {"PER+LOC+ORG": forgiven, "micro": forgiven},
        },
        "errors": [
            {"kind": "missed"} | place | wang | {"context": CONTEXT, "other": found},
            {"kind": "spurious"} | place | found | {"context": CONTEXT, "other": None},
        ],
    }


@pytest.mark.parametrize(
    ("document", "other", "wanted"),
    [
        (
            Document("Wang", (Entity(0, 4, "PER", "Wang"),), id="a", path="g.jsonl", lines=(7,)),
            None,
            "g.jsonl:7 (a): spurious PER [Wang] in “Wang”; made by gold",
        ),
        (
            Document("\n\nWang", (Entity(2, 6, "PER", "Wang"),)),
            Entity(2, 6, "LOC", "Wang"),
            "-:3: spurious PER [Wang] in “Wang”; made by gold; gold has LOC [Wang]",
        ),
    ],
)
def test_format_error(document, other, wanted):
    """An error is one line: path, line, id where there is one, and what stands on the other side."""
    assert format_error(Error("spurious", document, document.entities[0], other)) == wanted


def test_the_context_of_an_error_is_cut():
    """Forty characters on both sides, on one line, with dots where more follows."""
    text = "x" * 50 + "\n" + "Wang" + "\r\n" + "y" * 50
    document = Document(text, (Entity(51, 55, "PER", "Wang"),))
    context = f"“…{'x' * 39} Wang {'y' * 38}…”"
    assert format_error(Error("missed", document, document.entities[0], None)) == f"-:2: missed PER [Wang] in {context}"


def test_format_findings():
    """Findings stand one under the other."""
    findings = [Fault("a.yaml", "RT401", "one", 3, help="do"), Fault("b.yaml", "RT403", "two")]
    assert format_findings(findings) == "a.yaml:3: RT401 one\n  help: do\nb.yaml: RT403 two"


def test_format_explanation(small):
    """Who made each span from what, what it beat, what memory did, and the names that nobody asked for."""
    text = "La ministre française Emmanuel Macron est à\u00a0Orange, pas en Chine. M. Wang lit Orange ; Wang dort."
    assert format_explanation(Tagger.load().explain(text)) == (
        "[Emmanuel Macron] PER 22:37  rule per.title-name (rules/names.yaml:2)\n"
        "    anchor <title>: ministre\n"
        "    title: ministre française\n"
        "    demonym: française\n"
        "    beat PER [Emmanuel Macron] Emmanuel Macron (gazetteers/people.yaml:3):"
        " a rule with an entry goes before an entry and says the same\n"
        "    beat PER [Macron] Emmanuel Macron (gazetteers/people.yaml:3): shorter\n"
        "[Orange] LOC 44:50  rule loc.inside (rules/names.yaml:17)\n"
        "    anchor <LOC>: Orange\n"
        "[Chine] LOC 59:64  entry Chine (gazetteers/places.yaml:4)\n"
        "[Wang] PER 69:73  rule per.civility-name (rules/names.yaml:7)\n"
        "    anchor <civility>: M.\n"
        "    civility: M.\n"
        "[Orange] LOC 78:84  memory of loc.inside (rules/names.yaml:17)\n"
        "    licensed by Orange (44:50)\n"
        "[Wang] PER 87:91  memory of per.civility-name (rules/names.yaml:7)\n"
        "    licensed by Wang (69:73)\n"
        "Guideline in force: canonical."
    )


def test_format_explanation_without_a_span(small):
    """Ambiguous names and rules that found their anchor are told, with what they wanted."""
    assert format_explanation(Tagger.load().explain("Le ministre boit chez Orange.")) == (
        "No span.\n"
        "not used: LOC [Orange] Orange (gazetteers/places.yaml:5): ambiguous, and no rule asked for it\n"
        "not used: ORG [Orange] Orange (gazetteers/organisations.yaml:4): ambiguous, and no rule asked for it\n"
        "nearly: per.title-name (rules/names.yaml:2) from <title> [ministre]:"
        " wanted Cap where the text has “boit chez Orange.”\n"
        "nearly: loc.inside (rules/names.yaml:17) from <LOC> [Orange]:"
        " wanted à, leftwards, where the text has “Le ministre boit chez”\n"
        "Guideline in force: canonical."
    )


def test_format_explanation_of_a_span_that_the_guideline_drops(small_folder, small):
    """A winner that the guideline takes out is told apart from one that lost."""
    path = small_folder / "drop.yaml"
    path.write_text(
        "name: drop\ndetermined-topic: drop\ndeterminer-names: [Chine]\n"
        + "rules:\n  - {id: drop.x, label: LOC, why: x., match: 'det:( \"La\" ) [ <LOC> ]', "
        + 'examples: ["La [Chine](LOC) dort.", "Rien."]}\n',
        encoding="utf-8",
    )
    explanation = Tagger.load(guideline=str(path)).explain("La Chine dort.")
    path.unlink()
    assert format_explanation(explanation) == (
        "No span.\n"
        "dropped by the guideline: LOC [Chine] Chine (gazetteers/places.yaml:4)\n"
        "nearly: loc.inside (rules/names.yaml:17) from <LOC> [Chine]: wanted à, leftwards, where the text has “La”\n"
        "Guideline in force: drop."
    )


def test_explanation_json(small):
    """The same as JSON, with all near misses, those inside a span too."""
    text = "Un ministre boit chez Orange. Le ministre Macron dort en Chine."
    macron = {"start": 42, "end": 48, "label": "PER", "text": "Macron"}
    chine = {"start": 57, "end": 62, "label": "LOC", "text": "Chine", "source": "Chine (gazetteers/places.yaml:4)"}
    lost = macron | {"source": "Emmanuel Macron (gazetteers/people.yaml:3)", "winner": [42, 48, "PER"]}
    lost["reason"] = "a rule with an entry goes before an entry and says the same"
    written = explanation_json(Tagger.load().explain(text))
    found = json.loads(written)
    assert written == json.dumps(found, ensure_ascii=False, indent=2)
    assert found.pop("not_used") == [
        {"start": 22, "end": 28, "label": "LOC", "text": "Orange", "source": "Orange (gazetteers/places.yaml:5)"},
        {
            "start": 22,
            "end": 28,
            "label": "ORG",
            "text": "Orange",
            "source": "Orange (gazetteers/organisations.yaml:4)",
        },
    ]
    assert found.pop("near_misses") == [
        {"rule": "per.title-name", "anchor": {"name": "<title>", "start": 3, "end": 11}, "offset": 11, "wanted": "Cap"},
        {"rule": "loc.inside", "anchor": {"name": "<LOC>", "start": 22, "end": 28}, "offset": 22, "wanted": "à"},
        {"rule": "loc.inside", "anchor": {"name": "<LOC>", "start": 57, "end": 62}, "offset": 57, "wanted": "à"},
    ]
    assert found == {
        "guideline": "canonical",
        "text": text,
        "spans": [
            macron
            | {"source": "per.title-name (rules/names.yaml:2)", "via": "", "beat": [lost]}
            | {"anchor": {"name": "<title>", "start": 33, "end": 41}}
            | {"parts": [{"name": "title", "start": 33, "end": 41}]},
            chine | {"anchor": None, "parts": [], "via": "", "beat": []},
        ],
        "lost": [lost],
    }


@pytest.mark.parametrize(("number", "more"), [(12, []), (14, ["… and 2 more (see --json)"])])
def test_many_near_misses_are_cut(small, number, more):
    """A dozen are told, the rest is counted; JSON has all."""
    explanation = Tagger.load().explain(f"Un ministre ; {'x' * 30}. " * number)
    nearly = "nearly: per.title-name (rules/names.yaml:2) from <title> [ministre]: wanted Cap where the text has"
    lines = ["No span.", *[f"{nearly} “; {'x' * 22}”"] * 12, *more, "Guideline in force: canonical."]
    assert format_explanation(explanation).splitlines() == lines
    assert len(json.loads(explanation_json(explanation))["near_misses"]) == number


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        (
            "Orange",
            "loc.inside (rules/names.yaml:17) from <LOC> [Orange]: wanted à, leftwards, where the text has “nothing”",
        ),
        (
            "ministre",
            "per.title-name (rules/names.yaml:2) from <title> [ministre]: wanted Cap where the text has “the end”",
        ),
    ],
)
def test_a_near_miss_at_the_end_of_the_text(small, text, stop):
    """Where no text is left on that side, it is said so."""
    assert format_explanation(Tagger.load().explain(text)).splitlines()[-2] == f"nearly: {stop}"
