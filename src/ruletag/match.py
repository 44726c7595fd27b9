"""Hits and text to candidates, each naming its rule.

A rule is tried only where its anchor was found, and from there outwards, with a memory of the places already tried:
the steps for one anchor are bounded by the size of the pattern times `tokens.REACH`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from ruletag.context import Context
from ruletag.model import Candidate, Entry, Part, Source
from ruletag.pattern import ENTITY, Atom
from ruletag.plan import ABSENT, ATOM, JUMP, MARK, SPLIT, Mark, Plan, Program
from ruletag.rules import Rule
from ruletag.signs import ANY
from ruletag.tokens import REACH

# Capitalised words and numbers: the only places where an anchor that is a shape can stand.
_SHAPED = re.compile(rb"[A-Z0-9\x8c\xc6](?<![0-9A-Za-z_\x8d\x9c\x8c\xe6\xc6\xdf-].)")
_JOINTS = b".,"  # may stand inside a token: 3,5 and O.N.U.


# The places noted on the way through a program, newest first: a mark, its offset, and the notes before.
Notes = tuple[Mark, int, "Notes | None"]

Key = TypeVar("Key", str, int)


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


class Try(NamedTuple):
    """One way to start a rule: from one anchor of one of its plans, which has a name.

    `ahead` and `behind` are the signs of which the token on that side of the anchor bears one; 0 where any will do.
    """

    rule: Rule
    plan: Plan
    atom: Atom
    name: str
    label: str
    ahead: int
    behind: int

    @property
    def is_vague(self) -> bool:
        """Whether the atom asks for more than the class, label or shape by which it was found."""
        return self.atom.kind in ("word", "exact") or (self.atom.kind != "shape" and self.atom.shape > 0)


class Beside(dict[int, tuple[Try, ...]]):
    """Some tries, by the signs of the token behind: those that such a token allows. `asked` are the signs that count.

    Of signs that count, a token can bear only what the rules and the lists have: the rows that are remembered are few,
    whatever the texts.
    """

    def __init__(self, tries: tuple[Try, ...]) -> None:
        self.tries = tries
        self.asked = _union(each.behind for each in tries)

    def __missing__(self, signs: int) -> tuple[Try, ...]:
        allowed = self[signs] = tuple(each for each in self.tries if not each.behind or each.behind & signs)
        return allowed


class Row(dict[int, Beside]):
    """The tries that start from one kind of anchor, by the signs of the token ahead; `asked` as in `Beside`."""

    def __init__(self, tries: Iterable[Try]) -> None:
        self.tries = tuple(tries)
        self.asked = _union(each.ahead for each in self.tries)

    def __missing__(self, signs: int) -> Beside:
        allowed = self[signs] = Beside(
            tuple(each for each in self.tries if not each.ahead or each.ahead & signs)
        )
        return allowed


class Shaped(dict[int, Row | None]):
    """The tries that start from shapes, by the shapes that a token has of those `asked`."""

    def __init__(self, by_shape: Mapping[int, Sequence[Try]]) -> None:
        self._by_shape = by_shape
        self.asked = _union(by_shape)

    def __missing__(self, shapes: int) -> Row | None:
        tries = [each for shape, row in self._by_shape.items() if shapes & shape == shape for each in row]
        row = self[shapes] = Row(tries) if tries else None
        return row


Anchor = tuple[int, int, Row]  # where it stands, and what starts there


class Matcher:
    """All rules of a tagger, ordered by stage and found by their anchors.

    `looking` are the stages with a rule that asks for entities of earlier stages.
    """

    def __init__(self, rules: Iterable[Rule], labels: Mapping[str, str] | None = None) -> None:
        self.rules = tuple(rules)
        self.stages = sorted({rule.stage for rule in self.rules})
        self.looking = {rule.stage for rule in self.rules if _asks_for_entities(rule)}
        by_key: dict[tuple[int, str], list[Try]] = defaultdict(list)
        by_shape: dict[int, dict[int, list[Try]]] = defaultdict(lambda: defaultdict(list))
        for rule in self.rules:
            label = (labels or {}).get(rule.id, rule.label)
            for plan in rule.plans:
                for atom in plan.anchors:
                    start = Try(rule, plan, atom, str(atom), label, _demanded(plan.right), _demanded(plan.left))
                    if atom.kind == "shape":
                        by_shape[rule.stage][atom.shape].append(start)
                    else:
                        by_key[rule.stage, anchor_key(atom)].append(start)
        self._rows: dict[int, dict[str, Row]] = {stage: {} for stage in self.stages}
        for (stage, key), tries in by_key.items():
            self._rows[stage][key] = Row(tries)
        self._shaped = {stage: Shaped(found) for stage, found in by_shape.items()}

    @property
    def anchor_keys(self) -> frozenset[str]:
        """The classes and literal words that the lexicon must find everywhere."""
        return frozenset(key for rows in self._rows.values() for key in rows)

    def anchor_words(self) -> Iterator[Entry]:
        """Literal words that are anchors, as entries for the lexicon."""
        for key in sorted(self.anchor_keys):
            if key.startswith("="):
                yield Entry(key[1:], key, Source("entry", key[1:]))

    def candidates(self, context: Context, stage: int, *, alone: bool = False) -> Iterator[Candidate]:
        """The candidates of the rules of one stage.

        Where an entry says the same by itself and the rule adds no part to it, the entry speaks; with `alone`, the
        rule does.
        """
        ahead, behind = context.ahead, context.behind
        for start, end, row in self._anchors(context, stage):
            beside = row[ahead[end][2] & row.asked if row.asked else 0]
            if not beside.tries:
                continue
            for each in beside[behind[start][2] & beside.asked if beside.asked else 0]:
                if each.is_vague and not context.is_anchor(each.atom, start, end):
                    continue
                found = match_at(context, each.rule, each.plan, start, end)
                if found is None:
                    continue
                rule = each.rule
                candidate, known = _candidate(context, rule, each.label, Part(each.name, start, end), found)
                if alone or not known or known.ambiguous or candidate.parts or rule.priority > 0:
                    yield candidate

    def near_misses(self, context: Context, stage: int) -> Iterator[NearMiss]:
        """The anchors from which a rule of one stage did not match, with what it wanted where it stopped.

        A rule that starts from any capitalised word is near nothing where it stops: those are left out.
        """
        for start, end, row in self._anchors(context, stage):
            for rule, plan, atom, name, *_ in row.tries:
                if name == "Cap" or not context.is_anchor(atom, start, end):
                    continue
                trace: list[Stop] = []
                if match_at(context, rule, plan, start, end, trace) is None and trace:
                    yield NearMiss(rule, Part(name, start, end), trace[-1])

    def _anchors(self, context: Context, stage: int) -> Iterator[Anchor]:
        rows = self._rows[stage]
        for start, end, entry in context.hits:
            row = rows.get(entry.key)
            if row is not None:
                yield start, end, row
        for entities in context.by_start.values():
            for entity in entities:
                if (key := "@" + entity.label) in rows:
                    yield entity.start, entity.end, rows[key]
        if stage in self._shaped:
            yield from _shaped_anchors(context, self._shaped[stage])


def _union(signs: Iterable[int]) -> int:
    union = 0
    for each in signs:
        union |= each
    return union


def _asks_for_entities(rule: Rule) -> bool:
    sides = [step.atom for program in (rule.before, rule.after) if program for step in program if step.atom]
    return any(atom.kind == "entity" for atom in (*rule.atoms, *sides))


def _demanded(program: Program) -> int:
    """The signs of which the token beside an anchor bears one; 0 where the program goes through without it."""
    return 0 if program[0].ahead & ANY else program[0].ahead


def _shaped_anchors(context: Context, shaped: Shaped) -> Iterator[Anchor]:
    cased, ahead, asked = context.folded.cased, context.ahead, shaped.asked
    for place in _SHAPED.finditer(cased):
        start, end, signs = ahead[place.start()]
        row = shaped[signs & asked]
        if row is not None and not (start and cased[start - 1] in _JOINTS and context.behind[end][0] != start):
            yield start, end, row


def anchor_key(atom: Atom) -> str:
    """Where the rules that start from this atom are kept: its class, label, earlier label, or literal word."""
    if atom.kind == "class":
        return atom.value
    return "@" + atom.value if atom.kind == "entity" else "=" + atom.value.lower()


def match_at(
    context: Context, rule: Rule, plan: Plan, start: int, end: int, trace: list[Stop] | None = None
) -> list[Notes] | None:
    """The notes of a match around one anchor, or None. `trace` receives what was wanted where the search stopped."""
    right = _run(context, plan.right, end, False, trace)
    if right is None:
        return None
    left = _run(context, plan.left, start, True, trace)
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

    Straight on while there is one way, which is where most tries end; from the first fork on by `_explore`. A trace
    wants to know where each way stops, so that with one every split is a fork.
    """
    near = context.behind if leftwards else context.ahead
    origin, at = offset, 0
    notes: Notes | None = None
    while True:
        op, atom, first, _, mark, sign, _, _, ways = program[at]
        if op == ATOM:
            assert atom is not None
            within = near[offset][2] & sign and abs(offset - origin) < REACH
            ends = context.steps(atom, offset, leftwards=leftwards) if within else ()
            if len(ends) > 1:
                break
            if not ends:
                if trace is not None:
                    trace.append(Stop(offset, str(atom), leftwards))
                return None
            offset = ends[0]
            at += 1
        elif op == SPLIT:
            signs = near[offset][2]
            open_ways = [way for way, ahead in ways if signs & ahead]
            if trace is not None or len(open_ways) > 1:
                break
            if not open_ways:
                return None
            at = open_ways[0]
        elif op == MARK:
            assert mark is not None
            notes = (mark, offset, notes)
            at += 1
        elif op == ABSENT:
            standing = _standing(context, program, at, offset)
            if standing:
                if trace is not None:
                    trace.append(Stop(offset, f"no {standing}", leftwards))
                return None
            at = first
        elif op == JUMP:
            at = first
        else:
            return offset, notes
    return _explore(context, program, (at, offset, notes), origin, leftwards, trace)


