"""The file of a review, an SQLite database: opening and creating it, and recognising other files.

It is in WAL mode: acknowledged changes survive a killed process. `durable` also waits for the disk, which protects
against a power failure. Text and decisions are private: only its user can read a new file.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ruletag.errors import Fault, RuletagError
from ruletag.temporary import folder_made

MAGIC = b"SQLite format 3\0"
APPLICATION = 0x72746772  # "rtgr"
VERSION = 2
_WAL_MARKS = slice(18, 20)  # bytes of the header: write and read version, 2 for WAL
_SCHEMA = """
CREATE TABLE document(
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, path TEXT NOT NULL, record TEXT, text TEXT NOT NULL,
    sha256 TEXT NOT NULL, length INTEGER NOT NULL, meta TEXT NOT NULL, words INTEGER NOT NULL,
    blind INTEGER NOT NULL DEFAULT 0,
    run INTEGER REFERENCES run, unused TEXT NOT NULL DEFAULT '[]');
CREATE TABLE run(
    id INTEGER PRIMARY KEY, version TEXT NOT NULL, knowledge TEXT NOT NULL, guideline TEXT NOT NULL);
CREATE TABLE seed(
    document INTEGER NOT NULL REFERENCES document, run INTEGER NOT NULL REFERENCES run, id TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, label TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    place TEXT NOT NULL, via TEXT NOT NULL, alternatives TEXT NOT NULL,
    PRIMARY KEY(document, run, id)) WITHOUT ROWID;
CREATE TABLE event(
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, who TEXT NOT NULL, document INTEGER NOT NULL,
    op TEXT NOT NULL, body TEXT NOT NULL, action INTEGER NOT NULL);
CREATE INDEX event_of ON event(document, who);
CREATE INDEX event_by ON event(who, action);
CREATE TRIGGER event_stays BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER event_kept BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
CREATE TABLE state(
    document INTEGER NOT NULL REFERENCES document, who TEXT NOT NULL, status TEXT NOT NULL, flagged INTEGER NOT NULL,
    comments TEXT NOT NULL, laid INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(document, who)) WITHOUT ROWID;
CREATE TABLE span(
    document INTEGER NOT NULL REFERENCES document, who TEXT NOT NULL, id TEXT NOT NULL, start INTEGER NOT NULL,
    "end" INTEGER NOT NULL, label TEXT NOT NULL, state TEXT NOT NULL, origin TEXT,
    PRIMARY KEY(document, who, id)) WITHOUT ROWID;
CREATE TABLE action(id INTEGER PRIMARY KEY, who TEXT NOT NULL, standing INTEGER NOT NULL);
CREATE INDEX action_of ON action(who, standing);
CREATE TABLE source_count(
    who TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, label TEXT NOT NULL, contested INTEGER NOT NULL,
    "right" INTEGER NOT NULL DEFAULT 0, relabelled INTEGER NOT NULL DEFAULT 0, rebound INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(who, kind, name, label, contested)) WITHOUT ROWID;
"""
_MIGRATIONS = {  # by version: the statements that bring a file to the next one
    1: "CREATE TABLE refused(who TEXT NOT NULL, proposal TEXT NOT NULL, PRIMARY KEY(who, proposal)) WITHOUT ROWID;",
}
DERIVED = ("state", "span", "action", "source_count")


def fault(path: str, message: str, help: str = "") -> RuletagError:
    """The error of a review file."""
    return RuletagError(Fault(path, "RT150", message, help=help))


def connect(path: Path, *, create: bool = False, durable: bool = False) -> sqlite3.Connection:
    """Open the database of a review file, in autocommit mode; with `create`, a missing file is created in its folder.

    Raises RuletagError if it is no review file, or one of a newer ruletag.
    """
    shown = str(path)
    with _reporting(shown):
        if create:
            _make(path)
        else:
            existing(path)
        if path.stat().st_size and not is_database(path):
            raise fault(shown, "is not a review file", "name another file after --into")
        connection = _connection(path.absolute().as_uri() + "?mode=rw")
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            _migrate(connection, shown, create=create)
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def folder_of(path: Path) -> Iterator[None]:
    """Make the folder of a review file for the block; if it fails, no empty folder is left behind."""
    with _reporting(str(path)), folder_made(path.parent):
        yield


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A snapshot of a review file, for reading only, even while a server writes to it."""
    shown = str(path)
    with _reporting(shown), closing(_connection(path.absolute().as_uri() + "?mode=rw")) as connection:
        _check(connection, shown)
        connection.execute("PRAGMA query_only = 1")
        connection.execute("BEGIN")
        yield connection


@contextmanager
def reading_bytes(data: bytes, shown: str) -> Iterator[sqlite3.Connection]:
    """Like `reading`, from the bytes of a file that nobody is writing."""
    plain = bytearray(data)
    plain[_WAL_MARKS] = b"\1\1"  # in memory there is no log file
    with _reporting(shown), closing(_connection(":memory:")) as connection:
        if not data.startswith(MAGIC):
            raise fault(shown, "is not a review file")
        connection.deserialize(bytes(plain))
        _check(connection, shown)
        yield connection


def existing(path: Path) -> Path:
    """The path of an existing file. Raises RuletagError if there is none."""
    if not path.is_file():
        raise fault(str(path), "there is no such review", "check the name, or name the files to review")
    return path


def is_database(path: Path) -> bool:
    """Whether a file begins like an SQLite database."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction: committed at the end, rolled back on any exception."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _make(path: Path) -> None:
    """Create a file that only its user can read, unless it exists; the files that SQLite puts beside it take its
    mode."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if not path.is_file():
            raise fault(str(path), "is a folder or device", "name a file after --into") from None


def _connection(name: str) -> sqlite3.Connection:
    # One thread at a time uses it, but not always the same one.
    return sqlite3.connect(name, uri=True, isolation_level=None, check_same_thread=False, timeout=20)


def _migrate(connection: sqlite3.Connection, shown: str, *, create: bool) -> None:
    """Bring a file to the current schema, or give it to a new one."""
    with transaction(connection):
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables or not create:
            version = _check(connection, shown)
        else:
            version = 1
            for statement in _statements(_SCHEMA):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
        for step in range(version, VERSION):
            for statement in _statements(_MIGRATIONS[step]):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _statements(script: str) -> Iterator[str]:
    """The single statements of an SQL script; a trigger is one."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _check(connection: sqlite3.Connection, shown: str) -> int:
    """The schema version of a file. Raises RuletagError if it is no review file, or one of a newer ruletag."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION:
        raise fault(shown, "is not a review file", "name another file")
    if version > VERSION:
        message = f"was written by a newer ruletag: its version is {version}, but only {VERSION} is supported"
        raise fault(shown, message, "install the newest ruletag")
    return int(version)


@contextmanager
def _reporting(shown: str) -> Iterator[None]:
    """Turn errors of SQLite and of the system into faults that name the file."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        help = "try `ruletag review FILE --repair`, or restore the file from a copy"
        raise fault(shown, f"cannot be used: {error}", help) from None
    except OSError as error:
        raise fault(shown, f"cannot be used: {error.strerror}", "check the name and the permissions") from None
