"""An evaluation as one self-contained HTML page: style and script are inside it.

The templates escape everything they are given; a policy in the page allows no request and no script but its own.
Without scripts the page can be read in full; with them, tables can be sorted and marks filtered and stepped through.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ruletag.evaluation.causes import Judged, Verdict
from ruletag.model import LABELS
from ruletag.report import figures
from ruletag.report.charts import scatter, shade
from ruletag.report.marked import Piece, cut
from ruletag.report.record import DocumentLine, Record

_ASSETS = "assets"
_UNSEEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # not allowed in HTML


class Mark(NamedTuple):
    """A mark as the page shows it: its number in the text, and surfaces where there are spans.

    `source` is the place of who made the predicted span in the list of sources, -1 for nobody; `border` names what the
    borders disagree on, and `guideline` says that a guideline decides it.
    """

    number: int
    cause: figures.Cause
    gold_label: str
    gold: str
    predicted_label: str
    predicted: str
    source: int
    border: str
    guideline: bool


class Run(NamedTuple):
    """A piece of text as the page shows it: its style, and the numbers of the marks that it belongs to."""

    text: str
    style: str
    gold: str
    predicted: str
    closing: tuple[int, ...]


class Text(NamedTuple):
    """A text of the page, cut into runs, with its marks and its line of the table of documents."""

    name: str
    runs: list[Run]
    marks: list[Mark]
    figures: DocumentLine


def format_html(record: Record, judged: Sequence[Judged]) -> str:
    """The page for a record, with the judged texts, in the order of `record.per_document`.

    Raises ValueError if their numbers differ, or if a verdict is outside its text.
    """
    sources = sorted({str(mark.predicted.source) for each in judged for mark in each.verdicts if mark.predicted})
    numbers = {source: number for number, source in enumerate(sources)}
    return format_page(
        "page.html",
        asset("page.js"),
        record=record,
        texts=[_text(*both, numbers) for both in zip(judged, record.per_document, strict=True)],
        sources=sources,
        sides=(*LABELS, None),
        confusion={(cell.gold, cell.predicted): cell for cell in record.confusion},
        chart=scatter(record.ledger or ()),
        ledger=[row for row in record.ledger or () if row.produced],
    )


def format_page(template: str, script: Markup | None = None, **given: Any) -> str:
    """A page from a template, which also gets its style, its script and the hashes of both."""
    style = asset("page.css")
    given |= {"script": script, "script_hash": policy_hash(script)} if script else {}
    return environment().get_template(template).render(style=style, style_hash=policy_hash(style), **given)


@cache
def environment() -> Environment:
    """The renderer for report templates: they escape everything they are given."""
    made = Environment(
        loader=PackageLoader("ruletag.report", _ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    made.globals["labels"] = LABELS
    made.filters |= {"ratio": figures.ratio, "interval": figures.interval, "place": figures.place, "exact": _exact}
    made.globals |= {
        "headline_parts": figures.headline_parts,
        "title": figures.title,
        "making": figures.making,
        "plainly": figures.plainly,
        "scope": figures.scope,
        "counted": figures.counted,
        "ledger_name": figures.ledger_name,
        "source_name": figures.source_name,
        "CAUSES": figures.CAUSES,
        "MEASURES": figures.MEASURES,
        "ACTIONS": figures.ACTIONS,
        "amounts": figures.amounts,
        "shade": shade,
    }
    return made


def _visible(value: object) -> object:
    """A control character as its picture (␇), or � if there is none: HTML must not contain either."""
    if type(value) is str and _UNSEEN.search(value):
        return _UNSEEN.sub(_picture, value)
    return value


def _exact(text: str) -> Markup:
    """A text that a browser leaves unchanged: it would read a carriage return as a line feed."""
    escaped = escape(_visible(text))
    return Markup(str(escaped).replace("\r", "&#13;")) if "\r" in text else escaped


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "\ufffd"


def asset(name: str) -> Markup:
    """A style or script, as it is."""
    return Markup(files("ruletag.report").joinpath(_ASSETS, name).read_text(encoding="utf-8"))


def policy_hash(code: str) -> str:
    """The code as a Content-Security-Policy names it."""
    return f"sha256-{b64encode(sha256(code.encode()).digest()).decode()}"


def _text(judged: Judged, figures: DocumentLine, sources: Mapping[str, int]) -> Text:
    verdicts = sorted(judged.verdicts, key=_reading_order)
    marks = [_mark(number, verdict, sources) for number, verdict in enumerate(verdicts)]
    return Text(figures.document, [_run(piece, marks) for piece in cut(judged.gold.text, verdicts)], marks, figures)


def _run(piece: Piece, marks: Sequence[Mark]) -> Run:
    """Line below for the gold, box for the tagger; if spans of one side nest, errors are shown before correct spans."""
    styles = []
    for side, numbers in (("gold", piece.gold), ("found", piece.predicted)):
        if numbers:
            causes = [marks[number].cause.name for number in numbers]
            styles.append(f"{side} {side}-{next((cause for cause in causes if cause != 'correct'), 'correct')}")
    if len(piece.gold) > 1:
        styles.append("nested")
    styles += ["opens"] * piece.opens + ["closes"] * piece.closes
    gold, predicted = (" ".join(map(str, side)) for side in (piece.gold, piece.predicted))
    return Run(piece.text, " ".join(styles), gold, predicted, piece.closing)


def _mark(number: int, verdict: Verdict, sources: Mapping[str, int]) -> Mark:
    gold, predicted = verdict.gold, verdict.predicted
    return Mark(
        number,
        figures.CAUSES[verdict.cause],
        gold.label if gold else "",
        gold.text if gold else "",
        predicted.label if predicted else "",
        predicted.text if predicted else "",
        sources[str(predicted.source)] if predicted else -1,
        verdict.border,
        verdict.is_guideline,
    )


def _reading_order(verdict: Verdict) -> tuple[int, int, str, list[tuple[int, int, str]]]:
    spans = [entity.span for entity in (verdict.gold, verdict.predicted) if entity]
    return min(span[0] for span in spans), -max(span[1] for span in spans), verdict.cause, spans
