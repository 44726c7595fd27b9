"""The pattern notation of rules: parses one line over tokens into a small tree. Never runs anything.

    <title> <demonym>? [$Nom]          title:( <title> ) [ Cap (<particle>? Cap){0,3} ]

`parse` raises a `PatternError` with the column of the mistake, and expands macros on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import NoReturn

from ruletag.errors import suggest
from ruletag.fold import fold_key, lower_key, unaccented
from ruletag.model import LABELS
from ruletag.tokens import BIT, SHAPES, shapes, split_tokens

ENTITY = "entity"
PUNCTUATION = "quote punctuation, and the pattern with the other quotation marks: match: '\",\" [ Cap ]'"
PARTS = ("title", "civility", "det", "demonym", "form", "quote", "date")
MOST = 50  # the largest count in {m,n}
MOST_ITEMS = 10_000  # nested macros grow fast
DEEPEST = 20  # groups, macros and ! inside each other: code that reads a tree is recursive
_MARKS_IN_A_ROW = 2  # (x{2})+ can be written x{2}+


class PatternError(ValueError):
    """A pattern that cannot be read or can never match; `column` counts from 1."""

    def __init__(self, column: int, message: str, help: str = "", code: str = "RT301") -> None:
        super().__init__(message)
        self.column = column
        self.help = help
        self.code = code


@dataclass(frozen=True)
class Atom:
    """A condition on one token, one entry of a class or one earlier entity.

    `kind` is `word` (folded), `exact`, `class` (a word class or a label), `entity` or `shape`. `shape` is a bit that
    the first token must also have (`<demonym>&Cap`).
    """

    kind: str
    value: str
    shape: int = 0

    def __str__(self) -> str:
        written = {"exact": '"{}"', "class": "<{}>", "entity": "@{}"}.get(self.kind, "{}").format(self.value)
        own_bit = BIT[self.value] if self.kind == "shape" else 0
        return written + "".join(f"&{name}" for name, bit in BIT.items() if self.shape & ~own_bit & bit)

    @cached_property
    def key(self) -> bytes:
        """The lower folding of a literal."""
        return lower_key(fold_key(self.value))

    def spells(self, piece: str) -> bool:
        """Whether a piece of text with the letters of the literal has its accents and, if exact, its case.

        Only a capital may lack its accent: « A Paris » is `à`, « il a » is not.
        """
        return all(
            char == expected
            or not expected.isalnum()
            or (self.kind == "word" and char.lower() == expected)
            or (char.isupper() and char == unaccented(expected if self.kind == "exact" else expected.upper()))
            for expected, char in zip(self.value, piece, strict=False)
        )


@dataclass(frozen=True, slots=True)
class Absent:
    """An atom that must not come next; consumes no text (`!<LOC> Cap`: a capitalised word that is no known place)."""

    atom: Atom


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`most` is None for no limit."""

    item: Node
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """A named part: `entity` for square brackets, else a part."""

    name: str
    item: Node


Node = Atom | Absent | Sequence | Choice | Repeat | Group


def pieces_of(text: str) -> list[re.Match[str]]:
    """The pieces of a pattern as written, without spaces; `lastgroup` is the kind of a piece."""
    return [match for match in _notation().finditer(text) if match.lastgroup != "space"]


def parse(pattern: str, macros: Mapping[str, str], classes: frozenset[str]) -> Node:
    """The tree of a pattern. Raises PatternError if it is not well formed, uses an unknown name, or can never match."""
    return _Parser(pattern, _Scope(macros, classes)).whole()


@dataclass(slots=True)
class _Scope:
    """The names that a pattern may use, and the depth and size reached so far, macros included."""

    macros: Mapping[str, str]
    classes: frozenset[str]
    within: tuple[str, ...] = ()
    depth: int = 0
    items: int = 0


