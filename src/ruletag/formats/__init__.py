"""Outside formats, one file each, each exactly `read()` and `write()`; this is the table of them.

`read(text, path)` takes the whole text of a file and the name to use in errors, and gives its documents; RuletagError
carries every fault. `write(documents)` gives the text of a file. Offsets inside are code points; a format that
counts otherwise converts in its own file. Where a format is `by_line`, any whole lines of a file are a file too, so
that one of any size can be read in pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ruletag.errors import Fault, RuletagError, suggest
from ruletag.formats import brace, jsonl, markup, text
from ruletag.model import Document


@dataclass(frozen=True, slots=True)
class Format:
    """A format: how to read and write it, the suffixes of its files, and the guideline that it stands for.

    `by_line` says that each line of a file holds a document of its own.
    """

    name: str
    read: Callable[[str, str], Iterator[Document]]
    write: Callable[[Iterable[Document]], str]
    suffixes: tuple[str, ...]
    guideline: str = "canonical"
    help: str = ""
    by_line: bool = False


FORMATS = {
    found.name: found
    for found in (
        Format(
            "brace",
            brace.read,
            brace.write,
            (".txt",),
            "seed",
            "a paragraph, then { surface_LABEL lines }; or raw text",
        ),
        Format(
            "jsonl",
            jsonl.read,
            jsonl.write,
            (".jsonl", ".ndjson"),
            help="one JSON object a line: text, spans, id",
            by_line=True,
        ),
        Format("markup", markup.read, markup.write, (), help="[Marie Curie](PER) inside the text"),
        Format("text", text.read, text.write, (), help="raw text; braces in it mean nothing"),
    )
}
SUFFIXES = {suffix: found for found in FORMATS.values() for suffix in found.suffixes}


def by_name(name: str) -> Format:
    """The format of that name; RuletagError where there is none."""
    if name not in FORMATS:
        raise RuletagError(Fault("--from/--to", "RT110", f"unknown format {name!r}", help=suggest(name, FORMATS)))
    return FORMATS[name]


def by_suffix(path: str) -> Format:
    """The format that a file's suffix stands for; the brace format where it says nothing."""
    return next((found for suffix, found in SUFFIXES.items() if path.endswith(suffix)), FORMATS["brace"])
