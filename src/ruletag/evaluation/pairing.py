"""Pairs predicted spans with gold spans, one to one: the best pairing for the whole document, in any order of input.

Two spans overlap if they share a code point: adjacent ones do not. For the best pairing, equal borders are worth 1 and
an overlap ½; with `same_label` every pair is worth 1. As many pairs as possible are made (Kuhn 1955, by augmenting
paths). Which spans remain unpaired does not depend on which side is called the gold (Mendelsohn and Dulmage 1958).
Among equally good pairings, equal labels, then larger overlaps, then earlier spans are preferred.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Container, Hashable, Iterable, Mapping, Sequence
from itertools import accumulate
from operator import itemgetter

Span = tuple[int, int, str]
Edges = dict[int, list[int]]


def pair(gold: Sequence[Span], predicted: Sequence[Span], *, same_label: bool = False) -> list[tuple[int, int]]:
    """Indices (gold, predicted) of corresponding spans, sorted; a span is in at most one pair.

    Both are half-open `(start, end, label)`; duplicates pair with duplicates. With `same_label`, spans of different
    labels never pair; without, equal borders pair regardless of the label, those of the same label first.
    """
    gold_order = sorted(range(len(gold)), key=lambda index: gold[index])
    predicted_order = sorted(range(len(predicted)), key=lambda index: predicted[index])
    pairs = _equal_pairs(gold, predicted, gold_order, predicted_order, ignore_label=False)
    free = _free(gold_order, pairs), _free(predicted_order, set(pairs.values()))
    if all(free) and not same_label:
        pairs |= _equal_pairs(gold, predicted, *free, ignore_label=True)
        free = _free(free[0], pairs), _free(free[1], set(pairs.values()))
    if not all(free):
        return sorted(pairs.items())
    if same_label and (
        _has_overlaps(gold[index] for index in gold_order)
        or _has_overlaps(predicted[index] for index in predicted_order)
    ):
        # One equal pair may prevent two others; among spans that do not nest, it affects nothing else.
        return sorted(_maximum_pairs(gold, predicted, (gold_order, predicted_order), pairs, same_label).items())
    return sorted((pairs | _maximum_pairs(gold, predicted, free, {}, same_label)).items())


def _free(order: Sequence[int], taken: Container[int]) -> list[int]:
    return [index for index in order if index not in taken]


def _has_overlaps(spans: Iterable[Span]) -> bool:
    """Whether any two of the sorted spans overlap."""
    reach = 0
    for start, end, _ in spans:
        if start < reach:
            return True
        reach = end
    return False


def _equal_pairs(
    gold: Sequence[Span],
    predicted: Sequence[Span],
    gold_order: Iterable[int],
    predicted_order: Iterable[int],
    *,
    ignore_label: bool,
) -> dict[int, int]:
    """Pairs of equal spans; with `ignore_label`, of spans with equal borders."""
    unpaired: dict[Hashable, list[int]] = {}
    for index in predicted_order:
        unpaired.setdefault(predicted[index][:2] if ignore_label else predicted[index], []).append(index)
    pairs = {}
    for index in gold_order:
        candidates = unpaired.get(gold[index][:2] if ignore_label else gold[index])
        if candidates:
            pairs[index] = candidates.pop(0)
    return pairs


def _maximum_pairs(
    gold: Sequence[Span],
    predicted: Sequence[Span],
    order: tuple[Sequence[int], Sequence[int]],
    initial: Mapping[int, int],
    same_label: bool,
) -> dict[int, int]:
    """As many overlapping pairs as possible; an `initial` pair is broken up only if two pairs replace it."""
    gold_order, predicted_order = order
    gold_edges = _edges(gold, predicted, gold_order, predicted_order, same_label)
    if not gold_edges:
        return dict(initial)
    predicted_edges = _edges(predicted, gold, predicted_order, gold_order, same_label)
    forward = _augment(gold_edges, _augment(_same_label_edges(gold, predicted, gold_edges), initial))
    reversed_initial = {partner: index for index, partner in initial.items()}
    backward = _augment(
        predicted_edges, _augment(_same_label_edges(predicted, gold, predicted_edges), reversed_initial)
    )
    return _join(forward, backward)


def _edges(
    spans: Sequence[Span],
    other_spans: Sequence[Span],
    order: Sequence[int],
    other_order: Sequence[int],
    same_label: bool,
) -> Edges:
    """The overlapping spans of the other side for each span, the best first; spans are in the order of their best."""
    starts = [other_spans[index][0] for index in other_order]
    reaches = list(accumulate((other_spans[index][1] for index in other_order), max))
    ranked: list[tuple[tuple[bool, int], int, list[int]]] = []
    for index in order:
        start, end, label = spans[index]
        overlaps = []
        for position in range(bisect_right(reaches, start), bisect_left(starts, end)):
            other_start, other_end, other_label = other_spans[other_order[position]]
            shared = min(end, other_end) - max(start, other_start)
            if shared > 0 and (other_label == label or not same_label):
                overlaps.append((other_label != label, -shared, position))
        if overlaps:
            overlaps.sort()
            ranked.append((overlaps[0][:2], index, [other_order[position] for _, _, position in overlaps]))
    ranked.sort(key=itemgetter(0))
    return {index: partners for _, index, partners in ranked}


def _same_label_edges(spans: Sequence[Span], other_spans: Sequence[Span], edges: Edges) -> Edges:
    return {
        index: matching
        for index, partners in edges.items()
        if (matching := [partner for partner in partners if other_spans[partner][2] == spans[index][2]])
    }


def _augment(edges: Edges, pairs: Mapping[int, int]) -> dict[int, int]:
    """As many pairs as possible; paired spans stay paired. Breadth first, so that long chains need no recursion."""
    augmented = dict(pairs)
    paired_with = {partner: index for index, partner in augmented.items()}
    for root in edges:
        if root in augmented:
            continue
        came_from: dict[int, int] = {}
        queue = deque([root])
        free: int | None = None
        while queue and free is None:
            index = queue.popleft()
            for partner in edges.get(index, ()):
                if partner in came_from:
                    continue
                came_from[partner] = index
                if partner not in paired_with:
                    free = partner
                    break
                queue.append(paired_with[partner])
        while free is not None:
            index = came_from[free]
            released = augmented.get(index)
            augmented[index], paired_with[free] = free, index
            free = released
    return augmented


def _join(forward: Mapping[int, int], backward: Mapping[int, int]) -> dict[int, int]:
    """The pairs of `forward`, changed to pair exactly the predicted spans that `backward` (predicted to gold) pairs."""
    joined = dict(forward)
    paired = set(forward.values())
    for partner in backward:
        if partner in paired:
            continue
        while partner in backward:
            index = backward[partner]
            joined[index] = partner
            partner = forward[index]  # it exists: both have the maximum number of pairs
    return joined
