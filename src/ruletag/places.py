"""Where knowledge is: the files that stand for what a user names, or for what ships."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ruletag.sources import files_below, shipped

SHIPPED = "shipped"

Knowledge = str | Path | Sequence[str | Path] | None


def listed(folders: Knowledge) -> Sequence[str | Path]:
    """`None`, one path or several, as a sequence of paths."""
    if folders is None:
        return [SHIPPED]
    return [folders] if isinstance(folders, (str, Path)) else folders


def yaml_files(root: Path) -> list[Path]:
    """The YAML files of a folder, sorted; or the one file that `root` is."""
    return [root] if root.is_file() else files_below(root, (".yaml", ".yml"))


def shown_name(root: Path, path: Path) -> str:
    """A file as reports name it: the name of its folder and the way from there; never where a machine keeps it."""
    return path.name if root == path else f"{root.resolve().name}/{path.relative_to(root).as_posix()}"


class GazetteerFile(NamedTuple):
    """A file to read, and the folder that was named. A fallback holds word classes for where no other file does."""

    root: Path
    path: Path
    is_fallback: bool


def gazetteer_files(folders: Knowledge = None) -> list[GazetteerFile]:
    """The files that `load_gazetteers` reads for some folders, in order."""
    roots = [shipped("gazetteers") if root == SHIPPED else Path(root) for root in listed(folders)]
    files = [GazetteerFile(root, path, False) for root in roots for path in yaml_files(root)]
    if shipped("gazetteers") not in roots:
        words = yaml_files(shipped("gazetteers") / "words")
        files += [GazetteerFile(shipped("gazetteers"), path, True) for path in words]
    return files
