"""Checks that examples prove rules: a part of a rule that can be removed without an example noticing is a fault.

A pattern, an option of a group, a side of `unless` or a guard is removed, and the rule's own examples are run on the
rest. An example notices if the rule finds other spans in it, or other parts of them. A macro is proved by the examples
of all rules that use it.

A veto is proved by its example in the same way: without it, or without a part of its `before` or `after`, the tagger
must find other names there. Its label is exempt: it says what the veto is about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from ruletag.deletions import MOST_WORDS, Deletion, deletions, macros_in, word_lists
from ruletag.errors import Fault
from ruletag.model import Candidate, Part
from ruletag.pattern import PatternError
from ruletag.plain.engine import alone
from ruletag.plain.text import Text as Seen
from ruletag.positions import Text
from ruletag.program import Program
from ruletag.rules import Rule, Veto, pattern, side
from ruletag.tagger import Tagger

_SIDES = ("before", "after")
_FIRES = "add a sentence in which the rule needs it, or remove it"
_SILENT = "add a sentence that only it keeps silent, or remove it"
_HELP = {"alternative": _FIRES, "guard": _SILENT}
_VETOED = "change the example so that a name is lost there without the veto, or remove the veto"
_KEPT = "extend the example so that only this keeps the name, or remove it"

_Spans = list[tuple[int, int, tuple[Part, ...]]]


def unproved(pairs: Iterable[tuple[Tagger, Rule]], paths: Collection[str]) -> Iterator[Fault]:
    """Faults for the parts of rules and macros that no example needs, and for long word lists in them.

    `pairs` are all rules, each with the tagger that runs its examples; only files with one of the `paths` are reported.
    """
    pairs = list(pairs)
    classes = frozenset(atom.value for _, rule in pairs for atom in rule.all_atoms if atom.kind == "class")
    trials = [_Trial(tagger, rule, classes) for tagger, rule in pairs]
    for trial in trials:
        if trial.rule.source.path in paths:
            yield from _rule_faults(trial)
    macros = {text: name for trial in trials for name, text in trial.rule.macros.items() if isinstance(text, Text)}
    for text, name in macros.items():
        if text.path in paths:
            yield from _macro_faults(name, text, [trial for trial in trials if trial.names(name, text)])


def undefended_vetoes(tagger: Tagger, paths: Collection[str]) -> Iterator[Fault]:
    """Faults for the vetoes of the files at `paths` that change nothing in their examples, and for the parts of
    `before` and `after` that can be removed without changing anything there.

    A veto that suppresses nothing at all is left to `check`.
    """
    read = tagger.knowledge.read
    classes = frozenset(entry.key for entry in read.written if not entry.is_label)
    for number, veto in enumerate(read.vetoes):
        if veto.source.path not in paths:
            continue
        trial = _VetoTrial(tagger, veto, number)
        if trial.is_idle:
            continue
        if not trial.notices(None):
            message = f"the veto of {veto.name!r} changes nothing in its example"
            yield Fault(veto.source.path, "RT306", message, veto.source.line, help=_VETOED)
            continue
        for side_name, text in zip(_SIDES, veto.beside, strict=True):
            yield from _side_faults(trial, side_name, text, classes)


def _side_faults(trial: _VetoTrial, name: str, text: str, classes: frozenset[str]) -> Iterator[Fault]:
    """Faults for the parts of one side of a veto, or the side itself, that its example does not need."""
    veto = trial.veto
    if not text:
        return
    if not trial.notices(_with_side(veto, name, None)):
        yield _fault(text, 0, f"the veto of {veto.name!r}: its example does not need `{name}`: {str(text)!r}", _KEPT)
        return
    yield from _long_lists(f"the veto of {veto.name!r}", text)
    for deletion in deletions(text):
        try:
            changed = _with_side(veto, name, side(deletion.rest, name, veto.macros, classes))
        except PatternError:
            continue
        if not trial.notices(changed):
            message = f"the veto of {veto.name!r}: its example does not need the {deletion.kind} {deletion.removed!r}"
            yield _fault(text, deletion.at, message, _VETOED if deletion.kind == "alternative" else _KEPT)


def _with_side(veto: Veto, name: str, program: Program | None) -> Veto:
    return replace(veto, before=program) if name == "before" else replace(veto, after=program)


class _VetoTrial:
    """A veto, and the result of tagging its example with it."""

    def __init__(self, tagger: Tagger, veto: Veto, number: int) -> None:
        self.veto = veto
        self._tagger = tagger
        self._number = number
        self._decided = tagger.plain.decide(veto.example, memory=tagger.memory)

    @property
    def is_idle(self) -> bool:
        """Whether the veto suppresses nothing in its example."""
        return all(loss.veto != self.veto.source for loss in self._decided.losses)

    def notices(self, changed: Veto | None) -> bool:
        """Whether the tagger finds other names with a changed veto, or with none."""
        engine = self._tagger.plain.with_veto(self._number, changed)
        winners = engine.decide(self.veto.example, memory=self._tagger.memory).winners
        return _spans(winners) != _spans(self._decided.winners)


def _spans(winners: Iterable[Candidate]) -> list[tuple[int, int, str]]:
    return [(winner.start, winner.end, winner.label) for winner in winners]


class _Change(NamedTuple):
    """The macros and texts of a rule with one change; `None` means those of the rule."""

    patterns: Sequence[str] | None = None
    beside: Mapping[str, str] = {}
    macros: Mapping[str, str] | None = None


class _Trial:
    """A rule, its examples as its stage sees them, and the spans that it finds there as written."""

    def __init__(self, tagger: Tagger, rule: Rule, classes: frozenset[str]) -> None:
        self.rule = rule
        self._tagger = tagger
        self._classes = classes

    def notices(self, change: _Change) -> bool:
        """Whether an example notices a change. A rule that can no longer be read or searched counts as noticed."""
        try:
            changed = self._changed(change)
        except PatternError:
            return True
        return any(_spans_of(text, changed) != spans for text, spans in self._examples)

    def names(self, macro: str, text: str) -> bool:
        """Whether the rule uses a macro of this text, directly or through another."""
        return self.rule.macros.get(macro) is text and macro in self._macros_used

    def _changed(self, change: _Change) -> Rule:
        rule = self.rule
        macros = rule.macros if change.macros is None else change.macros
        texts = rule.patterns if change.patterns is None else change.patterns
        patterns = [pattern(text, macros, self._classes) for text in texts]
        sides = [change.beside.get(name, text) for name, text in zip(_SIDES, rule.beside, strict=True)]
        before, after = (side(text, name, macros, self._classes) for name, text in zip(_SIDES, sides, strict=True))
        plans = tuple(chain.from_iterable(parsed.plans for parsed in patterns))
        return replace(rule, plans=plans, before=before, after=after)

    @cached_property
    def _examples(self) -> list[tuple[Seen, _Spans]]:
        texts = [self._tagger.at_stage(example.document.text, self.rule.stage) for example in self.rule.examples]
        return [(text, _spans_of(text, self.rule)) for text in texts]

    @cached_property
    def _macros_used(self) -> frozenset[str]:
        unseen = set().union(*map(macros_in, (*self.rule.patterns, *self.rule.beside)))
        used: set[str] = set()
        while unseen:
            used |= unseen
            unseen = set().union(*(macros_in(self.rule.macros[name]) for name in unseen)) - used
        return frozenset(used)


def _spans_of(text: Seen, rule: Rule) -> _Spans:
    return [(match.start, match.end, match.parts) for match in alone(text, rule)]


def _rule_faults(trial: _Trial) -> Iterator[Fault]:
    """Faults for the parts of a rule that no example needs, and for its long word lists."""
    rule = trial.rule
    for number, text in enumerate(rule.patterns):
        others = [*rule.patterns[:number], *rule.patterns[number + 1 :]]
        if others and not trial.notices(_Change(others)):
            yield _fault(text, 0, f"{rule.id}: no example needs the pattern {str(text)!r}", _FIRES)
            continue
        yield from _long_lists(rule.id, text)
        for deletion in deletions(text):
            changed = [*rule.patterns[:number], deletion.rest, *rule.patterns[number + 1 :]]
            if not trial.notices(_Change(changed)):
                yield _unneeded(rule.id, text, deletion)
    for name, text in zip(_SIDES, rule.beside, strict=True):
        if text and not trial.notices(_Change(beside={name: ""})):
            yield _fault(text, 0, f"{rule.id}: no example needs `unless {name}`: {str(text)!r}", _SILENT)
        elif text:
            yield from _long_lists(rule.id, text)
            for deletion in deletions(text):
                if not trial.notices(_Change(beside={name: deletion.rest})):
                    yield _unneeded(rule.id, text, deletion, beside=True)


def _macro_faults(name: str, text: Text, users: Sequence[_Trial]) -> Iterator[Fault]:
    """Faults for the parts of a macro that no example of a rule using it needs."""
    if not users:
        yield _fault(text, 0, f"no rule uses the macro ${name}", "use it, or remove it")
        return
    yield from _long_lists(f"${name}", text)
    for deletion in deletions(text):
        if not any(trial.notices(_Change(macros={**trial.rule.macros, name: deletion.rest})) for trial in users):
            yield _unneeded(f"${name}", text, deletion)


def _unneeded(name: str, text: str, deletion: Deletion, *, beside: bool = False) -> Fault:
    help = _HELP["guard" if beside != (deletion.kind == "guard") else "alternative"]
    return _fault(text, deletion.at, f"{name}: no example needs the {deletion.kind} {deletion.removed!r}", help)


def _long_lists(name: str, text: str) -> Iterator[Fault]:
    for word_list in word_lists(text):
        message = f"{name}: {word_list.words} words are in one group of a pattern"
        help = f"use a word class for more than {MOST_WORDS} words: `class: …` in a gazetteer, <…> here"
        yield _fault(text, word_list.at, message, help, "RT307")


def _fault(text: str, at: int, message: str, help: str, code: str = "RT306") -> Fault:
    path, mark = (text.path, text.at(at)) if isinstance(text, Text) else ("", (0, 0))
    return Fault(path, code, message, *mark, help=help)
