"""`ruletag import-list`, and `--list`, which refuses what it would misread."""

from __future__ import annotations

import csv
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruletag.errors import RuletagError, format_fault
from ruletag.events import value_of
from ruletag.formats.labels import Labels, parse_labels
from ruletag.gazetteer import load_gazetteers
from ruletag.lists.cleaning import clean
from ruletag.lists.importing import Name, gazetteer_yaml, import_rows
from ruletag.lists.rows import kind_of, rows


def read(text, name="a.txt", label="PER", column=None, labels=Labels()):
    """The rows of a file: names, or why a line holds none."""
    rows_read = rows(kind_of(name, text), text, name, column, label, labels)
    return [(row.line, f"{row.text}: {row.why_not}" if row.why_not else row.text) for row in rows_read]


def refused(text, name, **more):
    with pytest.raises(RuletagError) as error:
        read(text, name, **more)
    return [format_fault(fault) for fault in error.value.faults]


ZIP = "ZIP (.zip, .docx, .odt, .xlsx, .epub)"


class TestRows:
    """The entries of a file, with their lines."""

    def test_lines(self):
        """A name a line; comments and empty lines are none."""
        assert read("# noms\nOdile\n\n  Zoé # sa sœur\n") == [(2, "Odile"), (4, "Zoé")]

    @pytest.mark.parametrize(
        ("name", "text", "column"),
        [
            ("a.csv", "id,Nom,ville\n7,Odile,Oslo\n", None),
            ("a.csv", "id;name\n7;Odile\n", None),
            ("a.tsv", "id\tnom\n7\tOdile\n", None),
            ("a.txt", "id\tnom\n7\tOdile\n", None),
            ("a.csv", "id;qui\n7;Odile\n", "qui"),
            ("a.csv", "id;qui\n7;Odile\n", "2"),
            ("a.csv", 'ville;qui\n"Oslo; Nord";Odile\n', "QUI"),
        ],
    )
    def test_tables(self, name, text, column):
        """Any delimiter; the column is called name or nom, or named by the user, also by its number."""
        assert read(text, name, column=column) == [(2, "Odile")]

    def test_a_table_without_a_heading(self):
        """A column by its number, if the first row is a name too; and a table of one column."""
        assert read("7;Odile\n8;Zoé\n", "a.csv", column="2") == [(1, "Odile"), (2, "Zoé")]
        assert read("Odile\nZoé\n", "a.csv") == [(1, "Odile"), (2, "Zoé")]

    def test_given_and_family_names_of_people(self):
        """Two columns are one name; for other labels the column of names is enough."""
        text = "nom;prénom\nMarx;Odile\n;Zoé\nVarenne\n"
        assert read(text, "a.csv") == [(2, "Odile Marx"), (3, "Zoé"), (4, "Varenne: has no column 2")]
        assert read(text, "a.csv", label="LOC")[0] == (2, "Marx")

    def test_columns_that_are_not_there(self):
        """The columns that there are are named; one by number is counted from 1."""
        help = "\n  help: use --column with one of them, or its number"
        assert refused("a;b\n1;2\n", "a.csv") == ["a.csv:1: RT118 has no column 'name' among: a, b" + help]
        assert refused("a;b\n1;2\n", "a.csv", column="c") == ["a.csv:1: RT118 has no column 'c'\n  help: known: a, b"]
        assert refused("a;b\n1;2\n", "a.csv", column="0")[0].startswith("a.csv:1: RT118 has no column '0'")
        assert refused("Odile\n", "a.txt", column="1") == [
            "--column: RT110 is for a table, but a.txt is read as one name per line\n  help: use --from table"
        ]

    @pytest.mark.parametrize(
        ("text", "line", "reason"),
        [
            ('name\n"Odile\n', 2, "unexpected end of data"),
            ('name,id\nOdile\n"Zoé" Marx\nAnne\n', 3, "',' expected after '\"'"),
            ('name,id\n\n"Odile\nZoé\nAnne" x\n', 3, "',' expected after '\"'"),
            (f'name\n"Odile\nMarx"\n"Zoé\n{"x" * 131_072}"\n', 4, "field larger than field limit (131072)"),
        ],
    )
    def test_rows_that_cannot_be_read(self, text, line, reason):
        """They are reported where they begin, which is where the quotation mark is."""
        usual = csv.field_size_limit(131_072)  # of the whole process; readers of documents raise it
        message = f"a.csv:{line}: RT118 this is not a table row: {reason}\n  help: check quotation marks"
        try:
            assert refused(text, "a.csv") == [message]
        finally:
            csv.field_size_limit(usual)

    def test_a_row_of_several_lines(self):
        """It has the line where it begins."""
        assert read('name\n"Odile\nMarx"\nZoé\n', "a.csv") == [(2, "Odile\nMarx"), (4, "Zoé")]

    def test_columns_of_the_same_name(self):
        """None is taken by chance: those that are read must be the only ones, or be named by number."""
        help = "\n  help: use --column with one of these numbers, or rename all but one"
        text = "Nom;ville;nom\nMarx;Oslo;Odile\n"
        messages = ["a.csv:1: RT118 has several columns 'nom': 1 and 3" + help]
        assert [refused(text, "a.csv", column=column) for column in (None, "NOM")] == [messages, messages]
        assert [read(text, "a.csv", column=column) for column in ("1", "3")] == [[(2, "Marx")], [(2, "Odile")]]
        assert read("nom;x;x\nMarx;1;2\n", "a.csv") == [(2, "Marx")]
        text = "nom;id;ID;prénom;prénom\nMarx;1;2;Zoé;Odile\n"
        messages = ["a.csv:1: RT118 has several columns 'id': 2 and 3\n  help: rename all but one"]
        assert refused(text, "a.csv") == messages
        text = text.replace("ID", "autre")
        assert refused(text, "a.csv") == ["a.csv:1: RT118 has several columns 'prénom': 4 and 5" + help]
        assert read(text, "a.csv", label="LOC") == [(2, "Marx")]

    def test_gate(self):
        """Features of GATE are no part of the name."""
        assert read("Oslo:country=Norvège:id=3\nLa Haye\n", "a.lst") == [(1, "Oslo"), (2, "La Haye")]

    def test_delaf(self):
        """Inflected forms, their escapes undone; words without a capital are no names."""
        text = "Jean\\-Paul,.N+PR+Hum:ms\nOslo,Oslo.N+Toponyme/ville\nmaison,.N:fs\nOslo\nSaint\\,Jean,.N\n"
        assert read(text, "a.dic") == [
            (1, "Jean-Paul"),
            (2, "Oslo"),
            (3, "maison: a dictionary word without a capital"),
            (4, "Oslo: is not a DELAF line"),
            (5, "Saint,Jean"),
        ]

    def test_patterns(self):
        """Patterns that are words, under the requested label or one that is mapped to it."""
        patterns = [
            {"label": "PERSON", "pattern": "Odile Marx", "id": "Q1"},
            {"label": "PER", "pattern": [{"LOWER": "zoé"}, {"lower": "marx"}]},
            {"label": "PER", "pattern": [{"LOWER": {"IN": ["zoé"]}}]},
            {"label": "PER", "pattern": [{"LOWER": "zoé", "OP": "?"}]},
            {"label": "ORG", "pattern": "ONU"},
            {"label": "GPE", "pattern": "Oslo"},
        ]
        text = "".join(json.dumps(pattern) + "\n" for pattern in patterns)
        assert read(text, "a.jsonl", labels=parse_labels(["PERSON=PER"], [])) == [
            (1, "Odile Marx"),
            (2, "zoé marx"),
            (3, '[{"LOWER": {"IN": ["zoé"]}}]: a pattern of more than plain words has to be a rule'),
            (4, '[{"LOWER": "zoé", "OP": "?"}]: a pattern of more than plain words has to be a rule'),
            (5, "ONU: its label is ORG, not PER"),
            (6, "Oslo: its label is 'GPE': --map GPE=PER would include it"),
        ]
        assert [fault.split("\n")[0].split(": ")[:2] for fault in refused('{"a": 1}\n[]\n{', "a.jsonl")] == [
            ["a.jsonl:1", "RT118 a pattern is an object with 'label' and 'pattern'"],
            ["a.jsonl:2", "RT118 a pattern is an object with 'label' and 'pattern'"],
            ["a.jsonl:3", "RT105 this is not JSON"],
        ]

    @pytest.mark.parametrize("depth", [65, 500, 100_000])
    def test_patterns_nested_too_deeply(self, depth):
        """The message is ours at any depth, whatever Python says at that depth."""
        message = "a.jsonl:2: RT105 is nested too deeply\n  help: lists and objects may nest 64 levels deep"
        assert refused('{"label": "PER", "pattern": "Zoé"}\n' + "[" * depth + "]" * depth, "a.jsonl") == [message]


