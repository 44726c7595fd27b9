"""What speaks against outputs, found out before any is written: an input among them, one twice, one that exists."""

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
_NAMED = 3  # of the outputs that exist already


def prepare_outputs(
    paths: Iterable[Path],
    read: Iterable[Path],
    *,
    force: bool = False,
    ours: Container[Path] = (),
    others: Iterable[Path] = (),
    kept: Container[Path] = (),
    resumable: bool = False,
    replaceable: bool = True,
) -> None:
    """Check everything that is to be written before writing anything. Raises RuletagError with all obstacles.

    No output may be a file that is `read`, under any name, and neither may standard output; none may be another output,
    and none may have to be a folder; `others` are those of other runs, which are only checked for that. An existing
    output needs `force`, unless it is among `ours`; if there are several, one message names them all, and says whether
    they are `replaceable`, and that a `resumable` run can be resumed. Then whatever killed writers left beside them is
    removed, except what is to be `kept`.
    """
    outputs = _looked_up(paths)
    identities = _Identities(read)
    faults = [*_among_themselves([*outputs, *_looked_up(others)])]
    is_blocked = cache(_is_blocked)
    faults += [fault for output in outputs for fault in _against(output, identities, is_blocked)]
    if not force:
        wrong = {fault.path for fault in faults}
        there = [output.path for output in outputs if _is_file(output.status)]
        faults += _existing(
            [path for path in there if path not in ours and str(path) not in wrong], resumable, replaceable
        )
    if _standard_output() in identities:
        message = "standard output is redirected to an input file"
        faults.append(Fault(STDIN, "RT106", message, help="redirect it to another file"))
    if faults:
        raise RuletagError(faults)
    for folder in sorted({os.path.dirname(output.place) for output in outputs}):
        remove_abandoned(folder, kept)


_Status = os.stat_result | OSError | None  # None: there is nothing


class _Output(NamedTuple):
    """Where something is to be written, where that really is, and the system's status of it."""

    path: Path
    place: str
    status: _Status


def _status(path: Path, *, follow: bool = True) -> _Status:
    """The system's status of a path, or of the link that it is."""
    try:
        return os.stat(path, follow_symlinks=follow)
    except FileNotFoundError:
        return None
    except OSError as error:
        return error


def _is_file(found: _Status) -> bool:
    return isinstance(found, os.stat_result) and stat.S_ISREG(found.st_mode)


def _looked_up(paths: Iterable[Path]) -> list[_Output]:
    """Each path with what is there. A folder is looked up once, however many files are in it."""
    real = cache(os.path.realpath)
    found = []
    for path in paths:
        status = _status(path, follow=False)
        folder, name = os.path.split(path)
        is_link = isinstance(status, os.stat_result) and stat.S_ISLNK(status.st_mode)
        if is_link or name in ("", os.curdir, os.pardir):
            found.append(_Output(path, os.path.realpath(path), _status(path)))
        else:
            found.append(_Output(path, os.path.join(real(folder), name), status))
    return found


def _existing(paths: Sequence[Path], resumable: bool, replaceable: bool) -> Iterator[Fault]:
    """The fault for existing outputs: one for all, however many there are."""
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
    """Identifies each of some files among all others; computed when first asked."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = paths
        self._found: set[Identity] | None = None

    def __contains__(self, identity: Identity | None) -> bool:
        if identity is None:
            return False
        if self._found is None:
            looked = [found for path in self._paths if isinstance(found := _status(path), os.stat_result)]
            self._found = {(found.st_dev, found.st_ino) for found in looked if not stat.S_ISCHR(found.st_mode)}
        return identity in self._found


def _standard_output() -> Identity | None:
    try:
        found = os.fstat(sys.stdout.fileno())
    except (AttributeError, OSError, ValueError):  # closed, or not a file
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def _among_themselves(outputs: Sequence[_Output]) -> Iterator[Fault]:
    """Outputs that are the same file, or below one another."""
    same: dict[Identity, list[Path]] = defaultdict(list)
    files = {output.place for output in outputs}

    @cache
    def is_below_one(folder: str) -> bool:
        return not files.isdisjoint(map(str, (Path(folder), *Path(folder).parents)))

    for path, place, found in outputs:
        same[(found.st_dev, found.st_ino) if isinstance(found, os.stat_result) else place].append(path)
        if is_below_one(os.path.dirname(place)):
            message = "cannot be written: another output is a file where a folder is needed"
            yield Fault(str(path), "RT106", message, help=ELSEWHERE)
    for names in same.values():
        if len(names) > 1:
            message = f"{len(names)} outputs would be written to it"
            for path in dict.fromkeys(names):
                yield Fault(str(path), "RT106", message, help="give each its own path")


def _is_blocked(name: str) -> bool:
    """Whether a folder cannot be made because there is a file in its place, or where one above it would be."""
    folder = Path(name)
    return not next(each for each in (folder, *folder.parents) if each.exists()).is_dir()


def _against(output: _Output, read: _Identities, is_blocked: Callable[[str], bool]) -> Iterator[Fault]:
    """The obstacles to writing to a path."""
    path, place, found = output
    if suffix := compression(path.name):
        message, help = "would not be compressed, as its name says", f"leave out {suffix}, and compress it afterwards"
        yield Fault(str(path), "RT106", message, help=help)
    if found is None:
        if is_blocked(os.path.dirname(place)):
            yield cannot_write(path, NotADirectoryError())
    elif isinstance(found, OSError):
        yield cannot_write(path, found)
    elif (found.st_dev, found.st_ino) in read:
        yield Fault(str(path), "RT106", "is an input and is never changed", help="write to another path")
    elif not stat.S_ISREG(found.st_mode) and not is_stream(found.st_mode):
        what = "a folder" if stat.S_ISDIR(found.st_mode) else "neither a file nor a stream"
        yield Fault(str(path), "RT106", f"is {what}", help=ELSEWHERE)
