"""Compiled knowledge: the cached form equals the compiled one, and any change compiles it again."""

from __future__ import annotations

import json
import multiprocessing
from array import array
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from makers import ENGINES, NAMES, needs_core
from ruletag import Tagger, cache, knowledge
from ruletag.errors import RuletagError
from ruletag.guideline import Guideline
from ruletag.knowledge import Knowledge
from ruletag.model import LABELS, Entry, Source

TEXT = "Le ministre chinois Wang, Emmanuel Macron et Macron sont à Orange (OCS) ; M. Wang, lui, l'ONU, PARIS."


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    """A cache of its own for each test."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def own(tmp_path, small_folder):
    """A copy of the little knowledge, which a test may change."""
    for path in small_folder.rglob("*.*"):
        copy = tmp_path / path.relative_to(small_folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    return tmp_path


@pytest.fixture
def folder(own, monkeypatch):
    """The same folder, in place of the shipped knowledge."""
    monkeypatch.setattr("ruletag.folders.home", own)
    return own


def load(folder, guideline="canonical", **options):
    return Tagger.load(folder / "rules", folder / "gazetteers", guideline, **options)


def names(cache_folder):
    return sorted(path.name for path in cache_folder.iterdir()) if cache_folder.exists() else []


def refuse(*_, **__):
    raise AssertionError("the files were read")


@needs_core
@pytest.mark.parametrize("guideline", ["canonical", "seed"])
def test_cold_and_warm_are_the_same(folder, monkeypatch, guideline):
    """Cached knowledge tags a text like knowledge just compiled, and no file is parsed for it."""
    cold = load(folder, guideline)
    with monkeypatch.context() as patch:
        patch.setattr(knowledge._Files, "read", refuse)
        warm = load(folder, guideline)
        assert repr(warm.tag(TEXT)) == repr(cold.tag(TEXT))
        assert len(warm.tag(TEXT).entities) > 3
        assert (tuple(warm.entries), warm.guideline) == (tuple(cold.entries), cold.guideline)
        assert warm.guideline.written == cold.guideline.written
    warm = load(folder, guideline)
    assert repr(warm.explain(TEXT)) == repr(cold.explain(TEXT))
    assert warm.rules == cold.rules


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_what_ships_is_the_same_cold_and_warm(engine):
    """All shipped knowledge: the same entries, the same documents."""
    cold, warm = (Tagger.load(engine=engine) for _ in range(2))
    for text in (TEXT, TEXT * 700):
        assert repr(warm.tag(text)) == repr(cold.tag(text))
    assert tuple(warm.entries) == tuple(cold.entries)


CHANGES = {
    "an entry": ("gazetteers/places.yaml", "Paris", "Lagos"),
    "a class": ("gazetteers/words/titles.yaml", "ministre", "consul"),
    "a rule": ("rules/names.yaml", "Cap{1,3}", "Cap{1,2}"),
    "a word of the language": ("gazetteers/words/common-words.txt", "pierre", "poivre"),
    "a guideline": ("rules/guidelines/canonical.yaml", "No titles", "No title"),
}


@needs_core
@pytest.mark.parametrize("change", CHANGES)
def test_any_change_is_compiled_anew(folder, cache_folder, change):
    """A changed file is another key; changed back, the cached file is used again."""
    load(folder)
    before = names(cache_folder)
    name, old, new = CHANGES[change]
    text = (folder / name).read_text(encoding="utf-8")
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    load(folder)
    assert len(names(cache_folder)) == 2
    (folder / name).write_text(text, encoding="utf-8")
    load(folder)
    assert len(names(cache_folder)) == 2
    assert set(before) < set(names(cache_folder))


@needs_core
def test_all_that_goes_in_makes_the_key(folder, cache_folder):
    """Guideline, lists, their labels and the names that spans show are in the key; engine and memory are not."""
    (folder / "clubs.txt").write_text("Stade Rennais\n", encoding="utf-8")
    for options in (
        {},
        {"guideline": "seed"},
        {"lists": [("ORG", folder / "clubs.txt")]},
        {"lists": [("LOC", folder / "clubs.txt")]},
    ):
        load(folder, **options)
    assert len(names(cache_folder)) == 4
    (folder / "gazetteers" / "places.yaml").rename(folder / "gazetteers" / "lieux.yaml")
    [paris] = load(folder).tag("Paris").entities
    assert (len(names(cache_folder)), paris.source.path) == (5, "gazetteers/lieux.yaml")
    load(folder, memory=False)
    load(folder, engine="plain")
    assert len(names(cache_folder)) == 5


@needs_core
def test_faults_are_never_kept(folder, cache_folder):
    """Knowledge with a fault says so each time, and leaves nothing behind."""
    (folder / "gazetteers" / "places.yaml").write_text("label: LOC\nentries: [Paris, Paris: 1]\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(RuletagError):
            load(folder)
    assert names(cache_folder) == []


@needs_core
def test_a_file_that_changes_meanwhile(folder, cache_folder, monkeypatch):
    """Knowledge read while a file changed is used, but not cached under the key of the earlier content."""
    read = knowledge._Files.read

    def change(files, guideline):
        (folder / "gazetteers" / "places.yaml").write_text("label: LOC\nentries: [Lagos]\n", encoding="utf-8")
        return read(files, guideline)

    monkeypatch.setattr(knowledge._Files, "read", change)
    assert [entity.text for entity in load(folder).tag("Paris, Lagos").entities] == ["Lagos"]
    assert names(cache_folder) == []


@needs_core
def test_a_damaged_file_is_made_anew(folder, cache_folder):
    """A truncated or foreign cache file is compiled again, and then it is whole."""
    documents = [load(folder).tag(TEXT)]
    [path] = cache_folder.iterdir()
    whole = path.read_bytes()
    for damaged in (b"", whole[:-1], b"mine"):
        path.write_bytes(damaged)
        documents.append(load(folder).tag(TEXT))
        assert path.read_bytes() == whole
    assert documents == documents[:1] * 4


def test_without_a_cache(folder, cache_folder, monkeypatch):
    """If nothing can be cached, everything still works."""
    expected = load(folder).tag(TEXT)
    for value in ("off", str(folder / "rules" / "names.yaml")):
        monkeypatch.setenv(cache.VARIABLE, value)
        assert load(folder).tag(TEXT) == expected


def _load_and_tag(folder, answers):
    answers.put(repr(load(Path(folder)).tag(TEXT)))


@needs_core
@pytest.mark.slow
def test_two_processes_at_once(own, cache_folder):
    """Several processes compile, keep and load the same at the same time: one whole file, the same documents."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    processes = [context.Process(target=_load_and_tag, args=(str(own), answers)) for _ in range(3)]
    for process in processes:
        process.start()
    outcomes = {answers.get(timeout=60) for _ in processes}
    for process in processes:
        process.join()
    assert outcomes == {repr(load(own).tag(TEXT))}
    assert len(names(cache_folder)) == 1


