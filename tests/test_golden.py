"""Every format with one set of difficult documents: golden files, round trips, mutations, and losses."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from difficult import DIFFICULT, GOLDEN, installed, make_files, written
from properties import examples
from ruletag.batch import Target, losses_of, write_alone
from ruletag.errors import RuletagError
from ruletag.files import find_inputs, read_documents
from ruletag.formats import FORMATS
from ruletag.formats.contract import GRAPHEMES, UTF16, Options
from ruletag.formats.offsets import offsets
from ruletag.model import LABELS, Document, Entity
from test_formats import NASTY, TEXTS

WRITABLE = [name for name, found in FORMATS.items() if found.write and installed(found)]
BOTH = [name for name in WRITABLE if FORMATS[name].read]
# Which of the documents a format refuses to write; all others must come back.
REFUSED = {"markup": ["nested"]}
# Which spans of the documents a format leaves out, with a note; all others must come back.
DROPPED = {
    "brace": {("nested", "Paris")},
    "conll": {("nested", "Paris"), ("adjacent", "Osl"), ("adjacent", "Oslo")},
    "conllu": {("nested", "Paris")},
    "text": {(str(document.id), entity.text) for document in DIFFICULT for entity in document.entities},
}
TOKENS = {"conll"}  # formats that keep the tokens of a text, and not what is between them


def shown(text, name):
    """A text as far as a format keeps it."""
    return "".join(text.split()) if name in TOKENS else text


def essence(document, name):
    """The part of a document that a format must give back."""
    carries = FORMATS[name].carries
    entities = [
        (shown(entity.text, name), entity.label)
        if name in TOKENS
        else (*entity.span, entity.id if "entity id" in carries else None)
        for entity in document.entities
    ]
    meta = {key: value for key, value in document.meta.items() if key != "origins"}
    return (
        shown(document.text, name),
        entities,
        document.id if "id" in carries else None,
        meta if "meta" in carries else {},
        document.annotated if "raw" in carries else None,
    )


def given_back(document, name, options=Options()):
    """The document after it was written and read."""
    target_format = FORMATS[name]
    for companion in target_format.companions:
        if companion.read:
            options = options._replace(beside={companion.suffix: document.text})
    (again,) = target_format.loads(target_format.dumps([document], options), "again", options)
    return again


# Some files have the version of the library that wrote them in them.
@pytest.mark.parametrize("name", [name for name in WRITABLE if name not in ("parquet", "docbin")])
def test_golden_files(name, monkeypatch):
    """The output equals the reviewed file; `python tests/difficult.py` writes the files again."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    files = {path.name: path.read_bytes() for path in (GOLDEN / name).glob("*")}
    assert make_files(FORMATS[name]) == files


@pytest.mark.parametrize("name", BOTH)
def test_golden_files_are_read(name):
    """The golden files hold the documents, with all spans but those that the format cannot hold."""
    target_format = FORMATS[name]
    refused = [str(document.id) for document in DIFFICULT if document not in written(target_format)]
    inputs = find_inputs([str(GOLDEN / name)], name)
    again = {
        (FORMATS[name].many or source.path.stem) and (document.id if FORMATS[name].many else source.path.stem): document
        for source in inputs
        for document in read_documents(source)
    }
    if "id" not in target_format.carries and target_format.many:
        again = dict(
            zip((str(document.id) for document in written(target_format)), again_in_order(inputs), strict=True)
        )
    expected = {}
    for original in written(target_format):
        dropped = DROPPED.get(name, set())
        entities = tuple(entity for entity in original.entities if (original.id, entity.text) not in dropped)
        expected[original.id] = essence(replace(original, entities=entities), name)

    assert refused == REFUSED.get(name, [])
    assert {id: (*essence(document, name)[:2], *expected[id][2:]) for id, document in again.items()} == expected


def again_in_order(inputs):
    """All documents of some inputs."""
    return [document for source in inputs for document in read_documents(source)]


@st.composite
def documents(draw):
    """A text with names that may nest and overlap."""
    text = draw(TEXTS)
    spans = draw(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 12), st.sampled_from(LABELS)), max_size=5))
    spans = {(start, min(end, len(text)), label) for start, length, label in spans for end in [start + length]}
    entities = [Entity(a, b, label, text[a:b]) for a, b, label in sorted(spans) if a < b]
    return Document(text, tuple(entities), draw(st.sampled_from([None, "a", "a-1"])), "d", True, lines=(1,))


