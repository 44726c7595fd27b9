"""Files of annotation tools, as they come: what each reader takes from them, and what it says about the rest."""

from __future__ import annotations

import ast
import io
import json
from dataclasses import replace
from functools import cache
from importlib.util import find_spec

import pytest
from click.testing import CliRunner

import ruletag.formats
from difficult import DIFFICULT
from makers import rule_of, tagger_of
from ruletag.errors import RuletagError, format_fault
from ruletag.formats import FORMATS, Format, Options
from ruletag.formats.contract import Loss, text_stream
from ruletag.formats.labels import Labels, parse_labels
from ruletag.model import Document, Entity, Entry, Source


def read(name, text, **options):
    """The documents of a text in the format of that name."""
    return list(FORMATS[name].loads(text, "a", Options(**options)))


def refused(name, text, **options):
    """The report on a text that the format refuses."""
    with pytest.raises(RuletagError) as error:
        read(name, text, **options)
    return [format_fault(fault) for fault in error.value.faults]


def spans(document):
    """The names of a document with their labels."""
    return [(entity.text, entity.label) for entity in document.entities]


def region(start, end, text, label="PER", **more):
    """A region of Label Studio."""
    value = {"start": start, "end": end, "text": text, "labels": [label]}
    return {"id": "x", "from_name": "label", "to_name": "text", "type": "labels", "value": value} | more


