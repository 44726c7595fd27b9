"""YAML to plain values: positions, what YAML offers and is refused here, and reading keys by type."""

from __future__ import annotations

import os

import pytest
import yaml

from ruletag import events
from ruletag.errors import Fault, RuletagError
from ruletag.fields import Field, Many, Number, String, Truth
from ruletag.folders import files_below, shipped
from ruletag.positions import Mark
from ruletag.sources import Fields, SourceFile, raise_faults

pytestmark = pytest.mark.usefixtures("here")


def read(tmp_path, data):
    """A source file with these bytes or this text, and its value."""
    path = tmp_path / "x.yaml"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    file = SourceFile(path, "x.yaml")
    return file, file.load()


def faults_of(file):
    """The faults of a file as (code, line, column, message)."""
    return [(fault.code, fault.line, fault.column, fault.message) for fault in file.faults]


PLAIN = "No ON on yes Off ~ null 1_000 12:30 0o17 1e3 .5 2024-01-31 true 007 ="


@pytest.mark.parametrize("word", PLAIN.split())
def test_plain_scalars_stay_strings(tmp_path, word):
    """Every plain scalar is read as its text: Norway is no truth value, a time no number."""
    file, value = read(tmp_path, f"a: {word}\nb: [{word}]\n{word}: c\n")
    assert (value, file.faults) == ({"a": word, "b": [word], word: "c"}, [])


def test_all_kinds_of_scalars(tmp_path):
    """Quoted, folded and literal scalars are texts too; a value that is not there is the empty text."""
    file, value = read(tmp_path, "a: 'l''Iran'\nb: \"\\u00e9\"\nc: |\n  x\n  y\nd: >-\n  x\n  y\ne:\nf: ! z\n")
    assert value == {"a": "l'Iran", "b": "é", "c": "x\ny\n", "d": "x y", "e": "", "f": "z"}
    assert file.faults == []


@pytest.mark.parametrize("data", ["", "# rien\n", "\n\n"])
def test_empty_file(tmp_path, data):
    """A file without a value is None, without a fault."""
    file, value = read(tmp_path, data)
    assert (value, file.faults) == (None, [])


def test_positions(tmp_path):
    """Mappings know where they, their keys and their values start, sequences where each item does; from 1."""
    file, value = read(tmp_path, '# é\n"clé 😀": {b: [x, "y"],\n  c: z}\nliste:\n  - un\n  - {d: e}\n')
    assert file.faults == []
    assert (value.mark, value.keys_at) == ((2, 1), {"clé 😀": (2, 1), "liste": (4, 1)})
    assert value.values_at == {"clé 😀": (2, 10), "liste": (5, 3)}
    inner = value["clé 😀"]
    assert (inner.mark, inner.keys_at, inner.values_at) == (
        (2, 10),
        {"b": (2, 11), "c": (3, 3)},
        {"b": (2, 14), "c": (3, 6)},
    )
    assert (inner["b"].mark, inner["b"].items_at) == ((2, 14), [(2, 15), (2, 18)])
    assert value["liste"].items_at == [(5, 5), (6, 5)]
    assert value["liste"][1].mark == (6, 5)


