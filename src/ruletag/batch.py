"""Many texts through one tagger or several processes: always in the order of the input, with the same result."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ruletag.model import Document
from ruletag.tagger import DEFAULT_GUIDELINE, Tagger

TagAll = Callable[[Iterable[str]], Iterator[Document]]
_CHUNK = 8


@dataclass(frozen=True, slots=True)
class Settings:
    """What `Tagger.load` needs, in a form that another process can be given."""

    rules: tuple[str, ...] | None = None
    gazetteers: tuple[str, ...] | None = None
    guideline: str = DEFAULT_GUIDELINE
    lists: tuple[tuple[str, str | Path], ...] = ()
    engine: str = "ahocorasick"
    memory: bool = True

    def load(self) -> Tagger:
        """A tagger of these settings. RuletagError carries every fault of the knowledge."""
        return Tagger.load(**asdict(self))


@contextmanager
def tagging(settings: Settings, jobs: int = 1) -> Iterator[TagAll]:
    """A function that tags texts in order, in this process or in `jobs` others (0: one for each core)."""
    jobs = jobs or os.cpu_count() or 1
    tagger = settings.load()
    if jobs == 1:
        yield tagger.pipe
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(jobs, get_context("spawn"), _start, (settings,)) as pool:
        try:
            yield lambda texts: pool.map(_tag, texts, chunksize=_CHUNK)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


_worker: list[Tagger] = []


def _start(settings: Settings) -> None:
    """Load the knowledge once in a worker; an interrupt is the parent's affair."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker.append(settings.load())


def _tag(text: str) -> Document:
    return _worker[0].tag(text)
