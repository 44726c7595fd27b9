"""Fewer suggestions to read: one class for each word, and no names for which an entry changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping
from dataclasses import replace

from ruletag.suggest.weigh import Scale, Suggestion


def is_idle(suggestion: Suggestion) -> bool:
    """Whether it changes nothing: a rule or the memory finds the name already, everywhere that was measured."""
    return suggestion.proposal.kind == "seen" and not suggestion.gain.f1 and not suggestion.reach.documents


def one_class_for_each_word(
    scale: Scale, suggestions: Iterable[Suggestion], sizes: Mapping[str, int]
) -> Generator[None, None, list[Suggestion]]:
    """The suggestions, with only the best class for each word, which names the others as its alternatives.

    The best class has the highest gain on the gold; ties go to the one that reaches most documents, then to the one
    with most words so far, by `sizes`. Another class stays if it adds to the gain. Yields between steps.
    """
    remaining: list[Suggestion] = []
    by_word: dict[str, list[Suggestion]] = defaultdict(list)
    for suggestion in suggestions:
        (by_word[suggestion.proposal.name] if suggestion.proposal.kind == "class" else remaining).append(suggestion)
    for classes in by_word.values():
        best, *others = sorted(classes, key=lambda suggestion: _rank(suggestion, sizes))
        changes, f1 = best.proposal.changes, best.gain.f1
        alternatives = []
        for other in others:
            yield
            together = changes | other.proposal.changes
            gain = scale.gain(together)
            if gain.f1 > f1:
                changes, f1 = together, gain.f1
                remaining.append(other)
            else:
                alternatives.append(other.proposal.key)
        remaining.append(replace(best, alternatives=tuple(sorted(alternatives))))
    return remaining


def _rank(suggestion: Suggestion, sizes: Mapping[str, int]) -> tuple[float, int, int, str]:
    key = suggestion.proposal.key
    return -suggestion.gain.f1, -suggestion.reach.documents, -sizes.get(key, 0), key
