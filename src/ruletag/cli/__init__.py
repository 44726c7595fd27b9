"""The command line: arguments in, exit code out. Results on stdout, everything else on stderr.

Exit codes: 0 success, 1 findings or a missed threshold, 2 wrong usage, configuration or input, 130 interrupted, 129 and
143 ended by SIGHUP and SIGTERM.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import cast

import click

from ruletag import __version__
from ruletag.cli.console import GOOD, INTERRUPTED, WRONG, OutputLost, open_streams, put, report_faults, say
from ruletag.cli.options import Group
from ruletag.cli.signals import Ended, ending_in_order
from ruletag.errors import Fault, RuletagError

# The module of each command; its function has the same name.
_MODULES = {
    "tag": "tag",
    "eval": "evaluate",
    "compare": "compare",
    "agree": "agree",
    "gold-check": "gold_check",
    "explain": "explain",
    "check": "check",
    "code": "code",
    "diff": "diff",
    "suggest": "suggest",
    "add": "add",
    "init": "init",
    "config": "config",
    "guideline": "guideline",
    "cache": "cache",
    "convert": "convert",
    "import": "import_gold",
    "import-list": "import_list",
    "formats": "formats",
    "schema": "schema",
    "serve": "serve",
    "review": "review",
}


# If this variable is set, errors of the program itself are shown with their traceback.
TRACEBACK = "RULETAG_TRACEBACK"
_UNFINISHED = "finished files are complete; others were not started"


def main() -> None:
    """Run the command line and exit; there is never a traceback."""
    sys.exit(_run())


def _run() -> int:
    open_streams()
    try:
        with ending_in_order():
            return cli.main(prog_name="ruletag", standalone_mode=False) or GOOD
    except RuletagError as error:
        return report_faults(error.faults, error.summary)
    except click.exceptions.Exit as error:
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):  # click has ended the line
        say(f"interrupted: {_UNFINISHED}")
        return INTERRUPTED
    except Ended as ended:
        say(f"ended by {ended.name}: {_UNFINISHED}")
        return ended.exit_code
    except click.ClickException as error:
        message = io.StringIO()
        error.show(message)
        say(message.getvalue().rstrip("\n"))
        return WRONG
    except OutputLost as error:
        return _report_lost_output(error)
    except OSError as error:
        reason, help = f"cannot be used: {error.strerror}", "check the name and the permissions"
        return report_faults([Fault(str(error.filename or "-"), "RT101", reason, help=help)])
    except Exception as error:
        return _report_unforeseen(error)


def _report_lost_output(error: OutputLost) -> int:
    with suppress(OSError, ValueError):  # otherwise Python reports the error again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return GOOD if error.by_the_reader else report_faults([Fault("-", "RT106", f"cannot be written: {error}")])


def _report_unforeseen(error: Exception) -> int:
    """Report an exception that no other code expects; return the exit code."""
    if os.environ.get(TRACEBACK):
        from traceback import format_exception

        say("".join(format_exception(error)).rstrip("\n"))
    if isinstance(error, MemoryError):
        fault = Fault("ruletag", "RT199", "there is not enough memory", help="give it less at a time")
    else:
        message = f"has failed: {type(error).__name__}: {' '.join(str(error).split())[:200]}".rstrip(": ")
        help = f"this is a bug in ruletag, please report it; {TRACEBACK}=1 shows where it is"
        fault = Fault("ruletag", "RT199", message, help=help)
    return report_faults([fault])


class _Commands(Group):
    """Commands whose modules are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_MODULES)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _MODULES:
            return None
        module = import_module(f"ruletag.cli.{_MODULES[name]}")
        return cast(click.Command, getattr(module, _MODULES[name]))


def _version(context: click.Context, _: click.Parameter, is_requested: bool) -> None:
    if is_requested and not context.resilient_parsing:
        from ruletag.engine import described

        put(f"ruletag {__version__} (engine: {described()})")
        context.exit()


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["--help", "-h"]}, epilog="Example: ruletag tag article.txt"
)
@click.option(
    "--version",
    "-V",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and engine.",
)
def cli() -> None:
    """Find the names in French text (PER, LOC, ORG, MISC) by gazetteers and rules, and say why.

    Exit codes: 0 good, 1 findings or a threshold missed, 2 wrong usage or input.
    """
