"""UIMA CAS: offsets and layers as INCEpTION has them, and files that are not CAS."""

from __future__ import annotations

import json
import re

import pytest

from difficult import DIFFICULT
from ruletag.errors import RuletagError, format_fault
from ruletag.formats import FORMATS
from ruletag.formats.cas import META, NAME
from ruletag.model import Document

pytest.importorskip("cassis")

FORMAT = FORMATS["cas"]


def test_offsets_are_utf16():
    """Names behind astral characters begin where Java counts them."""
    written = re.findall(r'NamedEntity [^>]*begin="(\d+)" end="(\d+)" value="(\w+)"', FORMAT.dumps(DIFFICULT[:1]))

    text = DIFFICULT[0].text
    expected = [
        (*(str(len(text[:place].encode("utf-16-le")) // 2) for place in (entity.start, entity.end)), entity.label)
        for entity in DIFFICULT[0].entities
    ]
    assert written == expected == [("5", "20", "PER"), ("29", "35", "LOC")]


HELP = "\n  help: export it as UIMA CAS XMI"
XMI, LF = FORMAT.dumps(DIFFICULT[:1]), "\n"
SOFA = XMI.index("<cas:Sofa")
REFUSED = {
    "no XML": ("Paris", f"a.xmi:1:1: RT105 is not well-formed XML: syntax error{HELP}"),
    "cut": (XMI[:SOFA], f"a.xmi:2:{SOFA - XMI.index(LF)}: RT105 is not well-formed XML: no element found{HELP}"),
    "another root": ("<a/>", f"a.xmi: RT105 is not the XMI of a CAS: it begins with <a>{HELP}"),
    "another view": (
        XMI.replace("_InitialView", "Zwei"),
        "a.xmi: RT105 has no text in the view _InitialView, but these views: _InitialView, Zwei\n"
        "  help: export the text as _InitialView",
    ),
    "no text": (
        re.sub("sofaString", "sofaURI", XMI),
        "a.xmi: RT105 has no text in the view _InitialView, but these views: _InitialView\n"
        "  help: export the text as _InitialView",
    ),
    "an id twice": (
        re.sub(r'xmi:id="[45]"', 'xmi:id="4"', XMI),
        f"a.xmi: RT105 is not the XMI of a CAS: the id 4 occurs twice{HELP}",
    ),
    "a text that is missing": (
        XMI.replace('sofa="1"', 'sofa="77"'),
        f"a.xmi: RT105 is not the XMI of a CAS: KeyError: 77{HELP}",
    ),
    "entities": (
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>',
        "a.xmi: RT105 is not XMI: it has a document type\n  help: remove <!DOCTYPE …>",
    ),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_other_files_are_refused(text, message):
    """Data that is not a CAS, or could name other files, is one fault."""
    with pytest.raises(RuletagError) as error:
        list(FORMAT.loads(text, "a.xmi"))

    assert [format_fault(fault) for fault in error.value.faults] == [message]


@pytest.mark.parametrize(
    ("changed", "note"),
    [
        (
            re.sub('members="[^"]*"', 'members=""', XMI),
            "names that the view _InitialView does not list are not read: 2",
        ),
        (
            XMI.replace("NamedEntity", "Mood"),
            "layers that are not read: de.tudarmstadt.ukp.dkpro.core.api.ner.type.Mood",
        ),
    ],
    ids=["not listed", "another layer"],
)
def test_annotations_that_are_not_read_are_noted(changed, note):
    """A file whose names are elsewhere is not a text without names."""
    (document,) = FORMAT.loads(changed, "a.xmi")

    assert (document.text, document.entities, document.notes) == (DIFFICULT[0].text, (), (note,))


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16", "klingon"])
def test_the_declared_encoding_is_that_of_the_file(encoding):
    """A text is decoded once, as the user says: what the file declares is not applied again."""
    (document,) = FORMAT.loads(XMI.replace("UTF-8", encoding, 1), "a.xmi")

    assert (encoding in XMI.replace("UTF-8", encoding, 1), document.text) == (True, DIFFICULT[0].text)


def test_a_character_that_xml_lacks_is_refused():
    """A text with a control character is not written changed."""
    with pytest.raises(RuletagError) as error:
        FORMAT.dumps([Document("À\nParis\x00", path="a.txt")])

    assert [format_fault(fault) for fault in error.value.faults] == [
        "a.txt:2: RT105 the character U+0000 is not allowed in XML\n  help: write it in another format"
    ]


NOT, HELP_JSON = "a.json: RT105 is not a CAS in JSON", "\n  help: export it as UIMA CAS JSON 0.4.0"


class TestJson:
    """UIMA CAS JSON beside XMI."""

    FORMAT = FORMATS["cas-json"]

    def test_dkpro_cassis_reads_the_names(self):
        """The library of the format finds each name at its place, and none besides."""
        import cassis

        for document in DIFFICULT:
            cas = cassis.load_cas_from_json(self.FORMAT.dumps([document]))
            read_spans = [(annotation.begin, annotation.end, annotation.value) for annotation in cas.select(NAME)]
            assert (cas.sofa_string, sorted(read_spans)) == (
                document.text,
                sorted(entity.span for entity in document.entities),
            )

    def test_offsets_are_utf16(self):
        """In the file, names behind astral characters begin where Java counts them."""
        record = json.loads(self.FORMAT.dumps(DIFFICULT[:1]))
        names = [structure for structure in record["%FEATURE_STRUCTURES"] if structure["%TYPE"] == NAME]
        assert [(name["begin"], name["end"], name["value"]) for name in names] == [(5, 20, "PER"), (29, 35, "LOC")]

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
        assert [entity.span for entity in document.entities] == [entity.span for entity in DIFFICULT[0].entities]
        assert document.id == "emoji"
        assert document.notes == ("layers that are not read: custom.Mood",)

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
        texts = [document.text for data in written for document in self.FORMAT.loads(data, "a.json")]
        assert (texts, made) == ([f"Texte {n}." for n in range(5)], [])

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "a.json: RT105 contains no JSON\n  help: expected an array of objects"),
            ("{}", f"{NOT}: it has no %FEATURE_STRUCTURES, %TYPES, %VIEWS{HELP_JSON}"),
            ('{\n"%TYPES": {}', "a.json:2: RT105 record 1 is not JSON: Expecting ',' delimiter\n  help: write an array "
             "of objects"),
            ("[{}, {}]", f"{NOT}: it holds 2 objects, not one{HELP_JSON}"),
            ('{"%FEATURE_STRUCTURES": {}, "%TYPES": {}, "%VIEWS": {}}',
             f"{NOT}: '%FEATURE_STRUCTURES' must be a list of objects{HELP_JSON}"),
            ('{"%FEATURE_STRUCTURES": [{"%ID": "1"}], "%TYPES": {}, "%VIEWS": {}}',
             f"{NOT}: every '%ID' must be a whole number{HELP_JSON}"),
            ('{"%FEATURE_STRUCTURES": [], "%TYPES": {}, "%VIEWS": {}}',
             "a.json: RT105 has no text in the view _InitialView, but these views: _InitialView\n"
             "  help: export the text as _InitialView"),
        ],
    )  # fmt: skip
    def test_other_files_are_refused(self, text, message):
        """Data that is not a CAS is one fault."""
        with pytest.raises(RuletagError) as error:
            list(self.FORMAT.loads(text, "a.json"))
        assert [format_fault(fault) for fault in error.value.faults] == [message]

    @pytest.mark.parametrize(
        ("kind", "key", "message"),
        [
            ("uima.cas.Sofa", "sofaString", "a.json: RT105 has no text in the view _InitialView, but these views: "
             "_InitialView\n  help: export the text as _InitialView"),
            (META, "documentId", "a.json:1: RT105 an id must be a string or a number"),
            (NAME, "identifier", "a.json:1: RT105 name 1: an id must be a string or a number"),
        ],
    )  # fmt: skip
    def test_what_must_be_text_is_text(self, kind, key, message):
        """A list in place of a text is a fault, as is a list in place of an id."""
        record = json.loads(self.FORMAT.dumps(DIFFICULT[:1]))
        next(structure for structure in record["%FEATURE_STRUCTURES"] if structure["%TYPE"] == kind)[key] = ["x"]
        with pytest.raises(RuletagError) as error:
            list(self.FORMAT.loads(json.dumps(record), "a.json"))
        assert [format_fault(fault) for fault in error.value.faults] == [message]

    def test_a_name_that_does_not_fit_is_named(self):
        """Offsets outside the text, and unknown labels, are faults with the number of the name."""
        with pytest.raises(RuletagError) as error:
            list(self.FORMAT.loads(self.FORMAT.dumps(DIFFICULT[:1]).replace('"LOC"', '"GPE"'), "a.json"))
        assert str(error.value) == "a.json:1: RT205 unknown label 'GPE'\n  help: use --map GPE=LOC, or --ignore GPE"
