"""DocBin: how spaCy reads it, spaCy's own files, and files that are not DocBin."""

from __future__ import annotations

import hashlib
import json
import zlib
from array import array
from dataclasses import replace

import pytest

from difficult import DIFFICULT
from ruletag.errors import RuletagError, format_fault
from ruletag.formats import FORMATS, docbin
from ruletag.formats.records import sources_of
from ruletag.formats.spans import nested
from ruletag.model import Document

spacy = pytest.importorskip("spacy")
srsly = pytest.importorskip("srsly")

FORMAT = FORMATS["docbin"]


@pytest.mark.slow
def test_spacy_opens_it():
    """spaCy finds every text, and every name as an entity; nested ones are in the span group alone."""
    from spacy.tokens import DocBin

    docs = list(DocBin().from_bytes(FORMAT.dumps(DIFFICULT)).get_docs(spacy.blank("fr").vocab))

    assert [doc.text for doc in docs] == [document.text for document in DIFFICULT]
    spans = [[(span.start_char, span.end_char, span.label_) for span in doc.spans["ruletag"]] for doc in docs]
    assert spans == [[entity.span for entity in document.entities] for document in DIFFICULT]
    ents = {document.id: [span.text for span in doc.ents] for document, doc in zip(DIFFICULT, docs, strict=True)}
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

    assert [([entity.span for entity in document.entities], document.annotated) for document in read] == [
        ([(9, 14, "LOC")], True),
        ([], False),
    ]


def as_doc(document, vocab):
    """The Doc of a document, with the tokens that are written for it."""
    from spacy.tokens import Doc, Span, SpanGroup

    words, spaces, starts, ends = docbin._tokens(document)
    user = {"id": document.id, "annotated": document.annotated, "meta": dict(document.meta)}
    user["sha256"] = hashlib.sha256(document.text.encode()).hexdigest()
    doc = Doc(vocab, words=words, spaces=spaces, user_data={"ruletag": user})
    spans = [
        Span(doc, starts[entity.start], ends[entity.end] + 1, entity.label, kb_id=entity.id or "", span_id=source)
        for entity, source in zip(document.entities, sources_of(document), strict=True)
    ]
    doc.set_ents(
        [span for span, entity in zip(spans, document.entities, strict=True) if entity not in nested(document)]
    )
    doc.spans["ruletag"] = SpanGroup(doc, name="ruletag", spans=spans)
    return doc


def test_what_is_written_is_what_spacy_packs():
    """The tables, groups and data are those of a DocBin to which spaCy adds the same documents as Docs."""
    from spacy.tokens import DocBin

    documents = [document for document in DIFFICULT if not list(docbin.losses(document))]
    documents += [
        replace(documents[0], entities=tuple(replace(entity, id="Q1") for entity in documents[0].entities)),
        Document("Rien"),
    ]
    ours = DocBin().from_bytes(FORMAT.dumps(documents))
    vocab = spacy.vocab.Vocab()
    theirs = DocBin(attrs=["ENT_IOB", "ENT_TYPE", "ENT_KB_ID", "ENT_ID", "SPACY"], store_user_data=True)
    for original in documents:
        theirs.add(as_doc(original, vocab))
    again = DocBin().from_bytes(theirs.to_bytes())

    assert len(documents) > 10
    for name in ("attrs", "cats", "flags", "span_groups", "user_data"):
        assert getattr(ours, name) == getattr(again, name)
    for name in ("tokens", "spaces"):
        assert [original.tolist() for original in getattr(ours, name)] == [
            original.tolist() for original in getattr(again, name)
        ]
    assert again.strings - ours.strings <= {string.lower() for string in ours.strings}  # norms, which are made again
    assert ours.strings <= again.strings


def test_groups_as_older_versions_pack_them():
    """Span groups may be a list instead of a mapping, and a group may have several names."""
    from spacy.tokens import DocBin

    bin = DocBin().from_bytes(FORMAT.dumps(DIFFICULT[:2]))
    for number, groups in enumerate(map(srsly.msgpack_loads, bin.span_groups)):
        packed = {key: ["ruletag", "other"] for key in groups} if number else list(groups)
        bin.span_groups[number] = srsly.msgpack_dumps(packed)
    bin.store_user_data = True
    one, two = FORMAT.loads(bin.to_bytes(), "a.spacy")

    assert [[entity.span for entity in document.entities] for document in (one, two)] == [
        [entity.span for entity in document.entities] for document in DIFFICULT[:2]
    ]
    assert (one.notes, two.notes) == ((), ("span groups are not read: other",))


