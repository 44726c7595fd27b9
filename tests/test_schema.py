"""The JSON Schemas: all that ships fits them, what a reader refuses does not, and editors find them."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

import jsonschema
import pytest
import yaml

from ruletag import Tagger, gazetteer, guideline_file, rule_file, schema
from ruletag.cli.schema import NAMES
from ruletag.errors import RuletagError
from ruletag.folders import shipped, yaml_files
from ruletag.formats import FORMATS, Options
from ruletag.gazetteer import load_gazetteers
from ruletag.guideline_file import load_guideline
from ruletag.rule_file import load_rules
from ruletag.starter import RECIPES, files

ROOT = Path(__file__).parents[1]
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class Core(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML as editors read it: the core schema of YAML 1.2, in which *no* and *on* are words."""


Core.yaml_implicit_resolvers = {}
for kind, pattern, first in (
    ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", "null|Null|NULL|~|", ["n", "N", "~", ""]),
    ("int", "[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+0123456789."),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(f"^(?:{pattern})$"), list(first))


@cache
def validator(name):
    """The validator of values against a schema."""
    return jsonschema.Draft202012Validator(schema.schema(name))


def faults(name, value):
    """The violations of a schema: the path to each place, and the keyword that it breaks."""
    errors = validator(name).iter_errors(value)
    return sorted(f"{'/'.join(map(str, error.absolute_path))}: {error.validator}" for error in errors)


def kind_of(path):
    """The schema of a YAML file of knowledge."""
    if "guidelines" in path.parts:
        return "guideline"
    return "rules" if "rules" in path.parts else "gazetteer"


KNOWLEDGE = [
    path
    for folder in (shipped("rules"), shipped("gazetteers"), ROOT / "examples/rules", ROOT / "examples/gazetteers")
    for path in yaml_files(folder)
]


@pytest.mark.parametrize("name", NAMES)
def test_each_is_a_schema(name):
    """The schemas keep to the dialect that they name; the command prints those that there are."""
    made = schema.schema(name)
    jsonschema.Draft202012Validator.check_schema(made)

    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(schema.format_schema(name)) == made
    assert set(NAMES) == set(schema._SUBJECTS)


@pytest.mark.slow
@pytest.mark.parametrize("path", KNOWLEDGE, ids=lambda path: "/".join(path.parts[-2:]))
def test_all_that_ships_fits(path):
    """Every gazetteer, rule file and guideline of ours, as an editor reads it."""
    assert faults(kind_of(path), yaml.load(path.read_text("utf-8"), Core)) == []


@pytest.mark.parametrize("guideline", ["", "seed"])
def test_the_templates_fit_the_schemas_that_they_name(guideline):
    """The first line of each file that `init` writes leads, from where the file is, to the schema that it fits."""
    made = files(guideline)
    named = {}
    for name, text in made.items():
        match = re.match(r"# yaml-language-server: \$schema=(\S+)\n|#:schema (\S+)\n", text)
        if match:
            target = (Path("/") / Path(name).parent / (match[1] or match[2])).resolve().relative_to("/").as_posix()
            value = tomllib.loads(text) if name.endswith(".toml") else yaml.load(text, Core)
            named[name] = Path(target).stem
            assert json.loads(made[target]) == schema.schema(Path(target).stem)
            assert faults(Path(target).stem, value) == []

    assert named == {
        name: {"ruletag.toml": "config", "knowledge/rules/own.yaml": "rules"}.get(name, "gazetteer")
        for name in made
        if name.endswith((".yaml", ".toml"))
    }
    assert RECIPES.keys().isdisjoint(named)


