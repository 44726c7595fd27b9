"""One program run on one text, from an offset to the preferred way through it.

The steps of a program say what to do; a script is the same, step for step, made ready to run: what comes next is told
by each instruction, and a split remembers which ways the signs of a token leave open.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

from ruletag.context import Context
from ruletag.pattern import Atom
from ruletag.plan import ABSENT, ATOM, DONE, JUMP, MARK, SPLIT, Mark, Program, Step
from ruletag.signs import Choices
from ruletag.tokens import REACH

# The places noted on the way through a program, newest first: a mark, its offset, and the notes before.
Notes = tuple[Mark, int, "Notes | None"]
# The atoms refused in a row: the sign of the first, the atom, and the rest.
Refused = tuple[int, Atom, "Refused | None"]

_SHAPE, _WORD, _PLACES, _SPLIT, _ABSENT, _MARK, _END, _DONE, _ENTERED = range(9)  # _END is a mark and done
_ATOMS = (_SHAPE, _WORD, _PLACES)
# One step made ready: what to do, with what, the signs to look for, and the instruction that follows. A plain tuple is
# taken apart three times as fast as a named one.
Instruction = tuple[int, Any, int, int]


_NONE: set[tuple[int, int]] = set()


class Stop(NamedTuple):
    """Where a search stopped, what it wanted there, and whether it was reading leftwards."""

    offset: int
    wanted: str
    leftwards: bool


class Script:
    """A program made ready to run: its instructions, each at the place of its step, made when first asked for.

    `signs` are those of which the token there bears one where the script goes through. `mark` is the one mark of a
    script that does nothing but note it, and need not be run.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self.signs = program[0].ahead
        self.mark = program[0].mark if len(program) == 2 and program[0].op == MARK else None

    @cached_property
    def instructions(self) -> tuple[Instruction, ...]:
        made: list[Instruction] = []
        refused: Refused | None = None
        for at in reversed(range(len(self._program))):
            step = self._program[at]
            refused = (step.sign, step.atom, refused) if step.atom and step.op == ABSENT else None
            made.append(_instruction(self._program, at, refused))
        return tuple(reversed(made))


def _instruction(program: Program, at: int, refused: Refused | None) -> Instruction:
    step = program[at]
    if step.op == ATOM:
        return _of_atom(step, _behind_jumps(program, at + 1))
    if step.op == SPLIT:
        return (_SPLIT, Choices((ahead, way) for way, ahead in step.ways), 0, at)
    if step.op == ABSENT:
        return (_ABSENT, refused, step.absent, _behind_jumps(program, step.first))
    if step.op == MARK:
        following = _behind_jumps(program, at + 1)
        return (_END if program[following].op == DONE else _MARK, step.mark, 0, following)
    return (_DONE, None, 0, at)


def _of_atom(step: Step, following: int) -> Instruction:
    atom = step.atom
    assert atom is not None
    if atom.kind == "shape":
        return (_SHAPE, atom, atom.shape, following)
    return (_PLACES if atom.kind in ("class", "entity") else _WORD, atom, step.sign, following)


def _behind_jumps(program: Program, at: int) -> int:
    while program[at].op == JUMP:
        at = program[at].first
    return at


def run(
    context: Context, script: Script, offset: int, leftwards: bool, trace: list[Stop] | None = None
) -> tuple[int, Notes | None] | None:
    """Run a script from an offset: the preferred way through it, as (offset, notes), or None.

    Straight on while there is one way, which is where most searches end; from the first fork on by backtracking over
    (instruction, offset) pairs, none of which is entered twice. `trace` receives what was wanted where the search
    stopped; it wants to know where each way stops, so that with one every split is a fork and all its ways are open.
    """
    near = context.behind if leftwards else context.ahead
    instructions = script.instructions
    origin, at = offset, 0
    notes: Notes | None = None
    pending: list[tuple[int, int, Notes | None]] | None = None  # until the first fork
    entered: set[tuple[int, int]] = _NONE
    furthest, wanted = origin, ""
    while True:
        op, value, demanded, following = instructions[at]
        if pending is not None:
            if (at, offset) in entered:
                op = _ENTERED
            else:
                entered.add((at, offset))
        if op == _SPLIT:
            ways = value[near[offset][2] & value.asked] if trace is None else value.all
            if ways:
                if len(ways) > 1 or trace is not None:
                    if pending is None:
                        pending, entered = [], {(at, offset)}
                    pending += [(way, offset, notes) for way in ways[:0:-1]]
                at = ways[0]
                continue
        elif op == _SHAPE:
            start, end, signs = near[offset]
            if signs & demanded == demanded and -REACH < offset - origin < REACH:
                offset, at = start if leftwards else end, following
                continue
        elif op == _MARK:
            notes, at = (value, offset, notes), following
            continue
        elif op == _ABSENT:
            standing = _standing(context, value, offset) if context.ahead[offset][2] & demanded else None
            if standing is None:
                at = following
                continue
            if trace is not None and pending is None:
                furthest, wanted = offset, f"no {standing}"
        elif op == _END:
            return offset, (value, offset, notes)
        elif op == _DONE:
            return offset, notes
        elif op == _WORD:
            sight = near[offset]
            if sight[2] & demanded and -REACH < offset - origin < REACH and context.is_token(value, sight):
                offset, at = sight[0] if leftwards else sight[1], following
                continue
        elif op == _PLACES and near[offset][2] & demanded and -REACH < offset - origin < REACH:
            ends = context.steps(value, offset, leftwards=leftwards)
            if ends:
                if len(ends) > 1:
                    if pending is None:
                        pending, entered = [], {(at, offset)}
                    pending += [(following, end, notes) for end in ends[:0:-1]]
                offset, at = ends[0], following
                continue
        if trace is not None and op in _ATOMS and abs(offset - origin) >= abs(furthest - origin):
            furthest, wanted = offset, str(value)
        if not pending:
            break
        at, offset, notes = pending.pop()
    if trace is not None:
        trace.append(Stop(furthest, wanted, leftwards))
    return None


def _standing(context: Context, refused: Refused | None, offset: int) -> Atom | None:
    """The first of the refused atoms that stands at the offset."""
    signs = context.ahead[offset][2]
    while refused:
        sign, atom, refused = refused
        if signs & sign and context.steps(atom, offset, leftwards=False):
            return atom
    return None
