"""`ruletag eval`: documents against gold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli.console import FOUND, GOOD, put
from ruletag.cli.options import configuration, encoding_of, encoding_option, settings_of, tagger_options
from ruletag.errors import Fault, RuletagError

if TYPE_CHECKING:
    from ruletag.files import Input
    from ruletag.model import Document


@click.command(name="eval", epilog="Example: ruletag eval seeds/ --errors --fail-under 0.9")
@click.argument("gold")
@click.argument("predicted", required=False)
@click.option("-f", "--from", "from_format", metavar="FORMAT", help="Format of the documents (default: by suffix).")
@click.option("--errors", is_flag=True, help="List every missed and spurious span, with the rule or entry responsible.")
@click.option("--json", "as_json", is_flag=True, help="Print figures and errors as JSON.")
@click.option("--gold-check", is_flag=True, help="Score nothing: look for mistakes in the gold itself.")
@click.option(
    "--fail-under", type=click.FloatRange(0, 1), metavar="F1", help="Exit with 1 where strict micro-F1 is lower."
)
@encoding_option
@tagger_options
def evaluate(
    gold: str,
    predicted: str | None,
    from_format: str | None,
    errors: bool,
    as_json: bool,
    gold_check: bool,
    fail_under: float | None,
    **options: Any,
) -> int:
    """Score against gold: per label, strict and with borders forgiven, with every error explained.

    GOLD is a file or folder of annotated documents. They are tagged now, or compared to PREDICTED where it is given.
    Each is tagged under the guideline that its format stands for. Documents without gold are named and not scored.
    """
    from ruletag.evaluation.score import Borders, score
    from ruletag.files import find_inputs, read_documents
    from ruletag.report.scores import format_score, score_json

    config = configuration()
    encoding = encoding_of(config, options)
    sources = find_inputs([gold], from_format)
    wanted = _read_all(sources, encoding, read_documents)
    if not any(document.annotated for document in wanted):
        raise RuletagError(Fault(gold, "RT103", "holds no gold annotations", help="name a document with gold"))
    if gold_check:
        return _check_gold(wanted, predicted, as_json)
    kept = {source.shown: settings_of(config, options, source.format.guideline) for source in sources}
    taggers = {settings: settings.load() for settings in dict.fromkeys(kept.values())}
    if predicted is None:
        given = [taggers[kept[document.path]].tag(document.text) for document in wanted]
    else:
        given = _read_all(find_inputs([predicted], from_format), encoding, read_documents)
        _refuse_strangers(wanted, given, gold, predicted)
    result = score(zip(wanted, given, strict=True), Borders(next(iter(taggers.values())).lexicon))
    name = ", ".join(sorted(tagger.guideline.name for tagger in taggers.values()))
    put(score_json(result, name) if as_json else format_score(result, name, errors=errors))
    threshold = fail_under if fail_under is not None else config.get("fail-under")
    reached = result.micro().f1
    if threshold is not None and reached < threshold:
        click.echo(f"strict micro-F1 {reached:.4f} is under {threshold}", err=True)
        return FOUND
    return GOOD


def _check_gold(documents: Sequence[Document], predicted: str | None, as_json: bool) -> int:
    """Print what the gold does two ways; 1 where there is anything. RuletagError where predictions are named."""
    from ruletag.evaluation.goldcheck import gold_check
    from ruletag.report.goldcheck import format_gold_findings, gold_findings_json

    if predicted is not None:
        raise RuletagError(Fault("--gold-check", "RT110", "looks at gold alone", help="leave PREDICTED out"))
    findings = gold_check(documents)
    if findings or as_json:
        put(gold_findings_json(findings) if as_json else format_gold_findings(findings))
    click.echo(f"{len(findings)} finding{'' if len(findings) == 1 else 's'}", err=True)
    return FOUND if findings else GOOD


def _read_all(sources: Iterable[Input], encoding: str, read: Callable[..., list[Document]]) -> list[Document]:
    """The documents of all inputs; the faults of all of them, where there are any."""
    documents: list[Document] = []
    faults: list[Fault] = []
    for source in sources:
        try:
            documents += read(source, encoding)
        except RuletagError as error:
            faults += error.faults
    if faults:
        raise RuletagError(faults)
    return documents


def _refuse_strangers(gold: Sequence[Document], given: Sequence[Document], gold_path: str, path: str) -> None:
    """RuletagError where predictions are not of the texts of the gold, one for one and in the same order."""
    if len(gold) != len(given):
        message = f"holds {len(given)} documents where {gold_path} holds {len(gold)}"
        raise RuletagError(Fault(path, "RT108", message, help="give predictions for the very same documents"))
    faults = [
        Fault(
            found.path,
            "RT108",
            f"is not the text of {wanted.id or wanted.path}",
            found.line(0) if found.lines else 0,
            help="predict on the text of the gold, unchanged",
        )
        for wanted, found in zip(gold, given, strict=True)
        if wanted.text != found.text
    ]
    if faults:
        raise RuletagError(faults)
