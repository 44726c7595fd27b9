"""Texts as YAML scalars, for files that ruletag writes into."""

from __future__ import annotations

import json
import re

_PLAIN = re.compile(r"[^\W\d_](?:[\w'’. -]*[\w.])?")
_OTHER_TYPES = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))  # in some version of YAML


def scalar(text: str) -> str:
    """A text as a scalar: plain if every version of YAML reads it as the same text, else in double quotes."""
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _OTHER_TYPES
    return text if is_plain else json.dumps(text, ensure_ascii=False)
