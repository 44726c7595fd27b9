"""A fitted guideline as text for a terminal, and as a YAML file. Formats, never counts, never prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import yaml

from ruletag.evaluation.evidence import SHOWN, Evidence
from ruletag.evaluation.fit import AS_FOUND, HEADS, INSIDE, NAMES, Fit
from ruletag.heads import GROUPS
from ruletag.report.pieces import one_line

PLACES = 3  # cases quoted for the chosen value, and against it
_WIDTH = 120


class _Dumper(yaml.SafeDumper):
    """YAML in which every scalar is a text, as the reader of guidelines reads it; no anchors."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_multi_representer(dict, _Dumper.represent_dict)
_Dumper.add_multi_representer(list, _Dumper.represent_list)


def format_fit(fit: Fit) -> str:
    """The evidence of the gold on each switch and head, and how the result differs from the base."""
    from tabulate import tabulate

    headers = ["fitted", f"in {fit.base.name}", "verdict", "right in"]
    base, heads = fit.base.switches, fit.base.heads.decided
    telling = _telling(fit.evidence)
    rows = [
        [each.switch, each.chosen, base[each.switch], each.verdict, _tally(each)]
        for each in telling
        if not each.subject
    ]
    pieces = [tabulate(rows, ["switch", *headers]), ""]
    judged = [each for each in telling if each.switch == HEADS]
    if judged:
        rows = [
            [each.subject, each.chosen, heads.get(each.subject, AS_FOUND), each.verdict, _tally(each)]
            for each in judged
        ]
        pieces += [tabulate(rows, ["head", *headers]), ""]
    for each in telling:
        quoted = list(_quotes(each, fit))
        if quoted:
            pieces += [f"{_title(each)}:", *(f"  {line}" for line in quoted)]
    return "\n".join([*pieces, *_summary(fit)])


def format_guideline(fit: Fit, name: str) -> str:
    """The YAML file of the fitted guideline, called `name`, with the evidence as comments.

    Labels, muted rules, macros and rules are those of the base, as in its file; its comments are not kept.
    """
    names = sorted(fit.guideline.determiner_names)
    lines = [*map(_comment, _summary(fit)), _dump({"name": name}), _dump({"why": _why(fit)})]
    telling = _telling(fit.evidence)
    for each in (each for each in telling if each.switch != HEADS):
        lines += ["", *_reasons(each, fit)]
        if not each.subject:
            lines.append(_dump({each.switch: each.chosen}))
    written = fit.base.written
    kept = {field: written[field] for field in ("labels", "mute", "macros", "rules") if written.get(field)}
    if names:
        lines += ["", f"{NAMES}: {_dump(names, flow=True)}"]
    lines += [line for each in telling if each.switch == HEADS for line in ("", *_reasons(each, fit))]
    lines += _heads(fit)
    if kept:
        lines += ["", _comment(f"As in {fit.base.name}, not fitted."), _dump(kept)]
    return "\n".join(lines) + "\n"


def _reasons(evidence: Evidence, fit: Fit) -> Iterator[str]:
    """The verdict and the first cases, as comments."""
    verdict = _verdict(evidence, fit)
    subject = f"{evidence.chosen}, {evidence.subject}" if evidence.switch == HEADS else evidence.subject
    yield _comment(f"{subject}: {verdict}" if subject else verdict[0].upper() + verdict[1:])
    yield from map(_comment, _quotes(evidence, fit))


def _heads(fit: Fit) -> Iterator[str]:
    """The decisions about heads, including those of the base for which the gold has no evidence."""
    decided = fit.guideline.heads.decided
    if not decided:
        return
    shown = {each.subject for each in fit.evidence if each.switch == HEADS and each.verdict == SHOWN}
    silent = sum(head not in shown for head in decided)
    yield ""
    if silent:
        yield _comment(f"Heads kept from {fit.base.name}, on which the gold has little or no evidence: {silent}.")
    groups = {group: sorted(head for head in decided if decided[head] == group) for group in GROUPS}
    yield f"{HEADS}:"
    for group, heads in groups.items():
        if heads:
            yield f"  {group}: {_dump(heads, flow=True)}"


