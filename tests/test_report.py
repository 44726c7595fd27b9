"""Reports, whole: what a reader gets for given counts and explanations."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ruletag import __version__
from ruletag.evaluation.assess import assess
from ruletag.evaluation.borders import Borders
from ruletag.evaluation.measures import MEASURES
from ruletag.model import GOLD, LABELS, Document, Entity, Source
from ruletag.report.assessed import make_record
from ruletag.report.explanation import explanation_json, format_explanation
from ruletag.report.pieces import MadeSpan, Span, context
from ruletag.report.record import Actions, Breakdown, Cell, ErrorLine, Figures, Prices, Record, Surface, record_json
from ruletag.report.scores import format_scores
from ruletag.tagger import Tagger
from ruletag.typed import plain, read

TEXT = "Hier, le ministre Wang\nétait à Orange."


@pytest.fixture
def assessed(small):
    """Two documents of the few shipped entries, scored: a wrong label, a wrong border, a miss, a spurious span."""
    tagger = Tagger.load()
    rule = Source("rule", "org.x", "rules/org.yaml", 7)
    gold = [
        Document(TEXT, (Entity(18, 22, "PER", "Wang"),), path="g.txt", annotated=True, lines=(4, 9)),
        Document("La Chine, Paul et Ann.", (*spans("La Chine, Paul et Ann.", "Chine", "LOC"),), "b", "g.jsonl", True),
        Document("Rien.", path="raw.txt"),
    ]
    predicted = [
        Document(TEXT, (Entity(18, 22, "ORG", "Wang", rule), *spans(TEXT, "Orange", "LOC", rule))),
        Document("La Chine, Paul et Ann.", (*spans("La Chine, Paul et Ann.", "La Chine", "LOC", rule),)),
        Document("Rien."),
    ]
    pairs = list(zip(gold, predicted, strict=True))

    def assessed(*taggers):
        return assess(pairs, Borders(tagger.hits), "seed", taggers)

    assessed.tagger = tagger
    return assessed


def spans(text, surface, label, source=GOLD):
    start = text.index(surface)
    yield Entity(start, start + len(surface), label, surface, source)
    if source is GOLD:
        yield Entity(text.index("Paul"), text.index("Paul") + 4, "PER", "Paul")


TABLES = """\
label          support    predicted    correct    precision    recall     F1    95 % interval
-----------  ---------  -----------  ---------  -----------  --------  -----  ---------------
PER                  2            0          0        0.000     0.000  0.000      0.000–0.000
LOC                  1            2          0        0.000     0.000  0.000      0.000–0.000
ORG                  0            1          0        0.000     0.000  0.000      0.000–0.000
MISC                 0            0          0        0.000     0.000  0.000      0.000–0.000
PER+LOC+ORG          3            3          0        0.000     0.000  0.000      0.000–0.000
micro                3            3          0        0.000     0.000  0.000      0.000–0.000
macro                3            3          0        0.000     0.000  0.000

measure      precision    recall     F1  what counts as right
---------  -----------  --------  -----  ------------------------------------------------------------------------------
strict           0.000     0.000  0.000  same span, same label
exact            0.333     0.333  0.333  same span, any label
type             0.333     0.333  0.333  same label, overlapping spans
partial          0.500     0.500  0.500  any label: 1 for the same span, ½ for an overlapping one
forgiven         0.333     0.333  0.333  same label and span, ignoring determiner, title, civility and trailing demonym
token            0.250     0.333  0.286  the label of each token: that of the span covering it
"""
SENTENCES = """
F1 0.00 (0.00 to 0.00); 0.33 with guideline borders forgiven; 1 of 4 errors is a guideline difference.
Errors: 1 label, 1 border, 1 missed, 1 spurious.
Borders: 1 determiner.
{harm}Review: pre-annotation costs an estimated 0 % more reviewing time (0 to 0 %, depending on the reviewer), \
however quickly correct spans are accepted.
Guideline in force: seed. Documents scored: 2.
Without gold, not scored: raw.txt."""
FULL = """
document      support    predicted    correct    precision    recall     F1
----------  ---------  -----------  ---------  -----------  --------  -----
b                   2            1          0        0.000     0.000  0.000
g.txt               1            2          0        0.000     0.000  0.000

gold      as PER    as LOC    as ORG    as MISC    as none
------  --------  --------  --------  ---------  ---------
PER                                1                     1
LOC                      1
ORG
MISC
none                     1
PER as ORG: 1 × [Wang], g.txt:4: “Hier, le ministre Wang était à Orange.”
PER as none: 1 × [Paul], g.jsonl:1: “La Chine, Paul et Ann.”
LOC as LOC: 1 × [Chine], g.jsonl:1: “La Chine, Paul et Ann.”
none as LOC: 1 × [Orange], g.txt:9: “Hier, le ministre Wang était à Orange.”

