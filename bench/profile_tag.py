"""Where the time of the plain engine goes: by step of the chain, and by rule. The core has the same steps.

    python bench/profile_tag.py TEXT...

TEXT is a file or folder that `ruletag tag` reads. Every text is tagged once without clocks, then once with them. The
clocks cost time too, most where calls are short: the shares count, not the seconds.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from tabulate import tabulate

import ruletag.plain.engine
import ruletag.plain.matcher
from ruletag import Tagger
from ruletag.files import find_inputs, read_documents

Call = Callable[..., Any]
STEPS = ("fold", "entries", "text", "anchors", "rules", "overlaps", "memory", "document", "the rest")


class Clocks:
    """Seconds by name. A clock pauses while one inside it runs, so the seconds add up."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._running: list[str] = []
        self._since = 0.0

    def timed(self, name: str, call: Call) -> Call:
        """The same call, timed by a clock. The items of an iterator are made at once."""

        def run(*arguments: Any, **options: Any) -> Any:
            self._turn_to(name)
            try:
                result = call(*arguments, **options)
                return list(result) if hasattr(result, "__next__") else result
            finally:
                self._turn_back()

        return run

    def _turn_to(self, name: str) -> None:
        self._stop()
        self._running.append(name)

    def _turn_back(self) -> None:
        self._stop()
        self._running.pop()

    def _stop(self) -> None:
        now = time.perf_counter()
        if self._running:
            self.seconds[self._running[-1]] += now - self._since
        self._since = now


def main(arguments: list[str]) -> int:
    """Print two tables: the steps in their order, and the rules, the slowest first."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    texts = [document.text for source in find_inputs(arguments) for document in read_documents(source)]
    tagger = Tagger.load(engine="plain")
    for text in texts:
        tagger.tag(text)
    steps, rules, tries, matches = measured(tagger, texts)
    print(tabulate(shares(steps), ["step", "seconds", "share"], tablefmt="github", disable_numparse=True))
    print()
    rows = [[*row, tries[row[0]], matches[row[0]]] for row in shares(rules)]
    headers = ["rule", "seconds", "share", "tries", "matches"]
    print(tabulate(rows, headers, tablefmt="github", disable_numparse=True))
    return 0


class Measures(NamedTuple):
    """Seconds by step and by rule; tries and matches by rule. A try is an anchor that occurs in the text."""

    steps: dict[str, float]
    rules: dict[str, float]
    tries: Counter[str]
    matches: Counter[str]


def measured(tagger: Tagger, texts: Iterable[str]) -> Measures:
    """Tag every text with clocks on. They stay on: this changes the plain engine for the rest of the process."""
    steps, by_rule = Clocks(), Clocks()
    tries: Counter[str] = Counter()
    matches: Counter[str] = Counter()
    engine, matcher = ruletag.plain.engine, ruletag.plain.matcher
    match_at = matcher.match_at

    def counted(text: Any, attempt: Any, *rest: Any) -> Any:
        match = by_rule.timed(attempt.rule.id, match_at)(text, attempt, *rest)
        tries[attempt.rule.id] += 1
        matches[attempt.rule.id] += match is not None
        return match

    matcher.match_at = steps.timed("rules", counted)
    for name, step in (("fold", "fold"), ("Text", "text"), ("resolve", "overlaps"), ("remember", "memory")):
        setattr(engine, name, steps.timed(step, getattr(engine, name)))
    plain: Any = tagger.plain
    plain.lexicon.hits = steps.timed("entries", plain.lexicon.hits)
    plain.matcher.candidates = steps.timed("anchors", plain.matcher.candidates)
    own: Any = tagger
    own._document = steps.timed("document", own._document)
    tag = steps.timed("the rest", tagger.tag)
    for text in texts:
        tag(text)
    return Measures({name: steps.seconds[name] for name in STEPS}, dict(by_rule.seconds.most_common()), tries, matches)


def shares(seconds: dict[str, float]) -> list[list[str]]:
    """Each name with its seconds and its share of the total."""
    total = sum(seconds.values())
    return [[name, f"{spent:.3f}", f"{100 * spent / total:.1f} %"] for name, spent in seconds.items()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
