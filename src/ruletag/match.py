"""Hits and text to candidates, each naming its rule.

A rule is tried only where its anchor was found, and from there outwards, with a memory of the places already tried:
the steps for one anchor are bounded by the size of the pattern times `tokens.REACH`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ruletag.fold import Folded
from ruletag.lexicon import Lexicon
from ruletag.model import Candidate, Entry, Hit, Part, Source
from ruletag.pattern import ENTITY, Atom
from ruletag.plan import ABSENT, ATOM, DONE, JUMP, MARK, SPLIT, Mark, Plan, Program
from ruletag.rules import Rule
from ruletag.tokens import REACH, Token, Tokens

# Capitalised words and numbers: the only places where an anchor that is a shape can stand.
_SHAPED = re.compile(rb"(?<![0-9A-Za-z_\x8d\x9c\x8c\xe6\xc6\xdf-])(?=[A-Z0-9\x8c\xc6])")
_JOINTS = (b".", b",")  # may stand inside a token: 3,5 and O.N.U.


class Notes(NamedTuple):
    """The places noted on the way through a program, newest first."""

    mark: Mark
    offset: int
    earlier: Notes | None


class Stop(NamedTuple):
    """Where a search stopped, what it wanted there, and whether it was reading leftwards."""

    offset: int
    wanted: str
    leftwards: bool


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule whose anchor stood in the text but that did not match, and where its search stopped."""

    rule: Rule
    anchor: Part
    stop: Stop

    @property
    def offset(self) -> int:
        return self.stop.offset

    @property
    def wanted(self) -> str:
        return self.stop.wanted


class Context:
    """One text while rules are tried on it: its tokens, its lexicon, and the entities of earlier stages."""

    def __init__(self, folded: Folded, lexicon: Lexicon) -> None:
        self.folded = folded
        self.lexicon = lexicon
        self.tokens = Tokens(folded)
        self.by_start: dict[int, list[Candidate]] = {}
        self.by_end: dict[int, list[Candidate]] = {}

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
        token = self.tokens.before(offset) if leftwards else self.tokens.after(offset)
        if token is None or not self._is(atom, token):
            return ()
        return (token.start,) if leftwards else (token.end,)

    def _is(self, atom: Atom, token: Token) -> bool:
        if token.shapes & atom.shape != atom.shape:
            return False
        if atom.kind == "shape":
            return True
        return token.word == atom.key and atom.spells(self.folded.plain[token.start : token.end])

    def _class_steps(self, atom: Atom, offset: int, leftwards: bool) -> list[int]:
        token = self.tokens.before(offset) if leftwards else self.tokens.after(offset)
        if token is None:
            return []
        if leftwards:
            hits = self.lexicon.starts(self.folded, token.end, atom.value)
            return [hit.start for hit in hits if self.has_shape(hit.start, atom.shape)]
        hits = self.lexicon.ends(self.folded, token.start, atom.value)
        return [hit.end for hit in hits if self.has_shape(hit.start, atom.shape)]

    def _entity_steps(self, atom: Atom, offset: int, leftwards: bool) -> list[int]:
        at = self.tokens.skip_back(offset) if leftwards else self.tokens.skip(offset)
        entities = (self.by_end if leftwards else self.by_start).get(at, ())
        found = [
            entity for entity in entities if entity.label == atom.value and self.has_shape(entity.start, atom.shape)
        ]
        return [entity.start if leftwards else entity.end for entity in found]

    def is_anchor(self, atom: Atom, start: int, end: int) -> bool:
        """Whether a hit on an atom's class or word is what the atom demands: its shape, and for a word one token."""
        if atom.kind == "class":
            return self.has_shape(start, atom.shape)
        token = self.tokens.before(end)
        return token is not None and token.start == start and self._is(atom, token)

    def has_shape(self, offset: int, shape: int) -> bool:
        """Whether the token that starts at the offset has all the shapes."""
        if not shape:
            return True
        token = self.tokens.after(offset)
        return token is not None and token.shapes & shape == shape