@pytest.mark.parametrize("name", BOTH)
@examples(150)
@given(document=documents())
@example(document=Document("\ufeffParis", (Entity(1, 6, "LOC", "Paris"),), None, "d", True, lines=(1,)))
def test_any_document_comes_back(name, document):
    """A document that a format does not refuse, and of which it notes no loss, comes back as it was."""
    target = Target(FORMATS[name])
    try:
        write_alone(target, document)
    except RuletagError:
        return
    again = given_back(document, name)
    if not list(losses_of(document, target)) and "spans" in FORMATS[name].carries:
        assert essence(again, name) == essence(replace(document, annotated=True), name)
    else:
        assert shown(again.text, name) == shown(document.text, name)


@examples(150)
@given(document=documents())
def test_graphemes_come_back(document):
    """With graphemes as offsets, spans that cut none come back; the others get all of it, with a note."""
    options = Options(grapheme=True)
    target = Target(FORMATS["doccano"], options)
    try:
        write_alone(target, document)
    except RuletagError:
        return
    counted = offsets(document.text, GRAPHEMES)
    wider = [(*counted.around(entity.start, entity.end), entity.label) for entity in document.entities]
    assert sorted(entity.span for entity in given_back(document, "doccano", options).entities) == sorted(wider)
    changed = sum(one != two.span for one, two in zip(wider, document.entities, strict=True))
    assert len(list(losses_of(document, target))) == changed


@examples(200)
@given(text=st.text(NASTY + "\U0001f469\u200d\U0001f467", max_size=12))
def test_offsets_are_those_of_others(text):
    """UTF-16 offsets are what encoding gives; every border of a unit comes back, and no other place is one."""
    for unit in (UTF16, GRAPHEMES):
        counted = offsets(text, unit)
        back = {}
        for place in range(counted.length + 1):
            try:
                back[place] = counted.inner(place)
            except ValueError:
                assert unit == UTF16
        assert {outer: counted.outer(inner) for outer, inner in back.items()} == {outer: outer for outer in back}
        assert (back[0], back[counted.length]) == (0, len(text))
        if unit == UTF16:
            encoded = {len(text[:at].encode("utf-16-le", "surrogatepass")) // 2: at for at in range(len(text) + 1)}
            assert back == encoded


def damage(data, random):
    """A file after one mutation: cut off, some of it gone, twice or changed."""
    start = random.randrange(len(data))
    end = min(len(data), start + random.choice((1, 2, 5, 20)))
    action = random.randrange(4)
    if action == 0:
        return data[:start]
    if action == 1:
        return data[:start] + data[end:]
    if action == 2:
        return data[:end] + data[start:end] + data[end:]
    return data[:start] + bytes(random.choice(b'{}[]",:;0aT\t\n_') for _ in range(end - start)) + data[end:]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in BOTH if name != "text"])
def test_damaged_files_are_refused(name, cli, tmp_path):
    """Twenty files that a mutation made unreadable: each is named, with its line or record, and nothing is written.

    What can still be read is converted, and what was made of it can be read.
    """
    files = make_files(FORMATS[name])
    main = max((file for file in files if file.endswith(FORMATS[name].suffixes or ".txt")), key=lambda f: len(files[f]))
    for file, data in files.items():
        (tmp_path / file).write_bytes(data)
    random = Random(f"damage {name}")
    refused = 0
    for _ in range(3000):
        (tmp_path / main).write_bytes(damage(files[main], random))
        code, _, err = cli("convert", main, "out.jsonl", "--from", name)
        if code == 2:
            refused += 1
            # Without a line: a text that is not UTF-8 as a whole, no array at all, binary files.
            assert re.match(rf"{re.escape(main)}:(\d+:(\d+:)? RT|.* RT(102|105 holds no|105 is no))", err), err
            assert not (tmp_path / "out.jsonl").exists()
        else:
            assert code == 0
            assert cli("convert", "out.jsonl", "-", "--to", "text")[0] == 0
            (tmp_path / "out.jsonl").unlink()
        if refused == 20:
            return
    raise AssertionError(f"only {refused} files were refused")


