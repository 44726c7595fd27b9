"""A stream of texts through one tagger, for programs that have their own way of reading and writing them.

Each text is tagged or has an error, and no text costs another one its spans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

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
    """What came of a text: its spans, or why it has none."""

    spans: tuple[Span, ...] = ()
    error: str | None = None


class _Text(NamedTuple):
    text: str

    @property
    def length(self) -> int:
        return len(self.text)


class Texts:
    """Tags texts. Use it as a context.

    With `seconds`, texts are tagged in a process of its own: one that takes longer, or ends the process, has an error.
    With 0 they are tagged here, and whatever one does happens here. RuletagError carries every fault of the knowledge.
    """

    def __init__(self, settings: Settings = Settings(), seconds: float = TIME_LIMIT) -> None:
        self._pool: Pool[_Text, Found] | None = None
        tagger = settings.load()  # here too, for its faults
        self._tag = partial(_found, tagger)
        if seconds:
            self._pool = Pool(partial(_worker, settings), 1, seconds, _no_parts, _lost)

    def __enter__(self) -> Texts:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._pool:
            self._pool.__exit__()

    def tag(self, texts: Iterable[str]) -> Iterator[Found]:
        """What comes of each text, in order. Only one such stream can be under way at a time."""
        pieces = map(_Text, texts)
        return map(self._tag, pieces) if self._pool is None else self._pool.in_order(pieces)


def _worker(settings: Settings) -> Callable[[_Text], Found]:
    return partial(_found, settings.load())


def _found(tagger: Tagger, piece: _Text) -> Found:
    try:
        return Found(
            tuple(
                Span(each.start, each.end, each.label, each.text, str(each.source), each.via or None, each.id)
                for each in tagger.tag(piece.text).entities
            )
        )
    except Exception as error:
        return _lost(piece, error)


def _lost(_: _Text, error: Exception) -> Found:
    fault = failure("", error)
    return Found(error=f"{fault.code} {fault.message}")


def _no_parts(_: _Text) -> list[_Text]:
    return []
