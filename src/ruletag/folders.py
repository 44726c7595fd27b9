"""Where knowledge is: the files that a user's names, or the shipped knowledge, stand for."""

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
home = _WHEEL if _WHEEL.is_dir() else Path(__file__).parents[2]  # of the shipped knowledge; tests put their own here
_KINDS = {stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
GUIDELINE_SUFFIXES = (".yaml", ".yml")  # these tell a file from the name of a guideline

Folders = str | Path | Sequence[str | Path] | None
Naming = Callable[[Path, Path], str]  # name of a file, from the folder through which it is read and its path


def shipped(kind: str) -> Path:
    """The folder of shipped knowledge, `rules` or `gazetteers`."""
    return home / kind


def openable(path: Path) -> str:
    """A path that an editor can open from here: relative to the working folder if the file is below it."""
    here = Path.cwd()
    return str(path.absolute().relative_to(here) if path.absolute().is_relative_to(here) else path)


def irregular(path: Path) -> str:
    """The kind of a path that is neither file nor folder, such as a FIFO, which makes a reader wait; empty
    otherwise."""
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
    """A file to read, and the folder that was named. A fallback holds word classes in case no other file does."""

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
    """The rule files of some folders, each with its name in reports; guidelines are kept apart."""
    roots = [shipped("rules") if folder == SHIPPED else Path(folder) for folder in listed(folders)]
    found = [(root, path) for root in roots for path in yaml_files(root)]
    return [(naming(root, path), path) for root, path in found if "guidelines" not in path.relative_to(root).parts]


def guideline_names(folder: Path | None = None) -> list[str]:
    """The guidelines of a rule folder (the shipped ones, if none is named)."""
    return sorted(path.stem for path in ((folder or shipped("rules")) / "guidelines").glob("*.yaml"))


def guideline_path(name: str, folders: Iterable[Path] = (), naming: Naming = shown_name) -> tuple[str, Path]:
    """The file of a guideline, given its name or path, with its name in reports.

    The user's own folders come before the shipped ones. Raises RuletagError if there is none.
    """
    if name.endswith(GUIDELINE_SUFFIXES):
        tried = [(Path(name), Path(name))]
    else:
        tried = [(root, root / "guidelines" / f"{name}.yaml") for root in (*folders, shipped("rules"))]
    found = next(((root, path) for root, path in tried if path.is_file()), None)
    if found is None:
        raise RuletagError(Fault("--guideline", "RT110", f"unknown guideline {name!r}", help=_guideline_help(name)))
    return naming(*found), found[1]


def _guideline_help(name: str) -> str:
    """What may be meant by a guideline that there is not."""
    if name.endswith(GUIDELINE_SUFFIXES):
        return "there is no such file; check its path"
    beside = next((name + suffix for suffix in GUIDELINE_SUFFIXES if Path(name + suffix).is_file()), "")
    return f"did you mean the file {beside}?" if beside else suggest(name, guideline_names())


def own_folders(folders: Folders = None) -> list[Path]:
    """Those of some folders that are the user's."""
    return [Path(folder) for folder in listed(folders) if folder != SHIPPED and Path(folder).is_dir()]


def files_below(folder: Path, suffixes: tuple[str, ...], code: str = "RT101") -> list[Path]:
    """The files below `folder` with one of the suffixes, sorted by name, without hidden ones.

    Raises RuletagError if the folder is missing or contains no such file.
    """
    if not folder.is_dir():
        raise RuletagError(Fault(str(folder), code, "there is no such folder", help="check the name"))
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "build")
        found += [Path(place, name) for name in names if name.endswith(suffixes) and not name.startswith(".")]
    if not found:
        wanted = " or ".join(suffixes)
        raise RuletagError(Fault(str(folder), code, f"contains no {wanted} file", help="name another folder"))
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())
