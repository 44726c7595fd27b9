"""A reviewer's view of a document: proposed spans (seeds), spans as decided so far, and their state.

Offsets are half-open code points of the original text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ruletag.model import Source

Triple = tuple[int, int, str]

# States of a span. A live span is a name of the document; a proposed one is the reading of one of two reviewers, on
# which the adjudicator has not decided yet.
SEED, ACCEPTED, CHANGED, ADDED, LOCKED, DELETED = "seed", "accepted", "changed", "added", "locked", "deleted"
FIRST, SECOND = "first", "second"
LIVE = frozenset({SEED, ACCEPTED, CHANGED, ADDED, LOCKED})
PROPOSED = frozenset({FIRST, SECOND})

# States of a document.
NEW, OPEN, DONE = "new", "open", "done"

# The reviewer's decision about a seed.
VERDICTS = ("right", "relabelled", "rebound", "deleted")


class Alternative(NamedTuple):
    """A candidate that lost to a seed: its span and label, its source, and why it lost."""

    start: int
    end: int
    label: str
    source: str
    reason: str


class Seed(NamedTuple):
    """A proposed span, with its source.

    `kind`, `name` and `place` are those of its `Source`; `via` is the mention that licensed it. A `contested` seed beat
    a candidate of another label.
    """

    id: str
    start: int
    end: int
    label: str
    kind: str
    name: str
    place: str = ""
    via: str = ""
    alternatives: tuple[Alternative, ...] = ()

    @property
    def source(self) -> Source:
        """Its source, from kind, name and place."""
        path, _, line = self.place.rpartition(":")
        if path and line.isdecimal():
            return Source(self.kind, self.name, path, int(line))
        return Source(self.kind, self.name, self.place)

    @property
    def contested(self) -> bool:
        return any(alternative.label != self.label for alternative in self.alternatives)

    @property
    def span(self) -> Triple:
        return (self.start, self.end, self.label)


class Span(NamedTuple):
    """A span in its present state. `origin` is the span as it was proposed, None if the reviewer added it."""

    id: str
    start: int
    end: int
    label: str
    state: str
    origin: Triple | None = None

    @property
    def span(self) -> Triple:
        return (self.start, self.end, self.label)

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def verdict(self) -> str:
        """The decision about the proposal, one of VERDICTS; empty without a proposal or a decision."""
        if self.origin is None or self.state in (SEED, LOCKED, *PROPOSED):
            return ""
        if self.state == DELETED:
            return "deleted"
        if self.label != self.origin[2]:
            return "relabelled"
        return "right" if self.span == self.origin else "rebound"

    def decided(self) -> Span:
        """The span, marked as decided by a reviewer."""
        if self.origin is None:
            return self._replace(state=ADDED)
        return self._replace(state=ACCEPTED if self.span == self.origin else CHANGED)


@dataclass(frozen=True, slots=True)
class State:
    """A document as one reviewer left it. `spans` are by id, and None until the seeds of the document are laid out."""

    status: str = NEW
    flagged: bool = False
    comments: tuple[str, ...] = ()
    spans: Mapping[str, Span] | None = None

    @property
    def live(self) -> list[Span]:
        """The names of the document in reading order; no two overlap."""
        return sorted((span for span in (self.spans or {}).values() if span.is_live), key=lambda span: span.start)

    def with_spans(self, changed: Iterable[Span]) -> State:
        """The state with some spans replaced or added."""
        return replace(self, spans={**(self.spans or {}), **{span.id: span for span in changed}})


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the pile. `words` are separated by white space; `blind` documents are shown without their seeds.

    `run` is the number of the last run that tagged it, None if there is none.
    """

    id: int
    name: str
    text: str
    path: str = ""
    record: str | None = None  # the document's original id
    meta: Mapping[str, Any] = field(default_factory=dict)
    words: int = 0
    blind: bool = False
    run: int | None = None


def overlapping(spans: Iterable[Span], start: int, end: int) -> Iterator[Span]:
    """The live spans that overlap a range of the text."""
    return (span for span in spans if span.is_live and span.start < end and start < span.end)
