"""The values: spans check themselves, documents keep reading order, nothing can be changed."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from ruletag.model import (
    GOLD,
    Alternative,
    Document,
    Draft,
    Entity,
    Entry,
    Part,
    Source,
    document_of,
    entities_of,
    sort_entities,
)

BAD_SPANS = [(-1, 2), (3, 3), (3, 2), (0, 0)]


@pytest.mark.parametrize(("start", "end"), BAD_SPANS)
def test_entity_needs_a_span(start, end):
    """An empty, reversed or negative span cannot exist."""
    with pytest.raises(ValueError, match="a span needs") as caught:
        Entity(start, end, "LOC", "Lomé"[: max(0, end - start)])
    assert str(caught.value) == f"a span needs 0 <= start < end, not {start}:{end}"


def test_entity_needs_a_surface_of_its_length():
    """The surface of an entity has the length of its span, in code points."""
    assert Entity(0, 2, "MISC", "😀é").span == (0, 2, "MISC")
    with pytest.raises(ValueError, match="code points long") as caught:
        Entity(0, 3, "LOC", "Lomé")
    assert str(caught.value) == "the surface 'Lomé' is not 3 code points long"


@pytest.mark.parametrize(("start", "end"), [(1, 5), (8, 12)])
def test_document_needs_surfaces_that_stand_there(start, end):
    """A document cannot hold an entity whose surface is elsewhere, or past its end."""
    with pytest.raises(ValueError, match="of the text") as caught:
        Document("à Lomé.", (Entity(start, end, "LOC", "Lomé"),))
    assert str(caught.value) == f"'Lomé' is not at {start}:{end} of the text"


def test_document_sorts_its_entities():
    """Entities are in reading order; of two with the same start the longer comes first, then by label."""
    text = "Ville de Lomé"
    spans = [(9, 13, "LOC"), (0, 5, "MISC"), (0, 13, "ORG"), (0, 13, "LOC")]
    entities = tuple(Entity(start, end, label, text[start:end]) for start, end, label in spans)
    expected = [(0, 13, "LOC"), (0, 13, "ORG"), (0, 5, "MISC"), (9, 13, "LOC")]
    assert [entity.span for entity in Document(text, entities).entities] == expected
    assert [entity.span for entity in sort_entities(reversed(entities))] == expected


def test_replacing_a_text_checks_again():
    """A document made out of another one is checked like a new one."""
    document = Document("à Lomé.", (Entity(2, 6, "LOC", "Lomé"),))
    with pytest.raises(ValueError, match="is not at 2:6"):
        replace(document, text="Lomé.")


def test_values_are_frozen():
    """No value can be changed after it was built."""
    with pytest.raises(FrozenInstanceError):
        Document("Lomé").text = "Accra"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        Entity(0, 4, "LOC", "Lomé").label = "PER"  # type: ignore[misc]


def test_what_is_made_without_checks_is_the_same():
    """Entities from drafts, and a document of them, equal those that check themselves: frozen, field by field."""
    rows = [
        (0, 4, "LOC", "Lomé", Source("entry", "Lomé"), "Q1", (), None, ""),
        (9, 12, "PER", "Ana", Source("rule", "r"), None, (Part("title", 5, 8),), Part("<title>", 5, 8), "Ana (0:3)"),
    ]
    entities = [Entity(*row) for row in rows]
    drafts = [Draft(), Draft()]
    for draft, row in zip(drafts, rows, strict=True):
        for field, value in zip(fields(Entity), row, strict=True):
            setattr(draft, field.name, value)
    made = entities_of(drafts)
    assert (made, [type(instance) for instance in made], entities_of([])) == (entities, [Entity] * 2, [])
    text, lost = "Lomé mme Ana", [Alternative(0, 2, "MISC", "Lo", GOLD, "shorter")]
    document = document_of(text, tuple(made), lost)
    whole = Document(text, tuple(entities), alternatives=lost)
    for other in (document, pickle.loads(pickle.dumps(document))):
        assert {field.name: getattr(other, field.name) for field in fields(Document)} == {
            field.name: getattr(whole, field.name) for field in fields(Document)
        }
        assert (other, type(other), repr(other)) == (whole, Document, repr(whole))
        with pytest.raises(FrozenInstanceError):
            other.entities[0].start = 1
        with pytest.raises(FrozenInstanceError):
            other.text = ""


def test_document_defaults():
    """A raw text has no entities, no gold, no name and nothing from outside; each document has its own `meta`."""
    document = Document("Lomé")
    assert (document.entities, document.annotated, document.id, document.path) == ((), False, None, "")
    assert (document.alternatives, document.meta) == ((), {})
    assert document.meta is not Document("Lomé").meta


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (Source("rule", "per.title-name", "rules/per.yaml", 12), "per.title-name (rules/per.yaml:12)"),
        (Source("entry", "Lomé", "noms.txt"), "Lomé (noms.txt)"),
        (GOLD, "gold"),
    ],
)
def test_source_reads_as_its_name_and_place(source, text):
    """A source reads as its name, with the file and line if they are known."""
    assert str(source) == text


@pytest.mark.parametrize(("key", "expected"), [("PER", True), ("MISC", True), ("title", False), ("per", False)])
def test_entry_of_a_label(key, expected):
    """An entry whose key is one of the four labels is a name; any other key is a word class."""
    assert Entry("x", key, GOLD).is_label is expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [((), [1, 1, 2, 3]), ((7,), [7, 7, 7, 7]), ((4, 6, 9), [4, 4, 6, 9]), ((4, 6), [4, 4, 6, 3])],
)
def test_line_of_an_offset(lines, expected):
    """A document knows the line of its file for each offset: one for all, one for each line, or its own count."""
    document = Document("Lomé\nAccra\nDakar", lines=lines)
    assert [document.line(offset) for offset in (0, 4, 5, 11)] == expected
