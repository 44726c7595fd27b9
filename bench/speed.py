"""Speed side by side: other engines, long and many texts, whole commands, growing gazetteers, hostile texts.

    python bench/speed.py [TEXT...] [--only PART] [--json] [--write]

TEXT is a file or folder that `ruletag tag` reads; without it the examples are read. Machines are noisy: rounds are
interleaved and medians given, and the ratios are what counts. The extra `bench` installs all that is compared.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import click
import readme
from engines import OURS, PACKAGES, Engine, engines, names_of, versions
from processes import peak, peak_of, resident, run_command
from tabulate import tabulate
from texts import HOSTILE, filled, hostile, megabytes, met, names, press, short

from ruletag import Tagger, __version__, cache

_PATIENCE = 20  # seconds after which a hostile text is not tagged once more
Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """What a part found: rows of a name and figures under the headers, and the words below it."""

    part: str
    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    rounds: int
    sample: float  # megabytes that every engine reads
    long: float  # megabytes of the one long text
    short: int  # number of short texts
    lines: tuple[int, ...]  # megabytes of JSON Lines: the first with two processes, the first and the last for memory
    names: tuple[int, ...]
    hostile: tuple[float, ...]
    limit: float  # seconds that one hostile text is expected to take at most


def _rounds(sizes: Sizes) -> str:
    return f"{sizes.rounds} interleaved round{'' if sizes.rounds == 1 else 's'}"


def interleave(parts: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median seconds of each part; every round runs all of them."""
    times: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(rounds):
        for name, part in parts.items():
            times[name].append(seconds(part))
    return {name: statistics.median(values) for name, values in times.items()}


def seconds(part: Callable[[], object]) -> float:
    start = time.perf_counter()
    part()
    return time.perf_counter() - start


def over(engine: Engine, texts: Sequence[str]) -> Callable[[], None]:
    """One engine over all texts, one after the other."""

    def run() -> None:
        for text in texts:
            engine(text)

    return run


def measure_engines(texts: list[str], sizes: Sizes) -> Iterator[Table]:
    """Every engine over the same texts."""
    tagger = Tagger.load()
    texts = filled(texts, sizes.sample)
    found = dict(_installed(engines(tagger)))
    for engine in found.values():
        engine(texts[0])  # some build tables at first use
    parts = {name: over(engine, texts) for name, engine in found.items()}
    medians = interleave(parts, sizes.rounds)
    size, ours = megabytes(texts), medians[OURS]
    rows = [(name, ours / median, size / median) for name, median in medians.items()]
    note = f"{len(names_of(tagger))} names; {len(texts)} texts, {size:.2f} MB; medians of {_rounds(sizes)}."
    yield Table("engines", "Other engines", ("engine", "times Tagger.tag", "MB/s"), tuple(rows), note)


def _installed(found: Iterable[tuple[str, Engine | None]]) -> Iterator[tuple[str, Engine]]:
    for name, engine in found:
        if engine is None:
            print(f"skipped: {name} is not installed", file=sys.stderr)
        else:
            yield name, engine


def measure_shapes(texts: list[str], sizes: Sizes) -> Iterator[Table]:
    """One long text and many short ones, against texts as they come."""
    tagger = Tagger.load()
    lengths = {
        "texts as they come": filled(texts, sizes.long),
        "one text": ["\n".join(filled(texts, sizes.long))],
        f"{sizes.short} texts of one paragraph": short(texts, sizes.short),
    }
    medians = interleave({name: over(tagger.tag, each) for name, each in lengths.items()}, sizes.rounds)
    speeds = {name: megabytes(each) / medians[name] for name, each in lengths.items()}
    usual = speeds["texts as they come"]
    rows = [(name, speeds[name] / usual, speeds[name], megabytes(each)) for name, each in lengths.items()]
    note = f"Tagger.tag; medians of {_rounds(sizes)}."
    headers = ("texts", "times texts as they come", "MB/s", "MB")
    yield Table("shapes", "Long and short texts", headers, tuple(rows), note)


_TAG = (sys.executable, "-c", "from ruletag.cli import main; main()", "tag")


