"""Control characters as escapes, for display on a terminal."""

from __future__ import annotations

import re

# All but line ends and tabs: C0, C1, characters that change the direction of writing, and unpaired surrogates.
_CONTROL = r"(?!\r\n)[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
# Surrogates that `surrogateescape` cannot write; the others stand for bytes of a name.
_HALF = r"[\ud800-\udc7f\udd00-\udfff]"


def escape_controls(text: str) -> str:
    """A text in which no character takes effect on a terminal."""
    return text if text.isprintable() else re.sub(_CONTROL, _escaped, text)


def escape_halves(text: str) -> str:
    """A text that can be written as UTF-8 with `surrogateescape`."""
    return re.sub(_HALF, _escaped, text)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a name that is not UTF-8
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
