"""The benchmark of quality: its counts, the effect of leaving a part out, and its tables."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ruletag.folders
from makers import tagger_of
from properties import examples
from ruletag import Document, Entity, Tagger
from ruletag.evaluation.measures import Counts
from ruletag.model import LABELS, Entry, Source

BENCH = Path(__file__).parents[1] / "bench"
sys.path.insert(0, str(BENCH))
import ablation  # noqa: E402
import corpora  # noqa: E402
import quality  # noqa: E402
import tables  # noqa: E402

GOLD = """\
{"text": "Le président Varenne est à Orange.", "spans": [[13, 20, "PER"], [27, 33, "LOC"]]}
{"text": "L'ONU et la Chine.", "spans": [[2, 5, "ORG"], [12, 17, "LOC"]]}
{"text": "Le groupe Orange et M. Paris.", "spans": [[10, 16, "ORG"]]}
"""
COMMUNIQUE = """\
Le Président Varenne salue la Chine.
{
Président Varenne_PER
la Chine_LOC
}
"""
PIECES = ["Le président Varenne", "à Orange", "groupe Orange", "M. Paris", "l'ONU", "la Chine", "Paris", "hier"]


@pytest.fixture
def gold(small, tmp_path):
    """A folder with gold of both guidelines and a raw text; the little knowledge replaces the shipped one."""
    folder = tmp_path / "gold"
    folder.mkdir()
    (folder / "news.jsonl").write_text(GOLD, encoding="utf-8")
    (folder / "communique.txt").write_text(COMMUNIQUE, encoding="utf-8")
    (folder / "raw.txt").write_text("Paris.\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def small_tagger(small_folder):
    """A tagger of the little knowledge, and of no shipped word class."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ruletag.folders, "home", small_folder)
        tagger = Tagger.load()
        len(tagger.knowledge.read.written)  # what is read later would be what ships
        return tagger


def corpus(*documents, guideline="canonical"):
    """A corpus of (text, spans)."""
    entities = [tuple(Entity(*span, text[span[0] : span[1]]) for span in spans) for text, spans in documents]
    texts = [text for text, _ in documents]
    annotated = [
        Document(text, found_entities, annotated=True) for text, found_entities in zip(texts, entities, strict=True)
    ]
    return corpora.Corpus("made", guideline, tuple(annotated))


def test_corpora_are_cut_by_guideline(gold):
    """A folder is one corpus for each guideline of its files, under its own name; a raw text is none of it."""
    read = corpora.read_corpora([str(gold), str(gold / "news.jsonl")])
    assert [(cut.name, cut.guideline, len(cut.documents), dict(cut.spans)) for cut in read] == [
        ("gold (seed)", "seed", 1, {"PER": 1, "LOC": 1}),
        ("gold (canonical)", "canonical", 3, {"PER": 1, "LOC": 2, "ORG": 2}),
        ("news.jsonl", "canonical", 3, {"PER": 1, "LOC": 2, "ORG": 2}),
    ]


def test_spans_of_other_labels_are_no_spans():
    """Spans with labels other than the four are neither right nor wrong."""
    (document,) = corpus(("Paris, lundi", [(0, 5, "LOC")])).documents
    assert corpora.count(document, [(0, 5, "LOC"), (7, 12, "DATE")]) == {"LOC": Counts(1, 1, 1)}


def test_dictionary_knows_french_words():
    """Whole words with their accents, case as written, the first of two labels, no ambiguous name."""
    names = [("Orn", "LOC"), ("Orn", "PER"), ("Île", "LOC")]
    entries = [Entry(surface, label, Source("entry", surface)) for surface, label in names]
    entries += [
        Entry("Été", "MISC", Source("entry", "Été"), ambiguous=True),
        Entry("Île", "LOC", Source("entry", "Île")),
    ]
    find = quality.dictionary(tagger_of(entries))
    assert list(find("L'Orn, Orné, orn, Été et Île.")) == [(2, 5, "LOC"), (25, 28, "LOC")]


def test_what_each_part_brings(gold):
    """Every part of the little knowledge, on the corpus and for the labels that it changes."""
    effects = list(ablation.ablate(corpora.read_corpora([str(gold)])))
    news, seed = "gold (canonical)", "gold (seed)"
    assert quality.detail_rows(effects) == [
        ["per.*", seed, "PER", "+1", "+0", "+100.00"],
        ["seed.*", seed, "LOC", "+1", "-1", "+100.00"],
        ["per.*", news, "PER", "+1", "+0", "+100.00"],
        ["org.*", news, "ORG", "+1", "+0", "+33.33"],
        ["loc.*", news, "LOC", "+1", "+0", "+30.00"],
        ["gazetteers/places.yaml", seed, "LOC", "+1", "+0", "+100.00"],
        ["gazetteers/organisations.yaml", news, "ORG", "+2", "+0", "+100.00"],
        ["gazetteers/places.yaml", news, "PER", "+0", "-1", "+33.33"],
        ["gazetteers/places.yaml", news, "LOC", "+2", "+1", "+80.00"],
        ["gazetteers/words/titles.yaml", seed, "PER", "+1", "+0", "+100.00"],
        ["gazetteers/words/titles.yaml", news, "PER", "+1", "+0", "+100.00"],
        ["seed: title-with-surname", seed, "PER", "+1", "-1", "+100.00"],
        ["seed: determiner", seed, "LOC", "+1", "-1", "+100.00"],
        ["per.title-name", seed, "PER", "+1", "+0", "+100.00"],
        ["seed.determiner", seed, "LOC", "+1", "-1", "+100.00"],
        ["per.title-name", news, "PER", "+1", "+0", "+100.00"],
        ["org.group", news, "ORG", "+1", "+0", "+33.33"],
        ["loc.inside", news, "LOC", "+1", "+0", "+30.00"],
    ]