class TestLabelStudio:
    """Exports, tasks, and what is written for import."""

    EXPORT = [
        {
            "id": 7,
            "data": {"text": "Jean à Oslo", "lang": "fr"},
            "annotations": [
                {"was_cancelled": True, "result": [region(0, 4, "Jean", "ORG")]},
                {
                    "was_cancelled": False,
                    "result": [
                        region(0, 4, "Jean", origin="prediction", meta={"text": ["rule=per.name"]}),
                        region(7, 11, "Oslo", "LOC", origin="manual"),
                        {"type": "choices", "value": {"choices": ["x"]}},
                    ],
                },
            ],
            "predictions": [{"result": [region(0, 4, "Jean", "MISC")]}],
        },
        {"id": 8, "data": {"text": "Rien"}, "annotations": [], "predictions": [{"result": [region(0, 4, "Rien")]}]},
    ]

    def test_an_export(self):
        """The first annotation that was not cancelled is gold, with the origin of its regions; predictions are not."""
        first, second = read("label-studio", json.dumps(self.EXPORT))
        assert (spans(first), first.id, first.annotated) == ([("Jean", "PER"), ("Oslo", "LOC")], "7", True)
        assert first.meta == {
            "lang": "fr",
            "origins": [
                {"start": 0, "end": 4, "label": "PER", "origin": "prediction", "source": "per.name"},
                {"start": 7, "end": 11, "label": "LOC", "origin": "manual"},
            ],
        }
        assert first.notes == ("regions of other types are not read: choices",)
        assert (second.entities, second.annotated) == ((), False)
        assert second.notes == ("a task without an annotation: its prediction is not read as gold",)

    def test_json_min(self):
        """The flat export has the same documents."""
        flat = {"text": "Jean dort", "id": 7, "label": [{"start": 0, "end": 4, "text": "Jean", "labels": ["PER"]}]}
        flat |= {"annotator": 1, "annotation_id": 2, "created_at": "x", "lead_time": 1.5, "lang": "fr"}
        (document,) = read("label-studio", json.dumps([flat]))
        assert (spans(document), document.id, document.meta) == ([("Jean", "PER")], "7", {"lang": "fr", "id": 7})

    def test_rules_come_back(self):
        """Rule and origin survive a way through Label Studio's own files."""
        documents = read("label-studio", json.dumps(self.EXPORT))
        (first, _) = json.loads(FORMATS["label-studio"].dumps(documents))
        assert [item.get("meta") for item in first["predictions"][0]["result"]] == [{"text": ["rule=per.name"]}, None]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda r: r["value"].update(end=99), "the span 0:99 is outside a text of 4 code points"),
            (lambda r: r["value"].update(text="Jeanne"), "the span 0:4 is 'Jean', but the file says 'Jeanne'"),
            (lambda r: r["value"].update(start="0"), "a span needs two whole numbers and a label, not ['0', 4, 'PER']"),
            (lambda r: r["value"].update(start=4), "the span 4:4 is empty"),
            (lambda r: r.update(value=[]), "'value' must be an object"),
        ],
    )
    def test_regions_that_do_not_fit(self, change, message):
        """The server validates nothing, so each region is checked and named with line and record."""
        wrong = region(0, 4, "Jean")
        change(wrong)
        tasks = [{"data": {"text": "Oui"}}, {"data": {"text": "Jean"}, "annotations": [{"result": [wrong]}]}]
        (fault,) = refused("label-studio", "[\n" + ",\n".join(map(json.dumps, tasks)) + "\n]")
        assert fault.partition("\n")[0] == f"a:3: RT105 record 2: {message}"

    BEGAN = {
        "result": [
            region(0, 4, "Jean", id="kept", meta={"text": ["x", "rule=per.name"]}),
            region(0, 3, "Jea", id="moved", meta={"text": ["rule=per.short"]}),
            region(7, 11, "Oslo", "ORG", id="gone", meta={"text": ["rule=org.name"]}),
            region(5, 6, "à", "MISC", id="later"),
            {"id": "x", "type": "textarea", "value": {"text": ["?"]}},
        ]
    }
    LEFT = {
        "id": 3,
        "prediction": BEGAN,
        "completed_by": {"id": 9, "email": "anna@example.org"},
        "result": [
            region(0, 4, "Jean", id="kept"),
            region(0, 4, "Jean", "ORG", id="moved"),
            region(5, 11, "à Oslo", "LOC", id="later", meta={"text": ["rule=own"]}),
            region(7, 11, "Oslo", "LOC", id="new"),
            {"id": "y", "type": "relation"},
            {"id": "x", "type": "choices", "value": {"choices": ["x"]}},
        ],
    }

    def test_what_became_of_a_prediction(self):
        """Each span with what it was in the prediction that its annotation began with, and what is gone; no new one."""
        (document,) = read("label-studio", json.dumps([{"data": {"text": "Jean à Oslo"}, "annotations": [self.LEFT]}]))
        assert document.notes == ("regions of other types are not read: choices, relation",)
        changed = {"origin": "prediction-changed"}
        assert document.meta == {
            "origins": [
                {"start": 0, "end": 4, "label": "PER", "origin": "prediction", "source": "per.name"},
                {"start": 0, "end": 4, "label": "ORG", "source": "per.short", "was": [0, 3, "PER"]} | changed,
                {"start": 5, "end": 11, "label": "LOC", "source": "own", "was": [5, 6, "MISC"]} | changed,
                {"start": 7, "end": 11, "label": "ORG", "origin": "deleted", "source": "org.name"},
            ]
        }

    @pytest.mark.parametrize(
        ("before", "after", "origin"),
        [
            ((0, 4, "PER"), (0, 4, "PER"), {"origin": "prediction"}),
            ((0, 4, "PER"), (0, 3, "PER"), {"origin": "prediction-changed", "was": [0, 4, "PER"]}),
            ((0, 3, "PER"), (0, 4, "PER"), {"origin": "prediction-changed", "was": [0, 3, "PER"]}),
            ((0, 4, "PER"), (0, 4, "LOC"), {"origin": "prediction-changed", "was": [0, 4, "PER"]}),
        ],
    )
    def test_a_region_that_was_changed(self, before, after, origin):
        """A region that was not touched is the prediction; one with other borders or another label was changed."""
        was, now = (region(start, end, "Jean"[start:end], label) for start, end, label in (before, after))
        task = {"data": {"text": "Jean"}, "annotations": [{"prediction": {"result": [was]}, "result": [now]}]}
        (document,) = read("label-studio", json.dumps([task]))
        start, end, label = after
        assert document.meta == {"origins": [{"start": start, "end": end, "label": label} | origin]}

    @pytest.mark.parametrize(("record", "id", "meta"), [("x", "x", {}), (5, "5", {"id": 5}), (None, None, {})])
    def test_ids(self, record, id, meta):
        """The id of the data is that of the document; a number is kept as one, for the way back."""
        (document,) = read("label-studio", json.dumps([{"id": 9, "data": {"text": "Jean", "id": record}}]))
        assert (document.id, document.meta) == (id, meta)

    def test_annotations_of_several(self):
        """One is read, and how many there were is said; asked for every one, each is a document with its annotator."""
        more = [self.LEFT, {"completed_by": {"id": 7}, "result": []}, {"completed_by": 5, "result": []}, {"result": []}]
        task = json.dumps([{"id": 4, "data": {"text": "Jean à Oslo"}, "annotations": more}])
        (one,) = read("label-studio", task)
        assert one.notes == (
            "a task with 4 annotations: the first is read",
            "regions of other types are not read: choices, relation",
        )
        (two,) = read("label-studio", json.dumps([{"data": {"text": "a"}, "annotations": [{"result": []}] * 2}]))
        assert two.notes == ("a task with 2 annotations: the first is read",)
        flat = {"text": "Jean", "label": [], "annotation_id": 1}
        named = [read("label-studio", json.dumps([flat | by]), every=True)[0] for by in ({"annotator": 7}, {})]
        assert [document.meta for document in named] == [{"annotator": "7"}, {}]
        every = read("label-studio", task, every=True)
        assert [document.meta.get("annotator") for document in every] == ["anna@example.org", "7", "5", None]
        assert [(len(document.entities), document.id, document.notes[:1]) for document in every] == [
            (4, "4", ("regions of other types are not read: choices, relation",)),
            *[(0, "4", ())] * 3,
        ]

    def test_predictions_are_read_where_no_annotation_could_be(self):
        """A file for import has predictions and no annotations, so the predictions are read."""
        task = {"data": {"text": "Jean"}, "predictions": [{"result": [region(0, 4, "Jean")]}]}
        (document,) = read("label-studio", json.dumps([task]))
        assert (spans(document), document.annotated, document.notes) == ([("Jean", "PER")], True, ())

    def test_what_is_written(self):
        """Meta is in the data; a span has its rule and its share of the candidates, the prediction their mean."""
        names = (("Paris", "LOC"), ("Orsk", "ORG"), ("Mali", "LOC"))
        entries = [Entry(name, label, Source("entry", name, "gazetteers/a.yaml", 1)) for name, label in names]
        tagger = tagger_of(entries, [rule_of("au [ Cap ]", id="org.to", label="ORG")])
        document = replace(tagger.tag("Paris, Orsk, au Mali."), id="d", meta={"lang": "fr", "zone": 1, "origins": []})
        (record,) = json.loads(FORMATS["label-studio"].dumps([document]))
        (prediction,) = record["predictions"]
        assert [item["score"] for item in prediction["result"]] == [1.0, 1.0, 0.5]
        assert prediction["score"] == 0.8333
        assert [item["meta"]["text"] for item in prediction["result"]] == [
            [f"rule={name} (gazetteers/a.yaml:1)"] for name, _ in names
        ]
        data = {name: value for name, value in record["data"].items() if not name.endswith("sha256")}
        assert data == {"id": "d", "text": "Paris, Orsk, au Mali.", "lang": "fr", "zone": 1}

    def test_text_under_another_key(self):
        """`--column` names the key of the text; without it the keys that are there are named."""
        task = json.dumps([{"data": {"article": "Jean", "n": 1}}])
        assert [document.text for document in read("label-studio", task, column="article")] == ["Jean"]
        assert refused("label-studio", task) == [
            "a:1: RT105 record 1: has no text under 'text' among its keys: article, n\n"
            "  help: use --column KEY if the text has another key, or --from if this is another format"
        ]


