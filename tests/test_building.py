"""Installing ruletag: with its compiled engine, and without it if it cannot be built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.tags import platform_tags

from ruletag import __version__
from ruletag.core.library import PATH

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
SOURCES = ("src", "rules", "gazetteers", "README.md", "CHANGELOG.md", "LICENSE", "LICENSES", "hatch_build.py", "docs")
BUILT = ("target", "__pycache__", "ruletag_core.*", "*.egg-info")
CARGO = shutil.which("cargo")
needs_cargo = pytest.mark.skipif(not CARGO, reason="cargo is not installed")
CORE = f"ruletag {__version__} (engine: core)\n"
NOT_BUILT = f"ruletag {__version__} (engine: plain; it was not built when ruletag was installed: {{}})\n"
WARNING = "ruletag is installed without its compiled engine and will be slower: "
# A build is to be quick here; what it gives is the same.
QUICK = {"CARGO_PROFILE_RELEASE_LTO": "false", "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0"}
TAGGED = "[Emmanuel Macron](PER) est arrivé à [Vienne](LOC).\n"
Python = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in which nothing was built."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in (*SOURCES, "pyproject.toml", ".gitignore"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*BUILT))
        elif (ROOT / name).is_file():
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A new virtual environment that sees what this one has installed, so that nothing is fetched."""
    folder = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    scheme = "nt" if os.name == "nt" else "posix_prefix"
    packages = Path(sysconfig.get_path("purelib", scheme, {"base": str(folder), "platbase": str(folder)}))
    (packages / "zz_outer.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")  # behind our own
    return folder


