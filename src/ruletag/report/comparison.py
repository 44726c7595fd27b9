"""Two systems on one gold, and two annotators of the same texts, as text and JSON. Formats, never counts, never prints.

In text the two are A and B; their names stand once, in the first line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ruletag.evaluation.agreement import Agreement, Found, Kappa, SideBySide
from ruletag.evaluation.measures import OUTSIDE, Counts
from ruletag.evaluation.score import Score
from ruletag.evaluation.uncertainty import ROWS, Difference, Interval
from ruletag.model import LABELS, Entity
from ruletag.report import figures
from ruletag.report.pieces import context, entity_record, one_line
from ruletag.report.run import Run, run_record

Names = tuple[str, str]
MOST = 20  # how many spans of a group stand in text; JSON has all
RATIOS = ("precision", "recall", "f1")
GROUPS = (  # what only one has: a field of `SideBySide`, its title, and whose span it is that answers one
    ("only_first", "Right in A only", "B has"),
    ("only_second", "Right in B only", "A has"),
    ("spurious_first", "Spurious in A only", "gold has"),
    ("spurious_second", "Spurious in B only", "gold has"),
)
_DIGITS = 6


class Compared(NamedTuple):
    """Two systems on one gold, counted. Whatever comes in two is of the first system, then of the second."""

    names: Names
    guideline: str
    scores: tuple[Score, Score]
    intervals: tuple[Mapping[str, Interval], Mapping[str, Interval]]
    difference: Difference
    seen: SideBySide


def format_comparison(compared: Compared) -> str:
    """Figures side by side, whether they differ by more than chance, and the spans that only one has right or wrong."""
    pieces = [
        f"A is {compared.names[0]}, B is {compared.names[1]}.",
        "",
        _figures_table(compared),
        "",
        _sentence(compared),
        "",
        _counts_table(compared.seen),
        "",
        f"Guideline in force: {compared.guideline}. Documents scored: {compared.seen.documents}.",
        *_skipped(compared.seen.skipped, "Without gold, not scored"),
    ]
    for title, found, answer in _groups(compared.seen):
        if found:
            pieces += ["", f"{title} ({len(found):,})", *(_line(each, answer) for each in found[:MOST])]
        if len(found) > MOST:
            pieces.append(f"… and {len(found) - MOST:,} more; --json has all")
    return "\n".join(pieces)


def comparison_json(compared: Compared, run: Run | None = None) -> str:
    """The same, with all spans, as JSON."""
    return json.dumps(comparison_record(compared, run), ensure_ascii=False, indent=2)


def comparison_record(compared: Compared, run: Run | None = None) -> dict[str, Any]:
    """The same, with all spans, as one object. Ratios have six digits; offsets are half-open code points."""
    first, second = compared.scores
    seen, test = compared.seen, compared.difference
    return {
        **({"run": run_record(run)} if run else {}),
        "guideline": compared.guideline,
        "documents": seen.documents,
        "skipped": list(seen.skipped),
        "first": {"name": compared.names[0], "strict": _figures_record(first, compared.intervals[0])},
        "second": {"name": compared.names[1], "strict": _figures_record(second, compared.intervals[1])},
        "difference": {
            row: round(second.micro(labels=labels).f1 - first.micro(labels=labels).f1, _DIGITS)
            for row, labels in ROWS.items()
        },
        "randomisation": {
            "p": round(test.p, _DIGITS),
            "trials": test.trials,
            "unit": _unit(seen),
            "units": test.units,
        },
        "counts": {name: len(found) for name, found in _parts(seen)},
        "spans": {name: [_found_record(each) for each in found] for name, found in _parts(seen) if _is_of_one(name)},
    }


def comparison_html(compared: Compared, run: Run | None = None) -> str:
    """The same as a page that needs nothing else, with every span that only one of them has."""
    from ruletag.report.html import format_page  # here, since text needs no templates

    record = comparison_record(compared, run)
    groups = [(title, record["spans"][name], answer) for name, title, answer in GROUPS]
    return format_page("compared.html", record=record, sentence=_sentence(compared), groups=groups) + "\n"


def comparison_markdown(compared: Compared, run: Run | None = None) -> str:
    """The same with GitHub's tables, short enough for a pull request."""
    from ruletag.report.markdown import escape, table

    record = comparison_record(compared, run)
    sides = (record["first"], record["second"])
    rows = [
        [row, *(figures.ratio(side["strict"][row][name]) for name in RATIOS for side in sides), _signed(ahead)]
        for row, ahead in record["difference"].items()
    ]
    head = ["strict", "P A", "P B", "R A", "R B", "F1 A", "F1 B", "B - A"]
    counts = [[title, record["counts"][name]] for name, title, _ in GROUPS]
    return "\n".join(
        [
            f"## {escape(figures.title(record))}",
            "",
            escape(f"A is {sides[0]['name']}, B is {sides[1]['name']}. {_sentence(compared)}"),
            "",
            *table(head, rows),
            "",
            *table(["spans", "number"], counts),
            "",
        ]
    )


