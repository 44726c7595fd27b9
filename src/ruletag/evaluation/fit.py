"""Which setting of each guideline switch a gold follows: measured case by case, and set only on evidence.

A case is a place where the settings of one switch give different spans, everything else being equal; a setting is
right there if its spans are those of the gold, labels included. Rules run once for each value of `compounds`; every
other switch works on their winners. The switches are judged in turn until none changes, from the first value of each.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from ruletag.batch import for_each
from ruletag.evaluation.measures import Counts
from ruletag.guideline import SWITCHES, Guideline
from ruletag.model import Candidate, Document
from ruletag.plaintext import PlainText
from ruletag.tagger import Tagger

NAMES = "determiner-names"
OUTSIDE, INSIDE = "not listed", "listed"
FEWEST_DOCUMENTS = 5  # with fewer, paragraphs are held out in place of documents
LARGEST_CHANCE = Fraction(1, 5)  # the sign test is passed by 3 cases against 0, 4 against 1, 6 against 2
SHOWN, TOO_LITTLE, NO_EVIDENCE = "shown", "too little evidence", "no evidence"
_ROUNDS = 10  # switches that go on changing one another after so many rounds keep the values of the last

Span = tuple[int, int, str]


class Case(NamedTuple):
    """A place where the settings of a switch differ: where it is, what stands there, which settings are right.

    `unit` is the document or paragraph that is held out as one.
    """

    unit: int
    path: str
    line: int
    text: str
    right: frozenset[str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the gold says about one switch (or about one of `determiner-names`, the `subject`).

    `settings` are in order, the default first; `verdict` says whether the cases suffice. Where they do not, `chosen`
    is the value of the base.
    """

    switch: str
    subject: str
    settings: tuple[str, ...]
    cases: tuple[Case, ...]
    chosen: str
    verdict: str

    def right(self, setting: str) -> int:
        """The number of cases in which a setting gives the spans of the gold."""
        return sum(setting in case.right for case in self.cases)

    @property
    def examples(self) -> tuple[Case, ...]:
        """Cases that the chosen setting has right and another has not."""
        return tuple(case for case in self.cases if self.chosen in case.right)

    @property
    def exceptions(self) -> tuple[Case, ...]:
        """Cases that another setting has right and the chosen one has not."""
        return tuple(case for case in self.cases if case.right and self.chosen not in case.right)

    @property
    def unexplained(self) -> int:
        """The number of cases that no setting has right: they speak for none."""
        return sum(not case.right for case in self.cases)


