"""Documents on their way from one format to another, and what the other format has no place for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from unicodedata import normalize

from ruletag.batch import Target
from ruletag.formats import Format
from ruletag.formats.contract import FEATURES
from ruletag.formats.records import ORIGINS
from ruletag.model import Document
from ruletag.outputs import (
    companion_data,
    companion_path,
    encode,
    opened_output,
    output_stream,
    with_mark,
    write_all,
    write_companions,
    writing_to,
)

_LONGEST = 200  # bytes of a name in UTF-8; with its number, suffix and compression it may have 255
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)
_NO_NAME = re.compile(r"[^\w.-]+")


class Losses:
    """Counts what documents have and a format does not carry."""

    def __init__(self, to: Format) -> None:
        self._missing = [name for name in FEATURES if name not in to.carries and name in _COUNTS]
        self._name = to.name
        self._counts: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def watch(self, documents: Iterable[Document]) -> Iterator[Document]:
        """The same documents, counted as they pass by."""
        for document in documents:
            for name in self._missing:
                if number := _COUNTS[name](document):
                    self._counts[name] += number
                    self._first.setdefault(name, document.path)
            yield document

    def notes(self) -> Iterator[str]:
        """What was lost, each kind with its number and the file where it first occurred."""
        for name in self._missing:
            if number := self._counts[name]:
                where = self._first[name]
                yield f"note: {self._name} has no place for {FEATURES[name]}: {number} left out, first in {where}"


def guideline_note(read: Iterable[Format], to: Format) -> str:
    """A note that annotations change their default guideline with their format; empty if they do not.

    `read` are the formats that they come from.
    """
    former = {each.name: each.guideline for each in read if each.guideline != to.guideline}
    if not former or not to.read:
        return ""
    names, guidelines = " and ".join(sorted(former)), " and ".join(sorted(set(former.values())))
    return (
        f"note: {names} is scored under the guideline {guidelines} by default, and {to.name} under {to.guideline}; "
        f"if these names follow {guidelines}, use --guideline {guidelines} with `eval`, or set it in ruletag.toml"
    )


def write_documents(
    to: Target, documents: Iterable[Document], place: Path | None, standard: Callable[[bytes], object]
) -> None:
    """Write all documents to one file and its companions, or through `standard`."""
    with opened_output(place, standard, binary=to.format.binary) as (put, _):
        to.format.put(documents, output_stream(to.format, put, str(place or "-")), to.options)
        if place:
            write_companions(to.format, to.options, place, [])


class Spool:
    """Documents as the contents of their files, one each, with companions. They are not held in memory.

    So every document can be written on trial before any of them gets a file. Use it as a context manager.
    """

    def __init__(self, to: Target) -> None:
        self._to = to
        self._where = Path(gettempdir())
        self._file = TemporaryFile()  # noqa: SIM115 - closed at the exit
        self._sizes: list[list[int]] = []
        self.ids: list[str | None] = []
        shared = [each for each in to.format.companions if not each.suffix.startswith(".")]
        self._shared, self._own = shared, [each for each in to.format.companions if each not in shared]

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # of a full disk, which has been reported
            self._file.close()

    def add(self, document: Document) -> None:
        """Write one more on trial. Raises RuletagError if it cannot be written."""
        format, options = self._to
        data = format.dumps([document], options)
        files = [data if isinstance(data, bytes) else with_mark(encode(data, document.path))]
        files += [companion_data(each, options, [document], document.path) for each in self._own]
        with writing_to(self._where):
            self._file.write(b"".join(files))
        self._sizes.append([len(each) for each in files])
        self.ids.append(document.id)

    def write(self, paths: Sequence[Path]) -> None:
        """Write each document to its path with its companions, which are moved into place together or not at all."""
        with writing_to(self._where):
            self._file.seek(0)  # writes what is buffered
        for path, sizes in zip(paths, self._sizes, strict=True):
            places = [path, *(companion_path(path, each) for each in self._own)]
            write_all([*zip(places, map(self._file.read, sizes), strict=True)])
        beside = {companion_path(path, each): each for path in paths for each in self._shared}
        write_all([(path, companion_data(each, self._to.options, [], str(path))) for path, each in beside.items()])


def _raw(document: Document) -> int:
    return not document.annotated and not document.entities


# `nested` and `score` are left to each format's own losses: some write one of two spans, some refuse the document.
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
    """A name without characters that file names cannot contain, composed, and not too long; empty if nothing is left.

    No device of Windows has it: a file called *con.txt* cannot be made there.
    """
    safe = _NO_NAME.sub("-", normalize("NFC", name)).strip(".-")
    safe = safe.encode("utf-8")[:_LONGEST].decode("utf-8", "ignore").rstrip(".-")
    return f"{safe}-" if _DEVICE.match(safe) else safe


def _folded(name: str) -> str:
    """What file names that some systems take for the same have in common."""
    return normalize("NFC", normalize("NFD", name).casefold())


def distinct_names(names: Iterable[str | None], stem: str) -> list[str]:
    """A name for a file or folder for each of some names: without characters that file names cannot contain, else the
    stem, with its number if there are several.

    No two are the same, also where names that differ in case or in the way of writing an accent are the same.
    """
    names = list(names)
    found: list[str] = []
    used: set[str] = set()
    for number, given in enumerate(names, 1):
        name = safe_name(given or "") or (stem if len(names) == 1 else "")
        if not name or _folded(name) in used:
            name = f"{name or stem}-{number:05d}"
        while _folded(name) in used:
            name += "-"
        used.add(_folded(name))
        found.append(name)
    return found


def file_names(ids: Iterable[str | None], to: Format, stem: str) -> list[Path]:
    """A file name for each of some documents, by their ids; no two are the same (see `distinct_names`)."""
    suffix = to.suffixes[0] if to.suffixes else ".txt"
    return [Path(name + suffix) for name in distinct_names(ids, stem)]