def format_agreement(agreement: Agreement, names: Names) -> str:
    """F1 on spans, kappa on tokens, and how often each label of A met each label of B."""
    marks = (*LABELS, OUTSIDE)
    spans = [[row, *_agreed_row(counts)] for row, counts in _agreed(agreement)]
    kappas = [[name, *_kappa_row(kappa)] for name, kappa in _kappas(agreement)]
    cells = [[ours, *(f"{agreement.confusion.get((ours, theirs), 0):,}" for theirs in marks)] for ours in marks]
    return "\n".join(
        [
            f"A is {names[0]}, B is {names[1]}. Neither is taken for the gold.",
            "",
            _table(["spans", "A", "B", "same", "F1"], spans),
            "",
            _table(["tokens", "number", "observed", "expected", "kappa"], kappas),
            "",
            _table(["A \\ B", *marks], cells),
            "",
            f"Same span, same label; kappa is Cohen's. The last table counts tokens, {OUTSIDE} is no name.",
            f"Documents compared: {agreement.documents}.",
            *_skipped(agreement.skipped, "Not annotated by both, not compared"),
        ]
    )


def agreement_json(agreement: Agreement, names: Names) -> str:
    """The same as JSON. Ratios have six digits; a kappa of 0/0 is null."""
    record = {
        "first": names[0],
        "second": names[1],
        "documents": agreement.documents,
        "skipped": list(agreement.skipped),
        "spans": {
            row: {
                "first": counts.gold,
                "second": counts.predicted,
                "same": counts.correct,
                "f1": round(counts.f1, _DIGITS),
            }
            for row, counts in _agreed(agreement)
        },
        "tokens": {name: _kappa_record(kappa) for name, kappa in _kappas(agreement)},
        "confusion": [
            {"first": ours, "second": theirs, "tokens": tokens}
            for (ours, theirs), tokens in agreement.confusion.items()
        ],
    }
    return json.dumps(record, ensure_ascii=False, indent=2)


def _figures_table(compared: Compared) -> str:
    head = ["strict", "support", "P A", "P B", "R A", "R B", "F1 A", "95 % of A", "F1 B", "95 % of B", "B - A"]
    first, second = compared.scores
    rows = []
    for row, labels in ROWS.items():
        ours, theirs = first.micro(labels=labels), second.micro(labels=labels)
        bounds = [figures.interval(intervals[row][1:]) for intervals in compared.intervals]
        rows.append(
            [
                row,
                f"{ours.gold:,}",
                *map(figures.ratio, (ours.precision, theirs.precision, ours.recall, theirs.recall)),
                *(figures.ratio(ours.f1), bounds[0], figures.ratio(theirs.f1), bounds[1]),
                _signed(theirs.f1 - ours.f1),
            ]
        )
    return _table(head, rows)


def _sentence(compared: Compared) -> str:
    """How far apart the two are, and what chance has to do with it."""
    test = compared.difference
    unit = figures.counted(test.units, _unit(compared.seen))
    if test.first == test.second:
        return f"Strict micro-F1 is the same ({unit})."
    ahead = "B" if test.second > test.first else "A"
    return (
        f"Strict micro-F1: {ahead} is ahead by {abs(test.second - test.first):.4f}, p = {test.p:.4f} "
        f"(paired approximate randomisation, {test.trials:,} trials, {unit})."
    )


def _unit(seen: SideBySide) -> str:
    """What the trials exchange."""
    return "paragraph" if seen.documents == 1 else "document"


