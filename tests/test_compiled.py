"""Compiled knowledge: read from the cache it is what was compiled, and anything that changes makes it anew."""

from __future__ import annotations

import json
import multiprocessing
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruletag import Tagger, archive, cache, compiled
from ruletag.errors import RuletagError
from ruletag.model import LABELS, Document, Entry, Source
from ruletag.spotters import ENGINES
from ruletag.table import Table

TEXT = "Le ministre chinois Wang, Emmanuel Macron et Macron sont à Orange (OCS) ; M. Wang, lui, l'ONU, PARIS."


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
    """A cache of its own for each test."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def own(tmp_path, small_folder):
    """A copy of the little knowledge, which a test may change."""
    for path in small_folder.rglob("*.yaml"):
        copy = tmp_path / path.relative_to(small_folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    return tmp_path


@pytest.fixture
def folder(own, monkeypatch):
    """The same, which stands in for what ships."""
    monkeypatch.setattr("ruletag.sources.__file__", str(own / "src" / "ruletag" / "sources.py"))
    return own


def load(folder, guideline="canonical", **options):
    return Tagger.load(folder / "rules", folder / "gazetteers", guideline, **options)


def names(kept):
    return sorted(path.name for path in kept.iterdir()) if kept.exists() else []


def refuse(*_):
    raise AssertionError("the files were read")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("guideline", ["canonical", "seed"])
def test_cold_and_warm_are_the_same(folder, monkeypatch, engine, guideline):
    """What comes from the cache explains a text as what was just compiled, and no file is parsed for it."""
    cold = load(folder, guideline, engine=engine)
    monkeypatch.setattr(compiled, "_read", refuse)
    warm = load(folder, guideline, engine=engine)
    assert repr(warm.explain(TEXT)) == repr(cold.explain(TEXT))
    assert (warm.entries, warm.guideline, warm.matcher.rules) == (cold.entries, cold.guideline, cold.matcher.rules)
    assert warm.guideline.written == cold.guideline.written
    assert len(warm.tag(TEXT).entities) > 3


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_what_ships_is_the_same_cold_and_warm(engine):
    """All shipped knowledge: the same entries, the same documents."""
    cold, warm = (Tagger.load(engine=engine) for _ in range(2))
    for text in (TEXT, TEXT * 700):
        assert repr(warm.tag(text)) == repr(cold.tag(text))
    assert warm.entries == cold.entries


CHANGES = {
    "an entry": ("gazetteers/places.yaml", "Paris", "Lagos"),
    "a class": ("gazetteers/words/titles.yaml", "ministre", "consul"),
    "a rule": ("rules/names.yaml", "Cap{1,3}", "Cap{1,2}"),
    "a guideline": ("rules/guidelines/canonical.yaml", "No titles", "No title"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_is_compiled_anew(folder, kept, change):
    """A changed file is another key; changed back, what was kept still serves."""
    load(folder)
    before = names(kept)
    name, old, new = CHANGES[change]
    text = (folder / name).read_text(encoding="utf-8")
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    load(folder)
    assert len(names(kept)) == 2
    (folder / name).write_text(text, encoding="utf-8")
    load(folder)
    assert len(names(kept)) == 2
    assert set(before) < set(names(kept))


def test_all_that_goes_in_makes_the_key(folder, kept):
    """Guideline, lists, their labels and the names that spans show are in the key; engine and memory are not."""
    (folder / "clubs.txt").write_text("Stade Rennais\n", encoding="utf-8")
    for options in (
        {},
        {"guideline": "seed"},
        {"lists": [("ORG", folder / "clubs.txt")]},
        {"lists": [("LOC", folder / "clubs.txt")]},
    ):
        load(folder, **options)
    assert len(names(kept)) == 4
    (folder / "gazetteers" / "places.yaml").rename(folder / "gazetteers" / "lieux.yaml")
    [paris] = load(folder).tag("Paris").entities
    assert (len(names(kept)), paris.source.path) == (5, "gazetteers/lieux.yaml")
    load(folder, engine="flashtext", memory=False)
    assert len(names(kept)) == 5


def test_faults_are_never_kept(folder, kept):
    """Knowledge with a fault says so each time, and leaves nothing behind."""
    (folder / "gazetteers" / "places.yaml").write_text("label: LOC\nentries: [Paris, Paris: 1]\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(RuletagError):
            load(folder)
    assert names(kept) == []


def test_a_file_that_changes_meanwhile(folder, kept, monkeypatch):
    """What was read while a file changed is used, and not kept under the key of what stood there before."""
    read = compiled._read

    def change(*given):
        (folder / "gazetteers" / "places.yaml").write_text("label: LOC\nentries: [Lagos]\n", encoding="utf-8")
        return read(*given)

    monkeypatch.setattr(compiled, "_read", change)
    assert [entity.text for entity in load(folder).tag("Paris, Lagos").entities] == ["Lagos"]
    assert names(kept) == []


def test_a_damaged_file_is_made_anew(folder, kept):
    """What is cut short or somebody else's is compiled again, and then it is whole."""
    documents = [load(folder).tag(TEXT)]
    [path] = kept.iterdir()
    whole = path.read_bytes()
    for damaged in (b"", whole[:-1], b"mine"):
        path.write_bytes(damaged)
        documents.append(load(folder).tag(TEXT))
        assert path.read_bytes() == whole
    assert documents == documents[:1] * 4


