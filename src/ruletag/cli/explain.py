"""`ruletag explain`: why each span, and why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ruletag.cli.console import GOOD, put
from ruletag.cli.options import configuration, encoding_of, encoding_option, settings_of, tagger_options


@click.command(epilog='Example: ruletag explain "Le président Obama est à Orange."')
@click.argument("text", metavar="TEXT|FILE")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@encoding_option
@tagger_options
def explain(text: str, as_json: bool, **options: Any) -> int:
    """Say which rule or entry made each span, which candidates lost and why, and why a word was not tagged."""
    from ruletag.files import find_inputs, read_documents
    from ruletag.report.explanation import explanation_json, format_explanation

    config = configuration()
    texts = [text]
    guideline = "canonical"
    if text == "-" or _is_file(text):
        (source,) = find_inputs([text])
        guideline = source.format.guideline
        texts = [document.text for document in read_documents(source, encoding_of(config, options))]
    tagger = settings_of(config, options, guideline).load()
    for each in texts:
        explanation = tagger.explain(each)
        put(explanation_json(explanation) if as_json else format_explanation(explanation))
    return GOOD


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False
