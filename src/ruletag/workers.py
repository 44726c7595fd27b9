"""A pool of processes that work on pieces, with results in order. The death of a single process never ends the run.

Each process has its own pipe and shares neither a lock nor a queue, so it can be killed at any moment: only its current
work is lost. That work is retried in ever smaller parts, down to the piece that is to blame.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from time import monotonic
from types import ModuleType
from typing import Any, Generic, Protocol, TypeVar

from ruletag.errors import Fault, Lost, RuletagError

TIME_LIMIT = 600.0  # seconds, by default; a batch takes about 30 ms
_BATCH = 1 << 17  # code points given to a process at a time, in one piece or in many
_LONGEST = 256  # pieces given to a process at a time
_PARTS = 16  # parts in which lost work is retried: 2 rounds find one line of 256, 3 one of 4096
_TRIES = 2  # for a single piece: its process may first have been killed for another reason
_MOST_STILLBORN = 10  # consecutive processes that may end before they are ready, for instance if killed at random
_PATIENCE = 5.0  # seconds to wait for a killed process to end
MOST = 61 if os.name == "nt" else 1024  # Windows cannot wait for more processes, and no machine has cores for them

Result = TypeVar("Result")


class HasLength(Protocol):
    """A unit of work whose length is known."""

    @property
    def length(self) -> int: ...


P = TypeVar("P", bound=HasLength)


@dataclass(eq=False)
class _Task(Generic[P, Result]):
    """Pieces given to a process together, and their results once they are done."""

    pieces: list[P]
    tries: int = 0
    results: list[Result] | None = None


@dataclass(eq=False)
class _Worker:
    """A process, its pipe, its current task and when that began; it sends a message when it is ready."""

    process: BaseProcess
    pipe: Connection
    task: _Task[Any, Any] | None = None
    since: float = 0.0
    ready: bool = False


class Pool(Generic[P, Result]):
    """Up to `jobs` processes, each of which calls `make` once and applies the returned function to pieces. Use it as a
    context manager.

    A task may take `limit` seconds (0: no limit). `parts` splits a piece in two or more, or returns nothing if it must
    not be split. `lost` returns the result of a piece that, whenever it is tried by itself, ends its process, takes too
    long, or has a result that cannot be sent.
    """

    def __init__(
        self,
        make: Callable[[], Callable[[P], Result]],
        jobs: int,
        limit: float,
        parts: Callable[[P], list[P]],
        lost: Callable[[P, Exception], Result],
    ) -> None:
        self._make, self._limit, self._parts, self._lost = make, limit, parts, lost
        self._jobs = min(jobs, MOST)
        self._context = get_context("spawn")
        self._workers: list[_Worker] = []
        self._unfinished: deque[_Task[P, Result]] = deque()  # in the order of the pieces
        self._todo: deque[_Task[P, Result]] = deque()
        self._stillborn = 0  # consecutive processes that ended before they were ready

    def __enter__(self) -> Pool[P, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        """Kill all processes. None of them can hold up another, or the caller."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join(_PATIENCE)
            worker.pipe.close()
        self._workers.clear()

    def in_order(self, pieces: Iterable[P]) -> Iterator[Result]:
        """The results of all pieces, in order. Takes only as many pieces as are needed to keep the processes busy.

        Raises RuletagError if processes end as soon as they are started.
        """
        batches = _batches(pieces)
        self._unfinished.clear()
        self._todo.clear()
        has_more = True
        while has_more or self._unfinished:
            while has_more and len(self._unfinished) < 2 * self._jobs:
                batch = next(batches, None)
                if batch is None:
                    has_more = False
                else:
                    task = _Task[P, Result](batch)
                    self._unfinished.append(task)
                    self._todo.append(task)
                    self._assign()
            while self._unfinished and self._unfinished[0].results is not None:
                yield from self._unfinished.popleft().results or ()
            if self._unfinished and self._unfinished[0].results is None:
                self._wait_for_any()

    def _assign(self) -> None:
        """Give tasks to idle processes, and start more processes if needed."""
        for worker in list(self._workers):
            if self._todo and worker.ready and worker.task is None:
                self._send(worker, self._todo.popleft())
        starting = sum(not worker.ready for worker in self._workers)
        for _ in range(min(len(self._todo) - starting, self._jobs - len(self._workers))):
            self._start()

    def _send(self, worker: _Worker, task: _Task[P, Result]) -> None:
        try:
            worker.pipe.send(task.pieces)
        except OSError:  # it ended without a task
            self._todo.appendleft(task)
            self._remove(worker)
        except Exception as error:
            self._retry(task, error)
        else:
            worker.task, worker.since = task, monotonic()

    def _start(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(self._make, theirs), daemon=True)
        with _without_main():
            process.start()
        theirs.close()  # or we would not notice its end
        self._workers.append(_Worker(process, ours))

    def _wait_for_any(self) -> None:
        """Wait until a process has sent something, has ended, or has run out of time; then handle it."""
        self._assign()
        busy = [worker for worker in self._workers if worker.task]
        time_left = min((worker.since + self._limit - monotonic() for worker in busy), default=0.0)
        timeout = max(0.0, time_left) if self._limit and busy else None
        readable = wait([worker.pipe for worker in self._workers], timeout)
        for worker in list(self._workers):
            if worker.pipe in readable:
                self._receive(worker)
            elif worker.task and self._limit and monotonic() - worker.since >= self._limit:
                task = self._remove(worker)
                if task:
                    reason = f"it takes longer than {self._limit:g} s"
                    self._retry(task, Lost(reason, "leave it out, or raise --time-limit"))
        self._assign()

    def _receive(self, worker: _Worker) -> None:
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            task = self._remove(worker)
            if task:
                self._retry(task, Lost(f"it ends its process ({_exit_reason(worker.process)})", "leave it out"))
            return
        except Exception as error:  # a result that cannot be received for lack of memory
            message = error
        if not worker.ready:
            worker.ready, self._stillborn = not isinstance(message, Exception), 0
            if isinstance(message, RuletagError):
                raise message
            if isinstance(message, Exception):
                reason = f"{type(message).__name__}: {message}".rstrip(": ")
                raise RuletagError(Fault("--jobs", "RT110", f"a process cannot start: {reason}", help="use fewer"))
            return
        task, worker.task = worker.task, None
        if task and isinstance(message, Exception):
            self._retry(task, message)
        elif task:
            task.results = message

    def _remove(self, worker: _Worker) -> _Task[P, Result] | None:
        """Remove a process, whether it has ended or not, and return its task."""
        worker.process.kill()
        worker.process.join(_PATIENCE)
        worker.pipe.close()
        self._workers.remove(worker)
        self._stillborn += not worker.ready
        if self._stillborn > _MOST_STILLBORN:
            message = f"processes end before they are ready ({_exit_reason(worker.process)})"
            raise RuletagError(Fault("--jobs", "RT110", message, help="use fewer; there may not be enough memory"))
        return worker.task

    def _retry(self, task: _Task[P, Result], error: Exception) -> None:
        """Retry a lost task, in smaller parts if possible. A piece that is repeatedly lost by itself has failed."""
        if task not in self._unfinished:  # nobody is waiting for it any more
            return
        (first, *others) = task.pieces
        parts = _split(task.pieces) if others else [[part] for part in self._parts(first)]
        if not parts:
            task.tries += 1
            if task.tries < _TRIES:
                self._todo.appendleft(task)
            else:
                task.results = [self._lost(first, error)]
            return
        tasks = [_Task[P, Result](part) for part in parts]
        index = self._unfinished.index(task)
        del self._unfinished[index]
        for smaller in reversed(tasks):
            self._unfinished.insert(index, smaller)
        self._todo.extendleft(reversed(tasks))


