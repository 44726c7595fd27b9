"""The results of each output of a run, for its record, and the failures, for `--failed`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO

from ruletag.errors import Fault
from ruletag.files import Input
from ruletag.manifest import Manifest, Record, file_hash, input_record, part_of, stat_of
from ruletag.outputs import writing_to
from ruletag.temporary import Reused, folder_made

EVERY = 1 << 24  # bytes of an output between two checkpoints


@dataclass
class Account:
    """The results of one output so far; `failed` are lines as `--failed` writes them."""

    documents: int = 0
    spans: int = 0
    size: int = 0
    failed: list[Record] = field(default_factory=list)
    seconds_before: float = 0.0  # spent by earlier runs
    started: float = field(default_factory=monotonic)
    digest: Any = field(default_factory=hashlib.sha256)
    stat: list[list[int]] = field(default_factory=list)  # of the input at the start

    @classmethod
    def of(cls, record: Record) -> Account:
        """The account in a record. May raise any exception if the record is not ours."""
        return cls(record["documents"], record["spans"], record["size"], record["failed"], record["seconds"])

    def watch(self, data: bytes) -> None:
        """Count bytes that were written."""
        self.digest.update(data)
        self.size += len(data)

    def count(self, documents: int, spans: int) -> None:
        """Count documents and spans that were tagged."""
        self.documents += documents
        self.spans += spans

    def fail(self, faults: Iterable[Fault], id: object) -> list[Record]:
        """Record some faults, and return their lines."""
        lines = [
            {"path": fault.path, "line": fault.line or None, "id": id, "code": fault.code, "error": fault.message}
            for fault in faults
        ]
        self.failed += lines
        return lines

    def record(self) -> Record:
        """The record of this account, without the input."""
        return {
            "size": self.size,
            "sha256": self.digest.hexdigest(),
            "documents": self.documents,
            "spans": self.spans,
            "failed": self.failed,
            "seconds": round(self.seconds_before + monotonic() - self.started, 3),
        }


class Failures:
    """The file of `--failed`: one line per failure, written immediately. With None, nothing is written."""

    def __init__(self, path: Path | None) -> None:
        """Raises RuletagError if it cannot be written."""
        self._path = path
        if path:
            with writing_to(path), folder_made(path.parent):
                path.write_bytes(b"")

    def add(self, lines: Sequence[Record]) -> None:
        """Write some lines. Raises RuletagError if that fails."""
        if self._path and lines:
            text = "".join(json.dumps(line) + "\n" for line in lines)
            with writing_to(self._path), self._path.open("ab") as file:
                file.write(text.encode("utf-8", "surrogateescape"))


class Ledger:
    """The outputs that earlier runs finished, by the number of their input, and the record of this run."""

    def __init__(
        self, manifest: Manifest | None = None, companions: Callable[[Path], Collection[Path]] = lambda _: ()
    ) -> None:
        """`companions` are the files that belong to an output. Without a manifest nothing is recorded."""
        self.done: dict[int, Account] = {}
        self._parts: dict[int, Record] = {}
        self._manifest = manifest
        self._companions = companions
        self._resumed = False
        self._last = 0  # bytes of the current output at its last checkpoint
        self._output: Path | None = None
        self._temporary: Path | None = None

    @property
    def is_recorded(self) -> bool:
        """Whether a later run can find out what this one has finished."""
        return self._manifest is not None

    def resume(self, inputs: Sequence[Input], outputs: Sequence[tuple[int, Path]]) -> set[Path]:
        """Find the complete outputs and how far the others got. Returns the temporary files to continue."""
        self._resumed = True
        temporary_paths: set[Path] = set()
        if self._manifest is None:
            return temporary_paths
        self._manifest.read()
        for number, path in outputs:
            source = inputs[number]
            if record := self._manifest.done(path, source, self._companions(path)):
                self.done[number] = Account.of(record)
            elif source.format.by_line and (record := self._manifest.part(path, source)):
                self._parts[number] = record
                temporary_paths.add(part_of(path, record))
        return temporary_paths

    def unchanged(self, outputs: Iterable[Path]) -> set[Path]:
        """The outputs that are still as an earlier run left them, with their companions."""
        paths = [path for path in outputs if self._manifest and self._manifest.made(path, self._companions(path))]
        return {file for path in paths for file in (path, *self._companions(path))}

    def line_of(self, number: int) -> int:
        """The line at which an input is continued."""
        return int(self._parts[number]["lines"]) if number in self._parts else 1

    def begin(self, number: int, source: Input, output: Path | None) -> tuple[Account, Reused | None]:
        """Begin an output. Returns its account, and the part of it that an earlier run wrote, if any."""
        self._output, self._temporary = output, None
        account, reused = Account(), None
        if output and (record := self._parts.get(number)):
            account = Account.of(record)
            account.size = 0
            reused = Reused(part_of(output, record), record["size"])
            for block in _blocks(reused):
                account.watch(block)
        account.stat = stat_of(source)
        self._last = account.size
        return account, reused

    def opened(self, file: BinaryIO) -> None:
        """Note the temporary file that the output is written to."""
        if isinstance(file.name, str):  # not a stream, which has a number
            self._temporary = Path(file.name)

    def is_resumable(self) -> bool:
        """Whether a later run can continue the temporary file of the output if this run is ended."""
        return self._resumed and self._last > 0

    def checkpoint(self, source: Input, account: Account, line: int, file: BinaryIO | None) -> None:
        """Record the output as it is before a line of its input. Raises RuletagError if that fails."""
        if self._manifest and self._output and self._temporary and file and account.size - self._last >= EVERY:
            file.flush()
            self._last = account.size
            progress = {
                "part": self._temporary.name,
                "lines": line,
                "input": {"name": source.shown, "stat": account.stat},
            }
            with writing_to(self._manifest.path):
                self._manifest.add(self._output, progress | account.record())

    def add(self, source: Input, account: Account) -> None:
        """Record a complete output, unless its input has changed. Raises RuletagError if that fails."""
        if self._manifest and self._output and source.path and stat_of(source) == account.stat:
            with writing_to(self._manifest.path):
                companion_hashes = {path.name: file_hash(path) for path in self._companions(self._output)}
                details = {"input": input_record(source), **({"beside": companion_hashes} if companion_hashes else {})}
                self._manifest.add(self._output, account.record() | details)


def _blocks(reused: Reused) -> Iterator[bytes]:
    """Yield the reused bytes of a temporary file in blocks."""
    remaining = reused.size
    with writing_to(reused.path), reused.path.open("rb") as file:
        while remaining and (block := file.read(min(remaining, 1 << 20))):
            remaining -= len(block)
            yield block
