"""W3C Web Annotation: spans are found by quotation first and position second."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given

from properties import examples
from refusals import refusal
from ruletag.errors import RuletagError, format_fault
from ruletag.formats import FORMATS, Options
from ruletag.formats.labels import Labels
from ruletag.model import Document, Entity, Source
from test_formats import GOLDEN, documents, essence

FORMAT = FORMATS["webannotation"]
TEXT = "\U0001f30d Paris, Lyon, Paris et Paris."
PER = {"type": "TextualBody", "purpose": "tagging", "value": "LOC"}


def read(data, text=TEXT, **options):
    data = data if isinstance(data, str) else json.dumps(data)
    (document,) = FORMAT.loads(data, "a.jsonld", Options(beside={".txt": text}, **options))
    return document


def annotation(*selectors, body=PER, **more):
    return {"type": "Annotation", "body": body, "target": {"source": "a.txt", "selector": list(selectors)}} | more


def quotation(exact, **around):
    return {"type": "TextQuoteSelector", "exact": exact, **around}


def position(start, end):
    return {"type": "TextPositionSelector", "start": start, "end": end}


def spans(data, **options):
    return [entity.span for entity in read(data, **options).entities]


def test_what_is_written():
    """A page with one annotation per line: label, id and source as bodies, quotation with its context, position."""
    text = "é" * 40 + " Brest, c’est tout ce que nous avons à dire ici."
    rule = Source("rule", "city", "r.yaml", 3)
    document = Document(
        text, (Entity(41, 46, "LOC", "Brest", rule, "Q1"), Entity(41, 47, "ORG", "Brest,")), path="d/é.md"
    )
    written = FORMAT.dumps([document])
    ids = re.findall(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", written)
    assert len(set(ids)) == 2
    assert written == (
        '{"@context": "http://www.w3.org/ns/anno.jsonld", "type": "AnnotationPage", "items": [\n'
        f'{{"id": "{ids[0]}", "type": "Annotation", "motivation": "tagging", '
        '"body": [{"type": "TextualBody", "purpose": "tagging", "value": "ORG"}], '
        '"target": {"source": "%C3%A9.txt", "selector": [{"type": "TextQuoteSelector", "exact": "Brest,", '
        f'"prefix": "{"é" * 31} ", "suffix": " c’est tout ce que nous avons à "}}, '
        '{"type": "TextPositionSelector", "start": 41, "end": 47}]}},\n'
        f'{{"id": "{ids[1]}", "type": "Annotation", "motivation": "tagging", '
        '"generator": {"type": "Software", "name": "ruletag"}, '
        '"body": [{"type": "TextualBody", "purpose": "tagging", "value": "LOC"}, '
        '{"type": "TextualBody", "purpose": "identifying", "value": "Q1"}, '
        '{"type": "TextualBody", "purpose": "describing", "value": "city (r.yaml:3)"}], '
        '"target": {"source": "%C3%A9.txt", "selector": [{"type": "TextQuoteSelector", "exact": "Brest", '
        f'"prefix": "{"é" * 31} ", "suffix": ", c’est tout ce que nous avons à"}}, '
        '{"type": "TextPositionSelector", "start": 41, "end": 46}]}}\n'
        "]}\n"
    )
    (first, second) = read(written, text).entities
    assert (first.id, second.id, second.span, second.source.kind) == (None, "Q1", (41, 46, "LOC"), "gold")


@examples(150)
@given(documents())
def test_what_was_written_comes_back(document):
    """Any document, through the text beside; the same bytes again."""
    written = FORMAT.dumps([replace(document, path="a.txt")])
    again = read(written, document.text)
    assert (essence(again), again.annotated) == (essence(document), True)
    assert FORMAT.dumps([again]) == written


def test_the_golden_document_comes_back():
    """One text with everything in it."""
    assert essence(read(FORMAT.dumps([GOLDEN]), GOLDEN.text)) == essence(GOLDEN)


@pytest.mark.parametrize(
    ("selectors", "expected"),
    [
        ([quotation("Lyon")], (9, 13)),
        ([quotation("Lyon"), position(0, 4)], (9, 13)),
        ([quotation("Lyon", prefix="was", suffix="changed")], (9, 13)),
        ([quotation("Paris", suffix=" et")], (15, 20)),
        ([quotation("Paris", prefix="et ")], (24, 29)),
        ([quotation("Paris", prefix=", "), position(2, 7)], (15, 20)),
        ([quotation("Paris"), position(15, 20)], (15, 20)),
        ([quotation("Paris"), position(16, 21)], (15, 20)),
        ([position(9, 13)], (9, 13)),
        ([quotation("Paris", suffix="."), {"type": "RangeSelector"}], (24, 29)),
    ],
)
def test_quotation_first_position_second(selectors, expected):
    """The quotation says what, its surroundings where; a position decides, in code points or in UTF-16 units."""
    assert spans([annotation(*selectors)]) == [(*expected, "LOC")]


def test_shapes_that_tools_write():
    """One annotation, a list, a page, a collection; bodies and motivations as one or many, with or without purpose."""
    one = annotation(quotation("Lyon"))
    for data in (one, [one], {"items": [one]}, {"type": "AnnotationCollection", "first": {"items": [one]}}):
        assert spans(data) == [(9, 13, "LOC")]
    for body in ("LOC", [PER], [{"value": "LOC"}], [{"value": "!", "purpose": "commenting"}, PER]):
        assert spans([annotation(quotation("Lyon"), body=body)]) == [(9, 13, "LOC")]
    labels = Labels((("GPE", "LOC"),), frozenset({"DATE"}))
    bodies = [PER | {"value": "GPE"}, PER | {"value": "DATE"}]
    assert spans([annotation(quotation("Lyon"), body=bodies, motivation=["tagging"])], labels=labels) == [
        (9, 13, "LOC")
    ]


def test_what_is_left_out_is_counted():
    """Comments are no names, and a page that goes on elsewhere is not fetched; both are said."""
    comment = annotation(quotation("Lyon"), body={"type": "TextualBody", "value": "oui"}, motivation="commenting")
    document = read({"items": [comment, annotation(quotation("Lyon"))], "next": "http://example.org/2"})
    assert len(document.entities) == 1
    assert document.notes == (
        "the annotations continue in another file, which is not fetched",
        "annotations without a tag are not read: 1",
    )


def test_every_faulty_annotation_is_named():
    """All of them at once."""
    with pytest.raises(RuletagError) as error:
        read([annotation(quotation("Rome")), annotation(quotation("Lyon")), annotation(quotation("Paris"))])
    assert [format_fault(fault) for fault in error.value.faults] == [
        "a.jsonld:1: RT105 annotation 1: the quotation 'Rome' is not in the text\n  help: is it the text of this file?",
        "a.jsonld:1: RT105 annotation 3: the quotation 'Paris' occurs 3 times in the text\n"
        "  help: give a position, or more of the text around it",
    ]


def test_one_text_a_file():
    """A second document is refused by name."""
    with pytest.raises(RuletagError, match="RT106 a file of annotations holds one document, but there are several"):
        FORMAT.dumps([Document("A", path="a"), Document("B", path="b")])


WHOLE = FORMAT.dumps([Document("À Lyon.", (Entity(2, 6, "LOC", "Lyon"),))])
NO_OBJECT = ":1: RT105 record 1 is not a JSON object\n  help: expected an array of objects"
NO_JSON = "RT105 record 1 is not JSON: Expecting ',' delimiter\n  help: write an array of objects"
HOLDS = ":1: RT105 record 1: contains no annotations: neither 'target' nor a page with 'items'"
HOLDS += "\n  help: export it as JSON-LD of http://www.w3.org/ns/anno.jsonld"
ONE = ":1: RT105 annotation 1:"
QUOTED = f"{ONE} 'exact' must be a non-empty string, 'prefix' and 'suffix' strings"
COUNTED = "\n  help: offsets are code points, 0 <= start < end"
START = '"start": 2, "end": 6'
WANTED = f"{ONE} expected a TextQuoteSelector or TextPositionSelector, found"
BROKEN = [
    (WHOLE[:-4], f":2: {NO_JSON}"),
    ("", ": RT105 contains no JSON\n  help: expected an array of objects"),
    ("Lyon", NO_OBJECT),
    (WHOLE.replace('"items": [', '"items": '), f":3: {NO_JSON}"),
    (WHOLE.replace("[", "[" * 100_000),
        ":1: RT105 is nested too deeply\n  help: lists and objects may nest 64 levels deep"),
    (WHOLE.replace(START, '"start": ' + "9" * 5000),
        ":1: RT105 record 1: a number has too many digits\n  help: write it as a string"),
    ("{}", HOLDS),
    ("3", NO_OBJECT),
    (WHOLE.replace("items", "Items"), HOLDS),
    ('{"first": "http://example.org/1"}', HOLDS),
    ('{"items": [7]}', f"{ONE} expected an object with 'target', not 7"),
    (WHOLE.replace('"target"', '"Target"'), None),
    (WHOLE.replace("Selector", "Chooser"), f"{WANTED} TextPositionChooser, TextQuoteChooser"),
    (WHOLE.replace('"selector"', '"Selector"'), f"{WANTED} no selector"),
    (WHOLE.replace('"exact": "Lyon"', '"exact": 7'), QUOTED),
    (WHOLE.replace('"exact": "Lyon"', '"exact": ""'), QUOTED),
    (WHOLE.replace('"prefix": "À "', '"prefix": null'), QUOTED),
    (WHOLE.replace('"exact": "Lyon"', '"exact": "Rome"'),
        f"{ONE} the quotation 'Rome' is not in the text\n  help: is it the text of this file?"),
    (WHOLE.replace('"start": 2', '"start": "2"'), f"{ONE} 'start' and 'end' must be whole numbers, not ['2', 6]"),
    (WHOLE.replace("TextQuote", "Other").replace('"end": 6', '"end": 60'),
        f"{ONE} the span 2:60 is outside a text of 7 code points{COUNTED}"),
    (WHOLE.replace("TextQuote", "Other").replace('"end": 6', '"end": 2'), f"{ONE} the span 2:2 is empty{COUNTED}"),
    (WHOLE.replace('"LOC"', '"LIEU"'), ":1: RT205 unknown label 'LIEU'\n  help: use --map LIEU=LOC, or --ignore LIEU"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("data", "fault"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_refused(small, cli, tmp_path, data, fault):
    """One clear message with the file and line or annotation, and nothing is written."""
    (tmp_path / "a.txt").write_text("À Lyon.", encoding="utf-8")
    if fault is None:
        item = json.loads(data)["items"][0]
        fault = f"{ONE} expected an object with 'target', not {repr(item)[:80]}…"
    assert refusal(cli, tmp_path, "a.jsonld", data.encode()) == f"a.jsonld{fault}\n"


@pytest.mark.slow
def test_from_the_command(small, cli, tmp_path):
    """Both files are written; naming either reads both; a missing one is named; standard output cannot hold two."""
    (tmp_path / "in.txt").write_text("Emmanuel Macron.", encoding="utf-8")
    assert cli("tag", "in.txt", "--to", "webannotation", "-o", "out/a.jsonld").code == 0
    assert (tmp_path / "out/a.txt").read_bytes() == b"Emmanuel Macron."
    assert len(json.loads((tmp_path / "out/a.jsonld").read_bytes())["items"]) == 1
    assert cli("tag", "out", "--to", "text") == (0, "Emmanuel Macron.\n", "")
    assert cli("tag", "in.txt", "--to", "webannotation").code == 2
    (tmp_path / "out/a.txt").unlink()
    assert cli("tag", "out/a.jsonld", "--to", "text").err == (
        "out/a.txt: RT101 cannot be read: No such file or directory\n  help: check the name and the permissions\n"
    )
