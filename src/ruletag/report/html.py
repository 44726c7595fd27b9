"""An evaluation as one self-contained HTML page, including style and script.

The templates escape all values; a policy in the page allows no request and no script but its own. Without scripts, the
page can be read in full; with them, tables can be sorted, and marks can be filtered and stepped through.
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
_INVALID = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # not allowed in HTML


class Mark(NamedTuple):
    """A mark as the page shows it, with its number in the text. Labels and surfaces are empty without a span.

    `source` is the index of the predicted span's source in the list of sources, -1 without one; `border` is the kind of
    border difference, and `guideline` is true for a guideline difference.
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
    """A piece of text as the page shows it, with its style and the numbers of its marks on either side."""

    text: str
    style: str
    gold: str
    predicted: str
    closing: tuple[int, ...]


class Text(NamedTuple):
    """A text of the page, cut into runs, with its marks and its line in the table of documents."""

    name: str
    runs: list[Run]
    marks: list[Mark]
    figures: DocumentLine


def format_html(record: Record, judged: Sequence[Judged]) -> str:
    """The page for a record and its judged texts, which are in the order of `record.per_document`.

    Raises ValueError if their numbers differ, or if a verdict is outside its text.
    """
    verdicts = (verdict for document in judged for verdict in document.verdicts)
    sources = sorted({str(verdict.predicted.source) for verdict in verdicts if verdict.predicted})
    source_indices = {source: index for index, source in enumerate(sources)}
    return format_page(
        "page.html",
        asset("page.js"),
        record=record,
        texts=[
            _text(document, line, source_indices) for document, line in zip(judged, record.per_document, strict=True)
        ],
        sources=sources,
        sides=(*LABELS, None),
        confusion={(cell.gold, cell.predicted): cell for cell in record.confusion},
        chart=scatter(record.ledger or ()),
        ledger=[row for row in record.ledger or () if row.produced],
    )


def format_page(template: str, script: Markup | None = None, **values: Any) -> str:
    """A page from a template; the style, the script and the hashes of both are added to its values."""
    style = asset("page.css")
    values |= {"script": script, "script_hash": policy_hash(script)} if script else {}
    return environment().get_template(template).render(style=style, style_hash=policy_hash(style), **values)


@cache
def environment() -> Environment:
    """The environment of the report templates, which escapes all values."""
    renderer = Environment(
        loader=PackageLoader("ruletag.report", _ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    renderer.globals["labels"] = LABELS
    renderer.filters |= {
        "ratio": figures.ratio,
        "interval": figures.interval,
        "place": figures.place,
        "exact": _exact,
    }
    renderer.globals |= {
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
    return renderer


def _visible(value: object) -> object:
    """Replace characters that HTML must not contain: control characters by their pictures (␇), others by �."""
    if type(value) is str and _INVALID.search(value):
        return _INVALID.sub(_picture, value)
    return value


def _exact(text: str) -> Markup:
    """Escape a text so that a browser keeps its carriage returns, which it would read as line feeds."""
    escaped = escape(_visible(text))
    return Markup(str(escaped).replace("\r", "&#13;")) if "\r" in text else escaped


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "\ufffd"


def asset(name: str) -> Markup:
    """A style or script from the assets, unescaped."""
    return Markup(files("ruletag.report").joinpath(_ASSETS, name).read_text(encoding="utf-8"))


def policy_hash(code: str) -> str:
    """The hash by which a Content-Security-Policy allows a style or script."""
    return f"sha256-{b64encode(sha256(code.encode()).digest()).decode()}"


def _text(judged: Judged, line: DocumentLine, source_indices: Mapping[str, int]) -> Text:
    verdicts = sorted(judged.verdicts, key=_reading_order)
    marks = [_mark(number, verdict, source_indices) for number, verdict in enumerate(verdicts)]
    return Text(line.document, [_run(piece, marks) for piece in cut(judged.gold.text, verdicts)], marks, line)


def _run(piece: Piece, marks: Sequence[Mark]) -> Run:
    """The run of a piece: a line below for the gold, a box for the tagger. If spans of a side nest, errors win."""
    styles = []
    for style, numbers in (("gold", piece.gold), ("found", piece.predicted)):
        if numbers:
            causes = [marks[number].cause.name for number in numbers]
            styles.append(f"{style} {style}-{next((cause for cause in causes if cause != 'correct'), 'correct')}")
    if len(piece.gold) > 1:
        styles.append("nested")
    styles += ["opens"] * piece.opens + ["closes"] * piece.closes
    gold, predicted = (" ".join(map(str, numbers)) for numbers in (piece.gold, piece.predicted))
    return Run(piece.text, " ".join(styles), gold, predicted, piece.closing)


def _mark(number: int, verdict: Verdict, source_indices: Mapping[str, int]) -> Mark:
    gold, predicted = verdict.gold, verdict.predicted
    return Mark(
        number,
        figures.CAUSES[verdict.cause],
        gold.label if gold else "",
        gold.text if gold else "",
        predicted.label if predicted else "",
        predicted.text if predicted else "",
        source_indices[str(predicted.source)] if predicted else -1,
        verdict.border,
        verdict.is_guideline,
    )


def _reading_order(verdict: Verdict) -> tuple[int, int, str, list[tuple[int, int, str]]]:
    spans = [entity.span for entity in (verdict.gold, verdict.predicted) if entity]
    start, end = min(start for start, _, _ in spans), max(end for _, end, _ in spans)
    return start, -end, verdict.cause, spans
