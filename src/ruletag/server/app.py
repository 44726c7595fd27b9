"""The application: which function answers which path, and what becomes of all that goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ruletag import __version__
from ruletag.errors import RuletagError
from ruletag.server import doccano, inception, label_studio, plain, tei_publisher
from ruletag.server.guard import Guard
from ruletag.server.openapi import description
from ruletag.server.requests import MOST_BYTES, Refused, decoded, json_object, json_response, read_body
from ruletag.server.worker import Session, Worker, too_late
from ruletag.tagger import Tagger

Answer = Callable[[bytes, Request, Session], Any]
Failed = Callable[[str], None]


class Limits(NamedTuple):
    """How long a body may be, and how long a request may take, from its first byte to its answer."""

    bytes: int = MOST_BYTES
    seconds: float = 30


def application(
    tagger: Tagger,
    *,
    hosts: Sequence[str] = (),
    token: str | None = None,
    limits: Limits = Limits(),
    failed: Failed = lambda _: None,
) -> Starlette:
    """The ASGI application of a tagger.

    It answers for loopback names and `hosts`, and where a `token` is set only to who gives it. `failed` is told in one
    line, which has nothing of the request but its path, where the program itself is at fault.
    """
    worker = Worker(tagger)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        worker.close()

    def posted(path: str, answer: Answer) -> Route:
        return Route(path, partial(_answered, answer, worker, limits, failed), methods=["POST"])

    def fixed(path: str, value: Any, *, method: str = "GET", status: int = 200) -> Route:
        async def say(_: Request) -> Response:
            return Response(status_code=status) if value is None else json_response(value, status)

        return Route(path, say, methods=[method])

    routes = [
        posted("/tag", lambda body, request, session: plain.answer(json_object(body), request.query_params, session)),
        posted(
            "/doccano", lambda body, request, session: doccano.answer(json_object(body), request.query_params, session)
        ),
        fixed("/health", {"status": "UP", "model_class": "ruletag"}),
        posted("/setup", lambda body, _, session: label_studio.setup(json_object(body), session)),
        posted("/predict", lambda body, _, session: label_studio.predict(json_object(body), session)),
        fixed("/webhook", {}, method="POST", status=201),
        posted("/inception/predict", lambda body, _, session: inception.predict(json_object(body), session)),
        fixed("/inception/train", None, method="POST", status=204),
        fixed("/model", [tei_publisher.MODEL]),
        fixed("/status", {"status": "UP", "ruletag_version": __version__, "pipelines": {tei_publisher.MODEL: "fr"}}),
        posted("/entities/{model}", _entities),
        fixed("/openapi.json", description()),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, hosts=hosts, token=token)],
        exception_handlers={HTTPException: _no_such_route},
        lifespan=lifespan,
    )


def _entities(body: bytes, request: Request, session: Session) -> Any:
    tei_publisher.check_model(request.path_params["model"])
    return tei_publisher.answer(decoded(body), session)


async def _answered(answer: Answer, worker: Worker, limits: Limits, failed: Failed, request: Request) -> Response:
    """The answer as JSON, or why there is none. Nothing escapes, since a traceback could repeat a text."""

    def work(body: bytes, session: Session) -> Any:
        return answer(body, request, session)

    try:
        async with asyncio.timeout(limits.seconds):
            body = await read_body(request, limits.bytes)
            return json_response(await worker.run(partial(work, body)))
    except TimeoutError:
        return too_late(limits.seconds).response()
    except Refused as refused:
        return refused.response()
    except RuletagError as error:
        fault = error.faults[0]
        return Refused(422, fault.message, fault.help, fault.code).response()
    except Exception as error:
        failed(f"{request.url.path}: {type(error).__name__}")
        help = "this is a fault of ruletag, please report it"
        return Refused(500, f"the request has failed: {type(error).__name__}", help, "RT199").response()


async def _no_such_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    help = "paths and methods are listed at /openapi.json"
    return Refused(error.status_code, HTTPStatus(error.status_code).phrase.lower(), help).response(error.headers)