@pytest.mark.parametrize(
    ("data", "value", "faults"),
    [
        ("a: 1\nb: 2\na: 3\n", {"a": "1", "b": "2"}, [("RT203", 3, 1, "the key 'a' occurs twice in one mapping")]),
        (
            "é😀: {b: 1, b: 2, b: 3}\n",
            {"é😀": {"b": "1"}},
            [
                ("RT203", 1, 12, "the key 'b' occurs twice in one mapping"),
                ("RT203", 1, 18, "the key 'b' occurs twice in one mapping"),
            ],
        ),
        ("a: &x [1]\n", {"a": ["1"]}, [("RT203", 1, 4, "the anchor &x is not allowed")]),
        ("? &x a\n: b\n", {"a": "b"}, [("RT203", 1, 3, "the anchor &x is not allowed")]),
        ("a: *x\n", {"a": ""}, [("RT203", 1, 4, "the alias *x is not allowed")]),
        ("a: !!str 1\n", {"a": "1"}, [("RT203", 1, 4, "the tag tag:yaml.org,2002:str is not allowed")]),
        ("- x\n- !y {b: 1}\n", ["x", {"b": "1"}], [("RT203", 2, 3, "the tag !y is not allowed")]),
        (
            "a: !!python/object/apply:os.system [x]\n",
            {"a": ["x"]},
            [("RT203", 1, 4, "the tag tag:yaml.org,2002:python/object/apply:os.system is not allowed")],
        ),
        ("? [a]\n: b\nc: d\n", {"c": "d"}, [("RT202", 1, 3, "a key must be a plain word")]),
        ("{{a: b}: c}\n", {}, [("RT202", 1, 2, "a key must be a plain word")]),
        ("a: 1\n---\nb: 2\n", None, [("RT201", 2, 1, "a file contains one YAML document")]),
        (
            "a: [1\nb: 2\n",
            None,
            [("RT201", 2, 2, "this is not YAML: did not find expected ',' or ']'")],
        ),
        ("a: 'é", None, [("RT201", 1, 4, "this quotation mark is never closed")]),
        (
            "a: b\nc:\n\td: e\n",
            None,
            [("RT201", 3, 1, "a tab indents this line, which YAML does not allow")],
        ),
        ("a: x\nb: é\x07z\n", None, [("RT201", 2, 5, "the character U+0007 is not allowed")]),
        ("a: \x00\n", None, [("RT201", 1, 4, "the character U+0000 is not allowed")]),
        ("a: [\x0c]\n", None, [("RT201", 1, 5, "the character U+000C is not allowed")]),
        (b"a: b\xff\n", None, [("RT102", 0, 0, "byte 4 is not valid UTF-8")]),
        ("é: b".encode("latin-1"), None, [("RT102", 0, 0, "byte 0 is not valid UTF-8")]),
        (b"\xef\xbb\xbfa: b\xff\n", None, [("RT102", 0, 0, "byte 7 is not valid UTF-8")]),
        ("a: " + "[" * 5000 + "]" * 5000, None, [("RT201", 1, 0, "is nested too deeply")]),
        ("a: " + "[" * 5000, None, [("RT201", 1, 0, "is nested too deeply")]),
        ("\n" + "a: " + "{a: " * 64, None, [("RT201", 2, 0, "is nested too deeply")]),
        ("a: [\n" + "[\n" * 5000, None, [("RT201", 64, 0, "is nested too deeply")]),
        ("- " * 5000, None, [("RT201", 1, 0, "is nested too deeply")]),
        ("".join(" " * level + "a:\n" for level in range(300)), None, [("RT201", 65, 0, "is nested too deeply")]),
    ],
    ids=lambda value: repr(value)[:30] if isinstance(value, (str, bytes)) else "",
)
def test_refused(tmp_path, data, value, faults):
    """Invalid YAML, and YAML that knowledge cannot use, is a fault with its exact line and column."""
    file, messages = read(tmp_path, data)
    assert (messages, faults_of(file)) == (value, faults)


@pytest.mark.parametrize("loader", [yaml.CSafeLoader, yaml.SafeLoader], ids=["libyaml", "Python"])
@pytest.mark.parametrize(
    ("data", "line"),
    [("a: " + "[" * 500, 1), ("a:\n" + "- " * 500, 2), ('a: "\\U00110000"', None), ('a: "\\ud800"', None)],
    ids=["flow", "block", "no character", "half of one"],
)
def test_both_parsers_refuse_the_same(tmp_path, monkeypatch, loader, data, line):
    """PyYAML with libyaml and without it: what one of them would let through, or break at, is a fault with both."""
    monkeypatch.setattr(events, "_LOADER", loader)
    file, _ = read(tmp_path, data)
    assert [fault.code for fault in file.faults] == ["RT201"]
    if line:
        assert faults_of(file) == [("RT201", line, 0, "is nested too deeply")]


