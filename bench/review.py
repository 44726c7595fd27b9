"""How long the page of `ruletag review` takes to open a document and to answer a key, in Chromium.

    python bench/review.py [--words N] [--rounds N] [--write]

A document of one line stands beside one of N words, made of the examples; both are tagged before. *Open* is the time
from the key that goes to the document until it is painted, a key the time until what it changes is painted. Both wait
for a frame of the screen, so that nothing takes less than some milliseconds; what counts is the ratio.

Besides, the seconds of processor and of clock that `ruletag review` takes to print its address, when it takes 5,000
files in and the knowledge is compiled. Needs the extra `browser`, and a Chromium that is installed.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tables import Table, format_table, machine, write

from ruletag import Tagger

ARTICLES = Path(__file__).parents[1] / "examples" / "articles"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
LINE = "Emmanuel Macron est à Paris."
KEYS = {"j": "next span", "o": "label", "u": "undo", "k": "previous span", "ArrowDown": "next word"}
FILES = 5000
# Seconds until the page is painted after a key; `name` is the document that must be shown then, if the key changes it.
PRESS = """async ([key, name]) => {
    const start = performance.now();
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    (document.activeElement ?? document.body).dispatchEvent(event);
    const painted = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    while (name && document.getElementById("name").textContent !== name) await painted();
    await painted();
    return (performance.now() - start) / 1000;
}"""


@contextmanager
def served(folder: Path, *words: object) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address and the process of a review that is being served."""
    command = [sys.executable, "-m", "ruletag", "review", "--no-browser", *map(str, words)]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, encoding="utf-8") as server:
        assert server.stderr
        try:
            yield next(match[0] for line in server.stderr if (match := re.search(r"http://\S+", line))), server
        finally:
            server.terminate()


def pages(words: int, rounds: int) -> dict[str, tuple[float, float]]:
    """The median seconds in the short and the long document, for opening it and for each key."""
    from playwright.sync_api import sync_playwright

    examples = "\n".join(path.read_text(encoding="utf-8") for path in sorted(ARTICLES.glob("*.txt")))
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = Path(temporary)
        (folder / "a.txt").write_text(LINE, encoding="utf-8")
        (folder / "b.txt").write_text(examples * (words // len(examples.split()) + 1), encoding="utf-8")
        path = next(filter(None, map(shutil.which, BROWSERS)))
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        with served(folder, "a.txt", "b.txt", "--order", "given") as (address, _):
            page = browser.new_page(viewport={"width": 1280, "height": 860})
            page.set_default_timeout(600_000)
            page.goto(address)
            page.locator("#text p").first.wait_for()
            long, short = (measured(page, name, rounds) for name in ("b.txt", "a.txt"))
        browser.close()
    return {action: (short[action], long[action]) for action in short}


def measured(page: Any, name: str, rounds: int) -> dict[str, float]:
    """The median seconds for one of the two documents; both have been opened before."""
    other = {"a.txt": "b.txt", "b.txt": "a.txt"}[name]
    opened = []
    for number in range(rounds + 1):
        if page.locator("#name").inner_text() == name:
            press(page, ">", other)
        seconds = press(page, ">", name)
        opened += [seconds] if number else []  # the first time, it is tagged
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        for key in KEYS:
            times.setdefault(key, []).append(press(page, key))
    return {"open": statistics.median(opened)} | {KEYS[key]: statistics.median(spent) for key, spent in times.items()}


def press(page: Any, key: str, name: str = "") -> float:
    """The seconds that a key takes, once all earlier changes are saved."""
    page.locator("#saved[data-waiting='0']").wait_for()
    return float(page.evaluate(PRESS, [key, name]))


def intake() -> tuple[float, float]:
    """CPU seconds and wall seconds until the address is printed, with 5,000 new files."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(ARTICLES.glob("*.txt"))]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "in")
        folder.mkdir()
        for number in range(FILES):
            (folder / f"{number}.txt").write_text(f"{number}. {texts[number % len(texts)]}", encoding="utf-8")
        Tagger.load()  # puts the compiled knowledge into the cache
        start = time.perf_counter()
        with served(Path(temporary), "in") as (_, server):
            clock = time.perf_counter() - start
            processor = spent(server.pid)
    return processor, clock


def spent(pid: int) -> float:
    """CPU seconds of a running process; without /proc, those of all children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=100_000, metavar="N", help="words of the long document")
    parser.add_argument("--rounds", type=int, default=9, metavar="N", help="of which the median counts")
    parser.add_argument("--write", action="store_true", help="put the table into bench/results")
    arguments = parser.parse_args()
    processor, clock = intake()
    medians = pages(arguments.words, arguments.rounds)
    rows = tuple((action, 1000 * short, 1000 * long, long / short) for action, (short, long) in medians.items())
    headers = ("median milliseconds until painted", "a line", f"{arguments.words} words", "ratio")
    note = (
        f"{FILES} files taken in for the first time: {processor:.1f} s of processor, {clock:.1f} s until the address."
    )
    load = f"The load of the machine was {os.getloadavg()[0]:.1f}; {machine()}"
    body = format_table(Table("review", "The page", headers, rows, f"{note}\n\n{load}"))
    print(body)
    if arguments.write:
        write({"review": body}, "python bench/review.py --write")


if __name__ == "__main__":
    main()
