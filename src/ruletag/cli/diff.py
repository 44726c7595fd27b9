"""`ruletag diff`: the effects of a change of knowledge, and the lines responsible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli.console import FOUND, GOOD, note, put
from ruletag.cli.gold import read_gold
from ruletag.cli.options import (
    Command,
    common_options,
    configuration,
    encoding_of,
    encoding_option,
    format_options,
    from_option,
    options_of,
    settings_of,
)
from ruletag.errors import Fault, RuletagError

if TYPE_CHECKING:
    from ruletag.config import Config
    from ruletag.model import Document, Source
    from ruletag.report.difference import Report
    from ruletag.tagger import Tagger


@click.command(cls=Command, epilog="Example: ruletag diff HEAD~3:knowledge knowledge --on archive/")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--on", "texts", multiple=True, metavar="PATH", help="Texts to tag under A and under B.")
@click.option(
    "--gold", metavar="PATH", help="Gold documents: say what is right and wrong. Without --on, they are the texts."
)
@from_option
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--html", metavar="FILE", help="Write a page with every difference in its text.")
@click.option("--force", is_flag=True, help="Replace a page that exists. An input is never changed.")
@click.option("--guideline", metavar="NAME", help="canonical, seed, or a file (default canonical).")
@click.option("--engine", metavar="NAME", help="core (compiled) or plain (Python); same result. [env: RULETAG_ENGINE]")
@click.option("--no-memory", is_flag=True, help="Do not apply names learned in a document throughout it.")
@format_options
@encoding_option
@common_options
def diff(before: str, after: str, **options: Any) -> int:
    """Show what a change of knowledge does to texts.

    Compares two states of knowledge on TEXTS, or two taggings of the same texts.

    A and B are folders of knowledge, such folders at a git revision (HEAD~3: or HEAD~3:FOLDER), `shipped`, or files of
    tagged documents. Each span that was added, is gone, or has another label or other borders is shown in its text,
    with its source and the changed line responsible. Exits with 1 if there are differences.
    """
    from ruletag.output_checks import prepare_outputs
    from ruletag.outputs import write_whole
    from ruletag.report.difference import difference_html, difference_json, format_differences, located

    config = configuration()
    page = Path(options["html"]) if options["html"] else None
    with ExitStack() as stack:
        folders = [_folder(argument, stack) for argument in (before, after)]
        input_paths = [Path(path) for path in (*options["texts"], *filter(None, [options["gold"]]))]
        tagged_paths = [Path(name) for name, folder in zip((before, after), folders, strict=True) if folder is None]
        prepare_outputs([page] if page else [], [*input_paths, *tagged_paths], force=options["force"])
        if all(folder is None for folder in folders):
            report = _report_on_taggings(config, (before, after), options)
        else:
            taggers = [_tagger(name, folder, options) for name, folder in zip((before, after), folders, strict=True)]
            report = _report_on_knowledge(config, (before, after), (taggers[0], taggers[1]), options)
            first, second = (_locator(name, folder) for name, folder in zip((before, after), folders, strict=True))
            report = located(report, (first, second))
    if page:
        write_whole(page, difference_html(report).encode())
    put(difference_json(report) if options["as_json"] else format_differences(report))
    return FOUND if any(compared.differences for compared in report.compared) else GOOD


def _folder(argument: str, stack: ExitStack) -> Path | None:
    """The folder of knowledge that an argument names, or the path `shipped`; None for documents."""
    from ruletag.folders import SHIPPED
    from ruletag.own import at_revision, is_knowledge

    folder = stack.enter_context(at_revision(argument))
    if folder is not None or argument == SHIPPED:
        return folder or Path(SHIPPED)
    return Path(argument) if is_knowledge(Path(argument)) else None


def _tagger(name: str, folder: Path | None, options: dict[str, Any]) -> Tagger:
    from ruletag.config import Config
    from ruletag.folders import SHIPPED
    from ruletag.own import knowledge_in

    if folder is None:
        message = "contains no knowledge, but the other side does"
        raise RuletagError(Fault(name, "RT110", message, help="name two folders of knowledge, or two of documents"))
    knowledge = {} if folder == Path(SHIPPED) else knowledge_in(folder)
    empty = {"rules": (), "gazetteers": (), "lists": ()}
    tagger = settings_of(Config(), {**options, **empty, **knowledge}, "canonical").load()
    assert tagger.knowledge.read  # read now, because the folder of a revision is temporary
    return tagger


def _locator(name: str, folder: Path | None) -> Callable[[Source], Source]:
    """A function that maps the sources of a side to their files; shipped sources stay as they are."""
    from ruletag.folders import SHIPPED
    from ruletag.own import located_below

    return located_below(folder, name) if folder and folder != Path(SHIPPED) else lambda source: source


def _report_on_knowledge(
    config: Config, names: tuple[str, str], taggers: tuple[Tagger, Tagger], options: dict[str, Any]
) -> Report:
    from ruletag.diff import compare
    from ruletag.report.difference import Report

    texts = _read_documents(config, options["texts"], options)
    gold = [document for document in _gold_documents(config, options) if document.annotated]
    if not texts and not gold:
        raise RuletagError(Fault("--on", "RT110", "is missing", help="name texts: --on archive/, or --gold gold/"))
    documents = [*texts, *gold]
    compared, edits, tagged_twice = compare(*taggers, documents)
    return Report(names, compared, edits.lines, tagged_twice, [*[None] * len(texts), *gold])


def _report_on_taggings(config: Config, names: tuple[str, str], options: dict[str, Any]) -> Report:
    """Compare two existing taggings."""
    from ruletag.diff import Compared, differences
    from ruletag.evaluation.align import align
    from ruletag.report.difference import Report

    if options["texts"]:
        raise RuletagError(Fault("--on", "RT110", "is for two folders of knowledge", help="leave --on out"))
    first, unaligned = (_read_documents(config, [name], options) for name in names)
    second = align(first, unaligned, *names)
    gold = _gold_documents(config, options)
    aligned_gold = align(first, gold, names[0], options["gold"]) if gold else []
    compared = [
        Compared(before, after, differences(before, after)) for before, after in zip(first, second, strict=True)
    ]
    return Report(names, compared, gold=[document if document.annotated else None for document in aligned_gold])


def _gold_documents(config: Config, options: dict[str, Any]) -> list[Document]:
    """The documents of `--gold`, including those without annotations; empty without the option."""
    from ruletag.files import find_inputs

    if not options["gold"]:
        return []
    reading_options = options_of(config, options)
    sources = find_inputs([options["gold"]], options["from_format"], note, reading_options)
    return read_gold(sources, encoding_of(config, options))


def _read_documents(config: Config, paths: Sequence[str], options: dict[str, Any]) -> list[Document]:
    from ruletag.files import find_inputs, read_all

    reading_options = options_of(config, options)
    sources = find_inputs(paths, options["from_format"], note, reading_options) if paths else []
    return read_all(sources, encoding_of(config, options))
