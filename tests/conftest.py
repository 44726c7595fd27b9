"""Shared by the test modules: the taggers of the shipped knowledge, and the command line in this process."""

from __future__ import annotations

import gc
import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple, NoReturn

import click
import pytest

import properties
import ruletag.folders
import ruletag.gazetteer
import ruletag.knowledge
from ruletag import Tagger, __version__, cache
from ruletag.cli import main
from ruletag.folders import SHIPPED, Folders, GazetteerFile, gazetteer_files, listed

WHOLE = frozenset({"taggers", "cli", "start", "terminal"})
WHOLE_MODULES = frozenset(
    f"test_{name}"
    for name in """bench_quality bench_speed browser building convert diff_command docs html record review review_page
    scorers servers shipped site suggest_command""".split()  # noqa: SIM905 - a word list
)

ALL = ruletag.folders.shipped("gazetteers")  # tests put less in its place
# What else only slow tests do, by the function that it goes through.
SLOW = (
    (subprocess.Popen, "__init__", "starts a process"),
    (BaseProcess, "start", "starts a process"),
    (os, "fork", "starts a process"),
    (click.Command, "main", "goes through the command line"),
)


def pytest_configure(config: pytest.Config) -> None:
    """The unit suite tries fewer examples of each property."""
    properties.choose(config)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """The unit suite does not read modules that have nothing for it: pytest spends longer on reading than on tests."""
    return True if properties.of_units and collection_path.stem in WHOLE_MODULES else None


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Tests that use the command line, all knowledge or another scorer are not unit tests."""
    for item in items:
        if not WHOLE.isdisjoint(getattr(item, "fixturenames", ())) or item.path.stem in WHOLE_MODULES:
            item.add_marker("slow")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A unit test fails if it does what only slow tests may, so `slow` is never forgotten."""
    if item.get_closest_marker("slow"):
        return (yield)
    with pytest.MonkeyPatch.context() as patch:
        for owner, name, what in SLOW:
            patch.setattr(owner, name, _refusing(what), raising=False)  # nothing forks on Windows
        for module in (ruletag.gazetteer, ruletag.knowledge):
            patch.setattr(module, "gazetteer_files", _files_of_a_unit)
        return (yield)


def _refusing(what: str) -> Callable[..., NoReturn]:
    def refuse(*_args: object, **_options: object) -> NoReturn:
        pytest.fail(f"this {what}: mark the test with `slow`")

    return refuse


