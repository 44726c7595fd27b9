"""Checks knowledge: runs every example of every rule, and looks for duplicates and useless rules and entries.

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
    """The findings, sorted by file and line, and the number of things checked in the reported files."""

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
    """All findings and the extent of the check. Raises RuletagError if the knowledge does not load at all.

    `naming` gives the name of a file in the findings; two files should not have the same name.

    With `strict`, also looks for parts of a rule that none of its examples needs (see `ruletag.strict`).

    If users name knowledge of their own, findings in the shipped knowledge loaded with it (by the word `shipped`, or
    by default) are not reported.
    """
    lists = list(lists)
    folders = {"rules": rules, "gazetteers": gazetteers}
    is_shipped_only = not lists and all(set(listed(roots)) == {SHIPPED} for roots in folders.values())
    reported = [root for kind, roots in folders.items() for root in _roots(kind, roots, is_shipped_only)]
    names = {name for root in _roots("rules", rules, True) for name in guideline_names(root)}
    guidelines = (DEFAULT_GUIDELINE, *sorted(names - {DEFAULT_GUIDELINE}))
    taggers = Tagger.load_each(guidelines, rules, gazetteers, lists=lists, naming=naming)
    tagger = taggers[0]
    guideline_pairs = [(tagger, rule) for tagger in taggers for rule in tagger.knowledge.read.own]
    guideline_rules = [rule for _, rule in guideline_pairs]
    pairs = [*((tagger, rule) for rule in tagger.rules if rule not in guideline_rules), *guideline_pairs]
    all_rules = [rule for _, rule in pairs]
    written = [entry for entry in tagger.knowledge.read.written if not entry.by_rule]
    findings = [
        *(finding for pair in pairs for finding in failing_examples(*pair)),
        *_knowledge_findings(tagger, written, all_rules),
        *(
            finding
            for name, guided in zip(guidelines, taggers, strict=True)
            for finding in strange_rules(guided.guideline, all_rules, _guideline_file(name, rules, naming))
        ),
    ]
    paths = {
        *(naming(Path(path), Path(path)) for _, path in lists),
        *(naming(root, path) for root in reported for path in yaml_files(root)),
    }
    if strict:
        findings += [*unproved(pairs, paths), *undefended_vetoes(tagger, paths)]
    reported_rules = [rule for rule in all_rules if rule.source.path in paths]
    return Checked(
        sorted((finding for finding in findings if finding.path in paths), key=Fault.sort_key),
        len(paths),
        sum(entry.source.path in paths for entry in written),
        len(reported_rules),
        sum(len(rule.examples) for rule in reported_rules),
    )


def _knowledge_findings(tagger: Tagger, written: Sequence[Entry], rules: Sequence[Rule]) -> Iterator[Fault]:
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


def _roots(kind: str, folders: Folders, with_shipped: bool) -> list[Path]:
    """The named folders or files of `rules` or `gazetteers`, with or without the shipped ones."""
    return [
        shipped(kind) if root == SHIPPED else Path(root) for root in listed(folders) if with_shipped or root != SHIPPED
    ]


def _guideline_file(name: str, rules: Folders, naming: Naming) -> str:
    """The name in findings of the file of a guideline that is loaded by name."""
    own = [Path(folder) for folder in listed(rules) if folder != SHIPPED and Path(folder).is_dir()]
    shown, _ = guideline_path(name, own, naming)
    return shown


def failing_examples(tagger: Tagger, rule: Rule) -> Iterator[Fault]:
    """Examples of a rule in which it does not find exactly the marked spans."""
    for example in rule.examples:
        tagged = tagger.examine(example.document.text, rule)
        if [entity.span for entity in tagged.entities] != [entity.span for entity in example.document.entities]:
            message = f"{rule.id}: expected {markup.render(example.document)}"
            yield Fault(rule.source.path, "RT305", message, example.line, help=f"found    {markup.render(tagged)}")


def duplicates(entries: Iterable[Entry]) -> Iterator[Fault]:
    """Entries that repeat an earlier one."""
    for group in _by_folding(entries).values():
        for label in sorted({entry.key for entry in group}):
            first, *repeats = [entry for entry in group if entry.key == label]
            for repeat in repeats:
                if (repeat.source.name, repeat.source.path) != (first.source.name, first.source.path):
                    message = f"{label} {repeat.surface!r} repeats {first.source.place} ({first.surface!r})"
                    yield _finding("RT401", repeat.source, message, "remove one of the two")


def two_labels(entries: Iterable[Entry]) -> Iterator[Fault]:
    """Names under two labels, unambiguous in both: the first in the order of sources always wins."""
    for group in _by_folding(entry for entry in entries if entry.is_label and not entry.ambiguous).values():
        first = min(group, key=lambda entry: entry.source)
        for other in group:
            if other.key != first.key:
                message = f"{other.surface!r} is {other.key} here and {first.key} at {first.source.place}, which wins"
                yield _finding(
                    "RT402", other.source, message, "keep the label it has most often, and mark the other ambiguous"
                )


def dead_entries(entries: Iterable[Entry], rules: Iterable[Rule]) -> Iterator[Fault]:
    """Names that can never match: ambiguous under a label that no rule asks for."""
    classes = {atom.value for rule in rules for atom in rule.atoms if atom.kind == "class"}
    for entry in entries:
        if entry.is_label and entry.ambiguous and entry.key not in classes:
            message = f"{entry.surface!r} is ambiguous, and no rule asks for <{entry.key}>"
            yield _finding("RT403", entry.source, message, f"write a rule with <{entry.key}>, or remove the entry")


def lower_case_names(entries: Iterable[Entry]) -> Iterator[Fault]:
    """Names without a capital that nobody has confirmed: they match in any case, like common words."""
    for entry in entries:
        has_capital = any(char.isupper() or char.isdigit() for char in entry.surface)
        if entry.is_label and not has_capital and not entry.ambiguous and not entry.settled:
            message = f"{entry.surface!r} has no capital, so it also matches in lower case"
            help = "write it with its capital; or add `ambiguous: false`, if lower case is intended"
            yield _finding("RT409", entry.source, message, help)


def dead_rules(entries: Iterable[Entry], rules: Iterable[Rule]) -> Iterator[Fault]:
    """Rules that ask for entities that no entry and no rule of an earlier stage provides."""
    entries = list(entries)
    rules = list(rules)
    for rule in rules:
        for atom in rule.atoms:
            if atom.kind != "entity":
                continue
            has_entry = any(entry.key == atom.value and not entry.ambiguous for entry in entries)
            has_rule = any(other.stage < rule.stage and other.label == atom.value for other in rules)
            if not has_entry and not has_rule:
                message = f"{rule.id} needs {atom}, which no entry and no rule of an earlier stage provides"
                yield _finding("RT404", rule.source, message, "give the rule a later stage")


def twin_patterns(rules: Iterable[Rule]) -> Iterator[Fault]:
    """Rules with the label, the stage and a pattern of an earlier one."""
    seen: dict[tuple[object, ...], Rule] = {}
    for rule in rules:
        for tree in rule.trees:
            first = seen.setdefault((rule.label, rule.stage, tree), rule)
            if first is not rule:
                message = f"{rule.id} has the same pattern as {first.id} ({first.source.place})"
                yield _finding("RT405", rule.source, message, "remove one of the two")


def numbered_levels(rules: Iterable[Rule]) -> Iterator[Fault]:
    """Priorities given as numbers that have a named level."""
    for rule in rules:
        name = level_of(rule.priority)
        if name in LEVELS and isinstance(rule.level, Text) and rule.level not in LEVELS:
            message = f"{rule.id}: priority {rule.level} is the level {name!r}"
            yield Fault(rule.source.path, "RT412", message, *rule.level.mark, help=f"write `priority: {name}`")


def unused_classes(entries: Iterable[Entry], rules: Iterable[Rule]) -> Iterator[Fault]:
    """Word classes that no pattern names, except the classes of the tagger itself."""
    classes = {atom.value for rule in rules for atom in rule.all_atoms if atom.kind == "class"} | {"particle"}
    first: dict[str, Entry] = {}
    for entry in entries:
        if not entry.is_label:
            first.setdefault(entry.key, entry)
    for key, entry in sorted(first.items()):
        if key not in classes and key.removesuffix("-prefix") not in classes:
            yield _finding(
                "RT406", entry.source, f"no rule asks for the class <{key}>", "use it in a rule, or remove it"
            )


def idle_vetoes(tagger: Tagger) -> Iterator[Fault]:
    """Vetoes that have no effect on rules or memory in their own examples."""
    for veto in tagger.knowledge.read.vetoes:
        losses = tagger.plain.decide(veto.example, memory=tagger.memory).losses
        if all(loss.veto != veto.source for loss in losses):
            message = f"the veto of {veto.name!r} has no effect in its example"
            yield _finding(
                "RT410", veto.source, message, "give a sentence in which it would be taken for a name, or remove it"
            )


def idle_calls(entries: Iterable[Entry], called: Mapping[tuple[str, str], Source]) -> Iterator[Fault]:
    """Names listed as ambiguous under a label for which no file has them."""
    written = {(entry.key, entry.surface) for entry in entries} if called else set()
    for (label, name), source in called.items():
        if (label, name) not in written:
            help = "write it exactly like the entry, or remove it"
            yield _finding("RT411", source, f"no file has {name!r} under {label}", help)


def strange_rules(guideline: Guideline, rules: Iterable[Rule], path: str) -> Iterator[Fault]:
    """Ids that a guideline mutes or relabels but that no rule has; `path` is the file of the guideline."""
    ids = {rule.id for rule in rules}
    for name in sorted((guideline.mute | set(guideline.labels)) - ids):
        message = f"the guideline names the rule {name!r}, which does not exist"
        yield Fault(path, "RT408", message, help=suggest(name, ids))


def common_words(entries: Iterable[Entry], common: frozenset[str]) -> Iterator[Fault]:
    """Names of one word that are also French words: a capital at the start of a sentence would make them names."""
    for entry in entries:
        is_unconfirmed = entry.is_label and not entry.ambiguous and not entry.settled
        if is_unconfirmed and entry.surface.lower() in common and not entry.surface.isupper():
            message = f"{entry.key} {entry.surface!r} is a common French word"
            help = "add `ambiguous: true`; or `ambiguous: false`, if a capital always makes it the name"
            yield _finding("RT407", entry.source, message, help)


def _by_folding(entries: Iterable[Entry]) -> dict[bytes, list[Entry]]:
    groups: dict[bytes, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[folding(entry.surface)].append(entry)
    return {key: group for key, group in groups.items() if len(group) > 1}


def folding(surface: str) -> bytes:
    """A key that is equal for spellings that differ only in case, accents or anything else that folding ignores."""
    return lower_key(fold_key(surface))


def _finding(code: str, source: Source, message: str, help: str) -> Fault:
    return Fault(source.path, code, message, source.line, help=help)
