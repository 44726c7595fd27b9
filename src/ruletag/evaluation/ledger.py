"""The gains and costs of each rule and gazetteer entry: its spans by verdict, its losses, precision and harm.

Spans made by memory have accounts of their own, of the kind `memory` and with the name of the source that taught them.
Spans read from a file have no source that could be fixed: they share one account, `gold`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ruletag.evaluation.causes import CAUSES, Judged
from ruletag.evaluation.uncertainty import Interval, wilson
from ruletag.model import GOLD, Alternative, Document, Source
from ruletag.tagger import Tagger


@dataclass(frozen=True, slots=True)
class Account:
    """The spans that one source made, by verdict, and its candidates that lost.

    `guideline` counts the wrong spans that are guideline differences. `seconded` counts the losers whose winner has the
    same span and label; `lost`, all other losers; `lost_right`, those of them that are gold spans nothing else found.
    `lost_to` has the most frequent winner first; a winner is None if the guideline dropped the span that had won.
    """

    source: Source
    correct: int = 0
    label: int = 0
    border: int = 0
    both: int = 0
    spurious: int = 0
    guideline: int = 0
    seconded: int = 0
    lost: int = 0
    lost_right: int = 0
    lost_to: tuple[tuple[Source | None, int], ...] = ()

    @property
    def produced(self) -> int:
        return self.correct + self.label + self.border + self.both + self.spurious

    @property
    def wrong(self) -> int:
        """The wrong spans that are not guideline differences."""
        return self.produced - self.correct - self.guideline

    @property
    def precision(self) -> float:
        """Strict; 0/0 is 0."""
        return self.correct / self.produced if self.produced else 0.0

    @property
    def interval(self) -> Interval:
        """The precision with its Wilson 95 % interval; 0 to 1 if nothing was produced."""
        return wilson(self.correct, self.produced)

    @property
    def harm(self) -> float:
        """The number of wrong spans, times the lower end of the Wilson 95 % interval of their share.

        High if the source has many wrong spans and is reliably wrong: one that was wrong once in one span, or twenty
        times in a thousand, ranks far below one that was wrong eighteen times in twenty.
        """
        return self.wrong * wilson(self.wrong, self.produced).low if self.wrong else 0.0


@dataclass(frozen=True, slots=True)
class Ledger:
    """The accounts, the most harmful first, and the rules and entries that never fired.

    A source never fired if it has neither a span nor a loser in the documents. Entries that make no span by themselves
    (word classes, ambiguous ones) are left out.
    """

    accounts: tuple[Account, ...]
    silent_rules: tuple[Source, ...] = ()
    silent_entries: tuple[Source, ...] = ()


def open_ledger(
    judged: Iterable[Judged], taggers: Iterable[Tagger] = (), place: Callable[[Source], Source] | None = None
) -> Ledger:
    """The ledger of judged documents, including the rules and entries of `taggers` that never fired.

    `place` maps a source of the taggers to the source that the predictions name; by default, they are the same.
    """
    spans: dict[Source, Counter[str]] = defaultdict(Counter)
    losses: dict[Source, Counter[Source | None]] = defaultdict(Counter)
    for document in judged:
        missed = _count_spans(document, spans)
        if document.predicted.alternatives:
            _count_losses(document.predicted, missed, spans, losses)
    accounts = [_account(source, counts, losses[source]) for source, counts in spans.items()]
    accounts.sort(key=lambda account: (-account.harm, -account.wrong, -account.lost_right, account.source))
    rules, entries = ({*map(place, sources)} if place else sources for sources in _sources(taggers))
    return Ledger(tuple(accounts), _silent(rules, spans), _silent(entries, spans))


def _count_spans(judged: Judged, spans: Mapping[Source, Counter[str]]) -> set[tuple[int, int, str]]:
    """Count the verdicts on predictions, and return the missed gold spans, to be looked up among the losers."""
    missed = set()
    for verdict in judged.verdicts:
        if verdict.predicted:
            counts = spans[_author(verdict.predicted.source)]
            counts[verdict.cause] += 1
            counts["guideline"] += verdict.is_guideline
        if verdict.gold and verdict.cause != "correct":
            missed.add(verdict.gold.span)
    return missed


def _count_losses(
    predicted: Document,
    missed: set[tuple[int, int, str]],
    spans: Mapping[Source, Counter[str]],
    losses: Mapping[Source, Counter[Source | None]],
) -> None:
    sources = {entity.span: entity.source for entity in predicted.entities}
    for loser in predicted.alternatives:
        span = (loser.start, loser.end, loser.label)
        if span == loser.winner:
            spans[loser.source]["seconded"] += 1
            continue
        winner = sources.get(loser.winner) if loser.winner else None
        losses[loser.source][winner or _overlapping_source(predicted, loser)] += 1
        spans[loser.source]["lost"] += 1
        spans[loser.source]["lost_right"] += span in missed


def _overlapping_source(predicted: Document, loser: Alternative) -> Source | None:
    """The source of the span that overlaps most with the winner: the guideline may have moved the winner's borders."""
    start, end, _ = loser.winner or (loser.start, loser.end, loser.label)
    overlaps = [(min(end, entity.end) - max(start, entity.start), entity) for entity in predicted.entities]
    length, entity = max(overlaps, key=lambda overlap: (overlap[0], -overlap[1].start), default=(0, None))
    return entity.source if entity and length > 0 else None


def _account(source: Source, counts: Counter[str], losses: Counter[Source | None]) -> Account:
    lost_to = sorted(losses.items(), key=lambda item: (-item[1], item[0] is None, item[0] or source))
    names = [*(cause for cause in CAUSES if cause != "missed"), "guideline", "seconded", "lost", "lost_right"]
    return Account(source, lost_to=tuple(lost_to), **{name: counts[name] for name in names})


def _author(source: Source) -> Source:
    return GOLD if source.kind == "gold" else source


def _sources(taggers: Iterable[Tagger]) -> tuple[set[Source], set[Source]]:
    """The sources of all rules, and of all entries that make spans by themselves."""
    rules: set[Source] = set()
    entries: set[Source] = set()
    for tagger in taggers:
        rules.update(rule.source for rule in tagger.rules)
        entries.update(entry.source for entry in tagger.entries if entry.is_label and not entry.ambiguous)
    return rules, entries


def _silent(sources: set[Source], spans: Mapping[Source, Counter[str]]) -> tuple[Source, ...]:
    return tuple(sorted(sources - spans.keys(), key=lambda source: (source.path, source.line, source.name)))
