"""The effort of a review in a sentence. Formats, never counts, never prints."""

from __future__ import annotations

from ruletag.evaluation.effort import Effort


def format_effort(effort: Effort) -> str:
    """Whether pre-annotating pays, by how much, and up to what cost of accepting a right span."""
    if not effort.gold:
        return "pre-annotating: nothing to mark in these texts"
    share = f"{abs(effort.saving):.0%}".replace("%", " %")
    limit = effort.break_even
    if effort.pays:
        until = "" if limit is None else f", as long as accepting a right span takes less than {limit:.1f} s"
        return f"pre-annotating pays: {share} of the marking time saved{until}"
    if limit is None or limit <= 0:
        return f"pre-annotating does not pay: {share} more marking time, however quickly right spans are accepted"
    return (
        f"pre-annotating does not pay: {share} more marking time; "
        f"it would if accepting a right span took less than {limit:.1f} s"
    )
