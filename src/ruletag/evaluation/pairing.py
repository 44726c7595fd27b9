"""Which predicted span corresponds to which gold span: one to one, the best for the whole document, for any order of
input.

Two spans overlap if they share a code point: adjacent ones do not. For the best pairing, equal borders are worth 1 and
an overlap ½; with `same_label` every pair is worth 1. As many pairs as possible are made (Kuhn 1955, by augmenting
paths). Which spans are left alone does not depend on which side is called the gold (Mendelsohn and Dulmage 1958). Among
equally good pairings, equal labels, then larger shares of text, then earlier spans are preferred.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Container, Hashable, Iterable, Mapping, Sequence
from itertools import accumulate

Span = tuple[int, int, str]
Edges = dict[int, list[int]]


def pair(gold: Sequence[Span], predicted: Sequence[Span], *, same_label: bool = False) -> list[tuple[int, int]]:
    """Indices (gold, predicted) of corresponding spans, sorted; a span is in at most one pair.

    Both are half-open `(start, end, label)`; duplicates pair with duplicates. With `same_label`, spans of different
    labels never pair; without, equal borders pair regardless of the label, those of the same label first.
    """
    wanted = sorted(range(len(gold)), key=lambda index: gold[index])
    given = sorted(range(len(predicted)), key=lambda index: predicted[index])
    pairs = _equal(gold, predicted, wanted, given, borders=False)
    free = _free(wanted, pairs), _free(given, set(pairs.values()))
    if all(free) and not same_label:
        pairs |= _equal(gold, predicted, *free, borders=True)
        free = _free(free[0], pairs), _free(free[1], set(pairs.values()))
    if not all(free):
        return sorted(pairs.items())
    if same_label and (_nest(gold[index] for index in wanted) or _nest(predicted[index] for index in given)):
        # One equal pair may prevent two others; among spans that do not nest, it affects nothing else.
        return sorted(_most(gold, predicted, (wanted, given), pairs, same_label).items())
    return sorted((pairs | _most(gold, predicted, free, {}, same_label)).items())


def _free(order: Sequence[int], taken: Container[int]) -> list[int]:
    return [index for index in order if index not in taken]


def _nest(spans: Iterable[Span]) -> bool:
    """Whether any two of the sorted spans overlap."""
    reach = 0
    for start, end, _ in spans:
        if start < reach:
            return True
        reach = end
    return False


def _equal(
    gold: Sequence[Span], predicted: Sequence[Span], wanted: Iterable[int], given: Iterable[int], *, borders: bool
) -> dict[int, int]:
    """Pairs of equal spans, or of spans with the same `borders` and any labels."""
    waiting: dict[Hashable, list[int]] = {}
    for index in given:
        waiting.setdefault(predicted[index][:2] if borders else predicted[index], []).append(index)
    pairs = {}
    for index in wanted:
        same = waiting.get(gold[index][:2] if borders else gold[index])
        if same:
            pairs[index] = same.pop(0)
    return pairs


def _most(
    gold: Sequence[Span],
    predicted: Sequence[Span],
    order: tuple[Sequence[int], Sequence[int]],
    kept: Mapping[int, int],
    same_label: bool,
) -> dict[int, int]:
    """As many overlapping pairs as possible, from pairs that are `kept` unless two can replace one."""
    wanted, given = order
    edges = _edges(gold, predicted, wanted, given, same_label)
    if not edges:
        return dict(kept)
    back = _edges(predicted, gold, given, wanted, same_label)
    forward = _augment(edges, _augment(_alike(gold, predicted, edges), kept))
    turned = {other: index for index, other in kept.items()}
    backward = _augment(back, _augment(_alike(predicted, gold, back), turned))
    return _join(forward, backward)


def _edges(
    spans: Sequence[Span], others: Sequence[Span], order: Sequence[int], among: Sequence[int], same_label: bool
) -> Edges:
    """For each span the overlapping spans of the other side, the best first: of its edges and of all spans."""
    starts = [others[index][0] for index in among]
    reaches = list(accumulate((others[index][1] for index in among), max))
    edges: list[tuple[tuple[bool, int, int], int, list[int]]] = []
    for index in order:
        start, end, label = spans[index]
        found = []
        for place in range(bisect_right(reaches, start), bisect_left(starts, end)):
            other = others[among[place]]
            shared = min(end, other[1]) - max(start, other[0])
            if shared > 0 and (other[2] == label or not same_label):
                found.append((other[2] != label, -shared, place))
        if found:
            found.sort()
            edges.append((found[0], index, [among[place] for _, _, place in found]))
    edges.sort(key=lambda edge: edge[0][:2])
    return {index: near for _, index, near in edges}


def _alike(spans: Sequence[Span], others: Sequence[Span], edges: Edges) -> Edges:
    """The edges between spans of the same label."""
    return {
        index: alike
        for index, near in edges.items()
        if (alike := [other for other in near if others[other][2] == spans[index][2]])
    }


def _augment(edges: Edges, pairs: Mapping[int, int]) -> dict[int, int]:
    """The most pairs, keeping every paired span; breadth first, so that deep chains need no recursion."""
    answer = dict(pairs)
    holder = {other: index for index, other in answer.items()}
    for root in edges:
        if root in answer:
            continue
        came_from: dict[int, int] = {}
        queue = deque([root])
        free: int | None = None
        while queue and free is None:
            index = queue.popleft()
            for other in edges.get(index, ()):
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


def _join(forward: Mapping[int, int], backward: Mapping[int, int]) -> dict[int, int]:
    """The pairs of `forward`, changed until they contain exactly the predicted spans of `backward` (reversed)."""
    joined = dict(forward)
    held = set(forward.values())
    for other in backward:
        if other in held:
            continue
        while other in backward:
            index = backward[other]
            joined[index] = other
            other = forward[index]  # it exists: both have the maximum number of pairs
    return joined
