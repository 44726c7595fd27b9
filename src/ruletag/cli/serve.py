"""`ruletag serve`: the tagger behind HTTP, until it is stopped."""

from __future__ import annotations

import socket
from typing import Any

import click

from ruletag.cli import http
from ruletag.cli.console import GOOD, say
from ruletag.cli.options import (
    Command,
    common_options,
    configuration,
    say_in_force,
    settings_of,
    tagger_options,
    verbose_option,
)
from ruletag.errors import Fault, RuletagError

TOKEN = "RULETAG_TOKEN"


@click.command(cls=Command, epilog="Example: ruletag serve --port 9090")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="NAME", help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=9090, show_default=True, help="Port to listen on; 0: any free one."
)
@click.option(
    "--token", envvar=TOKEN, metavar="TOKEN", help=f"Answer only requests with this token (or variable {TOKEN})."
)
@click.option(
    "--allow-host", "hosts", multiple=True, metavar="NAME", help="Another host name that clients use for this server."
)
@verbose_option
@tagger_options
@common_options
def serve(host: str, port: int, token: str | None, hosts: tuple[str, ...], **options: Any) -> int:
    """Pre-annotate in Label Studio, doccano and other tools.

    Answers Label Studio, doccano, INCEpTION and TEI Publisher over HTTP, and scripts at /tag. SIGTERM or Ctrl-C ends it
    once open requests are answered. Needs the extra `serve`.
    """
    application, guard, uvicorn = _installed()
    for name in hosts:
        if "*" in name:
            message = f"{name!r} has a *"
            raise RuletagError(Fault("--allow-host", "RT110", message, help="name each host, without a port"))
    if not token and not guard.is_loopback(host):
        help = f"give --token, or set {TOKEN}; or listen on 127.0.0.1"
        raise RuletagError(Fault("--host", "RT110", f"{host} can be reached from other machines", help=help))
    config = configuration()
    settings = settings_of(config, options, "canonical")
    tagger = settings.load()
    say_in_force(config, options, [settings], {"canonical": "the default of a server"})
    app = application(tagger, hosts=(host, *hosts), token=token, failed=lambda message: say(f"failed: {message}"))
    with http.listening(host, port) as listener:
        say(f"serving on http://{_address(listener)}; stop with Ctrl-C")
        http.run(uvicorn, app, listener)
    return GOOD


def _installed() -> tuple[Any, Any, Any]:
    """Import the application, the guard and uvicorn. Raises RuletagError if the extra is missing."""
    try:
        import uvicorn

        from ruletag.server import guard
        from ruletag.server.app import application
    except ModuleNotFoundError as error:
        raise http.missing("serve", error) from None
    return application, guard, uvicorn


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
