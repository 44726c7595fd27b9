"""A portable copy of the arguments of `Tagger.load` with the user's own files, for use on another machine.

Shipped files are named, not copied: they come with the ruletag installed there.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from ruletag.errors import Fault, RuletagError
from ruletag.folders import SHIPPED, yaml_files
from ruletag.tagger import Settings

SETTINGS = "settings.json"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Settings whose paths are names of `files`; `SHIPPED` stands for the shipped knowledge."""

    parts: Settings
    files: dict[str, bytes]

    @classmethod
    def pack(cls, parts: Settings) -> Bundle:
        """Pack settings with all files that they name. Raises RuletagError if one cannot be read."""
        files: dict[str, bytes] = {}
        packed = Settings(
            _packed_all(parts.rules, "rules", files),
            _packed_all(parts.gazetteers, "gazetteers", files),
            _packed_guideline(parts.guideline, files),
            tuple(
                (label, _packed(str(path), f"lists/{number}", files))
                for number, (label, path) in enumerate(parts.lists)
            ),
            parts.engine,
            parts.memory,
        )
        return cls(packed, files)

    def unpack(self, folder: Path) -> Settings:
        """Write the files to a folder, and return settings that read them there. Shipped knowledge remains a name."""
        self._write(folder)
        return replace(
            self.parts,
            rules=_paths_in(self.parts.rules, folder),
            gazetteers=_paths_in(self.parts.gazetteers, folder),
            guideline=str(folder / self.parts.guideline) if "/" in self.parts.guideline else self.parts.guideline,
            lists=tuple((label, str(folder / name)) for label, name in self.parts.lists),
        )

    def to_disk(self, folder: Path) -> None:
        """Write the settings as `settings.json`, and the files beside it."""
        self._write(folder)
        (folder / SETTINGS).write_text(json.dumps(asdict(self.parts), indent=1), encoding="utf-8")

    @classmethod
    def from_disk(cls, folder: Path) -> Bundle:
        """Read what `to_disk` wrote. Raises RuletagError if it is missing."""
        try:
            settings = (folder / SETTINGS).read_bytes()
            paths = sorted(path for path in folder.rglob("*") if path.is_file())
            files = {
                name: path.read_bytes() for path in paths if (name := path.relative_to(folder).as_posix()) != SETTINGS
            }
        except OSError as error:
            raise RuletagError(Fault(str(error.filename), "RT101", f"cannot be read: {error.strerror}")) from None
        return cls(_parts(settings), files)

    def to_bytes(self) -> bytes:
        """Settings and files as bytes; equal bundles give equal bytes."""
        files = {name: base64.b64encode(data).decode() for name, data in sorted(self.files.items())}
        return json.dumps({"settings": asdict(self.parts), "files": files}).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Bundle:
        """Read what `to_bytes` returned. Raises RuletagError for other bytes."""
        try:
            record = json.loads(data)
            files = {_safe(name): base64.b64decode(file, validate=True) for name, file in record["files"].items()}
            settings = json.dumps(record["settings"]).encode()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise _not_a_bundle() from None
        return cls(_parts(settings), files)

    def _write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in self.files.items():
            path = folder / _safe(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _not_a_bundle() -> RuletagError:
    help = "read what the component's `to_disk` or `to_bytes` wrote"
    return RuletagError(Fault(SETTINGS, "RT110", "is not a saved ruletag component", help=help))


def _safe(name: str) -> str:
    """The name, if it stays inside its folder. Raises RuletagError for any other."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        raise _not_a_bundle()
    return name


def _parts(settings: bytes) -> Settings:
    try:
        record: dict[str, Any] = json.loads(settings)
        arguments = {key: _tuples(value) for key, value in record.items()}
        return Settings(**arguments)
    except (ValueError, TypeError, AttributeError):
        raise _not_a_bundle() from None


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _packed_all(paths: Sequence[str] | None, kind: str, files: dict[str, bytes]) -> tuple[str, ...] | None:
    if paths is None:
        return None
    return tuple(
        SHIPPED if path == SHIPPED else _packed(path, f"{kind}/{number}", files) for number, path in enumerate(paths)
    )


def _packed_guideline(guideline: str, files: dict[str, bytes]) -> str:
    is_file = guideline.endswith((".yaml", ".yml"))
    return _packed(guideline, "guideline", files) if is_file else guideline


def _packed(path: str, prefix: str, files: dict[str, bytes]) -> str:
    """Add a file, or the files of a folder, to `files`; return the name of the file or folder in the bundle.

    Of a folder, only YAML files and lists are added.
    """
    root = Path(path)
    top = f"{prefix}/{root.resolve().name}"
    paths = [root] if root.is_file() else sorted({*yaml_files(root), *root.rglob("*.txt"), *root.rglob("*.tsv")})
    try:
        for source in paths:
            name = top if source == root else f"{top}/{source.relative_to(root).as_posix()}"
            files[name] = source.read_bytes()
        if not paths:
            raise RuletagError(Fault(path, "RT101", "contains no knowledge files", help="check the path"))
    except OSError as error:
        raise RuletagError(Fault(path, "RT101", f"cannot be read: {error.strerror}")) from None
    return top


def _paths_in(names: Sequence[str] | None, folder: Path) -> tuple[str, ...] | None:
    return None if names is None else tuple(name if name == SHIPPED else str(folder / name) for name in names)
