"""`/tag`, for scripts: `{"text": …}` or `{"texts": […]}` in, the objects of our JSON Lines out. Code points."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ruletag.formats.jsonl import write_line
from ruletag.report.explanation import make_explanation
from ruletag.server.requests import Refused, choice, only, required
from ruletag.server.worker import Session
from ruletag.typed import plain

EXPLAIN = {"0": False, "1": True}


def answer(record: dict[str, Any], query: Mapping[str, str], session: Session) -> Any:
    """The object of the text; for several, `{"documents": […]}` in order. `explain=1` adds everything that was
    considered."""
    only(record, ("text", "texts"), "key")
    only(query, ("explain",), "parameter")
    explain = choice(query, "explain", EXPLAIN)
    if ("text" in record) == ("texts" in record):
        raise Refused(422, "expected 'text' or 'texts'", 'send {"text": "…"} or {"texts": ["…"]}')
    if "text" in record:
        return _object(required(record, "text", str), session, explain=explain)
    texts = required(record, "texts", list)
    for number, text in enumerate(texts, 1):
        if not isinstance(text, str):
            raise Refused(422, f"item {number} of 'texts' is not a string", "give a list of strings")
    return {"documents": [_object(text, session, explain=explain) for text in texts]}


def _object(text: str, session: Session, *, explain: bool) -> Any:
    if explain:
        return plain(make_explanation(session.explain(text)))
    return json.loads(write_line(session.tag(text)))
