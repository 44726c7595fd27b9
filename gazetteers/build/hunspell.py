"""Reader and expander of hunspell dictionaries (.aff and .dic), as far as word lists need them.

Done: the flag modes `char`, `long`, `num` and `UTF-8`, conditions, twofold affixes, NEEDAFFIX, CIRCUMFIX, FULLSTRIP,
cross products and morphological fields. Not done: compounding, AF/AM aliases (refused), conversion tables.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

Kind = Literal["PFX", "SFX"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of an affix class: `strip` gives way to `add` where `condition` holds at that end of the word."""

    kind: Kind
    cross: bool
    strip: str
    add: str
    flags: frozenset[str]
    condition: re.Pattern[str]
    morph: tuple[str, ...]

    def apply(self, word: str) -> str | None:
        """Return the affixed word, or None where the rule does not fit."""
        if not self.condition.search(word):
            return None
        if self.kind == "SFX":
            return word[: len(word) - len(self.strip)] + self.add if word.endswith(self.strip) else None
        return self.add + word[len(self.strip) :] if word.startswith(self.strip) else None


@dataclass(frozen=True, slots=True)
class Form:
    """A word as it stands in text, with the morphological fields of its lemma and of its affixes, in that order."""

    text: str
    lemma_morph: tuple[str, ...]
    affix_morph: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the .dic file."""

    stem: str
    flags: frozenset[str]
    morph: tuple[str, ...]

    def has(self, *fields: str) -> bool:
        """Tell whether one of the morphological fields, say `po:prn`, stands on the line."""
        return not set(fields).isdisjoint(self.morph)


@dataclass(slots=True)
class Affixes:
    """What the .aff file says. `classes` maps a flag to its rules."""

    flag_mode: str = "char"
    encoding: str = "utf-8"
    need_affix: str | None = None
    circumfix: str | None = None
    forbidden: str | None = None
    keep_case: str | None = None
    full_strip: bool = False
    classes: dict[str, list[Rule]] = field(default_factory=dict)

    def split_flags(self, text: str) -> frozenset[str]:
        """Cut a run of flags in the file's flag mode."""
        if self.flag_mode == "long":
            return frozenset(text[i : i + 2] for i in range(0, len(text), 2))
        if self.flag_mode == "num":
            return frozenset(part.strip() for part in text.split(",") if part.strip())
        return frozenset(text)


@cache
def _condition(kind: Kind, text: str) -> re.Pattern[str]:
    """Compile a hunspell condition, which knows only letters, `.` and `[...]`."""
    parts = re.findall(r"\[[^\]]*\]|.", text)
    body = "".join(part if part == "." or part.startswith("[") else re.escape(part) for part in parts)
    if text == ".":
        body = ""
    return re.compile(f"(?:{body})$" if kind == "SFX" else f"^(?:{body})")


def _split_slash(text: str) -> tuple[str, str]:
    """Part a word from its flags at the first slash that is not escaped or leading."""
    found = re.search(r"(?<=[^\\])/", text)
    word, flags = (text[: found.start()], text[found.end() :]) if found else (text, "")
    return word.replace("\\/", "/"), flags


def _rule(affixes: Affixes, kind: Kind, cross: bool, fields: list[str]) -> Rule:
    """Build a rule from the fields after the class name: strip, add[/flags], condition, morphology."""
    add, flags = _split_slash(fields[1])
    return Rule(
        kind=kind,
        cross=cross,
        strip="" if fields[0] == "0" else fields[0],
        add="" if add == "0" else add,
        flags=affixes.split_flags(flags),
        condition=_condition(kind, fields[2] if len(fields) > 2 else "."),
        morph=tuple(fields[3:]),
    )


def _set_option(affixes: Affixes, name: str, value: str) -> None:
    """Take over one of the options that matter here. The others are left alone."""
    match name:
        case "SET":
            affixes.encoding = value
        case "FLAG":
            affixes.flag_mode = value if value in ("long", "num") else "char"
        case "NEEDAFFIX":
            affixes.need_affix = value
        case "CIRCUMFIX":
            affixes.circumfix = value
        case "FORBIDDENWORD":
            affixes.forbidden = value
        case "KEEPCASE":
            affixes.keep_case = value
        case "FULLSTRIP":
            affixes.full_strip = True
        case "AF" | "AM":
            message = f"{name} aliases are not supported"
            raise ValueError(message)
        case _:
            pass


