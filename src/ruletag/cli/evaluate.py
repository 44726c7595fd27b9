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
    from ruletag.files import Input
    from ruletag.model import Document
    from ruletag.tagger import Tagger


@click.command(name="eval", epilog="Example: ruletag eval seeds/ --errors --fail-under 0.9 --report report.html")
@click.argument("gold")
@click.argument("predicted", nargs=-1, metavar="[PREDICTED]...")
@click.option("-f", "--from", "from_format", metavar="FORMAT", help="Format of the documents (default: by suffix).")
@click.option("--errors", is_flag=True, help="List every error by its cause, with the rule or entry responsible.")
@click.option("--full", is_flag=True, help="Print every measure for each label, and each document.")
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
@click.option(
    "--fail-under", type=click.FloatRange(0, 1), metavar="F1", help="Exit with 1 where strict micro-F1 is lower."
)
@encoding_option
@tagger_options
def evaluate(gold: str, predicted: tuple[str, ...], from_format: str | None, **options: Any) -> int:
    """Score against gold: figures with intervals, causes of errors, what each rule costs, what a review would take.

    GOLD is a file or folder of annotated documents. They are tagged now, or compared to PREDICTED where it is given.
    Each is tagged under the guideline that its format stands for. Documents without gold are named and not scored.
    """
    from ruletag.files import find_inputs, read_all

    config = configuration()
    encoding = encoding_of(config, options)
    sources = find_inputs([gold], from_format)
    targets = _targets(options, sources)
    costs = _costs(options["costs"])
    wanted = read_all(sources, encoding)
    if not any(document.annotated for document in wanted):
        raise RuletagError(Fault(gold, "RT103", "holds no gold annotations", help="name a document with gold"))
    if options["gold_check"]:
        return _check_gold(wanted, predicted, options["as_json"])
    taggers = _taggers(config, options, sources)
    if predicted:
        (path,) = predicted
        given = _aligned(wanted, read_all(find_inputs([path], from_format), encoding), gold, path)
    else:
        given = [taggers[document.path].tag(document.text) for document in wanted]
    found = _assess(wanted, given, taggers, costs, options["seed"], tagged=not predicted)
    _put_reports(found, targets, options)
    return _judge(found, options, config)


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


def _put_reports(found: Assessment, targets: Mapping[Path, str], options: Mapping[str, Any]) -> None:
    from ruletag.files import encode, write_whole
    from ruletag.report.record import make_record, record_json
    from ruletag.report.scores import format_scores

    record = make_record(found)
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


def _judge(found: Assessment, options: Mapping[str, Any], config: Config) -> int:
    """1 where a threshold is missed, with a message for each."""
    given = options["fail_under"]
    threshold = given if given is not None else config.get("fail-under")
    reached = found.score.micro().f1
    if threshold is not None and reached < threshold:
        click.echo(f"strict micro-F1 {reached:.4f} is under {threshold}", err=True)
        return FOUND
    return GOOD


def _check_gold(documents: Sequence[Document], predicted: Sequence[str], as_json: bool) -> int:
    """Print what the gold does two ways; 1 where there is anything. RuletagError where predictions are named."""
    from ruletag.evaluation.goldcheck import gold_check
    from ruletag.report.goldcheck import format_gold_findings, gold_findings_json

    if predicted:
        raise RuletagError(Fault("--gold-check", "RT110", "looks at gold alone", help="leave PREDICTED out"))
    findings = gold_check(documents)
    if findings or as_json:
        put(gold_findings_json(findings) if as_json else format_gold_findings(findings))
    click.echo(f"{len(findings)} finding{'' if len(findings) == 1 else 's'}", err=True)
    return FOUND if findings else GOOD


def _aligned(gold: Sequence[Document], given: Sequence[Document], gold_path: str, path: str) -> Sequence[Document]:
    """The predictions in the order of the gold: by id where every document has one of its own, else as they stand.

    RuletagError where a document is missing, or where a text is another.
    """
    wanted, found = ([document.id for document in documents] for documents in (gold, given))
    if all(wanted) and all(found) and len(set(wanted)) == len(wanted) and len(set(found)) == len(found):
        missing = [str(name) for name in wanted if name not in set(found)]
        if missing:
            names = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
            message = f"lacks {len(missing)} document{'' if len(missing) == 1 else 's'} of {gold_path}: {names}"
            raise RuletagError(Fault(path, "RT108", message, help="give predictions for every document of the gold"))
        by_id = {document.id: document for document in given}
        given = [by_id[document.id] for document in gold]
    elif len(gold) != len(given):
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
    return given
