"""The command line: arguments in, exit code out. Results on stdout, everything else on stderr.

Exit codes: 0 good, 1 findings or a threshold missed, 2 wrong usage, configuration or input, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag import __version__
from ruletag.errors import Fault, RuletagError, format_fault

if TYPE_CHECKING:
    from ruletag.batch import Settings, TagAll
    from ruletag.config import Config
    from ruletag.files import Input
    from ruletag.formats import Format
    from ruletag.model import Document

GOOD, FOUND, WRONG, INTERRUPTED = 0, 1, 2, 130
_AHEAD = 256  # inputs that are read at a time for several processes


def main() -> None:
    """Run the command line and exit; no traceback for anything a user can cause."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")
    try:
        code = cli.main(prog_name="ruletag", standalone_mode=False) or GOOD
    except RuletagError as error:
        code = _report(error.faults)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = INTERRUPTED
        click.echo("interrupted: files that were finished are whole, the others were not begun", err=True)
    except click.ClickException as error:
        error.show()
        code = WRONG
    except _OutputLost as lost:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = GOOD if lost.by_the_reader else _report([Fault("-", "RT106", f"cannot be written: {lost}")])
    except OSError as error:
        code = _report([Fault(str(error.filename or "-"), "RT101", f"cannot be used: {error.strerror}")])
    sys.exit(code)


