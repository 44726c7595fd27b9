"""One spelling of an entry, and what counts as a meeting of it and a text.

Said once, here: word boundaries on both sides, no hyphen that joins on another word, case and accents as `agrees` wants
them. Everything that finds entries only looks for places worth asking.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ruletag.fold import IS_WORD, LIGATURES, LINE_ENDS, Folded, fold, lower_key, spellings, unaccented
from ruletag.model import Entry

_HYPHEN = ord("-")
_TITLED = re.compile("\\b(?:OE|AE)(?=[a-zà-öø-ÿ])")


class Surface:
    """The entry that speaks for all that share its key and its spelling, and how it meets a text.

    `spellings` are its lower foldings, with ligatures joined and apart. Surfaces order by `rank`.
    """

    __slots__ = ("entry", "flexible", "rank", "spellings", "text")

    def __init__(self, entry: Entry, rank: int = 0) -> None:
        self.entry = entry
        self.rank = rank
        self.text, self.spellings = _read(entry.surface)
        self.flexible = not entry.is_label and self.text[:1] == self.text[:1].lower()

    def meets(self, folded: Folded, spelling: bytes, start: int, end: int) -> bool:
        """Whether the text holds the surface, in one of its spellings, at exactly this span, as a word of its own."""
        lower = folded.lower
        return (
            lower.startswith(spelling, start)
            and bounded(lower, start, end)
            and not hyphened(lower, start, end)
            and self.agrees(folded.plain[start:end])
        )

    def agrees(self, piece: str) -> bool:
        """Whether case and accents of a piece of text are those of the surface; its letters are known to be.

        The case is if the piece is in all capitals, or if each word has the case of the surface (a lower-case word of
        a longer name may be capitalised; a lower-case class takes any case). A text may lack accents, never add them.
        """
        if piece == self.text or (self.flexible and piece.lower() == self.text):
            return True
        return _agrees(self.text, piece, self.flexible)


@lru_cache(maxsize=1 << 14)  # one text after the other teaches the same names
def _read(surface: str) -> tuple[str, list[bytes]]:
    """A surface as a text has it, and its lower foldings."""
    folded = fold(" ".join(surface.split()))
    return folded.plain, spellings(lower_key(folded.cased))


def bounded(view: bytes, start: int, end: int) -> bool:
    """No letter or digit touches the span, so *Mali* is not in *Malien*."""
    if start and IS_WORD[view[start - 1]] and IS_WORD[view[start]]:
        return False
    return end == len(view) or not (IS_WORD[view[end]] and IS_WORD[view[end - 1]])


def hyphened(view: bytes, start: int, end: int) -> bool:
    """A hyphen joins the span to another word, so *Jean* is not in *Jean-Paul*."""
    if end + 1 < len(view) and view[end] == _HYPHEN and IS_WORD[view[end + 1]]:
        return True
    return start > 1 and view[start - 1] == _HYPHEN and IS_WORD[view[start - 2]]


def _agrees(surface: str, piece: str, flexible: bool) -> bool:
    surface, piece = _apart(surface), _apart(piece)
    flexible = flexible or piece.isupper()
    begins = True
    for wanted, met in zip(surface, piece, strict=False):
        if wanted != met:
            if not (wanted.isalnum() and met.isalnum()):
                if met not in LINE_ENDS and unaccented(met) != unaccented(wanted):
                    return False
            elif flexible or (begins and wanted.islower()):
                if met.lower() not in (wanted.lower(), unaccented(wanted).lower()):
                    return False
            elif met != unaccented(wanted):
                return False
        begins = not wanted.isalnum()
    return True


def _apart(text: str) -> str:
    """The text without ligatures; a capital one that begins a word becomes `Oe`, and so does `OE`."""
    for ligature, letters in LIGATURES.items():
        text = text.replace(ligature, letters)
    return _TITLED.sub(lambda match: match[0].title(), text)
