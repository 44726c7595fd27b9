"""The state that the answers of a review share, and its background work: tagging ahead, and tagging again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from ruletag.review.lessons import Lessons
from ruletag.review.risk import Skim
from ruletag.server.answering import Failed, Limits
from ruletag.server.lessons import Teaching
from ruletag.server.threads import Threads

AHEAD = 20  # documents that are tagged before they are opened


class Review:
    """The state that the answers share: the threads, and the reviewer's window that may write."""

    def __init__(
        self,
        threads: Threads,
        lessons: Lessons,
        limits: Limits,
        ahead: int | None,
        on_skim: Callable[[Skim], None],
        failed: Failed,
    ) -> None:
        self.threads, self.limits, self.ahead, self._on_skim = threads, limits, ahead, on_skim
        self.teaching = Teaching(threads, lessons, self._tag_again, failed)
        self.window = ""
        self.current: int | None = None  # the document open on the page, which is not tagged in the background
        self._tags_all = ahead is None
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def open(self, id: int) -> None:
        """Open a document: have it tagged first, and those after it in the background."""
        self.current = id
        await self.threads.ensure(id)
        self.look_ahead(id)

    def look_ahead(self, after: int | None) -> None:
        """Have the next documents tagged in the background."""
        self._begin("ahead", partial(self._tag_ahead, after))

    def _tag_again(self) -> None:
        """Have documents tagged again in the background, after a change of knowledge."""
        self._begin("again", self._tag_outdated)

    def _begin(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if name not in self._tasks or self._tasks[name].done():
            self._tasks[name] = asyncio.create_task(work())

    async def _tag_ahead(self, after: int | None) -> None:
        with suppress(Exception):  # the request that opens the document gets the error
            await self._tag(await self.threads.ask(lambda desk: desk.ahead(after, self.ahead)))
            if self.ahead is None:  # everything is tagged now
                self.ahead = AHEAD
                await self._rank()

    async def _tag_outdated(self) -> None:
        with suppress(Exception):
            await self._tag(await self.threads.ask(lambda desk: desk.outdated(self.threads.run)))
            if self._tags_all:
                await self._rank()

    async def _tag(self, ids: Iterable[int]) -> None:
        for id in ids:
            if id != self.current:
                await self.threads.ensure(id)

    async def _rank(self) -> None:
        if skim := await self.threads.ask(lambda desk: desk.all_tagged()):
            self._on_skim(skim)

    async def close(self) -> None:
        """Stop the background work, and close the file."""
        await self.teaching.close()
        for task in self._tasks.values():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self.threads.close()
