"""The effect of a proposal on gold and on other texts, and its risk; and which proposals help together.

A text is only tagged again if the change can affect it. Nothing is rebuilt: see `ruletag.overlay`.
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
    """What changes on gold: right spans gained and lost, wrong spans added and fixed, strict F1 with its interval."""

    right: int = 0
    lost: int = 0
    wrong: int = 0
    fixed: int = 0
    f1: float = 0.0
    interval: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Reach:
    """What changes in other texts: spans that are new, gone, or only relabelled; in how many documents; examples."""

    new: int = 0
    gone: int = 0
    relabelled: int = 0
    documents: int = 0
    examples: tuple[tuple[Document, Difference], ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A proposal and its measures. `risk` is one of RISKS, the reason why it is not ticked beforehand; empty if there
    is none."""

    proposal: Proposal
    gain: Gain
    reach: Reach = Reach()
    risk: str = ""
    id: str = ""

    @property
    def helps(self) -> bool:
        """Whether it improves something on gold; if a rule already finds the name, it only must not make anything
        worse."""
        harmless = self.proposal.kind == "seen" and not self.gain.lost and not self.gain.wrong
        return self.gain.f1 > 0 or harmless

    @property
    def ticked(self) -> bool:
        """Whether it is accepted unless a person decides otherwise."""
        return self.helps and not self.risk


class Scale:
    """Measures changes on gold documents, and on other texts. `kept` is what has been accepted."""

    def __init__(self, overlay: Overlay, pairs: Sequence[Pair], texts: Sequence[Document] = ()) -> None:
        self._overlay = overlay
        self._wanted = [{entity.span for entity in gold.entities} for gold, _ in pairs]
        self._found = [frozenset(entity.span for entity in found.entities) for _, found in pairs]
        self._texts = [gold.text for gold, _ in pairs]
        self._in_gold = Occurrences(self._texts)
        self._others = texts
        self._in_others = Occurrences(document.text for document in texts)
        self._tagged: dict[int, Document] = {}
        self._plain = overlay.tagger(Changes())
        self.kept = Changes()
        right = sum(len(wanted & found) for wanted, found in zip(self._wanted, self._found, strict=True))
        self.counts = Counts(right, sum(map(len, self._found)), sum(map(len, self._wanted)))

    def gain(self, changes: Changes) -> Gain:
        """The effect of some changes on gold, on top of those that are kept."""
        return self._weighed(changes)[0]

    def keep(self, changes: Changes, gain_only: bool = True) -> Gain | None:
        """Keep some changes if they help on top of those that are kept, and return their gain; None otherwise.

        Without `gain_only` they are also kept if they make nothing worse.
        """
        gain, found = self._weighed(changes)
        if gain.f1 <= 0 and (gain_only or gain.lost or gain.wrong):
            return None
        for number, spans in found.items():
            wanted, before = self._wanted[number], self._found[number]
            self.counts = self.counts.plus(len(spans & wanted) - len(before & wanted), len(spans) - len(before))
            self._found[number] = spans
        self.kept |= changes
        return gain

    def reach(self, changes: Changes) -> Reach:
        """The effect of some changes on the other texts, by themselves."""
        found = [*self.differences(changes)]
        kinds = Counter(each.kind for _, each in found)
        both = kinds["rebound"]
        documents = len({id(document) for document, _ in found})
        new, gone = kinds["added"] + both, kinds["gone"] + both
        return Reach(new, gone, kinds["relabelled"], documents, tuple(_some(found)))

    def differences(self, changes: Changes) -> Iterator[tuple[Document, Difference]]:
        """Every span of the other texts that some changes affect, in their order."""
        tagger = self._overlay.tagger(changes)
        for number in self._in_others.of(self._overlay.differing(changes)):
            before = self._before(number)
            for each in differences(before, tagger.tag(before.text)):
                yield self._others[number], each

    def _before(self, number: int) -> Document:
        if number not in self._tagged:
            self._tagged[number] = self._plain.tag(self._others[number].text)
        return self._tagged[number]

    def _weighed(self, changes: Changes) -> tuple[Gain, Mapping[int, frozenset[tuple[int, int, str]]]]:
        tagger = self._overlay.tagger(changes, self.kept)
        gained = Counter[str]()
        found = {}
        effects = []
        for number in self._in_gold.of(self._overlay.differing(changes, self.kept)):
            spans = frozenset(entity.span for entity in tagger.tag(self._texts[number]).entities)
            wanted, before = self._wanted[number], self._found[number]
            if spans == before:
                continue
            found[number] = spans
            come, gone = spans - before, before - spans
            here = Counter(right=len(come & wanted), lost=len(gone & wanted))
            here += Counter(wrong=len(come - wanted), fixed=len(gone - wanted))
            gained += here
            effects.append((here["right"] - here["lost"], len(spans) - len(before)))
        return self._gain(gained, effects), found

    def _gain(self, gained: Mapping[str, int], effects: Sequence[tuple[int, int]]) -> Gain:
        """The gain, with an interval by the delta method: how much it would vary with other documents."""
        now = self.counts.plus(sum(right for right, _ in effects), sum(more for _, more in effects))
        change = now.f1 - self.counts.f1
        spans = now.predicted + now.gold
        parts = [(2 * right - self.counts.f1 * more) / spans for right, more in effects] if spans else []
        spread = fsum(part * part for part in parts) - fsum(parts) ** 2 / max(len(self._texts), 1)
        away = _SURE * sqrt(max(spread, 0.0))
        right, lost, wrong, fixed = (gained[name] for name in ("right", "lost", "wrong", "fixed"))
        return Gain(right, lost, wrong, fixed, change, (change - away, change + away))