def measure_commands(texts: list[str], sizes: Sizes) -> Iterator[Table]:
    """The command line: start-up, two processes against one, memory as the input grows."""
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder) / "note.txt"
        note.write_text("".join(texts)[:1000], encoding="utf-8")
        run_command(*_TAG, str(note))  # now the knowledge is in the cache
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
                one, two = _interleaved({each: (*_TAG, str(path), "-j", each) for each in ("1", "2")}, sizes.rounds)
                rows.append((f"{size} MB, -j 2 : -j 1", one / two, f"{size / two:.2f} MB/s", f"{size / one:.2f} MB/s"))
            peaks.append((size, peak_of(*_TAG, str(path), "-j", "2")))
            path.unlink()
        (small, less), (large, most) = peaks[0], peaks[-1]
        rows.append((f"peak memory, {large} MB : {small} MB", most / less, f"{most:.0f} MB", f"{less:.0f} MB"))
    note = (
        f"`ruletag tag`. Start-up: medians of {4 * sizes.rounds} interleaved rounds. Two processes: medians of "
        f"{_rounds(sizes)}. Memory: of the largest process."
    )
    yield Table("commands", "Commands", ("what", "ratio", "the first", "the second"), tuple(rows), note)


def _interleaved(commands: dict[str, tuple[str, ...]], rounds: int) -> Iterable[float]:
    """The median seconds of each command, in their order."""
    return interleave({name: partial(run_command, *each) for name, each in commands.items()}, rounds).values()


def measure_growth(texts: list[str], sizes: Sizes) -> Iterator[Table]:
    """Gazetteers of generated names beside what ships, each in processes of its own, over the same texts."""
    texts = met(filled(texts, sizes.sample), list(names(1000)))
    found = []
    for number in (0, *sizes.names):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "names.txt"
            path.write_text("\n".join(names(number)), encoding="utf-8")
            runs = []
            for _ in ("first", "from the cache"):
                with ProcessPoolExecutor(1, get_context("spawn")) as process:
                    runs.append(process.submit(_grown, path, texts, sizes.rounds).result())
            (first, most, _, _), (again, _, now, speed) = runs
            found.append((number, speed, first, again, now, most))
    usual = found[0][1]
    rows = [(number, speed / usual, speed, *rest) for number, speed, *rest in found]
    note = (
        f"Tagger.tag with so many names more than ship; medians of {_rounds(sizes)}; each in processes of its own. "
        "Seconds: until a first text is tagged by the automaton. Resident from the cache; peak at the first load."
    )
    headers = ("names", "times none", "MB/s", "s first", "s from the cache", "resident MB", "peak MB")
    yield Table("growth", "Growing gazetteers", headers, tuple(rows), note)


def _grown(listing: Path, texts: list[str], rounds: int) -> tuple[float, float, float, float]:
    """Seconds to load, peak and resident megabytes then, and MB/s, with the names of a list."""
    os.environ[cache.VARIABLE] = str(listing.parent / "cache")
    start = time.perf_counter()
    tagger = Tagger.load(lists=[("PER", listing)])
    tagger.tag("\n".join(texts)[:100_000])
    load = time.perf_counter() - start
    most, now = peak(), resident()
    spent = interleave({"": over(tagger.tag, texts)}, rounds)[""]
    return load, most, now, megabytes(texts) / spent


def measure_hostile(texts: list[str], sizes: Sizes) -> Iterator[Table]:
    """Texts that are made to be slow, growing: what counts is that a megabyte always takes the same time."""
    tagger = Tagger.load()
    usual = filled(texts, sizes.sample)
    common = megabytes(usual) / interleave({"": over(tagger.tag, usual)}, sizes.rounds)[""]
    rows = [(kind, *_growing(kind, tagger, sizes)) for kind in HOSTILE]
    note = (
        f"Tagger.tag, seconds for each megabyte; press texts take {1 / common:.2f}. Medians of "
        f"{_rounds(sizes)}, fewer where they take more than {_PATIENCE} s. "
        f"A text that would take more than {sizes.limit:.0f} s is left out."
    )
    headers = ("text", "last : first", *(f"{size:g} MB" for size in sizes.hostile))
    yield Table("hostile", "Hostile texts", headers, tuple(rows), note)


