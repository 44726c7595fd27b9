"""Gazetteers: entries, refusals, and the shipped words for a folder that lacks them."""

from __future__ import annotations

import pytest

from ruletag.errors import Fault, RuletagError
from ruletag.folders import listed, shown_name, yaml_files
from ruletag.gazetteer import load_gazetteers
from ruletag.model import Entry, Source

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture(autouse=True)
def small_shipped(tmp_path, monkeypatch):
    """A small folder in place of what ships: one name and two word classes."""
    folder = tmp_path / "installed" / "gazetteers"
    write(folder / "places.yaml", "label: LOC\nentries: [Lomé]\n")
    write(folder / "words" / "titles.yaml", "class: title\nentries: [ministre]\n")
    write(folder / "words" / "particles.yaml", "class: particle\nentries: [de]\n")
    monkeypatch.setattr("ruletag.folders.shipped", lambda kind: tmp_path / "installed" / kind)
    return folder


SHIPPED_WORDS = [
    Entry("de", "particle", Source("entry", "de", "gazetteers/words/particles.yaml", 2)),
    Entry("ministre", "title", Source("entry", "ministre", "gazetteers/words/titles.yaml", 2)),
]


def write(path, text):
    """Write a file, with the folders it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def named(tmp_path, text):
    """The entries that one gazetteer writes under a label, and those of its class `x`."""
    entries = load_gazetteers(write(tmp_path / "mine" / "a.yaml", text)).entries
    return [entry for entry in entries if (entry.is_label or entry.key == "x") and not entry.by_rule]


def faults(tmp_path, text):
    """The faults of one gazetteer as (code, line, column, message); each names the file so that it can be opened."""
    with pytest.raises(RuletagError) as caught:
        load_gazetteers(write(tmp_path / "mine" / "a.yaml", text))
    assert {fault.path for fault in caught.value.faults} == {"mine/a.yaml"}
    return [(fault.code, fault.line, fault.column, fault.message) for fault in caught.value.faults]


def entry(surface, key, line, name=None, **rest):
    """An entry of `a.yaml`; its source is named as the thing is, whichever of its names this is."""
    return Entry(surface, key, Source("entry", name or surface, "a.yaml", line), **rest)


def test_what_yaml_refuses_is_said_once(tmp_path):
    """An alias, an anchor or a tag has no second message about the value that is missing because of it."""
    text = (
        "label: &a LOC\nentries:\n  - &b Nîmes\n  - *b\n  - !tag\n  - {name: *b, aliases: [*b]}\n"
        "  - ''\n  - &c {name: ''}\n*a : x\n"
    )
    assert faults(tmp_path, text) == [
        ("RT203", 1, 8, "the anchor &a is not allowed"),
        ("RT203", 3, 5, "the anchor &b is not allowed"),
        ("RT203", 4, 5, "the alias *b is not allowed"),
        ("RT203", 5, 5, "the tag !tag is not allowed"),
        ("RT203", 6, 12, "the alias *b is not allowed"),
        ("RT203", 6, 26, "the alias *b is not allowed"),
        ("RT204", 7, 5, "the entry '' contains no letter or digit"),
        ("RT203", 8, 5, "the anchor &c is not allowed"),
        ("RT202", 8, 15, "'name' must be a non-empty string"),
        ("RT203", 9, 1, "the alias *a is not allowed"),
    ]
    assert faults(tmp_path, "*a\n") == [("RT203", 1, 1, "the alias *a is not allowed")]
    assert faults(tmp_path, "label: LOC\nentries: *a\n") == [("RT203", 2, 10, "the alias *a is not allowed")]


def test_plain_names(tmp_path):
    """An item that is a text is a name, on its line."""
    assert named(tmp_path, "label: LOC\nentries:\n  - Nîmes\n\n  - La Haye\n") == [
        entry("Nîmes", "LOC", 3),
        entry("La Haye", "LOC", 5),
    ]


def test_names_of_one_thing(tmp_path):
    """Name, aliases and acronyms become an entry each, with the identifier of the thing and their own line."""
    text = (
        "label: ORG\nentries:\n"
        "  - name: Banque ouest-africaine\n"
        "    aliases: [Banque d'Afrique de l'Ouest,\n"
        "      {name: Banque africaine, ambiguous: true}]\n"
        "    acronym: BOA\n"
        "    id: Q1\n"
    )
    of = {"name": "Banque ouest-africaine", "id": "Q1"}
    assert named(tmp_path, text) == [
        entry("Banque ouest-africaine", "ORG", 3, **of),
        entry("Banque d'Afrique de l'Ouest", "ORG", 4, **of),
        entry("Banque africaine", "ORG", 5, **of, ambiguous=True, settled=True),
        entry("BOA", "ORG", 6, **of),
    ]


def test_ambiguity_is_of_one_surface(tmp_path):
    """`ambiguous` belongs to the name beside it, never to the other names of the item."""
    text = (
        "label: ORG\nentries:\n- {name: Orange, ambiguous: true, aliases: [Orange France], "
        "acronym: [ORF, {name: OR, ambiguous: true}]}\n- {name: Total, ambiguous: false}\n"
    )
    assert [(item.surface, item.ambiguous) for item in named(tmp_path, text)] == [
        ("Orange", True),
        ("Orange France", False),
        ("ORF", False),
        ("OR", True),
        ("Total", False),
    ]


@pytest.mark.parametrize("field", ["aliases", "acronym"])
def test_a_single_alias_needs_no_list(tmp_path, field):
    """A single alias or acronym needs no brackets, as a text or a mapping."""
    for item in ("OCS", "{name: OCS}"):
        entries = named(tmp_path, f"label: ORG\nentries: [{{name: Coopération, {field}: {item}}}]\n")
        assert [item.surface for item in entries] == ["Coopération", "OCS"]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("Aya Nakamura", [("Aya Nakamura", "Nakamura", False)]),
        ("Pelé", [("Pelé", None, False)]),
        ("Charles de Gaulle", [("Charles de Gaulle", "de Gaulle", False)]),
        ("{name: Xi Jinping, surname: Xi}", [("Xi Jinping", "Xi", False)]),
        ("{name: Gabriel García Márquez, surname: García}", [("Gabriel García Márquez", "García", False)]),
        (
            "{name: Kim Jong-un, surname: Kim, aliases: [Jong-un Kim, Le Maréchal]}",
            [("Kim Jong-un", "Kim", False), ("Jong-un Kim", "Kim", False), ("Le Maréchal", "Maréchal", False)],
        ),
        (
            "{name: Aya Nakamura, alone: true, aliases: [Aya D. Nakamura]}",
            [
                ("Aya Nakamura", "Nakamura", False),
                ("Nakamura", "Nakamura", True),
                ("Aya D. Nakamura", "D. Nakamura", False),
            ],
        ),
        ("{name: Xi Jinping, surname: Xi, alone: true}", [("Xi Jinping", "Xi", False), ("Xi", "Xi", True)]),
        ("{name: Aya Nakamura, alone: false}", [("Aya Nakamura", "Nakamura", False)]),
        ("{name: Pelé, alone: true}", [("Pelé", None, False)]),
    ],
)
def test_family_names(tmp_path, item, expected):
    """The family name is all that follows the first word, or what is stated; `alone` makes it an entry by itself."""
    entries = named(tmp_path, f"label: PER\nentries: [{item}]\n")
    assert [(item.surface, item.surname, item.alone) for item in entries] == expected


def test_a_family_name_alone_is_never_ambiguous(tmp_path):
    """`alone` says that the family name means a person in any text, whatever the full name may mean."""
    text = "label: PER\nentries: [{name: Aya Nakamura, ambiguous: true, alone: true, id: Q2}]\n"
    rest = {"id": "Q2", "surname": "Nakamura", "settled": True}
    assert named(tmp_path, text) == [
        entry("Aya Nakamura", "PER", 2, ambiguous=True, **rest),
        entry("Nakamura", "PER", 2, "Aya Nakamura", alone=True, **rest),
    ]


def test_word_class(tmp_path):
    """A file may hold a word class; its words have no family name, whatever they look like."""
    assert named(tmp_path, "class: x\nentries: [vice ministre, {name: maire, aliases: [mairesse]}]\n") == [
        entry("vice ministre", "x", 2),
        entry("maire", "x", 2),
        entry("mairesse", "x", 2, "maire"),
    ]


EITHER = "a gazetteer needs either `label` or `class`"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("RT202", 0, 0, "is empty")]),
        ("# rien\n", [("RT202", 0, 0, "is empty")]),
        ("label: LOC\n", [("RT202", 1, 1, "a gazetteer lacks `entries`")]),
        ("label: LOC\nentries: []\n", [("RT202", 1, 1, "a gazetteer lacks `entries`")]),
        ("label: LOC\nentries:\n", [("RT202", 2, 9, "'entries' must be a list")]),
        ("entries: [Nîmes]\n", [("RT202", 1, 1, EITHER)]),
        ("label: LOC\nclass: x\nentries: [Nîmes]\n", [("RT202", 1, 1, EITHER)]),
        ("lable: LOC\nentries: [Nîmes]\n", [("RT202", 1, 1, "a gazetteer has no field 'lable'")]),
        ("label: LIEU\nentries: [Nîmes]\n", [("RT205", 1, 8, "unknown label 'LIEU'")]),
        ("label: loc\nentries: [Nîmes]\n", [("RT205", 1, 8, "unknown label 'loc'")]),
        ("label: [LOC]\nentries: [Nîmes]\n", [("RT202", 1, 8, "'label' must be a non-empty string")]),
        ("class: LOC\nentries: [Nîmes]\n", [("RT202", 1, 8, "a class cannot be called LOC")]),
        ("class: not\nentries: [maire]\n", [("RT202", 1, 8, "a class cannot be called 'not'")]),
        ("class: ''\nentries: [maire]\n", [("RT202", 1, 8, "'class' must be a non-empty string")]),
        ("- Nîmes\n", [("RT202", 1, 1, "a gazetteer must be a mapping (key: value)")]),
        ("label: LOC\nentries: [Nîmes, '']\n", [("RT204", 2, 18, "the entry '' contains no letter or digit")]),
        ("label: LOC\nentries: ['«…»']\n", [("RT204", 2, 11, "the entry '«…»' contains no letter or digit")]),
        ("label: LOC\nentries: [²]\n", [("RT204", 2, 11, "the entry '²' contains no letter or digit")]),
        (
            "label: LOC\nentries:\n- {name: '-'}\n- {name: x, aliases: ['', '!', {name: '?'}]}\n",
            [
                ("RT204", 3, 3, "the entry '-' contains no letter or digit"),
                ("RT204", 4, 23, "an alias is empty"),
                ("RT204", 4, 27, "the entry '!' contains no letter or digit"),
                ("RT204", 4, 32, "the entry '?' contains no letter or digit"),
            ],
        ),
        ("label: LOC\nentries: [[Nîmes]]\n", [("RT202", 2, 11, "an entry must be a mapping (key: value)")]),
        ("label: LOC\nentries: [{id: Q1}]\n", [("RT202", 2, 11, "an entry lacks the field 'name'")]),
        ("label: LOC\nentries: [{name: }]\n", [("RT202", 2, 18, "'name' must be a non-empty string")]),
        ("label: LOC\nentries: [{name: x, alias: y}]\n", [("RT202", 2, 21, "an entry has no field 'alias'")]),
        (
            "label: LOC\nentries: [{name: x, ambiguous: oui}]\n",
            [("RT202", 2, 32, "'ambiguous' must be true or false")],
        ),
        ("label: LOC\nentries: [{name: x, aliases: }]\n", [("RT202", 2, 30, "'aliases' must be a list")]),
        (
            "label: LOC\nentries: [{name: x, aliases: [[y]]}]\n",
            [("RT202", 2, 31, "an alias must be a mapping (key: value)")],
        ),
        (
            "label: LOC\nentries: [{name: x, aliases: [{ambiguous: true}]}]\n",
            [("RT202", 2, 31, "an alias lacks the field 'name'")],
        ),
        (
            "label: LOC\nentries: [{name: x, aliases: [{name: y, id: z}]}]\n",
            [("RT202", 2, 41, "an alias has no field 'id'")],
        ),
        (
            "label: LOC\nentries: [{name: x, aliases: [y, z], id: []}]\n",
            [("RT202", 2, 42, "'id' must be a non-empty string")],
        ),
        (
            "label: LOC\nentries: [{name: A B, surname: B, alone: true}]\n",
            [
                ("RT202", 2, 23, "only entries under PER can have 'surname'"),
                ("RT202", 2, 35, "only entries under PER can have 'alone'"),
            ],
        ),
        (
            "class: x\nentries: [{name: a b, surname: b}]\n",
            [("RT202", 2, 23, "only entries under PER can have 'surname'")],
        ),
        (
            "label: PER\nentries: [{name: Pelé, alone: oui, surname: [x]}]\n",
            [
                ("RT202", 2, 31, "'alone' must be true or false"),
                ("RT202", 2, 45, "'surname' must be a non-empty string"),
            ],
        ),
        (
            "label: LOC\nentries: [Nîmes]\nlabel: PER\n",
            [("RT203", 3, 1, "the key 'label' occurs twice in one mapping")],
        ),
    ],
)
def test_refused(tmp_path, text, expected):
    """An impossible entry or file is a fault at its place, reported once."""
    assert faults(tmp_path, text) == expected


def test_all_faults_of_all_files(tmp_path):
    """One run reports every fault of every file, of lists too, sorted by file and line; nothing hides anything."""
    folder = tmp_path / "mine"
    write(folder / "b.yaml", "label: LIEU\nentries: ['!', {nom: x}]\n")
    write(folder / "a.yaml", "label: [\n")
    write(folder / "sub" / "c.yaml", "")
    write(folder / "d.yaml", "label: LOC\nentries: [Nîmes]\n")
    write(tmp_path / "noms.txt", "Nîmes\n--\n")
    lists = [("LOC", tmp_path / "noms.txt"), ("PAYS", tmp_path / "absent.txt")]
    with pytest.raises(RuletagError) as caught:
        load_gazetteers(folder, lists)
    assert [(fault.path, fault.line, fault.column, fault.code) for fault in caught.value.faults] == [
        ("absent.txt", 0, 0, "RT101"),
        ("absent.txt", 0, 0, "RT205"),
        ("mine/a.yaml", 2, 1, "RT201"),
        ("mine/b.yaml", 1, 8, "RT205"),
        ("mine/b.yaml", 2, 11, "RT204"),
        ("mine/b.yaml", 2, 16, "RT202"),
        ("mine/b.yaml", 2, 17, "RT202"),
        ("mine/sub/c.yaml", 0, 0, "RT202"),
        ("noms.txt", 2, 1, "RT204"),
    ]
    assert str(tmp_path) not in str(caught.value)


def test_unknown_words_come_with_a_way_out(tmp_path):
    """A misspelt label or field is reported with the likely intended one."""
    with pytest.raises(RuletagError) as caught:
        load_gazetteers(write(tmp_path / "a.yaml", "label: PERS\nentries: [{name: x, alias: y}]\n"))
    assert [fault.help for fault in caught.value.faults] == ["did you mean 'PER'?", "did you mean 'aliases'?"]


def lists(tmp_path, name, text, label="LOC"):
    """The entries of one plain list."""
    knowledge = load_gazetteers([], [(label, write(tmp_path / name, text))])
    return [item for item in knowledge.entries if item.is_label]


def test_plain_list(tmp_path):
    """A `.txt` is a name a line; spaces around it, empty lines and comments are nothing, a sharp in a word is."""
    entries = lists(tmp_path, "noms.txt", "\ufeffNîmes\n\n# villes\n  La Haye  \nC#\nLomé # Togo\n", "MISC")
    assert entries == [
        Entry(name, "MISC", Source("entry", name, "noms.txt", line))
        for name, line in [("Nîmes", 1), ("La Haye", 4), ("C#", 5), ("Lomé", 6)]
    ]


def test_plain_list_of_people(tmp_path):
    """People of a plain list have family names as others do."""
    entries = lists(tmp_path, "noms.txt", "Aya Nakamura\nPelé\n", "PER")
    assert [(item.surface, item.surname) for item in entries] == [("Aya Nakamura", "Nakamura"), ("Pelé", None)]
    entries = lists(tmp_path, "noms.tsv", "name\nAya Nakamura\nPelé\n", "PER")
    assert [(item.surface, item.surname) for item in entries] == [("Aya Nakamura", "Nakamura"), ("Pelé", None)]


def test_tab_separated_list(tmp_path):
    """A `.tsv` has a header; its columns may come in any order, and cells may be empty or missing."""
    text = 'ambiguous\tname\tid\nTRUE\tOrange\tQ1\n\n1\tTotal\n0\t"Groupe ""X"""\tQ3\n\tNîmes\t\nfalse\t Lomé \tQ5\n'
    assert lists(tmp_path, "noms.tsv", text) == [
        Entry("Orange", "LOC", Source("entry", "Orange", "noms.tsv", 2), True, "Q1"),
        Entry("Total", "LOC", Source("entry", "Total", "noms.tsv", 4), True),
        Entry('Groupe "X"', "LOC", Source("entry", 'Groupe "X"', "noms.tsv", 5), False, "Q3"),
        Entry("Nîmes", "LOC", Source("entry", "Nîmes", "noms.tsv", 6)),
        Entry("Lomé", "LOC", Source("entry", "Lomé", "noms.tsv", 7), False, "Q5"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("n.txt", "Nîmes\n...\n", [("RT204", 2, 1, "the entry '...' contains no letter or digit")]),
        ("n.tsv", "", [("RT202", 1, 1, "lacks the column 'name'")]),
        (
            "n.tsv",
            "nom\nNîmes\n",
            [("RT202", 1, 1, "lacks the column 'name'"), ("RT202", 1, 1, "unknown column 'nom'")],
        ),
        ("n.tsv", "name\tpays\nNîmes\tFR\n", [("RT202", 1, 1, "unknown column 'pays'")]),
        (
            "n.tsv",
            "name\tid\n\tQ1\n!\tQ2\n",
            [
                ("RT204", 2, 1, "the entry '' contains no letter or digit"),
                ("RT204", 3, 1, "the entry '!' contains no letter or digit"),
            ],
        ),
        ("n.tsv", "name\tambiguous\nNîmes\toui\n", [("RT202", 2, 1, "'ambiguous' must be true or false")]),
        (
            "n.tsv",
            'name\tid\nLomé\tQ1\n"Nîmes\tQ2\nAccra\tQ3\n',
            [("RT202", 3, 1, "this is not a tab-separated row: unexpected end of data")],
        ),
    ],
)
def test_list_refused(tmp_path, name, text, expected):
    """A list has faults with lines too; a quotation mark that is never closed swallows no names."""
    with pytest.raises(RuletagError) as caught:
        lists(tmp_path, name, text)
    assert [(fault.code, fault.line, fault.column, fault.message) for fault in caught.value.faults] == expected


