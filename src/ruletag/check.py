"""Checks knowledge: runs every example of every rule, and looks for duplicates and for what can never fire.

Faults that prevent knowledge from loading are raised while it loads; what is reported here loads, but is wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from ruletag import markup
from ruletag.confidence import LEVELS, level_of
from ruletag.errors import Fault, suggest
from ruletag.fold import fold_key, lower_key
from ruletag.folders import (
    SHIPPED,
    Folders,
    Naming,
    guideline_names,
    guideline_path,
    listed,
    shipped,
    shown_name,
    yaml_files,
)
from ruletag.gazetteer import read_common_words
from ruletag.guideline import Guideline
from ruletag.model import Entry, Source
from ruletag.positions import Text
from ruletag.rules import Rule
from ruletag.strict import undefended_vetoes, unproved
from ruletag.tagger import DEFAULT_GUIDELINE, Tagger


class Checked(NamedTuple):
    """The findings, sorted by file and line, and how much was looked at in the files that were asked for."""

    findings: list[Fault]
    files: int
    names: int
    rules: int
    examples: int


def check(
    rules: Folders = None,
    gazetteers: Folders = None,
    lists: Iterable[tuple[str, str | Path]] = (),
    naming: Naming = shown_name,
    *,
    strict: bool = False,
) -> list[Fault]:
    """The findings of `look_over`."""
    return look_over(rules, gazetteers, lists, naming, strict=strict).findings


def look_over(
    rules: Folders = None,
    gazetteers: Folders = None,
    lists: Iterable[tuple[str, str | Path]] = (),
    naming: Naming = shown_name,
    *,
    strict: bool = False,
) -> Checked:
    """All findings and how much was looked at. Raises RuletagError if the knowledge does not load at all.

    `naming` gives the name of a file in the findings; two files should not have the same name.

    With `strict`, also looks for parts of a rule that none of its examples needs (see `ruletag.strict`).

    If a user names knowledge, findings in the shipped knowledge beside it (the word `shipped`, or nothing) are not
    reported.
    """
    lists = list(lists)
    given = {"rules": rules, "gazetteers": gazetteers}
    alone = not lists and all(set(listed(roots)) == {SHIPPED} for roots in given.values())
    roots = {kind: _roots(kind, some, alone) for kind, some in given.items()}
    names = {name for root in _roots("rules", rules, True) for name in guideline_names(root)}
    loaded = (DEFAULT_GUIDELINE, *sorted(names - {DEFAULT_GUIDELINE}))
    taggers = Tagger.load_each(loaded, rules, gazetteers, lists=lists, naming=naming)
    tagger = taggers[0]
    own = [(each, rule) for each in taggers for rule in each.knowledge.read.own]
    theirs = [rule for _, rule in own]
    pairs = [*((tagger, rule) for rule in tagger.rules if rule not in theirs), *own]
    every = [rule for _, rule in pairs]
    written = [entry for entry in tagger.knowledge.read.written if not entry.by_rule]
    findings = [
        *(finding for pair in pairs for finding in failing_examples(*pair)),
        *_of_knowledge(tagger, written, every),
        *(
            finding
            for name, each in zip(loaded, taggers, strict=True)
            for finding in strange_rules(each.guideline, every, _guideline_file(name, rules, naming))
        ),
    ]
    asked = {
        *(naming(Path(path), Path(path)) for _, path in lists),
        *(naming(root, path) for some in roots.values() for root in some for path in yaml_files(root)),
    }
    if strict:
        findings += [*unproved(pairs, asked), *undefended_vetoes(tagger, asked)]
    mine = [rule for rule in every if rule.source.path in asked]
    return Checked(
        sorted((finding for finding in findings if finding.path in asked), key=Fault.sort_key),
        len(asked),
        sum(entry.source.path in asked for entry in written),
        len(mine),
        sum(len(rule.examples) for rule in mine),
    )


def _of_knowledge(tagger: Tagger, written: Sequence[Entry], rules: Sequence[Rule]) -> Iterator[Fault]:
    """Findings about entries, rules and vetoes together, independent of the guideline."""
    return chain(
        duplicates(written),
        two_labels(written),
        dead_entries(written, rules),
        lower_case_names(written),
        dead_rules(written, rules),
        twin_patterns(rules),
        numbered_levels(rules),
        unused_classes(written, rules),
        idle_vetoes(tagger),
        idle_calls(written, tagger.knowledge.read.called),
        common_words(written, read_common_words()),
    )


def _roots(kind: str, given: Folders, with_shipped: bool) -> list[Path]:
    """The folders or files of `rules` or `gazetteers` that are named, with the shipped ones or without."""
    return [
        shipped(kind) if root == SHIPPED else Path(root) for root in listed(given) if with_shipped or root != SHIPPED
    ]


def _guideline_file(name: str, rules: Folders, naming: Naming) -> str:
    """The name that findings give to the file of a guideline that is loaded by name."""
    own = [Path(folder) for folder in listed(rules) if folder != SHIPPED and Path(folder).is_dir()]
    return guideline_path(name, own, naming)[0]


def failing_examples(tagger: Tagger, rule: Rule) -> Iterator[Fault]:
    """The examples of a rule that it does not find exactly as they are marked."""
    for example in rule.examples:
        found = tagger.examine(example.document.text, rule)
        if [entity.span for entity in found.entities] != [entity.span for entity in example.document.entities]:
            message = f"{rule.id}: expected {markup.render(example.document)}"
            yield Fault(rule.source.path, "RT305", message, example.line, help=f"found    {markup.render(found)}")


def duplicates(entries: Iterable[Entry]) -> Iterator[Fault]:
    """Entries that repeat an earlier one."""
    for group in _by_folding(entries).values():
        for label in sorted({entry.key for entry in group}):
            first, *others = [entry for entry in group if entry.key == label]
            for other in others:
                if (other.source.name, other.source.path) != (first.source.name, first.source.path):
                    message = f"{label} {other.surface!r} repeats {first.source.place} ({first.surface!r})"
                    yield _finding("RT401", other.source, message, "remove one of the two")


def two_labels(entries: Iterable[Entry]) -> Iterator[Fault]:
    """Names that are listed under two labels, both unambiguous: the order of sources decides, always in the same
    way."""
    for group in _by_folding(entry for entry in entries if entry.is_label and not entry.ambiguous).values():
        first = min(group, key=lambda entry: entry.source)
        for other in group:
            if other.key != first.key:
                message = f"{other.surface!r} is {other.key} here and {first.key} at {first.source.place}, which wins"
                yield _finding(
                    "RT402", other.source, message, "keep the label it has most often, and mark the other ambiguous"
                )


def dead_entries(entries: Iterable[Entry], rules: Iterable[Rule]) -> Iterator[Fault]:
    """Names that can never be found: ambiguous under a label that no rule asks for."""
    asked = {atom.value for rule in rules for atom in rule.atoms if atom.kind == "class"}
    for entry in entries:
        if entry.is_label and entry.ambiguous and entry.key not in asked:
            message = f"{entry.surface!r} is ambiguous, and no rule asks for <{entry.key}>"
            yield _finding("RT403", entry.source, message, f"write a rule with <{entry.key}>, or remove the entry")


def lower_case_names(entries: Iterable[Entry]) -> Iterator[Fault]:
    """Names without a capital, unless somebody checked them: they match in any case, like common words."""
    for entry in entries:
        has_capital = any(char.isupper() or char.isdigit() for char in entry.surface)
        if entry.is_label and not has_capital and not entry.ambiguous and not entry.settled:
            message = f"{entry.surface!r} has no capital, so it also matches in lower case"
            help = "write it with its capital; or add `ambiguous: false`, if lower case is intended"
            yield _finding("RT409", entry.source, message, help)


def dead_rules(entries: Iterable[Entry], rules: Iterable[Rule]) -> Iterator[Fault]:
    """Rules that ask for the entities of an earlier stage when there can be none."""
    entries = list(entries)
    rules = list(rules)
    for rule in rules:
        for atom in rule.atoms:
            if atom.kind != "entity":
                continue
            listed = any(entry.key == atom.value and not entry.ambiguous for entry in entries)
            made = any(other.stage < rule.stage and other.label == atom.value for other in rules)
            if not listed and not made:
                message = f"{rule.id} needs {atom}, which no entry and no rule of an earlier stage provides"
                yield _finding("RT404", rule.source, message, "give the rule a later stage")


def twin_patterns(rules: Iterable[Rule]) -> Iterator[Fault]:
    """Rules that find the same as an earlier one."""
    seen: dict[tuple[object, ...], Rule] = {}
    for rule in rules:
        for tree in rule.trees:
            first = seen.setdefault((rule.label, rule.stage, tree), rule)
            if first is not rule:
                message = f"{rule.id} has the same pattern as {first.id} ({first.source.place})"
                yield _finding("RT405", rule.source, message, "remove one of the two")


def numbered_levels(rules: Iterable[Rule]) -> Iterator[Fault]:
    """Priorities given as numbers for which there is a named level."""
    for rule in rules:
        name = level_of(rule.priority)
        if name in LEVELS and isinstance(rule.level, Text) and rule.level not in LEVELS:
            message = f"{rule.id}: priority {rule.level} is the level {name!r}"
            yield Fault(rule.source.path, "RT412", message, *rule.level.mark, help=f"write `priority: {name}`")


def unused_classes(entries: Iterable[Entry], rules: Iterable[Rule]) -> Iterator[Fault]:
    """Word classes that no pattern names, except the classes of the tagger itself."""
    asked = {atom.value for rule in rules for atom in rule.all_atoms if atom.kind == "class"} | {"particle"}
    first: dict[str, Entry] = {}
    for entry in entries:
        if not entry.is_label:
            first.setdefault(entry.key, entry)
    for key, entry in sorted(first.items()):
        if key not in asked and key.removesuffix("-prefix") not in asked:
            yield _finding(
                "RT406", entry.source, f"no rule asks for the class <{key}>", "use it in a rule, or remove it"
            )


def idle_vetoes(tagger: Tagger) -> Iterator[Fault]:
    """Vetoes that have no effect on rules or memory in their own examples."""
    for veto in tagger.knowledge.read.vetoes:
        lost = tagger.plain.decide(veto.example, memory=tagger.memory).losses
        if all(loss.veto != veto.source for loss in lost):
            message = f"the veto of {veto.name!r} has no effect in its example"
            yield _finding(
                "RT410", veto.source, message, "give a sentence in which it would be taken for a name, or remove it"
            )


def idle_calls(entries: Iterable[Entry], called: Mapping[tuple[str, str], Source]) -> Iterator[Fault]:
    """Names that are listed as ambiguous but that no file has under the label."""
    known = {(entry.key, entry.surface) for entry in entries} if called else set()
    for (label, name), source in called.items():
        if (label, name) not in known:
            help = "write it exactly like the entry, or remove it"
            yield _finding("RT411", source, f"no file has {name!r} under {label}", help)


def strange_rules(guideline: Guideline, rules: Iterable[Rule], path: str) -> Iterator[Fault]:
    """Ids that a guideline mutes or relabels but that no rule has; `path` is the file of the guideline."""
    known = {rule.id for rule in rules}
    for name in sorted((guideline.mute | set(guideline.labels)) - known):
        message = f"the guideline names the rule {name!r}, which does not exist"
        yield Fault(path, "RT408", message, help=suggest(name, known))


def common_words(entries: Iterable[Entry], common: frozenset[str]) -> Iterator[Fault]:
    """Names of one word that are also French words: the capital at the start of a sentence would make them names."""
    for entry in entries:
        undecided = entry.is_label and not entry.ambiguous and not entry.settled
        if undecided and entry.surface.lower() in common and not entry.surface.isupper():
            message = f"{entry.key} {entry.surface!r} is a common French word"
            help = "add `ambiguous: true`; or `ambiguous: false`, if a capital always makes it the name"
            yield _finding("RT407", entry.source, message, help)


def _by_folding(entries: Iterable[Entry]) -> dict[bytes, list[Entry]]:
    groups: dict[bytes, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[folding(entry.surface)].append(entry)
    return {key: group for key, group in groups.items() if len(group) > 1}


def folding(surface: str) -> bytes:
    """A key that is the same for spellings that differ only in case, accents or other things that folding ignores."""
    return lower_key(fold_key(surface))


def _finding(code: str, source: Source, message: str, help: str) -> Fault:
    return Fault(source.path, code, message, source.line, help=help)