class Matcher:
    """All rules of a tagger, ordered by stage and found by their anchors."""

    def __init__(self, rules: Iterable[Rule], labels: dict[str, str] | None = None) -> None:
        self.rules = tuple(rules)
        self._labels = labels or {}
        self.stages = sorted({rule.stage for rule in self.rules})
        self._by_key: dict[int, dict[str, list[tuple[Rule, Plan, Atom, str]]]] = {
            stage: defaultdict(list) for stage in self.stages
        }
        self._by_shape: dict[int, list[tuple[Rule, Plan, Atom, str]]] = {stage: [] for stage in self.stages}
        for rule in self.rules:
            for plan in rule.plans:
                for atom in plan.anchors:
                    if atom.kind == "shape":
                        self._by_shape[rule.stage].append((rule, plan, atom, str(atom)))
                    else:
                        self._by_key[rule.stage][anchor_key(atom)].append((rule, plan, atom, str(atom)))

    @property
    def anchor_keys(self) -> frozenset[str]:
        """The classes and literal words that the lexicon must find everywhere."""
        return frozenset(key for stage in self._by_key.values() for key in stage)

    def anchor_words(self) -> Iterator[Entry]:
        """Literal words that are anchors, as entries for the lexicon."""
        for key in sorted(self.anchor_keys):
            if key.startswith("="):
                yield Entry(key[1:], key, Source("entry", key[1:]))

    def candidates(
        self, context: Context, hits: Iterable[Hit], stage: int, *, alone: bool = False
    ) -> Iterator[Candidate]:
        """The candidates of the rules of one stage.

        Where an entry says the same by itself and the rule adds no part to it, the entry speaks; with `alone`, the
        rule does.
        """
        for rule, plan, anchor in self._anchors(context, hits, stage):
            found = match_at(context, rule, plan, anchor)
            if found is not None:
                candidate, known = _candidate(context, rule, self._labels.get(rule.id, rule.label), anchor, found)
                if alone or not known or known.ambiguous or candidate.parts or rule.priority > 0:
                    yield candidate

    def near_misses(self, context: Context, hits: Iterable[Hit], stage: int) -> Iterator[NearMiss]:
        """The anchors from which a rule of one stage did not match, with what it wanted where it stopped.

        A rule that starts from any capitalised word is near nothing where it stops: those are left out.
        """
        for rule, plan, anchor in self._anchors(context, hits, stage):
            trace: list[Stop] = []
            if anchor.name != "Cap" and match_at(context, rule, plan, anchor, trace) is None and trace:
                yield NearMiss(rule, anchor, trace[-1])

    def _anchors(self, context: Context, hits: Iterable[Hit], stage: int) -> Iterator[tuple[Rule, Plan, Part]]:
        by_key = self._by_key[stage]
        for start, end, entry in hits:
            for rule, plan, atom, name in by_key.get(entry.key, ()):
                if context.is_anchor(atom, start, end):
                    yield rule, plan, Part(name, start, end)
        for entities in context.by_start.values():
            for entity in entities:
                for rule, plan, atom, name in by_key.get("@" + entity.label, ()):
                    if context.has_shape(entity.start, atom.shape):
                        yield rule, plan, Part(name, entity.start, entity.end)
        if self._by_shape[stage]:
            yield from self._shaped_anchors(context, stage)

    def _shaped_anchors(self, context: Context, stage: int) -> Iterator[tuple[Rule, Plan, Part]]:
        for place in _SHAPED.finditer(context.folded.cased):
            token = context.tokens.after(place.start())
            if token is None or (
                context.folded.cased[place.start() - 1 : place.start()] in _JOINTS
                and context.tokens.before(token.end) != token
            ):
                continue
            for rule, plan, atom, name in self._by_shape[stage]:
                if token.shapes & atom.shape == atom.shape:
                    yield rule, plan, Part(name, token.start, token.end)


def anchor_key(atom: Atom) -> str:
    """Where the rules that start from this atom are kept: its class, label, earlier label, or literal word."""
    if atom.kind == "class":
        return atom.value
    return "@" + atom.value if atom.kind == "entity" else "=" + atom.value.lower()


