"""Changes on top of loaded knowledge give the same documents as rebuilt knowledge, with either engine."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ruletag.knowledge
from makers import ENGINES, NAMES, rule_of
from properties import examples
from ruletag import Tagger
from ruletag.gazetteer import respelt
from ruletag.guideline import Guideline
from ruletag.knowledge import Knowledge
from ruletag.model import LABELS, Entry, Source
from ruletag.overlay import Changes, Occurrences, Overlay, changed
from ruletag.rules import Veto

NAMED = (
    *("Saint-Malo", "St-Malo", "Orange", "orange", "ONU", "O.N.U.", "Onu", "Ana Orsk", "Orsk", "Coca-Cola", "Paris"),
    *("Île-de-France", "Ile de France", "ministre", "Mali", "Tchad-Mali", "cœur", "Œuvre"),
)
KEYS = (*LABELS, "title", "demonym")
RULES = [
    rule_of("title:( <title> ) [ Cap{1,2} ]", id="per.title", classes=["title"], line=1),
    rule_of("à [ <LOC> | Cap ]", id="loc.to", label="LOC", line=2),
    rule_of("[ Acronym ]", id="org.acronym", label="ORG", priority=-3, line=3),
    rule_of("@PER de [ <ORG> | Cap ]", id="org.of", label="ORG", stage=2, line=4),
]
GLUE = st.sampled_from([" ", " ", ", ", "-", " à ", " de ", ". ", "\n", " ministre ", " le "])


def entry(surface: str, key: str, number: int = 0, ambiguous: bool = False) -> Entry:
    """An entry as some file has it."""
    surname = surface.partition(" ")[2] or None if key == "PER" else None
    source = Source("entry", surface, f"gazetteers/{key}{number % 3}.yaml", number)
    return Entry(surface, key, source, ambiguous, surname=surname)


ENTRIES = st.builds(entry, st.sampled_from(NAMED), st.sampled_from(KEYS), st.integers(1, 9), st.booleans())
VETOES = st.builds(
    lambda name, label, line: Veto(name, Source("veto", name, "rules/never.yaml", line), label),
    *(st.sampled_from(NAMED), st.sampled_from(["", *LABELS]), st.integers(1, 3)),
)
CHANGES = st.builds(
    lambda entries, ambiguous, vetoes: Changes(tuple(dict.fromkeys(entries)), ambiguous, tuple(dict.fromkeys(vetoes))),
    st.lists(ENTRIES, max_size=3),
    st.frozensets(st.tuples(st.sampled_from(LABELS), st.sampled_from(NAMED)), max_size=2),
    st.lists(VETOES, max_size=2),
)
TEXTS = st.lists(st.tuples(st.sampled_from(NAMED), GLUE), min_size=1, max_size=10).map(
    lambda p: "".join(map("".join, p))
)


def result_of(tagger: Tagger, text: str) -> str:
    """The complete result of a tagger for a text."""
    document = tagger.tag(text)
    return repr((document.entities, list(document.alternatives)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ENGINES)
@given(
    st.lists(ENTRIES, max_size=6),
    st.lists(VETOES, max_size=2),
    st.lists(CHANGES, max_size=4),
    st.lists(st.integers(0, 3), max_size=4),
    CHANGES,
    st.lists(TEXTS, min_size=1, max_size=4),
)
@examples(60)
def test_an_overlay_equals_a_rebuild(
    name: str,
    entries: list[Entry],
    vetoes: list[Veto],
    foreseen: list[Changes],
    chosen: list[int],
    unforeseen: Changes,
    texts: list[str],
) -> None:
    """For any selection of changes, spans, sources and losers are those of a rebuild, also with an unforeseen change.

    So it is beside changes that were kept before; and no text differs that holds none of the surfaces that do.
    """
    every = [*entries, *respelt(entries)]
    knowledge = Knowledge.of(every, RULES, Guideline("canonical"), [b"orange", b"ministre"], vetoes)
    tagger = Tagger(knowledge, engine=name)
    overlay = Overlay(tagger, foreseen)
    together = Changes()
    for number in chosen:
        together |= foreseen[number] if number < len(foreseen) else Changes()
    accepted = Changes()
    for changes in (accepted, *foreseen, together, unforeseen, together | unforeseen, accepted):
        for beside in (Changes(), accepted):
            both = beside | changes
            rebuilt = Tagger(Knowledge(lambda both=both: changed(knowledge.read, both)), engine=name)
            over, without = overlay.tagger(changes, beside), overlay.tagger(beside)
            touched = Occurrences(texts).of(overlay.differing(changes, beside))
            for number, text in enumerate(texts):
                assert result_of(over, text) == result_of(rebuilt, text)
                if number not in touched:
                    assert result_of(over, text) == result_of(without, text)
        accepted |= changes


@cache
def small_tagger(name: str) -> Tagger:
    """Two entries and the rules."""
    entries = [entry("Orange", "LOC", 1), entry("ministre", "title", 2)]
    return Tagger(Knowledge.of(entries, RULES, Guideline("canonical")), engine=name)


@pytest.mark.parametrize("name", NAMES)
def test_each_kind_of_change(name: str) -> None:
    """An entry, a name that becomes ambiguous, a veto, a word of a class: what each does to one text."""
    text = "Le chef Orsk voit Orange et le ministre Zed."
    overlay = Overlay(small_tagger(name))
    spans = {
        "nothing": Changes(),
        "entry": Changes((entry("Orsk", "PER"),)),
        "ambiguous": Changes(ambiguous=frozenset({("LOC", "Orange")})),
        "veto": Changes(vetoes=(Veto("Zed", Source("veto", "Zed", "rules/n.yaml", 1)),)),
        "class": Changes((entry("chef", "title"),)),
    }
    surfaces = {kind: [e.text for e in overlay.tagger(changes).tag(text).entities] for kind, changes in spans.items()}
    assert surfaces == {
        "nothing": ["Orange", "Zed"],
        "entry": ["Orsk", "Orange", "Zed"],
        "ambiguous": ["Zed"],
        "veto": ["Orange"],
        "class": ["Orsk", "Orange", "Zed"],
    }


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_built_for_a_change_that_was_foreseen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often the changes are chosen from, in whatever combination, entries are compiled once."""
    foreseen = [Changes((entry(surface, "ORG", 9),)) for surface in ("Orsk", "Zed", "Mali", "Paris")]
    tagger = small_tagger(name)
    counted: list[int] = []
    original = ruletag.entries.Entries.of
    monkeypatch.setattr(ruletag.overlay.Entries, "of", lambda entries: counted.append(1) or original(entries))
    overlay = Overlay(tagger, foreseen)
    for one in foreseen:
        for other in foreseen:
            assert overlay.tagger(one | other).tag("Orsk, Zed, Mali et Paris").entities
    assert counted == [1]


def test_particles_are_read_anew() -> None:
    """A word of the class that memory reads at the start rebuilds the tagger."""
    tagger = small_tagger("plain")
    changes = Changes((entry("Zed", "particle"),))
    text = "Le ministre Ana Zed attend. Zed attend."
    assert [entity.text for entity in tagger.tag(text).entities] == ["Ana Zed", "Zed"]
    assert [entity.text for entity in Overlay(tagger, [changes]).tagger(changes).tag(text).entities] == ["Ana Zed"]


def test_where_a_surface_can_stand() -> None:
    """The texts that hold all its words, whatever case, accents and ligatures they have."""
    texts = ["Le coeur d'Œdipe", "LE CŒUR", "à Saint-Malo", "Malo de Saint", "rien"]
    occurrences = {
        surface: Occurrences(texts).of([surface]) for surface in ("cœur", "Œdipe", "Saint-Malo", "Zed", "Rien")
    }
    assert occurrences == {"cœur": [0, 1], "Œdipe": [0], "Saint-Malo": [2, 3], "Zed": [], "Rien": [4]}
    assert Occurrences(texts).of(["Œdipe", "rien"]) == [0, 4]
