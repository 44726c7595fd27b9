"""`ruletag eval`: documents against gold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli.console import FOUND, GOOD, note
from ruletag.cli.gold import find_sides, load_taggers
from ruletag.cli.options import (
    Command,
    common_options,
    encoding_option,
    files_read,
    format_options,
    from_each,
    from_each_option,
    seed_option,
    tagger_options,
    verbose_option,
)
from ruletag.cli.reports import prepare_reports, put_reports, report_options
from ruletag.errors import Fault, RuletagError

if TYPE_CHECKING:
    from ruletag.evaluation.assess import Assessment
    from ruletag.evaluation.effort import Costs
    from ruletag.model import Document
    from ruletag.places import Located
    from ruletag.report.gate import Baseline, Threshold
    from ruletag.report.record import Record
    from ruletag.tagger import Tagger


@click.command(
    cls=Command, name="eval", epilog="Example: ruletag eval seeds/ --errors --fail-under 0.9 --report report.html"
)
@click.argument("gold")
@click.argument("predicted", nargs=-1, metavar="[PREDICTED]")
@click.option("--errors", is_flag=True, help="List every error by its cause, with the rule or entry responsible.")
@click.option(
    "--full", is_flag=True, help="Also print every measure, each document, the confusion, and the head of the ledger."
)
@report_options
@click.option("--ledger", metavar="FILE", help="Write what each rule and entry got right and wrong, as a .tsv.")
@click.option(
    "--cost",
    "costs",
    multiple=True,
    metavar="ACTION=S",
    help="Seconds to accept, rebound, relabel, add, delete, read.",
)
@click.option("--review", metavar="FILE", help="Take these seconds from the log of a review, if it has enough.")
@click.option(
    "--fail-under",
    multiple=True,
    metavar="[LABEL=]F1",
    help="Exit with 1 if the strict F1 (of LABEL) is lower.",
)
@click.option("--baseline", metavar="FILE", help="Exit with 1 if a strict F1 is lower than in this JSON report.")
@click.option("--agreement", is_flag=True, hidden=True, help="Run `agree GOLD PREDICTED`.")
@click.option("--gold-check", is_flag=True, hidden=True, help="Run `gold-check GOLD`.")
@from_each_option
@seed_option
@verbose_option
@format_options
@encoding_option
@tagger_options
@common_options
def evaluate(gold: str, predicted: tuple[str, ...], from_formats: tuple[str, ...], **options: Any) -> int:
    """Score the tagger, or predictions, against gold.

    Prints figures with intervals, the causes of errors, the most harmful rules, and the estimated effort of a review.

    GOLD is a file or folder of annotated documents. They are tagged, or compared with PREDICTED if it is given. Each is
    tagged under the default guideline of its format. Documents without gold are named and not scored.

    `compare` puts two systems side by side, `agree` two annotators; `gold-check` looks at the gold itself.
    """
    from ruletag.batch import for_each
    from ruletag.cli.provenance import run_of
    from ruletag.places import Located
    from ruletag.report.assessed import make_record
    from ruletag.report.gate import parse_thresholds, read_baseline

    if delegate := _delegate(len(predicted), options):
        if options["gold_check"]:
            return delegate(gold, from_format=from_each(from_formats, 1)[0], **options)
        return delegate(gold, *predicted, from_formats=from_formats, **options)
    sides = find_sides(gold, predicted, from_formats, options)
    settings = sides.settings(options)
    settings_in_use = set(settings.values())
    input_paths = list(files_read(sides.config, sides.inputs, settings_in_use))
    prepare_reports(options, chain(input_paths, map(Path, filter(None, [options["baseline"]]))))
    costs = _costs(options["costs"], options["review"])
    thresholds = parse_thresholds(options["fail_under"] or map(str, filter(None, [sides.config.get("fail-under")])))
    baseline = read_baseline(options["baseline"]) if options["baseline"] else None
    gold_documents = sides.gold_documents()
    predictions = sides.predictions(gold_documents)
    taggers = load_taggers(settings)
    sides.say_in_force(options, settings_in_use)
    locate = Located.under(settings_in_use)
    tagged = (
        predictions[0]
        if predictions
        else for_each(gold_documents, lambda document: locate.document(taggers[document.path].tag(document.text)))
    )
    names, place = sides.guidelines(taggers), None if predictions else locate
    assessment = _assess(gold_documents, tagged, taggers, names, costs, options["seed"], place)
    record = make_record(assessment, run_of(gold, predicted, settings_in_use, input_paths))
    if predictions:
        _note_strange_labels(record, gold)
    put_reports(assessment, record, options)
    return _judge(record, thresholds, baseline)


def _delegate(predicted: int, options: Mapping[str, Any]) -> Callable[..., int] | None:
    """The command that replaced the part of `eval` these arguments ask for; None if they ask for `eval` itself.

    Raises RuletagError for options that do not fit the other arguments.
    """
    from ruletag.cli.agree import agree
    from ruletag.cli.compare import compare
    from ruletag.cli.gold_check import gold_check

    if predicted > 2:
        raise click.UsageError(f"one PREDICTED is scored and two are compared, not {predicted}")
    if options["gold_check"] and predicted:
        raise RuletagError(Fault("--gold-check", "RT110", "looks only at gold", help="leave PREDICTED out"))
    if options["agreement"] and predicted != 1:
        message = "is for two annotators: GOLD and one PREDICTED"
        raise RuletagError(Fault("--agreement", "RT110", message, help="ruletag agree FIRST SECOND"))
    delegate = None
    if options["gold_check"]:
        delegate = gold_check.callback
    elif options["agreement"]:
        delegate = agree.callback
    elif predicted == 2:
        delegate = compare.callback
    elif predicted and options["ledger"]:
        message = "cannot be written for predictions from a file, which do not say which rule made them"
        raise RuletagError(
            Fault("--ledger", "RT110", message, help="leave PREDICTED out, so that the gold is tagged now")
        )
    scoring_options = ["ledger", "fail_under", "baseline", *(["reports"] if predicted != 2 else [])]
    if delegate and (
        misplaced := ["--" + name.rstrip("s").replace("_", "-") for name in scoring_options if options[name]]
    ):
        message = "applies only to the evaluation of one system"
        raise RuletagError([Fault(name, "RT110", message, help="evaluate one system at a time") for name in misplaced])
    return delegate


def _costs(arguments: Sequence[str], review: str | None) -> Costs:
    """The seconds per action of a reviewer: from the arguments, else measured in a review, else from published studies.

    Raises RuletagError if an argument is not ACTION=SECONDS, or if the review cannot be read or is too short.
    """
    from ruletag.evaluation.effort import COSTS, Costs

    seconds = _measured_costs(review) if review else {}
    for argument in arguments:
        action, _, number = argument.partition("=")
        try:
            seconds[action] = float(number)
            if action not in COSTS or not 0 <= seconds[action] < float("inf"):
                raise ValueError(argument)
        except ValueError:
            message = f"{argument!r} is not ACTION=SECONDS"
            help_text = f"for example add=5; actions are {', '.join(COSTS)}"
            raise RuletagError(Fault("--cost", "RT110", message, help=help_text)) from None
    return Costs(**seconds, are_own=bool(review))


def _measured_costs(review: str) -> dict[str, float]:
    """The seconds per action, measured in a review. Raises RuletagError if there are too few actions."""
    from ruletag.review.database import existing, reading
    from ruletag.review.pace import ENOUGH, own_costs
    from ruletag.review.store import Store

    with reading(existing(Path(review))) as connection:
        seconds = own_costs(Store(connection, review))
    if not seconds:
        message = f"has fewer than {ENOUGH} uses of each action, too few to estimate times"
        raise RuletagError(Fault(review, "RT150", message, help="review more documents, or give times with --cost"))
    note(
        f"{review}: seconds for each " + ", ".join(f"{action} {value:.2f}" for action, value in sorted(seconds.items()))
    )
    return seconds


def _assess(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    taggers: Mapping[str, Tagger],
    guidelines: str,
    costs: Costs,
    seed: int,
    locate: Located | None,
) -> Assessment:
    """`locate` was applied to the sources of documents tagged now; it is None for predictions read from files."""
    from ruletag.evaluation.assess import assess
    from ruletag.evaluation.borders import Borders

    distinct_taggers = list(dict.fromkeys(taggers.values()))
    pairs = zip(gold, predicted, strict=True)
    return assess(
        pairs,
        Borders(distinct_taggers[0].hits),
        guidelines,
        distinct_taggers if locate else (),
        costs=costs,
        seed=seed,
        place=locate,
    )


def _note_strange_labels(record: Record, gold: str) -> None:
    """Report predicted labels that the gold lacks: it may not have been annotated for them."""
    from ruletag.model import LABELS

    for label in LABELS:
        row = record.measures["strict"][label]
        if row.predicted and not row.support:
            note(f"note: {gold} has no {label}; spans predicted with this label are wrong: {row.predicted}")


def _judge(record: Record, thresholds: Sequence[Threshold], baseline: Baseline | None) -> int:
    """Return 1 if a threshold is missed or a figure fell, after a message for each; else 0."""
    from ruletag.report.gate import below, compare

    failures = [*below(record, thresholds), *(compare(record, baseline) if baseline else ())]
    for failure in failures:
        note(str(failure))
    return FOUND if failures else GOOD
