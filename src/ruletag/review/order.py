"""The order in which a pile is worked through, and which documents are controls."""

from __future__ import annotations

from collections.abc import Sequence

from ruletag.review.spans import Paper


def spread(number: int) -> list[int]:
    """0 … number-1, in the order of their reversed bits: every prefix of the list is spread evenly over the whole."""
    bits = max(1, (number - 1).bit_length())
    reversed_ = (int(f"{index:0{bits}b}"[::-1], 2) for index in range(1 << bits))
    return [index for index in reversed_ if index < number]


def ordered(papers: Sequence[Paper], order: str) -> list[Paper]:
    """Documents in the order `spread` or `short`, else as they are: `risk` can order them only once there are
    decisions."""
    if order == "spread":
        return [papers[index] for index in spread(len(papers))] if papers else []
    if order == "short":
        return sorted(papers, key=lambda paper: (len(paper.text), paper.id))
    return list(papers)


def controls(papers: Sequence[Paper], number: int) -> list[Paper]:
    """A number of documents at even distances, each from the middle of its share of the list."""
    number = max(0, min(number, len(papers)))
    return [papers[(2 * index + 1) * len(papers) // (2 * number)] for index in range(number)]
