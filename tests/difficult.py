"""One set of documents with everything that formats stumble over, and the golden files that are made of it.

python tests/difficult.py        # writes the golden files again; read the difference before you commit it
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from ruletag import __version__
from ruletag.batch import Target, write_alone
from ruletag.errors import RuletagError
from ruletag.formats import FORMATS, Format, Options
from ruletag.formats.contract import text_stream
from ruletag.model import Document, Entity, Source

GOLDEN = Path(__file__).parent / "golden"
_RULE = Source("rule", "per.title", "rules/per.yaml", 12)


def document(id: str, text: str, *surfaces: tuple[str, str], meta: dict[str, object] | None = None) -> Document:
    """A document with names in reading order; each is looked for from the beginning of the one before."""
    entities, start = [], 0
    for surface, label in surfaces:
        start = text.index(surface, start)
        source = _RULE if label == "PER" else Source("gold", "gold")
        entities.append(Entity(start, start + len(surface), label, surface, source))
    return Document(text, tuple(entities), id, "difficult", True, meta=meta or {}, lines=(1,))


DIFFICULT = [
    document(
        "emoji",
        "\U0001f600\U0001f600 Emmanuel Macron \U0001f469‍\U0001f467 à \U0001d4abaris.",
        ("Emmanuel Macron", "PER"),
        ("\U0001d4abaris", "LOC"),
    ),
    document("marks", "À E\u0301vry, l’e\u0301te\u0301, I\u0307nönü.", ("E\u0301vry", "LOC"), ("I\u0307nönü", "PER")),
    document("crlf", "À Paris.\r\nJean\r\nBon dort.\r\n", ("Paris", "LOC"), ("Jean\r\nBon", "PER")),
    document(
        "spaces", "La Côte\u00a0d’Ivoire\u202f: 1\u2009000\tONU  .", ("Côte\u00a0d’Ivoire", "LOC"), ("ONU", "ORG")
    ),
    document("adjacent", "Paris/Lyon, OslOslo", ("Paris", "LOC"), ("Lyon", "LOC"), ("Osl", "ORG"), ("Oslo", "LOC")),
    document("nested", "L’Université de Paris", ("Université de Paris", "ORG"), ("Paris", "LOC")),
    document("end", "Il vit à Paris", ("Paris", "LOC")),
    document("break", "Voici Jean\nBon.\n\n", ("Jean\nBon", "PER")),
    document("empty", ""),
    document(
        "signs",
        '[Le Monde]_ORG {PER} <b>Paris</b> & \\o/ "Oslo" # , ;',
        ("Le Monde", "ORG"),
        ("Paris", "LOC"),
        ("Oslo", "LOC"),
    ),
    document(
        "extra", "M. Paris\x85dort\u2028à Oslo.", ("Paris", "PER"), ("Oslo", "LOC"), meta={"lang": "fr", "n": [1, None]}
    ),
]


def written(format: Format) -> list[Document]:
    """The documents that a format does not refuse."""
    writable = []
    for original in DIFFICULT:
        try:
            write_alone(Target(format), original)
        except RuletagError:
            continue
        writable.append(original)
    return writable


# What must be installed for a format; without it the format is not tested.
PACKAGES = {"arrow": "pyarrow", "warc": "fastwarc", "spacy": "spacy", "cas": "cassis"}


def installed(format: Format) -> bool:
    """Whether a format has what it needs."""
    return not format.extra or find_spec(PACKAGES[format.extra]) is not None


def make_files(format: Format) -> dict[str, bytes]:
    """The golden files of a format by name: one if it holds many documents, else one for each, with companions."""
    suffix = format.suffixes[0] if format.suffixes else ".txt"
    readable = written(format)
    groups = {"difficult": readable} if format.many else {str(each.id): [each] for each in readable}
    files: dict[str, bytes] = {}
    for stem, documents in groups.items():
        data = format.dumps(documents)
        files[stem + suffix] = data if isinstance(data, bytes) else data.replace(f"-{__version__}", "-VERSION").encode()
        for companion in format.companions:
            stream = text_stream()
            companion.write([] if format.many else documents, stream, Options())
            name = stem + companion.suffix if companion.suffix.startswith(".") else companion.suffix
            files[name] = stream.getvalue().encode()
    return files


if __name__ == "__main__":
    os.environ.pop("NO_COLOR", None)
    for name, format in FORMATS.items():
        if format.write and installed(format):
            for file, data in make_files(format).items():
                path = GOLDEN / name / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
