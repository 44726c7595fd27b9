"""The component of a spaCy pipeline: what it sets, what it does with borders inside tokens, and moving it."""

from __future__ import annotations

import shutil

import pytest

from ruletag.bundle import Bundle
from ruletag.errors import RuletagError, format_fault
from ruletag.tagger import Settings

spacy = pytest.importorskip("spacy")

TEXT = "\U0001f30d e\u0301 Emmanuel Macron est à Paris avec l’ONU.\r\n"


@pytest.fixture
def knowledge(small_folder, tmp_path):
    """The configuration of the little knowledge, in a folder of its own that can be taken away."""
    for name in ("rules", "gazetteers"):
        shutil.copytree(small_folder / name, tmp_path / "mine" / name)
    return {"rules": [str(tmp_path / "mine/rules")], "gazetteers": [str(tmp_path / "mine/gazetteers")]}


def pipeline(knowledge, **config):
    """A pipeline of a tokenizer and the component."""
    nlp = spacy.blank("fr")
    nlp.add_pipe("ruletag", config={**knowledge, **config})
    return nlp


def spans(ents):
    return [(span.text, span.label_, span.id_, span.kb_id_) for span in ents]


FOUND = [
    ("Emmanuel Macron", "PER", "Emmanuel Macron", "Q3052772"),
    ("Paris", "LOC", "Paris", ""),
    ("ONU", "ORG", "Organisation des Nations unies", ""),
]


def test_names_become_entities_and_a_group(knowledge):
    """Entities and span group have label, rule or entry and its id; the extension has source and original span."""
    doc = pipeline(knowledge)(TEXT)

    assert doc.text == TEXT
    assert spans(doc.ents) == spans(doc.spans["ruletag"]) == FOUND
    assert doc.ents[1]._.ruletag == {
        "source": "Paris (gazetteers/places.yaml:3)",
        "kind": "entry",
        "name": "Paris",
        "start": 27,
        "end": 32,
        "text": "Paris",
        "via": "",
    }
    assert doc.user_data["ruletag"] == {"aligned": 3}


def split_at_spaces(nlp):
    """A tokenizer that makes one token of all between two spaces, so that borders of names lie inside tokens."""
    from spacy.tokens import Doc

    def tokenize(text):
        return Doc(nlp.vocab, words=text.split(" "), spaces=[True] * text.count(" ") + [False])

    return tokenize


@pytest.mark.parametrize(
    ("alignment", "expected", "counts"),
    [
        ("strict", ["Paris"], {"aligned": 1, "dropped": 4}),
        ("contract", ["Emmanuel", "Paris"], {"aligned": 1, "contracted": 1, "dropped": 3}),
        (
            "expand",
            ["l’ONU,", "Emmanuel Macron,", "Paris/Chine", "Paris"],
            {"aligned": 1, "expanded": 4, "overlapping": 1},
        ),
    ],
)
def test_borders_inside_tokens(knowledge, alignment, expected, counts):
    """A name that ends inside a token is dropped, shrunk or extended, as requested, and counted."""
    nlp = pipeline(knowledge, alignment=alignment)
    nlp.tokenizer = split_at_spaces(nlp)
    doc = nlp("Avec l’ONU, Emmanuel Macron, Paris/Chine et Paris")

    assert ([span.text for span in doc.ents], doc.user_data["ruletag"]) == (expected, counts)


@pytest.mark.parametrize(("overwrite", "expected"), [(True, ["Paris", "ONU"]), (False, ["à Paris", "ONU"])])
def test_entities_of_others(knowledge, overwrite, expected):
    """If an entity of another component overlaps ours, `overwrite` says which stays; the group has all of ours."""
    from spacy.tokens import Span

    nlp = pipeline(knowledge, overwrite=overwrite)
    doc = nlp.make_doc("Il vit à Paris avec l’ONU.")
    doc.ents = [Span(doc, 2, 4, "LOC")]
    doc = nlp.get_pipe("ruletag")(doc)

    assert [span.text for span in doc.ents] == expected
    assert [span.text for span in doc.spans["ruletag"]] == ["Paris", "ONU"]
    assert doc.user_data["ruletag"] == {"aligned": 2, "overlapping": 1}


