"""A clean end on a signal: the run tidies up as after Ctrl-C, ends its processes, and exits with the signal's code."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_NAMES = ("SIGTERM", "SIGHUP")


class Ended(BaseException):
    """A signal that ends the run. Not an Exception, so that no handler on the way takes it for a fault."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.name = signal.Signals(number).name
        self.exit_code = 128 + number


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Make SIGTERM and SIGHUP raise `Ended` inside the block, unless the caller ignores them (`nohup`)."""
    handlers: dict[int, Any] = {}
    for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
        if signal.getsignal(number) is signal.SIG_DFL:
            try:
                handlers[number] = signal.signal(number, _end)
            except ValueError:  # not the main thread, which handles signals
                break
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _end(number: int, _: FrameType | None) -> None:
    for name in _NAMES:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)  # once is enough: what follows is cleanup
    raise Ended(number)