def _some(examples: Sequence[tuple[Document, Difference]]) -> list[tuple[Document, Difference]]:
    """A few examples, of each kind in turn, from as many documents as possible."""
    chosen: dict[int, tuple[Document, Difference]] = {}
    met: set[tuple[str, str]] = set()
    for number, (document, found) in enumerate(examples):
        key = (found.kind, document.id or document.path)
        if key not in met:
            met.add(key)
            chosen[number] = (document, found)
    rest = [each for number, each in enumerate(examples) if number not in chosen]
    return [*chosen.values(), *rest][:EXAMPLES]


def weigh(scale: Scale, proposal: Proposal, common: frozenset[bytes]) -> Suggestion | None:
    """A proposal by itself; None if it does not help on the gold."""
    one = Suggestion(proposal, scale.gain(proposal.changes))
    if not one.helps:
        return None
    one = replace(one, reach=scale.reach(proposal.changes))
    return replace(one, risk=risk_of(one, common))


def ranked(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """Those that reach most documents first, then those with the greatest gain; numbered."""
    found = sorted(suggestions, key=lambda one: (-one.reach.documents, -one.gain.f1, one.proposal.order))
    return [replace(one, id=f"s{number}") for number, one in enumerate(found, 1)]


def accept(scale: Scale, chosen: Iterable[Suggestion]) -> tuple[list[Suggestion], list[Suggestion]]:
    """Keep what helps, each measured again on top of those before it, the greatest gain first; also return the rest."""
    kept, dropped = [], []
    for one in sorted(chosen, key=lambda one: (-one.gain.f1, one.proposal.order)):
        gain = scale.keep(one.proposal.changes, gain_only=one.proposal.kind != "seen")
        if gain is None:
            dropped.append(one)
        else:
            kept.append(replace(one, gain=gain))
    return kept, dropped


def risk_of(one: Suggestion, common: frozenset[bytes]) -> str:
    """Why a suggestion is risky, one of RISKS; empty if it is not."""
    proposal, reach = one.proposal, one.reach
    adds_name = proposal.kind in ("entry", "seen", "relabel")
    alone = proposal.documents == 1
    words = WORDS.findall(lower_key(fold_surface(proposal.name).cased))
    if adds_name and alone and all(word in common for word in words):
        return "common"
    if adds_name and alone and proposal.key == "PER" and len(words) == 1:
        return "one-word"
    if proposal.kind in ("relabel", "ambiguous", "not", "unless") and alone:
        return "takes"
    if proposal.kind == "class" and alone:
        return "class"
    if adds_name and reach.gone * 2 > reach.new and reach.gone:
        return "vanish"
    return "" if reach.documents else "unseen"
