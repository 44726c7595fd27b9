"""DocBin: what spaCy makes of it, files of spaCy's own, and files that are none."""

from __future__ import annotations

import json

import pytest

from difficult import DIFFICULT
from ruletag.errors import RuletagError, format_fault
from ruletag.formats import FORMATS

spacy = pytest.importorskip("spacy")

FORMAT = FORMATS["docbin"]


@pytest.mark.slow
def test_spacy_opens_it():
    """spaCy finds every text, and every name as an entity; nested ones are in the span group alone."""
    from spacy.tokens import DocBin

    docs = list(DocBin().from_bytes(FORMAT.dumps(DIFFICULT)).get_docs(spacy.blank("fr").vocab))

    assert [doc.text for doc in docs] == [each.text for each in DIFFICULT]
    found = [[(span.start_char, span.end_char, span.label_) for span in doc.spans["ruletag"]] for doc in docs]
    assert found == [[entity.span for entity in each.entities] for each in DIFFICULT]
    ents = {each.id: [span.text for span in doc.ents] for each, doc in zip(DIFFICULT, docs, strict=True)}
    assert ents["nested"] == ["Université de Paris"]
    assert ents["crlf"] == ["Paris", "Jean\r\nBon"]
    assert docs[0].ents[0].id_ == "per.title (rules/per.yaml:12)"


def test_a_file_of_spacy_is_read():
    """The entities of a DocBin that another program wrote are gold; documents without any annotation are not."""
    from spacy.tokens import DocBin, Span

    nlp = spacy.blank("fr")
    one, two = nlp("Il vit à Paris"), nlp("Rien")
    one.ents = [Span(one, 3, 4, "LOC")]
    read = list(FORMAT.loads(DocBin(docs=[one, two]).to_bytes(), "a.spacy"))

    assert [([each.span for each in found.entities], found.annotated) for found in read] == [
        ([(9, 14, "LOC")], True),
        ([], False),
    ]


@pytest.mark.parametrize("data", [b"", b"x" * 100, FORMAT.dumps(DIFFICULT)[:-40]])
def test_other_bytes_are_refused(data):
    """What is no DocBin, or not all of one, is one fault with the file."""
    with pytest.raises(RuletagError) as error:
        list(FORMAT.loads(data, "a.spacy"))

    (told,) = [format_fault(fault) for fault in error.value.faults]
    assert told == "a.spacy: RT105 is not a complete DocBin\n  help: write it again, with DocBin.to_disk"


def stored(**user):
    """A file with one document and that user data of ours."""
    from spacy.tokens import Doc, DocBin

    doc = Doc(spacy.blank("fr").vocab, words=["Paris"], spaces=[False], user_data={"ruletag": user})
    return DocBin(docs=[doc], store_user_data=True).to_bytes()


def test_other_data_of_any_kind():
    """User data may hold what JSON lacks: it is kept as text, and the document can be written."""
    meta = {"n": float("nan"), "b": b"\xff", "t": (1, 2), 3: None}
    (document,) = FORMAT.loads(stored(meta=meta, id=7), "a.spacy")

    assert (document.id, document.meta) == ("7", {"n": "nan", "b": r"b'\xff'", "t": [1, 2], "3": None})
    assert json.loads(FORMATS["jsonl"].dumps([document]))["n"] == "nan"


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ({"annotated": "no"}, "document 1: 'annotated' must be true or false, not 'no'"),
        ({"id": [1]}, "document 1: an id must be a string or a number"),
        ({"meta": ["a"]}, "document 1: its other data must be an object"),
    ],
)
def test_user_data_of_another_shape(user, message):
    """What only we write, and did not write so, is a fault with the document."""
    with pytest.raises(RuletagError) as error:
        list(FORMAT.loads(stored(**user), "a.spacy"))

    assert [format_fault(fault) for fault in error.value.faults] == [f"a.spacy:1: RT105 {message}"]