def _standing(context: Context, program: Program, at: int, offset: int) -> Atom | None:
    """The first of the atoms refused in a row from a step on that stands at the offset."""
    signs = context.ahead[offset][2]
    if signs & program[at].absent:
        for step in program[at : program[at].first]:
            if signs & step.sign and step.atom and context.steps(step.atom, offset, leftwards=False):
                return step.atom
    return None


def _explore(
    context: Context,
    program: Program,
    fork: tuple[int, int, Notes | None],
    origin: int,
    leftwards: bool,
    trace: list[Stop] | None,
) -> tuple[int, Notes | None] | None:
    """Go on from a fork by backtracking over (step, offset) pairs, none of which is entered twice."""
    near = context.behind if leftwards else context.ahead
    pending = [fork]
    entered: set[tuple[int, int]] = set()
    furthest, wanted = origin, ""
    while pending:
        at, offset, notes = pending.pop()
        while (at, offset) not in entered:
            entered.add((at, offset))
            op, atom, first, _, mark, sign, _, _, ways = program[at]
            if op == ATOM:
                assert atom is not None
                within = near[offset][2] & sign and abs(offset - origin) < REACH
                ends = context.steps(atom, offset, leftwards=leftwards) if within else ()
                if not ends:
                    if trace is not None and abs(offset - origin) >= abs(furthest - origin):
                        furthest, wanted = offset, str(atom)
                    break
                pending += [(at + 1, end, notes) for end in reversed(ends[1:])]
                at, offset = at + 1, ends[0]
            elif op == SPLIT:
                signs = near[offset][2] if trace is None else -1
                open_ways = [way for way, ahead in ways if signs & ahead]
                if not open_ways:
                    break
                pending += [(way, offset, notes) for way in reversed(open_ways[1:])]
                at = open_ways[0]
            elif op == ABSENT:
                if _standing(context, program, at, offset):
                    break
                at = first
            elif op == MARK:
                assert mark is not None
                notes = (mark, offset, notes)
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
    known = context.entry(start, end, label)
    if known is None:
        return Candidate(start, end, label, rule.source, rule.priority, parts, anchor), None
    confirmed = not known.ambiguous
    candidate = Candidate(
        start, end, label, rule.source, rule.priority, parts, anchor, known.id, known.surname, "", confirmed
    )
    return candidate, known
