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

    The folder contains folders of these names, of which one may be empty, or rule files, or gazetteer files. A folder
    with a guideline `canonical` is complete: nothing shipped is added.
    """
    roots = _roots_in(path)
    if not roots:
        texts = [file.read_text("utf-8", "replace") for file in yaml_files(path) if not irregular(file)]
        heads = {line.split(":")[0] for text in texts for line in text.splitlines()}
        roots = {"rules" if heads & {"rules", "macros", "not"} else "gazetteers": path}
    is_complete = (path / "rules" / "guidelines" / "canonical.yaml").is_file()
    return {kind: _with_shipped(kind, root, is_complete) for kind, root in roots.items()}


def _roots_in(path: Path) -> dict[str, Path]:
    """The folders `rules` and `gazetteers` of a folder, by kind; without one that is empty, unless both are."""
    roots = {kind: path / kind for kind in KINDS if (path / kind).is_dir()}
    return {kind: root for kind, root in roots.items() if any(root.rglob("*.y*ml"))} or roots


def _with_shipped(kind: str, root: Path, is_complete: bool) -> tuple[str, ...]:
    if root.resolve() == shipped(kind).resolve():
        return (SHIPPED,)
    return (str(root),) if is_complete else (SHIPPED, str(root))


def own_folder(rules: Iterable[str], gazetteers: Iterable[str]) -> Path | None:
    """The user's own folder: the parent of the last `rules` folder that is read, else of the last `gazetteers`."""
    roots = [*gazetteers, *rules]
    parents = [Path(root).parent for root in roots if root != SHIPPED and Path(root).name in KINDS]
    return parents[-1] if parents else None


def moved(settings: Settings, folder: Path, target: Path) -> Settings:
    """The settings with `target` in place of everything below `folder`; whichever kinds `target` has are read."""
    kinds: dict[str, tuple[str, ...]] = {}
    for kind in KINDS:
        roots = tuple(str(root) for root in listed(getattr(settings, kind)))
        unmoved = tuple(root for root in roots if root == SHIPPED or not _is_below(Path(root), folder))
        own = (str(target / kind),) if (target / kind).is_dir() else ()
        kinds[kind] = (*unmoved, *own)
    return replace(settings, rules=kinds["rules"], gazetteers=kinds["gazetteers"])


def _is_below(path: Path, folder: Path) -> bool:
    return path.absolute().is_relative_to(folder.absolute())


def is_knowledge(path: Path) -> bool:
    """Whether a path is a folder of knowledge rather than of documents."""
    return path.is_dir() and (any((path / kind).is_dir() for kind in KINDS) or any(path.glob("*.y*ml")))


@contextmanager
def at_revision(argument: str) -> Iterator[Path | None]:
    """A temporary copy of the folder that `REVISION:` or `REVISION:FOLDER` names, as it was at the revision; None for
    other names.

    Raises RuletagError if git has no such folder, or is not available.
    """
    match = _REVISION.fullmatch(argument)
    if match is None or Path(argument).exists():
        yield None
        return
    revision, folder = match.groups()
    with TemporaryDirectory() as copy:
        with tarfile.open(fileobj=io.BytesIO(_archive(argument, revision, folder))) as archive:
            _unpack(archive, Path(copy))
        yield Path(copy, folder or ".")


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Write the regular files of an archive made by git, whose names never lead outside it."""
    for member in archive.getmembers():
        file = archive.extractfile(member) if member.isreg() else None
        if file:
            path = folder / member.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.read())


def _archive(argument: str, revision: str, folder: str) -> bytes:
    command = ["git", "archive", "--format=tar", "--end-of-options", revision, *([folder] if folder else [])]
    try:
        result = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise RuletagError(Fault(argument, "RT117", f"git cannot be run: {error.strerror}")) from None
    if result.returncode:
        reason = " ".join(result.stderr.decode("utf-8", "replace").split()) or "no reason given"
        help = "name a revision and a folder in it: HEAD~3:knowledge"
        raise RuletagError(Fault(argument, "RT117", f"git has no such folder: {reason}", help=help))
    return result.stdout


def located_below(folder: Path, name: str) -> Located:
    """Locates sources in a folder that the user named by a path, or by a git revision with a path."""
    roots = [*_roots_in(folder).values()] or [folder]
    is_revision = _REVISION.fullmatch(name) and not Path(name).exists()

    def shown(path: Path) -> str:
        inside = path.relative_to(folder)
        if is_revision:
            return f"{name.rstrip('/')}/{inside.as_posix()}".replace(":/", ":", 1)
        return openable(Path(name) / inside)

    return Located((root, path, shown(path)) for root in roots for path in yaml_files(root))
