"""Finds capitalised words that nothing recognised: no entry, no rule and no losing candidate covers them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from operator import itemgetter
from typing import NamedTuple

from ruletag.fold import fold_key, lower_key
from ruletag.guideline import opens_sentence
from ruletag.model import Document
from ruletag.plain.matcher import NearMiss

_WORD = r"[^\W\d_a-zà-öø-ÿ][\w'’-]*"
_RUN = re.compile(rf"(?<!\w){_WORD}(?: {_WORD})*")
_NEAR = 40  # the most characters between a run and an anchor that counts as near
_MOST = 2  # number of rules that are named


class Unreached(NamedTuple):
    """A run of capitalised words, in the offsets of the text, and the rules with the nearest anchors on its line."""

    start: int
    end: int
    text: str
    nearest: tuple[NearMiss, ...]


def unreached(
    document: Document, entry_spans: Iterable[tuple[int, int]], misses: Iterable[NearMiss], common: Collection[bytes]
) -> list[Unreached]:
    """The runs that overlap no span, no part or anchor of one, and no losing candidate.

    A run that lies inside an entry is left out (`entry_spans` are those of all entries, including those of word
    classes), and so is a word of the language that is capitalised only because it begins a sentence.
    """
    matched = [part for entity in document.entities for part in (entity, entity.anchor, *entity.parts) if part]
    taken = [(part.start, part.end) for part in (*matched, *document.alternatives)]
    entry_spans, misses = list(entry_spans), list(misses)
    runs = []
    for match in _RUN.finditer(document.text):
        start, end = match.span()
        if opens_sentence(document.text, start) and _is_common(match[0].split(" ")[0], common):
            start = min(end, start + len(match[0].split(" ")[0]) + 1)
        is_in_entry = any(first <= start and end <= last for first, last in entry_spans)
        if start < end and not is_in_entry and not any(first < end and start < last for first, last in taken):
            runs.append(Unreached(start, end, document.text[start:end], _nearest(document.text, start, end, misses)))
    return runs


def _is_common(word: str, common: Collection[bytes]) -> bool:
    return lower_key(fold_key(word)) in common


def _nearest(text: str, start: int, end: int, misses: Iterable[NearMiss]) -> tuple[NearMiss, ...]:
    """The near misses with the nearest anchors on the same line, one for each rule."""
    nearest: dict[str, tuple[int, str, NearMiss]] = {}
    for miss in misses:
        first, last = miss.anchor.start, miss.anchor.end
        between = text[last:start] if last <= start else text[end:first]
        if len(between) <= _NEAR and "\n" not in between:
            ranked = (len(between), miss.rule.id, miss)
            nearest[miss.rule.id] = min(nearest.get(miss.rule.id, ranked), ranked, key=itemgetter(0, 1))
    return tuple(miss for _, _, miss in sorted(nearest.values(), key=itemgetter(0, 1))[:_MOST])