def test_a_pipeline_is_read_from_disk(knowledge, tmp_path):
    """A saved pipeline contains its knowledge: it tags and is saved the same when the files are gone."""
    pipeline(knowledge).to_disk(tmp_path / "saved")
    shutil.rmtree(tmp_path / "mine")
    again = spacy.load(tmp_path / "saved")
    again.to_disk(tmp_path / "again")

    assert spans(again(TEXT).ents) == FOUND
    written = [
        {path.relative_to(tmp_path / name).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}
        for name in ("saved/ruletag", "again/ruletag")
        for folder in [tmp_path / name]
    ]
    assert written[0] == written[1]
    assert "settings.json" in written[0]


def test_a_pipeline_is_read_from_bytes(knowledge, tmp_path):
    """A pipeline survives as bytes; sender and receiver need no common folder."""
    nlp = pipeline(knowledge)
    data, before = nlp.to_bytes(), nlp.get_pipe("ruletag").to_bytes()
    again = pipeline(knowledge)
    shutil.rmtree(tmp_path / "mine")

    assert spans(again.from_bytes(data)(TEXT).ents) == FOUND
    assert again.get_pipe("ruletag").to_bytes() == before


@pytest.mark.slow
def test_several_processes(knowledge):
    """With two processes documents, extensions and counts are those of one."""
    nlp = pipeline(knowledge)
    texts = [TEXT, "Il vit à Orange.", "", "Le groupe Orange."] * 3

    def results(docs):
        return [(spans(doc.ents), [span._.ruletag for span in doc.ents], doc.user_data["ruletag"]) for doc in docs]

    assert results(nlp.pipe(texts, n_process=2, batch_size=2)) == results(nlp.pipe(texts))


@pytest.mark.slow
def test_lists_and_a_guideline_of_a_file_are_packed(small_folder, tmp_path):
    """Every file that the settings name is in the bundle; what ships stays a name."""
    (tmp_path / "ports.txt").write_text("Kermaria\n", encoding="utf-8")
    (tmp_path / "house.yaml").write_text("name: house\nwhy: Ours.\n", encoding="utf-8")
    rules, gazetteers = str(small_folder / "rules"), str(small_folder / "gazetteers")
    parts = Settings((rules,), (gazetteers,), str(tmp_path / "house.yaml"), (("LOC", str(tmp_path / "ports.txt")),))
    bundle = Bundle.from_bytes(Bundle.pack(parts).to_bytes())
    (tmp_path / "ports.txt").unlink()
    (tmp_path / "house.yaml").unlink()
    tagger = bundle.unpack(tmp_path / "there").load()

    assert tagger.guideline.name == "house"
    assert [entity.text for entity in tagger.tag("De Kermaria à Paris.").entities] == ["Kermaria", "Paris"]
    assert Bundle.pack(Settings(("shipped",))) == Bundle(Settings(("shipped",)), {})


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"settings": {"x": 1}, "files": {}}', b'{"settings": {}, "files": {"../a": ""}}']
)
def test_other_bytes_are_refused(data):
    """Bytes that are no bundle, or name a file outside their folder, are refused in one message."""
    with pytest.raises(RuletagError) as error:
        Bundle.from_bytes(data)

    assert [format_fault(fault) for fault in error.value.faults] == [
        "settings.json: RT110 is not a saved ruletag component\n"
        "  help: read what the component's `to_disk` or `to_bytes` wrote"
    ]


def test_an_unknown_alignment_is_refused(knowledge):
    """The message names those that there are."""
    with pytest.raises(RuletagError) as error:
        pipeline(knowledge, alignment="loose")

    assert [format_fault(fault) for fault in error.value.faults] == [
        "alignment: RT110 unknown alignment 'loose'\n  help: known: strict, contract, expand"
    ]
