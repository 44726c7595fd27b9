"""`/entities/{model}`, for TEI Publisher's annotation editor: a plain text in, its names out. Offsets: code points.

Only the start is sent; the end follows from the length of the surface. The editor has no annotation for MISC.
"""

from __future__ import annotations

from typing import Any

from ruletag.server.requests import Refused
from ruletag.server.worker import Session

MODEL = "ruletag"
TYPES = {"PER": "person", "LOC": "place", "ORG": "organization"}


def answer(text: str, session: Session) -> Any:
    """`[{"text", "type", "start"}]`."""
    return [
        {"text": entity.text, "type": TYPES[entity.label], "start": entity.start}
        for entity in session.tag(text).entities
        if entity.label in TYPES
    ]


def check_model(model: str) -> None:
    """Refused (404) if a model other than ours is requested."""
    if model != MODEL:
        raise Refused(404, f"there is no model {model[:40]!r}", f"the model is called {MODEL}")
