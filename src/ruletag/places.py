"""Finds the files that sources name, so that a user can open them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ruletag.folders import SHIPPED, listed, openable, shown_name, yaml_files
from ruletag.model import Document, Entity, Source
from ruletag.tagger import Settings


class Located:
    """Gives sources paths in a user's folder: taggings name files the same way on every machine, but an editor needs a
    path.

    `files` are the user's files: the root through which a file is read, its path, and the path to show.
    """

    def __init__(self, files: Iterable[tuple[Path, Path, str]]) -> None:
        self._files: dict[str, list[tuple[Path, str]]] = {}
        for root, path, shown in files:
            self._files.setdefault(shown_name(root, path), []).append((path, shown))
        self._lines: dict[Path, list[str]] = {}

    @classmethod
    def under(cls, settings: Iterable[Settings]) -> Located:
        """Locates sources in all folders and files that some settings name."""
        roots = dict.fromkeys(
            Path(root)
            for setting in settings
            for root in (*listed(setting.rules), *listed(setting.gazetteers), *(path for _, path in setting.lists))
            if root != SHIPPED
        )
        return cls((root, path, openable(path)) for root in roots for path in yaml_files(root))

    def __call__(self, source: Source) -> Source:
        """The source with a path that can be opened; unchanged if it is not in the user's files."""
        for path, shown in self._files.get(source.path, ()):
            if source.name in self._line(path, source.line):  # a shipped file can have the same name
                return source._replace(path=shown)
        return source

    def of(self, entity: Entity) -> Entity:
        """The entity with its source located; an equal one if nothing changes."""
        return replace(entity, source=self(entity.source))

    def document(self, document: Document) -> Document:
        """The document with all sources located."""
        if not self._files:
            return document
        entities = tuple(map(self.of, document.entities))
        alternatives = [replace(alternative, source=self(alternative.source)) for alternative in document.alternatives]
        return replace(document, entities=entities, alternatives=alternatives)

    def _line(self, path: Path, number: int) -> str:
        if path not in self._lines:
            text = path.read_text("utf-8", "replace") if path.is_file() else ""
            self._lines[path] = ["", *text.splitlines()]
        return self._lines[path][number] if number < len(self._lines[path]) else ""
