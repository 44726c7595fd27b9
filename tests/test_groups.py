"""Documents in groups: by genre, else by file or folder, and no groups if that distinguishes nothing."""

from __future__ import annotations

import pytest

from makers import hits_of
from ruletag import markup
from ruletag.evaluation.borders import Borders
from ruletag.evaluation.groups import groups
from ruletag.evaluation.measures import Counts
from ruletag.evaluation.score import score
from ruletag.model import Document


def grouped(*documents):
    """The groups of some documents, by the names of their members."""
    result = score([(document, document) for document in documents], Borders(hits_of([])))
    return {
        group.name: [document.name for document in group.documents] for group in groups(documents, result.per_document)
    }


def doc(id, path, **meta):
    return Document("x", (), id, path, annotated=True, meta=meta)


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        (
            [doc("1", "a", genre="sport"), doc("2", "b", genre="law"), doc("3", "a", genre="law")],
            {"law": ["2", "3"], "sport": ["1"]},
        ),
        (
            [doc("1", "a.jsonl", genre="law"), doc("2", "a.jsonl"), doc("3", "b.jsonl")],
            {"a.jsonl": ["1", "2"], "b.jsonl": ["3"]},
        ),
        ([doc("1", "x/1.txt"), doc("2", "x/2.txt"), doc("3", "y/1.txt")], {"x": ["1", "2"], "y/1.txt": ["3"]}),
        (
            [doc("1", "x/1.txt"), doc("2", "x/2.txt"), doc("3", "x/all.jsonl"), doc("4", "x/all.jsonl")],
            {"x": ["1", "2"], "x/all.jsonl": ["3", "4"]},
        ),
        (
            [doc("1", "1.txt"), doc("2", "2.txt"), doc("3", "y/1.txt"), doc("4", "y/2.txt")],
            {".": ["1", "2"], "y": ["3", "4"]},
        ),
        ([doc("1", "a.jsonl", genre=4), doc("2", "a.jsonl", genre=4)], {}),
        ([doc("1", "a.jsonl"), doc("2", "a.jsonl")], {}),
        ([doc("1", "a.jsonl"), doc("2", "b.jsonl")], {}),
        ([], {}),
    ],
    ids=[
        "genre",
        "some without",
        "folder",
        "file beside folder",
        "here",
        "no text",
        "one file",
        "each its own",
        "none",
    ],
)
def test_the_groups_of_documents(documents, expected):
    """A genre counts where every document names one; else files and folders of several documents do."""
    assert grouped(*documents) == expected


def test_the_counts_of_a_group_are_those_of_its_documents():
    """Strict counts add up, for all labels and for one."""
    gold = [
        markup.parse("[Paris](LOC) et [Ann](PER)."),
        markup.parse("[Brest](LOC)."),
        markup.parse("[Lyon](LOC)."),
    ]
    pairs = [
        (Document(document.text, document.entities, str(number), path, annotated=True), result)
        for number, (document, path, result) in enumerate(
            zip(
                gold,
                ("a", "a", "b"),
                (markup.parse("[Paris](LOC) et Ann."), gold[1], markup.parse("Lyon.")),
                strict=True,
            )
        )
    ]
    result = score(pairs, Borders(hits_of([])))
    first, second = groups([gold for gold, _ in pairs], result.per_document)

    assert (first.name, first.strict(), first.strict(["LOC"])) == ("a", Counts(3, 2, 2), Counts(2, 2, 2))
    assert (second.name, second.strict()) == ("b", Counts(1, 0, 0))
