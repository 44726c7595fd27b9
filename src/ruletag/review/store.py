"""The contents of a review file. Decisions are made only by appending events, from which states are derived.

States, actions and counts by source are derived; `repair` rebuilds them. Every method that writes is one transaction.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ruletag.review.database import DERIVED, connect, transaction
from ruletag.review.pile import Pile
from ruletag.review.reducer import OPERATIONS, Body, Context, Event, Impossible, apply, replay
from ruletag.review.spans import VERDICTS, Seed, Span, State

_DONE, _UNDONE, _FORGOTTEN = 0, 1, 2  # status of an action; forgotten: undone, and something else was done since

_MOST_CACHED = 16  # states kept in memory
Operation = tuple[int, str, Body]  # document, op, body
CountKey = tuple[str, str, str, bool]  # kind and name of a source, label, contested


class Stale(Exception):
    """A document has events after the base: `events` are those, and `seq` is the number of the last one."""

    def __init__(self, seq: int, events: Sequence[Event]) -> None:
        super().__init__(f"the document is now at {seq}")
        self.seq, self.events = seq, events


class Moved(NamedTuple):
    """The result of an undo or redo: the number of its event, and the documents whose state changed."""

    seq: int
    documents: list[int]


class Store(Pile):
    """A review file: its pile, events and states. Use it from one thread at a time."""

    def __init__(self, connection: sqlite3.Connection, path: str = "", *, clock: Callable[[], float] = time.time):
        super().__init__(connection, path)
        self._clock = clock
        self._latest: dict[tuple[int, str], tuple[State, int]] = {}

    @classmethod
    def open(cls, path: Path, *, create: bool = False, durable: bool = False) -> Store:
        """The store of a file. Raises RuletagError if it cannot be opened."""
        return cls(connect(path, create=create, durable=durable), str(path))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction; after an error, states in memory are dropped, because they may never have been written."""
        try:
            with transaction(self.db):
                yield
        except BaseException:
            self._latest.clear()
            raise

    def close(self) -> None:
        """Close the file; everything written stays."""
        self.db.close()

    def set_seeds(self, document: int, run: int, seeds: Iterable[Seed], unused: Sequence[Sequence[Any]]) -> None:
        """Store the proposals of a run for a document, and its ambiguous entries that no rule asked for.

        For reviewers who have started on the document, the new proposals replace the spans they have not touched.
        """
        with self._writing():
            self._put_seeds(document, run, seeds)
            old_run, blind = self.db.execute("SELECT run, blind FROM document WHERE id = ?", (document,)).fetchone()
            values = (run, json.dumps(list(unused)), document)
            self.db.execute("UPDATE document SET run = ?, unused = ? WHERE id = ?", values)
            if old_run is not None and old_run != run and not blind:
                people = self.db.execute("SELECT who FROM state WHERE document = ? AND laid", (document,))
                for (who,) in people.fetchall():
                    self._write(who, document, "lay-again", {"run": run}, 0)

    def state(self, document: int, who: str) -> tuple[State, int]:
        """The state of a document for a reviewer, and the number of its last event; 0 if there is none."""
        row = self.db.execute(
            "SELECT status, flagged, comments, laid, seq FROM state WHERE document = ? AND who = ?", (document, who)
        ).fetchone()
        if row is None:
            return State(), 0
        status, flagged, comments, laid, seq = row
        cached_state, cached_seq = self._latest.get((document, who), (None, 0))
        if cached_state and cached_seq == seq:
            return cached_state, seq
        spans = self._read_spans(document, who) if laid else None
        return self._remember(document, who, State(status, bool(flagged), tuple(json.loads(comments)), spans), seq)

    def _read_spans(self, document: int, who: str) -> dict[str, Span]:
        columns = 'id, start, "end", label, state, origin'
        rows = self.db.execute(f"SELECT {columns} FROM span WHERE document = ? AND who = ?", (document, who))
        return {
            id: Span(id, start, end, label, state, tuple(json.loads(origin)) if origin else None)
            for id, start, end, label, state, origin in rows
        }

    def _remember(self, document: int, who: str, state: State, seq: int) -> tuple[State, int]:
        """Keep a state in memory; it is valid as long as there is no later event in the file."""
        if len(self._latest) >= _MOST_CACHED:
            self._latest.clear()
        self._latest[document, who] = (state, seq)
        return state, seq

    def laid(self, document: int, who: str) -> tuple[State, int]:
        """Like `state`, but the seeds of the document are laid out first if they are not yet."""
        state, seq = self.state(document, who)
        if state.spans is not None:
            return state, seq
        with self._writing():
            self._lay(document, who)
        return self.state(document, who)

    def system(self, who: str, document: int, op: str, body: Body) -> int:
        """Append an event that is never undone; returns its number."""
        with self._writing():
            return self._write(who, document, op, body, 0)

    def append(self, who: str, operations: Sequence[Operation], *, bases: Mapping[int, int] | None = None) -> int:
        """Append operations that are undone together; returns the number of the last event.

        Raises Stale if a document has events after its base, Impossible if its state does not allow an operation.
        Nothing is written then.
        """
        for _, op, _ in operations:
            if op not in OPERATIONS:
                raise Impossible(f"there is no operation {op[:40]!r}")
        with self._writing():
            for document, base in (bases or {}).items():
                self._refuse_stale(document, who, base)
            seq = action = 0
            for document, op, body in operations:
                self._lay(document, who)
                action = action or self.last() + 1
                seq = self._write(who, document, op, body, action)
            if action:
                self.db.execute(
                    "UPDATE action SET standing = ? WHERE who = ? AND standing = ?", (_FORGOTTEN, who, _UNDONE)
                )
                self.db.execute("INSERT INTO action VALUES(?,?,?)", (action, who, _DONE))
        return seq

    def undo(self, who: str) -> Moved | None:
        """Undo the last action of a reviewer; None if there is none."""
        return self._turn(who, "undo", "max", _DONE, _UNDONE)

    def redo(self, who: str) -> Moved | None:
        """Redo the action that was undone last; None if there is none, or if something was done since."""
        return self._turn(who, "redo", "min", _UNDONE, _DONE)

    def _turn(self, who: str, op: str, which: str, old_status: int, new_status: int) -> Moved | None:
        """Change the status of the last (`max`) or first (`min`) action that has the old one."""
        with self._writing():
            (action,) = self.db.execute(
                f"SELECT {which}(id) FROM action WHERE who = ? AND standing = ?", (who, old_status)
            ).fetchone()
            if action is None:
                return None
            self.db.execute("UPDATE action SET standing = ? WHERE id = ?", (new_status, action))
            rows = self.db.execute(
                "SELECT DISTINCT document FROM event WHERE who = ? AND action = ? ORDER BY seq", (who, action)
            )
            documents = [document for (document,) in rows]
            seq = 0
            for document in documents:
                before, _ = self.state(document, who)
                seq = self._log(who, document, op, {"action": action}, 0)
                self._save(document, who, before, self._replayed(document, who), seq)
        return Moved(seq, documents)

    def events(self, who: str | None = None, document: int | None = None, after: int = 0) -> Iterator[Event]:
        """Events in order, optionally of one reviewer or document."""
        rows = self.db.execute(
            "SELECT seq, at, who, document, op, body, action FROM event WHERE seq > ?"
            " AND (? IS NULL OR who = ?) AND (? IS NULL OR document = ?) ORDER BY seq",
            (after, who, who, document, document),
        )
        return (
            Event(seq, at, who, document, op, json.loads(body), action)
            for seq, at, who, document, op, body, action in rows
        )

    def times(self, who: str) -> Iterator[Event]:
        """The events of a reviewer in order, without their bodies."""
        columns = "seq, at, who, document, op, action"
        for seq, at, name, document, op, action in self.db.execute(
            f"SELECT {columns} FROM event WHERE who = ? ORDER BY seq", (who,)
        ):
            yield Event(seq, at, name, document, op, {}, action)

    def people(self) -> list[str]:
        """The names of everyone who has worked on the pile, sorted."""
        return [who for (who,) in self.db.execute("SELECT DISTINCT who FROM event ORDER BY who")]

    def counts(self, who: str) -> dict[CountKey, Counter[str]]:
        """The number of a reviewer's verdicts of each kind, by source, label and whether the seed was contested."""
        columns = ", ".join(f'"{verdict}"' for verdict in VERDICTS)
        query = f"SELECT kind, name, label, contested, {columns} FROM source_count WHERE who = ?"
        rows = self.db.execute(query, (who,))
        return {
            (kind, name, label, bool(contested)): Counter(dict(zip(VERDICTS, numbers, strict=True)))
            for kind, name, label, contested, *numbers in rows
        }

    def refused(self, who: str) -> list[str]:
        """The names of the suggestions that a reviewer refused."""
        query = "SELECT proposal FROM refused WHERE who = ? ORDER BY proposal"
        return [proposal for (proposal,) in self.db.execute(query, (who,))]

    def refuse(self, who: str, proposal: str, on: bool) -> None:
        """Refuse a suggestion, or take the refusal back."""
        with transaction(self.db):
            if on:
                self.db.execute("INSERT OR IGNORE INTO refused VALUES(?,?)", (who, proposal))
            else:
                self.db.execute("DELETE FROM refused WHERE who = ? AND proposal = ?", (who, proposal))

    def derived(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything derived from the events, table by table."""
        return {table: self.db.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall() for table in DERIVED}

    def repair(self) -> list[str]:
        """Rebuild everything derived from the events; returns the names of the tables that differed."""
        with self._writing():
            before = self.derived()
            self._latest.clear()
            for table in DERIVED:
                self.db.execute(f"DELETE FROM {table}")
            self._rebuild_actions()
            query = "SELECT document, who, max(seq) FROM event GROUP BY document, who"
            for document, who, seq in self.db.execute(query).fetchall():
                self._save(document, who, State(), self._replayed(document, who), seq)
            after = self.derived()
        return [table for table in DERIVED if before[table] != after[table]]

    def _rebuild_actions(self) -> None:
        """Write the status of all actions, from the sequence of actions, undos and redos."""
        statuses: dict[str, dict[int, int]] = {}
        for event in self.events():
            own = statuses.setdefault(event.who, {})
            if event.op in ("undo", "redo"):
                own[event.body["action"]] = _UNDONE if event.op == "undo" else _DONE
            elif event.action and event.action not in own:
                own.update({action: _FORGOTTEN for action, status in own.items() if status == _UNDONE})
                own[event.action] = _DONE
        rows = [(action, who, status) for who, own in statuses.items() for action, status in own.items()]
        self.db.executemany("INSERT INTO action VALUES(?,?,?)", rows)

    def _refuse_stale(self, document: int, who: str, base: int) -> None:
        _, seq = self.state(document, who)
        if seq > base:
            raise Stale(seq, list(self.events(who, document, base)))

    def _lay(self, document: int, who: str) -> None:
        """Lay out the seeds of a document, if that has not happened yet."""
        state, _ = self.state(document, who)
        if state.spans is None:
            run, blind = self.db.execute("SELECT run, blind FROM document WHERE id = ?", (document,)).fetchone()
            if run is None:
                raise Impossible("the document is not tagged yet")
            self._write(who, document, "lay", {"run": None if blind else run}, 0)

    def last(self) -> int:
        """The number of the last event of the whole file; 0 if there is none."""
        (last,) = self.db.execute("SELECT max(seq) FROM event").fetchone()
        return last or 0

    def _write(self, who: str, document: int, op: str, body: Body, action: int) -> int:
        """Apply an operation and log it; returns the number of its event."""
        before, _ = self.state(document, who)
        after = apply(before, op, body, self._context(document))
        seq = self._log(who, document, op, body, action)
        self._save(document, who, before, after, seq)
        return seq

    def _log(self, who: str, document: int, op: str, body: Body, action: int) -> int:
        values = (self._clock(), who, document, op, json.dumps(dict(body)), action)
        cursor = self.db.execute("INSERT INTO event(at, who, document, op, body, action) VALUES(?,?,?,?,?,?)", values)
        return int(cursor.lastrowid or 0)

    def _context(self, document: int) -> Context:
        (length,) = self.db.execute("SELECT length FROM document WHERE id = ?", (document,)).fetchone()
        return Context(length, lambda run: self.seeds(document, run))

    def _replayed(self, document: int, who: str) -> State:
        query = "SELECT id FROM action WHERE who = ? AND standing <> ?"
        undone = frozenset(action for (action,) in self.db.execute(query, (who, _DONE)))
        events = (event for event in self.events(who, document) if event.op not in ("undo", "redo"))
        return replay(events, undone, self._context(document))

    def _save(self, document: int, who: str, before: State, after: State, seq: int) -> None:
        """Write a state, and the resulting changes in the counts by source."""
        values = (document, who, after.status, after.flagged, json.dumps(after.comments), after.spans is not None, seq)
        self.db.execute("INSERT OR REPLACE INTO state VALUES(?,?,?,?,?,?,?)", values)
        old, new = before.spans or {}, after.spans or {}
        if old != new:
            removed = [span for id, span in old.items() if span != new.get(id)]
            added = [span for id, span in new.items() if span != old.get(id)]
            keys = [(document, who, span.id) for span in removed]
            self.db.executemany("DELETE FROM span WHERE document = ? AND who = ? AND id = ?", keys)
            rows = [(document, who, *span[:5], json.dumps(span.origin) if span.origin else None) for span in added]
            self.db.executemany("INSERT INTO span VALUES(?,?,?,?,?,?,?,?)", rows)
            self._count(document, who, removed, -1)
            self._count(document, who, added, 1)
            empty = " AND ".join(f'"{verdict}" = 0' for verdict in VERDICTS)
            self.db.execute(f"DELETE FROM source_count WHERE who = ? AND {empty}", (who,))
        self._remember(document, who, after, seq)

    def _count(self, document: int, who: str, spans: Iterable[Span], change: int) -> None:
        """Change the counts of the sources of some spans by the verdicts on these."""
        for span in spans:
            if (verdict := span.verdict) and (seed := self.seed_of(document, span.id)):
                key = (who, seed.kind, seed.name, seed.label, seed.contested)
                columns = "who, kind, name, label, contested"
                self.db.execute(
                    f'INSERT INTO source_count({columns}, "{verdict}") VALUES(?,?,?,?,?,?)'
                    f' ON CONFLICT({columns}) DO UPDATE SET "{verdict}" = "{verdict}" + ?',
                    (*key, change, change),
                )
