"""Which value of each guideline switch a gold follows: measured case by case, and set only on evidence.

A case is a place where the values of one switch give different spans, everything else being equal; a value is right
there if its spans are those of the gold, including labels. Rules run once for each value of `compounds`; every other
switch works on their winners. The switches are judged in turn, starting from their first values, until none changes;
then head nouns, one by one.
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
AS_FOUND = "as found"  # of a head that the guideline does not mention
DECISIONS = (AS_FOUND, *GROUPS)
_FEWEST_SPANS = 3  # that begin with a noun, for it to be judged: fewer could show nothing
_ROUNDS = 10  # switches that still change one another after so many rounds keep the values of the last


@dataclass(frozen=True, slots=True)
class Fit:
    """A guideline fitted to gold: its base, with other switches, `determiner-names` and `heads`.

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
        """Each field in which the fitted guideline differs from its base, with the value of the base and its own."""
        pairs = {name: (self.base.switches[name], self.guideline.switches[name]) for name in SWITCHES}
        pairs[NAMES] = (_listed(self.base.determiner_names), _listed(self.guideline.determiner_names))
        before, after = self.base.heads.decided, self.guideline.heads.decided
        pairs |= {
            f"head {head!r}": (before.get(head, AS_FOUND), after.get(head, AS_FOUND)) for head in {**before, **after}
        }
        return tuple((name, *pair) for name, pair in pairs.items() if pair[0] != pair[1])


def fit(documents: Iterable[Document], tagger: Tagger) -> Fit:
    """The tagger's guideline with the switches that the gold follows; documents without gold are skipped.

    Raises ValueError if no document has gold.
    """
    gold = [document for document in documents if document.annotated]
    if not gold:
        raise ValueError("no document has gold")
    by_document = len(gold) >= FEWEST_DOCUMENTS
    texts = read_texts(gold, tagger, by_document)
    base = tagger.guideline
    fitted, evidence = min(
        (_ascend(texts, base, start) for start in _starts(base)), key=lambda found: _errors(counts_of(texts, found[0]))
    )
    heads = _judge_heads(texts, base, fitted)
    evidence += tuple(heads)
    fitted = replace(fitted, heads=_with_heads(base, heads))
    unit = "document" if by_document else "paragraph"
    return Fit(base, fitted, evidence, unit, len(gold), counts_of(texts, base), counts_of(texts, fitted))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _starts(base: Guideline) -> Iterator[Guideline]:
    """The first value of each switch; then variants of two that hide the effect of others: lower-case titles and
    determined topics."""
    first = {name: values[0] for name, values in SWITCHES.items()}
    for lower, topic in product(SWITCHES["title-in-lower-case"], SWITCHES["determined-topic"]):
        switches = first | {"title-in-lower-case": lower, "determined-topic": topic}
        yield replace(base, switches=switches, determiner_names=frozenset())


def _errors(counts: Counts) -> int:
    return counts.gold + counts.predicted - 2 * counts.correct


def _ascend(texts: Sequence[Text], base: Guideline, start: Guideline) -> tuple[Guideline, tuple[Evidence, ...]]:
    """The switches judged in turn, each with the others as they are, until a round changes nothing."""
    current = start
    for _ in range(_ROUNDS):
        before = (current.switches, current.determiner_names)
        evidence = []
        for switch in SWITCHES:
            if switch == "determiner":
                found = _judge_names(texts, base, current)
                evidence += found
                current = replace(current, determiner_names=_names(base, found))
            judged = _judge_switch(texts, base, current, switch)
            evidence.append(judged)
            current = replace(current, switches={**current.switches, switch: judged.chosen})
        if (current.switches, current.determiner_names) == before:
            break
    return current, tuple(evidence)


def _judge_switch(texts: Sequence[Text], base: Guideline, current: Guideline, switch: str) -> Evidence:
    under = {value: replace(current, switches={**current.switches, switch: value}) for value in SWITCHES[switch]}
    concerned = texts if switch == "compounds" else [text for text in texts if text.parts]
    return judge(switch, "", list(cases_of(concerned, under)), SWITCHES[switch], base.switches[switch])


def _judge_names(texts: Sequence[Text], base: Guideline, current: Guideline) -> list[Evidence]:
    """For each name that occurs with a determiner: does its first mention in a paragraph keep it?"""
    switches = {**current.switches, "determiner": "first-in-paragraph"}
    holding: dict[str, list[Text]] = defaultdict(list)
    for text in texts:
        for name in text.determined:
            holding[name].append(text)
    found = []
    for name in sorted(holding):
        listed = {OUTSIDE: frozenset[str](), INSIDE: frozenset({name})}
        under = {value: replace(current, switches=switches, determiner_names=names) for value, names in listed.items()}
        before = INSIDE if name in base.determiner_names else OUTSIDE
        found.append(judge(NAMES, name, list(cases_of(holding[name], under)), (OUTSIDE, INSIDE), before))
    return found


def _names(base: Guideline, found: Iterable[Evidence]) -> frozenset[str]:
    """The names that were judged to keep a determiner, and those of the base for which the gold has no evidence."""
    judged = {evidence.subject: evidence.chosen for evidence in found}
    unseen = {name for name in base.determiner_names if name not in judged}
    return frozenset(unseen | {name for name, chosen in judged.items() if chosen == INSIDE})


def _judge_heads(texts: Sequence[Text], base: Guideline, current: Guideline) -> list[Evidence]:
    """Whether a noun belongs to the name, for those of the base and those with which names of gold or winners begin."""
    holding: dict[str, list[Text]] = defaultdict(list)
    for text in texts:
        for head in text.heads:
            holding[head].append(text)
    spans = Counter(head for text in texts for head, _ in text.headed)
    known = base.heads.decided
    judged = {head for head, number in spans.items() if number >= _FEWEST_SPANS} | set(known)
    found = []
    for head in sorted(judged & set(holding)):
        under = {setting: _deciding(current, head, setting) for setting in DECISIONS}
        cases = list(cases_of(holding[head], under))
        found.append(judge_decision(HEADS, head, cases, DECISIONS, known.get(head, AS_FOUND)))
    return found


def _deciding(guideline: Guideline, head: str, setting: str) -> Guideline:
    """A guideline with another decision about a head."""
    others = {name: decided for name, decided in guideline.heads.decided.items() if name != head}
    return replace(guideline, heads=Heads(others if setting == AS_FOUND else {**others, head: setting}))


def _with_heads(base: Guideline, found: Iterable[Evidence]) -> Heads:
    """The heads as they were judged, and those of the base for which the gold has no evidence."""
    judged = {each.subject: each.chosen for each in found}
    decided = {**base.heads.decided, **judged}
    return Heads({head: decision for head, decision in decided.items() if decision != AS_FOUND})