class TestCleaning:
    """One name."""

    @pytest.mark.parametrize(
        ("text", "label", "name", "changes"),
        [
            ("Odile Marx", "PER", "Odile Marx", ()),
            ("- Odile Marx,", "PER", "Odile Marx", ("bullet", "comma at the end")),
            ("12. Odile\u00a0 Marx", "PER", "Odile Marx", ("spaces", "bullet")),
            ("• « Odile Marx »", "PER", "Odile Marx", ("bullet", "quotation marks")),
            ("Marx, Odile", "PER", "Odile Marx", ("order of the parts",)),
            ("MARX, Odile", "PER", "Odile Marx", ("order of the parts", "capitals")),
            ("DE GAULLE Charles", "PER", "Charles de Gaulle", ("order of the parts", "capitals")),
            ("Gaulle, Charles de", "PER", "Charles de Gaulle", ("order of the parts",)),
            ("VALÉRY GISCARD D'ESTAING", "PER", "Valéry Giscard d'Estaing", ("capitals",)),
            ("jean-paul sartre", "PER", "Jean-Paul Sartre", ("capitals",)),
            ("LOUIS XIV", "PER", "Louis XIV", ("capitals",)),
            ("J. D. Marx", "PER", "J. D. Marx", ()),
            ("L'ABERGEMENT-SUR-YON", "LOC", "L'Abergement-sur-Yon", ("capitals",)),
            ("LE HAVRE", "LOC", "Le Havre", ("capitals",)),
            ("URSS", "LOC", "URSS", ()),
            ("Haye, La", "LOC", "La Haye", ("order of the parts",)),
            ("Iran, République islamique d'", "LOC", "République islamique d'Iran", ("order of the parts",)),
            ("Oslo (Norvège)", "LOC", "Oslo", ("text in brackets",)),
            ("SNCF", "ORG", "SNCF", ()),
            ("BANQUE DE FRANCE", "ORG", "Banque de France", ("capitals",)),
            ("iPhone", "MISC", "iPhone", ()),
        ],
    )
    def test_names(self, text, label, name, changes):
        """Names that are cut, turned round or given their usual capitals; each change is reported."""
        assert clean(text, label, all_loud=False) == (name, changes, "")

    @pytest.mark.parametrize(
        ("text", "label", "why_not"),
        [
            ("FR", "LOC", "a code of one or two letters"),
            ("Y", "LOC", "a code of one or two letters"),
            ("75001", "LOC", "contains no letter"),
            ("Communes :", "LOC", "a heading"),
            ("contact@oslo.no", "ORG", "an address"),
            ("Os\0lo", "LOC", "contains a control character"),
            ("Oslo\x07", "LOC", "contains a control character"),
            ("Os\x9flo", "LOC", "contains a control character"),
            ("Oslo \ud83d", "LOC", "contains an unpaired surrogate"),
            ("Ã‰vian Ã©tÃ©", "LOC", "was decoded wrongly: use --encoding"),
            ("Il y avait une fois un roi qui régnait", "PER", "more than 8 words"),
            ("Oslo, Brest", "LOC", "contains a comma or semicolon: several names, or one in an unknown form"),
            ("Marx; Engels", "PER", "contains a comma or semicolon: several names, or one in an unknown form"),
        ],
    )
    def test_what_is_no_name(self, text, label, why_not):
        """Codes, numbers, headings, prose and several names at once are left out."""
        assert clean(text, label, all_loud=False).why_not == why_not

    def test_a_list_in_capitals(self):
        """If all names are in capitals, short ones are names too; otherwise they may be acronyms."""
        assert clean("OSLO", "LOC", all_loud=True).name == "Oslo"
        assert clean("OSLO", "LOC", all_loud=False).name == "OSLO"

    @given(st.text("aB-'’., ;«»()1É", max_size=14), st.sampled_from(["PER", "LOC", "ORG", "MISC"]))
    def test_a_clean_name_stays(self, text, label):
        """Every name made of a text is clean, with no space at its ends and no comma."""
        made = clean(text, label, all_loud=False)
        if not made.why_not:
            assert made.name == " ".join(made.name.split())
            assert not set(made.name) & set(",;")
            assert any(char.isalpha() for char in made.name)


