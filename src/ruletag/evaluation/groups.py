"""Gold documents in groups: by genre if all documents give one, else by file or folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from ruletag.evaluation.measures import Counts
from ruletag.evaluation.score import DocumentScore
from ruletag.model import LABELS, Document

KEY = "genre"  # in `Document.meta`


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the documents. Their strict counts are the sum of those of each."""

    name: str
    documents: tuple[DocumentScore, ...]

    def strict(self, labels: Iterable[str] = LABELS) -> Counts:
        """The strict counts of several labels as one."""
        wanted = tuple(labels)
        return sum((document.micro("strict", wanted) for document in self.documents), Counts())


def groups(golds: Sequence[Document], scores: Sequence[DocumentScore]) -> list[Group]:
    """The groups by name; none if all documents are in one, or each is in its own.

    `scores` are those of `golds`, one each. Raises ValueError if their numbers differ.
    """
    found: dict[str, list[DocumentScore]] = {}
    for name, score in zip(_names(golds), scores, strict=True):
        found.setdefault(name, []).append(score)
    if not 1 < len(found) < len(scores):
        return []
    return [Group(name, tuple(found[name])) for name in sorted(found)]


def _names(golds: Sequence[Document]) -> list[str]:
    """The group of each: its genre if every document has one; one of several files; else one of several folders."""
    genres = [document.meta.get(KEY) for document in golds]
    if all(isinstance(genre, str) and genre for genre in genres):
        return [str(genre) for genre in genres]
    by_file = Counter(document.path for document in golds)
    folders = Counter(_folder(path) for path, number in by_file.items() if number == 1)
    return [
        folder if by_file[document.path] == 1 and folders[folder := _folder(document.path)] > 1 else document.path
        for document in golds
    ]


def _folder(path: str) -> str:
    return PurePath(path).parent.as_posix()
