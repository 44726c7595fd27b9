"""How often formats look at what a document has: a fixed number of times for each span, however many there are."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec
from uuid import NAMESPACE_URL, uuid5

import pytest

from ruletag.formats import FORMATS, Options
from ruletag.formats.offsets import CodePoints, Utf16
from ruletag.formats.records import ORIGINS, sources_of
from ruletag.formats.webannotation import _urn
from ruletag.formats.xmltext import XmlText
from ruletag.model import Document, Entity, Source

EXTRAS = {"cas": "cassis", "arrow": "pyarrow", "spacy": "spacy", "warc": "fastwarc"}
INSTALLED = [
    declaration for declaration in FORMATS.values() if not declaration.extra or find_spec(EXTRAS[declaration.extra])
]
WRITERS = [declaration.name for declaration in INSTALLED if declaration.write]
COUNTERS = [
    declaration.name
    for declaration in INSTALLED
    if declaration.read and declaration.write and "offsets" in declaration.options
]
WORD = "Élise "


def names(number, origins=()):
    """A document of so many names."""
    size = len(WORD)
    entities = tuple(Entity(size * n, size * (n + 1) - 1, "PER", WORD.strip()) for n in range(number))
    return Document(WORD * number, entities, "a", "a", True, meta={ORIGINS: list(origins)} if origins else {})


class Origin(dict):
    """An origin that counts accesses to its attributes."""

    asked: Counter[str] = Counter()

    def get(self, *arguments):
        self.asked["get"] += 1
        return super().get(*arguments)


@pytest.mark.parametrize("name", WRITERS)
def test_origins_are_looked_at_once(name, monkeypatch):
    """The work of a format on the recorded origins grows with their number, not with its square."""
    counts = []
    for number in (20, 40):
        monkeypatch.setattr(Origin, "asked", Counter())
        document = names(number)
        items = [Origin(start=e.start, end=e.end, label=e.label, source="per.x (r.yaml:1)") for e in document.entities]
        FORMATS[name].dumps([names(number, items)])
        counts.append(Origin.asked["get"])
    assert counts[1] == 2 * counts[0]


def test_the_first_origin_of_a_span_is_its_source():
    """Of several origins for a span the first counts; those without whole numbers and a label are nobody's."""
    span = {"start": 0, "end": 5, "label": "PER"}
    items = [span | {"start": [0]}, span | {"start": 0.0}, span | {"label": {}}, {}, span | {"source": "b"}, span]
    assert sources_of(names(2, items)) == ["b", ""]
    made = Entity(0, 5, "PER", "Élise", Source("rule", "per.title", "r.yaml", 7))
    assert sources_of(Document("Élise", (made,), meta={ORIGINS: items})) == ["per.title (r.yaml:7)"]


@pytest.mark.parametrize("name", COUNTERS)
def test_a_text_is_counted_once(name, monkeypatch):
    """`--offsets` converts a text as a whole, and not again for each of its spans."""
    made = []
    monkeypatch.setattr(Utf16, "__init__", lambda self, text: made.append(text) or CodePoints.__init__(self, text))
    monkeypatch.setattr(Utf16, "_astral", [], raising=False)
    monkeypatch.setattr(Utf16, "_units", [], raising=False)
    counts = []
    for number in (20, 40):
        document = names(number)
        written = FORMATS[name].dumps([document])
        made.clear()
        options = Options(offsets="utf16", beside={".txt": document.text})
        (again,) = FORMATS[name].loads(written, "a", options)
        assert [entity.span for entity in again.entities] == [entity.span for entity in document.entities]
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_bytes_of_a_piece_are_counted_once(monkeypatch):
    """Tags are put into a long paragraph without counting its bytes from the beginning for each of them."""
    seen = []

    class Text(str):
        def __getitem__(self, place):
            seen.append(len(range(*place.indices(len(self)))) if isinstance(place, slice) else 1)
            return super().__getitem__(place)

    def byte(pieces, piece, offset):
        pieces.text = Text(pieces.text)
        return usual(pieces, piece, offset)

    usual = XmlText.byte
    monkeypatch.setattr(XmlText, "byte", byte)
    document = names(200)
    written = FORMATS["tei"].dumps([document])
    assert sum(seen) < 4 * len(document.text)
    (again,) = FORMATS["tei"].loads(written, "a.xml")
    assert [entity.span for entity in again.entities] == [entity.span for entity in document.entities]


@pytest.mark.parametrize("name", ["", "a", "é" * 100, *map(str, range(40))])
def test_urns_are_those_of_the_standard_library(name):
    """Ids of annotations are UUIDs of version 5."""
    assert _urn(name) == uuid5(NAMESPACE_URL, name).urn
