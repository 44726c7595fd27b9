"""The scripts that write gazetteers: what they take from a source, what they leave out, and how they write it."""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruletag.sources import SourceFile

GAZETTEERS = Path(__file__).parents[1] / "gazetteers"
sys.path.insert(0, str(GAZETTEERS / "build"))
rebuild = __import__("all")  # the word is a function too
import company_names  # noqa: E402
import family_names  # noqa: E402
import names  # noqa: E402
import place_names  # noqa: E402
from sources import Fetched, Source, fetch  # noqa: E402

COMMON = frozenset({"avion", "union", "garde", "aigle"})


def fetched(folder, **files):
    """A source on disk with these files, whose suffix is written with `__`."""
    for name, content in files.items():
        text = content if isinstance(content, (str, bytes)) else json.dumps(content)
        data = text if isinstance(text, bytes) else text.encode()
        (folder / name.replace("__", ".")).write_bytes(data)
    return Fetched(Source("npm", "parcel", "MIT", {}), "1.0", folder)


def catalogue(pairs, order):
    """A compiled gettext catalogue, as msgfmt writes it."""
    strings = [text.encode() for column in zip(*pairs, strict=True) for text in column]
    start = 28 + 8 * len(strings)
    table, body = b"", b""
    for string in strings:
        table += struct.pack(f"{order}2I", len(string), start + len(body))
        body += string + b"\0"
    return struct.pack(f"{order}7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0) + table + body


def commune(name, population, kind="commune-actuelle"):
    return {"nom": name, "type": kind, "population": population}


def test_an_uncertain_name_needs_a_larger_commune(tmp_path):
    """Communes of today from 1,000 inhabitants; common words and saints, which may be persons, from 2,000."""
    communes = [
        commune("Ambazac", 1000),
        commune("Abjat", 999),
        commune("Avion", 2000),
        commune("La Garde", 1999),
        commune("Saint-Simon", 1999),
        commune("Saint-Savin", 2000),
        commune("Saint-Yrieix-la-Perche", 1000),
        commune("Adriers", 9000, "commune-deleguee"),
        {"nom": "Suippes", "type": "commune-actuelle"},
    ]
    taken = place_names.communes(fetched(tmp_path, communes__json=communes), COMMON)
    assert list(taken) == ["Ambazac", "Avion", "Saint-Savin", "Saint-Yrieix-la-Perche"]


def test_every_commune_is_taken_that_has_its_name_still(tmp_path):
    """A place of any size counts, also as part of another; the districts of a city do not."""
    places = [
        commune("Abjat", 9),
        commune("Adriers", 0, "commune-deleguee"),
        commune("Aulx", 0, "commune-associee"),
        commune("Lyon 1er Arrondissement", 9000, "arrondissement-municipal"),
    ]
    taken = place_names.every_commune(fetched(tmp_path, communes__json=places))
    assert list(taken) == ["Abjat", "Adriers", "Aulx"]


def test_departments_and_regions_are_both_taken(tmp_path):
    """Two files of the same shape."""
    source = fetched(tmp_path, departements__json=[{"nom": "Ain"}], regions__json=[{"nom": "Bretagne"}])
    assert list(place_names.departments(source)) == ["Ain", "Bretagne"]


@pytest.mark.parametrize("order", "<>")
def test_a_catalogue_of_either_byte_order_gives_cities_and_divisions(tmp_path, order):
    """Numbers are cities, FR.11 is a division; a country has its own file, and a common noun is no part of a name."""
    pairs = [("", "Project-Id-Version: x"), ("42", "Pékin"), ("CH.01", "Canton de Genève"), ("DE", "Allemagne")]
    pairs += [("DE.02", "Bavière"), ("7", "Le Caire")]
    source = fetched(tmp_path, geonames__mo=catalogue(pairs, order))
    assert list(place_names.read_catalogue(source.path("geonames.mo").read_bytes())) == pairs
    assert list(place_names.geonames(source)) == ["Pékin", "Bavière", "Le Caire"]


def test_other_bytes_are_no_catalogue():
    """The mistake is named, not a wrong name read."""
    with pytest.raises(ValueError, match="no compiled gettext catalogue"):
        list(place_names.read_catalogue(b"msgid"))


def test_private_codes_and_short_forms_are_no_territories(tmp_path):
    """XA and ZZ denote nothing on a map, and É.-U. is an abbreviation."""
    territories = {"FR": "France", "US-alt-short": "É.-U.", "XA": "pseudo-accents", "ZZ": "région inconnue"}
    territories["TR-alt-variant"] = "Türkiye"
    content = {"main": {"fr": {"localeDisplayNames": {"territories": territories}}}}
    assert list(place_names.territories(fetched(tmp_path, territories__json=content))) == ["France", "Türkiye"]


def test_places_are_words_with_a_capital_and_no_english_word():
    """Brackets, abbreviations and figures are left out, and so is Most, a town and an English word."""
    people = [
        "Aci Castello",
        "A'ana",
        "Côte d’Ivoire",
        "zone euro",
        "St. Albans",
        "Congo (RDC)",
        "Most",
        "Le  Mans",
        "X1",
    ]
    plain = ["Aci Castello", "A'ana", "Côte d’Ivoire", "Le  Mans"]
    assert list(place_names.well_formed(people, frozenset({"most"}))) == plain


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("Avion", True),
        ("La Garde", True),
        ("L'Union", True),
        ("L'Aigle", True),
        ("Lagarde", False),
        ("La Baule", False),
    ],
)
def test_a_homograph_is_a_common_word_with_or_without_article(name, answer):
    """The negative lexicon decides, not a hand."""
    assert names.is_homograph(name, COMMON) is answer


