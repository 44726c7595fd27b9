"""WebAnno TSV 3: offsets in UTF-16 units, escapes, spans over several tokens, stacked and in parts of tokens."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given

from difficult import DIFFICULT
from difficult import GOLDEN as GOLDEN_FILES
from properties import examples
from refusals import refusal
from ruletag.errors import RuletagError, format_fault
from ruletag.formats import FORMATS, Options
from ruletag.formats.offsets import Utf16
from test_formats import documents, essence

FORMAT = FORMATS["webanno"]
NER = "#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value"
GOLDEN = "\n".join(
    [
        "#FORMAT=WebAnno TSV 3.3",
        "#T_SP=de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS|PosValue",
        NER,
        "#T_RL=de.tudarmstadt.ukp.dkpro.core.api.syntax.type.dependency.Dependency|flavor|BT_de.POS",
        "",
        "",
        "#Text=\U0001f30d Jean\\tBon, E\u0301vry \\\\ [a]_",
        "#Sentence.id=s1",
        "1-1\t0-2\t\U0001f30d\tX\t_\t_\t*\t1-1\t",
        "1-2\t3-7\tJean\tN\t*[1]\tPER[1]\t_\t_\t",
        "1-3\t8-11\tBon\tN\t*[1]|*[2]\tPER[1]|MISC[2]\t_\t_\t",
        "1-4\t11-12\t,\t_\t_\t_\t_\t_\t",
        "1-5\t13-18\tE\u0301vry\tN\tQ1\tLOC\t_\t_\t",
        "1-5.1\t13-15\tE\u0301\t_\t*\tG\\[P\\]\\_E\\|\\->\\*\t_\t_\t",
        "1-6\t19-20\t\\\\\t_\t*\t*\t_\t_\t",
        "1-7\t21-25\t[a]_\t_\t_\t_\t_\t_\t",
        "",
        "#Text=l’ONU",
        "2-1\t27-29\tl’\t_\t_\t_\t_\t_\t",
        "2-2\t29-32\tONU\tN\t*\tORG\t_\t_\t",
        "",
    ]
)


def read(text, **options):
    (document,) = FORMAT.loads(text, "a.tsv", Options(**options))
    return document


def test_the_golden_file():
    """An emoji, NFD, escapes of texts and values, stacked spans, a part of a token, a span without label, a gap."""
    with pytest.raises(RuletagError) as error:
        read(GOLDEN)
    assert [format_fault(fault) for fault in error.value.faults] == [
        "a.tsv:14: RT205 unknown label 'G[P]_E|->*'\n  help: known: LOC, MISC, ORG, PER"
    ]
    document = read(GOLDEN.replace("G\\[P\\]\\_E\\|\\->\\*", "LOC"))
    assert document.text == "\U0001f30d Jean\tBon, E\u0301vry \\ [a]_\n\nl’ONU"
    assert [(*entity.span, entity.text, entity.source.line) for entity in document.entities] == [
        (2, 10, "PER", "Jean\tBon", 10),
        (7, 10, "MISC", "Bon", 11),
        (12, 17, "LOC", "E\u0301vry", 13),
        (12, 14, "LOC", "E\u0301", 14),
        (28, 31, "ORG", "ONU", 20),
    ]
    assert document.annotated
    assert document.notes == ("spans without a label are not read: 1",)
    assert (document.line(3), document.line(28)) == (7, 18)


def test_the_layer_of_the_names():
    """It is `NamedEntity`, else the only one of spans; the option names another, by its own name or a feature."""
    rows = "#Text=Jean\n1-1\t0-4\tJean\tPER\tLOC\tORG\t"
    two = f"#FORMAT=WebAnno TSV 3.2\n#T_SP=custom.A|x|y\n#T_SP=custom.B|z\n{rows}"
    for column, label in (("A", "PER"), ("custom.A", "PER"), ("y", "LOC"), ("B", "ORG")):
        assert [entity.label for entity in read(two, column=column).entities] == [label]
    one = f"#FORMAT=WebAnno TSV 3\n#T_SP=custom.A|x|value|z\n{rows}"
    assert [entity.label for entity in read(one).entities] == ["LOC"]
    for named in (None, "C"):
        with pytest.raises(
            RuletagError,
            match=r"a\.tsv: RT105 it is not clear which layer holds the names; there are custom\.A, custom\.B",
        ):
            read(two, column=named)


def test_a_sentence_over_several_lines():
    """Older versions write a line of the text each; a file may have CRLF, and may be empty behind its head."""
    text = "#FORMAT=WebAnno TSV 3.1\r\n#T_SP=a.B|c\r\n\r\n#Text=Jean\r\n#Text=Bon\r\n"
    text += "1-1\t0-4\tJean\tPER[1]\t\r\n1-2\t5-8\tBon\tPER[1]\t\r\n"
    assert essence(read(text)) == ("Jean\nBon", [(0, 8, "PER")])
    assert essence(read("#FORMAT=WebAnno TSV 3.1\n#T_SP=a.B|c\n")) == ("", [])


_TEXT = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "\b": "\\b"}


def escaped(text):
    """A text as WebAnno writes it."""
    return "".join(_TEXT.get(char) or ("\\" + char if char < " " and char != "\x0b" else char) for char in text)


def exported(document):
    """A document as WebAnno exports it: one sentence, with a token for each piece between the borders of names."""
    text, units = document.text, Utf16(document.text)
    borders = sorted({0, len(text), *(b for e in document.entities for b in (e.start, e.end))})
    rows = []
    for number, (start, end) in enumerate(pairwise(borders), 1):
        inside = [e for e in document.entities if e.start <= start and end <= e.end]
        cell = "|".join(f"{e.label}[{document.entities.index(e) + 1}]" for e in inside) or "_"
        rows.append(f"1-{number}\t{units.outer(start)}-{units.outer(end)}\t{escaped(text[start:end])}\t{cell}\t\n")
    head = "#FORMAT=WebAnno TSV 3.3\n#T_SP=a.NamedEntity|value\n\n\n"
    return head + (f"#Text={escaped(text)}\n{''.join(rows)}" if text else "")


@pytest.mark.parametrize("document", DIFFICULT, ids=lambda document: document.id)
def test_golden_files(document):
    """The difficult documents, as files that were read and found good once."""
    path = GOLDEN_FILES / "webanno" / f"{document.id}.tsv"
    assert exported(document).encode() == path.read_bytes()
    assert essence(read(path.read_bytes().decode())) == essence(document)


@examples(150)
@given(documents())
def test_what_the_specification_says_comes_back(document):
    """A file written as WebAnno does is read as what it was."""
    if document.text and document.text[0].isspace():
        return  # the first row of WebAnno is never white space
    assert essence(read(exported(document))) == essence(document)


HEAD = f"#FORMAT=WebAnno TSV 3.3\n{NER}\n\n"
WHOLE = (
    HEAD + "#Text=\U0001f30d Jean Bon\n1-1\t0-2\t\U0001f30d\t_\t_\t\n"
    "1-2\t3-7\tJean\t*[1]\tPER[1]\t\n1-3\t8-11\tBon\t*[1]\tPER[1]\t\n"
)
FIRST = "RT105 the first line must be '#FORMAT=WebAnno TSV 3.3' or of another version 3, not"
ROW = "RT105 a row needs its number, its offsets, the token and columns, not"
WIDTH = "RT105 2 columns are needed after the token, but there are"
ONE_COLUMN = "\na.tsv".join(f":{line}: {WIDTH.replace('2 col', '1 col')} 3" for line in (5, 6, 7))
UTF = "\n  help: offsets are UTF-16 units"
BROKEN = [
    ("", f":1: {FIRST} ''"),
    (WHOLE[1:], f":1: {FIRST} 'FORMAT=WebAnno TSV 3.3'"),
    (WHOLE.replace("3.3", "2.0"), f":1: {FIRST} '#FORMAT=WebAnno TSV 2.0'"),
    ("\n" + WHOLE, f":1: {FIRST} ''"),
    (WHOLE.replace("#T_SP", "#T_XX"),
        ":2: RT105 is not a line of WebAnno TSV: " + repr(NER.replace("SP", "XX"))),
    (WHOLE.replace("#T_SP", "#T_RL"),
        ": RT105 it is not clear which layer holds the names; there are none\n  help: use --column LAYER"),
    (WHOLE.replace("|identifier", ""), ONE_COLUMN),
    (WHOLE.replace("PER[1]\t\n1-3", "\n1-3"), ":6: RT105 the cell '' is not a list of values"),
    (WHOLE.replace("3-7\tJean\t*[1]\tPER[1]\t", "3-7\tJean\t*[1]"), f":6: {WIDTH} 1"),
    (WHOLE.replace("\t3-7", "\t7-3"), ":6: RT105 the offsets 7-3 are not those of a token"),
    (WHOLE.replace("\t3-7", "\t3-" + "9" * 5000), ":6: RT105 the offsets 3-999999999999 are not those of a token"),
    (WHOLE.replace("\t3-7", "\t3"), f":6: {ROW} '1-2\\t3\\tJean\\t*[1]\\tPER[1]\\t'"),
    (WHOLE.replace("1-2", "x-2"), f":6: {ROW} 'x-2\\t3-7\\tJean\\t*[1]\\tPER[1]\\t'"),
    (WHOLE.replace("\t3-7", "\t2-6"), f":6: RT105 the token 'Jean' is not at 2-6; ' Jea' is{UTF}"),
    (WHOLE.replace("\t0-2", "\t0-1"), ":5: RT105 the token 0-1 is inside a character that is two UTF-16 units"),
    (WHOLE.replace("8-11", "8-12"), ":7: RT105 the token 8-12 is outside a text of 11 UTF-16 units"),
    (WHOLE.replace("Bon\n", "Bo\n", 1), ":7: RT105 the token 8-11 is outside a text of 10 UTF-16 units"),
    (WHOLE.replace("Bon\t*[1]\tPER", "Bon\t*[1]\tLOC"), ":7: RT105 the span [1] is 'LOC' here but 'PER' before"),
    (WHOLE.replace("Bon\t*[1]\tPER[1]", "Bon\t*[1]\tPER[1"), ":7: RT105 the cell 'PER[1' is not a list of values"),
    (WHOLE.replace("PER", "LIEU"), ":6: RT205 unknown label 'LIEU'\n  help: use --map LIEU=LOC, or --ignore LIEU"),
    (WHOLE + "\n#Text=A\n2-1\t5-6\tA\t_\t_\t\n",
        ":10: RT105 the sentence begins at 5, before the end of the previous one"),
    (WHOLE + "\n#Text=A\n2-1\t900000000-900000001\tA\t_\t_\t\n",
        ":10: RT105 the sentence begins 899999989 units after the previous one"),
    (WHOLE.replace("#Text=", "#Texte="), ":4: RT105 is not a line of WebAnno TSV: '#Texte=\U0001f30d Jean Bon'"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("data", "expected"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_refused(small, cli, tmp_path, data, expected):
    """One clear message with file and line, and nothing is written."""
    assert refusal(cli, tmp_path, "a.tsv", data.encode(), "--from", "webanno") == f"a.tsv{expected}\n"
