"""The compiled engine by itself: checked builds, damaged tables, odd texts, and a missing library."""

from __future__ import annotations

import random
import shutil
import subprocess
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from makers import needs_core, rule_of, tagger_of
from random_texts import Texts
from ruletag import Tagger, engine
from ruletag.core import library
from ruletag.core.engine import Compiled, Core, CoreError
from ruletag.errors import RuletagError
from ruletag.fold import fold
from ruletag.guideline import Guideline
from ruletag.knowledge import Knowledge
from ruletag.model import LABELS
from stages import pair_of, pair_over
from test_engines import CLASSES, HOSTILE, PARAGRAPH, differences
from test_lexicon_properties import cases
from test_matcher_properties import ENTRIES, ENTRY_VALUES

CRATE = Path(__file__).parents[1] / "src" / "core"
needs_cargo = pytest.mark.skipif(
    not (shutil.which("cargo") and CRATE.is_dir()), reason="needs cargo and the sources of the core"
)
TEXT = (
    "Le roi de Paris, ROI « Roi » XIV 14e Paul chef d'état russe. O.N.U. J. Dr Paul 3,5 DE Roi\nPaul roi, Paris-Paris"
)
FOLDED = fold(TEXT)
RULES = [
    rule_of("title:( <title> ) [ Cap{1,3} ]", id="a", after="<LOC>", classes=ENTRIES),
    rule_of("[ (Cap | <LOC>)+ ] <title>", id="b", label="LOC", before="de", classes=ENTRIES),
    rule_of("@PER (Cap? lower?){0,3} [ Acronym ]", id="c", label="ORG", stage=2, priority=1),
    rule_of("[ Cap* roi* Number ]", id="d", label="MISC", stage=2, before="!Cap de"),
]


def small() -> Knowledge:
    """Entries and rules of every kind, at hand."""
    return Knowledge.of(ENTRY_VALUES, RULES, Guideline("canonical"), [b"roi", b"chef"])


