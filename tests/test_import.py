"""`ruletag import`: what came back from annotators as gold, and what became of each span that was sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ruletag.errors import RuletagError, format_fault
from ruletag.evaluation.annotators import Copy, by_annotator, missing, sent_for
from ruletag.evaluation.returned import VERDICTS, recorded_review, review
from ruletag.formats import FORMATS, Options
from ruletag.formats.records import source_named
from ruletag.formats.spans import sha256
from ruletag.model import Document, Source

TEXT = "😀 Odile Marx quitte Oslo pour Brest et l’ONU."
SENT = {
    "id": "a",
    "text": TEXT,
    "spans": [
        {"start": 2, "end": 12, "label": "PER", "source": "per.name (rules/per.yaml:3)"},
        {"start": 20, "end": 24, "label": "LOC", "source": "Oslo (gazetteers/places.yaml:9)"},
        {"start": 30, "end": 35, "label": "ORG", "source": "loc.to (rules/loc.yaml:7)"},
        {"start": 39, "end": 44, "label": "ORG", "source": "ONU (gazetteers/organisations.yaml:2)"},
    ],
}
BACK = [[2, 7, "PER"], [30, 35, "LOC"], [41, 44, "ORG"]]  # re-bound; relabelled; re-bound; Oslo deleted


def region(name, start, end, label, **more):
    """A region of Label Studio on `TEXT`."""
    value = {"start": start, "end": end, "text": TEXT[start:end], "labels": [label]}
    return {"id": name, "from_name": "label", "to_name": "text", "type": "labels", "value": value} | more


def task(*results, text=TEXT, **more):
    """A task of an export, with the annotation of each annotator, all of one prediction."""
    spans = [(f"r{number}", span) for number, span in enumerate(SENT["spans"], 1)]
    proposed = [
        region(name, span["start"], span["end"], span["label"], meta={"text": [f"rule={span['source']}"]})
        for name, span in spans
    ]
    annotations = [
        {"completed_by": by, "result": result, "prediction": {"result": proposed}}
        for by, result in enumerate(results, 1)
    ]
    return {"id": 1, "data": {"id": "a", "text": text, "sha256": sha256(TEXT)}, "annotations": annotations} | more


CORRECTED = [
    region("r1", 2, 7, "PER", origin="prediction-changed"),
    region("r3", 30, 35, "LOC", origin="prediction-changed"),
    region("r4", 39, 44, "ORG", origin="prediction"),
    region("x1", 20, 24, "LOC", origin="manual"),
]


@pytest.fixture
def write(tmp_path):
    """Write records to a file: as a JSON list if the name ends in .json, else one record per line."""

    def put(name, *records):
        whole = (
            json.dumps(records) if name.endswith(".json") else "".join(json.dumps(record) + "\n" for record in records)
        )
        (tmp_path / name).write_text(whole, encoding="utf-8")

    return put


def gold(tmp_path):
    """All files of gold, with the spans of each of their documents."""
    return {
        path.relative_to(tmp_path).as_posix(): [
            [(span["text"], span["label"]) for span in json.loads(line)["spans"]]
            for line in path.read_text(encoding="utf-8").splitlines()
        ]
        for path in sorted((tmp_path / "gold").rglob("*.jsonl"))
    }


class TestVerdicts:
    """The fate of each span."""

    def read(self, *records):
        return list(FORMATS["label-studio"].loads(json.dumps(records), "a", Options(every=True)))

    def test_as_the_tool_says(self):
        """Regions keep their ids: one that was deleted and drawn again counts as deleted and as added."""
        reviewed = review([(self.read(task(CORRECTED))[0], None)])
        assert [(VERDICTS[verdict.cause], verdict.entity.text) for verdict in reviewed.reviewed[0].judged.verdicts] == [
            ("deleted", "Oslo"),
            ("re-bound", "Odile"),
            ("added", "Oslo"),
            ("relabelled", "Brest"),
            ("accepted", "l’ONU"),
        ]
        assert (reviewed.inferred, reviewed.unknown) == (0, 0)
        assert [(account.source.name, account.spurious) for account in reviewed.ledger().accounts] == [
            ("Oslo", 1),
            ("loc.to", 0),
            ("per.name", 0),
            ("ONU", 0),
        ]

    def test_inferred(self):
        """Without such data, spans are paired with those that were sent; each has its rule or entry."""
        sent = next(iter(FORMATS["jsonl"].loads(json.dumps(SENT), "sent")))
        back = next(iter(FORMATS["jsonl"].loads(json.dumps({"text": TEXT, "spans": BACK}), "back")))
        reviewed = review([(back, sent)])
        assert {label: dict(counts) for label, counts in reviewed.counts().items()} == {
            "PER": {"border": 1},
            "LOC": {"spurious": 1},
            "ORG": {"label": 1, "border": 1},
            "MISC": {},
            "all": {"border": 2, "spurious": 1, "label": 1},
        }
        assert [
            (str(account.source), account.source.kind, account.produced) for account in reviewed.ledger().accounts
        ] == [
            ("ONU (gazetteers/organisations.yaml:2)", "entry", 1),
            ("Oslo (gazetteers/places.yaml:9)", "entry", 1),
            ("loc.to (rules/loc.yaml:7)", "rule", 1),
            ("per.name (rules/per.yaml:3)", "rule", 1),
        ]
        assert (reviewed.inferred, reviewed.unknown) == (1, 0)

    def test_nothing_known(self):
        """A document without any record of what was sent has no verdicts, and is counted."""
        reviewed = review([(Document("Oslo", annotated=True), None)])
        assert (reviewed.reviewed, reviewed.unknown) == ((), 1)

    @pytest.mark.parametrize(
        "origins",
        [
            [{"start": 0, "end": 9, "label": "LOC", "origin": "deleted"}],
            [{"start": "0", "end": 4, "label": "LOC", "origin": "prediction"}],
            [{"start": 0, "end": 4, "label": "GPE", "origin": "prediction"}],
            ["prediction", {"origin": ["x"]}],
        ],
    )
    def test_origins_that_are_none(self, origins):
        """Origins recorded by other programs are not taken for ours."""
        assert recorded_review(Document("Oslo", annotated=True, meta={"origins": origins})) is None

    @pytest.mark.parametrize(
        ("text", "source"),
        [
            ("per.name (rules/per.yaml:3)", Source("rule", "per.name", "rules/per.yaml", 3)),
            ("Nom (Prénom) (a b.txt:12)", Source("entry", "Nom (Prénom)", "a b.txt", 12)),
            ("Oslo", Source("entry", "Oslo")),
            ("", Source("gold", "gold")),
        ],
    )
    def test_sources_are_read_as_they_are_written(self, text, source):
        """A source is read from its text in a file; an empty text is gold."""
        assert source_named(text) == source
        assert not text or str(source) == text


class TestAnnotators:
    """Who annotated what."""

    def copies(self, *rows):
        return [
            Copy(
                Document(text, id=id, path=f"{file}.jsonl", annotated=True, meta=meta, lines=(number,)), argument, file
            )
            for number, (text, id, argument, file, meta) in enumerate(rows, 1)
        ]

    def names(self, *rows):
        return {name: len(some) for name, some in by_annotator(self.copies(*rows)).items()}

    def test_named_by_the_documents(self):
        """The name that a document carries decides; Prodigy's goes by two keys."""
        one, two, three = {"annotator": "anna"}, {"_annotator_id": "ben"}, {"_session_id": "carl"}
        names = self.names(("A", "1", "x", "x", one), ("A", "1", "x", "x", two), ("A", "1", "x", "x", three))
        assert names == {"anna": 1, "ben": 1, "carl": 1}

    def test_arguments_are_annotators_where_they_hold_the_same(self):
        """Two arguments with the same documents are two annotators; with different ones they are parts."""
        assert self.names(("A", "1", "x", "x", {}), ("A", "1", "y", "y", {})) == {"x": 1, "y": 1}
        assert self.names(("A", "1", "x", "x", {}), ("B", "2", "y", "y", {})) == {"": 2}

    def test_files_are_annotators_where_they_hold_the_same(self):
        """So are files of one folder; documents without an id are the same by their text."""
        assert self.names(("A", None, "x", "anna", {}), ("A", None, "x", "ben", {})) == {"anna": 1, "ben": 1}

    def test_twice(self):
        """One annotator has a document once; and an id one text."""
        with pytest.raises(RuletagError) as error:
            by_annotator(self.copies(("A", "1", "x", "x", {}), ("A", "1", "x", "x", {})))
        assert [format_fault(fault) for fault in error.value.faults] == [
            "x.jsonl:2: RT116 the document '1' occurs twice, also at x.jsonl:1\n"
            "  help: nothing shows that they are by two annotators: keep one, or give each annotator a file"
        ]
        with pytest.raises(RuletagError) as error:
            by_annotator(self.copies(("A\n", "1", "x", "x", {}), ("A", "1", "y", "y", {})))
        assert [format_fault(fault) for fault in error.value.faults] == [
            "y.jsonl:2: RT114 the document '1': the texts differ at character 1: '\\n' became ''\n"
            "  help: the final line break differs"
        ]

    def test_what_was_sent(self):
        """By the id if its text is the same, else by the text: tools renumber documents."""
        sent = [Document("A", id="1"), Document("B", id="2"), Document("C")]
        assert sent_for([Document("B", id="1"), Document("C", id="9"), Document("A", id="1")], sent, "s") == [
            sent[1],
            sent[2],
            sent[0],
        ]
        back = {"": [Copy(Document("B", id="7"), "x", "x")]}
        assert missing(back, sent) == [sent[0], sent[2]]

    def test_what_was_not_sent(self):
        """A document that was not sent is refused; if there are as many, the message says how it differs."""
        with pytest.raises(RuletagError) as error:
            sent_for([Document("D", id="d", path="b")], [Document("A"), Document("B")], "s")
        assert [format_fault(fault) for fault in error.value.faults] == [
            "b: RT108 the document 'd' is not among the 2 documents of s\n  help: name the file that was sent"
        ]
        with pytest.raises(RuletagError) as error:
            sent_for([Document("Été", path="b", lines=(1,))], [Document("Été\n")], "s")
        assert [format_fault(fault) for fault in error.value.faults] == [
            "b:1: RT114 a document: the texts differ at character 3: '\\n' became ''\n"
            "  help: the final line break differs"
        ]