@pytest.mark.parametrize("spans_only", [False, True])
def test_what_is_written_fits(spans_only, small):
    """Lines of JSON with ids of both kinds, ids of entries, mentions by memory, and an empty text."""
    tagger = Tagger.load()
    tagged = tagger.tag("Emmanuel Macron voit M. Quint à Paris. Macron part, Quint reste.")
    documents = [
        replace(tagged, id="a", meta={"more": {"x": [1]}}),
        replace(tagger.tag("Lyon"), id="7", meta={"id": 7}),
        replace(tagger.tag(""), id="c"),
    ]
    lines = FORMATS["jsonl"].dumps(documents, Options(spans_only=spans_only)).splitlines()

    assert [faults("output", json.loads(line)) for line in lines] == [[], [], []]
    assert {key for line in lines for span in json.loads(line)["spans"] for key in span} == {
        "start", "end", "label", "text", "source", "via", "id",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda line: line.pop("text"), ": oneOf"),
        (lambda line: line.pop("spans"), ": required"),
        (lambda line: line["spans"][0].pop("label"), "spans/0: required"),
        (lambda line: line["spans"][0].update(label="GPE"), "spans/0/label: enum"),
        (lambda line: line["spans"][0].update(start=-1), "spans/0/start: minimum"),
        (lambda line: line["spans"][0].update(zzz=1), "spans/0: additionalProperties"),
    ],
)
def test_what_is_not_written_does_not_fit(change, fault):
    """A line that lacks what readers rely on."""
    line = {"text": "Paris", "spans": [{"start": 0, "end": 5, "label": "LOC", "text": "Paris"}]}
    assert faults("output", line) == []
    change(line)

    assert faults("output", line) == [fault]


# What commands print: every shape of it, from predictions with each kind of error and a document without gold.
GOLD = [
    {"id": "a", "genre": "x", "text": "M. Wang est à Paris.", "spans": [[3, 7, "PER"], [14, 19, "LOC"]]},
    {"id": "b", "genre": "x", "text": "La Chine et Orange.", "spans": [[3, 8, "LOC"], [12, 18, "ORG"]]},
    {"text": "Mme Zoé vote.", "genre": "y", "spans": [[4, 7, "PER"]]},
    {"id": "raw", "text": "Lyon."},
]
FIRST = [
    {"id": "a", "text": "M. Wang est à Paris.", "spans": [[3, 7, "ORG"], [14, 19, "LOC"]]},
    {"id": "b", "text": "La Chine et Orange.", "spans": [[0, 8, "LOC"]]},
    {"text": "Mme Zoé vote.", "spans": [[0, 7, "PER"], [8, 12, "MISC"]]},
    {"id": "raw", "text": "Lyon.", "spans": []},
]
SECOND = [
    *FIRST[:1],
    {"id": "b", "text": "La Chine et Orange.", "spans": [[3, 8, "LOC"], [12, 18, "LOC"]]},
    *FIRST[2:],
]
DOUBTFUL = [
    {"id": str(number), "text": "À Oslo.", "spans": [[2, 6, label]] if label else []}
    for number, label in enumerate(["LOC"] * 7 + ["PER", ""])
]
PRINTED = {
    "eval, of what is tagged now": ("eval", "gold.jsonl"),
    "eval, of predictions": ("eval", "gold.jsonl", "first.jsonl"),
    "compare": ("compare", "gold.jsonl", "first.jsonl", "second.jsonl"),
    "agree": ("agree", "first.jsonl", "second.jsonl"),
    "gold-check": ("gold-check", "doubtful.jsonl"),
    "import": ("import", "first.jsonl", "--seed", "gold.jsonl", "--into", "into"),
    "diff": ("diff", "first.jsonl", "second.jsonl"),
    "diff, by gold": ("diff", "first.jsonl", "second.jsonl", "--gold", "gold.jsonl"),
    "explain": ("explain", "Le ministre Emmanuel Macron voit M. Quint à Orange. Quint dort, Zed lit Orange."),
}


@pytest.fixture
def printed(cli, small, tmp_path):
    """`printed(command, …)` is what it prints as JSON."""
    for name, lines in {"gold": GOLD, "first": FIRST, "second": SECOND, "doubtful": DOUBTFUL}.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return lambda *words: json.loads(cli(*words, "--json").out)


def objects(value):
    """All objects in what was printed, the whole first; those that hold names of the user's or of labels, too."""
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(item)


