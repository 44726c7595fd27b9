"""Finds guideline files, and reads them into `Guideline` values and rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from ruletag.errors import suggest
from ruletag.fields import Field, Many, Names, Record, String
from ruletag.folders import Naming, guideline_path, shown_name
from ruletag.guideline import SWITCH_HELP, SWITCHES, Guideline
from ruletag.heads import GROUPS, OUT, Heads
from ruletag.model import LABELS
from ruletag.nouns import spelling_fault, straight
from ruletag.positions import Mark
from ruletag.rule_file import MACROS, RULES, read_macros, read_rules, refuse_twins
from ruletag.rules import Rule
from ruletag.sources import Fields, SourceFile, raise_faults

_HEADS_HELP = {
    OUT: "nouns that stand outside: *la ville de [Brest]*",
    **{label: f"nouns inside, where the whole name is {label}" for label in LABELS},
}
HEAD_FIELDS = {group: Field(_HEADS_HELP[group], Many(String())) for group in GROUPS}
FILE_FIELDS = {
    "name": Field("the name of the guideline, as the command line says it", String(), required=True),
    "why": Field("what the guideline is for and where it comes from", String()),
    **{name: Field(SWITCH_HELP[name], String(values), default=values[0]) for name, values in SWITCHES.items()},
    "determiner-names": Field("the names that keep a determiner, as `determiner` says", Many(String())),
    "heads": Field("for head nouns, whether they are outside the name or inside", Record(HEAD_FIELDS)),
    "labels": Field(
        "a mapping from rule id to the label that the guideline gives to the rule's finds", Names(String(LABELS))
    ),
    "mute": Field("ids of rules that the guideline leaves out", Many(String())),
    "macros": replace(MACROS, help="as in a rule file"),
    "rules": replace(RULES, help="rules that apply only under this guideline, as in a rule file"),
}
FILE = Record(FILE_FIELDS)


def load_guideline(
    name: str,
    *,
    classes: frozenset[str] = frozenset(),
    macros: Mapping[str, str] | None = None,
    folders: Iterable[Path] = (),
    naming: Naming = shown_name,
) -> tuple[Guideline, tuple[Rule, ...]]:
    """The guideline that `guideline_path` finds, and the rules that apply only under it.

    Raises RuletagError if there is none, or with every fault of its file.
    """
    shown, path = guideline_path(name, folders, naming)
    file = SourceFile(path, shown)
    value = file.load()
    loaded = _read(file, Fields(file, value, Mark(1, 1), "a guideline", FILE_FIELDS), classes, macros or {})
    raise_faults([file])
    return loaded


def _read(
    file: SourceFile, fields: Fields, classes: frozenset[str], shared_macros: Mapping[str, str]
) -> tuple[Guideline, tuple[Rule, ...]]:
    switches = {}
    for name, values in SWITCHES.items():
        switches[name] = fields.text(name)
        if switches[name] not in values:
            file.fault(
                "RT202", fields.at(name), f"{name!r} is one of {', '.join(values)}", suggest(switches[name], values)
            )
    macros = read_macros([(file, fields)], shared_macros)
    rules = read_rules(file, fields, macros, classes)
    refuse_twins(rules, {file.shown: file})
    guideline = Guideline(
        fields.text("name"),
        fields.text("why"),
        switches,
        frozenset(fields.texts("determiner-names")),
        _heads(file, fields),
        _labels(file, fields),
        frozenset(fields.texts("mute")),
        fields.mapping,
    )
    return guideline, tuple(rules)


def _heads(file: SourceFile, fields: Fields) -> Heads:
    value = fields.mapping.get("heads")
    if value is None:
        return Heads()
    section = Fields(file, value, fields.at("heads"), "heads", HEAD_FIELDS)
    decided: dict[str, str] = {}
    for group in GROUPS:
        for written, mark in section.items(group):
            head = straight(written) if isinstance(written, str) else ""
            fault = spelling_fault(head)
            if fault:
                file.fault(
                    "RT202", mark, f"the head {written!r} {fault}", "write `lac`, or `lac de` for de, du, des, d'"
                )
            elif decided.setdefault(head, group) != group:
                file.fault(
                    "RT202", mark, f"the head {head!r} is also listed under {decided[head]!r}", "keep one of the two"
                )
    return Heads(decided)


def _labels(file: SourceFile, fields: Fields) -> dict[str, str]:
    value = fields.mapping.get("labels")
    if value is None:
        return {}
    section = Fields.named(file, value, fields.at("labels"), "labels")
    labels = {rule: section.text(rule) for rule in section.mapping}
    for rule, label in labels.items():
        if label not in LABELS:
            file.fault("RT205", section.at(rule), f"unknown label {label!r}", suggest(label, LABELS))
    return labels
