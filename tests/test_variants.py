"""Spellings by rule: the other spellings of a name, and names that have none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruletag.gazetteer import load_gazetteers, respelt
from ruletag.model import LABELS, Entry, Source
from ruletag.variants import variants


@pytest.mark.parametrize(
    ("surface", "label", "expected"),
    [
        ("Saint-Étienne", "LOC", ["St-Étienne", "St Étienne", "Saint Étienne"]),
        ("Sainte-Foy-la-Grande", "LOC", ["Ste-Foy-la-Grande", "Ste Foy-la-Grande", "Sainte Foy la Grande"]),
        ("AS Saint-Étienne", "ORG", ["AS St-Étienne", "AS St Étienne", "AS Saint Étienne"]),
        ("Bachar el-Assad", "PER", ["Bachar al-Assad", "Bachar El Assad"]),
        ("Nouri al-Maliki", "PER", ["Nouri el-Maliki", "Nouri Al Maliki"]),
        ("Mohammed ben Salmane", "PER", ["Mohammed bin Salmane"]),
        ("Volodymyr Zelensky", "PER", ["Volodymyr Zelenski", "Volodymyr Zelenskyy", "Volodymyr Zelenskiy"]),
        ("Île-de-France", "LOC", ["Île de France"]),
        ("Côtes d'Armor", "LOC", ["Côtes-d'Armor"]),
        # nothing to vary, or not under this label
        ("Emmanuel Macron", "PER", []),
        ("Jean-Luc Mélenchon", "PER", []),
        ("Paris", "LOC", []),
        ("Coca-Cola", "ORG", ["Coca Cola"]),
        ("Canal+", "ORG", ["Canal +"]),
        ("ONU", "ORG", ["O.N.U.", "O. N. U."]),
        ("OTAN", "ORG", ["O.T.A.N.", "O. T. A. N.", "Otan"]),
        ("SNCF", "ORG", ["S.N.C.F.", "S. N. C. F."]),
        ("TAVERT", "PER", ["Tavert"]),
        ("SOCIÉTÉ GÉNÉRALE", "ORG", ["Société générale"]),
        ("Saint-Étienne", "PER", []),
        ("président", "title", []),
    ],
)
def test_variants(surface, label, expected):
    """The other spellings of a name, each once, in the order of the rules."""
    assert [other for other, _ in variants(surface, label)] == expected


def test_the_family_name_goes_along():
    """A variant comes with the family name in its own spelling."""
    assert list(variants("Bachar el-Assad", "PER", "el-Assad")) == [
        ("Bachar al-Assad", "al-Assad"),
        ("Bachar El Assad", "El Assad"),
    ]


@given(st.text("aelbinskySaint- 'É", max_size=12), st.sampled_from(LABELS))
def test_a_variant_is_another_spelling(surface, label):
    """Never the surface itself, never one twice, never an empty one."""
    spellings = [other for other, _ in variants(surface, label)]
    assert len(set(spellings)) == len(spellings)
    assert surface not in spellings
    assert all(spellings)


def test_gazetteers_have_the_variants(tmp_path, small):
    """A variant says what its entry says; one that a file writes itself is not made a second time, nor for another."""
    (tmp_path / "a.yaml").write_text(
        "label: PER\nentries:\n  - {name: Omar el-Bachir, alone: true, id: Q1}\n  - Ahmed al-Charaa\n"
        "  - Ahmed el-Charaa\n",
        encoding="utf-8",
    )
    (tmp_path / "b.yaml").write_text("label: LOC\nentries: [Saint-Loup, St Loup]\n", encoding="utf-8")
    entries = [entry for entry in load_gazetteers(tmp_path).entries if entry.is_label]
    assert [(entry.surface, entry.surname, entry.source.line, entry.id) for entry in entries if entry.id] == [
        ("Omar el-Bachir", "el-Bachir", 3, "Q1"),
        ("el-Bachir", "el-Bachir", 3, "Q1"),
        ("Omar al-Bachir", "al-Bachir", 3, "Q1"),
        ("Omar El Bachir", "El Bachir", 3, "Q1"),
        ("al-Bachir", "al-Bachir", 3, "Q1"),
        ("El Bachir", "El Bachir", 3, "Q1"),
    ]
    surfaces = [entry.surface for entry in entries]
    assert len(set(surfaces)) == len(surfaces)
    assert {"St-Loup", "Saint Loup"} < set(surfaces)
    assert surfaces.count("St Loup") == 1


def test_a_spelling_in_lower_case_is_no_word(small):
    """*Otan* is made of OTAN, but no spelling that is a word of the language, of a class, or a name in a file."""

    def entry(surface, key, line):
        return Entry(surface, key, Source("entry", surface, "gazetteers/a.yaml", line))

    names = [entry(name, "ORG", line) for line, name in enumerate(["PIERRE", "OTAN", "MAIRE", "UNESCO", "CEPOL"])]
    others = [entry("maire", "title", 9), entry("Unesco", "LOC", 10)]
    surfaces = [entry.surface for entry in respelt([*names, *others])]
    assert [surface for surface in surfaces if "." not in surface] == ["Otan", "Cepol"]
    assert [entry.surface for entry in respelt([*others, *names]) if "." not in entry.surface] == ["Otan", "Cepol"]