def test_list_that_cannot_be_read(tmp_path):
    """A list that is missing or not UTF-8 is a fault that names the file and nothing of the machine."""
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbfN\xeemes\n")
    with pytest.raises(RuletagError) as caught:
        load_gazetteers([], [("LOC", tmp_path / "a.txt"), ("LOC", str(tmp_path / "b.txt"))])
    help = "check the name and the permissions"
    assert caught.value.faults == (
        Fault("a.txt", "RT101", "cannot be read: No such file or directory", help=help),
        Fault("b.txt", "RT102", "byte 4 is not valid UTF-8", help="save the file as UTF-8"),
    )


def test_what_ships(small_shipped):
    """Nothing, or the word `shipped`, means the shipped folder: names and word classes."""
    lome = Entry("Lomé", "LOC", Source("entry", "Lomé", "gazetteers/places.yaml", 2))
    knowledge = load_gazetteers()
    assert knowledge.entries == (lome, *SHIPPED_WORDS)
    assert knowledge.classes == {"particle", "title"}
    files = ["places.yaml", "words/particles.yaml", "words/titles.yaml"]
    assert knowledge.files == tuple(small_shipped / name for name in files)
    assert load_gazetteers("shipped") == load_gazetteers(["shipped"]) == load_gazetteers(small_shipped) == knowledge


