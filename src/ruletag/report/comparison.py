"""Two systems on one gold as text, a page and Markdown. Formats, never counts, never prints.

The two are called A and B; their names are given once, in the first line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ruletag.evaluation.agreement import ComparedSpan, SideBySide
from ruletag.evaluation.uncertainty import ROWS
from ruletag.model import Entity
from ruletag.report import figures
from ruletag.report.compared import Compared, Comparison, FoundSpan, make_comparison, unit
from ruletag.report.pieces import context, left_out, one_line, table
from ruletag.report.run import Run

MOST = 20  # spans of a group shown in text; JSON has all
GROUPS = (  # of spans that only one has: the title, and the introduction of the other span
    ("Right in A only", "B has"),
    ("Right in B only", "A has"),
    ("Spurious in A only", "gold has"),
    ("Spurious in B only", "gold has"),
)


def format_comparison(compared: Compared) -> str:
    """Figures side by side, the test of their difference, and the spans that only one system has right or wrong."""
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
        *left_out(compared.seen.skipped, "Without gold, not scored"),
    ]
    for title, spans, other_has in _span_groups(compared.seen):
        if spans:
            pieces += ["", f"{title} ({len(spans):,})", *(_line(span, other_has) for span in spans[:MOST])]
        if len(spans) > MOST:
            pieces.append(f"… and {len(spans) - MOST:,} more; --json has all")
    return "\n".join(pieces)


def comparison_html(compared: Compared, run: Run | None = None) -> str:
    """The comparison as a self-contained page, with every span that only one of them has."""
    from ruletag.report.html import format_page  # imported here, because text needs no templates

    record = make_comparison(compared, run)
    groups = _record_groups(record)
    return format_page("compared.html", record=record, sentence=_sentence(compared), groups=groups) + "\n"


def comparison_markdown(compared: Compared, run: Run | None = None) -> str:
    """The comparison with GitHub's tables, short enough for a pull request."""
    from ruletag.report import markdown

    record = make_comparison(compared, run)
    rows = [[row, *_ratios(record, row), _signed(ahead)] for row, ahead in record.difference.items()]
    head = ["strict", "P A", "P B", "R A", "R B", "F1 A", "F1 B", "B - A"]
    counts = [[title, len(spans)] for title, spans, _ in _record_groups(record)]
    return "\n".join(
        [
            f"## {markdown.escape(figures.title(run))}",
            "",
            markdown.escape(f"A is {record.first.name}, B is {record.second.name}. {_sentence(compared)}"),
            "",
            *markdown.table(head, rows),
            "",
            *markdown.table(["spans", "number"], counts),
            "",
        ]
    )


def _ratios(record: Comparison, row: str) -> list[str]:
    ours, theirs = record.first.strict[row], record.second.strict[row]
    ratios = (ours.precision, theirs.precision, ours.recall, theirs.recall, ours.f1, theirs.f1)
    return [figures.ratio(ratio) for ratio in ratios]


def _record_groups(record: Comparison) -> list[tuple[str, tuple[FoundSpan, ...], str]]:
    """The title, the spans of the record, and the introduction of the other span, for each of `GROUPS`."""
    apart = record.spans
    groups = (apart.only_first, apart.only_second, apart.spurious_first, apart.spurious_second)
    return [(title, spans, other_has) for (title, other_has), spans in zip(GROUPS, groups, strict=True)]


def _figures_table(compared: Compared) -> str:
    head = ["strict", "support", "P A", "P B", "R A", "R B", "F1 A", "95 % of A", "F1 B", "95 % of B", "B - A"]
    first, second = compared.scores
    rows = []
    for row, labels in ROWS.items():
        ours, theirs = first.micro(labels=labels), second.micro(labels=labels)
        bounds = [
            figures.interval((interval.low, interval.high) if (interval := intervals.get(row)) else None)
            for intervals in compared.intervals
        ]
        rows.append(
            [
                row,
                f"{ours.gold:,}",
                *map(figures.ratio, (ours.precision, theirs.precision, ours.recall, theirs.recall)),
                *(figures.ratio(ours.f1), bounds[0], figures.ratio(theirs.f1), bounds[1]),
                _signed(theirs.f1 - ours.f1),
            ]
        )
    return table(head, rows)


def _sentence(compared: Compared) -> str:
    """The difference between the two, and how likely it is by chance."""
    test = compared.difference
    units = figures.counted(test.units, unit(compared.seen))
    if test.first == test.second:
        return f"Strict micro-F1 is the same ({units})."
    ahead = "B" if test.second > test.first else "A"
    return (
        f"Strict micro-F1: {ahead} is ahead by {abs(test.second - test.first):.4f}, p = {test.p:.4f} "
        f"(paired approximate randomisation, {test.trials:,} trials, {units})."
    )


def _counts_table(seen: SideBySide) -> str:
    gold = [seen.both, seen.only_first, seen.only_second, seen.neither]
    spurious = [seen.spurious_both, seen.spurious_first, seen.spurious_second]
    rows = [
        ["gold spans right", *(f"{len(spans):,}" for spans in gold)],
        ["spurious spans", *(f"{len(spans):,}" for spans in spurious), ""],
    ]
    return table(["", "by both", "only by A", "only by B", "by neither"], rows)


def _span_groups(seen: SideBySide) -> Iterator[tuple[str, Sequence[ComparedSpan], str]]:
    """The title, the spans, and the introduction of the other span, for each of `GROUPS`."""
    groups = (seen.only_first, seen.only_second, seen.spurious_first, seen.spurious_second)
    for (title, other_has), spans in zip(GROUPS, groups, strict=True):
        yield title, spans, other_has


def _line(span: ComparedSpan, other_has: str) -> str:
    document, entity, other = span
    identity = f" ({document.id})" if document.id else ""
    line = f"{document.path or '-'}:{document.line(entity.start)}{identity}: {_span(entity)}"
    line += f" in {context(document, entity)}{_made_by(entity, '; ')}"
    return f"{line}; {other_has} {_span(other)}{_made_by(other, ', ')}" if other else line


def _span(entity: Entity) -> str:
    return f"{entity.label} [{one_line(entity.text)}]"


def _made_by(entity: Entity, separator: str) -> str:
    """A phrase for the source of a span, after a separator; empty for a span that was read from a file."""
    return "" if entity.source.kind == "gold" else f"{separator}made by {entity.source}"


def _signed(value: float) -> str:
    return f"{value:+.3f}" if value else figures.ratio(0)
