"""The provenance of a report, so that it can be understood and reproduced much later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Run:
    """One run of `eval` or `compare`, with names as the user gave them."""

    gold: Annotated[str, "the gold, as it was named"]
    command: Annotated[str, "the command, as a shell takes it"]
    date: Annotated[
        str,
        "the day in UTC (`2026-11-28`) on which the newest file that was read last changed; absent where none has one",
    ] = ""
    predicted: Annotated[tuple[str, ...], "the files that were scored; absent where the gold was tagged now"] = ()
    knowledge: Annotated[
        str, "what tagged it: folders and lists as they were named, and a hash of what their files say"
    ] = ""
