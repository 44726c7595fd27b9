"""Head nouns: whether the common noun before a name (*lac Tavert*, *préfecture de Nice*) is inside the span or
outside.

A guideline decides noun by noun. A noun outside is cut off; one inside is pulled in, and the whole has the label that
the guideline gives. Only nouns in lower case are affected: one with a capital is part of the name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from ruletag.model import LABELS, Candidate, Part
from ruletag.nouns import LINK, Found, edges, heads_before, heads_inside

OUT = "out"
GROUPS = (OUT, *LABELS)


class Heads(NamedTuple):
    """A guideline's decisions about head nouns: `OUT`, or the label of a name that includes the noun.

    A noun is spelt as `spelling_fault` requires: `lac` directly before the name, `lac de` with a preposition between.
    """

    decided: Mapping[str, str] = {}

    @property
    def first_words(self) -> dict[str, str]:
        """The words that heads begin with, each with the label that all of these give; `OUT` if they differ."""
        words: dict[str, str] = {}
        for head, decision in self.decided.items():
            word = edges(head)[0]
            words[word] = decision if words.get(word, decision) == decision else OUT
        return words

    def last_words(self, *, linked: bool) -> set[str]:
        """The last words of the heads that are pulled in: of those with a preposition behind them, or of the others."""
        pulled = (head for head, decision in self.decided.items() if decision != OUT)
        return {edges(head)[1] for head in pulled if head.endswith(LINK) == linked}

    def shape(self, plain: str, winner: Candidate, beaten: Callable[[], Iterable[Candidate]]) -> list[Candidate]:
        """The spans made from a winner; `beaten` gives the candidates that lost to it, in the total order.

        If a head is cut off, the candidates that the engine found after it are used; if there are none, the rest keeps
        its label if it begins with a capital, and is not a span otherwise.
        """
        inside = self._inside(plain, winner)
        if inside:
            decision = self.decided[inside.head]
            if decision == OUT:
                rest = winner._replace(start=inside.name, id=None, surname=None)
                behind = [each for each in beaten() if inside.name <= each.start and each.end <= winner.end]
                return _best(behind) or ([] if plain[inside.name].islower() else [rest])
            return [winner if decision == winner.label else winner._replace(label=decision, id=None, surname=None)]
        before = self._before(plain, winner)
        if not before:
            return [winner]
        parts = (Part("head", before.start, winner.start), *winner.parts)
        label = self.decided[before.head]
        return [winner._replace(start=before.start, label=label, parts=parts, id=None, surname=None)]

    def _inside(self, plain: str, span: Candidate) -> Found | None:
        if not plain[span.start].islower():
            return None
        found = (each for each in heads_inside(plain[span.start : span.end]) if each.head in self.decided)
        return next((each._replace(start=span.start, name=span.start + each.name) for each in found), None)

    def _before(self, plain: str, span: Candidate) -> Found | None:
        """The head before a span that is to be pulled in.

        A person or a work is part of the name only directly after the head: « rue Pasteur », not « rue de Pasteur ».
        """
        for each in heads_before(plain, span.start):
            decision = self.decided.get(each.head)
            if decision:
                is_of_another = span.label in ("PER", "MISC") and not each.close
                return None if decision == OUT or is_of_another else each
        return None


def _best(losers: Iterable[Candidate]) -> list[Candidate]:
    """Of candidates in the total order, the best and the next best without overlap, in reading order."""
    best: list[Candidate] = []
    for loser in losers:
        if all(loser.end <= each.start or each.end <= loser.start for each in best):
            best.append(loser)
    return sorted(best, key=lambda each: each.start)
