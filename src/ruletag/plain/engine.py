"""The chain in the order the data flows: entries → rules, stage by stage → memory → winners and losers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy

from ruletag.decided import Decided, Resolved
from ruletag.fold import Folded, fold
from ruletag.model import LABELS, VETOED, Candidate, Entry, Hit, Loss
from ruletag.plain.lexicon import Lexicon
from ruletag.plain.matcher import Matcher, NearMiss, is_vetoed
from ruletag.plain.memory import remember
from ruletag.plain.order import rank, resolve
from ruletag.plain.text import Text
from ruletag.rules import Rule, Veto


class Plain:
    """Entries and rules, ready to be applied to folded texts.

    The order of `entries` decides between those with the same span. `labels` are the guideline's labels for what rules
    find, by rule id; `common` are the words of the language, in lower folding.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        rules: Iterable[Rule],
        labels: Mapping[str, str] | None = None,
        common: Collection[bytes] = frozenset(),
        vetoes: Sequence[Veto] = (),
    ) -> None:
        self.lexicon = Lexicon(entries)
        self.matcher = Matcher(rules, labels)
        self._common = common
        self._vetoes = tuple(vetoes)
        self._vetoes_by_name = _by_name(vetoes)
        self._particles = frozenset(entry.surface.lower() for entry in entries if entry.key == "particle")

    def without(self, entries: int, vetoes: int) -> Plain:
        """Like `Engine.without`; the vetoes are in the order of their entries."""
        engine = copy(self)
        engine.lexicon = self.lexicon.without({rank for rank, bit in enumerate(f"{entries:b}"[::-1]) if bit == "1"})
        engine._vetoes_by_name = _by_name(veto for number, veto in enumerate(self._vetoes) if not vetoes >> number & 1)
        return engine

    def with_veto(self, number: int, veto: Veto | None) -> Plain:
        """A copy of the engine to try a change: the veto of that number replaced, or removed if `veto` is None.

        The new veto must have the name of the old one.
        """
        engine = copy(self)
        vetoes = [*self._vetoes[:number], *([veto] if veto else []), *self._vetoes[number + 1 :]]
        engine._vetoes, engine._vetoes_by_name = tuple(vetoes), _by_name(vetoes)
        return engine

    def decide(self, text: str, *, memory: bool = True, compounds: bool = True) -> Decided:
        """The winners and losers of a text."""
        return self._decide(text, memory, compounds)[1]

    def candidates(self, folded: Folded, *, memory: bool = True, compounds: bool = True) -> list[Candidate]:
        """Everything that entries, rules and memory propose in a text, before overlaps are decided."""
        return self._propose(folded, memory, compounds)[1]

    def hits(self, folded: Folded, *, compounds: bool = False) -> list[Hit]:
        """The entries in a text, those in compounds only if requested."""
        return self.lexicon.hits(folded, compounds=compounds).all

    def consider(
        self, text: str, *, memory: bool = True, compounds: bool = True
    ) -> tuple[Decided, Sequence[Hit], list[NearMiss]]:
        """Like `decide`, with all hits and the rules that nearly matched."""
        view, decided = self._decide(text, memory, compounds)
        view.see(decided.winners)
        misses = [miss for stage in self.matcher.stages for miss in self.matcher.near_misses(view, stage)]
        return decided, view.hits, misses

    def examine(self, folded: Folded, rule: Rule, *, compounds: bool = True) -> list[Candidate]:
        """The proposals of a single rule, with overlaps decided: for its own examples."""
        return alone(self.at_stage(folded, rule.stage, compounds=compounds), rule)

    def at_stage(self, folded: Folded, stage: int, *, compounds: bool = True) -> Text:
        """The text as the rules of a stage see it: with the results of entries and earlier stages."""
        text, candidates = self._begin(folded, compounds=compounds)
        for current in self.matcher.stages:
            text.see(resolve(candidates)[0])
            if current >= stage:
                break
            candidates += self.matcher.candidates(text, current)
        return text

    def _begin(self, folded: Folded, *, compounds: bool) -> tuple[Text, list[Candidate]]:
        """The text with its hits, and the candidates of the entries alone."""
        text = Text(folded, self.lexicon.hits(folded, compounds=compounds))
        return text, [_from_entry(hit) for hit in text.hits if _counts_by_itself(hit.entry)]

    def _propose(self, folded: Folded, memory: bool, compounds: bool) -> tuple[Text, list[Candidate], list[Loss]]:
        """The text, the proposals of entries, rules and memory in it, and those that vetoes removed."""
        text, candidates = self._begin(folded, compounds=compounds)
        vetoed: list[Loss] = []
        for stage in self.matcher.stages:
            text.see(resolve(candidates)[0])
            candidates += self._allowed(text, self.matcher.candidates(text, stage), vetoed)
        if memory:
            recalled = remember(text, resolve(candidates)[0], self._particles, self._common)
            candidates += self._allowed(text, recalled, vetoed)
        return text, candidates, vetoed

    def _decide(self, text: str, memory: bool, compounds: bool) -> tuple[Text, Decided]:
        folded = fold(text)
        view, candidates, vetoed = self._propose(folded, memory, compounds)
        winners, losses = resolve(candidates)
        losses = sorted([*losses, *set(vetoed)], key=lambda loss: rank(loss.loser))
        return view, Resolved(text, folded, winners, losses)

    def _allowed(self, text: Text, candidates: Iterable[Candidate], vetoed: list[Loss]) -> list[Candidate]:
        """The candidates that no veto stops; the others are added to `vetoed`. One that an entry confirms is never
        vetoed."""
        allowed = []
        for candidate in candidates:
            entry = None if candidate.confirmed else text.entry(candidate.start, candidate.end, VETOED)
            vetoes = self._vetoes_by_name.get(entry.surface, ()) if entry else ()
            veto = next((veto for veto in vetoes if is_vetoed(text, candidate, veto)), None)
            if veto:
                vetoed.append(Loss(candidate, None, veto.source))
            else:
                allowed.append(candidate)
        return allowed


def alone(text: Text, rule: Rule) -> list[Candidate]:
    """The proposals of a single rule in a text as its stage sees it, with overlaps decided."""
    return resolve(Matcher([rule]).candidates(text, rule.stage, alone=True))[0]


def _by_name(vetoes: Iterable[Veto]) -> Mapping[str, Sequence[Veto]]:
    by_name: dict[str, list[Veto]] = defaultdict(list)
    for veto in vetoes:
        by_name[veto.name].append(veto)
    return by_name


def _counts_by_itself(entry: Entry) -> bool:
    """Whether an entry is a candidate even where no rule asks for it."""
    return entry.key in LABELS and not entry.ambiguous


def _from_entry(hit: Hit) -> Candidate:
    start, end, entry = hit
    return Candidate(start, end, entry.key, entry.source, id=entry.id, surname=entry.surname)
