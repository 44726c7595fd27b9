"""The user's own folder of knowledge, for the commands that write to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ruletag.errors import Fault, RuletagError

if TYPE_CHECKING:
    from ruletag.tagger import Settings


def folder_of(named: str | None, settings: Settings) -> Path:
    """The folder to write to: the named one, else the user's own. Raises RuletagError if there is neither."""
    folder = own_or_named(named, settings)
    if folder is None:
        message = "is missing, and no ruletag.toml names a folder of yours"
        raise RuletagError(Fault("--to", "RT110", message, help="ruletag init makes one; or use --to FOLDER"))
    return folder


def own_or_named(named: str | None, settings: Settings) -> Path | None:
    """Like `folder_of`, but None if there is no folder."""
    from ruletag.own import own_folder

    own = own_folder(*(map(str, roots or ()) for roots in (settings.rules, settings.gazetteers)))
    folder = Path(named) if named else own
    if folder and folder.exists() and not folder.is_dir():
        raise RuletagError(Fault(str(folder), "RT106", "is not a folder", help="name a folder of knowledge"))
    return folder
