"""The documents of a review file and the proposals of tagger runs in them. Neither ever changes.

Every method that writes is one transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from ruletag.review.database import fault, transaction
from ruletag.review.spans import Alternative, Paper, Seed

_PAPER = "id, name, text, path, record, meta, words, blind, run"
GIVEN = "given"  # the kind of source of spans that came with a document


class Taken(NamedTuple):
    """A document to import into the pile, with the hash of its text and the spans that came with it; None for a raw
    text."""

    paper: Paper
    sha256: str
    seeds: Sequence[Seed] | None = None


class NoDocument(LookupError):
    """There is no document with that number."""


class Pile:
    """The documents of an open review file. Use it from one thread at a time."""

    def __init__(self, connection: sqlite3.Connection, path: str = "") -> None:
        self.db = connection
        self.path = path
        self._seeds = lru_cache(maxsize=64)(self._read_seeds)
        self._seeds_by_id = lru_cache(maxsize=64)(self._index_seeds)

    def add_papers(self, papers: Iterable[Taken]) -> int:
        """Import documents into the pile; returns how many are new. Raises RuletagError if the pile has a document of
        the same name with another text."""
        hashes = dict(self.db.execute("SELECT name, sha256 FROM document"))
        added = 0
        with transaction(self.db):
            for paper, sha256, seeds in papers:
                if paper.name not in hashes:
                    hashes[paper.name] = sha256
                    self._add_paper(paper, sha256, seeds)
                    added += 1
                elif hashes[paper.name] != sha256:
                    message = f"the text of {paper.name!r} has changed since it was imported into {self.path}"
                    raise fault(paper.path or paper.name, message, "restore the text, or review --into a new file")
        return added

    def _add_paper(self, paper: Paper, sha256: str, seeds: Sequence[Seed] | None) -> None:
        run = None if seeds is None else self._run("", GIVEN, "")
        names, text = (paper.name, paper.path, paper.record), paper.text
        cursor = self.db.execute(
            "INSERT INTO document(name, path, record, text, sha256, length, meta, words, run)"
            " VALUES(?,?,?,?,?,?,?,?,?)",
            (*names, text, sha256, len(text), json.dumps(dict(paper.meta)), paper.words, run),
        )
        if run is not None:
            numbered = (seed._replace(id=seed_id(run, number)) for number, seed in enumerate(seeds or ()))
            self._put_seeds(int(cursor.lastrowid or 0), run, numbered)

    def paper(self, id: int) -> Paper | None:
        """The document with a number; None if there is none."""
        row = self.db.execute(f"SELECT {_PAPER} FROM document WHERE id = ?", (id,)).fetchone()
        return _paper(row) if row else None

    def papers(self) -> Iterator[Paper]:
        """All documents in the order in which they were imported."""
        return map(_paper, self.db.execute(f"SELECT {_PAPER} FROM document ORDER BY id"))

    def set_blind(self, ids: Iterable[int]) -> None:
        with transaction(self.db):
            self.db.executemany("UPDATE document SET blind = 1 WHERE id = ?", [(id,) for id in ids])

    def blind(self) -> int:
        """The number of controls."""
        (number,) = self.db.execute("SELECT count(*) FROM document WHERE blind").fetchone()
        return int(number)

    def run(self, version: str, knowledge: str, guideline: str) -> int:
        """The number of the run with a version, knowledge and guideline, which is added if there is none yet."""
        values = (version, knowledge, guideline)
        with transaction(self.db):
            return self._run(*values)

    def _run(self, *values: str) -> int:
        where = "version = ? AND knowledge = ? AND guideline = ?"
        if row := self.db.execute(f"SELECT id FROM run WHERE {where}", values).fetchone():
            return int(row[0])
        cursor = self.db.execute("INSERT INTO run(version, knowledge, guideline) VALUES(?,?,?)", values)
        return int(cursor.lastrowid or 0)

    def _put_seeds(self, document: int, run: int, seeds: Iterable[Seed]) -> None:
        rows = [(document, run, *seed[:-1], json.dumps(seed.alternatives)) for seed in seeds]
        self.db.executemany("INSERT OR REPLACE INTO seed VALUES(?,?,?,?,?,?,?,?,?,?,?)", rows)
        self._seeds.cache_clear()
        self._seeds_by_id.cache_clear()

    def given_run(self) -> int:
        """The number of the run for spans that came with their documents; 0 if there were none."""
        row = self.db.execute("SELECT id FROM run WHERE knowledge = ?", (GIVEN,)).fetchone()
        return int(row[0]) if row else 0

    def seeds(self, document: int, run: int) -> tuple[Seed, ...]:
        """The proposals of a run in a document, in reading order."""
        return self._seeds(document, run)

    def _read_seeds(self, document: int, run: int) -> tuple[Seed, ...]:
        rows = self.db.execute(
            'SELECT id, start, "end", label, kind, name, place, via, alternatives FROM seed'
            " WHERE document = ? AND run = ? ORDER BY start",
            (document, run),
        )
        return tuple(map(_seed, rows))

    def seed_of(self, document: int, id: str) -> Seed | None:
        """The seed behind a span; None if there is none."""
        run, dot, _ = id[1:].partition(".")
        is_seed_id = id.startswith("s") and dot and run.isdecimal()
        return self._seeds_by_id(document, int(run)).get(id) if is_seed_id else None

    def _index_seeds(self, document: int, run: int) -> dict[str, Seed]:
        return {seed.id: seed for seed in self.seeds(document, run)}

    def unused(self, document: int) -> list[list[Any]]:
        """The ambiguous entries of a document that no rule asked for: start, end, label, name."""
        (entries,) = self.db.execute("SELECT unused FROM document WHERE id = ?", (document,)).fetchone()
        return list(json.loads(entries))


def seed_id(run: int, number: int) -> str:
    """The id of a seed, which includes its run."""
    return f"s{run}.{number}"


def _seed(row: Sequence[Any]) -> Seed:
    id, start, end, label, kind, name, place, via, alternatives = row
    losers = tuple(Alternative(*fields) for fields in json.loads(alternatives))
    return Seed(id, start, end, label, kind, name, place, via, losers)


def _paper(row: Sequence[Any]) -> Paper:
    id, name, text, path, record, meta, words, blind, run = row
    return Paper(id, name, text, path, record, json.loads(meta), words, bool(blind), run)
