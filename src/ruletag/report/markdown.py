"""An evaluation record as Markdown with GitHub's tables, short enough for a pull request or the summary of a build.

Everything that comes from a text, a name or a path is escaped: it can neither end a cell nor become markup, a mention
or a reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ruletag.model import LABELS
from ruletag.report import figures
from ruletag.report.pieces import one_line

_MOST = 20
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&vert;"})
_MARKUP = re.compile(r"[\\`*_\[\]~$]")
_LINKED = re.compile(r"[@#](?=\w)|:(?=//|[\w+\\-]+:)|(?<=www)(?=\.)")  # mention, reference, address, :emoji:
_INVISIBLE = re.compile("[\0-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def format_markdown(record: figures.Record) -> str:
    """The record of `eval --json`, section by section; long tables end after their first rows and say so."""
    sections = [
        _head(record),
        _figures(record),
        _causes(record),
        _confusion(record),
        _ledger(record),
        _effort(record),
        _groups(record),
        _documents(record),
        _errors(record),
    ]
    return "\n\n".join("\n".join(lines).strip() for section in sections if (lines := list(section))) + "\n"


def _head(record: figures.Record) -> Iterator[str]:
    yield f"## {escape(figures.headline(record)) or 'Evaluation'}"
    for line in (figures.plainly(record), figures.scope(record)):
        if line:
            yield from ("", escape(line))
    made = list(figures.making(record))
    if made:
        yield ""
        yield from table(["made from", ""], made, words=2)


def escape(value: object) -> str:
    """A value on one line that Markdown shows as it is."""
    text = one_line(_INVISIBLE.sub(" ", str(value)))
    text = _MARKUP.sub(r"\\\g<0>", text).translate(_ENTITIES)
    return _LINKED.sub(r"\g<0><!-- -->", text)


def table(head: Sequence[str], rows: Iterable[Sequence[object]], *, words: int = 1) -> Iterator[str]:
    """A table whose first columns, `words` of them, hold words and whose others hold numbers."""
    yield f"| {' | '.join(map(escape, head))} |"
    yield f"|{'|'.join(['---'] * words + ['--:'] * (len(head) - words))}|"
    for row in rows:
        yield f"| {' | '.join(escape(cell) for cell in row)} |"


def _left_out(rows: Sequence[object]) -> Iterator[str]:
    if len(rows) > _MOST:
        yield from ("", f"… and {len(rows) - _MOST:,} more.")


def _figures(record: figures.Record) -> Iterator[str]:
    measures = record.get("measures", {})
    if "strict" in measures:
        head = ["strict", "support", "predicted", "correct", "precision", "recall", "F1", "interval"]
        yield from ("### Figures", "")
        yield from table(head, (_figure_row(label, row) for label, row in measures["strict"].items()))
    if len(measures) > 1:
        labels = list(dict.fromkeys(label for rows in measures.values() for label in rows))
        rows = (
            [name, *(figures.ratio(found[label]["f1"]) if label in found else "" for label in labels)]
            for name, found in measures.items()
        )
        yield ""
        yield from table(["F1 by measure", *labels], rows)


def _figure_row(label: str, row: Mapping[str, Any]) -> list[object]:
    ratios = [figures.ratio(row[name]) for name in ("precision", "recall", "f1")]
    return [label, row["support"], row["predicted"], row["correct"], *ratios, figures.interval(row.get("interval"))]


def _causes(record: figures.Record) -> Iterator[str]:
    causes = record.get("causes", {})
    if causes.get("counts"):
        yield from ("### Causes", "")
        rows = [(name, figures.CAUSES[name].meaning, count) for name, count in causes["counts"].items()]
        yield from table(["cause", "meaning", "errors"], rows, words=2)
    if causes.get("borders"):
        yield ""
        yield from table(["border", "errors"], causes["borders"].items())


def _confusion(record: figures.Record) -> Iterator[str]:
    wrong = [row for row in record.get("confusion", ()) if row["gold"] != row["predicted"]]
    wrong.sort(key=lambda row: -row["count"])
    if wrong:
        yield from ("### Confusion", "")
        rows = (
            [
                row["gold"] or "nothing",
                row["predicted"] or "nothing",
                ", ".join(f"{surface['text']} ({surface['count']})" for surface in row["surfaces"][:3]),
                row["count"],
            ]
            for row in wrong
        )
        yield from table(["gold", "tagger", "most often", "errors"], rows, words=3)


def _ledger(record: figures.Record) -> Iterator[str]:
    ledger = [row for row in record.get("ledger", ()) if row["harm"] > 0]
    ledger.sort(key=lambda row: -row["harm"])
    if ledger:
        columns = ("produced", "correct", "border", "label", "both", "spurious", "lost")
        rows = (
            [
                figures.ledger_name(row),
                figures.place(row),
                f"{row['harm']:.1f}",
                figures.ratio(row["precision"]),
                *(row[name] for name in columns),
            ]
            for row in ledger[:_MOST]
        )
        yield from ("### Ledger: the most harmful", "")
        yield from table(["source", "where", "harm", "precision", *columns], rows, words=2)
        yield from _left_out(ledger)


def _effort(record: figures.Record) -> Iterator[str]:
    effort = record.get("effort", {})
    if effort:
        yield from ("### Effort", "", escape(effort.get("sentence", "")), "")
        rows = (
            [name, *(f"{effort[key][action]:.1f}" if action in effort[key] else "" for action in figures.ACTIONS)]
            for key, name in (("with", "from the tagger's spans"), ("without", "from the bare text"))
            if key in effort
        )
        yield from table(["for 1,000 tokens, estimated", *figures.ACTIONS], rows)


def _groups(record: figures.Record) -> Iterator[str]:
    rows = record.get("groups", ())
    if rows:
        columns = ("documents", "support", "predicted", "correct")
        yield from ("### Groups", "")
        yield from table(
            ["group", *columns, "F1", *LABELS],
            (
                [row["group"], *(row[name] for name in columns), figures.ratio(row["f1"]), *_by_label(row)]
                for row in rows
            ),
        )


def _by_label(row: Mapping[str, Any]) -> list[str]:
    return [figures.ratio(row["labels"][label]) if label in row["labels"] else "" for label in LABELS]


def _documents(record: figures.Record) -> Iterator[str]:
    documents = sorted(record.get("per_document", ()), key=lambda row: row["f1"])
    if documents:
        rows = (
            [row["document"], *(row[name] for name in ("support", "predicted", "correct")), figures.ratio(row["f1"])]
            for row in documents[:_MOST]
        )
        yield from ("<details><summary>Documents, the worst first</summary>", "")
        yield from table(["document", "support", "predicted", "correct", "F1"], rows)
        yield from _left_out(documents)
        yield from ("", "</details>")


def _errors(record: figures.Record) -> Iterator[str]:
    errors = record.get("errors", ())
    if errors:
        yield from ("<details><summary>Errors</summary>", "")
        yield from table(["cause", "where", "gold", "tagger", "context"], map(_error_row, errors[:_MOST]), words=5)
        yield from _left_out(errors)
        yield from ("", "</details>")


def _error_row(error: Mapping[str, Any]) -> list[object]:
    cause = ", ".join(filter(None, [error["cause"], error["border"], "guideline" if error["guideline"] else ""]))
    gold, found = error["gold"], error["predicted"]
    return [
        cause,
        figures.place(error),
        f"{gold['label']} {gold['text']}" if gold else "",
        f"{found['label']} {found['text']}, by {found['source']}" if found else "",
        error["context"],
    ]
