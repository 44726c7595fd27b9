"""The two threads of a review: one for the file, and one for tagging. Each does one thing at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from ruletag.review.desk import Desk
from ruletag.review.seeding import Proposed, Seeder
from ruletag.review.spans import Paper
from ruletag.tagger import Tagger

T = TypeVar("T")


class Threads:
    """Runs requests to the desk and to the tagger."""

    def __init__(self, desk: Desk, tagger: Tagger) -> None:
        self.desk = desk
        self._tagger = tagger
        self._file = ThreadPoolExecutor(1, "review")
        self._tagging = ThreadPoolExecutor(1, "tagger")
        self._seeder = Seeder(desk.store, tagger)
        self._under_way: dict[int, asyncio.Task[None]] = {}

    async def ask(self, question: Callable[[Desk], T]) -> T:
        """The result of a question to the desk."""
        return await asyncio.get_running_loop().run_in_executor(self._file, question, self.desk)

    async def tag(self, work: Callable[[Tagger], T]) -> T:
        """The result of some work of the tagger. Raises RuletagError if its knowledge has faults."""
        return await asyncio.get_running_loop().run_in_executor(self._tagging, work, self._tagger)

    @property
    def run(self) -> int:
        """The number of the tagging run with the knowledge in force."""
        return self._seeder.run

    async def adopt(self, tagger: Tagger) -> None:
        """Tag with new knowledge from now on. Tagging in progress is finished with the old knowledge."""
        self._seeder = await self.ask(lambda desk: Seeder(desk.store, tagger))
        self._tagger = tagger

    async def ensure(self, *ids: int) -> None:
        """Have documents tagged with the knowledge in force, unless they already are.

        A document that takes longer than its request is still finished, so it is ready for the next request.
        """
        for id in ids:
            if id not in self._under_way:
                task = self._under_way[id] = asyncio.create_task(self._ensure(id))
                task.add_done_callback(partial(self._ended, id))
            await asyncio.shield(self._under_way[id])

    async def _ensure(self, id: int) -> None:
        seeder = self._seeder
        paper = await self.ask(partial(_due_paper, id=id, seeder=seeder))
        if paper is not None:
            proposed = await self.tag(partial(_propose, text=paper.text, seeder=seeder))
            await self.ask(partial(_keep, paper=paper, proposed=proposed, seeder=seeder))

    def _ended(self, id: int, task: asyncio.Task[None]) -> None:
        del self._under_way[id]
        if not task.cancelled():
            task.exception()  # mark it as retrieved: the waiting requests got it

    def close(self) -> None:
        """Accept no more work, and close the file once pending writes are done."""
        for task in self._under_way.values():
            task.cancel()
        self._tagging.shutdown(wait=False, cancel_futures=True)
        self._file.shutdown(wait=True, cancel_futures=True)
        self.desk.store.close()


def _due_paper(desk: Desk, id: int, seeder: Seeder) -> Paper | None:
    paper = desk.paper(id)
    return paper if not desk.pair and seeder.is_due(paper) else None


def _propose(_: Tagger, text: str, seeder: Seeder) -> Proposed:
    return seeder.propose(text)


def _keep(_: Desk, paper: Paper, proposed: Proposed, seeder: Seeder) -> None:
    seeder.keep(paper, proposed)
