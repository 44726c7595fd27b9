"""Two reviewers of the same documents: their agreement, and one gold made from both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ruletag.evaluation.agreement import Agreement, agreement
from ruletag.model import Document
from ruletag.review.gold import GOLD, reviewed
from ruletag.review.spans import DONE, LOCKED, NEW, Span
from ruletag.review.store import Store


def agreements(store: Store) -> list[tuple[str, str, Agreement]]:
    """Each pair of reviewers who have finished documents in common, with their agreement on those."""
    people = [who for who in store.people() if who != GOLD]
    done = {who: {document.id: document for document in reviewed(store, [who])} for who in people}
    results = []
    for index, first in enumerate(people):
        for second in people[index + 1 :]:
            if pairs := list(_pairs(done[first], done[second])):
                results.append((first, second, agreement(pairs)))
    return results


def _pairs(first: dict[Any, Document], second: dict[Any, Document]) -> Iterator[tuple[Document, Document]]:
    return ((document, second[id]) for id, document in first.items() if id in second)


def lay_out(store: Store, first: str, second: str) -> list[int]:
    """Hand the work of two reviewers to the adjudicator; returns the numbers of the documents on which they differ.

    Spans that both have are locked. A document on which they agree completely is done. One that was handed over earlier
    stays as it is.
    """
    differ = []
    for paper in store.papers():
        states = [store.state(paper.id, who)[0] for who in (first, second)]
        if any(state.status != DONE for state in states):
            continue
        state, _ = store.state(paper.id, GOLD)
        if state.status == NEW:
            first_spans, second_spans = ({span.span: span for span in state.live} for state in states)
            body = {
                "first": _only(first_spans, second_spans),
                "second": _only(second_spans, first_spans),
                "agreed": [list(triple) for triple in first_spans if triple in second_spans],
            }
            store.system(GOLD, paper.id, "merge", body)
            state, _ = store.state(paper.id, GOLD)
        if any(span.origin and span.state != LOCKED for span in (state.spans or {}).values()):
            differ.append(paper.id)
    return differ


def _only(spans: dict[tuple[int, int, str], Span], others: dict[tuple[int, int, str], Span]) -> list[list[Any]]:
    return [list(triple) for triple in spans if triple not in others]
