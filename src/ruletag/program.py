"""Compiles patterns to programs, which search for a rule from its anchor outwards.

The anchor is the rarest thing that a pattern requires. What comes before it becomes a program read leftwards, what
follows one read rightwards, so the cost of a rule depends on the number of its anchors in the text, never on the length
of the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from ruletag.model import LABELS
from ruletag.pattern import Absent, Atom, Choice, Group, Node, PatternError, Repeat, Sequence
from ruletag.tokens import BIT

ATOM, ABSENT, SPLIT, MARK, JUMP, DONE = range(6)
# Word classes are short lists, so their words are rare; labels hold thousands of names.
_SHAPE_RANK = {"Acronym": 3, "Ordinal": 4, "Roman": 4, "Initial": 4, "Number": 5, "Upper": 6, "Cap": 7}
FREQUENT = frozenset(
    "de du des la le les l' d' un une et en à au aux ce cette dans par pour sur".split()  # noqa: SIM905 - a word list
)
_OF_FREQUENT_WORDS = frozenset(("determiner", "quantity", "title-article"))  # word classes
_RARE = 3  # up to this rank no better anchor is needed
MOST_VARIANTS = 64
MOST_STEPS = 10_000  # ((Cap{0,50}){0,50}){0,50} would unfold to a quarter of a million


class Mark(NamedTuple):
    """The start or the end of a named part."""

    name: str
    at_end: bool


class Step(NamedTuple):
    """One instruction: match an atom, reject one, branch (first choice first), note a position, jump, or succeed.

    After an atom, a rejection or a mark, the next step follows; `first` and `second` are the targets of a branch or
    jump.
    """

    op: int
    atom: Atom | None = None
    first: int = 0
    second: int = 0
    mark: Mark | None = None


Program = tuple[Step, ...]
Item = Node | Mark


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to search a pattern: its possible anchors, their frequency rank, and the programs on both sides."""

    anchors: tuple[Atom, ...]
    rank: int
    left: Program
    right: Program

    @property
    def guards_first(self) -> bool:
        """Whether the anchor has guards (`!<LOC> Cap`): the left program, which begins with them, then runs first."""
        return self.left[0].op == ABSENT


def plans(tree: Node) -> tuple[Plan, ...]:
    """The plans of a pattern. Raises PatternError if nothing in it can serve as an anchor, or if it is too large."""
    _refuse_giants(tree)
    unsplit = [_plan(items) for items in _variants(tree, False)]
    if all(plan and plan.rank <= _RARE for plan in unsplit):
        return tuple(plan for plan in unsplit if plan)
    split = [_plan(items) for items in _variants(tree, True)]
    if all(split):
        return tuple(plan for plan in split if plan)
    raise PatternError(
        1,
        "nothing in this pattern is rare enough to start a search from",
        "require a word, a class, an acronym or a capitalised word outside ? and *",
    )


def program(node: Node, *, leftwards: bool) -> Program:
    """The program of a whole pattern, read in one direction. Raises PatternError if it is too large."""
    _refuse_giants(node)
    steps: list[Step] = []
    _compile([node], leftwards, steps)
    return (*steps, Step(DONE))


def _refuse_giants(tree: Node) -> None:
    if (size := _size(tree)) > MOST_STEPS:
        raise PatternError(1, f"this pattern unfolds to {size} steps", "lower its counts, or repeat with * and +")


def _size(node: Node) -> int:
    """The number of steps that a node compiles to, or slightly more."""
    if isinstance(node, Repeat):
        return (node.least + 1 if node.most is None else node.most) * (_size(node.item) + 2)
    if isinstance(node, Group):
        return _size(node.item) + 2
    if isinstance(node, (Sequence, Choice)):
        members = node.items if isinstance(node, Sequence) else node.options
        return sum(_size(member) + 2 for member in members)
    return 1


def _plan(items: list[Item]) -> Plan | None:
    ranked = [(rank, index) for index, item in enumerate(items) if (rank := _rank(item)) is not None]
    if not ranked:
        return None
    rank, index = min(ranked)
    anchor = items[index]
    left: list[Step] = []
    right: list[Step] = []
    _compile(items[:index], True, left)
    _compile(items[index + 1 :], False, right)
    anchors = anchor.options if isinstance(anchor, Choice) else (anchor,)
    atoms = tuple(atom for atom in anchors if isinstance(atom, Atom))
    return Plan(atoms, rank, (*left, Step(DONE)), (*right, Step(DONE)))


