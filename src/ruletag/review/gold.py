"""Reviewers' decisions as documents: the gold of finished ones, and the seeds that it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ruletag.formats.records import ANNOTATOR, ORIGINS, origin
from ruletag.formats.spans import HASH, Place, gold
from ruletag.model import Document, Entity, sort_entities
from ruletag.review.database import fault
from ruletag.review.spans import DELETED, DONE, Paper, Seed, State
from ruletag.review.store import Store

GOLD = "gold"  # the name under which an adjudicator decides


def voice(store: Store) -> list[str]:
    """The reviewer whose documents are the gold of a pile, in a list: the adjudicator, else the only reviewer; empty if
    nobody has started. Raises RuletagError if there are several reviewers and no adjudicator."""
    people = store.people()
    if GOLD in people or len(people) < 2:
        return [GOLD] if GOLD in people else people
    help = "export the work of one, with `ruletag review FILE --export PATH --as NAME`; or decide with --adjudicate"
    raise fault(store.path, "contains the work of several reviewers: " + ", ".join(people), help)


def reviewed(store: Store, people: Iterable[str] | None = None) -> Iterator[Document]:
    """The finished documents of some reviewers, by default of all, each with its `annotator` and the proposals behind
    its spans."""
    for who in store.people() if people is None else people:
        for paper in store.papers():
            state, _ = store.state(paper.id, who)
            if state.status == DONE:
                yield _document(store, paper, who, state)


def left(store: Store, who: str) -> int:
    """The number of documents of the pile that a reviewer has not finished."""
    return sum(store.state(paper.id, who)[0].status != DONE for paper in store.papers())


def proposed(store: Store) -> Iterator[Document]:
    """The tagged documents with their seeds as entities: what the reviewers started from."""
    for paper in store.papers():
        if paper.run is not None:
            entities = tuple(_entity(paper.text, seed) for seed in store.seeds(paper.id, paper.run))
            yield Document(paper.text, entities, paper.record or paper.name, paper.path, True, meta=paper.meta)


def _document(store: Store, paper: Paper, who: str, state: State) -> Document:
    place = Place(store.path)
    entities = sort_entities(
        Entity(span.start, span.end, span.label, paper.text[span.start : span.end], gold(place)) for span in state.live
    )
    meta: dict[str, Any] = {key: value for key, value in paper.meta.items() if key != HASH}
    meta[ANNOTATOR] = who
    if origins := list(_origins(store, paper, state)):
        meta[ORIGINS] = origins
    return Document(paper.text, entities, paper.record or paper.name, store.path, True, meta=meta)


def _origins(store: Store, paper: Paper, state: State) -> Iterator[dict[str, Any]]:
    """A record of the proposal behind each live span, with its span if that was changed; then of deleted proposals."""
    for span in state.live:
        if seed := store.seed_of(paper.id, span.id):
            entity = Entity(span.start, span.end, span.label, paper.text[span.start : span.end])
            is_changed, source = span.span != seed.span, str(seed.source)
            record = origin(entity, origin="prediction-changed" if is_changed else "prediction", source=source)
            yield record | ({"was": list(seed.span)} if is_changed else {})
    for span in (state.spans or {}).values():
        if span.state == DELETED and (seed := store.seed_of(paper.id, span.id)):
            yield origin(_entity(paper.text, seed), origin="deleted", source=str(seed.source))


def _entity(text: str, seed: Seed) -> Entity:
    return Entity(seed.start, seed.end, seed.label, text[seed.start : seed.end], seed.source, via=seed.via)
