"""`ruletag import`: corrected pre-annotations as gold, with what annotators did to each span."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli.console import GOOD, note, put, standard_output
from ruletag.cli.gold import units_of
from ruletag.cli.notes import Notes
from ruletag.cli.options import (
    Command,
    common_options,
    configuration,
    encoding_of,
    encoding_option,
    format_options,
    from_option,
    options_of,
)
from ruletag.errors import Attempts, Fault, RuletagError

if TYPE_CHECKING:
    from ruletag.batch import Target
    from ruletag.config import Config
    from ruletag.evaluation.annotators import Copy
    from ruletag.evaluation.returned import Review
    from ruletag.files import Input
    from ruletag.formats import Format
    from ruletag.model import Document


@click.command(
    cls=Command, name="import", epilog="Example: ruletag import export.json --into gold/ --seed sent.jsonl --json"
)
@click.argument("exports", nargs=-1, required=True, metavar="EXPORT...")
@click.option("--into", "folder", required=True, metavar="DIR", help="Write the gold below this folder.")
@click.option("--seed", metavar="SENT", help="The documents that were sent, to report what became of each span.")
@click.option("--seed-from", metavar="FORMAT", help="Format of SENT (default: by suffix).")
@from_option
@click.option(
    "-t", "--to", "to_format", metavar="FORMAT", help="Format of the gold (default: that of DIR, else jsonl)."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--ledger", metavar="FILE", help="Write what became of the spans of each rule and entry, as a .tsv.")
@click.option(
    "--force",
    is_flag=True,
    help="Replace gold that exists, with any corrections in it. EXPORT and SENT are never changed.",
)
@format_options
@encoding_option
@common_options
def import_gold(exports: tuple[str, ...], folder: str, seed: str | None, as_json: bool, **options: Any) -> int:
    """Turn an annotation tool's export into gold.

    Reports what became of each span that was sent. EXPORT is a file or folder as a tool exports it. Several annotators
    become several folders of gold, with their agreement. Spans are accepted, re-bound, relabelled, deleted or added: as
    the tool says, else by comparison with SENT.
    """
    from ruletag.evaluation.annotators import by_annotator, pairs_of

    config = configuration()
    encoding = encoding_of(config, options)
    copies, inputs = _read_copies(config, exports, encoding, options)
    sent, sent_paths = _read_sent(config, seed, encoding, options)
    copies_by_annotator = by_annotator(_annotated(copies))
    if not copies_by_annotator:
        raise RuletagError(Fault(exports[0], "RT103", "contains no annotated documents", help="export annotations"))
    reviews = _reviews(copies_by_annotator, sent, seed or "")
    to = _target(config, options, Path(folder), [source.format for source in inputs])
    files = list(_gold_files(copies_by_annotator, to, Path(folder)))
    _prepare(to, files, options, [*_input_paths(config, inputs), *sent_paths])
    for path, documents in files:
        _write(to, path, documents)
    _say_guideline(config, copies_by_annotator, inputs, to)
    agreements = _agreements(pairs_of(copies_by_annotator))
    _put_report(reviews, agreements, options["ledger"], as_json)
    return GOOD


def _read_copies(
    config: Config, exports: Sequence[str], encoding: str, options: Mapping[str, Any]
) -> tuple[list[Copy], list[Input]]:
    """All documents of the exports, each with its origin, and the inputs they were read from."""
    from ruletag.evaluation.annotated import refuse_unread
    from ruletag.evaluation.annotators import Copy
    from ruletag.evaluation.drift import refuse_drift
    from ruletag.files import find_inputs, read_all

    reading_options = options_of(config, options)._replace(every=True)
    inputs: list[tuple[str, Input]] = []
    for argument in exports:
        inputs += [
            (argument, source) for source in find_inputs([argument], options["from_format"], note, reading_options)
        ]
    options_of(config, options, [source.format for _, source in inputs])
    copies: list[Copy] = []
    attempts = Attempts("nothing was written")
    for argument, source in inputs:
        with attempts.each():
            documents = read_all([source], encoding)
            refuse_unread(documents)
            refuse_drift(documents, units_of([source]))
            copies += [
                Copy(document, Path(argument).stem or argument, Path(source.relative).stem) for document in documents
            ]
    attempts.close()
    return copies, [source for _, source in inputs]


def _read_sent(
    config: Config, seed: str | None, encoding: str, options: Mapping[str, Any]
) -> tuple[list[Document], list[Path]]:
    """The documents that were sent, and the files that contain them."""
    from ruletag.evaluation.annotated import refuse_unread
    from ruletag.files import all_paths, find_inputs, read_all

    if seed is None:
        if options["seed_from"]:
            raise RuletagError(Fault("--seed-from", "RT110", "is the format of SENT", help="use --seed SENT too"))
        return [], []
    inputs = find_inputs([seed], options["seed_from"], note, options_of(config, options))
    documents = read_all(inputs, encoding)
    refuse_unread(documents)
    return documents, [path for source in inputs for path in all_paths(source)]


def _annotated(copies: Iterable[Copy]) -> Iterator[Copy]:
    """Yield the annotated copies; report how many others are left out."""
    from ruletag.batch import notes_of
    from ruletag.evaluation.annotated import notes_on_answers
    from ruletag.formats.answers import is_set_aside

    notes = Notes(note)
    copies = list(copies)
    for message in notes_on_answers(copy.document for copy in copies):
        note(message)
    bare: Counter[str] = Counter()
    for copy in copies:
        document = copy.document
        notes.add(notes_of(document, document.notes))
        if document.annotated:
            yield copy
        elif not is_set_aside(document.meta):
            bare[document.path] += 1
    notes.close()
    for path, number in sorted(bare.items()):
        documents_are = "document has no annotation and is" if number == 1 else "documents have no annotation and are"
        note(f"{path}: note: {number} {documents_are} left out")


def _reviews(
    copies_by_annotator: Mapping[str, Sequence[Copy]], sent: Sequence[Document], seed: str
) -> dict[str, Review]:
    """The review of each annotator. Reports documents that did not come back, or whose sent spans are unknown."""
    from ruletag.evaluation.annotators import missing, sent_for
    from ruletag.evaluation.returned import review
    from ruletag.report.figures import counted

    reviews = {}
    for annotator, copies in copies_by_annotator.items():
        documents = [copy.document for copy in copies]
        sent_documents = sent_for(documents, sent, seed) if sent else [None] * len(documents)
        reviews[annotator] = review(zip(documents, sent_documents, strict=True))
    if sent and (absent := missing(copies_by_annotator, sent)):
        first = absent[0].id or absent[0].path
        note(f"{seed}: note: {len(absent)} of {len(sent)} documents did not come back, first {first}")
    if unknown := sum(outcome.unknown for outcome in reviews.values()):
        documents_text = counted(unknown, "document")
        note(f"note: it is not known which spans were sent with {documents_text}; name the file with --seed SENT")
    return reviews


def _target(config: Config, options: Mapping[str, Any], folder: Path, formats: Iterable[Format]) -> Target:
    """The format of the gold and its options."""
    from ruletag.batch import Target
    from ruletag.files import find_inputs
    from ruletag.formats import by_name

    if options["to_format"]:
        format = by_name(options["to_format"])
    else:
        try:
            format_names = {source.format.name for source in find_inputs([str(folder)])} if folder.is_dir() else set()
        except RuletagError:  # there is no document
            format_names = set()
        format = by_name(format_names.pop() if len(format_names) == 1 else "jsonl")
    return Target(format, options_of(config, options, [format, *formats]))


def _gold_files(
    copies_by_annotator: Mapping[str, Sequence[Copy]], to: Target, folder: Path
) -> Iterator[tuple[Path, Sequence[Document]]]:
    """Yield the gold files: one per export, or one per document; several annotators get a folder each."""
    from ruletag.conversion import distinct_names, file_names, safe_name
    from ruletag.evaluation.returned import as_gold

    suffix = to.format.suffixes[0] if to.format.suffixes else ".txt"
    folder_names = [safe_name(name) or f"annotator-{number}" for number, name in enumerate(copies_by_annotator, 1)]
    for name, copies in zip(distinct_names(folder_names, "annotator"), copies_by_annotator.values(), strict=True):
        subfolder = folder / name if len(copies_by_annotator) > 1 else folder
        exports: dict[str, list[Document]] = {}
        for copy in copies:
            exports.setdefault(copy.argument, []).append(as_gold(copy.document))
        for export, documents in exports.items():
            stem = safe_name(export) or "gold"
            if to.format.many:
                yield subfolder / (stem + suffix), documents
            else:
                names = file_names([document.id for document in documents], to.format, stem)
                yield from ((subfolder / path, [document]) for path, document in zip(names, documents, strict=True))


def _prepare(
    to: Target, files: Sequence[tuple[Path, Sequence[Document]]], options: Mapping[str, Any], inputs: Iterable[Path]
) -> None:
    """Check all outputs before writing any. Raises RuletagError if one cannot be written."""
    from ruletag.batch import losses_of, write_alone
    from ruletag.conversion import Losses
    from ruletag.output_checks import prepare_outputs
    from ruletag.outputs import paths_of

    faults: list[Fault] = []
    notes = Notes(note)
    losses = Losses(to.format)
    for document in losses.watch(document for _, documents in files for document in documents):
        try:
            write_alone(to, document)
        except RuletagError as error:
            faults += error.faults
        notes.add(losses_of(document, to))
    if faults:
        raise RuletagError(faults)
    notes.close()
    for loss_note in losses.notes():
        note(loss_note)
    ledger_paths = [Path(options["ledger"])] if options["ledger"] else []
    prepare_outputs([*paths_of(to.format, [path for path, _ in files]), *ledger_paths], inputs, force=options["force"])


def _input_paths(config: Config, inputs: Iterable[Input]) -> list[Path]:
    from ruletag.files import all_paths

    return [path for source in inputs for path in all_paths(source)] + ([config.path] if config.path else [])


def _write(to: Target, path: Path, documents: Sequence[Document]) -> None:
    from ruletag.conversion import write_documents
    from ruletag.report.figures import counted

    write_documents(to, documents, path, standard_output(to.format))
    number = sum(len(document.entities) for document in documents)
    note(f"{path}: {counted(len(documents), 'document')}, {counted(number, 'span')}")


def _say_guideline(
    config: Config, copies_by_annotator: Mapping[str, Sequence[Copy]], inputs: Iterable[Input], to: Target
) -> None:
    """Report if the gold will be scored under a guideline other than that of the exports."""
    from ruletag.conversion import guideline_note

    paths = {copy.document.path for copies in copies_by_annotator.values() for copy in copies}
    formats = [source.format for source in inputs if source.shown in paths]
    if not config.get("guideline") and (message := guideline_note(formats, to.format)):
        note(message)


def _agreements(pairs: Iterable[tuple[str, str, list[tuple[Document, Document]]]]) -> list[Any]:
    from ruletag.evaluation.agreement import agreement
    from ruletag.report.returned import Agreed

    return [Agreed(first, second, agreement(both)) for first, second, both in pairs]


def _put_report(reviews: Mapping[str, Review], agreements: Sequence[Any], ledger: str | None, as_json: bool) -> None:
    """Print what became of the spans; the ledger covers all annotators."""
    from ruletag.evaluation.ledger import open_ledger
    from ruletag.outputs import encode, write_whole
    from ruletag.report.ledger import ledger_tsv
    from ruletag.report.returned import format_returned, returned_json

    if ledger:
        judged = [reviewed.judged for review in reviews.values() for reviewed in review.reviewed]
        write_whole(Path(ledger), encode(ledger_tsv(open_ledger(judged)), ledger))
    text = returned_json(reviews, agreements) if as_json else format_returned(reviews, agreements)
    if text:
        put(text)
