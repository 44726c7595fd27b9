"""From hits and tokens to candidates, each naming its rule.

A rule is tried at each occurrence of its anchor, and from there outwards: rightwards from its end, leftwards from its
start.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from ruletag.model import Candidate, Part
from ruletag.pattern import ENTITY, Atom
from ruletag.plain.text import Text
from ruletag.program import ABSENT, ATOM, JUMP, MARK, SPLIT, Mark, Plan, Program
from ruletag.rules import Rule, Veto
from ruletag.tokens import BIT, REACH

# The marks passed on the way through a program, newest first: a mark, its offset, and the earlier notes.
Notes = tuple[Mark, int, "Notes | None"]
Failed = Callable[[int, str], None]  # called with the offset where a step failed, and what it wanted


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule whose anchor occurred in the text but that did not match: where its search stopped, and what it wanted."""

    rule: Rule
    anchor: Part
    offset: int
    wanted: str
    leftwards: bool


class Try(NamedTuple):
    """One way to start a rule: from one anchor of one of its plans. `label` is the guideline's label for its finds."""

    rule: Rule
    label: str
    plan: Plan
    anchor: Atom


class Match(NamedTuple):
    """The notes on both sides of an anchor."""

    left: Notes | None
    right: Notes | None


class Matcher:
    """All rules of a tagger, by stage and anchor. `stages` are in order."""

    def __init__(self, rules: Iterable[Rule], labels: Mapping[str, str] | None = None) -> None:
        self.rules = tuple(rules)
        self.stages = sorted({rule.stage for rule in self.rules})
        self._tries: dict[tuple[int, str, str | bytes], list[Try]] = defaultdict(list)
        self._shaped: dict[int, dict[int, list[Try]]] = defaultdict(lambda: defaultdict(list))
        for rule in self.rules:
            label = (labels or {}).get(rule.id, rule.label)
            for plan in rule.plans:
                for anchor in plan.anchors:
                    attempt = Try(rule, label, plan, anchor)
                    if anchor.kind == "shape":
                        self._shaped[rule.stage][anchor.shape].append(attempt)
                    elif anchor.kind in ("class", "entity"):
                        self._tries[rule.stage, anchor.kind, anchor.value].append(attempt)
                    else:
                        self._tries[rule.stage, "word", anchor.key].append(attempt)

    def candidates(self, text: Text, stage: int, *, alone: bool = False) -> Iterator[Candidate]:
        """The candidates of the rules of one stage.

        If an unambiguous entry has the same span and label and the rule adds no part, the entry's candidate is used;
        with `alone`, the rule's is.
        """
        for attempt, start, end in self._anchors(text, stage):
            if match := match_at(text, attempt, start, end):
                yield from _candidate(text, attempt, start, end, match, alone)

    def near_misses(self, text: Text, stage: int) -> Iterator[NearMiss]:
        """The anchors from which a rule of one stage did not match, with what it wanted where it stopped.

        Anchors that are any capitalised word are left out: they occur everywhere, so a failure there means nothing.
        """
        for attempt, start, end in self._anchors(text, stage):
            if attempt.anchor.kind == "shape" and attempt.anchor.shape == BIT["Cap"]:
                continue
            trace = Trace()
            if match_at(text, attempt, start, end, trace) is None:
                part = Part(str(attempt.anchor), start, end)
                yield NearMiss(attempt.rule, part, trace.offset, trace.wanted, trace.leftwards)

    def _anchors(self, text: Text, stage: int) -> Iterator[tuple[Try, int, int]]:
        """Every try of a stage, with the start and end of each occurrence of its anchor."""
        for start, end, entry in text.hits:
            for attempt in self._tries.get((stage, "class", entry.key), ()):
                if text.is_at(attempt.anchor, start, end):
                    yield attempt, start, end
        for start, end, shapes, word in text.tokens:
            for attempt in self._tries.get((stage, "word", word), ()):
                if text.is_at(attempt.anchor, start, end):
                    yield attempt, start, end
            for shape, tries in self._shaped[stage].items():
                if shapes & shape == shape:
                    for attempt in tries:
                        yield attempt, start, end
        for entity in text.seen:
            for attempt in self._tries.get((stage, "entity", entity.label), ()):
                if text.is_at(attempt.anchor, entity.start, entity.end):
                    yield attempt, entity.start, entity.end


class Trace:
    """The farthest point from its anchor that a search reached, and what it wanted there."""

    def __init__(self) -> None:
        self.offset, self.wanted, self.leftwards = 0, "", False

    def of(self, origin: int, *, leftwards: bool) -> Failed:
        """The callback for steps that fail on one side."""
        self.offset, self.leftwards = origin, leftwards

        def failed(offset: int, wanted: str) -> None:
            if abs(offset - origin) >= abs(self.offset - origin):
                self.offset, self.wanted = offset, wanted

        return failed

    def silent(self, offset: int, side: str) -> None:
        """The pattern matched, but `unless` holds beside it."""
        self.offset, self.wanted, self.leftwards = offset, f"silent: `unless {side}` holds", side == "before"