def read_aff(path: Path) -> Affixes:
    """Read an .aff file. Raise ValueError where it uses AF or AM aliases."""
    affixes = Affixes()
    encoding = re.search(rb"(?m)^SET\s+(\S+)", path.read_bytes())
    text = path.read_text(encoding=encoding.group(1).decode("ascii") if encoding else "latin-1")
    cross: dict[str, bool] = {}
    for line in text.removeprefix("\ufeff").splitlines():
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        kind: Kind
        if fields[0] == "PFX":
            kind = "PFX"
        elif fields[0] == "SFX":
            kind = "SFX"
        else:
            _set_option(affixes, fields[0], fields[1] if len(fields) > 1 else "")
            continue
        flag = fields[1]
        if flag not in cross:
            cross[flag] = fields[2] == "Y"
            affixes.classes[flag] = []
        else:
            affixes.classes[flag].append(_rule(affixes, kind, cross[flag], fields[2:]))
    return affixes


def read_dic(path: Path, affixes: Affixes) -> list[Entry]:
    """Read a .dic file in file order, without its count line and without forbidden words."""
    entries = []
    for line in path.read_text(encoding=affixes.encoding).removeprefix("\ufeff").splitlines()[1:]:
        fields = line.split()
        if not fields:
            continue
        stem, flag_text = _split_slash(fields[0])
        flags = affixes.split_flags(flag_text)
        if affixes.forbidden not in flags:
            entries.append(Entry(stem, flags, tuple(fields[1:])))
    return entries


@dataclass(frozen=True, slots=True)
class _Step:
    """A word on its way: the affixes it has got so far."""

    text: str
    flags: frozenset[str]
    morph: tuple[str, ...] = ()
    circumfix: tuple[bool, bool] = (False, False)
    crossable: bool = True


def is_elision(rule: Rule) -> bool:
    """Tell whether a prefix rule only sticks an elided word (l', d', qu') to the next one."""
    return rule.kind == "PFX" and "'" in rule.add


class Expander:
    """Makes all the forms of an entry. Elided prefixes are never made."""

    def __init__(self, affixes: Affixes) -> None:
        """Keep the affix rules, those of elisions apart."""
        self.affixes = affixes
        self._classes = {
            flag: [rule for rule in rules if not is_elision(rule)] for flag, rules in affixes.classes.items()
        }

    def forms(self, entry: Entry) -> Iterator[Form]:
        """Yield each form once for each way to make it: bare, suffixed, prefixed, both, and twofold."""
        start = _Step(entry.stem, entry.flags)
        suffixed = [start, *self._suffixes(start)]
        for step in suffixed:
            yield from self._finish(entry, step)
            for prefixed in self._extend(step, "PFX", bound=step is not start):
                yield from self._finish(entry, prefixed)
                # A prefix may bring suffixes of its own (kilo- makes a noun that takes -s).
                for twofold in self._extend(prefixed, "SFX", only=prefixed.flags - entry.flags):
                    yield from self._finish(entry, twofold)

    def _suffixes(self, start: _Step) -> list[_Step]:
        """Return the steps with one suffix, then those with a second one that the first allows."""
        first = list(self._extend(start, "SFX"))
        second = [twofold for step in first for twofold in self._extend(step, "SFX", only=step.flags - start.flags)]
        return first + second

    def _extend(
        self, step: _Step, kind: Kind, *, only: frozenset[str] | None = None, bound: bool = False
    ) -> Iterator[_Step]:
        """Yield the step with each fitting affix of one kind. `bound`: only what may meet an affix of the other end."""
        for flag in sorted(step.flags if only is None else only):
            for rule in self._classes.get(flag, ()):
                if rule.kind != kind or (bound and not (rule.cross and step.crossable)):
                    continue
                text = rule.apply(step.text)
                if text is None or not (text or self.affixes.full_strip):
                    continue
                marked = self.affixes.circumfix in rule.flags
                ends = (marked, step.circumfix[1]) if kind == "PFX" else (step.circumfix[0], marked)
                inherited = self._prefix_flags(step.flags) if kind == "SFX" else frozenset()
                yield _Step(text, rule.flags | inherited, step.morph + rule.morph, ends, rule.cross)

    def _prefix_flags(self, flags: frozenset[str]) -> frozenset[str]:
        """Return those flags that name prefixes: a suffixed word still takes its stem's prefixes."""
        return frozenset(flag for flag in flags if any(rule.kind == "PFX" for rule in self._classes.get(flag, ())))

    def _finish(self, entry: Entry, step: _Step) -> Iterator[Form]:
        """Yield the step's word unless it still needs an affix or has half a circumfix."""
        if self.affixes.need_affix not in step.flags and step.circumfix[0] == step.circumfix[1]:
            yield Form(step.text, entry.morph, step.morph)