def test_words_a_folder_lacks_come_from_what_ships(tmp_path):
    """A folder of names gets all shipped word classes, and none of the shipped names."""
    folder = write(tmp_path / "mine" / "a.yaml", "label: LOC\nentries: [Nîmes]\n").parent
    nimes = Entry("Nîmes", "LOC", Source("entry", "Nîmes", "mine/a.yaml", 2))
    assert load_gazetteers(folder).entries == (nimes, *SHIPPED_WORDS)


def test_words_a_folder_defines_replace_what_ships(tmp_path):
    """A word class that a folder defines is the folder's alone; the others still come from what ships."""
    folder = write(tmp_path / "mine" / "a.yaml", "class: title\nentries: [maire]\n").parent
    maire = Entry("maire", "title", Source("entry", "maire", "mine/a.yaml", 2))
    assert load_gazetteers(folder).entries == (maire, SHIPPED_WORDS[0])


@pytest.mark.parametrize(("key", "index"), [("particle", 1), ("title", 0)])
def test_each_class_is_replaced_by_itself(tmp_path, key, index):
    """Whichever class a folder defines, first or last in the order of files, the others are the shipped ones."""
    folder = write(tmp_path / "mine" / "a.yaml", f"class: {key}\nentries: [x]\n").parent
    own = Entry("x", key, Source("entry", "x", "mine/a.yaml", 2))
    assert load_gazetteers(folder).entries == (own, SHIPPED_WORDS[index])


