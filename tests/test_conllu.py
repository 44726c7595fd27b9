"""CoNLL-U: what treebanks have that we do not write, and another reader's view of what we write."""

from __future__ import annotations

import pytest

from difficult import DIFFICULT
from ruletag.errors import RuletagError, format_fault
from ruletag.formats import FORMATS

FORMAT = FORMATS["conllu"]
TREEBANK = """# newdoc id = fr-1
# sent_id = 1
# text = Il va au Pays-Bas du Roi.
1\tIl\til\tPRON\t_\t_\t2\tnsubj\t_\t_
2\tva\taller\tVERB\t_\t_\t0\troot\t_\t_
3-4\tau\t_\t_\t_\t_\t_\t_\t_\t_
3\tà\tà\tADP\t_\t_\t5\tcase\t_\tNE=O
4\tle\tle\tDET\t_\t_\t5\tdet\t_\tNE=O
5\tPays-Bas\tPays-Bas\tPROPN\t_\t_\t2\tobl\t_\tNE=B-LOC
5.1\tfut\têtre\tVERB\t_\t_\t_\t_\t_\t_
6-7\tdu\t_\t_\t_\t_\t_\t_\t_\t_
6\tde\tde\tADP\t_\t_\t8\tcase\t_\tNE=I-LOC
7\tle\tle\tDET\t_\t_\t8\tdet\t_\tNE=I-LOC
8\tRoi\troi\tNOUN\t_\t_\t5\tnmod\t_\tSpaceAfter=No|NE=I-LOC
9\t.\t.\tPUNCT\t_\t_\t2\tpunct\t_\t_

# text = Paris.
1\tParis\tParis\tPROPN\t_\t_\t0\troot\t_\tNE=B-LOC|SpaceAfter=No
2\t.\t.\tPUNCT\t_\t_\t1\tpunct\t_\t_

# newdoc
1\tRien\trien\tPRON\t_\t_\t0\troot\t_\t_
"""


def test_a_treebank_is_read():
    """Multiword tokens count by their surface, empty nodes not at all; a document without tags has no gold."""
    one, two = FORMAT.loads(TREEBANK, "a.conllu")

    assert (one.text, one.id, one.annotated) == ("Il va au Pays-Bas du Roi.\nParis.", "fr-1", True)
    assert [(entity.text, entity.label, entity.source.line) for entity in one.entities] == [
        ("Pays-Bas du Roi", "LOC", 9),
        ("Paris", "LOC", 18),
    ]
    assert (two.text, two.id, two.annotated) == ("Rien", None, False)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("1 Paris _", "a:1: RT105 has 1 columns, not 10\n  help: columns are separated by tabs"),
        (
            "x\tParis" + "\t_" * 8,
            "a:1: RT105 'x' is not a token number\n  help: tokens are 1, 2, or 1-2, or 1.1",
        ),
        ("1\t" + "\t_" * 8, "a:1: RT105 the second column, the form, is empty\n  help: write the token"),
        (
            "# text = Lyon\n1\tParis" + "\t_" * 8,
            "a:1: RT114 the text of the sentence does not match its tokens\n  help: restore one of them",
        ),
    ],
)
def test_what_is_no_conllu_is_refused(line, fault):
    """A wrong line is named."""
    with pytest.raises(RuletagError) as error:
        list(FORMAT.loads(line + "\n", "a"))

    assert [format_fault(raised) for raised in error.value.faults] == [fault]


def test_another_reader_sees_the_same():
    """The package conllu finds the tokens and the names of every document that has any."""
    conllu = pytest.importorskip("conllu")
    documents = [document for document in DIFFICULT if document.text.strip()]
    names, id = {}, None
    for sentence in conllu.parse(FORMAT.dumps(documents)):
        id = sentence.metadata.get("newdoc id", id)
        for token in sentence:
            tag = token["misc"]["NE"]
            if tag != "O":
                names.setdefault(id, []).append((tag, token["form"]))

    assert names["crlf"] == [("B-LOC", "Paris"), ("B-PER", "Jean"), ("I-PER", "Bon")]
    assert names["spaces"] == [("B-LOC", "Côte"), ("I-LOC", "d’"), ("I-LOC", "Ivoire"), ("B-ORG", "ONU")]
    assert {id: sum(tag[0] == "B" for tag, _ in tags) for id, tags in names.items()} == {
        str(document.id): len(document.entities) - (document.id == "nested") for document in documents
    }
