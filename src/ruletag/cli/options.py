"""The options that commands share, combined with the configuration."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ruletag.cli.completion import offer
from ruletag.cli.console import note
from ruletag.errors import Fault, RuletagError, suggest

if TYPE_CHECKING:
    from ruletag.config import Config
    from ruletag.files import Input
    from ruletag.formats import Format, Options
    from ruletag.tagger import Settings


ARGUMENTS = "ruletag.arguments"  # the key in `Context.meta` of the arguments after the name of a command
_MEANINGS = {"canonical": "names without titles", "seed": "titles that belong to the name"}


class Command(click.Command):
    """A command that rejects empty names, such as those from an unset variable; a text may be empty.

    An option that is not given takes its value from the environment: `RULETAG_TAG_JOBS` is `--jobs` of `tag`. Shared
    options have one variable for all commands, such as `RULETAG_GUIDELINE`.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for parameter in self.params:
            offer(parameter)
            if isinstance(parameter, click.Option) and parameter.envvar is None:
                parameter.envvar = variable(str(self.name), parameter.opts)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[ARGUMENTS] = tuple(args)
        try:
            rest = super().parse_args(ctx, args)
        except click.BadParameter as error:
            if isinstance(error.param, click.Option) and source_of(ctx, error.param) is ParameterSource.ENVIRONMENT:
                error.param_hint = f"{error.param.envvar} in the environment"
            raise
        for parameter in self.params:
            value = ctx.params.get(parameter.name or "")
            values = value if isinstance(value, tuple) else (value,)
            if "" in values and parameter.name != "text":
                name = max(parameter.opts, key=len) if isinstance(parameter, click.Option) else str(parameter.name)
                raise RuletagError(Fault(name, "RT110", "is empty", help="give it a value, or leave it out"))
        return rest


def variable(command: str, names: Sequence[str]) -> str:
    """The environment variable of an option with these spellings; `command` is empty if all commands share it."""
    long = next(name for name in names if name.startswith("--"))
    words = ["ruletag", *filter(None, [command]), long.lstrip("-")]
    return "_".join(words).replace("-", "_").upper()


def source_of(context: click.Context, option: click.Parameter) -> ParameterSource | None:
    """Where the value of an option comes from."""
    return context.get_parameter_source(str(option.name))


def find_option(command: click.Command, name: str) -> click.Option | None:
    """The option of a command that sets the parameter with this name."""
    return next(
        (parameter for parameter in command.params if isinstance(parameter, click.Option) and parameter.name == name),
        None,
    )


