"""`ruletag schema`: JSON Schemas for editors and programs."""

from __future__ import annotations

import click

from ruletag.cli.console import GOOD, put
from ruletag.cli.options import Command

_FILES = ("gazetteer", "rules", "guideline", "config", "output")
_COMMANDS = ("eval", "compare", "agree", "gold-check", "import", "diff", "explain")
NAMES = (*_FILES, *_COMMANDS)


@click.command(cls=Command, epilog="Example: ruletag schema gazetteer > gazetteer.schema.json")
@click.argument("name", type=click.Choice(NAMES))
def schema(name: str) -> int:
    """Print the JSON Schema of a file of yours, or of an output.

    The draft is 2020-12. gazetteer, rules and guideline are YAML; config is ruletag.toml; output is a line of `tag --to
    jsonl`. With a schema, an editor completes fields and marks mistakes while you write; `ruletag init` puts one beside
    each of its files. The name of a command stands for its output with --json.
    """
    from ruletag.schema import format_schema

    put(format_schema(name))
    return GOOD