class TestDoccano:
    """UTF-16 unless graphemes are named."""

    LINE = '{"id": 3, "text": "\U0001f600 e\\u0301 Oslo", "label": [[%d, %d, "LOC"]], "Comments": []}\n'

    def test_units(self):
        """One span in both units."""
        for (start, end), grapheme in (((6, 10), False), ((4, 8), True)):
            (document,) = read("doccano", self.LINE % (start, end), grapheme=grapheme)
            assert (spans(document), document.id, document.meta) == ([("Oslo", "LOC")], "3", {})

    def test_half_of_a_character(self):
        """A span that begins inside an emoji is a sign of other offsets."""
        assert refused("doccano", self.LINE % (1, 10)) == [
            "a:1: RT105 the span 1:10 is inside a character that is two UTF-16 units\n"
            "  help: offsets are UTF-16 units, 0 <= start < end; "
            "counted from 1 (one off), it is '😀 e\u0301 Oslo' (--offsets from-1)"
        ]

    def test_labels_that_are_none(self):
        """A label has three members, no more and no less."""
        for label in ("[0, 4]", "[0, 4, 'LOC', 1]", "[]", "'LOC'"):
            assert refused("doccano", json.dumps({"text": "Oslo", "label": [ast.literal_eval(label)]})) == [
                f"a:1: RT105 a label is [start, end, label], not {label}"
            ]

    @pytest.mark.parametrize(
        "span", [[True, 4, "LOC"], [0, 4.0, "LOC"], [0, "4", "LOC"], [0, 4, None], [0, None, "LOC"]]
    )
    def test_offsets_that_are_none(self, span):
        """Offsets are whole numbers, which true is not, and a label is a text."""
        assert refused("doccano", json.dumps({"text": "Oslo", "label": [span]})) == [
            f"a:1: RT105 a span needs two whole numbers and a label, not {span}"
        ]

    @pytest.mark.parametrize(("length", "shown"), [(78, repr("x" * 78)), (79, "'" + "x" * 79 + "…")])
    def test_what_is_shown_of_a_value(self, length, shown):
        """A value in a message is cut after 80 characters."""
        assert refused("doccano", json.dumps({"text": "Oslo", "label": ["x" * length]})) == [
            f"a:1: RT105 a label is [start, end, label], not {shown}"
        ]

    def test_raw_and_annotated(self):
        """A line without a list of labels is a raw text; with an empty one it is annotated with nothing."""
        lines = (
            '{"text": "a"}\n{"text": "b", "label": []}\n{"text": "c", "entities": []}\n{"text": "d", "labels": []}\n'
        )
        assert [document.annotated for document in read("doccano", lines)] == [False, True, True, True]

    @pytest.mark.skipif(find_spec("regex") is None, reason="needs regex: pip install '.[grapheme]'")
    def test_spans_that_cut_a_grapheme(self):
        """If graphemes are counted, spans are written as whole graphemes, and named; else as they are."""
        text = "e\u0301a re\u0301"
        spans = [(0, 1), (0, 2), (1, 3), (5, 6)]
        document = Document(text, tuple(Entity(start, end, "LOC", text[start:end]) for start, end in spans))
        reason = "a span that cuts a grapheme is written with all of it: {}"
        format, counted = FORMATS["doccano"], Options(grapheme=True)
        assert list(format.losses(document, counted)) == [
            Loss(reason, repr("e\u0301"), 0),
            Loss(reason, repr("e\u0301a"), 1),
            Loss(reason, repr("e\u0301"), 5),
        ]
        assert list(format.losses(document, Options())) == []
        (record,) = map(json.loads, format.dumps([document], counted).splitlines())
        assert record["label"] == [[0, 1, "LOC"], [0, 1, "LOC"], [0, 2, "LOC"], [4, 5, "LOC"]]

    def test_objects(self):
        """Newer exports list entities as objects."""
        span = {"id": 1, "label": "LOC", "start_offset": 0, "end_offset": 4}
        line = json.dumps({"text": "Oslo", "entities": [span], "relations": []})
        assert spans(read("doccano", line)[0]) == [("Oslo", "LOC")]


