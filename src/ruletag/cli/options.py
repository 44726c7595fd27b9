"""The options that commands share, and what they say together with the configuration."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli.console import QUIET, say
from ruletag.errors import Fault, RuletagError, suggest

if TYPE_CHECKING:
    from ruletag.config import Config
    from ruletag.files import Input
    from ruletag.formats import Format, Options
    from ruletag.model import Document
    from ruletag.tagger import Settings


ARGUMENTS = "ruletag.arguments"  # what stood behind the name of a command, in `Context.meta`


class Command(click.Command):
    """A command that takes nothing empty for a name, as a variable that is not set gives; a text may be empty."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[ARGUMENTS] = tuple(args)
        rest = super().parse_args(ctx, args)
        for parameter in self.params:
            value = ctx.params.get(parameter.name or "")
            given = value if isinstance(value, tuple) else (value,)
            if "" in given and parameter.name != "text":
                name = max(parameter.opts, key=len) if isinstance(parameter, click.Option) else str(parameter.name)
                raise RuletagError(Fault(name, "RT110", "is empty", help="give it a value, or leave it out"))
        return rest


class Group(click.Group):
    """Commands below one name; for a command that is not among them, the closest one is named."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not ctx.resilient_parsing and not name.startswith("-") and self.get_command(ctx, name) is None:
            ctx.fail(f"No such command {name!r}: {suggest(name, self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


def knowledge_options(command: Callable[..., Any]) -> Callable[..., Any]:
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


def tagger_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option(
            "--guideline", metavar="NAME", help="canonical, seed, or a file; default: what the format stands for."
        ),
        click.option(
            "--engine", metavar="NAME", help="core (compiled) or plain (Python); same result. [env: RULETAG_ENGINE]"
        ),
        click.option("--no-memory", is_flag=True, help="Do not use in the whole document what it teaches."),
    ]
    for option in reversed(options):
        command = option(command)
    return knowledge_options(command)


def format_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How documents are read and written, beyond their formats."""
    options = [
        click.option("--map", "maps", multiple=True, metavar="THEIRS=OURS", help="Read a label as one of ours."),
        click.option("--ignore", "ignored", multiple=True, metavar="LABEL", help="Leave out spans of a label."),
        click.option("--column", metavar="NAME|N", help="Column of a table: its text, or its tags in CoNLL."),
        click.option("--grapheme", is_flag=True, help="Offsets are graphemes (doccano's grapheme mode)."),
        click.option(
            "--offsets", metavar="NAME", help="How offsets were counted, if not as the format says: utf16, lf …"
        ),
        click.option("--scheme", metavar="NAME", help="Scheme of CoNLL tags: iob1, iob2 or bioes."),
        click.option("--spans-only", is_flag=True, help="Write ids and spans without the texts."),
        click.option("--strict", is_flag=True, help="Refuse what could only be written changed."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def options_of(config: Config, options: Mapping[str, Any], formats: Iterable[Format] | None = None) -> Options:
    """What is said about formats. RuletagError for a wrong value, and for an option that none of `formats` heeds."""
    from ruletag.formats import FORMATS, Options
    from ruletag.formats.labels import parse_labels
    from ruletag.formats.readings import parse_offsets

    maps = options["maps"] or [f"{theirs}={ours}" for theirs, ours in config.get("map", {}).items()]
    labels = parse_labels(maps, options["ignored"] or config.get("ignore", ()))
    named = {name: options[name] for name in ("column", "grapheme", "scheme", "spans_only", "strict")}
    given = Options(labels, offsets=parse_offsets(options["offsets"]), **named)
    formats = None if formats is None else list(formats)
    faults = [
        Fault(
            f"--{name.replace('_', '-')}",
            "RT110",
            "says nothing about the formats that are read and written",
            help="it is for " + ", ".join(each for each, found in FORMATS.items() if name in found.options),
        )
        for name in given.given()
        if formats is not None and not any(name in found.options for found in formats)
    ]
    if faults:
        raise RuletagError(faults)
    return given


def encoding_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--encoding", metavar="NAME", help="Encoding of the documents (default utf-8).")(command)


def quiet_option(command: Callable[..., Any]) -> Callable[..., Any]:
    def keep(context: click.Context, _: click.Parameter, quiet: bool) -> None:
        context.meta[QUIET] = quiet

    help = "Say nothing on standard error but what is wrong."
    return click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=keep, help=help)(command)


def verbose_option(command: Callable[..., Any]) -> Callable[..., Any]:
    help = "Say on standard error which guideline is in force, and why; a terminal is told anyway."
    return click.option("-v", "--verbose", is_flag=True, help=help)(command)


def say_guideline(config: Config, options: Mapping[str, Any], by_format: Mapping[str, str]) -> None:
    """Say in one line which guideline is in force and why, on a terminal or where it is asked for.

    `by_format` says why for each guideline that a format stands for; what is chosen by name goes before it.
    """
    if not options["verbose"] and not sys.stderr.isatty():
        return
    if options["guideline"]:
        reasons = f"{options['guideline']}, since --guideline says so"
    elif config.get("guideline"):
        reasons = f"{config.get('guideline')}, since {config.path.name if config.path else ''} says so"
    else:
        given = "; ".join(f"{guideline}, since {reason}" for guideline, reason in by_format.items())
        reasons = f"{given} (--guideline NAME chooses another)"
    say(f"guideline: {reasons}")


def files_read(config: Config, inputs: Iterable[Input], settings: Iterable[Settings]) -> Iterator[Path]:
    """All files that a command reads, which none of its outputs may be."""
    from ruletag.files import all_paths
    from ruletag.knowledge import knowledge_files

    if config.path:
        yield config.path
    for source in inputs:
        yield from all_paths(source)
    for each in settings:
        yield from knowledge_files(each.guideline, each.rules, each.gazetteers, each.lists)


def configuration() -> Config:
    from ruletag.config import find_config

    return find_config(Path.cwd())


def settings_of(config: Config, options: dict[str, Any], guideline: str) -> Settings:
    """What the command line says, else the configuration, else what holds without either."""
    from ruletag.tagger import Settings

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
        options.get("engine") or config.get("engine", ""),
        not options.get("no_memory") and config.get("memory", True),
    )


def read_gold(sources: Sequence[Input], encoding: str) -> list[Document]:
    """The documents of gold, with a note on what an annotator set aside.

    RuletagError for every fault, for annotations under keys that are not read, and for spans that were counted
    otherwise than they are read.
    """
    from ruletag.batch import notes_of
    from ruletag.cli.notes import Notes
    from ruletag.evaluation.annotated import notes_on_answers, refuse_unread
    from ruletag.evaluation.drift import refuse_drift
    from ruletag.files import read_all

    documents = read_all(sources, encoding)
    refuse_unread(documents)
    refuse_drift(documents, units_of(sources))
    notes = Notes(say)
    for document in documents:
        notes.add(notes_of(document, document.notes))
    notes.close()
    for note in notes_on_answers(documents):
        say(note)
    return documents


def units_of(sources: Iterable[Input]) -> dict[str, str]:
    """The unit of the offsets of each input, so far as nothing but its format says how they were counted."""
    from ruletag.formats.contract import GRAPHEMES

    return {
        each.shown: GRAPHEMES if each.options.grapheme else each.format.unit
        for each in sources
        if not each.options.offsets
    }


def encoding_of(config: Config, options: dict[str, Any]) -> str:
    from ruletag.decoding import refuse_encoding

    encoding = str(options["encoding"] or config.get("encoding", "utf-8"))
    refuse_encoding(encoding)
    return encoding
