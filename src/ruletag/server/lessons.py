"""Lessons from corrections, over HTTP: measured and written in the background, while the page polls the progress."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from ruletag.errors import RuletagError
from ruletag.places import Located
from ruletag.review.lessons import MEASURED, MEASURING, SHOWN, WRITING, WRITTEN, Lessons, ground
from ruletag.server.answering import Failed
from ruletag.server.requests import Refused, required
from ruletag.server.threads import Threads
from ruletag.suggest.edit import Addition

_SLICE = 0.02  # maximum seconds that a document being opened waits for a step, except for the first steps
_WAIT = 1.0  # seconds that a caller waits for the end, before it gets the progress
_MAX_FAULTS = 3  # that the page is told


class Teaching:
    """The lessons of one review. `adopted` is called when the tagger has new knowledge, `failed` as in `answered`."""

    def __init__(self, threads: Threads, lessons: Lessons, adopted: Callable[[], None], failed: Failed) -> None:
        self._threads, self._lessons, self._adopted, self._failed = threads, lessons, adopted, failed
        self._task: asyncio.Task[None] | None = None
        self._measured_on: object = None

    async def begin(self) -> dict[str, Any]:
        """Measure, unless that is in progress or done for the same documents. Refused (422) if no document is done."""
        if self._threads.desk.pair:
            raise Refused(422, "there are no suggestions while deciding between two reviewers", "review as one of them")
        if self._lessons.state not in (MEASURING, WRITING):
            version = await self._threads.ask(lambda desk: (desk.done_at(), desk.store.refused(desk.who)))
            if self._lessons.state != MEASURED or version != self._measured_on:
                basis = await self._threads.ask(lambda desk: ground(desk.store, desk.who))
                if not basis.corrected:
                    raise Refused(422, "no document is done yet", "suggestions come from documents that are done")
                await self._threads.tag(lambda tagger: self._lessons.begin(tagger, basis))
                self._measured_on = version
                self._task = asyncio.create_task(self._measure())
        return await self.progress(wait=0)

    async def _measure(self) -> None:
        try:
            while await self._threads.tag(lambda _: self._lessons.work(_SLICE)):
                pass
        except Exception as error:
            self._lessons.give_up(self._message_of(error))

    async def progress(self, wait: float = _WAIT) -> dict[str, Any]:
        """The progress, after waiting up to `wait` seconds for running work."""
        if self._task and not self._task.done():
            await asyncio.wait({self._task}, timeout=wait)
        return await self._threads.tag(lambda _: self._lessons.record())

    async def accept(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Write suggestions to the folder, and have the pile tagged again. Refused (422) if one is unknown."""
        ids = required(body, "ids", list)
        if not ids or self._lessons.state != MEASURED:
            raise Refused(422, "there is nothing measured to accept", "name suggestions that were measured")
        with _refusing_unknown():
            additions = await self._threads.tag(lambda _: self._lessons.accept(list(map(str, ids))))
        self._task = asyncio.create_task(self._write(additions))
        return {"dropped": self._lessons.dropped}

    async def _write(self, additions: list[Addition]) -> None:
        lessons = self._lessons
        try:
            await self._threads.adopt(await asyncio.to_thread(lessons.written, additions))
            self._threads.desk.located = Located.under([lessons.settings])
            lessons.state, lessons.error = WRITTEN, ""
            self._adopted()
        except Exception as error:
            lessons.state, lessons.error = MEASURED, self._message_of(error)

    def _message_of(self, error: Exception) -> str:
        """The message about an error for the page. If the program itself is at fault, `failed` gets a line, too."""
        if isinstance(error, RuletagError):
            messages = [
                fault.message if fault.code == "RT121" else f"{fault.path}: {fault.message}" for fault in error.faults
            ]
            return "; ".join(messages[:_MAX_FAULTS])
        self._failed(f"/api/suggest: {type(error).__name__}")
        return f"this is a bug in ruletag, please report it: {type(error).__name__}"

    async def refuse(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Never show a suggestion again (`on`), or undo that."""
        name, is_refused = required(body, "id", str), required(body, "on", bool)
        with _refusing_unknown():
            await self._threads.tag(lambda _: self._lessons.known(name))
        await self._threads.ask(lambda desk: desk.store.refuse(desk.who, name, is_refused))
        self._measured_on = await self._threads.ask(lambda desk: (desk.done_at(), desk.store.refused(desk.who)))
        return {"refused": is_refused}

    async def changes(self, name: str) -> dict[str, Any]:
        """Every span of the pile that a suggestion would change, up to a limit."""
        with _refusing_unknown():
            changes = await self._threads.tag(lambda _: self._lessons.changes(name))
        return {"changes": changes, "most": SHOWN}

    async def close(self) -> None:
        """Stop measuring; a write in progress is finished."""
        if self._task and self._lessons.state == MEASURING:
            self._task.cancel()
        if self._task:
            with suppress(asyncio.CancelledError):
                await self._task


@contextmanager
def _refusing_unknown() -> Iterator[None]:
    """Turn the KeyError for an unknown suggestion into a refusal (422)."""
    try:
        yield
    except KeyError:
        raise Refused(422, "there is no such suggestion", "measure again: POST /api/suggest") from None
