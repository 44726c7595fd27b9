"""Fits a guideline to gold: finds the value of each switch that the gold follows, set only on evidence.

A case is a place where the values of one switch give different spans, everything else being equal; a value is right
there if its spans are those of the gold, including labels. Rules run once for each value of `compounds`; all other
switches are applied to their winners. The switches are judged in turn, starting from their first values, until none
changes; then head nouns, one by one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from ruletag.evaluation.evidence import Evidence, judge, judge_decision
from ruletag.evaluation.measures import Counts
from ruletag.evaluation.trials import Text, cases_of, counts_of, read_texts
from ruletag.guideline import SWITCHES, Guideline
from ruletag.heads import GROUPS, Heads
from ruletag.model import Document
from ruletag.tagger import Tagger

NAMES = "determiner-names"
OUTSIDE, INSIDE = "not listed", "listed"
FEWEST_DOCUMENTS = 5  # with fewer, paragraphs are held out instead of documents
HEADS = "heads"
AS_FOUND = "as found"  # the setting of a head that the guideline does not mention
DECISIONS = (AS_FOUND, *GROUPS)
_FEWEST_SPANS = 3  # beginning with a noun, for it to be judged: fewer could show nothing
_ROUNDS = 10  # if switches still change after so many rounds, they keep the values of the last


@dataclass(frozen=True, slots=True)
class Fit:
    """A guideline fitted to gold: the base with other switches, `determiner-names` and `heads`.

    `before` and `after` are strict counts over all labels, under the base and under the fitted guideline.
    """

    base: Guideline
    guideline: Guideline
    evidence: tuple[Evidence, ...]
    unit: str
    documents: int
    before: Counts
    after: Counts

    @property
    def differences(self) -> tuple[tuple[str, str, str], ...]:
        """Name, value in the base and fitted value of each field that differs."""
        values = {name: (self.base.switches[name], self.guideline.switches[name]) for name in SWITCHES}
        values[NAMES] = (_enumeration(self.base.determiner_names), _enumeration(self.guideline.determiner_names))
        before, after = self.base.heads.decided, self.guideline.heads.decided
        values |= {
            f"head {head!r}": (before.get(head, AS_FOUND), after.get(head, AS_FOUND)) for head in {**before, **after}
        }
        return tuple((name, old, new) for name, (old, new) in values.items() if old != new)


def fit(documents: Iterable[Document], tagger: Tagger) -> Fit:
    """Fit the tagger's guideline to gold; documents without gold are skipped.

    Raises ValueError if no document has gold.
    """
    gold = [document for document in documents if document.annotated]
    if not gold:
        raise ValueError("no document has gold")
    by_document = len(gold) >= FEWEST_DOCUMENTS
    texts = read_texts(gold, tagger, by_document)
    base = tagger.guideline
    fitted, evidence = min(
        (_ascend(texts, base, start) for start in _starts(base)),
        key=lambda attempt: _errors(counts_of(texts, attempt[0])),
    )
    heads_evidence = _judge_heads(texts, base, fitted)
    evidence += tuple(heads_evidence)
    fitted = replace(fitted, heads=_fitted_heads(base, heads_evidence))
    unit = "document" if by_document else "paragraph"
    return Fit(base, fitted, evidence, unit, len(gold), counts_of(texts, base), counts_of(texts, fitted))


def _enumeration(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _starts(base: Guideline) -> Iterator[Guideline]:
    """Guidelines to start from: the first value of each switch, then the other values of two switches.

    These two, lower-case titles and determined topics, can hide the effect of others.
    """
    first = {name: values[0] for name, values in SWITCHES.items()}
    for lower, topic in product(SWITCHES["title-in-lower-case"], SWITCHES["determined-topic"]):
        switches = first | {"title-in-lower-case": lower, "determined-topic": topic}
        yield replace(base, switches=switches, determiner_names=frozenset())


def _errors(counts: Counts) -> int:
    return counts.gold + counts.predicted - 2 * counts.correct


def _ascend(texts: Sequence[Text], base: Guideline, start: Guideline) -> tuple[Guideline, tuple[Evidence, ...]]:
    """Judge the switches in turn, each with the current values of the others, until a round changes nothing."""
    current = start
    for _ in range(_ROUNDS):
        before = (current.switches, current.determiner_names)
        evidence = []
        for switch in SWITCHES:
            if switch == "determiner":
                names_evidence = _judge_names(texts, base, current)
                evidence += names_evidence
                current = replace(current, determiner_names=_fitted_names(base, names_evidence))
            switch_evidence = _judge_switch(texts, base, current, switch)
            evidence.append(switch_evidence)
            current = replace(current, switches={**current.switches, switch: switch_evidence.chosen})
        if (current.switches, current.determiner_names) == before:
            break
    return current, tuple(evidence)


def _judge_switch(texts: Sequence[Text], base: Guideline, current: Guideline, switch: str) -> Evidence:
    under = {value: replace(current, switches={**current.switches, switch: value}) for value in SWITCHES[switch]}
    affected = texts if switch == "compounds" else [text for text in texts if text.parts]
    return judge(switch, "", list(cases_of(affected, under)), SWITCHES[switch], base.switches[switch])


def _judge_names(texts: Sequence[Text], base: Guideline, current: Guideline) -> list[Evidence]:
    """Judge for each name that occurs with a determiner whether its first mention in a paragraph keeps it."""
    switches = {**current.switches, "determiner": "first-in-paragraph"}
    texts_with: dict[str, list[Text]] = defaultdict(list)
    for text in texts:
        for name in text.determined:
            texts_with[name].append(text)
    evidence = []
    for name in sorted(texts_with):
        names_under = {OUTSIDE: frozenset[str](), INSIDE: frozenset({name})}
        under = {
            value: replace(current, switches=switches, determiner_names=names) for value, names in names_under.items()
        }
        before = INSIDE if name in base.determiner_names else OUTSIDE
        evidence.append(judge(NAMES, name, list(cases_of(texts_with[name], under)), (OUTSIDE, INSIDE), before))
    return evidence


def _fitted_names(base: Guideline, evidence: Iterable[Evidence]) -> frozenset[str]:
    """The names that were judged to keep a determiner, and those of the base that were not judged."""
    chosen = {judged.subject: judged.chosen for judged in evidence}
    unjudged = {name for name in base.determiner_names if name not in chosen}
    return frozenset(unjudged | {name for name, value in chosen.items() if value == INSIDE})


def _judge_heads(texts: Sequence[Text], base: Guideline, current: Guideline) -> list[Evidence]:
    """Judge the heads of the base, and those with which enough spans of gold or winners begin."""
    texts_with: dict[str, list[Text]] = defaultdict(list)
    for text in texts:
        for head in text.heads:
            texts_with[head].append(text)
    span_counts = Counter(head for text in texts for head, _ in text.headed)
    base_decisions = base.heads.decided
    heads = {head for head, number in span_counts.items() if number >= _FEWEST_SPANS} | set(base_decisions)
    evidence = []
    for head in sorted(heads & set(texts_with)):
        under = {setting: _with_decision(current, head, setting) for setting in DECISIONS}
        cases = list(cases_of(texts_with[head], under))
        evidence.append(judge_decision(HEADS, head, cases, DECISIONS, base_decisions.get(head, AS_FOUND)))
    return evidence


def _with_decision(guideline: Guideline, head: str, setting: str) -> Guideline:
    """The guideline with another decision about a head."""
    decisions = {name: decision for name, decision in guideline.heads.decided.items() if name != head}
    return replace(guideline, heads=Heads(decisions if setting == AS_FOUND else {**decisions, head: setting}))


def _fitted_heads(base: Guideline, evidence: Iterable[Evidence]) -> Heads:
    """The decisions on the heads that were judged, and those of the base on the other heads."""
    decisions = {**base.heads.decided, **{judged.subject: judged.chosen for judged in evidence}}
    return Heads({head: decision for head, decision in decisions.items() if decision != AS_FOUND})
