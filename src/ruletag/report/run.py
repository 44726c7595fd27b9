"""What a report says of its own making, so that it can be read, and made again, long after."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Run:
    """One run of `eval`: names as they were given.

    `predicted` are the files that were scored, none where the gold was tagged now; `knowledge` is then what tagged it.
    `date` is a day (`2026-11-28`), that of the newest file that was read unless the environment says another, and
    empty where nothing that was read has one.
    """

    gold: str
    command: str
    date: str = ""
    predicted: tuple[str, ...] = ()
    knowledge: str = ""


def run_record(run: Run) -> dict[str, Any]:
    """The run as a part of a record; what is not known is left out."""
    known = {name: value for name, value in asdict(run).items() if value}
    return known | ({"predicted": list(run.predicted)} if run.predicted else {})
