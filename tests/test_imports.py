"""The house: a module imports only from those above it, and the library never pulls in what only the command needs."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ruletag
from makers import needs_core

PACKAGE = Path(ruletag.__file__).parent
ORDER = """
    escapes errors codes confidence positions yaml_cures yaml_scalar events temporary cache fields typed model markup
    folders sources plaintext uneven fold surfaces plain_list tokens nouns heads variants gazetteer pattern program
    trees rules rule_file lazy decided guideline
    guideline_file entries core core.library engine core.decided core.chunks core.engine plain plain.lexicon plain.text
    plain.order plain.matcher plain.memory plain.engine tables knowledge unreached tagger places overlay ruletag bundle
    pipeline formats.labels formats.contract formats formats.offsets formats.readings formats.spans formats.answers
    formats.strict_json formats.records review review.spans review.reducer review.database review.pile review.store
    review.gold formats.review formats.words formats.bio formats.text formats.label_studio formats.doccano
    formats.brat formats.conll formats.conllu formats.prodigy formats.spacy_json formats.parquet formats.docbin
    formats.warc formats.xmltext formats.tags formats.tei formats.cas formats.cas_json formats.webannotation
    formats.webanno formats.names_csv formats.names_tsv formats.csv formats.jsonl formats.alignment
    formats.brace formats.markup review.seeding review.risk review.order review.search review.near
    review.propose review.pace signatures foreign encodings decoding
    compression streams files pieces manifest outputs output_checks workers batch texts arrow clusters
    clusters.datatrove clusters.ray clusters.spark conversion evaluation lists lists.rows lists.dumps
    lists.cleaning lists.importing evaluation.align evaluation.annotated evaluation.drift evaluation.annotators
    evaluation.pairing diff evaluation.borders evaluation.measures evaluation.score evaluation.groups
    evaluation.uncertainty evaluation.agreement review.adjudication review.bulk
    review.desk review.summary evaluation.causes
    evaluation.confusion evaluation.ledger evaluation.returned evaluation.effort evaluation.assess
    evaluation.occurrences evaluation.goldcheck evaluation.evidence evaluation.trials evaluation.fit scoring report
    report.pieces report.explanation report.run report.record report.figures report.findings report.scores report.ledger
    report.effort report.assessed report.gate report.goldcheck report.returned report.fit report.marked
    report.labelled report.charts report.html formats.ansi formats.html report.markdown report.compared
    report.comparison report.agreement report.difference deletions strict check own config_keys config schema starter
    suggest suggest.propose suggest.abduce suggest.weigh suggest.alternatives suggest.session suggest.edit
    suggest.apply suggest.patch
    review.lessons cli.console server
    server.requests server.worker server.answering server.plain server.doccano server.tei_publisher
    server.label_studio server.inception server.openapi server.guard server.app server.page_guard server.page
    server.threads server.lessons server.reviewing server.review cli.signals cli.completion cli.http cli.notes
    cli.options cli.gold cli.account cli.plan cli.run cli.cache cli.tag cli.provenance cli.reports cli.compare
    cli.agree cli.gold_check cli.evaluate cli.guideline cli.explain cli.check cli.code cli.schema cli.config
    cli.formats cli.convert cli.import_gold cli.import_list
    cli.diff cli.changing cli.suggest cli.add cli.init cli.serve cli.review cli __main__
""".split()  # noqa: SIM905 - a word list; `ruletag` is the package itself, which tells the command its version


def module_name(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {name: path for path in sorted(PACKAGE.rglob("*.py")) if (name := module_name(path))}


def statements(node):
    """All statements below a node; nothing is imported in an expression."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        below = getattr(node, field, ())
        for child in below if isinstance(below, list) else ():
            yield child
            yield from statements(child)


def imported(tree):
    """The modules of the package that a module imports, at its top or inside a function."""
    for node in statements(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] != "ruletag":
                continue
            while parts[1:] and ".".join(parts[1:]) not in MODULES:
                parts.pop()
            yield ".".join(parts[1:]) or "ruletag"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_imports_only_from_above(name):
    """Each module has its place in the order and imports nothing from below."""
    above = ORDER[: ORDER.index(name)]
    modules = set(imported(ast.parse(MODULES[name].read_text(encoding="utf-8"))))
    assert sorted(modules - set(above)) == []


def run_python(script):
    """The output of a script in a fresh interpreter."""
    run = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert run.stderr == ""
    return run.stdout.splitlines()


@pytest.mark.slow
def test_help_is_light():
    """`ruletag --help` loads neither the tagger nor anything that only a command needs."""
    lines = run_python(
        "import sys; sys.argv = ['ruletag', '--help']\n"
        "from ruletag.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted(name for name in sys.modules if name.startswith('ruletag.') and 'cli' not in name))\n"
        "heavy = {'yaml', 'tabulate', 'tqdm', 'jinja2', 'flashtext', 'ctypes', 'difflib'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert lines[-2:] == ["['ruletag.errors', 'ruletag.escapes']", "[]"]


@pytest.mark.slow
def test_library_is_light():
    """The tagger loads nothing that only the command line or another engine needs; `import ruletag`, not even that."""
    lines = run_python(
        "import sys, ruletag; print('ruletag.tagger' in sys.modules, ruletag.__file__); ruletag.Tagger\n"
        "print(sorted({'tabulate', 'click', 'tqdm', 'jinja2', 'flashtext', 'ruletag.cli'} & set(sys.modules)))"
    )
    assert lines == [f"False {PACKAGE / '__init__.py'}", "[]"]


@needs_core
@pytest.mark.slow
def test_tag_is_light():
    """With cached knowledge, `ruletag tag` loads no parser, no rules, no other engine or command."""
    script = (
        "import sys; sys.argv = ['ruletag', 'tag', '-']\n"
        "import io; sys.stdin = io.TextIOWrapper(io.BytesIO(b'Emmanuel Macron'))\n"
        "from ruletag.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'yaml', 'csv', 'difflib', 'tabulate', 'tqdm', 'jinja2', 'flashtext', 'concurrent.futures', 'html'}\n"
        "heavy.add('logging')\n"
        "names = 'events uneven fold gazetteer variants pattern program rules guideline_file tables plain check '\n"
        "names += 'report evaluation'\n"
        "heavy |= {f'ruletag.{name}' for name in [*names.split(), 'cli.evaluate', 'cli.check', 'cli.explain']}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run_python(script)
    assert run_python(script)[-1] == "[]"
