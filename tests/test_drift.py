"""Offsets in another unit: reading them, recognising them, and the messages about them."""

from __future__ import annotations

import json
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruletag.errors import RuletagError, format_fault
from ruletag.evaluation.drift import refuse_drift
from ruletag.formats import FORMATS, Options
from ruletag.formats.contract import CODE_POINTS
from ruletag.formats.readings import READINGS
from ruletag.formats.records import OTHER_KEY
from ruletag.model import Document, Entity

TEXT = "😀 Zoé et Odile.\r\nÀ Oslo,\r\n😀 Brest attend Odile à Évian.\r\nC’est la fin du texte."
NAMES = [("Zoé", "PER"), ("Oslo", "LOC"), ("Brest", "LOC"), ("Évian", "LOC")]

# How the text was when offsets were counted, and what was added to both.
COUNTED = {
    "code-points": (lambda text: text, 0, 0),
    "lf": (lambda text: text.replace("\r\n", "\n"), 0, 0),
    "nfc": (lambda text: normalize("NFC", text), 0, 0),
    "nfd": (lambda text: normalize("NFD", text), 0, 0),
    "from-1": (lambda text: text, 1, 1),
    "inclusive": (lambda text: text, 0, -1),
    "from-1-inclusive": (lambda text: text, 1, 0),
}