def test_without_a_cache(folder, kept, monkeypatch):
    """Where nothing can be kept, everything works as well."""
    expected = load(folder).tag(TEXT)
    for value in ("off", str(folder / "rules" / "names.yaml")):
        monkeypatch.setenv(cache.VARIABLE, value)
        assert load(folder).tag(TEXT) == expected


def _load_and_tag(folder, answers):
    answers.put(repr(load(Path(folder)).tag(TEXT)))


def test_two_processes_at_once(own, kept):
    """Several processes compile, keep and load the same at the same time: one whole file, the same documents."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    processes = [context.Process(target=_load_and_tag, args=(str(own), answers)) for _ in range(3)]
    for process in processes:
        process.start()
    found = {answers.get(timeout=60) for _ in processes}
    for process in processes:
        process.join()
    assert found == {repr(load(own).tag(TEXT))}
    assert len(names(kept)) == 1


def test_the_same_bytes_everywhere(cli, own):
    """One process or two, with a cache or without, with either engine: the same bytes."""
    lines = [json.dumps({"id": str(number), "text": f"{TEXT} {number}. Macron !"}) for number in range(300)]
    (own / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    given = ("--rules", own / "rules", "--gazetteers", own / "gazetteers")
    found = set()
    for engine in ENGINES:
        for jobs in (1, 2):
            for _ in ("cold", "warm"):
                found.add(cli("tag", "a.jsonl", "-j", jobs, "--engine", engine, *given))
            cli("cache", "--clear")
    [run] = found
    assert (run.code, run.out.count("\n"), "Macron" in run.out) == (0, 300, True)


SURFACES = ["Paris", "Œuvre d'Orient", "'Ndrangheta", "Yahoo!", "de Gaulle", "!", "a\nb\ud800", "l'an I", "Saint-Denis"]
sources = st.builds(
    Source, st.sampled_from(["entry", "gold"]), st.sampled_from(SURFACES), st.just("é.yaml"), st.integers(0, 9)
)
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


@given(entries)
def test_a_table_comes_back(given_entries):
    """A table that was kept has the same entries, surfaces, patterns and edges."""
    table = Table.of(given_entries, ["title", "demonym"])
    again = Table.read({name: memoryview(data) for name, data in table.sections().items()}, list)
    assert list(again.entries) == given_entries
    assert again.entries[1:3] == tuple(given_entries[1:3])
    for name in ("ranks", "found", "patterns", "first", "last"):
        assert getattr(again, name) == getattr(table, name)
    for rank in range(sum(end - start for start, end in table.ranks.values())):
        assert again.surface(rank).entry == table.surface(rank).entry


def test_entries_end():
    """Numbers behind the last entry are refused, as by any sequence."""
    table = Table.of([Entry("Paris", "LOC", Source("entry", "Paris"))])
    again = Table.read({name: memoryview(data) for name, data in table.sections().items()}, list)
    with pytest.raises(IndexError):
        again.entries[1]


def test_archive(seed_tagger):
    """All shipped rules and a guideline come back equal, and nothing but known types is packed."""
    value = (seed_tagger.matcher.rules, seed_tagger.guideline, [True, 1, "1", None, {"a": frozenset({"b"})}])
    assert repr(archive.unpack(archive.pack(value).decode(), type(value))) == repr(value)
    for strange in (object(), 1.5, {1, 2}, Document("", meta={"a": b""})):
        with pytest.raises(TypeError, match="no type of the archive"):
            archive.pack(strange)


def swapped(old, new, section="table"):
    """The sections with something else in one of them."""
    return lambda sections: sections | {section: sections[section].replace(old, new)}


def without(name):
    return lambda sections: {other: data for other, data in sections.items() if other != name}


def numbers(name, kind, change):
    """The sections with other numbers in an array."""

    def changed(sections):
        values = array(kind, sections[name])
        change(values)
        return sections | {name: values.tobytes()}

    return changed


def rows(change):
    """The sections with other rows in the archive of rules."""

    def changed(sections):
        kept = json.loads(sections["rules"])
        change(kept)
        return sections | {"rules": json.dumps(kept).encode()}

    return changed


HOSTILE = {
    "nothing": lambda sections: {},
    "no rules": without("rules"),
    "no table": without("table"),
    "no speakers": without("speakers"),
    "rules that are no JSON": lambda sections: sections | {"rules": b"["},
    "rules that are not ASCII": lambda sections: sections | {"rules": b"\xff"},
    "rules nested deep": lambda sections: sections | {"rules": b"[" * 100_000},
    "a table nested deep": lambda sections: sections | {"table": b"[" * 100_000},
    "a number of 5,000 digits": swapped(b'"keys":[', b'"keys":[' + b"9" * 5_000 + b","),
    "a table that is a list": lambda sections: sections | {"table": b"[]"},
    "ranks beyond the end": swapped(b'["LOC",', b'["LOC",9999'),
    "ranks that are texts": swapped(b'["LOC",', b'["LOC","a",'),
    "a label that is a number": swapped(b'["LOC",', b"[7,"),
    "half of a number": lambda sections: sections | {"speakers": sections["speakers"][:-1]},
    "speakers beyond the end": numbers("speakers", "I", lambda values: values.__setitem__(0, 1 << 31)),
    "owners beyond the end": numbers("owners", "I", lambda values: values.__setitem__(0, 1 << 31)),
    "starts that are too few": numbers("starts", "I", lambda values: values.pop()),
    "lines of something else": numbers("lines", "Q", lambda values: values.append(1 << 60)),
    "no patterns": lambda sections: sections | {"patterns": b""},
    "empty patterns": lambda sections: sections | {"patterns": sections["patterns"].replace(b"p", b"\n")},
    "edges beyond the end": swapped(b'"edges":[[{"', b'"edges":[[{"zz":[99999],"'),
    "entries that are no JSON": swapped(b'"', b"'", "entries"),
    "entries with other types": swapped(b'"Paris"', b"1234567", "entries"),
    "entries of keys that are not there": swapped(b",\n1,", b",\n9,", "entries"),
    "entries nested deep": lambda sections: sections | {"entries": b"[" * len(sections["entries"])},
    "a rule that is a text": rows(lambda kept: kept.__setitem__(-1, "x")),
    "rows of later rows": rows(lambda kept: kept.insert(0, [0, 99])),
    "rows of negative numbers": rows(lambda kept: kept.append([0, -1, -1])),
    "rows of unknown types": rows(lambda kept: kept.append([99])),
    "labels that are numbers": rows(lambda kept: kept.__setitem__(kept.index("PER"), 7)),
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_file_is_compiled_anew(own, kept, hostile):
    """A file that checks itself and holds something else is never used: all is as without it, and it is replaced."""
    cold = load(own)
    [path] = kept.iterdir()
    sections = {name: bytes(data) for name, data in cache.load(path.stem).items()}
    changed = HOSTILE[hostile](sections)
    assert changed != sections
    cache.store(path.stem, changed)
    before = path.read_bytes()
    tagger = load(own)
    assert repr(tagger.explain(TEXT)) == repr(cold.explain(TEXT))
    assert tagger.entries == cold.entries
    assert (tagger.matcher.rules, tagger.guideline) == (cold.matcher.rules, cold.guideline)
    assert not path.exists() or path.read_bytes() != before
    assert repr(load(own).explain(TEXT)) == repr(cold.explain(TEXT))
