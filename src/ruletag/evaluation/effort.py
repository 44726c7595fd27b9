"""Estimates the effort of reviewing pre-annotations, and of marking every name by hand.

Each verdict requires actions: accept (correct), rebound (border), relabel (label), both of these (both), delete
(spurious), add (missed). Without pre-annotations every gold span is added. The text is read once either way.
Assumptions: the reviewer ends up with the gold; a missed name is noticed as easily among pre-annotations as in a bare
text; an action costs the same everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import fsum  # `sum` of floats gives different last bits from Python 3.12 on
from string import ascii_letters

from ruletag.evaluation.causes import Judged
from ruletag.fold import fold
from ruletag.tokens import split_tokens

ACTIONS = ("accept", "rebound", "relabel", "add", "delete")
COSTS = (*ACTIONS, "read")  # everything with a cost; that of `read` is for one word
FASTEST, SLOWEST = 3.7 / 4.7, 6.8 / 4.7  # the costs of the quickest and the slowest reviewer; 1 is the mean
_REQUIRED = {  # the actions for each cause
    "correct": ("accept",),
    "border": ("rebound",),
    "label": ("relabel",),
    "both": ("rebound", "relabel"),
    "missed": ("add",),
    "spurious": ("delete",),
}
_LETTERS = frozenset(ascii_letters.encode() + b"\x8d\x9c\x8c\xe6\xc6\xdf")  # in folded text, which has no accents


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds for each action, and for reading a word. Raises ValueError if a cost is negative.

    `add` and `read` are measured: reviewers in a published study took 4.7 s for an entity, not counting reading, and a
    word takes 0.25 s at 238 words a minute. The others are sums of operators of the keystroke-level model (Card, Moran
    and Newell 1980): deciding 1.35, pointing 1.1, pressing or releasing the mouse button 0.1, a key 0.2, with one hand
    on the mouse and one on the keys. To accept is to decide and press a key; to delete or relabel, to decide, point,
    click and press a key; to move a border, to decide, point, press, drag and release.
    """

    accept: float = 1.55
    rebound: float = 3.75
    relabel: float = 2.85
    add: float = 4.7
    delete: float = 2.85
    read: float = 0.25
    are_own: bool = False  # measured from the user's own reviewers, so that there is no range

    def __post_init__(self) -> None:
        negative = [action for action in COSTS if getattr(self, action) < 0]
        if negative:
            raise ValueError(f"costs must not be negative: {', '.join(negative)}")


@dataclass(frozen=True, slots=True)
class Effort:
    """The actions of a review, and the numbers of gold spans and of words in the texts."""

    accept: int = 0
    rebound: int = 0
    relabel: int = 0
    add: int = 0
    delete: int = 0
    gold: int = 0
    words: int = 0
    costs: Costs = Costs()

    @property
    def edits(self) -> int:
        """All actions except accepting."""
        return self.rebound + self.relabel + self.add + self.delete

    @property
    def seconds(self) -> float:
        """Seconds with pre-annotations, including reading."""
        return fsum([self.reading, *(getattr(self, action) * getattr(self.costs, action) for action in ACTIONS)])

    @property
    def seconds_without(self) -> float:
        """Seconds without pre-annotations: the text is read, and every gold span is added."""
        return fsum([self.reading, self.gold * self.costs.add])

    @property
    def reading(self) -> float:
        """Seconds for reading the texts."""
        return self.words * self.costs.read

    @property
    def saving(self) -> float:
        """The share of time that pre-annotations save; negative if they cost time. 0/0 is 0."""
        return 1 - self.seconds / self.seconds_without if self.seconds_without else 0.0

    @property
    def saving_range(self) -> tuple[float, float]:
        """The savings of the quickest and the slowest reviewer, the lower first; both read at the same speed.

        If the costs are the user's own, both are the same.
        """
        if self.costs.are_own:
            return self.saving, self.saving
        savings = [self._at(pace).saving for pace in (FASTEST, SLOWEST)]
        return min(savings), max(savings)

    def _at(self, pace: float) -> Effort:
        """The effort of a reviewer whose actions take `pace` times as long."""
        paced = {action: getattr(self.costs, action) * pace for action in ACTIONS}
        return replace(self, costs=replace(self.costs, **paced))

    @property
    def pays(self) -> bool:
        return self.seconds < self.seconds_without

    @property
    def break_even(self) -> float | None:
        """The seconds that accepting a span may take before pre-annotation stops paying; None if nothing is accepted.

        Negative if it would not pay even if accepting took no time.
        """
        if not self.accept:
            return None
        corrections = self.seconds - self.accept * self.costs.accept
        return (self.seconds_without - corrections) / self.accept

    def per_thousand(self, count: float) -> float:
        """A count, or a number of seconds, per 1,000 words. 0/0 is 0."""
        return 1000 * count / self.words if self.words else 0.0


def estimate(judged: Iterable[Judged], costs: Costs | None = None) -> Effort:
    """The effort that the verdicts on some documents require."""
    causes = Counter[str]()
    words = 0
    for document in judged:
        causes.update(verdict.cause for verdict in document.verdicts)
        words += count_words(document.gold.text)
    actions = Counter(dict.fromkeys(ACTIONS, 0))
    for cause, count in causes.items():
        for action in _REQUIRED[cause]:
            actions[action] += count
    gold = causes.total() - causes["spurious"]
    return Effort(**actions, gold=gold, words=words, costs=costs or Costs())


def count_words(text: str) -> int:
    """The number of tokens that begin with a letter: words, elided words, initials, acronyms; no numbers."""
    return sum(token[0] in _LETTERS for token in split_tokens(fold(text).cased))
