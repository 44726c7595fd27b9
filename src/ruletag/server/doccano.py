"""`/doccano`, for its auto labelling by a custom REST request. Offsets: UTF-16 units, or graphemes in that mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ruletag.formats.contract import CODE_POINTS, GRAPHEMES, UTF16
from ruletag.formats.offsets import offsets
from ruletag.server.requests import choice, only, required
from ruletag.server.worker import Session

UNITS = {"utf16": UTF16, "grapheme": GRAPHEMES, "codepoint": CODE_POINTS}


def answer(record: dict[str, Any], query: Mapping[str, str], session: Session) -> Any:
    """`[{"label", "start_offset", "end_offset"}]`; a name inside a grapheme is widened to whole ones."""
    only(query, ("unit",), "parameter")
    unit = choice(query, "unit", UNITS)
    text = required(record, "text", str)
    converter = offsets(text, unit)
    labels = []
    for entity in session.tag(text).entities:
        start, end = converter.around(entity.start, entity.end)
        span = {"start_offset": converter.outer(start), "end_offset": converter.outer(end)}
        labels.append({"label": entity.label, **span})
    return labels
