"""One decision at many places of a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ruletag.review.spans import State


def decisions(
    state: State, places: Sequence[tuple[int, int]], op: str, label: str, prefix: str
) -> Iterator[dict[str, Any]]:
    """The operations that make each place (start, end) a name with a label (`add`), or no name (`delete`).

    Shorter spans inside a place are deleted first. A place inside a longer span, or across its border, is left alone.
    """
    for number, (start, end) in enumerate(places):
        overlapping = [span for span in state.live if span.start < end and start < span.end]
        exact = next((span for span in overlapping if (span.start, span.end) == (start, end)), None)
        if op == "delete":
            if exact:
                yield {"op": "delete", "id": exact.id}
        elif exact:
            if exact.label != label:
                yield {"op": "relabel", "id": exact.id, "label": label}
        elif all(start <= span.start and span.end <= end for span in overlapping):
            yield from ({"op": "delete", "id": span.id} for span in overlapping)
            yield {"op": "add", "id": f"{prefix}{number}", "start": start, "end": end, "label": label}
