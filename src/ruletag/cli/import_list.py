"""`ruletag import-list`: turn a list of names into a gazetteer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Set
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruletag.cli.console import GOOD, note, put
from ruletag.cli.options import Command, common_options, configuration, encoding_of, encoding_option
from ruletag.errors import Fault, RuletagError, suggest

if TYPE_CHECKING:
    from ruletag.config import Config
    from ruletag.lists.dumps import Wanted


@click.command(
    cls=Command,
    name="import-list",
    epilog="Example: ruletag import-list towns.csv --label LOC -o mine/towns.yaml",
)
@click.argument("file")
@click.option("--label", required=True, metavar="LABEL", help="The label of the names: PER, LOC, ORG or MISC.")
@click.option("-o", "--output", metavar="YAML", help="Write the gazetteer to this file (default: standard output).")
@click.option("-f", "--from", "kind", metavar="KIND", help="lines, table, gate, delaf, patterns, geonames, wikidata.")
@click.option("--types", metavar="TYPE,...", help="Dumps: only records of these types (P, PPLC; Q5, Q515).")
@click.option("--min-population", type=click.IntRange(0), default=0, metavar="N", help="Dumps: at least N inhabitants.")
@click.option(
    "--min-sitelinks", type=click.IntRange(0), default=0, metavar="N", help="Wikidata: at least N site links."
)
@click.option("--column", metavar="NAME|N", help="Column of a table that holds the names (default: name or nom).")
@click.option("--map", "maps", multiple=True, metavar="THEIRS=OURS", help="Read a label of patterns as one of ours.")
@click.option(
    "--force", is_flag=True, help="Replace a gazetteer that exists, with any edits to it. FILE is never changed."
)
@encoding_option
@common_options
def import_list(file: str, label: str, output: str | None, kind: str | None, **options: Any) -> int:
    """Turn a list of names into a gazetteer.

    Reports each line that was changed or left out.

    FILE is a list (one name per line), a table, a GATE or Unitex dictionary, spaCy or Prodigy patterns, or with --from
    a dump of GeoNames or Wikidata (also .gz), of which the selected records are kept with their ids. Bullets and commas
    are removed, « Nom, Prénom » is reversed, names in capitals get the usual ones, codes of one or two letters are left
    out, and common French words are marked ambiguous.
    """
    from ruletag.formats.labels import parse_labels
    from ruletag.gazetteer import read_common_words
    from ruletag.lists import dumps, rows
    from ruletag.lists.importing import gazetteer_yaml, import_rows
    from ruletag.model import LABELS
    from ruletag.output_checks import prepare_outputs
    from ruletag.outputs import encode, write_whole

    config = configuration()
    if label not in LABELS:
        raise RuletagError(Fault("--label", "RT205", f"unknown label {label!r}", help=suggest(label, LABELS)))
    kinds = rows.KINDS | dumps.KINDS
    if kind is not None and kind not in kinds:
        raise RuletagError(Fault("--from", "RT110", f"unknown kind {kind!r}", help=suggest(kind, kinds)))
    selection = _selection(kind, options)
    maps = options["maps"] or [f"{theirs}={ours}" for theirs, ours in config.get("map", {}).items()]
    target = Path(output) if output and output != "-" else None
    prepare_outputs([target] if target else [], [Path(file)], force=options["force"])
    left_out: Counter[str] = Counter()
    if kind in dumps.KINDS:
        list_rows = dumps.dump_rows(kind, _lines(file, encoding_of(config, options)), file, selection, left_out)
    else:
        text = _text(file, config, options)
        kind = kind or rows.kind_of(file, text)
        list_rows = rows.rows(kind, text, file, options["column"], label, parse_labels(maps, ()))
    names, remarks = import_rows(list_rows, label, read_common_words(), cache(partial(_unambiguous_names, label)))
    for remark in remarks:
        note(f"{file}:{remark.line}: {remark}")
    if not names:
        raise RuletagError(Fault(file, "RT118", "contains no name", help="use --from with its kind, or --column"))
    yaml = gazetteer_yaml(names, label, Path(file).name)
    if target:
        write_whole(target, encode(yaml, str(target)))
    else:
        put(yaml)
    if left_out:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(left_out.items()))
        note(f"{file}: records left out: {reasons}")
    counts = [
        f"{sum(remark.kind == kind for remark in remarks)} {kind}" for kind in ("changed", "left out", "ambiguous")
    ]
    note(f"{output or '-'}: {len(names)} name{'' if len(names) == 1 else 's'}; {', '.join(counts)}")
    return GOOD


def _selection(kind: str | None, options: dict[str, Any]) -> Wanted:
    """The records of a dump to keep. Raises RuletagError for a dump option that does not apply to `kind`."""
    from ruletag.lists import dumps

    types = frozenset(filter(None, map(str.strip, (options["types"] or "").split(","))))
    selection = dumps.Wanted(types, options["min_population"], options["min_sitelinks"])
    kinds_by_option = {"--types": dumps.KINDS, "--min-population": dumps.KINDS, "--min-sitelinks": ("wikidata",)}
    faults = [
        Fault(option, "RT110", "does not apply to what is read", help=f"it is for --from {' or '.join(kinds)}")
        for (option, kinds), value in zip(kinds_by_option.items(), selection, strict=True)
        if value and kind not in kinds
    ]
    if faults:
        raise RuletagError(faults)
    return selection


def _lines(file: str, encoding: str) -> Iterable[str]:
    """Yield the decompressed lines of a dump."""
    from ruletag.files import STDIN, Input, open_input
    from ruletag.folders import irregular
    from ruletag.formats import FORMATS

    path = None if file == STDIN else Path(file)
    if path and (kind := irregular(path)):
        raise RuletagError(Fault(file, "RT101", f"is {kind}", help="name a file"))
    yield from open_input(Input(path, file, path.name if path else STDIN, FORMATS["csv"]), encoding)


def _unambiguous_names(label: str) -> Set[str]:
    """The shipped names of a label that are not ambiguous."""
    from ruletag.gazetteer import load_gazetteers

    return {entry.surface for entry in load_gazetteers().entries if entry.key == label and not entry.ambiguous}


def _text(file: str, config: Config, options: dict[str, Any]) -> str:
    """Read the text of a list; UTF-16 is detected. Raises RuletagError if it cannot be read."""
    from ruletag.files import STDIN, Input, read_text
    from ruletag.folders import irregular
    from ruletag.formats import FORMATS
    from ruletag.signatures import looks_like_utf16

    encoding = encoding_of(config, options)
    if file == STDIN:
        return read_text(Input(None, STDIN, STDIN, FORMATS["csv"]), encoding)
    path = Path(file)
    if kind := irregular(path):
        raise RuletagError(Fault(file, "RT101", f"is {kind}", help="name a file"))
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise RuletagError(Fault(file, "RT101", message, help="check the name and the permissions")) from None
    if not options["encoding"] and looks_like_utf16(head):
        is_little_endian = head[1::2].count(0) > head[::2].count(0)
        encoding = (
            "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else f"utf-16-{'le' if is_little_endian else 'be'}"
        )
    return read_text(Input(path, file, path.name, FORMATS["csv"]), encoding)
