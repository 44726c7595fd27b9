"""Explain why there is no name at an offset: the rules that nearly matched there."""

from __future__ import annotations

from typing import Any

from ruletag.tagger import Tagger

_LONGEST = 2000  # code points of the paragraph that are examined
_MOST = 8


def nearly(tagger: Tagger, text: str, at: int) -> list[dict[str, Any]]:
    """The rules with the nearest anchors to an offset, and what each lacked, nearest first."""
    at = min(at, len(text))
    start = max(text.rfind("\n", 0, at) + 1, at - _LONGEST // 2)
    end = text.find("\n", at)
    end = min(len(text) if end < 0 else end, start + _LONGEST)
    paragraph = text[start:end]
    records: dict[Any, dict[str, Any]] = {}
    misses = tagger.explain(paragraph).near_misses
    for miss in sorted(misses, key=lambda miss: (abs(miss.anchor.start + start - at), miss.rule.id, miss.offset)):
        anchor = paragraph[miss.anchor.start : miss.anchor.end]
        record = {
            "rule": miss.rule.id,
            "label": miss.rule.label,
            "why": miss.rule.why,
            "anchor": anchor,
            "wanted": miss.wanted,
            "found": paragraph[miss.offset : miss.offset + 24].strip() if not miss.leftwards else "",
        }
        records.setdefault((miss.rule.id, miss.anchor), record)
    return list(records.values())[:_MOST]