def shared(*names: str, **more: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An option that commands share, with one environment variable for all of them."""
    spellings = [name for name in names if name.startswith("-")]
    return click.option(*names, envvar=variable("", spellings), **more)


class Group(click.Group):
    """Commands under one name; for an unknown command, the closest one is suggested."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not ctx.resilient_parsing and not name.startswith("-") and self.get_command(ctx, name) is None:
            ctx.fail(f"No such command {name!r}: {suggest(name, self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


def knowledge_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        shared(
            "--rules",
            multiple=True,
            type=click.Path(),
            metavar="DIR",
            help="Rules instead of the shipped ones; `shipped` adds those.",
        ),
        shared(
            "--gazetteers",
            multiple=True,
            type=click.Path(),
            metavar="DIR",
            help="Gazetteers instead of the shipped ones; `shipped` adds those.",
        ),
        shared("--list", "lists", multiple=True, metavar="LABEL=FILE", help="A plain list of names (.txt or .tsv)."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def tagger_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        shared("--guideline", metavar="NAME", help="canonical, seed, or a file (default: by format)."),
        shared("--engine", metavar="NAME", help="core (compiled) or plain (Python); same result."),
        shared("--no-memory", is_flag=True, help="Do not apply names learned in a document throughout it."),
    ]
    for option in reversed(options):
        command = option(command)
    return knowledge_options(command)


def label_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for reading foreign labels."""
    options = [
        shared("--map", "maps", multiple=True, metavar="THEIRS=OURS", help="Read a label as one of ours."),
        shared("--ignore", "ignored", multiple=True, metavar="LABEL", help="Leave out spans of a label."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def format_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for reading and writing documents, beyond the format itself."""
    options = [
        label_options,
        shared("--column", metavar="NAME|N", help="Column or key that holds the text; in CoNLL, the tags."),
        shared("--grapheme", is_flag=True, help="Offsets are graphemes (doccano's grapheme mode)."),
        shared("--offsets", metavar="NAME", help="How offsets were counted, if not as the format says: utf16, lf …"),
        shared("--scheme", metavar="NAME", help="Scheme of CoNLL tags: iob1, iob2 or bioes."),
        shared("--spans-only", is_flag=True, help="Write ids and spans without the texts."),
        shared("--strict", is_flag=True, help="Refuse anything that could only be written with a change."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def options_of(config: Config, options: Mapping[str, Any], formats: Iterable[Format] | None = None) -> Options:
    """The options for formats. Raises RuletagError for a wrong value, or for an option that none of `formats` has."""
    from ruletag.formats import FORMATS, Options
    from ruletag.formats.labels import parse_labels
    from ruletag.formats.readings import parse_offsets

    maps = options["maps"] or [f"{theirs}={ours}" for theirs, ours in config.get("map", {}).items()]
    labels = parse_labels(maps, options["ignored"] or config.get("ignore", ()))
    values = {name: options[name] for name in ("column", "grapheme", "scheme", "spans_only", "strict")}
    parsed = Options(labels, offsets=parse_offsets(options["offsets"]), **values)
    formats = None if formats is None else list(formats)
    faults = [
        Fault(
            f"--{name.replace('_', '-')}",
            "RT110",
            "does not apply to the formats that are read and written",
            help="it is for "
            + ", ".join(format_name for format_name, file_format in FORMATS.items() if name in file_format.options),
        )
        for name in parsed.given()
        if formats is not None and not any(name in file_format.options for file_format in formats)
    ]
    if faults:
        raise RuletagError(faults)
    return parsed


def from_option(command: Callable[..., Any]) -> Callable[..., Any]:
    help = "Format of the documents (default: by suffix)."
    return click.option("-f", "--from", "from_format", metavar="FORMAT", help=help)(command)


def from_each_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--from` to a command that reads the documents of several arguments."""
    help = "Format of the documents (default: by suffix); once for all, or once for each argument, in order."
    return click.option("-f", "--from", "from_formats", multiple=True, metavar="FORMAT", help=help)(command)


def from_each(formats: Sequence[str], arguments: int) -> list[str | None]:
    """The format for each argument, by `from_each_option`; None where the suffix decides.

    Raises RuletagError if several formats are given, but not one for each argument.
    """
    if len(formats) > 1 and len(formats) != arguments:
        message = f"is given {len(formats)} times, for {arguments} argument{'' if arguments == 1 else 's'}"
        help = "give it once for all, or once for each, in the same order"
        raise RuletagError(Fault("--from", "RT110", message, help=help))
    return list(formats) if len(formats) > 1 else [*formats, None][:1] * arguments


def seed_option(command: Callable[..., Any]) -> Callable[..., Any]:
    help = "Seed of the bootstrap behind the intervals."
    return click.option("--seed", type=click.IntRange(0), default=0, metavar="N", help=help)(command)


def encoding_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return shared("--encoding", metavar="NAME", help="Encoding of the documents (default utf-8).")(command)


def _keep(context: click.Context, option: click.Parameter, value: Any) -> None:
    """Store the value of an option in the context, where everything that the command calls can read it."""
    context.meta[f"ruletag.{option.name}"] = value


def quiet_option(command: Callable[..., Any]) -> Callable[..., Any]:
    help = "Print only errors on standard error."
    return shared("-q", "--quiet", is_flag=True, expose_value=False, callback=_keep, help=help)(command)


def common_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for the configuration file and for quiet output."""
    config_help = "Read this file instead of the closest ruletag.toml."
    isolated_help = "Read no ruletag.toml and no pyproject.toml."
    options = [
        shared("--config", type=click.Path(), expose_value=False, callback=_keep, metavar="FILE", help=config_help),
        shared("--isolated", is_flag=True, expose_value=False, callback=_keep, help=isolated_help),
        quiet_option,
    ]
    for option in reversed(options):
        command = option(command)
    return command


def verbose_option(command: Callable[..., Any]) -> Callable[..., Any]:
    help = "Say on standard error what is in force, and why; on a terminal, this is said anyway."
    return shared("-v", "--verbose", is_flag=True, help=help)(command)


def _shown_root(root: str) -> str:
    from ruletag.folders import SHIPPED, openable

    return root if root == SHIPPED else openable(Path(root))


def say_in_force(
    config: Config, options: Mapping[str, Any], all_settings: Iterable[Settings], reasons: Mapping[str, str]
) -> None:
    """Print one line on what is in force: guideline and why, engine, knowledge; on a terminal, or if requested.

    `reasons` gives the reason for each guideline that was not chosen by the user.
    """
    if not options["verbose"] and not sys.stderr.isatty():
        return
    from ruletag.engine import engine_name, why_plain
    from ruletag.folders import listed

    all_settings = list(all_settings)
    roots = [
        str(root)
        for settings in all_settings
        for roots in (settings.rules, settings.gazetteers)
        for root in listed(roots)
    ]
    lists = [str(path) for settings in all_settings for _, path in settings.lists]
    knowledge = ", ".join(dict.fromkeys(_shown_root(root) for root in [*roots, *lists]))
    guideline = _guideline_and_why(config, options, reasons)
    engine_option = all_settings[0].engine
    reason = "" if engine_option else why_plain()
    engine = engine_name(engine_option) + (f" ({reason})" if reason else "")
    note(f"in force: guideline {guideline}, engine {engine}, knowledge {knowledge}")


def _guideline_and_why(config: Config, options: Mapping[str, Any], reasons: Mapping[str, str]) -> str:
    if options["guideline"]:
        is_option = click.get_current_context().get_parameter_source("guideline") is ParameterSource.COMMANDLINE
        return f"{options['guideline']} (by {'--guideline' if is_option else variable('', ['--guideline'])})"
    if chosen := config.get("guideline"):
        return f"{chosen} (by {config.path.name if config.path else 'configuration'})"
    guidelines = " and ".join(f"{name} ({why})" for name, why in reasons.items())
    hints = [f"; --guideline {name} for {meaning})" for name, meaning in _MEANINGS.items() if name not in reasons]
    return guidelines[:-1] + hints[0] if len(reasons) == 1 and hints else guidelines


def files_read(config: Config, inputs: Iterable[Input], all_settings: Iterable[Settings]) -> Iterator[Path]:
    """Yield all files that a command reads; no output may be one of them."""
    from ruletag.files import all_paths
    from ruletag.knowledge import knowledge_files

    if config.path:
        yield config.path
    for source in inputs:
        yield from all_paths(source)
    for settings in all_settings:
        yield from knowledge_files(settings.guideline, settings.rules, settings.gazetteers, settings.lists)


def configuration() -> Config:
    """The configuration in the file that `--config` names, else in the closest one; empty with `--isolated`."""
    from ruletag.config import Config, find_config, read_config

    meta = click.get_current_context().meta
    config_path, is_isolated = meta.get("ruletag.config"), meta.get("ruletag.isolated")
    if config_path and is_isolated:
        message = "and --isolated exclude each other: one names a file, the other reads none"
        raise RuletagError(Fault("--config", "RT110", message, help="leave one of them out"))
    if is_isolated:
        return Config()
    return read_config(Path(config_path)) if config_path else find_config(Path.cwd())


def settings_of(config: Config, options: Mapping[str, Any], guideline: str) -> Settings:
    """The settings from the command line, else from the configuration, else the defaults, such as `guideline`."""
    from ruletag.config import refuse_unknown
    from ruletag.tagger import Settings

    lists = []
    for argument in options["lists"]:
        label, equals, path = argument.partition("=")
        if not equals:
            raise RuletagError(
                Fault("--list", "RT110", f"{argument!r} is not LABEL=FILE", help="for example PER=names.txt")
            )
        lists.append((label, path))
    settings = Settings(
        tuple(options["rules"] or config.get("rules") or ()) or None,
        tuple(options["gazetteers"] or config.get("gazetteers") or ()) or None,
        options.get("guideline") or config.get("guideline", guideline),
        tuple(lists or config.get("lists", ())),
        options.get("engine") or config.get("engine", ""),
        not options.get("no_memory") and config.get("memory", True),
    )
    refuse_unknown(config, [key for key in ("guideline", "engine") if not options.get(key)], settings.rules)
    return settings


def encoding_of(config: Config, options: Mapping[str, Any]) -> str:
    from ruletag.decoding import refuse_encoding

    encoding = str(options["encoding"] or config.get("encoding", "utf-8"))
    refuse_encoding(encoding)
    return encoding
