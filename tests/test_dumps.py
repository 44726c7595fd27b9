"""Names out of dumps of GeoNames and Wikidata: a few records made by hand, and a reader that holds none of the rest."""

from __future__ import annotations

import gzip
import json
from collections import Counter

import pytest

from ruletag.errors import RuletagError
from ruletag.gazetteer import load_gazetteers
from ruletag.lists.dumps import Wanted, dump_rows


def place(id, name, feature="P", code="PPL", population=0):
    """A line of GeoNames."""
    cells = [
        id,
        name,
        name,
        "",
        "48.1",
        "-4.2",
        feature,
        code,
        "FR",
        "",
        "53",
        "29",
        "",
        "",
        population,
        "",
        "12",
        "x",
        "2026-01-01",
    ]
    return "\t".join(map(str, cells))  # fmt: skip


def entity(id, name, types=(), sitelinks=0, population=None, language="fr"):
    """A line of Wikidata, as the dump has it."""

    def statement(value, rank="normal"):
        return {"rank": rank, "mainsnak": {"snaktype": "value", "datavalue": {"value": value}}}

    claims = {"P31": [statement({"id": type_}) for type_ in types]}
    if population is not None:
        claims["P1082"] = [statement({"amount": f"+{population}"}), statement({"amount": "+9999999"}, "deprecated")]
    labels = {language: {"language": language, "value": name}} if name else []
    links = {f"w{number}": {} for number in range(sitelinks)}
    return json.dumps({"id": id, "labels": labels, "claims": claims, "sitelinks": links or []}, ensure_ascii=False)


GEONAMES = [
    place(1, "Kermaria", population=900),
    place(2, "Port-Kermaria", code="PPLA", population=12000),
    place(3, "Mont Kerbrat", "T", "MT"),
]
WIKIDATA = [
    "[",
    entity("Q1", "Ines Vandamme", ["Q5"], 3) + ",",
    entity("Q2", "Port-Kermaria", ["Q515"], 9, 12000) + ",",
    entity("Q3", "Kermaria", ["Q515"], 1, 900, "mul") + ",",
    entity("Q4", "", ["Q515"], 9, 99999) + ",",
    entity("Q5", "humain"),
    "]",
]


def read(kind, lines, **options):
    """The names with their ids and lines, and how many records were left out for what."""
    left_out = Counter()
    if "types" in options:
        options["types"] = frozenset(options["types"])
    rows = [(row.line, row.text, row.id) for row in dump_rows(kind, lines, "d", Wanted(**options), left_out)]
    return rows, dict(left_out)


@pytest.mark.parametrize(
    ("options", "kept", "left_out"),
    [
        ({}, [1, 2, 3], {}),
        ({"types": ["P"]}, [1, 2], {"of another type": 1}),
        ({"types": ["PPLA", "MT"]}, [2, 3], {"of another type": 1}),
        ({"population": 1000}, [2], {"with fewer inhabitants": 2}),
    ],
)
def test_geonames(options, kept, left_out):
    """By class or code of the feature, and by inhabitants."""
    names = {1: "Kermaria", 2: "Port-Kermaria", 3: "Mont Kerbrat"}
    rows = [(number, names[number], f"geonames:{number}") for number in kept]

    assert read("geonames", GEONAMES, **options) == (rows, left_out)


@pytest.mark.parametrize(
    ("options", "names", "left_out"),
    [
        ({"types": ["Q5"]}, ["Q1"], {"of another type": 4}),
        ({"types": ["Q515"]}, ["Q2", "Q3"], {"of another type": 2, "without a French name": 1}),
        (
            {"types": ["Q515"], "population": 1000},
            ["Q2"],
            {"of another type": 2, "with fewer inhabitants": 1, "without a French name": 1},
        ),
        ({"sitelinks": 3}, ["Q1", "Q2"], {"with fewer site links": 2, "without a French name": 1}),
    ],
)
def test_wikidata(options, names, left_out):
    """By what a thing is an instance of, by inhabitants (a deprecated number is none), by site links."""
    rows = {"Q1": (2, "Ines Vandamme", "Q1"), "Q2": (3, "Port-Kermaria", "Q2"), "Q3": (4, "Kermaria", "Q3")}

    assert read("wikidata", WIKIDATA, **options) == ([rows[id] for id in names], left_out)


