"""`ruletag review`: correct a pile of documents in the browser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli import http
from ruletag.cli.console import GOOD, note, put, say
from ruletag.cli.options import (
    Command,
    common_options,
    configuration,
    encoding_of,
    encoding_option,
    format_options,
    from_option,
    options_of,
    say_in_force,
    settings_of,
    tagger_options,
    verbose_option,
)
from ruletag.errors import Fault, RuletagError

if TYPE_CHECKING:
    from ruletag.config import Config
    from ruletag.formats import Format
    from ruletag.model import Document
    from ruletag.review.desk import Desk
    from ruletag.review.lessons import Lessons
    from ruletag.review.store import Store
    from ruletag.tagger import Settings

_DEFAULT_REVIEWER = "reviewer"
_HOST = "127.0.0.1"
_ORDERS = ("spread", "given", "risk", "short")


@click.command(cls=Command, epilog="Example: ruletag review archive/ --into work.review")
@click.argument("paths", nargs=-1, metavar="[FILE|DIR]...")
@click.option("--into", metavar="FILE", help="The file that holds the work (default: work.review).")
@click.option("--as", "who", metavar="NAME", help="The reviewer; needed from the second person on.")
@click.option("--order", type=click.Choice(_ORDERS), default="spread", help="Order; default: spread.")
@click.option(
    "--skim",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Show only risky spans; at most this share of the rest may be wrong.",
)
@click.option("--blind", type=click.IntRange(1), metavar="N", help="Show N documents without proposals, as controls.")
@click.option("--adjudicate", nargs=2, metavar="A B", help="Decide where two reviewers differ.")
@click.option("--export", "output", metavar="PATH", help="Write the finished documents as gold, and exit.")
@click.option("-t", "--to", "to_format", metavar="FORMAT", help="Format of --export (default: by suffix, else jsonl).")
@click.option("--force", is_flag=True, help="Replace outputs of --export that exist, with any corrections in them.")
@click.option("--report", is_flag=True, help="Print progress, times, controls and agreement, and exit.")
@click.option("--repair", is_flag=True, help="Rebuild everything from the log of events, and exit.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1 (default: any free one).")
@click.option("--no-browser", is_flag=True, help="Print the address without opening a browser.")
@click.option("--knowledge", metavar="DIR", help="Your folder, to which accepted suggestions are written.")
@click.option("--durable", is_flag=True, help="Wait for the disk after each action, against power failures.")
@from_option
@verbose_option
@format_options
@encoding_option
@tagger_options
@common_options
def review(paths: tuple[str, ...], into: str | None, **options: Any) -> int:
    """Correct a pile of documents in the browser.

    The keyboard is enough, and every action is saved at once. Without paths, continues the work in --into. Documents
    that already have spans are corrected as they are; the others are tagged. Needs the extra `review`, except for
    --export, --report and --repair.
    """
    store_path, paths = _split_paths(paths, into)
    for name in ("output", "report", "repair"):
        if options[name]:
            if paths:
                message = "cannot be combined with documents to review"
                option = "--export" if name == "output" else f"--{name}"
                raise RuletagError(Fault(option, "RT110", message, help=f"name {store_path} alone"))
            return {"output": _export, "report": _report, "repair": _repair}[name](store_path, options)
    config = configuration()
    installed = _installed()  # before anything is read or written
    with _opened_store(store_path, paths, config, options) as store:
        return _serve(store, config, options, installed)


@contextmanager
def _opened_store(path: Path, paths: tuple[str, ...], config: Config, options: dict[str, Any]) -> Iterator[Store]:
    """Open the store and add the documents of `paths`. If they cannot be read, no new file or folder is left behind."""
    from ruletag.review.database import folder_of
    from ruletag.review.store import Store

    is_new = not path.exists()
    with folder_of(path) if paths else nullcontext():
        store = Store.open(path, create=bool(paths), durable=options["durable"])
        try:
            if paths:
                _add_documents(store, paths, config, options)
        except RuletagError:
            store.close()
            if is_new:
                path.unlink()
            raise
    try:
        yield store
    finally:
        store.close()


def _split_paths(paths: tuple[str, ...], into: str | None) -> tuple[Path, tuple[str, ...]]:
    """The file of the review, and the documents to add. A single FILE.review is the former."""
    from ruletag.formats.review import SUFFIX

    if not into and len(paths) == 1 and paths[0].endswith(SUFFIX) and not Path(paths[0]).is_dir():
        return Path(paths[0]), ()
    return Path(into or f"work{SUFFIX}"), paths


def _add_documents(store: Store, paths: Iterable[str], config: Config, options: dict[str, Any]) -> None:
    """Add documents to the pile; those already in it are skipped."""
    from ruletag.batch import with_id
    from ruletag.conversion import guideline_note
    from ruletag.files import find_inputs, iter_all
    from ruletag.formats import FORMATS
    from ruletag.report.figures import counted
    from ruletag.review.seeding import taken

    inputs = find_inputs(paths, options["from_format"], note, options_of(config, options))
    encoding = encoding_of(config, options)
    annotated: dict[str, Format] = {}

    def documents() -> Iterator[Document]:
        for source, document in iter_all(inputs, encoding):
            if document.annotated:
                annotated[source.format.name] = source.format
            yield with_id(document, source)

    added = store.add_papers(taken(documents()))
    total = sum(1 for _ in store.papers())
    note(f"{store.path}: {counted(added, 'document')} added, {total:,} in all")
    if not config.get("guideline") and (message := guideline_note(annotated.values(), FORMATS["review"])):
        note(message)


def _serve(store: Store, config: Config, options: dict[str, Any], installed: tuple[Any, Any, Any, Any]) -> int:
    from ruletag.report.figures import counted

    uvicorn, page_guard, server, threads = installed
    desk = _desk(store, options)
    if not desk.row:
        note(f"{store.path}: note: " + ("the reviewers agree everywhere" if desk.pair else "contains no document"))
        return GOOD
    lessons = _lessons(store, settings_of(config, options, "canonical"), options["knowledge"])
    tagger = lessons.settings.load()
    say_in_force(config, options, [lessons.settings], {"canonical": "the default of a review"})
    with http.listening(_HOST, options["port"]) as listener:
        pass_ = page_guard.Pass(listener.getsockname()[1])
        tags_all = desk.target is not None or options["order"] == "risk"
        app = server.application(
            threads.Threads(desk, tagger),
            lessons,
            pass_,
            ahead=None if tags_all else server.AHEAD,
            failed=lambda path: say(f"failed: {path}"),
            on_skim=lambda skim: note(
                f"skimming: {skim.shown} spans to look at, {skim.hidden} left unread; "
                f"of these {100 * skim.remaining:.1f} % are expected to be wrong"
            ),
        )
        say(f"{counted(len(desk.row), 'document')} for {desk.who}: open {pass_.address} (stop with Ctrl-C)")
        if not options["no_browser"]:
            import webbrowser

            webbrowser.open(pass_.address)
        http.run(uvicorn, app, listener)
    return GOOD


def _lessons(store: Store, settings: Settings, folder_name: str | None) -> Lessons:
    """The lessons of a review. They are written to the user's own folder, else to FILE.knowledge beside FILE.review."""
    from ruletag.cli.changing import own_or_named
    from ruletag.own import moved
    from ruletag.review.lessons import Lessons

    store_path = Path(store.path)
    folder = own_or_named(folder_name, settings) or store_path.with_suffix(".knowledge")
    return Lessons(moved(settings, folder, folder) if folder.is_dir() else settings, folder, store_path.name)


