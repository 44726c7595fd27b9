"""Files that a lenient reader would take for fewer names, or for another text: refused, or the loss is noted."""

from __future__ import annotations

import gzip
import json

import pytest

from ruletag.errors import RuletagError, format_fault
from ruletag.files import find_inputs, iter_documents
from ruletag.formats import FORMATS, Options

TEXT = "Jean Bon et Odile Varenne."
WORD = "\t_" * 7
WEBANNO = "#FORMAT=WebAnno TSV 3.3\n#T_SP=a.NamedEntity|value\n\n"


def read(name, data):
    """The only document of a file, which may have a text beside it."""
    beside = {companion.suffix: TEXT for companion in FORMATS[name].companions if companion.read}
    (document,) = FORMATS[name].loads(data, "a", Options(beside=beside))
    return document


def spans(document):
    return [(entity.text, entity.label) for entity in document.entities]


REFUSED = {
    "CoNLL: a token with a space": (
        "conll",
        "Jean B-PER\nNew York B-LOC\n",
        "a:2: RT105 has 3 columns, but the lines before it have 2\n"
        "  help: are columns separated by tabs? a token cannot contain the separator",
    ),
    "CoNLL: a column is missing": (
        "conll",
        "Jean\tNPP\tB-PER\nBon\tI-PER\n",
        "a:2: RT105 has 2 columns, but the lines before it have 3\n"
        "  help: are columns separated by tabs? a token cannot contain the separator",
    ),
    "CoNLL: lines that end in CR": (
        "conll",
        "Jean B-PER\rBon I-PER\r",
        "a:1: RT105 contains a carriage return that does not end the line\n  help: end all lines with LF or CRLF",
    ),
    "CoNLL: a document and lines that end in CR": (
        "conll",
        "-DOCSTART- O\r\rJean B-PER\rBon I-PER\r",
        "a:1: RT105 contains a carriage return that does not end the line\n  help: end all lines with LF or CRLF",
    ),
    "CoNLL-U: lines that end in CR": (
        "conllu",
        f"# newdoc\r1\tJean{WORD}\tNE=B-PER\r",
        "a:1: RT105 contains a carriage return that does not end the line\n  help: end all lines with LF or CRLF",
    ),
    "CoNLL-U: no blank line between sentences": (
        "conllu",
        f"1\tJean{WORD}\tNE=B-PER\n2\tdort{WORD}\t_\n1\tParis{WORD}\tNE=B-LOC\n",
        "a:3: RT105 the number 1 does not follow 2\n"
        "  help: number the words of a sentence, and end it with a blank line",
    ),
    "CoNLL-U: words that are missing": (
        "conllu",
        f"1-9\tau{WORD}\tNE=O\n1\tà{WORD}\t_\n2\tle{WORD}\t_\n",
        "a:1: RT105 the token stands for words up to 9, but the sentence ends with 2\n"
        "  help: write a line for each of its words",
    ),
    "CoNLL-U: words in the wrong order": (
        "conllu",
        f"3-1\tau{WORD}\tNE=O\n",
        "a:1: RT105 '3-1' is not a token number\n  help: tokens are 1, 2, or 1-2, or 1.1",
    ),
    "doccano: two lists of names": (
        "doccano",
        '{"text": "Jean Bon", "label": [[0, 8, "PER"]], "entities": [[0, 4, "PER"]]}\n',
        "a:1: RT105 has annotations under several keys: label, entities\n  help: keep one of them",
    ),
    "Prodigy: an answer that is none": (
        "prodigy",
        '{"text": "Jean", "spans": [], "answer": "REJECT"}\n',
        "a:1: RT105 unknown answer 'REJECT'\n  help: answers are accept, reject, ignore",
    ),
    "WebAnno TSV: cut before the last token": (
        "webanno",
        f"{WEBANNO}#Text=Jean dort à Paris.\n1-1\t0-4\tJean\tPER\t\n1-2\t5-9\tdort\t_\t\n",
        "a:4: RT105 the sentence has no token for its last word: 'Paris.'\n  help: is the file complete?",
    ),
    "WebAnno TSV: cut before the first token": (
        "webanno",
        f"{WEBANNO}#Text=Jean dort à Pa\n",
        "a:4: RT105 the sentence has no token for its last word: 'Pa'\n  help: is the file complete?",
    ),
    "Web Annotation: no target": (
        "webannotation",
        '{"type": "Annotation", "body": "PER", "target": []}',
        "a:1: RT105 annotation 1: expected an object with 'target', not "
        "{'type': 'Annotation', 'body': 'PER', 'target': []}",
    ),
    "TEI: entities that fill memory": (
        "tei",
        b'<!DOCTYPE a [<!ENTITY e "' + b"x" * 1000 + b'">]><TEI><text>' + b"&e;" * 2000 + b"</text></TEI>",
        "a:1:3156: RT105 its entities stand for more than 100 times the file\n  help: write their content instead",
    ),
}


