"""The values that flow through the tagger. All are frozen; spans of entities are checked when they are built.

Offsets are half-open code points, everywhere: `text[start:end]` is the surface.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ruletag.confidence import level_of

LABELS = ("PER", "LOC", "ORG", "MISC")
VETOED = "not"  # the key of surfaces that are never names


# Kinds of source, in order of precedence for equal spans.
STANDINGS = ("a rule with an entry", "memory", "an entry", "a rule")
_STANDING = {"memory": 1, "entry": 2, "rule": 3}


class Source(NamedTuple):
    """The rule or gazetteer entry responsible for a span, and where it is written.

    `kind` is `rule`, `entry`, `memory` or `gold`; sources are ordered by kind, then name, path and line.
    """

    kind: str
    name: str
    path: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """The file and line where it is written; empty if there is none."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def __str__(self) -> str:
        return f"{self.name} ({self.place})" if self.place else self.name


GOLD = Source("gold", "gold")  # a span that an annotator made


class Entry(NamedTuple):
    """One surface of a gazetteer or word class, as written, with its file and line.

    `key` is the label (`PER`) or the class (`title`). An `ambiguous` entry makes no entity by itself: it counts only
    where a rule asks for it. `surname` is the family name that memory may license (the whole name if there is none);
    `alone` says that this surface is a family name by itself; `settled`, that the file states whether it is ambiguous;
    `by_rule`, that the file does not contain this spelling (see `variants`).
    """

    surface: str
    key: str
    source: Source
    ambiguous: bool = False
    id: str | None = None
    surname: str | None = None
    alone: bool = False
    settled: bool = False
    by_rule: bool = False

    @property
    def is_label(self) -> bool:
        return self.key in LABELS


class Hit(NamedTuple):
    """An occurrence of an entry, in offsets of the folded text."""

    start: int
    end: int
    entry: Entry


class Part(NamedTuple):
    """A piece of text near a name that a guideline may pull into the span: its title, its determiner…"""

    name: str
    start: int
    end: int


class Candidate(NamedTuple):
    """A span proposed by a rule, an entry or the memory. `resolve` decides between candidates.

    `via` is the span of the mention that licensed it, if memory made it. `confirmed` says that an unambiguous entry has
    the same span and label as the rule.
    """

    start: int
    end: int
    label: str
    source: Source
    priority: int = 0
    parts: tuple[Part, ...] = ()
    anchor: Part | None = None
    id: str | None = None
    surname: str | None = None
    via: tuple[int, int] | None = None
    confirmed: bool = False

    @property
    def standing(self) -> int:
        """The precedence of the kind of source: an index of `STANDINGS`."""
        return 0 if self.confirmed else _STANDING[self.source.kind]


class Loss(NamedTuple):
    """A candidate that did not become an entity, and the winner that it lost to, or the veto that stopped it."""

    loser: Candidate
    winner: Candidate | None
    veto: Source | None = None

    @property
    def reason(self) -> str:
        """The first criterion on which the two differ."""
        loser, winner, veto = self
        if winner is None:
            return f"vetoed by {veto}"
        if loser.priority != winner.priority:
            return f"priority {level_of(loser.priority)} against {level_of(winner.priority)}"
        if loser.end - loser.start != winner.end - winner.start:
            return "shorter"
        if loser.start != winner.start:
            return "starts later"
        same = " (same label)" if loser.label == winner.label else ""
        if loser.standing != winner.standing:
            return f"{STANDINGS[winner.standing]} takes precedence over {STANDINGS[loser.standing]}{same}"
        return f"comes later in the order of sources{same}"


@dataclass(frozen=True, slots=True)
class Entity:
    """A name in a document: `document.text[start:end] == text`.

    `via` is the mention that licensed it, if memory made it; `parts` and `anchor` are those that the rule matched.
    """

    start: int
    end: int
    label: str
    text: str
    source: Source = GOLD
    id: str | None = None
    parts: tuple[Part, ...] = ()
    anchor: Part | None = None
    via: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a span needs 0 <= start < end, not {self.start}:{self.end}")
        if len(self.text) != self.end - self.start:
            raise ValueError(f"the surface {self.text!r} is not {self.end - self.start} code points long")

    @property
    def span(self) -> tuple[int, int, str]:
        return (self.start, self.end, self.label)


class Draft:
    """An entity under construction. All fields must be set, and the span must be valid: it is not checked.

    Building an `Entity` directly, with a check, takes five times as long.
    """

    __slots__ = Entity.__slots__


def entities_of(drafts: list[Draft]) -> list[Entity]:
    """Turn complete drafts into entities, in place; they must not be changed any more."""
    for draft in drafts:
        draft.__class__ = Entity  # type: ignore[assignment]
    return drafts  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A candidate that lost, with the reason and the span of the winner."""

    start: int
    end: int
    label: str
    text: str
    source: Source
    reason: str
    winner: tuple[int, int, str] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A text, unchanged, with its entities in reading order. Gold entities may nest; the tagger's never do.

    `meta` holds other data of an external format, and is passed through unchanged. `annotated` is false for a raw text,
    which has no gold to score against; `path` names its file, `lines` the line of that file for each line of the text
    (one number: the whole text is on that line; none: they are the same). `notes` say what the reader repaired;
    `carrier` is what a format keeps to reproduce the input, and is used by that format only.
    """

    text: str
    entities: tuple[Entity, ...] = ()
    id: str | None = None
    path: str = ""
    annotated: bool = False
    alternatives: Sequence[Alternative] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    carrier: Any = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        for entity in self.entities:
            if self.text[entity.start : entity.end] != entity.text:
                raise ValueError(f"{entity.text!r} is not at {entity.start}:{entity.end} of the text")
        object.__setattr__(self, "entities", sort_entities(self.entities))

    def line(self, offset: int) -> int:
        """The line of the file, counted from 1, that contains an offset of the text."""
        number = self.text.count("\n", 0, offset) + 1
        if len(self.lines) == 1:
            return self.lines[0]
        return self.lines[number - 1] if number <= len(self.lines) else number


class _Document:
    """A document under construction."""

    __slots__ = Document.__slots__


def document_of(text: str, entities: tuple[Entity, ...], alternatives: Sequence[Alternative]) -> Document:
    """The document of a tagged text. The entities must be valid and in reading order: nothing checks them."""
    draft: Any = _Document()
    draft.text = text
    draft.entities = entities
    draft.id = None
    draft.path = ""
    draft.annotated = False
    draft.alternatives = alternatives
    draft.meta = {}
    draft.lines = ()
    draft.notes = ()
    draft.carrier = None
    draft.__class__ = Document
    document: Document = draft
    return document


def renamed(document: Document, id: str) -> Document:
    """The document with another id; nothing in it is checked again."""
    draft: Any = _Document()
    for name in Document.__slots__:
        setattr(draft, name, getattr(document, name))
    draft.id = id
    draft.__class__ = Document
    copied: Document = draft
    return copied


def sort_entities(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """The entities in reading order; the longer of two that start together comes first."""
    return tuple(sorted(entities, key=lambda entity: (entity.start, -entity.end, entity.label)))
