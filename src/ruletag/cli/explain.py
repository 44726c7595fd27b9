"""`ruletag explain`: the reasons for each span, and for missing spans."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ruletag.cli.console import GOOD, note, put, report_faults
from ruletag.cli.options import (
    Command,
    common_options,
    configuration,
    encoding_of,
    encoding_option,
    files_read,
    say_in_force,
    settings_of,
    tagger_options,
    verbose_option,
)
from ruletag.errors import Fault, RuletagError


@click.command(cls=Command, epilog='Example: ruletag explain "Le président Obama est à Orange."')
@click.argument("text", metavar="TEXT|FILE")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@verbose_option
@encoding_option
@tagger_options
@common_options
def explain(text: str, as_json: bool, **options: Any) -> int:
    """Say why each name in a text was found.

    Names the rule or entry that made each span, the candidates that lost and why, and why a capitalised word was not
    tagged.
    """
    from ruletag.batch import failing_by_name
    from ruletag.files import find_inputs, read_documents
    from ruletag.model import Document
    from ruletag.output_checks import prepare_outputs
    from ruletag.places import Located
    from ruletag.report.explanation import explanation_json, format_explanation, located

    if _is_folder(text):
        help = "name one of its files; `ruletag tag` reads folders"
        raise RuletagError(Fault(text, "RT101", "is a folder, not a file or a sentence", help=help))
    config = configuration()
    documents = [Document(text, path="TEXT")]
    guideline, reason = "canonical", "the default for a text on the command line"
    sources = find_inputs([text], note=note) if text == "-" or _is_file(text) else []
    if not sources and _looks_like_path(text):
        note(f"{text}: note: no file has this name, so it is read as a text")
    for source in sources:
        guideline, reason = source.format.guideline, f"the default of the {source.format.name} format"
        documents = read_documents(source, encoding_of(config, options))
    settings = settings_of(config, options, guideline)
    prepare_outputs([], files_read(config, sources, [settings]))
    tagger = settings.load()
    locate = Located.under([settings])
    say_in_force(config, options, [settings], {guideline: reason})
    code = GOOD
    for document in documents:
        try:
            with failing_by_name(document):
                explanation = located(tagger.explain(document.text), locate)
        except RuletagError as error:
            code = report_faults(error.faults)
            continue
        put(explanation_json(explanation) if as_json else format_explanation(explanation))
    return code


def _looks_like_path(text: str) -> bool:
    """Whether a text is probably the name of a file that does not exist: one word with the suffix of a format."""
    from ruletag.formats import suffixes

    return not any(map(str.isspace, text)) and Path(text).suffix in suffixes()


def _is_folder(text: str) -> bool:
    try:
        return Path(text).is_dir()
    except (OSError, ValueError):
        return False


def _is_file(text: str) -> bool:
    """Whether the argument names something to read: a file, or a FIFO made by a shell."""
    try:
        return Path(text).exists() and not Path(text).is_dir()
    except (OSError, ValueError):
        return False
