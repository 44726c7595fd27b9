"""A correction as knowledge to copy: a gazetteer entry, and a rule template with its sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ruletag.markup import render
from ruletag.model import Document, Entity
from ruletag.review.pile import NoDocument
from ruletag.review.search import places
from ruletag.review.spans import Span, Triple
from ruletag.review.store import Store

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")
_WORD = re.compile(r"\w[\w'’-]*")
_LONGEST = 300


def proposal(store: Store, id: int, start: int, end: int, label: str) -> dict[str, Any]:
    """YAML for a name in a document: an `entry`, and a `rule` with two examples. The silent one is the first sentence
    of the pile that has the word before the name, but no name; a placeholder if there is none."""
    paper = store.paper(id)
    if paper is None or not 0 <= start < end <= len(paper.text):
        raise NoDocument(id)
    surface = paper.text[start:end]
    first, last = sentence(paper.text, start, end)
    marked = _marked(paper.text[first:last], [(start - first, end - first, label)])
    before = _WORD.findall(paper.text[first:start])
    silent = _silent(store, before[-1]) if before else ""
    anchor = _quoted(before[-1].lower()) + " " if before else ""
    return {
        "entry": f"label: {label}\nentries:\n  - {_quoted(surface)}\n",
        "rule": (
            f"rules:\n  - id: {label.lower()}.new\n    label: {label}\n"
            "    why: Say here why these words announce a name.\n"
            f"    match: {_quoted(anchor + '[ Cap{1,3} ]')}\n"
            f"    examples:\n      - {_quoted(marked)}\n"
            f"      - {_quoted(silent or 'Write here a similar sentence without a name.')}\n"
        ),
    }


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The borders of the sentence around a span."""
    first = max((match.end() for match in _SENTENCE_END.finditer(text, 0, start)), default=0)
    match = _SENTENCE_END.search(text, end)
    return max(first, start - _LONGEST), min(match.start() if match else len(text), end + _LONGEST)


def _silent(store: Store, word: str) -> str:
    """The first sentence of the pile that has a word but no seed; empty if there is none."""
    for paper in store.papers():
        if word not in paper.text or paper.run is None:
            continue
        spans = [Span(seed.id, *seed.span, "seed") for seed in store.seeds(paper.id, paper.run)]
        for start in places(paper.text, word):
            first, last = sentence(paper.text, start, start + len(word))
            if not any(span.start < last and first < span.end for span in spans) and last - first > len(word) + 10:
                return _marked(paper.text[first:last], [])
    return ""


def _marked(text: str, spans: Iterable[Triple]) -> str:
    """A sentence on one line, in markup."""
    line = re.sub(r"\s", " ", text)
    return render(
        Document(line, tuple(Entity(start, end, label, line[start:end]) for start, end, label in spans))
    ).strip()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", " ", escaped) + '"'
