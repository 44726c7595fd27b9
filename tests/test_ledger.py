"""Accounts by hand, what never fired, the order of harm, and the table that a spreadsheet reads."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makers import hits_of
from properties import examples
from ruletag import Tagger
from ruletag.evaluation.borders import Borders
from ruletag.evaluation.causes import Judged, judge_all
from ruletag.evaluation.ledger import Account, Ledger, open_ledger
from ruletag.model import GOLD, LABELS, Alternative, Document, Entity, Entry, Source
from ruletag.report.ledger import COLUMNS, ledger_tsv

BORDERS = Borders(hits_of([Entry("président", "title", Source("entry", "président"))]))
A, B = Source("rule", "a", "rules/a.yaml", 3), Source("rule", "b", "rules/b.yaml", 5)
ENTRY = Source("entry", "Paris", "gazetteers/places.yaml", 9)
MEMORY = Source("memory", "a", "rules/a.yaml", 3)
PAGE = Path(__file__).parents[1] / "docs" / "reference" / "report.md"


def entity(text, surface, label, source=GOLD):
    start = text.index(surface)
    return Entity(start, start + len(surface), label, surface, source)


def lost(text, surface, label, source, winner):
    """A candidate that lost to a span, given as surface and label."""
    predicted, won = entity(text, surface, label, source), entity(text, *winner)
    return Alternative(*predicted.span, surface, source, "shorter", won.span)


def judged(text, gold, predicted, alternatives=()):
    """The verdicts on one text: gold as (surface, label), predicted with their source."""
    gold_document = Document(text, tuple(entity(text, *arguments) for arguments in gold), annotated=True)
    predicted_document = Document(
        text, tuple(entity(text, *arguments) for arguments in predicted), alternatives=tuple(alternatives)
    )
    return judge_all([(gold_document, predicted_document)], BORDERS)


def test_accounts_by_hand():
    """Each source answers for its own spans, the memory of a rule apart from the rule; the worst comes first."""
    text = "Président Xi, Paris, Lyon, Metz, Brest et Dole."
    verdicts = judged(
        text,
        [("Xi", "PER"), ("Paris", "LOC"), ("Lyon", "LOC"), ("Metz", "LOC"), ("Dole", "LOC")],
        [
            ("Président Xi", "PER", A),
            ("Paris", "LOC", ENTRY),
            ("Lyon", "PER", B),
            ("Metz", "LOC", MEMORY),
            ("Brest", "LOC", B),
        ],
    )
    assert open_ledger(verdicts) == Ledger(
        (
            Account(B, label=1, spurious=1),
            Account(ENTRY, correct=1),
            Account(MEMORY, correct=1),
            Account(A, border=1, guideline=1),
        )
    )


def test_losses_by_hand():
    """A lost candidate names the author of the winner; one that says the same seconds it; a right one is counted."""
    text = "le parquet de Paris et la Chine"
    verdicts = judged(
        text,
        [("Paris", "LOC"), ("Chine", "LOC")],
        [("parquet de Paris", "ORG", A), ("Chine", "LOC", B)],
        [
            lost(text, "Paris", "LOC", ENTRY, ("parquet de Paris", "ORG")),
            lost(text, "Paris", "PER", B, ("parquet de Paris", "ORG")),
            lost(text, "Chine", "LOC", ENTRY, ("Chine", "LOC")),
            lost(text, "Chine", "PER", ENTRY, ("Chine", "LOC")),
        ],
    )
    accounts = {account.source: account for account in open_ledger(verdicts).accounts}
    assert accounts == {
        A: Account(A, both=1),
        B: Account(B, correct=1, lost=1, lost_to=((A, 1),)),
        ENTRY: Account(ENTRY, seconded=1, lost=2, lost_right=1, lost_to=((A, 1), (B, 1))),
    }


def test_the_guideline_changes_or_drops_a_winner():
    """A winner is found under the borders that the guideline gave it; if it was dropped, there is no author."""
    text = "la Chine, le Président Xi"
    verdicts = judged(
        text,
        [],
        [("Président Xi", "PER", A)],
        [
            lost(text, "X", "ORG", B, ("Xi", "PER")),
            lost(text, "Chin", "ORG", B, ("Chine", "LOC")),
            lost(text, "hine", "ORG", B, ("Chine", "LOC")),
        ],
    )
    assert open_ledger(verdicts).accounts[1] == Account(B, lost=3, lost_to=((None, 2), (A, 1)))


def test_spans_of_a_file_share_an_account():
    """Predictions read from a file have no author, whatever their line."""
    text = "Paris et Lyon"
    sources = [Source("gold", "gold", "p.jsonl", line) for line in (1, 2)]
    verdicts = judged(text, [("Paris", "LOC")], [("Paris", "LOC", sources[0]), ("Lyon", "LOC", sources[1])])
    assert open_ledger(verdicts).accounts == (Account(GOLD, correct=1, spurious=1),)


@pytest.mark.parametrize(
    ("account", "wrong", "precision", "interval", "harm"),
    [
        (Account(A), 0, 0.0, (0.0, 1.0), 0.0),
        (Account(A, correct=8, spurious=2), 2, 0.8, (0.4902, 0.9433), 0.1134),
        (Account(A, spurious=1), 1, 0.0, (0.0, 0.7935), 0.2065),
        (Account(A, correct=2, border=9, label=9), 18, 0.1, (0.0279, 0.3010), 12.5814),
        (Account(A, correct=980, both=20), 20, 0.98, (0.9693, 0.9870), 0.2597),
        (Account(A, correct=1, border=9, guideline=9), 0, 0.1, (0.0179, 0.4042), 0.0),
    ],
)
def test_ratios_of_an_account(account, wrong, precision, interval, harm):
    """Precision with its Wilson interval; harm is the number of wrong spans, times the lower bound of their share."""
    figures = [*(round(end, 4) for end in account.interval[1:]), round(account.harm, 4)]
    assert (account.wrong, account.precision, figures) == (wrong, precision, [*interval, harm])


def test_what_never_fired(small):
    """The rules and the entries of a tagger that did nothing are named; ambiguous entries and classes are not."""
    tagger = Tagger.load()
    gold = Document("Emmanuel Macron, la ministre française Odile Bo.", annotated=True)
    ledger = open_ledger(judge_all([(gold, tagger.tag(gold.text))], BORDERS), [tagger, tagger])
    assert [source.name for source in ledger.silent_rules] == ["per.civility-name", "org.group", "loc.inside"]
    assert [source.name for source in ledger.silent_entries] == [
        "Organisation des Nations unies",
        "Kaisa Lehtonen",
        "Paris",
        "Chine",
    ]


def test_a_table_for_a_spreadsheet():
    """One line an account, headings first, what never fired last; what would break a line is quoted."""
    ledger = Ledger(
        (
            Account(B, 1, 0, 0, 1, 2, 0, 3, 3, 1, ((MEMORY, 2), (None, 1))),
            Account(Source("entry", 'La "Une"\tdu jour', "a.yaml", 2), lost=1, lost_to=((B, 1),)),
        ),
        (A,),
        (Source("entry", "Liste", "liste.txt"),),
    )
    text = ledger_tsv(ledger)
    assert list(csv.reader(io.StringIO(text), dialect="excel-tab")) == [
        list(COLUMNS),
        [
            *("rule", "b", "rules/b.yaml:5", "4", "1", "0", "0", "1", "2", "0", "0.2500", "0.0456", "0.6994", "0.902"),
            *("3", "3", "1", "memory of a (rules/a.yaml:3): 2; the guideline: 1"),
        ],
        [
            "entry",
            'La "Une"\tdu jour',
            "a.yaml:2",
            *"0000000",
            "",
            "",
            "",
            "0.000",
            "0",
            "1",
            "0",
            "b (rules/b.yaml:5): 1",
        ],
        ["rule", "a", "rules/a.yaml:3", *"0000000", "", "", "", "0.000", "0", "0", "0", ""],
        ["entry", "Liste", "liste.txt", *"0000000", "", "", "", "0.000", "0", "0", "0", ""],
    ]
    assert text.count("\n") == 5


def test_every_column_is_documented():
    """The reference page has a row for each column, in their order."""
    section = re.split(r"^## ", PAGE.read_text(encoding="utf-8").partition("\n## The ledger\n")[2], flags=re.M)[0]
    assert tuple(re.findall(r"^\| `(\w+)`", section, re.M)) == COLUMNS


TEXT = "Le Président Xi et Paris"


@st.composite
def verdicts(draw):
    """Judged documents with any spans, made by any of four sources, and losers of any reason."""
    spans = [(start, end) for start in (0, 3, 13, 19) for end in (12, 15, 24) if start < end]
    span = st.builds(lambda edges, label: (*edges, label), st.sampled_from(spans), st.sampled_from(LABELS))
    made = st.tuples(span, st.sampled_from([A, B, ENTRY, MEMORY]))
    gold = [Entity(*arguments, TEXT[arguments[0] : arguments[1]]) for arguments in draw(st.lists(span, max_size=4))]
    entities = [
        Entity(*arguments, TEXT[arguments[0] : arguments[1]], source)
        for arguments, source in draw(st.lists(made, max_size=4))
    ]
    losers = [
        Alternative(
            *arguments, TEXT[arguments[0] : arguments[1]], source, "shorter", entities[0].span if entities else None
        )
        for arguments, source in draw(st.lists(made, max_size=4))
    ]
    pair = (Document(TEXT, tuple(gold), annotated=True), Document(TEXT, tuple(entities), alternatives=tuple(losers)))
    return judge_all([pair], BORDERS)[0]


@examples(25)
@given(st.lists(verdicts(), max_size=3))
def test_accounts_sum_to_the_verdicts(judged: list[Judged]):
    """Every verdict on a predicted span is in one account, every loser too; the order of documents changes nothing."""
    ledger = open_ledger(judged)
    sums = Counter[str]()
    for account in ledger.accounts:
        sums.update({cause: getattr(account, cause) for cause in ("correct", "label", "border", "both", "spurious")})
        sums["guideline"] += account.guideline
        sums["losers"] += account.lost + account.seconded
        assert sum(count for _, count in account.lost_to) == account.lost >= account.lost_right
        assert account.produced >= account.correct + account.guideline
    expected = Counter[str]()
    for document in judged:
        expected.update(verdict.cause for verdict in document.verdicts if verdict.predicted)
        expected["guideline"] += sum(verdict.is_guideline for verdict in document.verdicts if verdict.predicted)
        expected["losers"] += len(document.predicted.alternatives)
    assert sums == expected
    assert open_ledger(judged[::-1]) == ledger