def match_at(text: Text, attempt: Try, start: int, end: int, trace: Trace | None = None) -> Match | None:
    """The notes of a try around an anchor, or None if it does not match; `trace` records why."""
    outcomes = {}  # by direction: where the side of the pattern ends, and its notes
    for leftwards in (True, False) if attempt.plan.guards_first else (False, True):
        program, origin = (attempt.plan.left, start) if leftwards else (attempt.plan.right, end)
        failed = trace.of(origin, leftwards=leftwards) if trace else None
        if (outcome := run(text, program, origin, leftwards=leftwards, failed=failed)) is None:
            return None
        outcomes[leftwards] = outcome
    (first, left), (last, right) = outcomes[True], outcomes[False]
    for unless, offset, side in ((attempt.rule.before, first, "before"), (attempt.rule.after, last, "after")):
        if unless and run(text, unless, offset, leftwards=side == "before") is not None:
            if trace:
                trace.silent(offset, side)
            return None
    return Match(left, right)


def is_vetoed(text: Text, candidate: Candidate, veto: Veto) -> bool:
    """Whether a veto of its surface applies to a candidate: to its label, and in its context."""
    return (
        veto.label in ("", candidate.label)
        and (veto.before is None or run(text, veto.before, candidate.start, leftwards=True) is not None)
        and (veto.after is None or run(text, veto.after, candidate.end, leftwards=False) is not None)
    )


def run(
    text: Text, program: Program, origin: int, *, leftwards: bool, failed: Failed | None = None
) -> tuple[int, Notes | None] | None:
    """Run a program from an offset: the offset where the preferred path through it ends, and its notes; None if no path
    matches.

    Paths are tried in order, and none continues from a (step, offset) that another has reached: the time is linear in
    the length of the program times `REACH`.
    """
    far_offsets = text.starts if leftwards else text.ends
    entered: set[tuple[int, int]] = set()
    pending: list[tuple[int, int, Notes | None]] = [(0, origin, None)]
    while pending:
        step, offset, notes = pending.pop()
        while (step, offset) not in entered:
            entered.add((step, offset))
            op, atom, first, second, mark = program[step]
            step += 1
            if op == ATOM and atom:
                offsets = far_offsets(atom, offset) if abs(offset - origin) < REACH else ()
                if not offsets:
                    if failed:
                        failed(offset, str(atom))
                    break
                pending += [(step, later, notes) for later in offsets[:0:-1]]
                offset = offsets[0]
            elif op == ABSENT and atom:
                if text.ends(atom, offset):
                    if failed:
                        failed(offset, f"no {atom}")
                    break
            elif op == SPLIT:
                pending.append((second, offset, notes))
                step = first
            elif op == JUMP:
                step = first
            elif op == MARK and mark:
                notes = (mark, offset, notes)
            else:
                return offset, notes
    return None


def _candidate(text: Text, attempt: Try, start: int, end: int, match: Match, alone: bool) -> Iterator[Candidate]:
    """The candidate of a match around an anchor; none if an entry already proposes it, unless `alone`."""
    rule, label = attempt.rule, attempt.label
    spans = _spans(text, match)
    first, last = spans.pop(ENTITY)
    parts = tuple(sorted((Part(name, *span) for name, span in spans.items()), key=itemgetter(1, 2, 0)))
    entry = text.entry(first, last, label)
    if entry and not (alone or entry.ambiguous or parts or rule.priority > 0):
        return
    yield Candidate(
        first,
        last,
        label,
        rule.source,
        rule.priority,
        parts,
        Part(str(attempt.anchor), start, end),
        entry.id if entry else None,
        entry.surname if entry else None,
        confirmed=entry is not None and not entry.ambiguous,
    )


def _spans(text: Text, match: Match) -> dict[str, tuple[int, int]]:
    """The named parts of a match that are not empty, without a space at either end.

    If a mark was noted twice, the newest note counts.
    """
    offsets: dict[Mark, int] = {}
    for notes in match:
        while notes:
            mark, offset, notes = notes
            offsets.setdefault(mark, offset)
    cased = text.folded.cased
    spans = {}
    for name in dict.fromkeys(mark.name for mark in offsets):
        start, end = offsets[Mark(name, False)], offsets[Mark(name, True)]
        start += cased[start : start + 1] == b" "
        end -= cased[end - 1 : end] == b" "
        if start < end:
            spans[name] = (start, end)
    return spans
