"""Builds the compiled engine into the wheel, or beside the sources of an editable install.

Without cargo, with `RULETAG_PURE=1`, or where the build fails, the wheel is of Python alone and says so on standard
error: an install never fails for want of the engine. The reason is kept in the wheel, since pip does not show it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import platform_tags

VARIABLE = "RULETAG_PURE"
NOTE = ".missing"  # suffix of the file that says why the engine was not built, for `ruletag --version`
_CARGO = ("build", "--release", "--offline", "--locked", "--message-format", "json-render-diagnostics")
_TRY = "import ctypes, sys; ctypes.CDLL(sys.argv[1]).ruletag_layout()"


class NotBuilt(Exception):
    """There is no engine to be had; the message says why."""


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling calls before it makes a wheel, and after."""

    _folder: TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the engine; `version` is `standard` or `editable`."""
        root = Path(self.root)
        library = _module(root / "src" / "ruletag" / "core" / "library.py")
        crate = root / "src" / "core"
        placed: Path = library.PATH
        stamp = placed.with_suffix(library.STAMP)
        note = placed.with_suffix(NOTE)
        try:
            if version == "editable":
                for stale in (placed, stamp, note):
                    stale.unlink(missing_ok=True)
            built = build(crate, placed.suffix)
            if version == "editable":
                _replace(placed, built.read_bytes())
                _replace(stamp, library.sources_hash(crate).encode())
            else:
                build_data["force_include"][str(built)] = f"ruletag/core/{placed.name}"
                build_data["pure_python"] = False
                build_data["tag"] = f"py3-none-{platform_tag()}"
        except (NotBuilt, OSError) as error:
            print(f"ruletag is installed without its compiled engine and will be slower: {error}", file=sys.stderr)
            with suppress(OSError):
                if version != "editable":
                    self._folder = TemporaryDirectory()
                    note = Path(self._folder.name) / note.name
                note.write_text(f"{error}\n", encoding="utf-8")
                if version != "editable":
                    build_data["force_include"][str(note)] = f"ruletag/core/{note.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Clean up after the wheel was made."""
        if self._folder:
            self._folder.cleanup()


def build(crate: Path, suffix: str) -> Path:
    """The library that cargo makes of the crate. NotBuilt where there is none that this Python can load."""
    if os.environ.get(VARIABLE, "0") not in ("", "0"):
        raise NotBuilt(f"{VARIABLE} is set")
    cargo = shutil.which("cargo")
    if not cargo:
        raise NotBuilt("there is no cargo on PATH (see rustup.rs, or the packages of your system)")
    run = subprocess.run([cargo, *_CARGO], cwd=crate, capture_output=True, encoding="utf-8", errors="replace")
    if run.returncode:
        sys.stderr.write(run.stderr)
        first = next((line for line in run.stderr.splitlines() if line.startswith("error")), f"exit {run.returncode}")
        raise NotBuilt(f"cargo cannot build it: {first}")
    made = [path for path in map(Path, _artifacts(run.stdout)) if path.suffix == suffix]
    if len(made) != 1:
        raise NotBuilt(f"cargo made {len(made)} libraries that end in {suffix}")
    tried = subprocess.run([sys.executable, "-c", _TRY, made[0]], capture_output=True)
    if tried.returncode:
        raise NotBuilt("this Python cannot load what cargo built; both must be for the same kind of processor")
    return made[0]


def _artifacts(messages: str) -> list[str]:
    """The files that cargo says it made: a message a line."""
    files: list[str] = []
    for line in messages.splitlines():
        with suppress(ValueError):
            files += json.loads(line).get("filenames", ())
    return files


def platform_tag() -> str:
    """This platform as wheels name it: the plain one of Linux, since only an auditor can vouch for `manylinux`."""
    return next(tag for tag in platform_tags() if not tag.startswith(("manylinux", "musllinux")))


def _replace(path: Path, data: bytes) -> None:
    """Write a file anew, so that whoever has the old one open keeps it."""
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(data)
    new.replace(path)


def _module(path: Path) -> ModuleType:
    """A module of the package, which is not installed yet, by its file."""
    spec = spec_from_file_location("_ruletag_library", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
