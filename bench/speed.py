"""Speed side by side: Tagger.tag, its parts, and flashtext and ahocorasick_rs with the same entries.

    python bench/speed.py TEXT...

TEXT is a file or folder that `ruletag tag` reads. Rounds are interleaved and medians reported, since machines are
noisy; the ratios are what counts.
"""

from __future__ import annotations

import platform
import statistics
import sys
import time
from collections.abc import Callable

from ahocorasick_rs import AhoCorasick, MatchKind
from flashtext import KeywordProcessor
from tabulate import tabulate

from ruletag import Tagger
from ruletag.files import find_inputs, read_documents
from ruletag.fold import fold

ROUNDS = 5


def main(arguments: list[str]) -> int:
    """Print one table: median seconds, MB/s, and the ratio to Tagger.tag."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    texts = [document.text for source in find_inputs(arguments) for document in read_documents(source)]
    megabytes = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) / 1e6
    start = time.perf_counter()
    tagger = Tagger.load()
    load = time.perf_counter() - start
    parts = measured_parts(tagger)
    medians = interleave(parts, texts)
    ours = medians["Tagger.tag, all rules"]
    rows = [[name, f"{s:.3f}", f"{megabytes / s:.1f}", f"{ours / s:.2f}"] for name, s in medians.items()]
    print(
        tabulate(
            rows, ["part", "seconds", "MB/s", "faster than Tagger.tag by"], tablefmt="github", disable_numparse=True
        )
    )
    print(f"\n{megabytes:.2f} MB in {len(texts)} texts, {len(tagger.entries)} entries, loaded in {load:.2f} s;")
    print(f"medians of {ROUNDS} interleaved rounds; Python {platform.python_version()}, {platform.machine()}.")
    return 0


def measured_parts(tagger: Tagger) -> dict[str, Callable[[str], object]]:
    """What is timed, by name; each is called with one text."""
    names = sorted({entry.surface for entry in tagger.entries if entry.is_label})
    processor = KeywordProcessor(case_sensitive=True)
    processor.add_keywords_from_list(names)
    automaton = AhoCorasick(names, matchkind=MatchKind.LeftmostLongest)
    return {
        "Tagger.tag, all rules": tagger.tag,
        "fold": fold,
        "fold and lexicon": lambda text: tagger.lexicon.find(fold(text)),
        "flashtext, same names": processor.extract_keywords,
        "ahocorasick_rs, same names": automaton.find_matches_as_indexes,
    }


def interleave(parts: dict[str, Callable[[str], object]], texts: list[str]) -> dict[str, float]:
    """The median time of each part over all texts."""
    times: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(ROUNDS):
        for name, part in parts.items():
            start = time.perf_counter()
            for text in texts:
                part(text)
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