def test_words_a_folder_adds_to_what_ships(tmp_path):
    """With `shipped` in the list, nothing is replaced: the folder adds to it."""
    folder = write(tmp_path / "mine" / "a.yaml", "class: title\nentries: [maire]\n").parent
    after, before = load_gazetteers(["shipped", folder]), load_gazetteers([folder, "shipped"])
    assert [item.surface for item in after.entries] == ["Lomé", "de", "ministre", "maire"]
    assert [item.surface for item in before.entries] == ["maire", "Lomé", "de", "ministre"]


def test_several_folders_and_files(tmp_path):
    """Folders and files are read in the order given, the files of a folder by name."""
    write(tmp_path / "mine" / "b.yml", "label: LOC\nentries: [B]\n")
    write(tmp_path / "mine" / "a" / "z.yaml", "label: LOC\nentries: [Z]\n")
    write(tmp_path / "one.yaml", "label: LOC\nentries: [One]\n")
    gazetteer = load_gazetteers([tmp_path / "one.yaml", str(tmp_path / "mine")])
    shown = [str(item.source) for item in gazetteer.entries if item.is_label]
    assert shown == ["One (one.yaml:2)", "Z (mine/a/z.yaml:2)", "B (mine/b.yml:2)"]


def test_missing_folder(tmp_path):
    """A folder that is not there is an error, which names it as it was given."""
    with pytest.raises(RuletagError) as caught:
        load_gazetteers(tmp_path / "absent")
    fault = Fault(str(tmp_path / "absent"), "RT101", "there is no such folder", help="check the name")
    assert caught.value.faults == (fault,)