def test_data_of_extensions():
    """The user data of other programs has tuples as keys (`doc._.name`), and may be missing."""
    from spacy.tokens import Doc, DocBin

    docs = [Doc(spacy.vocab.Vocab(), words=["Paris"], user_data={("._.", "name", None, None): 3}) for _ in range(2)]
    bin = DocBin(docs=docs, store_user_data=True)
    with_data = [document.text for document in FORMAT.loads(bin.to_bytes(), "a.spacy")]
    del bin.user_data[1:]
    without = [document.text for document in FORMAT.loads(bin.to_bytes(), "a.spacy")]

    assert with_data == without == ["Paris ", "Paris "]


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("user_data", b"\xc1", ": document 2 is damaged"),
        ("user_data", b"\x80\x80", ": document 2 is damaged"),
        ("span_groups", b"\x01", ": document 2 is damaged"),
        ("strings", None, ": document 1 is damaged"),
        ("tokens", None, ""),
        ("label", 12345, ": document 1 is damaged"),
    ],
)
def test_a_damaged_part_is_named(name, value, where):
    """Data that spaCy itself would not unpack is one fault, with the document if there is one."""
    from spacy.tokens import DocBin

    bin = DocBin().from_bytes(FORMAT.dumps(DIFFICULT[:2]))
    bin.store_user_data = True
    if name == "strings":
        bin.strings.discard("Emmanuel")
    elif name == "tokens":
        del bin.tokens[1]
    elif name == "label":
        bin.tokens[0] = bin.tokens[0].copy()
        bin.tokens[0][:, 2] = value
        bin.span_groups[0] = b""
    else:
        getattr(bin, name)[1] = value
    with pytest.raises(RuletagError) as error:
        list(FORMAT.loads(bin.to_bytes(), "a.spacy"))

    (message,) = [format_fault(fault) for fault in error.value.faults]
    place = f":{where.split()[2]}" if where else ""
    assert (
        message == f"a.spacy{place}: RT105 is not a complete DocBin{where}\n  help: write it again, with DocBin.to_disk"
    )


@pytest.mark.parametrize(
    ("lengths", "number"),
    [([2, 3, 2], 3), ([2, 4, 1], 3), ([2, 3, 1, 1], 4), ([9, 0, 0], 1), ([2, 3, 2_000_000_000], 3)],
)
def test_fewer_tokens_than_it_says(lengths, number):
    """spaCy takes the tokens that there are; a document that lacks some is damaged, and so is the file."""
    from spacy.tokens import Doc, DocBin

    vocab = spacy.vocab.Vocab()
    docs = [Doc(vocab, words=words) for words in (["Vers", "Paris"], ["De", "Brest", "et"], ["Oslo"])]
    message = srsly.msgpack_loads(zlib.decompress(DocBin(docs=docs).to_bytes()))
    assert list(array("i", message["lengths"])) == [2, 3, 1]
    message["lengths"] = array("i", lengths).tobytes()
    for name in ("cats", "flags", "span_groups"):
        message[name] = [*message[name], message[name][-1]][: len(lengths)]
    with pytest.raises(RuletagError) as error:
        list(FORMAT.loads(zlib.compress(srsly.msgpack_dumps(message)), "a.spacy"))

    (refusal,) = [format_fault(fault) for fault in error.value.faults]
    where = f"is not a complete DocBin: document {number} is damaged"
    assert refusal == f"a.spacy:{number}: RT105 {where}\n  help: write it again, with DocBin.to_disk"


@pytest.mark.parametrize("data", [b"", b"x" * 100, FORMAT.dumps(DIFFICULT)[:-40]])
def test_other_bytes_are_refused(data):
    """A file that is not a whole DocBin is one fault with the file."""
    with pytest.raises(RuletagError) as error:
        list(FORMAT.loads(data, "a.spacy"))

    (message,) = [format_fault(fault) for fault in error.value.faults]
    assert message == "a.spacy: RT105 is not a complete DocBin\n  help: write it again, with DocBin.to_disk"


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
    """Data that only ruletag writes, but not in this form, is a fault with the document."""
    with pytest.raises(RuletagError) as error:
        list(FORMAT.loads(stored(**user), "a.spacy"))

    assert [format_fault(fault) for fault in error.value.faults] == [f"a.spacy:1: RT105 {message}"]
