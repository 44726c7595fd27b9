"""One reviewer's view of the pile: every query and action of the page, with plain records as answers.

It uses the store, so only one thread may use it at a time. It does not tag: callers have a document tagged before they
ask for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from ruletag.formats.records import source_named
from ruletag.model import Source
from ruletag.review import adjudication
from ruletag.review.bulk import decisions
from ruletag.review.order import ordered
from ruletag.review.pace import Progress, progress, work
from ruletag.review.pile import NoDocument
from ruletag.review.reducer import Impossible
from ruletag.review.risk import OPEN_ABOVE, Risk, Skim, skim
from ruletag.review.search import Hit, hits, matching
from ruletag.review.spans import DONE, PROPOSED, SEED, Paper, Seed, Span, State
from ruletag.review.store import Moved, Operation, Store

PAGE = 200  # documents or hits in an answer
_MOST_HITS = 2000
_RERANK_EVERY = 10  # finished documents after which the order of risk is computed again


class Desk:
    """The pile as one reviewer sees it.

    `target` is the share of wrong spans that may stay unread; with one, only riskier spans are shown (skimming). `pair`
    are two reviewers between whom this one decides; the pile is then the documents on which they differ. `located`
    returns a source with a path that the reviewer can open.
    """

    def __init__(
        self, store: Store, who: str, *, order: str = "spread", target: float | None = None, pair: Sequence[str] = ()
    ) -> None:
        self.store, self.who, self.pair, self.target = store, who, tuple(pair), target
        self.located: Callable[[Source], Source] = lambda source: source
        self._order = order
        papers = list(store.papers())
        if pair:
            differ = set(adjudication.lay_out(store, *pair))
            papers = [paper for paper in papers if paper.id in differ]
        self.row = [paper.id for paper in ordered(papers, order)]
        self._positions = {id: position for position, id in enumerate(self.row)}
        self.threshold: Skim | None = None
        self._ranked: list[int] = []
        self._ranked_at = 0

    # The pile.

    def ahead(self, after: int | None, number: int | None) -> list[int]:
        """The numbers of the next unfinished documents, up to a limit if one is given."""
        first = self._positions.get(after, -1) + 1 if after is not None else 0
        rotated = [*self.row[first:], *self.row[:first]]
        done = self._done()
        return [id for id in rotated if id not in done][:number]

    def outdated(self, run: int) -> list[int]:
        """The unfinished documents that were tagged by another run, in order."""
        given_run, done = self.store.given_run(), self._done()
        query = "SELECT id FROM document WHERE run IS NOT NULL AND run NOT IN (?, ?)"
        outdated = {id for (id,) in self.store.db.execute(query, (run, given_run))}
        return [id for id in self.row if id in outdated and id not in done]

    def done_at(self) -> list[tuple[int, int]]:
        """The finished documents, each with the number of its last event; equal as long as nothing changes."""
        query = "SELECT document, seq FROM state WHERE who = ? AND status = ? ORDER BY document"
        return [(document, seq) for document, seq in self.store.db.execute(query, (self.who, DONE))]

    def next(self, after: int | None) -> int | None:
        """The document to continue with; None if all are done. In the order `risk`, the one with the most expected
        errors per word among those that are tagged; when skimming, the next with an open span, or not yet tagged."""
        unfinished: Iterable[int] = (id for id in self._unfinished(after) if id != after)
        if self.target is not None:
            risk = self.risk()
            unfinished = (id for id in unfinished if self._open_spans(id, risk) or self.paper(id).run is None)
        return next(iter(unfinished), None)

    def _unfinished(self, after: int | None) -> list[int]:
        """The unfinished documents in order, those after `after` first unless the order is `risk`."""
        if self._order != "risk":
            return self.ahead(after, None)
        done = self._done()
        if len(done) // _RERANK_EVERY != self._ranked_at or not self._ranked:
            risk = self.risk()
            self._ranked = sorted(self.row, key=lambda id: (-self._expected_errors(id, risk), self._positions[id]))
            self._ranked_at = len(done) // _RERANK_EVERY
        return [id for id in self._ranked if id not in done]

    def documents(self, after: int, status: str, query: str) -> dict[str, Any]:
        """A page of the list of documents, from a position in the order on: those with a status (or `flagged`; empty
        for any), and with `query` in text or name."""
        matches: Collection[int] | None = None
        if query:
            matches = set(matching(((paper.id, paper.name, paper.text) for paper in self.store.papers()), query))
        rows: list[dict[str, Any]] = []
        risk = self.risk()
        for position in range(after, len(self.row)):
            if len(rows) == PAGE:
                return {"documents": rows, "next": position}
            id = self.row[position]
            if matches is None or id in matches:
                row = self._row(id, risk)
                if status in ("", row["status"]) or (status == "flagged" and row["flagged"]):
                    rows.append(row)
        return {"documents": rows, "next": None}

    def _row(self, id: int, risk: Risk) -> dict[str, Any]:
        paper, (state, _) = self.paper(id), self.store.state(id, self.who)
        spans = len(state.live) if state.spans is not None else len(self._seeds(paper))
        return {
            "id": id,
            "name": paper.name,
            "status": state.status,
            "flagged": state.flagged,
            "words": paper.words,
            "spans": spans if state.spans is not None or paper.run else None,
            "open": self._open_spans(id, risk),
        }

    # One document.

    def document(self, id: int) -> dict[str, Any]:
        """Everything the page needs to show a document."""
        paper = self.paper(id)
        state, seq = self.store.laid(id, self.who)
        answer = {
            "id": id,
            "name": paper.name,
            "text": paper.text,
            "blind": paper.blind,
            "words": paper.words,
            "place": self._positions[id] + 1,
            "total": len(self.row),
            "unused": [] if paper.blind or self.pair else self.store.unused(id),
        }
        return answer | self.state(id, state, seq)

    def state(self, id: int, state: State | None = None, seq: int = 0) -> dict[str, Any]:
        """The part of a document that changes: its spans with their sources, its status and comments."""
        if state is None:
            state, seq = self.store.state(id, self.who)
        risk, sources, spans = self.risk(), _Sources(), []
        for span in sorted((state.spans or {}).values(), key=lambda span: (span.start, span.end)):
            seed = self.store.seed_of(id, span.id)
            spans.append(self._span(span, seed, risk, sources))
        return {
            "seq": seq,
            "status": state.status,
            "flagged": state.flagged,
            "comments": list(state.comments),
            "spans": spans,
            "sources": sources.records(risk, self.located),
        }

    def _span(self, span: Span, seed: Seed | None, risk: Risk, sources: _Sources) -> dict[str, Any]:
        record: dict[str, Any] = {"id": span.id, "start": span.start, "end": span.end, "label": span.label}
        record |= {"state": span.state, "origin": span.origin, "open": span.state in PROPOSED}
        if seed is not None:
            record |= {
                "source": sources.number(seed),
                "via": seed.via,
                "risk": round(risk.of(seed), 4),
                "open": span.state == SEED and self._is_open(seed, risk),
                "alternatives": [
                    list(alternative._replace(source=str(self.located(source_named(alternative.source)))))
                    for alternative in seed.alternatives
                ],
            }
        return record

    # The reviewer's actions.

    def apply(self, id: int, base: int, operations: Sequence[Mapping[str, Any]]) -> int:
        """Append operations of one document, which are undone together. Raises Stale and Impossible like
        `Store.append`."""
        self.paper(id)
        checked = [(id, str(operation.get("op")), _body(operation)) for operation in operations]
        if [op for _, op, _ in checked] == ["open"]:
            self.store.laid(id, self.who)
            return self.store.system(self.who, id, "open", {})
        return self.store.append(self.who, checked, bases={id: base})

    def bulk(self, places: Sequence[tuple[int, int, int]], op: str, label: str) -> int:
        """One decision at many places (document, start, end), undone together: `add` makes each a name with that label,
        `delete` makes each no name."""
        operations: list[Operation] = []
        last_event = self.store.last()
        for document in dict.fromkeys(document for document, _, _ in places):
            ranges = [(start, end) for id, start, end in places if id == document]
            self.paper(document)
            state, _ = self.store.laid(document, self.who)
            for body in decisions(state, ranges, op, label, f"n{last_event}-{len(operations)}-"):
                operations.append((document, body.pop("op"), body))
        if not operations:
            raise Impossible("there is nothing to change at these places")
        return self.store.append(self.who, operations)

    def turn(self, how: str) -> Moved | None:
        """Undo or redo the last action of the reviewer, in any document."""
        return self.store.undo(self.who) if how == "undo" else self.store.redo(self.who)

    # Questions.

    def same(self, surface: str) -> list[Hit]:
        """Every place of a surface in the pile, in order, up to a limit."""
        places: list[Hit] = []
        for paper in self.store.papers():
            if paper.id in self._positions and surface in paper.text:
                spans = self.store.state(paper.id, self.who)[0].spans
                if spans is None and not paper.blind:
                    spans = {seed.id: Span(seed.id, *seed.span, SEED, seed.span) for seed in self._seeds(paper)}
                places += hits(paper.id, paper.text, surface, spans)
        return sorted(places, key=lambda hit: (self._positions[hit.document], hit.start))[:_MOST_HITS]

    def ledger(self) -> list[dict[str, Any]]:
        """The verdicts on each source and label, those with most errors first."""
        totals: dict[tuple[str, str, str], dict[str, int]] = {}
        for (kind, name, label, _), verdicts in self.store.counts(self.who).items():
            row = totals.setdefault(
                (kind, name, label), dict.fromkeys(("right", "relabelled", "rebound", "deleted"), 0)
            )
            for verdict, count in verdicts.items():
                row[verdict] += count
        rows = [{"kind": kind, "name": name, "label": label, **row} for (kind, name, label), row in totals.items()]
        return sorted(rows, key=lambda row: (row["right"] - sum(_numbers(row)), row["name"], row["label"]))

    def progress(self) -> dict[str, Any]:
        """The progress of the reviewer, and the time that each kind of action takes."""
        figures: Progress = progress(self.store, self.who)
        actions = [
            {"op": op, "number": number, "seconds": round(seconds, 2)}
            for op, number, seconds in work(self.store.times(self.who)).rows()
        ]
        return {**figures._asdict(), "total": len(self.row), "done": len(self._done()), "actions": actions}

    def agreement(self) -> list[dict[str, Any]]:
        """The agreement of each pair of reviewers on the documents that both have finished."""
        return [
            {"first": first, "second": second, "documents": measured.documents}
            | {"f1": measured.f1, "kappa": measured.kappa.value}
            for first, second, measured in adjudication.agreements(self.store)
        ]

    def all_tagged(self) -> Skim | None:
        """Call when every document is tagged: the order of risk and the threshold then take all into account.

        Returns the threshold; None without a target.
        """
        self._ranked = []
        if self.target is None:
            return None
        risk, done = self.risk(), self._done()
        risks = [risk.of(seed) for id in self.row if id not in done for seed in self._seeds(self.paper(id))]
        self.threshold = skim(risks, self.target)
        return self.threshold

    def risk(self) -> Risk:
        """The risk of seeds, from the reviewer's verdicts so far."""
        return Risk(self.store.counts(self.who))

    def _is_open(self, seed: Seed, risk: Risk) -> bool:
        if self.target is None:
            return risk.is_open(seed)
        return risk.of(seed) > (self.threshold.threshold if self.threshold else OPEN_ABOVE)

    def _open_spans(self, id: int, risk: Risk) -> int:
        """The number of spans of a document that still need a look."""
        paper, (state, _) = self.paper(id), self.store.state(id, self.who)
        if state.status == DONE or paper.blind:
            return 0
        if state.spans is None:
            return sum(self._is_open(seed, risk) for seed in self._seeds(paper))
        count = 0
        for span in state.spans.values():
            seed = self.store.seed_of(id, span.id) if span.state == SEED else None
            count += span.state in PROPOSED or bool(seed and self._is_open(seed, risk))
        return count

    def _expected_errors(self, id: int, risk: Risk) -> float:
        """The expected number of wrong seeds in a document, per word."""
        paper = self.paper(id)
        return sum(risk.of(seed) for seed in self._seeds(paper)) / max(paper.words, 1)

    def _seeds(self, paper: Paper) -> Sequence[Seed]:
        return () if paper.run is None else self.store.seeds(paper.id, paper.run)

    def paper(self, id: int) -> Paper:
        """A document of the pile. Raises NoDocument if there is none with that number."""
        paper = self.store.paper(id) if id in self._positions else None
        if paper is None:
            raise NoDocument(id)
        return paper

    def _done(self) -> set[int]:
        query = "SELECT document FROM state WHERE who = ? AND status = ?"
        done = {id for (id,) in self.store.db.execute(query, (self.who, DONE))}
        return {id for id in self.row if id in done}


class _Sources:
    """The distinct sources of some spans, numbered from 0."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str, str, str, bool], int] = {}
        self._seeds: list[Seed] = []

    def number(self, seed: Seed) -> int:
        key = (seed.kind, seed.name, seed.place, seed.label, seed.contested)
        if key not in self._numbers:
            self._numbers[key] = len(self._seeds)
            self._seeds.append(seed)
        return self._numbers[key]

    def records(self, risk: Risk, located: Callable[[Source], Source]) -> list[dict[str, Any]]:
        """A record of each source, in the order of their numbers, with the verdicts on it so far."""
        records = []
        for seed in self._seeds:
            wrong, total = risk.record(seed)
            place = located(seed.source).place
            records.append({"kind": seed.kind, "name": seed.name, "place": place, "total": total, "wrong": wrong})
        return records


def _body(operation: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an operation that the reducer reads."""
    keys = ("id", "start", "end", "label", "on", "text")
    return {key: operation[key] for key in keys if key in operation}


def _numbers(row: Mapping[str, Any]) -> list[int]:
    return [value for value in row.values() if isinstance(value, int)]
