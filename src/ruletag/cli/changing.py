"""What the commands share that write to a user's own folder of knowledge."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ruletag.errors import Fault, RuletagError

if TYPE_CHECKING:
    from ruletag.suggest.edit import Addition
    from ruletag.tagger import Settings


def folder_of(named: str | None, settings: Settings) -> Path:
    """The folder that is written to: the one that is named, else the own one of the configuration."""
    from ruletag.own import own_folder

    found = (
        Path(named) if named else own_folder(*(map(str, each or ()) for each in (settings.rules, settings.gazetteers)))
    )
    if found is None:
        message = "is not given, and no ruletag.toml names a folder of yours"
        raise RuletagError(Fault("--to", "RT110", message, help="ruletag init makes one, or say --to FOLDER"))
    if found.exists() and not found.is_dir():
        raise RuletagError(Fault(str(found), "RT106", "is no folder", help="name a folder of knowledge"))
    return found


def add_to(folder: Path, additions: Iterable[Addition], settings: Settings) -> list[Path]:
    """Write additions to a folder, all of them or none, where `check` finds nothing new. The files that changed."""
    from ruletag.suggest.apply import edited, write

    texts = edited(folder, additions)
    changed = {name: text for name, text in texts.items() if text.encode() != _bytes(folder / name)}
    if changed:
        write(folder, changed, _approval(folder, settings))
    return [folder / name for name in changed]


def shown_path(path: Path) -> str:
    """A file as an editor opens it from here: relative to the working folder, where it is below it."""
    here = Path.cwd()
    return str(path.absolute().relative_to(here) if path.absolute().is_relative_to(here) else path)


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _approval(folder: Path, settings: Settings) -> Callable[[Path], None]:
    """What refuses a copy of the folder in which `check` finds what it does not find in the folder."""
    from ruletag.check import check
    from ruletag.own import moved

    def findings(place: Path) -> list[Fault]:
        of = moved(settings, folder, place)
        return check(of.rules, of.gazetteers, of.lists)

    def approve(copy: Path) -> None:
        found = findings(copy)
        if not found:
            return
        before = {(each.code, each.message) for each in findings(folder)} if folder.exists() else set()
        new = [each for each in found if (each.code, each.message) not in before]
        if new:
            help = "take out what is behind it, or mend it"
            summary = Fault(str(folder), "RT121", "was not changed: check would have new findings there", help=help)
            raise RuletagError([summary, *new])

    return approve
