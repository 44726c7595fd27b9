"""What differs between two taggings as text, JSON and HTML. Formats, never counts, never prints."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ruletag.diff import KINDS, Compared, Difference, Line, right
from ruletag.model import Document, Entity, Source
from ruletag.report.html import format_page
from ruletag.report.pieces import entity_record, one_line

_CONTEXT = 40
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """Two taggings of some texts. `twice` is how many were tagged under both; None where they were read.

    `gold` are documents of gold, each for the text of the same place; None where there is none.
    """

    names: tuple[str, str]
    compared: Sequence[Compared]
    lines: Sequence[Line] = ()
    twice: int | None = None
    gold: Sequence[Document | None] = ()


def located(report: Report, places: tuple[Callable[[Source], Source], Callable[[Source], Source]]) -> Report:
    """The report with sources as each side says where they are."""
    by_sign = dict(zip("-+", places, strict=True))

    def line(each: Line | None) -> Line | None:
        return each and each._replace(source=by_sign[each.sign](each.source))

    def side(entity: Entity | None, sign: str) -> Entity | None:
        return entity and replace(entity, source=by_sign[sign](entity.source))

    compared = [
        replace(
            each,
            differences=tuple(
                Difference(side(found.before, "-"), side(found.after, "+"), line(found.because))
                for found in each.differences
            ),
        )
        for each in report.compared
    ]
    return replace(report, compared=compared, lines=[found for each in report.lines if (found := line(each))])


def difference_record(report: Report) -> Record:
    """All of it as one object; offsets are half-open code points."""
    changes = list(_changes(report))
    counts = Counter(change["kind"] for change in changes)
    by_line: dict[str, Counter[str]] = {str(line): Counter() for line in report.lines}
    for change in changes:
        by_line.setdefault(change["because"] or "", Counter()).update(_effect(change))
    record: Record = {
        "before": report.names[0],
        "after": report.names[1],
        "documents": len(report.compared),
        "changed": sum(bool(each.differences) for each in report.compared),
        "tagged_twice": report.twice,
        "counts": {kind: counts[kind] for kind in KINDS},
        "lines": [{"line": line or None, **_sums(found, report)} for line, found in sorted(by_line.items())],
        "changes": changes,
    }
    if any(report.gold):
        record["gold"] = {name: sum(change["gold"][name] for change in changes) for name in ("right", "wrong")}
    return record


def difference_json(report: Report) -> str:
    return json.dumps(difference_record(report), ensure_ascii=False, indent=2)


def format_differences(report: Report) -> str:
    """A block for each difference, by document and offset; then the sums, for each changed line too."""
    record = difference_record(report)
    pieces = [_block(change) for change in record["changes"]]
    counts = ", ".join(f"{count} {kind}" for kind, count in record["counts"].items())
    again = "" if report.twice is None else f"; {report.twice} tagged under both"
    pieces.append(f"{counts} in {record['changed']} of {record['documents']} documents{again}")
    for line in record["lines"]:
        gold = f", right {line['right']:+d}, wrong {line['wrong']:+d}" if "right" in line else ""
        name = line["line"] or "nobody can say"
        pieces.append(f"{name}: +{line['come']} -{line['gone']} ~{line['otherwise']}{gold}")
    if "gold" in record:
        pieces.append(f"By the gold: right {record['gold']['right']:+d}, wrong {record['gold']['wrong']:+d}.")
    return "\n".join(pieces)


def difference_html(report: Report) -> str:
    """The same as a page that needs nothing else, with each difference in its text."""
    record = difference_record(report)
    return format_page("difference.html", record=record) + "\n"


def _changes(report: Report) -> Iterator[Record]:
    golds = report.gold or [None] * len(report.compared)
    for each, gold in zip(report.compared, golds, strict=True):
        spans = sorted(entity.span for entity in gold.entities) if gold else None
        for found in each.differences:
            yield _change(each.after, found, spans)


def _change(document: Document, found: Difference, gold: Sequence[tuple[int, int, str]] | None) -> Record:
    start, end = found.place
    change: Record = {
        "kind": found.kind,
        "document": document.id or document.path,
        "path": document.path,
        "line": document.line(start),
        "before": entity_record(found.before) if found.before else None,
        "after": entity_record(found.after) if found.after else None,
        "because": str(found.because) if found.because else None,
        "texts": [_in_text(document, each, start, end) for each in (found.before, found.after)],
    }
    if gold is not None:
        change["gold"] = dict(zip(("right", "wrong"), right(found, gold), strict=True))
    return change


def _in_text(document: Document, entity: Entity | None, start: int, end: int) -> list[str]:
    """What stands before the span, in it and behind it, around what both sides say; no span: all stands before it."""
    first, last = max(0, start - _CONTEXT), min(len(document.text), end + _CONTEXT)
    cuts = (entity.start, entity.end) if entity else (last, last)
    text = document.text
    before, inside, behind = text[first : cuts[0]], text[cuts[0] : cuts[1]], text[cuts[1] : last]
    dots = ("…" if first else "", "…" if last < len(text) else "")
    if not inside:
        return [dots[0] + _even(before) + dots[1], "", ""]
    return [dots[0] + _even(before), _even(inside), _even(behind) + dots[1]]


def _even(text: str) -> str:
    """The text on one line; its spaces stay, where it was cut too."""
    return "".join(" " if char.isspace() else char for char in text)


def _block(change: Mapping[str, Any]) -> str:
    lines = [f"{change['path'] or change['document'] or 'text'}:{change['line']}: {change['kind']}"]
    for side, sign, pieces in zip(("before", "after"), "-+", change["texts"], strict=True):
        if change[side]:
            before, inside, behind = pieces
            lines.append(f"  {sign} {before}[{inside}]({change[side]['label']}){behind}")
            lines.append(f"      {one_line(change[side]['source'])}")
    lines.append(f"    because of {change['because'] or 'nobody can say what'}")
    return "\n".join(lines)


def _effect(change: Mapping[str, Any]) -> Counter[str]:
    kind = {"added": "come", "gone": "gone"}.get(change["kind"], "otherwise")
    return Counter({kind: 1, **change.get("gold", {})})


def _sums(found: Counter[str], report: Report) -> Record:
    by_gold = ("right", "wrong") if any(report.gold) else ()
    return {name: found[name] for name in ("come", "gone", "otherwise", *by_gold)}
