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

    `guideline` counts the wrong spans that are guideline differences. `seconded` counts the candidates whose winner has
    the same span and label; `lost`, the others that lost; `lost_right`, lost ones that are a gold span which nothing
    else found. `lost_to` has the most frequent winner first; a winner is None if the guideline dropped the span that
    had won.
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

        High if there are many wrong spans and the source is surely often wrong: one that was wrong once in one span, or
        twenty times in a thousand, ranks far below one that was wrong eighteen times in twenty.
        """
        return self.wrong * wilson(self.wrong, self.produced).low if self.wrong else 0.0


@dataclass(frozen=True, slots=True)
class Ledger:
    """The accounts, the most harmful first, and the rules and entries that never fired.

    A source never fired if it has neither a span nor a lost candidate on the documents. Entries that make no span by
    themselves (word classes, ambiguous ones) are left out.
    """

    accounts: tuple[Account, ...]
    silent_rules: tuple[Source, ...] = ()
    silent_entries: tuple[Source, ...] = ()


def open_ledger(
    judged: Iterable[Judged], taggers: Iterable[Tagger] = (), place: Callable[[Source], Source] | None = None
) -> Ledger:
    """The ledger of judged documents; of the rules and entries of `taggers`, those that never fired are named.

    `place` maps a source of the taggers to the one that the predictions name; by default, they are the same.
    """
    spans: dict[Source, Counter[str]] = defaultdict(Counter)
    losses: dict[Source, Counter[Source | None]] = defaultdict(Counter)
    for each in judged:
        missed = _count_spans(each, spans)
        if each.predicted.alternatives:
            _count_losses(each.predicted, missed, spans, losses)
    accounts = [_account(source, counts, losses[source]) for source, counts in spans.items()]
    accounts.sort(key=lambda account: (-account.harm, -account.wrong, -account.lost_right, account.source))
    rules, entries = ({*map(place, known)} if place else known for known in _known(taggers))
    return Ledger(tuple(accounts), _silent(rules, spans), _silent(entries, spans))


def _count_spans(judged: Judged, spans: Mapping[Source, Counter[str]]) -> set[tuple[int, int, str]]:
    """Enter the verdicts on predictions, and return the missed gold spans, to be sought among the losers."""
    missed = set()
    for verdict in judged.verdicts:
        if verdict.predicted:
            account = spans[_author(verdict.predicted.source)]
            account[verdict.cause] += 1
            account["guideline"] += verdict.is_guideline
        if verdict.gold and verdict.cause != "correct":
            missed.add(verdict.gold.span)
    return missed


def _count_losses(
    predicted: Document,
    missed: set[tuple[int, int, str]],
    spans: Mapping[Source, Counter[str]],
    losses: Mapping[Source, Counter[Source | None]],
) -> None:
    at = {entity.span: entity.source for entity in predicted.entities}
    for lost in predicted.alternatives:
        span = (lost.start, lost.end, lost.label)
        if span == lost.winner:
            spans[lost.source]["seconded"] += 1
            continue
        winner = at.get(lost.winner) if lost.winner else None
        losses[lost.source][winner or _overlapping(predicted, lost)] += 1
        spans[lost.source]["lost"] += 1
        spans[lost.source]["lost_right"] += span in missed


def _overlapping(predicted: Document, lost: Alternative) -> Source | None:
    """The source of the span that shares most with the winner, to which the guideline has given other borders."""
    start, end, _ = lost.winner or (lost.start, lost.end, lost.label)
    shared = [(min(end, entity.end) - max(start, entity.start), entity) for entity in predicted.entities]
    most, best = max(shared, key=lambda item: (item[0], -item[1].start), default=(0, None))
    return best.source if best and most > 0 else None


def _account(source: Source, counts: Counter[str], losses: Counter[Source | None]) -> Account:
    lost_to = sorted(losses.items(), key=lambda item: (-item[1], item[0] is None, item[0] or source))
    names = [*(cause for cause in CAUSES if cause != "missed"), "guideline", "seconded", "lost", "lost_right"]
    return Account(source, lost_to=tuple(lost_to), **{name: counts[name] for name in names})


def _author(source: Source) -> Source:
    return GOLD if source.kind == "gold" else source


def _known(taggers: Iterable[Tagger]) -> tuple[set[Source], set[Source]]:
    """The sources of all rules, and of all entries that make spans by themselves."""
    rules: set[Source] = set()
    entries: set[Source] = set()
    for tagger in taggers:
        rules.update(rule.source for rule in tagger.rules)
        entries.update(entry.source for entry in tagger.entries if entry.is_label and not entry.ambiguous)
    return rules, entries


def _silent(known: set[Source], spans: Mapping[Source, Counter[str]]) -> tuple[Source, ...]:
    return tuple(sorted(known - spans.keys(), key=lambda source: (source.path, source.line, source.name)))
