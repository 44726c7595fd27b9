"""The outcome of a request: an answer, a refusal, or an error if it took too long or failed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ruletag.errors import RuletagError
from ruletag.server.requests import MAX_BYTES, Refused
from ruletag.server.worker import too_late

Failed = Callable[[str], None]


class Limits(NamedTuple):
    """The maximum size of a body, and the maximum time of a request, from its first byte to its answer."""

    bytes: int = MAX_BYTES
    seconds: float = 30


async def answered(request: Request, answer: Awaitable[Response], limits: Limits, failed: Failed) -> Response:
    """The answer, or an error response. No exception escapes, because a traceback could repeat a text.

    If the program itself is at fault, `failed` gets one line, which contains nothing of the request but its path.
    """
    try:
        async with asyncio.timeout(limits.seconds):
            return await answer
    except TimeoutError:
        return too_late(limits.seconds).response()
    except Refused as refused:
        return refused.response()
    except RuletagError as error:
        fault = error.faults[0]
        return Refused(422, fault.message, fault.help, fault.code).response()
    except Exception as error:
        failed(f"{request.url.path}: {type(error).__name__}")
        help = "this is a bug in ruletag, please report it"
        return Refused(500, f"the request failed: {type(error).__name__}", help, "RT199").response()


async def no_such_route(request: Request, error: Exception) -> Response:
    """The answer to an unknown path or method."""
    assert isinstance(error, HTTPException)
    help = "paths and methods are listed in the documentation; those of `ruletag serve` at /openapi.json"
    return Refused(error.status_code, HTTPStatus(error.status_code).phrase.lower(), help).response(error.headers)
