"""Running servers from the command line: on an open socket, until they are stopped."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Any

from ruletag.cli.console import note
from ruletag.cli.signals import Ended
from ruletag.errors import Fault, RuletagError, lacking

_GRACE = 40  # seconds for open requests to finish; longer than the time limit of a request


def listening(host: str, port: int) -> socket.socket:
    """Open a listening socket. Raises RuletagError if that fails."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:
        number = getattr(error, "errno", None) or 0
        reason = os.strerror(number) if number > 0 else str(error)
        message = f"cannot listen on {host}:{port}: {reason}"
        raise RuletagError(Fault("--port", "RT110", message, help="choose another port or host")) from None


def run(uvicorn: Any, app: Any, listener: socket.socket) -> None:
    """Serve until SIGTERM or Ctrl-C; open requests are still answered."""
    options = {"log_level": "critical", "access_log": False, "timeout_graceful_shutdown": _GRACE}
    server = uvicorn.Server(uvicorn.Config(app, **options))
    with suppress(KeyboardInterrupt, Ended):  # uvicorn raises the signal again after answering open requests
        server.run(sockets=[listener])
    note("stopped")


def missing(command: str, error: ModuleNotFoundError) -> RuletagError:
    """The error for a server without its packages; the extra is named like the command."""
    return RuletagError(lacking(command, "needs", error.name, command))
