"""UIMA CAS: offsets and layers as INCEpTION has them, and files that are none."""

from __future__ import annotations

import re

import pytest

from difficult import DIFFICULT
from ruletag.errors import RuletagError, format_fault
from ruletag.formats import FORMATS
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
    "no XML": ("Paris", "a.xmi: RT105 is no XMI of a CAS\n  help: export it as UIMA CAS XMI"),
    "entities": (
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>',
        "a.xmi: RT105 is no XMI: it has a document type\n  help: remove <!DOCTYPE …>",
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
        "a.txt:2: RT105 the character U+0000 cannot stand in XML\n  help: write it in another format"
    ]
