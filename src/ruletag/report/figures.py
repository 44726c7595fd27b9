"""Shared by the reports for people: causes in words, ratios, the headline. Counts nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from ruletag.evaluation import measures
from ruletag.report.pieces import Placed
from ruletag.report.record import AccountLine, Actions, Record
from ruletag.report.run import Run


class Scored(Protocol):
    """An evaluation, with its guideline, and the documents that were scored and skipped."""

    @property
    def guideline(self) -> str: ...
    @property
    def documents(self) -> int: ...
    @property
    def skipped(self) -> tuple[str, ...]: ...


class Cause(NamedTuple):
    """A difference between gold and tagger: its name, a sign that needs no colour, and its meaning."""

    name: str
    sign: str
    meaning: str


# U+FE0E asks for the arrow as text: phones would draw it as a coloured picture.
CAUSES = {
    cause.name: cause
    for cause in (
        Cause("missed", "○", "the gold has a span where the tagger has none"),
        Cause("spurious", "✕", "the tagger has a span where the gold has none"),
        Cause("label", "≠", "same borders, different label"),
        Cause("border", "↔\ufe0e", "same label, different borders"),
        Cause("both", "≠↔\ufe0e", "the spans overlap; label and borders differ"),
        Cause("correct", "✓", "same borders, same label"),
    )
}
MEASURES = {name: measure.help for name, measure in measures.MEASURES.items()}
ACTIONS = ("accept", "rebound", "relabel", "add", "delete", "seconds")


def amounts(actions: Actions) -> tuple[float, ...]:
    """The actions of a review, in the order of ACTIONS."""
    return actions.accept, actions.rebound, actions.relabel, actions.add, actions.delete, actions.seconds


def ratio(value: float) -> str:
    return f"{value:.3f}"


def interval(bounds: tuple[float, float] | None) -> str:
    """Both bounds; empty without an interval."""
    return f"{bounds[0]:.3f}–{bounds[1]:.3f}" if bounds else ""


def headline(record: Record) -> str:
    """F1, F1 with guideline borders forgiven, and how many errors are guideline differences."""
    return "; ".join(headline_parts(record))


def headline_parts(record: Record) -> Iterator[str]:
    """The headline in parts, the most important first; the last is left out if there are no errors."""
    causes, micro = record.causes, record.measures["strict"]["micro"]
    bounds = micro.interval
    yield f"F1 {micro.f1:.2f}" + (f" ({bounds[0]:.2f} to {bounds[1]:.2f})" if bounds else "")
    yield f"{causes.f1_forgiven:.2f} with guideline borders forgiven"
    if not causes.errors:
        return
    predicate = "is a guideline difference" if 1 in (causes.guideline, causes.errors) else "are guideline differences"
    yield f"{causes.guideline} of {counted(causes.errors, 'error')} {predicate}"


def title(run: Run | None) -> str:
    """The subject and the day of the evaluation, as far as they are known."""
    return ", ".join(filter(None, [f"Evaluation of {run.gold}", run.date])) if run else "Evaluation"


def making(run: Run | None) -> Iterator[tuple[str, str]]:
    """The origin of a report as names and values, as far as it is known."""
    if run:
        values = {
            "Gold": run.gold,
            "Predictions": ", ".join(run.predicted),
            "Knowledge": run.knowledge,
            "Date": run.date,
            "Command": run.command,
        }
        yield from ((name, value) for name, value in values.items() if value)


def plainly(record: Record) -> str:
    """The strict figures for a reader who does not know F1."""
    micro = record.measures["strict"]["micro"]
    past, present = ("was", "is") if micro.correct == 1 else ("were", "are")
    recall, precision = (f"{100 * ratio:.0f} %" for ratio in (micro.recall, micro.precision))
    return (
        f"Of {counted(micro.support, 'name')} in the gold, {micro.correct:,} {past} found exactly ({recall}). "
        f"Of {counted(micro.predicted, 'name')} marked, {micro.correct:,} {present} right ({precision}). "
        "F1 combines the two in one figure from 0 to 1, where 1 means that nothing is missing and nothing is wrong."
    )


def scope(record: Scored) -> str:
    """The guideline in force, and the numbers of documents scored and not scored."""
    pieces = [f"Guideline in force: {record.guideline}", f"{counted(record.documents, 'document')} scored"]
    if record.skipped:
        pieces.append(f"{len(record.skipped)} without gold, not scored")
    return f"{'; '.join(pieces)}."


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural unless it is one."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def ledger_name(row: AccountLine) -> str:
    """The name of a source without its file and line, which have their own column."""
    return row.source.removesuffix(f" ({row.path}:{row.line})")


def source_name(source: str | None) -> str:
    """The name of a source without its file and line; for None, the guideline, which drops spans."""
    return re.sub(r" \([^()]*\)$", "", source) if source else "the guideline"


def place(row: Placed) -> str:
    """The file of a source or an error, with its line if it has one."""
    return f"{row.path}:{row.line}" if row.line else row.path