def test_the_same_bytes_everywhere(cli, own):
    """One process or two, with a cache or without, with either engine: the same bytes."""
    lines = [json.dumps({"id": str(number), "text": f"{TEXT} {number}. Macron !"}) for number in range(300)]
    (own / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    options = ("--rules", own / "rules", "--gazetteers", own / "gazetteers")
    outcomes = set()
    for engine in NAMES:
        for jobs in (1, 2):
            for _ in ("cold", "warm"):
                outcomes.add(cli("tag", "a.jsonl", "-j", jobs, "--engine", engine, *options))
            cli("cache", "--clear")
    [run] = outcomes
    assert (run.code, run.out.count("\n"), "Macron" in run.out) == (0, 300, True)


SURFACES = ["Paris", "Œuvre d'Orient", "'Ndrangheta", "Yahoo!", "de Gaulle", "!", "a\nb\ud800", "l'an I", "Saint-Denis"]
sources = st.builds(Source, st.just("entry"), st.sampled_from(SURFACES), st.just("é.yaml"), st.integers(0, 9))
entries = st.lists(
    st.builds(
        Entry,
        st.sampled_from(SURFACES),
        st.sampled_from([*LABELS, "title", "demonym", "demonym-prefix"]),
        sources,
        st.booleans(),
        st.sampled_from([None, "Q1"]),
        st.sampled_from([None, "", "d'Orient", "Gaulle"]),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
)


@needs_core
@example([Entry("Ana", "PER", Source("entry", "Ana", "a.yaml", 1), surname="d'Orient")])
@given(entries)
def test_entries_come_back(given_entries):
    """Entries that were kept are those that were compiled, in their order, one by one, from behind and in slices."""
    made = Knowledge.of(given_entries, (), Guideline("canonical")).compiled
    sections = {name: memoryview(bytearray(data)) for name, data in knowledge._packed(made).items()}
    again = knowledge._unpacked(sections, refuse).entries
    assert list(again) == list(made.entries)
    assert again[1:3] == tuple(made.entries[1:3])
    assert again[-1:] == tuple(made.entries[-1:])
    with pytest.raises(IndexError):
        again[len(made.entries)]


def swapped(old, new, section="head"):
    """The sections with something else in one of them."""
    return lambda sections: sections | {section: sections[section].replace(old, new)}


def without(name):
    return lambda sections: {other: data for other, data in sections.items() if other != name}


def numbers(name, change):
    """The sections with other numbers in a table."""

    def changed(sections):
        values = array("I", sections[name])
        change(values)
        return sections | {name: values.tobytes()}

    return changed


def head(change):
    """The sections with something else in the head."""

    def changed(sections):
        head_data = json.loads(sections["head"])
        change(head_data)
        return sections | {"head": json.dumps(head_data).encode()}

    return changed


def put(place, value):
    return lambda values: values.__setitem__(place, value)


FAR = 1 << 31
HOSTILE = {
    "nothing": lambda sections: {},
    "no head": without("head"),
    "no steps": without("steps"),
    "no entry rows": without("entry-rows"),
    "a head that is no JSON": lambda sections: sections | {"head": b"["},
    "a head that is not UTF-8": lambda sections: sections | {"head": b"\xff"},
    "a head nested deep": lambda sections: sections | {"head": b"[" * 100_000},
    "a head that is a list": lambda sections: sections | {"head": b"[]"},
    "a number of 5,000 digits": swapped(b'"keys": [', b'"keys": [' + b"9" * 5_000 + b","),
    "rules that are too few": head(lambda content: content["rules"].pop()),
    "rules that are numbers": head(lambda content: put(0, 7)(content["rules"])),
    "anchors that are too few": head(lambda content: content["anchors"].clear()),
    "no guideline": head(lambda content: content.pop("guideline")),
    "entries with too few rows": lambda sections: sections | {"entry-rows": sections["entry-rows"].partition(b"\n")[2]},
    # what is wrong in a row of an entry is seen when the entry is looked at, and then the files say what it is
    "entries that are no JSON": swapped(b'"', b"'", "entry-rows"),
    "entries with other types": swapped(b'"Paris"', b"1234567", "entry-rows"),
    "entries of keys that are not there": head(lambda content: content["keys"].clear()),
    "entries of files that are not there": head(lambda content: content["paths"].clear()),
    "an entry nested deep": lambda sections: sections | {"entry-rows": b"[" * 100_000 + sections["entry-rows"]},
    "half of a number": lambda sections: sections | {"entries": sections["entries"][:-1]},
    "a text beyond the end": numbers("entries", put(0, FAR)),
    "a key beyond the end": numbers("entries", put(2, 99)),
    "no free slot": lambda sections: sections | {"spelling-keys": b"\1" * len(sections["spelling-keys"])},
    "slots that are too few": lambda sections: sections | {"spelling-keys": sections["spelling-keys"][:24]},
    "slots beyond the end": numbers("spelling-slots", lambda values: values.extend([FAR] * len(values))),
    "spellings beyond the end": numbers("spellings", put(1, FAR - 1)),
    "spellings of no entry": numbers("spellings", put(0, FAR)),
    "atoms of no class": numbers("atoms", put(1, 99)),
    "steps of no atom": numbers(
        "steps", lambda values: values.__setitem__(slice(1, None, 3), array("I", [FAR] * (len(values) // 3)))
    ),
    "tries of no stage": numbers("tries", put(0, 9)),
    "tries of no rule": numbers("tries", put(1, FAR)),
    "tries of no label": numbers("tries", put(2, 4)),
    "tries of no anchor": numbers("tries", put(3, FAR)),
    "tries of no name": numbers("tries", put(4, FAR)),
    "tries of no program": numbers("tries", put(5, FAR)),
    "no characters": lambda sections: sections | {"lower": b""},
    "no settings": lambda sections: sections | {"settings": b""},
}


@pytest.fixture(scope="module")
def compiled(small_folder, tmp_path_factory):
    """The little knowledge, compiled once: its tagger, the text as it tags it, the key in the cache, the sections."""
    with pytest.MonkeyPatch.context() as patch:
        directory = tmp_path_factory.mktemp("kept")
        patch.setenv(cache.VARIABLE, str(directory))
        patch.setattr("ruletag.folders.home", small_folder)
        cold = load(small_folder)
        [path] = directory.iterdir()
        sections = {name: bytes(data) for name, data in cache.load(path.stem).items()}
        return cold, repr(cold.tag(TEXT)), path.stem, sections


@needs_core
@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_file_is_compiled_anew(small, compiled, cache_folder, capfd, hostile):
    """A file that checks itself and holds something else is never used: all is as without it, and it is replaced.

    Nothing is printed on the way.
    """
    cold, expected, key, sections = compiled
    changed = HOSTILE[hostile](sections)
    assert changed != sections
    cache.store(key, changed)
    [path] = cache_folder.iterdir()
    before = path.read_bytes()
    tagger = load(small)
    assert repr(tagger.tag(TEXT)) == expected
    assert tuple(tagger.entries) == tuple(cold.entries)
    assert (tagger.rules, tagger.guideline) == (cold.rules, cold.guideline)
    assert (path.read_bytes() == before) == hostile.startswith(("entries", "an entry"))
    assert repr(load(small).tag(TEXT)) == expected
    assert capfd.readouterr() == ("", "")
