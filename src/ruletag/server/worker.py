"""Tagging for requests: in one thread, because Python runs one at a time; others queue, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TypeVar

from ruletag.model import Document
from ruletag.server.requests import Refused
from ruletag.tagger import Explanation, Tagger

T = TypeVar("T")


class Session:
    """The tagger for one request. Once the request is given up, it tags no further text."""

    def __init__(self, tagger: Tagger, given_up: Event) -> None:
        self._tagger = tagger
        self._given_up = given_up

    @property
    def guideline(self) -> str:
        return self._tagger.guideline.name

    def tag(self, text: str) -> Document:
        """The document of a text. Raises TimeoutError once nobody is waiting for it."""
        return self._still_wanted().tag(text)

    def explain(self, text: str) -> Explanation:
        """Like `tag`, with everything that was considered."""
        return self._still_wanted().explain(text)

    def _still_wanted(self) -> Tagger:
        if self._given_up.is_set():
            raise TimeoutError
        return self._tagger


class Worker:
    """Runs the work of requests, one after the other. A text being tagged is always finished."""

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger
        self._pool = ThreadPoolExecutor(1, "tagger")

    async def run(self, work: Callable[[Session], T]) -> T:
        """The result of `work` for a session. If the caller is cancelled, queued work is dropped."""
        given_up = Event()
        session = Session(self._tagger, given_up)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, session)
        except asyncio.CancelledError:
            given_up.set()
            raise

    def close(self) -> None:
        """Accept no more work."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def too_late(seconds: float) -> Refused:
    """The answer to a request that takes longer than it may."""
    help = "send fewer or shorter texts at a time, or try again when the server is less busy"
    return Refused(503, f"the request took longer than {seconds:g} seconds", help)
