"""Checks before anything is written: no output may be an input, another output, or exist already."""

from __future__ import annotations

import os
import stat
import sys
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ruletag.compression import compression
from ruletag.errors import Fault, RuletagError
from ruletag.files import STDIN
from ruletag.outputs import ELSEWHERE, cannot_write, is_stream
from ruletag.temporary import remove_abandoned

Identity = tuple[int, int] | str
_NAMED = 3  # existing outputs that a message names


def prepare_outputs(
    paths: Iterable[Path],
    inputs: Iterable[Path],
    *,
    force: bool = False,
    ours: Container[Path] = (),
    others: Iterable[Path] = (),
    kept: Container[Path] = (),
    resumable: bool = False,
    replaceable: bool = True,
) -> None:
    """Check all outputs before writing any. Raises RuletagError with all obstacles.

    Neither an output nor standard output may be one of the `inputs`, under any name. No output may be another output,
    or a file where another needs a folder; the outputs of other runs, `others`, are only checked for that. An existing
    output needs `force`, unless it is among `ours`; one message names all of them, and says whether they are
    `replaceable`, and that a `resumable` run can be resumed. Finally, temporary files left beside the outputs by killed
    writers are removed, except those in `kept`.
    """
    outputs = _resolved(paths)
    identities = _Identities(inputs)
    faults = [*_conflicts([*outputs, *_resolved(others)])]
    is_blocked = cache(_is_blocked)
    faults += [fault for output in outputs for fault in _obstacles(output, identities, is_blocked)]
    if not force:
        faulty = {fault.path for fault in faults}
        existing = [output.path for output in outputs if _is_file(output.status)]
        unexpected = [path for path in existing if path not in ours and str(path) not in faulty]
        faults += _existing_faults(unexpected, resumable, replaceable)
    if _standard_output() in identities:
        message = "standard output is redirected to an input file"
        faults.append(Fault(STDIN, "RT106", message, help="redirect it to another file"))
    if faults:
        raise RuletagError(faults)
    for folder in sorted({os.path.dirname(output.real_path) for output in outputs}):
        remove_abandoned(folder, kept)


_Status = os.stat_result | OSError | None  # None: nothing exists there


class _Output(NamedTuple):
    """A path to write to, the same path with links resolved, and its status."""

    path: Path
    real_path: str
    status: _Status


def _status(path: Path, *, follow: bool = True) -> _Status:
    """The system's status of a path, or of the link that it is."""
    try:
        return os.stat(path, follow_symlinks=follow)
    except FileNotFoundError:
        return None
    except OSError as error:
        return error


def _is_file(status: _Status) -> bool:
    return isinstance(status, os.stat_result) and stat.S_ISREG(status.st_mode)


def _resolved(paths: Iterable[Path]) -> list[_Output]:
    """Each path with its real path and status. A folder is resolved once, however many files are in it."""
    real_path = cache(os.path.realpath)
    outputs = []
    for path in paths:
        status = _status(path, follow=False)
        folder, name = os.path.split(path)
        is_link = isinstance(status, os.stat_result) and stat.S_ISLNK(status.st_mode)
        if is_link or name in ("", os.curdir, os.pardir):
            outputs.append(_Output(path, os.path.realpath(path), _status(path)))
        else:
            outputs.append(_Output(path, os.path.join(real_path(folder), name), status))
    return outputs


def _existing_faults(paths: Sequence[Path], resumable: bool, replaceable: bool) -> Iterator[Fault]:
    """A single fault for all existing outputs; nothing if there are none."""
    it = "it" if len(paths) == 1 else "them"
    help = f"use --force to replace {it}, with all corrections made in {it}" if replaceable else "name another folder"
    if len(paths) == 1:
        yield Fault(str(paths[0]), "RT106", "exists already", help=help)
    elif paths:
        folder = os.path.commonpath([path.parent for path in paths]) or os.curdir
        names = ", ".join(str(path) for path in paths[:_NAMED]) + (", …" if len(paths) > _NAMED else "")
        go_on = "; or --resume to make only what is missing" if resumable else ""
        yield Fault(folder, "RT106", f"{len(paths)} outputs exist already: {names}", help=help + go_on)


class _Identities:
    """The identities of files, looked up on first use."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = paths
        self._identities: set[Identity] | None = None

    def __contains__(self, identity: Identity | None) -> bool:
        if identity is None:
            return False
        if self._identities is None:
            statuses = [status for path in self._paths if isinstance(status := _status(path), os.stat_result)]
            files = [status for status in statuses if not stat.S_ISCHR(status.st_mode)]
            self._identities = {(status.st_dev, status.st_ino) for status in files}
        return identity in self._identities


def _standard_output() -> Identity | None:
    try:
        status = os.fstat(sys.stdout.fileno())
    except (AttributeError, OSError, ValueError):  # closed, or not a file
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def _conflicts(outputs: Sequence[_Output]) -> Iterator[Fault]:
    """Outputs that are the same file, or below one another."""
    paths_of: dict[Identity, list[Path]] = defaultdict(list)
    files = {output.real_path for output in outputs}

    @cache
    def is_below_output(folder: str) -> bool:
        return not files.isdisjoint(map(str, (Path(folder), *Path(folder).parents)))

    for path, real_path, status in outputs:
        identity = (status.st_dev, status.st_ino) if isinstance(status, os.stat_result) else real_path
        paths_of[identity].append(path)
        if is_below_output(os.path.dirname(real_path)):
            message = "cannot be written: another output is a file where a folder is needed"
            yield Fault(str(path), "RT106", message, help=ELSEWHERE)
    for paths in paths_of.values():
        if len(paths) > 1:
            message = f"{len(paths)} outputs would be written to it"
            for path in dict.fromkeys(paths):
                yield Fault(str(path), "RT106", message, help="give each output its own path")


def _is_blocked(name: str) -> bool:
    """Whether a folder cannot be made because a file has its path, or that of one of its parents."""
    folder = Path(name)
    return not next(path for path in (folder, *folder.parents) if path.exists()).is_dir()


def _obstacles(output: _Output, inputs: _Identities, is_blocked: Callable[[str], bool]) -> Iterator[Fault]:
    """The obstacles to writing to a path."""
    path, real_path, status = output
    if str(path) == STDIN:
        yield Fault(STDIN, "RT106", "is not the name of a file", help=ELSEWHERE)
    if suffix := compression(path.name):
        message, help = "would not be compressed, as its name says", f"leave out {suffix}, and compress it afterwards"
        yield Fault(str(path), "RT106", message, help=help)
    if status is None:
        if is_blocked(os.path.dirname(real_path)):
            yield cannot_write(path, NotADirectoryError())
    elif isinstance(status, OSError):
        yield cannot_write(path, status)
    elif (status.st_dev, status.st_ino) in inputs:
        yield Fault(str(path), "RT106", "is an input and is never changed", help="write to another path")
    elif not stat.S_ISREG(status.st_mode) and not is_stream(status.st_mode):
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "neither a file nor a stream"
        yield Fault(str(path), "RT106", f"is {what}", help=ELSEWHERE)