def _desk(store: Store, options: dict[str, Any]) -> Desk:
    from ruletag.review.desk import Desk
    from ruletag.review.gold import GOLD
    from ruletag.review.order import controls, ordered

    pair = options["adjudicate"] or ()
    if pair:
        for name in pair:
            if name not in store.people() or pair[0] == pair[1]:
                message, help = f"{name!r} is not one of the two who reviewed", "known: " + _names(store.people())
                raise RuletagError(Fault("--adjudicate", "RT110", message, help=help))
        return Desk(store, GOLD, order=options["order"], pair=pair)
    who = _reviewer(store, options["who"])
    if options["blind"]:
        unseen = [
            paper
            for paper in ordered(list(store.papers()), options["order"])
            if store.state(paper.id, who)[0].spans is None
        ]
        store.set_blind(paper.id for paper in controls(unseen, options["blind"] - store.blind()))
    target = None if options["skim"] is None else options["skim"] / 100
    return Desk(store, who, order=options["order"], target=target)


def _reviewer(store: Store, name: str | None) -> str:
    """The name of the reviewer. Raises RuletagError if several people have worked on the pile and none is named."""
    from ruletag.review.gold import GOLD

    people = [person for person in store.people() if person != GOLD]
    if name == GOLD or (name and not name.isprintable()):
        raise RuletagError(Fault("--as", "RT110", f"{name!r} cannot be the name of a reviewer", help="choose another"))
    if not name and len(people) > 1:
        message = "several people have worked on this pile: " + ", ".join(people)
        raise RuletagError(Fault("--as", "RT110", message, help="say who you are with --as NAME"))
    return name or (people[0] if people else _DEFAULT_REVIEWER)