@pytest.mark.parametrize("words", PRINTED.values(), ids=PRINTED)
def test_what_a_command_prints_fits(printed, words):
    """And what has one key more anywhere does not: no key is missing in the schema."""
    value = printed(*words)
    assert faults(words[0], value) == []

    for item in list(objects(value)):
        item["zzz"] = 1
        assert len(faults(words[0], value)) >= 1, item
        del item["zzz"]


@pytest.mark.slow
@pytest.mark.parametrize("predicted", [(), ("predicted.jsonl",)], ids=["tagged now", "predictions"])
def test_what_eval_prints_of_the_examples_fits(cli, tmp_path, predicted):
    """The gold that ships as an example, by what ships."""
    gold = ROOT / "examples/gold"
    if predicted:
        gold = gold / "articles.jsonl"
        lines = [json.loads(line) for line in gold.read_text("utf-8").splitlines()]
        for number, line in enumerate(lines):
            line["spans"] = [span for at, span in enumerate(line["spans"]) if (number + at) % 5]
        (tmp_path / predicted[0]).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    record = json.loads(cli("eval", str(gold), *predicted, "--json").out)

    assert faults("eval", record) == []
    assert record["causes"]["errors"] > 0
    assert ("ledger" in record) == (not predicted)


@pytest.mark.parametrize(
    ("command", "way", "value", "fault"),
    [
        ("eval", ("documents",), None, ": required"),
        ("eval", ("documents",), -1, "documents: minimum"),
        ("eval", ("skipped", 0), 7, "skipped/0: type"),
        ("eval", ("measures", "strict", "PER", "f1"), 1.5, "measures/strict/PER/f1: maximum"),
        ("eval", ("measures", "strict", "PER", "support"), 1.5, "measures/strict/PER/support: type"),
        ("eval", ("measures", "strict", "PER", "interval"), [0.1], "measures/strict/PER/interval: minItems"),
        ("eval", ("measures", "strict", "PER", "interval"), [0, 1, 1], "measures/strict/PER/interval: items"),
        ("eval", ("measures", "vague"), {}, "measures: enum"),
        ("eval", ("causes", "counts", "correct"), 1, "causes/counts: enum"),
        ("eval", ("errors", 0, "cause"), "correct", "errors/0/cause: enum"),
        ("eval", ("errors", 0, "gold"), None, "errors/0: required"),
        ("eval", ("effort", "with", "seconds"), -1, "effort/with/seconds: minimum"),
        ("compare", ("randomisation", "unit"), "word", "randomisation/unit: enum"),
        ("compare", ("difference", "PER"), -1.5, "difference/PER: minimum"),
        ("agree", ("tokens", "all", "kappa"), "0/0", "tokens/all/kappa: anyOf"),
        ("agree", ("confusion", 0, "first"), "B-PER", "confusion/0/first: enum"),
        ("gold-check", (0, "places", 0, "line"), 0, "0/places/0/line: minimum"),
        ("import", ("annotators", 0, "labels", "all", "deleted"), None, "annotators/0/labels/all: required"),
        ("diff", ("changes", 0, "kind"), "moved", "changes/0/kind: enum"),
        ("diff", ("changes", 0, "texts"), [["", "", ""]], "changes/0/texts: minItems"),
        ("explain", ("spans", 0, "via"), None, "spans/0: required"),
    ],
)
def test_what_no_command_prints_does_not_fit(printed, command, way, value, fault):
    """A missing key, a number out of its bounds, an unknown word."""
    found = at = printed(*next(words for name, words in PRINTED.items() if name.startswith(command)))
    for step in way[:-1]:
        at = at[step]
    if value is None:
        del at[way[-1]]
    else:
        at[way[-1]] = value

    assert faults(command, found) == [fault]


