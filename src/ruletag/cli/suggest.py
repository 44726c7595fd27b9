"""`ruletag suggest`: suggestions from corrections, measured first, and applied if the user accepts them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli.console import GOOD, note, put
from ruletag.cli.gold import read_annotated
from ruletag.cli.options import (
    Command,
    common_options,
    configuration,
    encoding_of,
    encoding_option,
    files_read,
    format_options,
    from_each,
    from_each_option,
    options_of,
    settings_of,
    tagger_options,
)

if TYPE_CHECKING:
    from ruletag.suggest.session import Session
    from ruletag.tagger import Settings


@click.command(cls=Command, epilog="Example: ruletag suggest gold/ --on archive/ -o suggestions.yaml")
@click.argument("gold", required=False, metavar="[GOLD]")
@click.option(
    "--on", "texts", multiple=True, metavar="PATH", help="Texts nobody has corrected: measure what changes in them."
)
@click.option("-o", "--output", metavar="FILE", help="Write the suggestions to a file.")
@click.option("--apply", "patch", metavar="FILE", help="Write the accepted suggestions of a file to the folder.")
@click.option("--to", "folder", metavar="DIR", help="Your folder of knowledge (default: the one in ruletag.toml).")
@from_each_option
@click.option(
    "--force", is_flag=True, help="Replace an output that exists, with any edits to it. An input is never changed."
)
@format_options
@encoding_option
@tagger_options
@common_options
def suggest(gold: str | None, patch: str | None, **options: Any) -> int:
    """Suggest entries and rules from corrections.

    The corrections are the differences between GOLD and how the tagger tags its texts. Each suggestion says what it
    gains and loses on GOLD and what it changes in the texts of --on. The result is a YAML file to read and edit;
    --apply writes what it accepts to your folder, all of it or nothing, and only if `check` finds nothing new.
    """
    if (gold is None) == (patch is None):
        raise click.UsageError("name GOLD to get suggestions, or --apply FILE to apply some")
    return _apply(Path(patch), options) if patch is not None else _suggest(str(gold), options)


def _suggest(gold: str, options: dict[str, Any]) -> int:
    from ruletag.files import STDIN, find_inputs, read_all
    from ruletag.output_checks import prepare_outputs
    from ruletag.outputs import write_whole
    from ruletag.own import own_folder
    from ruletag.report.figures import counted
    from ruletag.suggest.apply import state_of
    from ruletag.suggest.patch import format_patch
    from ruletag.suggest.session import Session

    config = configuration()
    reading_options = options_of(config, options)
    path_groups = [paths for paths in ([gold], options["texts"]) if paths]
    formats = from_each(options["from_formats"], len(path_groups))
    inputs = [
        find_inputs(paths, format_name, note, reading_options)
        for paths, format_name in zip(path_groups, formats, strict=True)
    ]
    settings = settings_of(config, options, inputs[0][0].format.guideline)
    output = Path(options["output"]) if options["output"] and options["output"] != STDIN else None
    input_paths = files_read(config, [source for sources in inputs for source in sources], [settings])
    prepare_outputs([output] if output else [], input_paths, force=options["force"])
    encoding = encoding_of(config, options)
    corrected = [document for document in read_annotated(gold, inputs[0], encoding) if document.annotated]
    corrected_texts = {document.text for document in corrected}
    texts = read_all(inputs[1], encoding) if options["texts"] else []
    uncorrected = [document for document in texts if document.text not in corrected_texts]
    session = Session.of(settings.load(), corrected, uncorrected)
    own = own_folder(settings.rules or (), settings.gazetteers or ())
    folder = Path(options["folder"]) if options["folder"] else own
    ticked = [suggestion.id for suggestion in session.ticked[0]]
    gold_count, text_count = counted(len(corrected), "document"), counted(len(uncorrected), "document")
    helpful = sum(suggestion.gain.f1 > 0 for suggestion in session.suggestions)
    alternatives = sum(len(suggestion.alternatives) for suggestion in session.suggestions)
    effect = f"helpful on the gold: {helpful + alternatives} of {counted(session.proposed, 'proposal')}"
    effect += f", of these alternatives: {alternatives}" if alternatives else ""
    effect += f"; without effect there: {len(session.suggestions) - helpful}"
    effect += f"; left out, without any effect: {session.idle}" if session.idle else ""
    effect += f"; ticked: {len(ticked)}"
    header = [
        f"gold {gold}: {gold_count}; texts: {text_count}; guideline {settings.guideline}",
        effect,
    ]
    patch = format_patch(session.suggestions, ticked, state_of(folder) if folder else "", header)
    if output:
        write_whole(output, patch.encode())
    else:
        put(patch.rstrip("\n"))
    _report(session, len(ticked), len(texts))
    return GOOD


def _report(session: Session, ticked: int, texts: int) -> None:
    """Report the counts, and why nothing is ticked; `texts` is the number of documents of --on."""
    from ruletag.report.figures import counted

    suggestions, proposals = counted(len(session.suggestions), "suggestion"), counted(session.proposed, "proposal")
    note(f"{suggestions} from {proposals}, {ticked} ticked")
    if session.suggestions and not session.others:
        reason = "every text of --on is one of GOLD" if texts else "no texts are named with --on"
        note(
            f"note: nothing is ticked, because {reason}: a suggestion is ticked if it changes something in texts that "
            "nobody has corrected; name such texts with --on, or set `accept` by hand"
        )
    for suggestion in session.ticked[1]:
        note(
            f"{suggestion.id} ({suggestion.proposal.kind} {suggestion.proposal.name}) "
            "no longer helps beside the others, and is not ticked"
        )


def _apply(patch: Path, options: dict[str, Any]) -> int:
    from ruletag.cli.changing import folder_of
    from ruletag.folders import openable
    from ruletag.report.figures import counted
    from ruletag.suggest.apply import add_to, state_of
    from ruletag.suggest.patch import read_patch, refuse_other_state

    settings = settings_of(configuration(), options, "canonical")
    folder = folder_of(options["folder"], settings)
    target, accepted = read_patch(patch)
    refuse_other_state(patch, target, state_of(folder), folder)
    changed = add_to(
        folder,
        [addition for suggestion in accepted for addition in suggestion.additions],
        _with_folder(settings, folder),
    )
    for path in changed:
        put(openable(path))
    note(f"{counted(len(accepted), 'suggestion')} applied, {counted(len(changed), 'file')} changed")
    return GOOD


def _with_folder(settings: Settings, folder: Path) -> Settings:
    """The settings, with the folder added if they do not read it."""
    from ruletag.own import moved

    return moved(settings, folder, folder)
