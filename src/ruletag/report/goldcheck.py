"""The findings in gold as text and JSON. Formats, never counts, never prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ruletag.errors import Fault, format_fault
from ruletag.evaluation.goldcheck import Finding, Place
from ruletag.report.pieces import one_line

PLACES = 5  # how many places of each way a finding names in text; JSON has all


def format_gold_findings(findings: Sequence[Finding]) -> str:
    """Each finding as a fault, at the first place that looks wrong; then its other places, and where it is usual."""
    return "\n".join(_format(finding) for finding in findings)


def _format(finding: Finding) -> str:
    first = finding.places[0]
    lines = [format_fault(Fault(first.path, finding.code, one_line(finding.message) + _in(first), first.line))]
    if len(finding.places) > 1:
        lines.append(f"    also {_listed(finding.places[1:])}")
    if finding.others:
        lines.append(f"    unlike {_listed(finding.others)}")
    return "\n".join(lines)


def _in(place: Place) -> str:
    return f" ({place.document})" if place.document else ""


def _listed(places: Sequence[Place]) -> str:
    shown = list(dict.fromkeys(f"{place.path}:{place.line}" for place in places))
    more = f" and {len(shown) - PLACES} more lines" if len(shown) > PLACES else ""
    return ", ".join(shown[:PLACES]) + more


def gold_findings_json(findings: Sequence[Finding]) -> str:
    """The findings in the same order, with all places, as JSON."""
    return json.dumps([_record(finding) for finding in findings], ensure_ascii=False, indent=2)


def _record(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "message": finding.message,
        "usual": finding.usual,
        "unusual": finding.unusual,
        "places": [_place_record(place) for place in finding.places],
        "others": [_place_record(place) for place in finding.others],
    }


def _place_record(place: Place) -> dict[str, Any]:
    return place._asdict() | {"label": place.label or None}
