"""Finds the parts of a written pattern that can be removed: options of groups, and guards. Never runs a pattern."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ruletag.pattern import pieces_of
from ruletag.tokens import BIT

MOST_OPTIONS = 10  # a longer group is a list of words, not a deliberate choice
MOST_WORDS = 6  # in one group; more should be a word class
_OPENING = ("[", "(")


class Deletion(NamedTuple):
    """A pattern without one part: the part's kind (`alternative` or `guard`), text and offset, and the rest."""

    kind: str
    removed: str
    at: int
    rest: str


class _Option(NamedTuple):
    """An option of a group, from the mark before it to the mark after it, with the kinds of its pieces."""

    start: int
    end: int
    pieces: list[str]


class WordList(NamedTuple):
    """A group that lists words: its offset, and the number of its options that consist only of words."""

    at: int
    words: int


def deletions(text: str) -> Iterator[Deletion]:
    """Deletions of each option of each group of up to `MOST_OPTIONS`, and of each guard, in the order of the pattern.

    The pattern must be readable. The rest may not be: an option can consist of a guard alone.
    """
    unsorted = [*_guards(text)]
    for options in _groups(text):
        if 1 < len(options) <= MOST_OPTIONS:
            unsorted += [_without(text, options, number) for number in range(len(options))]
    return iter(sorted(unsorted, key=lambda deletion: (deletion.at, deletion.kind)))


def word_lists(text: str) -> Iterator[WordList]:
    """The groups with more than `MOST_WORDS` words among their options, which should be a word class."""
    for options in _groups(text):
        words = sum({*option.pieces} == {"literal"} for option in options)
        if words > MOST_WORDS:
            yield WordList(options[0].start, words)


def macros_in(text: str) -> set[str]:
    """The names of the macros that a pattern uses directly."""
    return {piece[0][1:] for piece in pieces_of(text) if piece.lastgroup == "macro"}


def _without(text: str, options: list[_Option], number: int) -> Deletion:
    """The pattern without one of several options, and without the mark between it and a neighbour."""
    start, end, _ = options[number]
    if number + 1 < len(options):
        rest = text[:start] + text[options[number + 1].start :]
    else:
        rest = text[: options[number - 1].end] + text[end:]
    removed = text[start:end]
    return Deletion("alternative", removed.strip(), start + len(removed) - len(removed.lstrip()), rest)


def _groups(text: str) -> list[list[_Option]]:
    """The options of every group, including the whole pattern, in the order in which groups end."""
    closed: list[list[_Option]] = []
    open_groups = [[_Option(0, 0, [])]]
    for piece in pieces_of(text):
        mark = piece[0]
        if mark.endswith(_OPENING) and piece.lastgroup in ("mark", "part"):
            open_groups[-1][-1].pieces.append("group")
            open_groups.append([_Option(piece.end(), 0, [])])
        elif mark in ("]", ")"):
            closed.append(_closed(open_groups.pop(), piece.start()))
        elif mark == "|":
            _closed(open_groups[-1], piece.start())
            open_groups[-1].append(_Option(piece.end(), 0, []))
        else:
            open_groups[-1][-1].pieces.append(_kind(piece.lastgroup, mark))
    closed.append(_closed(open_groups.pop(), len(text)))
    return closed


def _closed(options: list[_Option], end: int) -> list[_Option]:
    options[-1] = options[-1]._replace(end=end)
    return options


def _kind(group: str | None, mark: str) -> str:
    """The kind of a piece: `literal` for a word, as opposed to a shape or a punctuation mark."""
    if group in ("word", "exact") and mark not in BIT and any(char.isalnum() for char in mark):
        return "literal"
    return group or ""


def _guards(text: str) -> Iterator[Deletion]:
    pieces = pieces_of(text)
    for number, piece in enumerate(pieces):
        if piece.lastgroup == "mark" and piece[0] == "!":
            end = _end_of_item(text, number + 1)
            start = piece.start()
            yield Deletion("guard", text[start:end], start, text[:start] + text[end:])


def _end_of_item(text: str, number: int) -> int:
    """The end of the item that begins with the piece of this number, including its shapes."""
    pieces = pieces_of(text)
    depth = 0
    while True:
        mark = pieces[number][0]
        depth += mark.endswith(_OPENING) and pieces[number].lastgroup in ("mark", "part")
        depth -= mark in (")", "]")
        number += 1
        if not depth:
            break
    while number + 1 < len(pieces) and pieces[number][0] == "&":
        number += 2
    return pieces[number - 1].end()
