"""Queries on the tree of a pattern: its square brackets, whether it may be empty, its atoms."""

from __future__ import annotations

from itertools import islice

from ruletag.pattern import ENTITY, Absent, Atom, Choice, Group, Node, Repeat, Sequence


def entities(node: Node) -> list[Group]:
    """The square brackets on one path through a pattern, at most two; those in a repeat or in some options count as
    two."""
    if isinstance(node, Group):
        return (([node] if node.name == ENTITY else []) + entities(node.item))[:2]
    if isinstance(node, Sequence):
        return list(islice((group for item in node.items for group in entities(item)), 2))
    if isinstance(node, Choice):
        options = [entities(option) for option in node.options]
        have_equal_counts = len({len(option) for option in options}) == 1
        return max(options, key=len) if have_equal_counts else (max(options, key=len) * 2)[:2]
    if isinstance(node, Repeat):
        return (entities(node.item) * 2)[:2]
    return []


def all_entities(node: Node) -> list[Group]:
    """The square brackets of all options."""
    if isinstance(node, Group):
        return [node] if node.name == ENTITY else all_entities(node.item)
    if isinstance(node, (Sequence, Choice)):
        members = node.items if isinstance(node, Sequence) else node.options
        return [group for member in members for group in all_entities(member)]
    return []


def is_optional(node: Node) -> bool:
    """Whether a node can match without consuming any text."""
    if isinstance(node, Sequence):
        return all(is_optional(item) for item in node.items)
    if isinstance(node, Choice):
        return any(is_optional(option) for option in node.options)
    if isinstance(node, Repeat):
        return not node.least or is_optional(node.item)
    return isinstance(node, Absent) or (isinstance(node, Group) and is_optional(node.item))


def atoms(node: Node) -> list[Atom]:
    """Every atom, in the order of the pattern."""
    if isinstance(node, Atom):
        return [node]
    if isinstance(node, Absent):
        return [node.atom]
    if isinstance(node, (Group, Repeat)):
        return atoms(node.item)
    members = node.items if isinstance(node, Sequence) else node.options
    return [atom for member in members for atom in atoms(member)]
