"""Detects offsets that were counted in one way and read in another: many spans then begin or end inside words.

Only spans that another reading would move are considered. If most of them cut a word as read, and hardly any would in
the other reading, that reading is taken to be right.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from ruletag.errors import Fault, RuletagError
from ruletag.formats.contract import NO_OFFSETS
from ruletag.formats.offsets import CodePoints, offsets
from ruletag.formats.readings import NAMES, cuts_word, others
from ruletag.model import Document, Entity

FEWEST = 2  # spans that cut words; a single one may be intended
MOST_LEFT = 10  # in the right reading, at most one span in this many may cut a word


class _Tally(NamedTuple):
    """The numbers of spans that another reading would move: all, those that cut a word now, those that would then."""

    moved: int
    now: int
    then: int

    @property
    def convinces(self) -> bool:
        return self.now >= FEWEST and 2 * self.now > self.moved and MOST_LEFT * self.then <= self.moved


def refuse_drift(documents: Iterable[Document], units: Mapping[str, str]) -> None:
    """Raise RuletagError with a fault for each file whose spans fit much better when counted in another way.

    `units` maps each path to the unit in which its spans were read; other files are ignored.
    """
    files: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        if units.get(document.path, NO_OFFSETS) != NO_OFFSETS and document.entities:
            files[document.path].append(document)
    faults = [fault for path, members in files.items() for fault in _fault(path, members, units[path])]
    if faults:
        raise RuletagError(faults)


def _fault(path: str, documents: Sequence[Document], unit: str) -> Iterable[Fault]:
    cut = [(document, entity) for document in documents for entity in document.entities if _cuts(document, entity)]
    if len(cut) < FEWEST:
        return
    tallies: dict[str, tuple[str, _Tally]] = {}
    for name, reading in others(unit):
        tally = _tally(documents, unit, reading.of)
        if tally.convinces:
            tallies[name] = (reading.how, tally)
    if not tallies:
        return
    name = min(tallies, key=lambda name: (tallies[name][1].then, -tallies[name][1].now))
    how, tally = tallies[name]
    remaining = f"{tally.then} of these" if tally.then else "none"
    message = f"{tally.now} spans begin or end inside words; counted {how}, {remaining} would"
    help = f"use --offsets {name}; then `ruletag gold-check` lists what remains. --offsets "
    current = NAMES.get(unit, "code-points")
    document, entity = cut[0]
    yield Fault(path, "RT115", message, document.line(entity.start), help=f"{help}{current} keeps them as they are")


def _cuts(document: Document, entity: Entity) -> bool:
    return cuts_word(document.text, entity.start, entity.end)


def _tally(documents: Sequence[Document], unit: str, other_offsets: Callable[[str], CodePoints]) -> _Tally:
    counts: Counter[str] = Counter()
    for document in documents:
        text = document.text
        current, other = offsets(text, unit), other_offsets(text)
        for entity in document.entities:
            span = _reread(entity, current, other)
            if span == (entity.start, entity.end):
                continue
            counts["moved"] += 1
            counts["now"] += _cuts(document, entity)
            counts["then"] += span is None or cuts_word(text, *span)
    return _Tally(counts["moved"], counts["now"], counts["then"])


def _reread(entity: Entity, current: CodePoints, other: CodePoints) -> tuple[int, int] | None:
    """The span of an entity in code points if its offsets are read another way; None if they would not fit the text."""
    try:
        start, end = other.span(current.outer(entity.start), current.outer(entity.end))
    except ValueError:
        return None
    return (start, end) if start < end else None