def test_the_negative_lexicon_has_no_comments(tmp_path):
    """The head of the file holds no words."""
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "common-words.txt").write_text("# French words\navion\nà\n", encoding="utf-8")
    assert names.read_common(tmp_path) == {"avion", "à"}


def test_english_words_are_those_in_lower_case(tmp_path):
    """The list has names too, and words with an apostrophe."""
    source = fetched(tmp_path, words__txt="Boston\nmost\nbath's\nOK\n")
    assert names.read_english(source) == {"most", "bath's"}


def test_all_surfaces_of_all_files_are_known(tmp_path):
    """Names, aliases, acronyms and family names count, under each label and class; `No` is a word."""
    (tmp_path / "words").mkdir()
    people = "label: PER\nentries:\n  - Odile Varenne\n  - {name: Jean Marie Le Goff, surname: Le Goff}\n"
    (tmp_path / "people.yaml").write_text(people, encoding="utf-8")
    clubs = "label: ORG\nentries:\n  - {name: Étoile, acronym: ES, aliases: [Varenne, {name: No, ambiguous: true}]}\n"
    (tmp_path / "clubs.yaml").write_text(clubs, encoding="utf-8")
    (tmp_path / "words" / "boats.yaml").write_text("class: boat\nentries:\n  - ketch\n", encoding="utf-8")
    (tmp_path / "words" / "towns.yaml").write_text("class: town\nentries:\n  - Nantes\n", encoding="utf-8")
    assert names.known(tmp_path, leaving=["town"]) == {
        "odile varenne": {"PER"},
        "varenne": {"surname", "ORG"},
        "jean marie le goff": {"PER"},
        "le goff": {"surname"},
        "etoile": {"ORG"},
        "es": {"ORG"},
        "no": {"ORG"},
        "ketch": {"boat"},
    }


def test_what_is_known_is_not_said_again_and_accents_are_kept():
    """One name for each key: the spelling with more accents, since a text may lack them."""
    spellings = ["Gilliéron", "Gillieron", "ÉTAPLES", "Étaples", "Nantes", "Côte d’Azur", "Aix  les Bains"]
    assert names.unknown(spellings, {"nantes": {"LOC"}}) == ["Aix les Bains", "Côte d'Azur", "Étaples", "Gilliéron"]


WORDS = st.lists(st.sampled_from(["Évry", "Evry", "evry", "L’Île", "L'Ile", "Œuilly", "Oeuilly", "Nancy", "Ñuble"]))


@given(candidates=WORDS, taken=WORDS)
def test_the_choice_does_not_depend_on_the_order_of_the_source(candidates, taken):
    """Any order gives the same names, no two with one key, none of them taken."""
    labels = {names.key(name): {"LOC"} for name in taken}
    chosen = names.unknown(candidates, labels)
    assert chosen == names.unknown(reversed(candidates), labels)
    keys = [names.key(name) for name in chosen]
    assert keys == sorted({names.key(name) for name in candidates} - labels.keys())


@pytest.mark.parametrize(("kind", "ambiguous"), [("label: LOC", True), ("class: place-name", False)])
def test_what_is_written_reads_back(tmp_path, kind, ambiguous):
    """YAML has opinions on No, on colons and on braces; the reader of gazetteers gets the names all the same."""
    written = ["L'Aigle", "No", "Oui: non", "Ponts, Les", "[Sic]", "Würzburg"]
    path = tmp_path / "places.yaml"
    names.write(path, names.gazetteer_text("# Places.\n", kind, written, ambiguous=ambiguous))
    field, _, value = kind.partition(": ")
    entries = [{"name": name, "ambiguous": "true"} if ambiguous else name for name in written]
    assert SourceFile(path, path.name).load() == {field: value, "entries": entries}


def test_a_family_name_may_be_that_of_a_known_person_and_nothing_else():
    """Paris is a place, Martin a given name, Garde a common word: no evidence. Varenne is known as a family name."""
    taken = {"paris": {"LOC"}, "martin": {"given-name", "surname"}, "varenne": {"surname"}}
    surnames = ["Paris", "Martin", "Garde", "Varenne", "Le Bihan", "van Loo", "Smith2"]
    assert family_names.chosen(surnames, taken, COMMON) == ["Le Bihan", "Varenne"]


