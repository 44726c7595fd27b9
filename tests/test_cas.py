"""UIMA CAS: offsets and layers as INCEpTION has them, and files that are none."""

from __future__ import annotations

import json
import re

import pytest

from difficult import DIFFICULT
from ruletag.errors import RuletagError, format_fault
from ruletag.formats import FORMATS
from ruletag.formats.cas import NAME
from ruletag.model import Document

pytest.importorskip("cassis")

FORMAT = FORMATS["cas"]


def test_offsets_are_utf16():
    """Names behind astral characters begin where Java counts them."""
    found = re.findall(r'NamedEntity [^>]*begin="(\d+)" end="(\d+)" value="(\w+)"', FORMAT.dumps(DIFFICULT[:1]))

    text = DIFFICULT[0].text
    wanted = [
        (*(str(len(text[:place].encode("utf-16-le")) // 2) for place in (each.start, each.end)), each.label)
        for each in DIFFICULT[0].entities
    ]
    assert found == wanted == [("5", "20", "PER"), ("29", "35", "LOC")]


REFUSED = {
    "no XML": ("Paris", "a.xmi: RT105 is not the XMI of a CAS\n  help: export it as UIMA CAS XMI"),
    "entities": (
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>',
        "a.xmi: RT105 is not XMI: it has a document type\n  help: remove <!DOCTYPE …>",
    ),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_other_files_are_refused(text, message):
    """What is no CAS, or could name other files, is one fault."""
    with pytest.raises(RuletagError) as error:
        list(FORMAT.loads(text, "a.xmi"))

    assert [format_fault(fault) for fault in error.value.faults] == [message]


def test_a_character_that_xml_lacks_is_refused():
    """A text with a control character is not written changed."""
    with pytest.raises(RuletagError) as error:
        FORMAT.dumps([Document("À\nParis\x00", path="a.txt")])

    assert [format_fault(fault) for fault in error.value.faults] == [
        "a.txt:2: RT105 the character U+0000 is not allowed in XML\n  help: write it in another format"
    ]


class TestJson:
    """UIMA CAS JSON beside XMI."""

    FORMAT = FORMATS["cas-json"]

    def test_dkpro_cassis_reads_the_names(self):
        """The library of the format finds each name at its place, and none besides."""
        import cassis

        for document in DIFFICULT:
            cas = cassis.load_cas_from_json(self.FORMAT.dumps([document]))
            found = [(each.begin, each.end, each.value) for each in cas.select(NAME)]
            assert (cas.sofa_string, sorted(found)) == (document.text, sorted(each.span for each in document.entities))

    def test_offsets_are_utf16(self):
        """In the file, names behind astral characters begin where Java counts them."""
        record = json.loads(self.FORMAT.dumps(DIFFICULT[:1]))
        names = [each for each in record["%FEATURE_STRUCTURES"] if each["%TYPE"] == NAME]
        assert [(each["begin"], each["end"], each["value"]) for each in names] == [(5, 20, "PER"), (29, 35, "LOC")]

    def test_other_layers_are_passed_over(self):
        """A file with types and features of a project is read for its names."""
        record = json.loads(self.FORMAT.dumps(DIFFICULT[:1]))
        record["%TYPES"]["custom.Mood"] = {"%NAME": "custom.Mood", "%SUPER_TYPE": "uima.tcas.Annotation"}
        record["%TYPES"][NAME]["sure"] = {"%NAME": "sure", "%RANGE": "uima.cas.Boolean"}
        record["%FEATURE_STRUCTURES"][-1]["sure"] = True
        mood = {"%ID": 99, "%TYPE": "custom.Mood", "@sofa": 1, "begin": 0, "end": 2}
        record["%FEATURE_STRUCTURES"].append(mood)
        record["%VIEWS"]["_InitialView"]["%MEMBERS"].append(99)
        (document,) = self.FORMAT.loads(json.dumps(record, indent=1), "a.json")
        assert [each.span for each in document.entities] == [each.span for each in DIFFICULT[0].entities]
        assert document.id == "emoji"

    def test_a_file_without_our_types(self):
        """A CAS whose types have no name and no description of a document is a text without names."""
        record = json.loads(self.FORMAT.dumps([Document("Été", id="a")]))
        record["%TYPES"] = {}
        record["%FEATURE_STRUCTURES"] = record["%FEATURE_STRUCTURES"][:1]
        record["%VIEWS"]["_InitialView"]["%MEMBERS"] = []
        (document,) = self.FORMAT.loads(json.dumps(record), "a.json")
        assert (document.text, document.entities, document.id) == ("Été", (), None)

    def test_types_are_built_once(self, monkeypatch):
        """Files that declare the same types share them."""
        import cassis

        made = []
        usual = cassis.TypeSystem.__init__
        monkeypatch.setattr(cassis.TypeSystem, "__init__", lambda *a, **k: (made.append(1), usual(*a, **k))[1])
        written = [self.FORMAT.dumps([Document(f"Texte {n}.", id=str(n))]) for n in range(5)]
        list(self.FORMAT.loads(written[0], "a.json"))
        made.clear()
        found = [document.text for each in written for document in self.FORMAT.loads(each, "a.json")]
        assert (found, made) == ([f"Texte {n}." for n in range(5)], [])

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "a.json: RT105 contains no JSON\n  help: expected an array of objects"),
            ("{}", "a.json: RT105 is not a CAS in JSON\n  help: export it as UIMA CAS JSON 0.4.0"),
            ('{\n"%TYPES": {}', "a.json:2: RT105 record 1 is not JSON: Expecting ',' delimiter\n  help: write an array "
             "of objects"),
            ("[{}, {}]", "a.json: RT105 is not a CAS in JSON\n  help: export it as UIMA CAS JSON 0.4.0"),
        ],
    )  # fmt: skip
    def test_other_files_are_refused(self, text, message):
        """What is no CAS is one fault."""
        with pytest.raises(RuletagError) as error:
            list(self.FORMAT.loads(text, "a.json"))
        assert [format_fault(fault) for fault in error.value.faults] == [message]

    def test_a_name_that_does_not_fit_is_named(self):
        """Offsets outside the text, and unknown labels, are faults with the number of the name."""
        with pytest.raises(RuletagError) as error:
            list(self.FORMAT.loads(self.FORMAT.dumps(DIFFICULT[:1]).replace('"LOC"', '"GPE"'), "a.json"))
        assert str(error.value) == "a.json:1: RT205 unknown label 'GPE'\n  help: use --map GPE=LOC, or --ignore GPE"
