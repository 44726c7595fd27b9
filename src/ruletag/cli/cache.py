"""`ruletag cache`: the compiled knowledge that is kept between runs."""

from __future__ import annotations

import os

import click

from ruletag.cli.console import GOOD, put
from ruletag.cli.options import Command
from ruletag.errors import Fault, RuletagError


@click.command(cls=Command, epilog="Example: ruletag cache --clear")
@click.option("--clear", is_flag=True, help="Remove the compiled knowledge; it is rebuilt when needed.")
def cache(clear: bool) -> int:
    """Show or empty the cache of compiled knowledge.

    The environment variable RULETAG_CACHE names another folder; `off` keeps nothing.
    """
    from ruletag import cache as knowledge_cache

    folder = knowledge_cache.folder()
    if folder is None:
        value = os.environ.get(knowledge_cache.VARIABLE)
        put(
            f"off: {knowledge_cache.VARIABLE} " + ("says so" if value else "can name a folder; you have no home folder")
        )
        return GOOD
    if clear:
        try:
            number = knowledge_cache.clear()
        except OSError as error:
            raise RuletagError(Fault(str(error.filename), "RT106", f"cannot be removed: {error.strerror}")) from None
        put(f"{folder}: removed {number} file{'' if number == 1 else 's'}")
        return GOOD
    files = knowledge_cache.contents()
    put(f"{folder}: {len(files)} file{'' if len(files) == 1 else 's'}, {sum(file.size for file in files):,} bytes")
    if reason := knowledge_cache.obstacle():
        put(f"not used: {reason}; make it a folder of your own, with mode 700")
    return GOOD