def _telling(evidence: Sequence[Evidence]) -> list[Evidence]:
    """All switches, names that are listed or that the gold has with a determiner, heads with evidence."""
    return [
        each
        for each in evidence
        if not each.subject
        or (each.switch == NAMES and (each.chosen == INSIDE or each.right(INSIDE)))
        or (each.switch == HEADS and each.verdict == SHOWN)
    ]


def _summary(fit: Fit) -> Iterator[str]:
    size = f"{fit.documents} document{'' if fit.documents == 1 else 's'}, {fit.after.gold} gold spans"
    yield f"Fitted to {size}; held out: one {fit.unit} at a time. Base: {fit.base.name}."
    names = [each for each in fit.evidence if each.switch == NAMES]
    silent = len(names) - len(_telling(names))
    if silent:
        yield f"Names that never have their determiner inside the span: {silent}."
    heads = [each for each in fit.evidence if each.switch == HEADS]
    silent = len(heads) - len(_telling(heads))
    if silent:
        yield f"Heads with little or no evidence: {silent}."
    if not fit.differences:
        yield f"Same switches and heads as {fit.base.name}."
    for field, before, after in fit.differences:
        yield f"Unlike {fit.base.name}: {field} is {after}, not {before}."
    yield f"Strict F1 on this gold: {fit.after.f1:.4f}; under {fit.base.name}: {fit.before.f1:.4f}."


def _why(fit: Fit) -> str:
    return f"The switches and heads that the gold follows; all else as in {fit.base.name}."


def _verdict(evidence: Evidence, fit: Fit) -> str:
    cases = f"{evidence.verdict}: {_tally(evidence)}" if evidence.cases else evidence.verdict
    return f"{cases}." if evidence.verdict == SHOWN else f"{cases}; the value of {fit.base.name} is kept."


def _tally(evidence: Evidence) -> str:
    """The number of cases, how many each value gets right, and how many none does."""
    if not evidence.cases:
        return "no cases"
    settings = [each for each in evidence.settings if evidence.switch != HEADS or evidence.right(each)]
    counts = [f"{setting} {evidence.right(setting)}" for setting in settings]
    if evidence.unexplained:
        counts.append(f"none {evidence.unexplained}")
    number = len(evidence.cases)
    return f"{', '.join(counts)} (of {number} case{'' if number == 1 else 's'})"


def _title(evidence: Evidence) -> str:
    if evidence.switch == HEADS:
        return f"head {evidence.subject}: {evidence.chosen}"
    return f"{evidence.switch}: {evidence.subject or evidence.chosen}"


def _quotes(evidence: Evidence, fit: Fit) -> Iterator[str]:
    """The first cases for the chosen setting, and those against it; files are named from the folder of all the gold."""
    folder = _folder({case.path for each in fit.evidence for case in each.cases})
    for kind, cases in (("follows", evidence.examples), ("exception", evidence.exceptions)):
        if cases:
            more = f" and {len(cases) - PLACES} more" if len(cases) > PLACES else ""
            quoted = (
                f"{case.path.removeprefix(folder)}:{case.line} “{one_line(case.text)}”" for case in cases[:PLACES]
            )
            yield f"{kind}: {'; '.join(quoted)}{more}"


def _folder(paths: Iterable[str]) -> str:
    """The common folder of some paths, with a separator at its end; empty if there is none."""
    folders = [os.path.dirname(path) for path in paths]
    shared = os.path.commonpath(folders) if folders and len({os.path.isabs(each) for each in folders}) == 1 else ""
    return os.path.join(shared, "") if shared else ""


def _comment(line: str) -> str:
    """A comment of one line, for any quoted text."""
    return "# " + "".join(char if char.isprintable() else " " for char in line)


def _dump(value: Any, *, flow: bool = False) -> str:
    """A value as YAML, without its line end; with `flow` on one line."""
    width = sys.maxsize if flow else _WIDTH
    text: str = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=width, default_flow_style=flow
    )
    return text.rstrip("\n")
