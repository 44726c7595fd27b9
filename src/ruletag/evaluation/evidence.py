"""The evidence of gold for one decision: the cases, the values that are right in each, and whether they suffice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

LARGEST_CHANCE = Fraction(1, 5)  # 3 cases against 0 pass the sign test, and 4 against 1, 6 against 2
SHOWN, TOO_LITTLE, NO_EVIDENCE = "shown", "too little evidence", "no evidence"


class Case(NamedTuple):
    """A place where the values of a switch give different spans, and the values that are right there.

    `unit` is the number of the document or paragraph that is held out with it.
    """

    unit: int
    path: str
    line: int
    text: str
    right: frozenset[str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of the gold for one switch, or for one name or noun under it, the `subject`.

    `settings` are in order, the default first. `verdict` says whether the cases suffice; if they do not, `chosen` is
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
        """Cases that the chosen value gets right."""
        return tuple(case for case in self.cases if self.chosen in case.right)

    @property
    def exceptions(self) -> tuple[Case, ...]:
        """Cases that only other values get right."""
        return tuple(case for case in self.cases if case.right and self.chosen not in case.right)

    @property
    def unexplained(self) -> int:
        """The number of cases that no value gets right."""
        return sum(not case.right for case in self.cases)


def judge(switch: str, subject: str, cases: list[Case], settings: tuple[str, ...], before: str) -> Evidence:
    """Choose a value for a switch; `before` is the value of the base.

    It must beat the default and the value of the base, and not be beaten by the value that is right most often. The
    first such value is chosen; if there is none, the value of the base is kept.
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
    """Choose among decisions; the first of the `settings` means undecided, and `before` is the setting of the base.

    A decision must beat all others, and not be beaten by the undecided setting. If no decision qualifies, the undecided
    setting is chosen if it beats the base; otherwise the setting of the base is kept.
    """
    undecided, *decisions = settings
    chosen = undecided if beats(cases, undecided, before) else before
    for decision in decisions:
        rivals = [rival for rival in decisions if rival != decision]
        if all(beats(cases, decision, rival) for rival in rivals) and not beats(cases, undecided, decision):
            chosen = decision
    return _evidence(switch, subject, cases, settings, chosen)


def _evidence(switch: str, subject: str, cases: list[Case], settings: tuple[str, ...], chosen: str) -> Evidence:
    is_shown = any(beats(cases, chosen, rival) for rival in settings)
    verdict = SHOWN if is_shown else TOO_LITTLE if any(case.right for case in cases) else NO_EVIDENCE
    return Evidence(switch, subject, settings, tuple(cases), chosen, verdict)


def beats(cases: Iterable[Case], setting: str, rival: str) -> bool:
    """Whether the cases show that a setting is better than its rival: beyond chance, and on held-out units.

    Only cases count that exactly one of the two gets right. Beyond chance: a one-sided sign test with `LARGEST_CHANCE`.
    Held out: a unit counts only if the setting leads in all other units together, and over the units that count, it
    must win more cases than it loses. Cases from a single unit therefore prove nothing.
    """
    ahead: Counter[int] = Counter()
    wins = losses = 0
    for case in cases:
        won, lost = setting in case.right, rival in case.right
        wins += won and not lost
        losses += lost and not won
        ahead[case.unit] += won - lost
    if wins <= losses or sign_test(wins, losses) > LARGEST_CHANCE:
        return False
    return sum(lead for lead in ahead.values() if wins - losses - lead > 0) > 0


def sign_test(wins: int, losses: int) -> Fraction:
    """The chance of at least this many wins if each case were a coin toss (one-sided sign test)."""
    tosses = wins + losses
    ways, total = 1, 0
    for lost in range(losses + 1):
        total += ways
        ways = ways * (tosses - lost) // (lost + 1)
    return Fraction(total, 2**tosses)
