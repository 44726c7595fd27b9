"""Processes that work on pieces, in order. The death of one costs a try, never the run.

Each process has its own pipe and shares neither a lock nor a queue, so it can be killed at any moment: only its current
work is lost. That is retried in smaller parts, down to the one that is to blame.
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
_TRIES = 2  # for a single piece: the first time its process may have been killed for another reason
_STILLBORN = 10  # consecutive processes that may end before they are ready, as when somebody kills at random
_PATIENCE = 5.0  # seconds for a killed process to be gone
MOST = 61 if os.name == "nt" else 1024  # Windows cannot wait for more processes, and no machine has cores for them

Result = TypeVar("Result")


class HasLength(Protocol):
    """A unit of work whose length is known."""

    @property
    def length(self) -> int: ...


P = TypeVar("P", bound=HasLength)


@dataclass(eq=False)
class _Task(Generic[P, Result]):
    """Pieces given to a process at a time, and their results once they are done."""

    pieces: list[P]
    tries: int = 0
    results: list[Result] | None = None


@dataclass(eq=False)
class _Worker:
    """A process, its pipe, its current task and when that began; it is ready once it has said so."""

    process: BaseProcess
    pipe: Connection
    task: _Task[Any, Any] | None = None
    since: float = 0.0
    ready: bool = False


class Pool(Generic[P, Result]):
    """Up to `jobs` processes that apply to each piece the function that `make` made in them. Use it as a context
    manager.

    A task may take `limit` seconds (0: no limit). `parts` splits a piece in two or more, or returns nothing if it must
    not be split. `lost` gives the result of a piece that ends its process, takes too long, or whose result cannot be
    sent, each time it is tried by itself.
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
        self._line: deque[_Task[P, Result]] = deque()  # in the order of the pieces
        self._todo: deque[_Task[P, Result]] = deque()
        self._stillborn = 0  # consecutive processes that ended before they were ready

    def __enter__(self) -> Pool[P, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        """End all processes at once. None of them can hold up another, or the caller."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join(_PATIENCE)
            worker.pipe.close()
        self._workers.clear()

    def in_order(self, pieces: Iterable[P]) -> Iterator[Result]:
        """The results of all pieces, in order. Only as many pieces are taken as are needed to keep the processes busy.

        Raises RuletagError if processes end as soon as they are started.
        """
        batches = _batches(pieces)
        self._line.clear()
        self._todo.clear()
        more = True
        while more or self._line:
            while more and len(self._line) < 2 * self._jobs:
                batch = next(batches, None)
                if batch is None:
                    more = False
                else:
                    task = _Task[P, Result](batch)
                    self._line.append(task)
                    self._todo.append(task)
                    self._hand_out()
            while self._line and self._line[0].results is not None:
                yield from self._line.popleft().results or ()
            if self._line and self._line[0].results is None:
                self._await()

    def _hand_out(self) -> None:
        """Give tasks to idle processes, and start more processes if needed."""
        for worker in list(self._workers):
            if self._todo and worker.ready and worker.task is None:
                self._give(worker, self._todo.popleft())
        coming = sum(not worker.ready for worker in self._workers)
        for _ in range(min(len(self._todo) - coming, self._jobs - len(self._workers))):
            self._start()

    def _give(self, worker: _Worker, task: _Task[P, Result]) -> None:
        try:
            worker.pipe.send(task.pieces)
        except OSError:  # it ended without a task
            self._todo.appendleft(task)
            self._bury(worker)
        except Exception as error:
            self._failed(task, error)
        else:
            worker.task, worker.since = task, monotonic()

    def _start(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(self._make, theirs), daemon=True)
        with _without_main():
            process.start()
        theirs.close()  # or we would not notice its end
        self._workers.append(_Worker(process, ours))

    def _await(self) -> None:
        """Wait until a process has sent something, has ended, or has used up its time; and act on it."""
        self._hand_out()
        busy = [worker for worker in self._workers if worker.task]
        left = min((worker.since + self._limit - monotonic() for worker in busy), default=0.0)
        speaking = wait([worker.pipe for worker in self._workers], max(0.0, left) if self._limit and busy else None)
        for worker in list(self._workers):
            if worker.pipe in speaking:
                self._hear(worker)
            elif worker.task and self._limit and monotonic() - worker.since >= self._limit:
                task = self._bury(worker)
                if task:
                    reason = f"it takes longer than {self._limit:g} s"
                    self._failed(task, Lost(reason, "leave it out, or raise --time-limit"))
        self._hand_out()

    def _hear(self, worker: _Worker) -> None:
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            task = self._bury(worker)
            if task:
                self._failed(task, Lost(f"it ends its process ({_how(worker.process)})", "leave it out"))
            return
        except Exception as error:  # a result that cannot be received for lack of memory
            message = error
        if not worker.ready:
            worker.ready, self._stillborn = not isinstance(message, Exception), 0
            if isinstance(message, RuletagError):
                raise message
            if isinstance(message, Exception):
                told = f"{type(message).__name__}: {message}".rstrip(": ")
                raise RuletagError(Fault("--jobs", "RT110", f"a process cannot start: {told}", help="use fewer"))
            return
        task, worker.task = worker.task, None
        if task and isinstance(message, Exception):
            self._failed(task, message)
        elif task:
            task.results = message

    def _bury(self, worker: _Worker) -> _Task[P, Result] | None:
        """Remove a process, whether it has ended or not, and return its task."""
        worker.process.kill()
        worker.process.join(_PATIENCE)
        worker.pipe.close()
        self._workers.remove(worker)
        self._stillborn += not worker.ready
        if self._stillborn > _STILLBORN:
            message = f"processes end before they are ready ({_how(worker.process)})"
            raise RuletagError(Fault("--jobs", "RT110", message, help="use fewer; there may not be enough memory"))
        return worker.task

    def _failed(self, task: _Task[P, Result], error: Exception) -> None:
        """Retry what was lost, in smaller parts if it has any. A piece that is lost by itself has failed."""
        if task not in self._line:  # nobody is waiting for it any more
            return
        (first, *others) = task.pieces
        parts = _cut(task.pieces) if others else [[part] for part in self._parts(first)]
        if not parts:
            task.tries += 1
            if task.tries < _TRIES:
                self._todo.appendleft(task)
            else:
                task.results = [self._lost(first, error)]
            return
        tasks = [_Task[P, Result](part) for part in parts]
        place = self._line.index(task)
        del self._line[place]
        for each in reversed(tasks):
            self._line.insert(place, each)
        self._todo.extendleft(reversed(tasks))


@contextmanager
def _without_main() -> Iterator[None]:
    """For starting a process that must not run the program's main module again.

    It has no use for it, and that module may be a user's script without a guard, or a whole engine.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _cut(pieces: list[P]) -> list[list[P]]:
    """The same in up to `_PARTS` lists of about equal length."""
    size = -(-len(pieces) // _PARTS)
    return [pieces[start : start + size] for start in range(0, len(pieces), size)]


def _how(process: BaseProcess) -> str:
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
    """Work in a process until there is nothing left to do. Interrupts and hang-ups are handled by the parent."""
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
    """Wait until the parent is gone, however it ended, and end too: nobody is waiting for the results any more."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