def _counts_table(seen: SideBySide) -> str:
    gold = [seen.both, seen.only_first, seen.only_second, seen.neither]
    spurious = [seen.spurious_both, seen.spurious_first, seen.spurious_second]
    rows = [
        ["gold spans right", *(f"{len(found):,}" for found in gold)],
        ["spurious spans", *(f"{len(found):,}" for found in spurious), ""],
    ]
    return _table(["", "by both", "only by A", "only by B", "by neither"], rows)


def _groups(seen: SideBySide) -> Iterator[tuple[str, Sequence[Found], str]]:
    """What only one has: the title, the spans, and whose span it is that answers one."""
    for name, title, answer in GROUPS:
        yield title, getattr(seen, name), answer


def _line(found: Found, answer: str) -> str:
    document, entity, other = found
    identity = f" ({document.id})" if document.id else ""
    line = f"{document.path or '-'}:{document.line(entity.start)}{identity}: {_span(entity)}"
    line += f" in {context(document, entity)}{_maker(entity, '; ')}"
    return f"{line}; {answer} {_span(other)}{_maker(other, ', ')}" if other else line


def _span(entity: Entity) -> str:
    return f"{entity.label} [{one_line(entity.text)}]"


def _maker(entity: Entity, before: str) -> str:
    """Who is responsible for a span; nobody for one that was read from a file."""
    return "" if entity.source.kind == "gold" else f"{before}made by {entity.source}"


def _skipped(names: Sequence[str], reason: str) -> list[str]:
    return [f"{reason}: {', '.join(names)}."] if names else []


def _parts(seen: SideBySide) -> list[tuple[str, tuple[Found, ...]]]:
    return [
        ("both", seen.both),
        ("only_first", seen.only_first),
        ("only_second", seen.only_second),
        ("neither", seen.neither),
        ("spurious_both", seen.spurious_both),
        ("spurious_first", seen.spurious_first),
        ("spurious_second", seen.spurious_second),
    ]


def _is_of_one(part: str) -> bool:
    return part.endswith(("_first", "_second"))


def _figures_record(score: Score, intervals: Mapping[str, Interval]) -> dict[str, Any]:
    return {row: _counts_record(score.micro(labels=labels), intervals[row]) for row, labels in ROWS.items()}


def _counts_record(counts: Counts, interval: Interval) -> dict[str, Any]:
    whole = {"support": counts.gold, "predicted": counts.predicted, "correct": counts.correct}
    ratios = {"precision": counts.precision, "recall": counts.recall, "f1": counts.f1}
    bounds = [round(bound, _DIGITS) for bound in (interval.low, interval.high)]
    return {**whole, **{name: round(value, _DIGITS) for name, value in ratios.items()}, "interval": bounds}


def _found_record(found: Found) -> dict[str, Any]:
    document, entity, other = found
    return {
        "path": document.path,
        "id": document.id,
        "line": document.line(entity.start),
        **entity_record(entity),
        "context": context(document, entity),
        "other": entity_record(other) if other else None,
    }


def _agreed(agreement: Agreement) -> list[tuple[str, Counts]]:
    return [(row, agreement.micro(labels)) for row, labels in ROWS.items()]


def _agreed_row(counts: Counts) -> list[str]:
    return [*(f"{number:,}" for number in (counts.gold, counts.predicted, counts.correct)), figures.ratio(counts.f1)]


def _kappas(agreement: Agreement) -> list[tuple[str, Kappa]]:
    return [("all", agreement.kappa), ("marked", agreement.kappa_marked)]


def _kappa_row(kappa: Kappa) -> list[str]:
    ratios = [figures.ratio(kappa.observed), figures.ratio(kappa.expected)]
    return [f"{kappa.tokens:,}", *ratios, "0/0" if kappa.value is None else figures.ratio(kappa.value)]


def _kappa_record(kappa: Kappa) -> dict[str, Any]:
    value = None if kappa.value is None else round(kappa.value, _DIGITS)
    ratios = {"observed": round(kappa.observed, _DIGITS), "expected": round(kappa.expected, _DIGITS), "kappa": value}
    return {"tokens": kappa.tokens, "agreed": kappa.agreed, **ratios}


def _signed(value: float) -> str:
    return f"{value:+.3f}" if value else figures.ratio(0)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column holds words and whose others hold numbers."""
    from tabulate import tabulate

    aligned = ["left", *("right" for _ in head[1:])]
    return tabulate(rows, head, disable_numparse=True, colalign=aligned)
