"""Where the time of Tagger.tag goes: by step of the chain, and by rule.

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

import ruletag.match
import ruletag.tagger
from ruletag import Tagger
from ruletag.files import find_inputs, read_documents

Call = Callable[..., Any]


class Clocks:
    """Seconds by name. A clock stands still while one inside it runs, so that the seconds add up."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._running: list[str] = []
        self._since = 0.0

    def timed(self, name: str, call: Call) -> Call:
        """The same call, with its time told to a clock; what it yields is made at once."""

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
    tagger = Tagger.load()
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
    """Seconds by step and by rule, tries and matches by rule. A try is an anchor whose neighbours allow the rule."""

    steps: dict[str, float]
    rules: dict[str, float]
    tries: Counter[str]
    matches: Counter[str]


def measured(tagger: Tagger, texts: Iterable[str]) -> Measures:
    """Tag every text with clocks on."""
    steps, by_rule = Clocks(), Clocks()
    tries: Counter[str] = Counter()
    matches: Counter[str] = Counter()
    match_at = ruletag.match.match_at

    def counted(context: Any, start: Any, *rest: Any) -> Any:
        found = by_rule.timed(start.rule.id, match_at)(context, start, *rest)
        tries[start.rule.id] += 1
        matches[start.rule.id] += found is not None
        return found

    ruletag.match.match_at = steps.timed("rules", counted)
    ruletag.tagger.fold = steps.timed("fold", ruletag.tagger.fold)
    ruletag.tagger.decide = steps.timed("resolve", ruletag.tagger.decide)
    ruletag.tagger.losses = steps.timed("resolve", ruletag.tagger.losses)
    ruletag.tagger.remember = steps.timed("memory", ruletag.tagger.remember)
    tagger.lexicon.find = steps.timed("lexicon", tagger.lexicon.find)
    tagger.matcher.candidates = steps.timed("anchors", tagger.matcher.candidates)
    tagger._document = steps.timed("output", tagger._document)
    tag = steps.timed("the rest", tagger.tag)
    for text in texts:
        tag(text)
    order = ("fold", "lexicon", "anchors", "rules", "resolve", "memory", "output", "the rest")
    by_step = {name: steps.seconds[name] for name in order}
    return Measures(by_step, dict(by_rule.seconds.most_common()), tries, matches)


def shares(seconds: dict[str, float]) -> list[list[str]]:
    """Each name with its seconds and its part of all of them."""
    total = sum(seconds.values())
    return [[name, f"{each:.3f}", f"{100 * each / total:.1f} %"] for name, each in seconds.items()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