def test_sixty_four_levels_are_read(tmp_path):
    """The deepest nesting that is read, whatever the parser itself stands."""
    file, value = read(tmp_path, "a: " + "[" * 63 + "]" * 63)
    assert file.faults == []
    depth, inner = 0, value["a"]
    while inner:
        depth, inner = depth + 1, inner[0]
    assert depth == 62


def test_alias_bomb(tmp_path):
    """Aliases of aliases are refused one by one and never multiplied out."""
    rows = ["a: &a [x, x]"] + [
        f"{new}: &{new} [*{old}, *{old}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    file, value = read(tmp_path, "\n".join(rows))
    assert value == {"a": ["x", "x"]} | {name: ["", ""] for name in "bcdefghi"}
    aliases = [(line, column) for line in range(2, 10) for column in (8, 12)]
    assert [(f.line, f.column) for f in file.faults if "alias" in f.message] == aliases
    assert [(f.line, f.column) for f in file.faults if "anchor" in f.message] == [(line, 4) for line in range(1, 10)]


def test_byte_order_mark(tmp_path):
    """A byte order mark is no part of the first key, and shifts no position."""
    file, value = read(tmp_path, b"\xef\xbb\xbfa: 1\na: 2\n")
    assert (value, faults_of(file)) == ({"a": "1"}, [("RT203", 2, 1, "the key 'a' occurs twice in one mapping")])
    assert value.keys_at == {"a": (1, 1)}


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends(tmp_path, end):
    """Lines end as the system that wrote them likes."""
    file, value = read(tmp_path, f"a: 1{end}b: [x,{end} y]{end}a: 2{end}")
    assert value == {"a": "1", "b": ["x", "y"]}
    assert file.faults == [
        Fault("x.yaml", "RT203", "the key 'a' occurs twice in one mapping", 4, 1, "keep one of them", "a: 2")
    ]


def test_missing_file(tmp_path):
    """A file that is not there is a fault, which names it by the way from the working folder."""
    file = SourceFile(tmp_path / "absent.yaml", "mes/absent.yaml")
    assert file.load() is None
    help = "check the name and the permissions"
    assert file.faults == [Fault("absent.yaml", "RT101", "cannot be read: No such file or directory", help=help)]


def test_folder_in_place_of_a_file(tmp_path):
    """A folder cannot be read as a file."""
    file = SourceFile(tmp_path, "x.yaml")
    assert file.load() is None
    assert faults_of(file) == [("RT101", 0, 0, "cannot be read: Is a directory")]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path):
    """A file that may not be read is a fault."""
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\n")
    path.chmod(0)
    file = SourceFile(path, "x.yaml")
    assert file.load() is None
    assert faults_of(file) == [("RT101", 0, 0, "cannot be read: Permission denied")]


def test_fault_shows_its_line(tmp_path):
    """A fault keeps its line; a line too long to show is left out, its position is not."""
    long = "b: [" + "x, " * 60 + "]"
    file, _ = read(tmp_path, f"a: 1\n{long}\n")
    for mark in (Mark(1, 4), Mark(2, 5), Mark(9, 1), None):
        file.fault("RT202", mark, "m", "h")
    assert file.faults == [
        Fault("x.yaml", "RT202", "m", 1, 4, "h", "a: 1"),
        Fault("x.yaml", "RT202", "m", 2, 5, "h"),
        Fault("x.yaml", "RT202", "m", 9, 1, "h"),
        Fault("x.yaml", "RT202", "m", 0, 0, "h"),
    ]


KNOWN = {
    "name": Field("a name", String(), required=True),
    "aliases": Field("other names", Many(String())),
    "ambiguous": Field("true or false", Truth()),
    "stage": Field("a number", Number(1, 9), default=7),
    "shape": Field("a word", String(), default="round"),
}


