"""`ruletag init`: a folder for one's own knowledge, and the configuration that reads it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from ruletag.cli.console import GOOD, note, put, say
from ruletag.cli.options import Command, quiet_option

QUESTION = """\
Which guideline does your annotation follow?
  canonical  names without titles: le président [Lula], la [Chine]
  seed       titles and some determiners belong to the name: le [Président Lula], [la Chine]"""


@click.command(cls=Command, epilog="Example: ruletag init my-names/ --guideline canonical")
@click.argument("folder", default=".", metavar="[DIR]")
@click.option("--guideline", metavar="NAME", help="canonical, seed, or a file (default: asked for on a terminal).")
@quiet_option
def init(folder: str, guideline: str | None) -> int:
    """Set up a folder for your own names, rules and gold.

    It gets a ruletag.toml, gazetteers and rules in knowledge/, and example gold. All commands that run in it, or below,
    use them in addition to the shipped knowledge. Schemas for editors and recipes for pre-commit and CI are included.
    Existing files are never replaced.
    """
    from ruletag.output_checks import prepare_outputs
    from ruletag.outputs import write_all
    from ruletag.starter import RECIPES, files

    place = Path(folder)
    chosen = _guideline(place, guideline)
    paths = {place / name: text for name, text in files(chosen).items()}
    prepare_outputs(paths, [], replaceable=False)
    for name, text in RECIPES.items():
        if (place / name).exists():
            note(f"{place / name}: note: exists already and is left as it is")
        else:
            paths[place / name] = text
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
    write_all([(path, text.encode()) for path, text in paths.items()])
    for path in paths:
        put(str(path))
    for line in _next_steps(place, len(paths)):
        note(line)
    return GOOD


def _next_steps(place: Path, written: int) -> Iterator[str]:
    """What was written, and the commands of the first steps, for somebody who has a new folder."""
    yield (
        f"{written} files: your names and rules go into {place / 'knowledge'}, corrected texts into {place / 'gold'}; "
        "what is there now are examples to replace"
    )
    here = "" if place == Path() else f", in {place}"
    yield f'next{here}: `ruletag tag FILE` finds the names in a text, `ruletag add "NAME" LABEL` adds one it missed'
    yield "then: `ruletag check` tries the rules, `ruletag eval gold` compares the tagger with your corrections"


def _guideline(place: Path, given: str | None) -> str:
    """The guideline for the configuration: the option, else the user's answer on a terminal, else none.

    Raises RuletagError if there is no such guideline.
    """
    from ruletag.folders import GUIDELINE_SUFFIXES, guideline_names, guideline_path

    if given is None and _is_terminal():
        say(QUESTION)
        given = click.prompt("guideline", type=click.Choice(guideline_names()), default="canonical", err=True)
    if not given:
        return ""
    guideline_path(given)
    return Path(os.path.relpath(given, place)).as_posix() if given.endswith(GUIDELINE_SUFFIXES) else given


def _is_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()