def test_memory_is_a_part(small):
    """The memory is measured like a rule: it finds a family name that only the full name licenses."""
    made = corpus(("Kaisa Lehtonen part. Lehtonen rit.", [(0, 14, "PER"), (21, 29, "PER")]))
    (memory, *_) = ablation.ablate([made])
    assert (memory.part.name, quality.effect_cell(memory)) == ("memory", "+33.33: PER +1 +0")


@given(st.lists(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4), min_size=1, max_size=3))
@examples(10)
def test_only_documents_that_a_rule_touches_change(small_tagger, texts):
    """Tagging again only where a rule had a candidate gives the same as tagging everything again."""
    made = corpus(*((", ".join(pieces), []) for pieces in texts))
    base = ablation.baseline(small_tagger, made)
    for part in ablation.parts(small_tagger):
        (quick,) = ablation.effects(small_tagger, part, [(made, base)])
        reduced = ablation.without(small_tagger, part)
        assert quick.absent == corpora.total(ablation.baseline(reduced, made).counts)


def test_table_of_parts():
    """A table for each kind, a corpus a column; a part without effect is named below, and no corpus is forgotten."""
    none = dict.fromkeys(LABELS, Counts())
    some, more = ({**none, "PER": counts} for counts in (Counts(4, 4, 2), Counts(4, 4, 3)))
    rules = [ablation.Part("rule", name) for name in ("per.a", "per.b", "per.c")]
    effects = [
        ablation.Effect(rules[0], "first", more, some),
        ablation.Effect(rules[0], "second", none, none),
        ablation.Effect(rules[1], "second", some, more),
        ablation.Effect(rules[2], "first", some, some),
    ]
    named = [corpora.Corpus(name, "canonical", ()) for name in ("first", "second")]
    assert quality.ablation_section(effects, named).splitlines()[2:] == [
        "| rule   | first             | second            |",
        "|--------|-------------------|-------------------|",
        "| per.a  | +25.00: PER +1 -1 |                   |",
        "| per.b  |                   | -25.00: PER -1 +1 |",
        "",
        "No effect on these corpora (rule): `per.c`.",
    ]


def test_each_table_has_a_file(tmp_path, monkeypatch):
    """The file of a name is replaced, the files of other names stay; the folder is created."""
    results = tmp_path / "results"
    monkeypatch.setattr(tables, "RESULTS", results)
    tables.write({"quality": "old", "ablation": "kept"}, "python x.py")
    tables.write({"quality": "## A\n\nnew\n"}, "python y.py")
    head = "Written by `python {}.py`; see [bench](../README.md)."
    assert {path.name: path.read_text("utf-8") for path in results.iterdir()} == {
        "quality.md": f"# Quality\n\n{head.format('y')}\n\n## A\n\nnew\n",
        "ablation.md": f"# Ablation\n\n{head.format('x')}\n\nkept\n",
    }


def test_one_command(gold, tmp_path, monkeypatch, capsys):
    """One call scores all that is installed, prints the tables and writes them to files; what lacks is named."""
    monkeypatch.setattr(tables, "RESULTS", tmp_path)
    monkeypatch.setattr(quality, "spacy_model", lambda name: None)
    monkeypatch.setattr(quality, "JOBS", 1)
    assert quality.main(["--ablation", "--write", str(gold)]) == 0
    printed = capsys.readouterr()
    assert printed.err.splitlines() == [f"skipped: {name} is not installed" for name in quality.MODELS] * 2
    head, by, section = (tmp_path / "quality.md").read_text("utf-8").rstrip("\n").split("\n\n", 2)
    command = "python bench/quality.py --ablation --write"
    assert (head, by) == ("# Quality", f"Written by `{command}`; see [bench](../README.md).")
    assert printed.out.startswith(section)
    rows = re.findall(r"^\| (ruletag|flashtext, same lists) .*\| ([\d.]+) +\| [\d.]+ +\|$", section, re.MULTILINE)
    assert rows == [
        ("ruletag", "1.000"),
        ("flashtext, same lists", "0.000"),
        ("ruletag", "0.909"),
        ("flashtext, same lists", "0.500"),
    ]
    assert (tmp_path / "ablation.md").read_text("utf-8").startswith(f"# Ablation\n\n{by}\n\nMeasured on ")


def test_unknown_gold_is_an_error(capsys):
    """A name that does not exist is a message and the code 2."""
    message = "nowhere: RT101 there is no such file or folder"
    assert (quality.main(["nowhere"]), capsys.readouterr().err.splitlines()[0]) == (2, message)