class _OutputLost(Exception):
    """Nothing more can be written on stdout. No OSError, of which click would make an exit of its own."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror)
        self.by_the_reader = isinstance(error, BrokenPipeError)


def _put(result: str) -> None:
    """Print a result to the letter (click.echo takes escape sequences out of it), with a line end behind it."""
    try:
        sys.stdout.write(result if not result or result.endswith("\n") else result + "\n")
        sys.stdout.flush()
    except OSError as error:
        raise _OutputLost(error) from None


def _report(faults: Sequence[Fault]) -> int:
    for fault in faults:
        click.echo(format_fault(fault), err=True)
    return WRONG


def _knowledge_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option(
            "--rules", multiple=True, metavar="DIR", help="Rules in place of those that ship; `shipped` adds those."
        ),
        click.option(
            "--gazetteers",
            multiple=True,
            metavar="DIR",
            help="Gazetteers in place of those that ship; `shipped` adds those.",
        ),
        click.option(
            "--list", "lists", multiple=True, metavar="LABEL=FILE", help="A plain list of names (.txt or .tsv)."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _tagger_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option(
            "--guideline", metavar="NAME", help="canonical, seed, or a file; default: what the format stands for."
        ),
        click.option("--engine", metavar="NAME", help="ahocorasick (default) or flashtext (pure Python); same result."),
        click.option("--no-memory", is_flag=True, help="Do not use in the whole document what it teaches."),
    ]
    for option in reversed(options):
        command = option(command)
    return _knowledge_options(command)


def _encoding_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--encoding", metavar="NAME", help="Encoding of the documents (default utf-8).")(command)


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog="Example: ruletag tag article.txt")
@click.version_option(__version__, prog_name="ruletag")
def cli() -> None:
    """Find the names in French text (PER, LOC, ORG, MISC) by gazetteers and rules, and say why.

    Exit codes: 0 good, 1 findings or a threshold missed, 2 wrong usage or input.
    """


@cli.command(epilog="Example: ruletag tag article.txt --to jsonl -o article.jsonl")
@click.argument("paths", nargs=-1, metavar="[FILE|DIR|-]...")
@click.option("-f", "--from", "from_format", metavar="FORMAT", help="Format of the input (default: by suffix).")
@click.option("-t", "--to", "--format", "to_format", metavar="FORMAT", help="brace (default), jsonl, markup or text.")
@click.option("-o", "--output", metavar="PATH", help="Write to a file; to a folder, where there are several inputs.")
@click.option("--force", is_flag=True, help="Replace outputs that exist. An input is never changed.")
@click.option("-j", "--jobs", type=click.IntRange(0), default=1, metavar="N", help="Processes; 0: one for each core.")
@_encoding_option
@_tagger_options
def tag(
    paths: tuple[str, ...],
    from_format: str | None,
    to_format: str | None,
    output: str | None,
    force: bool,
    jobs: int,
    **options: Any,
) -> int:
    """Tag texts: pre-annotations out, for a person to correct.

    Without a path, or with -, reads standard input. A .jsonl input is one document a line and is written as such.
    """
    from ruletag.batch import tagging
    from ruletag.files import STDIN, find_inputs, output_path
    from ruletag.formats import FORMATS, by_name

    config = _config()
    if not paths and sys.stdin and sys.stdin.isatty():
        click.echo("reading standard input; end it with Ctrl-D, or name a file", err=True)
    inputs = find_inputs(paths or ("-",), from_format)
    jsonl = to_format is None and all(source.format.name == "jsonl" for source in inputs)
    to = by_name(to_format) if to_format else FORMATS["jsonl" if jsonl else "brace"]
    several = len(inputs) > 1
    folder = Path(output) if output and output != STDIN else None
    targets = [output_path(source, folder, to, several=several) if folder else None for source in inputs]
    _refuse_outputs(targets, inputs, force)
    encoding = _encoding(config, options)
    with tagging(_settings(config, options, to.guideline), jobs) as tag_all:
        return _tag_inputs(list(zip(inputs, targets, strict=True)), to, encoding, tag_all, jobs)


def _refuse_outputs(targets: Sequence[Path | None], inputs: Sequence[Input], force: bool) -> None:
    from ruletag.files import refuse_output

    faults: list[Fault] = []
    for target in filter(None, targets):
        try:
            refuse_output(target, inputs, force=force)
        except RuletagError as error:
            faults += error.faults
    for target, times in Counter(filter(None, targets)).items():
        if times > 1:
            message = f"{times} inputs would be written to it"
            faults.append(Fault(str(target), "RT106", message, help="tag them one at a time, to different paths"))
    if faults:
        raise RuletagError(faults)


def _tag_inputs(
    work: Sequence[tuple[Input, Path | None]], to: Format, encoding: str, tag_all: TagAll, jobs: int
) -> int:
    """Tag the inputs in their order. One that fails is reported by name, and the rest goes on.

    Several processes get the texts of several inputs at a time, so that a folder of short ones keeps all of them busy.
    """
    code = GOOD
    at_a_time = 1 if jobs == 1 else _AHEAD
    for first in _progress(range(0, len(work), at_a_time)):
        batch = work[first : first + at_a_time]
        read = [_try_to_read(source, encoding) for source, _ in batch]
        found = iter(tag_all([document.text for _, documents in read for document in documents]))
        for (source, target), (faults, documents) in zip(batch, read, strict=True):
            try:
                if faults:
                    raise RuletagError(faults)
                _write(source, target, [_carry(document, next(found)) for document in documents], to)
            except RuletagError as error:
                code = _report(error.faults)
    return code


def _try_to_read(source: Input, encoding: str) -> tuple[Sequence[Fault], Sequence[Document]]:
    """The faults of an input, or its documents."""
    from ruletag.files import read_documents

    try:
        return (), read_documents(source, encoding)
    except RuletagError as error:
        return error.faults, ()


def _write(source: Input, target: Path | None, tagged: Sequence[Document], to: Format) -> None:
    from ruletag.files import encode, write_whole

    _warn(source, tagged, to)
    written = to.write(tagged)
    data = encode(written, source.shown)
    if target:
        write_whole(target, data)
    else:
        _put(written)


def _carry(document: Document, found: Document) -> Document:
    """The tagged document with what the input said about it besides its text."""
    from dataclasses import replace

    return replace(found, id=document.id, path=document.path, meta=document.meta, lines=document.lines)


def _warn(source: Input, documents: Sequence[Document], to: Format) -> None:
    if not any(document.text for document in documents):
        click.echo(f"{source.shown}: note: is empty, nothing to tag", err=True)
    if to.name == "brace":
        from ruletag.formats.brace import displaced

        for document in documents:
            for entity in displaced(document):
                where = f"{source.shown}:{document.line(entity.start)}"
                text = f"{where}: note: braces cannot say which {entity.text!r} is meant, --to jsonl can"
                click.echo(text, err=True)


@cli.command(name="eval", epilog="Example: ruletag eval seeds/ --errors --fail-under 0.9")
@click.argument("gold")
@click.argument("predicted", required=False)
@click.option("-f", "--from", "from_format", metavar="FORMAT", help="Format of the documents (default: by suffix).")
@click.option("--errors", is_flag=True, help="List every missed and spurious span, with the rule or entry responsible.")
@click.option("--json", "as_json", is_flag=True, help="Print figures and errors as JSON.")
@click.option(
    "--fail-under", type=click.FloatRange(0, 1), metavar="F1", help="Exit with 1 where strict micro-F1 is lower."
)
@_encoding_option
@_tagger_options
def evaluate(
    gold: str,
    predicted: str | None,
    from_format: str | None,
    errors: bool,
    as_json: bool,
    fail_under: float | None,
    **options: Any,
) -> int:
    """Score against gold: per label, strict and with borders forgiven, with every error explained.

    GOLD is a file or folder of annotated documents. They are tagged now, or compared to PREDICTED where it is given.
    Each is tagged under the guideline that its format stands for. Documents without gold are named and not scored.
    """
    from ruletag.files import find_inputs, read_documents
    from ruletag.report import format_score, score_json
    from ruletag.score import Borders, score

    config = _config()
    encoding = _encoding(config, options)
    sources = find_inputs([gold], from_format)
    wanted = _read_all(sources, encoding, read_documents)
    if not any(document.annotated for document in wanted):
        raise RuletagError(Fault(gold, "RT103", "holds no gold annotations", help="name a document with gold"))
    kept = {source.shown: _settings(config, options, source.format.guideline) for source in sources}
    taggers = {settings: settings.load() for settings in dict.fromkeys(kept.values())}
    if predicted is None:
        given = [taggers[kept[document.path]].tag(document.text) for document in wanted]
    else:
        given = _read_all(find_inputs([predicted], from_format), encoding, read_documents)
        _refuse_strangers(wanted, given, gold, predicted)
    result = score(zip(wanted, given, strict=True), Borders(next(iter(taggers.values())).lexicon))
    name = ", ".join(sorted(tagger.guideline.name for tagger in taggers.values()))
    _put(score_json(result, name) if as_json else format_score(result, name, errors=errors))
    threshold = fail_under if fail_under is not None else config.get("fail-under")
    reached = result.micro().f1
    if threshold is not None and reached < threshold:
        click.echo(f"strict micro-F1 {reached:.4f} is under {threshold}", err=True)
        return FOUND
    return GOOD


def _read_all(sources: Iterable[Input], encoding: str, read: Callable[..., list[Document]]) -> list[Document]:
    """The documents of all inputs; the faults of all of them, where there are any."""
    documents: list[Document] = []
    faults: list[Fault] = []
    for source in sources:
        try:
            documents += read(source, encoding)
        except RuletagError as error:
            faults += error.faults
    if faults:
        raise RuletagError(faults)
    return documents


def _refuse_strangers(gold: Sequence[Document], given: Sequence[Document], gold_path: str, path: str) -> None:
    """RuletagError where predictions are not of the texts of the gold, one for one and in the same order."""
    if len(gold) != len(given):
        message = f"holds {len(given)} documents where {gold_path} holds {len(gold)}"
        raise RuletagError(Fault(path, "RT108", message, help="give predictions for the very same documents"))
    faults = [
        Fault(
            found.path,
            "RT108",
            f"is not the text of {wanted.id or wanted.path}",
            found.line(0) if found.lines else 0,
            help="predict on the text of the gold, unchanged",
        )
        for wanted, found in zip(gold, given, strict=True)
        if wanted.text != found.text
    ]
    if faults:
        raise RuletagError(faults)


@cli.command(epilog='Example: ruletag explain "Le président Obama est à Orange."')
@click.argument("text", metavar="TEXT|FILE")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@_encoding_option
@_tagger_options
def explain(text: str, as_json: bool, **options: Any) -> int:
    """Say which rule or entry made each span, which candidates lost and why, and why a word was not tagged."""
    from ruletag.files import find_inputs, read_documents
    from ruletag.report import explanation_json, format_explanation

    config = _config()
    texts = [text]
    guideline = "canonical"
    if text == "-" or _is_file(text):
        (source,) = find_inputs([text])
        guideline = source.format.guideline
        texts = [document.text for document in read_documents(source, _encoding(config, options))]
    tagger = _settings(config, options, guideline).load()
    for each in texts:
        explanation = tagger.explain(each)
        _put(explanation_json(explanation) if as_json else format_explanation(explanation))
    return GOOD


@cli.command(epilog="Example: ruletag check my-rules/")
@click.argument("folder", required=False, metavar="[DIR]")
@_knowledge_options
def check(folder: str | None, **options: Any) -> int:
    """Run the rules' own examples; report duplicates, dead entries and rules, common words among the names.

    DIR holds `rules` and `gazetteers`, or rule files, or gazetteer files: it is checked beside what ships, and only
    what is in it is reported. Without it, what ships is checked.
    """
    from ruletag.check import check as find
    from ruletag.report import format_findings

    config = _config()
    settings = _settings(config, {**options, **_knowledge_in(folder)}, "canonical")
    findings = find(settings.rules, settings.gazetteers, settings.lists)
    if findings:
        _put(format_findings(findings))
    click.echo(f"{len(findings)} finding{'' if len(findings) == 1 else 's'}", err=True)
    return FOUND if findings else GOOD


def _knowledge_in(folder: str | None) -> dict[str, tuple[str, ...]]:
    """The options that a folder of knowledge stands for: its rules and gazetteers beside what ships."""
    from ruletag.gazetteer import SHIPPED, yaml_files
    from ruletag.sources import shipped

    if folder is None:
        return {}
    path = Path(folder)
    found = {kind: path / kind for kind in ("rules", "gazetteers") if (path / kind).is_dir()}
    if not found:
        texts = [file.read_text("utf-8", "replace") for file in yaml_files(path)]
        heads = {line.split(":")[0] for text in texts for line in text.splitlines()}
        found = {"rules" if heads & {"rules", "macros"} else "gazetteers": path}
    return {
        kind: (SHIPPED,) if root.resolve() == shipped(kind).resolve() else (SHIPPED, str(root))
        for kind, root in found.items()
    }


def _config() -> Config:
    from ruletag.config import find_config

    return find_config(Path.cwd())


def _settings(config: Config, options: dict[str, Any], guideline: str) -> Settings:
    """What the command line says, else the configuration, else what holds without either."""
    from ruletag.batch import Settings

    lists = []
    for given in options["lists"]:
        label, equals, path = given.partition("=")
        if not equals:
            raise RuletagError(
                Fault("--list", "RT110", f"{given!r} is not LABEL=FILE", help="for example PER=names.txt")
            )
        lists.append((label, path))
    return Settings(
        tuple(options["rules"] or config.get("rules") or ()) or None,
        tuple(options["gazetteers"] or config.get("gazetteers") or ()) or None,
        options.get("guideline") or config.get("guideline", guideline),
        tuple(lists or config.get("lists", ())),
        options.get("engine") or config.get("engine", "ahocorasick"),
        not options.get("no_memory") and config.get("memory", True),
    )


def _encoding(config: Config, options: dict[str, Any]) -> str:
    from ruletag.files import refuse_encoding

    encoding = str(options["encoding"] or config.get("encoding", "utf-8"))
    refuse_encoding(encoding)
    return encoding


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def _progress(work: Sequence[Any]) -> Iterable[Any]:
    """A progress bar on a terminal's stderr, where there is more than one thing to do."""
    if len(work) < 2 or not sys.stderr.isatty():
        return work
    from tqdm import tqdm

    return tqdm(work, unit="step", file=sys.stderr)
