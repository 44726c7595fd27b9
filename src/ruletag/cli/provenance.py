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


def run_of(gold: str, predicted: Sequence[str], settings: Iterable[Settings], input_paths: Iterable[Path]) -> Run:
    """The run of the current command. Raises RuletagError if SOURCE_DATE_EPOCH is not a time."""
    context = click.get_current_context()
    words = ["ruletag", *context.command_path.split()[1:], *context.meta.get(ARGUMENTS, ())]
    knowledge = "" if predicted else _knowledge(list(settings))
    return Run(gold, shlex.join(words), date_of(input_paths), tuple(predicted), knowledge)


def date_of(paths: Iterable[Path]) -> str:
    """The day of SOURCE_DATE_EPOCH, else of the newest change in the input files ('' without any): never today's."""
    epoch = os.environ.get(EPOCH)
    try:
        seconds = (
            float(int(epoch)) if epoch else max((_modified(path) for path in paths if path.is_file()), default=0.0)
        )
        return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds or epoch else ""
    except (ValueError, OverflowError, OSError):
        message = f"{epoch!r} is not a time in seconds"
        raise RuletagError(
            Fault(EPOCH, "RT110", message, help="unset it, or set it to what `date +%s` prints")
        ) from None


def _modified(path: Path) -> float:
    return path.stat().st_mtime


def _knowledge(all_settings: Sequence[Settings]) -> str:
    """The folders and lists as the user named them, and a hash of their contents."""
    names = [
        str(path)
        for settings in all_settings
        for path in (
            *(settings.rules or _SHIPPED),
            *(settings.gazetteers or _SHIPPED),
            *(path for _, path in settings.lists),
        )
    ]
    digest = sha256("".join(sorted(settings.fingerprint() for settings in all_settings)).encode()).hexdigest()
    return f"{', '.join(dict.fromkeys(names))} (hash {digest[:12]})"
