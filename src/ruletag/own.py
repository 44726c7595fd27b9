"""A user's own folder of knowledge: its contents, now and at a git revision."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ruletag.errors import Fault, RuletagError
from ruletag.folders import SHIPPED, irregular, listed, openable, shipped, yaml_files
from ruletag.places import Located
from ruletag.tagger import Settings

KINDS = ("rules", "gazetteers")
_REVISION = re.compile(r"([^:]+):(.*)", re.DOTALL)


def knowledge_in(path: Path) -> dict[str, tuple[str, ...]]:
    """The `rules` and `gazetteers` that a folder stands for: its own, in addition to the shipped ones.

    It contains folders of these names, or rule files, or gazetteer files. A folder with a guideline `canonical` is
    complete: nothing shipped is added.
    """
    found = {kind: path / kind for kind in KINDS if (path / kind).is_dir()}
    if not found:
        texts = [file.read_text("utf-8", "replace") for file in yaml_files(path) if not irregular(file)]
        heads = {line.split(":")[0] for text in texts for line in text.splitlines()}
        found = {"rules" if heads & {"rules", "macros", "not"} else "gazetteers": path}
    whole = (path / "rules" / "guidelines" / "canonical.yaml").is_file()
    return {kind: _beside(kind, root, whole) for kind, root in found.items()}


def _beside(kind: str, root: Path, whole: bool) -> tuple[str, ...]:
    if root.resolve() == shipped(kind).resolve():
        return (SHIPPED,)
    return (str(root),) if whole else (SHIPPED, str(root))


def own_folder(rules: Iterable[str], gazetteers: Iterable[str]) -> Path | None:
    """The user's own folder among those that are read: the one that contains `gazetteers`, the last one named."""
    named = [*gazetteers, *rules]
    found = [Path(root).parent for root in named if root != SHIPPED and Path(root).name in KINDS]
    return found[-1] if found else None


def moved(settings: Settings, folder: Path, place: Path) -> Settings:
    """The settings with everything below a folder read from another place; both kinds are read from there, if they
    exist."""
    kinds: dict[str, tuple[str, ...]] = {}
    for kind in KINDS:
        given = tuple(str(root) for root in listed(getattr(settings, kind)))
        kept = tuple(root for root in given if root == SHIPPED or not _is_below(Path(root), folder))
        own = (str(place / kind),) if (place / kind).is_dir() else ()
        kinds[kind] = (*kept, *own)
    return replace(settings, rules=kinds["rules"], gazetteers=kinds["gazetteers"])


def _is_below(path: Path, folder: Path) -> bool:
    return path.absolute().is_relative_to(folder.absolute())


def is_knowledge(path: Path) -> bool:
    """Whether a path is a folder of knowledge rather than of documents."""
    return path.is_dir() and (any((path / kind).is_dir() for kind in KINDS) or any(path.glob("*.y*ml")))


@contextmanager
def at_revision(argument: str) -> Iterator[Path | None]:
    """The folder that `REVISION:` or `REVISION:FOLDER` names, as it was then, in a temporary place; None for other
    names.

    Raises RuletagError if git has no such folder, or is not available.
    """
    named = _REVISION.fullmatch(argument)
    if named is None or Path(argument).exists():
        yield None
        return
    revision, folder = named.groups()
    with TemporaryDirectory() as place:
        with tarfile.open(fileobj=io.BytesIO(_archive(argument, revision, folder))) as archive:
            _unpack(archive, Path(place))
        yield Path(place, folder or ".")


def _unpack(archive: tarfile.TarFile, place: Path) -> None:
    """The regular files of an archive made by git, whose names never lead outside it."""
    for member in archive.getmembers():
        file = archive.extractfile(member) if member.isreg() else None
        if file:
            path = place / member.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.read())


def _archive(argument: str, revision: str, folder: str) -> bytes:
    command = ["git", "archive", "--format=tar", "--end-of-options", revision, *([folder] if folder else [])]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise RuletagError(Fault(argument, "RT117", f"git cannot be run: {error.strerror}")) from None
    if done.returncode:
        told = " ".join(done.stderr.decode("utf-8", "replace").split()) or "no reason given"
        help = "name a revision and a folder in it: HEAD~3:knowledge"
        raise RuletagError(Fault(argument, "RT117", f"git has no such folder: {told}", help=help))
    return done.stdout


def located_below(folder: Path, name: str) -> Located:
    """The places in a folder that the user named by a path, or by a git revision with a path."""
    roots = [folder / kind for kind in KINDS if (folder / kind).is_dir()] or [folder]
    is_revision = _REVISION.fullmatch(name) and not Path(name).exists()

    def shown(path: Path) -> str:
        inside = path.relative_to(folder)
        if is_revision:
            return f"{name.rstrip('/')}/{inside.as_posix()}".replace(":/", ":", 1)
        return openable(Path(name) / inside)

    return Located((root, path, shown(path)) for root in roots for path in yaml_files(root))
