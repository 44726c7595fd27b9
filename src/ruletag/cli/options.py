"""The options that commands share, and what they say together with the configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag.errors import Fault, RuletagError

if TYPE_CHECKING:
    from ruletag.batch import Settings
    from ruletag.config import Config


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
        click.option("--engine", metavar="NAME", help="ahocorasick (default) or flashtext (pure Python); same result."),
        click.option("--no-memory", is_flag=True, help="Do not use in the whole document what it teaches."),
    ]
    for option in reversed(options):
        command = option(command)
    return knowledge_options(command)


def encoding_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--encoding", metavar="NAME", help="Encoding of the documents (default utf-8).")(command)


def configuration() -> Config:
    from ruletag.config import find_config

    return find_config(Path.cwd())


def settings_of(config: Config, options: dict[str, Any], guideline: str) -> Settings:
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


def encoding_of(config: Config, options: dict[str, Any]) -> str:
    from ruletag.files import refuse_encoding

    encoding = str(options["encoding"] or config.get("encoding", "utf-8"))
    refuse_encoding(encoding)
    return encoding