@dataclass(frozen=True, slots=True)
class Fit:
    """A guideline fitted to gold: that of the base but for its switches and `determiner-names`.

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
        return tuple((name, *pair) for name, pair in pairs.items() if pair[0] != pair[1])


def fit(documents: Iterable[Document], tagger: Tagger) -> Fit:
    """The guideline of a tagger with the switches that the gold follows; documents without gold are passed over.

    ValueError where no document has gold.
    """
    gold = [document for document in documents if document.annotated]
    if not gold:
        raise ValueError("no document has gold")
    by_document = len(gold) >= FEWEST_DOCUMENTS
    texts = _read(gold, tagger, by_document)
    base = tagger.guideline
    fitted, evidence = min(
        (_ascend(texts, base, start) for start in _starts(base)), key=lambda found: _errors(_counts(texts, found[0]))
    )
    unit = "document" if by_document else "paragraph"
    return Fit(base, fitted, evidence, unit, len(gold), _counts(texts, base), _counts(texts, fitted))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _starts(base: Guideline) -> Iterator[Guideline]:
    """The first value of each switch; then with two that hide what others do: lower-case titles, determined topics."""
    first = {name: values[0] for name, values in SWITCHES.items()}
    for lower, topic in product(SWITCHES["title-in-lower-case"], SWITCHES["determined-topic"]):
        switches = first | {"title-in-lower-case": lower, "determined-topic": topic}
        yield replace(base, switches=switches, determiner_names=frozenset())


@dataclass(frozen=True, slots=True)
class _Text:
    """A gold document with what won in it under each value of `compounds`."""

    document: Document
    first_unit: int
    by_line: bool
    gold: frozenset[Span]
    winners: Mapping[str, tuple[PlainText, list[Candidate]]]
    parts: frozenset[str]
    determined: frozenset[str]  # surfaces that stand with a determiner

    def spans(self, guideline: Guideline) -> list[Span]:
        """The spans under a guideline, in the offsets of the text as it came."""
        folded, winners = self.winners[guideline.switches["compounds"]]
        shaped = guideline.apply(folded.plain, winners)
        return [(*folded.original(each.start, each.end), each.label) for each in shaped]

    def unit(self, offset: int) -> int:
        return self.first_unit + (self.document.text.count("\n", 0, offset) if self.by_line else 0)


def _read(documents: Sequence[Document], tagger: Tagger, by_document: bool) -> list[_Text]:
    taggers = {value: tagger.with_switches({"compounds": value}) for value in SWITCHES["compounds"]}
    texts = []
    unit = 0

    def winners_of(document: Document) -> dict[str, tuple[PlainText, list[Candidate]]]:
        return {value: each.winners(document.text) for value, each in taggers.items()}

    for document, won in zip(documents, for_each(documents, winners_of), strict=True):
        candidates = [(folded.plain, winner) for folded, winners in won.values() for winner in winners]
        parts = frozenset(part.name for _, winner in candidates for part in winner.parts)
        determined = frozenset(plain[winner.start : winner.end] for plain, winner in candidates if _has_det(winner))
        gold = frozenset(entity.span for entity in document.entities)
        texts.append(_Text(document, unit, not by_document, gold, won, parts, determined))
        unit += 1 if by_document else document.text.count("\n") + 1
    return texts


def _has_det(winner: Candidate) -> bool:
    """Whether a determiner may decide about a winner: a title goes before it."""
    names = {part.name for part in winner.parts}
    return "det" in names and "title" not in names


def _counts(texts: Iterable[_Text], guideline: Guideline) -> Counts:
    total = Counts()
    for text in texts:
        wanted = Counter(entity.span for entity in text.document.entities)
        given = Counter(text.spans(guideline))
        total += Counts(wanted.total(), given.total(), (wanted & given).total())
    return total


def _errors(counts: Counts) -> int:
    return counts.gold + counts.predicted - 2 * counts.correct


def _ascend(texts: Sequence[_Text], base: Guideline, start: Guideline) -> tuple[Guideline, tuple[Evidence, ...]]:
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


def _judge_switch(texts: Sequence[_Text], base: Guideline, current: Guideline, switch: str) -> Evidence:
    under = {value: replace(current, switches={**current.switches, switch: value}) for value in SWITCHES[switch]}
    concerned = texts if switch == "compounds" else [text for text in texts if text.parts]
    return _judge(switch, "", list(_cases(concerned, under)), SWITCHES[switch], base.switches[switch])


def _judge_names(texts: Sequence[_Text], base: Guideline, current: Guideline) -> list[Evidence]:
    """For each name that stands with a determiner: does its first mention in a paragraph keep it?"""
    switches = {**current.switches, "determiner": "first-in-paragraph"}
    holding: dict[str, list[_Text]] = defaultdict(list)
    for text in texts:
        for name in text.determined:
            holding[name].append(text)
    found = []
    for name in sorted(holding):
        listed = {OUTSIDE: frozenset[str](), INSIDE: frozenset({name})}
        under = {value: replace(current, switches=switches, determiner_names=names) for value, names in listed.items()}
        before = INSIDE if name in base.determiner_names else OUTSIDE
        found.append(_judge(NAMES, name, list(_cases(holding[name], under)), (OUTSIDE, INSIDE), before))
    return found


def _names(base: Guideline, found: Iterable[Evidence]) -> frozenset[str]:
    """The names that were judged to keep a determiner, and those of the base of which the gold shows nothing."""
    judged = {evidence.subject: evidence.chosen for evidence in found}
    unseen = {name for name in base.determiner_names if name not in judged}
    return frozenset(unseen | {name for name, chosen in judged.items() if chosen == INSIDE})


def _cases(texts: Iterable[_Text], under: Mapping[str, Guideline]) -> Iterator[Case]:
    for text in texts:
        given = {setting: frozenset(text.spans(guideline)) for setting, guideline in under.items()}
        differing = frozenset.union(*given.values()) - frozenset.intersection(*given.values())
        for start, end in _places(differing):
            wanted = _overlapping(text.gold, start, end)
            right = frozenset(name for name, spans in given.items() if _overlapping(spans, start, end) == wanted)
            surface = text.document.text[start:end]
            yield Case(text.unit(start), text.document.path or "-", text.document.line(start), surface, right)


def _places(spans: Iterable[Span]) -> Iterator[tuple[int, int]]:
    """Spans that overlap or stand side by side (a title and its name, the names in a compound) are one place."""
    place: tuple[int, int] | None = None
    for start, end, _ in sorted(spans):
        if place and start <= place[1] + 1:
            place = (place[0], max(place[1], end))
            continue
        if place:
            yield place
        place = (start, end)
    if place:
        yield place


def _overlapping(spans: Iterable[Span], start: int, end: int) -> set[Span]:
    return {span for span in spans if span[0] < end and start < span[1]}


def _judge(switch: str, subject: str, cases: list[Case], settings: tuple[str, ...], before: str) -> Evidence:
    """Choose a setting, `before` being that of the base.

    It must beat the default and that of the base, and not be beaten by the one that is right most often. Of several
    such the first in order is chosen; where there is none, that of the base stays.
    """
    right = Counter(setting for case in cases for setting in case.right)
    leader = max(settings, key=lambda setting: right[setting])
    rivals = {settings[0], before}
    chosen = before
    for setting in settings:
        if all(beats(cases, setting, rival) for rival in rivals - {setting}) and not beats(cases, leader, setting):
            chosen = setting
            break
    shown = any(beats(cases, chosen, other) for other in settings)
    verdict = SHOWN if shown else TOO_LITTLE if right else NO_EVIDENCE
    return Evidence(switch, subject, settings, tuple(cases), chosen if right else before, verdict)


def beats(cases: Iterable[Case], one: str, other: str) -> bool:
    """Whether the cases show that a setting is better than another: beyond chance, and on what was held out.

    Only cases count that one of the two has right and the other has not. Beyond chance: a sign test, one-sided, with
    `LARGEST_CHANCE`. Held out: each unit in turn is judged by the majority in all other units, and more must be won
    than lost by it, so that cases of a single unit show nothing.
    """
    ahead: Counter[int] = Counter()
    wins = losses = 0
    for case in cases:
        won, lost = one in case.right, other in case.right
        wins += won and not lost
        losses += lost and not won
        ahead[case.unit] += won - lost
    if wins <= losses or sign_test(wins, losses) > LARGEST_CHANCE:
        return False
    return sum(here for here in ahead.values() if wins - losses - here > 0) > 0


def sign_test(wins: int, losses: int) -> Fraction:
    """The chance of so many wins or more, if each case were a toss of a coin (one-sided sign test)."""
    tosses = wins + losses
    ways, total = 1, 0
    for lost in range(losses + 1):
        total += ways
        ways = ways * (tosses - lost) // (lost + 1)
    return Fraction(total, 2**tosses)