class TestCommand:
    """From exports to gold."""

    def test_label_studio_needs_no_seed(self, cli, tmp_path, write):
        """Verdicts come from the export; what is not annotated is left out and counted."""
        write("e.json", task(CORRECTED), {"id": 2, "data": {"text": "Rien"}, "annotations": []})
        assert cli("import", "e.json", "--into", "gold") == (
            0,
            """\
annotator 1: 4 spans sent in 1 document, 1 accepted (25.0 %).

label      sent    accepted    re-bound    relabelled    both    deleted    added    kept
-------  ------  ----------  ----------  ------------  ------  ---------  -------  ------
PER           1           0           1             0       0          0        0   0.0 %
LOC           1           0           0             0       0          1        1   0.0 %
ORG           2           1           0             1       0          0        0  50.0 %
MISC          0           0           0             0       0          0        0
all           4           1           1             1       0          1        1  25.0 %

rule or entry, worst first         sent    accepted    re-bound    relabelled    both    deleted    kept
-------------------------------  ------  ----------  ----------  ------------  ------  ---------  ------
Oslo (gazetteers/places.yaml:9)       1           0           0             0       0          1   0.0 %
loc.to (rules/loc.yaml:7)             1           0           0             1       0          0   0.0 %
per.name (rules/per.yaml:3)           1           0           1             0       0          0   0.0 %
""",
            "e.json: note: 1 document has no annotation and is left out\ngold/e.jsonl: 1 document, 4 spans\n",
        )
        spans = [("Odile", "PER"), ("Oslo", "LOC"), ("Brest", "LOC"), ("l’ONU", "ORG")]
        assert gold(tmp_path) == {"gold/e.jsonl": [spans]}
        assert "origin" not in (tmp_path / "gold/e.jsonl").read_text(encoding="utf-8")

    def test_two_annotators(self, cli, tmp_path, write):
        """Each has gold of their own, and their agreement is printed."""
        write("e.json", task(CORRECTED, CORRECTED[:3]))
        code, out, err = cli("import", "e.json", "--into", "gold")
        assert (code, err) == (0, "gold/1/e.jsonl: 1 document, 4 spans\ngold/2/e.jsonl: 1 document, 3 spans\n")
        assert out.splitlines()[-3:] == [
            "annotator    and      documents     F1    kappa",
            "-----------  -----  -----------  -----  -------",
            "1            2                1  0.857    0.847",
        ]
        assert [(name, len(spans[0])) for name, spans in gold(tmp_path).items()] == [
            ("gold/1/e.jsonl", 4),
            ("gold/2/e.jsonl", 3),
        ]
        report = json.loads(cli("import", "e.json", "--into", "gold", "--force", "--json")[1])
        assert report["agreement"] == [{"first": "1", "second": "2", "documents": 1, "f1": 0.857143, "kappa": 0.847222}]
        assert [(annotator["annotator"], annotator["labels"]["all"]) for annotator in report["annotators"]] == [
            (
                name,
                {
                    "sent": 4,
                    "accepted": 1,
                    "re_bound": 1,
                    "relabelled": 1,
                    "re_bound_and_relabelled": 0,
                    "deleted": 1,
                    "added": added,
                },
            )
            for name, added in (("1", 1), ("2", 0))
        ]

    @pytest.mark.parametrize("format", ["doccano", "prodigy", "spacy-json", "brat"])
    def test_every_tool_with_what_was_sent(self, cli, tmp_path, write, format):
        """If a tool does not say where its spans come from, they are compared with those that were sent."""
        write("sent.jsonl", SENT)
        write("back.jsonl", {"id": "a", "text": TEXT, "spans": BACK})
        place = {"brat": "b.ann", "spacy-json": "b.json"}.get(format, "b.jsonl")
        assert cli("convert", "back.jsonl", place, "--to", format)[0] == 0
        code, out, err = cli("import", place, "--from", format, "--into", "gold", "--seed", "sent.jsonl", "--json")
        assert (code, err) == (0, "gold/b.jsonl: 1 document, 3 spans\n")
        annotator = json.loads(out)["annotators"][0]
        assert annotator["inferred"] == 1
        assert annotator["labels"]["all"] == {
            "sent": 4,
            "accepted": 0,
            "re_bound": 2,
            "relabelled": 1,
            "re_bound_and_relabelled": 0,
            "deleted": 1,
            "added": 0,
        }
        assert gold(tmp_path) == {"gold/b.jsonl": [[("Odile", "PER"), ("Brest", "LOC"), ("ONU", "ORG")]]}

    def test_rejected_answers_are_no_gold(self, cli, tmp_path, write):
        """Records that a Prodigy user rejected or ignored are not written, but counted."""
        spans = [{"start": 0, "end": 4, "label": "LOC"}]
        write(
            "p.jsonl",
            {"text": "Oslo", "spans": spans, "answer": "accept"},
            {"text": "Oslo ?", "spans": spans, "answer": "reject"},
            {"text": "Oslo !", "spans": spans, "answer": "ignore"},
        )
        assert cli("import", "p.jsonl", "--from", "prodigy", "--into", "gold") == (
            0,
            "",
            "p.jsonl: note: 2 documents are not used as gold because of their answer: 1 ignore, 1 reject\n"
            "note: it is not known which spans were sent with 1 document; name the file with --seed SENT\n"
            "gold/p.jsonl: 1 document, 1 span\n",
        )
        assert gold(tmp_path) == {"gold/p.jsonl": [[("Oslo", "LOC")]]}

    def test_two_files_of_the_same_documents(self, cli, tmp_path, write):
        """doccano exports a file for each user: they are annotators, by the names of their files."""
        for name, spans in (("anna.jsonl", [[0, 4, "LOC"]]), ("ben.jsonl", [])):
            write(name, {"text": "Oslo", "label": spans, "doc_id": "a"}, {"text": "Lui", "label": [], "doc_id": "b"})
        code, out, err = cli("import", "anna.jsonl", "ben.jsonl", "--from", "doccano", "--into", "gold")
        assert (code, out.splitlines()[-1].split()) == (0, ["anna", "ben", "2", "0.000", "0.000"])
        assert err.splitlines()[1:] == [
            "gold/anna/anna.jsonl: 2 documents, 1 span",
            "gold/ben/ben.jsonl: 2 documents, 0 spans",
        ]

    def test_the_hash_of_the_text_is_checked(self, cli, tmp_path, write):
        """A text that was changed on the way is refused, even without the sent file; nothing is written."""
        write("e.json", task(CORRECTED, text=TEXT.replace("quitte", "Quitte")))
        assert cli("import", "e.json", "--into", "gold") == (
            2,
            "",
            "e.json:1: RT114 record 1: the text was changed since it was written: its sha256 is different\n"
            "  help: restore the text; offsets into a changed text are meaningless\n",
        )
        assert not (tmp_path / "gold").exists()

    def test_another_text_than_was_sent(self, cli, tmp_path, write):
        """The message says at which character the texts differ, and how."""
        write("sent.jsonl", SENT | {"text": TEXT + "\n"})
        write("back.jsonl", {"id": "a", "text": TEXT, "spans": BACK})
        assert cli("import", "back.jsonl", "--into", "gold", "--seed", "sent.jsonl") == (
            2,
            "",
            "back.jsonl:1: RT114 the document 'a': the texts differ at character 45: '\\n' became ''\n"
            "  help: the final line break differs\n",
        )
        assert not (tmp_path / "gold").exists()

    def test_labels_of_others(self, cli, tmp_path, write):
        """An unknown label is refused with its usual meaning; `--map` reads it."""
        write("back.jsonl", {"id": "a", "text": "Oslo", "spans": [[0, 4, "GPE"]]})
        assert cli("import", "back.jsonl", "--into", "gold") == (
            2,
            "",
            "back.jsonl:1: RT205 unknown label 'GPE'\n  help: use --map GPE=LOC, or --ignore GPE\n",
        )
        assert cli("import", "back.jsonl", "--into", "gold", "--map", "GPE=LOC")[0] == 0
        assert gold(tmp_path) == {"gold/back.jsonl": [[("Oslo", "LOC")]]}

    def test_the_format_of_the_gold_that_is_there(self, cli, tmp_path, write):
        """New gold is written like the old; if a file holds one document, each gets its own."""
        write(
            "back.jsonl", {"id": "a/1", "text": "Oslo", "spans": [[0, 4, "LOC"]]}, {"id": "b", "text": "", "spans": []}
        )
        (tmp_path / "gold").mkdir()
        (tmp_path / "gold" / "old.txt").write_text("Oslo\n{\nOslo (LOC)\n}\n", encoding="utf-8")
        assert cli("import", "back.jsonl", "--into", "gold")[0] == 0
        assert sorted(path.name for path in (tmp_path / "gold").iterdir()) == ["a-1.txt", "b.txt", "old.txt"]

    def test_ledger_and_what_is_missing(self, cli, tmp_path, write):
        """The ledger has every rule and entry, without a separate gold; missing documents are reported."""
        write("sent.jsonl", SENT, {"id": "b", "text": "Lui", "spans": []})
        write("back.jsonl", {"id": "a", "text": TEXT, "spans": BACK})
        code, _, err = cli("import", "back.jsonl", "--into", "gold", "--seed", "sent.jsonl", "--ledger", "l.tsv")
        assert (code, err.splitlines()[0]) == (0, "sent.jsonl: note: 1 of 2 documents did not come back, first b")
        rows = [line.split("\t") for line in (tmp_path / "l.tsv").read_text(encoding="utf-8").splitlines()]
        assert [(row[:5], row[5:9]) for row in rows[1:]] == [
            (["entry", "ONU", "gazetteers/organisations.yaml:2", "1", "0"], ["0", "1", "0", "0"]),
            (["entry", "Oslo", "gazetteers/places.yaml:9", "1", "0"], ["0", "0", "0", "1"]),
            (["rule", "loc.to", "rules/loc.yaml:7", "1", "0"], ["1", "0", "0", "0"]),
            (["rule", "per.name", "rules/per.yaml:3", "1", "0"], ["0", "1", "0", "0"]),
        ]

    def test_outputs_are_looked_at_first(self, cli, tmp_path, write):
        """Gold that exists is not replaced unasked, and an input never."""
        (tmp_path / "gold").mkdir()
        write("gold/back.jsonl", {"id": "a", "text": "Oslo", "spans": []})
        assert cli("import", "gold/back.jsonl", "--into", "gold", "--force") == (
            2,
            "",
            "note: it is not known which spans were sent with 1 document; name the file with --seed SENT\n"
            "gold/back.jsonl: RT106 is an input and is never changed\n  help: write to another path\n",
        )
        write("back.jsonl", {"id": "a", "text": "Oslo", "spans": [[0, 4, "LOC"]]})
        assert cli("import", "back.jsonl", "--into", "gold")[0] == 2
        assert gold(tmp_path) == {"gold/back.jsonl": [[]]}

    def test_nothing_was_sent(self, cli, write):
        """Raw texts were sent: every span was added, and there is no share of accepted ones."""
        write("sent.jsonl", {"id": "a", "text": "Oslo", "spans": []})
        write("back.jsonl", {"id": "a", "text": "Oslo", "spans": [[0, 4, "LOC"]]})
        run = cli("import", "back.jsonl", "--into", "gold", "--seed", "sent.jsonl")
        assert (run.code, run.out.splitlines()[0]) == (
            0,
            "0 spans sent in 1 document, 0 accepted; verdicts are inferred.",
        )

    def test_another_guideline_is_noted(self, cli, tmp_path):
        """Braces stand for another guideline than JSON Lines, and eval scores gold by its format: a note says so,
        unless the gold stays in braces, or the configuration chooses a guideline."""
        (tmp_path / "a.txt").write_text("Odile à Oslo.\n{\nOslo_LOC\n}\n", encoding="utf-8")
        sent = "note: it is not known which spans were sent with 1 document; name the file with --seed SENT\n"
        written = "{}: 1 document, 1 span\n"
        note = "note: brace is scored under the guideline seed by default, and jsonl under canonical; if these names "
        note += "follow seed, use --guideline seed with `eval`, or set it in ruletag.toml\n"
        assert cli("import", "a.txt", "--into", "g") == (0, "", sent + written.format("g/a.jsonl") + note)
        assert cli("import", "a.txt", "--into", "h", "-t", "brace") == (0, "", sent + written.format("h/a.txt"))
        (tmp_path / "ruletag.toml").write_text('guideline = "seed"\n', encoding="utf-8")
        assert cli("import", "a.txt", "--into", "i") == (0, "", sent + written.format("i/a.jsonl"))

    def test_unread_formats(self, cli, write):
        """Annotations under keys that are not read are no gold: the keys are named."""
        write("e.jsonl", {"text": "Oslo", "entities": [[0, 4, "LOC"]]})
        assert cli("import", "e.jsonl", "--into", "gold") == (
            2,
            "",
            "e.jsonl:1: RT103 has no 'spans' among its keys: text, entities\n"
            '  help: use --from doccano, or put annotations under "spans": [[start, end, label], …]\n',
        )


