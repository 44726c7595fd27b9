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

MOST = 3  # cases quoted for the chosen value, and against it
_WIDTH = 120


class _Dumper(yaml.SafeDumper):
    """Writes YAML without anchors, in which every scalar is text, as the reader of guidelines takes it."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_multi_representer(dict, _Dumper.represent_dict)
_Dumper.add_multi_representer(list, _Dumper.represent_list)


def format_fit(fit: Fit) -> str:
    """The evidence of the gold for each switch and head, and how the result differs from the base."""
    from tabulate import tabulate

    headers = ["fitted", f"in {fit.base.name}", "verdict", "right in"]
    base, heads = fit.base.switches, fit.base.heads.decided
    reported = _reported(fit.evidence)
    rows = [
        [evidence.switch, evidence.chosen, base[evidence.switch], evidence.verdict, _tally(evidence)]
        for evidence in reported
        if not evidence.subject
    ]
    lines = [tabulate(rows, ["switch", *headers]), ""]
    rows = [
        [evidence.subject, evidence.chosen, heads.get(evidence.subject, AS_FOUND), evidence.verdict, _tally(evidence)]
        for evidence in reported
        if evidence.switch == HEADS
    ]
    if rows:
        lines += [tabulate(rows, ["head", *headers]), ""]
    for evidence in reported:
        quotes = list(_quotes(evidence, fit))
        if quotes:
            lines += [f"{_title(evidence)}:", *(f"  {quote}" for quote in quotes)]
    return "\n".join([*lines, *_summary(fit)])


def format_guideline(fit: Fit, name: str) -> str:
    """The YAML file of the fitted guideline, called `name`, with the evidence as comments.

    Labels, muted rules, macros and rules are copied from the file of the base, without its comments.
    """
    names = sorted(fit.guideline.determiner_names)
    lines = [*map(_comment, _summary(fit)), _dump({"name": name}), _dump({"why": _why(fit)})]
    reported = _reported(fit.evidence)
    for evidence in reported:
        if evidence.switch != HEADS:
            lines += ["", *_reasons(evidence, fit)]
            if not evidence.subject:
                lines.append(_dump({evidence.switch: evidence.chosen}))
    written = fit.base.written
    copied = {field: written[field] for field in ("labels", "mute", "macros", "rules") if written.get(field)}
    if names:
        lines += ["", f"{NAMES}: {_dump(names, flow=True)}"]
    for evidence in reported:
        if evidence.switch == HEADS:
            lines += ["", *_reasons(evidence, fit)]
    lines += _heads(fit)
    if copied:
        lines += ["", _comment(f"As in {fit.base.name}, not fitted."), _dump(copied)]
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
    shown = {evidence.subject for evidence in fit.evidence if evidence.switch == HEADS and evidence.verdict == SHOWN}
    unshown = sum(head not in shown for head in decided)
    yield ""
    if unshown:
        yield _comment(f"Heads kept from {fit.base.name}, on which the gold has little or no evidence: {unshown}.")
    groups = {group: sorted(head for head in decided if decided[head] == group) for group in GROUPS}
    yield f"{HEADS}:"
    for group, heads in groups.items():
        if heads:
            yield f"  {group}: {_dump(heads, flow=True)}"


def _reported(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence for all switches, for names that keep their determiner in gold or result, and for shown heads."""
    return [
        item
        for item in evidence
        if not item.subject
        or (item.switch == NAMES and (item.chosen == INSIDE or item.right(INSIDE)))
        or (item.switch == HEADS and item.verdict == SHOWN)
    ]


def _summary(fit: Fit) -> Iterator[str]:
    size = f"{fit.documents} document{'' if fit.documents == 1 else 's'}, {fit.after.gold} gold spans"
    yield f"Fitted to {size}; held out: one {fit.unit} at a time. Base: {fit.base.name}."
    names = [evidence for evidence in fit.evidence if evidence.switch == NAMES]
    unreported = len(names) - len(_reported(names))
    if unreported:
        yield f"Names that never have their determiner inside the span: {unreported}."
    heads = [evidence for evidence in fit.evidence if evidence.switch == HEADS]
    unreported = len(heads) - len(_reported(heads))
    if unreported:
        yield f"Heads with little or no evidence: {unreported}."
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
    """The number of cases, how many each value gets right, and how many no value does."""
    if not evidence.cases:
        return "no cases"
    settings = [setting for setting in evidence.settings if evidence.switch != HEADS or evidence.right(setting)]
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
    """The first cases for and against the chosen setting; paths are relative to the common folder of the gold."""
    folder = _common_folder({case.path for item in fit.evidence for case in item.cases})
    for kind, cases in (("follows", evidence.examples), ("exception", evidence.exceptions)):
        if cases:
            more = f" and {len(cases) - MOST} more" if len(cases) > MOST else ""
            quotes = (f"{case.path.removeprefix(folder)}:{case.line} “{one_line(case.text)}”" for case in cases[:MOST])
            yield f"{kind}: {'; '.join(quotes)}{more}"


def _common_folder(paths: Iterable[str]) -> str:
    """The common folder of some paths, with a separator at its end; empty if there is none."""
    folders = [os.path.dirname(path) for path in paths]
    has_common = folders and len({os.path.isabs(folder) for folder in folders}) == 1
    common = os.path.commonpath(folders) if has_common else ""
    return os.path.join(common, "") if common else ""


def _comment(line: str) -> str:
    """A comment on one line, whatever the text contains."""
    return "# " + "".join(char if char.isprintable() else " " for char in line)


def _dump(value: Any, *, flow: bool = False) -> str:
    """A value as YAML, without its line end; with `flow` on one line."""
    width = sys.maxsize if flow else _WIDTH
    text: str = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=width, default_flow_style=flow
    )
    return text.rstrip("\n")
