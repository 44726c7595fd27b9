"""Access control: the Host header, against pages that rebind their name to this machine; and the token."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
from collections.abc import Sequence
from typing import Any

from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ruletag.server.requests import Refused

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on a host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Guard:
    """Lets a request through if it names an allowed host and, if one is set, carries the token; else answers 400 or
    401."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str], token: str | None) -> None:
        self.app = app
        self.hosts = [*LOOPBACK, *hosts]
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if not await self._is_trusted(scope, receive):
            refusal = Refused(
                400, "the Host header does not name a host of this server", "see `ruletag serve --allow-host`"
            )
            await refusal.response()(scope, receive, send)
        elif self.token and not _carries(Headers(scope=scope).get("authorization", ""), self.token):
            refusal = Refused(401, "the token is missing or wrong", "send the header Authorization: Bearer TOKEN")
            await refusal.response({"WWW-Authenticate": "Bearer"})(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _is_trusted(self, scope: Scope, receive: Receive) -> bool:
        """The result of Starlette's check; its own answer would not be JSON."""
        passed = False

        async def app(*_: Any) -> None:
            nonlocal passed
            passed = True

        async def nowhere(_: Message) -> None:
            pass

        await TrustedHostMiddleware(app, self.hosts, www_redirect=False)(scope, receive, nowhere)
        return passed


def _carries(header: str, token: str) -> bool:
    """Whether a header carries a token: as Bearer or Token, or as the password of Basic, which Label Studio sends."""
    scheme, _, rest = header.partition(" ")
    secret = rest.strip().encode("latin-1")  # as Starlette decodes headers
    if scheme.lower() == "basic":
        try:
            secret = base64.b64decode(secret, validate=True).partition(b":")[2]
        except binascii.Error:
            return False
    elif scheme.lower() not in ("bearer", "token"):
        return False
    return hmac.compare_digest(secret, token.encode("utf-8", "surrogateescape"))
