"""brat standoff: `a.ann` beside `a.txt`, one document. Offsets: code points, written `start end`.

An annotation is one line, so a span across a line break is written in fragments, `3 7;8 12`. Rules and entries are
written as `AnnotatorNotes`. Relations, events and attributes are counted but not read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TextIO

from ruletag.errors import Fault, RuletagError
from ruletag.formats.contract import CODE_POINTS, Companion, Format, Loss, Options
from ruletag.formats.offsets import CodePoints
from ruletag.formats.readings import advice, reading
from ruletag.formats.records import ORIGINS, origin, sources_of
from ruletag.formats.spans import Place, only_one
from ruletag.formats.spans import entity as make_entity
from ruletag.model import LABELS, Document, Entity

TEXT = ".txt"
_BREAKS = re.compile("[\t\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")  # brat's lines end at any of these
_PIECES = re.compile("[^\t\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_SPAN = re.compile(r"(\S+) ([0-9]{1,18} [0-9]{1,18}(?:;[0-9]{1,18} [0-9]{1,18})*)")
_OTHERS = {
    "R": "relations",
    "*": "relations",
    "E": "events",
    "A": "attributes",
    "M": "attributes",
    "N": "normalisations",
}


@dataclass(slots=True)
class _Contents:
    """The contents of a file, collected line by line."""

    text: str
    offsets: CodePoints
    spans: dict[str, tuple[int, Entity | None]] = field(default_factory=dict)  # by name, with the line
    sources: dict[str, str] = field(default_factory=dict)  # by name of the span
    others: Counter[str] = field(default_factory=Counter)  # annotations that are not read, by kind
    notes: list[str] = field(default_factory=list)


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The one document of a pair of files. Raises RuletagError with the faults of all lines."""
    if TEXT not in options.beside:
        raise RuletagError(Fault(path, "RT110", f"is read together with its {TEXT}", help="name the file"))
    text = options.beside[TEXT]
    contents = _Contents(text, reading(text, CODE_POINTS, options))
    faults: list[Fault] = []
    for number, line in enumerate(stream, 1):
        if line.strip():
            try:
                _read_line(line.rstrip("\r\n"), Place(path, number), options, contents)
            except RuletagError as error:
                faults += error.faults
    if faults:
        raise RuletagError(faults)
    entities = [entity for _, entity in contents.spans.values() if entity]
    origins = [
        origin(entity, source=contents.sources[name])
        for name, (_, entity) in contents.spans.items()
        if entity and name in contents.sources
    ]
    notes = [*contents.notes, *(f"{count} {kind} are not read" for kind, count in sorted(contents.others.items()))]
    meta = {ORIGINS: origins} if origins else {}
    yield Document(text, tuple(entities), None, path, True, meta=meta, notes=tuple(notes))


def _read_line(line: str, place: Place, options: Options, contents: _Contents) -> None:
    name, _, rest = line.partition("\t")
    if name.startswith("T"):
        if name in contents.spans:
            earlier_line, _ = contents.spans[name]
            raise place.fault("RT105", f"{name} occurs twice, also in line {earlier_line}", "give it another number")
        contents.spans[name] = (place.line, _entity(name, rest, place, options, contents))
    elif name.startswith("#"):
        kind, _, note = rest.partition("\t")
        words = kind.split()  # AnnotatorNotes and the name of the annotation
        if len(words) == 2 and note.startswith("rule="):
            contents.sources[words[1]] = note.removeprefix("rule=")
        else:
            contents.others["notes"] += 1
    elif name[:1] in _OTHERS and rest:
        contents.others[_OTHERS[name[0]]] += 1
    else:
        raise place.fault("RT105", "this is not a brat line", "write T1, a tab, LABEL 0 5, a tab, and the surface")


def _entity(name: str, rest: str, place: Place, options: Options, contents: _Contents) -> Entity | None:
    text, offsets = contents.text, contents.offsets
    label_and_offsets, tab, surface = rest.partition("\t")
    match = _SPAN.fullmatch(label_and_offsets)
    if not match or not tab:
        raise place.fault(
            "RT105", f"{name} needs a label, offsets and the surface", "for example T1, a tab, PER 0 5, a tab, Marie"
        )
    fragments = [tuple(map(int, fragment.split())) for fragment in match[2].split(";")]
    entities = [make_entity(text, (start, end, match[1]), place, options, offsets) for start, end in fragments]
    spans = [offsets.span(start, end) for start, end in fragments]
    for (_, end), (start, _) in pairwise(spans):
        if start < end:
            raise place.fault("RT105", f"the fragments of {name} overlap", "write them in order")
        if not _BREAKS.fullmatch(text, end, start):
            contents.notes.append(
                f"line {place.line}: {name} is discontinuous; it is read as a whole, including the text between"
            )
    pieces = " ".join(text[start:end] for start, end in spans)
    (first, _), (_, last) = fragments[0], fragments[-1]
    if pieces != surface:
        alternatives = "" if options.offsets else advice(text, first, last, surface, CODE_POINTS)
        help = f"offsets are code points; {alternatives}" if alternatives else "offsets are code points"
        raise place.fault("RT105", f"{name} is {pieces!r} in the text, but the file says {surface!r}", help)
    if len(entities) == 1:
        return entities[0]
    return make_entity(text, (first, last, match[1]), place, options, offsets)


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """Write the annotations of one document. Raises RuletagError if there are several."""
    for document in only_one(documents, "a pair of brat files"):
        sourced = zip(document.entities, sources_of(document), strict=True)
        written = (
            (entity, source, fragments) for entity, source in sourced if (fragments := _fragments(document, entity))
        )
        for index, (entity, source, fragments) in enumerate(written, 1):
            offsets = ";".join(f"{start} {end}" for start, end in fragments)
            surface = " ".join(document.text[start:end] for start, end in fragments)
            stream.write(f"T{index}\t{entity.label} {offsets}\t{surface}\n")
            if source:
                stream.write(f"#{index}\tAnnotatorNotes T{index}\trule={' '.join(source.split())}\n")


def _fragments(document: Document, entity: Entity) -> list[tuple[int, int]]:
    """The fragments of an entity between line breaks and tabs. Empty if it consists only of these."""
    return [match.span() for match in _PIECES.finditer(document.text, entity.start, entity.end)]


def losses(document: Document, options: Options = Options()) -> Iterator[Loss]:
    """Spans that begin or end with a line break or tab."""
    for entity in document.entities:
        fragments = _fragments(document, entity)
        if not fragments:
            yield Loss("a span of only line breaks or tabs is left out: {}", repr(entity.text), entity.start)
        elif (fragments[0][0], fragments[-1][1]) != (entity.start, entity.end):
            yield Loss("a span is written without the line break at its border: {}", repr(entity.text), entity.start)


def _write_text(documents: Sequence[Document], stream: TextIO, options: Options) -> None:
    for document in documents:
        stream.write(document.text)


def _write_configuration(documents: Sequence[Any], stream: TextIO, options: Options) -> None:
    stream.write("[entities]\n" + "".join(f"{label}\n" for label in LABELS))
    stream.write("\n[relations]\n\n[events]\n\n[attributes]\n")


FORMAT = Format(
    name="brat",
    help="brat standoff: .ann beside .txt",
    read=read,
    write=write,
    losses=losses,
    suffixes=(".ann",),
    unit=CODE_POINTS,
    carries=("spans", "nested", "source"),
    loses="line breaks and tabs at the border of a span; relations, events and attributes",
    options=("offsets",),
    companions=(
        Companion(TEXT, _write_text, needed=True, read=True),
        Companion("annotation.conf", _write_configuration),
    ),
)
