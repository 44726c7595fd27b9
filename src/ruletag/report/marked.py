"""A text cut at the borders of its marks, so that spans that nest or cross can be drawn piece by piece.

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
    """A stretch of text over which the same spans run, as indices of the marks that they belong to.

    `closing` are the marks that have their last code point here, the one that began first before the others.
    `opens` and `closes` say that a predicted span begins or ends with the piece.
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
        spans = {side: span for side, span in (("gold", mark.gold), ("predicted", mark.predicted)) if span}
        for side, span in spans.items():
            if span.end > len(text):
                message = f"a mark at {span.start}:{span.end} is not in its text of {len(text)} code points"
                raise ValueError(message)
            begins[span.start].append((side, index))
            ends[span.end].append((side, index))
        closing[max(span.end for span in spans.values())].append((min(span.start for span in spans.values()), index))
    borders = sorted({0, *begins, *ends, len(text)})
    running: dict[str, set[int]] = {"gold": set(), "predicted": set()}
    pieces = []
    for start, end in pairwise(borders):
        for side, index in ends.get(start, ()):
            running[side].discard(index)
        for side, index in begins.get(start, ()):
            running[side].add(index)
        pieces.append(
            Piece(
                text[start:end],
                tuple(sorted(running["gold"])),
                tuple(sorted(running["predicted"])),
                tuple(index for _, index in sorted(closing.get(end, ()))),
                any(side == "predicted" for side, _ in begins.get(start, ())),
                any(side == "predicted" for side, _ in ends.get(end, ())),
            )
        )
    return pieces
