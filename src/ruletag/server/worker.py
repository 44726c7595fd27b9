"""Tagging for requests: in one thread, because Python runs one at a time; other requests queue, up to a time limit."""

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
    """The tagger for one request. It tags no more texts once the request is given up."""

    def __init__(self, tagger: Tagger, given_up: Event) -> None:
        self._tagger = tagger
        self._given_up = given_up

    @property
    def guideline(self) -> str:
        return self._tagger.guideline.name

    def tag(self, text: str) -> Document:
        """Tag a text. Raises TimeoutError if the request has been given up."""
        return self._tagger_in_time().tag(text)

    def explain(self, text: str) -> Explanation:
        """Like `tag`, with everything that was considered."""
        return self._tagger_in_time().explain(text)

    def _tagger_in_time(self) -> Tagger:
        if self._given_up.is_set():
            raise TimeoutError
        return self._tagger


class Worker:
    """Runs the work of requests one at a time. A text being tagged is always finished."""

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
    """The refusal (503) of a request that takes too long."""
    help = "send fewer or shorter texts at a time, or try again when the server is less busy"
    return Refused(503, f"the request took longer than {seconds:g} seconds", help)
