"""Measure the effect of proposals on gold and on other texts, and their risk; choose those that help together.

A text is tagged again only if a change can affect it. Nothing is rebuilt: see `ruletag.overlay`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum, sqrt
from typing import NamedTuple

from ruletag.diff import Difference, differences
from ruletag.fold import WORDS, fold_surface, lower_key
from ruletag.model import Document
from ruletag.overlay import Changes, Occurrences, Overlay
from ruletag.suggest.propose import Pair, Proposal

EXAMPLES = 3
RISKS = {
    "common": "consists of common words, and was seen in one document",
    "one-word": "is one word for a person, and was seen in one document",
    "takes": "takes spans away, and was seen in one document",
    "class": "is a word for a rule, and was seen in one document",
    "vanish": "removes more than half as many spans as it adds",
    "unseen": "changes nothing in the texts that nobody has corrected",
}
_SURE = 1.96  # standard errors on either side of a 95 % interval


class Counts(NamedTuple):
    """Right spans, predicted spans and spans of the gold."""

    right: int = 0
    predicted: int = 0
    gold: int = 0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.predicted + self.gold) if self.predicted + self.gold else 0.0

    def plus(self, right: int, predicted: int) -> Counts:
        return Counts(self.right + right, self.predicted + predicted, self.gold)


@dataclass(frozen=True, slots=True)
class Gain:
    """The changes on gold: right spans gained and lost, wrong spans added and fixed, strict F1 with its interval."""

    right: int = 0
    lost: int = 0
    wrong: int = 0
    fixed: int = 0
    f1: float = 0.0
    interval: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Reach:
    """The changes in other texts: new, gone and relabelled spans, the number of documents with any, and examples."""

    new: int = 0
    gone: int = 0
    relabelled: int = 0
    documents: int = 0
    examples: tuple[tuple[Document, Difference], ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A proposal and its measures. `risk` is the key in RISKS of the reason why it is not ticked beforehand; empty if
    there is none. `alternatives` are other classes in which the word would gain no more."""

    proposal: Proposal
    gain: Gain
    reach: Reach = Reach()
    risk: str = ""
    id: str = ""
    alternatives: tuple[str, ...] = ()

    @property
    def helps(self) -> bool:
        """Whether it improves the gold; a name that a rule already finds only must not make anything worse."""
        is_harmless = self.proposal.kind == "seen" and not self.gain.lost and not self.gain.wrong
        return self.gain.f1 > 0 or is_harmless

    @property
    def ticked(self) -> bool:
        """Whether it is accepted by default."""
        return self.helps and not self.risk


class Scale:
    """Measures changes on gold documents and on other texts. `kept` are the changes accepted so far."""

    def __init__(self, overlay: Overlay, pairs: Sequence[Pair], texts: Sequence[Document] = ()) -> None:
        self._overlay = overlay
        self._gold = [{entity.span for entity in gold.entities} for gold, _ in pairs]
        self._predicted = [frozenset(entity.span for entity in tagged.entities) for _, tagged in pairs]
        self._texts = [gold.text for gold, _ in pairs]
        self._in_gold = Occurrences(self._texts)
        self._others = texts
        self._in_others = Occurrences(document.text for document in texts)
        self._tagged: dict[int, Document] = {}
        self._unchanged = overlay.tagger(Changes())
        self.kept = Changes()
        right = sum(len(gold & predicted) for gold, predicted in zip(self._gold, self._predicted, strict=True))
        self.counts = Counts(right, sum(map(len, self._predicted)), sum(map(len, self._gold)))

    def gain(self, changes: Changes) -> Gain:
        """The effect of some changes on gold, on top of those that are kept."""
        return self._measure(changes)[0]

    def keep(self, changes: Changes, gain_only: bool = True) -> Gain | None:
        """Keep some changes if they help on top of those that are kept, and return their gain; None otherwise.

        Without `gain_only` they are also kept if they make nothing worse.
        """
        gain, changed = self._measure(changes)
        if gain.f1 <= 0 and (gain_only or gain.lost or gain.wrong):
            return None
        for number, spans in changed.items():
            gold, before = self._gold[number], self._predicted[number]
            self.counts = self.counts.plus(len(spans & gold) - len(before & gold), len(spans) - len(before))
            self._predicted[number] = spans
        self.kept |= changes
        return gain

    def reach(self, changes: Changes) -> Reach:
        """The effect of some changes, by themselves, on the other texts."""
        examples = [*self.differences(changes)]
        kinds = Counter(difference.kind for _, difference in examples)
        rebound = kinds["rebound"]
        documents = len({id(document) for document, _ in examples})
        new, gone = kinds["added"] + rebound, kinds["gone"] + rebound
        return Reach(new, gone, kinds["relabelled"], documents, tuple(_selected(examples)))

    def differences(self, changes: Changes) -> Iterator[tuple[Document, Difference]]:
        """Every span of the other texts that some changes affect, in reading order, with its document."""
        tagger = self._overlay.tagger(changes)
        for number in self._in_others.of(self._overlay.differing(changes)):
            before = self._before(number)
            for difference in differences(before, tagger.tag(before.text)):
                yield self._others[number], difference

    def _before(self, number: int) -> Document:
        """One of the other texts, tagged without changes."""
        if number not in self._tagged:
            self._tagged[number] = self._unchanged.tag(self._others[number].text)
        return self._tagged[number]

    def _measure(self, changes: Changes) -> tuple[Gain, Mapping[int, frozenset[tuple[int, int, str]]]]:
        """The gain of some changes, and the new spans of the gold documents that they affect, by number."""
        tagger = self._overlay.tagger(changes, self.kept)
        totals = Counter[str]()
        changed = {}
        effects = []
        for number in self._in_gold.of(self._overlay.differing(changes, self.kept)):
            spans = frozenset(entity.span for entity in tagger.tag(self._texts[number]).entities)
            gold, before = self._gold[number], self._predicted[number]
            if spans == before:
                continue
            changed[number] = spans
            added, removed = spans - before, before - spans
            counts = Counter(right=len(added & gold), lost=len(removed & gold))
            counts += Counter(wrong=len(added - gold), fixed=len(removed - gold))
            totals += counts
            effects.append((counts["right"] - counts["lost"], len(spans) - len(before)))
        return self._gain(totals, effects), changed

    def _gain(self, totals: Mapping[str, int], effects: Sequence[tuple[int, int]]) -> Gain:
        """The gain, with an interval by the delta method: how much it would vary with other documents.

        `effects` are the changes in right and in predicted spans, document by document.
        """
        after = self.counts.plus(sum(right for right, _ in effects), sum(predicted for _, predicted in effects))
        change = after.f1 - self.counts.f1
        spans = after.predicted + after.gold
        parts = [(2 * right - self.counts.f1 * predicted) / spans for right, predicted in effects] if spans else []
        spread = fsum(part * part for part in parts) - fsum(parts) ** 2 / max(len(self._texts), 1)
        margin = _SURE * sqrt(max(spread, 0.0))
        right, lost, wrong, fixed = (totals[name] for name in ("right", "lost", "wrong", "fixed"))
        return Gain(right, lost, wrong, fixed, change, (change - margin, change + margin))


