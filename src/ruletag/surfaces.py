"""Properties of the surfaces of entries: words, letters, family names."""

from __future__ import annotations

import re
from unicodedata import normalize

from ruletag.fold import WORD, fold_key
from ruletag.sources import Fields

_WORD_BYTE = re.compile(b"[" + WORD + b"]")
_PLAIN_WORD = re.compile("[0-9A-Za-z]")


def has_word(surface: str) -> bool:
    """Whether a surface can be an entry: it contains a letter or digit."""
    if _PLAIN_WORD.search(surface):
        return True
    return any(char.isalnum() for char in surface) and bool(_WORD_BYTE.search(fold_key(surface)))


def letters_of(surface: str) -> bytes:
    """A spelling without case and accents, to compare spellings cheaply.

    An entry is affected only by entries that share these letters with it or with a variant of it.
    """
    lower = surface.lower()
    return (lower if lower.isascii() else normalize("NFD", lower)).encode("ascii", "ignore")


def surname_of(surface: str, fields: Fields | None = None) -> str | None:
    """The family name inside a full name: as the entry says, or everything after the first word."""
    stated = fields.text("surname") if fields else ""
    if stated and stated in surface:
        return stated
    rest = surface.partition(" ")[2]
    return rest or None
