"""Access to the page of a review: only for a browser of this user, on this machine, on a page of this server.

Other pages are kept out by the Host header (a name that was rebound to 127.0.0.1), by Origin and Sec-Fetch-Site, and by
a header that only our page sends, which makes a browser ask first (CORS preflight). Other users of this machine are
kept out by a code that the command passes to the browser once; a cookie replaces it afterwards.
"""

from __future__ import annotations

import hmac
import secrets
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ruletag.server.requests import Refused

TOKEN_HEADER = "x-ruletag-token"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Pass:
    """The credentials of a browser: a code that works once, the cookie that replaces it, and the token of requests."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.token = secrets.token_urlsafe(32)
        self.code = secrets.token_urlsafe(32)
        self._session = secrets.token_urlsafe(32)
        self._used = False

    @property
    def address(self) -> str:
        """The address for the browser."""
        return f"http://127.0.0.1:{self.port}/?k={self.code}"

    @property
    def cookie(self) -> str:
        """The Set-Cookie header for a browser that sent the code. Cookies ignore ports, so the name includes the
        port."""
        return f"{self._cookie_name}={self._session}; Path=/; HttpOnly; SameSite=Strict"

    @property
    def _cookie_name(self) -> str:
        return f"ruletag-{self.port}"

    def redeem(self, code: str) -> bool:
        """Whether a code is the one that was issued, and is used for the first time. It is invalid afterwards."""
        if self._used or not hmac.compare_digest(code.encode(), self.code.encode()):
            return False
        self._used = True
        return True

    def knows(self, cookies: str) -> bool:
        """Whether a Cookie header has the cookie that replaced the code."""
        try:
            cookie = SimpleCookie(cookies).get(self._cookie_name)
        except CookieError:
            return False
        return cookie is not None and hmac.compare_digest(cookie.value.encode(), self._session.encode())

    def is_token(self, token: str) -> bool:
        """Whether this is the token that requests must carry."""
        return hmac.compare_digest(token.encode("latin-1"), self.token.encode())


class PageGuard:
    """Lets through requests for the page, and from it; every answer carries the headers of a locked-down page."""

    def __init__(self, app: ASGIApp, pass_: Pass, open_paths: frozenset[str]) -> None:
        self.app = app
        self._pass = pass_
        self._open_paths = open_paths
        self._hosts = (f"127.0.0.1:{pass_.port}", f"localhost:{pass_.port}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_locked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        refusal = self._refusal(scope)
        await (refusal.response() if refusal else self.app)(scope, receive, send_locked)

    def _refusal(self, scope: Scope) -> Refused | None:
        """The refusal of a request; None if it is let through."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return Refused(400, "the Host header names another host", f"open http://{self._hosts[0]}/")
        origin = headers.get("origin")
        if origin is not None and origin not in [f"http://{host}" for host in self._hosts]:
            return Refused(403, "the request comes from a page of another origin")
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return Refused(403, "the request comes from another site")
        if scope["path"] not in self._open_paths and not self._pass.is_token(headers.get(TOKEN_HEADER, "")):
            return Refused(403, "the token is missing or wrong", "load the page again")
        return None
