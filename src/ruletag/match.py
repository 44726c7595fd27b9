"""Hits and text to candidates, each naming its rule.

A rule is tried only where its anchor was found, and from there outwards, with a memory of the places already tried:
the steps for one anchor are bounded by the size of the pattern times `tokens.REACH`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import itemgetter, or_
from typing import NamedTuple

from ruletag.context import Context
from ruletag.model import Candidate, Entry, Part, Source
from ruletag.pattern import ENTITY, Atom
from ruletag.plan import Mark
from ruletag.rules import Rule
from ruletag.search import Notes, Script, Stop, run
from ruletag.signs import Choices

# Capitalised words and numbers: the only places where an anchor that is a shape can stand.
_SHAPED = re.compile(rb"[A-Z0-9\x8c\xc6](?<![0-9A-Za-z_\x8d\x9c\x8c\xe6\xc6\xdf-].)")
_START, _END = Mark(ENTITY, False), Mark(ENTITY, True)
_JOINTS = b".,"  # may stand inside a token: 3,5 and O.N.U.


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


class Scripts(NamedTuple):
    """What to run around an anchor, and what may not stand before and after that."""

    right: Script
    left: Script
    before: Script | None
    after: Script | None


class Try(NamedTuple):
    """One way to start a rule: from one anchor of one of its plans, which has a name.

    `ahead` and `behind` are the signs of which the token on that side of the anchor bears one, as in `Choices`. Where
    `is_vague`, the atom asks for more than the class, label or shape by which it was found.
    """

    rule: Rule
    atom: Atom
    name: str
    label: str
    scripts: Scripts
    ahead: int
    behind: int
    is_vague: bool


class Row(dict[int, Choices[Try] | None]):
    """The tries that start from one kind of anchor, by the signs of the token ahead, then by those of the one behind.

    As in `Choices`, `asked` are the signs ahead that count.
    """

    def __init__(self, tries: Iterable[Try]) -> None:
        self.tries = tuple(tries)
        self._ahead = Choices((each.ahead, each) for each in self.tries)
        self.asked = self._ahead.asked

    def __missing__(self, signs: int) -> Choices[Try] | None:
        tries = self._ahead[signs]
        allowed = self[signs] = Choices((each.behind, each) for each in tries) if tries else None
        return allowed


class Shaped(dict[int, Row | None]):
    """The tries that start from shapes, by the shapes that a token has of those `asked`."""

    def __init__(self, by_shape: Mapping[int, Sequence[Try]]) -> None:
        self._by_shape = by_shape
        self.asked = reduce(or_, by_shape)

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
            before, after = (Script(side) if side else None for side in (rule.before, rule.after))
            for plan in rule.plans:
                scripts = Scripts(Script(plan.right), Script(plan.left), before, after)
                for atom in plan.anchors:
                    vague = atom.kind in ("word", "exact") or (atom.kind != "shape" and atom.shape > 0)
                    ahead, behind = plan.right[0].ahead, plan.left[0].ahead
                    start = Try(rule, atom, str(atom), label, scripts, ahead, behind, vague)
                    if atom.kind == "shape":
                        by_shape[rule.stage][atom.shape].append(start)
                    else:
                        by_key[rule.stage, anchor_key(atom)].append(start)
        self._hit: dict[int, dict[str, Row]] = defaultdict(dict)
        self._seen: dict[int, dict[str, Row]] = defaultdict(dict)
        for (stage, key), tries in by_key.items():
            (self._seen if key.startswith("@") else self._hit)[stage][key] = Row(tries)
        self._shaped = {stage: Shaped(found) for stage, found in by_shape.items()}

    def candidates(self, context: Context, stage: int, *, alone: bool = False) -> Iterator[Candidate]:
        """The candidates of the rules of one stage.

        Where an entry says the same by itself and the rule adds no part to it, the entry speaks; with `alone`, the
        rule does.
        """
        ahead, behind = context.ahead, context.behind
        anchors = [
            (start, end, allowed)
            for start, end, row in self._anchors(context, stage)
            if (allowed := row[ahead[end][2] & row.asked]) is not None
        ]
        behind.fill([start for start, _, allowed in anchors if allowed.asked])
        for start, end, allowed in anchors:
            for each in allowed[behind[start][2] & allowed.asked if allowed.asked else 0]:
                if each.is_vague and not context.is_anchor(each.atom, start, end):
                    continue
                found = match_at(context, each, start, end)
                if found is None:
                    continue
                candidate = _candidate(context, each, start, end, found, alone)
                if candidate:
                    yield candidate

    def near_misses(self, context: Context, stage: int) -> Iterator[NearMiss]:
        """The anchors from which a rule of one stage did not match, with what it wanted where it stopped.

        A rule that starts from any capitalised word is near nothing where it stops: those are left out.
        """
        for start, end, row in self._anchors(context, stage):
            for each in row.tries:
                if each.name == "Cap" or not context.is_anchor(each.atom, start, end):
                    continue
                trace: list[Stop] = []
                if match_at(context, each, start, end, trace) is None and trace:
                    yield NearMiss(each.rule, Part(each.name, start, end), trace[-1])

    def _anchors(self, context: Context, stage: int) -> list[Anchor]:
        """The anchors of a stage; what stands behind them has been looked at."""
        anchors: list[Anchor] = []
        if rows := self._hit.get(stage):
            anchors += [(hit[0], hit[1], row) for hit in context.hits if (row := rows.get(hit[2].key)) is not None]
        if rows := self._seen.get(stage):
            labelled = ((each, "@" + each.label) for each in context.seen)
            anchors += [(each.start, each.end, rows[key]) for each, key in labelled if key in rows]
        if stage in self._shaped:
            anchors += _shaped_anchors(context, self._shaped[stage])
        context.ahead.fill([end for _, end, _ in anchors])
        return anchors


def _asks_for_entities(rule: Rule) -> bool:
    sides = [step.atom for program in (rule.before, rule.after) if program for step in program if step.atom]
    return any(atom.kind == "entity" for atom in (*rule.atoms, *sides))


def _shaped_anchors(context: Context, shaped: Shaped) -> list[Anchor]:
    cased, ahead, asked = context.folded.cased, context.ahead, shaped.asked
    places = [place.start() for place in _SHAPED.finditer(cased)]
    ahead.fill(places)
    anchors: list[Anchor] = []
    for place in places:
        start, end, signs = ahead[place]
        row = shaped[signs & asked]
        if row is not None and not (start and cased[start - 1] in _JOINTS and context.behind[end][0] != start):
            anchors.append((start, end, row))
    return anchors


def anchor_keys(rules: Iterable[Rule]) -> frozenset[str]:
    """The classes and literal words that the lexicon must find everywhere."""
    atoms = (atom for rule in rules for plan in rule.plans for atom in plan.anchors)
    return frozenset(anchor_key(atom) for atom in atoms if atom.kind not in ("shape", "entity"))


def anchor_words(keys: Iterable[str]) -> list[Entry]:
    """The literal words among some anchor keys, as entries for the lexicon."""
    return [Entry(key[1:], key, Source("entry", key[1:])) for key in sorted(keys) if key.startswith("=")]


def anchor_key(atom: Atom) -> str:
    """Where the rules that start from this atom are kept: its class, label, earlier label, or literal word."""
    if atom.kind == "class":
        return atom.value
    return "@" + atom.value if atom.kind == "entity" else "=" + atom.value.lower()


def match_at(
    context: Context, each: Try, start: int, end: int, trace: list[Stop] | None = None
) -> tuple[Notes | None, Notes | None] | None:
    """The notes of a match around the anchor of a try, left and right of it, or None.

    `trace` receives what was wanted where the search stopped.
    """
    scripts = each.scripts
    mark = scripts.right.mark
    right = (end, (mark, end, None)) if mark else run(context, scripts.right, end, False, trace)
    if right is None:
        return None
    if trace is None and scripts.after and _holds(context, scripts.after, right[0], False):
        return None  # asked first, since that is soon done; a trace wants to know what comes first
    mark = scripts.left.mark
    left = (start, (mark, start, None)) if mark else run(context, scripts.left, start, True, trace)
    if left is None:
        return None
    if scripts.before and _holds(context, scripts.before, left[0], True):
        if trace is not None:
            trace.append(Stop(left[0], "silent: `unless before` holds", True))
        return None
    if trace is not None and scripts.after and _holds(context, scripts.after, right[0], False):
        trace.append(Stop(right[0], "silent: `unless after` holds", False))
        return None
    return left[1], right[1]


def _holds(context: Context, refused: Script, offset: int, leftwards: bool) -> bool:
    near = context.behind if leftwards else context.ahead
    return near[offset][2] & refused.signs > 0 and run(context, refused, offset, leftwards) is not None


def _candidate(
    context: Context, each: Try, start: int, end: int, found: Iterable[Notes | None], alone: bool
) -> Candidate | None:
    """The candidate of a match around an anchor; None where an entry says the same, unless `alone`.

    Of a place that was noted twice, the newest note counts.
    """
    places: dict[tuple[str, bool], int] = {}
    for notes in found:
        while notes:
            mark, offset, notes = notes
            if mark not in places:
                places[mark] = offset
    cased = context.folded.cased
    first, last = _trimmed(cased, places[_START], places[_END])
    parts: tuple[Part, ...] = ()
    if len(places) > 2:
        names = dict.fromkeys(name for name, _ in places if name != ENTITY)
        spans = [Part(name, *_trimmed(cased, places[name, False], places[name, True])) for name in names]
        parts = tuple(sorted((part for part in spans if part.start < part.end), key=itemgetter(1, 2)))
    rule, label = each.rule, each.label
    known = context.entry(first, last, label)
    if known is None:
        return Candidate(first, last, label, rule.source, rule.priority, parts, Part(each.name, start, end))
    if not (alone or known.ambiguous or parts or rule.priority > 0):
        return None
    anchor = Part(each.name, start, end)
    id, surname, confirmed = known.id, known.surname, not known.ambiguous
    return Candidate(first, last, label, rule.source, rule.priority, parts, anchor, id, surname, "", confirmed)


def _trimmed(cased: bytes, start: int, end: int) -> tuple[int, int]:
    """A span without a space at either end."""
    return start + (cased[start : start + 1] == b" "), end - (cased[end - 1 : end] == b" ")
