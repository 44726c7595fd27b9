"""Candidates to winners: the only place that ranks.

One total order decides every overlap: priority (higher first), length (longer first), position (earlier first), source
(a rule that an entry confirms, the memory, an entry, a rule; then by file and line), rule id. Losers are kept, with the
reason.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from ruletag.model import Candidate, Part

_KINDS = {"memory": 1, "entry": 2, "rule": 3, "gold": 4}


class Loss(NamedTuple):
    """A candidate that did not become an entity, the one that it lost to, and why."""

    loser: Candidate
    winner: Candidate
    reason: str


Rank = tuple[int, int, int, int, str, int, str, str, int, int, int, tuple[Part, ...], str, str, str, str]


def rank(candidate: Candidate) -> Rank:
    """The total order; the smallest wins. What one source says twice is ordered by its anchor and parts."""
    source = candidate.source
    anchor = candidate.anchor or Part("", 0, 0)
    return (
        -candidate.priority,
        candidate.start - candidate.end,
        candidate.start,
        _kind(candidate),
        source.path,
        source.line,
        source.name,
        candidate.label,
        anchor.start,
        -anchor.end,
        -len(candidate.parts),
        candidate.parts,
        anchor.name,
        candidate.id or "",
        candidate.surname or "",
        candidate.via,
    )


def _kind(candidate: Candidate) -> int:
    return 0 if candidate.confirmed else _KINDS[candidate.source.kind]


def _kind_name(candidate: Candidate) -> str:
    if candidate.confirmed:
        return "a rule with an entry"
    return {"memory": "memory", "entry": "an entry", "rule": "a rule"}[candidate.source.kind]


def resolve(candidates: Iterable[Candidate]) -> tuple[list[Candidate], list[Loss]]:
    """The winners, in reading order and without overlap, and every other candidate with its reason."""
    ranked = sorted(candidates, key=rank)
    taken = bytearray(max((candidate.end for candidate in ranked), default=0))
    winners: list[Candidate] = []
    losers: list[Candidate] = []
    for candidate in ranked:
        if taken.find(1, candidate.start, candidate.end) >= 0:
            losers.append(candidate)
            continue
        taken[candidate.start : candidate.end] = b"\1" * (candidate.end - candidate.start)
        winners.append(candidate)
    winners.sort(key=lambda winner: winner.start)
    return winners, _losses(winners, losers)


def _losses(winners: list[Candidate], losers: list[Candidate]) -> list[Loss]:
    starts = [winner.start for winner in winners]
    losses = []
    for loser in losers:
        winner = _best_overlap(winners, starts, loser)
        losses.append(Loss(loser, winner, _reason(loser, winner)))
    return losses


def _best_overlap(winners: list[Candidate], starts: list[int], loser: Candidate) -> Candidate:
    """The highest in rank of the winners that overlap the loser."""
    index = max(0, bisect_right(starts, loser.start) - 1)
    overlapping = []
    while index < len(winners) and winners[index].start < loser.end:
        if winners[index].end > loser.start:
            overlapping.append(winners[index])
        index += 1
    return min(overlapping, key=rank)


def _reason(loser: Candidate, winner: Candidate) -> str:
    """The first point of the order on which the two differ."""
    if loser.priority != winner.priority:
        return f"priority {loser.priority} against {winner.priority}"
    if loser.end - loser.start != winner.end - winner.start:
        return "shorter"
    if loser.start != winner.start:
        return "starts later"
    same = " and says the same" if loser.label == winner.label else ""
    if _kind(loser) != _kind(winner):
        return f"{_kind_name(winner)} goes before {_kind_name(loser)}{same}"
    return f"stands later in the order of sources{same}"
