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
    place = None if output == STDIN else Path(output)
    format = format_of(to_format, place)
    to = Target(format, options_of(config, options, [format, *(each.format for each in inputs)]))
    conversion = Conversion(inputs, encoding_of(config, options), to)
    folder = Path(source).is_dir() or names_folder(output)
    if format.many and names_folder(output):
        message = f"is named as a folder, but all documents go to one file in the format {format.name}"
        raise RuletagError(Fault(output, "RT106", message, help="name the file"))
    return conversion.write(place, config, folder=folder, force=force)


def format_of(name: str | None, output: Path | None) -> Format:
    """The named format, else that of the suffix of an output. Raises RuletagError if neither is given."""
    from ruletag.formats import by_name
    from ruletag.outputs import format_of_output

    if name:
        return by_name(name)
    found = format_of_output(output) if output and not output.is_dir() else None
    if found is None:
        message = "has no suffix that says its format"
        raise RuletagError(Fault(str(output or "-"), "RT110", message, help="use --to; see `ruletag formats`"))
    return found


class Conversion:
    """All documents of some inputs that are kept, with everything to report about them."""

    def __init__(
        self, inputs: Sequence[Input], encoding: str, to: Target, keep: Callable[[Document], bool] = lambda _: True
    ) -> None:
        from ruletag.conversion import Losses

        self._inputs, self._encoding, self._to, self._keep = inputs, encoding, to, keep
        self._losses = Losses(to.format)
        self._notes = Notes(note)
        self.number = 0
        self._annotated: dict[str, Format] = {}

    def write(self, place: Path | None, config: Config, *, folder: bool, force: bool) -> int:
        """Write them to a file, a folder or standard output, report what was lost, and return the exit code.

        `folder`: the inputs are the files of a folder.
        """
        from ruletag.batch import for_each
        from ruletag.conversion import Spool
        from ruletag.files import all_paths
        from ruletag.output_checks import prepare_outputs
        from ruletag.outputs import paths_of

        format = self._to.format
        read = [path for each in self._inputs for path in all_paths(each)] + ([config.path] if config.path else [])
        if format.many or place is None:
            prepare_outputs(paths_of(format, [place]), read, force=force)
            self._write_one(place)
        else:
            with Spool(self._to) as spool:
                for_each(self._losses.watch(self._documents("nothing was written")), spool.add)
                paths = self._paths(place, spool.ids, folder=folder)
                prepare_outputs(paths_of(format, paths), read, force=force)
                spool.write(paths)
        return self._say_all(config)

    def _documents(self, otherwise: str) -> Iterator[Document]:
        """The documents as they are read; in folders, those without an id are named by their file.

        Raises RuletagError at the end, with every fault, and with what it means for the output: `otherwise`.
        """
        from ruletag.batch import losses_of, notes_of, with_id
        from ruletag.evaluation.annotated import refuse_elsewhere
        from ruletag.files import iter_documents
        from ruletag.formats.answers import is_set_aside

        attempts = Attempts(otherwise)
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

    def _write_one(self, place: Path | None) -> None:
        """All documents to one file, or to standard output."""
        from ruletag.conversion import write_documents

        otherwise = "nothing was written" if place else "the output ends at the first fault"
        documents = self._losses.watch(self._documents(otherwise))
        write_documents(self._to, documents, place, standard_output(self._to.format))

    def _paths(self, place: Path, ids: Sequence[str | None], *, folder: bool) -> list[Path]:
        """The file of each document, for formats with one per file."""
        from ruletag.conversion import file_names
        from ruletag.outputs import output_path

        format = self._to.format
        if len(self._inputs) == len(ids) and (folder or len(ids) > 1):
            return [output_path(each, place, format, several=True) for each in self._inputs]
        if len(ids) == 1:
            return [output_path(self._inputs[0], place, format, several=False)]
        return [place / name for name in file_names(ids, format, Path(self._inputs[0].relative).stem)]

    def _say_all(self, config: Config) -> int:
        """Report what was lost or changed; returns the exit code."""
        from ruletag.conversion import guideline_note

        self._notes.close()
        for each in self._losses.notes():
            note(each)
        if not config.get("guideline") and (told := guideline_note(self._annotated.values(), self._to.format)):
            note(told)
        if not self.number:
            note(f"{self._inputs[0].shown}: note: contains no document")
        return GOOD
