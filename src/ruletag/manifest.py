"""The record of a run, `_manifest.jsonl`: it proves that an output is complete, or how far an unfinished one got.

It has a line of JSON for each output, written before the output is moved into place: its name, size and hash, those of
the input, the version, knowledge and settings that made it, and the results. Of several lines with one name, the last
counts. A line with `part` is a checkpoint: how many lines of the input are in how many bytes of the temporary file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ruletag.files import Input, all_paths, is_manifest
from ruletag.temporary import is_temporary

Record = dict[str, Any]


def manifest_name(shard: tuple[int, int] | None) -> str:
    """The name of the record of a run, or of one shard of it: each shard writes its own."""
    return "_manifest.jsonl" if shard is None else f"_manifest-{shard[0]}-of-{shard[1]}.jsonl"


class Manifest:
    """The record of the outputs below a folder. `made` is the version, the knowledge and the settings of this run."""

    def __init__(self, path: Path, made: Mapping[str, str]) -> None:
        self.path = path
        self._made = dict(made)
        self._done: dict[str, Record] = {}
        self._parts: dict[str, Record] = {}

    def read(self) -> None:
        """Read what earlier runs recorded in the folder. Incomplete lines count as absent."""
        folder = self.path.parent
        names = sorted(filter(is_manifest, os.listdir(folder))) if folder.is_dir() else []
        for name in names:
            for line in (folder / name).read_bytes().splitlines():
                try:
                    record = json.loads(line)
                    records = self._parts if "part" in record else self._done
                    records[record["name"]] = record
                except (ValueError, TypeError, KeyError, RecursionError):
                    continue

    def add(self, output: Path, record: Record) -> None:
        """Record an output, or a checkpoint. Raises OSError if it cannot be written."""
        record = {"name": self._name(output), **record, **self._made}
        line = json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                line = line if file.read(1) == b"\n" else b"\n" + line  # a writer was killed in the middle of a line
            file.write(line)

    def made(self, output: Path, beside: Iterable[Path] = ()) -> bool:
        """Whether an output and its companions are unchanged since a run wrote them."""
        record = self._done.get(self._name(output), {})
        files = record.get("beside")
        files = files if isinstance(files, dict) else {}
        return _hash([output]) == record.get("sha256", "") and all(
            not path.exists() or _hash([path]) == files.get(path.name) for path in beside
        )

    def done(self, output: Path, source: Input, beside: Iterable[Path] = ()) -> Record | None:
        """The record of an output that is complete and that this run would write unchanged; None if there is none."""
        record = self._done.get(self._name(output))
        if record is None or any(record.get(name) != value for name, value in self._made.items()):
            return None
        files = list(beside)
        is_same_input = _nested(record, "input", "sha256") == _hash(all_paths(source))
        return record if is_same_input and self.made(output, files) and all(path.exists() for path in files) else None

    def part(self, output: Path, source: Input) -> Record | None:
        """The last checkpoint of an output whose temporary file still exists, with the same input and settings."""
        record = self._parts.get(self._name(output))
        if record is None or any(record.get(name) != value for name, value in self._made.items()):
            return None
        if not is_temporary(str(record["part"])) or _nested(record, "input", "stat") != stat_of(source):
            return None
        path, size = part_of(output, record), record.get("size")
        try:
            with path.open("rb") as file:
                digest = hashlib.sha256()
                remaining = int(size) if type(size) is int else -1
                while remaining > 0 and (block := file.read(min(remaining, 1 << 20))):
                    digest.update(block)
                    remaining -= len(block)
        except OSError:
            return None
        return record if remaining == 0 and digest.hexdigest() == record.get("sha256") else None

    def _name(self, output: Path) -> str:
        return Path(os.path.relpath(output, self.path.parent)).as_posix()


def part_of(output: Path, record: Record) -> Path:
    """The temporary file of a checkpoint of an output, which may be a link."""
    return Path(os.path.realpath(output)).parent / str(record["part"])


def input_record(source: Input) -> Record:
    """The record of an input; reads its files for their hash."""
    return {"name": source.shown, "stat": stat_of(source), "sha256": _hash(all_paths(source))}


def stat_of(source: Input) -> list[list[int]]:
    """The sizes and times of the files of an input, which show a later run that it has not changed."""
    try:
        return [[status.st_size, status.st_mtime_ns] for status in (path.stat() for path in all_paths(source))]
    except OSError:
        return []


def file_hash(path: Path) -> str:
    """The hash of the contents of a file. Raises OSError if it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash(paths: Iterable[Path]) -> str | None:
    """The hash of some files, None if one cannot be read."""
    try:
        return " ".join(file_hash(path) for path in paths)
    except OSError:
        return None


def _nested(record: Record, *names: str) -> Any:
    """The value under nested names; None if it is missing."""
    value: Any = record
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