def test_names_shown_are_the_same_on_every_machine(tmp_path, monkeypatch):
    """A file is shown by the name of its folder and the way from there, however the folder was named."""
    path = write(tmp_path / "mine" / "sub" / "a.yaml", "label: LOC\nentries: [Nîmes]\n")
    monkeypatch.chdir(tmp_path / "mine")
    roots = [tmp_path / "mine", tmp_path / "mine" / "sub" / "..", *map(type(path), (".", "../mine"))]
    shown = [shown_name(root, path) for root in roots for path in yaml_files(root)]
    assert shown == ["mine/sub/a.yaml"] * 4
    assert shown_name(path, path) == "a.yaml"


def test_listed(tmp_path):
    """One path, several, or none, as a sequence."""
    assert [listed(None), listed("a"), listed(tmp_path), listed(["a", tmp_path])] == [
        ["shipped"],
        ["a"],
        [tmp_path],
        ["a", tmp_path],
    ]


def test_names_that_are_called_ambiguous(tmp_path):
    """A file calls a name ambiguous in whichever file it stands, under its label only; its variants are so too."""
    for name, text in (
        ("a.yaml", "label: LOC\nentries: [Orange, Saint-Malo, Mali]\n"),
        ("b.yaml", "label: ORG\nentries: [Orange]\n"),
        ("c.yaml", "label: LOC\nambiguous: [Orange, Saint-Malo]\n"),
    ):
        write(tmp_path / "mine" / name, text)
    gazetteer = load_gazetteers(tmp_path / "mine")
    names = [(e.key, e.surface, e.ambiguous) for e in gazetteer.entries if e.is_label]
    assert names == [
        ("LOC", "Orange", True),
        ("LOC", "Saint-Malo", True),
        ("LOC", "Mali", False),
        ("ORG", "Orange", False),
        *(("LOC", variant, True) for variant in ("St-Malo", "St Malo", "Saint Malo")),
    ]
    assert {key: str(source) for key, source in gazetteer.called.items()} == {
        ("LOC", "Orange"): "Orange (mine/c.yaml:2)",
        ("LOC", "Saint-Malo"): "Saint-Malo (mine/c.yaml:2)",
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("label: LOC\nambiguous: ['…']\n", "RT204"),
        ("class: title\nambiguous: [roi]\n", "RT202"),
        ("label: LOC\n", "RT202"),
    ],
)
def test_what_cannot_be_called_ambiguous(tmp_path, text, code):
    """A name that holds no letter, and words of a class."""
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RuletagError) as error:
        load_gazetteers(tmp_path)
    assert [fault.code for fault in error.value.faults] == [code]
