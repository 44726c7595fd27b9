"""Source packages of the generated word lists: which files are taken from where, and how to fetch them.

Nothing is downloaded while the wanted files stand in the download folder. The version found is kept beside them.
"""

import json
import subprocess
import sys
import tarfile
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

    client: Literal["apt", "npm", "pip"]
    package: str
    licence: str
    members: Mapping[str, str]
    version: str | None = None
    """The version to ask for. None: the one that the client offers."""
    owner: str = ""
    """Whose the data are, where that is not said by the package alone."""


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
        kind = {"apt": "Debian package", "npm": "npm package", "pip": "Python package"}[self.source.client]
        owner = f", {self.source.owner}" if self.source.owner else ""
        return f"{kind} {self.source.package} {self.version}{owner} ({self.source.licence})"


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
DIVISIONS = Source(
    client="npm",
    package="@etalab/decoupage-administratif",
    version="6.0.0",
    licence="etalab-2.0",
    owner="official geographic code of INSEE, from data.gouv.fr",
    members={f"{kind}.json": f"package/data/{kind}.json" for kind in ("communes", "departements", "regions")},
)
TERRITORIES = Source(
    client="npm",
    package="cldr-localenames-full",
    version="48.2.0",
    licence="Unicode-3.0",
    members={"territories.json": "package/main/fr/territories.json"},
)
GEONAMES = Source(
    client="apt",
    package="libgeonames-common",
    licence="CC-BY-4.0",
    owner="data of GeoNames, geonames.org",
    members={"geonames.mo": "usr/share/locale/fr/LC_MESSAGES/geonames.mo"},
)
BRANDS = Source(
    client="npm",
    package="name-suggestion-index",
    version="8.0.20260918",
    licence="BSD-3-Clause",
    members={"nsi.json": "package/dist/json/nsi.min.json"},
)
LISTED = Source(
    client="pip",
    package="pytickersymbols",
    version="1.17.10",
    licence="MIT",
    members={"indices.txt": "pytickersymbols/indices_data.py"},
)
ENGLISH = Source(
    client="apt",
    package="wamerican-small",
    licence="SCOWL licence, permissive",
    members={"words.txt": "usr/share/dict/american-english-small"},
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
            version = _UNPACK[source.client](source, work)
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


def _unpack_tarball(source: Source, work: Path) -> str:
    """Download an npm package, lay it out in `work`/tree and return its version."""
    wanted = source.package if source.version is None else f"{source.package}@{source.version}"
    _run("npm", "pack", "--silent", wanted, cwd=work)
    (archive,) = work.glob("*.tgz")
    with tarfile.open(archive) as tarball:
        tarball.extractall(work / "tree", filter="data")
    package = json.loads((work / "tree" / "package" / "package.json").read_text(encoding="utf-8"))
    return str(package["version"])


_UNPACK = {"apt": _unpack_deb, "npm": _unpack_tarball, "pip": _unpack_wheel}
