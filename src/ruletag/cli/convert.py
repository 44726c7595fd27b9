"""`ruletag convert`: documents from one format to another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli.console import GOOD, note, standard_output
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
    from ruletag.files import Input
    from ruletag.formats import Format
    from ruletag.model import Document


@click.command(cls=Command, epilog="Example: ruletag convert export.json gold.jsonl --map PERSON=PER")
@click.argument("source", metavar="IN")
@click.argument("output", metavar="OUT")
@from_option
@click.option("-t", "--to", "to_format", metavar="FORMAT", help="Format of OUT (default: by suffix).")
@click.option(
    "--force", is_flag=True, help="Replace outputs that exist, with any corrections in them. An input is never changed."
)
@format_options
@encoding_option
@common_options
def convert(
    source: str, output: str, from_format: str | None, to_format: str | None, force: bool, **options: Any
) -> int:
    """Convert annotated documents from one format to another.

    Texts are never changed. IN is a file, a folder or -, OUT a file, a folder or -. Data that the format of OUT has no
    place for is counted on standard error. If it holds one document per file and IN has several, OUT is a folder.
    """
    from ruletag.batch import Target
    from ruletag.files import STDIN, find_inputs
    from ruletag.outputs import names_folder

    config = configuration()
    inputs = find_inputs([source], from_format, note, options_of(config, options))
    destination = None if output == STDIN else Path(output)
    output_format = format_of(to_format, destination)
    to = Target(output_format, options_of(config, options, [output_format, *(source.format for source in inputs)]))
    conversion = Conversion(inputs, encoding_of(config, options), to)
    folder = Path(source).is_dir() or names_folder(output)
    if output_format.many and names_folder(output):
        message = f"is named as a folder, but all documents go to one file in the format {output_format.name}"
        raise RuletagError(Fault(output, "RT106", message, help="name the file"))
    return conversion.write(destination, config, folder=folder, force=force)


def format_of(name: str | None, output: Path | None) -> Format:
    """The named format, else that of the suffix of the output. Raises RuletagError if neither says it."""
    from ruletag.formats import by_name
    from ruletag.outputs import format_of_output

    if name:
        return by_name(name)
    output_format = format_of_output(output) if output and not output.is_dir() else None
    if output_format is None:
        message = "has no suffix that says its format"
        raise RuletagError(Fault(str(output or "-"), "RT110", message, help="use --to; see `ruletag formats`"))
    return output_format


class Conversion:
    """The conversion of those documents of some inputs that `keep` accepts, with all reports about them."""

    def __init__(
        self, inputs: Sequence[Input], encoding: str, to: Target, keep: Callable[[Document], bool] = lambda _: True
    ) -> None:
        from ruletag.conversion import Losses

        self._inputs, self._encoding, self._to, self._keep = inputs, encoding, to, keep
        self._losses = Losses(to.format)
        self._notes = Notes(note)
        self.number = 0
        self._annotated: dict[str, Format] = {}

    def write(self, destination: Path | None, config: Config, *, folder: bool, force: bool) -> int:
        """Write to a file, a folder or standard output (None), report losses, and return the exit code.

        With `folder`, the inputs are the files of a folder.
        """
        from ruletag.batch import for_each
        from ruletag.conversion import Spool
        from ruletag.files import all_paths
        from ruletag.output_checks import prepare_outputs
        from ruletag.outputs import paths_of

        format = self._to.format
        input_paths = [path for source in self._inputs for path in all_paths(source)] + (
            [config.path] if config.path else []
        )
        if format.many or destination is None:
            prepare_outputs(paths_of(format, [destination]), input_paths, force=force)
            self._write_one(destination)
        else:
            with Spool(self._to) as spool:
                for_each(self._losses.watch(self._documents("nothing was written")), spool.add)
                paths = self._paths(destination, spool.ids, folder=folder)
                prepare_outputs(paths_of(format, paths), input_paths, force=force)
                spool.write(paths)
        return self._say_all(config)

    def _documents(self, consequence: str) -> Iterator[Document]:
        """Yield the documents as they are read; in folders, those without an id are named by their file.

        Raises RuletagError at the end, with every fault; `consequence` says what this means for the output.
        """
        from ruletag.batch import losses_of, notes_of, with_id
        from ruletag.evaluation.annotated import refuse_elsewhere
        from ruletag.files import iter_documents
        from ruletag.formats.answers import is_set_aside

        attempts = Attempts(consequence)
        for source in self._inputs:
            with attempts.each():
                for document in iter_documents(source, self._encoding):
                    if attempts.faults or not self._keep(document):
                        continue
                    refuse_elsewhere(document)
                    document = with_id(document, source)
                    self.number += 1
                    if document.annotated:
                        self._annotated[source.format.name] = source.format
                    self._notes.add(notes_of(document, document.notes))
                    if is_set_aside(document.meta):
                        self._notes.add(notes_of(document, ["the spans of a document that was set aside are not read"]))
                    self._notes.add(losses_of(document, self._to))
                    yield document
        attempts.close()

    def _write_one(self, destination: Path | None) -> None:
        """Write all documents to one file, or to standard output."""
        from ruletag.conversion import write_documents

        consequence = "nothing was written" if destination else "the output ends at the first fault"
        documents = self._losses.watch(self._documents(consequence))
        write_documents(self._to, documents, destination, standard_output(self._to.format))

    def _paths(self, destination: Path, ids: Sequence[str | None], *, folder: bool) -> list[Path]:
        """The file of each document, for formats with one document per file."""
        from ruletag.conversion import file_names
        from ruletag.outputs import output_path

        format = self._to.format
        if len(self._inputs) == len(ids) and (folder or len(ids) > 1):
            return [output_path(source, destination, format, several=True) for source in self._inputs]
        if len(ids) == 1:
            return [output_path(self._inputs[0], destination, format, several=False)]
        return [destination / name for name in file_names(ids, format, Path(self._inputs[0].relative).stem)]

    def _say_all(self, config: Config) -> int:
        """Report what was lost or changed, and return the exit code."""
        from ruletag.conversion import guideline_note

        self._notes.close()
        for loss_note in self._losses.notes():
            note(loss_note)
        if not config.get("guideline") and (message := guideline_note(self._annotated.values(), self._to.format)):
            note(message)
        if not self.number:
            note(f"{self._inputs[0].shown}: note: contains no document")
        return GOOD
