"""`ruletag add`: add one entry by hand to the right file of a user's folder."""

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
    own_folder = folder_of(folder, settings)
    settings = moved(settings, own_folder, own_folder)
    documents = read_all(find_inputs(texts, None, note), encoding_of(config, options)) if texts else []
    before = settings.load()
    keys = sorted({entry.key for entry in before.knowledge.read.written})  # read now, before anything is written
    surface = " ".join(name.split())
    if label not in keys:
        close = suggest(label, keys)
        help = f"labels: {', '.join(LABELS)}" + (f"; {close}" if close.startswith("did") else "")
        raise RuletagError(Fault(label, "RT205", "is neither a label nor a class that has words", help=help))
    if not has_word(surface):
        raise RuletagError(Fault(name, "RT204", "contains no letter or digit", help="write a name"))
    _refuse_existing(before, surface, label, own_folder)
    changed = add_to(own_folder, [entry_addition(surface, label, because or "")], settings)
    for path in changed:
        put(openable(path))
    if documents:
        _show_differences(before, moved(settings, own_folder, own_folder), documents, own_folder)
    return GOOD


def _refuse_existing(tagger: Any, surface: str, label: str, folder: Path) -> None:
    """Raises RuletagError, with the place of the entry, if the label or class has the name already, in any spelling."""
    from ruletag.check import folding
    from ruletag.own import located_below

    key = folding(surface)
    entries = [entry for entry in tagger.knowledge.read.written if entry.key == label and folding(entry.surface) == key]
    if not entries:
        return
    existing = min(entries, key=lambda entry: (entry.surface != surface, entry.ambiguous, entry.source))
    spelling = (
        "" if existing.surface == surface else f", spelt {existing.surface!r}: case and accents make no difference"
    )
    message, help = f"is {label} already{spelling}", "nothing needs to be added"
    if existing.ambiguous:
        message += ", but ambiguous, so it counts only where a rule asks for it"
        help = "add a longer form of the name, or write a rule for the contexts in which it is a name"
    source = located_below(folder, str(folder))(existing.source)
    raise RuletagError(Fault(surface, "RT120", f"{message} ({source.place})", help=help))


def _show_differences(before: Any, settings: Any, documents: Any, folder: Path) -> None:
    from ruletag.diff import compare
    from ruletag.own import located_below
    from ruletag.report.difference import Report, format_differences, located

    compared, edits, tagged_twice = compare(before, settings.load(), documents)
    report = Report(("before", str(folder)), compared, edits.lines, tagged_twice)
    locate = located_below(folder, str(folder))
    put(format_differences(located(report, (locate, locate))))
