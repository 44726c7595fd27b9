"""How fast `ruletag convert` is with each format, and how much memory it takes, beside JSON Lines.

    python bench/formats.py                     # 10,000 documents, three rounds; a tenth of them for the memory
    python bench/formats.py --only prodigy tei
    python bench/formats.py --write

Every format is written from the JSON Lines that `ruletag tag` makes of the examples, and read back to JSON Lines. The
limit is three times the seconds from JSON Lines to JSON Lines, which every round measures too; of all rounds the least
counts. They are the processor's seconds of the process, in user mode and in the system, with all files in memory
where the system has a place for that. Memory is the peak of the process; where it does not grow with the number of
documents, it is constant. Formats with a document a file are converted as folders.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

from tables import Table, format_table, machine, write
from texts import EXAMPLES, press

from ruletag import Tagger
from ruletag.formats import FORMATS, Format
from ruletag.model import Document

LIMIT = 3  # times the seconds of JSON Lines
IN_MEMORY = Path("/dev/shm")
EXTRAS = {"cas": "cassis", "arrow": "pyarrow", "spacy": "spacy"}
# `getrusage` counts the memory of the parent for a child, so each process reports its own.
_CHILD = """
import os, pathlib, re, sys
from ruletag.__main__ import main
try:
    main()
except SystemExit as end:
    if end.code:
        raise
print(sum(os.times()[:2]), re.search(r"VmHWM:\\s*(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
"""


class Cost(NamedTuple):
    """The cost of a command: CPU seconds, which other processes hardly affect, and peak memory in megabytes."""

    seconds: float
    megabytes: float


def tagged(number: int) -> Iterator[Document]:
    """Yield `number` tagged documents: the examples of gold, repeated, each with an id of its own."""
    tagger = Tagger.load()
    examples = [tagger.tag(text) for text in press([str(EXAMPLES / "gold")])]
    for index, document in enumerate(islice(cycle(examples), number)):
        yield replace(document, id=f"d-{index:06d}", alternatives=())


def cost(source: Path, target: Path, *options: str) -> Cost:
    """The cost of one `ruletag convert`."""
    command = [sys.executable, "-c", _CHILD, "convert", str(source), str(target), "--force", *options]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        errors = done.stderr.strip()
        raise SystemExit(f"convert {source} {target} {' '.join(options)} ended with {done.returncode}\n{errors}")
    seconds, kilobytes = done.stdout.split()
    return Cost(float(seconds), int(kilobytes) / 1024)


def both_ways(target_format: Format, source: Path, folder: Path) -> dict[str, Cost]:
    """The costs from JSON Lines to a format, and back if it can be read."""
    target = folder / f"{source.stem}-{target_format.name}"
    if target_format.many:
        target = target.with_suffix((*target_format.suffixes, ".txt")[0])
    costs = {"written": cost(source, target, "--to", target_format.name)}
    if target_format.read:
        costs["read"] = cost(target, folder / "back.jsonl", "--from", target_format.name)
    if target.is_dir():
        shutil.rmtree(target)
    return costs


def measure(names: Sequence[str], documents: int, rounds: int, folder: Path) -> dict[tuple[str, str], list[Cost]]:
    """The costs of each format and way: first for a tenth of the documents, then for all of them in each round."""
    large, small = folder / "large.jsonl", folder / "small.jsonl"
    for path, number in ((small, max(1, documents // 10)), (large, documents)):
        path.write_text(FORMATS["jsonl"].dumps(tagged(number)), encoding="utf-8")
    costs: dict[tuple[str, str], list[Cost]] = {}
    for source in (small, *[large] * rounds):
        for name in ("jsonl", *names):
            for way, spent in both_ways(FORMATS[name], source, folder).items():
                costs.setdefault((name, way), []).append(spent)
                print(source.stem, name, way, f"{spent.seconds:.2f} s", sep="\t", file=sys.stderr, flush=True)
    return costs


def rows_of(costs: Mapping[tuple[str, str], Sequence[Cost]]) -> Iterator[tuple[str, str | float, ...]]:
    """A row for each format and way, compared with converting JSON Lines to JSON Lines."""
    base = min(spent.seconds for way in ("written", "read") for spent in costs["jsonl", way][1:])
    for (name, way), (tenth, *whole) in costs.items():
        if (name, way) != ("jsonl", "read"):
            least = min(spent.seconds for spent in whole)
            peak = f"{tenth.megabytes:.0f} to {max(spent.megabytes for spent in whole):.0f}"
            yield name, way, least, least / base, peak, "" if least <= LIMIT * base else "over the limit"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of which the least counts")
    writable = [name for name, declaration in FORMATS.items() if declaration.write and name != "jsonl"]
    parser.add_argument("--only", nargs="+", metavar="FORMAT", choices=writable, default=writable)
    parser.add_argument("--write", action="store_true", help="put the table into bench/results")
    options = parser.parse_args()
    modules = {name: EXTRAS.get(FORMATS[name].extra) for name in options.only}
    missing = [name for name, module in modules.items() if module and not find_spec(module)]
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
        names = [name for name in options.only if name not in missing]
        costs = measure(names, options.documents, options.rounds, Path(folder))
    headers = ("format", "way", "seconds", "times JSON Lines", "MB, a tenth to all", f"limit {LIMIT}")
    note = f"{options.documents} documents; the least of {options.rounds} interleaved rounds."
    note += f" Not installed: {', '.join(missing)}." if missing else ""
    load = f"The load of the machine was {os.getloadavg()[0]:.1f}; {machine()}"
    body = format_table(Table("formats", "Formats", headers, tuple(rows_of(costs)), f"{note}\n\n{load}"))
    print(body)
    if options.write:
        write({"formats": body}, "python bench/formats.py --write")


if __name__ == "__main__":
    main()
