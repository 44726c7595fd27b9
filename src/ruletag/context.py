"""What stands beside an offset of one text: the token, what it can be, and where an atom that stands there ends.

Tokens are cut and classes looked up only where a rule looks, and each of them once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from ruletag.fold import LINE_ENDS, Folded
from ruletag.lexicon import Lexicon
from ruletag.model import Candidate, Entry, Hit
from ruletag.pattern import Atom
from ruletag.signs import ANY, Signs
from ruletag.surfaces import hyphened
from ruletag.tokens import Tokens

_SPACE = ord(" ")
_HYPHEN = ord("-")
_LONGEST = 64  # what stands between two spaces and is longer than that is not worth remembering

Sight = tuple[int, int, int]  # start and end of a token, and its signs; where the line ends, an empty span and ANY


class Sights(dict[int, Sight]):
    """The token on one side of each offset that was asked for. Its signs are its own and those of the hits at its edge.

    `hits` are those by the offset where they start (end). What stands between two spaces is cut once for all texts,
    unless it is longer than `_LONGEST`.
    """

    __slots__ = ("_cased", "_class_signs", "_edge", "_hits", "_plain", "_signs", "_tokens")

    def __init__(self, context: Context, signs: Signs, hits: Mapping[int, Sequence[Hit]]) -> None:
        self._cased = context.folded.cased + b" "  # the end of a text is the end of a line
        self._plain = context.folded.plain + "\n"
        self._tokens = context.tokens
        self._class_signs = context.lexicon.class_signs
        self._signs = signs
        self._edge = signs.edge
        self._hits = hits

    def __missing__(self, offset: int) -> Sight:
        self.fill((offset,))
        return self[offset]

    def fill(self, offsets: Iterable[int]) -> None:
        """Look at many places at once, which costs less for each."""
        raise NotImplementedError


class Ahead(Sights):
    """The tokens that follow."""

    __slots__ = ()

    def fill(self, offsets: Iterable[int]) -> None:
        cased, plain, edge, hits, class_signs = self._cased, self._plain, self._edge, self._hits, self._class_signs
        for offset in offsets:
            if offset in self:
                continue
            start = offset
            if cased[offset] == _SPACE:
                if plain[offset] in LINE_ENDS:
                    self[offset] = offset, offset, ANY
                    continue
                start += 1
            stop = cased.find(b" ", start, start + _LONGEST)
            length, signs = edge[cased[start:stop]] if stop >= 0 else self._cut(start)
            if start in hits:
                for hit in hits[start]:
                    signs |= class_signs[hit[2].key]
            self[offset] = (start, start + length, signs) if length else (offset, offset, ANY)

    def _cut(self, start: int) -> tuple[int, int]:
        match = self._tokens.cut_after(start)
        return (len(match[0]), self._signs.of(match[0])) if match else (0, ANY)


class Behind(Sights):
    """The tokens that precede."""

    __slots__ = ()

    def fill(self, offsets: Iterable[int]) -> None:
        cased, plain, edge, hits, class_signs = self._cased, self._plain, self._edge, self._hits, self._class_signs
        for offset in offsets:
            if offset in self:
                continue
            end = offset
            if offset and cased[offset - 1] == _SPACE:
                end -= 1
                if plain[end] in LINE_ENDS:
                    self[offset] = offset, offset, ANY
                    continue
            start = cased.rfind(b" ", end - _LONGEST if end > _LONGEST else 0, end) + 1
            if cased[end] == _SPACE and end - start < _LONGEST:
                length, signs = edge[cased[start:end]]
            else:
                length, signs = self._inside(start, end)
            if end in hits:
                for hit in hits[end]:
                    signs |= class_signs[hit[2].key]
            self[offset] = (end - length, end, signs) if length else (offset, offset, ANY)

    def _inside(self, start: int, end: int) -> tuple[int, int]:
        """As `_cut`, where something follows without a space, or a long row goes before."""
        stop = self._cased.find(b" ", end, end + _LONGEST)
        if stop >= 0 and end - start < _LONGEST:
            return self._signs.until(self._cased[start:stop], end - start)
        return self._cut(end)

    def _cut(self, end: int) -> tuple[int, int]:
        match = self._tokens.cut_before(end)
        return (len(match[0]), self._signs.of(match[0])) if match else (0, ANY)


class Context:
    """One text while rules are tried on it: its tokens, its hits, and the entities of earlier stages.

    `hits` are those that `lexicon` found. `ahead` and `behind` are the sights from an offset.
    """

    def __init__(self, folded: Folded, lexicon: Lexicon, hits: Sequence[Hit] = ()) -> None:
        self.folded = folded
        self.lexicon = lexicon
        self.hits = hits
        self.tokens = Tokens(folded)
        self.seen: Sequence[Candidate] = ()
        self._seen_at: dict[bool, dict[int, list[Candidate]]] = {}  # by end (or start), once that is asked for
        self._starting: dict[int, list[Hit]] = defaultdict(list)
        self._ending: dict[int, list[Hit]] = defaultdict(list)
        self._looked: dict[tuple[int, str], list[Hit]] = {}  # what the lexicon said where it was asked
        self._keep(hits)
        self.ahead = Ahead(self, lexicon.opening, self._starting)
        self.behind = Behind(self, lexicon.closing, self._ending)

    def _keep(self, hits: Iterable[Hit]) -> None:
        """Keep the hits that need not be looked up."""
        lower, kept = self.folded.lower + b" ", self.lexicon.kept
        starting, ending = self._starting, self._ending
        for hit in hits:
            start, end, entry = hit
            if entry.key in kept:
                if (lower[end] == _HYPHEN or lower[start - 1] == _HYPHEN) and hyphened(self.folded.lower, start, end):
                    continue
                starting[start].append(hit)
                ending[end].append(hit)

    def see(self, entities: Iterable[Candidate]) -> None:
        """Make entities visible as `@LABEL`, in place of those seen before."""
        self.seen = tuple(entities)
        self._seen_at.clear()

    def steps(self, atom: Atom, offset: int, *, leftwards: bool) -> Sequence[int]:
        """Where an atom that stands right after (or before) the offset ends (or starts); the longest first."""
        if atom.kind == "class":
            return self._class_steps(atom, offset, leftwards)
        if atom.kind == "entity":
            return self._entity_steps(atom, offset, leftwards)
        sight = self.behind[offset] if leftwards else self.ahead[offset]
        if not self.is_token(atom, sight):
            return ()
        return (sight[0],) if leftwards else (sight[1],)

    def is_token(self, atom: Atom, sight: Sight) -> bool:
        """Whether a token is what a shape or a literal demands."""
        start, end, signs = sight
        shape = atom.shape
        if shape and signs & shape != shape:
            return False
        if atom.kind == "shape":
            return True
        piece = self.folded.plain[start:end]
        return piece == atom.value or (self.folded.lower[start:end] == atom.key and atom.spells(piece))

    def _class_steps(self, atom: Atom, offset: int, leftwards: bool) -> list[int]:
        start, end, _ = self.behind[offset] if leftwards else self.ahead[offset]
        if start == end:
            return []
        hits = self._before(end, atom.value) if leftwards else self._after(start, atom.value)
        if atom.shape:
            hits = [hit for hit in hits if self.has_shape(hit.start, atom.shape)]
        return [hit[0] for hit in hits] if leftwards else [hit[1] for hit in hits]

    def _after(self, start: int, key: str) -> Iterable[Hit]:
        if key in self.lexicon.found:
            return [hit for hit in self._starting.get(start, ()) if hit[2].key == key]
        if (start, key) not in self._looked:
            self._looked[start, key] = self.lexicon.ends(self.folded, start, key)
        return self._looked[start, key]

    def _before(self, end: int, key: str) -> Iterable[Hit]:
        if key in self.lexicon.found:
            return [hit for hit in self._ending.get(end, ()) if hit[2].key == key]
        return self.lexicon.starts(self.folded, end, key)

    def _entity_steps(self, atom: Atom, offset: int, leftwards: bool) -> list[int]:
        at = self.tokens.skip_back(offset) if leftwards else self.tokens.skip(offset)
        if leftwards not in self._seen_at:
            entities_at = self._seen_at[leftwards] = defaultdict(list)
            for entity in self.seen:
                entities_at[entity.end if leftwards else entity.start].append(entity)
        entities = self._seen_at[leftwards].get(at, ())
        found = [
            entity for entity in entities if entity.label == atom.value and self.has_shape(entity.start, atom.shape)
        ]
        return [entity.start if leftwards else entity.end for entity in found]

    def entry(self, start: int, end: int, label: str) -> Entry | None:
        """The entry of a label that stands at just this span."""
        for _, stop, entry in self._starting.get(start, ()):
            if stop == end and entry.key == label:
                return entry
        return None

    def is_anchor(self, atom: Atom, start: int, end: int) -> bool:
        """Whether a hit on an atom's class or word is what the atom demands: its shape, and for a word one token."""
        if atom.kind not in ("word", "exact"):
            return self.has_shape(start, atom.shape)
        sight = self.behind[end]
        return sight[0] == start and self.is_token(atom, sight)

    def has_shape(self, offset: int, shape: int) -> bool:
        """Whether the token that starts at the offset has all the shapes."""
        return not shape or self.ahead[offset][2] & shape == shape
