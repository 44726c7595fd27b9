"""Shared by readers: spans that overlap, how two texts differ, ids, and formats with one document per file."""

from __future__ import annotations

import pytest

from ruletag.errors import RuletagError, format_fault
from ruletag.formats.contract import Options
from ruletag.formats.offsets import CODE_POINTS, offsets
from ruletag.formats.spans import (
    HASH,
    Place,
    check_hash,
    check_id,
    difference,
    entity,
    nested,
    only_one,
    same_text,
    sha256,
)
from ruletag.model import Document, Entity

PLACE = Place("a.jsonl", 7, "record 3")


def refused(function, *arguments):
    """The report of what a function refuses."""
    with pytest.raises(RuletagError) as error:
        function(*arguments)
    return [format_fault(fault) for fault in error.value.faults]


def document(text, *spans, **fields):
    """A document of spans of persons."""
    return Document(text, tuple(Entity(start, end, "PER", text[start:end]) for start, end in spans), **fields)


@pytest.mark.parametrize(
    ("sent", "returned", "message", "how"),
    [
        ("Zoé dort.", "Zoé dort.\n", "9: '' became '\\n'", "the final line break differs"),
        ("Zoé dort.\r\n", "Zoé dort.", "9: '\\r\\n' became ''", "the final line break differs"),
        ("Zoé\r\ndort.", "Zoé\ndort.", "3: '\\r\\ndort.' became '\\ndort.'", "line ends were converted (CRLF and LF)"),
        ("Zoé\ndort.", "Zoé\r\ndort.", "3: '\\ndort.' became '\\r\\ndort.'", "line ends were converted (CRLF and LF)"),
        ("Zoé.", "Zoe\u0301.", "2: 'é.' became 'e\u0301.'", "the text was normalised (NFC and NFD)"),
        ("Zoe\u0301.", "Zoé.", "2: 'e\u0301.' became 'é.'", "the text was normalised (NFC and NFD)"),
        ("Zoé\u00a0dort.", "Zoé dort.", "3: '\\xa0dort.' became ' dort.'", "white space was changed"),
        ("Zoé dort.", "Zoé  dort.", "4: 'dort.' became ' dort.'", "white space was changed"),
        ("Zoé dort.", "Zoé rit.", "4: 'dort.' became 'rit.'", ""),
        ("Zoé rit.", "Zoé dort.", "4: 'rit.' became 'dort.'", ""),
        ("a" + "b" * 20, "c" + "b" * 20, "0: 'abbbbbbbbbbb' became 'cbbbbbbbbbbb'", ""),
    ],
)
def test_how_texts_differ(sent, returned, message, how):
    """The first character at which they differ, twelve of each from there, and in what, where that has a name."""
    message = f"the texts differ at character {message}"
    assert difference(sent, returned) == (message, how)
    help = how or "restore the text as it was tagged"
    assert refused(same_text, sent, returned, PLACE) == [f"a.jsonl:7: RT114 record 3: {message}\n  help: {help}"]
    assert same_text(sent, sent, PLACE) is None


@pytest.mark.parametrize("text", ["Zoé", "zoé", ""])
def test_a_text_that_is_not_that_of_its_hash(text):
    """The hash of another text is refused, whichever is larger; that of this one, or none, is not."""
    hashes = {HASH: sha256("Zoe\u0301")}
    assert refused(check_hash, text, hashes, PLACE) == [
        "a.jsonl:7: RT114 record 3: the text was changed since it was written: its sha256 is different\n"
        "  help: restore the text; offsets into a changed text are meaningless"
    ]
    assert [check_hash(text, meta, PLACE) for meta in ({HASH: sha256(text)}, {}, {HASH: 5})] == [None] * 3


def test_spans_that_are_empty():
    """A span that ends where it starts, or before, holds nothing."""
    counted = offsets("Zoé dort.", CODE_POINTS)
    for start, end in ((4, 4), (5, 2)):
        assert refused(entity, "Zoé dort.", (start, end, "PER"), PLACE, Options(), counted) == [
            f"a.jsonl:7: RT105 record 3: the span {start}:{end} is empty\n"
            "  help: offsets are code points, 0 <= start < end"
        ]


def test_nested():
    """Of spans that overlap, those are dropped that begin before the end of one that is kept; adjacent ones stay."""
    made = document("a" * 20, (0, 5), (0, 3), (4, 6), (5, 8), (8, 12), (9, 10), (11, 15))
    assert [inner.span[:2] for inner in nested(made)] == [(0, 3), (4, 6), (9, 10), (11, 15)]


def test_formats_of_one_document():
    """The first document is given; a second one is refused, with what would hold both."""
    first, second = document("a"), document("b")
    assert list(only_one([first], "a page")) == [first]
    documents = only_one([first, second], "a page")
    assert next(documents) == first
    assert refused(next, documents) == [
        "--to: RT106 a page holds one document, but there are several\n"
        "  help: write --to jsonl, and `ruletag convert` that to a folder"
    ]


def test_documents_need_an_id():
    """A document without an id is named by its file and the line on which it begins."""
    assert check_id(document("a", id="x")) is None
    assert refused(check_id, document("a\nb", path="d.jsonl", lines=(4, 5))) == [
        "d.jsonl:4: RT106 has no id, which is needed to join its spans to it\n"
        "  help: give each document an id, or write the texts too"
    ]