def fields(tmp_path, data):
    """The fields of the mapping that a file holds."""
    file, value = read(tmp_path, data)
    return Fields(file, value, Mark(1, 1), "an entry", KNOWN)


def test_fields(tmp_path):
    """Keys are read by type, with a default for what is missing."""
    mapping = fields(tmp_path, "name: Nîmes\naliases: [Nemausus, {name: x}]\nambiguous: true\nstage: 2\n")
    assert (mapping.text("name"), mapping.truth("ambiguous"), mapping.number("stage")) == ("Nîmes", True, 2)
    assert list(mapping.items("aliases")) == [("Nemausus", (2, 11)), ({"name": "x"}, (2, 21))]
    assert (mapping.at("name"), mapping.at("absent")) == ((1, 7), (1, 1))
    empty = fields(tmp_path, "{}")
    assert (empty.text("shape"), empty.truth("ambiguous"), empty.number("stage")) == ("round", False, 7)
    assert (list(empty.items("aliases")), empty.texts("aliases")) == ([], [])
    assert [mapping.sound, mapping.file.faults, empty.sound, empty.file.faults] == [True, [], True, []]


def test_single_item_is_a_list_of_one(tmp_path):
    """Where a list is expected, a single text or mapping will do."""
    assert list(fields(tmp_path, "aliases: Nemausus").items("aliases")) == [("Nemausus", (1, 10))]
    assert list(fields(tmp_path, "aliases: {name: x}").items("aliases")) == [({"name": "x"}, (1, 10))]
    assert fields(tmp_path, "aliases: Nemausus").texts("aliases") == ["Nemausus"]


READERS = {
    "text": lambda mapping: mapping.text("name"),
    "truth": lambda mapping: mapping.truth("ambiguous"),
    "number": lambda mapping: mapping.number("stage"),
    "items": lambda mapping: list(mapping.items("aliases")),
    "texts": lambda mapping: mapping.texts("aliases"),
    "nothing": lambda mapping: None,
}


@pytest.mark.parametrize(
    ("data", "reader", "value", "fault"),
    [
        ("{nom: x}", "nothing", None, ("RT202", 1, 2, "an entry has no field 'nom'")),
        ("- x", "nothing", None, ("RT202", 1, 1, "an entry must be a mapping (key: value)")),
        ("x", "nothing", None, ("RT202", 1, 1, "an entry must be a mapping (key: value)")),
        ("{}", "text", "", ("RT202", 1, 1, "an entry lacks the field 'name'")),
        ("{name: }", "text", "", ("RT202", 1, 8, "'name' must be a non-empty string")),
        ("{name: ' '}", "text", "", ("RT202", 1, 8, "'name' must be a non-empty string")),
        ("{name: [x]}", "text", "", ("RT202", 1, 8, "'name' must be a non-empty string")),
        ("{ambiguous: yes}", "truth", False, ("RT202", 1, 13, "'ambiguous' must be true or false")),
        ("{ambiguous: True}", "truth", False, ("RT202", 1, 13, "'ambiguous' must be true or false")),
        ("{ambiguous: }", "truth", False, ("RT202", 1, 13, "'ambiguous' must be true or false")),
        ("{ambiguous: [true]}", "truth", False, ("RT202", 1, 13, "'ambiguous' must be true or false")),
        ("{stage: un}", "number", 7, ("RT202", 1, 9, "'stage' must be a whole number of at most nine digits")),
        ("{stage: 1_0}", "number", 7, ("RT202", 1, 9, "'stage' must be a whole number of at most nine digits")),
        (
            "{stage: 0000000001}",
            "number",
            7,
            ("RT202", 1, 9, "'stage' must be a whole number of at most nine digits"),
        ),
        ("{stage: 1.5}", "number", 7, ("RT202", 1, 9, "'stage' must be a whole number of at most nine digits")),
        ("{stage: [1]}", "number", 7, ("RT202", 1, 9, "'stage' must be a whole number of at most nine digits")),
        ("{stage: 0}", "number", 0, ("RT202", 1, 9, "'stage' must be a number from 1 to 9")),
        ("{stage: 10}", "number", 10, ("RT202", 1, 9, "'stage' must be a number from 1 to 9")),
        ("{aliases: }", "items", [], ("RT202", 1, 11, "'aliases' must be a list")),
        (
            "{aliases: [x, [y], z]}",
            "texts",
            ["x", "z"],
            ("RT202", 1, 15, "an item of 'aliases' must be a non-empty string"),
        ),
        ("{aliases: [' ']}", "texts", [], ("RT202", 1, 12, "an item of 'aliases' must be a non-empty string")),
    ],
)
def test_fields_refuse(tmp_path, data, reader, value, fault):
    """A wrong, missing or unknown key is one fault at its place; the reader gets the default."""
    mapping = fields(tmp_path, data)
    assert (READERS[reader](mapping), faults_of(mapping.file), mapping.sound) == (value, [fault], False)


