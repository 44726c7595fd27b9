"""Reading gold and its counterparts: predictions, or another annotator's documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ruletag.cli.console import note
from ruletag.cli.options import configuration, encoding_of, from_each, options_of, say_in_force, settings_of
from ruletag.errors import Fault, RuletagError

if TYPE_CHECKING:
    from ruletag.config import Config
    from ruletag.files import Input
    from ruletag.model import Document
    from ruletag.tagger import Settings, Tagger


class Sides(NamedTuple):
    """The inputs of the gold and of its counterparts; nothing is read until it is needed."""

    config: Config
    encoding: str
    gold: str
    sources: list[Input]
    predicted: tuple[str, ...]
    others: list[list[Input]]

    def settings(self, options: Mapping[str, Any]) -> dict[str, Settings]:
        """The settings for each file of the gold, by path; the default guideline is that of its format."""
        return {source.shown: settings_of(self.config, options, source.format.guideline) for source in self.sources}

    def say_in_force(self, options: Mapping[str, Any], settings: Iterable[Settings]) -> None:
        """Report what is in force, like the function of this name."""
        reasons = {
            source.format.guideline: f"the default of the {source.format.name} format" for source in self.sources
        }
        say_in_force(self.config, options, settings, reasons)

    def guidelines(self, taggers: Mapping[str, Tagger]) -> str:
        """The names of the guidelines in force; if there are several, each with the formats that follow it."""
        followers: dict[str, set[str]] = defaultdict(set)
        for source in self.sources:
            followers[taggers[source.shown].guideline.name].add(source.format.name)
        if len(followers) == 1:
            return next(iter(followers))
        return ", ".join(f"{name} ({', '.join(sorted(formats))})" for name, formats in sorted(followers.items()))

    @property
    def inputs(self) -> list[Input]:
        """All inputs, the gold first."""
        return [source for sources in (self.sources, *self.others) for source in sources]

    def gold_documents(self) -> list[Document]:
        """The documents of the gold. Raises RuletagError if none has annotations."""
        return read_annotated(self.gold, self.sources, self.encoding)

    def other_documents(self, gold: Sequence[Document]) -> list[Sequence[Document]]:
        """The documents of each counterpart, in the order of the gold; notes report what is not read.

        Raises RuletagError if one is missing or has another text, or if offsets are in another unit.
        """
        from ruletag.evaluation.align import align
        from ruletag.evaluation.drift import refuse_drift
        from ruletag.files import read_all

        aligned = [
            align(gold, read_all(sources, self.encoding), self.gold, path)
            for sources, path in zip(self.others, self.predicted, strict=True)
        ]
        for documents, sources in zip(aligned, self.others, strict=True):
            refuse_drift(documents, units_of(sources))
            note_readings(documents)
        return aligned

    def predictions(self, gold: Sequence[Document]) -> list[Sequence[Document]]:
        """Like `other_documents`; also raises RuletagError if a document lacks annotations where the gold has some."""
        from ruletag.evaluation.annotated import refuse_unpredicted

        predictions = self.other_documents(gold)
        for documents in predictions:
            refuse_unpredicted(gold, documents)
        return predictions


def find_sides(gold: str, predicted: Sequence[str], formats: Sequence[str], options: Mapping[str, Any]) -> Sides:
    """Find the gold and predictions that the command line names; `formats` are the values of --from.

    Raises RuletagError for options that apply to none of the formats.
    """
    from ruletag.files import find_inputs

    config = configuration()
    encoding = encoding_of(config, options)
    reading_options = options_of(config, options)
    gold_format, *other_formats = from_each(formats, 1 + len(predicted))
    sources = find_inputs([gold], gold_format, note, reading_options)
    others = [
        find_inputs([path], format_name, note, reading_options)
        for path, format_name in zip(predicted, other_formats, strict=True)
    ]
    options_of(config, options, [source.format for inputs in (sources, *others) for source in inputs])
    return Sides(config, encoding, gold, sources, tuple(predicted), others)


def load_taggers(settings_by_path: Mapping[str, Settings]) -> dict[str, Tagger]:
    """The tagger for each path; paths with equal settings share one."""
    loaded = {settings: settings.load() for settings in dict.fromkeys(settings_by_path.values())}
    return {path: loaded[settings] for path, settings in settings_by_path.items()}


def read_annotated(gold: str, sources: Sequence[Input], encoding: str) -> list[Document]:
    """Like `read_gold`. Raises RuletagError if no document is annotated; an empty annotation counts."""
    documents = read_gold(sources, encoding)
    if not any(document.annotated for document in documents):
        help = "correct the output of `ruletag tag` and name that"
        raise RuletagError(Fault(gold, "RT103", "contains no gold annotations", help=help))
    return documents


def read_gold(sources: Sequence[Input], encoding: str) -> list[Document]:
    """Read the gold documents; notes report what an annotator set aside.

    Raises RuletagError with every fault, for annotations under keys that are not read, or for offsets in another unit.
    """
    from ruletag.evaluation.annotated import notes_on_answers, notes_on_copies, refuse_unread
    from ruletag.evaluation.drift import refuse_drift
    from ruletag.files import read_all

    documents = read_all(sources, encoding)
    refuse_unread(documents)
    refuse_drift(documents, units_of(sources))
    note_readings(documents)
    for message in (*notes_on_answers(documents), *notes_on_copies(documents)):
        note(message)
    return documents


def note_readings(documents: Iterable[Document]) -> None:
    """Print what was repaired in documents or not read of them."""
    from ruletag.batch import notes_of
    from ruletag.cli.notes import Notes

    notes = Notes(note)
    for document in documents:
        notes.add(notes_of(document, document.notes))
    notes.close()


def units_of(sources: Iterable[Input]) -> dict[str, str]:
    """The offset unit of each input, by path; inputs with `--offsets` are left out."""
    from ruletag.formats.contract import GRAPHEMES

    return {
        source.shown: GRAPHEMES if source.options.grapheme else source.format.unit
        for source in sources
        if not source.options.offsets
    }
