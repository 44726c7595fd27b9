"""The distribution: the bounds of the dependencies, the licences, the wheel, and the source archive."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement

from ruletag import __version__

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = SETTINGS["project"]
LICENCES = PROJECT["license"].split(" AND ")
SHIPPED = [path for path in (ROOT / "gazetteers").rglob("*") if path.suffix in (".yaml", ".txt", ".tsv")]
SHIPPED = sorted(path for path in SHIPPED if "build" not in path.relative_to(ROOT).parts)

_LICENCE = re.compile(r"Licence: ([\w.-]+?)\.?$|\((?:[^()]*, )?([\w.-]+)\)")


def test_the_lowest_versions_are_those_that_are_allowed():
    """constraints-lowest.txt pins what is needed to build, run and test to its lower bound, and nothing else."""
    extras = PROJECT["optional-dependencies"]
    stated = [
        *PROJECT["dependencies"],
        *(line for line in extras["test"] if not line.startswith("ruletag[")),
        *extras["grapheme"],
        *extras["zstd"],
        *SETTINGS["build-system"]["requires"],
    ]
    requirements = [Requirement(line) for line in stated]
    lines = (ROOT / "constraints-lowest.txt").read_text(encoding="utf-8").splitlines()

    assert sorted(line for line in lines if not line.startswith("#")) == sorted(
        {f"{requirement.name}{requirement.specifier}".replace(">=", "==") for requirement in requirements}
    )


def test_extras_repeat_nothing():
    """A package is required by one extra; the others name that extra."""
    lines = [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
    names = [Requirement(line).name for line in lines if not line.startswith("ruletag[")]

    assert sorted(name for name in set(names) if names.count(name) > 1) == []


def licences_of(path: Path) -> set[str]:
    """The licences that the comment at the head of a file names."""
    head = path.read_text(encoding="utf-8").partition("\nclass:")[0].partition("\nlabel:")[0]
    lines = [line for line in head.splitlines() if re.match(r"# (Sources?:|- )", line)]
    return {match[1] or match[2] for line in lines for match in _LICENCE.finditer(line)}


def test_the_licence_expression_names_what_is_shipped():
    """The licences of the files, those of the table of sources, the texts and the expression are the same."""
    table = re.findall(r"^\|[^|]*\|[^|]*\| ([\w.-]+)[^|]*\|[^|]*\|[^|]*\|$", sources(), re.MULTILINE)
    by_file = {path: licences_of(path) for path in SHIPPED}

    assert [path for path, licences in by_file.items() if not licences] == []
    assert sorted(set().union(*by_file.values())) == sorted(LICENCES)
    assert sorted({*table} - {"licence", "---"}) == sorted(LICENCES)
    assert sorted(path.stem for path in (ROOT / "LICENSES").iterdir()) == sorted(LICENCES)


def test_every_source_of_a_file_is_in_the_table():
    """A package that the head of a file names is in SOURCES.md with the same version."""
    heads = "\n".join(path.read_text(encoding="utf-8")[:1500] for path in SHIPPED)
    named = set(re.findall(r"^# (?:Source: |- )((?:Debian|npm|Python) package [^ ]+ [^ ,]+)", heads, re.MULTILINE))

    assert sorted(package for package in named if f"| {package} " not in sources()) == []
    assert len(named) == 8


def sources() -> str:
    return (ROOT / "gazetteers" / "SOURCES.md").read_text(encoding="utf-8")


class Built(NamedTuple):
    wheel: Path
    archive: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Built:
    """The wheel and the source archive of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return Built(next(folder.glob("*.whl")), next(folder.glob("*.tar.gz")))


@pytest.mark.slow
def test_a_wheel_brings_knowledge_licences_and_templates(built):
    """Each shipped gazetteer, the table of sources, each licence text, each template and the codes are in the wheel."""
    with zipfile.ZipFile(built.wheel) as wheel:
        names = wheel.namelist()
        metadata = email.message_from_bytes(wheel.read(next(name for name in names if name.endswith("/METADATA"))))
    assets = ROOT / "src" / "ruletag" / "report" / "assets"
    info = f"ruletag-{__version__}.dist-info/licenses"
    licences = [path.relative_to(ROOT).as_posix() for path in [ROOT / "LICENSE", *(ROOT / "LICENSES").iterdir()]]
    shipped = [path.relative_to(ROOT).as_posix() for path in [*SHIPPED, ROOT / "gazetteers" / "SOURCES.md"]]

    assert metadata["License-Expression"] == PROJECT["license"]
    assert sorted(metadata.get_all("License-File")) == sorted(licences)
    assert sorted(name for name in names if name.startswith(info)) == sorted(f"{info}/{path}" for path in licences)
    assert sorted(name for name in names if "/gazetteers/" in name) == sorted(f"ruletag/shipped/{p}" for p in shipped)
    assert "ruletag/errors.md" in names
    assert sorted(name for name in names if "/assets/" in name) == sorted(
        f"ruletag/report/assets/{path.name}" for path in assets.iterdir()
    )


@pytest.fixture(scope="module")
def unpacked(built, tmp_path_factory) -> Path:
    """The folder of the unpacked source archive."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(built.archive) as archive:
        archive.extractall(folder, filter="data")
    return folder / f"ruletag-{__version__}"


@pytest.mark.slow
def test_the_source_archive_holds_the_whole_checkout(unpacked):
    """Every file that is under version control is in it."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, encoding="utf-8")
    if listing.returncode or not listing.stdout:
        pytest.skip("this is no checkout")
    tracked = [name for name in listing.stdout.rstrip("\0").split("\0") if (ROOT / name).exists()]

    assert [name for name in tracked if not (unpacked / name).is_file()] == []


@pytest.mark.slow
def test_the_source_archive_installs_and_passes_tests(unpacked, tmp_path):
    """`pip install` from the archive, without a network, gives the program; its tests test what was installed."""
    here = tmp_path / "here"
    install = [sys.executable, "-m", "pip", "install", "--no-build-isolation", "--no-deps", "--no-index"]
    subprocess.run([*install, "--target", str(here), str(unpacked)], check=True, capture_output=True)
    environment = os.environ | {"PYTHONPATH": str(here), "RULETAG_CACHE": "off", "PYTHONIOENCODING": "utf-8"}

    def run(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=unpacked, env=environment, capture_output=True, encoding="utf-8")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    where = run("-c", "import ruletag.sources; print(ruletag.__file__)")
    tagged = run("-c", "from ruletag.cli import main; main()", "tag", "examples/articles/sommet.txt")
    tests = run("-m", "pytest", "-p", "no:cacheprovider", "tests/test_fold.py", "tests/test_shipped.py")

    assert where == f"{here / 'ruletag' / '__init__.py'}\n"
    assert "\nKaisa Lehtonen_PER\n" in tagged
    assert re.search(r"^\d+ passed(, \d+ skipped)? in ", tests, re.MULTILINE)