class _Parser:
    def __init__(self, text: str, scope: _Scope) -> None:
        self.scope = scope
        self.pieces = pieces_of(text)
        self.length = len(text)
        self.at = 0

    def whole(self) -> Node:
        tree = self.choice()
        if self.at < len(self.pieces):
            self.fail(f"unmatched {self.pieces[self.at][0]!r}", "remove it, or add the opening one")
        return tree

    def choice(self) -> Node:
        options = [self.sequence()]
        while self.take("|"):
            options.append(self.sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self) -> Node:
        items: list[Node] = []
        while self.at < len(self.pieces) and self.pieces[self.at][0] not in ("|", ")", "]"):
            items.append(self.repeated())
        if not items:
            self.fail("an empty alternative matches nothing", "write what matches there, or put ? after the group")
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def repeated(self) -> Node:
        item = self.single()
        marks = 0
        while self.at < len(self.pieces):
            mark = self.pieces[self.at][0]
            marks += mark != "&"
            if marks > _MARKS_IN_A_ROW and mark[0] in "?*+{":
                self.fail(f"{mark!r} repeats something that is repeated twice already", "write only one count")
            if mark in ("?", "*", "+"):
                item = Repeat(item, int(mark == "+"), 1 if mark == "?" else None)
            elif mark.startswith("{"):
                item = Repeat(item, *self.counts(mark))
            elif mark == "&":
                self.at += 1
                item = self.with_shape(item)
                continue
            else:
                break
            self.at += 1
        return item

    def single(self) -> Node:
        self.scope.items += 1
        if self.scope.items > MOST_ITEMS:
            self.fail(f"this pattern, with its macros written out, has more than {MOST_ITEMS} items", "use a class")
        piece = self.pieces[self.at]
        kind, text = piece.lastgroup, piece[0]
        self.at += 1
        if kind == "exact":
            return self.literal("exact", re.sub(r"\\(.)", r"\1", text[1:-1]))
        if kind == "cls":
            return self.named_class(text[1:-1])
        if kind == "entity":
            return self.entity(text[1:])
        if kind == "macro":
            return self.macro(text[1:])
        if kind == "word":
            return Atom("shape", text, BIT[text]) if text in BIT else self.literal("word", text)
        if kind == "part":
            return self.part(piece["part"])
        if text == "!":
            return self.absent()
        if text == "[":
            return Group(ENTITY, self.closed("]"))
        if text == "(":
            return self.closed(")")
        self.at -= 1
        return self.fail(f"{text!r} is not a word, class, shape or group", PUNCTUATION)

    def absent(self) -> Absent:
        here = self.at - 1
        with self.deeper():
            item = self.repeated() if self.at < len(self.pieces) else None
        if not isinstance(item, Atom):
            self.fail("! must be followed by one word, class, entity or shape", "write a ! for each", here)
        return Absent(item)

    def closed(self, mark: str) -> Node:
        opening = self.at - 1
        with self.deeper():
            inner = self.choice() if self.at < len(self.pieces) else self.fail("a group is empty", "", opening)
        if not self.take(mark):
            self.fail(f"this group is never closed by {mark!r}", f"add {mark!r}", opening)
        return inner

    @contextmanager
    def deeper(self, code: str = "RT301") -> Iterator[None]:
        """Parse inside at the next level of nesting; fails beyond the deepest."""
        if self.scope.depth == DEEPEST:
            self.fail(f"groups, macros and ! nest too deeply; {DEEPEST} levels are read", "", self.at - 1, code)
        self.scope.depth += 1
        yield
        self.scope.depth -= 1

    def part(self, name: str) -> Node:
        if name not in PARTS:
            self.fail(f"unknown part {name!r}", suggest(name, PARTS), self.at - 1)
        return Group(name, self.closed(")"))

    def literal(self, kind: str, text: str) -> Atom:
        pieces = split_tokens(fold_key(text + "x" if text.endswith(("'", "’")) else text))
        if text.endswith(("'", "’")) and pieces[-1:] == [b"x"]:
            pieces.pop()
        if len(pieces) != 1:
            self.fail(f"{text!r} is {len(pieces)} tokens, not one", "separate them with spaces", self.at - 1)
        if kind == "word" and text != text.lower():
            self.fail(
                f"the folded word {text!r} has a capital and can never match",
                f'write "{text}" for exactly this spelling, {text.lower()} for any; shapes are {", ".join(SHAPES)}',
                self.at - 1,
            )
        return Atom(kind, text)

    def named_class(self, name: str) -> Atom:
        classes = self.scope.classes | set(LABELS)
        if name not in classes:
            close = suggest(name, classes)
            absent = f"write its words into a gazetteer that begins with `class: {name}`" if name else "name a class"
            self.fail(f"unknown class <{name}>", close if close.startswith("did") else absent, self.at - 1, "RT303")
        return Atom("class", name)

    def entity(self, label: str) -> Atom:
        if label not in LABELS:
            self.fail(f"unknown label @{label}", suggest(label, LABELS), self.at - 1, "RT205")
        return Atom("entity", label)

    def macro(self, name: str) -> Node:
        scope = self.scope
        if name in scope.within:
            self.fail(
                f"the macro ${name} refers to itself",
                "define it without itself; use * or + to repeat",
                self.at - 1,
                "RT302",
            )
        if name not in scope.macros:
            self.fail(f"unknown macro ${name}", suggest(name, scope.macros), self.at - 1, "RT302")
        with self.deeper("RT302"):
            scope.within = (*scope.within, name)
            try:
                tree = _Parser(scope.macros[name], scope).whole()
            except PatternError as error:
                self.fail(f"in the macro ${name}: {error}", error.help, self.at - 1, error.code)
            scope.within = scope.within[:-1]
        return tree

    def with_shape(self, item: Node) -> Node:
        if self.at >= len(self.pieces) or self.pieces[self.at][0] not in BIT:
            self.fail("& must be followed by a shape", f"known: {', '.join(SHAPES)}")
        bit = BIT[self.pieces[self.at][0]]
        self.at += 1
        if isinstance(item, Atom) and not any(
            kind & (item.shape | bit) == item.shape | bit for kind in _kinds_of_token()
        ):
            self.fail(
                f"no token has both the shape {self.pieces[self.at - 1][0]} and what {item} requires",
                "remove one of them",
                self.at - 1,
            )
        if isinstance(item, Choice) and all(isinstance(option, Atom) for option in item.options):
            return Choice(tuple(self.narrowed(option, bit) for option in item.options if isinstance(option, Atom)))
        if not isinstance(item, Atom):
            self.fail("& applies to one word, class or entity, not a group", "put it on each member", self.at - 2)
        return self.narrowed(item, bit)

    def narrowed(self, atom: Atom, bit: int) -> Atom:
        word = atom.value
        spellings = {"exact": (word,), "word": (word, word.capitalize(), word.upper())}.get(atom.kind, ())
        if spellings and not any(shapes(fold_key(spelling)) & bit for spelling in spellings):
            self.fail(f"{atom} never has that shape", "remove the shape", self.at - 1)
        return replace(atom, shape=atom.shape | bit)

    def counts(self, mark: str) -> tuple[int, int | None]:
        low, comma, high = mark[1:-1].partition(",")
        if max(len(low), len(high)) > len(str(MOST)):
            self.fail(f"the counts of {{m,n}} go up to {MOST}", f"write {{m,n}} with m <= n, n from 1 to {MOST}")
        least, most = int(low or 0), int(high) if high else (None if comma else int(low or 0))
        if not (low or high) or max(least, most or 0) > MOST or most == 0 or (most is not None and most < least):
            self.fail(f"{mark} is not a count", f"write {{m,n}} with m <= n, n from 1 to {MOST}")
        return least, most

    def take(self, mark: str) -> bool:
        if self.at < len(self.pieces) and self.pieces[self.at][0] == mark:
            self.at += 1
            return True
        return False

    def fail(self, message: str, help: str = "", at: int | None = None, code: str = "RT301") -> NoReturn:
        at = self.at if at is None else at
        column = self.pieces[at].start() + 1 if at < len(self.pieces) else self.length + 1
        raise PatternError(column, message, help, code)


@cache
def _notation() -> re.Pattern[str]:
    """The regular expression that splits a pattern into pieces."""
    return re.compile(
        r"""(?P<space>\s+)|(?P<exact>"(?:[^"\\]|\\.)*")|(?P<cls><[^<>]*>)|(?P<entity>@\w*)|(?P<macro>\$\w*)
        |(?P<part>[a-z-]+):\(|(?P<count>\{[0-9]*(?:,[0-9]*)?\})|(?P<mark>[\[\]()|?*+&!])
        |(?P<word>[^\s"<>@$\[\]()|?*+&!{}]+)|(?P<stray>.)""",
        re.VERBOSE,
    )


@cache
def _kinds_of_token() -> frozenset[int]:
    """The shapes of a sample token of every kind: two shapes that no sample combines exclude each other."""
    words = "Macron de nationale l' L' OCS CD XIV I 14e XXe 2021 J. O.N.U. MI6 X iP , «"
    return frozenset(shapes(fold_key(word)) for word in words.split())
