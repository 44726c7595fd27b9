"""Write additions into a user's folder of knowledge: all or none, and only if `check` finds nothing new."""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ruletag.check import check
from ruletag.errors import Fault, RuletagError
from ruletag.folders import openable
from ruletag.own import moved
from ruletag.sources import SourceFile
from ruletag.suggest.edit import Addition, with_items
from ruletag.tagger import Settings

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


def state_of(folder: Path) -> str:
    """A hash of all YAML files below a folder, to notice changes; a missing folder counts as an empty one."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.y*ml")) if folder.is_dir() else ():
        data = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()} {len(data)}\n".encode() + data)
    return digest.hexdigest()[:16]


def add_to(folder: Path, additions: Iterable[Addition], settings: Settings) -> list[Path]:
    """Write additions to a folder, all or none, if `check` finds nothing new. Returns the files that changed."""
    texts = edited(folder, additions)
    changed = {name: text for name, text in texts.items() if text.encode() != _bytes(folder / name)}
    if changed:
        write(folder, changed, _approval(folder, settings))
    return [folder / name for name in changed]


def edited(folder: Path, additions: Iterable[Addition]) -> dict[str, str]:
    """The new texts of the files that get additions, by path relative to the folder. Raises RuletagError with all
    faults."""
    by_file: dict[str, list[Addition]] = defaultdict(list)
    for addition in additions:
        by_file[addition.file].append(addition)
    texts = {}
    faults: list[Fault] = []
    for name, group in sorted(by_file.items()):
        try:
            texts[name] = with_items(_text(folder / name), str(folder / name), group)
        except RuletagError as error:
            faults += error.faults
    if faults:
        raise RuletagError(faults)
    return texts


def _text(path: Path) -> str | None:
    if not path.exists():
        return None
    file = SourceFile(path, str(path))
    if file.read() is None:
        raise RuletagError(file.faults)
    return path.read_bytes().decode("utf-8")


def write(folder: Path, texts: dict[str, str], approve: Callable[[Path], None] = lambda _: None) -> None:
    """Write files of a folder, all or none, even if the process is killed.

    They are written into a copy of the folder, which is then exchanged with it in one step. `approve` gets the copy
    before that, and raises to reject it. If the system cannot exchange two folders, the old one is moved away first.
    """
    with _copied(folder) as copy:
        for name, text in texts.items():
            path = copy / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        approve(copy)
        if not folder.exists():
            os.rename(copy, folder)
        elif not _exchanged(copy, folder):
            aside = copy.with_name(copy.name + ".old")
            os.rename(folder, aside)
            os.rename(copy, folder)
            shutil.rmtree(aside)


@contextmanager
def _copied(folder: Path) -> Iterator[Path]:
    """A copy of a folder, on the same file system; at the end, whatever is at its path is removed."""
    folder.absolute().parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".ruletag-", dir=folder.absolute().parent))
    try:
        copy = temporary / folder.absolute().name
        if folder.exists():
            shutil.copytree(folder, copy, symlinks=True)
        else:
            copy.mkdir()
        yield copy
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _exchanged(first: Path, second: Path) -> bool:
    """Exchange two folders in one step; returns whether that was possible."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):  # another system
        return False
    return bool(rename(_HERE, os.fsencode(first), _HERE, os.fsencode(second.absolute()), _EXCHANGE) == 0)


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _approval(folder: Path, settings: Settings) -> Callable[[Path], None]:
    """The callback that rejects a copy of the folder if `check` finds something new in it. Raises RuletagError."""

    def findings(location: Path) -> list[Fault]:
        def naming(_: Path, path: Path) -> str:  # names the file of the folder, even for a copy
            is_inside = path.absolute().is_relative_to(location)
            return openable(folder / path.absolute().relative_to(location) if is_inside else path)

        located = moved(settings, folder, location)
        try:
            return check(located.rules, located.gazetteers, located.lists, naming)
        except RuletagError as error:
            faults = (replace(fault, path=naming(location, Path(fault.path))) for fault in error.faults)
            raise RuletagError(faults) from None

    def approve(copy: Path) -> None:
        faults = findings(copy)
        if not faults:
            return
        before = {(fault.code, fault.message) for fault in findings(folder)}
        new = [fault for fault in faults if (fault.code, fault.message) not in before]
        if new:
            help = "leave the addition out, or fix what is named here"
            summary = Fault(str(folder), "RT121", "was not changed: check would have new findings there", help=help)
            relocated = _Relocated(folder, copy)
            raise RuletagError([summary, *map(relocated, new)])

    return approve


class _Relocated:
    """Maps findings in a copy of a folder to the lines of the folder itself. A line that it lacks is quoted."""

    def __init__(self, folder: Path, copy: Path) -> None:
        self._texts = {
            openable(folder / path.relative_to(copy)): (_lines(folder / path.relative_to(copy)), _lines(path))
            for path in copy.rglob("*.y*ml")
        }
        names = "|".join(map(re.escape, sorted(self._texts, reverse=True)))
        self._location = re.compile(rf"({names}):(\d+)")

    def __call__(self, fault: Fault) -> Fault:
        message = self._location.sub(lambda match: self._named(match[1], int(match[2])), fault.message)
        before, after = self._texts.get(fault.path, ([], []))
        if not 0 < fault.line <= len(after):
            return replace(fault, message=message)
        if line := _line_before(before, after, fault.line):
            return replace(fault, message=message, line=line)
        quoted = after[fault.line - 1].strip()
        return replace(fault, line=0, column=0, message=f"with this line: {message}", excerpt=quoted)

    def _named(self, path: str, line: int) -> str:
        before, after = self._texts[path]
        former = _line_before(before, after, line)
        return f"{path}:{former}" if former else f"the new line of {path}"


def _line_before(before: Sequence[str], after: Sequence[str], line: int) -> int:
    """The number that a line had before others were added; 0 if it is itself one of the added."""
    if after[:line] == before[:line]:
        return line
    text = after[line - 1]
    return before.index(text) + 1 if text in before else 0


def _lines(path: Path) -> list[str]:
    return _bytes(path).decode("utf-8", "replace").splitlines()
