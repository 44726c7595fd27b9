"""Which predicted span answers which gold span: one to one, the best for the whole document, in any order of input.

Two spans overlap where they share a code point: adjacent ones do not. Equal spans pair first (which never costs a pair
worth as much); among the rest as many overlapping pairs are made as there can be (Kuhn 1955, by augmenting paths).
Where several pairings are as good, spans that come first, equal labels and larger shares of text are preferred.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Sequence
from itertools import accumulate

Span = tuple[int, int, str]


def pair(gold: Sequence[Span], predicted: Sequence[Span], *, same_label: bool = False) -> list[tuple[int, int]]:
    """Indices (gold, predicted) of spans that answer each other, sorted; a span is in one pair at most.

    Both are half-open `(start, end, label)`; duplicates pair with duplicates. With `same_label`, spans of different
    labels never pair; without, equal borders pair whatever the label, those of the same label first.
    """
    wanted = sorted(range(len(gold)), key=lambda index: gold[index])
    given = sorted(range(len(predicted)), key=lambda index: predicted[index])
    pairs = _equal(gold, predicted, wanted, given, whole=True)
    if not same_label:
        pairs |= _equal(gold, predicted, _free(wanted, pairs), _free(given, set(pairs.values())), whole=False)
    taken = set(pairs.values())
    edges = _edges(gold, predicted, _free(wanted, pairs), _free(given, taken), same_label)
    pairs |= _most(edges)
    return sorted(pairs.items())


def _free(order: Sequence[int], taken: dict[int, int] | set[int]) -> list[int]:
    return [index for index in order if index not in taken]


def _equal(
    gold: Sequence[Span], predicted: Sequence[Span], wanted: Sequence[int], given: Sequence[int], *, whole: bool
) -> dict[int, int]:
    """Pairs of the same borders; of the same label too, where `whole`."""

    def key(span: Span) -> tuple[int, int, str]:
        return span if whole else (span[0], span[1], "")

    waiting: dict[Span, deque[int]] = defaultdict(deque)
    for index in given:
        waiting[key(predicted[index])].append(index)
    return {index: waiting[key(gold[index])].popleft() for index in wanted if waiting.get(key(gold[index]))}


def _edges(
    gold: Sequence[Span], predicted: Sequence[Span], wanted: Sequence[int], given: Sequence[int], same_label: bool
) -> dict[int, list[int]]:
    """For each free gold span the free predicted spans that overlap it, the best first."""
    starts = [predicted[index][0] for index in given]
    reaches = list(accumulate((predicted[index][1] for index in given), max))
    edges: dict[int, list[int]] = {}
    for index in wanted:
        start, end, label = gold[index]
        found = []
        for other in given[bisect_right(reaches, start) : bisect_left(starts, end)]:
            shared = min(end, predicted[other][1]) - max(start, predicted[other][0])
            if shared > 0 and (predicted[other][2] == label or not same_label):
                found.append((predicted[other][2] != label, -shared, *predicted[other], other))
        if found:
            edges[index] = [item[-1] for item in sorted(found)]
    return edges


def _most(edges: dict[int, list[int]]) -> dict[int, int]:
    """A matching with as many pairs as there can be; breadth first, so that deep chains need no recursion."""
    answer: dict[int, int] = {}  # gold -> predicted
    holder: dict[int, int] = {}  # predicted -> gold
    for root in edges:
        came_from: dict[int, int] = {}
        queue = deque([root])
        free: int | None = None
        while queue and free is None:
            index = queue.popleft()
            for other in edges[index]:
                if other in came_from:
                    continue
                came_from[other] = index
                if other not in holder:
                    free = other
                    break
                queue.append(holder[other])
        while free is not None:
            index = came_from[free]
            given_up = answer.get(index)
            answer[index], holder[free] = free, index
            free = given_up
    return answer
