"""Head nouns: decides whether the common noun before a name (*lac Tavert*, *préfecture de Nice*) is inside the span.

A guideline decides noun by noun. A noun outside is cut off; one inside is pulled in, and the resulting span gets the
label from the guideline. Only nouns in lower case are affected: one with a capital is part of the name.
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
        """The first words of heads, each with the decision that all heads with it share; `OUT` if they differ."""
        words: dict[str, str] = {}
        for head, decision in self.decided.items():
            word = edges(head)[0]
            words[word] = decision if words.get(word, decision) == decision else OUT
        return words

    def last_words(self, *, linked: bool) -> set[str]:
        """The last words of the heads that are pulled in: those `linked` to names by a preposition, or the others."""
        pulled = (head for head, decision in self.decided.items() if decision != OUT)
        return {edges(head)[1] for head in pulled if head.endswith(LINK) == linked}

    def shape(self, plain: str, winner: Candidate, beaten: Callable[[], Iterable[Candidate]]) -> list[Candidate]:
        """The spans made from a winner; `beaten` returns the candidates that lost to it, in the total order.

        If a head is cut off, the candidates that the engine found after it are used; if there are none, the rest keeps
        its label if it begins with a capital, and is not a span otherwise.
        """
        inside = self._head_inside(plain, winner)
        if inside:
            decision = self.decided[inside.head]
            if decision == OUT:
                rest = winner._replace(start=inside.name, id=None, surname=None)
                after = [loser for loser in beaten() if inside.name <= loser.start and loser.end <= winner.end]
                return _best_without_overlap(after) or ([] if plain[inside.name].islower() else [rest])
            return [winner if decision == winner.label else winner._replace(label=decision, id=None, surname=None)]
        before = self._head_before(plain, winner)
        if not before:
            return [winner]
        parts = (Part("head", before.start, winner.start), *winner.parts)
        label = self.decided[before.head]
        return [winner._replace(start=before.start, label=label, parts=parts, id=None, surname=None)]

    def _head_inside(self, plain: str, span: Candidate) -> Found | None:
        if not plain[span.start].islower():
            return None
        for noun in heads_inside(plain[span.start : span.end]):
            if noun.head in self.decided:
                return noun._replace(start=span.start, name=span.start + noun.name)
        return None

    def _head_before(self, plain: str, span: Candidate) -> Found | None:
        """The head before a span that is to be pulled in.

        A PER or MISC span is pulled in only if it directly follows the head: « rue Pasteur », not « rue de Pasteur ».
        """
        for noun in heads_before(plain, span.start):
            decision = self.decided.get(noun.head)
            if decision:
                is_separate = span.label in ("PER", "MISC") and not noun.close
                return None if decision == OUT or is_separate else noun
        return None


def _best_without_overlap(losers: Iterable[Candidate]) -> list[Candidate]:
    """The best of candidates in the total order, and the next best without overlap, in reading order."""
    best: list[Candidate] = []
    for loser in losers:
        if all(loser.end <= chosen.start or chosen.end <= loser.start for chosen in best):
            best.append(loser)
    return sorted(best, key=lambda candidate: candidate.start)