def test_what_is_left_out_is_not_held():
    """A reader asks for the next line only once the one before is done with, and keeps none."""
    urls = []

    def lines():
        for number in range(5000):
            urls.append(number)
            yield place(number, "Kermaria", population=number % 1000)

    rows = dump_rows("geonames", lines(), "d", Wanted(population=999), Counter())
    assert (next(rows).line, len(urls)) == (1000, 1000)
    assert (next(rows).line, len(urls)) == (2000, 2000)


@pytest.mark.parametrize(
    ("kind", "line", "message"),
    [
        ("geonames", "Kermaria", "this is not a record: it has 1 columns, not 19"),
        ("geonames", place("x", "Kermaria"), "this is not a record: its id is 'x', not a number"),
        ("wikidata", "{", "this is not a record: it is not JSON"),
        ("wikidata", "[1]", "this is not a record: it lacks fields that such records have"),
        (
            "wikidata",
            '{"labels": {"fr": {"value": "Zoé"}}}',
            "this is not a record: it lacks fields that such records have",
        ),
    ],
)
def test_what_is_no_record(kind, line, message):
    """It is named by its line, and the faults of a file of another kind end after twenty."""
    with pytest.raises(RuletagError) as one:
        read(kind, [line])
    with pytest.raises(RuletagError) as many:
        read(kind, [line] * 1000)

    assert [(fault.line, fault.code, fault.message) for fault in one.value.faults] == [(1, "RT118", message)]
    assert [fault.line for fault in many.value.faults] == list(range(1, 21))


def test_the_command(cli, small, tmp_path):
    """A packed dump becomes a gazetteer with ids; what was left out is counted."""
    (tmp_path / "FR.txt.gz").write_bytes(gzip.compress("\n".join(GEONAMES).encode() + b"\n"))
    (tmp_path / "all.json").write_text("\n".join(WIKIDATA) + "\n", encoding="utf-8")
    places = ("import-list", "FR.txt.gz", "--from", "geonames", "--label", "LOC")
    run = cli(*places, "--types", "P,MT", "--min-population", 1, "-o", "a.yaml")
    assert run == (
        0,
        "",
        "FR.txt.gz: records left out: 1 with fewer inhabitants\na.yaml: 2 names; 0 changed, 0 left out, 0 ambiguous\n",
    )
    entries = [
        (entry.surface, entry.id)
        for entry in load_gazetteers("a.yaml").entries
        if entry.key == "LOC" and not entry.by_rule
    ]
    assert entries == [("Kermaria", "geonames:1"), ("Port-Kermaria", "geonames:2")]
    people = cli("import-list", "all.json", "--from", "wikidata", "--label", "PER", "--types", "Q5", "-q")
    assert (people.code, people.err) == (0, "")
    assert people.out.splitlines()[1:] == ["label: PER", "entries:", '  - {name: Ines Vandamme, id: "Q1"}']


def test_options_of_dumps_alone(cli, tmp_path):
    """Options about records are refused if the format reads none."""
    (tmp_path / "a.txt").write_text("Kermaria\n", encoding="utf-8")
    help = "  help: it is for --from geonames or wikidata\n"
    assert cli("import-list", "a.txt", "--label", "LOC", "--types", "P").err == (
        f"--types: RT110 does not apply to what is read\n{help}"
    )
    assert cli("import-list", "a.txt", "--from", "geonames", "--label", "LOC", "--min-sitelinks", 1).err == (
        "--min-sitelinks: RT110 does not apply to what is read\n  help: it is for --from wikidata\n"
    )