@pytest.fixture
def run(environment: Path, tmp_path: Path) -> Python:
    """Run a module in the new environment; `PATH` and other variables may be given."""

    (tmp_path / "sentence.txt").write_text("Emmanuel Macron est arrivé à Vienne.", encoding="utf-8")

    def run(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
        own = {name: value for name, value in os.environ.items() if not name.startswith(("RULETAG_", "PYTHON"))}
        own |= {"RULETAG_CACHE": str(tmp_path / "cache"), "PYTHONIOENCODING": "utf-8", **QUICK, **variables}
        command = [str(python), "-m", *map(str, arguments)]
        return subprocess.run(command, env=own, cwd=tmp_path, capture_output=True, encoding="utf-8", check=True)

    return run


def install(run: Python, *arguments: object, **variables: str) -> list[str]:
    """Install with pip, offline; the warnings of the build hook."""
    options = ("install", "--verbose", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check")
    done = run("pip", *options, *arguments, **variables)
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines()]
    return [line.removeprefix(WARNING) for line in lines if line.startswith(WARNING)]


def works(run: Python) -> tuple[str, str]:
    """The version line of the installed command, and a sentence tagged by it."""
    return run("ruletag", "--version").stdout, run("ruletag", "tag", "sentence.txt", "--to", "markup").stdout


def fake_cargo(folder: Path, script: str) -> str:
    """A PATH on which there is only a cargo that runs a script of Python."""
    folder.mkdir()
    path = folder / "cargo"
    path.write_text(f"#!{sys.executable}\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(folder)


@needs_cargo
def test_install(checkout, run):
    """With cargo the engine is built into the wheel."""
    assert install(run, checkout) == []
    assert works(run) == (CORE, TAGGED)


@pytest.mark.parametrize("value", ["1", "yes"])
def test_pure(checkout, run, value):
    """RULETAG_PURE gives the wheel without the engine, also where cargo is."""
    assert install(run, checkout, RULETAG_PURE=value) == ["RULETAG_PURE is set"]
    assert works(run) == (NOT_BUILT.format("RULETAG_PURE is set"), TAGGED)


def test_no_cargo(checkout, run, tmp_path):
    """Without cargo ruletag is installed all the same."""
    reason = "there is no cargo on PATH (see rustup.rs, or the packages of your system)"
    assert install(run, checkout, PATH=str(tmp_path)) == [reason]
    assert works(run) == (NOT_BUILT.format(reason), TAGGED)


FAILING = {
    "import sys; print('note\\nerror: no linker\\nerror: more', file=sys.stderr); sys.exit(101)": (
        "cargo cannot build it: error: no linker"
    ),
    "import sys; sys.exit(9)": "cargo cannot build it: exit 9",
    "print('no message of cargo')": f"cargo made 0 libraries that end in {PATH.suffix}",
    f"import json; print(json.dumps({{'filenames': ['/dev/null/{PATH.name}']}}))": (
        "this Python cannot load what cargo built; both must be for the same kind of processor"
    ),
}


@pytest.mark.skipif(os.name == "nt", reason="a script is no program there")
@pytest.mark.parametrize("script", FAILING)
def test_failing_cargo(checkout, run, tmp_path, script):
    """If cargo fails, ruletag is installed all the same, and says why."""
    path = os.pathsep.join([fake_cargo(tmp_path / "bin", script), os.environ["PATH"]])
    assert install(run, checkout, PATH=path) == [FAILING[script]]
    assert works(run) == (NOT_BUILT.format(FAILING[script]), TAGGED)


@needs_cargo
def test_editable(checkout, run):
    """An editable install builds beside the sources, and notices other sources than those it was built from."""
    assert install(run, "-e", checkout) == []
    assert works(run) == (CORE, TAGGED)
    with (checkout / "src" / "core" / "src" / "lib.rs").open("a", encoding="utf-8") as file:
        file.write("// changed\n")
    reason = "it was built from other sources; pip install -e . rebuilds it"
    assert works(run) == (f"ruletag {__version__} (engine: plain; {reason})\n", TAGGED)
    assert install(run, "-e", checkout) == []
    assert works(run) == (CORE, TAGGED)
    assert install(run, "-e", checkout, RULETAG_PURE="1") == ["RULETAG_PURE is set"]
    assert works(run) == (NOT_BUILT.format("RULETAG_PURE is set"), TAGGED)


BUILD_SDIST = "import os, sys; os.chdir(sys.argv[1]); from hatchling.build import build_sdist; build_sdist(sys.argv[2])"


@needs_cargo
def test_source_archive(checkout, run, tmp_path):
    """The source archive holds all that the engine is built from, and nothing that was built."""
    for name in (
        "src/core/target/debug/x",
        f"src/ruletag/core/{PATH.name}",
        "src/ruletag/core/ruletag_core.sources",
        "src/ruletag/core/ruletag_core.missing",
    ):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_bytes(b"built")
    subprocess.run([sys.executable, "-c", BUILD_SDIST, checkout, tmp_path], check=True, capture_output=True)
    [archive] = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        names = [name.partition("/")[2] for name in file.getnames()]
    crate = ROOT / "src" / "core"
    sources = [path.relative_to(ROOT).as_posix() for path in (*crate.glob("Cargo.*"), *crate.glob("src/*.rs"))]
    assert sorted(name for name in names if name.startswith("src/core/")) == sorted(sources)
    assert [name for name in names if "ruletag_core" in name] == []
    assert install(run, archive) == []
    assert works(run) == (CORE, TAGGED)


@needs_cargo
def test_wheel(checkout, run, tmp_path):
    """A wheel is for one platform and any Python 3; it works without the checkout. A pure one is for all."""
    options = ("--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", tmp_path)
    run("pip", "wheel", checkout, *options)
    run("pip", "wheel", checkout, *options, RULETAG_PURE="1")
    shutil.rmtree(checkout)
    platform = next(tag for tag in platform_tags() if "linux" not in tag or tag.startswith("linux_"))
    pure, built = sorted(tmp_path.glob("*.whl"))
    assert pure.name == f"ruletag-{__version__}-py3-none-any.whl"
    assert built.name == f"ruletag-{__version__}-py3-none-{platform}.whl"
    contents = [set(zipfile.ZipFile(wheel).namelist()) for wheel in (pure, built)]
    assert contents[1] - contents[0] == {f"ruletag/core/{PATH.name}"}
    assert contents[0] - contents[1] == {f"ruletag/core/{PATH.stem}.missing"}
    install(run, built)
    assert works(run) == (CORE, TAGGED)