class TestBrat:
    """Pairs of files."""

    def test_lines_of_all_kinds(self):
        """Spans, fragments and notes are read; relations, events and attributes are counted."""
        text = "Jean\nBon, de la Côte et d’Or."
        ann = "T1\tPER 0 4;5 8\tJean Bon\n#1\tAnnotatorNotes T1\trule=per.name\nT2\tLOC 16 20;24 28\tCôte d’Or\n"
        ann += "R1\tin Arg1:T1 Arg2:T2\nE1\tT1\nA1\tSure T1\nA2\tSure T2\n#2\tAnnotatorNotes T2\tdouteux\n"
        (document,) = read("brat", ann, beside={".txt": text})
        assert spans(document) == [("Jean\nBon", "PER"), ("Côte et d’Or", "LOC")]
        assert document.meta == {"origins": [{"start": 0, "end": 8, "label": "PER", "source": "per.name"}]}
        assert document.notes == (
            "line 3: T2 is discontinuous; it is read as a whole, including the text between",
            "2 attributes are not read",
            "1 events are not read",
            "1 notes are not read",
            "1 relations are not read",
        )

    def test_notes_that_name_no_span(self):
        """A note is a rule if it names a span and says `rule=`; every other one is counted."""
        kinds = ("AnnotatorNotes T1", "AnnotatorNotes", "", "AnnotatorNotes T1 T2")
        notes = "".join(f"#{number}\t{kind}\trule={number}\n" for number, kind in enumerate(kinds, 1))
        (document,) = read("brat", f"T1\tPER 0 4\tJean\n{notes}#5\tAnnotatorNotes T1\te\n", beside={".txt": "Jean"})
        assert document.meta == {"origins": [{"start": 0, "end": 4, "label": "PER", "source": "1"}]}
        assert document.notes == ("4 notes are not read",)

    def test_lines_that_are_none(self):
        """A span that lacks a piece, a repeated number, a line that is not brat: whole messages."""
        needed = "needs a label, offsets and the surface\n  help: for example T1, a tab, PER 0 5, a tab, Marie"
        lines = "T1\tPER 0 4\tJean\nT2\tPER 0 4\nT3\tPER 0\tJean\nT1\tPER 0 4\tJean\nR1\n"
        assert refused("brat", lines, beside={".txt": "Jean"}) == [
            f"a:2: RT105 T2 {needed}",
            f"a:3: RT105 T3 {needed}",
            "a:4: RT105 T1 occurs twice, also in line 1\n  help: give it another number",
            "a:5: RT105 this is not a brat line\n  help: write T1, a tab, LABEL 0 5, a tab, and the surface",
        ]

    def test_surfaces_that_are_others(self):
        """The surface must be that of the text; the help says by which other count of offsets it would be."""
        for surface in ("Jeanne", "Jea", "jean"):
            assert refused("brat", f"T1\tPER 0 4\t{surface}\n", beside={".txt": "Jean"}) == [
                f"a:1: RT105 T1 is 'Jean' in the text, but the file says {surface!r}\n  help: offsets are code points"
            ]
        shifted, text = "T1\tPER 3 7\tJean\n", "\U0001f600 Jean dort."
        assert refused("brat", shifted, beside={".txt": text}) == [
            "a:1: RT105 T1 is 'ean ' in the text, but the file says 'Jean'\n  help: offsets are code points; "
            "counted in UTF-16 units, it is 'Jean' (--offsets utf16); "
            "counted from 1 (one off), it is 'Jean' (--offsets from-1)"
        ]
        (document,) = read("brat", shifted, beside={".txt": text}, offsets="utf16")
        assert (spans(document), document.annotated) == ([("Jean", "PER")], True)

    def test_fragments_side_by_side(self):
        """Fragments may touch; what stands between them is part of the name."""
        (document,) = read("brat", "T1\tPER 0 2;2 4\tJe an\n", beside={".txt": "Jean"})
        assert spans(document) == [("Jean", "PER")]

    def test_what_brat_cannot_hold(self):
        """A name is cut at line breaks and tabs, which are lost at its borders; one of nothing else is left out."""
        text = "\tJean\nBon\n dort\n"
        places = [(0, 5), (1, 9), (1, 10), (9, 10), (11, 15)]
        document = Document(text, tuple(Entity(start, end, "PER", text[start:end]) for start, end in places))
        border = "a span is written without the line break at its border: {}"
        assert list(FORMATS["brat"].losses(document, Options())) == [
            Loss(border, r"'\tJean'", 0),
            Loss(border, r"'Jean\nBon\n'", 1),
            Loss("a span of only line breaks or tabs is left out: {}", r"'\n'", 9),
        ]
        assert FORMATS["brat"].dumps([document]) == (
            "T1\tPER 1 5\tJean\nT2\tPER 1 5;6 9\tJean Bon\nT3\tPER 1 5;6 9\tJean Bon\nT4\tPER 11 15\tdort\n"
        )

    def test_fragments_that_are_counted_otherwise(self):
        """If the surface matches from the first fragment to the last in another unit, the help says so."""
        text = "\U0001f600 Jean Bon dort."
        assert refused("brat", "T1\tPER 3 7;8 11\tJean Bon\n", beside={".txt": text}) == [
            "a:1: RT105 T1 is 'ean  on ' in the text, but the file says 'Jean Bon'\n  help: offsets are code points; "
            "counted in UTF-16 units, it is 'Jean Bon' (--offsets utf16); "
            "counted from 1 (one off), it is 'Jean Bon' (--offsets from-1)"
        ]

    def test_faults(self):
        """All faulty lines are named."""
        ann = "T1\tPER 0 4\tJeanne\nT1\tPER 0 9\tJean\nT3 PER 0 4 Jean\nnon\nT4\tPER 2 4;0 1\tan J\n"
        messages = [fault.partition("\n")[0] for fault in refused("brat", ann, beside={".txt": "Jean"})]
        assert messages == [
            "a:1: RT105 T1 is 'Jean' in the text, but the file says 'Jeanne'",
            "a:2: RT105 the span 0:9 is outside a text of 4 code points",
            "a:3: RT105 T3 PER 0 4 Jean needs a label, offsets and the surface",
            "a:4: RT105 this is not a brat line",
            "a:5: RT105 the fragments of T4 overlap",
        ]

    def test_a_folder_of_pairs(self, cli, tmp_path):
        """A text with annotations beside it is no document of its own; the pair is read once, by either name."""
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.txt").write_text("Jean", encoding="utf-8")
        (tmp_path / "in" / "a.ann").write_text("T1\tPER 0 4\tJean\n", encoding="utf-8")
        (tmp_path / "in" / "annotation.conf").write_text("[entities]\n", encoding="utf-8")
        assert cli("convert", "in", "-", "--to", "markup")[:2] == (0, "[Jean](PER)\n")
        assert cli("convert", "in/a.txt", "-", "-f", "brat", "--to", "markup") == (0, "[Jean](PER)\n", "")
        (tmp_path / "in" / "a.txt").unlink()
        assert cli("convert", "in/a.ann", "-", "--to", "markup")[2].startswith("in/a.txt: RT101 cannot be read")


