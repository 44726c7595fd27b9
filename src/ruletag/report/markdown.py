"""An evaluation record as Markdown with GitHub's tables, short enough for a pull request or the summary of a build.

Everything from a text, a name or a path is escaped: it can neither end a cell nor become markup, a mention or a
reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ruletag.model import LABELS
from ruletag.report import figures
from ruletag.report.pieces import one_line
from ruletag.report.record import (
    AccountLine,
    Breakdown,
    Cell,
    DocumentLine,
    ErrorLine,
    Estimate,
    Figures,
    GroupLine,
    Record,
)

_MOST = 20
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&vert;"})
_MARKUP = re.compile(r"[\\`*_\[\]~$]")
_LINKED = re.compile(r"[@#](?=\w)|:(?=//|[\w+\\-]+:)|(?<=www)(?=\.)")  # mention, reference, address, :emoji:
_INVISIBLE = re.compile("[\0-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def format_markdown(record: Record) -> str:
    """The record of `eval --json`, section by section; long tables are cut, with a note."""
    sections = [
        _head(record),
        _figures(record),
        _causes(record.causes),
        _confusion(record.confusion),
        _ledger(record.ledger or ()),
        _effort(record.effort),
        _groups(record.groups),
        _documents(record.per_document),
        _errors(record.errors),
    ]
    return "\n\n".join("\n".join(lines).strip() for section in sections if (lines := list(section))) + "\n"


def _head(record: Record) -> Iterator[str]:
    yield f"## {escape(figures.headline(record))}"
    for line in (figures.plainly(record), figures.scope(record)):
        yield from ("", escape(line))
    rows = list(figures.making(record.run))
    if rows:
        yield ""
        yield from table(["made from", ""], rows, words=2)


def escape(value: object) -> str:
    """A value on one line that Markdown shows as it is."""
    text = one_line(_INVISIBLE.sub(" ", str(value)))
    text = _MARKUP.sub(r"\\\g<0>", text).translate(_ENTITIES)
    return _LINKED.sub(r"\g<0><!-- -->", text)


def table(head: Sequence[str], rows: Iterable[Sequence[object]], *, words: int = 1) -> Iterator[str]:
    """A table; the first `words` columns hold words, the others numbers."""
    yield f"| {' | '.join(map(escape, head))} |"
    yield f"|{'|'.join(['---'] * words + ['--:'] * (len(head) - words))}|"
    for row in rows:
        yield f"| {' | '.join(escape(cell) for cell in row)} |"


def _left_out(rows: Sequence[object]) -> Iterator[str]:
    if len(rows) > _MOST:
        yield from ("", f"… and {len(rows) - _MOST:,} more.")


def _figures(record: Record) -> Iterator[str]:
    head = ["strict", "support", "predicted", "correct", "precision", "recall", "F1", "interval"]
    yield from ("### Figures", "")
    yield from table(head, (_figure_row(label, row) for label, row in record.measures["strict"].items()))
    labels = list(record.measures["strict"])
    rows = (
        [name, *(figures.ratio(by_label[label].f1) for label in labels)] for name, by_label in record.measures.items()
    )
    yield ""
    yield from table(["F1 by measure", *labels], rows)


def _figure_row(label: str, row: Figures) -> list[object]:
    ratios = [figures.ratio(ratio) for ratio in (row.precision, row.recall, row.f1)]
    return [label, row.support, row.predicted, row.correct, *ratios, figures.interval(row.interval)]


def _causes(causes: Breakdown) -> Iterator[str]:
    yield from ("### Causes", "")
    rows = [(name, figures.CAUSES[name].meaning, count) for name, count in causes.counts.items()]
    yield from table(["cause", "meaning", "errors"], rows, words=2)
    if causes.borders:
        yield ""
        yield from table(["border", "errors"], causes.borders.items())


def _confusion(cells: Iterable[Cell]) -> Iterator[str]:
    wrong = [cell for cell in cells if cell.gold != cell.predicted]
    wrong.sort(key=lambda cell: -cell.count)
    if wrong:
        yield from ("### Confusion", "")
        rows = (
            [
                cell.gold or "nothing",
                cell.predicted or "nothing",
                ", ".join(f"{surface.text} ({surface.count})" for surface in cell.surfaces[:3]),
                cell.count,
            ]
            for cell in wrong
        )
        yield from table(["gold", "tagger", "most often", "errors"], rows, words=3)


def _ledger(accounts: Iterable[AccountLine]) -> Iterator[str]:
    harmful = [row for row in accounts if row.harm > 0]
    harmful.sort(key=lambda row: -row.harm)
    if harmful:
        head = ["source", "where", "harm", "precision"]
        head += ["produced", "correct", "border", "label", "both", "spurious", "lost"]
        yield from ("### Ledger: the most harmful", "")
        yield from table(head, map(_account_row, harmful[:_MOST]), words=2)
        yield from _left_out(harmful)


def _account_row(row: AccountLine) -> list[object]:
    counts = [row.produced, row.correct, row.border, row.label, row.both, row.spurious, row.lost]
    return [figures.ledger_name(row), figures.place(row), f"{row.harm:.1f}", figures.ratio(row.precision), *counts]


def _effort(effort: Estimate) -> Iterator[str]:
    yield from ("### Effort", "", escape(effort.sentence), "")
    rows = (
        [name, *(f"{number:.1f}" for number in figures.amounts(actions))]
        for name, actions in (("from the tagger's spans", effort.with_), ("from the bare text", effort.without))
    )
    yield from table(["for 1,000 words, estimated", *figures.ACTIONS], rows)


def _groups(groups: Sequence[GroupLine]) -> Iterator[str]:
    if groups:
        head = ["group", "documents", "support", "predicted", "correct", "F1", *LABELS]
        yield from ("### Groups", "")
        yield from table(head, map(_group_row, groups))


def _group_row(row: GroupLine) -> list[object]:
    by_label = [figures.ratio(row.labels[label]) if label in row.labels else "" for label in LABELS]
    return [row.group, row.documents, row.support, row.predicted, row.correct, figures.ratio(row.f1), *by_label]


def _documents(lines: Iterable[DocumentLine]) -> Iterator[str]:
    documents = sorted(lines, key=lambda row: row.f1)
    rows = ([row.document, row.support, row.predicted, row.correct, figures.ratio(row.f1)] for row in documents[:_MOST])
    yield from ("<details><summary>Documents, the worst first</summary>", "")
    yield from table(["document", "support", "predicted", "correct", "F1"], rows)
    yield from _left_out(documents)
    yield from ("", "</details>")


def _errors(errors: Sequence[ErrorLine]) -> Iterator[str]:
    if errors:
        yield from ("<details><summary>Errors</summary>", "")
        yield from table(["cause", "where", "gold", "tagger", "context"], map(_error_row, errors[:_MOST]), words=5)
        yield from _left_out(errors)
        yield from ("", "</details>")


def _error_row(error: ErrorLine) -> list[object]:
    cause = ", ".join(filter(None, [error.cause, error.border, "guideline" if error.guideline else ""]))
    gold, predicted = error.gold, error.predicted
    return [
        cause,
        figures.place(error),
        f"{gold.label} {gold.text}" if gold else "",
        f"{predicted.label} {predicted.text}, by {predicted.source}" if predicted else "",
        error.context,
    ]
