"""Likely mistakes in gold: inconsistencies, and marks that are probably unintended. No tagger is involved.

Findings come with the most likely mistake first. A finding compares two ways of marking the same thing by how often the
gold uses the usual one and the other. Texts are compared folded and in lower case: case, accents, and kinds of
apostrophe, hyphen and space make no difference. Documents without gold are skipped.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

from ruletag.evaluation.occurrences import Mark, Place, Spot, key_of, other_occurrences, place_of
from ruletag.formats.readings import in_words, words_around
from ruletag.guideline import opens_sentence
from ruletag.model import Document, Entity

EXPECTED_MARKS = 3  # as the neighbours suggest: the chance of no mark at all is then 1 in 20 (Poisson)
LONGEST_ABBREVIATION = 5  # letters before a full stop that may belong to the name: *Corp.*, *Bros.*, *Gouv.*

_LEADING = frozenset(" \t\r\n\u00a0\u202f,;:.!?…)]}»”’'–—-")
_TRAILING = frozenset(" \t\r\n\u00a0\u202f,;:…([{«“‘–—-")
_PAIRS = (("«", "»"), ("“", "”"), ("(", ")"), ("[", "]"))


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the gold that looks like a mistake.

    `places` are marked in the unusual way, `others` in the usual one; `others` may be empty. `usual` and `unusual`
    count the two ways.
    """

    code: str
    message: str
    places: tuple[Place, ...]
    others: tuple[Place, ...]
    usual: int
    unusual: int

    @property
    def odds(self) -> Fraction:
        """Uses of the usual way for each use of the unusual one."""
        return Fraction(self.usual, self.unusual)

    def sort_key(self) -> tuple[Fraction, int, str, Place, str]:
        """Puts the most likely mistake first: the highest odds, then the most cases."""
        first = self.places[0]
        return (-self.odds, -self.usual, self.code, first._replace(document=first.document or ""), self.message)


class _Line(NamedTuple):
    """Start, number of marks and number of words of a line of a text."""

    start: int
    marks: int
    words: int


def gold_check(documents: Iterable[Document]) -> list[Finding]:
    """All findings, the most likely mistake first; one for each surface, with all its places in order."""
    gold = [document for document in documents if document.annotated]
    marked: dict[bytes, list[Mark]] = defaultdict(list)
    for document in gold:
        for entity in document.entities:
            marked[key_of(entity.text)].append(Mark(document, entity))
    unmarked, cut = other_occurrences(gold, marked)
    findings = [
        *_several_labels(marked),
        *_marked_and_not(marked, unmarked),
        *_two_borders(marked, cut),
        *_stray_ends(marked),
        *_inside_words(marked),
        *_duplicates(marked),
        *_overlapping(gold),
        *_unmarked_lines(gold),
    ]
    return sorted(findings, key=Finding.sort_key)


def _several_labels(marked: dict[bytes, list[Mark]]) -> Iterator[Finding]:
    for marks in marked.values():
        labels = Counter(mark.entity.label for mark in marks)
        usual, *rest = sorted(labels, key=lambda label: (-labels[label], label))
        if rest:
            places = [mark.place for mark in marks if mark.entity.label != usual]
            others = [mark.place for mark in marks if mark.entity.label == usual]
            text = marks[0].entity.text
            rare = ", ".join(f"{label} {_times(labels[label])}" for label in rest)
            yield _finding("RT501", f"{text!r} is {rare}, but {usual} {_times(len(others))}", places, others)


def _marked_and_not(marked: dict[bytes, list[Mark]], unmarked: dict[bytes, list[Spot]]) -> Iterator[Finding]:
    for key, spots in unmarked.items():
        marks = [mark.place for mark in marked[key]]
        bare = [spot.place for spot in spots]
        text = marks[0].text
        with_mark = f"marked {_labels(marks)} {_times(len(marks))}"
        without_mark = f"unmarked {_times(len(bare))}"
        if len(bare) <= len(marks):
            yield _finding("RT502", f"{text!r} is {without_mark}, but {with_mark}", bare, marks)
        else:
            yield _finding("RT502", f"{text!r} is {with_mark}, but {without_mark}", marks, bare)


def _two_borders(marked: dict[bytes, list[Mark]], cut: dict[tuple[bytes, bytes], list[Spot]]) -> Iterator[Finding]:
    for (whole, _), spots in cut.items():
        wholes = [mark.place for mark in marked[whole]]
        cores = [spot.place for spot in spots]
        name, core = wholes[0].text, cores[0].text
        times_whole, times_core = _times(len(wholes)), _times(len(cores))
        if len(cores) <= len(wholes):
            message = f"{name!r} is marked only as {core!r} {times_core}, but as a whole {times_whole}"
            yield _finding("RT503", message, cores, wholes)
        else:
            message = f"{name!r} is marked as a whole {times_whole}, but only as {core!r} {times_core}"
            yield _finding("RT503", message, wholes, cores)


def _stray_ends(marked: dict[bytes, list[Mark]]) -> Iterator[Finding]:
    total = sum(map(len, marked.values()))
    for marks in marked.values():
        strays = [(fault, mark) for mark in marks if (fault := _end_fault(mark.entity.text))]
        if strays:
            fault, first = strays[0]
            places = [mark.place for _, mark in strays]
            message = f"{first.entity.text!r} {fault}"
            yield Finding("RT504", message, tuple(places), (), total - len(places), len(places))