@pytest.mark.parametrize(("name", "data", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(name, data, message):
    """A file that can be read only with a loss is refused, with its line."""
    with pytest.raises(RuletagError) as error:
        read(name, data)

    assert [format_fault(fault) for fault in error.value.faults] == [message]


LABELS = [{"start": 0, "end": 8, "text": "Jean Bon", "labels": ["PER"]}]
READ = {
    "CoNLL: a no-break space in a token": ("conll", "Côte\u00a0d’Or B-LOC\n", [("Côte\u00a0d’Or", "LOC")], ()),
    "CoNLL: several spaces between columns": ("conll", " Jean  NPP   B-PER\n", [("Jean", "PER")], ()),
    "doccano: the second list has the names": (
        "doccano",
        '{"text": "Jean Bon", "label": [], "entities": [[0, 8, "PER"]]}\n',
        [("Jean Bon", "PER")],
        (),
    ),
    "Label Studio: a control of another name": (
        "label-studio",
        json.dumps([{"text": TEXT, "ner": LABELS, "annotation_id": 1}]),
        [("Jean Bon", "PER")],
        (),
    ),
    "Label Studio: a region without a label": (
        "label-studio",
        json.dumps([{"text": TEXT, "label": [*LABELS, {"start": 0, "end": 4, "text": "Jean", "labels": []}]}]),
        [("Jean Bon", "PER")],
        ("regions without a label are not read: 1",),
    ),
    "TEI: a file that is included": (
        "tei",
        b'<TEI xmlns:xi="http://www.w3.org/2001/XInclude"><text><p>Rien</p><xi:include href="b.xml"/></text></TEI>',
        [],
        ("files that it includes are not read: b.xml",),
    ),
    "TEI: a name without text": (
        "tei",
        b"<TEI><text><p><persName/>Jean\n<persName> </persName></p></text></TEI>",
        [],
        ("the name in line 1 has no text: it is not read", "the name in line 2 has no text: it is not read"),
    ),
}


@pytest.mark.parametrize(("name", "data", "expected", "notes"), READ.values(), ids=READ)
def test_read(name, data, expected, notes):
    """All names are read, and everything that is not read is noted."""
    document = read(name, data)

    assert (spans(document), document.notes) == (expected, notes)


def test_entities_up_to_the_limit():
    """A file may consist of its own entities."""
    data = b'<!DOCTYPE a [<!ENTITY oe "\xc5\x93">]><TEI><text>' + b"&oe;" * 2000 + b"</text></TEI>"

    assert read("tei", data).text == "œ" * 2000


PACKED = [("a.ann.gz", "a.txt.gz"), ("a.ann.gz", "a.txt"), ("a.ann", "a.txt.gz")]


@pytest.mark.parametrize(("main", "text"), PACKED)
def test_pairs_that_are_compressed(tmp_path, main, text):
    """Either file of a pair may be compressed, whichever is named, alone and in a folder."""
    for name, data in ((main, "T1\tPER 0 8\tJean Bon\n"), (text, TEXT)):
        (tmp_path / name).write_bytes(gzip.compress(data.encode()) if name.endswith("gz") else data.encode())
    for argument, format in ((main, None), (text, "brat"), (".", None)):
        (source,) = find_inputs([str(tmp_path / argument)], format)
        (document,) = iter_documents(source)
        assert (source.path, document.text, spans(document)) == (tmp_path / main, TEXT, [("Jean Bon", "PER")])


@pytest.mark.parametrize("inside", [False, True], ids=["named", "in a folder"])
def test_a_text_without_its_annotations(tmp_path, inside):
    """Half of a pair is not read as the other half."""
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    path = tmp_path / "a.txt"
    with pytest.raises(RuletagError) as error:
        find_inputs([str(tmp_path if inside else path)], "brat")

    assert [format_fault(fault) for fault in error.value.faults] == [
        f"{path}: RT101 there is no a.ann beside it\n  help: the format brat is read from pairs of files"
    ]
