"""The uncertainty of scores: confidence intervals, and whether chance explains a difference.

The unit that is drawn is a document, or a paragraph if only one document is scored: names repeat within a text, so
single spans are not independent. Only the counts of these units are used, not their order; the same seed gives the same
figures everywhere.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import compress
from math import sqrt
from typing import NamedTuple

from ruletag.evaluation.measures import Counts
from ruletag.evaluation.score import ByLabel, Score
from ruletag.model import LABELS

ROWS: Mapping[str, tuple[str, ...]] = {
    **{label: (label,) for label in LABELS},
    "PER+LOC+ORG": LABELS[:3],
    "micro": LABELS,
}
RESAMPLES = 1000
TRIALS = 9999
_NORMAL_95 = 1.959963984540054  # the 97.5 % point of the normal distribution


class Interval(NamedTuple):
    """A ratio and the bounds of its 95 % interval."""

    value: float
    low: float
    high: float


class Difference(NamedTuple):
    """Strict micro-F1 of two systems, and how often chance alone gives a difference this large."""

    first: float
    second: float
    p: float
    units: int
    trials: int


def f1_intervals(score: Score, *, resamples: int = RESAMPLES, seed: int = 0) -> dict[str, Interval]:
    """The 95 % interval of strict F1 for each label, for PER+LOC+ORG and micro, by the percentile bootstrap.

    Efron and Tibshirani 1993, chapter 13: units are drawn with replacement, as many as there are; of 1,000 resamples
    the 25th lowest and the 25th highest F1 are the bounds. Empty for a single unit, whose resamples would all be the
    same. Raises ValueError if there is nothing to draw.
    """
    units = score.strict_units()
    if not units or resamples < 1:
        raise ValueError("an interval needs a scored document and a resample")
    if len(units) == 1:
        return {}
    # The counts of a unit are the digits of one large number, so that a resample is one sum.
    vectors = sorted(_vector(unit) for unit in units)
    width = (max(map(sum, vectors)) * len(vectors)).bit_length() + 1
    packed = [_pack(vector, width) for vector in vectors]
    generator = random.Random(seed)
    resampled = [_f1s(sum(generator.choices(packed, k=len(packed))), width) for _ in range(resamples)]
    values = _f1s(sum(packed), width)
    rank = max(1, (resamples + 1) * 25 // 1000)
    intervals = {}
    for index, row in enumerate(ROWS):
        column = sorted(f1s[index] for f1s in resampled)
        intervals[row] = Interval(values[index], column[rank - 1], column[-rank])
    return intervals


def difference(first: Score, second: Score, *, trials: int = TRIALS, seed: int = 0) -> Difference:
    """Whether two systems differ in strict micro-F1 on one gold, by paired approximate randomisation.

    Noreen 1989; Yeh 2000: in each trial the predictions of the two are exchanged in each unit with probability ½;
    p = (r + 1) / (trials + 1), where r trials differ at least as much as the systems do. Raises ValueError if the two
    are not scored on the same gold in the same order.
    """
    ours, theirs = ([_micro(unit) for unit in score.strict_units()] for score in (first, second))
    if [counts.gold for counts in ours] != [counts.gold for counts in theirs]:
        raise ValueError("the two are not scored on the same gold, in the same order")
    if not ours or trials < 1:
        raise ValueError("a comparison needs a scored document and a trial")
    gold = sum(counts.gold for counts in ours)
    width = sum(counts.predicted for counts in (*ours, *theirs)).bit_length() + 1
    left, right = (sum(_pack_micro(counts, width) for counts in units) for units in (ours, theirs))
    gaps = [_pack_micro(our, width) - _pack_micro(their, width) for our, their in zip(ours, theirs, strict=True)]
    values = _micro_f1(left, gold, width), _micro_f1(right, gold, width)
    if left < right:  # the coins must fall the same way whichever system is called the first
        left, right, gaps = right, left, [-gap for gap in gaps]
    gaps = sorted(gap for gap in gaps if gap)  # exchanging equal units changes nothing
    observed, observed_divisor = _distance(left, right, gold, width)
    generator = random.Random(seed)
    as_large = 0
    for _ in range(trials):
        moved = sum(compress(gaps, _coin_tosses(generator, len(gaps))))
        distance, divisor = _distance(left - moved, right + moved, gold, width)
        as_large += distance * observed_divisor >= observed * divisor
    return Difference(*values, (as_large + 1) / (trials + 1), len(ours), trials)


def wilson(correct: int, total: int) -> Interval:
    """The 95 % score interval of a proportion (Wilson 1927), valid for few cases too. For 0 of 0 it is 0 to 1.

    Raises ValueError if `correct` exceeds `total`, or is negative.
    """
    if not 0 <= correct <= total:
        raise ValueError(f"{correct} of {total} is no proportion")
    if not total:
        return Interval(0.0, 0.0, 1.0)
    share, square = correct / total, _NORMAL_95**2
    middle = (share + square / (2 * total)) / (1 + square / total)
    reach = _NORMAL_95 * sqrt(share * (1 - share) / total + square / (4 * total**2)) / (1 + square / total)
    low = 0.0 if correct == 0 else middle - reach
    high = 1.0 if correct == total else middle + reach
    return Interval(share, low, high)


def _vector(unit: ByLabel) -> tuple[int, ...]:
    """Twice the correct spans, and gold plus predicted spans, of each label in turn: the basis of F1."""
    by_label = [unit.get(label, Counts()) for label in LABELS]
    return tuple(number for counts in by_label for number in (2 * counts.correct, counts.gold + counts.predicted))


def _pack(vector: Sequence[int], width: int) -> int:
    return sum(number << width * position for position, number in enumerate(vector))


def _f1s(packed: int, width: int) -> list[float]:
    """F1 of each row, from the packed counts of a resample."""
    mask = (1 << width) - 1
    digits = [packed >> width * position & mask for position in range(2 * len(LABELS))]
    right, total = dict(zip(LABELS, digits[::2], strict=True)), dict(zip(LABELS, digits[1::2], strict=True))
    return [
        _ratio(sum(right[label] for label in labels), sum(total[label] for label in labels)) for labels in ROWS.values()
    ]


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _micro(unit: ByLabel) -> Counts:
    return sum(unit.values(), Counts())


def _pack_micro(counts: Counts, width: int) -> int:
    return (counts.correct << width) + counts.predicted


def _micro_f1(packed: int, gold: int, width: int) -> float:
    return _ratio(2 * (packed >> width), gold + (packed & (1 << width) - 1))


def _distance(left: int, right: int, gold: int, width: int) -> tuple[int, int]:
    """The distance between two micro-F1 as a fraction: a comparison must not depend on the last bit of a float."""
    mask = (1 << width) - 1
    ours, theirs = gold + (left & mask), gold + (right & mask)
    return abs((left >> width) * theirs - (right >> width) * ours), max(1, ours * theirs)


def _coin_tosses(generator: random.Random, number: int) -> list[int]:
    bits = generator.getrandbits(number) if number else 0
    return [bits >> position & 1 for position in range(number)]