def _inside_words(marked: dict[bytes, list[Mark]]) -> Iterator[Finding]:
    total = sum(map(len, marked.values()))
    for marks in marked.values():
        cut = [mark for mark in marks if in_words(mark.document.text, mark.entity.start, mark.entity.end)]
        if cut:
            (document, entity), places = cut[0], tuple(mark.place for mark in cut)
            words = words_around(document.text, entity.start, entity.end)
            message = f"{entity.text!r} begins or ends inside a word: {words!r}"
            yield Finding("RT508", message, places, (), total - len(places), len(places))


def _end_fault(surface: str) -> str:
    """A phrase for what is wrong with the ends of a surface; empty if nothing is."""
    if surface[0] in _LEADING:
        return f"begins with {surface[0]!r}"
    if surface[-1] in _TRAILING or (surface[-1] == "." and _ends_a_sentence(surface)):
        return f"ends with {surface[-1]!r}"
    for opening, closing in _PAIRS:
        if surface.count(opening) > surface.count(closing):
            return f"has {opening} without {closing}"
        if surface.count(opening) < surface.count(closing):
            return f"has {closing} without {opening}"
    return ""


def _ends_a_sentence(surface: str) -> bool:
    """Whether the full stop at the end follows a word too long for an abbreviation."""
    word = surface.split()[-1][:-1]
    return len(word) > LONGEST_ABBREVIATION and "." not in word


def _duplicates(marked: dict[bytes, list[Mark]]) -> Iterator[Finding]:
    total = sum(map(len, marked.values()))
    for marks in marked.values():
        spans: dict[tuple[int, int, int], list[Mark]] = defaultdict(list)
        for mark in marks:
            spans[id(mark.document), mark.entity.start, mark.entity.end].append(mark)
        for duplicates in spans.values():
            if len(duplicates) > 1:
                labels = " and ".join(dict.fromkeys(mark.entity.label for mark in duplicates))
                text, times = duplicates[0].entity.text, _times(len(duplicates))
                message = f"{text!r} is marked {times} at the same place, as {labels}"
                extra = len(duplicates) - 1
                yield Finding("RT505", message, (duplicates[0].place,), (), total - extra, extra)


def _overlapping(documents: Sequence[Document]) -> Iterator[Finding]:
    total = sum(len(document.entities) for document in documents)
    pairs: dict[tuple[bytes, bytes], list[tuple[Mark, Entity]]] = defaultdict(list)
    for document in documents:
        for outer, inner in _overlaps(document.entities):
            pairs[key_of(outer.text), key_of(inner.text)].append((Mark(document, inner), outer))
    for overlaps in pairs.values():
        mark, outer = overlaps[0]
        how = "lies inside" if mark.entity.end <= outer.end else "crosses the end of"
        message = f"{mark.entity.label} {mark.entity.text!r} {how} {outer.label} {outer.text!r}"
        places = tuple(mark.place for mark, _ in overlaps)
        yield Finding("RT506", message, places, (), total - len(places), len(places))


def _overlaps(entities: Sequence[Entity]) -> Iterator[tuple[Entity, Entity]]:
    """Pairs of overlapping spans that are not identical, for entities in reading order."""
    reaches = list(accumulate((entity.end for entity in entities), max))
    for index, inner in enumerate(entities):
        first = bisect_right(reaches, inner.start)
        for outer in entities[first:index]:
            if outer.end > inner.start and (outer.start, outer.end) != (inner.start, inner.end):
                yield outer, inner


def _unmarked_lines(documents: Sequence[Document]) -> Iterator[Finding]:
    """Lines without a mark that would have at least `EXPECTED_MARKS` at the rate of the lines before and after.

    Both neighbours have marks, and the line has a capitalised word that does not begin a sentence and may be a name.
    """
    for document in documents:
        lines = [line for line in _lines(document) if line.words]
        for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
            if line.marks or not (before.marks and after.marks) or not _has_inner_capital(document.text, line.start):
                continue
            expected = Fraction((before.marks + after.marks) * line.words, before.words + after.words)
            if expected >= EXPECTED_MARKS:
                message = f"no mark in {line.words} words, where the neighbouring lines suggest {round(expected)}"
                text = document.text[line.start :].split("\n", 1)[0]
                place = place_of(document, line.start, text.strip(), "")
                yield Finding("RT507", message, (place,), (), round(expected), 1)


def _lines(document: Document) -> Iterator[_Line]:
    marks = Counter(document.text.count("\n", 0, entity.start) for entity in document.entities)
    start = 0
    for number, text in enumerate(document.text.split("\n")):
        yield _Line(start, marks[number], len(text.split()))
        start += len(text) + 1


def _has_inner_capital(text: str, start: int) -> bool:
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    return any(
        text[offset].isupper() and not text[offset - 1].isalnum() and not opens_sentence(text, offset)
        for offset in range(start + 1, end)
    )


def _finding(code: str, message: str, places: Sequence[Place], others: Sequence[Place]) -> Finding:
    return Finding(code, message, tuple(places), tuple(others), len(others), len(places))


def _labels(places: Iterable[Place]) -> str:
    return " or ".join(sorted({place.label for place in places}))


def _times(number: int) -> str:
    return "once" if number == 1 else "twice" if number == 2 else f"{number} times"