def _rank(item: Item) -> int | None:
    """A rank that grows with the frequency of an item in French text; None if it cannot be an anchor."""
    if isinstance(item, Choice):
        ranks = [_rank(option) if isinstance(option, Atom) else None for option in item.options]
        anchor_ranks = [rank for rank in ranks if rank is not None]
        return max(anchor_ranks) if len(anchor_ranks) == len(ranks) else None
    if not isinstance(item, Atom):
        return None
    if item.kind == "shape":
        return min((_SHAPE_RANK[name] for name in _SHAPE_RANK if item.shape & BIT[name]), default=None)
    if item.kind == "class" and item.value in _OF_FREQUENT_WORDS:
        return 6
    if item.kind in ("class", "entity"):
        return 2 if item.value in LABELS else 1
    if not any(char.isalnum() for char in item.value):
        return None
    return 6 if item.value.lower() in FREQUENT else 2


def _variants(node: Node, distribute: bool) -> list[list[Item]]:
    """The pattern as flat rows of items, with groups expanded and, with `distribute`, alternatives multiplied out.

    Alternatives of one frequent token each stay together: they end at the same position, and none is a better anchor.
    """
    if isinstance(node, Sequence):
        rows = [_variants(item, distribute) for item in node.items]
        count = 1
        for row in rows:
            count *= len(row)
        if count > MOST_VARIANTS:
            raise PatternError(1, "too many alternatives follow each other", "write two rules")
        return [[item for row in combination for item in row] for combination in product(*rows)]
    if isinstance(node, Group):
        return [[Mark(node.name, False), *items, Mark(node.name, True)] for items in _variants(node.item, distribute)]
    if isinstance(node, Choice) and distribute:
        common = tuple(option for option in node.options if _is_common_token(option))
        if len(common) < 2:
            return [items for option in node.options for items in _variants(option, True)]
        others = [option for option in node.options if option not in common]
        return [*(items for option in others for items in _variants(option, True)), [Choice(common)]]
    if isinstance(node, Repeat) and node.least:
        rest = Repeat(node.item, node.least - 1, None if node.most is None else node.most - 1)
        tail: list[Item] = [] if rest.most == 0 else [rest]
        return [[*items, *tail] for items in _variants(node.item, distribute)]
    return [[node]]


def _is_common_token(option: Node) -> bool:
    """Whether an option consumes one token, guarded or not, that is too frequent for a good anchor."""
    *guards, last = option.items if isinstance(option, Sequence) else (option,)
    if not isinstance(last, Atom) or last.kind in ("class", "entity"):
        return False
    rank = _rank(last)
    return (rank is None or rank > _RARE) and all(isinstance(guard, Absent) for guard in guards)


def _compile(items: list[Item] | list[Node], leftwards: bool, steps: list[Step]) -> None:
    for item in reversed(items) if leftwards else items:
        _compile_item(item, leftwards, steps)


def _compile_item(item: Item, leftwards: bool, steps: list[Step]) -> None:
    if isinstance(item, Atom):
        steps.append(Step(ATOM, item))
    elif isinstance(item, Absent):
        steps.append(Step(ABSENT, item.atom))
    elif isinstance(item, Mark):
        steps.append(Step(MARK, mark=item))
    elif isinstance(item, Sequence):
        _compile(list(item.items), leftwards, steps)
    elif isinstance(item, Group):
        marks = (Mark(item.name, leftwards), Mark(item.name, not leftwards))
        steps.append(Step(MARK, mark=marks[0]))
        _compile_item(item.item, leftwards, steps)
        steps.append(Step(MARK, mark=marks[1]))
    elif isinstance(item, Choice):
        _compile_choice(item, leftwards, steps)
    else:
        _compile_repeat(item, leftwards, steps)


def _compile_choice(choice: Choice, leftwards: bool, steps: list[Step]) -> None:
    jumps = []
    for option in choice.options[:-1]:
        split = len(steps)
        steps.append(Step(SPLIT))
        _compile_item(option, leftwards, steps)
        jumps.append(len(steps))
        steps.append(Step(JUMP))
        steps[split] = Step(SPLIT, first=split + 1, second=len(steps))
    _compile_item(choice.options[-1], leftwards, steps)
    for jump in jumps:
        steps[jump] = Step(JUMP, first=len(steps))


def _compile_repeat(repeat: Repeat, leftwards: bool, steps: list[Step]) -> None:
    for _ in range(repeat.least):
        _compile_item(repeat.item, leftwards, steps)
    if repeat.most is None:
        loop = len(steps)
        steps.append(Step(SPLIT))
        _compile_item(repeat.item, leftwards, steps)
        steps.append(Step(JUMP, first=loop))
        steps[loop] = Step(SPLIT, first=loop + 1, second=len(steps))
        return
    splits = []
    for _ in range(repeat.most - repeat.least):
        splits.append(len(steps))
        steps.append(Step(SPLIT))
        _compile_item(repeat.item, leftwards, steps)
    for split in splits:
        steps[split] = Step(SPLIT, first=split + 1, second=len(steps))
