"""Shared by the commands that write to a user's own folder of knowledge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ruletag.errors import Fault, RuletagError

if TYPE_CHECKING:
    from ruletag.tagger import Settings


def folder_of(named: str | None, settings: Settings) -> Path:
    """The folder to write to: the one that is named, else the user's own folder in the configuration."""
    found = own_or_named(named, settings)
    if found is None:
        message = "is missing, and no ruletag.toml names a folder of yours"
        raise RuletagError(Fault("--to", "RT110", message, help="ruletag init makes one; or use --to FOLDER"))
    return found


def own_or_named(named: str | None, settings: Settings) -> Path | None:
    """Like `folder_of`; None if there is none."""
    from ruletag.own import own_folder

    own = own_folder(*(map(str, each or ()) for each in (settings.rules, settings.gazetteers)))
    found = Path(named) if named else own
    if found and found.exists() and not found.is_dir():
        raise RuletagError(Fault(str(found), "RT106", "is no folder", help="name a folder of knowledge"))
    return found
