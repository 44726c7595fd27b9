"""An evaluation record and its texts as one HTML page that needs nothing else: style and script are inside it.

The templates escape all they are given; a policy in the page allows no request and no script but its own. Without
scripts the page can be read in full; with them, tables sort and marks can be filtered and walked through.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ruletag.model import LABELS
from ruletag.report import figures
from ruletag.report.charts import scatter, shade
from ruletag.report.marked import Piece, cut

_ASSETS = "assets"
_SIDES = ("gold", "predicted")
_UNSEEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # what HTML may not hold as it is


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
    figures: figures.Record | None


def format_html(record: figures.Record, texts: Sequence[Mapping[str, Any]]) -> str:
    """The page for a record of `eval --json` and its texts, with every section that the record has.

    Marks of the texts are in half-open code points. ValueError where a mark leaves its text.
    """
    sources = _sources(texts)
    shown = _texts(record, texts, {source: number for number, source in enumerate(sources)})
    style, script = asset("page.css"), asset("page.js")
    return (
        environment()
        .get_template("page.html")
        .render(
            record=record,
            texts=shown,
            sources=sources,
            targets=_targets(record, texts),
            sides=(*LABELS, None),
            confusion={(row["gold"], row["predicted"]): row for row in record.get("confusion", ())},
            chart=scatter(record.get("ledger", ())),
            ledger=[row for row in record.get("ledger", ()) if row["produced"]],
            style=style,
            script=script,
            style_hash=policy_hash(style),
            script_hash=policy_hash(script),
        )
    )


def format_page(template: str, **given: Any) -> str:
    """A page without a script, of a template that takes the style and its hash besides what is given."""
    style = asset("page.css")
    return environment().get_template(template).render(style=style, style_hash=policy_hash(style), **given)


@cache
def environment() -> Environment:
    """What renders the templates of reports: they escape all they are given."""
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
        "shade": shade,
    }
    return made


def _visible(value: object) -> object:
    """A control character as its picture (␇), what has none as �: neither may stand in HTML."""
    if type(value) is str and _UNSEEN.search(value):
        return _UNSEEN.sub(_picture, value)
    return value


def _exact(text: str) -> Markup:
    """A text of which a browser changes nothing: it would take a carriage return for a line feed."""
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


def _sources(texts: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted({mark["predicted"][3] for text in texts for mark in text["marks"] if mark["predicted"]})


def _texts(record: figures.Record, texts: Iterable[Mapping[str, Any]], sources: Mapping[str, int]) -> list[Text]:
    verdicts = {_error_key(error): error for error in record.get("errors", ())}
    lines = defaultdict(list)
    for row in reversed(record.get("per_document", ())):
        lines[row["document"]].append(row)
    shown = []
    for text in texts:
        body, marks = text["text"], sorted(text["marks"], key=_reading_order)
        made = [
            _mark(number, body, mark, sources, verdicts.get(_mark_key(text["name"], mark), {}))
            for number, mark in enumerate(marks)
        ]
        row = lines[text["name"]].pop() if lines[text["name"]] else None
        runs = [_run(piece, made) for piece in cut(body, marks)]
        shown.append(Text(text["name"], runs, made, row))
    return shown


def _run(piece: Piece, marks: Sequence[Mark]) -> Run:
    """Line below for the gold, box for the tagger; where spans of a side nest, an error shows before what is right."""
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


def _targets(record: figures.Record, texts: Iterable[Mapping[str, Any]]) -> list[int]:
    """For each line of the table of documents the number of its text, from 1; 0 where it is not in the page."""
    numbers = defaultdict(list)
    for number, text in reversed(list(enumerate(texts, 1))):
        numbers[text["name"]].append(number)
    rows = record.get("per_document", ())
    return [numbers[row["document"]].pop() if numbers[row["document"]] else 0 for row in rows]


def _mark(
    number: int, body: str, mark: Mapping[str, Any], sources: Mapping[str, int], error: Mapping[str, Any]
) -> Mark:
    gold, predicted = mark["gold"], mark["predicted"]
    return Mark(
        number,
        figures.CAUSES[mark["cause"]],
        gold[2] if gold else "",
        body[gold[0] : gold[1]] if gold else "",
        predicted[2] if predicted else "",
        body[predicted[0] : predicted[1]] if predicted else "",
        sources[predicted[3]] if predicted else -1,
        error.get("border") or "",
        error.get("guideline", False),
    )


def _reading_order(mark: Mapping[str, Any]) -> tuple[int, int, str, str]:
    spans = [mark[side] for side in ("gold", "predicted") if mark[side]]
    return min(span[0] for span in spans), -max(span[1] for span in spans), mark["cause"], str(spans)


def _error_key(error: Mapping[str, Any]) -> tuple[Any, ...]:
    """What an error of the record and its mark in the text have in common."""
    sides = [error[side] and (error[side]["start"], error[side]["end"], error[side]["label"]) for side in _SIDES]
    return (error["id"] or error["path"], *sides)


def _mark_key(name: str, mark: Mapping[str, Any]) -> tuple[Any, ...]:
    return (name, *(mark[side] and tuple(mark[side][:3]) for side in _SIDES))
