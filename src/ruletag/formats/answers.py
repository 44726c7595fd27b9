"""An annotator's decision about a document, as annotation tools write it: accept, reject or ignore."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ANSWER = "answer"
SET_ASIDE = ("reject", "ignore")
ANSWERS = ("accept", *SET_ASIDE)


def is_set_aside(meta: Mapping[str, Any]) -> bool:
    """Whether an annotator rejected or skipped the document, so that its spans are not gold."""
    return meta.get(ANSWER) in SET_ASIDE