def _files_of_a_unit(folders: Folders = None) -> list[GazetteerFile]:
    if SHIPPED in listed(folders) and ruletag.folders.shipped("gazetteers") == ALL:
        pytest.fail("this loads all knowledge: mark the test with `slow`")
    return gazetteer_files(folders)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Compiled knowledge is kept for the tests alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(cache.VARIABLE, str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _signals() -> None:
    """Processes that tests start can be ended by signals, even if the tests run in the background or under nohup.

    Python installs no handler for a signal that is ignored when it starts, and what is ignored is inherited.
    """
    for name, handler in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(scope="session")
def taggers() -> list[Tagger]:
    """The shipped knowledge under `canonical` and `seed`, loaded once and excluded from garbage collection."""
    loaded = Tagger.load_each(["canonical", "seed"])
    gc.collect()
    gc.freeze()
    return loaded


@pytest.fixture(scope="session")
def tagger(taggers: list[Tagger]) -> Tagger:
    """The shipped knowledge under the guideline `canonical`."""
    return taggers[0]


@pytest.fixture(scope="session")
def seed_tagger(taggers: list[Tagger]) -> Tagger:
    """The shipped knowledge under the guideline `seed`."""
    return taggers[1]


# A little sound knowledge, which `ruletag check` has nothing to say about.
SMALL = {
    "gazetteers/people.yaml": """\
label: PER
entries:
  - {name: Emmanuel Macron, alone: true, id: Q3052772}
  - Kaisa Lehtonen
""",
    "gazetteers/places.yaml": """\
label: LOC
entries:
  - Paris
  - Chine
  - {name: Orange, ambiguous: true}
""",
    "gazetteers/organisations.yaml": """\
label: ORG
entries:
  - {name: Organisation des Nations unies, acronym: ONU}
  - {name: Orange, ambiguous: true}
""",
    "gazetteers/words/common-words.txt": """\
# French words in lower case.
orange
pierre
""",
    "gazetteers/words/civilities.yaml": """\
class: civility
entries: [M., Mme]
""",
    "gazetteers/words/demonyms.yaml": """\
class: demonym
entries: [chinois, {name: français, aliases: [française]}]
""",
    "gazetteers/words/particles.yaml": """\
class: particle
entries: [de]
""",
    "gazetteers/words/titles.yaml": """\
class: title
entries: [ministre, {name: président, aliases: [présidente]}]
""",
    "rules/guidelines/canonical.yaml": """\
name: canonical
why: No titles, no determiners.
""",
    "rules/guidelines/seed.yaml": """\
name: seed
why: A bare surname keeps its title, China its article.
title-with-surname: keep
determiner: keep
determiner-names: [Chine]
heads: {ORG: [mairie de]}
rules:
  - id: seed.determiner
    label: LOC
    why: A country with its article.
    match: "det:( la ) [ <LOC> ]"
    examples: ["La [Chine](LOC) attend.", "Paris attend."]
""",
    "rules/names.yaml": """\
rules:
  - id: per.title-name
    label: PER
    why: A title followed by a capitalised word is a person.
    match: "title:( <title> demonym:( <demonym> )? ) [ Cap{1,3} ]"
    examples: ["La ministre française [Odile Varenne](PER) attend.", "La ministre attend."]
  - id: per.civility-name
    label: PER
    why: A civility announces a person.
    match: "civility:( <civility> ) [ Cap ]"
    examples: ["Selon M. [Varenne](PER), il pleut.", "Selon M., il pleut."]
  - id: org.group
    label: ORG
    why: A group is followed by its name.
    match: "groupe [ <ORG> ]"
    examples: ["Le groupe [Orange](ORG) recrute.", "La groseille et l'orange."]
  - id: loc.inside
    label: LOC
    why: The preposition of places.
    match: "à [ <LOC> ]"
    examples: ["Il vit à [Orange](LOC).", "Il mange une orange."]
""",
}


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the little knowledge, with `rules` and `gazetteers` below it."""
    folder = tmp_path_factory.mktemp("small")
    for name, text in SMALL.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def small_tagger(small_folder: Path) -> Tagger:
    """A tagger of the little knowledge and of nothing else: the words that ship take seconds to read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ruletag.folders, "home", small_folder)
        loaded = Tagger.load(small_folder / "rules", small_folder / "gazetteers")
        loaded.tag("")
    return loaded


@pytest.fixture
def small(small_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The little knowledge replaces the shipped one, so that a test is quick and knows every entry and rule."""
    monkeypatch.setattr(ruletag.folders, "home", small_folder)
    return small_folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the test is the working folder: faults name files by the way from there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Run(NamedTuple):
    """The result of one call of the command: its exit code and both streams, decoded, with line ends as written."""

    code: int
    out: str
    err: str


Cli = Callable[..., Run]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """`cli("tag", "a.txt", stdin=b"...")` runs the command in this process, with `tmp_path` as its working folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object, stdin: str | bytes = b"") -> Run:
        stdin_bytes = stdin.encode() if isinstance(stdin, str) else stdin
        streams = [io.TextIOWrapper(io.BytesIO(data), encoding="utf-8") for data in (stdin_bytes, b"", b"")]
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["ruletag", *map(str, arguments)])
            for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
                patch.setattr(sys, name, stream)
            with pytest.raises(SystemExit) as stop:
                main()
        return Run(int(stop.value.code or 0), *_written(streams[1:]))

    return run


@pytest.fixture
def as_kept() -> Callable[[str, str], None]:
    """`as_kept("agree.txt", out)` compares a long output with the one in `golden/commands`; no day and hash counts.

    `RULETAG_RECORD=1` keeps what is printed now: read the difference before you commit it.
    """

    def as_kept(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / "commands" / name
        shown = re.sub(r"\bhash [0-9a-f]{12}\b", "hash HASH", re.sub(r"\b20\d\d-\d\d-\d\d\b", "DATE", text))
        shown = shown.replace(f"ruletag suggest {__version__}\n", "ruletag suggest VERSION\n")
        if os.environ.get("RULETAG_RECORD"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(shown.encode())
        assert shown == path.read_bytes().decode()

    return as_kept


def _written(streams: Sequence[io.TextIOWrapper]) -> list[str]:
    written = []
    for stream in streams:
        stream.flush()
        written.append(stream.buffer.getvalue().decode("utf-8", "surrogateescape"))  # type: ignore[attr-defined]
    return written
