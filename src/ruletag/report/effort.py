"""The effort of a review in a sentence. Formats, never counts, never prints."""

from __future__ import annotations

from ruletag.evaluation.effort import Effort


def format_effort(effort: Effort) -> str:
    """The estimate: whether pre-annotating pays, how much, for whom, and up to what cost of accepting a correct
    span."""
    if not effort.gold:
        return "pre-annotating: nothing to mark in these texts"
    least, most = effort.saving_range
    low, high = (least, most) if effort.pays else (-most, -least)
    by = "by the times of your review" if effort.costs.are_own else f"{_span(low, high)}, by reviewer"
    limit = effort.break_even
    if effort.pays:
        until = "" if limit is None else f", as long as accepting a right span takes less than {limit:.1f} s"
        shares = f"{_percent(effort.saving)} of the reviewing time saved ({by or f'{_span(least, most)}, by reviewer'})"
        return f"pre-annotating pays, as estimated: {shares}{until}"
    shares = f"{_percent(-effort.saving)} more reviewing time ({by or f'{_span(-most, -least)}, by reviewer'})"
    if limit is None or limit <= 0:
        return f"pre-annotating does not pay, as estimated: {shares}, however quickly right spans are accepted"
    return (
        f"pre-annotating does not pay, as estimated: {shares}; "
        f"it would if accepting a right span took less than {limit:.1f} s"
    )


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _span(least: float, most: float) -> str:
    return f"{least * 100:.0f} to {most * 100:.0f} %"
