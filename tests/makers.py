"""Shared by tests of tagging: both engines, taggers and hits of ad-hoc knowledge, rules made of patterns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from ruletag import Tagger
from ruletag.engine import missing
from ruletag.fold import Folded, fold
from ruletag.guideline import Guideline
from ruletag.knowledge import Knowledge
from ruletag.model import Entry, Hit, Source
from ruletag.pattern import parse
from ruletag.plain.lexicon import Hits, Lexicon
from ruletag.plain.text import Text
from ruletag.program import plans, program
from ruletag.rules import Rule

needs_core = pytest.mark.skipif(bool(missing()), reason=f"there is no compiled engine: {missing()}")
ENGINES = ("plain", pytest.param("core", marks=needs_core))
NAMES = ("plain",) if missing() else ("plain", "core")


def tagger_of(
    entries: Iterable[Entry] = (),
    rules: Iterable[Rule] = (),
    guideline: Guideline | None = None,
    common: Iterable[bytes] = (),
    **options: Any,
) -> Tagger:
    """A tagger of entries and rules at hand, `common` the words of the language; `options` are those of `Tagger`."""
    return Tagger(Knowledge.of(entries, rules, guideline or Guideline("canonical"), common), **options)


def hits_of(entries: Iterable[Entry]) -> Callable[[Folded], Sequence[Hit]]:
    """A function that returns the entries in a folded text, as `Borders` expects it."""
    lexicon = Lexicon(list(entries))
    return lambda folded: lexicon.hits(folded, compounds=False).all


def text_of(text: str, entries: Iterable[Entry], kind: Callable[[Folded, Hits], Text] = Text) -> Text:
    """A text as rules see it, with the entries in it."""
    folded = fold(text)
    return kind(folded, Lexicon(list(entries)).hits(folded))


def rule_of(
    *patterns: str,
    id: str = "r",
    label: str = "PER",
    before: str = "",
    after: str = "",
    stage: int = 1,
    priority: int = 0,
    classes: Iterable[str] = (),
    line: int = 1,
) -> Rule:
    """A rule out of patterns, as the rule files give it. PatternError as there."""
    class_names = frozenset(classes)
    trees = tuple(parse(pattern, {}, class_names) for pattern in patterns)
    sides = [
        program(parse(text, {}, class_names), leftwards=leftwards) if text else None
        for text, leftwards in ((before, True), (after, False))
    ]
    source = Source("rule", id, "rules/r.yaml", line)
    all_plans = tuple(plan for tree in trees for plan in plans(tree))
    return Rule(id, label, "why", source, patterns, trees, all_plans, *sides, stage, priority, ())
