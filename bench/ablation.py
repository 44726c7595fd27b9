"""The contribution of every part of the knowledge: the corpora are tagged again without it.

A part is a rule, the rules of one label, a gazetteer or word class (a file each), a switch of a guideline, or the
memory. Its effect is the difference of the strict counts with all parts and with all but this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

from corpora import ByLabel, Corpus, count, micro, total

from ruletag import Tagger
from ruletag.evaluation.measures import Counts
from ruletag.guideline import SWITCHES
from ruletag.knowledge import Knowledge
from ruletag.model import LABELS

KINDS = ("memory", "rules of a label", "gazetteer", "word class", "switch", "rule")  # in the order of the report


class Part(NamedTuple):
    """A part that is left out as a whole.

    `rules` are ids, `file` is the path of entries, `switch` is set to its first value.
    """

    kind: str
    name: str
    rules: frozenset[str] = frozenset()
    file: str = ""
    switch: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """The counts of one corpus by label, with the part and without it."""

    part: Part
    corpus: str
    present: ByLabel
    absent: ByLabel

    @property
    def changed(self) -> list[str]:
        """The labels whose number of right or wrong spans changes with the part."""
        return [label for label in LABELS if self.right(label) or self.wrong(label)]

    def right(self, label: str) -> int:
        """The right spans that the part brings."""
        return self.present[label].correct - self.absent[label].correct

    def wrong(self, label: str) -> int:
        """The wrong spans that the part brings; negative if it prevents more than it brings."""
        return _wrong(self.present[label]) - _wrong(self.absent[label])

    def f1(self, label: str) -> float:
        """The F1 that the part brings to a label."""
        return self.present[label].f1 - self.absent[label].f1

    def micro_f1(self) -> float:
        """The micro-F1 that the part brings."""
        return micro(self.present).f1 - micro(self.absent).f1


class Baseline(NamedTuple):
    """One corpus with all parts: the counts of each document, and the rules that had any candidate in it."""

    counts: list[ByLabel]
    fired: list[frozenset[str]]


def parts(tagger: Tagger) -> list[Part]:
    """Everything that can be left out of a tagger, in the order of `KINDS`, then of files."""
    ids = [rule.id for rule in tagger.rules]
    families = dict.fromkeys(name.partition(".")[0] for name in ids)
    files = {entry.source.path: entry.is_label for entry in tagger.entries}
    switches = [name for name, value in tagger.guideline.switches.items() if value != SWITCHES[name][0]]
    listing = [
        Part("memory", "memory"),
        *(Part("rules of a label", f"{name}.*", _family(ids, name)) for name in families),
        *(Part("gazetteer" if labels else "word class", path, file=path) for path, labels in sorted(files.items())),
        *(Part("switch", f"{tagger.guideline.name}: {name}", switch=name) for name in switches),
        *(Part("rule", name, frozenset([name])) for name in ids),
    ]
    return sorted(listing, key=lambda part: KINDS.index(part.kind))


def without(tagger: Tagger, part: Part) -> Tagger:
    """The same tagger without a part. Whatever does not depend on the part is shared."""
    if part.switch:
        return tagger.with_switches({part.switch: SWITCHES[part.switch][0]})
    if part.file:
        return _without_file(tagger, part.file)
    if not part.rules:
        return Tagger(tagger.knowledge, engine=tagger.engine, memory=False)
    read = tagger.knowledge.read
    reduced = read._replace(rules=tuple(rule for rule in read.rules if rule.id not in part.rules))
    return Tagger(Knowledge(lambda: reduced), engine=tagger.engine, memory=tagger.memory)


def _without_file(tagger: Tagger, file: str) -> Tagger:
    read = tagger.knowledge.read
    entries = [entry for entry in read.written if entry.source.path != file]
    reduced = Knowledge.of(entries, read.rules, read.guideline, read.common, read.vetoes)
    return Tagger(reduced, engine=tagger.engine, memory=tagger.memory)


def baseline(tagger: Tagger, corpus: Corpus) -> Baseline:
    """Tag a corpus with all parts."""
    counts, fired = [], []
    for gold in corpus.documents:
        predicted = tagger.tag(gold.text)
        counts.append(count(gold, (entity.span for entity in predicted.entities)))
        winners = tagger.decided(gold.text).winners  # the guideline may have dropped one
        sources = [*(winner.source for winner in winners), *(loser.source for loser in predicted.alternatives)]
        fired.append(frozenset(source.name for source in sources if source.kind != "entry"))
    return Baseline(counts, fired)


def effects(tagger: Tagger, part: Part, corpora: Iterable[tuple[Corpus, Baseline]]) -> list[Effect]:
    """Tag corpora again without a part, except for documents in which none of its rules had a candidate."""
    reduced: Tagger | None = None
    results = []
    for corpus, base in corpora:
        absent = list(base.counts)
        for index, fired in enumerate(base.fired):
            if not part.rules or part.rules & fired:
                reduced = reduced or without(tagger, part)
                gold = corpus.documents[index]
                absent[index] = count(gold, (entity.span for entity in reduced.tag(gold.text).entities))
        results.append(Effect(part, corpus.name, total(base.counts), total(absent)))
    return results


def ablate(corpora: Sequence[Corpus], jobs: int = 1) -> Iterator[Effect]:
    """The effect of every part on each corpus that has its guideline, measured in `jobs` processes.

    The order is that of `KINDS`, then of guidelines, parts and corpora.
    """
    bench = Bench(corpora)
    tasks = [(part, name) for name, tagger in bench.taggers.items() for part in parts(tagger)]
    tasks.sort(key=lambda task: KINDS.index(task[0].kind))
    if jobs == 1:
        for task in tasks:
            yield from bench.effects(*task)
        return
    with ProcessPoolExecutor(jobs, initializer=_start, initargs=(corpora, bench.baselines)) as pool:
        for part_effects in pool.map(_effects, tasks):
            yield from part_effects


class Bench:
    """Corpora, a tagger for each of their guidelines, and the baseline of each corpus."""

    def __init__(self, corpora: Sequence[Corpus], baselines: Sequence[Baseline] = ()) -> None:
        names = list(dict.fromkeys(corpus.guideline for corpus in corpora))
        self.corpora = corpora
        self.taggers = dict(zip(names, Tagger.load_each(names), strict=True))
        self.baselines = baselines or [baseline(self.taggers[corpus.guideline], corpus) for corpus in corpora]

    def effects(self, part: Part, guideline: str) -> list[Effect]:
        """The effect of a part on each corpus of a guideline."""
        pairs = zip(self.corpora, self.baselines, strict=True)
        own = [(corpus, base) for corpus, base in pairs if corpus.guideline == guideline]
        return effects(self.taggers[guideline], part, own)


_worker: list[Bench] = []


def _start(corpora: Sequence[Corpus], baselines: Sequence[Baseline]) -> None:
    _worker.append(Bench(corpora, baselines))


def _effects(task: tuple[Part, str]) -> list[Effect]:
    return _worker[0].effects(*task)


def _family(ids: Iterable[str], name: str) -> frozenset[str]:
    return frozenset(rule for rule in ids if rule.partition(".")[0] == name)


def _wrong(counts: Counts) -> int:
    return counts.predicted - counts.correct