def _selected(examples: Sequence[tuple[Document, Difference]]) -> list[tuple[Document, Difference]]:
    """A few examples, first one of each kind in each document."""
    chosen: dict[int, tuple[Document, Difference]] = {}
    keys: set[tuple[str, str]] = set()
    for number, (document, difference) in enumerate(examples):
        key = (difference.kind, document.id or document.path)
        if key not in keys:
            keys.add(key)
            chosen[number] = (document, difference)
    rest = [example for number, example in enumerate(examples) if number not in chosen]
    return [*chosen.values(), *rest][:EXAMPLES]


def weigh(scale: Scale, proposal: Proposal, common: frozenset[bytes]) -> Suggestion | None:
    """The suggestion of a proposal measured by itself; None if it does not help on the gold."""
    suggestion = Suggestion(proposal, scale.gain(proposal.changes))
    if not suggestion.helps:
        return None
    suggestion = replace(suggestion, reach=scale.reach(proposal.changes))
    return replace(suggestion, risk=risk_of(suggestion, common))


def ranked(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """The suggestions that reach most documents first, then those with the greatest gain; numbered."""
    ordered = sorted(suggestions, key=lambda suggestion: (-suggestion.reach.documents, *_by_gain(suggestion)))
    return [replace(suggestion, id=f"s{number}") for number, suggestion in enumerate(ordered, 1)]


def accept(scale: Scale, chosen: Iterable[Suggestion]) -> tuple[list[Suggestion], list[Suggestion]]:
    """Keep what helps, each measured again on top of those before it, the greatest gain first; also return the rest."""
    kept, dropped = [], []
    for suggestion in sorted(chosen, key=_by_gain):
        gain = scale.keep(suggestion.proposal.changes, gain_only=suggestion.proposal.kind != "seen")
        if gain is None:
            dropped.append(suggestion)
        else:
            kept.append(replace(suggestion, gain=gain))
    return kept, dropped


def _by_gain(suggestion: Suggestion) -> tuple[float, tuple[int, str, str]]:
    return -suggestion.gain.f1, suggestion.proposal.order


def risk_of(suggestion: Suggestion, common: frozenset[bytes]) -> str:
    """The key in RISKS of the reason why a suggestion is risky; empty if it is not."""
    proposal, reach = suggestion.proposal, suggestion.reach
    adds_name = proposal.kind in ("entry", "seen", "relabel")
    in_one_document = proposal.documents == 1
    words = WORDS.findall(lower_key(fold_surface(proposal.name).cased))
    if adds_name and in_one_document and all(word in common for word in words):
        return "common"
    if adds_name and in_one_document and proposal.key == "PER" and len(words) == 1:
        return "one-word"
    if proposal.kind in ("relabel", "ambiguous", "not", "unless") and in_one_document:
        return "takes"
    if proposal.kind == "class" and in_one_document:
        return "class"
    if adds_name and reach.gone * 2 > reach.new and reach.gone:
        return "vanish"
    return "" if reach.documents else "unseen"
