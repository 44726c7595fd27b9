"""Processes that work on pieces, in order, and that end when the one that started them does."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from time import monotonic
from typing import Any, Protocol, TypeVar

from ruletag.errors import Fault, RuletagError

_BATCH = 1 << 16  # code points that a process is given at a time, in one piece or in many
_LONGEST = 256  # pieces that it is given at a time
_PATIENCE = 2.0  # seconds that a process has to end what it is about
MOST = 61 if os.name == "nt" else 1024  # more processes Windows cannot wait for, and no machine has cores for

Result = TypeVar("Result")


class HasLength(Protocol):
    """What is worked on, as far as it matters how long it is."""

    @property
    def length(self) -> int: ...


P = TypeVar("P", bound=HasLength)


@contextmanager
def processes(make: Callable[[], Callable[[Any], Any]], jobs: int) -> Iterator[Executor]:
    """Processes that do with each piece what `make` made in them; after an error they end at once."""
    others = set(active_children())
    with ProcessPoolExecutor(min(jobs, MOST), get_context("spawn"), _start, (make,)) as pool:
        try:
            yield pool
        except BaseException as error:
            pool.shutdown(wait=False, cancel_futures=True)
            _end(set(active_children()) - others)
            if isinstance(error, BrokenProcessPool):
                message = "a process was ended from outside; the memory may not be enough"
                raise RuletagError(Fault("--jobs", "RT110", message, help="use fewer processes")) from None
            raise


def _end(started: Iterable[BaseProcess]) -> None:
    """End processes that have nothing more to do: by themselves, and by force where one is not done in time.

    One that is ended while it hands over a result leaves half of it in a pipe, and whoever reads there waits for ever.
    """
    deadline = monotonic() + _PATIENCE
    for process in started:
        process.join(max(0.0, deadline - monotonic()))
    for process in started:
        process.terminate()
        process.join(_PATIENCE)


def in_order(
    pool: Executor, pieces: Iterable[P], ahead: int, lost: Callable[[P, Exception], Result]
) -> Iterator[Result]:
    """What comes of all pieces, in their order; no more than `ahead` batches are on their way.

    `lost` says what came of a piece whose result did not come back.
    """
    waiting: deque[tuple[list[P], Future[list[Result]]]] = deque()

    def first() -> list[Result]:
        batch, future = waiting.popleft()
        try:
            return future.result()
        except BrokenProcessPool:
            raise
        except Exception as error:
            return [lost(piece, error) for piece in batch]

    for batch in _batches(pieces):
        try:
            waiting.append((batch, pool.submit(_work, batch)))
        except OSError as error:  # a pool that breaks closes its pipe while work is handed over
            raise BrokenProcessPool from error
        while waiting and (len(waiting) > ahead or waiting[0][1].done()):
            yield from first()
    while waiting:
        yield from first()


def _batches(pieces: Iterable[P]) -> Iterator[list[P]]:
    """The pieces in lists of about the same length of text, so that neither short nor long ones leave a core idle."""
    batch: list[P] = []
    length = 0
    for piece in pieces:
        batch.append(piece)
        length += piece.length
        if length >= _BATCH or len(batch) == _LONGEST:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


_made: list[Callable[[Any], Any]] = []


def _start(make: Callable[[], Callable[[Any], Any]]) -> None:
    """Get ready in a process. What interrupts a run, or takes its terminal away, is the parent's affair."""
    import signal
    from threading import Thread

    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    Thread(target=_end_with_the_parent, daemon=True).start()
    _made.append(make())


def _end_with_the_parent() -> None:
    """Wait until the parent is gone, however it ended, and end too: nobody waits for the results any more."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _work(batch: list[Any]) -> list[Any]:
    return [_made[0](piece) for piece in batch]
