"""The command line: arguments in, exit code out. Results on stdout, everything else on stderr.

Exit codes: 0 good, 1 findings or a threshold missed, 2 wrong usage, configuration or input, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import cast

import click

from ruletag import __version__
from ruletag.cli.console import GOOD, INTERRUPTED, WRONG, OutputLost, report_faults
from ruletag.errors import Fault, RuletagError
from ruletag.garbage import uncollected

# The module and the function of each command.
_HOMES = {
    "tag": "tag",
    "eval": "evaluate",
    "explain": "explain",
    "check": "check",
    "guideline": "guideline",
    "cache": "cache",
}


def main() -> None:
    """Run the command line and exit; no traceback for anything a user can cause."""
    with uncollected():  # until the knowledge is loaded, see `Settings.load`
        sys.exit(_run())


def _run() -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")
    try:
        code = cli.main(prog_name="ruletag", standalone_mode=False) or GOOD
    except RuletagError as error:
        code = report_faults(error.faults)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = INTERRUPTED
        click.echo("interrupted: files that were finished are whole, the others were not begun", err=True)
    except click.ClickException as error:
        error.show()
        code = WRONG
    except OutputLost as lost:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = GOOD if lost.by_the_reader else report_faults([Fault("-", "RT106", f"cannot be written: {lost}")])
    except OSError as error:
        code = report_faults([Fault(str(error.filename or "-"), "RT101", f"cannot be used: {error.strerror}")])
    return code


class _Commands(click.Group):
    """Commands that are loaded when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_HOMES)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _HOMES:
            return None
        module = import_module(f"ruletag.cli.{_HOMES[name]}")
        return cast(click.Command, getattr(module, _HOMES[name]))


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog="Example: ruletag tag article.txt"
)
@click.version_option(__version__, prog_name="ruletag")
def cli() -> None:
    """Find the names in French text (PER, LOC, ORG, MISC) by gazetteers and rules, and say why.

    Exit codes: 0 good, 1 findings or a threshold missed, 2 wrong usage or input.
    """