class TestConll:
    """Schemes, columns and repairs."""

    @pytest.mark.parametrize(
        ("tags", "expected", "notes"),
        [
            ("B I O B", ["a b", "d"], []),
            ("I I O I", ["a b", "d"], []),
            ("I B I O", ["a", "b c"], []),
            ("B E O S", ["a b", "d"], []),
            ("B L O U", ["a b", "d"], []),
            (
                "B I O I",
                ["a b", "d"],
                ["1 times an entity that begins with I- or E- was read as if it began with B- (lines 4)"],
            ),
            ("B O S O", ["a", "c"], ["1 times an entity without E- or S- was ended (lines 2)"]),
        ],
    )
    def test_schemes(self, tags, expected, notes):
        """The scheme is found, and all are read as conlleval reads them."""
        lines = [
            f"{word} {tag if tag == 'O' else tag + '-LOC'}\n" for word, tag in zip("abcd", tags.split(), strict=True)
        ]
        (document,) = read("conll", "".join(lines))
        assert ([entity.text for entity in document.entities], list(document.notes)) == (
            expected,
            [f"tags repaired: {note}" for note in notes],
        )

    def test_a_scheme_that_is_said(self):
        """Tags that do not follow the named scheme are counted."""
        (document,) = read("conll", "a I-LOC\n", scheme="iob2")
        assert document.notes == (
            "tags repaired: 1 times an entity that begins with I- or E- was read as if it began with B- (lines 1)",
        )
        (document,) = read("conll", "a B-LOC\nb B-LOC\nc O\nd B-LOC\ne B-PER\n", scheme="iob1")
        assert document.notes == ("3 times: an entity begins with B-, which IOB1 uses only between entities",)
        (document,) = read("conll", "a B-LOC\nb E-LOC\nc O\n", scheme="bioes")
        assert (document.notes, document.annotated) == ((), True)

    @pytest.mark.parametrize(("number", "lines"), [(5, "1, 2, 3, 4, 5"), (6, "1, 2, 3, 4, 5 …")])
    def test_five_lines_are_named(self, number, lines):
        """Of frequent repairs, the first five lines are named."""
        (document,) = read("conll", "".join(f"a I-{'LOC' if n % 2 else 'PER'}\n" for n in range(number)), scheme="iob2")
        note = f"{number} times an entity that begins with I- or E- was read as if it began with B- (lines {lines})"
        assert document.notes == (f"tags repaired: {note}",)

    def test_documents_sentences_and_columns(self):
        """A document begins at -DOCSTART-; a sentence is a line; the column of the tags can be said."""
        text = "-DOCSTART- -X- -X- O\n\nÀ APPR I-PP O\nOslo NC I-NP I-LOC\n\nOui ADV O O\n"
        text += "-DOCSTART- -X- O O\n\nNon ADV O O\n"
        first, second = read("conll", text)
        assert (first.text, spans(first), first.lines) == ("À Oslo\nOui", [("Oslo", "LOC")], (3, 6))
        assert (second.text, second.lines) == ("Non", (9,))
        labels = Labels(map=(("NP", "MISC"),), ignored=frozenset({"PP"}))
        assert spans(read("conll", text, column="3", labels=labels)[0]) == [("Oslo", "MISC")]

    def test_faults(self):
        """Lines without a tag, with a wrong one and with an unknown label are named."""
        assert [fault.partition("\n")[0] for fault in refused("conll", "Oslo\nà X-LOC\nb PER\n\nc B-GPE\n")] == [
            "a:1: RT105 has no tag: a line needs a token and its tag",
            "a:2: RT105 'X-LOC' is not a tag",
            "a:3: RT105 'PER' is not a tag",
            "a:5: RT205 unknown label 'GPE'",
        ]
        tags = ["-LOC", "B-", "BI-LOC", "BLOC", "b-LOC", "O-LOC", "X"]
        assert [refused("conll", f"a {tag}\n") for tag in tags] == [
            [f"a:1: RT105 {tag!r} is not a tag\n  help: tags are O, B-PER, I-PER, E-PER, S-PER"] for tag in tags
        ]
        assert [fault.partition("\n")[0] for fault in refused("conll", "\tO\n\n\tB-LOC\n")] == [
            "a:1: RT105 has no tag: a line needs a token and its tag",
            "a:3: RT105 has no tag: a line needs a token and its tag",
        ]

    def test_what_comes_before_a_fault(self):
        """The complete documents before the first fault are read, whatever follows."""
        for end, lines in (("c\nd X\n", [6, 7]), ("c\n-DOCSTART- O\nd O\n", [6])):
            stream = io.StringIO(f"-DOCSTART- O\na O\n-DOCSTART- O\nb O\n-DOCSTART- O\n{end}")
            remaining = []
            with pytest.raises(RuletagError) as error:
                remaining.extend(FORMATS["conll"].read(stream, "a", Options()))
            assert [fault.line for fault in error.value.faults] == lines
            assert [document.text for document in remaining] == ["a", "b"]

    def test_where_a_document_stands(self):
        """Its first line is that of its first token, or of -DOCSTART- if it has none; no line, no document."""
        documents = read("conll", "-DOCSTART- O\na O\n-DOCSTART- O\n\n-DOCSTART- O\n\n\nb O\nc O\n")
        assert [(document.text, document.lines) for document in documents] == [("a", (2,)), ("", (3,)), ("b c", (8,))]
        assert [(document.text, document.lines) for document in read("conll", "\n\na O\n\nb O\n")] == [("a\nb", (3, 5))]
        assert [read("conll", text) for text in ("", "\n", " \n\t\n")] == [[], [], []]

    def test_columns(self):
        """A column of tags is a number from 2 on, and every line has it."""
        assert spans(read("conll", "Oslo B-LOC x\n", column="2")[0]) == [("Oslo", "LOC")]
        short = "a:1: RT105 has 3 columns, but no column 4\n  help: use another --column"
        assert refused("conll", "Oslo x B-LOC\n", column="4") == [short]
        for column in ("0", "1", "-2", "x", "", "²"):
            assert refused("conll", "Oslo B-LOC\n", column=column) == [
                f"--column: RT110 {column!r} is not a column of tags\n  help: give its number; the token is column 1"
            ]

    def test_sentences_as_they_are_written(self):
        """A line of the text is a sentence, but no sentence ends inside a name."""
        (document,) = FORMATS["markup"].loads("À [Oslo](LOC)\n[Jean\nBon](PER)\n\ndort.\n", "a")
        assert FORMATS["conll"].dumps([document]) == (
            "-DOCSTART-\tO\n\nÀ\tO\nOslo\tB-LOC\n\nJean\tB-PER\nBon\tI-PER\n\ndort\tO\n.\tO\n\n"
        )

    def test_what_is_left_out(self):
        """Of spans that overlap the first stays, and a span that is no whole tokens has no place; each is named."""
        text = "Jean Bon dort."
        places = [(0, 8), (5, 8), (9, 11)]
        document = Document(text, tuple(Entity(start, end, "PER", text[start:end]) for start, end in places))
        assert list(FORMATS["conll"].losses(document, Options())) == [
            Loss("a span that overlaps an earlier one is left out: {}", "'Bon'", 5),
            Loss("a span that is not whole tokens is left out: {}", "'do'", 9),
        ]
        assert spans(read("conll", FORMATS["conll"].dumps([document]))[0]) == [("Jean Bon", "PER")]

    @pytest.mark.parametrize(
        ("scheme", "tags"),
        [
            ("iob1", ["I", "I", "B", "O", "I"]),
            ("iob2", ["B", "I", "B", "O", "B"]),
            ("bioes", ["B", "E", "S", "O", "S"]),
        ],
    )
    def test_written_schemes(self, scheme, tags):
        """All schemes are written, and read back without a repair."""
        (document,) = read("conll", "Jean B-PER\nBon I-PER\nPaul B-PER\net O\nLéa B-PER\n")
        data = FORMATS["conll"].dumps([document], Options(scheme=scheme))
        assert [line.partition("\t")[2][:1] for line in data.split("\n")[2:7]] == tags
        (again,) = read("conll", data, scheme=scheme)
        assert (spans(again), again.notes) == (spans(document), ())


