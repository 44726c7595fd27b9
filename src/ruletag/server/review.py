"""The API of the page of `ruletag review`: JSON in, JSON out. Everything but the page and its files needs the token."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ruletag import __version__
from ruletag.model import LABELS
from ruletag.places import Located
from ruletag.review.lessons import Lessons
from ruletag.review.near import nearly
from ruletag.review.pile import NoDocument
from ruletag.review.propose import proposal
from ruletag.review.reducer import Impossible
from ruletag.review.risk import Skim
from ruletag.review.search import Hit
from ruletag.review.store import Stale
from ruletag.server.answering import Failed, Limits, answered, no_such_route
from ruletag.server.page import asset, assets, index
from ruletag.server.page_guard import PageGuard, Pass
from ruletag.server.requests import MEGABYTE, Refused, choice, json_object, json_response, read_body, required
from ruletag.server.reviewing import AHEAD, Review
from ruletag.server.threads import Threads

Answer = Callable[[Request, "Review"], Awaitable[Any]]
LIMITS = Limits(16 * MEGABYTE, 30)
_WINDOW = "x-ruletag-window"
_MAX_HITS = 200


def application(
    threads: Threads,
    lessons: Lessons,
    pass_: Pass,
    *,
    limits: Limits = LIMITS,
    ahead: int | None = AHEAD,
    failed: Failed = lambda _: None,
    on_skim: Callable[[Skim], None] = lambda _: None,
) -> Starlette:
    """The ASGI application of a review. `ahead` documents are tagged before they are opened; None: all.

    If the program itself is at fault, `failed` gets one line with only the path. `on_skim` gets the threshold for
    skimming, once it is known.
    """
    review = Review(threads, lessons, limits, ahead, on_skim, failed)
    threads.desk.located = Located.under([lessons.settings])

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        review.look_ahead(None)
        yield
        await review.close()

    routes = [
        Route("/", partial(_index, pass_), methods=["GET"]),
        *(Route(path, asset, methods=["GET"]) for path in assets()),
        *(Route(path, partial(_answered, answer, review, failed), methods=["GET"]) for path, answer in _GET.items()),
        *(Route(path, partial(_answered, answer, review, failed), methods=["POST"]) for path, answer in _POST.items()),
    ]
    guard = Middleware(PageGuard, pass_=pass_, open_paths=frozenset({"/", *assets()}))
    handlers = {HTTPException: no_such_route}
    return Starlette(routes=routes, middleware=[guard], exception_handlers=handlers, lifespan=lifespan)


async def _index(pass_: Pass, request: Request) -> Response:
    return index(request, pass_)


async def _answered(answer: Answer, review: Review, failed: Failed, request: Request) -> Response:
    async def respond() -> Response:
        try:
            return json_response(await answer(request, review))
        except Stale as stale:
            events = [{"op": event.op, **event.body} for event in stale.events]
            return json_response({"seq": stale.seq, "ops": events}, 409)
        except Impossible as error:
            raise Refused(422, str(error)) from None
        except NoDocument:
            raise Refused(404, "there is no such document") from None

    return await answered(request, respond(), review.limits, failed)


async def _session(request: Request, review: Review) -> Any:
    desk = review.threads.desk
    people = await review.threads.ask(lambda desk: desk.store.people())
    skim = await review.threads.ask(lambda desk: desk.threshold)
    return {
        "version": __version__,
        "who": desk.who,
        "pair": list(desk.pair),
        "people": people,
        "labels": list(LABELS),
        "skim": skim and {**skim._asdict(), "remaining": skim.remaining},
        "progress": await review.threads.ask(lambda desk: desk.progress()),
    }


async def _next(request: Request, review: Review) -> Any:
    after = _number(request.query_params, "after", None)
    return {"id": await review.threads.ask(lambda desk: desk.next(after))}


async def _documents(request: Request, review: Review) -> Any:
    query = request.query_params
    after = _number(query, "after", 0) or 0
    statuses = {"": "", "new": "new", "open": "open", "done": "done", "flagged": "flagged"}
    status = choice({"status": query.get("status", "")}, "status", statuses)
    return await review.threads.ask(lambda desk: desk.documents(after, status, query.get("q", "")))


async def _document(request: Request, review: Review) -> Any:
    id = _id(request)
    await review.open(id)
    return await review.threads.ask(lambda desk: desk.document(id))


async def _state(request: Request, review: Review) -> Any:
    id = _id(request)
    return await review.threads.ask(lambda desk: desk.state(id))


async def _ops(request: Request, review: Review) -> Any:
    id, body = _id(request), await _body(request, review)
    base, ops = required(body, "base", int), required(body, "ops", list)
    if not ops or not all(isinstance(op, dict) for op in ops):
        raise Refused(
            422, "'ops' is not a list of objects", 'send {"base": 0, "ops": [{"op": "accept", "id": "s1.0"}]}'
        )
    return {"seq": await review.threads.ask(lambda desk: desk.apply(id, base, ops))}


async def _turn(how: str, request: Request, review: Review) -> Any:
    await _body(request, review)
    moved = await review.threads.ask(lambda desk: desk.turn(how))
    return {"documents": moved.documents if moved else []}


async def _window(request: Request, review: Review) -> Any:
    """Make a window the one that may write, if there is none or it takes over; or let it leave."""
    body = json_object(await read_body(request, review.limits.bytes))
    window, how = required(body, "window", str), required(body, "how", str)
    if how == "leave":
        review.window = "" if review.window == window else review.window
    elif how == "take" or not review.window:
        review.window = window
    return {"mine": review.window == window}


async def _same(request: Request, review: Review) -> Any:
    surface, after = request.query_params.get("surface", ""), _number(request.query_params, "after", 0) or 0
    if not surface.strip():
        raise Refused(422, "'surface' is missing", "give the name to look for")
    hits = await review.threads.ask(lambda desk: desk.same(surface))
    next_offset = after + _MAX_HITS if after + _MAX_HITS < len(hits) else None
    return {"hits": [_hit(hit) for hit in hits[after : after + _MAX_HITS]], "total": len(hits), "next": next_offset}


def _hit(hit: Hit) -> dict[str, Any]:
    span = hit.span
    current = span and {"start": span.start, "end": span.end, "label": span.label, "state": span.state}
    return {**hit._asdict(), "span": current}


async def _bulk(request: Request, review: Review) -> Any:
    body = await _body(request, review)
    op = choice(required(body, "op", dict), "op", {"add": "add", "delete": "delete"})
    label = choice(body["op"], "label", {label: label for label in LABELS}) if op == "add" else ""
    occurrences = []
    for hit in required(body, "hits", list):
        if not isinstance(hit, dict):
            raise Refused(422, "'hits' is not a list of objects")
        occurrences.append(tuple(required(hit, key, int, "a hit") for key in ("document", "start", "end")))
    documents = dict.fromkeys(document for document, _, _ in occurrences)
    await review.threads.ensure(*documents)
    seq = await review.threads.ask(lambda desk: desk.bulk(occurrences, op, label))
    return {"seq": seq, "documents": list(documents)}


async def _explain(request: Request, review: Review) -> Any:
    id, at = _id(request), _number(request.query_params, "at", 0) or 0
    paper = await review.threads.ask(lambda desk: desk.store.paper(id))
    if paper is None:
        raise NoDocument(id)
    text = paper.text
    return {"misses": await review.threads.tag(lambda tagger: nearly(tagger, text, at))}


async def _why(request: Request, review: Review) -> Any:
    name = request.query_params.get("rule", "")
    rules = await review.threads.tag(lambda tagger: tagger.rules)
    return {"why": next((rule.why for rule in rules if rule.id == name), "")}


async def _propose(request: Request, review: Review) -> Any:
    query, id = request.query_params, _id(request)
    start, end = _number(query, "start", 0) or 0, _number(query, "end", 0) or 0
    label = choice(query, "label", {label: label for label in LABELS})
    return await review.threads.ask(lambda desk: proposal(desk.store, id, start, end, label))


async def _ledger(request: Request, review: Review) -> Any:
    return {"sources": await review.threads.ask(lambda desk: desk.ledger())}


async def _progress(request: Request, review: Review) -> Any:
    return await review.threads.ask(lambda desk: desk.progress())


async def _agreement(request: Request, review: Review) -> Any:
    return {"pairs": await review.threads.ask(lambda desk: desk.agreement())}


async def _suggestions(request: Request, review: Review) -> Any:
    return await review.teaching.progress()


async def _suggest(request: Request, review: Review) -> Any:
    await _body(request, review)
    return await review.teaching.begin()


async def _changes(request: Request, review: Review) -> Any:
    return await review.teaching.changes(request.query_params.get("id", ""))


async def _accept(request: Request, review: Review) -> Any:
    return await review.teaching.accept(await _body(request, review))


async def _refuse(request: Request, review: Review) -> Any:
    return await review.teaching.refuse(await _body(request, review))


async def _body(request: Request, review: Review) -> dict[str, Any]:
    """Read the body of a request that writes. Refused (409) if another window has taken over."""
    body = json_object(await read_body(request, review.limits.bytes))
    window = request.headers.get(_WINDOW, "")
    review.window = review.window or window
    if window != review.window:
        raise Refused(409, "the review is open in another window", "take over there, or close this window")
    return body


def _id(request: Request) -> int:
    return int(request.path_params["id"])


def _number(query: Mapping[str, str], name: str, default: int | None) -> int | None:
    value = query.get(name, "")
    if not value:
        return default
    if not value.isdecimal() or len(value) > 15:
        raise Refused(422, f"{name}={value[:40]!r} is not a number")
    return int(value)


_GET: Mapping[str, Answer] = {
    "/api/session": _session,
    "/api/next": _next,
    "/api/documents": _documents,
    "/api/documents/{id:int}": _document,
    "/api/documents/{id:int}/state": _state,
    "/api/documents/{id:int}/propose": _propose,
    "/api/same": _same,
    "/api/explain/{id:int}": _explain,
    "/api/why": _why,
    "/api/ledger": _ledger,
    "/api/progress": _progress,
    "/api/agreement": _agreement,
    "/api/suggest": _suggestions,
    "/api/suggest/changes": _changes,
}
_POST: Mapping[str, Answer] = {
    "/api/window": _window,
    "/api/documents/{id:int}/ops": _ops,
    "/api/undo": partial(_turn, "undo"),
    "/api/redo": partial(_turn, "redo"),
    "/api/bulk": _bulk,
    "/api/suggest": _suggest,
    "/api/suggest/accept": _accept,
    "/api/suggest/refuse": _refuse,
}
