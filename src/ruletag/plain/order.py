"""From candidates to winners: the only place that ranks.

One total order decides every overlap: priority (higher first), length (longer first), position (earlier first), source
(a rule that an entry confirms, the memory, an entry, a rule; then by file and line), rule id. Losers are kept.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from operator import attrgetter

from ruletag.model import Candidate, Loss, Part

Rank = tuple[int, int, int, int, str, int, str, str, int, int, int, tuple[Part, ...], str, tuple[int, int], str, str]


def rank(candidate: Candidate) -> Rank:
    """The total order; the smallest wins. Equal candidates of one source are ordered by their anchor and parts."""
    source = candidate.source
    anchor = candidate.anchor or Part("", 0, 0)
    return (
        -candidate.priority,
        candidate.start - candidate.end,
        candidate.start,
        candidate.standing,
        source.path,
        source.line,
        source.name,
        candidate.label,
        anchor.start,
        -anchor.end,
        -len(candidate.parts),
        candidate.parts,
        anchor.name,
        candidate.via or (0, 0),
        candidate.id or "",
        candidate.surname or "",
    )


def resolve(candidates: Iterable[Candidate]) -> tuple[list[Candidate], list[Loss]]:
    """The winners, in reading order and without overlap; and the losers, each with what beat it, in the total order.

    Each loser is beaten by the highest winner that it overlaps. Equal candidates of one source count once.
    """
    winners: list[Candidate] = []
    losses: list[Loss] = []
    for group in _groups(candidates):
        won, lost = _decide(group)
        winners += won
        losses += lost
    return winners, sorted(losses, key=lambda loss: rank(loss.loser))


def _groups(candidates: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    """Groups of candidates connected by overlaps, in reading order: separate groups do not affect each other."""
    group: list[Candidate] = []
    end = 0
    for candidate in sorted(set(candidates), key=attrgetter("start")):
        if group and candidate.start >= end:
            yield group
            group = []
        group.append(candidate)
        end = max(end, candidate.end)
    if group:
        yield group


def _decide(group: list[Candidate]) -> tuple[list[Candidate], list[Loss]]:
    winners: list[Candidate] = []  # in reading order
    ranks: dict[Candidate, int] = {}  # the positions of the winners in the total order
    losses: list[Loss] = []
    for candidate in sorted(group, key=rank):
        first = bisect_right(winners, candidate.start, key=attrgetter("end"))
        last = bisect_left(winners, candidate.end, key=attrgetter("start"))
        if first < last:
            winner = min(winners[first:last], key=ranks.__getitem__)
            losses.append(Loss(candidate, winner))
        else:
            winners.insert(first, candidate)
            ranks[candidate] = len(ranks)
    return winners, losses
