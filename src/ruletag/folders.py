"""The files of knowledge: those that a user names, and the shipped ones."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from ruletag.errors import Fault, RuletagError, suggest

SHIPPED = "shipped"
_WHEEL = Path(__file__).parent / "shipped"
home = _WHEEL if _WHEEL.is_dir() else Path(__file__).parents[2]  # of the shipped knowledge; tests replace it
_KINDS = {stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
GUIDELINE_SUFFIXES = (".yaml", ".yml")  # these tell a file from the name of a guideline

Folders = str | Path | Sequence[str | Path] | None
Naming = Callable[[Path, Path], str]  # the name of a file in reports, from its root folder and its path


def shipped(kind: str) -> Path:
    """The folder of shipped knowledge, `rules` or `gazetteers`."""
    return home / kind


def openable(path: Path) -> str:
    """A path that an editor can open from here: relative to the working folder if the file is below it."""
    here = Path.cwd()
    return str(path.absolute().relative_to(here) if path.absolute().is_relative_to(here) else path)


def irregular(path: Path) -> str:
    """The kind of a path that is neither file nor folder, such as a FIFO, where a reader may block; else empty."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return ""  # the reader reports why it cannot be read
    return _KINDS.get(stat.S_IFMT(mode), "")


def listed(folders: Folders) -> Sequence[str | Path]:
    """`None`, one path or several, as a sequence of paths."""
    if folders is None:
        return [SHIPPED]
    return [folders] if isinstance(folders, (str, Path)) else folders


def yaml_files(root: Path) -> list[Path]:
    """The YAML files of a folder, sorted; or the single file that `root` is."""
    return [root] if root.is_file() else files_below(root, (".yaml", ".yml"))


def shown_name(root: Path, path: Path) -> str:
    """The name of a file in reports: the name of its folder and the path from there; never an absolute path."""
    return path.name if root == path else f"{_name(root.absolute())}/{path.relative_to(root).as_posix()}"


@lru_cache(maxsize=64)  # called for every file of a folder
def _name(folder: Path) -> str:
    return folder.resolve().name


class GazetteerFile(NamedTuple):
    """A file and its root folder. Word classes in a fallback count only if no other file defines them."""

    root: Path
    path: Path
    is_fallback: bool


def gazetteer_files(folders: Folders = None) -> list[GazetteerFile]:
    """The files that `load_gazetteers` reads for some folders, in order."""
    roots = [shipped("gazetteers") if root == SHIPPED else Path(root) for root in listed(folders)]
    files = [GazetteerFile(root, path, False) for root in roots for path in yaml_files(root)]
    if shipped("gazetteers") not in roots:
        words = yaml_files(shipped("gazetteers") / "words")
        files += [GazetteerFile(shipped("gazetteers"), path, True) for path in words]
    return files


def common_words_path() -> Path:
    """The list of French words, the same for all knowledge."""
    return shipped("gazetteers") / "words" / "common-words.txt"


def rule_paths(folders: Folders = None, naming: Naming = shown_name) -> list[tuple[str, Path]]:
    """The rule files of some folders, without guidelines, each with its name in reports."""
    roots = [shipped("rules") if folder == SHIPPED else Path(folder) for folder in listed(folders)]
    files = [(root, path) for root in roots for path in yaml_files(root)]
    return [(naming(root, path), path) for root, path in files if "guidelines" not in path.relative_to(root).parts]


def guideline_names(folder: Path | None = None) -> list[str]:
    """The guidelines of a rule folder (the shipped ones, if none is named)."""
    return sorted(path.stem for path in ((folder or shipped("rules")) / "guidelines").glob("*.yaml"))


def guideline_path(name: str, folders: Iterable[Path] = (), naming: Naming = shown_name) -> tuple[str, Path]:
    """The file of a guideline, given its name or path, with its name in reports.

    The user's own folders come before the shipped ones. Raises RuletagError if there is none.
    """
    if name.endswith(GUIDELINE_SUFFIXES):
        candidates = [(Path(name), Path(name))]
    else:
        candidates = [(root, root / "guidelines" / f"{name}.yaml") for root in (*folders, shipped("rules"))]
    for root, path in candidates:
        if path.is_file():
            return naming(root, path), path
    raise RuletagError(Fault("--guideline", "RT110", f"unknown guideline {name!r}", help=_guideline_help(name)))


def _guideline_help(name: str) -> str:
    """Help for an unknown guideline: a similar name, or a file."""
    if name.endswith(GUIDELINE_SUFFIXES):
        return "there is no such file; check its path"
    file = next((name + suffix for suffix in GUIDELINE_SUFFIXES if Path(name + suffix).is_file()), "")
    return f"did you mean the file {file}?" if file else suggest(name, guideline_names())


def own_folders(folders: Folders = None) -> list[Path]:
    """The user's own folders among `folders`, without files."""
    return [Path(folder) for folder in listed(folders) if folder != SHIPPED and Path(folder).is_dir()]


def files_below(folder: Path, suffixes: tuple[str, ...], code: str = "RT101") -> list[Path]:
    """The files below `folder` with one of the suffixes, sorted by name, without hidden ones.

    Raises RuletagError if the folder is missing or contains no such file.
    """
    if not folder.is_dir():
        raise RuletagError(Fault(str(folder), code, "there is no such folder", help="check the name"))
    paths = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "build")
        paths += [Path(parent, name) for name in names if name.endswith(suffixes) and not name.startswith(".")]
    if not paths:
        expected = " or ".join(suffixes)
        help = "put one there, or name another folder"
        raise RuletagError(Fault(str(folder), code, f"contains no {expected} file", help=help))
    return sorted(paths, key=lambda path: path.relative_to(folder).as_posix())
