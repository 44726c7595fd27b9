"""The findings in gold as text and JSON. Formats, never counts, never prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from ruletag.errors import Fault, format_fault
from ruletag.escapes import escape_breaks
from ruletag.evaluation.goldcheck import Finding
from ruletag.evaluation.occurrences import Place
from ruletag.report.pieces import Count, Label, Line, one_line
from ruletag.typed import plain

MOST = 5  # places of either way that text names; JSON has all


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """A place in the gold."""

    path: Annotated[str, "the file"]
    line: Annotated[Line, "the line of the file"]
    document: Annotated[str | None, "the id of the document, or null"]
    text: Annotated[str, "the surface there"]
    label: Annotated[Label | None, "its label; null where it is not marked"]


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """A finding in the gold."""

    code: Annotated[str, "its code; see [errors](errors.md)"]
    message: Annotated[str, "what looks like a mistake"]
    usual: Annotated[Count, "how often the gold follows the usual way"]
    unusual: Annotated[Count, "how often it deviates"]
    places: Annotated[tuple[PlaceRecord, ...], "where it deviates"]
    others: Annotated[tuple[PlaceRecord, ...], "where it follows the usual way; empty if there is no such place"]


def format_gold_findings(findings: Sequence[Finding]) -> str:
    """Each finding as a fault at the first place with the unusual way, then its other places, and the usual ones."""
    return "\n".join(_format(finding) for finding in findings)


def _format(finding: Finding) -> str:
    first = finding.places[0]
    lines = [format_fault(Fault(first.path, finding.code, one_line(finding.message) + _suffix(first), first.line))]
    if len(finding.places) > 1:
        lines.append(f"    also {_enumeration(finding.places[1:])}")
    if finding.others:
        lines.append(f"    unlike {_enumeration(finding.others)}")
    return "\n".join(lines)


def _suffix(place: Place) -> str:
    return f" ({place.document})" if place.document else ""


def _enumeration(places: Sequence[Place]) -> str:
    lines = list(dict.fromkeys(f"{escape_breaks(place.path)}:{place.line}" for place in places))
    more = f" and {len(lines) - MOST} more lines" if len(lines) > MOST else ""
    return ", ".join(lines[:MOST]) + more


def gold_findings_json(findings: Sequence[Finding]) -> str:
    """The findings in the same order, with all places, as JSON."""
    return json.dumps(plain(tuple(map(_record, findings))), ensure_ascii=False, indent=2)


def _record(finding: Finding) -> FindingRecord:
    return FindingRecord(
        finding.code,
        finding.message,
        finding.usual,
        finding.unusual,
        tuple(map(_place, finding.places)),
        tuple(map(_place, finding.others)),
    )


def _place(place: Place) -> PlaceRecord:
    return PlaceRecord(place.path, place.line, place.document, place.text, place.label or None)