def test_family_names_come_from_data_and_from_source_code_that_is_not_run(tmp_path):
    """mimesis has a list or lists by sex; Faker has tuples and weighted pairs."""
    mimesis = fetched(tmp_path, person__json={"surnames": {"male": ["Petit"], "female": ["Petite"]}})
    assert list(family_names.mimesis_names(mimesis)) == ["Petit", "Petite"]
    code = 'last_names = ("Aubry", "Blin")\nlast_names = OrderedDict((("Cahen", 0.1),))\nprefixes = ("Dr",)\nboom()\n'
    (tmp_path / "fr_FR.txt").write_text(code, encoding="utf-8")
    faker = Fetched(Source("pip", "parcel", "MIT", {"fr_FR.txt": "provider.py"}), "1.0", tmp_path)
    assert list(family_names.faker_names(faker)) == ["Aubry", "Blin", "Cahen"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Aegon N.V.", "Aegon"),
        ("Caterpillar, Inc.", "Caterpillar"),
        ("Roche Holding AG", "Roche"),
        ("BNP Paribas (France)", "BNP Paribas"),
        ("Compagnie de Saint-Gobain SA", "Compagnie de Saint-Gobain"),
        ("Sega", "Sega"),
    ],
)
def test_a_legal_form_is_no_part_of_a_name(written, name):
    """Nor is a remark in brackets."""
    assert company_names.bare(written) == name


def test_companies_are_no_acronyms_no_english_words_no_addresses():
    """A rule of its own finds acronyms; *Target* occurs in too many titles."""
    companies = [
        "Zalando SE",
        "BASF",
        "Target",
        "Alarm.com",
        "Archer Daniels Midland",
        "3M",
        "GE Aerospace",
        "Johnson & Johnson",
    ]
    plain = ["Zalando", "Archer Daniels Midland", "GE Aerospace", "Johnson & Johnson"]
    assert list(company_names.well_formed(companies, frozenset({"target"}))) == plain


def test_listed_companies_are_those_of_the_wanted_indices(tmp_path):
    """The module of the package is read, not run."""
    indices = {index: {"companies": [{"name": f"Firme {index}"}]} for index in (*company_names.INDICES, "S&P 600")}
    source = fetched(tmp_path, indices__txt=f"boom()\nINDICES = {indices!r}\n")
    assert list(company_names.listed(source)) == [f"Firme {index}" for index in company_names.INDICES]


def test_brands_are_firms_on_the_map_of_france_or_of_the_world(tmp_path):
    """A category of firms, and a place: circles (lists of numbers) and other countries are neither."""

    def item(name, *places):
        return {"displayName": name, "locationSet": {"include": list(places)}}

    index = {
        "operators/amenity/bank": {"items": [item("Exploitant", "001")]},
        "brands/shop/clothes": {"items": [item("Robes", "fr")]},
        "brands/office/insurance": {"items": [item("Assureur", "de", "fr")]},
        "brands/amenity/bank": {"items": [item("Banque", "001"), item("Sparkasse", "de"), item("Cercle", [2.3, 48.8])]},
    }
    assert list(company_names.brands(fetched(tmp_path, nsi__json={"nsi": index}))) == ["Banque", "Assureur"]


def test_a_source_on_disk_is_not_fetched_again(tmp_path):
    """All required files and the version are there, so no client is started; the credit names them."""
    source = Source("npm", "@scope/parcel", "ODC-BY", {"a.json": "package/a.json"}, owner="data of Somebody")
    folder = tmp_path / "@scope" / "parcel"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text("[]", encoding="utf-8")
    (folder / "VERSION").write_text("2.1\n", encoding="utf-8")
    found = fetch(source, tmp_path)
    assert found == Fetched(source, "2.1", folder)
    assert found.credit() == "npm package @scope/parcel 2.1, data of Somebody (ODC-BY)"


def test_one_command_runs_every_script():
    """A script that writes a list is part of the rebuild."""
    scripts = {path.stem for path in (GAZETTEERS / "build").glob("*.py") if "\ndef main" in path.read_text("utf-8")}
    assert sorted(script.__name__ for script in rebuild.SCRIPTS) == sorted(scripts - {"all"})


def listed_names(path):
    """The plain entries of a generated class."""
    return [line[4:].strip('"') for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("  - ")]


@pytest.mark.slow
@pytest.mark.parametrize("script", [place_names, company_names], ids=lambda script: script.CLASS)
def test_shipped_names_are_nothing_else(script):
    """Since they were generated, no file has taken up one of them; `make gazetteers` would drop it."""
    shipped = listed_names(script.OUTPUT)
    assert names.unknown(shipped, names.known(leaving=script.GENERATED)) == shipped
