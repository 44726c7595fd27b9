"""Tags a stream of texts, for programs that read and write texts in their own way.

Each text is tagged or has an error, and no text affects the spans of another.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from ruletag.errors import failure
from ruletag.tagger import Settings, Tagger
from ruletag.workers import TIME_LIMIT, Pool


class Span(NamedTuple):
    """A name in a text, in half-open code points: `text[start:end]` is its `text`."""

    start: int
    end: int
    label: str
    text: str
    source: str
    via: str | None = None
    id: str | None = None


class Found(NamedTuple):
    """The result of a text: its spans, or why it has none."""

    spans: tuple[Span, ...] = ()
    error: str | None = None


class _Text(NamedTuple):
    text: str

    @property
    def length(self) -> int:
        return len(self.text)


class Texts:
    """Tags texts. Use it as a context manager.

    With `seconds`, texts are tagged in a separate process: one that takes longer, or ends the process, gets an error.
    With 0 they are tagged in this process, without that protection. Raises RuletagError with every fault of the
    knowledge.
    """

    def __init__(self, settings: Settings = Settings(), seconds: float = TIME_LIMIT) -> None:
        self._pool: Pool[_Text, _Plain] | None = None
        if seconds:
            self._pool = Pool(partial(_worker, settings), 1, seconds, _no_parts, _lost)
        else:
            self._tag = partial(_tagged, settings.load())

    def __enter__(self) -> Texts:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the separate process, if there is one."""
        if self._pool:
            self._pool.__exit__()

    def tag(self, texts: Iterable[str]) -> Iterator[Found]:
        """The result of each text, in order. Only one such iterator can be active at a time."""
        pieces = map(_Text, texts)
        results = map(self._tag, pieces) if self._pool is None else self._pool.in_order(pieces)
        return (Found(tuple(map(Span._make, spans)), error) for spans, error in results)


_free: dict[tuple[int, Settings, float], list[Texts]] = defaultdict(list)


@contextmanager
def lent(settings: Settings, seconds: float) -> Iterator[Texts]:
    """Lend a `Texts` of this process that nobody else is using; it is kept for the next caller.

    A forked process does not use its parent's, whose pipes it would share.
    """
    free = _free[os.getpid(), settings, seconds]
    texts = free.pop() if free else Texts(settings, seconds)
    try:
        yield texts
    except BaseException:
        texts.close()
        raise
    free.append(texts)


# The result of a text for the pipe: named tuples take eight times as long.
_Plain = tuple[tuple[tuple[Any, ...], ...], str | None]


def _worker(settings: Settings) -> Callable[[_Text], _Plain]:
    return partial(_tagged, settings.load())


def _tagged(tagger: Tagger, piece: _Text) -> _Plain:
    try:
        return tuple(
            (entity.start, entity.end, entity.label, entity.text, str(entity.source), entity.via or None, entity.id)
            for entity in tagger.tag(piece.text).entities
        ), None
    except Exception as error:
        return _lost(piece, error)


def _lost(_: _Text, error: Exception) -> _Plain:
    fault = failure("", error)
    return (), f"{fault.code} {fault.message}"


def _no_parts(_: _Text) -> list[_Text]:
    return []
