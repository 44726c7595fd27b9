"""A review in figures, as text: progress, seconds for each action, blind compared with seeded documents, agreement."""

from __future__ import annotations

from collections.abc import Iterator

from tabulate import tabulate

from ruletag.review.adjudication import agreements
from ruletag.review.pace import Group, blind_and_seeded, progress, work
from ruletag.review.store import Store


def format_summary(store: Store) -> str:
    """The figures of all reviewers of a pile."""
    return "\n\n".join(_sections(store)) + "\n"


def _sections(store: Store) -> Iterator[str]:
    people = store.people()
    if not people:
        yield "Nobody has started yet."
    for who in people:
        figures = progress(store, who)
        left = "" if figures.seconds_left is None else f"; about {figures.seconds_left / 60:.0f} min left at this pace"
        yield f"{who}: {figures.done} of {figures.total} documents done, {figures.words_left} words left{left}"
        if rows := [(op, number, f"{seconds:.1f}") for op, number, seconds in work(store.events(who)).rows()]:
            yield tabulate(rows, ["action", "times", "median seconds"], disable_numparse=True)
        blind, seeded = blind_and_seeded(store, who)
        if blind.documents:
            yield _controls(blind, seeded)
    pairs = [
        (f"{first} and {second}", agreement.documents, f"{agreement.f1:.3f}", _figure(agreement.kappa.value))
        for first, second, agreement in agreements(store)
    ]
    if pairs:
        yield tabulate(pairs, ["agreement of", "documents", "F1", "kappa"], disable_numparse=True)


def _controls(blind: Group, seeded: Group) -> str:
    """A table that compares blind documents with the others: the time that seeds save, and the names they hide."""
    groups = (blind, seeded)
    rows = [
        ("documents", *(f"{group.documents}" for group in groups)),
        ("seconds per 1000 words", *(f"{group.per_thousand_words(group.seconds):.0f}" for group in groups)),
        ("names per 1000 words", *(f"{group.per_thousand_words(group.names):.1f}" for group in groups)),
        ("tagger's spans that are right", *(f"{group.precision:.3f}" for group in groups)),
        ("names that the tagger found", *(f"{group.recall:.3f}" for group in groups)),
    ]
    return tabulate(rows, ["controls", "blind", "seeded"], disable_numparse=True)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