class TestImport:
    """A whole list."""

    def test_doubles_and_common_words(self):
        """A repeated name is kept once; a common word is ambiguous unless known as a name."""
        imported = import_rows(
            rows("lines", "Orange\nPierre\nORANGE\nOslo\nÉvian\nEvian\n", "a", None, "LOC", Labels()),
            "LOC",
            {"orange", "pierre"},
            lambda: {"Pierre"},
        )
        assert imported.names == (Name("Orange", True), Name("Pierre"), Name("Oslo"), Name("Évian"))
        assert [(message.line, str(message)) for message in imported.remarks] == [
            (1, "ambiguous: 'Orange' is a common French word"),
            (3, "left out: 'ORANGE': is already in line 1"),
            (6, "left out: 'Evian': is already in line 5"),
        ]

    @given(st.lists(st.text(min_size=1, max_size=8).filter(lambda text: text.strip() and text < "\ud800"), max_size=5))
    def test_the_gazetteer_is_read_as_it_was_meant(self, names):
        """YAML gives back every name unchanged."""
        names = [name.replace("\0", "") or "x" for name in names if name.isprintable()] or ["yes"]
        faults = []
        made = gazetteer_yaml([Name(names[0], True, "Q: #1"), *map(Name, names)], "PER", "a\nb")
        value = value_of(made, lambda *fault: faults.append(fault))
        assert faults == []
        assert value["label"] == "PER"
        first, *rest = value["entries"]
        assert (first["name"], first["ambiguous"], first["id"]) == (names[0], "true", "Q: #1")
        assert list(rest) == names

    def test_from_the_command_line(self, cli, tmp_path, small):
        """Each line that was not taken as it is is reported; the gazetteer loads and is used."""
        text = "- VARENNE, Odile\nMerkel, Angela,\nFR\nPierre\nPierre\n"
        (tmp_path / "l.txt").write_text(text, encoding="utf-8")
        assert cli("import-list", "l.txt", "--label", "PER", "-o", "mine/l.yaml") == (
            0,
            "",
            "l.txt:1: changed: '- VARENNE, Odile' is read as 'Odile Varenne' (bullet, order of the parts, capitals)\n"
            "l.txt:2: changed: 'Merkel, Angela,' is read as 'Angela Merkel' (comma at the end, order of the parts)\n"
            "l.txt:3: left out: 'FR': a code of one or two letters\n"
            "l.txt:4: ambiguous: 'Pierre' is a common French word\n"
            "l.txt:5: left out: 'Pierre': is already in line 4\n"
            "mine/l.yaml: 3 names; 2 changed, 2 left out, 1 ambiguous\n",
        )
        assert (tmp_path / "mine/l.yaml").read_text(encoding="utf-8") == (
            "# From l.txt, by `ruletag import-list`.\nlabel: PER\nentries:\n"
            "  - Odile Varenne\n  - Angela Merkel\n  - {name: Pierre, ambiguous: true}\n"
        )
        tagged = cli("tag", "-", "-t", "markup", "--gazetteers", "mine", stdin="Odile Varenne et Angela Merkel.\n")
        assert tagged.out == "[Odile Varenne](PER) et [Angela Merkel](PER).\n"

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
    def test_encodings(self, cli, tmp_path, small, encoding):
        """UTF-16 is recognised, with its mark and without; so is the mark of UTF-8."""
        (tmp_path / "l.txt").write_bytes("Odile Marx\nZoé Varenne\n".encode(encoding))
        code, out, err = cli("import-list", "l.txt", "--label", "PER")
        assert (code, out.splitlines()[3:], err) == (
            0,
            ["  - Odile Marx", "  - Zoé Varenne"],
            "-: 2 names; 0 changed, 0 left out, 0 ambiguous\n",
        )

    def test_what_cannot_be_read(self, cli, tmp_path, small):
        """Wrong labels and kinds, files that are no text or hold no name, outputs that exist."""
        (tmp_path / "l.txt").write_text("12\n", encoding="utf-8")
        (tmp_path / "l.xlsx").write_bytes(b"PK\x03\x04" + bytes(40))
        (tmp_path / "l.yaml").write_text("label: PER\n", encoding="utf-8")
        cases = {
            ("l.txt", "--label", "PERS"): "--label: RT205 unknown label 'PERS'",
            ("l.txt", "--label", "PER", "--from", "csv"): "--from: RT110 unknown kind 'csv'",
            (
                "l.xlsx",
                "--label",
                "PER",
            ): "l.xlsx: RT112 is not text: it looks like " + ZIP,
            ("m.txt", "--label", "PER"): "m.txt: RT101 cannot be read: No such file or directory",
            ("l.txt", "--label", "PER", "-o", "l.yaml"): "l.yaml: RT106 exists already",
            ("l.txt", "--label", "PER", "-o", "l.txt"): "l.txt: RT106 is an input and is never changed",
        }
        for arguments, message in cases.items():
            code, out, err = cli("import-list", *arguments)
            assert (code, out, err.split("\n")[0]) == (2, "", message)
        assert cli("import-list", "l.txt", "--label", "PER").err.splitlines() == [
            "l.txt:1: left out: '12': contains no letter",
            "l.txt: RT118 contains no name",
            "  help: use --from with its kind, or --column",
        ]


