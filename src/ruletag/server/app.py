"""The application: the functions that answer the paths, and error handling."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
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
from ruletag.server import doccano, inception, label_studio, plain, tei_publisher
from ruletag.server.answering import Failed, Limits, answered, no_such_route
from ruletag.server.guard import Guard
from ruletag.server.openapi import description
from ruletag.server.requests import decoded, json_object, json_response, read_body
from ruletag.server.worker import Session, Worker
from ruletag.tagger import Tagger

Answer = Callable[[bytes, Request, Session], Any]


def application(
    tagger: Tagger,
    *,
    hosts: Sequence[str] = (),
    token: str | None = None,
    limits: Limits = Limits(),
    failed: Failed = lambda _: None,
) -> Starlette:
    """The ASGI application of a tagger.

    It answers for loopback names and `hosts`, and if a `token` is set, only requests that carry it. If the program
    itself is at fault, `failed` gets one line, which contains nothing of the request but its path.
    """
    worker = Worker(tagger)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        worker.close()

    def posted(path: str, answer: Answer) -> Route:
        return Route(path, partial(_answered, answer, worker, limits, failed), methods=["POST"])

    def fixed(path: str, value: Any, *, method: str = "GET", status: int = 200) -> Route:
        async def answer_fixed(_: Request) -> Response:
            return Response(status_code=status) if value is None else json_response(value, status)

        return Route(path, answer_fixed, methods=[method])

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
        exception_handlers={HTTPException: no_such_route},
        lifespan=lifespan,
    )


def _entities(body: bytes, request: Request, session: Session) -> Any:
    tei_publisher.check_model(request.path_params["model"])
    return tei_publisher.answer(decoded(body), session)


async def _answered(answer: Answer, worker: Worker, limits: Limits, failed: Failed, request: Request) -> Response:
    async def respond() -> Response:
        body = await read_body(request, limits.bytes)
        return json_response(await worker.run(lambda session: answer(body, request, session)))

    return await answered(request, respond(), limits, failed)
