"""`ruletag code`: the meaning of an error code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ruletag.cli.console import GOOD, put
from ruletag.cli.options import Command

if TYPE_CHECKING:
    from ruletag.codes import Code


@click.command(cls=Command, epilog="Example: ruletag code RT305")
@click.argument("codes", nargs=-1, metavar="[CODE]...")
def code(codes: tuple[str, ...]) -> int:
    """Explain an error code: what is wrong and what to do. Without CODE, list all codes."""
    from ruletag.codes import codes as all_codes
    from ruletag.codes import explain

    if codes:
        put("\n".join(_explained(code) for code in explain(codes)))
    else:
        put("\n".join(f"{code.name}  {code.meaning}" for code in all_codes().values()))
    return GOOD


def _explained(code: Code) -> str:
    return f"{code.name} ({code.kind}; exit code {code.exit_code})\n\n  {code.meaning}\n\n  What to do: {code.remedy}\n"
