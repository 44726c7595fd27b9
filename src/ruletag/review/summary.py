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
        told = progress(store, who)
        left = "" if told.seconds_left is None else f"; about {told.seconds_left / 60:.0f} min left at this pace"
        yield f"{who}: {told.done} of {told.total} documents done, {told.words_left} words left{left}"
        if rows := [(op, number, f"{seconds:.1f}") for op, number, seconds in work(store.events(who)).rows()]:
            yield tabulate(rows, ["action", "times", "median seconds"], disable_numparse=True)
        blind, seeded = blind_and_seeded(store, who)
        if blind.documents:
            yield _controls(blind, seeded)
    pairs = [
        (f"{one} and {two}", found.documents, f"{found.f1:.3f}", _figure(found.kappa.value))
        for one, two, found in agreements(store)
    ]
    if pairs:
        yield tabulate(pairs, ["agreement of", "documents", "F1", "kappa"], disable_numparse=True)


def _controls(blind: Group, seeded: Group) -> str:
    """Blind documents beside the others: what the seeds save, and what they keep a reviewer from seeing."""
    rows = [
        ("documents", f"{blind.documents}", f"{seeded.documents}"),
        ("seconds per 1000 words", *(f"{each.per_thousand_words(each.seconds):.0f}" for each in (blind, seeded))),
        ("names per 1000 words", *(f"{each.per_thousand_words(each.names):.1f}" for each in (blind, seeded))),
        ("tagger's spans that are right", *(f"{each.precision:.3f}" for each in (blind, seeded))),
        ("names that the tagger found", *(f"{each.recall:.3f}" for each in (blind, seeded))),
    ]
    return tabulate(rows, ["controls", "blind", "seeded"], disable_numparse=True)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
