"""How fast `ruletag convert` is with each format, and how much memory it takes, beside JSON Lines.

    python bench/formats.py                     # 10,000 documents of the examples, and 1,000 for the memory
    python bench/formats.py --only prodigy tei

The limit is three times the seconds that JSON Lines take for the same documents. Memory is the peak of the process;
where it does not grow with the number of documents, it is constant. Formats with a document a file are converted as
folders.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

from tabulate import tabulate
from texts import EXAMPLES

from ruletag.files import find_inputs, read_documents
from ruletag.formats import FORMATS, Format
from ruletag.model import Document

LIMIT = 3  # times the seconds of JSON Lines
# What `getrusage` says of a child counts the memory of its parent, so that each process tells its own.
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
    """What a command took: seconds of the processor, which other processes do not change, and megabytes at the peak."""

    seconds: float
    megabytes: float


def gold(number: int) -> list[Document]:
    """So many documents with gold spans: those of the examples, over and over, with ids of their own."""
    found = [each for source in find_inputs([str(EXAMPLES / "gold")]) for each in read_documents(source)]
    return [
        Document(each.text, each.entities, f"d-{place:06d}", each.path, True)
        for place, each in enumerate(islice(cycle(found), number))
    ]


def cost(source: Path, target: Path, *options: str) -> Cost:
    """What one `ruletag convert` takes."""
    command = [sys.executable, "-c", _CHILD, "convert", str(source), str(target), *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", check=False)
    if done.returncode:
        raise SystemExit(f"convert {source} {target} {' '.join(options)} ended with {done.returncode}")
    seconds, kilobytes = done.stdout.split()
    return Cost(float(seconds), int(kilobytes) / 1024)


def both_ways(found: Format, source: Path, folder: Path) -> list[Cost | None]:
    """From JSON Lines to a format, and back."""
    target = folder / f"{source.stem}-{found.name}"
    if found.many:
        target = target.with_suffix((*found.suffixes, ".txt")[0])
    written = cost(source, target, "--to", found.name) if found.write else None
    read = None
    if written and found.read:
        read = cost(target, folder / "back.jsonl", "--from", found.name, "--force")
    if target.is_dir():
        shutil.rmtree(target)
    return [written, read]


def measure(names: Sequence[str], documents: int, folder: Path) -> list[list[str]]:
    """A row for each format and direction."""
    large, small = folder / "large.jsonl", folder / "small.jsonl"
    for path, number in ((large, documents), (small, max(1, documents // 10))):
        path.write_text(FORMATS["jsonl"].dumps(gold(number)), encoding="utf-8")
    base = min(cost(large, folder / "base.jsonl", "--force").seconds for _ in range(3))
    rows = [["jsonl", "to jsonl", f"{base:.1f}", "1.0", "", ""]]
    for name in names:
        pairs = zip(both_ways(FORMATS[name], large, folder), both_ways(FORMATS[name], small, folder), strict=True)
        for way, (much, little) in zip((f"jsonl to {name}", f"{name} to jsonl"), pairs, strict=True):
            if much and little:
                times = much.seconds / base
                verdict = "" if times <= LIMIT else "over the limit"
                grown = f"{little.megabytes:.0f} to {much.megabytes:.0f} MB"
                rows.append([name, way, f"{much.seconds:.1f}", f"{times:.1f}", grown, verdict])
                print(*rows[-1], sep="\t", file=sys.stderr, flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="FORMAT",
        choices=list(FORMATS),
        default=[name for name in FORMATS if name != "jsonl"],
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(options.only, options.documents, Path(folder))
    print(tabulate(rows, ["format", "way", "seconds", "times JSON Lines", "memory, a tenth to all", ""]))


if __name__ == "__main__":
    main()
