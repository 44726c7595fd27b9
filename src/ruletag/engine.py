"""The two engines: their names, the choice between them, and their common interface."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from ruletag.errors import Fault, RuletagError, suggest

if TYPE_CHECKING:  # `ruletag --version` names the engine, and needs nothing else
    from ruletag.decided import Decided
    from ruletag.fold import Folded
    from ruletag.model import Hit

ENGINES = {
    "core": "compiled; the default if it could be built",
    "plain": "plain Python; the same result, more slowly",
}
VARIABLE = "RULETAG_ENGINE"
NOT_BUILT = ".missing"  # suffix of the file that hatch_build.py writes if it cannot build the library: it says why


class Engine(Protocol):
    """The work of an engine on a text. Both engines always give the same result."""

    def decide(self, text: str, *, memory: bool, compounds: bool) -> Decided:
        """The winners and losers of a text."""

    def hits(self, folded: Folded) -> Sequence[Hit]:
        """The entries in a folded text, except those in compounds, ordered by their start, the longest first."""

    def without(self, entries: int, vetoes: int) -> Engine:
        """The engine without some entries and vetoes; nothing is rebuilt.

        Both are sets of numbers, one bit each; vetoes are numbered in the order of their entries.
        """


def engine_name(named: str = "") -> str:
    """The engine to use: the one named here or by `RULETAG_ENGINE`, else `core` if it is available.

    Raises RuletagError for an unknown name, and if `core` is named but not available.
    """
    name = named or os.environ.get(VARIABLE, "")
    if name and name not in ENGINES:
        raise RuletagError(Fault("--engine", "RT110", f"unknown engine {name!r}", help=suggest(name, ENGINES)))
    obstacle = "" if name == "plain" else missing()
    if obstacle and name == "core":
        help = "install ruletag where cargo is available, or use --engine plain"
        raise RuletagError(Fault("--engine", "RT110", f"there is no compiled engine: {obstacle}", help=help))
    return "plain" if obstacle or name == "plain" else "core"


def missing() -> str:
    """Why the compiled engine cannot be used; empty if it can."""
    from ruletag.core.library import PATH, Missing, library

    try:
        library()
    except Missing as error:
        note = PATH.with_suffix(NOT_BUILT)
        return f"{error}: {note.read_text(encoding='utf-8').strip()}" if note.is_file() else str(error)
    return ""


def why_plain() -> str:
    """The reason if `plain` is used by default; empty if it is not."""
    if engine_name() != "plain":
        return ""
    return f"{VARIABLE} says so" if os.environ.get(VARIABLE) else missing()


def described() -> str:
    """The engine that is used by default and, if that is `plain`, the reason."""
    reason = why_plain()
    return f"plain; {reason}" if reason else engine_name()
