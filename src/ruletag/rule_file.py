"""Reads `rules/*.yaml` into rules and vetoes, and collects every fault of every file.

A rule does not load without a sentence where it fires and a sentence where it stays silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ruletag import markup
from ruletag.confidence import LEVELS
from ruletag.errors import suggest
from ruletag.fields import Either, Field, Many, Names, Number, Record, String
from ruletag.folders import SHIPPED, Folders, Naming, listed, openable, rule_paths, shipped, shown_name
from ruletag.model import LABELS, Source
from ruletag.pattern import PatternError
from ruletag.positions import Mapping as SourceMapping
from ruletag.positions import Mark, Text
from ruletag.positions import Sequence as SourceSequence
from ruletag.program import Program
from ruletag.rules import Example, Pattern, Rule, RuleSet, Veto, pattern, side
from ruletag.sources import NUMBER, Fields, SourceFile, is_other_kind, raise_faults

VETO_FIELDS = {
    "name": Field(
        "the surface that rules and memory must not take for a name; an entry still does", String(), required=True
    ),
    "label": Field("PER, LOC, ORG or MISC: the veto is only for this label", String(LABELS)),
    "before": Field("a pattern: the veto applies only after it", String()),
    "after": Field("a pattern: the veto applies only before it", String()),
    "example": Field("a sentence in which a rule or the memory would take it for a name", String(), required=True),
}
UNLESS_FIELDS = {
    "before": Field("what must not come right before the match", String()),
    "after": Field("what must not follow the match", String()),
}
_BILLION = 10**9
# Notation that only regular expressions have: a letter class after a backslash, repeated dots, [A-Z], (?:
_EXPRESSION = re.compile(r"\\[A-Za-z.]|\.[*+]|\[\^?\w-\w|\(\?")
_NO_EXPRESSION = (
    "a pattern consists of words and shapes, it is not a regular expression: Cap for [A-Z]\\w+, lower for [a-z]+, "
    "Number for \\d+, Word for any word"
)
RULE_FIELDS = {
    "id": Field("the name of the rule in every report; letters, digits, dots and hyphens", String(), required=True),
    "label": Field("the label of the entity: PER, LOC, ORG or MISC", String(LABELS), required=True),
    "why": Field("one sentence that says why a match is a name", String(), required=True),
    "match": Field("the pattern, or a list of patterns", Many(String()), required=True),
    "unless": Field(
        "a mapping with `before` and `after`: patterns beside the match that keep the rule from firing",
        Record(UNLESS_FIELDS),
    ),
    "stage": Field(
        "1 to 9; a rule of a later stage sees as @LABEL what the earlier stages found", Number(1, 9), default=1
    ),
    "priority": Field(
        "how sure the rule is, which decides first between overlapping candidates: a level",
        Either((String(tuple(LEVELS)), Number(1 - _BILLION, _BILLION - 1))),
        default="sure",
    ),
    "examples": Field(
        "sentences with the exact result in markup: one where the rule fires, one where it stays silent",
        Many(String()),
        required=True,
    ),
}
MACROS = Field("names for parts of patterns; every rule file can use a macro", Names(String()))
RULES = Field("the list of rules", Many(Record(RULE_FIELDS)))
FILE_FIELDS = {
    "macros": MACROS,
    "rules": RULES,
    "not": Field("surfaces that are never names, or never of one label: a list of vetoes", Many(Record(VETO_FIELDS))),
}
FILE = Record(FILE_FIELDS)
_BARE = "write `rules:` above the rules, each of which begins with `- id:`"


def rule_files(folders: Folders = None, naming: Naming = shown_name) -> list[SourceFile]:
    """The rule files of the folders (`None` or `shipped`: the shipped ones); guidelines are not among them."""
    return [SourceFile(path, shown) for shown, path in rule_paths(folders, naming)]


def load_rules(
    folders: Folders = None, *, classes: frozenset[str] = frozenset(), naming: Naming = shown_name
) -> RuleSet:
    """Read rule folders or files. `classes` are the word classes that patterns may name.

    Every rule can use the shipped macros, unless a folder redefines the name. Raises RuletagError with every fault of
    every file.
    """
    files = rule_files(folders, naming)
    read = _read_files(files)
    macros = read_macros(read)
    if all(folder != SHIPPED and Path(folder) != shipped("rules") for folder in listed(folders)):
        macros = read_macros(_read_files(rule_files())) | macros
    rules = [rule for file, fields in read for rule in read_rules(file, fields, macros, classes)]
    refuse_twins(rules, {file.shown: file for file in files})
    vetoes = [veto for file, fields in read for veto in _read_vetoes(file, fields, macros, classes)]
    raise_faults(files)
    return RuleSet(tuple(rules), macros, tuple(vetoes))


def _read_files(files: Iterable[SourceFile]) -> list[tuple[SourceFile, Fields]]:
    loaded = ((file, _load(file)) for file in files)
    return [
        (file, Fields(file, value, Mark(1, 1), "a rule file", FILE_FIELDS, _BARE))
        for file, value in loaded
        if value is not None and not is_other_kind(file, value, "a rule file")
    ]


def read_macros(read: Iterable[tuple[SourceFile, Fields]], defined: Mapping[str, str] | None = None) -> dict[str, str]:
    """The macros of all files, added to those already defined. A name defined twice is a fault."""
    macros = dict(defined or {})
    for file, fields in read:
        value = fields.mapping.get("macros") or SourceMapping(fields.mark)
        section = Fields.named(file, value, fields.at("macros"), "macros")
        for name in section.mapping:
            if name in macros:
                file.fault("RT302", section.mapping.keys_at[name], f"the macro {name!r} is defined twice", "rename one")
            macros[name] = file.placed(section.text(name), section.at(name))
    return macros


def read_rules(file: SourceFile, fields: Fields, macros: Mapping[str, str], classes: frozenset[str]) -> list[Rule]:
    """The valid rules of one file; the faults of the others are added to the file."""
    rules = [_read_rule(file, item, mark, macros, classes) for item, mark in fields.items("rules")]
    return [rule for rule in rules if rule]


def refuse_twins(rules: Iterable[Rule], files: Mapping[str, SourceFile]) -> None:
    """Add a fault for every rule whose id is taken."""
    seen: dict[str, Rule] = {}
    for rule in rules:
        first = seen.setdefault(rule.id, rule)
        if first is not rule:
            position = f"{openable(files[first.source.path].path)}:{first.source.line}"
            files[rule.source.path].fault(
                "RT202", Mark(rule.source.line, 1), f"the rule id {rule.id!r} is taken ({position})", "rename one"
            )


def _load(file: SourceFile) -> Any:
    value = file.load()
    if value is None and not file.faults:
        file.fault("RT202", None, "is empty", "write `rules:`, or remove the file")
    return value


def _read_rule(
    file: SourceFile, item: Any, mark: Mark, macros: Mapping[str, str], classes: frozenset[str]
) -> Rule | None:
    faults_before = len(file.faults)
    fields = Fields(file, item, mark, "a rule", RULE_FIELDS)
    identifier, label, why = fields.text("id"), fields.text("label"), fields.text("why")
    if label and label not in LABELS:
        file.fault("RT205", fields.at("label"), f"unknown label {label!r}", suggest(label, LABELS))
    stage, level = fields.number("stage"), _read_level(file, fields)
    if not fields.texts("match") and fields.sound:
        file.fault("RT202", mark, "a rule lacks the field 'match'", "add `match: …`")
    patterns = _read_patterns(file, fields, macros, classes)
    sides, beside = _read_unless(file, fields, macros, classes)
    examples = _read_examples(file, fields)
    if len(file.faults) > faults_before:
        return None
    return Rule(
        identifier,
        label,
        why,
        Source("rule", identifier, file.shown, mark.line),
        tuple(parsed.text for parsed in patterns),
        tuple(parsed.tree for parsed in patterns),
        tuple(plan for parsed in patterns for plan in parsed.plans),
        *sides,
        stage,
        LEVELS[level] if level in LEVELS else int(level),
        examples,
        beside,
        macros,
        level,
    )


def _read_level(file: SourceFile, fields: Fields) -> Text:
    """The priority as written: the name of a level, or an integer."""
    level, mark = fields.mapping.get("priority", RULE_FIELDS["priority"].default), fields.at("priority")
    if isinstance(level, str) and (level in LEVELS or NUMBER.fullmatch(level)):
        return file.placed(level, mark)
    file.fault("RT202", mark, f"'priority' must be one of {', '.join(LEVELS)}", suggest(str(level), LEVELS))
    return file.placed("sure", mark)


def _read_patterns(
    file: SourceFile, fields: Fields, macros: Mapping[str, str], classes: frozenset[str]
) -> list[Pattern]:
    """The patterns of a rule; the faults of invalid ones are added to the file."""
    patterns: list[Pattern] = []
    if _is_unquoted(file, fields):
        return patterns
    for item, mark in fields.items("match"):
        if not isinstance(item, str) or not item.strip():
            continue
        text = file.placed(item, mark)
        try:
            patterns.append(pattern(text, macros, classes))
        except PatternError as error:
            _pattern_fault(file, text, error)
    return patterns


def _read_unless(
    file: SourceFile, fields: Fields, macros: Mapping[str, str], classes: frozenset[str]
) -> tuple[tuple[Program | None, Program | None], tuple[str, str]]:
    value = fields.mapping.get("unless")
    if value is None:
        return (None, None), ("", "")
    section = Fields(file, value, fields.at("unless"), "unless", UNLESS_FIELDS)
    before, left = _read_side(file, section, "before", macros, classes)
    after, right = _read_side(file, section, "after", macros, classes)
    return (before, after), (left, right)


def _read_side(
    file: SourceFile, fields: Fields, name: str, macros: Mapping[str, str], classes: frozenset[str]
) -> tuple[Program | None, str]:
    """The program and the text of a guard on one side of a match; the program is None if there is no guard."""
    text = file.placed(fields.text(name), fields.at(name))
    try:
        return side(text, name, macros, classes), text
    except PatternError as error:
        _pattern_fault(file, text, error)
    return None, text


def _read_vetoes(
    file: SourceFile, fields: Fields, macros: Mapping[str, str], classes: frozenset[str]
) -> Iterator[Veto]:
    """The vetoes of one file; the faults of invalid ones are added to the file."""
    for item, mark in fields.items("not"):
        faults_before = len(file.faults)
        veto = Fields(file, item, mark, "a veto", VETO_FIELDS)
        name, label, example = veto.text("name"), veto.text("label"), veto.text("example")
        if label and label not in LABELS:
            file.fault("RT205", veto.at("label"), f"unknown label {label!r}", suggest(label, LABELS))
        if name and not any(char.isalnum() for char in name):
            file.fault("RT204", veto.at("name"), f"the veto {name!r} contains no letter or digit", "write a name")
        before, left = _read_side(file, veto, "before", macros, classes)
        after, right = _read_side(file, veto, "after", macros, classes)
        if len(file.faults) == faults_before:
            source = Source("veto", name, file.shown, mark.line)
            yield Veto(name, source, label, before, after, example, (left, right), macros)


def _pattern_fault(file: SourceFile, text: Text, error: PatternError) -> None:
    help = _NO_EXPRESSION if _EXPRESSION.search(text) else error.help
    file.fault(error.code, text.at(error.column - 1), f"{error} (in the pattern {text!r})", help)


def _is_unquoted(file: SourceFile, fields: Fields) -> bool:
    """Whether the brackets of an unquoted pattern were read as a list; if so, a fault is added."""
    value, mark = fields.mapping.get("match"), fields.at("match")
    written = file.lines[mark.line - 1][mark.column - 1 :].strip()
    is_list = isinstance(value, SourceSequence) and written[:1] == "[" and written[-1:] == "]"
    if not is_list or any(char in written[1:-1] for char in "[]\"'"):
        return False
    message = "this pattern has no quotes, so YAML reads its brackets as a list"
    file.fault("RT301", mark, message, f'quote it: match: "{written}"')
    return True


def _read_examples(file: SourceFile, fields: Fields) -> tuple[Example, ...]:
    examples: list[Example] = []
    faults_before = len(file.faults)
    for text, mark in fields.items("examples"):
        if not isinstance(text, str):
            file.fault("RT202", mark, "an example must be a sentence", "quote it: it may contain a colon or a bracket")
            continue
        try:
            examples.append(Example(markup.parse(text), mark.line))
        except ValueError as error:
            file.fault("RT107", mark, f"this example is not valid markup: {error}")
            continue
        for entity in examples[-1].document.entities:
            if entity.label not in LABELS:
                file.fault("RT205", mark, f"unknown label {entity.label!r}", suggest(entity.label, LABELS))
    if len(file.faults) == faults_before and fields.sound:
        marked = {bool(example.document.entities) for example in examples}
        if marked != {True, False}:
            if True not in marked:
                lacking, help = "where the rule fires", "add a sentence with a name, marked as in [Paris](LOC)"
            else:
                lacking, help = "where the rule stays silent", "add a similar sentence in which it must find nothing"
            file.fault("RT304", fields.at("examples"), f"the rule lacks an example {lacking}", help)
    return tuple(examples)
