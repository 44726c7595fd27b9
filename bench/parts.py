"""The parts of the speed bench; each yields one or more tables."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from io import StringIO
from multiprocessing import get_context
from pathlib import Path

from engines import ENGINES, OURS, Engine, engines, names_of
from processes import cost_of, resident, run_command
from tables import Cell, Table
from texts import HOSTILE, filled, hostile, megabytes, mentioning, names, short
from timing import interleave, over, rounds_of, seconds, settle

from ruletag import Tagger
from ruletag.core.engine import Core
from ruletag.fold import fold
from ruletag.formats import FORMATS
from ruletag.model import Document

_PATIENCE = 20  # seconds after which a hostile text is not tagged again
_TAG = (sys.executable, "-c", "from ruletag.__main__ import main; main()", "tag")


@dataclass(frozen=True, slots=True)
class Sizes:
    """The size of each measurement."""

    rounds: int
    sample: float  # megabytes that every engine reads
    first: float  # megabytes that every engine reads in a fresh process
    long: float  # megabytes of the one long text
    short: int  # number of short texts
    lines: tuple[int, ...]  # megabytes of JSON Lines: the first with two processes, the first and the last for memory
    names: tuple[int, ...]
    hostile: tuple[float, ...]
    limit: float  # a hostile text that is expected to take more seconds is left out


def _written(document: Document) -> str:
    stream = StringIO()
    FORMATS["jsonl"].write([document], stream)
    return stream.getvalue()


def measure_stages(texts: list[str], sizes: Sizes) -> Iterator[Table]:
    """Both engines up to the end of each stage of the chain."""
    tagger = Tagger.load(engine="core")
    chains = {"core": Core(tagger.knowledge.compiled), "plain": tagger.plain}
    texts = filled(texts, sizes.sample)
    stages: dict[str, dict[str, Engine]] = {"folded": {"core": fold, "plain": fold}}
    for name, chain in chains.items():
        stages.setdefault("entries found", {})[name] = lambda text, chain=chain: chain.hits(fold(text))
        stages.setdefault("rules applied, overlaps decided", {})[name] = partial(chain.decide, memory=False)
        stages.setdefault("names remembered", {})[name] = chain.decide
        tag = Tagger.load(engine=name).tag
        stages.setdefault("document made (Tagger.tag)", {})[name] = tag
        stages.setdefault("written as JSON Lines", {})[name] = lambda text, tag=tag: _written(tag(text))
    parts = {f"{stage}/{name}": over(run, texts) for stage, runs in stages.items() for name, run in runs.items()}
    for part in parts.values():
        part()  # fills the caches with all words
    settle()
    medians = interleave(parts, sizes.rounds)
    size = megabytes(texts)
    rows = []
    for stage in stages:
        core, plain = (1000 * medians[f"{stage}/{name}"] / size for name in chains)
        rows.append((stage, core, plain, plain / core))
    note = (
        f"Milliseconds for a megabyte, from the text up to the end of the stage; {size:.2f} MB, medians of "
        f"{rounds_of(sizes.rounds)}. The core folds an even text by itself."
    )
    yield Table("stages", "Stages of both engines", ("up to", "core", "plain", "plain : core"), tuple(rows), note)


def measure_engines(texts: list[str], sizes: Sizes) -> Iterator[Table]:
    """Every engine over the same texts, which it has read before."""
    surfaces = names_of(Tagger.load())
    texts = filled(texts, sizes.sample)
    installed = dict(_installed(engines(surfaces)))
    parts = {name: over(engine, texts) for name, engine in installed.items()}
    for part in parts.values():
        part()
    settle()
    medians = interleave(parts, sizes.rounds)
    size = megabytes(texts)
    rows = _compared({name: size / median for name, median in medians.items()})
    note = f"{len(surfaces)} names; {len(texts)} texts, {size:.2f} MB; medians of {rounds_of(sizes.rounds)}."
    yield Table("engines", "Engines, warm", ("engine", f"times {OURS}", "MB/s"), tuple(rows), note)


def measure_cold(texts: list[str], sizes: Sizes) -> Iterator[Table]:
    """Every engine over texts that it has never read, each time in a process of its own."""
    surfaces = names_of(Tagger.load())
    texts = filled(texts, sizes.first)
    passes: dict[str, list[tuple[float, float]]] = {}
    for _ in range(sizes.rounds):
        for name in ENGINES:
            with ProcessPoolExecutor(1, get_context("spawn")) as process:
                if times := process.submit(_first_pass, name, surfaces, texts).result():
                    passes.setdefault(name, []).append(times)
    size = megabytes(texts)
    medians = {
        name: [statistics.median(column) for column in zip(*times, strict=True)] for name, times in passes.items()
    }
    speeds = _compared({name: size / first for name, (_, first) in medians.items()})
    rows = [(name, ratio, speed, medians[name][0]) for name, ratio, speed in speeds]
    note = f"The first {size:.2f} MB of a fresh process; medians of {rounds_of(sizes.rounds)}. ruletag from its cache."
    yield Table("cold", "Engines, cold", ("engine", f"times {OURS}", "MB/s", "s to load"), tuple(rows), note)


def _first_pass(name: str, surfaces: Sequence[str], texts: Sequence[str]) -> tuple[float, float] | None:
    """The seconds to load an engine, and those for the first texts that it reads; None if it is not installed."""
    loaded: list[Engine | None] = []
    load = seconds(lambda: loaded.append(ENGINES[name](surfaces)))
    [engine] = loaded
    if engine is None:
        return None
    settle()
    return load, seconds(over(engine, texts))


def _compared(speeds: dict[str, float]) -> list[tuple[str, float, float]]:
    """Each engine with its speed in relation to ours, and its speed."""
    ours = speeds.get(OURS) or next(iter(speeds.values()))
    return [(name, speed / ours, speed) for name, speed in speeds.items()]


def _installed(loaded: Iterable[tuple[str, Engine | None]]) -> Iterator[tuple[str, Engine]]:
    for name, engine in loaded:
        if engine is None:
            print(f"skipped: {name} is not installed", file=sys.stderr)
        else:
            yield name, engine


def measure_shapes(texts: list[str], sizes: Sizes) -> Iterator[Table]:
    """One long text and many short ones, against texts as they come."""
    tagger = Tagger.load()
    shapes = {
        "texts as they come": filled(texts, sizes.long),
        "one text": ["\n".join(filled(texts, sizes.long))],
        f"{sizes.short} texts of one paragraph": short(texts, sizes.short),
    }
    settle()
    medians = interleave({name: over(tagger.tag, sample) for name, sample in shapes.items()}, sizes.rounds)
    speeds = {name: megabytes(sample) / medians[name] for name, sample in shapes.items()}
    usual = speeds["texts as they come"]
    rows = [(name, speeds[name] / usual, speeds[name], megabytes(sample)) for name, sample in shapes.items()]
    note = f"Tagger.tag, engine {tagger.engine}; medians of {rounds_of(sizes.rounds)}."
    headers = ("texts", "times texts as they come", "MB/s", "MB")
    yield Table("shapes", "Long and short texts", headers, tuple(rows), note)


def measure_commands(texts: list[str], sizes: Sizes) -> Iterator[Table]:
    """The command line: start-up, two processes against one, and memory for growing input."""
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder) / "note.txt"
        note.write_text("".join(texts)[:1000], encoding="utf-8")
        run_command(*_TAG, str(note))  # puts the knowledge into the cache
        starts = {"pass": (sys.executable, "-c", "pass"), "tag": (*_TAG, str(note))}
        base, tag = _interleaved(starts, 4 * sizes.rounds)
        rows = [("1 kB, from the cache : python -c pass", tag / base, f"{tag * 1000:.0f} ms", f"{base * 1000:.0f} ms")]
        peaks = []
        for size in sizes.lines:
            path = Path(folder) / f"{size}.jsonl"
            megabyte = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in filled(texts, 1))
            with path.open("w", encoding="utf-8") as file:
                file.writelines(megabyte for _ in range(size))
            if size == sizes.lines[0]:
                one, two = _interleaved({jobs: (*_TAG, str(path), "-j", jobs) for jobs in ("1", "2")}, sizes.rounds)
                rows.append((f"{size} MB, -j 2 : -j 1", one / two, f"{size / two:.2f} MB/s", f"{size / one:.2f} MB/s"))
            peaks.append((size, cost_of(*_TAG, str(path), "-j", "2").megabytes))
            path.unlink()
        (small, low), (large, high) = peaks[0], peaks[-1]
        rows.append((f"peak memory, {large} MB : {small} MB", high / low, f"{high:.0f} MB", f"{low:.0f} MB"))
    note = (
        f"`ruletag tag`. Start-up: medians of {4 * sizes.rounds} interleaved rounds. Two processes: medians of "
        f"{rounds_of(sizes.rounds)}. Memory: of the largest process."
    )
    yield Table("commands", "Commands", ("what", "ratio", "the first", "the second"), tuple(rows), note)


def _interleaved(commands: dict[str, tuple[str, ...]], rounds: int) -> Iterable[float]:
    """The median seconds of each command, in order."""
    return interleave({name: partial(run_command, *words) for name, words in commands.items()}, rounds).values()


def measure_growth(texts: list[str], sizes: Sizes) -> Iterator[Table]:
    """Generated gazetteers of growing size beside the shipped ones, each in its own processes, over the same texts."""
    texts = mentioning(filled(texts, sizes.sample), list(names(1000)))
    measured = []
    for number in (0, *sizes.names):
        with tempfile.TemporaryDirectory() as folder:
            listing, note = Path(folder) / "names.txt", Path(folder) / "note.txt"
            listing.write_text("\n".join(names(number)), encoding="utf-8")
            note.write_text("".join(texts)[:1000], encoding="utf-8")
            command = (*_TAG, str(note), "--list", f"PER={listing}")
            first, again = (cost_of(*command, RULETAG_CACHE=str(Path(folder) / "cache")) for _ in range(2))
            with ProcessPoolExecutor(1, get_context("spawn")) as process:
                now, speed = process.submit(_grown, listing, texts, sizes.rounds).result()
            costs = (first.seconds, again.seconds, first.megabytes, again.megabytes, now)
            measured.append((number, speed, *costs))
    _, usual, *_ = measured[0]
    rows = [(number, speed / usual, speed, *costs) for number, speed, *costs in measured]
    note = (
        f"So many names more than ship. Tagger.tag: medians of {rounds_of(sizes.rounds)}. Seconds and peak memory of "
        "`ruletag tag` on 1 kB: the first time, and from the cache. Resident: in a process that has tagged."
    )
    loads = ("s first", "s from the cache", "MB first", "MB from the cache", "MB resident")
    yield Table("growth", "Growing gazetteers", ("names", "times none", "MB/s", *loads), tuple(rows), note)


def _grown(listing: Path, texts: list[str], rounds: int) -> tuple[float, float]:
    """Resident megabytes and MB/s with the names of a list, in a process of its own."""
    tagger = Tagger.load(lists=[("PER", listing)])
    run = over(tagger.tag, texts)
    run()
    settle()
    spent = interleave({"": run}, rounds)[""]
    return resident(), megabytes(texts) / spent


def measure_hostile(texts: list[str], sizes: Sizes) -> Iterator[Table]:
    """Texts made to be slow, of growing size: a megabyte should always take the same time."""
    usual = filled(texts, sizes.sample)
    for engine in ("core", "plain"):
        tagger = Tagger.load(engine=engine)
        settle()
        common = interleave({"": over(tagger.tag, usual)}, sizes.rounds)[""] / megabytes(usual)
        rows = [(kind, *_growing(kind, tagger, sizes)) for kind in HOSTILE]
        note = (
            f"Tagger.tag, engine {engine}, seconds for each megabyte; press texts take {common:.3f}. Medians of "
            f"{rounds_of(sizes.rounds)}, fewer where they take more than {_PATIENCE} s. "
            f"A text that would take more than {sizes.limit:.0f} s is left out."
        )
        headers = ("text", "last : first", *(f"{size:g} MB" for size in sizes.hostile))
        yield Table("hostile", f"Hostile texts, {engine}", headers, tuple(rows), note)


def _growing(kind: str, tagger: Tagger, sizes: Sizes) -> list[Cell]:
    """The ratio of the last to the first, then the seconds per megabyte at each size."""
    paces: list[float] = []  # seconds per megabyte
    for size in sizes.hostile:
        if paces and paces[-1] * size > sizes.limit:
            break
        text = hostile(kind, tagger, size)
        spent: list[float] = []
        while len(spent) < sizes.rounds and sum(spent) < _PATIENCE:
            spent.append(seconds(partial(tagger.tag, text)))
        paces.append(statistics.median(spent) / megabytes([text]))
    missing: list[Cell] = [None] * (len(sizes.hostile) - len(paces))
    return [paces[-1] / paces[0], *paces, *missing]


PARTS: dict[str, Callable[[list[str], Sizes], Iterator[Table]]] = {
    "stages": measure_stages,
    "engines": measure_engines,
    "cold": measure_cold,
    "shapes": measure_shapes,
    "commands": measure_commands,
    "growth": measure_growth,
    "hostile": measure_hostile,
}
