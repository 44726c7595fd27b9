"""Groups gold documents: by genre if all documents name one, else by file or folder."""

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
    """A named group of documents."""

    name: str
    documents: tuple[DocumentScore, ...]

    def strict(self, labels: Iterable[str] = LABELS) -> Counts:
        """The strict counts of several labels, added up over the documents."""
        labels = tuple(labels)
        return sum((document.micro("strict", labels) for document in self.documents), Counts())


def groups(golds: Sequence[Document], scores: Sequence[DocumentScore]) -> list[Group]:
    """The groups, sorted by name; none if all documents are in one group, or each is in its own.

    `scores` has one score for each of `golds`. Raises ValueError if their numbers differ.
    """
    by_name: dict[str, list[DocumentScore]] = {}
    for name, score in zip(_group_names(golds), scores, strict=True):
        by_name.setdefault(name, []).append(score)
    if not 1 < len(by_name) < len(scores):
        return []
    return [Group(name, tuple(by_name[name])) for name in sorted(by_name)]


def _group_names(golds: Sequence[Document]) -> list[str]:
    """The name of each document's group: its genre if every document has one, else its file or folder.

    The folder is used for a file with a single document in a folder with several such files.
    """
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
