"""`ruletag add`: one entry, by hand, into the right file of a user's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ruletag.cli.console import GOOD, note, put
from ruletag.cli.options import Command, common_options, configuration, encoding_option, settings_of, tagger_options
from ruletag.errors import Fault, RuletagError, suggest


@click.command(cls=Command, epilog="Example: ruletag add Kersolea ORG --on archive/")
@click.argument("name")
@click.argument("label", metavar="LABEL|CLASS")
@click.option("--because", metavar="SENTENCE", help="The sentence it was seen in; written as a comment.")
@click.option("--on", "texts", multiple=True, metavar="PATH", help="Texts: show what the entry changes in them.")
@click.option("--to", "folder", metavar="DIR", help="Your folder of knowledge (default: the one in ruletag.toml).")
@encoding_option
@tagger_options
@common_options
def add(name: str, label: str, because: str | None, texts: tuple[str, ...], folder: str | None, **options: Any) -> int:
    """Add a name to your folder of knowledge.

    With LABEL, NAME is a name with that label; with CLASS, a word that rules ask for. With --on, shows what it changes
    in these texts. Nothing is written if `ruletag check` finds something new.
    """
    from ruletag.cli.changing import folder_of
    from ruletag.cli.options import encoding_of
    from ruletag.files import find_inputs, read_all
    from ruletag.folders import openable
    from ruletag.model import LABELS
    from ruletag.own import moved
    from ruletag.suggest.apply import add_to
    from ruletag.suggest.patch import entry_addition
    from ruletag.surfaces import has_word

    config = configuration()
    settings = settings_of(config, options, "canonical")
    place = folder_of(folder, settings)
    settings = moved(settings, place, place)
    documents = read_all(find_inputs(texts, None, note), encoding_of(config, options)) if texts else []
    before = settings.load()
    known = sorted({entry.key for entry in before.knowledge.read.written})  # read now, before anything is written
    surface = " ".join(name.split())
    if label not in known:
        close = suggest(label, known)
        help = f"labels: {', '.join(LABELS)}" + (f"; {close}" if close.startswith("did") else "")
        raise RuletagError(Fault(label, "RT205", "is neither a label nor a class that has words", help=help))
    if not has_word(surface):
        raise RuletagError(Fault(name, "RT204", "contains no letter or digit", help="write a name"))
    _refuse_known(before, surface, label, place)
    changed = add_to(place, [entry_addition(surface, label, because or "")], settings)
    for path in changed:
        put(openable(path))
    if documents:
        _show(before, moved(settings, place, place), documents, place)
    return GOOD


def _refuse_known(tagger: Any, surface: str, label: str, place: Path) -> None:
    """Raises RuletagError if the label or class has the name already, in whatever spelling; it says where."""
    from ruletag.check import folding
    from ruletag.own import located_below

    key = folding(surface)
    same = [each for each in tagger.knowledge.read.written if each.key == label and folding(each.surface) == key]
    if not same:
        return
    known = min(same, key=lambda entry: (entry.surface != surface, entry.ambiguous, entry.source))
    spelt = "" if known.surface == surface else f", spelt {known.surface!r}: case and accents make no difference"
    message, help = f"is {label} already{spelt}", "nothing needs to be added"
    if known.ambiguous:
        message += ", but ambiguous, so it counts only where a rule asks for it"
        help = "add a longer form of the name, or write a rule for the contexts in which it is a name"
    source = located_below(place, str(place))(known.source)
    raise RuletagError(Fault(surface, "RT120", f"{message} ({source.place})", help=help))


def _show(before: Any, settings: Any, documents: Any, place: Path) -> None:
    from ruletag.diff import compare
    from ruletag.own import located_below
    from ruletag.report.difference import Report, format_differences, located

    found, edited, twice = compare(before, settings.load(), documents)
    report = Report(("before", str(place)), found, edited.lines, twice)
    now = located_below(place, str(place))
    put(format_differences(located(report, (now, now))))
