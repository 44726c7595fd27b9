"""The effort of a review in a sentence. Formats, never counts, never prints."""

from __future__ import annotations

from ruletag.evaluation.effort import Effort


def format_effort(effort: Effort) -> str:
    """A sentence on the time that pre-annotation saves or costs, and its range over reviewers.

    It also names the time for accepting a correct span at which saving turns into cost, if there is one.
    """
    if not effort.gold:
        return "these texts have nothing to mark"
    least, most = effort.saving_range
    low, high = (least, most) if effort.pays else (-most, -least)
    basis = "measured in your own review" if effort.costs.are_own else f"{_range(low, high)}, depending on the reviewer"
    limit = effort.break_even
    if effort.pays:
        condition = "" if limit is None else f", provided that accepting a correct span takes less than {limit:.1f} s"
        return f"pre-annotation saves an estimated {_percent(effort.saving)} of reviewing time ({basis}){condition}"
    cost = f"pre-annotation costs an estimated {_percent(-effort.saving)} more reviewing time ({basis})"
    if limit is None or limit <= 0:
        return f"{cost}, however quickly correct spans are accepted"
    return f"{cost}; it would save time if accepting a correct span took less than {limit:.1f} s"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _range(least: float, most: float) -> str:
    return f"{least * 100:.0f} to {most * 100:.0f} %"
