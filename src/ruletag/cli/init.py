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

    root = Path(folder)
    guideline_name = _guideline(root, guideline)
    paths = {root / name: text for name, text in files(guideline_name).items()}
    prepare_outputs(paths, [], replaceable=False)
    for name, text in RECIPES.items():
        if (root / name).exists():
            note(f"{root / name}: note: exists already and is left as it is")
        else:
            paths[root / name] = text
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
    write_all([(path, text.encode()) for path, text in paths.items()])
    for path in paths:
        put(str(path))
    for line in _next_steps(root, len(paths)):
        note(line)
    return GOOD


def _next_steps(root: Path, count: int) -> Iterator[str]:
    """Yield the lines that say what was written and which commands come next."""
    yield (
        f"{count} files: your names and rules go into {root / 'knowledge'}, corrected texts into {root / 'gold'}; "
        "what is there now are examples to replace"
    )
    location = "" if root == Path() else f", in {root}"
    yield f'next{location}: `ruletag tag FILE` finds the names in a text, `ruletag add "NAME" LABEL` adds one it missed'
    yield "then: `ruletag check` tries the rules, `ruletag eval gold` compares the tagger with your corrections"


def _guideline(root: Path, name: str | None) -> str:
    """The guideline for the configuration: the option, else the user's answer on a terminal, else none.

    Raises RuletagError if there is no such guideline.
    """
    from ruletag.folders import GUIDELINE_SUFFIXES, guideline_names, guideline_path

    if name is None and _is_terminal():
        say(QUESTION)
        name = click.prompt("guideline", type=click.Choice(guideline_names()), default="canonical", err=True)
    if not name:
        return ""
    guideline_path(name)
    return Path(os.path.relpath(name, root)).as_posix() if name.endswith(GUIDELINE_SUFFIXES) else name


def _is_terminal() -> bool:
    """Whether the user can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()