def counted(name, text=TEXT, names=NAMES):
    """Spans of names in a text, counted so."""
    if name == "utf16":
        spans = [(len(text[: text.find(word)].encode("utf-16-le")) // 2, word, label) for word, label in names]
        return [[start, start + len(word.encode("utf-16-le")) // 2, label] for start, word, label in spans]
    if name == "utf8":
        spans = [(len(text[: text.find(word)].encode()), word, label) for word, label in names]
        return [[start, start + len(word.encode()), label] for start, word, label in spans]
    change, first, behind = COUNTED[name]
    whole = change(text)
    spans = [(whole.find(change(word)), len(change(word)), label) for word, label in names]
    return [[start + first, start + length + behind, label] for start, length, label in spans]


def text_for(name):
    """A text where the reading matters: `nfc` was counted before the text was decomposed."""
    if name == "nfc":
        return normalize("NFD", TEXT), [(normalize("NFD", word), label) for word, label in NAMES]
    if name == "crlf":
        return TEXT.replace("\r\n", "\n"), NAMES
    return TEXT, NAMES


COUNTED["crlf"] = (lambda text: text.replace("\n", "\r\n"), 0, 0)


def line(name, *, surface=False, **more):
    """A line of JSON Lines whose spans are counted so."""
    text, names = text_for(name)
    spans = counted(name, text, names)
    if surface:
        keys = ("start", "end", "label", "text")
        spans = [dict(zip(keys, [*span, word], strict=True)) for span, (word, _) in zip(spans, names, strict=True)]
    return json.dumps({"text": text, "spans": spans} | more) + "\n"


@pytest.mark.parametrize("name", READINGS)
def test_every_reading(name):
    """`--offsets` reads spans that were counted so."""
    text, names = text_for(name)
    (document,) = FORMATS["jsonl"].loads(line(name), "a", Options(offsets=name))
    assert [(entity.text, entity.label) for entity in document.entities] == names
    assert all(text[entity.start : entity.end] == entity.text for entity in document.entities)


@given(st.text("a é\u0301\n\r😀", max_size=12))
def test_readings_of_any_text(text):
    """Each reading gives every border that exists in both forms of the text the place that it has in ours."""
    forms = {
        "utf16": lambda piece: "x" * (len(piece.encode("utf-16-le")) // 2),
        "utf8": lambda piece: "x" * len(piece.encode()),
        "lf": lambda piece: piece.replace("\r\n", "\n"),
        "crlf": lambda piece: piece.replace("\r\n", "\n").replace("\n", "\r\n"),
    }
    for name, change in forms.items():
        read = READINGS[name].of(text)
        for at in range(len(text) + 1):
            if text[at - 1 : at + 1] == "\r\n":
                continue
            assert read.inner(len(change(text[:at]))) == at
        for outside in (-1, len(change(text)) + 1):
            with pytest.raises(ValueError, match="is outside a text"):
                read.inner(outside)


@pytest.mark.parametrize("name", [name for name in READINGS if name != "code-points"])
def test_surfaces_that_differ(name):
    """A span that is not the surface its file says is an error that says how it was counted."""
    with pytest.raises(RuletagError) as error:
        list(FORMATS["jsonl"].loads(line(name, surface=True), "a"))
    (fault,) = error.value.faults
    assert fault.code == "RT105"
    assert f"(--offsets {name})" in fault.help


@pytest.mark.parametrize("name", [name for name in READINGS if name != "code-points"])
def test_drift_of_bare_spans(cli, tmp_path, name):
    """Gold whose spans cut words is refused: by what is it counted, and how is it read; then it is read so."""
    (tmp_path / "g.jsonl").write_text(line(name) * 2, encoding="utf-8")
    code, out, err = cli("gold-check", "g.jsonl")
    assert (code, out) == (2, "")
    assert f"use --offsets {name}" in err.replace("\n", " ")
    assert cli("gold-check", "g.jsonl", "--offsets", name)[2] in ("0 findings\n", "1 finding\n")


def test_the_message(cli, tmp_path):
    """It says how many spans cut words, how many would if counted otherwise, and where the first is."""
    right = json.dumps({"text": "Odile", "spans": [[0, 5, "PER"]]}) + "\n"
    (tmp_path / "g.jsonl").write_text(right + line("utf16"), encoding="utf-8")
    help = "  help: use --offsets utf16; then `ruletag gold-check` lists what remains."
    help += " --offsets code-points keeps them as they are\n"
    message = "g.jsonl:2: RT115 4 spans begin or end inside words; counted in UTF-16 units, none would\n" + help
    assert cli("eval", "g.jsonl") == (2, "", message)
    assert cli("import", "g.jsonl", "--into", "gold") == (2, "", message)


def test_predictions_too(cli, tmp_path):
    """Predictions that were counted otherwise are no wrong predictions."""
    (tmp_path / "g.jsonl").write_text(line("code-points"), encoding="utf-8")
    (tmp_path / "p.jsonl").write_text(line("utf16"), encoding="utf-8")
    code, out, err = cli("eval", "g.jsonl", "p.jsonl")
    assert (code, out, err.split(" ")[:2]) == (2, "", ["p.jsonl:1:", "RT115"])


def test_what_remains(cli, tmp_path):
    """With the right reading, or if told so, single spans that cut words are findings in gold."""
    record = {"text": "La Norvégienne Odile à Oslo", "spans": [[3, 10, "LOC"], [15, 20, "PER"], [23, 27, "LOC"]]}
    (tmp_path / "g.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    assert cli("gold-check", "g.jsonl") == (
        1,
        "g.jsonl:1: RT508 'Norvégi' begins or ends inside a word: 'Norvégienne'\n",
        "1 finding\n",
    )
    (tmp_path / "h.jsonl").write_text(line("utf16"), encoding="utf-8")
    code, out, _ = cli("gold-check", "h.jsonl", "--offsets", "code-points")
    codes = [row.split()[1] for row in out.splitlines() if row.startswith("h")]
    assert (code, codes) == (1, ["RT504"] * 3 + ["RT508"] * 4)


def test_few_or_mixed_spans_are_no_drift():
    """One span, or spans of which as many fit as not, say nothing of how they were counted."""
    text = "😀 Odile et Zoé à Oslo !!!!!!"

    def refused(*spans):
        entities = tuple(Entity(start, end, "PER", text[start:end]) for start, end in spans)
        try:
            refuse_drift([Document(text, entities, path="a", annotated=True)], {"a": CODE_POINTS})
        except RuletagError as error:
            return [format_fault(fault).split("\n")[0] for fault in error.faults]
        return []

    message = "a:1: RT115 2 spans begin or end inside words; counted in UTF-16 units, none would"
    assert refused((3, 8)) == []
    assert refused((3, 8), (12, 15)) == [message]
    assert refused((3, 8), (12, 15), (2, 7), (11, 14)) == []
    assert refused((3, 8), (12, 15), (24, 25), (25, 26), (26, 27), (27, 28)) == []


def test_the_unit_of_a_format_may_be_the_wrong_one(cli, tmp_path):
    """A file for doccano whose offsets are code points is recognised, too."""
    spans = [[start, end, label] for start, end, label in counted("code-points")]
    (tmp_path / "d.jsonl").write_text(json.dumps({"text": TEXT, "label": spans}) + "\n", encoding="utf-8")
    code, _, err = cli("eval", "d.jsonl", "--from", "doccano")
    assert code == 2
    assert err.endswith("; counted in code points, it is 'Brest' (--offsets code-points)\n")
    assert cli("convert", "d.jsonl", "o.jsonl", "--from", "doccano", "--offsets", "code-points") == (0, "", "")
    converted = json.loads((tmp_path / "o.jsonl").read_text(encoding="utf-8"))["spans"]
    assert [(span["text"], span["label"]) for span in converted] == NAMES


@pytest.mark.parametrize("format", ["label-studio", "prodigy", "brat", "spacy-json", "doccano", "cas", "cas-json"])
def test_offsets_in_every_format(cli, tmp_path, format):
    """The option holds for every format with offsets."""
    (tmp_path / "g.jsonl").write_text(line("code-points"), encoding="utf-8")
    if format.startswith("cas"):
        pytest.importorskip("cassis", reason="dkpro-cassis is not installed")
    names = {"brat": "f.ann", "label-studio": "f.json", "spacy-json": "f.json", "cas": "f.xmi", "cas-json": "f.json"}
    name = names.get(format, "f.jsonl")
    assert cli("convert", "g.jsonl", name, "--to", format)[0] == 0
    path = tmp_path / name
    path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8", newline="")
    own = "code-points" if FORMATS[format].unit == CODE_POINTS else "utf16"
    assert cli("convert", name, "same.jsonl", "--from", format, "--offsets", own)[0] == 0
    assert cli("convert", name, "other.jsonl", "--from", format, "--offsets", "from-1")[0] in (0, 2)
    same = json.loads((tmp_path / "same.jsonl").read_text(encoding="utf-8"))["spans"]
    assert [(span["text"], span["label"]) for span in same] == NAMES


@pytest.mark.parametrize(("format", "name"), [("cas", "f.xmi"), ("cas-json", "f.json")])
def test_a_cas_in_code_points(cli, tmp_path, format, name):
    """Places in a CAS that are no UTF-16 units are recognised, and read as they were counted."""
    pytest.importorskip("cassis", reason="dkpro-cassis is not installed")
    (tmp_path / "g.jsonl").write_text(line("code-points"), encoding="utf-8")
    assert cli("convert", "g.jsonl", name, "--to", format).code == 0
    file = (tmp_path / name).read_text(encoding="utf-8")
    for (start, end, _), (first, last, _) in zip(counted("utf16"), counted("code-points"), strict=True):
        for written, expected in (('begin="{}" end="{}"', 'begin="{}" end="{}"'), ('"begin": {}, "end": {}',) * 2):
            file = file.replace(written.format(start, end), expected.format(first, last))
    (tmp_path / name).write_text(file, encoding="utf-8")
    code, _, err = cli("gold-check", name, "--from", format)
    assert code == 2
    assert "; counted in code points, it is 'Brest' (--offsets code-points)" in err
    assert cli("convert", name, "o.jsonl", "--from", format, "--offsets", "code-points").code == 0
    spans = json.loads((tmp_path / "o.jsonl").read_text(encoding="utf-8"))["spans"]
    assert [(span["text"], span["label"]) for span in spans] == NAMES


def test_unknown_counts(cli, tmp_path):
    """An unknown unit is refused, and so is one for a format without offsets."""
    (tmp_path / "g.jsonl").write_text(line("code-points"), encoding="utf-8")
    (tmp_path / "g.txt").write_text("Oslo\n{\n}\n", encoding="utf-8")
    assert cli("eval", "g.jsonl", "--offsets", "utf-16") == (
        2,
        "",
        "--offsets: RT110 unknown way of counting 'utf-16'\n  help: did you mean 'utf16'?\n",
    )
    code, _, err = cli("eval", "g.txt", "--offsets", "utf16")
    assert (code, err.split("\n")[0]) == (
        2,
        "--offsets: RT110 does not apply to the formats that are read and written",
    )


SPACED = (
    "white space was changed; if the predictions are in a format that has only tokens, `ruletag convert` the gold to "
    "it first"
)
NORMALISED = "the text was normalised (NFC and NFD)"


class TestRetypedGold:
    """Gold or predictions whose text was retyped or saved again."""

    @pytest.mark.parametrize(
        ("text", "where", "how"),
        [
            ("Zoé à Oslo.\n", "character 11: '' became '\\n'", "the final line break differs"),
            ("Zoé\u00a0à Oslo.", "character 3: ' à Oslo.' became '\\xa0à Oslo.'", SPACED),
            ("Zoe\u0301 à Oslo.", "character 2: 'é à Oslo.' became 'e\u0301 à Oslo.'", NORMALISED),
            ("Zoé a Oslo.", "character 4: 'à Oslo.' became 'a Oslo.'", "predict on the text of the gold, unchanged"),
        ],
    )
    def test_where_and_how(self, cli, tmp_path, text, where, how):
        """The message says at which character the texts differ, and how."""
        for name, whole in (("g.jsonl", "Zoé à Oslo."), ("p.jsonl", text)):
            (tmp_path / name).write_text(json.dumps({"id": "a", "text": whole, "spans": []}) + "\n", encoding="utf-8")
        assert cli("eval", "g.jsonl", "p.jsonl") == (
            2,
            "",
            f"p.jsonl:1: RT108 is not the text of a: the texts differ at {where}\n  help: {how}\n",
        )


class TestUnreadFormats:
    """Unsupported formats are refused by name, never taken for prose or for documents without names."""

    def test_objects_without_a_text(self, cli, tmp_path):
        """Tokens and tags of others are no text: the keys are named."""
        (tmp_path / "h.jsonl").write_text('{"tokens": ["Oslo"], "ner_tags": [5]}\n', encoding="utf-8")
        message = "h.jsonl:1: RT105 has no text under 'text' among its keys: tokens, ner_tags\n"
        for command in ("tag", "eval"):
            assert cli(command, "h.jsonl") == (2, "", message + f"  help: {OTHER_KEY}\n")

    def test_convert_loses_no_annotations(self, cli, tmp_path):
        """Records whose annotations have another format's key are not converted into documents without any."""
        (tmp_path / "d.jsonl").write_text('{"text": "Oslo", "label": [[0, 4, "LOC"]]}\n' * 2, encoding="utf-8")
        assert cli("convert", "d.jsonl", "d.conll") == (
            2,
            "",
            "d.jsonl:1: RT103 has no 'spans' among its keys: text, label\n"
            '  help: use --from doccano, or put annotations under "spans": [[start, end, label], …]\n',
        )
        assert not (tmp_path / "d.conll").exists()
        assert cli("convert", "d.jsonl", "d.conll", "--from", "doccano")[0] == 0

    @pytest.mark.parametrize("name", ["a.xml", "a.pdf", "a.docx", "a.odt"])
    def test_suffixes(self, cli, tmp_path, name):
        """A file in no format that is read is not taken for text."""
        (tmp_path / name).write_text("Oslo", encoding="utf-8")
        code, out, err = cli("tag", name)
        assert (code, out, err.split(" ")[:2]) == (2, "", [f"{name}:", "RT112"])

    def test_json_of_nobody(self, cli, tmp_path):
        """JSON in a form that no tool has is refused."""
        (tmp_path / "a.json").write_text('[{"words": ["Oslo"]}]', encoding="utf-8")
        code, out, err = cli("eval", "a.json")
        assert (code, out, err.split(" ")[:2]) == (2, "", ["a.json:", "RT112"])
