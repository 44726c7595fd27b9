"""One text as rules see it: its tokens, its entries, and the entities of earlier stages, by position."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from ruletag.fold import Folded
from ruletag.model import LABELS, Candidate, Entry
from ruletag.pattern import Atom
from ruletag.plain.lexicon import Hits
from ruletag.tokens import Token, tokens_of
from ruletag.uneven import LINE_ENDS

_SPACE = ord(" ")


class Text:
    """A folded text with its `tokens` and `hits`. Offsets are those of the folded text."""

    def __init__(self, folded: Folded, hits: Hits) -> None:
        self.folded = folded
        self.tokens = tokens_of(folded, hits.cuts)
        self.hits = hits.all
        self._cased = folded.cased + b"."  # a character to read at the end, and, as index -1, before the start
        self._token_from = {token.start: token for token in self.tokens}
        self._token_to = {token.end: token for token in self.tokens}
        self._ends: dict[tuple[str, int], list[int]] = defaultdict(list)  # of the hits, by their key and start
        self._starts: dict[tuple[str, int], list[int]] = defaultdict(list)
        self._entries: dict[tuple[str, int, int], Entry] = {}
        for start, end, entry in hits.all:
            self._ends[entry.key, start].append(end)
            self._starts[entry.key, end].append(start)
            self._entries.setdefault((entry.key, start, end), entry)
        self.see([])

    def see(self, entities: Iterable[Candidate]) -> None:
        """Make entities visible as `@LABEL`, replacing those seen before."""
        self.seen = list(entities)
        self._seen_from = {(entity.label, entity.start): [entity.end] for entity in self.seen}
        self._seen_to = {(entity.label, entity.end): [entity.start] for entity in self.seen}

    def ends(self, atom: Atom, offset: int) -> Sequence[int]:
        """The ends of an atom that starts right after the offset, on the same line; the longest first."""
        if self._cased[offset] == _SPACE:
            if self.folded.plain[offset] in LINE_ENDS:
                return ()
            offset += 1
        return self._ends_from(atom, offset)

    def starts(self, atom: Atom, offset: int) -> Sequence[int]:
        """The starts of an atom that ends right before the offset, on the same line; the longest first."""
        if self._cased[offset - 1] == _SPACE:
            offset -= 1
            if self.folded.plain[offset] in LINE_ENDS:
                return ()
        if atom.kind in ("class", "entity"):
            starts = (self._starts if atom.kind == "class" else self._seen_to).get((atom.value, offset), ())
            return [start for start in starts if self._has_shape(start, atom)] if atom.shape else starts
        token = self._token_to.get(offset)
        return (token.start,) if token and self._is_token(atom, token) else ()

    def is_at(self, atom: Atom, start: int, end: int) -> bool:
        """Whether an atom has exactly this span."""
        return end in self._ends_from(atom, start)

    def entry(self, start: int, end: int, label: str) -> Entry | None:
        """The entry of a label with exactly this span."""
        return self._entries.get((label, start, end))

    def is_another(self, start: int, end: int, label: str) -> bool:
        """Whether an unambiguous entry of another label has exactly this span."""
        entries = [self._entries.get((other, start, end)) for other in LABELS if other != label]
        return any(entry is not None and not entry.ambiguous for entry in entries)

    def word_before(self, offset: int) -> bytes:
        """The token before an offset, on the same line, in its lower folding; empty if there is none."""
        if self._cased[offset - 1] == _SPACE:
            offset -= 1
            if self.folded.plain[offset] in LINE_ENDS:
                return b""
        token = self._token_to.get(offset)
        return token.word if token else b""

    def _ends_from(self, atom: Atom, start: int) -> Sequence[int]:
        if atom.kind in ("class", "entity"):
            ends = (self._ends if atom.kind == "class" else self._seen_from).get((atom.value, start), ())
            return ends if not atom.shape or self._has_shape(start, atom) else ()
        token = self._token_from.get(start)
        return (token.end,) if token and self._is_token(atom, token) else ()

    def _is_token(self, atom: Atom, token: Token) -> bool:
        if token.shapes & atom.shape != atom.shape:
            return False
        if atom.kind == "shape":
            return True
        return token.word == atom.key and atom.spells(self.folded.plain[token.start : token.end])

    def _has_shape(self, start: int, atom: Atom) -> bool:
        """Whether the token that starts there also has the shape that an atom requires."""
        token = self._token_from.get(start)
        return token is not None and token.shapes & atom.shape == atom.shape
