"""`ruletag init`: a folder of knowledge of one's own, and the configuration that reads it."""

from __future__ import annotations

from pathlib import Path

import click

from ruletag.cli.console import GOOD, put
from ruletag.cli.options import Command


@click.command(cls=Command, epilog="Example: ruletag init my-names/")
@click.argument("folder", default=".", metavar="[DIR]")
def init(folder: str) -> int:
    """Make a place to work in: ruletag.toml, your own gazetteers and rules in knowledge/, an example of gold.

    All commands that run in it, or below, use them beside what ships. Files that exist are never replaced.
    """
    from ruletag.outputs import prepare_outputs, write_all
    from ruletag.starter import FILES

    place = Path(folder)
    paths = {place / name: text for name, text in FILES.items()}
    prepare_outputs(paths, [])
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
    write_all([(path, text.encode()) for path, text in paths.items()])
    for path in paths:
        put(str(path))
    return GOOD
