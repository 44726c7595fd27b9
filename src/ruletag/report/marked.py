"""Cuts a text at the borders of its marks, so that nested and crossing spans can be drawn piece by piece.

A mark is a verdict: a gold span against a predicted one, either of which may be missing. Offsets are half-open code
points.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ruletag.evaluation.causes import Verdict


class Piece(NamedTuple):
    """A piece of text that the same gold and predicted spans cover, given as indices of marks.

    `closing` are the marks that end with the piece, in the order of their starts. `opens` and `closes` say that a
    predicted span begins or ends with it.
    """

    text: str
    gold: tuple[int, ...] = ()
    predicted: tuple[int, ...] = ()
    closing: tuple[int, ...] = ()
    opens: bool = False
    closes: bool = False


def cut(text: str, marks: Sequence[Verdict]) -> list[Piece]:
    """The pieces of a text in order; together they are the text. Raises ValueError if a mark is outside the text."""
    begins: dict[int, list[tuple[str, int]]] = defaultdict(list)
    ends: dict[int, list[tuple[str, int]]] = defaultdict(list)
    closing: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for index, mark in enumerate(marks):
        entities = {side: entity for side, entity in (("gold", mark.gold), ("predicted", mark.predicted)) if entity}
        for side, entity in entities.items():
            if entity.end > len(text):
                message = f"a mark at {entity.start}:{entity.end} is not in its text of {len(text)} code points"
                raise ValueError(message)
            begins[entity.start].append((side, index))
            ends[entity.end].append((side, index))
        start, end = min(entity.start for entity in entities.values()), max(entity.end for entity in entities.values())
        closing[end].append((start, index))
    borders = sorted({0, *begins, *ends, len(text)})
    covering: dict[str, set[int]] = {"gold": set(), "predicted": set()}
    pieces = []
    for start, end in pairwise(borders):
        for side, index in ends.get(start, ()):
            covering[side].discard(index)
        for side, index in begins.get(start, ()):
            covering[side].add(index)
        pieces.append(
            Piece(
                text[start:end],
                tuple(sorted(covering["gold"])),
                tuple(sorted(covering["predicted"])),
                tuple(index for _, index in sorted(closing.get(end, ()))),
                any(side == "predicted" for side, _ in begins.get(start, ())),
                any(side == "predicted" for side, _ in ends.get(end, ())),
            )
        )
    return pieces
