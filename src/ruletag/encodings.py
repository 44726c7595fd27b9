"""Guesses the encoding of French text. Only for advice in messages: no file is read by a guess."""

from __future__ import annotations

import codecs
from collections import Counter

# Of several that fit equally well, the first is named.
CANDIDATES = ("utf-8", "cp1252", "mac-roman", "cp850")
_LETTERS = "àâäæçéèêëîïôöœùûü"
_FRENCH = frozenset(_LETTERS + _LETTERS.upper() + "«»‘’“”–—…°€§\u00a0\u202f\ufeff")
_FEWEST = 0.9  # of the characters beyond ASCII must be French; the rest are foreign names and rare signs


def likely_encoding(sample: bytes) -> str:
    """The encoding of `CANDIDATES` in which a sample reads most like French; empty if none fits, or all do."""
    shares = {name: share for name in CANDIDATES if (share := _share(sample, name)) >= _FEWEST}
    return max(shares, key=lambda name: shares[name], default="")


def _share(sample: bytes, encoding: str) -> float:
    """The share of French characters among those beyond ASCII; 0 if there are none or the bytes do not fit."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)  # a character may be cut at the end
    except UnicodeDecodeError:
        return 0.0
    return _share_of(_french_counts(text))


def _french_counts(text: str) -> Counter[bool]:
    """The numbers of characters beyond ASCII that are and are not French. A capital in a word (*gÈnÈral*) is not."""
    if text.isascii():  # fast, where a loop over the characters of a large file takes seconds
        return Counter()
    before = ["", *text[:-1]]
    return Counter(
        char in _FRENCH and not (char.isupper() and previous.islower())
        for previous, char in zip(before, text, strict=False)
        if not char.isascii()
    )


def _share_of(counts: Counter[bool]) -> float:
    return counts[True] / counts.total() if counts else 0.0


class Utf8Watch:
    """Detects that a file that is read in another encoding is UTF-8."""

    def __init__(self, encoding: str) -> None:
        """`encoding` is the codec's own name; a Unicode encoding is not watched."""
        is_unicode = encoding.startswith("utf")
        self._decoder = None if is_unicode else codecs.getincrementaldecoder("utf-8")()
        self._counts: Counter[bool] = Counter()

    def feed(self, block: bytes, *, final: bool) -> None:
        """Take the next bytes of the file."""
        if self._decoder is None:
            return
        try:
            self._counts += _french_counts(self._decoder.decode(block, final))
        except UnicodeDecodeError:
            self._decoder = None

    @property
    def is_utf8(self) -> bool:
        """Whether all bytes so far are UTF-8, and those beyond ASCII French."""
        return self._decoder is not None and _share_of(self._counts) >= _FEWEST