@pytest.fixture
def another_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The library may be looked for elsewhere for a while."""
    library.library.cache_clear()
    monkeypatch.setattr(library, "_is_stale", lambda path: False)
    yield monkeypatch
    monkeypatch.undo()
    library.library.cache_clear()


@pytest.mark.slow
@needs_cargo
def test_crate() -> None:
    """The tests of the crate itself pass."""
    run = subprocess.run(["cargo", "test", "--offline", "--quiet"], cwd=CRATE, capture_output=True, encoding="utf-8")
    assert (run.returncode, "0 failed" in run.stdout) == (0, True), run.stdout + run.stderr


@pytest.mark.slow
@needs_cargo
def test_checked_build(another_library: pytest.MonkeyPatch, tagger: Tagger, tmp_path: Path) -> None:
    """Built with checks of overflow and bounds, the core says the same for random and hostile texts, and holds."""
    build = ["cargo", "build", "--offline", "--quiet", "--target-dir", str(tmp_path)]
    subprocess.run(build, cwd=CRATE, check=True)
    (built,) = [path for path in (tmp_path / "debug").iterdir() if path.name.endswith(library.PATH.suffix)]
    another_library.setattr(library, "PATH", built)
    pair = pair_over(Knowledge(lambda: tagger.knowledge.read))
    assert library.library()._name == str(built)
    texts = Texts(pair.plain, seed=5)
    unlike = differences(pair, (texts.next() for _ in range(300)))
    unlike += differences(pair, [HOSTILE[kind](pair.plain)[:1200] for kind in HOSTILE])
    for entries, text in cases(60):
        unlike += differences(pair_of(entries), [text])
    chance = random.Random(3)
    strings = ["".join(chance.choices(CLASSES, k=chance.randint(1, 40))) for _ in range(300)]
    unlike += differences(pair_over(small()), [TEXT, *strings, PARAGRAPH.join(strings)])
    assert unlike == []


def _damaged(compiled: Compiled, chance: random.Random) -> Mapping[str, bytes | memoryview]:
    """The sections with some numbers changed, or cut short, or one in the place of another."""
    sections = {name: bytes(section) for name, section in compiled.sections.items()}
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        name = chance.choice(sorted(sections))
        data = bytearray(sections[name])
        way = chance.choice(("bit", "number", "number", "cut", "swap", "empty"))
        if way == "bit" and data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        elif way == "number" and len(data) >= 4:
            place = chance.randrange(len(data) // 4) * 4
            value = chance.choice((0, 1, 2, 5, 0xFFFFFFFF, 0x80000000, chance.randrange(1 << 32)))
            data[place : place + 4] = array("I", [value]).tobytes()
        elif way == "cut":
            del data[chance.randrange(len(data) + 1) :]
        elif way == "swap":
            data = bytearray(sections[chance.choice(sorted(sections))])
        elif way == "empty":
            data.clear()
        sections[name] = bytes(data)
    return sections


def _outcome(compiled: Compiled) -> str:
    """The outcome of a text under some tables: it is tagged, or there is an error."""
    try:
        core = Core(compiled)
        decided = core.decide(TEXT)
        assert all(
            0 <= winner.start <= winner.end <= len(TEXT) and winner.label in LABELS for winner in decided.winners
        )
        assert len(list(decided.losses)) == len(decided.losses)
        core.hits(FOLDED, compounds=True)
        core.tokens(FOLDED)
    except CoreError as error:
        return str(error)
    return "tagged"


REFUSED, FAILED = "the tables are invalid", "the compiled engine failed"


@needs_core
def test_damaged_tables(capfd: pytest.CaptureFixture[str]) -> None:
    """Tables with anything in them are refused, or a text fails, or it is tagged; and nothing is printed."""
    chance = random.Random(8)
    compiled = small().compiled
    outcomes = {_outcome(compiled._replace(sections=_damaged(compiled, chance))) for _ in range(1500)}
    assert {"tagged", REFUSED} <= outcomes <= {"tagged", REFUSED, FAILED}
    assert capfd.readouterr() == ("", "")


@needs_core
def test_programs_that_lead_astray(capfd: pytest.CaptureFixture[str]) -> None:
    """A step that leads out of all programs makes the texts fail that come to it; the last one has to be an end."""
    compiled = small().compiled
    steps = array("I", bytes(compiled.sections["steps"]))
    outcomes = set()
    for at in range(0, len(steps), 3):
        astray = array("I", steps)
        astray[at : at + 3] = array("I", (4, 1 << 24, 0))  # a jump
        outcomes.add(_outcome(compiled._replace(sections={**compiled.sections, "steps": astray.tobytes()})))
    assert outcomes == {"tagged", FAILED, REFUSED}  # the last, where a program has no end
    assert capfd.readouterr() == ("", "")


@needs_core
def test_a_text_that_fails_is_tagged_in_plain_python(monkeypatch, caplog) -> None:
    """If the core fails on a text, plain Python tags it, and a warning says so; the next text is the core's again."""
    tagger, plain = (tagger_of(ENTRY_VALUES, RULES, engine=name) for name in ("core", "plain"))
    with monkeypatch.context() as patch:
        patch.setattr(Core, "_call", lambda *_: (_ for _ in ()).throw(CoreError("the compiled engine failed")))
        assert repr(tagger.tag(TEXT)) == repr(plain.tag(TEXT))
    warnings = ["a text was tagged in plain Python: the compiled engine failed"]
    assert [record.getMessage() for record in caplog.records] == warnings
    assert repr(tagger.tag(TEXT)) == repr(plain.tag(TEXT))
    assert len(caplog.records) == 1


@needs_core
def test_spellings_that_cannot_be_compiled(capfd: pytest.CaptureFixture[str]) -> None:
    """Sections that are no entries are an error of the core's, and nothing is printed."""
    from ruletag.core.engine import spelling_tables

    sections = small().compiled.sections
    for wrong in ({"entries": b"\xff" * 40}, {"entries": b"abc"}, {"lowers": b""}):
        with pytest.raises(CoreError, match="the spellings cannot be compiled"):
            spelling_tables({**sections, **wrong})
    assert capfd.readouterr() == ("", "")