class TestProdigy:
    """Answers and tokens."""

    @pytest.mark.parametrize(("answer", "annotated"), [("accept", True), ("reject", False), ("ignore", False)])
    def test_answers(self, answer, annotated):
        """Rejected and ignored records have no gold; hashes, which would be wrong, are left out."""
        line = {"text": "Oslo", "spans": [{"start": 0, "end": 4, "label": "LOC"}], "answer": answer, "_task_hash": 1}
        (document,) = read("prodigy", json.dumps(line))
        assert (document.annotated, len(document.entities), document.meta) == (annotated, annotated, {"answer": answer})

    def test_tokens_of_another_text(self):
        """Tokens that are not those of the text say at which character the texts differ."""
        line = {"text": "À Osl0", "tokens": [{"text": "Oslo", "start": 2, "end": 6, "id": 0}]}
        assert refused("prodigy", json.dumps(line)) == [
            "a:1: RT114 the texts differ at character 5: 'o' became '0'\n  help: restore the text as it was tagged"
        ]

    def test_tokens_are_cut_at_spans(self):
        """Every span begins and ends with a token, as ner.manual wants it."""
        documents = FORMATS["jsonl"].loads('{"text": "OsloParis", "spans": [[0, 4, "LOC"]]}')
        record = json.loads(FORMATS["prodigy"].dumps(documents))
        assert [token["text"] for token in record["tokens"]] == ["Oslo", "Paris"]
        assert record["spans"] == [{"start": 0, "end": 4, "label": "LOC", "token_start": 0, "token_end": 0}]


