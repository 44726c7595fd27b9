"""The probability that a seed is wrong, from this reviewer's verdicts on its source so far.

A source's share of wrong spans is smoothed by that of its kind: (W + 4b) / (N + 4), where b = (W + 1) / (N + 8) over
all sources with the same kind, label and contestedness (whether a candidate of another label lost).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ruletag.review.spans import Seed
from ruletag.review.store import CountKey

OPEN_ABOVE = 0.125  # the estimate without any verdicts, which alone does not make a seed open
_FEW = 8  # verdicts of a kind, below which a contested seed is always open


class Record(NamedTuple):
    """The number of wrong verdicts on a source, and of all verdicts."""

    wrong: int = 0
    total: int = 0


class Risk:
    """The risk of seeds, from a reviewer's counts of verdicts."""

    def __init__(self, counts: Mapping[CountKey, Counter[str]]) -> None:
        self._by_source: Counter[tuple[tuple[Any, ...], bool]] = Counter()
        self._by_kind: Counter[tuple[tuple[Any, ...], bool]] = Counter()
        for key, verdicts in counts.items():
            kind, _, label, contested = key
            for verdict, count in verdicts.items():
                is_wrong = verdict != "right"
                self._by_source[key, is_wrong] += count
                self._by_kind[(kind, label, contested), is_wrong] += count

    def record(self, seed: Seed) -> Record:
        """The verdicts on the seed's source, with the same label and contestedness."""
        return self._record(self._by_source, (seed.kind, seed.name, seed.label, seed.contested))

    def of(self, seed: Seed) -> float:
        """The estimated probability that the seed is wrong."""
        own, kind = self.record(seed), self._kind(seed)
        prior = (kind.wrong + 1) / (kind.total + 8)
        return (own.wrong + 4 * prior) / (own.total + 4)

    def is_open(self, seed: Seed) -> bool:
        """Whether a reviewer should look at the seed: its risk is high, or rivals of another label are unproven."""
        return self.of(seed) > OPEN_ABOVE or (seed.contested and self._kind(seed).total < _FEW)

    def _kind(self, seed: Seed) -> Record:
        return self._record(self._by_kind, (seed.kind, seed.label, seed.contested))

    @staticmethod
    def _record(counts: Counter[tuple[tuple[Any, ...], bool]], key: tuple[Any, ...]) -> Record:
        wrong, right = counts[key, True], counts[key, False]
        return Record(wrong, wrong + right)


class Skim(NamedTuple):
    """A threshold of risk: `shown` seeds are above it; of the `hidden` ones, `wrong` are expected to be wrong."""

    threshold: float
    shown: int
    hidden: int
    wrong: float

    @property
    def remaining(self) -> float:
        """The expected share of wrong spans among those that nobody reads."""
        return self.wrong / self.hidden if self.hidden else 0.0


def skim(risks: Iterable[float], target: float) -> Skim:
    """The largest group of seeds, the safest first, whose expected share of wrong spans is at or below a target."""
    ordered = sorted(risks)
    hidden, wrong, best = 0, 0.0, Skim(0.0, len(ordered), 0, 0.0)
    for index, risk in enumerate(ordered):
        hidden, wrong = hidden + 1, wrong + risk
        ends_group = index + 1 == len(ordered) or ordered[index + 1] > risk
        if ends_group and wrong / hidden <= target:
            best = Skim(risk, len(ordered) - hidden, hidden, wrong)
    return best
