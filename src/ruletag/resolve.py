"""Candidates to winners: the only place that ranks.

One total order decides every overlap: priority (higher first), length (longer first), position (earlier first), source
(a rule that an entry confirms, the memory, an entry, a rule; then by file and line), rule id. Losers are kept, with the
reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import attrgetter, itemgetter
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
    """The winners, in reading order and without overlap, and every other candidate with its reason, in the order."""
    winners: list[Candidate] = []
    ranked: list[tuple[Rank, Loss]] = []
    for group in _entangled(candidates):
        if len(group) == 1:
            winners += group
        else:
            winners += _decide(group, ranked)
    ranked.sort(key=itemgetter(0))
    return winners, [loss for _, loss in ranked]


def _entangled(candidates: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    """The candidates in groups of which none overlaps another; most stand alone, and need no ranking."""
    group: list[Candidate] = []
    end = 0
    for candidate in sorted(candidates, key=attrgetter("start")):
        if candidate.start >= end and group:
            yield group
            group = []
        group.append(candidate)
        end = max(end, candidate.end)
    if group:
        yield group


def _decide(group: list[Candidate], losses: list[tuple[Rank, Loss]]) -> list[Candidate]:
    """The winners of a group in reading order. Each loser is told from the highest winner that it overlaps."""
    winners: list[Candidate] = []
    owners: dict[int, int] = {}  # offset to winner
    for place, candidate in sorted([(rank(candidate), candidate) for candidate in group], key=itemgetter(0)):
        span = range(candidate.start, candidate.end)
        if overlapped := [owners[offset] for offset in span if offset in owners]:
            winner = winners[min(overlapped)]
            losses.append((place, Loss(candidate, winner, _reason(candidate, winner))))
        else:
            owners.update(dict.fromkeys(span, len(winners)))
            winners.append(candidate)
    return sorted(winners, key=attrgetter("start"))


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
