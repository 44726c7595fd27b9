"""Documents on their way from one format to another, and what the other has no place for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ruletag.batch import Target
from ruletag.formats import Format
from ruletag.formats.contract import FEATURES
from ruletag.formats.records import ORIGINS
from ruletag.model import Document
from ruletag.outputs import opened_output, output_stream, write_companions

_LONGEST = 100  # code points of a name
_NO_NAME = re.compile(r"[^\w.-]+")


class Losses:
    """Counts what documents have and a format does not carry."""

    def __init__(self, to: Format) -> None:
        self._missing = [name for name in FEATURES if name not in to.carries and name in _COUNTS]
        self._name = to.name
        self._counts: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def watch(self, documents: Iterable[Document]) -> Iterator[Document]:
        """The same documents, counted as they pass."""
        for document in documents:
            for name in self._missing:
                if number := _COUNTS[name](document):
                    self._counts[name] += number
                    self._first.setdefault(name, document.path)
            yield document

    def notes(self) -> Iterator[str]:
        """What was lost, each with its number and the file where it came first."""
        for name in self._missing:
            if number := self._counts[name]:
                where = self._first[name]
                yield f"note: {self._name} has no place for {FEATURES[name]}: {number} left out, first in {where}"


def write_documents(
    to: Target, documents: Iterable[Document], place: Path | None, standard: Callable[[bytes], object]
) -> None:
    """All documents to one file and those beside it, or through `standard`."""
    kept: list[Document] = []
    if to.format.companions and not to.format.many:
        documents = kept = list(documents)
    with opened_output(place, standard, binary=to.format.binary) as (put, _):
        to.format.put(documents, output_stream(to.format, put, str(place or "-")), to.options)
        if place:
            write_companions(to.format, to.options, place, kept)


def _raw(document: Document) -> int:
    return not document.annotated and not document.entities


# `nested` and `score` are left to the losses of a format: some write one of two spans, some refuse the document.
_COUNTS: dict[str, Callable[[Document], int]] = {
    "spans": lambda document: len(document.entities),
    "id": lambda document: document.id is not None,
    "meta": lambda document: len([key for key in document.meta if key not in ("id", ORIGINS)]),
    "source": lambda document: (
        sum(each.source.kind != "gold" for each in document.entities) + (ORIGINS in document.meta)
    ),
    "via": lambda document: sum(bool(each.via) for each in document.entities),
    "entity id": lambda document: sum(each.id is not None for each in document.entities),
    "raw": _raw,
}


def safe_name(name: str) -> str:
    """A name without what no name of a file may hold; empty where nothing is left."""
    return _NO_NAME.sub("-", name).strip(".-")[:_LONGEST]


def file_names(documents: Iterable[Document], to: Format, stem: str) -> list[Path]:
    """A file for each of several documents: its id without what no name of a file may hold, else its number.

    No two are the same.
    """
    suffix = to.suffixes[0] if to.suffixes else ".txt"
    names: list[Path] = []
    used: set[str] = set()
    for number, document in enumerate(documents, 1):
        name = safe_name(document.id or "")
        if not name or name.lower() in used:
            name = f"{name or stem}-{number:05d}"
        while name.lower() in used:
            name += "-"
        used.add(name.lower())
        names.append(Path(name + suffix))
    return names