def match_at(
    context: Context, rule: Rule, plan: Plan, anchor: Part, trace: list[Stop] | None = None
) -> list[Notes] | None:
    """The notes of a match around one anchor, or None. `trace` receives what was wanted where the search stopped."""
    right = _run(context, plan.right, anchor.end, False, trace)
    if right is None:
        return None
    left = _run(context, plan.left, anchor.start, True, trace)
    if left is None:
        return None
    for side, program, offset in (("before", rule.before, left[0]), ("after", rule.after, right[0])):
        if program and _run(context, program, offset, side == "before", None) is not None:
            if trace is not None:
                trace.append(Stop(offset, f"silent: `unless {side}` holds", side == "before"))
            return None
    return [notes for _, notes in (left, right) if notes]


def _run(
    context: Context, program: Program, offset: int, leftwards: bool, trace: list[Stop] | None
) -> tuple[int, Notes | None] | None:
    """Run a program from an offset: the preferred way through it, as (offset, notes), or None.

    Straight on while there is one way, which is where most tries end; from the first fork on by `_explore`.
    """
    origin, at = offset, 0
    notes: Notes | None = None
    while True:
        op, atom, _, _, mark = program[at]
        if op == ATOM:
            assert atom is not None
            ways = context.steps(atom, offset, leftwards=leftwards)
            if len(ways) > 1:
                break
            if not ways:
                if trace is not None:
                    trace.append(Stop(offset, str(atom), leftwards))
                return None
            offset = ways[0]
        elif op == MARK:
            assert mark is not None
            notes = Notes(mark, offset, notes)
        elif op == ABSENT:
            assert atom is not None
            if context.steps(atom, offset, leftwards=False):
                if trace is not None:
                    trace.append(Stop(offset, f"no {atom}", leftwards))
                return None
        elif op == DONE:
            return offset, notes
        else:
            break
        at += 1
    return _explore(context, program, (at, offset, notes), origin, leftwards, trace)


def _explore(
    context: Context,
    program: Program,
    fork: tuple[int, int, Notes | None],
    origin: int,
    leftwards: bool,
    trace: list[Stop] | None,
) -> tuple[int, Notes | None] | None:
    """Go on from a fork by backtracking over (step, offset) pairs, none of which is entered twice."""
    pending = [fork]
    entered: set[tuple[int, int]] = set()
    furthest, wanted = origin, ""
    while pending:
        at, offset, notes = pending.pop()
        while (at, offset) not in entered:
            entered.add((at, offset))
            op, atom, first, second, mark = program[at]
            if op == ATOM:
                assert atom is not None
                ways = context.steps(atom, offset, leftwards=leftwards) if abs(offset - origin) < REACH else ()
                if not ways:
                    if trace is not None and abs(offset - origin) >= abs(furthest - origin):
                        furthest, wanted = offset, str(atom)
                    break
                pending += [(at + 1, way, notes) for way in reversed(ways[1:])]
                at, offset = at + 1, ways[0]
            elif op == ABSENT:
                assert atom is not None
                if context.steps(atom, offset, leftwards=False):
                    break
                at += 1
            elif op == SPLIT:
                pending.append((second, offset, notes))
                at = first
            elif op == MARK:
                assert mark is not None
                notes = Notes(mark, offset, notes)
                at += 1
            elif op == JUMP:
                at = first
            else:
                return offset, notes
    if trace is not None:
        trace.append(Stop(furthest, wanted, leftwards))
    return None


def _candidate(
    context: Context, rule: Rule, label: str, anchor: Part, found: list[Notes]
) -> tuple[Candidate, Entry | None]:
    """The candidate of a match, and the entry that says the same, where there is one."""
    places: dict[str, list[int]] = {}
    for notes in found:
        here: Notes | None = notes
        while here:
            mark, offset, here = here
            slot = places.setdefault(mark.name, [-1, -1])
            if slot[mark.at_end] < 0:
                slot[mark.at_end] = offset if mark.at_end else context.tokens.skip(offset)
                if mark.at_end:
                    slot[1] = context.tokens.skip_back(offset)
    start, end = places.pop(ENTITY)
    parts = tuple(
        sorted((Part(name, *span) for name, span in places.items() if span[0] < span[1]), key=lambda p: p[1:])
    )
    known = next((hit.entry for hit in context.lexicon.ends(context.folded, start, label) if hit.end == end), None)
    candidate = Candidate(start, end, label, rule.source, rule.priority, parts, anchor)
    if known:
        confirmed = not known.ambiguous
        candidate = replace(candidate, id=known.id, surname=known.surname, confirmed=confirmed)
    return candidate, known
