"""The evidence of gold on one decision: the cases, the values that are right in each, and whether they suffice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

LARGEST_CHANCE = Fraction(1, 5)  # the sign test is passed by 3 cases against 0, 4 against 1, 6 against 2
SHOWN, TOO_LITTLE, NO_EVIDENCE = "shown", "too little evidence", "no evidence"


class Case(NamedTuple):
    """A place where the values of a switch differ: where it is, its text, and which values are right.

    `unit` is the document or paragraph that is held out as one.
    """

    unit: int
    path: str
    line: int
    text: str
    right: frozenset[str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of the gold on one switch (or on one name or noun under it, the `subject`).

    `settings` are in order, the default first; `verdict` says whether the cases suffice. If they do not, `chosen` is
    the value of the base.
    """

    switch: str
    subject: str
    settings: tuple[str, ...]
    cases: tuple[Case, ...]
    chosen: str
    verdict: str

    def right(self, setting: str) -> int:
        """The number of cases in which a value gives the spans of the gold."""
        return sum(setting in case.right for case in self.cases)

    @property
    def examples(self) -> tuple[Case, ...]:
        """Cases that the chosen value gets right and another does not."""
        return tuple(case for case in self.cases if self.chosen in case.right)

    @property
    def exceptions(self) -> tuple[Case, ...]:
        """Cases that another value gets right and the chosen one does not."""
        return tuple(case for case in self.cases if case.right and self.chosen not in case.right)

    @property
    def unexplained(self) -> int:
        """The number of cases that no value gets right: they support none."""
        return sum(not case.right for case in self.cases)


def judge(switch: str, subject: str, cases: list[Case], settings: tuple[str, ...], before: str) -> Evidence:
    """Choose a value, `before` being that of the base.

    It must beat the default and the value of the base, and not be beaten by the value that is right most often. Of
    several such values, the first is chosen; if there is none, that of the base stays.
    """
    right = Counter(setting for case in cases for setting in case.right)
    leader = max(settings, key=lambda setting: right[setting])
    rivals = {settings[0], before}
    chosen = before
    for setting in settings:
        if all(beats(cases, setting, rival) for rival in rivals - {setting}) and not beats(cases, leader, setting):
            chosen = setting
            break
    return _evidence(switch, subject, cases, settings, chosen if right else before)


def judge_decision(switch: str, subject: str, cases: list[Case], settings: tuple[str, ...], before: str) -> Evidence:
    """Choose among decisions; the first of the `settings` is to decide nothing, `before` that of the base.

    A decision must beat all others, and deciding nothing must not beat it. If no decision qualifies, nothing is
    decided if that beats the base; otherwise the base stays.
    """
    none, *decisions = settings
    chosen = none if beats(cases, none, before) else before
    for decision in decisions:
        others = [each for each in decisions if each != decision]
        if all(beats(cases, decision, other) for other in others) and not beats(cases, none, decision):
            chosen = decision
    return _evidence(switch, subject, cases, settings, chosen)


def _evidence(switch: str, subject: str, cases: list[Case], settings: tuple[str, ...], chosen: str) -> Evidence:
    shown = any(beats(cases, chosen, other) for other in settings)
    verdict = SHOWN if shown else TOO_LITTLE if any(case.right for case in cases) else NO_EVIDENCE
    return Evidence(switch, subject, settings, tuple(cases), chosen, verdict)


def beats(cases: Iterable[Case], one: str, other: str) -> bool:
    """Whether the cases show that a value is better than another: beyond chance, and on held-out units.

    Only cases count that one of the two gets right and the other does not. Beyond chance: a one-sided sign test with
    `LARGEST_CHANCE`. Held out: each unit in turn is judged by the majority of all others, which must win more cases
    than it loses; so cases from a single unit prove nothing.
    """
    ahead: Counter[int] = Counter()
    wins = losses = 0
    for case in cases:
        won, lost = one in case.right, other in case.right
        wins += won and not lost
        losses += lost and not won
        ahead[case.unit] += won - lost
    if wins <= losses or sign_test(wins, losses) > LARGEST_CHANCE:
        return False
    return sum(here for here in ahead.values() if wins - losses - here > 0) > 0


def sign_test(wins: int, losses: int) -> Fraction:
    """The chance of at least so many wins if each case were a coin toss (one-sided sign test)."""
    tosses = wins + losses
    ways, total = 1, 0
    for lost in range(losses + 1):
        total += ways
        ways = ways * (tosses - lost) // (lost + 1)
    return Fraction(total, 2**tosses)