@needs_core
def test_nothing_known() -> None:
    """An engine without entries and rules finds nothing in any text, the empty one among them."""
    tagger = tagger_of(engine="core")
    assert [list(tagger.tag(text).entities) for text in ("", " ", "\n\n", TEXT, "\ud800", "\U0010ffff")] == [[]] * 6


LACKS = {
    "it was not built when ruletag was installed": None,
    "it cannot be loaded: ": b"no library",
}


@pytest.mark.parametrize("lack", LACKS)
def test_without_a_library(another_library: pytest.MonkeyPatch, tmp_path: Path, lack: str) -> None:
    """Without a loadable library, plain Python is used; naming the core is an error."""
    path = tmp_path / library.PATH.name
    if (data := LACKS[lack]) is not None:
        path.write_bytes(data)
    another_library.setattr(library, "PATH", path)
    another_library.delenv(engine.VARIABLE, raising=False)
    assert (engine.missing().startswith(lack), engine.engine_name(), tagger_of().engine) == (True, "plain", "plain")
    for named in ("option", "variable"):
        if named == "variable":
            another_library.setenv(engine.VARIABLE, "core")
        with pytest.raises(RuletagError) as caught:
            engine.engine_name("core" if named == "option" else "")
        (fault,) = caught.value.faults
        assert (fault.path, fault.code, fault.help) == (
            "--engine",
            "RT110",
            "install ruletag where cargo is available, or use --engine plain",
        )
        assert fault.message == f"there is no compiled engine: {engine.missing()}"


def test_why_it_was_not_built(another_library: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The file left in place of the library says why plain Python is used, unless somebody chose it."""
    path = tmp_path / library.PATH.name
    path.with_suffix(engine.NOT_BUILT).write_text("no cargo\n", encoding="utf-8")
    another_library.setattr(library, "PATH", path)
    another_library.delenv(engine.VARIABLE, raising=False)
    reason = "it was not built when ruletag was installed: no cargo"
    assert (engine.missing(), engine.why_plain(), engine.described()) == (reason, reason, f"plain; {reason}")
    another_library.setenv(engine.VARIABLE, "plain")
    assert (engine.why_plain(), engine.described()) == ("RULETAG_ENGINE says so", "plain; RULETAG_ENGINE says so")


@needs_core
def test_other_sources(another_library: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a checkout whose sources are not those of the library, it is not used."""
    another_library.undo()
    path = Path(shutil.copy(library.PATH, tmp_path))
    path.with_suffix(library.STAMP).write_text("0" * 64, encoding="ascii")
    another_library.setattr(library, "PATH", path)
    another_library.setattr(library, "_CRATE", crate := tmp_path / "core")
    (crate / "src").mkdir(parents=True)
    assert engine.missing() == ""
    library.library.cache_clear()
    for name in ("Cargo.toml", "Cargo.lock", "src/lib.rs"):
        (crate / name).write_text("", encoding="ascii")
    assert engine.missing() == "it was built from other sources; pip install -e . rebuilds it"
    path.with_suffix(library.STAMP).write_text(library.sources_hash(crate), encoding="ascii")
    assert engine.missing() == ""


@needs_core
def test_another_version(another_library: pytest.MonkeyPatch) -> None:
    """A library whose tables are laid out otherwise is not used."""
    another_library.setattr(library, "LAYOUT", library.LAYOUT + 1)
    assert engine.missing() == "it is from another version"


def test_which_engine(monkeypatch) -> None:
    """The option overrides the variable; without either the core is used if it is available."""
    monkeypatch.setenv(engine.VARIABLE, "plain")
    assert engine.engine_name() == "plain"
    monkeypatch.setenv(engine.VARIABLE, "turbo")
    assert engine.engine_name("plain") == "plain"
    with pytest.raises(RuletagError, match="unknown engine 'turbo'"):
        engine.engine_name()
    monkeypatch.delenv(engine.VARIABLE)
    assert engine.engine_name() == ("plain" if engine.missing() else "core")