def _export(store_path: Path, options: dict[str, Any]) -> int:
    """Write the documents that one reviewer has finished, and return the exit code."""
    from ruletag.batch import Target
    from ruletag.cli.convert import Conversion
    from ruletag.files import Input
    from ruletag.formats import FORMATS, Options
    from ruletag.formats.records import ANNOTATOR
    from ruletag.report.figures import counted
    from ruletag.review.database import existing, reading
    from ruletag.review.gold import left
    from ruletag.review.store import Store

    config = configuration()
    target, format = _target(options["output"], options["to_format"])
    with reading(existing(store_path)) as connection:
        store = Store(connection, str(store_path))
        who = _exported_reviewer(store, options["who"])
        unfinished, total = left(store, who), sum(1 for _ in store.papers())
    if unfinished == total:
        message = "has no finished document" + (f" of {who}" if who != _DEFAULT_REVIEWER else "")
        help = (
            f"finish documents in the browser first: `ruletag review {store_path}`, and press Enter when one is right"
        )
        raise RuletagError(Fault(str(store_path), "RT103", message, help=help))
    source = Input(store_path, str(store_path), store_path.name, FORMATS["review"], options=Options(every=True))
    to = Target(format, options_of(config, options, [format]))
    conversion = Conversion([source], "utf-8", to, lambda document: document.meta[ANNOTATOR] == who)
    code = conversion.write(target, config, folder=False, force=options["force"])
    if target:
        note(f"{target}: {counted(conversion.number, 'document')}")
    if unfinished:
        note(f"{store_path}: note: {unfinished} of {total} documents are left out, because {who} has not finished them")
    return code


def _exported_reviewer(store: Store, name: str | None) -> str:
    """The reviewer whose work is exported: the named one, else the only one. Raises RuletagError if it is unclear."""
    people = store.people()
    if name and name not in people:
        raise RuletagError(Fault("--as", "RT110", f"{name!r} has reviewed nothing", help="known: " + _names(people)))
    if not name and len(people) > 1:
        message = "several people have worked on this pile: " + ", ".join(people)
        raise RuletagError(Fault("--as", "RT110", message, help="say whose work to export with --as NAME"))
    return name or (people[0] if people else _DEFAULT_REVIEWER)


def _target(output: str, name: str | None) -> tuple[Path | None, Format]:
    """The path of the gold (None: standard output) and its format, by default JSON Lines."""
    from ruletag.files import STDIN
    from ruletag.formats import by_name
    from ruletag.outputs import format_of_output

    path = None if output == STDIN else Path(output)
    suffix = format_of_output(path) if path and not name and not path.is_dir() else None
    format = suffix or by_name(name or "jsonl")
    is_folder = path is not None and not suffix and (path.is_dir() or output.endswith("/") or not path.suffix)
    if path and format.many and is_folder:
        path /= f"gold{format.suffixes[0]}"
    return path, format


def _names(people: list[str]) -> str:
    return ", ".join(people) or "nobody"


def _report(store_path: Path, options: dict[str, Any]) -> int:
    from ruletag.review.database import existing, reading
    from ruletag.review.store import Store
    from ruletag.review.summary import format_summary

    with reading(existing(store_path)) as connection:
        put(format_summary(Store(connection, str(store_path))))
    return GOOD


def _repair(store_path: Path, options: dict[str, Any]) -> int:
    from ruletag.review.store import Store

    store = Store.open(store_path)
    try:
        repaired = store.repair()
    finally:
        store.close()
    note(
        f"{store_path}: "
        + ("rebuilt from its events: " + ", ".join(repaired) if repaired else "everything agrees with its events")
    )
    return GOOD


def _installed() -> tuple[Any, Any, Any, Any]:
    """Import uvicorn, and our modules that need it. Raises RuletagError if the extra is missing."""
    try:
        import uvicorn

        from ruletag.server import page_guard, review, threads
    except ModuleNotFoundError as error:
        raise http.missing("review", error) from None
    return uvicorn, page_guard, review, threads