RECORDED = Path(__file__).parent / "golden" / "servers"


class TestRecordedAnswers:
    """The answers of Label Studio 1.23 and doccano 1.8, four documents of each (see test_servers)."""

    def test_label_studio(self, cli, tmp_path):
        """The export says what became of each region, and which rule or entry made it."""
        code, out, err = cli("import", RECORDED / "label-studio.json", "--into", "gold", "--json")
        assert (code, err) == (0, "gold/label-studio.jsonl: 4 documents, 16 spans\n")
        (annotator,) = json.loads(out)["annotators"]
        assert (annotator["annotator"], annotator["documents"], annotator["inferred"], annotator["unknown"]) == (
            "1",
            4,
            0,
            0,
        )
        assert {name: number for name, number in annotator["labels"]["all"].items() if number} == {
            "sent": 17,
            "accepted": 14,
            "re_bound": 1,
            "relabelled": 1,
            "deleted": 1,
        }
        assert [
            (source["source"], source["kind"]) for source in annotator["sources"] if source["accepted"] < source["sent"]
        ] == [
            ("Angela Merkel (gazetteers/people.yaml:1892)", "entry"),
            ("loc.known-ambiguous (rules/loc.yaml:63)", "rule"),
            ("per.title-name (rules/per.yaml:3)", "rule"),
        ]
        lines = (tmp_path / "gold/label-studio.jsonl").read_text(encoding="utf-8").splitlines()
        assert [json.loads(line)["id"] for line in lines] == ["d000", "d001", "d002", "d003"]

    def test_the_flat_export_has_the_same_gold(self, cli, tmp_path):
        """JSON_MIN has the same spans; ids are those of the tasks, and nothing says what was sent."""
        assert cli("import", RECORDED / "label-studio.json", "--into", "gold")[0] == 0
        code, out, err = cli("import", RECORDED / "label-studio-min.json", "--into", "gold")
        assert (code, out) == (0, "")
        assert err == (
            "note: it is not known which spans were sent with 4 documents; name the file with --seed SENT\n"
            "gold/label-studio-min.jsonl: 4 documents, 16 spans\n"
        )
        spans = gold(tmp_path)
        assert spans["gold/label-studio-min.jsonl"] == spans["gold/label-studio.jsonl"]

    def test_doccano(self, cli, tmp_path):
        """Texts, ids and hashes come back; spans are compared with those that were sent."""
        label_studio = json.loads((RECORDED / "label-studio.json").read_text(encoding="utf-8"))
        sent = []
        for task in label_studio:
            regions = task["annotations"][0]["prediction"]["result"]
            spans = [
                {"start": place["value"]["start"], "end": place["value"]["end"], "label": place["value"]["labels"][0]}
                | {"source": place["meta"]["text"][0].removeprefix("rule=")}
                for place in regions
            ]
            sent.append({"id": task["data"]["id"], "text": task["data"]["text"], "spans": spans})
        (tmp_path / "sent.jsonl").write_text("".join(json.dumps(record) + "\n" for record in sent), encoding="utf-8")
        arguments = ("--from", "doccano", "--into", "gold", "--seed", "sent.jsonl", "--json")
        code, out, err = cli("import", RECORDED / "doccano.jsonl", *arguments)
        assert (code, err) == (0, "gold/doccano.jsonl: 4 documents, 16 spans\n")
        (annotator,) = json.loads(out)["annotators"]
        assert (annotator["documents"], annotator["inferred"], annotator["unknown"]) == (4, 4, 0)
        assert {name: number for name, number in annotator["labels"]["all"].items() if number} == {
            "sent": 17,
            "accepted": 14,
            "re_bound": 1,
            "relabelled": 1,
            "deleted": 1,
        }
        assert cli("import", RECORDED / "label-studio.json", "--into", "gold")[0] == 0
        spans = gold(tmp_path)
        assert spans["gold/doccano.jsonl"] == spans["gold/label-studio.jsonl"]
        assert "Comments" not in (tmp_path / "gold/doccano.jsonl").read_text(encoding="utf-8")
