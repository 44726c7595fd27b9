"""What stands beside an offset of one text: the token, what it can be, and where an atom that stands there ends.

Tokens are cut and classes looked up only where a rule looks, and each of them once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from ruletag.fold import Folded
from ruletag.lexicon import Lexicon, hyphened
from ruletag.model import Candidate, Entry, Hit
from ruletag.pattern import Atom
from ruletag.signs import ANY
from ruletag.tokens import Tokens

Sight = tuple[int, int, int]  # start and end of a token, and its signs; where the line ends, an empty span and ANY


class Sights(dict[int, Sight]):
    """The token on one side of each offset that was asked for. Its signs are its own and those of the hits it begins.

    `edge` is the end of the token where the hits are kept: 0 its start, 1 its end.
    """

    def __init__(
        self,
        cut: Callable[[int], re.Match[bytes] | None],
        signs: Callable[[bytes], int],
        hits: Mapping[int, Sequence[Hit]],
        class_signs: Mapping[str, int],
        edge: int,
    ) -> None:
        self._cut = cut
        self._signs = signs
        self._hits = hits
        self._class_signs = class_signs
        self._edge = edge

    def __missing__(self, offset: int) -> Sight:
        match = self._cut(offset)
        sight = self[offset] = self._look(match) if match else (offset, offset, ANY)
        return sight

    def _look(self, match: re.Match[bytes]) -> Sight:
        start, end = span = match.span()
        signs = self._signs(match[0])
        for hit in self._hits.get(span[self._edge], ()):
            signs |= self._class_signs[hit.entry.key]
        return start, end, signs


class Context:
    """One text while rules are tried on it: its tokens, its hits, and the entities of earlier stages.

    `hits` are those that `lexicon` found. `ahead` and `behind` are the sights from an offset.
    """

    def __init__(self, folded: Folded, lexicon: Lexicon, hits: Sequence[Hit] = ()) -> None:
        self.folded = folded
        self.lexicon = lexicon
        self.hits = hits
        self.tokens = Tokens(folded)
        self.by_start: dict[int, list[Candidate]] = {}
        self.by_end: dict[int, list[Candidate]] = {}
        self._starting: dict[int, list[Hit]] = defaultdict(list)
        self._ending: dict[int, list[Hit]] = defaultdict(list)
        for hit in hits:
            start, end, entry = hit
            if entry.key in lexicon.found and not hyphened(folded.lower, start, end):
                self._starting[start].append(hit)
                self._ending[end].append(hit)
        signs = lexicon.class_signs
        self.ahead = Sights(self.tokens.cut_after, lexicon.opening.of, self._starting, signs, 0)
        self.behind = Sights(self.tokens.cut_before, lexicon.closing.of, self._ending, signs, 1)

    def see(self, entities: Iterable[Candidate]) -> None:
        """Make entities visible as `@LABEL`, in place of those seen before."""
        self.by_start, self.by_end = defaultdict(list), defaultdict(list)
        for entity in entities:
            self.by_start[entity.start].append(entity)
            self.by_end[entity.end].append(entity)

    def steps(self, atom: Atom, offset: int, *, leftwards: bool) -> Sequence[int]:
        """Where an atom that stands right after (or before) the offset ends (or starts); the longest first."""
        if atom.kind == "class":
            return self._class_steps(atom, offset, leftwards)
        if atom.kind == "entity":
            return self._entity_steps(atom, offset, leftwards)
        sight = self.behind[offset] if leftwards else self.ahead[offset]
        if not self._is(atom, sight):
            return ()
        return (sight[0],) if leftwards else (sight[1],)

    def _is(self, atom: Atom, sight: Sight) -> bool:
        start, end, signs = sight
        if signs & atom.shape != atom.shape:
            return False
        if atom.kind == "shape":
            return True
        return self.folded.lower[start:end] == atom.key and atom.spells(self.folded.plain[start:end])

    def _class_steps(self, atom: Atom, offset: int, leftwards: bool) -> list[int]:
        start, end, _ = self.behind[offset] if leftwards else self.ahead[offset]
        if start == end:
            return []
        if leftwards:
            return [hit.start for hit in self._before(end, atom.value) if self.has_shape(hit.start, atom.shape)]
        return [hit.end for hit in self._after(start, atom.value) if self.has_shape(hit.start, atom.shape)]

    def _after(self, start: int, key: str) -> Iterable[Hit]:
        if key in self.lexicon.found:
            return [hit for hit in self._starting.get(start, ()) if hit.entry.key == key]
        return self.lexicon.ends(self.folded, start, key)

    def _before(self, end: int, key: str) -> Iterable[Hit]:
        if key in self.lexicon.found:
            return [hit for hit in self._ending.get(end, ()) if hit.entry.key == key]
        return self.lexicon.starts(self.folded, end, key)

    def _entity_steps(self, atom: Atom, offset: int, leftwards: bool) -> list[int]:
        at = self.tokens.skip_back(offset) if leftwards else self.tokens.skip(offset)
        entities = (self.by_end if leftwards else self.by_start).get(at, ())
        found = [
            entity for entity in entities if entity.label == atom.value and self.has_shape(entity.start, atom.shape)
        ]
        return [entity.start if leftwards else entity.end for entity in found]

    def entry(self, start: int, end: int, label: str) -> Entry | None:
        """The entry of a label that stands at just this span."""
        hits = self._starting.get(start, ())
        return next((hit.entry for hit in hits if hit.end == end and hit.entry.key == label), None)

    def is_anchor(self, atom: Atom, start: int, end: int) -> bool:
        """Whether a hit on an atom's class or word is what the atom demands: its shape, and for a word one token."""
        if atom.kind not in ("word", "exact"):
            return self.has_shape(start, atom.shape)
        sight = self.behind[end]
        return sight[0] == start and self._is(atom, sight)

    def has_shape(self, offset: int, shape: int) -> bool:
        """Whether the token that starts at the offset has all the shapes."""
        return not shape or self.ahead[offset][2] & shape == shape