rule or entry               produced    correct    label    border    both    spurious    lost    pr\
ecision    95 % interval    harm
------------------------  ----------  ---------  -------  --------  ------  ----------  ------  ----\
-------  ---------------  ------
org.x (rules/org.yaml:7)           3          0        1         1       0           1       0      \
  0.000      0.000–0.561     0.4

for 1,000 words, estimated      accept    rebound    relabel    add    delete    seconds
----------------------------  --------  ---------  ---------  -----  --------  ---------
"""
ERRORS = """

label: same span, different label (1)
g.txt:4: label PER [Wang] in “Hier, le ministre Wang était à Orange.”; found ORG [Wang], \
made by org.x (rules/org.yaml:7)

border: overlapping spans, same label (1)
g.jsonl:1 (b): border LOC [Chine] in “La Chine, Paul et Ann.”; found LOC [La Chine], made by org.x (rules/org.yaml:7); \
determiner, a guideline difference

missed: a gold span with no predicted one (1)
g.jsonl:1 (b): missed PER [Paul] in “La Chine, Paul et Ann.”

spurious: a predicted span with no gold one (1)
g.txt:9: spurious LOC [Orange] in “Hier, le ministre Wang était à Orange.”; made by org.x (rules/org.yaml:7)"""


def test_scores(assessed):
    """Figures for each label, the measures, what went wrong, what a review takes, and what was not scored."""
    record = make_record(assessed())
    assert format_scores(record) == TABLES + SENTENCES.format(harm="")
    assert format_scores(record, errors=True) == TABLES + SENTENCES.format(harm="") + ERRORS


def test_scores_in_full(assessed):
    """Every measure for each label, each document, the confusion with its surfaces, who did harm, and a review."""
    text = format_scores(make_record(assessed(assessed.tagger)), full=True)
    assert text.startswith(TABLES)
    assert FULL in text
    assert "\nexact      PER                  2            0        0.000     0.500  0.000\n" in text
    assert text.count("\ntoken ") == 2 + len(LABELS) + 2  # in both tables; PER+LOC+ORG, micro and macro in one
    assert text.count("\norg.x (rules/org.yaml:7) ") == 1


def test_scores_name_who_did_most_harm(assessed):
    """If the predictions were made just now, the rules and entries that cost most are named."""
    harm = "Most harmful: org.x (rules/org.yaml:7) 0 of 3 right.\n"
    assert format_scores(make_record(assessed(assessed.tagger))).endswith(SENTENCES.format(harm=harm))


def test_a_ledger_without_harm_is_a_sentence(small):
    """A table without rows says nothing; the number says where the rest is."""
    tagger = Tagger.load()
    document = replace(tagger.tag("Paris et la Chine."), annotated=True)
    record = make_record(assess([(document, document)], Borders(tagger.hits), "canonical", [tagger]))
    lines = [line for line in format_scores(record, full=True).splitlines() if "ledger" in line or "harm" in line]
    assert lines == ["no rule or entry did harm; --ledger FILE lists all 2"]


def test_an_evaluation_without_errors_is_short(small):
    """No causes, no harm, nothing that was not scored."""
    document = Document("Rien.", path="a.txt", annotated=True)
    record = make_record(assess([(document, document)], Borders(Tagger.load().hits), "canonical"))
    assert format_scores(record).splitlines()[-3:] == [
        "F1 0.00; 0.00 with guideline borders forgiven.",
        "Review: these texts have nothing to mark.",
        "Guideline in force: canonical. Documents scored: 1.",
    ]


def test_record(assessed):
    """The record says all of it, with ratios of six digits, and comes back from its JSON unchanged."""
    record = make_record(assessed(assessed.tagger))
    assert read(Record, json.loads(record_json(record))) == record
    assert (record.ruletag, record.guideline, record.documents, record.skipped) == (
        __version__,
        "seed",
        2,
        ("raw.txt",),
    )
    rows = [*LABELS, "PER+LOC+ORG", "micro", "macro"]
    assert {name: list(groups) for name, groups in record.measures.items()} == dict.fromkeys(MEASURES, rows)
    assert record.measures["partial"]["micro"] == Figures(
        support=3,
        predicted=3,
        correct=1,
        partial=1,
        correct_given=1,
        partial_given=1,
        precision=0.5,
        recall=0.5,
        f1=0.5,
    )
    assert record.measures["token"]["micro"].f1 == 0.285714
    assert record.causes == Breakdown(
        errors=4,
        guideline=1,
        counts={"label": 1, "border": 1, "both": 0, "missed": 1, "spurious": 1},
        borders={"determiner": 1},
        f1=0.0,
        f1_forgiven=0.333333,
    )
    wang = Surface("Wang", 1, "g.txt:4", "“Hier, le ministre Wang était à Orange.”")
    assert record.confusion[0] == Cell("PER", "ORG", 1, 1, (wang,))
    assert [(cell.gold, cell.predicted, cell.count, cell.errors) for cell in record.confusion[1:]] == [
        ("PER", None, 1, 1),
        ("LOC", "LOC", 1, 1),
        (None, "LOC", 1, 1),
    ]
    [account] = record.ledger
    assert (account.source, account.produced, account.guideline) == ("org.x (rules/org.yaml:7)", 3, 1)
    assert record.silent.entries > 0
    assert record.effort.costs == Prices(accept=1.55, rebound=3.75, relabel=2.85, add=4.7, delete=2.85, read=0.25)
    assert record.effort.without == Actions(0.0, 0.0, 0.0, 250.0, 0.0, 1425.0)
    assert record.errors[0] == ErrorLine(
        cause="label",
        border=None,
        guideline=False,
        path="g.txt",
        id=None,
        line=4,
        context="“Hier, le ministre Wang était à Orange.”",
        gold=Span(18, 22, "PER", "Wang"),
        predicted=MadeSpan(18, 22, "ORG", "Wang", "org.x (rules/org.yaml:7)"),
    )


def test_record_as_json(assessed):
    """Null if there is no span; no key if a section does not apply, like the ledger for spans of a file."""
    written = plain(make_record(assessed()))
    assert list(written) == [
        "ruletag",
        "guideline",
        "documents",
        "skipped",
        "measures",
        "groups",
        "per_document",
        "causes",
        "confusion",
        "effort",
        "errors",
    ]
    assert list(written["effort"]) == ["tokens", "costs", "with", "without", "saving", "saving_range", "sentence"]
    assert written["measures"]["exact"]["micro"].keys() ^ written["measures"]["strict"]["micro"].keys() == {"interval"}
    assert written["errors"][3] == {
        "cause": "missed",
        "border": None,
        "guideline": False,
        "path": "g.jsonl",
        "id": "b",
        "line": 1,
        "context": "“La Chine, Paul et Ann.”",
        "gold": {"start": 10, "end": 14, "label": "PER", "text": "Paul"},
        "predicted": None,
    }


def test_an_error_has_a_span():
    """An error of nothing is a fault of the caller."""
    with pytest.raises(ValueError, match="an error has a gold or a predicted span"):
        ErrorLine("label", None, False, "a.txt", None, 1, "", None, None)


def test_the_context_of_an_error_is_cut():
    """Forty characters on both sides, on one line, with dots where more follows."""
    text = "x" * 50 + "\n" + "Wang" + "\r\n" + "y" * 50
    document = Document(text, (Entity(51, 55, "PER", "Wang"),))
    assert context(document, document.entities[0]) == f"“…{'x' * 39} Wang {'y' * 38}…”"


def test_format_explanation(small):
    """The source of each span, the losers, the memory, and the names that no rule asked for."""
    text = "la ministre française Emmanuel Macron est à\u00a0Orange, pas en Chine. M. Wang lit Orange ; Wang dort."
    assert format_explanation(Tagger.load().explain(text)) == (
        "[Emmanuel Macron] PER 22:37  rule per.title-name (rules/names.yaml:2)\n"
        "    anchor <title>: ministre\n"
        "    title: ministre française\n"
        "    demonym: française\n"
        "    beat PER [Emmanuel Macron] Emmanuel Macron (gazetteers/people.yaml:3):"
        " a rule with an entry takes precedence over an entry (same label)\n"
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
    """Ambiguous names and rules that found their anchor are reported, with what they wanted."""
    assert format_explanation(Tagger.load().explain("le ministre boit chez Orange.")) == (
        "No span.\n"
        "not used: LOC [Orange] Orange (gazetteers/places.yaml:5): ambiguous, and no rule asked for it\n"
        "not used: ORG [Orange] Orange (gazetteers/organisations.yaml:4): ambiguous, and no rule asked for it\n"
        "nearly: per.title-name (rules/names.yaml:2) from <title> [ministre]:"
        " wanted Cap where the text has “boit chez Orange.”\n"
        "nearly: loc.inside (rules/names.yaml:17) from <LOC> [Orange]:"
        " wanted à, leftwards, where the text has “le ministre boit chez”\n"
        "Guideline in force: canonical."
    )


def test_format_explanation_of_a_span_that_the_guideline_drops(small_folder, small):
    """A winner that the guideline drops is distinguished from a loser."""
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
    """The explanation as JSON, with all near misses, even those inside a span."""
    text = "Un ministre boit chez Orange. le ministre Macron dort en Chine."
    macron = {"start": 42, "end": 48, "label": "PER", "text": "Macron"}
    chine = {"start": 57, "end": 62, "label": "LOC", "text": "Chine", "source": "Chine (gazetteers/places.yaml:4)"}
    lost = macron | {"source": "Emmanuel Macron (gazetteers/people.yaml:3)", "winner": [42, 48, "PER"]}
    lost["reason"] = "a rule with an entry takes precedence over an entry (same label)"
    written = explanation_json(Tagger.load().explain(text))
    record = json.loads(written)
    assert written == json.dumps(record, ensure_ascii=False, indent=2)
    assert record.pop("not_used") == [
        {"start": 22, "end": 28, "label": "LOC", "text": "Orange", "source": "Orange (gazetteers/places.yaml:5)"},
        {
            "start": 22,
            "end": 28,
            "label": "ORG",
            "text": "Orange",
            "source": "Orange (gazetteers/organisations.yaml:4)",
        },
    ]
    assert record.pop("unreached") == [
        {"start": 0, "end": 2, "text": "Un", "nearest": ["per.title-name", "loc.inside"]}
    ]
    assert record.pop("near_misses") == [
        {"rule": "per.title-name", "anchor": {"name": "<title>", "start": 3, "end": 11}, "offset": 11, "wanted": "Cap"},
        {"rule": "loc.inside", "anchor": {"name": "<LOC>", "start": 22, "end": 28}, "offset": 22, "wanted": "à"},
        {"rule": "loc.inside", "anchor": {"name": "<LOC>", "start": 57, "end": 62}, "offset": 57, "wanted": "à"},
    ]
    assert record == {
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
    """A dozen are listed, the rest is counted; JSON has all."""
    explanation = Tagger.load().explain(f"un ministre ; {'x' * 30}. " * number)
    nearly = "nearly: per.title-name (rules/names.yaml:2) from <title> [ministre]: wanted Cap where the text has"
    lines = ["No span.", *[f"{nearly} “; {'x' * 22}”"] * 12, *more, "Guideline in force: canonical."]
    assert format_explanation(explanation).splitlines() == lines
    assert len(json.loads(explanation_json(explanation))["near_misses"]) == number


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        (
            "Orange",
            "loc.inside (rules/names.yaml:17) from <LOC> [Orange]: wanted à, leftwards, where the text begins",
        ),
        (
            "ministre",
            "per.title-name (rules/names.yaml:2) from <title> [ministre]: wanted Cap where the text ends",
        ),
    ],
)
def test_a_near_miss_at_the_end_of_the_text(small, text, stop):
    """If no text is left on that side, the explanation says so."""
    assert format_explanation(Tagger.load().explain(text)).splitlines()[-2] == f"nearly: {stop}"


@pytest.mark.parametrize(
    ("pattern", "text", "stop"),
    [
        ("<title> !<civility> [ Cap ]", "ministre Mme Zoé", "no <civility> where the text has “Mme Zoé”"),
        (
            '<title> !<civility> !"Zoé" !Upper [ Cap ]',
            "ministre Zoé dort",
            'no "Zoé" where the text has “Zoé dort”',
        ),
        ("<title> !<civility> [ Cap ]", "ministre dort", "Cap where the text has “dort”"),
        ("[ Cap ] !<civility> <title>", "Zoé ministre", None),
        (
            "!<civility> Cap [ Cap ] <title>",
            "Mme Zoé ministre",
            "no <civility>, leftwards, where the text begins",
        ),
    ],
)
def test_a_near_miss_on_what_may_not_stand_there(small, tmp_path, pattern, text, stop):
    """If a pattern excludes what it met, the explanation says `no` and which of the exclusions it is."""
    rule = f"rules:\n  - {{id: a, label: PER, why: b, match: '{pattern}', examples: ['[Zoé](PER)', 'Zoé']}}\n"
    (tmp_path / "a.yaml").write_text(rule, encoding="utf-8")
    lines = format_explanation(Tagger.load(tmp_path / "a.yaml").explain(text)).splitlines()
    anchor = "<title> [ministre]"
    expected = [f"nearly: a (a.yaml:2) from {anchor}: wanted {stop}"] if stop else []
    assert [line for line in lines if line.startswith("nearly")] == expected