@contextmanager
def _without_main() -> Iterator[None]:
    """Start processes inside without running the program's main module again.

    They do not need it, and it may be a user's script without a guard, or a whole engine.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _split(pieces: list[P]) -> list[list[P]]:
    """The pieces in up to `_PARTS` lists of about equal length."""
    size = -(-len(pieces) // _PARTS)
    return [pieces[start : start + size] for start in range(0, len(pieces), size)]


def _exit_reason(process: BaseProcess) -> str:
    """How a process has ended."""
    import signal

    code = process.exitcode
    with suppress(ValueError):
        if code is not None and code < 0:
            return signal.Signals(-code).name
    return f"exit code {code}"


def _batches(pieces: Iterable[P]) -> Iterator[list[P]]:
    """The pieces in lists of about equal text length, so that neither short nor long ones leave a core idle."""
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


def _serve(make: Callable[[], Callable[[Any], Any]], pipe: Connection) -> None:
    """The main loop of a process: work until the pipe is closed. The parent handles interrupts and hang-ups."""
    import signal
    from threading import Thread

    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    Thread(target=_end_with_the_parent, daemon=True).start()
    with suppress(EOFError, OSError):  # the parent is gone
        try:
            do = make()
        except Exception as error:
            pipe.send(error)
            return
        pipe.send("ready")
        while True:
            pieces = pipe.recv()
            try:
                message: Any = [do(piece) for piece in pieces]
            except Exception as error:
                message = error
            try:
                pipe.send(message)
            except OSError:
                raise
            except Exception as error:  # nothing of it was sent: it could not be serialised
                pipe.send(error if isinstance(error, MemoryError) else RuntimeError(str(error)))


def _end_with_the_parent() -> None:
    """Exit as soon as the parent is gone, however it ended: nobody is waiting for the results any more."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
