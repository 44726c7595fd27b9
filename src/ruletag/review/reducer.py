"""The reducer: a state and an operation give the next state. Events are the record; states are derived from them.

An operation is a name and a JSON-serialisable body. `OPERATIONS` are those that a reviewer performs, which can be
undone; `SYSTEM` those that the program performs, which cannot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ruletag.model import LABELS
from ruletag.review.spans import (
    ADDED,
    DELETED,
    DONE,
    FIRST,
    LOCKED,
    NEW,
    OPEN,
    PROPOSED,
    SECOND,
    SEED,
    Seed,
    Span,
    State,
    overlapping,
)

Body = Mapping[str, Any]
Seeds = Callable[[int], Iterable[Seed]]  # the proposals of a run
_ID = re.compile(r"[A-Za-z][A-Za-z0-9.-]{0,39}")
LONGEST_COMMENT = 4000


class Impossible(ValueError):
    """An operation that the state does not allow. The message says why."""


class Event(NamedTuple):
    """An entry of the log. `action` is the number of the first of the events that are undone together; 0 if it is never
    undone."""

    seq: int
    at: float
    who: str
    document: int
    op: str
    body: Body
    action: int = 0


class Context(NamedTuple):
    """The data that an operation may use besides the state: the length of the text in code points, and the seeds of a
    run."""

    length: int
    seeds: Seeds


def apply(state: State, op: str, body: Body, context: Context) -> State:
    """The state after an operation. Raises Impossible if it is not allowed; the state is then unchanged."""
    operation = _APPLY.get(op)
    if operation is None:
        raise Impossible(f"there is no operation {op[:40]!r}")
    if state.spans is None and op not in ("lay", "merge"):
        raise Impossible("the seeds of the document are not laid out")
    return operation(state, body, context)


def replay(events: Iterable[Event], undone: frozenset[int], context: Context) -> State:
    """The state made by the events of one reviewer in one document, without those of undone actions."""
    state = State()
    for event in events:
        if event.action not in undone:
            state = apply(state, event.op, event.body, context)
    return state


def _lay(state: State, body: Body, context: Context) -> State:
    """The seeds of a run become the spans of the document; a blind document has no run, and gets none."""
    if state.spans is not None:
        return state
    seeds = [] if body.get("run") is None else context.seeds(body["run"])
    return replace(state, spans={seed.id: Span(seed.id, *seed.span, SEED, seed.span) for seed in seeds})


def _lay_again(state: State, body: Body, context: Context) -> State:
    """The seeds of a later run replace the untouched spans; decided spans stay."""
    if state.status == DONE:
        return state
    spans = dict(state.spans or {})
    untouched = {span.span: span for span in spans.values() if span.state == SEED}
    decided = [span for span in spans.values() if span.state != SEED]
    seeds = {seed.span: seed for seed in context.seeds(body["run"])}
    for triple, span in untouched.items():
        if triple not in seeds:
            del spans[span.id]
    for triple, seed in seeds.items():
        is_taken = any(span.start < seed.end and seed.start < span.end for span in decided)
        if triple not in untouched and not is_taken:
            spans[seed.id] = Span(seed.id, *triple, SEED, triple)
    return replace(state, spans=spans)


def _merge(state: State, body: Body, context: Context) -> State:
    """Lay out two reviewers' spans: those of both are locked, the others proposed; done if there are no others."""
    if state.spans is not None:
        return state
    spans = {}
    for prefix, key, span_state in (("g", "agreed", LOCKED), ("a", FIRST, FIRST), ("b", SECOND, SECOND)):
        for number, (start, end, label) in enumerate(body[key]):
            triple = (start, end, label)
            spans[f"{prefix}{number}"] = Span(f"{prefix}{number}", *triple, span_state, triple)
    differences = body[FIRST] or body[SECOND]
    return replace(state, status=OPEN if differences else DONE, spans=spans)


def _open(state: State, body: Body, context: Context) -> State:
    return replace(state, status=OPEN) if state.status == NEW else state


def _add(state: State, body: Body, context: Context) -> State:
    id = body.get("id")
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise Impossible("a new span needs an id of letters and digits")
    if id in (state.spans or {}):
        raise Impossible(f"there already is a span {id!r}")
    span = Span(id, *_borders(body, context), _label(body), ADDED)
    return _with_live(state, span)


