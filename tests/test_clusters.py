"""Arrow batches, and the engines that are installed: the same spans from each; poison costs its own document."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from ruletag import RuletagError
from ruletag.tagger import Settings
from ruletag.texts import Found, Texts, lent

BENCH = Path(__file__).parent.parent / "bench"
needs_arrow = pytest.mark.skipif(find_spec("pyarrow") is None, reason="needs pyarrow")
POISON = """\
import os, signal
import ruletag.tagger as t
whole = t.Tagger._document
def poisoned(self, text, decided):
    if "Crash" in text: [][1]
    if "Kill" in text: os.kill(os.getpid(), signal.SIGKILL)
    while "Hang" in text: pass
    return whole(self, text, decided)
t.Tagger._document = poisoned
"""


@pytest.fixture
def own(small_folder):
    """The settings of the little knowledge."""
    return Settings((str(small_folder / "rules"),), (str(small_folder / "gazetteers"),))


@pytest.fixture(scope="module")
def scale():
    """The program that measures the engines."""
    sys.path.insert(0, str(BENCH))
    try:
        import scale

        yield scale
    finally:
        sys.path.remove(str(BENCH))


@pytest.fixture(scope="module")
def folder(scale, tmp_path_factory):
    """Shards of 400 documents, and what `ruletag tag -j 1` makes of them."""
    folder = tmp_path_factory.mktemp("engines")
    scale.write_shards(folder / "in", scale.documents(400))
    run("ruletag", folder, 1)
    return folder


class TestTexts:
    """A stream of texts through one tagger."""

    @pytest.mark.slow
    @pytest.mark.parametrize("seconds", [0, 30])
    def test_in_order(self, own, seconds):
        """In this process or in another, the results come in the order of the texts."""
        texts = [f"M. Wang est à {'Paris' * (number % 2)}." for number in range(700)]
        with Texts(own, seconds) as tagging:
            tagged = list(tagging.tag(texts))
        assert [[(span.start, span.end, span.label, span.text) for span in document.spans] for document in tagged] == [
            [(3, 7, "PER", "Wang"), (14, 19, "LOC", "Paris")][: 1 + number % 2] for number in range(700)
        ]

    @pytest.mark.slow
    @pytest.mark.parametrize("seconds", [0, 30])
    def test_faults_of_the_knowledge(self, seconds):
        """They are raised unchanged, in this process or in another."""
        settings = Settings(("no/such/folder",))
        with pytest.raises(RuletagError) as expected:
            settings.load().tag("Paris")
        with pytest.raises(RuletagError) as error, Texts(settings, seconds) as tagging:
            list(tagging.tag(["Paris"]))
        assert error.value.faults == expected.value.faults

    @pytest.mark.slow
    def test_lent(self, own):
        """It is reused, and two at a time do not share one; after an error it is dropped."""
        with lent(own, 0) as first, lent(own, 0) as second:
            assert first is not second
        with lent(own, 0) as third:
            assert third in (first, second)
        with pytest.raises(KeyError), lent(own, 0) as fourth:
            raise KeyError
        with lent(own, 0) as fifth:
            assert fifth is not fourth

    def test_what_raises(self, own, small, monkeypatch):
        """A text that raises has an error, and the next one its spans."""
        from ruletag import Tagger

        tag = Tagger.tag
        monkeypatch.setattr(Tagger, "tag", lambda self, text: [][1] if text == "Crash" else tag(self, text))
        with Texts(own, 0) as tagging:
            crashed, good = tagging.tag(["Crash", "Paris"])
        error = "RT111 the document cannot be tagged: IndexError: list index out of range"
        assert (crashed, good.error, len(good.spans)) == (Found(error=error), None, 1)


@needs_arrow
class TestBatch:
    """Arrow batches with their names."""

    @pytest.fixture
    def batch(self):
        import pyarrow as pa

        return pa.record_batch({"id": [1, 2, 3], "content": ["🙂 M. Wang\r\nà Paris", None, "Rien"]})

    @pytest.mark.slow
    def test_what_comes_back(self, own, batch):
        """The rows as they were, with spans in code points of the text, and errors; of a table, a table."""
        import pyarrow as pa

        from ruletag.arrow import SPAN, tag_batch

        tagged = tag_batch(batch, own, text="content")
        source = dict.fromkeys(("via", "id"))
        assert tagged.select(["id", "content"]) == batch
        assert (type(tagged), tagged.schema.field("spans").type) == (pa.RecordBatch, pa.list_(SPAN))
        wang, paris = tagged.column("spans").to_pylist()[0]
        assert "rules" in wang.pop("source")
        assert "gazetteers" in paris.pop("source")
        assert [wang, paris] == [
            {"start": 5, "end": 9, "label": "PER", "text": "Wang", **source},
            {"start": 13, "end": 18, "label": "LOC", "text": "Paris", **source},
        ]
        assert tagged.column("spans").to_pylist()[1:] == [None, []]
        assert tagged.column("error").to_pylist() == [None, "RT105 the text is null", None]
        table = tag_batch(pa.Table.from_batches([batch]), own, text="content")
        assert table == pa.Table.from_batches([tagged])
        assert tag_batch(tagged, own, text="content") == tagged

    @pytest.mark.parametrize("kind", ["large_string", "string_view", "string"])
    def test_kinds_of_strings(self, own, kind):
        """Every Arrow string type, also in slices and chunks."""
        import pyarrow as pa

        from ruletag.arrow import tag_batch

        column = pa.chunked_array([pa.array(["Rien", "Paris"]).cast(getattr(pa, kind)())] * 2)
        tagged = tag_batch(pa.table({"text": column}).slice(1, 2), own)
        assert [len(spans) for spans in tagged.column("spans").to_pylist()] == [1, 0]

    def test_no_rows(self, own):
        """No rows give no rows, with the columns."""
        import pyarrow as pa

        from ruletag.arrow import tag_batch

        empty = tag_batch(pa.table({"text": pa.array([], pa.string())}), own)
        assert (empty.column_names, empty.num_rows) == (["text", "spans", "error"], 0)

    def test_what_is_no_column_of_texts(self, own, batch):
        """A name that is not there, and numbers."""
        from ruletag.arrow import tag_batch

        with pytest.raises(RuletagError) as error:
            tag_batch(batch, own, text="contents")
        assert str(error.value) == "contents: RT110 there is no column of that name\n  help: did you mean 'content'?"
        with pytest.raises(RuletagError) as error:
            tag_batch(batch, own, text="id")
        assert str(error.value) == "id: RT110 is a column of int64, not of strings\n  help: name another"


@pytest.mark.parametrize(
    ("module", "package", "extra"),
    [
        ("ruletag.arrow", "pyarrow", "arrow"),
        ("ruletag.pipeline", "spacy", "spacy"),
        ("ruletag.clusters.datatrove", "datatrove", "datatrove"),
        ("ruletag.clusters.ray", "pyarrow", "ray"),
        ("ruletag.clusters.spark", "pyarrow", "spark"),
    ],
)
def test_a_module_without_its_extra(monkeypatch, module, package, extra):
    """The error of the import names the package, as any such error does, and says how to install the extra."""
    for name in [package, *(name for name in sys.modules if name.startswith(package + "."))]:
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("ruletag.arrow", module):
        monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.raises(ModuleNotFoundError) as error:
        import_module(module)
    message = (
        f"{module}: RT113 needs a package that is not installed: {package}\n  help: pip install 'ruletag[{extra}]'"
    )
    assert (str(error.value), error.value.__cause__) == (message, None)


@needs_arrow
@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
def test_poison_in_a_batch(tmp_path):
    """Rows that raise, end their process or hang have an error; a script needs no guard around its main part."""
    (tmp_path / "sitecustomize.py").write_text(POISON)
    script = (
        "import pyarrow as pa\nfrom ruletag.arrow import tag_batch\n"
        "texts = ['Paris'] * 300 + ['Crash', 'Kill', 'Hang'] + ['Paris'] * 300\n"
        "found = tag_batch(pa.table({'text': texts}), seconds=2)\n"
        "print([(row, error) for row, error in enumerate(found.column('error').to_pylist()) if error])\n"
        "print(sum(len(spans or []) for spans in found.column('spans').to_pylist()))\n"
    )
    (tmp_path / "script.py").write_text(script)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    run = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    failed = [
        (300, "RT111 the document cannot be tagged: IndexError: list index out of range"),
        (301, "RT111 the document cannot be tagged: it ends its process (SIGKILL)"),
        (302, "RT111 the document cannot be tagged: it takes longer than 2 s"),
    ]
    assert (run.stdout, run.stderr) == (f"{failed}\n600\n", "")


@needs_arrow
@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
class TestEngines:
    """The engines that are installed, each in a process of its own, over the same shards."""

    def test_every_document_is_there(self, scale, folder):
        """The reference has spans for each."""
        spans = scale.spans_of(folder / "ruletag-1")
        assert (len(spans), all(spans.values())) == (400, True)

    @pytest.mark.parametrize("engine", ["ruletag", "datatrove", "ray", "pyspark"])
    def test_one_hash(self, scale, folder, engine):
        """Two processes, and every engine, give the spans that one process gives."""
        if find_spec(engine) is None:
            pytest.skip(f"{engine} is not installed")
        run(engine, folder, 2)
        assert scale.hash_of(folder / f"{engine}-2") == scale.hash_of(folder / "ruletag-1")

    @pytest.mark.parametrize("engine", ["datatrove", "ray", "pyspark"])
    def test_poison(self, scale, tmp_path, engine):
        """Three documents that raise, kill and hang are named in the result of the engine; all others are tagged."""
        if find_spec(engine) is None:
            pytest.skip(f"{engine} is not installed")
        documents = scale.documents(64)
        for place, word in {10: "Crash", 30: "Kill", 50: "Hang"}.items():
            documents[place]["text"] = word
        scale.write_shards(tmp_path / "in", documents)
        (tmp_path / "site").mkdir()
        limit = "import ruletag.workers as w\nw.TIME_LIMIT = 2.0\n"
        (tmp_path / "site/sitecustomize.py").write_text(limit + POISON)
        run(engine, tmp_path, 2, site=tmp_path / "site")
        errors = scale.errors_of(tmp_path / f"{engine}-2")
        reasons = {10: "IndexError: list index out of range", 30: "it ends its process (SIGKILL)"}
        reasons[50] = "it takes longer than 2 s"
        assert errors == {
            f"d{place:07d}": f"RT111 the document cannot be tagged: {reason}" for place, reason in reasons.items()
        }
        assert len(scale.spans_of(tmp_path / f"{engine}-2")) == 64


def run(engine, folder, workers, site=None):
    """Tag the shards of a folder with an engine, in a process of its own."""
    paths = [*([str(site)] if site else []), *sys.path]
    words = [sys.executable, str(BENCH / "scale.py"), "--one", engine, str(folder / "in")]
    result = subprocess.run(
        [*words, str(folder / f"{engine}-{workers}"), str(workers)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, json.dumps([result.stdout[-2000:], result.stderr[-4000:]])
