"""The page of a review: its files, and the HTML with the token in it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ruletag.server.page_guard import Pass

_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml"}
_INDEX = "index.html"
ASSETS = "/assets/"
_CLOSED = (
    "<!doctype html><meta charset=utf-8><title>ruletag review</title>"
    "<p>Open the address that <code>ruletag review</code> printed; it works once. "
    "Start the command again for a new one."
    "<p lang=fr>Ouvrez l’adresse que <code>ruletag review</code> a affichée ; elle ne sert qu’une fois. "
    "Relancez la commande pour en obtenir une autre."
)


@cache
def assets() -> Mapping[str, bytes]:
    """The contents of the files of the page, by path; no other file is ever served."""
    folder = files("ruletag.review").joinpath("page")
    contents = {file.name: file.read_bytes() for file in folder.iterdir() if not file.name.startswith((".", "_"))}
    return {ASSETS + name: data for name, data in sorted(contents.items()) if name != _INDEX}


def asset(request: Request) -> Response:
    """A file of the page."""
    path = request.url.path
    return Response(assets()[path], media_type=_TYPES["." + path.rpartition(".")[2]])


def index(request: Request, pass_: Pass) -> Response:
    """The page, for a browser with the cookie. A code in the address is exchanged for the cookie."""
    code = request.query_params.get("k")
    if code is not None and pass_.redeem(code):
        return RedirectResponse("/", 303, {"Set-Cookie": pass_.cookie})
    if not pass_.knows(request.headers.get("cookie", "")):
        return HTMLResponse(_CLOSED, 403)
    template = Template(files("ruletag.review").joinpath("page", _INDEX).read_text(encoding="utf-8"))
    return HTMLResponse(template.substitute(token=escape(pass_.token)))
