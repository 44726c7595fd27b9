"""`ruletag eval`: documents against gold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli.console import FOUND, GOOD, put
from ruletag.cli.options import configuration, encoding_of, encoding_option, settings_of, tagger_options
from ruletag.errors import Fault, RuletagError

if TYPE_CHECKING:
    from ruletag.config import Config
    from ruletag.evaluation.assess import Assessment
    from ruletag.evaluation.effort import Costs
    from ruletag.evaluation.gate import Baseline, Threshold
    from ruletag.files import Input
    from ruletag.model import Document
    from ruletag.tagger import Tagger


@click.command(name="eval", epilog="Example: ruletag eval seeds/ --errors --fail-under 0.9 --report report.html")
@click.argument("gold")
@click.argument("predicted", nargs=-1, metavar="[PREDICTED]...")
@click.option("-f", "--from", "from_format", metavar="FORMAT", help="Format of the documents (default: by suffix).")
@click.option("--errors", is_flag=True, help="List every error by its cause, with the rule or entry responsible.")
@click.option("--full", is_flag=True, help="Print every measure, document, confusion, and the ledger's head too.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
@click.option(
    "--report", "reports", multiple=True, metavar="FILE", help="Write a report: FILE ends in .html, .md or .json."
)
@click.option("--ledger", metavar="FILE", help="Write what each rule and entry earned and cost, as a .tsv.")
@click.option("--force", is_flag=True, help="Replace reports that exist. Gold and predictions are never changed.")
@click.option("--gold-check", is_flag=True, help="Score nothing: look for mistakes in the gold itself.")
@click.option(
    "--cost", "costs", multiple=True, metavar="ACTION=S", help="Seconds of accept, rebound, relabel, add or delete."
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, metavar="N", help="Seed of the bootstrap behind the intervals."
)
@click.option("--agreement", is_flag=True, help="Score nothing: how far GOLD and PREDICTED agree, as two annotators.")
@click.option(
    "--fail-under",
    multiple=True,
    metavar="[LABEL=]F1",
    help="Exit with 1 where the strict F1 (of LABEL) is lower.",
)
@click.option("--baseline", metavar="FILE", help="Exit with 1 where a strict F1 is lower than in this JSON report.")
@encoding_option
@tagger_options
def evaluate(gold: str, predicted: tuple[str, ...], from_format: str | None, **options: Any) -> int:
    """Score against gold: figures with intervals, causes of errors, what each rule costs, what a review would take.

    GOLD is a file or folder of annotated documents. They are tagged now, or compared to PREDICTED where it is given;
    two PREDICTED are put side by side. Each is tagged under the guideline that its format stands for. Documents without
    gold are named and not scored.
    """
    from ruletag.evaluation.align import align
    from ruletag.evaluation.gate import parse_thresholds, read_baseline
    from ruletag.files import find_inputs, read_all
    from ruletag.report.record import make_record

    config = configuration()
    encoding = encoding_of(config, options)
    _refuse_together(predicted, options)
    sources = find_inputs([gold], from_format)
    targets = _targets(options, sources)
    costs = _costs(options["costs"])
    thresholds = parse_thresholds(options["fail_under"] or map(str, filter(None, [config.get("fail-under")])))
    baseline = read_baseline(options["baseline"]) if options["baseline"] else None
    wanted = read_all(sources, encoding)
    if not any(document.annotated for document in wanted):
        raise RuletagError(Fault(gold, "RT103", "holds no gold annotations", help="name a document with gold"))
    if options["gold_check"]:
        return _check_gold(wanted, options["as_json"])
    read = [align(wanted, read_all(find_inputs([path], from_format), encoding), gold, path) for path in predicted]
    if options["agreement"]:
        return _agree(wanted, read[0], (gold, *predicted), options["as_json"])
    taggers = _taggers(config, options, sources)
    if len(read) == 2:
        return _compare(wanted, read, predicted, taggers, options)
    given = read[0] if read else [taggers[document.path].tag(document.text) for document in wanted]
    found = _assess(wanted, given, taggers, costs, options["seed"], tagged=not read)
    record = make_record(found)
    if read:
        _note_strange_labels(record, gold)
    _put_reports(found, record, targets, options)
    return _judge(record, thresholds, baseline)


def _refuse_together(predicted: Sequence[str], options: Mapping[str, Any]) -> None:
    """RuletagError for options that say nothing about what else was given."""
    whole = ("reports", "ledger", "fail_under", "baseline")  # options that belong to one evaluation
    alone = ["--" + name.rstrip("s").replace("_", "-") for name in whole if options[name]]
    if len(predicted) > 2:
        raise click.UsageError(f"at most two PREDICTED can be compared, not {len(predicted)}")
    if options["gold_check"] and predicted:
        raise RuletagError(Fault("--gold-check", "RT110", "looks at gold alone", help="leave PREDICTED out"))
    if options["agreement"] and len(predicted) != 1:
        message = "is that of two annotators: of GOLD and one PREDICTED"
        raise RuletagError(Fault("--agreement", "RT110", message, help="ruletag eval GOLD PREDICTED --agreement"))
    if alone and (options["gold_check"] or options["agreement"] or len(predicted) == 2):
        message = "belongs to the evaluation of one system"
        raise RuletagError([Fault(name, "RT110", message, help="evaluate one system at a time") for name in alone])


def _targets(options: Mapping[str, Any], sources: Sequence[Input]) -> dict[Path, str]:
    """The files to write, each with what it is; RuletagError where one cannot be."""
    from ruletag.files import refuse_output

    suffixes = {".html": "html", ".htm": "html", ".md": "markdown", ".json": "json"}
    targets: dict[Path, str] = {}
    for name in options["reports"]:
        path = Path(name)
        if path.suffix not in suffixes:
            message = "is no kind of report"
            raise RuletagError(Fault(name, "RT106", message, help=f"let it end in {', '.join(suffixes)}"))
        targets[path] = suffixes[path.suffix]
    if options["ledger"]:
        targets[Path(options["ledger"])] = "ledger"
    for path in targets:
        refuse_output(path, sources, force=options["force"])
    return targets


def _costs(given: Sequence[str]) -> Costs:
    """The seconds of each action of a reviewer; RuletagError where one is not ACTION=SECONDS."""
    from ruletag.evaluation.effort import ACTIONS, Costs

    seconds: dict[str, float] = {}
    for each in given:
        action, _, number = each.partition("=")
        try:
            seconds[action] = float(number)
            if action not in ACTIONS or not 0 <= seconds[action] < float("inf"):
                raise ValueError(each)
        except ValueError:
            message = f"{each!r} is not ACTION=SECONDS"
            help_text = f"for example add=5; actions are {', '.join(ACTIONS)}"
            raise RuletagError(Fault("--cost", "RT110", message, help=help_text)) from None
    return Costs(**seconds)


def _taggers(config: Config, options: dict[str, Any], sources: Sequence[Input]) -> dict[str, Tagger]:
    """For the path of each document the tagger of its guideline; each is loaded once."""
    kept = {source.shown: settings_of(config, options, source.format.guideline) for source in sources}
    loaded = {settings: settings.load() for settings in dict.fromkeys(kept.values())}
    return {path: loaded[settings] for path, settings in kept.items()}


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
    return assess(pairs, Borders(used[0].lexicon), names, used if tagged else (), costs=costs, seed=seed)


def _note_strange_labels(record: dict[str, Any], gold: str) -> None:
    """Say which labels of the predictions the gold does not have: perhaps it was not annotated for them."""
    from ruletag.model import LABELS

    for label in LABELS:
        line = record["measures"]["strict"][label]
        if line["predicted"] and not line["support"]:
            number = line["predicted"]
            click.echo(f"note: {gold} has no {label}; what is predicted so counts as wrong: {number}", err=True)


def _put_reports(
    found: Assessment, record: dict[str, Any], targets: Mapping[Path, str], options: Mapping[str, Any]
) -> None:
    from ruletag.files import encode, write_whole
    from ruletag.report.record import record_json
    from ruletag.report.scores import format_scores

    for path, kind in targets.items():
        write_whole(path, encode(_WRITERS[kind](found, record), str(path)))
    if options["as_json"]:
        put(record_json(record))
    else:
        put(format_scores(record, errors=options["errors"], full=options["full"]))


def _html(found: Assessment, record: dict[str, Any]) -> str:
    from ruletag.report.html import format_html
    from ruletag.report.record import make_texts

    return format_html(record, make_texts(found))


def _markdown(found: Assessment, record: dict[str, Any]) -> str:
    from ruletag.report.markdown import format_markdown

    return format_markdown(record)


def _json(found: Assessment, record: dict[str, Any]) -> str:
    from ruletag.report.record import record_json

    return record_json(record) + "\n"


def _ledger(found: Assessment, record: dict[str, Any]) -> str:
    from ruletag.report.ledger import ledger_tsv

    if found.ledger is None:
        message = "is asked for predictions from a file, which do not say who made them"
        raise RuletagError(Fault("--ledger", "RT110", message, help="leave PREDICTED out: the gold is tagged now"))
    return ledger_tsv(found.ledger)


_WRITERS: dict[str, Callable[[Assessment, dict[str, Any]], str]] = {
    "html": _html,
    "markdown": _markdown,
    "json": _json,
    "ledger": _ledger,
}


def _judge(record: dict[str, Any], thresholds: Sequence[Threshold], baseline: Baseline | None) -> int:
    """1 where a threshold is missed or a figure fell, with a message for each."""
    from ruletag.evaluation.gate import below, compare

    missed = [*below(record, thresholds), *(compare(record, baseline) if baseline else ())]
    for each in missed:
        click.echo(str(each), err=True)
    return FOUND if missed else GOOD


def _compare(
    wanted: Sequence[Document],
    given: Sequence[Sequence[Document]],
    names: Sequence[str],
    taggers: Mapping[str, Tagger],
    options: Mapping[str, Any],
) -> int:
    """Print two systems side by side."""
    from ruletag.evaluation.agreement import side_by_side
    from ruletag.evaluation.borders import Borders
    from ruletag.evaluation.score import score
    from ruletag.evaluation.uncertainty import difference, f1_intervals
    from ruletag.report.comparison import Compared, comparison_json, format_comparison

    used = list(dict.fromkeys(taggers.values()))
    borders = Borders(used[0].lexicon)
    first, second = (score(zip(wanted, each, strict=True), borders) for each in given)
    seed = options["seed"]
    compared = Compared(
        (names[0], names[1]),
        ", ".join(sorted(tagger.guideline.name for tagger in used)),
        (first, second),
        (f1_intervals(first, seed=seed), f1_intervals(second, seed=seed)),
        difference(first, second, seed=seed),
        side_by_side(zip(wanted, *given, strict=True)),
    )
    put(comparison_json(compared) if options["as_json"] else format_comparison(compared))
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
    click.echo(f"{len(findings)} finding{'' if len(findings) == 1 else 's'}", err=True)
    return FOUND if findings else GOOD