RULE = {
    "id": "x", "label": "PER", "why": "x", "match": ["[ Cap ]"], "unless": {"before": "x", "after": "x"}, "stage": 2,
    "priority": -3, "examples": ["[Zoé](PER).", "Rien."],
}  # fmt: skip
VETO = {"name": "Zoé", "label": "PER", "before": "x", "after": "x", "example": "Zoé."}
ENTRY = {
    "name": "Zoé Le Goff", "aliases": ["Zoé", {"name": "Z", "ambiguous": True}], "acronym": "ZLG", "ambiguous": False,
    "id": 12, "surname": "Le Goff", "alone": True,
}  # fmt: skip
SOUND = {
    "gazetteer": {"label": "PER", "entries": ["Zoé", ENTRY], "ambiguous": ["Zoé"]},
    "rules": {"macros": {"m": "x"}, "rules": [RULE], "not": [VETO]},
    "guideline": {
        "name": "x", "why": "x", "civility": "keep", "determiner-names": ["la Chine"], "labels": {"x": "PER"},
        "heads": {"out": ["lac"], "ORG": "mairie de"}, "mute": ["y"], "macros": {"m": "x"}, "rules": [RULE],
    },
}  # fmt: skip
PLACES = {
    "gazetteer": {
        (): gazetteer.FILE_FIELDS, ("entries", 1): gazetteer.ENTRY_FIELDS,
        ("entries", 1, "aliases", 1): gazetteer.SURFACE_FIELDS,
    },
    "rules": {
        (): rule_file.FILE_FIELDS, ("rules", 0): rule_file.RULE_FIELDS, ("rules", 0, "unless"): rule_file.UNLESS_FIELDS,
        ("not", 0): rule_file.VETO_FIELDS,
    },
    "guideline": {
        (): guideline_file.FILE_FIELDS, ("heads",): guideline_file.HEAD_FIELDS,
        ("rules", 0): rule_file.RULE_FIELDS,
    },
}  # fmt: skip
VALUES = [{}, {"zzz": 1}, [["x"]], [[]], " ", "maybe", True, 12, 0]
GONE = object()


def changed(value, place, key, new):
    """A copy of a value in which a key of what is at a place has another value, or none."""
    whole = copy.deepcopy(value)
    at = whole
    for step in place:
        at = at[step]
    at.pop(key, None)
    if new is not GONE:
        at[key] = new
    return whole


CASES = [
    (kind, place, key, new)
    for kind, places in PLACES.items()
    for place, table in places.items()
    for key in [*table, "zzz"]
    for new in [*VALUES, GONE]
]


def refused(kind, value, folder):
    """Whether the reader of a kind has a fault of form in a value."""
    path = folder / ("x.yaml" if kind == "guideline" else f"{kind}.yaml")
    path.write_text(yaml.dump(value, Dumper=DUMPER, allow_unicode=True), encoding="utf-8")
    read = {"gazetteer": load_gazetteers, "rules": load_rules, "guideline": load_guideline}[kind]
    try:
        read(str(path))
    except RuletagError as error:
        form = {"RT202", "RT203", "RT204", "RT205"}
        return any(fault.code in form or "lacks an example" in fault.message for fault in error.faults)
    return False


# What a reader alone can see: one sentence is not both an example and a counter-example, and a number is no noun.
_EXAMPLES = [("examples", new) for new in ("maybe", True, 12, 0)]
READER_ALONE = {
    "rules": _EXAMPLES,
    "guideline": [(group, new) for group in guideline_file.HEAD_FIELDS for new in (12, 0)] + _EXAMPLES,
}


@pytest.mark.parametrize("kind", SOUND)
def test_schema_and_reader_agree(kind, tmp_path, small):
    """Each field in turn with a value of every kind, or gone: both refuse the same ones."""
    assert (refused(kind, SOUND[kind], tmp_path), faults(kind, SOUND[kind])) == (False, [])
    cases = [(place, key, new) for of, place, key, new in CASES if of == kind]
    differ = []
    for place, key, new in cases:
        value = changed(SOUND[kind], place, key, new)
        if refused(kind, value, tmp_path) != bool(faults(kind, value)):
            differ.append((key, "gone" if new is GONE else new))

    assert len(cases) == sum(len(table) + 1 for table in PLACES[kind].values()) * (len(VALUES) + 1)
    assert differ == READER_ALONE.get(kind, [])
