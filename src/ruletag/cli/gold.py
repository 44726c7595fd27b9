"""Gold as commands read it, and its counterparts: predictions, or another annotator's documents."""

from __future__ import annotations

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
    """Where the gold is, and where others have the same documents; nothing is read until it is needed."""

    config: Config
    encoding: str
    gold: str
    sources: list[Input]
    predicted: tuple[str, ...]
    others: list[list[Input]]

    def settings(self, options: Mapping[str, Any]) -> dict[str, Settings]:
        """The settings for each file of the gold, by path; by default the guideline is that of its format."""
        return {each.shown: settings_of(self.config, options, each.format.guideline) for each in self.sources}

    def say_in_force(self, options: Mapping[str, Any], settings: Iterable[Settings]) -> None:
        """Report what is in force; see the function of this name."""
        reasons = {each.format.guideline: f"the default of the {each.format.name} format" for each in self.sources}
        say_in_force(self.config, options, settings, reasons)

    @property
    def inputs(self) -> list[Input]:
        """Everything that is read, the gold first."""
        return [source for each in (self.sources, *self.others) for source in each]

    def wanted(self) -> list[Document]:
        """The documents of the gold. Raises RuletagError if none has annotations."""
        return read_annotated(self.gold, self.sources, self.encoding)

    def given(self, wanted: Sequence[Document]) -> list[Sequence[Document]]:
        """The documents of each other side, in the order of the gold.

        Raises RuletagError if one is missing or has another text, and for offsets counted in another way.
        """
        from ruletag.evaluation.align import align
        from ruletag.evaluation.drift import refuse_drift
        from ruletag.files import read_all

        sides = [
            align(wanted, read_all(each, self.encoding), self.gold, path)
            for each, path in zip(self.others, self.predicted, strict=True)
        ]
        for documents, each in zip(sides, self.others, strict=True):
            refuse_drift(documents, units_of(each))
        return sides


def find_sides(gold: str, predicted: Sequence[str], formats: Sequence[str], options: Mapping[str, Any]) -> Sides:
    """Gold and predictions as the command line names them; `formats` are the values of --from.

    Raises RuletagError for options that apply to no format.
    """
    from ruletag.files import find_inputs

    config = configuration()
    encoding = encoding_of(config, options)
    given = options_of(config, options)
    named, *others_named = from_each(formats, 1 + len(predicted))
    sources = find_inputs([gold], named, note, given)
    others = [find_inputs([path], each, note, given) for path, each in zip(predicted, others_named, strict=True)]
    options_of(config, options, [source.format for each in (sources, *others) for source in each])
    return Sides(config, encoding, gold, sources, tuple(predicted), others)


def load_taggers(settings: Mapping[str, Settings]) -> dict[str, Tagger]:
    """The tagger for the path of each document, by its settings; each is loaded once."""
    loaded = {each: each.load() for each in dict.fromkeys(settings.values())}
    return {path: loaded[each] for path, each in settings.items()}


def read_annotated(gold: str, sources: Sequence[Input], encoding: str) -> list[Document]:
    """Like `read_gold`. Raises RuletagError if no document has annotations, not even empty ones."""
    documents = read_gold(sources, encoding)
    if not any(document.annotated for document in documents):
        help = "correct the output of `ruletag tag` and name that"
        raise RuletagError(Fault(gold, "RT103", "contains no gold annotations", help=help))
    return documents


def read_gold(sources: Sequence[Input], encoding: str) -> list[Document]:
    """The documents of gold, with a note on what an annotator set aside.

    Raises RuletagError for every fault, for annotations under keys that are not read, and for offsets counted in
    another way.
    """
    from ruletag.batch import notes_of
    from ruletag.cli.notes import Notes
    from ruletag.evaluation.annotated import notes_on_answers, notes_on_copies, refuse_unread
    from ruletag.evaluation.drift import refuse_drift
    from ruletag.files import read_all

    documents = read_all(sources, encoding)
    refuse_unread(documents)
    refuse_drift(documents, units_of(sources))
    notes = Notes(note)
    for document in documents:
        notes.add(notes_of(document, document.notes))
    notes.close()
    for each in (*notes_on_answers(documents), *notes_on_copies(documents)):
        note(each)
    return documents


def units_of(sources: Iterable[Input]) -> dict[str, str]:
    """The unit of the offsets of each input, if only its format says how they were counted."""
    from ruletag.formats.contract import GRAPHEMES

    return {
        each.shown: GRAPHEMES if each.options.grapheme else each.format.unit
        for each in sources
        if not each.options.offsets
    }
