"""`ruletag eval`: documents against gold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli.console import FOUND, GOOD, note, put
from ruletag.cli.options import (
    Command,
    common_options,
    configuration,
    encoding_of,
    encoding_option,
    files_read,
    format_options,
    options_of,
    read_gold,
    say_in_force,
    settings_of,
    tagger_options,
    units_of,
    verbose_option,
)
from ruletag.cli.reports import put_reports, report_targets, write_reports
from ruletag.errors import Fault, RuletagError

if TYPE_CHECKING:
    from ruletag.evaluation.assess import Assessment
    from ruletag.evaluation.effort import Costs
    from ruletag.evaluation.gate import Baseline, Threshold
    from ruletag.model import Document
    from ruletag.report.run import Run
    from ruletag.tagger import Settings, Tagger


@click.command(
    cls=Command, name="eval", epilog="Example: ruletag eval seeds/ --errors --fail-under 0.9 --report report.html"
)
@click.argument("gold")
@click.argument("predicted", nargs=-1, metavar="[PREDICTED]...")
@click.option("-f", "--from", "from_format", metavar="FORMAT", help="Format of the documents (default: by suffix).")
@click.option("--errors", is_flag=True, help="List every error by its cause, with the rule or entry responsible.")
@click.option("--full", is_flag=True, help="Print every measure, document, confusion, and the ledger's head too.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
@click.option(
    "--report", "reports", multiple=True, metavar="FILE", help="Write a report: FILE ends in .html, .md or .json."
)
@click.option("--ledger", metavar="FILE", help="Write what each rule and entry got right and wrong, as a .tsv.")
@click.option("--force", is_flag=True, help="Replace reports that exist. Gold and predictions are never changed.")
@click.option("--gold-check", is_flag=True, help="Score nothing: look for mistakes in the gold itself.")
@click.option(
    "--cost",
    "costs",
    multiple=True,
    metavar="ACTION=S",
    help="Seconds to accept, rebound, relabel, add, delete, read.",
)
@click.option("--review", metavar="FILE", help="Take these seconds from the log of a review, where it has enough.")
@click.option(
    "--seed", type=click.IntRange(0), default=0, metavar="N", help="Seed of the bootstrap behind the intervals."
)
@click.option("--agreement", is_flag=True, help="Score nothing: how far GOLD and PREDICTED agree, as two annotators.")
@click.option(
    "--fail-under",
    multiple=True,
    metavar="[LABEL=]F1",
    help="Exit with 1 if the strict F1 (of LABEL) is lower.",
)
@click.option("--baseline", metavar="FILE", help="Exit with 1 if a strict F1 is lower than in this JSON report.")
@verbose_option
@format_options
@encoding_option
@tagger_options
@common_options
def evaluate(gold: str, predicted: tuple[str, ...], from_format: str | None, **options: Any) -> int:
    """Score against gold: figures with intervals, causes of errors, what each rule costs, what a review would take.

    GOLD is a file or folder of annotated documents. They are tagged now, or compared to PREDICTED where it is given;
    two PREDICTED are put side by side. Each is tagged under the guideline that its format stands for. Documents without
    gold are named and not scored.
    """
    from ruletag.batch import for_each
    from ruletag.cli.provenance import run_of
    from ruletag.evaluation.align import align
    from ruletag.evaluation.annotated import refuse_unpredicted, refuse_unread
    from ruletag.evaluation.drift import refuse_drift
    from ruletag.evaluation.gate import parse_thresholds, read_baseline
    from ruletag.files import find_inputs, read_all
    from ruletag.outputs import prepare_outputs
    from ruletag.report.record import make_record

    config = configuration()
    encoding = encoding_of(config, options)
    _refuse_together(predicted, options)
    given = options_of(config, options)
    sources = find_inputs([gold], from_format, note, given)
    others = [find_inputs([path], from_format, note, given) for path in predicted]
    options_of(config, options, [source.format for each in (sources, *others) for source in each])
    settings = {source.shown: settings_of(config, options, source.format.guideline) for source in sources}
    targets = report_targets(options)
    used = set(settings.values())
    read = list(files_read(config, [source for each in (sources, *others) for source in each], used))
    baselines = filter(None, [options["baseline"]])
    prepare_outputs(targets, chain(read, map(Path, baselines)), force=options["force"])
    costs = _costs(options["costs"], options["review"])
    thresholds = parse_thresholds(options["fail_under"] or map(str, filter(None, [config.get("fail-under")])))
    baseline = read_baseline(options["baseline"]) if options["baseline"] else None
    wanted = read_gold(sources, encoding)
    if not any(document.annotated for document in wanted):
        raise RuletagError(Fault(gold, "RT103", "holds no gold annotations", help="name a document with gold"))
    if options["gold_check"]:
        return _check_gold(wanted, options["as_json"])
    systems = [
        align(wanted, read_all(each, encoding), gold, path) for each, path in zip(others, predicted, strict=True)
    ]
    for documents, each in zip(systems, others, strict=True):
        refuse_drift(documents, units_of(each))
    if options["agreement"]:
        refuse_unread(systems[0])
        return _agree(wanted, systems[0], (gold, *predicted), options["as_json"])
    for documents in systems:
        refuse_unpredicted(wanted, documents)
    taggers = _taggers(settings)
    reasons = {each.format.guideline: f"what the {each.format.name} format stands for" for each in sources}
    say_in_force(config, options, settings.values(), reasons)
    run = run_of(gold, predicted, used, read)
    if len(systems) == 2:
        return _compare(wanted, systems, taggers, options, run)
    answers = systems[0] if systems else for_each(wanted, lambda document: taggers[document.path].tag(document.text))
    found = _assess(wanted, answers, taggers, costs, options["seed"], tagged=not systems)
    record = make_record(found, run)
    if systems:
        _note_strange_labels(record, gold)
    put_reports(found, record, options)
    return _judge(record, thresholds, baseline)


def _refuse_together(predicted: Sequence[str], options: Mapping[str, Any]) -> None:
    """RuletagError for options that say nothing about what else was given."""
    whole = ["ledger", "fail_under", "baseline"]  # options that belong to one evaluation
    whole += ["reports"] if options["gold_check"] or options["agreement"] else []
    alone = ["--" + name.rstrip("s").replace("_", "-") for name in whole if options[name]]
    if len(predicted) > 2:
        raise click.UsageError(f"at most two PREDICTED can be compared, not {len(predicted)}")
    if options["gold_check"] and predicted:
        raise RuletagError(Fault("--gold-check", "RT110", "looks at gold alone", help="leave PREDICTED out"))
    if options["agreement"] and len(predicted) != 1:
        message = "is that of two annotators: of GOLD and one PREDICTED"
        raise RuletagError(Fault("--agreement", "RT110", message, help="ruletag eval GOLD PREDICTED --agreement"))
    if options["ledger"] and len(predicted) == 1 and not options["agreement"]:
        message = "is asked for predictions from a file, which do not say who made them"
        raise RuletagError(Fault("--ledger", "RT110", message, help="leave PREDICTED out: the gold is tagged now"))
    if alone and (options["gold_check"] or options["agreement"] or len(predicted) == 2):
        message = "belongs to the evaluation of one system"
        raise RuletagError([Fault(name, "RT110", message, help="evaluate one system at a time") for name in alone])


def _costs(given: Sequence[str], review: str | None) -> Costs:
    """The seconds of each action of a reviewer: given, else measured in a review, else those of studies.

    RuletagError where one is not ACTION=SECONDS, and where the review cannot be read, or has too little in it.
    """
    from ruletag.evaluation.effort import COSTS, Costs

    seconds = _measured(review) if review else {}
    for each in given:
        action, _, number = each.partition("=")
        try:
            seconds[action] = float(number)
            if action not in COSTS or not 0 <= seconds[action] < float("inf"):
                raise ValueError(each)
        except ValueError:
            message = f"{each!r} is not ACTION=SECONDS"
            help_text = f"for example add=5; actions are {', '.join(COSTS)}"
            raise RuletagError(Fault("--cost", "RT110", message, help=help_text)) from None
    return Costs(**seconds, are_own=bool(review))


def _measured(review: str) -> dict[str, float]:
    """What the actions of a review took."""
    from ruletag.review.database import existing, reading
    from ruletag.review.pace import ENOUGH, own_costs
    from ruletag.review.store import Store

    with reading(existing(Path(review))) as connection:
        seconds = own_costs(Store(connection, review))
    if not seconds:
        message = f"holds fewer than {ENOUGH} of each action: nothing can be said of times"
        raise RuletagError(Fault(review, "RT150", message, help="review more documents, or give times with --cost"))
    note(f"{review}: seconds for each " + ", ".join(f"{name} {each:.2f}" for name, each in sorted(seconds.items())))
    return seconds


def _taggers(settings: Mapping[str, Settings]) -> dict[str, Tagger]:
    """For the path of each document the tagger of its settings; each is loaded once."""
    loaded = {each: each.load() for each in dict.fromkeys(settings.values())}
    return {path: loaded[each] for path, each in settings.items()}


def _assess(
    wanted: Sequence[Document],
    given: Sequence[Document],
    taggers: Mapping[str, Tagger],
    costs: Costs,
    seed: int,
    *,
    tagged: bool,
) -> Assessment:
    from ruletag.evaluation.assess import assess
    from ruletag.evaluation.borders import Borders

    used = list(dict.fromkeys(taggers.values()))
    names = ", ".join(sorted(tagger.guideline.name for tagger in used))
    pairs = zip(wanted, given, strict=True)
    return assess(pairs, Borders(used[0].hits), names, used if tagged else (), costs=costs, seed=seed)


def _note_strange_labels(record: dict[str, Any], gold: str) -> None:
    """Say which labels of the predictions the gold does not have: perhaps it was not annotated for them."""
    from ruletag.model import LABELS

    for label in LABELS:
        line = record["measures"]["strict"][label]
        if line["predicted"] and not line["support"]:
            number = line["predicted"]
            note(f"note: {gold} has no {label}; spans predicted as such are wrong: {number}")


def _judge(record: dict[str, Any], thresholds: Sequence[Threshold], baseline: Baseline | None) -> int:
    """1 where a threshold is missed or a figure fell, with a message for each."""
    from ruletag.evaluation.gate import below, compare

    missed = [*below(record, thresholds), *(compare(record, baseline) if baseline else ())]
    for each in missed:
        note(str(each))
    return FOUND if missed else GOOD


def _compare(
    wanted: Sequence[Document],
    given: Sequence[Sequence[Document]],
    taggers: Mapping[str, Tagger],
    options: Mapping[str, Any],
    run: Run,
) -> int:
    """Print two systems side by side, and write the reports that are asked for."""
    from ruletag.evaluation.agreement import side_by_side
    from ruletag.evaluation.borders import Borders
    from ruletag.evaluation.score import score
    from ruletag.evaluation.uncertainty import difference, f1_intervals
    from ruletag.report import comparison as pages

    used = list(dict.fromkeys(taggers.values()))
    borders = Borders(used[0].hits)
    first, second = (score(zip(wanted, each, strict=True), borders) for each in given)
    seed = options["seed"]
    compared = pages.Compared(
        (run.predicted[0], run.predicted[1]),
        ", ".join(sorted(tagger.guideline.name for tagger in used)),
        (first, second),
        (f1_intervals(first, seed=seed), f1_intervals(second, seed=seed)),
        difference(first, second, seed=seed),
        side_by_side(zip(wanted, *given, strict=True)),
    )
    formats = {
        ".html": pages.comparison_html,
        ".htm": pages.comparison_html,
        ".md": pages.comparison_markdown,
        ".json": pages.comparison_json,
    }
    write_reports({name: formats[Path(name).suffix](compared, run).rstrip("\n") + "\n" for name in options["reports"]})
    put(pages.comparison_json(compared, run) if options["as_json"] else pages.format_comparison(compared))
    return GOOD


def _agree(first: Sequence[Document], second: Sequence[Document], names: Sequence[str], as_json: bool) -> int:
    """Print how far two annotators agree."""
    from ruletag.evaluation.agreement import agreement
    from ruletag.report.comparison import agreement_json, format_agreement

    found = agreement(zip(first, second, strict=True))
    both = (names[0], names[1])
    put(agreement_json(found, both) if as_json else format_agreement(found, both))
    return GOOD


def _check_gold(documents: Sequence[Document], as_json: bool) -> int:
    """Print what the gold does two ways; 1 where there is anything."""
    from ruletag.evaluation.goldcheck import gold_check
    from ruletag.report.goldcheck import format_gold_findings, gold_findings_json

    findings = gold_check(documents)
    if findings or as_json:
        put(gold_findings_json(findings) if as_json else format_gold_findings(findings))
    note(f"{len(findings)} finding{'' if len(findings) == 1 else 's'}")
    return FOUND if findings else GOOD