def test_spacy_json_as_it_comes():
    """One object, an array and lines; other span groups are named; what is no doc is refused with its keys."""
    doc = {"text": "Oslo", "ents": [{"start": 0, "end": 4, "label": "LOC"}], "spans": {"sc": [{}]}, "tokens": []}
    for text in (json.dumps(doc), json.dumps([doc]), json.dumps(doc) + "\n" + json.dumps(doc)):
        document = read("spacy-json", text)[-1]
        assert (spans(document), document.notes) == ([("Oslo", "LOC")], ("span groups are not read: sc",))
    assert refused("spacy-json", '{"text": "Oslo", "entities": []}') == [
        "a:1: RT105 record 1: has no 'ents' among its keys: text, entities\n  help: write doc.to_json() to the file"
    ]


@pytest.mark.slow
def test_spacy_reads_what_is_written():
    """spaCy, where it is installed, has the same text and the same entities for every difficult document."""
    spacy = pytest.importorskip("spacy")
    nlp = spacy.blank("fr")
    for record, expected in zip(json.loads(FORMATS["spacy-json"].dumps(DIFFICULT)), DIFFICULT, strict=True):
        doc = spacy.tokens.Doc(nlp.vocab).from_json(record)
        group = doc.spans.get("ruletag") or doc.ents
        ranges = [(span.start_char, span.end_char, span.label_) for span in group]
        assert (doc.text, ranges) == (expected.text, [entity.span for entity in expected.entities])


@pytest.mark.slow
def test_seqscore_finds_no_error_in_what_is_written(tmp_path):
    """seqscore, where it is installed, reads every scheme without an error."""
    script = pytest.importorskip("seqscore.scripts.seqscore", reason="seqscore is not installed (the extra `scorers`)")
    for scheme, name in (("iob1", "IOB"), ("iob2", "BIO"), ("bioes", "BIOES")):
        data = FORMATS["conll"].dumps(DIFFICULT, Options(scheme=scheme))
        (tmp_path / "a.conll").write_text(data, encoding="utf-8")
        result = CliRunner().invoke(script.cli, ["validate", "--labels", name, str(tmp_path / "a.conll")])
        assert (result.exit_code, result.output.partition(" in ")[0]) == (0, "No errors found")


