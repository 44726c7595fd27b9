"""Writes documents in another format, and counts what that format cannot hold."""

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
    """Counts the features of documents that a format does not carry."""

    def __init__(self, to: Format) -> None:
        self._missing = [name for name in FEATURES if name not in to.carries and name in _COUNTS]
        self._name = to.name
        self._counts: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def watch(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield the documents unchanged, counting what each would lose."""
        for document in documents:
            for name in self._missing:
                if number := _COUNTS[name](document):
                    self._counts[name] += number
                    self._first.setdefault(name, document.path)
            yield document

    def notes(self) -> Iterator[str]:
        """A note on each feature lost, with its number and the file where it first occurred."""
        for name in self._missing:
            if number := self._counts[name]:
                where = self._first[name]
                yield f"note: {self._name} cannot carry {FEATURES[name]}: {number} left out, first in {where}"


def guideline_note(sources: Iterable[Format], to: Format) -> str:
    """A note that the default guideline changes with the format; empty if it does not.

    `sources` are the formats that the annotations come from.
    """
    former = {format.name: format.guideline for format in sources if format.guideline != to.guideline}
    if not former or not to.read:
        return ""
    names, guidelines = " and ".join(sorted(former)), " and ".join(sorted(set(former.values())))
    return (
        f"note: {names} is scored under the guideline {guidelines} by default, and {to.name} under {to.guideline}; "
        f"if these names follow {guidelines}, use --guideline {guidelines} with `eval`, or set it in ruletag.toml"
    )


def write_documents(
    to: Target, documents: Iterable[Document], path: Path | None, standard: Callable[[bytes], object]
) -> None:
    """Write all documents to one file and its companions, or through `standard`."""
    with opened_output(path, standard, binary=to.format.binary) as (put, _):
        to.format.put(documents, output_stream(to.format, put, str(path or "-")), to.options)
        if path:
            write_companions(to.format, to.options, path, [])


class Spool:
    """Documents written on trial, as one temporary file; each gets its own file and companions later.

    So an invalid document is found before any file is written, without holding all in memory. Use it as a context
    manager.
    """

    def __init__(self, to: Target) -> None:
        self._to = to
        self._folder = Path(gettempdir())
        self._file = TemporaryFile()  # noqa: SIM115 - closed at the exit
        self._sizes: list[list[int]] = []
        self.ids: list[str | None] = []
        companions = to.format.companions
        self._shared = [companion for companion in companions if not companion.suffix.startswith(".")]
        self._own = [companion for companion in companions if companion not in self._shared]

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # of a full disk, which has been reported
            self._file.close()

    def add(self, document: Document) -> None:
        """Write one more document on trial. Raises RuletagError if it cannot be written."""
        format, options = self._to
        data = format.dumps([document], options)
        files = [data if isinstance(data, bytes) else with_mark(encode(data, document.path))]
        files += [companion_data(companion, options, [document], document.path) for companion in self._own]
        with writing_to(self._folder):
            self._file.write(b"".join(files))
        self._sizes.append([len(file) for file in files])
        self.ids.append(document.id)

    def write(self, paths: Sequence[Path]) -> None:
        """Write each document to its path with its companions, which are moved into place together or not at all."""
        with writing_to(self._folder):
            self._file.seek(0)  # writes what is buffered
        for path, sizes in zip(paths, self._sizes, strict=True):
            files = [path, *(companion_path(path, companion) for companion in self._own)]
            write_all([*zip(files, map(self._file.read, sizes), strict=True)])
        shared = {companion_path(path, companion): companion for path in paths for companion in self._shared}
        write_all(
            [(path, companion_data(companion, self._to.options, [], str(path))) for path, companion in shared.items()]
        )


def _is_raw(document: Document) -> int:
    return not document.annotated and not document.entities


# Each format reports `nested` and `score` itself: some write one of two spans, some refuse the document.
_COUNTS: dict[str, Callable[[Document], int]] = {
    "spans": lambda document: len(document.entities),
    "id": lambda document: document.id is not None,
    "meta": lambda document: len([key for key in document.meta if key not in ("id", ORIGINS)]),
    "source": lambda document: (
        sum(entity.source.kind != "gold" for entity in document.entities) + (ORIGINS in document.meta)
    ),
    "via": lambda document: sum(bool(entity.via) for entity in document.entities),
    "entity id": lambda document: sum(entity.id is not None for entity in document.entities),
    "raw": _is_raw,
}


def safe_name(name: str) -> str:
    """A name as a file name: NFC, cut to a safe length, without forbidden characters; empty if nothing is left.

    It is not the name of a Windows device: a file called *con.txt* cannot be made there.
    """
    safe = _NO_NAME.sub("-", normalize("NFC", name)).strip(".-")
    safe = safe.encode("utf-8")[:_LONGEST].decode("utf-8", "ignore").rstrip(".-")
    return f"{safe}-" if _DEVICE.match(safe) else safe


def _folded(name: str) -> str:
    """A name in the form in which some file systems compare names: case and kind of accent do not count."""
    return normalize("NFC", normalize("NFD", name).casefold())


def distinct_names(names: Iterable[str | None], stem: str) -> list[str]:
    """Turn each name into a safe file name; one without any safe character becomes the stem, numbered if there are
    several names.

    No two results are the same, even on file systems that ignore case or how accents are encoded.
    """
    names = list(names)
    distinct: list[str] = []
    used: set[str] = set()
    for number, original in enumerate(names, 1):
        name = safe_name(original or "") or (stem if len(names) == 1 else "")
        if not name or _folded(name) in used:
            name = f"{name or stem}-{number:05d}"
        while _folded(name) in used:
            name += "-"
        used.add(_folded(name))
        distinct.append(name)
    return distinct


def file_names(ids: Iterable[str | None], to: Format, stem: str) -> list[Path]:
    """A distinct file name for each document id (see `distinct_names`)."""
    suffix = to.suffixes[0] if to.suffixes else ".txt"
    return [Path(name + suffix) for name in distinct_names(ids, stem)]
