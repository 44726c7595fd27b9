"""Requests: refusals with their HTTP status, and bodies, which are read within limits and checked.

Nothing here, and nothing that is logged, repeats a body: texts are private, and Label Studio sends access tokens.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ruletag.errors import Fault, suggest

MEGABYTE = 1 << 20
MAX_BYTES = 4 * MEGABYTE
_TYPES: dict[type, str] = {str: "a string", list: "a list", dict: "an object", int: "a whole number"}


class Refused(Exception):
    """A request that is refused: an HTTP status, and a fault that says why and what to do."""

    def __init__(self, status: int, message: str, help: str = "", code: str = "RT140") -> None:
        self.status = status
        self.fault = Fault("request", code, message, help=help)
        super().__init__(f"{status} {message}")

    def response(self, headers: Mapping[str, str] | None = None) -> Response:
        """`{"error": {"code", "message", "help"}}`."""
        error = {"code": self.fault.code, "message": self.fault.message, "help": self.fault.help}
        return json_response({"error": error}, self.status, headers)


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A value as ASCII JSON: texts may contain unpaired surrogates, which escapes can represent and UTF-8 cannot."""
    return Response(json.dumps(value), status, headers, "application/json")


async def read_body(request: Request, max_bytes: int = MAX_BYTES) -> bytes:
    """Read the body of a request. Refused (413) as soon as it is known to be longer than `max_bytes`."""
    announced_length = request.headers.get("content-length", "")
    if announced_length.isdecimal() and int(announced_length[:20]) > max_bytes:
        raise _too_long(max_bytes)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise _too_long(max_bytes)
    return bytes(body)


def _too_long(max_bytes: int) -> Refused:
    return Refused(413, f"the body is longer than {max_bytes} bytes", "send fewer or shorter texts at a time")


def decoded(body: bytes) -> str:
    """A body as text. Refused (400) if it is not UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Refused(400, f"byte {error.start} of the body is not valid UTF-8", "send UTF-8") from None


def json_object(body: bytes) -> dict[str, Any]:
    """A body as a JSON object. Refused: 400 if it is not JSON, 422 if it is another value."""
    try:
        value = json.loads(decoded(body))
    except json.JSONDecodeError as error:
        message = f"the body is not JSON: {error.msg} at line {error.lineno} column {error.colno}"
        raise Refused(400, message, "send a JSON object") from None
    except (RecursionError, ValueError):  # int() has a limit, against attacks
        raise Refused(400, "the JSON of the body is nested too deeply or has a number with too many digits") from None
    if not isinstance(value, dict):
        raise Refused(422, "the body is not a JSON object", "send an object")
    return value


def required(record: Mapping[str, Any], key: str, kind: type, where: str = "the body") -> Any:
    """The value of a key. Refused (422) if it is missing or of another type."""
    if key not in record:
        raise Refused(422, f"{where} has no {key!r}", f"give {_TYPES[kind]} under {key!r}")
    if not isinstance(record[key], kind):
        raise Refused(422, f"{key!r} of {where} is not {_TYPES[kind]}", f"give {_TYPES[kind]}")
    return record[key]


def only(names: Iterable[str], allowed: Iterable[str], noun: str) -> None:
    """Refused (422) if a name is not allowed; `noun` says what the names are."""
    allowed = tuple(allowed)
    for name in names:
        if name not in allowed:
            raise Refused(422, f"unknown {noun} {name[:40]!r}", suggest(name[:40], allowed))


def choice(query: Mapping[str, str], name: str, choices: Mapping[str, Any]) -> Any:
    """The choice that a query parameter selects, by default the first. Refused (422) for an unknown value."""
    value = query.get(name, next(iter(choices)))
    if value not in choices:
        raise Refused(422, f"{name}={value[:40]!r} is unknown", "known: " + ", ".join(choices))
    return choices[value]