class TestCsv:
    """Tables with a text a row."""

    def test_rows(self):
        """Cells hold separators and line breaks; all other columns come along."""
        table = 'id;Texte;source\r\n7;"À Oslo; puis\r\nà Paris";lemonde\r\n8;Rien;\r\n'
        documents = [(document.id, document.text, document.meta, document.lines) for document in read("csv", table)]
        assert documents == [
            ("7", "À Oslo; puis\r\nà Paris", {"source": "lemonde"}, (2,)),
            ("8", "Rien", {"source": ""}, (4,)),
        ]
        assert [document.text for document in read("csv", table, column="source")] == ["lemonde", ""]
        assert [document.text for document in read("csv", table, column="1")] == ["7", "8"]

    def test_faults(self):
        """A column that is not there, rows of another length and open quotes are named by line."""
        assert refused("csv", "a,b\n1,2\n") == [
            "a:1: RT105 it is not clear which column holds the text\n  help: use --column with one of a, b"
        ]
        assert refused("csv", "text,b\n1,2\n1\n")[0].startswith("a:3: RT105 has 1 cells, the header 2\n")
        assert refused("csv", 'text,b\n1,2\n"1,2\n')[0].startswith("a:3: RT105 this is not a table row")
        assert refused("csv", "a,b\n", column="c") == ["a:1: RT105 has no column 'c'\n  help: columns are a, b"]


@pytest.mark.parametrize(
    "text",
    ["", "[", "[{}", '[{"text": 1}', "[,]", "[{},]", "[{}{}]", "{} x", "[] []", "null", '[{"a": 1, "a": 2}]', "[1]"],
)
def test_json_that_is_no_array_of_objects(text):
    """Every format of JSON records refuses a line that is cut off, no object or no JSON, by its number."""
    for name in ("label-studio", "spacy-json"):
        assert refused(name, "\n\n" + text)[0].startswith(("a:3: RT105 ", "a: RT105 contains no JSON")), name


def test_records_are_read_one_by_one():
    """However long an array is, no more of it is read than the requested record needs."""
    record = json.dumps({"data": {"text": "Oslo" * 5000}})
    stream = text_stream("[" + ",".join([record] * 100) + "]")
    documents = FORMATS["label-studio"].documents(stream, "a")
    next(documents)
    assert stream.tell() == 1 << 16
    assert sum(1 for _ in documents) == 99


def test_labels():
    """Labels are mapped and ignored; contradictions and unknown labels are refused together."""
    labels = parse_labels(["GPE=LOC", "A=B=ORG"], ["DATE"])
    assert [labels.ours(label) for label in ("GPE", "A=B", "DATE", "PER")] == ["LOC", "ORG", None, "PER"]
    with pytest.raises(RuletagError) as error:
        parse_labels(["GPE", "=LOC", "X=LIEU", "Y=LOC", "Y=ORG"], ["Y"])
    assert [format_fault(fault).partition("\n")[0] for fault in error.value.faults] == [
        "--ignore: RT110 'Y' is mapped and ignored",
        "--map: RT110 '=LOC' is not THEIRS=OURS",
        "--map: RT110 'GPE' is not THEIRS=OURS",
        "--map: RT110 'LIEU' is not a label",
        "--map: RT110 'Y' is mapped to LOC and to ORG",
    ]


@pytest.mark.parametrize(
    ("label", "help"),
    [
        ("GPE", "use --map GPE=LOC, or --ignore GPE"),
        ("Person", "use --map Person=PER, or --ignore Person"),
        ("DATE", "use --ignore DATE, or --map DATE=MISC"),
        ("PRE", "did you mean 'PER'?"),
    ],
)
def test_unknown_labels_are_answered_with_the_option(label, help):
    """Common labels of others are suggested, in every format."""
    line = json.dumps({"text": "Oslo", "spans": [[0, 4, label]]})
    assert refused("jsonl", line) == [f"a:1: RT205 unknown label {label!r}\n  help: {help}"]


class _Shouting:
    """A module of another package."""

    @staticmethod
    def write(documents, stream, options):
        stream.write("".join(document.text.upper() for document in documents))

    FORMAT = Format(name="shouting", help="in capitals", suffixes=(".loud",), write=write)


def test_formats_of_other_packages(monkeypatch):
    """An entry point adds a format, which is listed; it cannot take the place of one of ours."""

    class Point:
        def __init__(self, name):
            self.name = name

        def load(self):
            return _Shouting.FORMAT

    points = [Point("shouting"), Point("jsonl")]
    monkeypatch.setattr("ruletag.formats._foreign", cache(ruletag.formats._foreign.__wrapped__))
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: points if group == "ruletag.formats" else [])
    assert list(FORMATS)[-1] == "shouting"
    assert FORMATS["shouting"].dumps([Document("oui")]) == "OUI"
    assert FORMATS["jsonl"].name == "jsonl"
