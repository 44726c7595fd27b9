"""Escapes control characters for display on a terminal, and line breaks for messages of one line."""

from __future__ import annotations

import re

# All but line ends and tabs: C0, C1, characters that change the direction of writing, and unpaired surrogates.
_CONTROL = r"(?!\r\n)[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
# The characters at which `str.splitlines` ends a line.
_BREAK = r"[\n-\r\x1c-\x1e\x85\u2028\u2029]"
# Surrogates that `surrogateescape` cannot write; the others stand for bytes of a name.
_HALF = r"[\ud800-\udc7f\udd00-\udfff]"


def escape_controls(text: str) -> str:
    """The text with control characters escaped, so that none takes effect on a terminal."""
    return text if text.isprintable() else re.sub(_CONTROL, _escaped, text)


def escape_breaks(text: str) -> str:
    """The text on one line, with line breaks escaped."""
    return text if text.isprintable() else re.sub(_BREAK, _escaped, text)


def escape_halves(text: str) -> str:
    """The text with surrogates escaped that `surrogateescape` cannot write as UTF-8."""
    return re.sub(_HALF, _escaped, text)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a name that is not UTF-8
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