def _delete(state: State, body: Body, context: Context) -> State:
    span = _span(state, body)
    if span.state == DELETED:
        raise Impossible("the span is already deleted")
    return state.with_spans([span._replace(state=DELETED)])


def _relabel(state: State, body: Body, context: Context) -> State:
    span = _live(state, body)
    label = _label(body)
    if label == span.label:
        raise Impossible(f"the span is already {label}")
    return state.with_spans([span._replace(label=label).decided()])


def _rebound(state: State, body: Body, context: Context) -> State:
    span = _live(state, body)
    start, end = _borders(body, context)
    if (start, end) == (span.start, span.end):
        raise Impossible("the span already has these borders")
    return _with_live(state, span._replace(start=start, end=end).decided())


def _accept(state: State, body: Body, context: Context) -> State:
    span = _span(state, body)
    decided = span.decided()
    if decided == span:
        raise Impossible("the span is already accepted")
    return _with_live(state, decided)


def _done(state: State, body: Body, context: Context) -> State:
    if state.status == DONE:
        raise Impossible("the document is already done")
    spans = state.spans or {}
    if undecided := sum(span.state in PROPOSED for span in spans.values()):
        raise Impossible(f"{undecided} spans on which the reviewers differ are still undecided")
    accepted = [span.decided() for span in spans.values() if span.state == SEED]
    return replace(state.with_spans(accepted), status=DONE)


def _reopen(state: State, body: Body, context: Context) -> State:
    if state.status != DONE:
        raise Impossible("the document is not done")
    return replace(state, status=OPEN)


def _flag(state: State, body: Body, context: Context) -> State:
    is_flagged = body.get("on")
    if not isinstance(is_flagged, bool):
        raise Impossible("a flag is true or false")
    if is_flagged == state.flagged:
        raise Impossible("the document is already flagged" if is_flagged else "the document is not flagged")
    return replace(state, flagged=is_flagged)


def _comment(state: State, body: Body, context: Context) -> State:
    text = body.get("text")
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_COMMENT:
        raise Impossible(f"a comment is a text of at most {LONGEST_COMMENT} characters")
    return replace(state, comments=(*state.comments, text))


def _span(state: State, body: Body) -> Span:
    span = (state.spans or {}).get(str(body.get("id")))
    if span is None:
        raise Impossible(f"there is no span {str(body.get('id'))[:40]!r}")
    if span.state == LOCKED:
        raise Impossible("both reviewers agree on this span")
    return span


def _live(state: State, body: Body) -> Span:
    span = _span(state, body)
    if span.state == DELETED:
        raise Impossible("the span is deleted; accept it first")
    return span


def _borders(body: Body, context: Context) -> tuple[int, int]:
    start, end = body.get("start"), body.get("end")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= context.length:
        raise Impossible(f"a span needs 0 <= start < end <= {context.length}")
    return start, end


def _label(body: Body) -> str:
    label = body.get("label")
    if label not in LABELS:
        raise Impossible("a label is one of " + ", ".join(LABELS))
    return str(label)


def _with_live(state: State, span: Span) -> State:
    """The state with a span added or replaced that is live from now on. Raises Impossible if another live span overlaps
    it."""
    spans = (state.spans or {}).values()
    others = [other for other in overlapping(spans, span.start, span.end) if other.id != span.id]
    if others:
        raise Impossible(f"the span overlaps another at {others[0].start}:{others[0].end}")
    return state.with_spans([span])


OPERATIONS: Mapping[str, Callable[[State, Body, Context], State]] = {
    "add": _add,
    "delete": _delete,
    "relabel": _relabel,
    "rebound": _rebound,
    "accept": _accept,
    "done": _done,
    "reopen": _reopen,
    "flag": _flag,
    "comment": _comment,
}
SYSTEM: Mapping[str, Callable[[State, Body, Context], State]] = {
    "lay": _lay,
    "lay-again": _lay_again,
    "merge": _merge,
    "open": _open,
}
_APPLY = {**OPERATIONS, **SYSTEM}