def _growing(kind: str, tagger: Tagger, sizes: Sizes) -> list[Cell]:
    """The seconds for each megabyte at each size, after the ratio of the last to the first."""
    found: list[float] = []
    for size in sizes.hostile:
        if found and found[-1] * size > sizes.limit:
            break
        text = hostile(kind, tagger, size)
        spent: list[float] = []
        while len(spent) < sizes.rounds and sum(spent) < _PATIENCE:
            spent.append(seconds(lambda text=text: tagger.tag(text)))
        found.append(statistics.median(spent) / megabytes([text]))
    missing: list[Cell] = [None] * (len(sizes.hostile) - len(found))
    return [found[-1] / found[0], *found, *missing]


PARTS = {
    "engines": measure_engines,
    "shapes": measure_shapes,
    "commands": measure_commands,
    "growth": measure_growth,
    "hostile": measure_hostile,
}


def machine() -> str:
    """Where and with what this was measured."""
    packages = ", ".join(f"{name} {number}" for name, number in versions(PACKAGES).items())
    return (
        f"Measured on {date.today()}: ruletag {__version__}, Python {platform.python_version()}, {platform.machine()}, "
        f"{os.cpu_count()} cores; {packages}."
    )


def format_table(table: Table) -> str:
    """A table in Markdown."""
    rows = [[_shown(cell) for cell in row] for row in table.rows]
    align = ("left", *["right"] * (len(table.headers) - 1))
    body = tabulate(rows, table.headers, tablefmt="github", disable_numparse=True, colalign=align)
    return f"### {table.title}\n\n{body}\n\n{table.note}\n"


def _shown(cell: Cell) -> str:
    if cell is None:
        return "–"
    if not isinstance(cell, float):
        return f"{cell}"
    digits = next(digits for least, digits in ((100, 0), (10, 1), (0.1, 2), (0, 3)) if cell >= least)
    return f"{cell:.{digits}f}"


def _numbers(kind: Callable[[str], float]) -> Callable[..., tuple[float, ...]]:
    return lambda _context, _parameter, value: tuple(kind(each) for each in value.split(","))


@click.command()
@click.argument("texts", nargs=-1)
@click.option("--only", type=click.Choice(list(PARTS)), multiple=True, help="A part to measure; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON in place of tables.")
@click.option("--write", "to_readme", is_flag=True, help="Put the tables into bench/README.md.")
@click.option("--rounds", default=5, show_default=True, help="Rounds of which the median is taken.")
@click.option("--sample", default=0.25, show_default=True, help="Megabytes of text for engines and gazetteers.")
@click.option("--long", default=20.0, show_default=True, help="Megabytes of the long text.")
@click.option("--short", default=100_000, show_default=True, help="Number of short texts.")
@click.option("--lines", default="100,1000", show_default=True, callback=_numbers(int), help="MB of JSON Lines.")
@click.option("--names", default="1000,10000,100000,1000000", show_default=True, callback=_numbers(int))
@click.option("--hostile", default="1,4,16", show_default=True, callback=_numbers(float), help="Megabytes.")
@click.option("--limit", default=120.0, show_default=True, help="Seconds that a hostile text may take.")
def main(texts: tuple[str, ...], only: tuple[str, ...], as_json: bool, to_readme: bool, **sizes: object) -> None:
    """Measure, and print one table for each part."""
    read = press(texts)
    found = []
    for part in only or PARTS:
        for table in PARTS[part](read, Sizes(**sizes)):  # type: ignore[arg-type]
            found.append(table)
            if not as_json:
                print(format_table(table), flush=True)
    print(json.dumps({"machine": machine(), "tables": [asdict(table) for table in found]}) if as_json else machine())
    if to_readme:
        readme.write({table.part: f"{format_table(table)}\n{machine()}" for table in found})


if __name__ == "__main__":
    main()
