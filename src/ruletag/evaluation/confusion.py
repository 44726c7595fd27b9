"""Which labels are confused with which, and on what surfaces: verdicts by gold and predicted label."""

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
    """For each gold label or `none`, and predicted label or `none`: the number of verdicts, and the surfaces in error.

    A surface is that of the gold span (of the predicted one if there is none), regardless of case and accents; the most
    frequent come first, and each names the first place by path, id and offset.
    """
    names = (*LABELS, NONE)
    counts = Counter[tuple[str, str]]()
    wrong: dict[tuple[str, str], dict[bytes, list[tuple[Document, Entity]]]] = defaultdict(lambda: defaultdict(list))
    for document, _, verdicts in judged:
        for verdict in verdicts:
            place = (_label(verdict.gold), _label(verdict.predicted))
            counts[place] += 1
            if verdict.cause != "correct":
                wrong[place][lower_key(fold_key(verdict.entity.text))].append((document, verdict.entity))
    places = [(row, column) for row in names for column in names if (row, column) != (NONE, NONE)]
    return {
        place: Cell(counts[place], sum(map(len, wrong[place].values())), _examples(wrong[place], examples))
        for place in places
    }


def _label(entity: Entity | None) -> str:
    return entity.label if entity else NONE


def _examples(found: Mapping[bytes, Sequence[tuple[Document, Entity]]], wanted: int) -> tuple[Example, ...]:
    order = sorted(found, key=lambda key: (-len(found[key]), key))[:wanted]
    firsts = [(min(found[key], key=_first_place), len(found[key])) for key in order]
    return tuple(Example(" ".join(entity.text.split()), count, text, entity) for (text, entity), count in firsts)


def _first_place(met: tuple[Document, Entity]) -> tuple[str, int, str, int, int]:
    document, entity = met
    return (document.path, document.lines[0] if document.lines else 0, document.id or "", entity.start, entity.end)
