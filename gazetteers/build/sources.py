"""Source packages of the generated word lists: which files are taken from where, and how to fetch them.

Nothing is downloaded while the wanted files stand in the download folder. The version found is kept beside them.
"""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DOWNLOADS = Path(__file__).parent / "downloads"
_VERSION_FILE = "VERSION"


@dataclass(frozen=True, slots=True)
class Source:
    """A package of a registry. `members` maps the local name of a file to its path in the package.

    Source code gets a local name in .txt: it is read, never run or checked.
    """

    client: Literal["apt", "pip"]
    package: str
    licence: str
    members: Mapping[str, str]
    version: str | None = None
    """The version to ask for. None: the one that the client offers."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A source on disk."""

    source: Source
    version: str
    folder: Path

    def path(self, name: str) -> Path:
        """Return where the file with this local name lies."""
        return self.folder / name

    def credit(self) -> str:
        """Return the line that a generated file says about it."""
        kind = {"apt": "Debian package", "pip": "Python package"}[self.source.client]
        return f"{kind} {self.source.package} {self.version} ({self.source.licence})"


HUNSPELL = Source(
    client="apt",
    package="hunspell-fr-comprehensive",
    licence="MPL-2.0",
    members={"fr.aff": "usr/share/hunspell/fr.aff", "fr.dic": "usr/share/hunspell/fr.dic"},
)
MIMESIS = Source(
    client="pip",
    package="mimesis",
    version="22.2.0",
    licence="MIT",
    members={"person.json": "mimesis/datasets/fr/person.json"},
)
FAKER = Source(
    client="pip",
    package="Faker",
    version="40.54.0",
    licence="MIT",
    members={
        f"{locale}.txt": f"faker/providers/person/{locale}/__init__.py"
        for locale in ("fr_BE", "fr_CA", "fr_CH", "fr_DZ", "fr_FR")
    },
)


def fetch(source: Source, downloads: Path = DOWNLOADS) -> Fetched:
    """Return the source on disk, downloaded first if a file of it is absent.

    Raise subprocess.CalledProcessError where the client fails (apt-get wants an up-to-date index: apt-get update).
    """
    folder = downloads / source.package
    version_file = folder / _VERSION_FILE
    if not all((folder / name).is_file() for name in (_VERSION_FILE, *source.members)):
        folder.mkdir(parents=True, exist_ok=True)
        (downloads / ".gitignore").write_text("*\n", encoding="utf-8")
        with tempfile.TemporaryDirectory() as temporary:
            work = Path(temporary)
            version = _unpack_deb(source, work) if source.client == "apt" else _unpack_wheel(source, work)
            for name, member in source.members.items():
                (folder / name).write_bytes((work / "tree" / member).read_bytes())
        version_file.write_text(version + "\n", encoding="utf-8")
    return Fetched(source, version_file.read_text(encoding="utf-8").strip(), folder)


def _run(*command: str, cwd: Path) -> str:
    """Run a client and return what it printed."""
    return subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.PIPE, text=True).stdout


def _unpack_deb(source: Source, work: Path) -> str:
    """Download a Debian package, lay it out in `work`/tree and return its version."""
    wanted = source.package if source.version is None else f"{source.package}={source.version}"
    _run("apt-get", "download", wanted, cwd=work)
    (archive,) = work.glob("*.deb")
    _run("dpkg-deb", "-x", archive.name, "tree", cwd=work)
    return _run("dpkg-deb", "-f", archive.name, "Version", cwd=work).strip()


def _unpack_wheel(source: Source, work: Path) -> str:
    """Download a wheel, lay it out in `work`/tree and return its version."""
    wanted = source.package if source.version is None else f"{source.package}=={source.version}"
    _run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", wanted, cwd=work)
    (archive,) = work.glob("*.whl")
    with zipfile.ZipFile(archive) as wheel:
        wheel.extractall(work / "tree")
    return archive.name.split("-")[1]
