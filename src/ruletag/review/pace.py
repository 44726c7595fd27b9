"""A reviewer's pace, from the times of events; and the savings and the bias that blind documents show."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from statistics import median
from typing import NamedTuple

from ruletag.review.reducer import Event
from ruletag.review.spans import DONE
from ruletag.review.store import Store

ENOUGH = 5  # actions of a kind, or documents, needed to use a median as a cost
_PRICED = ("accept", "rebound", "relabel", "add", "delete")
PAUSE = 60.0  # seconds; longer times are capped


class Work(NamedTuple):
    """A reviewer's work: the seconds spent on each document, and the seconds before each action, by kind.

    `actions` counts the actions of each document by kind.
    """

    by_document: dict[int, float]
    by_action: dict[str, list[float]]
    actions: dict[int, Counter[str]]

    def rows(self) -> Iterator[tuple[str, int, float]]:
        """Each kind of action, how often it was done, and the median of its seconds."""
        for op in sorted(self.by_action):
            yield op, len(self.by_action[op]), median(self.by_action[op])


def work(events: Iterable[Event]) -> Work:
    """The times of one reviewer's events. The time before an event belongs to the document of the event before it."""
    by_document: dict[int, float] = defaultdict(float)
    by_action: dict[str, list[float]] = defaultdict(list)
    actions: dict[int, Counter[str]] = defaultdict(Counter)
    previous: Event | None = None
    for event in events:
        if event.op in ("lay", "lay-again", "merge"):
            continue
        if previous is not None:
            seconds = min(event.at - previous.at, PAUSE)
            by_document[previous.document] += seconds
            if event.op != "open" and event.action != previous.action:
                by_action[event.op].append(seconds)
                actions[event.document][event.op] += 1
        previous = event
    return Work(dict(by_document), dict(by_action), dict(actions))


def own_costs(store: Store) -> dict[str, float]:
    """The seconds that actions took the reviewers of a file: the medians of those that were done often enough.

    `accept` is the median of explicit acceptances, spread over all correct spans: most are accepted without a key.
    `read` is the median, over finished documents, of the remaining time per word.
    """
    by_action: dict[str, list[float]] = defaultdict(list)
    reading: list[float] = []
    right = accepted = 0
    words = {paper.id: paper.words for paper in store.papers()}
    for who in store.people():
        own = work(store.times(who))
        medians = {op: median(seconds) for op, seconds in own.by_action.items()}
        for op, seconds in own.by_action.items():
            by_action[op] += seconds
        accepted += len(own.by_action.get("accept", ()))
        right += sum(verdicts["right"] for verdicts in store.counts(who).values())
        for id, spent in own.by_document.items():
            if store.state(id, who)[0].status == DONE and words[id]:
                acting = sum(medians[op] * count for op, count in own.actions.get(id, {}).items() if op in _PRICED)
                reading.append(max(spent - acting, 0.0) / words[id])
    costs = {op: median(by_action[op]) for op in _PRICED if len(by_action[op]) >= ENOUGH}
    if "accept" in costs:
        costs["accept"] *= min(accepted / right, 1.0) if right else 1.0
    return costs | ({"read": median(reading)} if len(reading) >= ENOUGH else {})


class Group(NamedTuple):
    """The totals of finished documents, either the blind ones or the others.

    `proposed` counts the tagger's seeds, `kept` those that the reviewer has with the same borders and label.
    """

    documents: int = 0
    words: int = 0
    names: int = 0
    proposed: int = 0
    kept: int = 0
    seconds: float = 0.0

    @property
    def precision(self) -> float:
        """The share of the tagger's spans that the reviewer agrees with."""
        return self.kept / self.proposed if self.proposed else 0.0

    @property
    def recall(self) -> float:
        """The share of the reviewer's names that the tagger found."""
        return self.kept / self.names if self.names else 0.0

    def per_thousand_words(self, number: float) -> float:
        """A number per thousand words."""
        return 1000 * number / self.words if self.words else 0.0


def blind_and_seeded(store: Store, who: str) -> tuple[Group, Group]:
    """The totals of the documents that a reviewer has finished without seeing seeds, and of those with seeds."""
    seconds = work(store.times(who)).by_document
    totals: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for paper in store.papers():
        state, _ = store.state(paper.id, who)
        if state.status != DONE or paper.run is None:
            continue
        names = {span.span for span in state.live}
        seeds = {seed.span for seed in store.seeds(paper.id, paper.run)}
        totals[paper.blind].update(
            documents=1,
            words=paper.words,
            names=len(names),
            proposed=len(seeds),
            kept=len(names & seeds),
            milliseconds=round(1000 * seconds.get(paper.id, 0.0)),
        )
    return _group(totals[True]), _group(totals[False])


def _group(totals: Counter[str]) -> Group:
    names, seconds = totals["names"], totals["milliseconds"] / 1000
    return Group(totals["documents"], totals["words"], names, totals["proposed"], totals["kept"], seconds)


class Progress(NamedTuple):
    """A reviewer's progress. `seconds_left` is None if no words are left, or none are done from which to estimate it.

    `untouched` documents have not been opened.
    """

    done: int
    total: int
    words_done: int
    words_left: int
    untouched: int
    seconds_left: float | None


def progress(store: Store, who: str) -> Progress:
    """Documents and words done and left, and the time that the rest takes at the reviewer's own pace."""
    query = "SELECT d.id, d.words, s.status FROM document d LEFT JOIN state s ON s.document = d.id AND s.who = ?"
    rows = store.db.execute(query, (who,)).fetchall()
    done = {id: words for id, words, status in rows if status == DONE}
    left = sum(words for id, words, _ in rows if id not in done)
    seconds = work(store.times(who)).by_document
    spent = sum(seconds.get(id, 0.0) for id in done)
    words = sum(done.values())
    seconds_left = left * spent / words if left and words and spent else None
    untouched = sum(status is None for _, _, status in rows)
    return Progress(len(done), len(rows), words, left, untouched, seconds_left)
