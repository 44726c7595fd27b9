"""A fitted guideline as text for a terminal, and as the YAML file that it is. Formats, never counts, never prints."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from ruletag.evaluation.fit import INSIDE, NAMES, SHOWN, Case, Evidence, Fit
from ruletag.report.pieces import one_line

PLACES = 3  # how many cases for the chosen setting, and how many against it, are quoted
_WIDTH = 120


class _Dumper(yaml.SafeDumper):
    """YAML in which every scalar is a text, as the reader of guidelines takes it; no anchors."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_multi_representer(dict, _Dumper.represent_dict)
_Dumper.add_multi_representer(list, _Dumper.represent_list)


def format_fit(fit: Fit) -> str:
    """What the gold shows about each switch, and how the outcome differs from the base."""
    from tabulate import tabulate

    base = fit.base.switches
    rows = [
        [each.switch, each.chosen, base[each.switch], each.verdict, _tally(each)]
        for each in fit.evidence
        if each.switch != NAMES
    ]
    pieces = [tabulate(rows, ["switch", "fitted", f"in {fit.base.name}", "verdict", "right in"]), ""]
    for each in _telling(fit.evidence):
        quoted = list(_quotes(each))
        if quoted:
            pieces += [f"{_title(each)}:", *(f"  {line}" for line in quoted)]
    return "\n".join([*pieces, *_summary(fit)])


def format_guideline(fit: Fit, name: str) -> str:
    """The YAML file of the fitted guideline, called `name`, with the evidence as comments.

    Labels, muted rules, macros and rules are those of the base, as they stand in its file; its comments are not kept.
    """
    names = sorted(fit.guideline.determiner_names)
    lines = [*map(_comment, _summary(fit)), _dump({"name": name}), _dump({"why": _why(fit)})]
    for each in _telling(fit.evidence):
        verdict = _verdict(each, fit)
        lines += ["", _comment(f"{each.subject}: {verdict}" if each.subject else verdict[0].upper() + verdict[1:])]
        lines += map(_comment, _quotes(each))
        if each.switch != NAMES:
            lines.append(_dump({each.switch: each.chosen}))
    written = fit.base.written
    kept = {field: written[field] for field in ("labels", "mute", "macros", "rules") if written.get(field)}
    if names:
        lines += ["", f"{NAMES}: {_dump(names, flow=True)}"]
    if kept:
        lines += ["", _comment(f"As in {fit.base.name}, not fitted."), _dump(kept)]
    return "\n".join(lines) + "\n"


def _telling(evidence: Sequence[Evidence]) -> list[Evidence]:
    """All switches, and of the names those that are listed or that the gold has with a determiner somewhere."""
    return [each for each in evidence if each.switch != NAMES or each.chosen == INSIDE or each.right(INSIDE)]


def _summary(fit: Fit) -> Iterator[str]:
    size = f"{fit.documents} document{'' if fit.documents == 1 else 's'}, {fit.after.gold} gold spans"
    yield f"Fitted to {size}; held out: one {fit.unit} at a time. Base: {fit.base.name}."
    names = [each for each in fit.evidence if each.switch == NAMES]
    silent = len(names) - len(_telling(names))
    if silent:
        yield f"Names that never have their determiner inside the span: {silent}."
    if not fit.differences:
        yield f"Same switches as {fit.base.name}."
    for field, before, after in fit.differences:
        yield f"Unlike {fit.base.name}: {field} is {after}, not {before}."
    yield f"Strict F1 on this very gold: {fit.after.f1:.4f}, with the switches of {fit.base.name} {fit.before.f1:.4f}."


def _why(fit: Fit) -> str:
    return f"The switches that the gold follows; all else as in {fit.base.name}."


def _verdict(evidence: Evidence, fit: Fit) -> str:
    cases = f"{evidence.verdict}: {_tally(evidence)}" if evidence.cases else evidence.verdict
    return f"{cases}." if evidence.verdict == SHOWN else f"{cases}; the value is that of {fit.base.name}."


def _tally(evidence: Evidence) -> str:
    """How many cases there are, how many each setting has right, and how many none has."""
    if not evidence.cases:
        return "no case"
    counts = [f"{setting} {evidence.right(setting)}" for setting in evidence.settings]
    if evidence.unexplained:
        counts.append(f"none of them {evidence.unexplained}")
    number = len(evidence.cases)
    return f"{', '.join(counts)} (of {number} case{'' if number == 1 else 's'})"


def _title(evidence: Evidence) -> str:
    return f"{evidence.switch}: {evidence.subject or evidence.chosen}"


def _quotes(evidence: Evidence) -> Iterator[str]:
    """The first cases for the chosen setting, and those against it."""
    for kind, cases in (("follows", evidence.examples), ("exception", evidence.exceptions)):
        if cases:
            more = f" and {len(cases) - PLACES} more" if len(cases) > PLACES else ""
            yield f"{kind}: {'; '.join(map(_quote, cases[:PLACES]))}{more}"


def _quote(case: Case) -> str:
    return f"{case.path}:{case.line} “{one_line(case.text)}”"


def _comment(line: str) -> str:
    """A comment of one line, whatever the text that is quoted holds."""
    return "# " + "".join(char if char.isprintable() else " " for char in line)


def _dump(value: Any, *, flow: bool = False) -> str:
    """A value as YAML, without its line end; with `flow` on one line."""
    width = sys.maxsize if flow else _WIDTH
    text: str = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=width, default_flow_style=flow
    )
    return text.rstrip("\n")