@pytest.mark.usefixtures("small")
class TestPlainLists:
    """`--list` takes plain lists, and refuses what it would misread."""

    @pytest.mark.parametrize(
        ("line", "what"),
        [
            ("- Odile", "its bullet"),
            ("1. Odile", "its bullet"),
            ("Odile,", "a comma or semicolon"),
            ("Marx, Odile", "a comma or semicolon"),
            ("Odile;7", "a comma or semicolon"),
            ("Odile\t7", "a tab"),
            ("Oslo:country=Norvège", "features after a colon"),
            ('{"label": "PER"}', "a brace"),
        ],
    )
    def test_lines_that_are_no_names(self, tmp_path, line, what):
        """The line is named, and the command that would read the list."""
        path = tmp_path / "l.txt"
        path.write_text(f"Zoé\n{line}\n", encoding="utf-8")
        with pytest.raises(RuletagError) as error:
            load_gazetteers((), [("PER", path)])
        (fault,) = error.value.faults
        assert (fault.code, fault.line, fault.message) == (
            "RT206",
            2,
            f"{line!r} would be read literally, with {what}",
        )
        assert fault.help == f"ruletag import-list {path} --label PER -o l.yaml reads it"

    @pytest.mark.parametrize("name", ["l.csv", "l.lst", "l.dic", "l.jsonl", "l.xlsx", "l.yaml"])
    def test_files_that_are_no_plain_lists(self, tmp_path, name):
        """A file whose suffix names another format is not read as a plain list."""
        (tmp_path / name).write_text("Odile\n", encoding="utf-8")
        with pytest.raises(RuletagError) as error:
            load_gazetteers((), [("PER", tmp_path / name)])
        assert [fault.code for fault in error.value.faults] == ["RT206"]

    def test_names_that_only_look_so(self, tmp_path):
        """Hyphens, figures, full stops and apostrophes inside a name are no signs of another format."""
        names = ["Saint-Jean-d'Acre", "3M", "C#", "4 Non Blondes", "St. Moritz", "Yahoo!", "-M-"]
        (tmp_path / "l.txt").write_text("\n".join(names), encoding="utf-8")
        entries = load_gazetteers((), [("ORG", tmp_path / "l.txt")]).entries
        assert [entry.surface for entry in entries if not entry.by_rule and entry.source.path == "l.txt"] == names
