"""The differences between two taggings as text, JSON and HTML. Formats, never counts, never prints."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from ruletag.diff import KINDS, Compared, Difference, Line, right
from ruletag.fields import String
from ruletag.model import Document, Entity, Source
from ruletag.report.html import format_page
from ruletag.report.pieces import Count, MadeSpan, made_span, one_line
from ruletag.report.pieces import Line as LineNumber
from ruletag.typed import plain

_CONTEXT = 40
Kind = Annotated[str, String(KINDS)]
Texts = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """Two taggings of some texts.

    `twice` is the number of texts that were tagged under both; None if the taggings were read from files. `gold` is
    empty, or has the gold document of each text in `compared`, None for a text without gold.
    """

    names: tuple[str, str]
    compared: Sequence[Compared]
    lines: Sequence[Line] = ()
    twice: int | None = None
    gold: Sequence[Document | None] = ()


@dataclass(frozen=True, slots=True)
class Balance:
    """The effect of a change on the score."""

    right: Annotated[int, "additional right spans"]
    wrong: Annotated[int, "additional wrong spans"]


@dataclass(frozen=True, slots=True)
class LineRecord:
    """The effects of a changed line."""

    line: Annotated[str | None, "the line, with `+` or `-`; null if unknown"]
    come: Annotated[Count, "spans that it adds"]
    gone: Annotated[Count, "spans that it removes"]
    otherwise: Annotated[Count, "spans with another label or other borders"]
    right: Annotated[int | None, "additional right spans, against the gold; absent without gold"] = None
    wrong: Annotated[int | None, "additional wrong spans, against the gold; absent without gold"] = None


@dataclass(frozen=True, slots=True)
class Change:
    """A span on which the two taggings differ. Offsets are half-open code points."""

    kind: Annotated[Kind, "`added`, `gone`, `relabelled` (same borders) or `rebound`"]
    document: Annotated[str, "the id of the document, else its path"]
    path: Annotated[str, "the file of the document"]
    line: Annotated[LineNumber, "the line of the file on which the change begins"]
    before: Annotated[MadeSpan | None, "the span of the first; null where it is `added`"]
    after: Annotated[MadeSpan | None, "the span of the second; null where it is `gone`"]
    because: Annotated[str | None, "the changed line that is responsible, with `+` or `-`; null if unknown"]
    texts: Annotated[
        tuple[Texts, Texts],
        "for each side, the text before its span, in it and after it; without a span, all of it is before",
    ]
    gold: Annotated[Balance | None, "its effect on the score; absent where the text has no gold"] = None


@dataclass(frozen=True, slots=True)
class Differences:
    """Two taggings of the same texts."""

    before: Annotated[str, "the first, as it was named"]
    after: Annotated[str, "the second, as it was named"]
    documents: Annotated[Count, "documents"]
    changed: Annotated[Count, "of these, those that differ"]
    tagged_twice: Annotated[
        Count | None, "of these, those that were tagged under both; null if they were read from files"
    ]
    counts: Annotated[Mapping[Kind, Count], "changes of each kind"]
    lines: Annotated[tuple[LineRecord, ...], "the effects of each changed line"]
    changes: Annotated[tuple[Change, ...], "each change, by document and offset"]
    gold: Annotated[Balance | None, "the effect of the changes in the texts that have gold; absent without gold"] = None


def located(report: Report, places: tuple[Callable[[Source], Source], Callable[[Source], Source]]) -> Report:
    """The report with its sources mapped by the functions of the first and the second side."""
    by_sign = dict(zip("-+", places, strict=True))

    def located_line(line: Line) -> Line:
        return line._replace(source=by_sign[line.sign](line.source))

    def located_entity(entity: Entity | None, sign: str) -> Entity | None:
        return entity and replace(entity, source=by_sign[sign](entity.source))

    def located_difference(difference: Difference) -> Difference:
        return Difference(
            located_entity(difference.before, "-"),
            located_entity(difference.after, "+"),
            difference.because and located_line(difference.because),
        )

    compared = [replace(text, differences=tuple(map(located_difference, text.differences))) for text in report.compared]
    return replace(report, compared=compared, lines=list(map(located_line, report.lines)))


def make_differences(report: Report) -> Differences:
    """The record of two taggings."""
    changes = tuple(_changes(report))
    counts = Counter(change.kind for change in changes)
    by_line: dict[str, Counter[str]] = {str(line): Counter() for line in report.lines}
    for change in changes:
        by_line.setdefault(change.because or "", Counter()).update(_effect(change))
    has_gold = any(report.gold)
    return Differences(
        before=report.names[0],
        after=report.names[1],
        documents=len(report.compared),
        changed=sum(bool(text.differences) for text in report.compared),
        tagged_twice=report.twice,
        counts={kind: counts[kind] for kind in KINDS},
        lines=tuple(_line_record(line, effects, has_gold) for line, effects in sorted(by_line.items())),
        changes=changes,
        gold=_balance(changes) if has_gold else None,
    )


def difference_json(report: Report) -> str:
    """The record as JSON text."""
    return json.dumps(plain(make_differences(report)), ensure_ascii=False, indent=2)


def format_differences(report: Report) -> str:
    """A block for each difference, by document and offset; then the totals, overall and for each changed line."""
    record = make_differences(report)
    pieces = [_block(change) for change in record.changes]
    counts = ", ".join(f"{count} {kind}" for kind, count in record.counts.items())
    tagged = "" if report.twice is None else f"; {report.twice} tagged under both"
    pieces.append(f"{counts} in {record.changed} of {record.documents} documents{tagged}")
    for line in record.lines:
        gold = "" if line.right is None else f", right {line.right:+d}, wrong {line.wrong:+d}"
        pieces.append(f"{line.line or 'unknown change'}: +{line.come} -{line.gone} ~{line.otherwise}{gold}")
    if record.gold:
        pieces.append(f"Against the gold: right {record.gold.right:+d}, wrong {record.gold.wrong:+d}.")
    return "\n".join(pieces)


def difference_html(report: Report) -> str:
    """The differences as a self-contained page, each in its context."""
    return format_page("difference.html", record=make_differences(report)) + "\n"


def _changes(report: Report) -> Iterator[Change]:
    golds = report.gold or [None] * len(report.compared)
    for text, gold in zip(report.compared, golds, strict=True):
        gold_spans = sorted(entity.span for entity in gold.entities) if gold else None
        for difference in text.differences:
            yield _change(text.after, difference, gold_spans)


def _change(document: Document, difference: Difference, gold_spans: Sequence[tuple[int, int, str]] | None) -> Change:
    start, end = difference.place
    before, after = difference.before, difference.after
    return Change(
        kind=difference.kind,
        document=document.id or document.path,
        path=document.path,
        line=document.line(start),
        before=made_span(before) if before else None,
        after=made_span(after) if after else None,
        because=str(difference.because) if difference.because else None,
        texts=(_in_text(document, before, start, end), _in_text(document, after, start, end)),
        gold=None if gold_spans is None else Balance(*right(difference, gold_spans)),
    )


def _in_text(document: Document, entity: Entity | None, start: int, end: int) -> Texts:
    """The context of a difference from `start` to `end`: the text before, in and after the entity of one side.

    Without an entity, all text is before it.
    """
    text = document.text
    first, last = max(0, start - _CONTEXT), min(len(text), end + _CONTEXT)
    span_start, span_end = (entity.start, entity.end) if entity else (last, last)
    before = ("…" if first else "") + _flattened(text[first:span_start])
    inside = _flattened(text[span_start:span_end])
    after = _flattened(text[span_end:last]) + ("…" if last < len(text) else "")
    return (before, inside, after) if inside else (before + after, "", "")


def _flattened(text: str) -> str:
    """The text on one line, with a space for each white-space character."""
    return "".join(" " if char.isspace() else char for char in text)


def _block(change: Change) -> str:
    lines = [f"{change.path or change.document or 'text'}:{change.line}: {change.kind}"]
    for span, sign, pieces in zip((change.before, change.after), "-+", change.texts, strict=True):
        if span:
            before, inside, after = pieces
            lines.append(f"  {sign} {before}[{inside}]({span.label}){after}")
            lines.append(f"      {one_line(span.source)}")
    lines.append(f"    because of {change.because or 'an unknown change'}")
    return "\n".join(lines)


def _effect(change: Change) -> Counter[str]:
    field = {"added": "come", "gone": "gone"}.get(change.kind, "otherwise")
    gold = change.gold or Balance(0, 0)
    return Counter({field: 1, "right": gold.right, "wrong": gold.wrong})


def _line_record(line: str, effects: Counter[str], has_gold: bool) -> LineRecord:
    gold = (effects["right"], effects["wrong"]) if has_gold else ()
    return LineRecord(line or None, effects["come"], effects["gone"], effects["otherwise"], *gold)


def _balance(changes: Iterable[Change]) -> Balance:
    """The effect of the changes in texts that have gold."""
    balances = [change.gold for change in changes if change.gold]
    return Balance(sum(balance.right for balance in balances), sum(balance.wrong for balance in balances))
