"""The whole evaluation of predictions: figures, intervals, causes, confusion, ledger, effort."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ruletag.evaluation.borders import Borders
from ruletag.evaluation.causes import Causes, Judged, judge_all, summarise
from ruletag.evaluation.confusion import Cell, confusion
from ruletag.evaluation.effort import Costs, Effort, estimate
from ruletag.evaluation.ledger import Ledger, open_ledger
from ruletag.evaluation.score import Score, score
from ruletag.evaluation.uncertainty import Interval, f1_intervals
from ruletag.model import Document, Source
from ruletag.tagger import Tagger


@dataclass(frozen=True, slots=True)
class Assessment:
    """One evaluation. `guideline` names the guidelines in force; `ledger` is None for predictions read from a file."""

    guideline: str
    score: Score
    intervals: Mapping[str, Interval]
    judged: tuple[Judged, ...]
    causes: Causes
    confusion: Mapping[tuple[str, str], Cell]
    ledger: Ledger | None
    effort: Effort


def assess(
    pairs: Iterable[tuple[Document, Document]],
    borders: Borders,
    guideline: str,
    taggers: Sequence[Tagger] = (),
    *,
    costs: Costs | None = None,
    seed: int = 0,
    place: Callable[[Source], Source] | None = None,
) -> Assessment:
    """Assess pairs of gold and predicted documents; gold without annotations is only named in the score.

    `taggers` are those that made the predictions, for the ledger; `seed` is for the bootstrap behind the intervals.
    `place` is the function that was applied to the sources of the predictions, if any. Raises ValueError if the two
    texts of a pair differ.
    """
    pairs = list(pairs)
    scored = score(pairs, borders)
    judged = judge_all(pairs, borders)
    return Assessment(
        guideline,
        scored,
        f1_intervals(scored, seed=seed),
        judged,
        summarise(judged),
        confusion(judged),
        open_ledger(judged, taggers, place) if taggers else None,
        estimate(judged, costs),
    )
