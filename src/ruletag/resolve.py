"""Candidates to winners: the only place that ranks.

One total order decides every overlap: priority (higher first), length (longer first), position (earlier first), source
(a rule that an entry confirms, the memory, an entry, a rule; then by file and line), rule id. Losers are kept, with the
reason.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

from ruletag.model import Candidate, Part

_KINDS = {"memory": 1, "entry": 2, "rule": 3, "gold": 4}


class Loss(NamedTuple):
    """A candidate that did not become an entity, the one that it lost to, and why."""

    loser: Candidate
    winner: Candidate
    reason: str


Beaten = tuple[Candidate, Candidate]  # the loser, and the winner
Decision = tuple[list[Candidate], list[Beaten]]
Decisions = dict[tuple[int, ...], Decision]  # by the ids of the candidates that were decided between

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
    winners, beaten = decide(candidates)
    return winners, losses(beaten)


def decide(candidates: Iterable[Candidate], known: Decisions | None = None) -> Decision:
    """The winners as in `resolve`, and what they beat, in no order.

    `known` are decisions of before, on candidates that are the same objects; what is decided is added to them.
    """
    known = {} if known is None else known
    winners: list[Candidate] = []
    beaten: list[Beaten] = []
    group: list[Candidate] = []  # those that hang together by overlaps; most stand alone, and need no ranking
    end = 0
    for candidate in [*sorted(candidates, key=itemgetter(0)), None]:
        if candidate and candidate[0] < end:
            group.append(candidate)
            end = max(end, candidate[1])
            continue
        if len(group) < 2:
            winners += group
        else:
            key = tuple(map(id, group))
            decision = known.get(key) or known.setdefault(key, _winners(group))
            winners += decision[0]
            beaten += decision[1]
        if candidate:
            group = [candidate]
            end = candidate[1]
    return winners, beaten


def losses(beaten: Iterable[Beaten]) -> list[Loss]:
    """The losers with their reasons, in the total order."""
    told = [Loss(loser, winner, _reason(loser, winner)) for loser, winner in beaten]
    return sorted(told, key=lambda loss: rank(loss.loser))


def _winners(group: list[Candidate]) -> Decision:
    """The winners of a group in reading order. Each loser is beaten by the highest winner that it overlaps."""
    winners: list[Candidate] = []
    beaten: list[Beaten] = []
    starts: list[int] = []
    places: list[int] = []  # of the winners in the total order
    for place, candidate in enumerate(_ordered(group)):
        start, end = candidate[:2]
        first = last = bisect_right(starts, start)
        if first and winners[first - 1][1] > start:
            first -= 1
        while last < len(starts) and starts[last] < end:
            last += 1
        if first < last:
            beaten.append((candidate, winners[places.index(min(places[first:last]), first)]))
        else:
            winners.insert(first, candidate)
            starts.insert(first, start)
            places.insert(first, place)
    return winners, beaten


def _ordered(group: list[Candidate]) -> list[Candidate]:
    """The group in the total order. Its first four levels decide nearly always."""
    brief = {(-each.priority, each.start - each.end, each.start, _kind(each)): each for each in group}
    return [brief[key] for key in sorted(brief)] if len(brief) == len(group) else sorted(group, key=rank)


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
