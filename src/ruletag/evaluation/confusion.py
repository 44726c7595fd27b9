"""Verdicts by gold and predicted label: which labels are confused, and on which surfaces."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ruletag.evaluation.causes import Judged
from ruletag.fold import fold_key, lower_key
from ruletag.model import LABELS, Document, Entity

NONE = "none"  # the row or column of spans without a counterpart


@dataclass(frozen=True, slots=True)
class Example:
    """A surface in a cell of the confusion matrix, how often it occurs, and where it occurs first."""

    surface: str
    count: int
    document: Document
    entity: Entity


@dataclass(frozen=True, slots=True)
class Cell:
    """Verdicts with one gold and one predicted label; `errors` of them are not in exact agreement."""

    count: int
    errors: int
    examples: tuple[Example, ...]


def confusion(judged: Iterable[Judged], *, examples: int = 3) -> Mapping[tuple[str, str], Cell]:
    """The number of verdicts and the surfaces in error, for each pair of a gold and a predicted label, or `none`.

    The surface is that of the gold span (of the predicted one if there is none), regardless of case and accents. The
    most frequent come first; each names its first occurrence by path, id and offset. `examples` limits their number.
    """
    names = (*LABELS, NONE)
    counts = Counter[tuple[str, str]]()
    wrong: dict[tuple[str, str], dict[bytes, list[tuple[Document, Entity]]]] = defaultdict(lambda: defaultdict(list))
    for document, _, verdicts in judged:
        for verdict in verdicts:
            labels = (_label(verdict.gold), _label(verdict.predicted))
            counts[labels] += 1
            if verdict.cause != "correct":
                wrong[labels][lower_key(fold_key(verdict.entity.text))].append((document, verdict.entity))
    cells = [(gold, predicted) for gold in names for predicted in names if (gold, predicted) != (NONE, NONE)]
    return {
        labels: Cell(counts[labels], sum(map(len, wrong[labels].values())), _examples(wrong[labels], examples))
        for labels in cells
    }


def _label(entity: Entity | None) -> str:
    return entity.label if entity else NONE


def _examples(by_surface: Mapping[bytes, Sequence[tuple[Document, Entity]]], most: int) -> tuple[Example, ...]:
    occurrences = [by_surface[key] for key in sorted(by_surface, key=lambda key: (-len(by_surface[key]), key))[:most]]
    firsts = [(min(places, key=_by_location), len(places)) for places in occurrences]
    return tuple(
        Example(" ".join(entity.text.split()), count, document, entity) for (document, entity), count in firsts
    )


def _by_location(occurrence: tuple[Document, Entity]) -> tuple[str, int, str, int, int]:
    document, entity = occurrence
    return (document.path, document.lines[0] if document.lines else 0, document.id or "", entity.start, entity.end)
