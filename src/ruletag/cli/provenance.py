"""The provenance of a report: command, knowledge, and a date that is the same for the same input."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ruletag.cli.options import ARGUMENTS
from ruletag.errors import Fault, RuletagError
from ruletag.report.run import Run

if TYPE_CHECKING:
    from ruletag.tagger import Settings

EPOCH = "SOURCE_DATE_EPOCH"
_SHIPPED = ("shipped",)


def run_of(gold: str, predicted: Sequence[str], settings: Iterable[Settings], read: Iterable[Path]) -> Run:
    """The run of the current command. Raises RuletagError if SOURCE_DATE_EPOCH is not a time."""
    context = click.get_current_context()
    words = ["ruletag", *context.command_path.split()[1:], *context.meta.get(ARGUMENTS, ())]
    knowledge = "" if predicted else _knowledge(list(settings))
    return Run(gold, shlex.join(words), date_of(read), tuple(predicted), knowledge)


def date_of(read: Iterable[Path]) -> str:
    """The day of the newest change in what was read, or of SOURCE_DATE_EPOCH: never that of the clock."""
    given = os.environ.get(EPOCH)
    try:
        seconds = float(int(given)) if given else max((_changed(path) for path in read if path.is_file()), default=0.0)
        return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds or given else ""
    except (ValueError, OverflowError, OSError):
        message = f"{given!r} is not a time in seconds"
        raise RuletagError(
            Fault(EPOCH, "RT110", message, help="unset it, or set it to what `date +%s` prints")
        ) from None


def _changed(path: Path) -> float:
    return path.stat().st_mtime


def _knowledge(settings: Sequence[Settings]) -> str:
    """The folders and lists as they were named, and a hash of the contents of their files."""
    named = [
        str(path)
        for each in settings
        for path in (*(each.rules or _SHIPPED), *(each.gazetteers or _SHIPPED), *(path for _, path in each.lists))
    ]
    whole = sha256("".join(sorted(each.fingerprint() for each in settings)).encode()).hexdigest()
    return f"{', '.join(dict.fromkeys(named))} (hash {whole[:12]})"
