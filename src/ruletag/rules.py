"""Rules in a searchable form, and the requirements on their patterns. Parses the notation, never runs a rule.

`rule_file` reads rules from YAML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ruletag import trees
from ruletag.model import VETOED, Document, Entry, Source
from ruletag.pattern import Atom, Choice, Node, PatternError, parse
from ruletag.program import Plan, Program, plans, program


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence with the spans that the rule, by itself, must find in it; `line` says where it is written."""

    document: Document
    line: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, ready to be searched. `source` names it and says where it is written.

    `patterns`, `beside` (`unless` before and after, empty if not specified) and `level` (`priority`) are the texts that
    it was read from, `macros` those that it may use; a text from a file is a `positions.Text`.
    """

    id: str
    label: str
    why: str
    source: Source
    patterns: tuple[str, ...]
    trees: tuple[Node, ...]
    plans: tuple[Plan, ...]
    before: Program | None
    after: Program | None
    stage: int
    priority: int
    examples: tuple[Example, ...]
    beside: tuple[str, str] = field(default=("", ""), compare=False)
    macros: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    level: str = field(default="", compare=False)

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """The atoms of the patterns of the rule."""
        return tuple(atom for tree in self.trees for atom in trees.atoms(tree))

    @property
    def all_atoms(self) -> tuple[Atom, ...]:
        """The atoms of the patterns and of `unless`."""
        guards = [step.atom for program in (self.before, self.after) for step in program or () if step.atom]
        return (*self.atoms, *guards)

    @property
    def asks_for_entities(self) -> bool:
        """Whether a pattern, or its `unless`, asks for entities of earlier stages."""
        return any(atom.kind == "entity" for atom in self.all_atoms)


@dataclass(frozen=True, slots=True)
class Veto:
    """A surface that is never a name: of no label, or not of `label`, or not beside `before` and `after`.

    `beside` are the texts of `before` and `after`, and `macros` those that they may use, as in a rule.
    """

    name: str
    source: Source
    label: str = ""
    before: Program | None = None
    after: Program | None = None
    example: str = ""
    beside: tuple[str, str] = field(default=("", ""), compare=False, repr=False)
    macros: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def entry(self) -> Entry:
        """The entry by which the lexicon finds the surface."""
        return Entry(self.name, VETOED, self.source._replace(kind="entry"))


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules and vetoes of some folders, and the macros that a guideline's own rules may use as well."""

    rules: tuple[Rule, ...]
    macros: Mapping[str, str]
    vetoes: tuple[Veto, ...] = ()


class Pattern(NamedTuple):
    """A pattern of a rule: as written, as a tree, and as the ways to search it."""

    text: str
    tree: Node
    plans: tuple[Plan, ...]


def pattern(text: str, macros: Mapping[str, str], classes: frozenset[str]) -> Pattern:
    """A pattern of `match`. Raises PatternError if it cannot be read or searched, or does not mark exactly one name."""
    tree = parse(text, macros, classes)
    if len(trees.entities(tree)) != 1:
        is_open_choice = isinstance(tree, Choice) and bool(trees.all_entities(tree))
        help = "put a choice into ( ): (a | b) [ Cap ]" if is_open_choice else "put [ ] around the name"
        raise PatternError(1, "a pattern needs exactly one [ … ], outside ? and *", help)
    if any(trees.is_optional(group.item) for group in trees.all_entities(tree)):
        raise PatternError(1, "the content of [ … ] may be empty", "require a word outside ? and *")
    return Pattern(text, tree, plans(tree))


def side(text: str, name: str, macros: Mapping[str, str], classes: frozenset[str]) -> Program | None:
    """The program of a pattern `before` or `after` a match; None for an empty text.

    Raises PatternError if it cannot be read.
    """
    return program(parse(text, macros, classes), leftwards=name == "before") if text else None