@pytest.mark.parametrize(
    ("key", "help"),
    [("alias", "did you mean 'aliases'?"), ("nom", "known: aliases, ambiguous, name, shape, stage")],
)
def test_unknown_field_has_a_way_out(tmp_path, key, help):
    """An unknown field is reported with the likely intended field, or with all fields."""
    assert [fault.help for fault in fields(tmp_path, f"{key}: x").file.faults] == [help]


def test_a_thing_that_is_no_mapping_lacks_nothing(tmp_path):
    """A value that should be a mapping is one fault, not one for each missing field."""
    mapping = fields(tmp_path, "- x")
    assert (mapping.text("name"), mapping.truth("ambiguous"), list(mapping.items("aliases"))) == ("", False, [])
    assert len(mapping.file.faults) == 1


def test_files_below(tmp_path):
    """The files of a folder and its folders, in one order everywhere; hidden ones and `build` are left out."""
    shown = "b.yaml a/c.yml a/b.yaml a.yaml B.yaml"
    names = f"{shown} x.txt .h.yaml .git/x.yaml build/x.yaml a/build/x.yaml"
    for name in names.split():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    paths = [path.relative_to(tmp_path).as_posix() for path in files_below(tmp_path, (".yaml", ".yml"))]
    assert paths == ["B.yaml", "a.yaml", "a/b.yaml", "a/c.yml", "b.yaml"]


def test_files_below_nothing(tmp_path):
    """A folder that is missing, or contains no such file, is an error that names it as it was given."""
    with pytest.raises(RuletagError) as caught:
        files_below(tmp_path / "absent", (".yaml",))
    message = "there is no such folder"
    assert caught.value.faults == (Fault(str(tmp_path / "absent"), "RT101", message, help="check the name"),)
    with pytest.raises(RuletagError) as caught:
        files_below(tmp_path, (".yaml", ".yml"), "RT109")
    message = "contains no .yaml or .yml file"
    help = "put one there, or name another folder"
    assert caught.value.faults == (Fault(str(tmp_path), "RT109", message, help=help),)


def test_raise_faults(tmp_path):
    """The faults of all files are raised together; no fault, no error."""
    files = [SourceFile(tmp_path / name, name) for name in ("b.yaml", "a.yaml")]
    raise_faults(files)
    for file in files:
        file.fault("RT202", None, "is empty")
    with pytest.raises(RuletagError) as caught:
        raise_faults(files)
    assert caught.value.faults == (Fault("a.yaml", "RT202", "is empty"), Fault("b.yaml", "RT202", "is empty"))


@pytest.mark.parametrize("kind", ["rules", "gazetteers"])
def test_shipped(kind):
    """The shipped knowledge is a folder that exists, named by what it holds."""
    assert (shipped(kind).name, shipped(kind).is_dir()) == (kind, True)
