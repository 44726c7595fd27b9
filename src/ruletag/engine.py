"""The two engines: which there are, which one serves, and what each of them gives."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ruletag.errors import Fault, RuletagError, suggest

if TYPE_CHECKING:  # `ruletag --version` names the engine, and needs no more
    from ruletag.fold import Folded
    from ruletag.model import Candidate, Entity, Hit, Loss
    from ruletag.plaintext import PlainText

ENGINES = {
    "core": "compiled; the default if it could be built",
    "plain": "plain Python; the same result, more slowly",
}
VARIABLE = "RULETAG_ENGINE"


class Decided(NamedTuple):
    """The winners of a text in reading order, and the losers in the total order; offsets are those of `plain`."""

    plain: PlainText
    winners: Sequence[Candidate]
    losses: Sequence[Loss]
    entities: Callable[[], list[Entity]] | None = None  # makes the winners entities at once


class Engine(Protocol):
    """What an engine does with a text. Both engines give the same, always."""

    def decide(self, text: str, *, memory: bool, compounds: bool) -> Decided:
        """What wins and what loses."""

    def hits(self, folded: Folded) -> Sequence[Hit]:
        """The entries in a folded text, but for those in compounds, in the order of their start, the longest first."""

    def without(self, entries: int, vetoes: int) -> Engine:
        """The engine as if some entries and vetoes were not there; nothing is built anew.

        Both are sets of numbers, a bit each; vetoes are counted in the order of their entries.
        """


def engine_name(named: str = "") -> str:
    """The engine to use: the one named here or by `RULETAG_ENGINE`, else `core` where it is there.

    RuletagError for a name that is none, and for a core that is named and not there.
    """
    wanted = named or os.environ.get(VARIABLE, "")
    if wanted and wanted not in ENGINES:
        raise RuletagError(Fault("--engine", "RT110", f"unknown engine {wanted!r}", help=suggest(wanted, ENGINES)))
    lack = "" if wanted == "plain" else missing()
    if lack and wanted == "core":
        help = "install ruletag where cargo is available, or use --engine plain"
        raise RuletagError(Fault("--engine", "RT110", f"there is no compiled engine: {lack}", help=help))
    return "plain" if lack or wanted == "plain" else "core"


def missing() -> str:
    """Why the compiled engine cannot be used; empty where it can."""
    from ruletag.core.library import Missing, library

    try:
        library()
    except Missing as error:
        return str(error)
    return ""


def described() -> str:
    """The engine that serves where none is named, and where that is `plain`, why."""
    name = engine_name()
    if name != "plain":
        return name
    return f"plain; {missing() if not os.environ.get(VARIABLE) else f'{VARIABLE} says so'}"
