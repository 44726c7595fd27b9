"""What the reports for people say alike about an evaluation record: causes in words, ratios, the headline.

A record is what `eval --json` prints. Any section of it may be absent; nothing is counted here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ruletag.evaluation import measures

Record = Mapping[str, Any]


class Cause(NamedTuple):
    """How gold and tagger differ at a place: its sign, which needs no colour, and what it means."""

    name: str
    sign: str
    meaning: str


# U+FE0E asks for the arrow as text: phones would draw it as a coloured picture.
CAUSES = {
    cause.name: cause
    for cause in (
        Cause("missed", "○", "the gold has a span, the tagger has nothing there"),
        Cause("spurious", "✕", "the tagger has a span, the gold has nothing there"),
        Cause("label", "≠", "same borders, another label"),
        Cause("border", "↔\ufe0e", "same label, other borders"),
        Cause("both", "≠↔\ufe0e", "the spans overlap; label and borders differ"),
        Cause("correct", "✓", "same borders, same label"),
    )
}
_MAKING = {
    "gold": "Gold",
    "predicted": "Predictions",
    "knowledge": "Knowledge",
    "date": "Date",
    "command": "Command",
}
MEASURES = {name: measure.help for name, measure in measures.MEASURES.items()}
ACTIONS = ("accept", "rebound", "relabel", "add", "delete", "seconds")


def ratio(value: float) -> str:
    return f"{value:.3f}"


def interval(bounds: tuple[float, float] | None) -> str:
    """Both bounds, or nothing where none were computed."""
    return f"{bounds[0]:.3f}–{bounds[1]:.3f}" if bounds else ""


def headline(record: Record) -> str:
    """F1, F1 with guideline borders forgiven, and how many errors are guideline: as much of it as is known."""
    return "; ".join(headline_parts(record))


def headline_parts(record: Record) -> Iterator[str]:
    """The headline in parts, the most important first."""
    causes = record.get("causes", {})
    micro = record.get("measures", {}).get("strict", {}).get("micro", {})
    f1 = micro.get("f1", causes.get("f1"))
    if f1 is not None:
        bounds = micro.get("interval")
        yield f"F1 {f1:.2f}" + (f" ({bounds[0]:.2f} to {bounds[1]:.2f})" if bounds else "")
    if "f1_forgiven" in causes:
        yield f"{causes['f1_forgiven']:.2f} with guideline borders forgiven"
    if "errors" in causes:
        errors, guideline = causes["errors"], causes["guideline"]
        one = 1 in (guideline, errors)
        what = "is a guideline difference" if one else "are guideline differences"
        yield f"{guideline} of {counted(errors, 'error')} {what}"


def title(record: Record) -> str:
    """What was evaluated, and the day: as much of it as is known."""
    run = record.get("run", {})
    return ", ".join(filter(None, [f"Evaluation of {run['gold']}" if "gold" in run else "Evaluation", run.get("date")]))


def making(record: Record) -> Iterator[tuple[str, str]]:
    """How the report was made: what is known of it, each with its name."""
    run = record.get("run", {})
    for key, name in _MAKING.items():
        if key in run:
            yield name, run[key] if key != "predicted" else ", ".join(run[key])


def plainly(record: Record) -> str:
    """The strict figures for a reader who does not know F1; nothing where they are not known."""
    micro = record.get("measures", {}).get("strict", {}).get("micro")
    if not micro:
        return ""
    correct = micro["correct"]
    was, stands = ("was", "is") if correct == 1 else ("were", "are")
    recall, precision = (f"{100 * micro[name]:.0f} %" for name in ("recall", "precision"))
    return (
        f"Of {counted(micro['support'], 'name')} in the gold, {correct:,} {was} found exactly ({recall}). "
        f"Of {counted(micro['predicted'], 'name')} marked, {correct:,} {stands} right ({precision}). "
        "F1 combines the two in one figure from 0 to 1, where 1 means that nothing is missing and nothing is wrong."
    )


def scope(record: Record) -> str:
    """What was scored and under which guideline."""
    pieces = []
    if "guideline" in record:
        pieces.append(f"guideline in force: {record['guideline']}")
    if "documents" in record:
        pieces.append(f"{counted(record['documents'], 'document')} scored")
    if record.get("skipped"):
        pieces.append(f"{len(record['skipped'])} without gold, not scored")
    text = "; ".join(pieces)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural where there is not one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def ledger_name(row: Record) -> str:
    """The name of a source, without the file and line that a column of its own gives."""
    return str(row["source"]).removesuffix(f" ({row['path']}:{row['line']})")


def source_name(source: str | None) -> str:
    """The name of a source that is written with its file and line; for nobody, the guideline, which drops spans."""
    return re.sub(r" \([^()]*\)$", "", source) if source else "the guideline"


def place(row: Record) -> str:
    """File and line of a source or an error, as far as there are any."""
    return f"{row['path']}:{row['line']}" if row["line"] else str(row["path"])
