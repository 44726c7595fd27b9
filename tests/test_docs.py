"""The documentation says all there is, and nothing that is not: tables, links, examples."""

from __future__ import annotations

import doctest
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from typing import get_args, get_type_hints

import click
import pytest
import yaml

import ruletag
from makers import tagger_of
from ruletag import Tagger, check, codes, config_keys, gazetteer, guideline, guideline_file, markup, rule_file
from ruletag.cli import cli as command_line
from ruletag.confidence import LEVELS
from ruletag.formats import FORMATS
from ruletag.model import LABELS
from ruletag.pattern import PARTS
from ruletag.report import agreement, compared, difference, explanation, goldcheck, record, returned
from ruletag.report.pieces import MadeSpan, Span
from ruletag.report.run import Run
from ruletag.tokens import SHAPES
from ruletag.typed import table

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`]+)`")


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def section(page: str, heading: str) -> str:
    """The text of a reference page from a heading to the next one of its level."""
    text = (REFERENCE / page).read_text(encoding="utf-8")
    level = heading.partition(" ")[0]
    _, separator, rest = text.partition(f"\n{heading}\n")
    assert separator, f"{page} has no heading {heading!r}"
    return re.split(rf"^#{{1,{len(level)}}} ", rest, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of all table rows that begin with something in backticks."""
    lines = (line for line in text.splitlines() if line.startswith("| `"))
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def named(text: str) -> list[str]:
    """The code in backticks in the first cells of the tables of a text."""
    return [name for row in rows(text) for name in _CODE.findall(row[0])]


def differences(documented: Iterable[str], real: Iterable[str]) -> list[str]:
    """What exists but is not documented, then what is documented but does not exist."""
    documented, real = set(documented), set(real)
    return [
        *(f"not documented: {name}" for name in sorted(real - documented)),
        *(f"not in the code: {name}" for name in sorted(documented - real)),
    ]


def options(command: click.Command) -> list[str]:
    """Every spelling of every option of a command that its help shows, `-h` included.

    The names of the help are those of the command line: click makes the option when a command is first used, with the
    names of whatever context that had.
    """
    visible = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    names = [name for option in visible for name in (*option.opts, *option.secondary_opts)]
    return [*names, *command_line.context_settings["help_option_names"]]


def leaves(group: click.Group, *above: str) -> dict[str, click.Command]:
    """Every command that does something, by the words that call it: `guideline fit` for one of a group."""
    commands: dict[str, click.Command] = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        words, command = (*above, name), group.get_command(context, name)
        assert command is not None
        commands |= leaves(command, *words) if isinstance(command, click.Group) else {" ".join(words): command}
    return commands


COMMANDS = leaves(command_line)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_of_a_command_is_documented(name):
    """The section of a command in cli.md names its options, no more and no fewer, and points at those it shares."""
    shared = [
        name for kind in ("Common", "Knowledge", "Format") for name in named(section("cli.md", f"## {kind} options"))
    ]
    text = section("cli.md", f"## `ruletag {name}`")
    besides = [
        option for line in re.findall(r"^Besides: (.*?), see\b", text, re.M | re.S) for option in _CODE.findall(line)
    ]

    assert differences([*named(text), *besides], options(COMMANDS[name])) == []
    assert [option for option in besides if option not in shared] == []


def test_every_command_is_documented():
    """cli.md has a section for each command and no other."""
    headings = re.findall(r"^## `ruletag ([\w -]+)`$", (REFERENCE / "cli.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert differences(headings, COMMANDS) == []


def codes_of(kind: str) -> list[str]:
    """The codes of one section of errors.md."""
    return [code.name for code in codes.codes().values() if code.kind == kind]


TABLES = {
    "configuration keys": (("cli.md", "## Configuration"), config_keys.KEYS),
    "fields of a rule file": (("rules.md", "## Fields of a rule file"), rule_file.FILE_FIELDS),
    "fields of a rule": (("rules.md", "## Fields of a rule"), rule_file.RULE_FIELDS),
    "levels": (("rules.md", "## Levels"), LEVELS),
    "fields of unless": (("rules.md", "## Fields of unless"), rule_file.UNLESS_FIELDS),
    "shapes": (("rules.md", "### Shapes"), SHAPES),
    "parts": (("rules.md", "### Parts"), PARTS),
    "fields of a gazetteer": (("gazetteers.md", "## Fields of a file"), gazetteer.FILE_FIELDS),
    "fields of an entry": (("gazetteers.md", "## Fields of an entry"), gazetteer.ENTRY_FIELDS),
    "fields of an alias": (("gazetteers.md", "## Fields of an alias"), gazetteer.SURFACE_FIELDS),
    "switches": (("guidelines.md", "## Switches"), guideline.SWITCHES),
    "other fields": (("guidelines.md", "## Other fields"), set(guideline_file.FILE_FIELDS) - set(guideline.SWITCHES)),
    "findings explained": (("gold-check.md", "## What is compared"), codes_of("Findings of `gold-check`")),
}


# The sections that say what is printed as JSON: a table for each kind of object.
RECORDS = {
    ("report.md", "## The record"): record.Record,
    ("report.md", "### `run`"): Run,
    ("report.md", "### `measures`"): record.Figures,
    ("report.md", "### `groups`"): record.GroupLine,
    ("report.md", "### `per_document`"): record.DocumentLine,
    ("report.md", "### `causes`"): record.Breakdown,
    ("report.md", "### `confusion`"): record.Cell,
    ("report.md", "### `surfaces`"): record.Surface,
    ("report.md", "### `effort`"): record.Estimate,
    ("report.md", "### `costs`"): record.Prices,
    ("report.md", "### `with` and `without`"): record.Actions,
    ("report.md", "### `errors`"): record.ErrorLine,
    ("report.md", "### `gold` and `predicted`"): MadeSpan,  # a Span has no source, and else the same fields
    ("report.md", "### `ledger`"): record.AccountLine,
    ("report.md", "### `silent`"): record.Silent,
    ("records.md", "## `compare`"): compared.Comparison,
    ("records.md", "### `first` and `second`"): compared.System,
    ("records.md", "### `strict`"): compared.StrictFigures,
    ("records.md", "### `randomisation`"): compared.Randomisation,
    ("records.md", "### `counts`"): compared.Counts,
    ("records.md", "### `spans`"): compared.Apart,
    ("records.md", "### A span of `spans`"): compared.FoundSpan,
    ("records.md", "## `agree`"): agreement.AgreementRecord,
    ("records.md", "### `spans` of two annotators"): agreement.AgreedSpans,
    ("records.md", "### `tokens`"): agreement.Tokens,
    ("records.md", "### `all` and `marked`"): agreement.AgreedTokens,
    ("records.md", "### `confusion`"): agreement.ConfusedTokens,
    ("records.md", "## `gold-check`"): goldcheck.FindingRecord,
    ("records.md", "### `places` and `others`"): goldcheck.PlaceRecord,
    ("records.md", "## `import`"): returned.ReturnedRecord,
    ("records.md", "### `annotators`"): returned.AnnotatorRecord,
    ("records.md", "### `labels`"): returned.LabelLine,
    ("records.md", "### `sources`"): returned.SourceLine,
    ("records.md", "### `agreement`"): returned.AgreedRecord,
    ("records.md", "## `diff`"): difference.Differences,
    ("records.md", "### `lines`"): difference.LineRecord,
    ("records.md", "### `changes`"): difference.Change,
    ("records.md", "### `gold`"): difference.Balance,
    ("records.md", "## `explain`"): explanation.ExplanationRecord,
    ("records.md", "### A span that is explained"): explanation.ExplainedSpan,
    ("records.md", "### `anchor` and `parts`"): explanation.PartRecord,
    ("records.md", "### `lost` and `beat`"): explanation.LostSpan,
    ("records.md", "### `unreached`"): explanation.UnreachedRecord,
    ("records.md", "### `near_misses`"): explanation.MissRecord,
}


@pytest.mark.parametrize(("place", "kind"), RECORDS.items(), ids=map(" ".join, RECORDS))
def test_every_key_of_what_is_printed_as_json_is_documented(place, kind):
    """A row for each field in its order, in the words that the schema has for it."""
    own = section(*place).partition("\n### ")[0]

    assert rows(own) == [[f"`{name}`", field.help] for name, field in table(kind).fields.items()]


def test_every_kind_of_object_that_is_printed_as_json_is_documented():
    """No record holds one of a kind that has no section."""
    classes = {Span}
    expected = [kind for (_, heading), kind in RECORDS.items() if heading.startswith("## ")]
    while expected:
        kind = expected.pop()
        classes.add(kind)
        expected += [part for hint in get_type_hints(kind).values() for part in _records(hint) if part not in classes]

    assert classes == {Span, *RECORDS.values()}


def _records(hint: object) -> Iterator[type]:
    """The dataclasses that an annotation names."""
    if is_dataclass(hint):
        yield hint
    for part in get_args(hint):
        yield from _records(part)


@pytest.mark.parametrize(("place", "real"), TABLES.values(), ids=TABLES)
def test_every_name_of_a_notation_is_documented(place, real):
    """A table of the reference lists the names that the code knows, no more and no fewer."""
    assert differences(named(section(*place)), real) == []


def test_every_value_of_a_switch_is_documented():
    """The row of a switch lists its values in order, the default first."""
    table = rows(section("guidelines.md", "## Switches"))
    documented = {row[0].strip("`"): tuple(_CODE.findall(row[1])) for row in table}

    assert documented == guideline.SWITCHES


def test_every_format_is_documented():
    """The first table of formats.md says of each format what the registry does."""
    table = rows((REFERENCE / "formats.md").read_text(encoding="utf-8").partition("\n## ")[0])
    registry = [
        [
            f"`{declaration.name}`",
            ", ".join(f"`{suffix}`" for suffix in declaration.suffixes),
            f"`{declaration.guideline}`",
            "many" if declaration.many else "one",
            declaration.unit,
            " and ".join(["reads"] * bool(declaration.read) + ["writes"] * bool(declaration.write)),
            ", ".join(f"`--{name.replace('_', '-')}`" for name in declaration.options),
            declaration.loses,
        ]
        for declaration in FORMATS.values()
    ]

    assert table == registry


def test_every_error_code_is_documented():
    """errors.md has one row for each code in the source, and no other."""
    used = {
        code for path in (ROOT / "src").rglob("*.py") for code in re.findall(r"\bRT\d{3}\b", path.read_text("utf-8"))
    }

    documented = named((REFERENCE / "errors.md").read_text(encoding="utf-8"))
    assert differences(documented, used) == []
    assert [code for code in sorted(used) if documented.count(code) > 1] == []


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_relative_link_leads_somewhere(page):
    """A link to a file names a file or folder that is there; a link to a heading of a page names a heading of it."""
    broken = [link for link in _links(page) if not _leads_somewhere(page, link)]

    assert broken == []


def _links(page: Path) -> list[str]:
    text = re.sub(r"`[^`\n]*`", "", _FENCED.sub("", page.read_text(encoding="utf-8")))
    prose = "\n".join(line for line in text.splitlines() if not line.startswith("    "))
    links = [link for link in _LINK.findall(prose) if link not in LABELS]  # [Marie Curie](PER) is markup
    return [link for link in links if not re.match(r"[a-z]+:", link)]


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, heading = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not heading or heading in _headings(target))


def _headings(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", _FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_decision_has_a_number_of_its_own_and_stands_in_the_list():
    """The list names each file once, in order, and no two begin with the same number."""
    folder = ROOT / "docs" / "decisions"
    index = re.findall(r"^\| \[(\d{4})\]\(([^)]+)\)", (folder / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    files = sorted(path.name for path in folder.glob("0*.md"))

    assert [name for _, name in index] == files
    assert [number for number, _ in index] == [name[:4] for name in files]
    assert len({number for number, _ in index}) == len(files)


def test_a_decision_that_was_replaced_says_so():
    """If a note says that it replaces another, the head of the other links to it."""
    notes = {path.name[:4]: path for path in (ROOT / "docs" / "decisions").glob("0*.md")}
    replaced = {
        (old, path.name)
        for path in notes.values()
        for old in re.findall(r"replaces (?:what |in )?\[?(\d{4})", path.read_text(encoding="utf-8"))
    }
    heads = {
        old: notes[old].read_text(encoding="utf-8").partition("\n\n")[2].partition("\n\n")[0] for old, _ in replaced
    }
    silent = [(old, new) for old, new in sorted(replaced) if f"replaced by [{new[:4]}]({new}" not in heads[old]]

    assert silent == []
    assert sorted(replaced) == [
        ("0002", "0014-compiled-knowledge.md"),
        ("0007", "0013-evaluation.md"),
        ("0047", "0050-docbin-without-docs.md"),
    ]


def python_blocks(page: Path) -> str:
    """The Python blocks of a page, one after the other."""
    blocks = _FENCED.findall(page.read_text(encoding="utf-8"))
    return "\n".join(body for language, body in blocks if language == "python")


WITH_PYTHON = [page for page in PAGES if python_blocks(page)]


@pytest.mark.parametrize("page", WITH_PYTHON, ids=shown)
def test_the_python_of_a_page_runs(page, tmp_path, monkeypatch, tagger):
    """The Python blocks of a page give what they show, one after the other, in a folder that has our examples."""
    load = Tagger.load
    monkeypatch.setattr(Tagger, "load", lambda **options: load(**options) if options else tagger)  # made once, for time
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    source = python_blocks(page)
    assert re.findall(r"(?:\A|\n\n)(?!>>> )(.*)", source) == []  # what is no session would not be run
    test = doctest.DocTestParser().get_doctest(source, {}, page.name, shown(page), 0)
    report: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(test, out=report.append)

    assert report == []
    assert (runner.tries, runner.failures) == (source.count(">>> "), 0)


@pytest.mark.parametrize("page", WITH_PYTHON, ids=shown)
def test_the_python_of_a_page_uses_public_names(page):
    """Of ruletag, a page imports only what the package itself exports."""
    lines = re.findall(r"^>>> ((?:from|import) ruletag.*)$", python_blocks(page), re.MULTILINE)
    names = [name for line in lines for name in line.removeprefix("from ruletag import ").split(", ")]

    assert sorted(set(names) - set(ruletag.__all__)) == []


def test_every_public_name_is_documented():
    """The Python guide lists what the package exports, and each of these can be imported."""
    text = (ROOT / "docs" / "guide" / "python.md").read_text(encoding="utf-8").partition("## What is public\n")[2]

    assert differences(set(_CODE.findall(text)) - {"from ruletag import …", "__version__"}, ruletag.__all__) == []
    assert [name for name in ruletag.__all__ if not hasattr(ruletag, name)] == []
    assert dir(ruletag) == sorted([*ruletag.__all__, "__version__"])


def test_the_pages_show_what_their_commands_give():
    """docs/replay.py --check: each command of the guide is run and gives the output that the page shows."""
    assert run_script("replay.py", "--check") == (0, "", "")


def test_the_picture_shows_what_its_commands_give():
    """docs/picture.py --check: the picture of the README is the output of its commands."""
    pytest.importorskip("rich", reason="needs Rich to draw")
    assert run_script("picture.py", "--check") == (0, "", "")


TERMS = re.findall(
    r"^\| ([^|]+) \| `([\w.]+)` \|", (REFERENCE / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE
)


@pytest.mark.parametrize(("term", "name"), TERMS)
def test_what_the_glossary_names_is_in_the_code(term, name):
    """Each term is a module or something in one, perhaps a field."""
    assert is_in_the_code(name), term


def is_in_the_code(name: str) -> bool:
    """Whether a dotted name leads somewhere."""
    try:
        import_module(name)
    except ModuleNotFoundError:
        above, _, last = name.rpartition(".")
        return hasattr(resolve_name(above), last) or last in resolve_name(above).__annotations__
    return True


def test_the_label_guide_is_that_of_the_page():
    """docs/labels.py --check: both languages are written from what `ruletag review` shows; forty-one sentences, each
    with marks that can be read."""
    assert run_script("labels.py", "--check") == (0, "", "")
    guide = json.loads((ROOT / "src" / "ruletag" / "review" / "page" / "labels.json").read_text(encoding="utf-8"))
    sentences = [markup.parse(sentence["text"]) for label in guide["labels"] for sentence in label["sentences"]]

    assert [label["label"] for label in guide["labels"]] == list(LABELS)
    assert len(sentences) == 41
    assert {entity.label for sentence in sentences for entity in sentence.entities} == set(LABELS)


def run_script(name: str, *arguments: str) -> tuple[int, str, str]:
    command = [sys.executable, str(ROOT / "docs" / name), *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    return done.returncode, done.stdout, done.stderr


README = (ROOT / "README.md").read_text(encoding="utf-8")
README_COMMANDS = re.findall(r"^    (?:\$ )?(ruletag .*?)(?: +#.*)?$", README, re.MULTILINE)


@pytest.mark.parametrize("line", README_COMMANDS)
def test_the_command_line_knows_the_commands_of_the_readme(line):
    """Each line that shows `ruletag` names a command, with options and arguments that it takes."""
    words = shlex.split(line)[1:]
    name = next(name for name in sorted(COMMANDS, key=len, reverse=True) if words[: len(name.split())] == name.split())

    above = click.Context(command_line, **command_line.context_settings)  # click keeps the names of help that it meets
    COMMANDS[name].make_context(name, words[len(name.split()) :], parent=above)


def test_the_readme_shows_every_command():
    """The list of the README leaves no command out."""
    shown = " ; ".join(README_COMMANDS)

    assert [name for name in COMMANDS if f"ruletag {name}" not in shown] == []


def test_the_two_commands_of_the_readme_are_run():
    """Both are in .ci/run, word for word, the test command last."""
    two = re.findall(r"^    (pip install .*)$", README, re.MULTILINE)
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    lines = [line.strip() for line in script.splitlines()]

    assert len(two) == 2
    assert [line for line in lines if line in two] == two
    assert lines[-1] == two[1]


def yaml_examples() -> Iterator[tuple[str, str, str]]:
    """The YAML blocks of README, guide and reference: where, what they are, and their text."""
    for page in sorted([ROOT / "README.md", *(ROOT / "docs" / "guide").glob("*.md"), *REFERENCE.glob("*.md")]):
        text = page.read_text(encoding="utf-8")
        for block in _FENCED.finditer(text):
            if block[1] == "yaml":
                keys = yaml.safe_load(block[2]).keys()
                kind = "gazetteers" if "entries" in keys else "guidelines" if "name" in keys else "rules"
                yield f"{shown(page)}:{text.count(chr(10), 0, block.start()) + 1}", kind, block[2]


EXAMPLES = list(yaml_examples())


@pytest.fixture(scope="module")
def example_files(tmp_path_factory) -> dict[str, list[Path]]:
    """Each YAML block in a file of its own, sorted by what it is."""
    folder = tmp_path_factory.mktemp("docs")
    files: dict[str, list[Path]] = {"gazetteers": [], "rules": [], "guidelines": []}
    for where, kind, text in EXAMPLES:
        path = folder / kind / (re.sub(r"\W", "-", where) + ".yaml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        files[kind].append(path)
    return files


def test_the_yaml_examples_load_and_their_rules_do_what_they_say(example_files, tagger):
    """Every YAML block of the pages loads beside what ships; every rule in one passes its own examples."""
    example_entries = gazetteer.load_gazetteers(example_files["gazetteers"]).entries
    entries = [
        *tagger.entries,
        *(entry for entry in example_entries if entry.source.path.startswith(("README-", "docs-"))),
    ]
    classes = frozenset(entry.key for entry in entries if not entry.is_label)
    loaded = []
    for path in example_files["rules"]:
        read = rule_file.load_rules(["shipped", path], classes=classes)
        loaded += [rule for rule in read.rules if rule.source.path == path.name]
    for path in example_files["guidelines"]:
        loaded += guideline_file.load_guideline(str(path), classes=classes, macros=read.macros)[1]
    keys = {atom.value for rule in loaded for atom in rule.atoms}
    alone = tagger_of([entry for entry in entries if entry.key in keys], loaded, tagger.guideline)

    assert [fault for rule in loaded for fault in check.failing_examples(alone, rule)] == []
    assert sorted({kind for _, kind, _ in EXAMPLES}) == ["gazetteers", "guidelines", "rules"]