@pytest.mark.slow
@pytest.mark.parametrize("to", [name for name in WRITABLE if FORMATS[name].many])
@pytest.mark.parametrize("name", [name for name in BOTH if FORMATS[name].many])
def test_convert_between_any_two(name, to, cli, tmp_path):
    """Any format becomes any other in one command, and what comes out is what a direct write gives."""
    suffix = FORMATS[name].suffixes[0]
    source = GOLDEN / name / f"difficult{suffix}"
    target = "out" + (*FORMATS[to].suffixes, ".txt")[0]
    code, out, err = cli("convert", source, target, "--from", name, "--to", to)
    assert (code, out, [line for line in err.splitlines() if "note: " not in line]) == (0, "", [])
    direct = FORMATS[to].dumps(again_in_order(find_inputs([str(source)], name)))
    assert (tmp_path / target).read_bytes() == (direct if isinstance(direct, bytes) else direct.encode())


ALONE = [name for name in BOTH if not FORMATS[name].many]


@pytest.mark.slow
@pytest.mark.parametrize("to", WRITABLE)
@pytest.mark.parametrize("name", ALONE)
def test_convert_files_of_one_document(name, to, cli, tmp_path):
    """Of a format that holds one document a file, a file becomes any other, with the bytes of a direct write."""
    suffix = (*FORMATS[name].suffixes, ".txt")[0]
    source = GOLDEN / name / f"emoji{suffix}"
    target = tmp_path / ("out" + (*FORMATS[to].suffixes, ".txt")[0])
    code, out, err = cli("convert", source, target, "--from", name, "--to", to)
    assert (code, out, [line for line in err.splitlines() if "note: " not in line]) == (0, "", [])
    written = FORMATS[to].dumps(again_in_order(find_inputs([str(source)], name)))
    assert target.read_bytes() == (written if isinstance(written, bytes) else written.encode())
    beside = [companion for companion in FORMATS[to].companions if companion.read]
    assert [target.with_suffix(companion.suffix).read_text("utf-8") for companion in beside] == [
        DIFFICULT[0].text
    ] * len(beside)


@pytest.mark.slow
@pytest.mark.parametrize("to", [name for name in WRITABLE if not FORMATS[name].many])
@pytest.mark.parametrize("name", [name for name in BOTH if FORMATS[name].many])
def test_convert_to_files_of_one_document(name, to, cli, tmp_path):
    """Several documents become a folder of files, each of which is what a direct write gives."""
    source = GOLDEN / name / f"difficult{FORMATS[name].suffixes[0]}"
    read = again_in_order(find_inputs([str(source)], name))
    # nested names are refused by `markup`
    writable = [document for document in read if document.text != DIFFICULT[5].text]
    (tmp_path / "in.jsonl").write_text(FORMATS["jsonl"].dumps(writable), encoding="utf-8", newline="")
    code, out, err = cli("convert", "in.jsonl", "out", "--to", to)
    assert (code, out, [line for line in err.splitlines() if "note: " not in line]) == (0, "", [])
    suffix = (*FORMATS[to].suffixes, ".txt")[0]
    files = {document.id or f"in-{number:05d}": document for number, document in enumerate(writable, 1)}
    inputs = {id: tmp_path / "out" / f"{id}{suffix}" for id in files}
    dumped = {id: FORMATS[to].dumps([replace(document, path="in.jsonl")]) for id, document in files.items()}
    expected = {id: data if isinstance(data, bytes) else data.encode() for id, data in dumped.items()}
    assert {id: path.read_bytes() for id, path in inputs.items()} == expected


def test_a_changed_text_is_refused():
    """A record whose text is no longer the one of its hash is named, in every format that carries one."""
    for name in ("label-studio", "doccano", "prodigy", "spacy-json"):
        data = FORMATS[name].dumps([Document("Il vit à Paris", (), "a", "d", True)])
        changed = data.replace('"Il vit', '"Il vivait')
        with pytest.raises(RuletagError) as error:
            list(FORMATS[name].loads(changed, "a"))
        assert [fault.code for fault in error.value.faults] == ["RT114"], name
        assert json.dumps("Il vit à Paris", ensure_ascii=False) in data
